#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""No words of unfinished work, no paths of one machine, no trailing blanks, and a newline at every end."""
import re

import house

NOT_OURS = ("LICENSE", "tests/habits/wording.py")  # the latter must name what it looks for
UNFINISHED = re.compile(r"\b(TODO|FIXME|XXX|HACK|WIP|TBD|for now|not (yet )?implemented|placeholder|dummy|lorem ipsum"
                        r"|RECORDED_RUN)\b", re.I)
MACHINE = re.compile(r"(?<![\w.$}])(/work/|/home/\w|/root/|/Users/|[A-Z]:\\Users)")
BIDI = re.compile("[\u202a-\u202e\u2066-\u2069\u200b\ufeff]")


def main():
    faults = house.Faults("wording")
    count = 0
    for path in house.files():
        if not house.is_text(path) or path in NOT_OURS or path.endswith((".svg", ".dot", ".po")):
            continue
        text = house.read(path)
        count += 1
        for pattern, fault in ((UNFINISHED, "a word of unfinished work"), (MACHINE, "a path of one machine"),
                               (BIDI, "an invisible character that turns or hides text")):
            for match in pattern.finditer(text):
                faults.tell(path, house.line_of(text, match.start()), f"{fault}: {match.group(0)!r}")
        if text and not text.endswith("\n"):
            faults.tell(path, text.count("\n") + 1, "no newline at the end")
        for number, line in enumerate(text.splitlines(), start=1):
            if line != line.rstrip():
                faults.tell(path, number, "blanks at the end of the line")
    faults.end(count)


main()
