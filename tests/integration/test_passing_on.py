#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Cases that change hands: a misdirected one is forwarded, a child moves to a third country. The new
member gets the whole case under the same reference, and who has left loses it, here and at the hub."""

import json
import sqlite3
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from network import STORY, CommandFailed, Network  # noqa: E402

PAPER = STORY / "court-order.pdf"
CONSENT = {"person": "C1", "purpose": "SHARE_IDENTITY", "given": "YES", "form": "SIGNED", "date": "2026-11-20"}


class PassingOn(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="passerelle-passing-on-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.network = Network(self.folder)
        self.network.__enter__()
        self.addCleanup(self.network.__exit__)
        self.network.member("UNICEF-SN", kind="PARTNER_AGENCY", role="desk")  # the referral names it
        self.ch, self.sn, self.gm = (self.network.member(code) for code in ("CH", "SN", "GM"))
        self.sync()

    def sync(self):
        branches = [member for code, member in self.network.members.items() if code != "UNICEF-SN"]
        for member in branches + branches:
            member.call("sync")

    def step(self, member, verb, reference, *words):
        member.call(verb, reference, *words)
        self.sync()

    def refer(self):
        reference = self.ch.json("refer", STORY / "referral-ch-sn.json", "--to", "SN", "--attach", PAPER, *self.other_papers())["reference"]
        self.sync()
        return reference

    def other_papers(self):
        wanted = {one["name"] for one in json.loads((STORY / "referral-ch-sn.json").read_text()).get("attachments", [])}
        return [word for name in sorted(wanted - {PAPER.name}) for word in ("--attach", STORY / name)]

    def refused(self, member, verb, *words):
        with self.assertRaises(CommandFailed) as caught:
            member.call(verb, *words)
        return caught.exception.stderr

    def items(self, member, reference):
        return member.json("show", reference)["items"]

    def saved(self, member, reference, name):
        """The first attachment of the referral, as this member can open it."""
        copy = self.folder / name
        member.call("attachment", self.items(member, reference)[0]["message"], "1", "--output", copy)
        return copy.read_bytes()

    def assert_lost(self, member, reference):
        """No content, no key and no attachment is left with who has passed the case on."""
        shown = member.json("show", reference)
        self.assertEqual((shown.get("next_steps"), shown.get("clock")), ("", shown.get("clock")))
        for item in shown["items"]:
            self.assertNotIn("content", item)
            self.assertTrue(item["given_up"])
        self.assertIn("content went on with the case", member.call("show", reference))
        with self.assertRaises(CommandFailed):
            self.saved(member, reference, f"lost-{member.code}")
        with sqlite3.connect(member.profile / "store.db") as store:
            sizes = [size for (size,) in store.execute("SELECT length(envelope) FROM inbox UNION ALL SELECT length(envelope) FROM outbox WHERE case_id <> x''")]
        self.assertLess(max(sizes), 1500)

    def test_a_misdirected_case_goes_where_it_belongs(self):
        reference = self.refer()
        original = self.items(self.sn, reference)[0]["content"]
        self.step(self.ch, "note", reference, "--text", "The aunt has a telephone now.")
        self.step(self.sn, "forward", reference, "--to", "GM", "--reason", "WRONG_ADDRESSEE", "--text", "The village lies in the Gambia.")
        here = self.gm.json("show", reference)
        self.assertEqual([item["kind"] for item in here["items"]], ["REFERRAL", "STATUS_NOTE", "FORWARD"])
        self.assertEqual((here["requesting"], here["responding"], here["state"], here["clock"]["awaits"]), ("CH", "GM", "SENT", "ACK"))
        self.assertEqual(here["items"][0]["content"], original)
        self.assertEqual(here["items"][2]["content"]["text"], "The village lies in the Gambia.")
        self.assertEqual(self.saved(self.gm, reference, "of-gm.pdf"), PAPER.read_bytes())
        self.assert_lost(self.sn, reference)
        self.assertEqual(self.ch.json("show", reference)["responding"], "GM")
        # The case goes on between its two members, and nobody else.
        self.step(self.gm, "ack", reference)
        self.step(self.gm, "accept", reference, "--due", "2027-02-19")
        self.step(self.ch, "note", reference, "--text", "Thank you.")
        self.assertEqual(self.items(self.gm, reference)[-1]["content"]["text"], "Thank you.")
        self.assertEqual(self.gm.json("show", reference)["clock"], self.ch.json("show", reference)["clock"])
        self.assertEqual(len(self.items(self.sn, reference)), 3)
        self.assertIn("belongs to other members now", self.refused(self.sn, "note", reference, "--text", "x"))
        self.assertEqual([item for item in self.gm.json("outbox", "--state", "returned")["items"]], [])

    def test_a_case_is_forwarded_three_times_at_most_and_stays_whole(self):
        others = [self.network.member(code) for code in ("ML", "GN", "MR")]
        self.sync()
        reference = self.refer()
        self.step(self.sn, "forward", reference, "--to", "GM", "--reason", "WRONG_ADDRESSEE")
        self.step(self.gm, "forward", reference, "--to", "ML", "--reason", "WRONG_ADDRESSEE")
        self.step(others[0], "forward", reference, "--to", "GN", "--reason", "WRONG_ADDRESSEE")
        self.assertIn("open to you now", self.refused(others[1], "forward", reference, "--to", "MR", "--reason", "WRONG_ADDRESSEE"))
        self.assertEqual([item["kind"] for item in self.items(others[1], reference)], ["REFERRAL", "FORWARD", "FORWARD", "FORWARD"])
        self.assertEqual(self.saved(others[1], reference, "of-gn.pdf"), PAPER.read_bytes())
        for member in (self.sn, self.gm, others[0]):
            self.assert_lost(member, reference)

    def test_a_child_moves_to_a_third_country(self):
        reference = self.refer()
        self.step(self.sn, "ack", reference)
        self.step(self.sn, "accept", reference, "--due", "2027-02-19")
        self.step(self.sn, "start", reference)
        form = self.folder / "consents.json"
        self.assertIn("consents: is missing", self.refused(self.sn, "transfer", reference, "--to", "GM"))
        form.write_text(json.dumps({"consents": [CONSENT], "text": "The family has moved."}))
        self.step(self.sn, "transfer", reference, form, "--to", "GM")
        proposed = self.ch.json("show", reference)
        self.assertEqual((proposed["state"], proposed["turn"], proposed["items"][-1]["content"]["to"]), ("TRANSFERRED", "CH", "GM"))
        self.assertEqual(self.gm.json("inbox")["items"], [])
        self.step(self.ch, "transfer", reference, form, "--to", "GM")
        here = self.gm.json("show", reference)
        self.assertEqual((here["responding"], here["state"], here["clock"]["awaits"]), ("GM", "SENT", "ACK"))
        self.assertEqual([item["kind"] for item in here["items"]], ["REFERRAL", "ACK", "ACCEPT", "START", "TRANSFER", "TRANSFER"])
        self.assertEqual(self.saved(self.gm, reference, "third.pdf"), PAPER.read_bytes())
        self.assert_lost(self.sn, reference)
        self.step(self.gm, "ack", reference)
        self.assertEqual(self.ch.json("show", reference)["state"], "ACKNOWLEDGED")

    def test_a_case_goes_to_a_known_branch_that_has_it_not(self):
        reference = self.refer()
        for words, said in ((("--to", "CH"), "has the case already"), (("--to", "XX"), "XX"), ((), "code of the branch")):
            self.assertIn(said, self.refused(self.sn, "forward", reference, *words, "--reason", "WRONG_ADDRESSEE"))
        self.assertIn("open to you now", self.refused(self.ch, "forward", reference, "--to", "GM", "--reason", "WRONG_ADDRESSEE"))
        self.step(self.sn, "withdraw-consent", reference, "--person", "C1", "--purpose", "REFER", "--on", "2026-11-20")
        self.assertIn("open to you now", self.refused(self.sn, "forward", reference, "--to", "GM", "--reason", "WRONG_ADDRESSEE"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
