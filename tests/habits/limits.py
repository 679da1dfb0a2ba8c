#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Functions of at most 80 lines and complexity 15, files of at most 700 lines, C lines of at most 120 columns.

limits.py --mend [FILE...] has clang-format break the C lines that are too long, and no others."""
import re
import subprocess
import sys

import house

LINES, COMPLEXITY, FILE_LINES, COLUMNS, TAB = 80, 15, 700, 120, 4
ROW = re.compile(r"(\d+)\t\d+\t\d+\t(\d+)\t(\d+)\t(.+)\(\d+\): (.+)")
# Rows of tables and lines that are one literal may be longer: a break would make them harder to read.
ONE_PIECE = re.compile(r'^\s*(X\(|\{|\[|#define|[A-Z_]+\(|"|.*"[^"]*"[,;)}\s\\]*$|//)')


def check_functions(faults, paths):
    made = subprocess.run(["pmccabe", *(str(house.ROOT / path) for path in paths)], capture_output=True, text=True, check=True)
    count = 0
    for row in made.stdout.splitlines():
        match = ROW.fullmatch(row)
        if match is None:
            faults.tell("pmccabe", 1, f"says something else than expected: {row}")
            continue
        complexity, first, lines, path, function = match.groups()
        path = path.removeprefix(f"{house.ROOT}/")
        count += 1
        if int(lines) > LINES:
            faults.tell(path, first, f"{function} has {lines} lines, at most {LINES} are allowed")
        if int(complexity) > COMPLEXITY:
            faults.tell(path, first, f"{function} has complexity {complexity}, at most {COMPLEXITY} is allowed")
    return count


def long_lines(path):
    """Numbers and widths of the C lines over the limit that a break would make easier to read."""
    for number, line in enumerate(house.read(path).splitlines(), start=1):
        width = len(line.expandtabs(TAB))
        if width > COLUMNS and not ONE_PIECE.match(line):
            yield number, width


def mend(paths):
    for path in paths or house.files(".c", ".h"):
        if not path.endswith((".c", ".h")): # clang-format would take any text for C
            continue
        lines = [f"--lines={number}:{number}" for number, _ in long_lines(path)]
        if lines:
            subprocess.run(["clang-format", "-i", *lines, str(house.ROOT / path)], check=True)


def main():
    if sys.argv[1:2] == ["--mend"]:
        mend(sys.argv[2:])
    faults = house.Faults("limits")
    count = check_functions(faults, house.files(".c"))
    for path in house.files(".c", ".h", ".py", ".sql"):
        lines = len(house.read(path).splitlines())
        if lines > FILE_LINES:
            faults.tell(path, 1, f"{lines} lines, at most {FILE_LINES} are allowed")
    for path in house.files(".c", ".h"):
        for number, width in long_lines(path):
            faults.tell(path, number, f"{width} columns, at most {COLUMNS} are allowed (limits.py --mend)")
    faults.end(count)


main()
