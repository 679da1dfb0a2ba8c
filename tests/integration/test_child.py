#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The child in a case: who may be named, on two real clients and one real hub."""

import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from network import STORY, CommandFailed, Network  # noqa: E402


class Child(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="passerelle-child-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.network = Network(cls.folder.name)
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__)
        cls.ch, cls.sn = cls.network.member("CH"), cls.network.member("SN")
        for member in (cls.ch, cls.sn):
            member.call("sync")

    def step(self, sender, verb, reference, *words):
        """Writes, sends, and lets the other side get it."""
        sender.call(verb, reference, *words)
        self.pass_on(sender)

    def pass_on(self, sender):
        sender.call("sync")
        (self.sn if sender is self.ch else self.ch).call("sync")

    def refer(self):
        return self.ch.json("refer", STORY / "referral-nz-sn.json", "--to", "SN")["reference"]

    def accepted_case(self):
        reference = self.refer()
        self.pass_on(self.ch)
        self.step(self.sn, "ack", reference)
        self.step(self.sn, "accept", reference, "--due", "2027-02-19")
        return reference

    def refused(self, member, verb, *words):
        with self.assertRaises(CommandFailed) as caught:
            member.call(verb, *words)
        return caught.exception.stderr

    def form(self, **content):
        file = Path(self.folder.name) / "form.json"
        file.write_text(json.dumps(content), encoding="utf-8")
        return file

    # ---- pseudonyms

    def test_only_persons_of_the_case_can_be_named(self):
        reference = self.refer()  # before it is at the hub: what waits in the outbox counts
        step = ("--path", "ISS8", "--step", "1", "--status", "DONE", "--country", "CH")
        self.assertRegex(self.refused(self.ch, "step", reference, *step, "--person", "C9"),
                         r"persons\[0\]: 'C9' is nobody's pseudonym in this case, which has I1, S1")
        self.ch.call("step", reference, *step, "--person", "S1")
        self.pass_on(self.ch)
        consent = ("--purpose", "REFER", "--on", "2026-11-02")
        self.assertRegex(self.refused(self.sn, "consent", reference, "--person", "C9", "--how", "SIGNED", *consent), r"consent\.person: 'C9'")
        self.assertRegex(self.refused(self.sn, "withdraw-consent", reference, "--person", "C9", *consent), r"consent\.person: 'C9'")
        self.assertRegex(self.refused(self.ch, "close", reference, self.form(outcome="OTHER", outcomes=[{"person": "C9", "outcome": "DECEASED"}]), "--yes"),
                         r"outcomes\[0\]\.person: 'C9'")

    def test_a_person_whom_an_answer_added_can_be_named(self):
        reference = self.refer()
        self.pass_on(self.ch)
        self.step(self.sn, "ack", reference)
        self.step(self.sn, "ask", reference, "--question", "Who looks after S1?")
        answer = json.loads((STORY / "answer.json").read_text(encoding="utf-8"))
        answer["answers"] = [{"question": "Q1", "text": "Her grandmother."}]
        answer.pop("attachments", None)
        self.step(self.ch, "answer", reference, self.form(**answer))
        self.step(self.sn, "consent", reference, "--person", answer["persons"][0]["pseudonym"], "--purpose", "CONTACT", "--how", "SIGNED", "--on", "2026-11")

    def test_nobody_is_refused_where_the_case_cannot_be_read(self):
        reference = self.accepted_case()
        self.step(self.ch, "withdraw-consent", reference, "--person", "S1", "--purpose", "SHARE_IDENTITY", "--on", "2026-11-20")
        self.sn.call("consent", reference, "--person", "C9", "--purpose", "CONTACT", "--how", "SIGNED", "--on", "2026-11-20")


if __name__ == "__main__":
    unittest.main(verbosity=2)
