#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""An alert, from the form to the closure; and the translations of what stands in a case, beside the originals."""

import json
import os
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from network import STORY  # noqa: E402
from second_member import BODY, ENVELOPE, Person, second  # noqa: E402
from two_branches import TwoBranches  # noqa: E402

ALERT = STORY / "alert-sn-ch.json"
DATA = STORY.parent / "forms"


class Alerts(TwoBranches):
    def alert(self):
        return self.sn.json("alert", ALERT, "--to", "CH")["reference"]

    def faults(self, member, form, *words):
        path = self.folder / "form.json"
        path.write_text(json.dumps(form), encoding="utf-8")
        done = member.run(*words, path, "--dry-run", "--json")
        return {fault["path"]: fault["text"] for fault in json.loads(done.stderr)["error"].get("faults", [])}

    def test_it_stands_first_until_it_is_acknowledged_and_then_is_a_case_like_any_other(self):
        reference = self.alert()
        self.sync()
        for number in range(3):  # what comes later stands below all the same
            self.sn.call("refer", STORY / "referral-nz-sn.json", "--to", "CH")
        self.sync()
        self.assertEqual([item["reference"] for item in self.ch.json("inbox")["items"]][0], reference)
        self.assertIn("ALERT, not acknowledged: warns: a child is in danger", self.ch.call("inbox"))
        self.assertIn("ALERTE, sans accusé de réception", self.ch.call("inbox", "--lang", "fr"))
        first = self.ch.json("due")["items"][0]
        self.assertEqual((first["reference"], first["alert"], first["awaits"], first["urgency"]), (reference, True, "ACK", "EMERGENCY"))
        shown = self.ch.json("show", reference)
        opening = shown["items"][0]
        self.assertEqual((shown["state"], opening["service"], opening["urgency"]), ("SENT", "CP_ALERT", "EMERGENCY"))
        content = opening["content"]
        self.assertEqual((content["dangers"], content["soon"], content["source"]), (["FORCED_MARRIAGE"], "WEEKS", "CHILD"))
        self.assertIn("forcé (FORCED_MARRIAGE)", self.ch.call("show", reference, "--lang", "fr"))
        self.ch.call("ack", reference)
        self.sync()
        self.assertNotIn("ALERT", self.ch.call("inbox"))
        self.assertNotIn("alert", self.ch.json("due")["items"][0])
        self.ch.call("accept", reference, "--due", "2099-01-15")
        self.sync()
        self.ch.call("report", reference, DATA / "alert-report.json", "--final")
        self.sync()
        self.sn.call("close", reference, "--outcome", "REPORT_DELIVERED", "--yes")
        self.sync()
        self.assertEqual([self.ch.json("show", reference)["state"], self.sn.json("show", reference)["state"]], ["CLOSED", "CLOSED"])

    def test_each_field_that_is_wrong_is_named(self):
        form = json.loads(ALERT.read_text(encoding="utf-8"))
        for path, value in (("dangers", []), ("soon", "SOME_DAY"), ("source", ""), ("what", ""), ("asked", "")):
            with self.subTest(path=path):
                found = self.faults(self.sn, form | {path: value}, "alert")
                self.assertEqual([name.split("[")[0] for name in found], [path])
        self.assertIn("add --to CODE", self.refused(self.sn, "alert", ALERT))
        self.assertEqual(self.faults(self.sn, form | {"urgency": "STANDARD"}, "alert").keys(), {"urgency"})  # it has but one

    def test_the_wrong_addressee_passes_it_on_and_the_emergency_stays_one(self):
        nz = self.network.member("NZ")
        for member in (nz, self.ch, self.sn):
            member.call("sync")
        reference = self.alert()
        self.sync()
        self.ch.call("ack", reference)
        self.ch.call("forward", reference, "--to", "NZ", "--reason", "WRONG_ADDRESSEE")
        self.sync()
        nz.call("sync")
        shown = nz.json("show", reference)
        opening = shown["items"][0]
        self.assertEqual((shown["state"], opening["urgency"], opening["kind"]), ("SENT", "EMERGENCY", "ALERT"))
        self.assertEqual(shown["items"][0]["content"]["dangers"], ["FORCED_MARRIAGE"])
        self.assertTrue(nz.json("due")["items"][0]["alert"])

    def test_what_nobody_was_handed_is_recalled_with_its_case(self):
        reference = self.sn.json("alert", ALERT, "--to", "CH", "--wait", "30s")["reference"]
        self.sn.call("recall", reference, "1", "--reason", "SENT_IN_ERROR")
        self.assertEqual(self.sn.json("sync")["returned"], [])
        self.sync()
        self.assertEqual(self.ch.json("show", reference)["state"], "WITHDRAWN")
        self.assertNotIn("FORCED_MARRIAGE", json.dumps(self.ch.json("show", reference)))
        self.assertNotIn("ALERT,", self.ch.call("inbox"))

    def test_the_hub_takes_none_of_another_urgency_or_service(self):
        people = {code: Person(self.network.hub, code) for code in ("KH", "TH")}
        client = people["KH"].client()
        self.addCleanup(client.close)
        for fields, right in (({"service": "CP_ALERT", "urgency": "STANDARD"}, False), ({"service": "HOME_STUDY", "urgency": "EMERGENCY"}, False),
                              ({"service": "CP_ALERT", "urgency": "EMERGENCY"}, True)):
            with self.subTest(**fields):
                body = BODY.Body()
                body.alert.what = "text"
                envelope = client.compose(ENVELOPE.MESSAGE_KIND_ALERT, ["TH"], os.urandom(16), body, (), legal_basis="HC1996_ART36",
                                          requester_kind="CHILD_PROTECTION", **fields)
                if right:
                    client.submit(envelope)
                    continue
                with self.assertRaises(second.Refused) as caught:
                    client.submit(envelope)
                self.assertEqual(caught.exception.reason, "MALFORMED")


class Translations(TwoBranches):
    def setUp(self):
        super().setUp()
        self.reference = self.ch.json("refer", STORY / "referral-nz-sn.json", "--to", "SN", "--attach", STORY / "court-order.pdf")["reference"]
        self.sync()

    def say(self, member, status, *words):
        member.call("translation", self.reference, "--message", "1", "--from", "fr", "--into", "wo", "--status", status, *words)
        self.sync()

    def of(self, member, number=0):
        return member.json("show", self.reference)["items"][number].get("translations", [])

    def test_it_is_asked_for_and_given_and_both_see_it_beside_the_original(self):
        self.say(self.sn, "ASKED", "--file", "court-order.pdf", "--due", "2099-02-01")
        for member in (self.ch, self.sn):
            (one,) = self.of(member)
            self.assertEqual((one["file"], one["into"], one["status"], one["written_by"], one["expected"]), ("court-order.pdf", "wo", "ASKED", "SN", "2099-02-01"))
        paper = self.folder / "order-wo.pdf"
        paper.write_bytes((STORY / "court-order.pdf").read_bytes())
        self.say(self.ch, "DONE", "--file", "court-order.pdf", "--how", "SWORN", "--by", "A. Diouf", "--attach", paper)
        self.say(self.ch, "DONE", "--how", "MACHINE", "--text", "Ndimbal xale bi.")
        for member in (self.ch, self.sn):
            self.assertEqual([(one.get("file"), one["status"], one.get("how"), one.get("by"), one["case_seq"]) for one in self.of(member)],
                             [("court-order.pdf", "DONE", "SWORN", "A. Diouf", "3"), (None, "DONE", "MACHINE", None, "4")])
        self.assertIn("translation of court-order.pdf into wo: Done, By a sworn translator, A. Diouf", self.sn.call("show", self.reference))
        self.assertIn("traduction de ce qui est écrit vers wo : Faite, Par une machine, non relue", self.sn.call("show", self.reference, "--lang", "fr"))
        message = self.sn.json("show", self.reference)["items"][2]["message"]
        self.sn.call("attachment", message, "1", "--output", self.folder / "copy.pdf")
        self.assertEqual((self.folder / "copy.pdf").read_bytes(), paper.read_bytes())

    def test_a_new_version_is_of_what_stands_in_the_case_too(self):
        self.say(self.ch, "DONE", "--how", "HUMAN", "--text", "Ndimbal.")
        form = self.folder / "translation.json"
        for message, fault in ((9, "there is no message 9 in this case"), (1, None)):
            form.write_text(json.dumps({"message": message, "from": "fr", "into": "wo", "status": "DONE", "how": "HUMAN", "text": "Ndimbal xale bi."}))
            if fault:
                self.assertIn(fault, self.refused(self.ch, "update", self.reference, "2", form))
            else:
                self.ch.call("update", self.reference, "2", form)
        self.sync()
        self.assertEqual([one["status"] for one in self.of(self.sn)], ["DONE"])
        self.assertIn("Ndimbal xale bi.", self.sn.call("show", self.reference))

    def test_what_is_void_does_not_count_and_what_is_not_there_is_refused(self):
        self.say(self.ch, "DONE", "--how", "HUMAN", "--text", "Ndimbal.")
        self.ch.call("invalidate", self.reference, "2", "--text", "It was of another letter.")
        self.sync()
        self.assertEqual(self.of(self.sn), [])
        words = ("translation", self.reference, "--from", "fr", "--into", "wo")
        self.assertIn("there is no message 9 in this case", self.refused(self.ch, *words, "--message", "9", "--status", "ASKED"))
        self.assertIn("message 1 has no attachment 'x.pdf'", self.refused(self.ch, *words, "--message", "1", "--file", "x.pdf", "--status", "ASKED"))
        self.assertIn("says how it was made", self.refused(self.ch, *words, "--message", "1", "--status", "DONE", "--text", "Ndimbal."))
        self.assertIn("stands here, or in a file", self.refused(self.ch, *words, "--message", "1", "--status", "DONE", "--how", "HUMAN"))
        self.assertIn("is the language of the original",
                      self.refused(self.ch, "translation", self.reference, "--from", "fr", "--into", "fr", "--message", "1", "--status", "ASKED"))


if __name__ == "__main__":
    unittest.main()
