#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What people see is translated: every text has its French and Spanish, and none is printed past the catalogues."""
import pathlib
import sys

import house

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "client/words"))
import catalogue  # noqa: E402

LOOKED_UP = {"_", "N_", "P_", "NP_", "words_of", "language_text", "language_number"}
# They print what they get, and look nothing up.
RAW = {"fprintf", "printf", "fputs", "puts", "snprintf", "asprintf", "memory_format"}
# Of these one argument is looked up (catalogue.CALLS); a sentence in any other would stay English.
FORMATS = {"out_line", "out_styled", "out_word", "out_fail", "fail_set", "fail_wrap", "fault_add", "FAULT"}
# path: beginnings of texts that stay as they are, and why
STAYS = {
    "client/cli/memory.c": ("passerelle: no memory",),  # nothing can be looked up any more
    "client/cli/parse.c": ("passerelle %s",),  # --version, read by programs
    "client/cli/words.c": ("passerelle forward",),  # a command line
    "client/lib/profile_new.c": ("; Who this",),  # a file
    "client/lib/doctor.c": ("certificate %s",),  # the name of a check, stable; looked up as a whole where it is printed
    "proto/base/fail.c": ("%s:%d: this must hold",),  # a fault of our own, for those who mend it
}


def escapes(path, text, stack):
    if not catalogue.SENTENCE.search(text) or catalogue.NOT_A_SENTENCE.search(text) or text.startswith(STAYS.get(path, ("\0",))):
        return False
    calls = [frame for frame in stack if frame.mark == "(" and frame.call]
    if not calls or any(frame.call in LOOKED_UP | set(catalogue.NOT_SHOWN) for frame in calls):
        return False
    inner = calls[-1]
    if inner.call in RAW:
        return True
    return inner.call in FORMATS and inner.at not in catalogue.CALLS[inner.call]


def main():
    faults = house.Faults("words")
    texts = catalogue.everything()
    for path in catalogue.paths():
        for text, line, stack in catalogue.spans(path, house.read(path)):
            if escapes(path, text, stack):
                faults.tell(path, line, f'"{text}" is printed without being looked up: _("...") in the program, words_of("...") below it')
    for where, text in catalogue.untranslated(texts):
        path, _, line = where.partition(":")
        faults.tell(path, line or 1, text)
    if faults.told:
        print("client/words/catalogue.py update, then fill the empty msgstr in client/words/fr.po and es.po (client/README.md)")
    faults.end(len(texts))


main()
