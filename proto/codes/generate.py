#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the code lists as one C file: generate.py OUT.c LIST.csv...

Refuses a list that a program could not rely on: wrong columns, a code of wrong
shape or twice, an empty label, a label with control characters, or one of
OTHER and UNSPECIFIED missing.
"""
import csv
import pathlib
import re
import sys

COLUMNS = ["code", "en", "fr", "es", "de"]
CODE = re.compile(r"[A-Z][A-Z0-9_]{0,39}")


def read_list(path):
    with open(path, encoding="utf-8", newline="") as source:
        rows = list(csv.reader(source))
    if rows[0] != COLUMNS:
        sys.exit(f"{path}:1: columns must be {','.join(COLUMNS)}")
    seen = set()
    for number, row in enumerate(rows[1:], start=2):
        where = f"{path}:{number}"
        if len(row) != len(COLUMNS):
            sys.exit(f"{where}: {len(row)} columns instead of {len(COLUMNS)}")
        if not CODE.fullmatch(row[0]):
            sys.exit(f"{where}: '{row[0]}' is no code (A-Z 0-9 _, first a letter, at most 40)")
        if row[0] in seen:
            sys.exit(f"{where}: {row[0]} stands there twice")
        for label in row[1:]:
            if label != label.strip() or not label or not label.isprintable():
                sys.exit(f"{where}: a label is empty, not trimmed or not printable")
        seen.add(row[0])
    for needed in ("OTHER", "UNSPECIFIED"):
        if needed not in seen:
            sys.exit(f"{path}: {needed} is missing")
    return rows[1:]


def quoted(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def main():
    out, paths = sys.argv[1], sorted(pathlib.Path(name) for name in sys.argv[2:])
    lines = ["// Generated from proto/codes/*.csv by proto/codes/generate.py.", '#include "case/code_table.h"', ""]
    table = []
    for path in paths:
        rows = read_list(path)
        lines.append(f"static const struct code_row {path.stem}_rows[] = {{")
        for row in rows:
            labels = ", ".join(quoted(label) for label in row[1:])
            lines.append(f"\t{{{quoted(row[0])}, {{{labels}}}}},")
        lines += ["};", ""]
        table.append(f"\t{{{quoted(path.stem)}, {path.stem}_rows, {len(rows)}}},")
    lines += ["const struct code_list code_lists[] = {", *table, "};"]
    lines.append(f"const unsigned code_list_count = {len(paths)};")
    pathlib.Path(out).write_text("\n".join(lines) + "\n", encoding="utf-8")


main()
