#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Arrows point down: includes against layers.ini, project headers and system headers alike."""
import configparser
import fnmatch
import pathlib
import re

import house

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
ROOTS = {"proto": "proto", "server": "server", "client": "client", "include": "include"}
# In every C file: the language's own headers and POSIX. Anything else is named in [system].
COMMON = re.compile(r"(assert|ctype|errno|fcntl|ftw|inttypes|limits|locale|math|poll|pwd|signal|std[a-z]+|strings?|termios|time"
                    r"|spawn|sysexits|unistd|dirent|getopt|grp|langinfo|netdb|netinet/(in|tcp)|arpa/inet|wchar|wctype"
                    r"|sys/[a-z]+|linux/[a-z]+)\.h")


def owner(quote, include, path):
    """The file of the house that is included, or None. Only the installed headers are included with <>."""
    if quote == "<":
        return f"include/{include}" if (house.ROOT / "include" / include).is_file() else None
    beside = pathlib.PurePosixPath(path).parent / include
    for candidate in (beside.as_posix(), *(f"{root}/{include}" for root in ROOTS.values())):
        if (house.ROOT / candidate).is_file():
            return candidate
    return None


def main():
    layers = configparser.ConfigParser(delimiters="=", interpolation=None)
    layers.optionxform = str
    layers.read(pathlib.Path(__file__).with_name("layers.ini"), encoding="utf-8")
    faults = house.Faults("layering")
    looked_at = 0
    for path in house.files(".c", ".h", ".def", tops=tuple(ROOTS.values())):
        folder = pathlib.PurePosixPath(path).parent.as_posix()
        if folder not in layers:
            faults.tell(path, 1, f"folder {folder} is not in layers.ini")
            continue
        allowed = layers[folder]["may"].split()
        text = house.read(path)
        looked_at += 1
        for match in INCLUDE.finditer(text):
            line, included = house.line_of(text, match.start()), match.group(2)
            ours = owner(match.group(1), included, path)
            if ours is not None:
                if ours not in allowed and pathlib.PurePosixPath(ours).parent.as_posix() not in allowed:
                    faults.tell(path, line, f"{folder} may not include {ours}: the arrow would point up (layers.ini)")
                continue
            rules = [row for row in layers["system"] if included == row or (row.endswith("/") and included.startswith(row))]
            if not rules:
                if not COMMON.fullmatch(included):
                    faults.tell(path, line, f"<{included}> is no header of the language or POSIX: name it in layers.ini")
            elif not any(fnmatch.fnmatch(path, glob) for glob in layers["system"][rules[0]].split()):
                faults.tell(path, line, f"<{included}> may only be included by: {layers['system'][rules[0]] or 'tests'}")
    faults.end(looked_at)


main()
