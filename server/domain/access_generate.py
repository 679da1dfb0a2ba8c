#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the access table as C: access_generate.py access.csv OUT.c

Whatever is not in the csv is denied: the table starts as zeros. The C compiler
refuses a role, operation or relation that access.h does not name.
"""
import csv
import pathlib
import sys

COLUMNS = ["role", "operation", "relation", "why"]


def read_rows(path):
    with open(path, encoding="utf-8", newline="") as source:
        rows = list(csv.reader(source))
    if rows[0] != COLUMNS:
        sys.exit(f"{path}:1: columns must be {','.join(COLUMNS)}")
    allowed = {}
    for number, row in enumerate(rows[1:], start=2):
        if len(row) != len(COLUMNS) or not all(row):
            sys.exit(f"{path}:{number}: four filled columns are needed, the last says why")
        relations = allowed.setdefault((row[0], row[1]), [])
        if row[2] in relations:
            sys.exit(f"{path}:{number}: stands there twice")
        relations.append(row[2])
    return allowed


def main():
    source, out = sys.argv[1], pathlib.Path(sys.argv[2])
    lines = [
        "// Generated from server/domain/access.csv by server/domain/access_generate.py.",
        '#include "domain/access_table.h"',
        "",
        "const uint8_t access_table[ROLE_COUNT][OPERATION_COUNT] = {",
    ]
    for (role, operation), relations in read_rows(source).items():
        bits = " | ".join(f"1 << RELATION_{relation.upper()}" for relation in relations)
        lines.append(f"\t[ROLE_{role.upper()}][OPERATION_{operation.upper()}] = {bits},")
    out.write_text("\n".join(lines + ["};", ""]), encoding="utf-8")


main()
