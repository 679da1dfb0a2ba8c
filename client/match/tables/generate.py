#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the matcher's tables as one C file: generate.py OUT.c TABLES

Refuses a table that the program could not rely on: wrong columns, a row twice, Latin letters that are none.
"""
import csv
import hashlib
import pathlib
import re
import sys
import unicodedata

SCRIPTS = ["other", "latin", "arabic", "cyrillic", "hebrew", "greek", "armenian", "georgian", "hangul", "khmer",
           "devanagari", "ethiopic", "kana"]
KINDS = {"letter": "LETTER_PLAIN", "a": "LETTER_CONSONANT_A", "o": "LETTER_CONSONANT_O", "sign": "LETTER_SIGN",
         "virama": "LETTER_VIRAMA"}
WORDS = {"title": 1, "particle": 2}
MARKS_ARE_LETTERS = ("khmer", "devanagari", "kana")
GRADES, ALIASES = 8, 4
RULES = 1  # raised when the program computes otherwise from the same tables


def stop(path, number, text):
    sys.exit(f"{path}:{number}: {text}")


def rows(path, columns):
    """(line number, cells) of each row that is no comment; \\uXXXX stands for characters that do not show."""
    if not path.exists():
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.startswith("#"):
            continue
        cells = next(csv.reader([re.sub(r"\\u([0-9a-f]{4})", lambda match: chr(int(match.group(1), 16)), line)]))
        if columns and len(cells) != columns:
            stop(path, number, f"{len(cells)} columns instead of {columns}")
        yield number, cells


def codes(text):
    return [ord(letter) for letter in unicodedata.normalize("NFKD", text.casefold())]


def quoted(text):
    return '"' + "".join(c if c.isascii() else "".join(f"\\{b:03o}" for b in c.encode()) for c in text) + '"'


def fold_table(folder):
    path, table = folder / "fold.csv", {}
    for number, (source, target) in rows(path, 2):
        # An invisible joiner has no decomposition; a letter keeps its mark where the row is there to keep it.
        key = tuple(codes(source)) if len(codes(source)) <= 2 else None
        if key is None or key in table:
            stop(path, number, "is longer than two letters or stands there twice")
        value = [ord(letter) for letter in target]
        if key == tuple(value) or len(value) > 3:
            stop(path, number, "says nothing, or more than three letters")
        table[key] = value
    return table


def folded(text, fold, marks):
    found, out = codes(text), []
    while found:
        pair, one = tuple(found[:2]), tuple(found[:1])
        if len(pair) == 2 and pair in fold:
            out += fold[pair]
            found = found[2:]
            continue
        out += fold.get(one, [] if not marks and unicodedata.category(chr(one[0])) == "Mn" else list(one))
        found = found[1:]
    return out


def letter_table(folder, fold):
    table = {}
    for script in SCRIPTS[2:]:
        path = folder / f"{script}.csv"
        for number, (letter, latin, kind) in rows(path, 3):
            key = tuple(folded(letter, fold, script in MARKS_ARE_LETTERS))
            if not 1 <= len(key) <= 2 or kind not in KINDS or not re.fullmatch("[a-z]{0,5}", latin):
                stop(path, number, "is no letter, Latin spelling and kind")
            if table.setdefault(key, (latin, KINDS[kind])) != (latin, KINDS[kind]):
                stop(path, number, f"'{letter}' stands there twice")
    return table


def alias_table(folder):
    path, table = folder / "aliases.csv", {}
    for number, names in rows(path, 0):
        for name in dict.fromkeys(names):
            if not re.fullmatch("[a-z]{1,24}", name):
                stop(path, number, f"'{name}' is no folded name")
            groups = table.setdefault(name, [])
            if len(groups) < ALIASES:
                groups.append(number)
    return table


def sound_tables(folder):
    tables = {}
    for script in SCRIPTS[2:]:
        path = folder / "sounds" / f"{script}.csv"
        for number, (letter, latin, weight) in rows(path, 3):
            if not re.fullmatch("[a-z]{0,3}", latin):
                stop(path, number, f"'{latin}' is not of a to z")
            found = tables.setdefault(script, {}).setdefault(ord(letter) if letter else 0, {})
            if latin in found:
                stop(path, number, "stands there twice")
            found[latin] = int(weight)
    return tables


def weight_table(folder):
    path, table = folder / "weights.csv", []
    for number, (field, *weights) in rows(path, GRADES + 1):
        if not re.fullmatch("[A-Z_]+", field):
            stop(path, number, f"'{field}' is no field")
        table.append((field, [int(weight) for weight in weights]))
    return table


def pair(key):
    return f"{key[0]}, {key[1] if len(key) > 1 else 0}"


def array(kind, name, lines):
    count = re.sub("s$", "", name) + "_count"
    return [f"const struct {kind} {name}[] = {{", *(lines or ["\t{0},"]), "};", f"const unsigned {count} = {len(lines)};", ""]


def sound_lines(tables):
    lines, heads = [], []
    for script, letters in tables.items():
        lines += [f"static const struct sound_row {script}_sounds[] = {{"]
        index, first = [], 0
        for letter in sorted(letters):
            found = sorted(letters[letter].items(), key=lambda item: (-item[1], item[0]))
            lines += [f"\t{{{quoted(latin)}, {len(latin)}, {weight}}}," for latin, weight in found]
            index.append(f"\t{{{letter}, {first}, {len(found)}}},")
            first += len(found)
        lines += ["};", f"static const struct sound_letter {script}_sound_letters[] = {{", *index, "};", ""]
        heads.append(f"\t{{SCRIPT_{script.upper()}, {script}_sound_letters, {len(index)}, {script}_sounds}},")
    return lines + array("sound_table", "sound_tables", heads)


def common_lines(folder):
    path, table = folder / "common.csv", {}
    for number, (name, left) in rows(path, 2):
        if name in table or not re.fullmatch("[a-z]+", name) or not 1 <= int(left) <= 100:
            stop(path, number, "is no name and share, or stands there twice")
        table[name] = int(left)
    return array("common_row", "common_rows", [f"\t{{{quoted(name)}, {table[name]}}}," for name in sorted(table)])


def word_lines(folder, fold):
    table = {}
    for _, (word, kind) in rows(folder / "words.csv", 2):
        table["".join(chr(code) for code in folded(word, fold, False))] = WORDS[kind]
    names = sorted(table, key=lambda word: word.encode())
    return array("word_row", "word_rows", [f"\t{{{quoted(word)}, {table[word]}}}," for word in names])


def main():
    out, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    fold = fold_table(folder)
    letters, aliases = letter_table(folder, fold), alias_table(folder)
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*.csv")):
        digest.update(path.read_bytes())
    lines = ["// Generated from client/match/tables by tables/generate.py.", '#include "match/tables.h"', "",
             '#include "match/letters.h"', '#include "match/match.h"', ""]
    lines += array("fold_row", "fold_rows", [
        f"\t{{{pair(key)}, {{{', '.join(map(str, fold[key])) or '0'}}}}}," for key in sorted(fold, key=lambda k: (*k, 0))])
    lines += array("letter_row", "letter_rows", [
        f"\t{{{pair(key)}, {kind}, {quoted(latin)}}}," for key, (latin, kind) in sorted(letters.items(), key=lambda i: (*i[0], 0))])
    lines += array("alias_row", "alias_rows", [
        f"\t{{{quoted(name)}, {{{', '.join(map(str, groups))}}}}}," for name, groups in sorted(aliases.items())])
    lines += word_lines(folder, fold) + common_lines(folder) + sound_lines(sound_tables(folder))
    lines += ["const struct weight_row weight_rows[MATCH_FIELD_COUNT] = {", *(
        f"\t[MATCH_{field}] = {{{{{', '.join(map(str, weights))}}}}}," for field, weights in weight_table(folder)), "};"]
    bands = {band: int(least) for _, (band, least) in rows(folder / "bands.csv", 2)}
    lines += ["const int32_t match_band_least[] = {", "\tINT32_MIN,", f"\t{bands['POSSIBLE']},", f"\t{bands['LIKELY']},", "};"]
    lines.append(f'const char match_tables_digest[] = "{RULES}-{digest.hexdigest()[:12]}";')
    out.write_text("\n".join(lines) + "\n", encoding="utf-8")


main()
