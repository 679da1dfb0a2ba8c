#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The real program in French and Spanish, as on a server that has no locale but C.UTF-8: no English is left in what
people read, names and codes stay, and --json keeps its keys and codes."""

import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from hub import program  # noqa: E402
from network import STORY, Network  # noqa: E402

# What is no word of ours: command lines, flags, codes, references, ids, times, addresses, names of files and keys.
NAMES = re.compile(r"who-can|^ *form(?= ?:)|\bcertifica\w+ branch|passerelle-?[a-z]*( [a-z_-]+)*|--[a-z-]+|`[^`]*`|'[^']*'|\"[^\"]*\"|[\w./$~]*[/_@.][\w./@$~-]*|\b[A-Z][A-Z0-9_-]+\b|\S*\d\S*")
# Words that an English sentence hardly does without, and that are none of French or Spanish.
ENGLISH = re.compile(r"\b(the|and|with|your|you|this|that|which|not|has|was|were|is|are|it|its|of|to|from|for|who|what|when|why|must|may|"
                     r"cannot|only|until|since|open|closed|waits|asks|file|form|field|branch|case|overdue)\b")
# Verbs whose --template is a table, and how they are called for it.
TABLES = {"persons": ("persons",), "import": ("import", "referrals")}
ALSO_FRENCH_OR_SPANISH = {"fr": {"file"}, "es": {"has"}}


def left_over(line):
    return "" if line.startswith("  passerelle") else NAMES.sub(" ", line)


class Words(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="passerelle-words-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.network = Network(cls.folder.name)
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__)
        cls.ch, cls.sn = cls.network.member("CH"), cls.network.member("SN")
        for member in (cls.ch, cls.sn, cls.ch):
            member.call("sync")
        cls.reference = cls.ch.json("refer", STORY / "referral-nz-sn.json", "--to", "SN")["reference"]
        for member, verb, words in ((cls.sn, "ack", ()), (cls.ch, "note", ("--text", "Voilà."))):
            cls.ch.call("sync")
            cls.sn.call("sync")
            member.call(verb, cls.reference, *words)
        cls.ch.call("sync")
        cls.sn.call("sync")

    def run_in(self, language, *words, member=None, stdin=None):
        """What a person sees on both streams; the language from --lang (French) or the environment (Spanish)."""
        environment = {"PATH": os.environ["PATH"], "HOME": self.folder.name}
        flag = []
        if language == "es":
            environment["LANGUAGE"] = "es"
        else:
            flag = [f"--lang={language}"]
        where = ["--profile", str(member.profile), "--no-input"] if member else []
        done = subprocess.run([program("passerelle"), *flag, *map(str, words), *where], capture_output=True, text=True, timeout=60,
                              env=environment, input=stdin, check=False)
        return done.returncode, done.stdout + done.stderr

    def test_what_the_hub_says_is_read_in_the_readers_language(self):
        reference = self.ch.json("refer", STORY / "referral-nz-sn.json", "--to", "SN")["reference"]
        for member in (self.ch, self.sn):
            member.call("sync")
        self.sn.call("decline", reference, "--reason", "NO_SERVICE_IN_AREA", "--wait", "30s")
        self.ch.call("withdraw", reference, "--reason", "NO_LONGER_NEEDED")
        (returned,) = self.ch.json("sync")["returned"]
        for language, words in (("en", "WITHDRAW is not possible for the REQUESTING side in the state DECLINED"),
                                ("fr", "WITHDRAW n'est pas possible pour le côté REQUESTING dans l'état DECLINED"),
                                ("es", "para la parte REQUESTING en el estado DECLINED")):
            self.assertIn(words, self.run_in(language, "outbox", member=self.ch)[1])

    def test_free_text_says_in_which_language_it_is(self):
        def note(text, *words, **environment):
            clean = {key: value for key, value in os.environ.items() if key not in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")}
            done = subprocess.run(self.ch.arguments("note", self.reference, "--text", text, "--json", *words), capture_output=True, text=True,
                                  timeout=60, env=clean | environment, check=True)
            return json.loads(done.stdout)["message"]

        written = {note("A1"): None, note("A2", LANG="C.UTF-8"): None, note("A3", LANG="fr_SN.UTF-8"): ["fr"],
                   note("A4", "--written-in", "wo", LANG="fr_SN.UTF-8"): ["wo"], note("A5", "--lang", "es"): ["es"]}
        self.ch.call("sync")
        self.sn.call("sync")
        shown = {item["message"]: item.get("languages") for item in self.sn.json("show", self.reference)["items"]}
        self.assertEqual({message: shown[message] for message in written}, written)
        referral = self.sn.json("show", self.reference)["items"][0]
        self.assertEqual(referral["languages"], json.loads((STORY / "referral-nz-sn.json").read_text(encoding="utf-8"))["languages"])
        self.assertRegex(self.sn.call("show", self.reference), r"CH wrote a note  #\d+  \[wo\]\n")

    def compare(self, *words, member=None, stdin=None, content=(), code=None):
        expected, english = self.run_in("en", *words, member=member, stdin=stdin)
        self.assertIn(expected, (0, 1) if code is None else (code,), english)
        for language in ("fr", "es"):
            got, text = self.run_in(language, *words, member=member, stdin=stdin)
            self.assertEqual(got, expected, text)
            self.assertNotEqual(text, english)
            for value in content:
                text, english = text.replace(value, ""), english.replace(value, "")
            for line in text.splitlines():
                found = [word for word in ENGLISH.findall(left_over(line)) if word not in ALSO_FRENCH_OR_SPANISH[language]]
                self.assertEqual(found, [], f"{words} in {language}: {line}")
            same = [line for line in set(text.splitlines()) & set(english.splitlines())
                    if len(re.findall(r"[^\W\d_]{3,}", left_over(line))) >= 3]
            self.assertEqual(same, [], f"{words} in {language}: the same as in English")
        return english

    def test_help_of_every_verb(self):
        self.compare("help")
        verbs = [item["name"] for item in json.loads(self.run_in("en", "help", "--json")[1])["items"]]
        self.assertGreater(len(verbs), 30)
        for verb in verbs:
            self.compare("help", verb)

    def test_every_form_explains_itself(self):
        items = json.loads(self.run_in("en", "help", "--json")[1])["items"]
        verbs = [item["name"] for item in items if any(flag["name"] == "template" for flag in item["flags"])]
        self.assertGreater(len(verbs), 20)
        for words in [("refer", "--template", "HOME_STUDY"), ("refer", "--template", "FAMILY_TRACING"),
                      *((verb, "--template") for verb in verbs if verb not in ("refer", *TABLES))]:
            english = json.loads(self.run_in("en", *words)[1])
            for language in ("fr", "es"):
                form = json.loads(self.run_in(language, *words)[1])
                self.assertEqual(list(form), list(english))
                self.check_helps(form, language)

    def test_every_table_explains_itself(self):
        for words in TABLES.values():
            english = json.loads(self.run_in("en", *words, "--template", "--json")[1])["items"]
            self.assertTrue(all(item["help"] for item in english))
            for language in ("fr", "es"):
                items = json.loads(self.run_in(language, *words, "--template", "--json")[1])["items"]
                self.assertEqual([item["name"] for item in items], [item["name"] for item in english])
                self.check_helps({f"_help_{item['name']}": item["help"] for item in items}, language)

    def check_helps(self, form, language):
        for key, value in form.items():
            if isinstance(value, list) and value and isinstance(value[0], dict):
                self.check_helps(value[0], language)
            elif isinstance(value, dict):
                self.check_helps(value, language)
            elif key.startswith("_help"):
                said = re.split(r"; (?:exempl|ejempl)", value)[0]
                found = [word for word in ENGLISH.findall(left_over(said)) if word not in ALSO_FRENCH_OR_SPANISH[language]]
                self.assertEqual(found, [], f"{key}: {value}")

    def test_lists_and_a_case(self):
        shown = self.sn.json("show", self.reference)
        content = sorted(self.texts_of(shown["items"]), key=len, reverse=True)
        for words in (("inbox",), ("outbox",), ("due",), ("path",), ("doctor",)):
            self.compare(*words, member=self.sn, content=("General Secretariat",))
        self.compare("status", self.reference, member=self.ch)
        self.compare("show", self.reference, member=self.sn, content=content)

    def texts_of(self, value):
        """Every line of free text: what people wrote is not translated."""
        if isinstance(value, str):
            return {line for line in value.split("\n") if " " in line}
        if isinstance(value, dict):
            value = list(value.values())
        return set().union(*map(self.texts_of, value)) if isinstance(value, list) else set()

    def test_a_code_is_shown_with_its_label(self):
        for language, label in (("en", "Home study"), ("fr", "Évaluation"), ("es", "Evaluación")):
            shown = self.run_in(language, "codes", "service_type")[1]
            self.assertIn(label, shown)

    def test_errors_and_faults_of_a_form(self):
        self.compare("frobnicate", code=64)
        self.compare("inbox", "--profile", Path(self.folder.name) / "nowhere", code=66)
        self.compare("refer", "-", "--dry-run", stdin='{"service": "HOME_STUDDY", "persons": {}, "colour": 1}', code=65)
        self.compare("refer", "-", "--dry-run", stdin="{", code=65)
        self.compare("show", "CH-SN-0000-0000", member=self.sn, code=65)
        self.compare("accept", self.reference, "--due", "tomorrow", member=self.sn, code=65)
        self.compare("reopen", self.reference, "--reason", "NEW_INFORMATION", member=self.ch, code=65)

    def test_json_stays_for_programs(self):
        english, french = (json.loads(self.run_in(language, "due", "--json", member=self.sn)[1]) for language in ("en", "fr"))
        self.assertEqual([list(item) for item in english["items"]], [list(item) for item in french["items"]])
        self.assertEqual([item["standing"] for item in english["items"]], [item["standing"] for item in french["items"]])
        code, text = self.run_in("fr", "frobnicate", "--json")
        error = json.loads(text)["error"]
        self.assertEqual((code, error["code"]), (64, "BAD_USAGE"))
        self.assertIn("verbe", error["message"])

    def test_the_environment_chooses(self):
        def first_line(**environment):
            return subprocess.run([program("passerelle"), "help"], capture_output=True, text=True, check=True,
                                  env={"PATH": os.environ["PATH"], **environment}).stdout.split("\n")[0]

        self.assertIn("VERB [REF]", first_line())
        self.assertIn("VERBE", first_line(LANG="fr_CH.UTF-8"))
        self.assertIn("VERBE", first_line(LANGUAGE="de:fr:es"))
        self.assertIn("VERBO", first_line(LC_ALL="es_AR.UTF-8", LANG="fr_FR.UTF-8"))
        self.assertIn("VERB [REF]", first_line(LC_ALL="C", LANG="fr_FR.UTF-8"))
        self.assertIn("VERB [REF]", first_line(LANG="de_DE.UTF-8"))
        self.assertEqual(self.run_in("xx", "help")[0], 64)


if __name__ == "__main__":
    unittest.main()
