# SPDX-License-Identifier: Apache-2.0
"""Two members by a client of another make, which asks nobody, at one real hub: what the hub itself refuses though it is signed."""

import os
import tempfile
import unittest
from pathlib import Path

from hub import Hub
from second_member import BODY, ENVELOPE, Person, second


class TwoMembers(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="passerelle-refusals-")
        self.addCleanup(folder.cleanup)
        self.hub = Hub(Path(folder.name) / "hub")
        self.hub.__enter__()
        self.addCleanup(self.hub.__exit__)
        self.people = {code: Person(self.hub, code) for code in ("KH", "TH")}
        self.clients = {code: person.client() for code, person in self.people.items()}
        for client in self.clients.values():
            self.addCleanup(client.close)
        self.case = os.urandom(16)
        self.opening = self.submit("KH", self.people["KH"].referral(self.clients["KH"], "TH", case_id=self.case))

    def submit(self, code, envelope):
        statement, _ = self.clients[code].submit(envelope)
        return statement.message_id

    def body(self, text):
        body = BODY.Body()
        body.status_note.text = text
        return body

    def send(self, code, kind, body, case=None, **fields):
        client, other = self.clients[code], "TH" if code == "KH" else "KH"
        return self.submit(code, client.compose(kind, [other], case or self.case, body, **fields))

    def note(self, code, text="text"):
        return self.send(code, ENVELOPE.MESSAGE_KIND_STATUS_NOTE, self.body(text))

    def update(self, code, of, version, **more):
        return self.send(code, ENVELOPE.MESSAGE_KIND_UPDATE, self.body("new"), refers_to=of, version_of_content=version, **more)

    def invalidate(self, code, of):
        body = BODY.Body()
        body.invalidate.text = "why"
        return self.send(code, ENVELOPE.MESSAGE_KIND_INVALIDATE, body, refers_to=of)

    def refused(self, reason, call, *words, **more):
        with self.assertRaises(second.Refused) as caught:
            call(*words, **more)
        self.assertEqual(caught.exception.reason, reason)
