#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A member that cannot work: the clocks of its cases stand and both sides see why, new cases are offered to its deputy,
and when it is back all goes on by as much later. The operator says it, or the member itself to all others; and what the
General Secretariat tells everybody."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from network import STORY, CommandFailed, Network  # noqa: E402
from outage import Operator  # noqa: E402
from second_member import ENVELOPE  # noqa: E402
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
        self.operator.wait(lambda: self.operator.standing("CH") == 0 and self.operator.standing("SN") == 0)  # a busy hub may still tell of SN
        self.sync()
        self.assertEqual(self.clocks(reference)["standing"], "DUE")

    # The member itself

    def say(self, *words):
        self.sn.call("availability", *words)
        self.sync()

    def told(self, member, kind, *words):
        return [item for item in member.json("inbox", *words)["items"] if item["kind"] == kind]

    def test_the_member_says_itself_that_it_is_out_and_that_it_is_back(self):
        reference = self.refer("--to", "SN")
        before = self.clocks(reference)
        self.say("--status", "DISRUPTED", "--cause", "DISASTER", "--until", "2099-12-10", "--deputy", "ML")
        for member in (self.ch, self.ml):
            self.assertIn("SN cannot work since", member.call("directory"))
        self.operator.wait(lambda: self.operator.running("SN") == 0)
        self.sync()
        standing = self.clocks(reference)
        self.assertEqual((standing["standing"], standing["paused_for"]), ("PAUSED", ["MEMBER_OUT"]))
        self.assertEqual({key: standing["out"][key] for key in ("member", "cause", "deputy", "until")},
                         {"member": "SN", "cause": "DISASTER", "deputy": "ML", "until": "2099-12-10"})
        self.assertIn("--to ML", self.refused(self.ch, "refer", STORY / "referral-nz-sn.json", "--to", "SN").stderr)
        self.clock.turn("+12d")
        self.sync()
        self.assertEqual(self.kinds(reference), ["REFERRAL", "MEMBER_OUT"])
        self.say("--status", "BACK")
        self.operator.wait(lambda: self.operator.standing("SN") == 0)
        self.sync()
        after = self.clocks(reference)
        self.assertEqual((after["standing"], after["paused_days"], after["due"]), ("DUE", 12, self.later(before["due"], 12)))
        self.assertEqual(self.kinds(reference), ["REFERRAL", "MEMBER_OUT", "MEMBER_BACK"])
        self.assertNotIn("cannot work", self.sn.call("directory"))
        self.assertEqual([item["state"] for item in self.sn.json("outbox")["items"] if item["to"] == "*"], ["at_hub"] * 2)  # no receipts
        self.assertEqual(self.network.hub.sql("SELECT count(*) FROM passerelle.audit_event WHERE kind LIKE 'AVAILABILITY_%'"), "2")

    def test_everybody_sees_it_once_as_unread_and_the_member_itself_in_its_outbox(self):
        self.say("--status", "DISRUPTED", "--cause", "STAFF", "--deputy", "ML")
        self.assertIn("to all branches", self.sn.json("outbox")["items"][0]["text"])
        self.assertIn("SN cannot work since", self.sn.call("outbox"))
        for member in (self.ch, self.ml):
            item, = self.told(member, "AVAILABILITY", "--unread")
            self.assertEqual([item[key] for key in ("availability", "member", "cause", "deputy", "unread")],
                             ["DISRUPTED", "SN", "STAFF", "ML", True])
            self.assertEqual(self.told(member, "AVAILABILITY", "--unread"), [])
            shown = member.call("inbox")
            self.assertIn("tells how far it can work", shown)
            self.assertIn("SN cannot work since", shown)
            self.assertIn("deputy: ML", shown)
        self.assertIn("SN ne peut pas travailler depuis", self.ch.call("inbox", "--lang", "fr"))
        self.say("--status", "NORMAL")
        self.assertIn("SN works as usual", self.ch.call("inbox", "--unread"))

    def test_the_member_is_told_what_is_wrong_before_anything_is_written(self):
        wrong = (("--cause", "STAFF"), ("--status", "DISRUPTED"), ("--status", "DISRUPTD", "--cause", "STAFF"),
                 ("--status", "OTHER", "--cause", "STAFF"), ("--status", "DISRUPTED", "--cause", "EARTHQUAKE"),
                 ("--status", "BACK", "--deputy", "ML"), ("--status", "REDUCED", "--deputy", "SN"), ("--status", "REDUCED", "--deputy", "XX"),
                 ("--status", "REDUCED", "--until", "2020-01-01"), ("--status", "REDUCED", "--until", "soon"))
        for words in wrong:
            self.assertNotEqual(self.refused(self.sn, "availability", *words).stderr, "", words)
        self.ml.call("availability", "--status", "SUSPENDED", "--cause", "HOLIDAY", "--wait", "30s")
        self.sync()
        self.refused(self.sn, "availability", "--status", "DISRUPTED", "--cause", "STAFF", "--deputy", "ML")  # it cannot work either
        self.assertEqual(self.sn.json("outbox")["items"], [])

    def test_the_general_secretariat_writes_to_all_in_two_languages(self):
        secretariat = self.network.member("GS", kind="GENERAL_SECRETARIAT", role="monitor", passphrase="lake and mountain")
        text = self.network.folder / "text"
        for language, words in (("en", "The offices are closed\non 24 December.\n"), ("fr", "Les bureaux sont ferm\u00e9s\r\n\r\nle 24 d\u00e9cembre.")):
            text.write_text(words)
            secretariat.call("broadcast", "--text", text, "--language", language, "--wait", "30s")
        self.sync()
        for member in (self.ch, self.sn, self.ml):
            self.assertEqual([(item["language"], item["notice"]) for item in self.told(member, "BROADCAST", "--unread")],
                             [("fr", "Les bureaux sont ferm\u00e9s le 24 d\u00e9cembre."), ("en", "The offices are closed on 24 December.")])
            self.assertEqual(self.told(member, "BROADCAST", "--unread"), [])
            self.assertIn("    [en] The offices are closed on 24 December.", member.call("inbox"))
        secretariat.call("sync")
        self.assertEqual([item["state"] for item in secretariat.json("outbox")["items"]], ["at_hub"] * 2)
        self.assertEqual(self.told(secretariat, "BROADCAST"), [])
        for words in ("", " \n ", "x" * 2001, "a\x1b[31mb", "a\0b"):
            text.write_text(words)
            self.refused(secretariat, "broadcast", "--text", text, "--language", "en")
        text.write_text("x" * 2000)
        self.refused(self.ch, "broadcast", "--text", text, "--language", "en")  # a caseworker
        self.refused(secretariat, "broadcast", "--text", text)
        self.refused(secretariat, "availability", "--status", "DISRUPTED", "--cause", "STAFF")
        secretariat.call("broadcast", "--text", text, "--language", "en", "--wait", "30s")

    # Dying in the middle

    ENTRIES = ("SELECT count(*), count(DISTINCT e.recipient) FROM passerelle.mailbox_entry e JOIN passerelle.message m USING (message_id, sender) "
               f"WHERE m.kind = {ENVELOPE.MESSAGE_KIND_AVAILABILITY}")

    def die_in_the_fan_out(self, also_the_backend):
        """The hub is killed while its transaction waits in the middle of the mailboxes."""
        hub = self.network.hub
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%commit_to_all%'"
        with self.operator.watch() as blocker, self.operator.watch() as looker:
            blocker.process.stdin.write("BEGIN; SELECT next_seq FROM passerelle.mailbox b JOIN passerelle.member m USING (member) "
                                        "WHERE m.code = 'ML' FOR UPDATE OF b;\n")
            blocker.process.stdin.flush()
            self.assertTrue(blocker.process.stdout.readline())
            sync = self.sn.start("sync", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.operator.wait(lambda: looker.ask(waiting) == "1")
            hub.kill()
            sync.kill()
            sync.wait(30)
            if also_the_backend:
                looker.ask("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE query LIKE '%commit_to_all%' AND pid <> pg_backend_pid()")
            blocker.ask("SELECT 1; ROLLBACK")
            self.operator.wait(lambda: looker.ask("SELECT count(*) FROM pg_stat_activity WHERE usename = 'passerelle_writer'") == "0")
        stored = hub.sql(self.ENTRIES)
        hub.start()
        return stored

    def test_a_hub_that_is_killed_in_the_fan_out_reaches_everybody_once(self):
        for also_the_backend, stored in ((True, "0|0"), (False, "2|2")):
            with self.subTest(also_the_backend=also_the_backend):
                hub = self.network.hub
                known = {member: len(self.told(member, "AVAILABILITY")) for member in (self.ch, self.ml)}
                self.sn.call("availability", "--status", "REDUCED", "--cause", "STAFF")
                before = [int(count) for count in hub.sql(self.ENTRIES).split("|")]
                during = [int(count) for count in self.die_in_the_fan_out(also_the_backend).split("|")]
                self.assertEqual(during[0] - before[0], int(stored[0]))  # all of it or nothing
                self.sync()
                self.sync()
                self.assertEqual(int(hub.sql(self.ENTRIES).split("|")[0]) - before[0], 2)
                for member, count in known.items():
                    self.assertEqual(len(self.told(member, "AVAILABILITY")), count + 1)
                self.assertEqual({item["state"] for item in self.sn.json("outbox")["items"]}, {"at_hub"})

    def test_with_140_members_one_envelope_is_stored_and_a_row_for_each(self):
        hub = self.network.hub
        hub.sql("INSERT INTO passerelle.member (code, kind, name) SELECT 'M' || n, 'BRANCH', 'Branch ' || n FROM generate_series(1, 137) n; "
                "UPDATE passerelle.directory_version SET version = version + 1")
        self.sn.call("availability", "--status", "REDUCED", "--cause", "STAFF", "--wait", "30s")
        self.assertEqual(hub.sql(self.ENTRIES), "139|139")
        self.assertEqual(hub.sql("SELECT count(*), sum(cardinality(recipient)) FROM passerelle.message"), "1|139")
        self.assertEqual(hub.sql("SELECT count(*) FROM passerelle.mailbox b WHERE b.next_seq <> 1 + (SELECT count(*) FROM passerelle.mailbox_entry e "
                                 "WHERE e.recipient = b.member)"), "0")

    def test_the_operator_is_told_what_is_wrong(self):
        for words in (("SN", "DISRUPTD"), ("SN", "DISRUPTED", "--cause", "EARTHQUAKE"), ("SN", "DISRUPTED", "--deputy", "SN"),
                      ("SN", "DISRUPTED", "--deputy", "XX"), ("XX", "DISRUPTED"), ("SN", "DISRUPTED", "--until", "soon")):
            with self.assertRaises(RuntimeError):
                self.operator.set(*words)
        self.assertEqual(self.network.hub.sql("SELECT count(*) FROM passerelle.member WHERE is_out"), "0")


if __name__ == "__main__":
    unittest.main(verbosity=2)
