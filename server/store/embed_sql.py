#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Puts deploy/sql/NNNN_*.sql into a C table: embed_sql.py OUT.c FILE..."""
import pathlib
import re
import sys


def c_bytes(data):
    rows = [data[i : i + 24] for i in range(0, len(data), 24)]
    return ",\n".join("\t" + ", ".join(str(byte) for byte in row) for row in rows)


def main():
    out, files = pathlib.Path(sys.argv[1]), [pathlib.Path(name) for name in sys.argv[2:]]
    text = ["// Generated from deploy/sql by embed_sql.py.", '#include "store/migrations.h"', ""]
    table = []
    for number, file in enumerate(sorted(files), start=1):
        if not re.fullmatch(r"%04d_[a-z0-9_]+\.sql" % number, file.name):
            sys.exit(f"{file}: number {number:04d} was expected")
        data = file.read_bytes()
        if b"\0" in data:
            sys.exit(f"{file}: has a zero byte")
        text.append("static const char sql_%d[] = {\n%s, 0\n};\n" % (number, c_bytes(data)))
        table.append('\t{%d, "%s", sql_%d, %d},' % (number, file.name, number, len(data)))
    text.append("const struct migration migrations[] = {\n%s\n};" % "\n".join(table))
    text.append("const unsigned migration_count = %d;\n" % len(table))
    out.write_text("\n".join(text))


main()
