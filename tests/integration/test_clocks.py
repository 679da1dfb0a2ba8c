#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Deadlines that pass, on real processes under a clock that is turned: who is reminded, of what, and
who is not because the clock stands."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from network import STORY, Network  # noqa: E402
from turned_clock import TurnedClock  # noqa: E402


class Clocks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="passerelle-clocks-")
        self.addCleanup(folder.cleanup)
        self.clock = TurnedClock(folder.name)
        self.network = Network(folder.name, environment=self.clock.environment)
        self.network.__enter__()
        self.addCleanup(self.network.__exit__)
        self.ch, self.sn = self.network.member("CH"), self.network.member("SN")
        self.sync()

    def sync(self):
        for member in (self.ch, self.sn, self.ch):
            member.call("sync")

    def refer(self):
        reference = self.ch.json("refer", STORY / "referral-nz-sn.json", "--to", "SN")["reference"]
        self.sync()
        return reference

    def step(self, member, verb, reference, *words):
        member.call(verb, reference, *words)
        self.sync()

    def turn_and_hear(self, shift):
        """Turns the clock while CH watches; the first event that it hears of."""
        with self.ch.start("watch", "--json", stdout=subprocess.PIPE, text=True) as watching:
            try:
                self.assertEqual(json.loads(watching.stdout.readline())["event"], "connected")
                self.clock.turn(shift)
                for line in watching.stdout:
                    event = json.loads(line)
                    if event["event"] == "received":
                        return event
            finally:
                watching.terminate()
        self.fail("the watch ended without an event")

    def kinds(self, member, reference):
        return [item["kind"] for item in member.json("show", reference)["items"]]

    def test_who_does_not_acknowledge_is_reminded_twice_and_both_sides_see_it(self):
        reference = self.refer()
        event = self.turn_and_hear("+8d")
        self.assertEqual((event["kind"], event["reference"], event["member"]), ("REMINDER", reference, "TRAINING"))
        self.sync()
        for member in (self.ch, self.sn):
            shown = member.json("show", reference)
            self.assertEqual((shown["state"], shown["items"][-1]["kind"], shown["items"][-1]["reason"]), ("SENT", "REMINDER", "ACK"))
            self.assertEqual((shown["clock"]["standing"], shown["clock"]["told"]), ("OVERDUE", "REMINDED"))
        self.assertTrue(self.ch.json("status", reference)["late"])
        self.explains(reference)
        self.assertEqual(self.turn_and_hear("+16d")["kind"], "ESCALATION")  # whatever was explained, the clock goes on
        self.sync()
        self.step(self.sn, "ack", reference)  # late is not too late
        self.assertEqual(self.kinds(self.ch, reference), ["REFERRAL", "REMINDER", "REMINDER_REPLY", "REMINDER_REPLY", "ESCALATION", "ACK"])
        self.assertEqual(self.ch.json("show", reference)["clock"]["awaits"], "DECIDE")
        self.assertEqual([item["state"] for item in self.ch.json("outbox", "--state", "queued")["items"]], [])

    def explains(self, reference):
        """Who is late says why: both boards show it."""
        self.assertNotIn("explained", self.ch.json("due")["items"][0])
        self.step(self.ch, "explain", reference, "--reason", "OTHER", "--due", "2099-01-02")  # of who waits it explains nothing
        self.assertNotIn("explained", self.sn.json("due")["items"][0])
        self.step(self.sn, "explain", reference, "--reason", "STAFF", "--due", "2099-01-05", "--text", "One of us is ill.")
        for member in (self.ch, self.sn):
            explained = member.json("due")["items"][0]["explained"]
            self.assertEqual([explained[key] for key in ("by", "cause", "expected", "text")], ["SN", "STAFF", "2099-01-05", "One of us is ill."])
        self.assertIn("SN says why: Too few people or too little time, to be done by 2099-01-05. One of us is ill.", self.ch.call("due"))

    def test_a_clock_that_stands_reminds_nobody_and_goes_on_where_it_stood(self):
        held, running = self.refer(), self.refer()
        for reference in (held, running):
            self.step(self.sn, "ack", reference)
            self.step(self.sn, "accept", reference, "--due", self.day_in(10))
        self.step(self.sn, "hold", held, "--reason", "DISASTER")
        self.assertEqual(self.turn_and_hear("+20d")["reference"], running)
        self.sync()
        self.assertNotIn("REMINDER", self.kinds(self.sn, held))
        self.step(self.sn, "resume", held)
        clocks = [member.json("show", held)["clock"] for member in (self.ch, self.sn)]
        self.assertEqual(clocks[0], clocks[1])
        self.assertEqual((clocks[0]["due"], clocks[0]["paused_days"]), (self.day_in(30), 20))
        self.step(self.sn, "hold", held, "--reason", "AWAIT_FEE")
        noted = self.network.hub.sql(f"SELECT held FROM passerelle.case_state WHERE reference = '{held}'")
        self.assertRegex(noted, r"^DISASTER:2[0-2]:2[0-2] AWAIT_FEE:0:0$")  # each hold is counted, not the first alone

    def day_in(self, days):
        done = subprocess.run(["date", "-u", "-d", f"+{days} days", "+%F"], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def test_a_reported_case_that_is_left_alone_is_closed(self):
        reference = self.refer()
        self.step(self.sn, "ack", reference)
        self.step(self.sn, "accept", reference, "--due", self.day_in(10))
        self.step(self.sn, "report", reference, STORY / "report-final.json", "--final", "--attach", STORY / "house.jpg")
        self.assertEqual(self.turn_and_hear("+52d")["kind"], "REMINDER")
        self.assertEqual(self.turn_and_hear("+62d")["kind"], "SILENCE")
        self.sync()
        for member in (self.ch, self.sn):
            shown = member.json("show", reference)
            self.assertEqual(shown["state"], "CLOSED")
            self.assertNotIn("clock", shown)
        self.assertIn("reopen", self.ch.json("show", reference)["next_steps"])

    def test_what_came_due_while_the_hub_was_down_is_told_once_it_is_up(self):
        reference = self.refer()
        self.network.hub.kill()
        self.clock.turn("+8d")
        self.network.hub.start()
        self.assertEqual(self.turn_and_hear("+8d")["kind"], "REMINDER")
        self.sync()
        self.assertEqual(self.kinds(self.sn, reference), ["REFERRAL", "REMINDER"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
