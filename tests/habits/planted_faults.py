#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The habit tests find what they are for: each gets a small tree with one planted fault, and one without."""
import configparser
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
HEAD = "// SPDX-License-Identifier: Apache-2.0\n"
CLEAN = {
    "proto/base/fail.h": HEAD + "int fail(void);\n",
    "proto/base/fail.c": HEAD + '#include "base/fail.h"\n\nint fail(void)\n{\n\treturn 1;\n}\n',
    "proto/wire/codec.h": HEAD,
    "proto/wire/codec.c": HEAD + '#include "base/fail.h"\n\n#include <string.h>\n',
    "proto/wire.proto": HEAD + 'enum Kind {\n  KIND_UNSPECIFIED = 0;\n  KIND_ONE = 1;\n}\n\nmessage Ping { uint64 now = 1; }\n\nmessage Pong { uint64 now = 1; }\n',
    "client/cli/out.c": HEAD + 'void f(struct out *out)\n{\n\tout_word(out, "Nobody.");\n}\n',
    "tests/unit/test_x.c": HEAD + "int x(void);\n",
}


def form(kind, **more):
    texts = {"en": "The fields of this one", "fr": "Les champs de celui-ci", "es": "Los campos de este"}
    heading = {"id": "H", "label": texts, "help": texts}
    return json.dumps({"id": kind, "kind": kind, "services": ["OTHER"], "title": texts, "headings": [heading], **more}) + "\n"


for name in ("REFERRAL", "REPORT"):
    CLEAN[f"client/form/definitions/{name.lower()}.json"] = form(name)
    CLEAN[f"tests/data/forms/{name.lower()}.json"] = "{}\n"
CLEAN["tests/data/forms/expected.csv"] = "form,asked\nREFERRAL,1\nREPORT,1\n"
CLEAN["proto/codes/service_type.csv"] = "code,en,fr,es\nOTHER,Other,Autre,Otro\n"
exceptions = configparser.ConfigParser(delimiters="=", interpolation=None)
exceptions.optionxform = str
exceptions.read(HERE / "banned.ini", encoding="utf-8")
EXEMPT = {path: HEAD for path in exceptions["exceptions"]}  # must exist, or the habit complains
long_function = "int f(void);\nint f(void)\n{\n" + "\tfail();\n" * 90 + "\treturn 0;\n}\n"
tangled = "int f(int a);\nint f(int a)\n{\n" + "".join(f"\tif (a == {i})\n\t\treturn {i};\n" for i in range(20)) + "\treturn 0;\n}\n"

# habit, file, what it says then, words that must be told
PLANTED = [
    ("layering", "proto/base/fail.c", HEAD + '#include "wire/codec.h"\n', "arrow would point up"),
    ("layering", "proto/base/fail.c", HEAD + "#include <uv.h>\n", "may only be included by"),
    ("layering", "proto/base/fail.c", HEAD + "#include <fancy.h>\n", "no header of the language"),
    ("layering", "server/odd/new.c", HEAD, "is not in layers.ini"),
    ("banned", "proto/base/fail.c", HEAD + "int f(char *a)\n{\n\tstrcpy(a, a);\n}\n", "strcpy"),
    ("banned", "proto/base/fail.c", HEAD + "int f(void)\n{\n\tassert(1);\n\tusleep (5);\n}\n", "usleep"),
    ("codes", "proto/codes/service_type.csv", "code,en,fr,es\nOTHER,Other,,Otro\n", "no label in 'fr'"),
    ("codes", "proto/codes/service_type.csv", "code,en,fr,es\nOTHER,Other,Autre,Other\n", "is the English one"),
    ("codes", "proto/codes/service_type.csv", "code,en,fr,es\nOTHER,Other,OTHER,Otro\n", "words for people"),
    ("codes", "proto/codes/service_type.csv", "code,en,fr\nOTHER,Other,Autre\n", "no column for es"),
    ("spdx", "proto/base/fail.c", "int f(void);\n", "SPDX-License-Identifier"),
    ("limits", "proto/base/fail.c", HEAD + long_function, "has 9"),
    ("limits", "proto/base/fail.c", HEAD + tangled, "complexity 21"),
    ("limits", "proto/base/fail.c", HEAD + "int f(void);\n" * 701, "at most 700"),
    ("limits", "proto/base/fail.c", HEAD + "int " + "f" * 120 + "(void);\n", "at most 120"),
    ("wording", "proto/base/fail.c", HEAD + "// TO" "DO: later\n", "unfinished work"),
    ("wording", "proto/base/fail.c", HEAD + '// see "/ho' 'me/anna/x"\n', "one machine"),
    ("wording", "proto/base/fail.c", HEAD + "int f(void); \n", "blanks at the end"),
    ("wording", "proto/base/fail.c", HEAD + "int f(void);", "no newline"),
    ("spelling", "proto/base/fail.c", HEAD + "// t" "eh end\n", "the"),
    ("schema", "proto/wire.proto", HEAD + "enum Kind {\n  KIND_ONE = 0;\n}\n", "must start with KIND_UNSPECIFIED"),
    ("schema", "proto/wire.proto", HEAD + "message A {\n  optional string b = 1;\n}\n", "optional is not allowed"),
    ("schema", "proto/wire.proto", HEAD + "message A {\n  map<string, string> b = 1;\n}\n", "map"),
    ("schema", "proto/wire.proto", HEAD + "message A {\n  B b = 1;\n}\n\nmessage B {\n  repeated A a = 1;\n}\n", "contains itself"),
    ("schema", "proto/wire.proto", HEAD + "message A {\n  bytes b = 1;\n  bytes c = 1;\n}\n", "field number twice"),
    ("words", "client/cli/out.c", HEAD + 'void f(struct out *out)\n{\n\tout_word(out, "Nobody has put this into a catalogue.");\n}\n', "no translation in fr.po"),
    ("words", "client/cli/out.c", HEAD + 'void f(FILE *out)\n{\n\tfputs("It is past the catalogues.", out);\n}\n', "without being looked up"),
    ("words", "client/lib/x.c", HEAD + 'int f(void)\n{\n\treturn fail_set(why, 1, "%s", "the form has no faults");\n}\n', "without being looked up"),
    ("schema", "proto/passerelle/v1/wire.pb-c.h", HEAD, "build tree"),
    ("forms", "client/form/definitions/report.json", form("REPORT", title={"en": "A", "fr": "B"}), "title is not there in es"),
    ("forms", "client/form/definitions/report.json", form("REPORT", title=dict.fromkeys(("en", "fr", "es"), "The same in all of them")), "the same as in another"),
    ("forms", "client/form/definitions/report.json", form("REPORT", services=["NONE"]), "OTHER has no form as REPORT"),
    ("forms", "client/form/definitions/more.json", form("REPORT", id="MORE", services=["NONE"]), "has no filled example"),
    ("forms", "client/form/definitions/other.json", form("REPORT", id="MORE"), "is not named like its id"),
    ("forms", "tests/data/forms/expected.csv", "form,asked\nREPORT,1\n", "not the forms that there are"),
]


def run(habit, tree):
    with tempfile.TemporaryDirectory() as root:
        for path, text in tree.items():
            file = pathlib.Path(root, path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        command = [sys.executable, "-B", str(HERE / f"{habit}.py")]
        return subprocess.run(command, env={**os.environ, "HABITS_ROOT": root}, capture_output=True, text=True)


def main():
    missed = 0
    for habit in sorted({row[0] for row in PLANTED}):
        done = run(habit, {**CLEAN, **EXEMPT})
        if done.returncode != 0:
            missed += 1
            print(f"{habit}: tells faults where there are none:\n{done.stdout}{done.stderr}")
    for habit, path, text, told in PLANTED:
        done = run(habit, {**CLEAN, **EXEMPT, path: text})
        if done.returncode != 1 or told not in done.stdout:
            missed += 1
            print(f"{habit}: misses '{told}' in {path}:\n{done.stdout}{done.stderr}")
    print(f"planted faults: {len(PLANTED)} planted, {missed} missed")
    sys.exit(1 if missed else 0)


main()
