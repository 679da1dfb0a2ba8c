#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Rules of the schema: no optional, no map, no recursion, enums start at _UNSPECIFIED = 0, no number twice,
every message has a comment, and no generated file lies in the source tree."""
import re

import house

BLOCK = re.compile(r"^(message|enum)\s+(\w+)\s*\{([^\n]*)\}$|^(message|enum)\s+(\w+)\s*\{(.*?)^\}", re.M | re.S)
FIELD = re.compile(r"(?:(repeated|optional|map)\b\s*)?(?:<[^>]*>\s*)?([\w.]*)\s+(\w+)\s*=\s*(\d+)\s*;")
VALUE = re.compile(r"(\w+)\s*=\s*(\d+)\s*;")


def snake(name):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper()


def check_enum(faults, path, line, name, body):
    values = VALUE.findall(body)
    if not values or values[0] != (f"{snake(name)}_UNSPECIFIED", "0"):
        faults.tell(path, line, f"enum {name} must start with {snake(name)}_UNSPECIFIED = 0")
    if len({number for _, number in values}) != len(values):
        faults.tell(path, line, f"enum {name} uses a number twice")


def check_message(faults, path, line, name, body, uses):
    numbers = []
    for label, kind, field, number in FIELD.findall(body):
        if label in ("optional", "map") or kind == "map":
            faults.tell(path, line, f"{name}.{field}: {label or kind} is not allowed")
        numbers.append(number)
        uses.setdefault(name, set()).add(kind.rsplit(".", 1)[-1])
    if re.search(r"\bmap\s*<", body):
        faults.tell(path, line, f"{name} has a map")
    if len(set(numbers)) != len(numbers):
        faults.tell(path, line, f"{name} uses a field number twice")


def reaches(uses, start, name, seen):
    for kind in uses.get(name, ()):
        if kind == start or (kind not in seen and (seen.add(kind) or reaches(uses, start, kind, seen))):
            return True
    return False


def main():
    faults = house.Faults("schema")
    uses, places = {}, {}
    for path in house.files(".proto", tops=("proto",)):
        text = re.sub(r"//[^\n]*", lambda match: " " * len(match.group(0)), house.read(path))
        for match in BLOCK.finditer(text):
            sort, name, body = (match.group(i) or match.group(i + 3) for i in (1, 2, 3))
            line = house.line_of(text, match.start())
            places[name] = (path, line)
            if sort == "enum":
                check_enum(faults, path, line, name, body)
            else:
                check_message(faults, path, line, name, body, uses)
    for name, (path, line) in places.items():
        if reaches(uses, name, name, set()):
            faults.tell(path, line, f"{name} contains itself")
    for path in house.files(".pb-c.h", ".pb-c.c", "_pb2.py"):
        faults.tell(path, 1, "generated code belongs in the build tree")
    faults.end(len(places))


main()
