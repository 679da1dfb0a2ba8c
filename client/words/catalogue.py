#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""catalogue.py update|check|list: the words that people see, and their translations.

update  brings fr.po and es.po up to what the code says, and lists what has no translation yet
check   ends with 1 if a translation is missing, doubtful or does not fit its English text
list    prints what was found, one line each: file:line: text

Nothing has to be marked where a text reads like words (two of them with a blank between) or stands
where texts stand: the tables below say where. A single word elsewhere is marked _("word") where it is
printed or N_("word") where a table holds it.
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = pathlib.Path(os.environ.get("HABITS_ROOT", HERE.parents[1]))
LANGUAGES = ("fr", "es")

# Folders whose files are read, and files of elsewhere whose texts reach a person's screen.
FOLDERS = ("client/cli", "client/form", "client/lib")
FILES = ("client/match/words.c", "proto/base/fail.h", "proto/base/fail.c", "proto/case/lifecycle.c", "proto/case/lifecycle.h", "proto/case/clock.c", "proto/case/clock.h", "proto/case/reference.c",
         "proto/case/partial_date.c", "proto/wire/tls_text.c", "proto/wire/identity.c", "proto/seal/private_key.c")
# Made for the English manual and the shells, not for the screen.
NOT_FILES = ("client/match/words.c", "client/cli/manual.c", "client/cli/completion.c")

# Which argument of a call is shown (counted from 1), also where it is one word.
CALLS = {
    "_": (1,), "N_": (1,), "P_": (1, 2), "NP_": (1, 2),
    "out_line": (2,), "out_styled": (3,), "out_word": (2,), "out_fail": (4, 5), "out_say": (2,), "fail_usage": (2,),
    "fail_secret": (2, 3), "fail_set": (3,), "fail_wrap": (2,), "fault_add": (3,), "FAULT": (2,), "file_fail": (2,),
    "cli_passphrase_asked": (2,), "FIELD": (8,), "X": (2, 4), "finding": (2, 4, 5), "finding_of": (2, 5), "exchange_warn": (3,), "prepare": (2,), "add_fact": (3,), "show_text": (2,), "words_of": (1,),
}
# Which member of a row of a table is shown: file, how the row begins, members counted from 1.
ROWS = (
    ("client/cli/verb.c", "VERB_", (4, 5)),
    ("client/cli/verb.c", "FLAG_", (4,)),
    ("client/cli/words.c", '"', (2, 3)),
    ("client/cli/show.c", '"', (2,)),
    ("client/match/words.c", '"', (2,)),
    ("client/lib/psr.c", "0", (1,)),
    ("client/form/rules.c", '"', (4,)),
    ("client/form/rules.c", '"', (8,)),
)
# Arrays whose every text is shown, by name.
ARRAYS = ("head", "texts", "needs")
# Of these files nothing else is: what reads like words there is for other readers.
ONLY_PLACES = ("proto/case/lifecycle.c", "proto/case/lifecycle.h", "proto/case/clock.h", "proto/base/fail.c", "client/cli/verb.c", "client/form/fields.def")
# Calls whose texts are for machines.
NOT_SHOWN = ("json_string_value", "json_pack", "json_unpack", "json_pack_ex", "_Static_assert", "must", "getenv", "sql_run", "strcmp")
NOT_A_SENTENCE = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA|BEGIN|COMMIT|ROLLBACK|WHERE|FROM|SET|VALUES|ORDER BY|REPLACE INTO)\b|^-----|\b[a-z]+_[a-z_]+, |\[profile\]|^<[/?]?[a-z:]+[ >]")
SQL = re.compile(r"^ ?(SELECT|INSERT|UPDATE|DELETE|REPLACE|FROM) |^SELECT|ORDER BY")
SENTENCE = re.compile(r"[A-Za-z']{2,}[,;:.)]* [(\"'`]?[a-z]{2,}|[a-z]{2,}[,:;]? %|%[a-z]+ [a-z]{2,}")
LETTERS = re.compile(r"[^\W\d_]{2,}")
TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|^[ \t]*#[ \t]*include[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|\w+|\s+|.', re.S | re.M)
SIZES = {"JSON_INTEGER_FORMAT": "lld"}
ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\", "'": "'", "r": "\r", "a": "\a", "0": "\0"}


class Text:
    def __init__(self, text, plural, place):
        self.text, self.plural, self.place = text, plural, place


def unescaped(literal):
    out = re.sub(r"\\x[0-9a-fA-F]{1,2}|\\[0-7]{1,3}|\\.", lambda m: ESCAPES.get(m.group(0)[1:], "\1"), literal[1:-1])
    return out


def tokens_of(source):
    """(kind, text, line): literals that stand side by side are one; widths like PRIu64 are part of them."""
    line, out = 1, []
    for match in TOKEN.finditer(source):
        token = match.group(0)
        if token.isspace() or token.startswith(("//", "/*")) or token.lstrip().startswith("#"):
            if token == "#":
                out.append(("mark", token, line))
        elif token[0] == '"':
            add_literal(out, unescaped(token), line)
        elif re.fullmatch(r"PRI[a-zA-Z]\d+", token):
            add_literal(out, f"<{token}>", line)
        elif token in SIZES:
            add_literal(out, SIZES[token], line)
        else:
            out.append(("word" if token[0].isalnum() or token[0] == "_" else "mark", token, line))
        line += token.count("\n")
    return out


def add_literal(out, text, line):
    if out and out[-1][0] == "literal":
        out[-1] = ("literal", out[-1][1] + text, out[-1][2])
    else:
        out.append(("literal", text, line))


class Frame:
    """An open bracket: of which call or row it is, and which argument we are at."""

    def __init__(self, call, mark, path, array):
        self.call, self.mark, self.path, self.array, self.at, self.first = call, mark, path, array, 1, None
        self.pair = []

    def shown(self):
        if self.mark == "(":
            return self.at in CALLS.get(self.call, ())
        return self.array in ARRAYS or self.mark == "{" and any(
            self.path == path and (self.first or "").startswith(begin) and self.at in members for path, begin, members in ROWS)


def spans(path, source):
    """Every literal with where it stands: (text, line, frames from the outside in)."""
    stack, before, array = [], "", ""
    for kind, text, line in tokens_of(source):
        if stack and stack[-1].first is None:
            stack[-1].first = '"' if kind == "literal" else text
        if text in ("(", "{", "[") and kind == "mark":
            array = before if text == "[" and before else array
            stack.append(Frame(before if text == "(" else "", text, path, array if text == "{" else ""))
        elif text in (")", "}", "]") and kind == "mark":
            if stack:
                stack.pop()
        elif text == "," and kind == "mark" and stack:
            stack[-1].at += 1
        elif text == ";" and kind == "mark":
            array = ""
            while stack and stack[-1].mark != "{":
                stack.pop()
        elif kind == "literal":
            yield text, line, stack
        before = text if kind == "word" else ""


def wanted(text, stack, path):
    """Should people read this in their own language?"""
    if not LETTERS.search(re.sub(r"%[-+ #0]*[\d*]*(\.[\d*]+)?(<PRI\w+>|[hlzj]*[a-zA-Z])", " ", text)):
        return False
    calls = [frame.call for frame in stack if frame.mark == "(" and frame.call]
    marked = bool(calls) and calls[-1] in ("_", "N_", "words_of")
    if SQL.search(text) or not marked and any(call in NOT_SHOWN for call in calls):
        return False
    inner = [frame for frame in stack if not (frame.mark == "(" and frame.call == "")]
    if inner and inner[-1].shown():
        return not (path == "client/cli/show.c" and stack[-1].mark == "{" and "%s" in text)
    if path in ONLY_PLACES or (stack and path == "client/cli/show.c" and stack[-1].first == '"'):
        return False
    return SENTENCE.search(text) is not None and not NOT_A_SENTENCE.search(text)


def paths():
    found = []
    for folder in FOLDERS:
        found += sorted(p.relative_to(ROOT).as_posix() for p in (ROOT / folder).glob("*.[cd]*") if p.suffix in (".c", ".def"))
    return [path for path in found if path not in NOT_FILES] + [path for path in FILES if (ROOT / path).exists()]


def found_in(path):
    source = (ROOT / path).read_text(encoding="utf-8")
    pairs = {}
    for text, line, stack in spans(path, source):
        frame = stack[-1] if stack else None
        if frame is not None and frame.call in ("P_", "NP_"):
            frame.pair.append(text)
            pairs[id(frame)] = (frame, line)
            if len(frame.pair) == 2:
                yield Text(frame.pair[0], frame.pair[1], f"{path}:{line}")
        elif wanted(text, stack, path):
            yield Text(text, None, f"{path}:{line}")
    if path.endswith("fields.def"):
        for number, row in enumerate(source.splitlines(), start=1):
            name = re.match(r"FIELD\(\w+, (\w+)", row)
            if name:
                yield Text(name.group(1).replace("_", " "), None, f"{path}:{number}")


def everything():
    texts = {}
    for path in paths():
        for text in found_in(path):
            texts.setdefault((text.text, text.plural), []).append(text.place)
    for number, text in enumerate((HERE / "system.txt").read_text(encoding="utf-8").splitlines(), start=1):
        texts.setdefault((text, None), []).append(f"client/words/system.txt:{number}")
    counted = {text for text, plural in texts if plural}  # found by their singular too
    return {key: places for key, places in texts.items() if key[1] or key[0] not in counted}


def quoted(text):
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t").replace("\r", "\\r")
    lines = text.split("\n")
    if len(lines) == 1:
        return f'"{text}"'
    pieces = [line + "\\n" for line in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    return '""\n' + "\n".join(f'"{piece}"' for piece in pieces)


def template(texts, places=True):
    out = ['msgid ""', 'msgstr "Content-Type: text/plain; charset=UTF-8\\n"', ""]
    for (text, plural), where in texts.items():
        if places:
            out += [f"#: {' '.join(sorted(set(where)))}"]
        if "%" in text:
            out.append("#, c-format" if re.search(r"%[^ %]*[a-zA-Z>]", text) else "#, no-c-format")
        out.append(f"msgid {quoted(text)}")
        out += [f"msgid_plural {quoted(plural)}", 'msgstr[0] ""', 'msgstr[1] ""'] if plural else ['msgstr ""']
        out.append("")
    return "\n".join(out)


def run(*command):
    return subprocess.run(command, capture_output=True, text=True)


def merged(language, folder, texts):
    """The catalogue as it would be after an update, in `folder`, without what the code says no more."""
    pot, po = pathlib.Path(folder, "passerelle.pot"), pathlib.Path(folder, f"{language}.po")
    pot.write_text(template(texts), encoding="utf-8")
    base = pathlib.Path(folder, "base.po")  # two branches may have added the same text
    base.write_text(run("msguniq", "--use-first", "--no-wrap", str(HERE / f"{language}.po")).stdout, encoding="utf-8")
    done = run("msgmerge", "--quiet", "--no-fuzzy-matching", "--no-wrap", "-o", str(po), str(base), str(pot))
    if done.returncode != 0:
        sys.exit(f"{language}.po: {done.stderr}")
    return po


def missing(po):
    """(place, text) of every entry without a translation, or with one that is marked as doubtful."""
    told = []
    for option in ("--untranslated", "--only-fuzzy"):
        done = run("msgattrib", option, "--no-obsolete", "--no-wrap", str(po))
        for block in done.stdout.split("\n\n"):
            place, text = re.search(r"^#: (\S+)", block, re.M), re.search(r'^msgid ((?:".*"\n?)+)', block, re.M)
            if place and text:
                told.append((place.group(1), "".join(re.findall(r'"(.*)"', text.group(1)))))
    return told


def faults_of(po, language):
    """(place, what is wrong) of one catalogue that was brought up to date."""
    told = [(place, f'no translation in {language}.po: "{text}"') for place, text in missing(po)]
    form = run("msgfmt", "--check-format", "--check-header", "-o", os.devnull, str(po))
    if form.returncode != 0:
        told.append((f"client/words/{language}.po:1", form.stderr.replace(str(po), f"{language}.po")))
    return told


def untranslated(texts, write=False):
    """(file:line, what is wrong) in all languages; `write` puts the merged catalogues in place."""
    told = []
    for language in LANGUAGES:
        with tempfile.TemporaryDirectory() as folder:
            po = merged(language, folder, texts)
            told += faults_of(po, language)
            if write:
                short = run("msgattrib", "--no-obsolete", "--no-wrap", "--add-location=file", "-o", str(HERE / f"{language}.po"), str(po))
                if short.returncode != 0:
                    sys.exit(short.stderr)
    return told


def main():
    action = sys.argv[1] if len(sys.argv) == 2 else ""
    if action == "list":
        for (text, _), where in everything().items():
            print(f"{where[0]}: {text!r}")
        return
    if action not in ("update", "check"):
        sys.exit(__doc__)
    texts = everything()
    told = untranslated(texts, action == "update")
    for place, text in told:
        print(f"{place}: {text}")
    faults, count = len(told), len(texts)
    print(f"words: {count} texts in {len(LANGUAGES)} languages, {faults} to do")
    if faults and action == "check":
        print("To add translations: client/words/catalogue.py update, then fill the empty msgstr in client/words/fr.po and es.po.")
    sys.exit(1 if faults or count == 0 else 0)


if __name__ == "__main__":
    main()
