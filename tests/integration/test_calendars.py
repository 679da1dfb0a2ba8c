#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Working days of a member, set by the operator: in the directory, in the term that a question after the report
starts, the same for both sides and the hub, and in the day on which somebody is reminded. On a turned clock."""

import json
import subprocess
import sys
import tempfile
import time
import unittest
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from hub import program  # noqa: E402
from network import STORY, Network  # noqa: E402
from turned_clock import TurnedClock  # noqa: E402

SUN_TO_THU = {6, 0, 1, 2, 3}  # as date.weekday() counts


class Calendars(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="passerelle-calendars-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.clock = TurnedClock(folder.name)
        self.network = Network(folder.name, environment=self.clock.environment)
        self.network.__enter__()
        self.addCleanup(self.network.__exit__)
        self.ch, self.sn = self.network.member("CH"), self.network.member("SN")
        self.sync()

    def sync(self):
        for member in (self.ch, self.sn, self.ch):
            member.call("sync")

    def step(self, member, verb, reference, *words):
        member.call(verb, reference, *words)
        self.sync()

    def operator(self, *words):
        return subprocess.run([program("passerelle-hub"), "member", "calendar", "--config", self.network.hub.configuration, *words],
                              env=self.network.hub.environment, capture_output=True, text=True, timeout=60)

    def holidays(self, *lines):
        file = self.folder / "holidays.csv"
        file.write_text("".join(f"{line}\n" for line in lines))
        return file

    def set_calendar(self, days, *lines):
        done = self.operator("--code", "SN", "--work-days", days, "--holidays", self.holidays(*lines))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def today(self, shift=0):
        return datetime.now(timezone.utc).date() + timedelta(days=shift)

    def working_days_after(self, first, count, off):
        """Counted here once more, without a look at how the programs do it."""
        at = first
        while count > 0:
            at += timedelta(days=1)
            count -= at.weekday() in SUN_TO_THU and at not in off
        return at

    def reported(self, urgency):
        form = json.loads((STORY / "referral-nz-sn.json").read_text())
        form["urgency"] = urgency
        file = self.folder / "referral.json"
        file.write_text(json.dumps(form))
        reference = self.ch.json("refer", file, "--to", "SN")["reference"]
        self.sync()
        self.step(self.sn, "ack", reference)
        self.step(self.sn, "accept", reference, "--due", str(self.today(10)))
        self.step(self.sn, "report", reference, STORY / "report-final.json", "--final", "--attach", STORY / "house.jpg")
        return reference

    def write_until_taken(self, member, verb, reference, *words):
        """The hub notices a change within seconds; who writes meanwhile gets the message back, and writes it again."""
        before, end = member.json("show", reference)["state"], time.monotonic() + 20
        while member.json("show", reference)["state"] == before and time.monotonic() < end:
            self.step(member, verb, reference, *words)

    def ask_until_taken(self, reference):
        self.write_until_taken(self.ch, "ask", reference, "--question", "Which school?")

    def due(self, reference):
        """The day as both sides and the hub have it, which must be one."""
        mine, theirs = (member.json("show", reference)["clock"] for member in (self.ch, self.sn))
        self.assertEqual(mine, theirs)
        end = int(self.network.hub.sql(f"SELECT clock_due FROM passerelle.case_state WHERE reference = '{reference}'"))
        self.assertEqual(end % 86400000, 0)
        hub = date.fromtimestamp(0) + timedelta(days=end // 86400000 - 1)
        self.assertEqual((mine["awaits"], mine["due"]), ("REPORT", str(hub)))
        return hub

    def test_the_directory_tells_on_which_days_a_member_works(self):
        said = self.set_calendar("sun-thu", "# of every year", "12-25, Noël", "", "2099-04-04,Independence")
        self.assertEqual(said, "SN works sun-thu, with 2 days off\n")
        self.sync()
        entries = {item["code"]: item for item in self.ch.json("directory")["items"]}
        self.assertEqual((entries["SN"]["work_days"], entries["SN"]["holidays"]), ("sun-thu", ["12-25", "2099-04-04"]))
        self.assertEqual((entries["CH"]["work_days"], entries["CH"]["holidays"]), ("mon-fri", []))
        shown = self.ch.call("directory")
        self.assertIn("works sun-thu, off on 12-25 2099-04-04", shown)
        self.assertEqual(shown.count("works "), 1)

    def test_a_file_with_faults_changes_nothing_and_each_fault_is_named(self):
        self.set_calendar("sun-thu", "12-25")
        before = self.network.hub.sql("SELECT version FROM passerelle.directory_version")
        file = self.holidays("12-24", "2027-02-29", "tomorrow", "1", "13-01,x", ",Noël", "\x1b[31m", "9" * 600)
        done = self.operator("--code", "SN", "--holidays", file)
        self.assertEqual(done.returncode, 64)
        for line in (2, 3, 4, 5, 6, 7, 8):
            self.assertIn(f"holidays.csv:{line}: ", done.stderr)
        self.assertNotIn("holidays.csv:1: ", done.stderr)
        self.assertNotIn("\x1b", done.stderr)
        for words in (("--code", "XX"), ("--code", "SN", "--work-days", "mo-fr"), ("--code", "SN", "--holidays", self.folder / "none.csv")):
            refused = self.operator(*words)
            self.assertNotEqual((refused.returncode, refused.stderr), (0, ""), words)
        self.assertEqual(self.network.hub.sql("SELECT version FROM passerelle.directory_version"), before)
        self.assertEqual(self.network.hub.sql("SELECT calendar FROM passerelle.member WHERE code = 'SN'"), "12347 12-25")

    def test_a_question_after_the_report_gives_as_many_working_days_as_the_other_side_has(self):
        off = {self.today(1), self.today(2), self.today(5)}
        reference = self.reported("PRIORITY")
        yearly = self.today(3)
        self.set_calendar("sun-thu", *(str(day) for day in off), yearly.strftime("%m-%d"))
        self.sync()
        first = self.today()
        self.ask_until_taken(reference)
        due = self.due(reference)
        wanted = {self.working_days_after(at, 20, off | {yearly}) for at in (first, self.today())}  # midnight may have passed
        self.assertIn(due, wanted)
        self.set_calendar("mon-fri")  # what runs is not touched
        self.sync()
        self.assertEqual(self.due(reference), due)
        self.clock.turn(f"+{(due - self.today()).days - 1}d")
        self.sync()
        self.assertNotIn("REMINDER", [item["kind"] for item in self.sn.json("show", reference)["items"]])
        with self.ch.start("watch", "--json", stdout=subprocess.PIPE, text=True) as watching:
            try:
                self.assertEqual(json.loads(watching.stdout.readline())["event"], "connected")
                self.clock.turn(f"+{(due - self.today()).days + 1}d")
                events = (json.loads(line) for line in watching.stdout)
                heard = next(event for event in events if event["event"] == "received")
            finally:
                watching.terminate()
        self.assertEqual((heard["kind"], heard["reference"]), ("REMINDER", reference))

    def test_who_counts_by_a_calendar_of_yesterday_is_told_so_by_the_hub(self):
        reference = self.reported("EMERGENCY")
        self.network.hub.stop()
        self.ch.run("ask", reference, "--question", "Which school?")
        self.set_calendar("sun-thu", *(str(self.today(i)) for i in range(1, 7)))
        self.network.hub.start()
        self.ch.run("sync")
        refused = [item for item in self.ch.json("outbox")["items"] if item.get("returned", {}).get("reason") == "OTHER_VERSION"]
        self.assertEqual(len(refused), 1)
        self.assertEqual(self.sn.json("show", reference)["state"], "REPORTED")
        self.sync()
        self.ask_until_taken(reference)
        self.assertGreater(self.due(reference), self.today(6))

    def test_whoever_reopens_a_case_the_calendar_is_that_of_who_reports(self):
        self.set_calendar("sun-thu", str(self.today(1)))
        for member in (self.ch, self.sn):
            reference = self.reported("EMERGENCY")
            self.step(self.ch, "close", reference, "--outcome", "REPORT_DELIVERED", "--yes")
            first = self.today()
            self.write_until_taken(member, "reopen", reference, "--reason", "NEW_INFORMATION")
            wanted = {self.working_days_after(at, 3, {self.today(1)}) for at in (first, self.today())}
            self.assertIn(self.due(reference), wanted)


if __name__ == "__main__":
    unittest.main(verbosity=2)
