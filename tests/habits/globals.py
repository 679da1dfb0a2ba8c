#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""globals.py ARCHIVE...: no layer has a variable of its own, because two hubs run in one process. Constants are fine."""
import pathlib
import re
import subprocess
import sys

import house

OBJECT = re.compile(r"^[0-9a-f]{16} .{6}O (\S+)\t[0-9a-f]+ (?:\.hidden )?(\S+)$", re.M)
WRITABLE = (".data", ".bss", ".tdata", ".tbss", "*COM*")  # .data.rel.ro is constant once the program runs


def writable(section):
    base = section.removesuffix(".local")
    return base in WRITABLE or (base.startswith((".data.", ".bss.")) and not base.startswith(".data.rel.ro"))


def main():
    faults = house.Faults("globals")
    for archive in sys.argv[1:]:
        table = subprocess.run(["objdump", "-t", archive], check=True, capture_output=True, text=True).stdout
        for section, name in OBJECT.findall(table):
            if writable(section):
                faults.tell(pathlib.Path(archive).name, 1, f"variable {name} in {section}")
    faults.end(len(sys.argv) - 1)


main()
