#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The client on a bad line and beside a real hub: cuts, slow and sliced bytes, kills, refusals,
cursors that no longer fit. Whatever happens, each message arrives once and in order."""

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from network import STORY, Network  # noqa: E402
from proxy import Proxy  # noqa: E402

SEED = int(os.environ.get("PASSERELLE_SEED", random.SystemRandom().randrange(1 << 32)))


class Line(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        print(f"PASSERELLE_SEED={SEED}")
        cls.random = random.Random(SEED)
        cls.folder = tempfile.TemporaryDirectory(prefix="passerelle-line-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.network = Network(cls.folder.name)
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__)
        cls.line = Proxy(cls.network.hub.port)
        cls.line.__enter__()
        cls.addClassCleanup(cls.line.__exit__)
        cls.ch, cls.sn = cls.network.member("CH"), cls.network.member("SN")
        for member in (cls.ch, cls.sn):
            settings = member.profile / "profile.ini"
            settings.write_text(settings.read_text().replace(f":{cls.network.hub.port}", f":{cls.line.port}"))
            member.call("sync")
        cls.note = Path(cls.folder.name) / "note.json"

    def setUp(self):
        self.calm()

    def calm(self):
        self.line.cut_after, self.line.slice, self.line.delay, self.line.refuse = None, 65536, 0.0, False

    def refer(self, *attachments):
        words = [word for file in attachments for word in ("--attach", file)]
        return self.ch.json("refer", STORY / "referral-nz-sn.json", "--to", "SN", *words)

    def write_notes(self, reference, count, bytes_each=0):
        for number in range(count):
            ballast = self.random.randbytes(bytes_each // 2).hex()
            self.note.write_text(json.dumps({"text": f"Note {number}: {ballast}", "languages": ["fr"]}))
            self.ch.call("note", reference, self.note)

    def notes_at(self, member, reference):
        items = member.json("show", reference)["items"]
        return [item["content"]["text"].split(":")[0] for item in items if item["kind"] == "STATUS_NOTE"]

    def sync_until_empty(self, member, least, most, rounds=60):
        """Another cut in each round; how many rounds it took."""
        for number in range(rounds):
            self.line.cut_after = self.random.randrange(least, most)
            if member.run("sync").returncode == 0:
                self.calm()
                return number + 1
        self.fail(f"not through after {rounds} rounds")

    def test_cuts_at_random_lose_and_double_nothing_on_the_way_to_the_hub(self):
        reference = self.refer()["reference"]
        self.write_notes(reference, 20)
        cuts = self.line.cuts
        self.sync_until_empty(self.ch, 4000, 16000)
        self.assertGreater(self.line.cuts, cuts)
        self.sn.call("sync")
        self.assertEqual(self.notes_at(self.sn, reference), [f"Note {number}" for number in range(20)])

    def test_cuts_at_random_lose_and_double_nothing_on_the_way_from_the_hub(self):
        reference = self.refer()["reference"]
        self.write_notes(reference, 25, 4000)
        self.ch.call("sync")
        cuts = self.line.cuts
        self.sync_until_empty(self.sn, 26000, 34000)  # a handshake and one TLS record get through, not much more
        self.assertGreater(self.line.cuts, cuts)
        self.assertEqual(self.notes_at(self.sn, reference), [f"Note {number}" for number in range(25)])
        self.sn.call("sync")
        self.ch.call("sync")
        states = {item["state"] for item in self.ch.json("outbox")["items"] if item.get("reference") == reference}
        self.assertLessEqual(states, {"delivered", "opened"})

    def test_a_line_of_single_bytes_carries_everything(self):
        reference = self.refer()["reference"]
        self.line.slice = 1
        self.assertEqual(self.ch.json("sync")["sent"], 1)
        self.assertGreaterEqual(self.sn.json("sync")["received"], 1)
        self.assertEqual(self.sn.json("show", reference)["items"][0]["kind"], "REFERRAL")

    def test_killed_while_it_sends_it_goes_on_where_it_stopped(self):
        reference = self.refer()["reference"]
        self.write_notes(reference, 12)
        self.line.delay = 0.004
        for _ in range(8):
            process = self.ch.start("sync", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(self.random.uniform(0.02, 0.5))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
        self.calm()
        self.ch.call("sync")
        self.sn.call("sync")
        self.assertEqual(self.notes_at(self.sn, reference), [f"Note {number}" for number in range(12)])

    def test_killed_while_it_receives_it_has_everything_once(self):
        reference = self.refer()["reference"]
        self.write_notes(reference, 12)
        self.ch.call("sync")
        self.line.delay = 0.004
        for _ in range(8):
            process = self.sn.start("sync", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            try:
                process.wait(self.random.uniform(0.02, 0.5))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
        self.calm()
        self.sn.call("sync")
        self.assertEqual(self.notes_at(self.sn, reference), [f"Note {number}" for number in range(12)])

    def test_a_cut_attachment_goes_on_at_the_hubs_offset_both_ways(self):
        photo = Path(self.folder.name) / "photo.bin"
        size = 6 << 20
        photo.write_bytes(self.random.randbytes(size))
        written = self.refer(photo)
        self.line.delay = 0.01  # a line, not a memory bus: the hub's disk keeps up with it
        self.line.cut_after, self.line.bytes, cuts = 2_500_000, 0, self.line.cuts
        self.ch.call("sync")
        self.assertGreaterEqual(self.line.cuts - cuts, 2)
        self.assertLess(self.line.bytes, 1.6 * size)  # a cut costs what was under way, never the start again
        self.calm()
        self.sn.call("sync")
        out = Path(self.folder.name) / "out.bin"
        self.line.cut_after, self.line.bytes, cuts = 2_500_000, 0, self.line.cuts
        self.sn.call("attachment", written["message"], "1", "--output", out)
        self.assertGreaterEqual(self.line.cuts - cuts, 2)
        self.assertLess(self.line.bytes, 1.6 * size)
        self.assertEqual(out.read_bytes(), photo.read_bytes())

    def test_no_line_at_all_is_told_and_nothing_is_lost(self):
        self.line.refuse = True
        self.refer()
        done = self.ch.run("sync")
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertGreaterEqual(self.ch.json("outbox")["totals"]["queued"], 1)
        self.calm()
        self.ch.call("sync")
        self.assertEqual(self.ch.json("outbox")["totals"]["queued"], 0)

    def test_a_hub_that_dies_and_comes_back_takes_each_message_once(self):
        reference = self.refer()["reference"]
        self.write_notes(reference, 5)
        self.line.delay = 0.02
        process = self.ch.start("sync", "--wait", "20s", stdout=subprocess.DEVNULL)
        self.network.hub.restart()
        self.line.delay = 0.0
        process.wait(60)
        self.ch.call("sync")
        self.sn.call("sync")
        self.assertEqual(self.notes_at(self.sn, reference), [f"Note {number}" for number in range(5)])

    def test_a_cursor_beyond_the_newest_is_refused_by_name(self):
        self.refer()
        self.ch.call("sync")
        self.sn.call("sync")
        with sqlite3.connect(self.sn.profile / "store.db") as store:
            (seq,) = store.execute("SELECT seq FROM cursor").fetchone()
            store.execute("UPDATE cursor SET seq = ?", (seq + 1000,))
        try:
            done = self.sn.run("sync", "--json")
            self.assertEqual(json.loads(done.stderr)["error"]["code"], "CURSOR_AHEAD")
        finally:
            with sqlite3.connect(self.sn.profile / "store.db") as store:
                store.execute("UPDATE cursor SET seq = ?", (seq,))
        self.sn.call("sync")

    def test_a_cursor_of_another_epoch_reads_everything_again_and_doubles_nothing(self):
        self.refer()
        self.ch.call("sync")
        self.sn.call("sync")
        before = len(self.sn.json("inbox")["items"])
        with sqlite3.connect(self.sn.profile / "store.db") as store:
            store.execute("UPDATE cursor SET epoch = epoch + 7")
        synced = self.sn.json("sync")
        self.assertIn("CURSOR_STALE", [warning["reason"] for warning in synced["warnings"]])
        self.assertEqual(synced["received"], 0)
        self.assertEqual(len(self.sn.json("inbox")["items"]), before)

    def test_an_overtaken_message_comes_back_with_what_overtook_it(self):
        reference = self.refer()["reference"]
        self.ch.call("sync")
        self.sn.call("sync")
        withdraw = Path(self.folder.name) / "withdraw.json"
        withdraw.write_text(json.dumps({"reason": "NO_LONGER_NEEDED"}))
        self.ch.call("withdraw", reference, withdraw)
        self.ch.call("sync")
        self.sn.call("ack", reference)  # not knowing yet
        synced = self.sn.json("sync")
        self.assertEqual([one["reason"] for one in synced["returned"]], ["OVERTAKEN"])
        (kept,) = [item for item in self.sn.json("outbox")["items"] if item["reference"] == reference]
        self.assertEqual(kept["state"], "returned")
        withdrawal = self.ch.json("outbox")["items"][0]
        self.assertEqual(kept["returned"]["overtaken_by"], withdrawal["message"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
