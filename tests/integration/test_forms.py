#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Forms that are data, through the real program: every one that is installed, with its filled example; one of one's own in a new
language by dropping a file; faults in three languages; and how a filled form looks to a branch that has it, and to one that has not."""

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from hub import ROOT, program  # noqa: E402
from network import Network  # noqa: E402

DATA = ROOT / "tests/data/forms"
ESCOLA = DATA / "other/escola.json"
DEFINITIONS = ROOT / "client/form/definitions"


def filled(name):
    return json.loads((DATA / name).read_text(encoding="utf-8"))


class Alone(unittest.TestCase):
    """Without a profile and without a line."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="passerelle-forms-")
        self.addCleanup(self.folder.cleanup)
        self.own = Path(self.folder.name) / "own"
        self.own.mkdir()

    def run_program(self, *words, text=None, language="en", **environment):
        surroundings = {"PATH": os.environ["PATH"], "HOME": self.folder.name, "PASSERELLE_FORMS": str(self.own), **environment}
        return subprocess.run([program("passerelle"), *map(str, words), f"--lang={language}"], input=text, capture_output=True, text=True,
                              timeout=60, env=surroundings)

    def document(self, *words, **more):
        done = self.run_program(*words, "--json", **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def dry_run(self, form, **more):
        words = ["report", "CH-SN-7QK2-M9FD"] if "stage" in form else ["trace" if form["form"] == "TRACE_REQUEST" else "refer"]
        return self.run_program(*words, "-", "--dry-run", "--json", text=json.dumps(form), **more)

    def faults(self, form, language="en"):
        done = self.dry_run(form, language=language)
        self.assertEqual(done.returncode, 65, done.stdout)
        return {fault["path"]: fault["text"] for fault in json.loads(done.stderr)["error"]["faults"]}

    def test_every_filled_example_is_right_and_as_complete_as_counted_by_hand(self):
        with open(DATA / "expected.csv", encoding="utf-8", newline="") as source:
            rows = list(csv.DictReader(source))
        self.assertEqual({row["form"] for row in rows}, {item["id"] for item in self.document("forms")["items"]})
        for row in rows:
            with self.subTest(form=row["form"]):
                done = self.dry_run(filled(row["form"].lower().replace("_", "-") + ".json"))
                self.assertEqual(done.returncode, 0, done.stderr)
                counted = json.loads(done.stdout)["headings"]
                self.assertEqual(counted, {"form": row["form"], "version": 1, "missing": [],
                                           **{key: int(row[key]) for key in ("asked", "filled", "excused")}})

    def test_each_mandatory_heading_is_missed_by_name_in_three_languages(self):
        missing = {"en": "is missing: fill it", "fr": "manque : remplissez", "es": "falta: rellénelo"}
        for item in self.document("forms")["items"]:
            form = filled(item["id"].lower().replace("_", "-") + ".json")
            sections = form.pop("sections", [])
            owed = {heading["id"] for heading in item["headings"] if heading["need"] != "MAY" and heading["takes"] != "FIELD"}
            self.assertLessEqual(owed, {section["heading"] for section in sections})
            for language, words in missing.items():
                with self.subTest(form=item["id"], language=language):
                    labels = {heading["id"]: heading["label"] for heading in self.document("forms", item["id"], language=language)["items"][0]["headings"]}
                    for heading in sorted(owed)[:2]:
                        form["sections"] = [section for section in sections if section["heading"] != heading]
                        found = self.faults(form, language)
                        self.assertEqual(list(found), ["sections"])
                        self.assertIn(f"({heading}) {words}", found["sections"])
                        self.assertTrue(found["sections"].startswith(labels[heading][:20]), found)

    def test_the_template_of_every_form_helps_in_the_readers_language(self):
        for item in self.document("forms")["items"]:
            verb = {"REPORT": ["report", "--template"], "TRACE_REQUEST": ["trace", "--template"],
                    "REFERRAL": ["refer", "--template", item["services"][0]]}[item["kind"]]
            helps = []
            for language in ("en", "fr", "es"):
                form = self.document(*verb, "--form", item["id"], language=language)["form"]
                self.assertEqual(form["form"], item["id"])
                sections = [heading for heading in item["headings"] if heading["takes"] != "FIELD"]
                self.assertEqual([section["heading"] for section in form["sections"]], [heading["id"] for heading in sections])
                helps.append([section["_help"] for section in form["sections"]] or [form["_help_languages_abroad"]])
            for english, french, spanish in zip(*helps):
                self.assertEqual(len({english, french, spanish}), 3)

    def test_the_service_chooses_the_form(self):
        self.assertEqual(self.document("refer", "--template", "HOME_STUDY")["form"]["form"], "HOME_STUDY_REQUEST")
        self.assertEqual(self.document("refer", "--template", "ORIGINS_SEARCH")["form"]["form"], "TRACING_REQUEST")
        self.assertEqual(self.run_program("report", "--template", "--form", "NO_SUCH").returncode, 64)
        self.assertEqual(self.document("report", "--template")["form"]["form"], "")

    def test_a_new_form_in_a_new_language_needs_one_file(self):
        report = filled("home-study.json")
        report.update(form="ESCOLA", languages=["pt"], sections=[{"heading": "FREQUENCIA", "text": "Todos os dias."},
                                                               {"heading": "DESDE", "absent": {"text": "NK"}}])
        self.assertIn("form", self.faults(report))
        self.assertEqual(self.run_program("forms", language="pt").returncode, 64)
        shutil.copy(ESCOLA, self.own)
        listed = self.run_program("forms", language="pt")
        self.assertEqual(listed.returncode, 0, listed.stderr)
        self.assertIn("Relatório sobre a escola", listed.stdout)
        template = self.document("report", "--template", "--form", "ESCOLA", language="pt")["form"]
        self.assertTrue(template["sections"][0]["_help"].startswith("Frequência escolar"))
        self.assertTrue(self.document("report", "--template", "--form", "ESCOLA", LANGUAGE="pt_BR:fr", language="pt-BR")["form"]["sections"])
        found = self.faults(report, "pt")
        self.assertIn("Opinião da criança (CHILD_VIEWS)", found["sections"])
        report["sections"].append({"heading": "CHILD_VIEWS", "text": "Gosto."})
        counted = json.loads(self.dry_run(report).stdout)["headings"]
        self.assertEqual((counted["form"], counted["version"], counted["asked"], counted["filled"], counted["excused"]), ("ESCOLA", 2, 3, 2, 1))

    def test_a_form_of_ones_own_stands_before_the_one_that_was_installed(self):
        own = json.loads((DEFINITIONS / "home-study.json").read_text(encoding="utf-8"))
        own["title"]["en"] = "Home study of our branch"
        (self.own / "z.json").write_text(json.dumps(own), encoding="utf-8")
        titles = [item["title"] for item in self.document("forms")["items"] if item["id"] == "HOME_STUDY"]
        self.assertEqual(titles, ["Home study of our branch"])

    def test_a_profile_has_a_folder_for_them_too(self):
        profile = Path(self.folder.name) / "profile"
        (profile / "forms").mkdir(parents=True)
        shutil.copy(ESCOLA, profile / "forms")
        listed = self.document("forms", "--profile", profile, PASSERELLE_FORMS="")
        self.assertIn("ESCOLA", [item["id"] for item in listed["items"]])

    def test_what_somebody_wrote_wrong_is_told_by_its_place_and_hurts_no_other_form(self):
        before = len(self.document("forms")["items"])
        wrong = json.loads(ESCOLA.read_text(encoding="utf-8"))
        wrong["headings"][0]["need"] = "SHOULD"
        wrong["headings"][1]["takes"] = "DATUM"
        wrong["services"] = ["HOME_STUDDY"]
        path = self.own / "wrong.json"
        path.write_text(json.dumps(wrong), encoding="utf-8")
        for language in ("en", "fr", "es"):
            done = self.run_program("forms", "--check", path, "--json", language=language)
            self.assertEqual(done.returncode, 65)
            self.assertEqual({fault["path"] for fault in json.loads(done.stderr)["error"]["faults"]},
                             {"headings[0].need", "headings[1].takes", "services[0]"})
        for name, content in (("bytes.json", b"\xff\xfe{"), ("large.json", b" " * 300_000), ("deep.json", b"[" * 100_000), ("empty.json", b""),
                              ("based.json", json.dumps({**json.loads(ESCOLA.read_text()), "id": "B", "base": "NONE"}).encode())):
            (self.own / name).write_bytes(content)
        os.mkfifo(self.own / "pipe.json")
        (self.own / "folder.json").mkdir()
        listed = self.document("forms")
        self.assertEqual(len(listed["items"]), before)
        refused = {Path(entry["file"] or entry["path"]).name for entry in listed["refused"]}
        self.assertEqual(refused, {"wrong.json", "bytes.json", "large.json", "deep.json", "empty.json", "pipe.json", "folder.json", "B.base"})
        self.assertIn("wrong.json", self.run_program("forms").stderr)

    def test_each_installed_definition_passes_the_check(self):
        for path in sorted(DEFINITIONS.glob("*.json")):
            done = self.run_program("forms", "--check", path)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("version 1", done.stdout)


class Between(unittest.TestCase):
    """From branch to branch over a real hub."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="passerelle-forms-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.network = Network(cls.folder.name)
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__)
        cls.ch, cls.sn = cls.network.member("CH"), cls.network.member("SN")
        for member in (cls.ch, cls.sn, cls.ch):
            member.call("sync")
        cls.reference = cls.ch.json("refer", DATA / "home-study-request.json", "--to", "SN")["reference"]
        cls.exchange()
        cls.sn.call("ack", cls.reference)
        cls.sn.call("accept", cls.reference, "--due", "2027-02-19")
        cls.exchange()

    @classmethod
    def exchange(cls):
        cls.ch.call("sync")
        cls.sn.call("sync")
        cls.ch.call("sync")

    def setUp(self):
        for member in (self.ch, self.sn):
            shutil.rmtree(member.profile / "forms", ignore_errors=True)
            (member.profile / "forms").mkdir()

    def write(self, name, form):
        path = Path(self.folder.name) / name
        path.write_text(json.dumps(form), encoding="utf-8")
        return path

    def send(self, form):
        self.sn.call("report", self.reference, self.write("report.json", form), "--interim")
        self.exchange()

    def test_a_filled_request_is_shown_with_the_readers_labels_and_how_complete_it_is(self):
        for language, label, line in (("en", "The prospective carers (CARERS)", "Request for a home study: 16 of 19 headings filled, 3 say why not"),
                                      ("fr", "Les personnes pressenties pour l’accueil (CARERS)", "16 rubriques remplies sur 19, 3 disent pourquoi non"),
                                      ("es", "Las personas que acogerían (CARERS)", "16 apartados rellenados de 19, 3 dicen por qué no")):
            shown = self.sn.call("show", self.reference, f"--lang={language}")
            self.assertIn(label, shown)
            self.assertIn(line, shown)
            self.assertIn({"en": "not filled: Not known (NK)", "fr": "non rempli: Inconnu (NK)", "es": ": No se sabe (NK)"}[language], shown)
        item = self.sn.json("show", self.reference)["items"][0]
        self.assertEqual((item["content"]["form"], item["content"]["form_version"], item["headings"]["missing"]), ("HOME_STUDY_REQUEST", 1, []))

    def test_who_writes_is_told_how_complete_it_is(self):
        request = DATA / "alert-request.json"
        for language, line in (("en", "Child protection alert: 15 of 18 headings filled, 3 say why not"),
                               ("fr", "Signalement en protection de l’enfance : 15 rubriques remplies sur 18, 3 disent pourquoi non")):
            self.assertIn(line, self.ch.call("refer", request, "--dry-run", f"--lang={language}"))
            done = self.ch.run("refer", request, "--to", "SN", f"--lang={language}")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(line, done.stderr)
            self.assertRegex(done.stdout, r"^CH-SN-[0-9A-Z-]{9}\n$")

    def test_a_row_of_a_table_may_name_a_form(self):
        def cells(value, name=""):
            if isinstance(value, dict):
                for key, inner in value.items():
                    yield from cells(inner, f"{name}.{key}" if name else key)
            elif isinstance(value, list) and value and isinstance(value[0], dict):
                for number, inner in enumerate(value, start=1):
                    yield from cells(inner, f"{name}.{number}")
            else:
                yield name, ";".join(value) if isinstance(value, list) else value

        right = filled("document-request.json")
        del right["sections"][2]["absent"]
        right["sections"][2]["text"] = "None."
        for thing in (*right["persons"], right["narrative"]):
            for field, reason in thing.pop("absent", {}).items():
                thing[field] = f"?{reason}"
        wrong = json.loads(json.dumps(right))
        del wrong["sections"][0]
        for name, form, code in (("right.csv", right, 0), ("wrong.csv", wrong, 65)):
            row = dict(cells(form))
            table = Path(self.folder.name) / name
            with open(table, "w", encoding="utf-8", newline="") as out:
                csv.writer(out).writerows([["to", *row], ["SN", *row.values()]])
            done = self.ch.run("import", "referrals", table, "--dry-run", "--json", "--lang=fr")
            self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertIn("Documents ou registres demandés (DOCUMENTS_WANTED) manque", done.stdout)

    def test_a_new_version_is_checked_and_counted_like_the_first(self):
        reference = self.ch.json("refer", DATA / "home-study-request.json", "--to", "SN")["reference"]
        self.exchange()
        form = filled("home-study-request.json")
        del form["court"]
        done = self.ch.run("update", reference, "1", self.write("update.json", form))
        self.assertEqual(done.returncode, 65)
        self.assertIn("The court (COURT) is missing", done.stderr)
        form = filled("home-study-request.json")
        form["sections"][2] = {"heading": "CARERS_KNOWN", "text": "They met last summer."}
        self.ch.call("update", reference, "1", self.write("update.json", form))
        self.exchange()
        for member in (self.sn, self.ch):
            counted = [item["headings"] for item in member.json("show", reference)["items"]]
            self.assertEqual([(one["asked"], one["filled"]) for one in counted], [(19, 16), (19, 17)])

    def test_on_paper_a_filled_form_has_the_readers_labels(self):
        paper = Path(self.folder.name) / "case.pdf"
        quiet = {**self.network.hub.environment, "ASAN_OPTIONS": "detect_leaks=0"}  # the libraries that find fonts keep what they have
        subprocess.run(self.sn.arguments("print", self.reference, "--output", paper, "--content", "--lang=fr"), env=quiet, timeout=60, check=True,
                       capture_output=True)
        text = subprocess.run(["pdftotext", "-enc", "UTF-8", paper, "-"], capture_output=True, text=True, timeout=60, check=True).stdout
        text = " ".join(text.split())
        self.assertIn("Besoins de l’enfant", text)
        self.assertIn("16 rubriques remplies sur 19", text)
        paper.unlink()

    def test_the_report_that_is_asked_for_has_its_template(self):
        form = json.loads(self.sn.call("report", self.reference, "--template", "--lang=fr"))
        self.assertEqual(form["form"], "HOME_STUDY")
        self.assertTrue(form["sections"][0]["_help"].startswith("Identité"))
        self.assertIn(f"passerelle report {self.reference} --template", self.sn.call("show", self.reference))

    def test_who_has_not_the_form_reads_it_all_the_same(self):
        shutil.copy(ESCOLA, self.sn.profile / "forms")
        report = filled("home-study.json")
        report.update(form="ESCOLA", stage="INTERIM", languages=["pt"], sections=[{"heading": "FREQUENCIA", "text": "Todos os dias."},
                                                                                 {"heading": "DESDE", "text": "2025-09"}, {"heading": "GOSTA", "text": "YES"}])
        self.send(report)
        unknown = self.ch.call("show", self.reference)
        self.assertIn("Frequência escolar (FREQUENCIA)", unknown)
        self.assertIn("Todos os dias.", unknown)
        self.assertIn("filled form: ESCOLA, version 2, not known here", unknown)
        item = [item for item in self.ch.json("show", self.reference)["items"] if item["content"].get("form") == "ESCOLA"][0]
        self.assertNotIn("headings", item)
        self.assertEqual([section["heading"] for section in item["content"]["sections"]], ["FREQUENCIA", "DESDE", "GOSTA"])
        known = self.sn.call("show", self.reference, "--lang=pt")
        self.assertIn("filled form: Relatório sobre a escola (ESCOLA), version 2", known)
        self.assertIn("Relatório sobre a escola: 2 of 2 headings filled", known)
        self.assertIn("Gosta da escola? (GOSTA)", known)
        self.assertIn("Yes (YES)", known)
        shutil.copy(ESCOLA, self.ch.profile / "forms")
        self.assertIn("2 of 2 headings filled", self.ch.call("show", self.reference))

    def test_a_heading_that_a_newer_form_has_is_kept_and_shown(self):
        newer = json.loads(ESCOLA.read_text(encoding="utf-8"))
        newer.update(id="NOVO", title={"en": "New"})
        newer["headings"] = [{"id": "OLD", "label": {"en": "Old"}}, {"id": "ADDED", "need": "MUST", "label": {"en": "Added"}}]
        (self.sn.profile / "forms/novo.json").write_text(json.dumps(newer), encoding="utf-8")
        report = filled("home-study.json")
        report.update(form="NOVO", stage="INTERIM", sections=[{"heading": "OLD", "text": "One."}, {"heading": "ADDED", "text": "Two."}])
        self.send(report)
        del newer["headings"][1]
        (self.ch.profile / "forms/novo.json").write_text(json.dumps(newer), encoding="utf-8")
        shown = self.ch.call("show", self.reference)
        self.assertIn("Old (OLD)", shown)
        self.assertIn("Added (ADDED)", shown)
        self.assertIn("Two.", shown)


if __name__ == "__main__":
    unittest.main()
