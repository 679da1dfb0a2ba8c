#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A message is replaced by a new version or declared void: what each side shows, what each side and the hub refuse."""

import json
import os
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from network import STORY, CommandFailed, Network  # noqa: E402
from second_member import BODY, ENVELOPE, WIRE  # noqa: E402
from two_members import TwoMembers  # noqa: E402


class Corrections(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="passerelle-corrections-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.network = Network(cls.folder.name)
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__)
        cls.ch, cls.sn = cls.network.member("CH"), cls.network.member("SN")
        for member in (cls.ch, cls.sn):
            member.call("sync")

    def pass_on(self, sender, receiver):
        sender.call("sync")
        receiver.call("sync")

    def step(self, sender, verb, reference, *words):
        """Writes, sends, and lets the other side get it: its number in the case."""
        written = sender.json(verb, reference, *words)
        self.pass_on(sender, self.sn if sender is self.ch else self.ch)
        (item,) = [one for one in sender.json("show", reference)["items"] if one["message"] == written["message"]]
        return item["case_seq"]

    def accepted_case(self):
        reference = self.ch.json("refer", STORY / "referral-nz-sn.json", "--to", "SN")["reference"]
        self.pass_on(self.ch, self.sn)
        self.step(self.sn, "ack", reference)
        self.step(self.sn, "accept", reference, "--due", "2027-02-19")
        return reference

    def item(self, member, reference, number):
        (item,) = [one for one in member.json("show", reference)["items"] if one["case_seq"] == number]
        return item

    def refused(self, member, verb, *words):
        with self.assertRaises(CommandFailed) as caught:
            member.call(verb, *words)
        return caught.exception.stderr

    def form(self, name, **changes):
        form = json.loads((STORY / name).read_text(encoding="utf-8"))
        form.update(changes)
        file = Path(self.folder.name) / "form.json"
        file.write_text(json.dumps(form), encoding="utf-8")
        return file

    def test_a_note_is_replaced_twice_and_both_sides_show_the_newest_in_its_place(self):
        reference = self.accepted_case()
        note = self.step(self.sn, "note", reference, "--text", "The school answers in March.")
        self.step(self.ch, "note", reference, "--text", "Thank you.")
        self.step(self.sn, "update", reference, note, "--text", "The school answers in April.")
        third = self.step(self.sn, "update", reference, note, "--text", "The school answers in May.")
        for member in (self.ch, self.sn):
            self.assertEqual(self.item(member, reference, note)["replaced_by"]["version"], 3)
            self.assertEqual(self.item(member, reference, third)["content"]["text"], "The school answers in May.")
            shown = member.call("show", reference)
            self.assertNotIn("in March", shown)
            self.assertNotIn("in April", shown)
            self.assertEqual(shown.count("in May"), 1)
            self.assertLess(shown.index("in May"), shown.index("Thank you."))
            self.assertIn("replaced by version 3 on 20", shown)
            whole = member.call("show", reference, "--all-versions")
            for month in ("March", "April", "May"):
                self.assertEqual(whole.count(f"in {month}"), 1)
        self.assertEqual(self.ch.json("show", reference)["state"], "ACCEPTED")

    def test_a_final_report_with_its_paper_is_replaced_and_the_case_does_not_move(self):
        reference = self.accepted_case()
        report = self.step(self.sn, "report", reference, STORY / "report-final.json", "--final", "--attach", STORY / "house.jpg")
        clock = self.ch.json("show", reference)["clock"]
        file = self.form("report-final.json", conditions="Visite chaque semaine.", attachments=[])
        update = self.step(self.sn, "update", reference, report, file, "--attach", STORY / "court-order.pdf")
        seen = self.ch.json("show", reference)
        self.assertEqual((seen["state"], seen["clock"]["due"]), ("REPORTED", clock["due"]))
        item = self.item(self.ch, reference, update)
        self.assertEqual((item["content_kind"], item["version"], item["content"]["conditions"]), ("REPORT", 2, "Visite chaque semaine."))
        self.assertEqual(item["completeness"], self.item(self.ch, reference, report)["completeness"])
        saved = Path(self.folder.name) / "order.pdf"
        self.ch.call("attachment", item["message"], "1", "--output", saved)
        self.assertEqual(saved.read_bytes(), (STORY / "court-order.pdf").read_bytes())
        # What all on the way have read is not changed by what is sealed.
        self.assertIn('"stage"', self.refused(self.sn, "update", reference, report, self.form("report-final.json", stage="INTERIM", kind="INTERIM", attachments=[])))

    def test_a_step_is_corrected_and_the_path_shows_what_holds(self):
        reference = self.accepted_case()
        step = ("--path", "ISS8", "--person", "S1", "--country", "SN")
        first = self.step(self.sn, "step", reference, *step, "--step", "1", "--status", "DONE", "--on", "2026-11-01")
        second = self.step(self.sn, "step", reference, *step, "--step", "2", "--status", "DONE", "--on", "2026-11-02")
        path = lambda member: member.json("path", reference)["items"][0]  # noqa: E731
        self.assertEqual(path(self.ch)["waits_at"], 3)
        file = Path(self.folder.name) / "step.json"
        file.write_text(json.dumps({"profile": "ISS8", "persons": ["S1"], "country": "SN", "step": 1, "status": "UNDER_WAY", "on": "2026-11-05"}), encoding="utf-8")
        self.step(self.sn, "update", reference, first, file)
        for member in (self.ch, self.sn):
            self.assertEqual((path(member)["waits_at"], path(member)["steps"][0]["on"]), (1, "2026-11-05"))
        self.step(self.sn, "invalidate", reference, second, "--text", "It was another child.")
        for member in (self.ch, self.sn):
            self.assertNotIn("status", path(member)["steps"][1])

    def test_a_void_message_is_marked_with_the_reason_and_kept(self):
        reference = self.accepted_case()
        note = self.step(self.sn, "note", reference, "--text", "The grandmother has moved.")
        self.step(self.sn, "invalidate", reference, note, "--text", "It was the neighbour.")
        for member in (self.ch, self.sn):
            mark = self.item(member, reference, note)["void"]
            self.assertEqual(mark["text"], "It was the neighbour.")
            self.assertEqual(self.item(member, reference, note)["content"]["text"], "The grandmother has moved.")
            shown = member.call("show", reference)
            self.assertRegex(shown, r"DECLARED VOID on 20[0-9-]+ [0-9:]+: It was the neighbour\.")
            self.assertNotIn("has moved", shown)
            self.assertIn("has moved", member.call("show", reference, "--all-versions"))

    def test_a_void_version_gives_way_to_the_one_before(self):
        reference = self.accepted_case()
        note = self.step(self.sn, "note", reference, "--text", "first")
        self.step(self.sn, "update", reference, note, "--text", "second")
        third = self.step(self.sn, "update", reference, note, "--text", "third")
        self.step(self.sn, "invalidate", reference, third, "--text", "Not so.")
        self.assertEqual(self.item(self.ch, reference, note)["replaced_by"]["version"], 2)
        self.step(self.sn, "update", reference, note, "--text", "fourth")
        self.assertEqual(self.item(self.ch, reference, note)["replaced_by"]["version"], 4)
        self.assertIn("fourth", self.ch.call("show", reference))

    def test_what_cannot_be_corrected_is_refused_with_its_reason(self):
        reference = self.accepted_case()
        note = self.step(self.sn, "note", reference, "--text", "x")
        update = self.step(self.sn, "update", reference, note, "--text", "y")
        self.assertIn("written by SN", self.refused(self.ch, "update", reference, note, "--text", "z"))
        self.assertIn("no message 99", self.refused(self.sn, "invalidate", reference, "99", "--text", "z"))
        self.assertIn("neither the number", self.refused(self.sn, "invalidate", reference, "first", "--text", "z"))
        self.assertIn("name the first version", self.refused(self.sn, "update", reference, update, "--text", "z"))
        self.assertIn("the move that undoes it", self.refused(self.sn, "invalidate", reference, "3", "--text", "z"))  # the acceptance
        self.assertIn("text: is missing", self.refused(self.sn, "invalidate", reference, note))
        self.step(self.sn, "invalidate", reference, note, "--text", "z")
        for verb in ("update", "invalidate"):
            self.assertIn("declared void already", self.refused(self.sn, verb, reference, note, "--text", "z"))

    def test_a_case_that_is_closed_can_be_corrected(self):
        reference = self.accepted_case()
        report = self.step(self.sn, "report", reference, STORY / "report-final.json", "--final", "--attach", STORY / "house.jpg")
        self.step(self.ch, "close", reference, "--outcome", "REPORT_DELIVERED", "--yes")
        self.step(self.sn, "update", reference, report, self.form("report-final.json", conditions="Keine.", attachments=[]))
        self.assertEqual(self.ch.json("show", reference)["state"], "CLOSED")
        self.assertIn("Keine.", self.ch.call("show", reference))

    def test_versions_go_on_with_a_case_that_is_passed_on(self):
        gm = self.network.member("GM")
        gm.call("sync")
        for member in (self.ch, self.sn):
            member.call("sync")
        reference = self.ch.json("refer", STORY / "referral-nz-sn.json", "--to", "SN")["reference"]
        self.pass_on(self.ch, self.sn)
        note = self.step(self.ch, "note", reference, "--text", "She lives in Banjul.")
        self.step(self.ch, "update", reference, note, "--text", "She lives in Brikama.")
        self.sn.call("forward", reference, "--to", "GM", "--reason", "WRONG_ADDRESSEE")
        self.pass_on(self.sn, gm)
        self.assertEqual(self.item(gm, reference, note)["replaced_by"]["version"], 2)
        self.assertNotIn("Banjul", gm.call("show", reference))


class Refusals(TwoMembers):
    """A client of another make, which asks nobody: what the hub itself refuses though it is signed."""

    def test_only_its_member_speaks_of_a_message_and_only_in_its_case(self):
        note = self.note("KH")
        self.refused("UNKNOWN_MESSAGE", self.update, "TH", note, 2)
        self.refused("UNKNOWN_MESSAGE", self.invalidate, "TH", note)
        self.refused("UNKNOWN_MESSAGE", self.update, "KH", os.urandom(16), 2)
        elsewhere = os.urandom(16)
        self.submit("KH", self.people["KH"].referral(self.clients["KH"], "TH", case_id=elsewhere))
        self.refused("UNKNOWN_MESSAGE", self.update, "KH", note, 2, case=elsewhere)
        self.update("KH", note, 2)

    def test_versions_come_one_after_the_other_and_end_when_it_is_void(self):
        note = self.note("KH")
        self.refused("OTHER_VERSION", self.update, "KH", note, 3)
        second_version = self.update("KH", note, 2)
        self.refused("OTHER_VERSION", self.update, "KH", note, 2)
        self.refused("NOT_ALLOWED", self.update, "KH", second_version, 2)
        self.invalidate("KH", note)
        self.refused("NO_LONGER_VALID", self.update, "KH", note, 3)
        self.refused("NO_LONGER_VALID", self.invalidate, "KH", note)
        self.refused("NO_LONGER_VALID", self.invalidate, "KH", second_version)

    def test_a_decision_is_neither_replaced_nor_void(self):
        acknowledgement = self.send("TH", ENVELOPE.MESSAGE_KIND_ACK, None)
        self.refused("NOT_ALLOWED", self.update, "TH", acknowledgement, 2)
        self.refused("NOT_ALLOWED", self.invalidate, "TH", acknowledgement)

    def test_the_fields_are_those_of_the_kind(self):
        note = self.note("KH")
        self.refused("MALFORMED", self.update, "KH", note, 1)
        self.refused("MALFORMED", self.update, "KH", note, 0)
        self.refused("MALFORMED", self.send, "KH", ENVELOPE.MESSAGE_KIND_INVALIDATE, self.body("x"))
        self.refused("MALFORMED", self.send, "KH", ENVELOPE.MESSAGE_KIND_STATUS_NOTE, self.body("x"), refers_to=note)

    def test_a_message_and_its_new_version_in_one_flight_are_both_taken(self):
        client = self.clients["KH"]
        note = client.compose(ENVELOPE.MESSAGE_KIND_STATUS_NOTE, ["TH"], self.case, self.body("old"))
        envelope, header = ENVELOPE.Envelope(), ENVELOPE.Header()
        envelope.ParseFromString(note)
        header.ParseFromString(envelope.header)
        update = client.compose(ENVELOPE.MESSAGE_KIND_UPDATE, ["TH"], self.case, self.body("new"), refers_to=header.message_id, version_of_content=2)
        asked = []
        for data in (note, update):
            frame = WIRE.Frame(id=client.take_id())
            frame.submit.envelope = data
            client.send(frame)
            asked.append(frame.id)
        for number in asked:
            self.assertTrue(client.answer(number).HasField("accepted"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
