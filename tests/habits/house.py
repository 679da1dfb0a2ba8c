# SPDX-License-Identifier: Apache-2.0
"""What the habit tests share: the files of the house, C without comments, how faults are told."""
import os
import pathlib
import re
import sys

# planted_faults.py points it at a small tree of bad examples.
ROOT = pathlib.Path(os.environ.get("HABITS_ROOT", pathlib.Path(__file__).resolve().parents[2]))
TOP = ("server", "client", "proto", "include", "deploy", "tests", ".ci")
DATA = ("tests/data", "tests/fuzz/corpus")  # golden files and samples: not written by the house's rules


def files(*suffixes, tops=TOP, data=False):
    """Paths relative to the root, as text; all of them without suffixes. Generated files are never here."""
    found = []
    for top in tops:
        for folder, folders, names in os.walk(ROOT / top):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            here = pathlib.Path(folder).relative_to(ROOT).as_posix()
            if not data and here.startswith(DATA):
                continue
            found += [f"{here}/{name}" for name in sorted(names) if not suffixes or name.endswith(suffixes)]
    if not suffixes or tops == TOP:
        # .git is a file in a second work tree.
        found += [p.name for p in sorted(ROOT.iterdir())
                  if p.is_file() and p.name != ".git" and (not suffixes or p.name.endswith(suffixes))]
    return found


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def is_text(path):
    try:
        return "\0" not in read(path)
    except UnicodeDecodeError:
        return False


# A literal, a character or a comment; what is found first counts.
TOKEN = re.compile(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*.*?\*/', re.S)


def bare_code(text):
    """C with comments and the insides of literals blanked; line numbers stay."""

    def blank(match):
        token = match.group(0)
        if token[0] in "\"'":
            return token[0] + " " * (len(token) - 2) + token[0]
        return re.sub(r"[^\n]", " ", token)

    return TOKEN.sub(blank, text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


class Faults:
    def __init__(self, habit):
        self.habit = habit
        self.told = []

    def tell(self, path, line, text):
        self.told.append(f"{path}:{line}: {text}")

    def end(self, looked_at):
        """A habit that looked at nothing has not been kept."""
        if looked_at == 0:
            self.told.append("nothing was looked at")
        for text in self.told:
            print(text)
        print(f"{self.habit}: {looked_at} looked at, {len(self.told)} faults")
        sys.exit(1 if self.told else 0)
