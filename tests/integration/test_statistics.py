#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Statistics about persons: each month every branch tells the General Secretariat of the persons in the cases that it asked
for, sealed to it alone; a newer record replaces the older; what is printed gives no small number away."""

import json
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from network import STORY, CommandFailed, Network  # noqa: E402
from second_member import ENVELOPE  # noqa: E402
from turned_clock import TurnedClock  # noqa: E402

KIND = ENVELOPE.MESSAGE_KIND_STATISTICS
CASES = 9  # of CH: one counted twice would be a tenth child, and print as 10


class Statistics(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="passerelle-statistics-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.clock = TurnedClock(folder.name)
        self.network = Network(folder.name, environment=self.clock.environment)
        self.network.__enter__()
        self.addCleanup(self.network.__exit__)
        self.ch, self.sn, self.ml = (self.network.member(code) for code in ("CH", "SN", "ML"))
        self.secretariat = self.network.member("GS", kind="GENERAL_SECRETARIAT", role="monitor")
        self.sync()

    def sync(self):
        for member in (self.ch, self.sn, self.ml, self.ch, self.secretariat):
            member.call("sync")

    def form(self, consents):
        """A child C1 and a grandmother G1 are what it is about; who consents to statistics."""
        form = json.loads((STORY / "referral-ch-sn.json").read_text(encoding="utf-8"))
        del form["partners"], form["attachments"]
        form["consents"] = [consent for consent in form["consents"] if consent["purpose"] != "STATISTICS"]
        for consent in form["consents"]:
            consent.pop("document", None)
        form["consents"] += [{"person": person, "purpose": "STATISTICS", "given": "YES", "form": "SIGNED", "date": "2026-11-02"}
                             for person in consents]
        path = self.folder / f"form-{'-'.join(consents)}.json"
        path.write_text(json.dumps(form), encoding="utf-8")
        return path

    def refer(self, member, to, consents):
        return member.json("refer", self.form(consents), "--to", to)["reference"]

    def sent(self):
        """(sender, bytes) of what the hub took, and nothing that it could read."""
        kind = f"SELECT sender, length(envelope) FROM passerelle.message WHERE kind = {KIND} ORDER BY message_id"
        return [tuple(map(int, row.split("|"))) for row in self.network.hub.sql(kind).splitlines()]

    def tables(self):
        """What is told, by table and key; None for fewer than 5."""
        return {(row["table"], row["key"]): row.get("persons")
                for row in self.secretariat.json("statistics", "--year", "2026")["items"]}

    def kept(self):
        """Names of the records at the General Secretariat, and the longest message that is left in its inbox."""
        with sqlite3.connect(next(self.secretariat.profile.glob("*.db"))) as store:
            names = sorted(row[0] for row in store.execute("SELECT sender || ' ' || name FROM statistic"))
            longest = store.execute(f"SELECT max(length(envelope)) FROM inbox WHERE kind = {KIND}").fetchone()[0]
        return names, longest

    def assert_gives_nothing_away(self, told, before=None):
        """Whoever has all tables, and those of another day, cannot work out any number under 5."""
        for place, persons in told.items():
            self.assertEqual((persons or 0) % 5, 0, place)
            self.assertNotEqual(persons, 0, place)
            self.assertEqual(((before or {}).get(place) or 0) % 5, 0, place)
        whole = ("CHILDREN_AGE", "CHILDREN_SEX", "CHILDREN_OUTCOME")
        rows = {table: [persons or 0 for (name, _), persons in told.items() if name == table] for table in whole}
        least = max(sum(persons) for persons in rows.values())
        most = min(sum(persons) + 4 * len(persons) for persons in rows.values())
        for persons in rows.values():
            for place, shown in enumerate(persons):
                others = sum(persons) - shown
                for remainder in range(5):  # each is still possible
                    self.assertLessEqual(shown + remainder + others, most)
                    self.assertGreaterEqual(shown + remainder + others + 4 * (len(persons) - 1), least, (persons, place))

    def play(self):
        references = [self.refer(self.ch, "SN", ["C1"]) for _ in range(CASES)]
        self.other = self.refer(self.sn, "ML", [])
        self.sync()
        self.sn.call("forward", references[0], "--to", "ML", "--reason", "WRONG_ADDRESSEE")
        self.sync()
        self.assertEqual(self.ch.json("show", references[0])["responding"], "ML")
        return references

    def test_consent_given_and_withdrawn_and_a_case_that_went_on(self):
        references = self.play()
        self.assertEqual(self.sent(), [])  # the month is not over
        self.assertEqual(set(self.tables().values()), {None})
        self.clock.turn("+32d")
        self.sync()
        first, (names, longest) = self.tables(), self.kept()
        self.assertEqual(first["CHILDREN_AGE", "AGE_5_9"], 5)
        self.assertEqual(first["CHILDREN_SEX", "F"], 5)
        self.assertEqual(first["CHILDREN_NEED", "HEARING"], 5)
        self.assertEqual(first["CHILDREN_OUTCOME", "OPEN"], 5)
        self.assertEqual(first["CHILDREN_MEMBER", "CH"], 5)
        self.assertNotIn(("CHILDREN_MEMBER", "SN"), first)
        self.assertEqual((first["COUNTED", "WITH_CONSENT"], first["COUNTED", "WITHOUT_CONSENT"]), (5, 10))
        self.assertEqual(first["VULNERABILITY", "SEPARATED"], 5)
        self.assertEqual(len([name for name in names if " person." in name]), 2 * CASES + 2)
        self.assertLess(longest, 2000)
        self.assert_gives_nothing_away(first)
        self.withdraw_and_compare(references, first, names)

    def withdraw_and_compare(self, references, first, names):
        for reference in references[1:6]:
            self.ch.call("withdraw-consent", reference, "--person", "C1", "--purpose", "STATISTICS", "--on", "2026-12-20")
        self.sync()
        for reference in references[2:6]:  # the first one stays unanswered: its case is closed to us, and yet
            self.sn.call("answer-consent", reference, "--reason", "STOPPED")
        self.sync()
        self.assertEqual(len(self.sent()), 2)  # one a month and branch
        self.ch.call("statistics", "--send")
        self.sync()
        second, (after, _) = self.tables(), self.kept()
        self.assertIsNone(second["CHILDREN_AGE", "AGE_5_9"])  # 4 are left
        self.assertIsNone(second["CHILDREN_NEED", "HEARING"])
        self.assertIsNone(second["VULNERABILITY", "SEPARATED"])
        self.assertEqual((second["COUNTED", "WITH_CONSENT"], second["COUNTED", "WITHOUT_CONSENT"]), (None, 15))
        self.assertEqual([name for name in after if " person." in name], [name for name in names if " person." in name])
        self.assert_gives_nothing_away(second, first)
        self.assertTrue([name for name in after if " tally." in name])
        self.assertIn("15", self.secretariat.call("statistics", "--year", "2026"))
        self.assertIn("2026,CHILDREN_AGE,AGE_5_9,few", self.secretariat.call("statistics", "--year", "2026", "--csv"))
        self.assertIn("No table", self.secretariat.call("statistics", "--year", "2025"))
        for reference in [references[0], *references[6:]]:
            self.ch.call("withdraw-consent", reference, "--person", "C1", "--purpose", "STATISTICS", "--on", "2026-12-21")
        self.ch.call("statistics", "--send")
        self.sync()
        self.assertFalse([name for name in self.kept()[0] if " tally." in name])  # of nobody is anything told any more

    def closed_case(self):
        reference = self.refer(self.ch, "SN", ["C1"])
        self.sync()
        self.sn.call("ack", reference)
        self.sn.call("accept", reference, "--due", "2027-02-01")
        self.sn.call("report", reference, STORY / "report-final.json", "--final", "--attach", STORY / "house.jpg")
        self.sync()
        self.ch.call("close", reference, "--outcome", "KINSHIP_PLACED", "--yes")
        self.sync()
        return reference

    def test_outcomes_and_how_children_fare_after_twelve_months(self):
        references = [self.closed_case() for _ in range(5)]
        for place, reference in enumerate(references):
            self.ch.call("follow-up", reference, "--months", "3", "--person", "C1", "--wellbeing", "FAIR", "--in-family", "NO")
            self.ch.call("follow-up", reference, "--months", "12", "--person", "C1", "--wellbeing", "GOOD",
                         "--in-family", "YES" if place < 4 else "NO")
        self.ch.call("follow-up", references[4], "--months", "12", "--person", "C1", "--wellbeing", "GOOD", "--in-family", "YES")
        self.sync()
        child = next(person for person in self.ch.json("statistics", "--mine")["persons"] if person["person"] == "C1")
        self.assertEqual(child["outcome"], "KINSHIP_PLACED")
        self.assertEqual(child["follow_ups"], [{"months": 3, "wellbeing": "FAIR", "still_in_family": "NO"},
                                               {"months": 12, "wellbeing": "GOOD", "still_in_family": "YES"}])
        self.ch.call("statistics", "--send")
        self.sync()
        told = self.tables()
        self.assertEqual(told["CHILDREN_OUTCOME", "KINSHIP_PLACED"], 5)
        self.assertEqual(told["AFTER_12_MONTHS_WELLBEING", "GOOD"], 5)
        self.assertEqual(told["AFTER_12_MONTHS_IN_FAMILY", "YES"], 5)  # the last word counts
        self.assertIsNone(told["AFTER_12_MONTHS_IN_FAMILY", "NO"])
        self.assert_gives_nothing_away(told)
        # The same beside the counts of the hub, which cannot read them.
        flow = self.secretariat.json("flow", "--from", "2000-01", "--to", "2026-12")["follow_up_results"]
        self.assertEqual({(row["table"], row["key"]): row.get("persons") for row in flow},
                         {key: persons for key, persons in told.items() if key[0].startswith("AFTER_12_MONTHS_")})
        text = self.secretariat.call("flow", "--from", "2000-01", "--to", "2026-12")
        self.assertIn("twelve months after", text)
        self.assertRegex(text, r"in the family: \S+ +5")

    def test_neither_the_size_nor_the_hub_tells_anything(self):
        self.play()
        mine = self.ch.json("statistics", "--mine")
        self.assertEqual(len(mine["persons"]), 2 * CASES)
        self.clock.turn("+32d")
        self.sync()
        (_, many), (_, few) = self.sent()
        self.assertLessEqual(abs(many - few), 8)  # 18 persons and 2: signatures differ by some bytes
        self.assertGreater(many, 60000)
        dump = subprocess.run(["pg_dump", "-d", self.network.hub.database], check=True, capture_output=True).stdout
        log = Path(self.network.hub.log).read_bytes()
        self.assertIn(b"KINSHIP_ASSESS", dump)  # of the referral's header: the search finds what is there
        words = [person["number"] for person in mine["persons"]] + ["AGE_5_9", "HEARING", "SEPARATED"]
        for word in words:
            for form in (word.encode(), word.encode().hex().encode()):
                self.assertNotIn(form, dump)
                self.assertNotIn(form, log)

    def test_each_side_sees_its_own_and_no_more(self):
        reference = self.refer(self.ch, "SN", ["C1"])
        self.ch.call("sync")
        words = self.ch.call("statistics", "--mine")
        self.assertIn(f"{reference}  C1", words)
        self.assertIn("5 to 9 years", words)
        self.assertIn("no consent to statistics", words)  # G1
        for person in self.ch.json("statistics", "--mine")["persons"]:
            self.assertEqual("sex" in person, person["person"] == "C1")
        self.assertEqual(self.sn.json("statistics", "--mine")["persons"], [])  # who asked tells
        for member, words in ((self.ch, []), (self.secretariat, ["--mine"]), (self.secretariat, ["--send"]),
                              (self.ch, ["--mine", "--send"]), (self.secretariat, ["--year", "soon"])):
            with self.assertRaises(CommandFailed):
                member.call("statistics", *words)


if __name__ == "__main__":
    unittest.main(verbosity=2)
