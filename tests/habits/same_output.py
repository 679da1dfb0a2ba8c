#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""same_output.py FILE COMMAND...: the command prints what stands in the reviewed file."""
import difflib
import subprocess
import sys

with open(sys.argv[1], encoding="utf-8") as reviewed:
    wanted = reviewed.read().splitlines()
made = subprocess.run(sys.argv[2:], check=True, capture_output=True, text=True).stdout.splitlines()
different = list(difflib.unified_diff(wanted, made, sys.argv[1], "printed", lineterm=""))
print("\n".join(different))
sys.exit(1 if different else 0)
