#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A message is recalled if nobody was handed it, and only then: at home, at the hub, and when both happen at once."""

import os
import random
import sqlite3
import sys
import threading
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from network import STORY, CommandFailed  # noqa: E402
from outage import Operator  # noqa: E402
from second_member import ENVELOPE, Person, second  # noqa: E402
from two_branches import TwoBranches  # noqa: E402
from two_members import TwoMembers  # noqa: E402


class Recall(TwoBranches):
    """What nobody was handed is taken back: its content is not to be had afterwards by anything that can be said to the hub."""

    def setUp(self):
        super().setUp()
        self.reference = self.ch.json("refer", STORY / "referral-nz-sn.json", "--to", "SN")["reference"]
        self.sync()

    def write(self, *words):
        """Written and at the hub: its id and its number."""
        message = self.ch.json(*words, "--wait", "30s")["message"]
        return message, self.item(self.ch, message)["case_seq"]

    def item(self, member, message):
        (item,) = [one for one in member.json("show", self.reference)["items"] if one["message"] == message]
        return item

    def recall(self, what, *words):
        self.ch.call("recall", self.reference, what, *words)
        return self.ch.json("sync")["returned"]

    def test_a_note_with_a_paper_is_taken_back_from_the_hub(self):
        message, number = self.write("note", self.reference, "--text", "The wrong child.", "--attach", STORY / "court-order.pdf")
        self.assertEqual(self.recall(number, "--text", "It was about another child."), [])
        (row,) = [one for one in self.ch.json("outbox")["items"] if one["message"] == message]
        self.assertEqual(row["state"], "recalled")
        self.sync()
        item = self.item(self.sn, message)
        self.assertNotIn("content", item)
        self.assertIn("recalled", item)
        self.assertRegex(self.sn.call("show", self.reference), r"RECALLED by its author before it was read, on 20")
        self.assertNotIn("wrong child", self.sn.call("show", self.reference, "--all-versions"))
        with self.assertRaises(CommandFailed):
            self.sn.call("attachment", message, "1", "--output", self.folder / "stolen.pdf")
        self.assertEqual(self.sn.json("inbox", "--unread")["items"], [])
        with sqlite3.connect(self.sn.profile / "store.db") as store:
            (size,) = store.execute("SELECT length(envelope) FROM inbox WHERE recalled").fetchone()
        self.assertLess(size, 1500)  # a header and a signature
        # It is known and marked at home as well, and cannot be spoken of any more.
        self.assertIn("recalled", self.item(self.ch, message))
        for verb in ("recall", "update", "invalidate"):
            self.assertIn("recalled already", self.refused(self.ch, verb, self.reference, number, "--text", "x"))

    def test_what_was_taken_back_is_erased_at_the_hub(self):
        hub = self.network.hub
        message, number = self.write("note", self.reference, "--text", "The wrong child.", "--attach", STORY / "court-order.pdf")
        kept, _ = self.write("note", self.reference, "--text", "The right child.")
        self.assertGreater(hub.sealed([message]), 1)
        self.assertEqual(self.recall(number, "--text", "It was about another child."), [])
        hub.stop()
        hub.start()  # every hour, and at each beginning
        Operator(hub).wait(lambda: hub.sealed([message]) == 0)
        self.assertEqual(hub.sealed([kept]), 1)
        self.assertEqual(hub.sql("SELECT count(*) FROM passerelle.message m WHERE sha256(envelope) <> envelope_hash"), "1")
        self.sync()
        self.assertNotIn("content", self.item(self.sn, message))
        self.assertIn("recalled", self.item(self.sn, message))
        self.assertEqual(self.item(self.sn, kept)["content"]["text"], "The right child.")
        self.assertEqual(hub.sql("SELECT outcome FROM passerelle.audit_event WHERE kind = 'ERASED'"), "1")

    def test_what_was_delivered_is_not_recalled_and_says_what_to_do(self):
        message, number = self.write("note", self.reference, "--text", "x")
        self.sn.call("sync")
        (returned,) = self.recall(number)
        self.assertEqual(returned["reason"], "ALREADY_DELIVERED")
        self.assertIn("passerelle invalidate", returned["text"])
        self.sync()
        self.assertNotIn("recalled", self.item(self.ch, message))
        self.assertEqual(self.item(self.sn, message)["content"]["text"], "x")
        self.assertIn("delivered already", self.refused(self.ch, "recall", self.reference, number))  # known here by now
        self.ch.call("invalidate", self.reference, number, "--text", "Not so.")
        self.sync()
        self.assertIn("void", self.item(self.sn, message))

    def test_what_never_left_is_taken_back_here_and_nothing_is_sent(self):
        written = self.ch.json("note", self.reference, "--text", "secret")
        done = self.ch.json("recall", self.reference, written["message"])
        self.assertEqual((done["message"], done["state"]), (written["message"], "taken_back"))
        sent = self.ch.json("sync")
        self.assertEqual((sent["sent"], sent["returned"]), (0, []))
        self.assertEqual(self.item(self.ch, written["message"])["state"], "taken_back")
        self.sn.call("sync")
        self.assertNotIn(written["message"], [one["message"] for one in self.sn.json("show", self.reference)["items"]])
        self.assertIn("no message", self.refused(self.ch, "recall", self.reference, written["message"]))

    def test_what_was_submitted_once_is_not_taken_back_here(self):
        """The hub is away when it is sent: it may be there, and so only the hub can tell."""
        self.network.hub.stop()
        written = self.ch.json("note", self.reference, "--text", "x")
        self.ch.run("sync")
        with sqlite3.connect(self.ch.profile / "store.db") as store:
            store.execute("UPDATE outbox SET submitted_at = 1 WHERE state = 1")  # as after a line that was cut behind the last byte
        self.assertEqual(self.ch.json("recall", self.reference, written["message"])["state"], "queued")
        self.network.hub.start()
        self.sync()
        self.assertIn("recalled", self.item(self.sn, written["message"]))

    def test_the_recall_of_a_referral_withdraws_the_case(self):
        message = self.ch.json("refer", STORY / "referral-nz-sn.json", "--to", "SN", "--wait", "30s")
        self.reference = message["reference"]
        self.assertIn("say the reason", self.refused(self.ch, "recall", self.reference, "1"))
        self.assertEqual(self.recall("1", "--reason", "SENT_IN_ERROR"), [])
        self.sync()
        for member in (self.ch, self.sn):
            self.assertEqual(member.json("show", self.reference)["state"], "WITHDRAWN")
            self.assertIn("recalled", self.item(member, message["message"]))
        self.assertNotIn("content", self.item(self.sn, message["message"]))

    def test_all_versions_go_and_the_case_goes_on(self):
        message, number = self.write("note", self.reference, "--text", "one")
        update, _ = self.write("update", self.reference, number, "--text", "two")
        self.assertEqual(self.recall(number), [])
        self.sync()
        for one in (message, update):
            self.assertNotIn("content", self.item(self.sn, one))
            self.assertIn("recalled", self.item(self.sn, one))
        self.sn.call("ack", self.reference)
        self.sync()
        # What was recalled stays empty for whoever gets the case.
        gm = self.network.member("GM")
        gm.call("sync")
        self.sync()
        self.sn.call("forward", self.reference, "--to", "GM", "--reason", "WRONG_ADDRESSEE")
        self.sync()
        gm.call("sync")
        self.assertIn("recalled", self.item(gm, message))
        self.assertNotIn("content", self.item(gm, message))
        self.assertIn("content", gm.json("show", self.reference)["items"][0])


class Races(TwoMembers):
    """Delivered is what a session was handed, acknowledged or not; while a session is there, all that comes counts as handed."""

    def recall(self, code, of, **more):
        return self.send(code, ENVELOPE.MESSAGE_KIND_RECALL, None, refers_to=of, **more)

    def leave(self, code):
        """Ends the line and waits until the hub knows that nobody reads this mailbox."""
        self.clients[code].close()
        member = f"(SELECT member FROM passerelle.member WHERE code = '{code}')"
        for _ in range(200):
            if self.hub.sql(f"SELECT count(*) FROM passerelle.mailbox_reader WHERE member = {member}") == "0":
                return
            time.sleep(0.02)
        self.fail("the hub still counts a reader")

    def come_back(self, code, **options):
        self.clients[code] = self.people[code].client(**options)
        self.addCleanup(self.clients[code].close)
        return self.clients[code]

    def test_what_a_session_has_is_delivered_and_what_it_was_never_handed_is_not(self):
        first = self.note("KH")
        self.refused("ALREADY_DELIVERED", self.recall, "KH", first)  # it is handed on at once; nobody has acknowledged it
        self.leave("TH")
        self.refused("ALREADY_DELIVERED", self.recall, "KH", first)  # gone without an acknowledgement: handed is handed
        second_note = self.note("KH")
        self.recall("KH", second_note)
        self.refused("NO_LONGER_VALID", self.recall, "KH", second_note)
        self.refused("UNKNOWN_MESSAGE", self.recall, "KH", os.urandom(16))
        self.refused("NOT_ALLOWED", self.recall, "KH", self.opening)  # without a reason

    def deliveries(self, client, count):
        return [client.next_delivery() for _ in range(count)]

    def test_nothing_that_can_be_said_to_the_hub_brings_the_content_back(self):
        self.leave("TH")
        kh = self.clients["KH"]
        body = self.body("nobody is to read this")
        body.attachment.add(name="a.txt", media_type="text/plain", size=5)
        before = kh.compose(ENVELOPE.MESSAGE_KIND_STATUS_NOTE, ["TH"], self.case, body, [b"photo"])
        whole, header = ENVELOPE.Envelope(), ENVELOPE.Header()
        whole.ParseFromString(before)
        header.ParseFromString(whole.header)
        self.submit("KH", before)
        self.recall("KH", header.message_id)
        th = self.come_back("TH")
        for again in range(2):  # from the beginning each time, as a new device would
            mails = self.deliveries(th, 3)
            self.assertEqual([mail.mailbox_seq for mail in mails], [1, 2, 3])
            self.assertEqual([mail.recalled for mail in mails], [False, True, False])
            empty = ENVELOPE.Envelope()
            empty.ParseFromString(mails[1].envelope)
            self.assertEqual((empty.header, empty.signature, empty.signer), (whole.header, whole.signature, whole.signer))
            self.assertEqual((len(empty.stanza), empty.sealed_body), (0, b""))
            th.check_envelope_signature(empty, th.signing_certificate("KH", empty.signer))
            self.assertEqual(th.read(mails[1].envelope, mails[1].recalled)[1], None)
            for mail in mails:
                self.assertNotIn(whole.sealed_body[:64], mail.envelope)
            if again == 0:
                th.close()
                th = self.come_back("TH")
        def ask_for(object_id):
            def fill(frame):
                frame.fetch.object_id, frame.fetch.chunks = object_id, 1
            return lambda: th.ask(fill)
        for one in header.object:
            self.refused("UNKNOWN_OBJECT", ask_for(one.object_id))
        self.refused("NOT_ALLOWED", lambda: th.submit(before))  # the author's bytes sent by somebody else

    def test_one_of_two_persons_of_a_member_is_enough_for_a_delivery(self):
        """Two lines of one member: whoever of them was handed it, it was delivered."""
        other = Person(self.hub, "TH", user="bopha")
        self.leave("TH")
        note = self.note("KH")
        reader = other.client()
        self.addCleanup(reader.close)
        self.assertEqual(len(self.deliveries(reader, 2)), 2)
        self.refused("ALREADY_DELIVERED", self.recall, "KH", note)

    def test_a_hub_that_was_killed_has_not_forgotten_who_was_reading(self):
        note = self.note("KH")
        self.hub.kill()
        self.hub.start()
        self.come_back("KH")
        self.refused("ALREADY_DELIVERED", self.recall, "KH", note)

    def test_a_recall_and_a_reader_that_come_at_once_never_both_win(self):
        outcomes = {True: 0, False: 0}
        cursor = None
        self.leave("TH")
        for _ in range(16):
            note, recalled = self.note("KH"), []

            def take_back(message=note, later=random.random() * 0.06):
                time.sleep(later)  # no wait for anything: it spreads the two over the time that a greeting takes
                try:
                    self.recall("KH", message)
                    recalled.append(True)
                except second.Refused as refusal:
                    self.assertEqual(refusal.reason, "ALREADY_DELIVERED")
                    recalled.append(False)

            writer = threading.Thread(target=take_back)
            writer.start()
            th = self.come_back("TH", cursor=cursor)
            mail = th.next_delivery()
            while self.message_of(mail) != note:
                mail = th.next_delivery()
            writer.join()
            self.assertEqual(recalled, [mail.recalled])
            self.assertEqual(len(self.envelope_of(mail).sealed_body) == 0, mail.recalled)
            outcomes[mail.recalled] += 1
            cursor = (th.welcome.mailbox_epoch, mail.mailbox_seq)
            self.leave("TH")
        print("recalled / delivered:", outcomes[True], outcomes[False])

    def envelope_of(self, mail):
        envelope = ENVELOPE.Envelope()
        envelope.ParseFromString(mail.envelope)
        return envelope

    def message_of(self, mail):
        header = ENVELOPE.Header()
        header.ParseFromString(self.envelope_of(mail).header)
        return header.message_id


if __name__ == "__main__":
    unittest.main(verbosity=2)
