#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The contract of the command line, without a hub: help, JSON with named schemas, exit codes,
colours, secrets, completions and manual pages, all taken from the program itself."""

import json
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from hub import ROOT, program  # noqa: E402

STORY = ROOT / "tests/data/story"
PROGRAM = program("passerelle")
WRITING = ["refer", "ack", "ask", "answer", "accept", "decline", "start", "hold", "resume", "document", "report", "note", "step", "consent",
           "withdraw-consent", "answer-consent", "follow-up", "partner", "forward", "transfer", "invalidate", "withdraw", "close", "reopen",
           "assess", "project", "review", "lifebook"]
VERBS = ["init", "refer", "sync", "inbox", "outbox", "due", "show", "ack", "ask", "answer", "accept", "decline", "start", "hold", "resume", "document", "report", "note", "step", "path", "consent",
         "withdraw-consent", "answer-consent", "follow-up", "partner", "forward", "transfer", "update", "invalidate", "withdraw",
         "close", "reopen", "assess", "project", "review", "lifebook", "child", "follow-ups", "status", "flow", "watch", "export", "doctor", "attachment", "compare", "forms", "completion", "help"]


def call(*words, text=None, **environment):
    surroundings = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **environment}
    return subprocess.run([str(PROGRAM), *map(str, words)], input=text, capture_output=True, text=True, timeout=60, env=surroundings)


def document(*words, **more):
    done = call(*words, "--json", **more)
    return done, json.loads(done.stdout)


class Help(unittest.TestCase):
    def test_every_verb_has_help_with_every_flag_explained(self):
        for verb in VERBS:
            with self.subTest(verb=verb):
                done = call("help", verb)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertTrue(done.stdout.startswith(f"passerelle {verb}"))
                self.assertEqual(call(verb, "--help").stdout, done.stdout)
                for flag in document("help", verb)[1]["items"][0]["flags"]:
                    self.assertIn(f"--{flag['name']}", done.stdout)
                    self.assertGreater(len(flag["help"]), 5)
                self.assertIn("passerelle " + verb, done.stdout.split("For example")[1])

    def test_the_overview_names_every_verb(self):
        shown = call().stdout
        self.assertEqual(call("help").stdout, shown)
        for verb in VERBS:
            self.assertRegex(shown, rf"(?m)^  {verb} ")
        named = {item["name"] for item in document("help")[1]["items"]}
        self.assertLessEqual(set(VERBS), named)
        self.assertFalse([name for name in named if name.startswith("_")])


class Json(unittest.TestCase):
    def test_documents_carry_a_schema(self):
        for words, schema in ((["help"], "passerelle.help/1"), (["help", "refer"], "passerelle.help/1"), (["codes"], "passerelle.codes/1"),
                              (["codes", "urgency"], "passerelle.codes/1"), (["completion", "bash"], "passerelle.completion/1"),
                              (["refer", "--template", "HOME_STUDY"], "passerelle.form/1"), (["close", "--template"], "passerelle.form/1"),
                              (["refer", STORY / "referral-nz-sn.json", "--dry-run"], "passerelle.preview/1")):
            with self.subTest(words=words):
                done, shown = document(*words)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(shown["schema"], schema)
                self.assertEqual(done.stderr, "")

    def test_errors_are_json_on_stderr(self):
        for words, code, exit_code in ((["inbox", "--no-such-flag"], "BAD_USAGE", 64), (["sing"], "BAD_USAGE", 64),
                                       (["refer", "/nonexistent/form.json", "--to", "SN"], "NO_FILE", 66),
                                       (["inbox", "--profile", "/nonexistent/profile"], None, None),
                                       (["codes", "no_such_list"], "BAD_USAGE", 64)):
            with self.subTest(words=words):
                done = call(*words, "--json")
                error = json.loads(done.stderr)["error"]
                self.assertEqual(set(error) - {"faults"}, {"code", "message", "hint", "retryable", "exit"})
                self.assertEqual(error["exit"], done.returncode)
                self.assertEqual(done.stdout, "")
                self.assertEqual((error["code"], done.returncode), (code or error["code"], exit_code or done.returncode))
                self.assertNotEqual(done.returncode, 0)

    def test_codes_have_labels_in_four_languages(self):
        seen = {language: document("codes", "decline_reason", "--language", language)[1]["items"][0]["label"] for language in ("en", "fr", "es", "de")}
        self.assertEqual(len(set(seen.values())), 4, seen)


class Compare(unittest.TestCase):
    """Two persons, on this computer alone."""

    def told(self, first, second):
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder) / "first.json", Path(folder) / "second.json"]
            for path, person in zip(paths, (first, second)):
                path.write_text(json.dumps(person), encoding="utf-8")
            return call("compare", *paths, "--json")

    def words(self, first, second):
        done = self.told(first, second)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        shown = json.loads(done.stdout)
        return shown["band"], {item["field"]: item["word"] for item in shown["items"]}

    def test_two_spellings_of_a_boy_are_likely_one(self):
        done, shown = document("compare", STORY / "person-ours.json", STORY / "person-theirs.json")
        self.assertEqual((done.returncode, shown["schema"], shown["band"]), (0, "passerelle.compared/1", "LIKELY"))
        self.assertRegex(shown["tables"], r"^1-[0-9a-f]{12}$")
        items = {item["field"]: item for item in shown["items"]}
        self.assertEqual(items["NAME"]["word"], "VERY_CLOSE")
        self.assertIn("another script", items["NAME"]["reason"])
        self.assertIn("swapped", items["BIRTH"]["reason"])
        self.assertEqual(items["HOME"]["reason"], "not known of the first person")
        self.assertNotIn("ADDRESS", items, "neither side says anything of it")

    def test_people_see_words_and_no_number(self):
        done = call("compare", STORY / "person-ours.json", STORY / "person-theirs.json")
        self.assertEqual(done.returncode, 0)
        self.assertNotRegex(done.stdout, r"[0-9]")
        self.assertIn("That they are the same person: likely", done.stdout)
        self.assertIn("must confirm it", done.stderr)

    def test_persons_of_a_referral_can_be_compared_as_they_stand(self):
        persons = json.loads((STORY / "referral-nz-sn.json").read_text(encoding="utf-8"))["persons"]
        self.assertGreater(len(persons), 1)
        for person in persons:
            words = self.words(person, person)[1]
            self.assertEqual({field: word for field, word in words.items() if word not in ("SAME", "CLOSE", "VERY_CLOSE")}, {})
        self.assertEqual(self.words(persons[0], persons[1])[0], "LOW")

    def test_an_age_as_it_was_said_stands_in_for_a_birth(self):
        for said, word in (("about 7 on 2016-02-10", "CLOSE"), ("2 years, on 2024-02-10", "CONTRADICTS"), ("seven", None), ("7", None),
                           ("on 2016-02-10", None), ("9999 on 2016-02-10", None)):
            with self.subTest(said=said):
                words = self.words({"age_as_said": said}, {"birth": "2008-10-21"})[1]
                self.assertEqual(words["BIRTH"], word or "BLANK")

    def test_what_is_no_person_is_told_with_its_place(self):
        for person, words in (({"brith": "2009"}, "second person: 'brith' is no field"), ({"birth": "2009-13"}, "'birth': the month must be 01 to 12"),
                              ({"names": "Awa"}, "'names' must be a list"), ({"names": [7]}, "'names' must be an object"),
                              ({"names": [{"full": 7}]}, "'full' must be text"), ({"sex": []}, "'sex' must be text"),
                              ({"present_place": {"area": "Dakar"}}, "'area' must be a list"), ({"separation": "2015"}, "'separation' must be an object"),
                              ([], "'person' must be an object")):
            with self.subTest(person=person):
                done = self.told({}, person)
                error = json.loads(done.stderr)["error"]
                self.assertEqual((done.returncode, error["code"]), (65, "BAD_FORM"))
                self.assertIn(words, error["message"])
        self.assertEqual(call("compare", STORY / "person-ours.json").returncode, 64)
        self.assertEqual(call("compare", STORY / "person-ours.json", "/nonexistent/person.json").returncode, 66)


class Forms(unittest.TestCase):
    def faults(self, verb, form, *words):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "form.json"
            path.write_bytes(form if isinstance(form, bytes) else json.dumps(form).encode())
            return call(verb, *(["CH-SN-0000-0000"] if verb != "refer" else []), path, "--dry-run", "--json", *words)

    def test_the_samples_of_the_story_are_right(self):
        for verb, name, attach in (("refer", "referral-ch-sn.json", ["--attach", STORY / "court-order.pdf"]), ("refer", "referral-nz-sn.json", []),
                                   ("ask", "question.json", []), ("answer", "answer.json", []), ("accept", "accept.json", []),
                                   ("report", "report-interim.json", []), ("report", "report-final.json", ["--final", "--attach", STORY / "house.jpg"]),
                                   ("close", "close.json", [])):
            with self.subTest(name=name):
                done = self.faults(verb, (STORY / name).read_bytes(), *attach)
                self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_each_fault_is_told_by_path_with_what_would_be_right(self):
        form = json.loads((STORY / "referral-nz-sn.json").read_text(encoding="utf-8"))
        form["urgency"] = "STANDART"
        form["persons"][0]["birth"] = "2009-13"
        form["persons"][1]["naems"] = []
        del form["narrative"]["wishes"]
        done = self.faults("refer", form)
        self.assertEqual(done.returncode, 65)
        faults = {fault["path"]: fault["text"] for fault in json.loads(done.stderr)["error"]["faults"]}
        self.assertIn("did you mean 'STANDARD'", faults["urgency"])
        self.assertIn("month must be 01 to 12", faults["persons[0].birth"])
        self.assertIn('did you mean "names"', faults["persons[1].naems"])
        self.assertIn('"absent": {"wishes": "NK"}', faults["narrative.wishes"])
        self.assertEqual(len(faults), 4)

    def test_broken_files_are_told_with_their_place(self):
        for form, words in ((b'{"a": 1,\n}', "line 2"), (b'{"text": "caf\xe9"}', "byte 14"), (b"{}\0{}", "byte 3 is zero")):
            with self.subTest(form=form):
                done = self.faults("note", form)
                self.assertEqual(done.returncode, 65)
                self.assertIn(words, done.stderr)

    def test_templates_can_be_filled_and_handed_in(self):
        for verb in WRITING:
            with self.subTest(verb=verb):
                form = json.loads(call(verb, "--template", *(["SOCIAL_REPORT"] if verb == "refer" else [])).stdout)
                self.assertTrue(any(key.startswith("_help") for key in form))
                done = self.faults(verb, form)
                for fault in json.loads(done.stderr)["error"].get("faults", []) if done.returncode else []:
                    self.assertIn("is missing", fault["text"])
        done = call("refer", "--template", "SOCIAL_REPROT")
        self.assertEqual(done.returncode, 65)
        self.assertIn("did you mean 'SOCIAL_REPORT'", done.stderr)

    def test_flags_stand_for_keys_of_the_form(self):
        for words in (["accept", "--due", "2027-02-19"], ["decline", "--reason", "CAPACITY", "--text", "x"], ["ask", "--question", "a", "--question", "b"],
                      ["answer", "--question", "Q1", "--text", "x"], ["note", "--text", "x"], ["withdraw", "--reason", "DUPLICATE"],
                      ["close", "--outcome", "REUNIFIED"], ["reopen", "--reason", "NEW_REQUEST"], ["ack"], ["start", "--text", "x"],
                      ["hold", "--reason", "AWAIT_COURT", "--text", "x"], ["resume", "--text", "x"],
                      ["step", "--path", "ISS8", "--step", "3", "--status", "DONE", "--person", "C1", "--country", "SN"],
                      ["consent", "--person", "C1", "--purpose", "REFER", "--how", "SIGNED", "--on", "2026-11"],
                      ["withdraw-consent", "--person", "C1", "--purpose", "REFER", "--on", "2026-11-01"],
                      ["answer-consent", "--reason", "LEGAL_BASIS", "--basis", "NATIONAL_LAW"],
                      ["follow-up", "--months", "6", "--person", "C1", "--wellbeing", "GOOD", "--in-family", "YES"],
                      ["partner", "--agency", "UNICEF-SN", "--for", "RETURN_ASSISTANCE", "--basis", "UNCRC_COOP", "--end"],
                      ["invalidate", "5", "--text", "x"], ["document", "--text", "x", "--attach", STORY / "accept.json"]):
            with self.subTest(words=words):
                done = call(words[0], "CH-SN-0000-0000", *words[1:], "--dry-run")
                self.assertEqual(done.returncode, 0, done.stderr)
        done = call("accept", "CH-SN-0000-0000", "--due", "19.2.2027", "--dry-run")
        self.assertEqual(done.returncode, 65)
        self.assertIn("due: ", done.stderr)
        done = call("accept", "CH-SN-0000-0000", STORY / "accept.json", "--due", "2027-12-31", "--dry-run")
        self.assertEqual(done.returncode, 64)
        self.assertIn('"due"', done.stderr)

    def test_a_dry_run_tells_what_the_hub_can_read(self):
        done = call("refer", STORY / "referral-nz-sn.json", "--dry-run")
        opened, sealed = done.stdout.split("Sealed")
        self.assertIn("urgency", opened)
        self.assertNotIn("persons", opened)
        self.assertRegex(sealed, r"persons\[0\].names +identifies people")
        self.assertRegex(sealed, r"narrative.history +special category")
        self.assertRegex(sealed, r"filled: \d+ of \d+ fields asked for")


class Usage(unittest.TestCase):
    def test_wrong_command_lines_end_with_64_and_say_what_is_wrong(self):
        for words, part in ((["shwo"], "did you mean 'show'"), (["show"], "missing"), (["show", "A", "B"], "B"), (["refer"], "filled form"),
                            (["refer", STORY / "close.json"], "--to"), (["report", "REF"], "filled form"), (["sync", "--wait", "soon"], "soon"),
                            (["report", "R", "F", "--final", "--interim"], "--interim"), (["attachment", "m", "first"], "first"),
                            (["export", "REF"], "where to write"), (["completion", "csh"], "csh"), (["init", "--member", "CH"], "--user"),
                            (["inbox", "--state", "x"], "--state"), (["accept", "R", "--due"], "--due"),
                            (["refer", "--attach", STORY / "house.jpg"], "before --attach")):
            with self.subTest(words=words):
                done = call(*words)
                self.assertEqual((done.returncode, done.stdout), (64, ""), done.stderr)
                self.assertIn(part, done.stderr)

    def test_a_file_that_is_not_there_ends_with_66(self):
        self.assertEqual(call("refer", "/nonexistent/form.json", "--to", "SN").returncode, 66)
        self.assertEqual(call("refer", STORY / "close.json", "--to", "SN", "--attach", "/nonexistent/a.pdf").returncode, 66)

    def test_closing_asks_and_without_a_terminal_says_which_flag_is_missing(self):
        with Profile() as profile:
            done = profile.call("close", "CH-SN-0000-0000", "--outcome", "REUNIFIED", "--no-input")
            self.assertEqual(done.returncode, 64)
            self.assertIn("--yes", done.stderr)


class Profile:
    """A profile with certificates, and no hub behind it."""

    def __init__(self, passphrase="correct horse"):
        self.passphrase = passphrase

    def __enter__(self):
        self.temporary = tempfile.TemporaryDirectory(prefix="passerelle-cli-")
        self.folder = Path(self.temporary.name)
        self.secret = self.folder / "passphrase"
        self.secret.write_text(self.passphrase + "\n")
        self.secret.chmod(0o600)
        authority = self.folder / "ca"
        subprocess.run([ROOT / "deploy/training-ca", "new", authority], check=True, capture_output=True)
        made = self.call("init", "--member", "CH", "--user", "anna", "--role", "caseworker", "--hub", "127.0.0.1:1", "--trust", authority / "root.pem")
        assert made.returncode == 0, made.stderr
        issued = self.folder / "issued"
        issued.mkdir()
        for request in (self.folder / "profile/requests").glob("*.csr"):
            use = {"sign": "signing", "branch": "encryption"}.get(request.stem, "tls-client")
            subprocess.run([ROOT / "deploy/training-ca", "issue", authority, request, use, issued / f"{request.stem}.crt"], check=True, capture_output=True)
        installed = self.call("init", "--certificates", issued)
        assert installed.returncode == 0, installed.stderr
        return self

    def __exit__(self, *fault):
        self.temporary.cleanup()

    def bare(self, verb, *words, **more):
        return call(verb, "--profile", self.folder / "profile", *words, **more)

    def call(self, verb, *words, **more):
        return self.bare(verb, "--passphrase-file", self.secret, *words, **more)


class Secrets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.profile = Profile().__enter__()
        cls.addClassCleanup(cls.profile.__exit__)

    def test_a_passphrase_comes_from_file_descriptor_or_credentials(self):
        self.assertEqual(self.profile.call("inbox").returncode, 0)
        with open(self.profile.secret, "rb") as secret:
            done = subprocess.run([PROGRAM, "inbox", "--profile", self.profile.folder / "profile", "--passphrase-fd", str(secret.fileno())],
                                  pass_fds=[secret.fileno()], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        credentials = self.profile.folder / "credentials"
        credentials.mkdir()
        (credentials / "passerelle-passphrase").write_text(self.profile.passphrase)
        (credentials / "passerelle-passphrase").chmod(0o600)
        self.assertEqual(self.profile.bare("inbox", CREDENTIALS_DIRECTORY=str(credentials)).returncode, 0)

    def test_a_file_that_others_may_read_is_refused(self):
        loose = self.profile.folder / "loose"
        loose.write_text(self.profile.passphrase)
        loose.chmod(0o644)
        done = self.profile.bare("inbox", "--passphrase-file", loose)
        self.assertEqual(done.returncode, 77)
        self.assertIn("chmod 600", done.stderr)

    def test_nobody_to_ask_is_64_and_a_wrong_passphrase_77(self):
        done = self.profile.bare("inbox", "--no-input")
        self.assertEqual(done.returncode, 64)
        self.assertIn("--passphrase-file", done.stderr)
        wrong = self.profile.folder / "wrong"
        wrong.write_text("something else")
        wrong.chmod(0o600)
        done = self.profile.bare("inbox", "--passphrase-file", wrong)
        self.assertEqual(done.returncode, 77)
        self.assertNotIn("something else", done.stderr)

    def test_no_flag_and_no_variable_takes_a_secret(self):
        for item in document("help")[1]["items"]:
            for flag in item["flags"]:
                self.assertNotIn(flag["name"], ("passphrase", "password", "secret", "token"))
        self.assertEqual(self.profile.bare("inbox", "--no-input", PASSERELLE_PASSPHRASE=self.profile.passphrase).returncode, 64)

    def test_no_line_is_69_and_nothing_is_lost(self):
        done = self.profile.call("sync", "--json")
        self.assertEqual(done.returncode, 69)
        self.assertTrue(json.loads(done.stderr)["error"]["retryable"])

    def test_lists_are_empty_documents_at_first(self):
        for verb in ("inbox", "outbox", "directory"):
            shown = json.loads(self.profile.call(verb, "--json").stdout)
            self.assertEqual((shown["schema"], shown["items"]), (f"passerelle.{verb}/1", []))
        self.assertEqual(self.profile.call("inbox", "--exit-status").returncode, 1)

    def test_the_doctor_tells_what_is_wrong_and_what_to_do(self):
        done = self.profile.call("doctor", "--json")
        shown = json.loads(done.stdout)
        self.assertEqual((done.returncode, shown["schema"], shown["healthy"]), (1, "passerelle.doctor/1", False))
        hub = [item for item in shown["items"] if item["check"] == "hub"][0]
        self.assertEqual(hub["verdict"], "fault")
        self.assertGreater(len(hub["advice"]), 10)

    def test_a_second_profile_in_the_same_place_is_refused(self):
        done = self.profile.call("init", "--member", "CH", "--user", "eva", "--role", "caseworker", "--hub", "h:1", "--trust", STORY / "close.json")
        self.assertNotEqual(done.returncode, 0)
        self.assertEqual(self.profile.call("inbox").returncode, 0)


class Terminal(unittest.TestCase):
    def on_terminal(self, *words, answers=(), **environment):
        """What stands on the screen at the end. `answers`: (what is asked, what is typed then)."""
        surroundings = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "TERM": "xterm", **environment}
        child, terminal = pty.fork()
        if child == 0:
            os.execve(PROGRAM, [str(PROGRAM), *map(str, words)], surroundings)
        shown, waiting = b"", list(answers)
        try:
            while select.select([terminal], [], [], 20)[0] and (piece := os.read(terminal, 65536)):
                shown += piece
                if waiting and shown.rstrip(b" ").endswith(waiting[0][0]):
                    os.write(terminal, waiting.pop(0)[1])
        except OSError:  # the other end is closed
            pass
        os.close(terminal)  # ends a program that still waits for an answer
        self.ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return shown

    def test_a_passphrase_is_asked_for_and_not_shown(self):
        with Profile() as profile:
            inbox = ["inbox", "--profile", profile.folder / "profile"]
            shown = self.on_terminal(*inbox, answers=[(b"Passphrase:", b"correct horse\n")])
            self.assertEqual(self.ended, 0, shown)
            self.assertNotIn(b"horse", shown)
            shown = self.on_terminal(*inbox, answers=[(b"Passphrase:", b"battery staple\n")])
            self.assertEqual(self.ended, 77, shown)
            self.on_terminal(*inbox, answers=[(b"Passphrase:", b"corr\x03\n")])
            self.assertEqual(self.ended, 64)
            close = ["close", "CH-SN-0000-0000", "--outcome", "REUNIFIED", "--passphrase-file", profile.secret, *inbox[1:]]
            shown = self.on_terminal(*close, answers=[(b"[y/N]", b"n\n")])
            self.assertIn(b"not closed", shown)
            self.assertEqual(self.ended, 64)

    def test_a_new_passphrase_is_asked_for_twice(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([ROOT / "deploy/training-ca", "new", f"{folder}/ca"], check=True, capture_output=True)
            init = ["init", "--profile", f"{folder}/profile", "--member", "CH", "--user", "anna", "--role", "caseworker", "--hub", "127.0.0.1:1",
                    "--trust", f"{folder}/ca/root.pem"]
            asked = [(b"New passphrase for your keys:", b"one\n"), (b"The same again:", b"two\n")]
            self.assertIn(b"differ", self.on_terminal(*init, answers=asked))
            self.assertEqual(self.ended, 64)
            asked[1] = (asked[1][0], b"one\n")
            shown = self.on_terminal(*init, answers=asked)
            self.assertEqual(self.ended, 0, shown)
            self.assertIn(b"tls.csr", shown)

    def test_colours_only_where_they_are_wanted(self):
        self.assertIn(b"\033[", self.on_terminal("help"))
        self.assertNotIn(b"\033[", self.on_terminal("help", NO_COLOR="1"))
        self.assertNotIn(b"\033[", self.on_terminal("help", TERM="dumb"))
        self.assertNotIn(b"\033[", self.on_terminal("help", "--no-color"))
        self.assertNotIn("\033[", call("help", TERM="xterm").stdout)

    def test_what_was_typed_does_not_command_the_terminal(self):
        shown = self.on_terminal("\033[2Jhelp", NO_COLOR="1")
        self.assertIn(b"\\x1b[2J", shown)
        self.assertNotIn(b"\033", shown)


class Documents(unittest.TestCase):
    def test_completions_are_right_shell(self):
        shown = call("completion", "bash").stdout
        self.assertEqual(subprocess.run(["bash", "-n"], input=shown, text=True, capture_output=True, timeout=30).stderr, "")
        for verb in VERBS:
            for shell in ("bash", "zsh", "fish"):
                self.assertIn(verb, call("completion", shell).stdout)
        for shell in ("zsh", "fish"):
            if any((Path(folder) / shell).exists() for folder in os.environ["PATH"].split(":")):
                text = call("completion", shell).stdout
                self.assertEqual(subprocess.run([shell, "-n"], input=text, text=True, capture_output=True, timeout=30).stderr, "")

    def complete(self, *words):
        script = call("completion", "bash").stdout + f'''
COMP_WORDS=({' '.join(f"'{word}'" for word in words)}); COMP_CWORD={len(words) - 1}
compopt() {{ :; }}
_passerelle; printf '%s\\n' "${{COMPREPLY[@]}}"
'''
        folder = str(PROGRAM.parent)
        done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, env={"PATH": f"{folder}:{os.environ['PATH']}"})
        self.assertEqual(done.stderr, "")
        return done.stdout.split()

    def test_bash_completes_verbs_flags_and_codes(self):
        self.assertEqual(self.complete("passerelle", "acc"), ["accept"])
        self.assertEqual(self.complete("passerelle", "accept", "CH-SN-0000-0000", "--du"), ["--due"])
        self.assertEqual(self.complete("passerelle", "decline", "X", "--reason", "CAP"), ["CAPACITY"])
        self.assertIn("HOME_STUDY", self.complete("passerelle", "refer", "--template", "HOME"))
        self.assertEqual(self.complete("passerelle", "completion", "z"), ["zsh"])

    def test_manual_pages_have_no_fault(self):
        for verb in [None, *VERBS]:
            with self.subTest(verb=verb):
                text = call("__manual", *([verb] if verb else [])).stdout
                page = subprocess.run(["scdoc"], input=text, text=True, capture_output=True, timeout=30)
                self.assertEqual((page.returncode, page.stderr), (0, ""))
                lint = subprocess.run(["mandoc", "-T", "lint", "-W", "error"], input=page.stdout, text=True, capture_output=True, timeout=30)
                self.assertEqual((lint.returncode, lint.stdout), (0, ""))
                shown = subprocess.run(["mandoc", "-T", "utf8"], input=page.stdout, text=True, capture_output=True, timeout=30).stdout
                plain = re.sub(".\b", "", shown)
                for flag in document("help", verb)[1]["items"][0]["flags"] if verb else []:
                    self.assertIn(f"--{flag['name']}", plain)

    def test_the_page_about_forms_has_no_fault(self):
        text = (ROOT / "deploy/man/passerelle-forms.5.scd").read_text(encoding="utf-8")
        page = subprocess.run(["scdoc"], input=text, text=True, capture_output=True, timeout=30)
        lint = subprocess.run(["mandoc", "-T", "lint", "-W", "error"], input=page.stdout, text=True, capture_output=True, timeout=30)
        self.assertEqual((page.stderr, lint.stdout), ("", ""))


if __name__ == "__main__":
    unittest.main()
