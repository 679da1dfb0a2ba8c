#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A member that cannot work: the clocks of its cases stand and both sides see why, new cases are offered to its deputy,
and when it is back all goes on by as much later."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from network import STORY, CommandFailed, Network  # noqa: E402
from outage import Operator  # noqa: E402
from turned_clock import TurnedClock  # noqa: E402


class Availability(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="passerelle-availability-")
        self.addCleanup(folder.cleanup)
        self.clock = TurnedClock(folder.name)
        self.network = Network(folder.name, environment=self.clock.environment)
        self.network.__enter__()
        self.addCleanup(self.network.__exit__)
        self.ch, self.sn, self.ml = (self.network.member(code) for code in ("CH", "SN", "ML"))
        self.operator = Operator(self.network.hub)
        self.sync()

    def sync(self):
        for member in (self.ch, self.sn, self.ml, self.ch):
            member.call("sync")

    def refer(self, *words):
        reference = self.ch.json("refer", STORY / "referral-nz-sn.json", *words)["reference"]
        self.sync()
        return reference

    def clocks(self, reference):
        """As both sides see it, which must be the same."""
        mine, theirs = (member.json("show", reference)["clock"] for member in (self.ch, self.sn))
        self.assertEqual(mine, theirs)
        return mine

    def kinds(self, reference):
        return [item["kind"] for item in self.ch.json("show", reference)["items"]]

    def out(self, *more):
        self.operator.set("SN", "DISRUPTED", "--cause", "DISASTER", *more)
        self.operator.wait(lambda: self.operator.running("SN") == 0)
        self.sync()

    def back(self):
        self.operator.set("SN", "BACK")
        self.operator.wait(lambda: self.operator.standing("SN") == 0)
        self.sync()

    def refused(self, member, verb, *words):
        with self.assertRaises(CommandFailed) as caught:
            member.call(verb, *words)
        return caught.exception

    def test_the_clock_stands_for_both_sides_and_goes_on_by_as_much_later(self):
        reference = self.refer("--to", "SN")
        before = self.clocks(reference)
        self.out("--deputy", "ML", "--until", "2099-12-20")
        standing = self.clocks(reference)
        self.assertEqual((standing["standing"], standing["paused_for"]), ("PAUSED", ["MEMBER_OUT"]))
        told = {key: standing["out"][key] for key in ("member", "cause", "deputy", "until")}
        self.assertEqual(told, {"member": "SN", "cause": "DISASTER", "deputy": "ML", "until": "2099-12-20"})
        self.assertIn("SN cannot work since", self.ch.call("due"))
        self.assertIn("deputy: ML", self.ch.call("show", reference))
        self.clock.turn("+12d")
        self.sync()
        self.assertEqual(self.kinds(reference), ["REFERRAL", "MEMBER_OUT"])  # seven days have passed: nobody is reminded
        self.back()
        after = self.clocks(reference)
        self.assertEqual((after["standing"], after["paused_days"]), ("DUE", 12))
        self.assertEqual(after["due"], self.later(before["due"], 12))
        self.assertNotIn("out", after)
        self.clock.turn("+21d")
        self.operator.wait(lambda: self.network.hub.sql("SELECT count(*) FROM passerelle.case_state WHERE clock_told = 1") == "1")
        self.sync()
        self.assertEqual(self.kinds(reference), ["REFERRAL", "MEMBER_OUT", "MEMBER_BACK", "REMINDER"])

    def later(self, day, days):
        from datetime import date, timedelta
        return str(date.fromisoformat(day) + timedelta(days=days))

    def test_the_directory_tells_and_a_new_case_is_offered_to_the_deputy(self):
        self.out("--deputy", "ML")
        self.assertIn("SN cannot work since", self.ch.call("directory"))
        entry = next(item for item in self.ch.json("directory")["items"] if item["code"] == "SN")
        self.assertEqual((entry["availability"], entry["cause"], entry["deputy"]), ("DISRUPTED", "DISASTER", "ML"))
        refusal = self.refused(self.ch, "refer", STORY / "referral-nz-sn.json", "--to", "SN")
        self.assertIn("--to ML", refusal.stderr)
        self.assertIn("--even-if-out", refusal.stderr)
        self.assertEqual(self.ch.json("outbox")["items"], [])
        self.assertIn("-ML-", self.refer("--to", "ML"))
        reference = self.refer("--to", "SN", "--even-if-out")
        self.operator.wait(lambda: self.operator.running("SN") == 0)  # a case that came meanwhile stands like the others
        self.sync()
        self.assertEqual(self.clocks(reference)["paused_for"], ["MEMBER_OUT"])

    def test_a_case_that_nobody_acknowledged_goes_to_the_deputy_as_it_is(self):
        reference = self.refer("--to", "SN")
        self.refused(self.ch, "forward", reference, "--to", "ML", "--reason", "DISASTER")  # who is there has the time to answer
        self.out("--deputy", "ML")
        command = f"passerelle forward {reference} --to ML --reason DISASTER"
        self.assertIn(command, self.ch.call("show", reference))
        self.assertIn(command, self.ch.call("due"))
        self.assertNotIn("passerelle forward", self.sn.call("due"))
        self.ch.call(*command.split()[1:])
        self.sync()
        mine, theirs = self.ch.json("show", reference), self.ml.json("show", reference)
        self.assertEqual((mine["state"], mine["responding"], theirs["responding"]), ("SENT", "ML", "ML"))
        self.assertEqual(mine["clock"], theirs["clock"])
        self.assertEqual(mine["clock"]["standing"], "DUE")  # who is there now has its own time
        opened = lambda member: member.json("show", reference)["items"][0]
        self.assertEqual(opened(self.ml)["content"], opened(self.ch)["content"])
        self.assertTrue(opened(self.sn)["given_up"])
        self.ml.call("ack", reference)
        self.back()
        self.assertEqual([member.json("show", reference)["state"] for member in (self.ch, self.ml)], ["ACKNOWLEDGED"] * 2)

    def test_who_is_out_may_still_work_and_the_next_clock_stands_too(self):
        reference = self.refer("--to", "SN")
        self.out()
        self.sn.call("ack", reference)
        self.sync()
        clock = self.clocks(reference)
        self.assertEqual((clock["awaits"], clock["standing"], clock["paused_for"]), ("DECIDE", "PAUSED", ["MEMBER_OUT"]))
        self.back()
        self.assertEqual(self.clocks(reference)["standing"], "DUE")

    def test_out_and_back_at_once_leaves_nothing_standing(self):
        reference = self.refer("--to", "SN")
        for status in ("DISRUPTED", "BACK", "SUSPENDED", "NORMAL"):
            self.operator.set("SN", status)
        self.operator.set("CH", "DISRUPTED")
        self.operator.wait(lambda: self.operator.running("SN") == 0)
        self.operator.set("CH", "BACK")
        self.operator.wait(lambda: self.operator.standing("CH") == 0)
        self.sync()
        self.assertEqual(self.clocks(reference)["standing"], "DUE")

    def test_the_operator_is_told_what_is_wrong(self):
        for words in (("SN", "DISRUPTD"), ("SN", "DISRUPTED", "--cause", "EARTHQUAKE"), ("SN", "DISRUPTED", "--deputy", "SN"),
                      ("SN", "DISRUPTED", "--deputy", "XX"), ("XX", "DISRUPTED"), ("SN", "DISRUPTED", "--until", "soon")):
            with self.assertRaises(RuntimeError):
                self.operator.set(*words)
        self.assertEqual(self.network.hub.sql("SELECT count(*) FROM passerelle.member WHERE is_out"), "0")


if __name__ == "__main__":
    unittest.main(verbosity=2)
