#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The second client and the C client exchange sealed referrals both ways over a real hub."""

import os
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))
import passerelle_client as second  # noqa: E402
from hub import ROOT  # noqa: E402
from network import STORY, Network  # noqa: E402


class SecondClient(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="passerelle-second-")
        cls.network = Network(cls.folder.name)
        cls.network.__enter__()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.addClassCleanup(cls.network.__exit__)
        cls.c_client = cls.network.member("CH")
        cls.other = cls.network.member("SN", user="awa")  # its keys are made by the C client, then used from Python alone
        cls.network.member("UNICEF-SN", kind="PARTNER_AGENCY", user="office", role="desk")  # the sample referral names it
        cls.c_client.call("sync")
        cls.schema = second.load_schema(ROOT / "proto", cls.folder.name)
        cls.kinds = cls.schema[0].MessageKind

    def connect(self):
        client = second.Client(self.schema, second.Keys(self.other.profile / "keys"), str(self.network.hub.trust),
                               "127.0.0.1", self.network.hub.port)
        self.addCleanup(client.close)
        return client

    def referral(self, client, case_id, narrative, attachments=(), **fields):
        body = self.schema[2].Body()
        body.referral.narrative.history = narrative
        for number, attachment in enumerate(attachments):
            body.attachment.add(name=f"file-{number}.bin", media_type="application/octet-stream", size=len(attachment))
        return client.compose(self.kinds.MESSAGE_KIND_REFERRAL, ["CH"], case_id, body, attachments, service="HOME_STUDY",
                              urgency="STANDARD", legal_basis="HC1996", requester_kind="COURT", **fields)

    def test_a_referral_from_c_is_read_in_python_with_its_attachment(self):
        self.c_client.call("refer", STORY / "referral-ch-sn.json", "--to", "SN", "--attach", STORY / "court-order.pdf")
        self.c_client.call("sync")
        client = self.connect()
        delivery = client.next_delivery()
        while True:
            header, body, keys = client.read(delivery.envelope)
            if body is not None and body.WhichOneof("content") == "referral":
                break
            delivery = client.next_delivery()
        self.assertIn("عائشة مالي ندياي", [name.full for person in body.referral.persons for name in person.names])
        attachment = client.fetch(header, 1, keys[1], body.attachment[0].size)
        self.assertEqual(attachment, (STORY / "court-order.pdf").read_bytes())
        client.acknowledge(delivery.mailbox_seq)

    def test_a_referral_from_python_is_read_in_c_with_its_attachment(self):
        client, case_id = self.connect(), os.urandom(16)
        scan = os.urandom(700_000)
        statement, accepted = client.submit(self.referral(client, case_id, "La maison au bord du fleuve", [scan]))
        self.assertEqual((statement.case_seq, accepted.case_state), (1, 2))
        self.c_client.call("sync")
        reference = second.reference("SN", "CH", case_id)
        shown = self.c_client.json("show", reference)
        self.assertEqual(shown["state"], "SENT")
        self.assertIn("La maison au bord du fleuve", self.c_client.call("show", reference, "--json"))
        saved = Path(self.folder.name) / "scan.bin"
        self.c_client.call("attachment", shown["items"][0]["message"], "1", "--output", saved)
        self.assertEqual(saved.read_bytes(), scan)

    def test_what_goes_to_all_is_written_and_read_by_both(self):
        secretariat = self.network.member("GS", kind="GENERAL_SECRETARIAT", role="monitor")
        text = Path(self.folder.name) / "text"
        text.write_text("The offices are closed on 24 December.")
        secretariat.call("broadcast", "--text", text, "--language", "en", "--wait", "30s")
        self.c_client.call("availability", "--status", "REDUCED", "--cause", "STAFF", "--wait", "30s")
        client, read = self.connect(), {}
        while len(read) < 2:
            header, body, _ = client.read(client.next_delivery().envelope)
            if list(header.to) == ["*"]:
                self.assertIsNone(body)
                read[header.kind] = header
        self.assertEqual(read[self.kinds.MESSAGE_KIND_BROADCAST].notice, "The offices are closed on 24 December.")
        self.assertEqual(list(read[self.kinds.MESSAGE_KIND_BROADCAST].language), ["en"])
        reduced = read[self.kinds.MESSAGE_KIND_AVAILABILITY]
        self.assertEqual((reduced.availability.status, reduced.availability.member, reduced.reason), ("REDUCED", "CH", "STAFF"))
        envelope = self.schema[0]
        own = client.compose(self.kinds.MESSAGE_KIND_AVAILABILITY, ["*"], b"", None, reason="DISASTER", deputy="CH",
                             availability=envelope.Availability(status="DISRUPTED", member="SN"))
        statement, accepted = client.submit(own)
        self.assertEqual((statement.case_seq, list(accepted.mailbox_seq)), (0, []))
        self.c_client.call("sync")
        self.assertEqual([item["cause"] for item in self.c_client.json("directory")["items"] if item["code"] == "SN"], ["DISASTER"])
        client.submit(client.compose(self.kinds.MESSAGE_KIND_AVAILABILITY, ["*"], b"", None,
                                     availability=envelope.Availability(status="BACK", member="SN")))
        for to, fields, reason in ((["CH"], {"notice": "x"}, "MALFORMED"), (["*", "CH"], {"notice": "x"}, "MALFORMED"),
                                   (["*"], {"notice": "x" * 2001}, "TOO_LARGE"), (["*"], {"notice": "a\nb"}, "BAD_TEXT"),
                                   (["*"], {"notice": "x"}, "NOT_ALLOWED")):
            with self.assertRaises(second.Refused) as refused:
                client.submit(client.compose(self.kinds.MESSAGE_KIND_BROADCAST, to, b"", None, language=["en"], **fields))
            self.assertEqual(refused.exception.reason, reason)

    def test_the_same_bytes_again_get_the_same_receipt(self):
        client = self.connect()
        envelope = self.referral(client, os.urandom(16), "deux fois")
        _, first = client.submit(envelope)
        _, again = client.submit(envelope)
        self.assertFalse(first.duplicate)
        self.assertTrue(again.duplicate)
        self.assertEqual(first.receipt, again.receipt)

    def test_refusals_have_the_names_of_the_page(self):
        client = self.connect()
        good = self.referral(client, os.urandom(16), "x")
        client.submit(good)
        for change, reason in (
            (lambda e, h: setattr(e, "signature", bytes(64)), "BAD_SIGNATURE"),
            (lambda e, h: setattr(e, "signer", bytes(32)), "UNKNOWN_SIGNER"),
            (lambda e, h: h.to.__setitem__(0, "XX"), "UNKNOWN_RECIPIENT"),
            (lambda e, h: setattr(h, "created_at", h.created_at + 1), "KEY_REUSED"),
            (lambda e, h: (setattr(h, "message_id", second.message_id()), setattr(h, "kind", self.kinds.MESSAGE_KIND_CLOSE)), None),
        ):
            envelope, header = self.schema[0].Envelope(), self.schema[0].Header()
            envelope.ParseFromString(good)
            header.ParseFromString(envelope.header)
            change(envelope, header)
            if envelope.signature != bytes(64) and envelope.signer != bytes(32):
                envelope.header = header.SerializeToString()
                envelope.signature = client.keys.sign(b"iss-env-v1", envelope.header)
            with self.assertRaises(second.Refused) as refused:
                client.submit(envelope.SerializeToString())
            if reason:
                self.assertEqual(refused.exception.reason, reason)


if __name__ == "__main__":
    unittest.main()
