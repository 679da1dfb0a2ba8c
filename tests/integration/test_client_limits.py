#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What a member's computer may lack: disk, memory, a right clock. Measured and provoked on
the programs as they are in service (a sanitized build has other memory and another loader)."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from network import STORY, Network  # noqa: E402

ATTACHMENT_MB, MOST_KB = 200, 32 * 1024


def peak_kb(pid):
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())[1])


class Limits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="passerelle-limits-", dir="/var/tmp")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.network = Network(cls.folder.name)
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__)
        cls.ch, cls.sn = cls.network.member("CH"), cls.network.member("SN")
        cls.ch.call("sync")
        cls.sn.call("sync")

    def measured(self, member, verb, *words):
        """Highest resident memory of the command, as the kernel tells at its end."""
        process = member.start(verb, *words, stdout=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(process.returncode, 0)
        return usage.ru_maxrss

    def test_an_attachment_of_200_mb_needs_less_than_32_mb_of_memory_at_both_ends(self):
        photo, out = Path(self.folder.name) / "film.mp4", Path(self.folder.name) / "got.mp4"
        with open(photo, "wb") as file:
            for _ in range(ATTACHMENT_MB):
                file.write(os.urandom(1 << 20))
        begin = time.monotonic()
        write = self.measured(self.ch, "refer", STORY / "referral-nz-sn.json", "--to", "SN", "--attach", photo, "--json")
        send = self.measured(self.ch, "sync")
        self.sn.call("sync")
        item = self.sn.json("inbox")["items"][0]
        get = self.measured(self.sn, "attachment", item["message"], "1", "--output", out)
        hub = peak_kb(self.network.hub.pid)
        print(f"peak KB: write {write}, send {send}, get {get}, hub {hub}; {time.monotonic() - begin:.1f} s", file=sys.stderr)
        subprocess.run(["cmp", photo, out], check=True)
        for peak in (write, send, get, hub):
            self.assertLess(peak, MOST_KB)

    def small_disk(self, megabytes):
        """A file system of a few megabytes; only root may make one."""
        if os.geteuid() != 0:
            self.skipTest("a small file system needs root")
        place = Path(self.folder.name) / "disk"
        place.mkdir(exist_ok=True)
        made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "tmpfs", place], capture_output=True)
        if made.returncode != 0:
            self.skipTest("mounting is not allowed here")
        self.addCleanup(subprocess.run, ["umount", place], check=True)
        return place

    def code_of(self, done):
        return json.loads(done.stderr)["error"]["code"]

    def test_a_full_disk_loses_nothing_and_says_so(self):
        disk = self.small_disk(4)
        profile, member = self.ch.profile, self.ch
        subprocess.run(["cp", "-a", profile, disk / "profile"], check=True)
        member.profile = disk / "profile"
        self.addCleanup(setattr, member, "profile", profile)
        before = len(member.json("outbox")["items"])
        big = Path(self.folder.name) / "big.bin"
        big.write_bytes(os.urandom(6 << 20))
        refused = member.run("refer", STORY / "referral-nz-sn.json", "--to", "SN", "--attach", big, "--json")
        self.assertEqual(self.code_of(refused), "NO_SPACE")
        self.assertEqual(len(member.json("outbox")["items"]), before)
        self.assertEqual(list((disk / "profile/spool").glob("*")), [])
        # Then the last block goes too: even a short message finds no room.
        with open(disk / "filler", "wb", buffering=0) as filler:
            try:
                while filler.write(bytes(4096)) == 4096:
                    pass
            except OSError:
                pass
        written = 0
        for _ in range(40):  # room inside the files that are there may take a few
            done = member.run("refer", STORY / "referral-nz-sn.json", "--to", "SN", "--json")
            if done.returncode != 0:
                self.assertEqual(self.code_of(done), "NO_SPACE")
                break
            written += 1
        else:
            self.fail("the disk never got full")
        (disk / "filler").unlink()
        member.call("refer", STORY / "referral-nz-sn.json", "--to", "SN")
        self.assertEqual(len(member.json("outbox")["items"]), before + written + 1)
        self.assertEqual(member.json("sync")["sent"], written + 1)

    def with_clock(self, member, shift, verb, *words):
        return subprocess.run(["faketime", "-f", shift, *map(str, member.arguments(verb, *words))],
                              capture_output=True, text=True, timeout=60)

    def test_a_clock_that_is_minutes_off_is_told_and_works(self):
        done = self.with_clock(self.ch, "+20m", "sync", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        (warning,) = json.loads(done.stdout)["warnings"]
        self.assertEqual(warning["reason"], "CLOCK_OFF")
        self.assertIn("20 minutes ahead", warning["text"])

    def test_a_message_from_a_clock_days_ahead_comes_back_with_what_to_do(self):
        written = self.with_clock(self.ch, "+2d", "refer", STORY / "referral-nz-sn.json", "--to", "SN", "--json")
        self.assertEqual(written.returncode, 0, written.stderr)
        synced = self.ch.json("sync")
        (returned,) = synced["returned"]
        self.assertEqual(returned["reason"], "CLOCK_AHEAD")
        self.assertIn("set the clock", returned["advice"])
        self.assertEqual(returned["message"], json.loads(written.stdout)["message"])

    def test_the_doctor_finds_a_wrong_clock_and_a_missing_hub(self):
        done = self.with_clock(self.ch, "+30m", "doctor", "--json")
        clock = [item for item in json.loads(done.stdout)["items"] if item["check"] == "clock"]
        self.assertEqual([item["verdict"] for item in clock], ["warning"])
        settings = self.ch.profile / "profile.ini"
        right = settings.read_text()
        settings.write_text(right.replace(f":{self.network.hub.port}", ":1"))
        self.addCleanup(settings.write_text, right)
        done = self.ch.run("doctor", "--json")
        hub = [item for item in json.loads(done.stdout)["items"] if item["check"] == "hub"]
        self.assertEqual([item["verdict"] for item in hub], ["fault"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
