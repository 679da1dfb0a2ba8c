#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""hardening.py BUILD: what this build installs is position independent, binds at start, has no executable stack, no
path to libraries of its own, and carries the stack protector and the checked libc functions."""
import os
import pathlib
import subprocess
import sys
import tempfile

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


def is_elf(path):
    with open(path, "rb") as file:
        return file.read(4) == b"\x7fELF"


def main():
    faults = house.Faults("hardening")
    with tempfile.TemporaryDirectory() as root:
        subprocess.run(["cmake", "--install", sys.argv[1], "--prefix", "/usr"], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, "DESTDIR": root})
        found = [path for path in pathlib.Path(root).rglob("*") if path.is_file() and not path.is_symlink() and is_elf(path)]
        for path in found:
            check(faults, str(path))
        for name in ("passerelle", "passerelle-hub", "libpasserelle.so"):
            if not any(path.name.startswith(name) for path in found):
                faults.tell(name, 1, "is not installed")
        faults.end(len(found))


main()
