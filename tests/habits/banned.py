#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Functions of banned.ini are not called. Tests may assert(), and run fixed commands with system()."""
import configparser
import pathlib
import re

import house


def main():
    table = configparser.ConfigParser(delimiters="=", interpolation=None)
    table.optionxform = str
    table.read(pathlib.Path(__file__).with_name("banned.ini"), encoding="utf-8")
    call = re.compile(r"(?<![A-Za-z0-9_.>])(" + "|".join(table["functions"]) + r")\s*\(")
    faults = house.Faults("banned functions")
    paths = house.files(".c", ".h", ".def")
    for path in paths:
        may = table["exceptions"].get(path, "").split() + (["assert", "system"] if path.startswith("tests/") else [])
        text = house.bare_code(house.read(path))
        for match in call.finditer(text):
            name = match.group(1)
            if name not in may:
                faults.tell(path, house.line_of(text, match.start()), f"{name}: {table['functions'][name]}")
    for path in table["exceptions"]:
        if path not in paths:
            faults.tell("tests/habits/banned.ini", 1, f"exception for {path}, which does not exist")
    faults.end(len(paths))


main()
