#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tables that come in: a verdict for each row, drafts and entries as result, and never a double."""

import csv
import datetime
import io
import json
import random
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from xml.etree import ElementTree

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from hub import ROOT  # noqa: E402
from network import STORY, CommandFailed, Network  # noqa: E402

SEED = 20261123


def table(columns, rows):
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def everything_on_disk(profile):
    return b"".join(file.read_bytes() for file in profile.rglob("*") if file.is_file())


class Import(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="passerelle-import-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        cls.network = cls.enterClassContext(Network(cls.folder / "net"))
        cls.ch, cls.sn = cls.network.member("CH"), cls.network.member("SN")
        for member in (cls.ch, cls.sn):
            member.call("sync")

    def file(self, name, text, encoding="utf-8"):
        path = self.folder / name
        path.write_bytes(text.encode(encoding))
        return path

    def verdicts(self, done):
        return [item["verdict"] for item in done["items"]]


class Persons(Import):
    def test_persons_are_taken_over_once_and_can_be_taken_out_again(self):
        person = self.network.member("CH", user="berta")
        rows = [["A-1", "YES", "Ousmane Diattalou", "عثمان دياتالو", "M", "198X", "SN", "Ziguinchor;Boucotte"],
                ["A-2", "", "Awa Ndiaye-Qodama", "", "F", "2009-13", "SN", ""],
                ["A-3", "perhaps", "", "", "Z", "", "Senegal", ""],
                ["A-1", "YES", "Ousmane Diattalou", "عثمان دياتالو", "M", "198X", "SN", "Ziguinchor;Boucotte"]]
        columns = ["own_reference", "consent", "names.1.full", "names.2.full", "sex", "birth", "nationalities", "present_place.area"]
        file = self.file("persons.csv", table(columns, rows))
        dry = person.run("persons", "import", file, "--dry-run", "--json")
        self.assertEqual(dry.returncode, 65)
        self.assertEqual(person.json("persons", "list")["items"], [])
        done = person.run("persons", "import", file, "--rejected", self.folder / "mend.csv")
        self.assertEqual(done.returncode, 65, done.stderr)
        self.assertIn("4 rows: 1 accepted, 1 double, 2 rejected", done.stdout)
        mend = list(csv.DictReader(io.StringIO((self.folder / "mend.csv").read_text(encoding="utf-8-sig"))))
        self.assertEqual([row["own_reference"] for row in mend], ["A-2", "A-3"])
        self.assertIn("birth: '2009-13'", mend[0]["faults"])
        self.assertEqual({line.split(":")[0] for line in mend[1]["faults"].splitlines()},
                         {"consent", "names.1.full", "sex", "nationalities"})
        # What is mended is taken over from that very file; what was in before stays one.
        mended = [[row[name] for name in columns] + [row["faults"]] for row in mend[:1]]
        mended[0][columns.index("birth")] = "2009-12"
        again = self.file("mended.csv", table([*columns, "faults"], [*mended, [*rows[0], ""]]))
        self.assertIn("2 rows: 1 accepted, 1 double, 0 rejected", person.call("persons", "import", again))
        listed = person.json("persons", "list")["items"]
        self.assertEqual({item["own_reference"] for item in listed}, {"A-1", "A-2"})
        first = next(item for item in listed if item["own_reference"] == "A-1")
        self.assertEqual(first["person"]["names"], [{"full": "Ousmane Diattalou"}, {"full": "عثمان دياتالو"}])
        self.assertEqual(first["person"]["present_place"], {"area": ["Ziguinchor", "Boucotte"]})
        # Nothing of it stands on the disk in the clear.
        disk = everything_on_disk(person.profile)
        for word in ("Diattalou", "Ziguinchor", "Qodama", "A-1\""):
            self.assertNotIn(word.encode(), disk)
        person.call("persons", "remove", first["id"])
        self.assertEqual(len(person.json("persons", "list")["items"]), 1)
        self.assertIn("1 accepted", person.call("persons", "import", again))  # taken out, it may come again
        with self.assertRaises(CommandFailed) as caught:
            person.call("persons", "remove", first["id"])
        self.assertEqual(caught.exception.code, 65)

    def test_persons_of_cases_stand_beside_those_of_the_register(self):
        self.sn.call("persons", "import", self.file("beside.csv", "names.1.full,keep_until\nOmar Quellibo,\nAda Quellibo,2020-01-01\n"))
        reference = self.sn.json("refer", STORY / "referral-nz-sn.json", "--to", "CH")["reference"]
        self.sn.call("sync")
        self.assertEqual({item["person"]["names"][0]["full"] for item in self.sn.json("persons", "list")["items"]},
                         {"Omar Quellibo", "Ada Quellibo"})
        items = self.sn.json("persons", "list", "--cases")["items"]
        self.assertEqual({(item["reference"], item["pseudonym"]) for item in items if "reference" in item},
                         {(reference, "I1"), (reference, "S1")})
        self.assertEqual([item["person"]["names"][0]["full"] for item in items if item.get("past")], ["Ada Quellibo"])

    def test_a_table_that_is_wrong_as_a_whole_is_not_begun_with(self):
        for text, said in (("names.1.full,colour\nx,y\n", "colour"), ("names.1.full,sex,sex\nx,F,F\n", "twice"),
                           ("names.1.full\nAwa\n\"Binta\n", "line 3"), ("", "empty"), ("pseudonym\nC1\n", "pseudonym")):
            done = self.ch.run("persons", "import", self.file("wrong.csv", text))
            self.assertIn(done.returncode, (64, 65))
            self.assertIn(said, done.stderr)
        latin = self.file("latin.csv", "names.1.full\nIbáñez\n", "latin-1")
        done = self.ch.run("persons", "import", latin)
        self.assertEqual(done.returncode, 65)
        self.assertIn("line 2", done.stderr)
        self.assertEqual(self.ch.json("persons", "list")["items"], [])

    def test_faults_are_told_in_the_reader_s_language(self):
        done = self.ch.run("persons", "import", self.file("fr.csv", "names.1.full,consent\nAwa,oui\n"), "--lang", "fr")
        self.assertEqual(done.returncode, 65)
        self.assertIn("consent: doit être YES ou NO", done.stdout)

    def test_the_template_is_a_table_that_can_be_filled(self):
        template = self.ch.call("persons", "--template", "import")
        columns = next(csv.reader(io.StringIO(template)))
        self.assertIn("names.1.full", columns)
        self.assertIn("0 accepted", self.ch.call("persons", "import", self.file("empty.csv", template)))
        row = ["Nobody Qarintha" if name == "names.1.full" else "" for name in columns]
        out = io.StringIO()
        csv.writer(out).writerow(row)
        done = self.ch.json("persons", "import", self.file("filled.csv", template + out.getvalue()), "--dry-run")
        self.assertEqual(self.verdicts(done), ["ACCEPTED"])


class Pfif(Import):
    """The format of people finders: out with consent alone and with a day to forget, in as anything that comes from elsewhere."""

    PFIF = "{http://zesty.ca/pfif/1.4}"

    def setUp(self):
        self.number = getattr(Pfif, "number", 0) + 1
        Pfif.number = self.number
        self.member = self.network.member("CH", user=f"finder{self.number}")

    def valid(self, file):
        done = subprocess.run(["xmllint", "--noout", "--relaxng", ROOT / "tests/data/pfif-1.4.rng", file], capture_output=True, text=True, timeout=60)
        return done.returncode == 0

    def test_those_who_agreed_go_out_with_a_day_to_forget_them(self):
        today = datetime.datetime.now(datetime.timezone.utc).date()
        soon, late = today + datetime.timedelta(days=10), today + datetime.timedelta(days=400)
        columns = ["own_reference", "consent", "keep_until", "names.1.full", "names.1.given", "names.1.family", "names.2.full", "sex", "birth",
                   "present_place.country", "present_place.area", "present_place.address", "alive", "note"]
        rows = [["A", "YES", soon, "Ousmane <Oz> & Diattalou", "Ousmane", "Diattalou", "عثمان دياتالو", "M", "1984-05", "SN", "Ziguinchor;Bignona",
                 "Rue Qlm 7", "YES", "limps"],
                ["B", "YES", late, "Awa Nndiaye", "", "", "", "F", "198X", "", "", "", "", ""], ["C", "NO", "", "Binta Nosuch", *[""] * 10],
                ["D", "", "", "Demba Nosuch", *[""] * 10], ["E", "YES", "2020-01-01", "Elhadj Nosuch", *[""] * 10],
                ["F", "YES", "", "Fatou Xaaldo", *[""] * 10]]
        self.member.call("persons", "import", self.file(f"out{self.number}.csv", table(columns, rows)))
        file = self.folder / f"out{self.number}.xml"
        told = self.member.json("persons", "export", "--pfif", file)
        self.assertEqual((told["written"], told["without_consent"], told["past"]), (3, 2, 1))
        self.assertTrue(self.valid(file))
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        text = file.read_text()
        for word in ("Nosuch", "Qlm", "limps", "198X"):
            self.assertNotIn(word, text)
        persons = {person.findtext(f"{self.PFIF}full_name"): person for person in ElementTree.parse(file).getroot()}
        first = {child.tag.removeprefix(self.PFIF): child.text for child in persons["Ousmane <Oz> & Diattalou"]}
        self.assertEqual({key: first[key] for key in ("given_name", "family_name", "alternate_names", "sex", "date_of_birth", "home_country", "home_state",
                                                      "home_city")},
                         {"given_name": "Ousmane", "family_name": "Diattalou", "alternate_names": "عثمان دياتالو", "sex": "male", "date_of_birth": "1984-05",
                          "home_country": "SN", "home_state": "Ziguinchor", "home_city": "Bignona"})
        self.assertEqual(persons["Ousmane <Oz> & Diattalou"].findtext(f"{self.PFIF}note/{self.PFIF}status"), "believed_alive")
        until = {name: datetime.date.fromisoformat(person.findtext(f"{self.PFIF}expiry_date")[:10]) for name, person in persons.items()}
        self.assertEqual(until["Ousmane <Oz> & Diattalou"], soon + datetime.timedelta(days=1))  # its first moment
        for name in ("Awa Nndiaye", "Fatou Xaaldo"):
            self.assertIn((until[name] - today).days, (40, 41))
        self.assertEqual(self.member.run("persons", "export", "--pfif", file).returncode, 73)
        self.assertEqual(self.member.run("persons", "export").returncode, 64)
        # What went out comes in elsewhere: the same persons, once, without consent of their own there.
        other = self.network.member("SN", user=f"finder{self.number}")
        self.assertIn("3 accepted", other.call("persons", "import", "--pfif", file))
        self.assertIn("3 double", other.call("persons", "import", "--pfif", file))
        items = {item["person"]["names"][0]["full"]: item for item in other.json("persons", "list")["items"]}
        person = items["Ousmane <Oz> & Diattalou"]["person"]
        self.assertEqual([name["full"] for name in person["names"]], ["Ousmane <Oz> & Diattalou", "عثمان دياتالو"])
        self.assertEqual((person["sex"], person["birth"], person["alive"]), ("M", "1984-05", "YES"))
        self.assertEqual(person["present_place"], {"country": "SN", "area": ["Ziguinchor", "Bignona"]})
        self.assertTrue(all("consent" not in item and item["keep_until"] for item in items.values()))
        self.assertEqual(other.json("persons", "export", "--pfif", self.folder / f"back{self.number}.xml")["written"], 0)

    def test_the_schema_of_the_test_is_not_blind(self):
        good = ('<pfif:pfif xmlns:pfif="http://zesty.ca/pfif/1.4"><pfif:person><pfif:full_name>A</pfif:full_name><pfif:person_record_id>a/1</pfif:person_record_id>'
                '<pfif:source_date>2026-11-01T00:00:00Z</pfif:source_date></pfif:person></pfif:pfif>')
        self.assertTrue(self.valid(self.file("good.xml", good)))
        for old, new in (("a/1", "a"), ("T00:00:00Z", ""), ("<pfif:full_name>A</pfif:full_name>", ""), ("1.4", "1.3"), ("full_name>", "first_name>")):
            self.assertFalse(self.valid(self.file("bad.xml", good.replace(old, new))), old)

    def test_what_comes_from_elsewhere_is_checked_like_a_table(self):
        def document(*persons):
            return '<?xml version="1.0"?>\n<p:pfif xmlns:p="http://zesty.ca/pfif/1.4">' + "".join(
                "<p:person>" + "".join(f"<p:{key}>{value}</p:{key}>" for key, value in person.items()) + "</p:person>" for person in persons) + "</p:pfif>"
        base = {"person_record_id": "example.org/1", "source_date": "2026-11-01T00:00:00Z", "full_name": "Quirin Examplo"}
        file = self.file("in.xml", document(
            {**base, "age": "30", "alternate_names": "Quiri\n=Q", "photo_url": "http://example.org/a.jpg", "author_email": "a@example.org"},
            {**base, "sex": "unclear", "person_record_id": "example.org/2"}, {**base, "home_country": "Senegal", "person_record_id": "example.org/3"},
            {**base, "expiry_date": "2020-01-01T00:00:00Z"}, {"person_record_id": "example.org/5", "source_date": base["source_date"]}))
        done = self.member.run("persons", "import", "--pfif", file)
        self.assertEqual(done.returncode, 65)
        self.assertIn("4 rows: 1 accepted, 0 double, 3 rejected", done.stdout)
        self.assertIn("1 expired", done.stderr)
        item = self.member.json("persons", "list")["items"][0]
        self.assertEqual((item["own_reference"], item["person"]["age_as_said"]), ("example.org/1", "30 on 2026-11-01"))
        self.assertEqual([name["full"] for name in item["person"]["names"]], ["Quirin Examplo", "Quiri", "=Q"])
        self.assertNotIn("example.org/a.jpg", json.dumps(item))
        bomb = '<!DOCTYPE p [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + document({**base, "full_name": "&b;"})
        outside = '<!DOCTYPE p [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + document({**base, "full_name": "&a;"})
        for text in (bomb, outside, "<a>", "", document(base).replace("1.4", "1.2"), document({**base, "full_name": "x" * 10001}), "<p:x>" * 50):
            done = self.member.run("persons", "import", "--pfif", self.file("hostile.xml", text.replace('<?xml version="1.0"?>\n', "")))
            self.assertEqual(done.returncode, 65, text[:60])
        self.assertEqual(self.member.run("persons", "import", "--pfif", "/nonexistent.xml").returncode, 66)
        self.assertEqual(len(self.member.json("persons", "list")["items"]), 1)


GOOD = {"service": "FAMILY_TRACING", "urgency": "STANDARD", "legal_basis": "CONSENT_ONLY", "requester_kind": "INDIVIDUAL", "languages": "en;fr",
        "requester.country": "NZ", "requester.authority": "Tamahine Ruataniwharau", "items.1.service": "FAMILY_TRACING", "items.1.persons": "S1",
        "items.1.questions.1.id": "Q1", "items.1.questions.1.text": "Is he alive?\nWould he like to hear from her, \"his sister\"?",
        "persons.1.pseudonym": "I1", "persons.1.role": "INQUIRER", "persons.1.names.1.full": "Tamahine Ruataniwharau", "persons.1.sex": "F",
        "persons.1.birth": "1991-06-30", "persons.1.nationalities": "NZ", "persons.1.present_place.country": "NZ", "persons.1.informed": "YES",
        "persons.2.pseudonym": "S1", "persons.2.role": "SOUGHT", "persons.2.names.1.full": "Ousmane Diattalou",
        "persons.2.names.2.full": "عثمان دياتالو", "persons.2.sex": "M", "persons.2.birth": "198X", "persons.2.nationalities": "SN;GM",
        "persons.2.present_place.country": "SN", "persons.2.present_place.area": "Ziguinchor", "persons.2.present_place.uncertain": "yes",
        "persons.2.informed": "?NR", "relations.1.from": "I1", "relations.1.to": "S1", "relations.1.kind": "HALF_SIBLING",
        "narrative.history": "A letter came in 2004; =none since.", "narrative.wishes": "One letter.", "narrative.present_situation": "?NK",
        "narrative.services_involved": "?NR", "tracing.inquirer": "I1", "tracing.sought": "S1", "tracing.last_contact": "2004~",
        "tracing.last_place": "?NK", "languages_abroad": "fr;wo", "consents": "?NR", "informed_abroad": "?NR"}

# What is put in the place of a good cell, and the column at which it must be told.
FAULTS = [("service", "HOME_VISIT", "service"), ("urgency", "", "urgency"), ("persons.2.birth", "2009-13", "persons.2.birth"),
          ("persons.1.nationalities", "NZ;Senegal", "persons.1.nationalities"), ("persons.2.informed", "perhaps", "persons.2.informed"),
          ("persons.1.pseudonym", "S1", "persons.2.pseudonym"), ("relations.1.to", "X9", "relations.1.to"),
          ("narrative.history", "", "narrative.history"), ("consents", "", "consents"), ("tracing.last_contact", "?WHO", "tracing.last_contact"),
          ("persons.1.names.1.full", "", "persons.1.names.1.full"), ("languages", "?NK", "languages"), ("to", "XX", "to")]


def row_of(columns, **other):
    cells = {**GOOD, "to": "SN", **{key.replace("__", "."): value for key, value in other.items()}}
    return [cells.get(column, "") for column in columns]


class Referrals(Import):
    columns = ["to", *GOOD]

    def faulty(self, place, value, **other):
        row = row_of(self.columns, **other)
        row[self.columns.index(place)] = value
        return row

    def test_each_fault_is_told_at_its_column(self):
        file = self.file("faults.csv", table(self.columns, [self.faulty(place, value) for place, value, _ in FAULTS]))
        done = self.ch.run("import", "referrals", file, "--json")
        self.assertEqual(done.returncode, 65)
        done = json.loads(done.stdout)
        self.assertEqual((done["accepted"], done["double"], done["rejected"]), (0, 0, len(FAULTS)))
        for (place, value, column), item in zip(FAULTS, done["items"]):
            told = [fault["column"] for fault in item["faults"]]
            self.assertIn(column, told, f"{place}={value}: {item['faults']}")
        self.assertEqual(self.ch.json("drafts")["items"], [])

    def test_a_row_becomes_a_draft_and_then_the_very_referral(self):
        ch = self.network.member("CH", user="dora")
        ch.call("sync")
        file = self.file("one.csv", table(self.columns[1:], [row_of(self.columns[1:])]))
        self.assertIn("1 rejected", ch.run("import", "referrals", file).stdout)  # to whom?
        done = ch.json("import", "referrals", file, "--to", "SN")
        self.assertEqual(self.verdicts(done), ["ACCEPTED"])
        self.assertEqual(ch.json("outbox")["totals"]["queued"], 0)  # nothing is sent straight
        again = ch.json("import", "referrals", self.file("other.csv", table(self.columns, [row_of(self.columns)])))
        self.assertEqual(self.verdicts(again), ["DOUBLE"])  # other columns, the same content
        listed = ch.json("drafts")["items"]
        self.assertEqual([(item["to"], item["service"], item["about"]) for item in listed],
                         [("SN", "FAMILY_TRACING", ["Tamahine Ruataniwharau", "Ousmane Diattalou"])])
        draft = listed[0]["draft"]
        self.assertEqual(draft, done["items"][0]["made"])
        self.assertNotIn(b"Ruataniwharau", everything_on_disk(ch.profile))
        form = ch.json("drafts", "show", draft)["form"]
        self.assertEqual(form["persons"][1]["nationalities"], ["SN", "GM"])
        self.assertIs(form["persons"][1]["present_place"]["uncertain"], True)
        ch.call("drafts", "drop", draft)
        done = ch.json("import", "referrals", file, "--to", "SN")  # forgotten, it may come again
        reference = ch.json("drafts", "send", done["items"][0]["made"])["reference"]
        self.assertEqual(ch.json("drafts")["items"], [])
        ch.call("sync")
        self.sn.call("sync")
        content = self.sn.json("show", reference)["items"][0]["content"]
        self.assertEqual(content["persons"][1]["names"][1]["full"], "عثمان دياتالو")
        self.assertEqual(content["items"][0]["questions"][0]["text"], GOOD["items.1.questions.1.text"])
        self.assertEqual(self.verdicts(ch.json("import", "referrals", file, "--to", "SN")), ["DOUBLE"])  # also after it was sent
        for deed in ("send", "drop"):
            with self.assertRaises(CommandFailed):
                ch.call("drafts", deed, draft)

    def test_ten_thousand_rows_with_faults_finish_with_exact_verdicts(self):
        ch = self.network.member("CH", user="emma")
        ch.call("sync")
        chance = random.Random(SEED)
        rows, expected = [], []
        for number in range(10_000):
            name = f"Person {number:05} {chance.choice('ABCDEF')}"
            if chance.random() < 0.05:
                place, value, column = chance.choice(FAULTS)
                rows.append(self.faulty(place, value, persons__2__names__1__full=name))
                expected.append(("REJECTED", column))
            elif number > 0 and chance.random() < 0.01 and "ACCEPTED" in [expected[-1][0]]:
                rows.append(rows[-1])
                expected.append(("DOUBLE", None))
            else:
                rows.append(row_of(self.columns, persons__2__names__1__full=name))
                expected.append(("ACCEPTED", None))
        file = self.file("many.csv", table(self.columns, rows))
        start = time.monotonic()
        done = ch.run("import", "referrals", file, "--json", "--rejected", self.folder / "rejected.csv", timeout=170)
        seconds = time.monotonic() - start
        print(f"10,000 rows in {seconds:.1f} s, seed {SEED}", file=sys.stderr)
        self.assertEqual(done.returncode, 65, done.stderr)
        done = json.loads(done.stdout)
        self.assertEqual(self.verdicts(done), [verdict for verdict, _ in expected])
        for (verdict, column), item in zip(expected, done["items"]):
            if verdict == "REJECTED":
                self.assertIn(column, [fault["column"] for fault in item["faults"]])
        rejected = [verdict for verdict, _ in expected].count("REJECTED")
        self.assertGreater(rejected, 400)
        self.assertEqual(len(list(csv.reader(io.StringIO((self.folder / "rejected.csv").read_text(encoding="utf-8-sig"))))), rejected + 1)
        self.assertEqual(len(ch.json("drafts")["items"]), done["accepted"])
        again = json.loads(ch.run("import", "referrals", file, "--json", timeout=170).stdout)
        self.assertEqual((again["accepted"], again["rejected"]), (0, rejected))


if __name__ == "__main__":
    unittest.main(verbosity=2)
