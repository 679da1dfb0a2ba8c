#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tables that come in: a verdict for each row, drafts and entries as result, and never a double."""

import csv
import io
import random
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
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


if __name__ == "__main__":
    unittest.main(verbosity=2)
