# SPDX-License-Identifier: Apache-2.0
"""Two branches, CH and SN, with the real client at one real hub: what a test of one kind of message begins with."""

import tempfile
import unittest
from pathlib import Path

from network import CommandFailed, Network


class TwoBranches(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="passerelle-branches-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.network = Network(self.folder)
        self.network.__enter__()
        self.addCleanup(self.network.__exit__)
        self.ch, self.sn = self.network.member("CH"), self.network.member("SN")
        self.sync()

    def sync(self):
        """Until each has what the other wrote, and its receipts."""
        for member in (self.ch, self.sn, self.ch, self.sn):
            member.call("sync")

    def refused(self, member, *words):
        """What the program says of a command that fails."""
        with self.assertRaises(CommandFailed) as caught:
            member.call(*words)
        return caught.exception.stderr
