#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""hardening.py BINARY...: what was built is position independent, binds at start, has no executable stack, no path
to libraries of its own, and carries the stack protector and the checked libc functions."""
import subprocess
import sys

import house


def readelf(flag, path):
    made = subprocess.run(["readelf", "-W", flag, path], check=True, capture_output=True, text=True)
    return made.stdout


def check(faults, path):
    headers, dynamic, symbols = readelf("-hl", path), readelf("-d", path), readelf("-s", path)
    stack = next((line.split() for line in headers.splitlines() if "GNU_STACK" in line), [])
    wanted = {
        "is no position-independent executable": "DYN (" in headers,
        "does not bind at start (-z now)": "BIND_NOW" in dynamic or "NOW" in dynamic,
        "has no read-only relocations (-z relro)": "GNU_RELRO" in headers,
        "has an executable stack": len(stack) > 2 and "E" not in stack[-2],
        "has a library path of its own": "RPATH" not in dynamic and "RUNPATH" not in dynamic,
        "has no stack protector": "__stack_chk_fail" in symbols,
        "uses no checked libc functions (fortify)": "_chk" in symbols.replace("__stack_chk_fail", ""),
        "may change its text (TEXTREL)": "TEXTREL" not in dynamic,
    }
    for fault, kept in wanted.items():
        if not kept:
            faults.tell(path, 1, fault)


def main():
    faults = house.Faults("hardening")
    for path in sys.argv[1:]:
        check(faults, path)
    faults.end(len(sys.argv) - 1)


main()
