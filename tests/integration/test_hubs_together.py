#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Two hub processes on one database: whoever writes through one is heard through the other."""

import contextlib
import json
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from network import STORY, Network  # noqa: E402

PATIENCE = 30  # seconds; the slow poll takes 2


class HubsTogether(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="passerelle-together-")
        self.addCleanup(folder.cleanup)
        self.network = Network(folder.name)
        self.network.__enter__()
        self.addCleanup(self.network.__exit__)
        self.ch, self.sn = self.network.member("CH"), self.network.member("SN")
        self.second = self.network.hub.beside("second")
        self.addCleanup(self.second.kill)
        settings = self.sn.profile / "profile.ini"
        settings.write_text(settings.read_text().replace(f":{self.network.hub.port}", f":{self.second.port}"))
        for member in (self.ch, self.sn):
            member.call("sync")

    @contextlib.contextmanager
    def heard(self, member, word):
        """While the member stays connected, somebody else does something: its event with this word must come."""
        watching = member.start("watch", "--json", stdout=subprocess.PIPE, text=True)
        patience = threading.Timer(PATIENCE, watching.kill)
        patience.start()
        try:
            self.next_line(watching, "connected")
            yield
            self.assertEqual(self.next_line(watching, word)["reference"], self.reference)
        finally:
            patience.cancel()
            watching.kill()
            watching.wait()
            watching.stdout.close()

    def next_line(self, watching, word):
        for line in watching.stdout:
            if word in line:
                return json.loads(line)
        self.fail(f"'{word}' was not heard within {PATIENCE} s")

    def test_what_goes_in_at_one_hub_comes_out_at_the_other_and_a_case_moves_through_both(self):
        self.reference = self.ch.json("refer", STORY / "referral-nz-sn.json", "--to", "SN")["reference"]
        with self.heard(self.sn, "REFERRAL"):
            self.ch.call("sync")
        with self.heard(self.ch, '"ACK"'):
            self.sn.call("ack", self.reference)
            self.sn.call("sync")
        # The first hub still believes in the case as it was: it learns better, and nobody notices.
        with self.heard(self.sn, "STATUS_NOTE"):
            note = self.network.folder / "note.json"
            note.write_text(json.dumps({"text": "Thank you.", "languages": ["en"]}))
            self.ch.call("note", self.reference, note)
            self.ch.call("sync")


if __name__ == "__main__":
    unittest.main()
