#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What the hub says when it refuses, the client can say in the reader's language: every text of a refusal in server/core and in the rules that it asks
stands in client/lib/hub_words.c, and nothing stands there that no hub says."""

import pathlib
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "client/words"))
from catalogue import spans  # noqa: E402
from house import ROOT  # noqa: E402

CALLS = {"refuse": 5, "refuse_with": 5, "refuse_because": 3, "request_refuse": 4, "admission_refuse": 4, "fail_set": 3}
FOLDERS = ("server/core", "server/domain")
FILES = ("proto/case/correction.c",)
DIRECTIVE = re.compile(r"%[-+ #0]*[\d*]*(\.[\d*]+)?[hlzj]*[a-zA-Z]")


def plain(text):
    return DIRECTIVE.sub("%s", text)


def texts_of(path, all_of=False):
    name = path.relative_to(ROOT).as_posix()
    for text, line, stack in spans(name, path.read_text(encoding="utf-8")):
        calls = [frame for frame in stack if frame.mark == "(" and frame.call in CALLS]
        said = calls and calls[-1].at == CALLS[calls[-1].call]
        if (said or all_of) and " " in text and text != "%s":
            yield plain(text), f"{name}:{line}"


def main():
    said = {}
    for path in sorted(path for folder in FOLDERS for path in (ROOT / folder).glob("*.c")):
        said.update(texts_of(path))
    for name in FILES:
        said.update(texts_of(ROOT / name, True))
    known = dict(texts_of(ROOT / "client/lib/hub_words.c", True))
    faults = [f"{place}: not in client/lib/hub_words.c: {text!r}" for text, place in said.items() if text not in known]
    faults += [f"{place}: no hub says this: {text!r}" for text, place in known.items() if text not in said]
    print("\n".join(faults + [f"hub_words: {len(said)} texts, {len(faults)} faults"]))
    return 1 if faults or not said else 0


if __name__ == "__main__":
    sys.exit(main())
