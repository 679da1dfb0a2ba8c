#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every file that may hold a comment says in its first three lines under which licence it is."""
import house

SUFFIXES = (".c", ".h", ".def", ".py", ".sh", ".cmake", ".proto", ".sql", ".scd", ".ini", ".in", ".service", ".example")
LINE = "SPDX-License-Identifier: Apache-2.0"


def needs_it(path):
    if path.endswith(SUFFIXES) or path.endswith("CMakeLists.txt"):
        return True
    return "." not in path.rsplit("/", 1)[-1] and house.is_text(path) and house.read(path).startswith("#!")


def main():
    faults = house.Faults("licence heads")
    paths = [path for path in house.files() if needs_it(path)]
    for path in paths:
        if LINE not in "".join(house.read(path).splitlines(True)[:3]):
            faults.tell(path, 1, f"one of the first three lines must say '{LINE}'")
    faults.end(len(paths))


main()
