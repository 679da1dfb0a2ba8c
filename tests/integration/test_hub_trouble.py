#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A real hub in trouble: its database goes away, its disk is full, strangers fill its door, many members stay and say nothing."""

import os
import re
import select
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
import second_member  # noqa: E402, F401
from hub import Hub  # noqa: E402
from second_member import WIRE, Line, Person, second  # noqa: E402


def page(hub, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{hub.monitor_port}{path}", timeout=10) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as refusal:
        return refusal.code, refusal.read().decode()


def figure(hub, name):
    return int(re.search(rf"^passerelle_{name} (\d+)$", page(hub, "/metrics")[1], re.M).group(1))


class Trouble(unittest.TestCase):
    def start(self, **options):
        folder = tempfile.TemporaryDirectory(prefix="passerelle-trouble-")
        self.addCleanup(folder.cleanup)
        self.prepare(folder.name)
        hub = Hub(Path(folder.name) / "hub", **options)
        hub.__enter__()
        self.addCleanup(hub.__exit__)
        return hub

    def prepare(self, folder):
        pass

    def until(self, wanted, seconds=15):
        """Asks until the answer is true; the hub's own pages are the clock."""
        end = time.monotonic() + seconds
        while not wanted():
            self.assertLess(time.monotonic(), end, "it does not come")
            select.select([], [], [], 0.02)

    def people(self, hub):
        return Person(hub, "CH"), Person(hub, "SN", user="awa")


class DatabaseAway(Trouble):
    def test_sessions_stay_submits_are_refused_with_a_time_and_then_go_on(self):
        hub = self.start()
        ch, sn = self.people(hub)
        client, reader = ch.client(), sn.client()
        self.addCleanup(client.close)
        self.addCleanup(reader.close)
        client.submit(ch.referral(client, "SN", "before"))
        reader.next_delivery()
        lost = ch.referral(client, "SN", "during")
        hub.stop_database(immediate=True)
        self.until(lambda: page(hub, "/readyz")[0] == 503)
        self.assertEqual(page(hub, "/livez")[0], 200)
        with self.assertRaises(second.Refused) as refused:
            client.submit(lost)
        self.assertIn(refused.exception.reason, ("UNAVAILABLE", "OUTCOME_UNKNOWN"))
        self.assertTrue(refused.exception.error.retryable)
        self.assertGreater(refused.exception.error.retry_after_ms, 0)
        hub.start_database()
        self.until(lambda: page(hub, "/readyz")[0] == 200)
        statement, accepted = client.submit(lost)  # the same session, the same bytes
        self.assertEqual(statement.case_seq, 1)
        delivery = reader.next_delivery()
        while second.sha256(delivery.envelope) != second.sha256(lost):
            delivery = reader.next_delivery()
        self.assertEqual(figure(hub, "database_losses_total"), 1)
        self.assertEqual(figure(hub, "sessions"), 2)
        self.assertEqual(hub.stop(), 0)

    def test_a_hub_stops_cleanly_while_its_database_is_away(self):
        hub = self.start()
        ch, _ = self.people(hub)
        client = ch.client()
        self.addCleanup(client.close)
        hub.stop_database(immediate=True)
        self.until(lambda: page(hub, "/readyz")[0] == 503)
        self.assertEqual(hub.stop(), 0)


class OneLookFails(Trouble):
    """The database serves; what the hub asks it for by itself does not."""

    def lines(self, hub, event):
        return [line for line in hub.log.read_text().splitlines() if f" {event} " in line]

    def test_a_look_that_fails_is_a_warning_once_and_a_figure_until_it_works_again(self):
        hub = self.start()
        self.until(lambda: page(hub, "/readyz")[0] == 200)
        function = "FUNCTION api.due FROM passerelle_writer"
        for round in (1, 2):
            failures = figure(hub, "sweep_failures_total")
            hub.sql(f"REVOKE EXECUTE ON {function}")
            self.until(lambda: figure(hub, "sweep_failures_total") >= failures + 3)
            self.assertEqual(figure(hub, "sweeps_failing"), 1)
            self.assertEqual(len(self.lines(hub, "sweep.fails")), round)
            self.assertIn("warning", self.lines(hub, "sweep.fails")[-1])
            self.assertIn("detail=clocks", self.lines(hub, "sweep.fails")[-1])
            hub.sql("GRANT EXECUTE ON FUNCTION api.due TO passerelle_writer")
            self.until(lambda: figure(hub, "sweeps_failing") == 0)
            self.assertEqual(len(self.lines(hub, "sweep.works")), round)
        self.assertEqual(hub.stop(), 0)
        self.assertEqual(len(self.lines(hub, "sweep.fails")), 2)


class DiskFull(Trouble):
    """The database's whole folder lies on a file system of its own, which is really full."""

    SIZE = 400

    def prepare(self, folder):
        self.disk = Path(folder) / "hub" / "postgres"
        self.disk.mkdir(parents=True)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.SIZE}m,mode=755", "tmpfs", self.disk], capture_output=True, text=True)
        if done.returncode != 0:
            self.skipTest(f"no file system can be mounted here: {done.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", self.disk], check=True)
        for parent in (self.disk.parent, self.disk.parent.parent):
            parent.chmod(0o711)

    def test_nothing_accepted_is_lost_and_with_space_it_goes_on(self):
        hub = self.start(database_settings=("max_wal_size=48MB", "min_wal_size=32MB", "wal_recycle=off"))
        ch, sn = self.people(hub)
        client = ch.client()
        self.addCleanup(lambda: client.close())
        accepted = []
        filler = self.disk / "filler"
        self.fill(filler)
        refusal = None
        for number in range(400):
            envelope = ch.referral(client, "SN", f"{number} " + os.urandom(100_000).hex())
            try:
                client.submit(envelope)
                accepted.append(second.sha256(envelope))
            except second.Refused as refused:
                refusal = refused
                break
        self.assertIsNotNone(refusal, "the disk never became full")
        self.assertTrue(refusal.error.retryable, refusal.reason)
        self.assertIsNone(hub.process.poll(), "the hub is still there")
        filler.unlink()
        self.bring_back(hub)
        self.until(lambda: page(hub, "/readyz")[0] == 200, 30)
        self.assertTrue(self.submits(ch, client, envelope))
        accepted.append(second.sha256(envelope))
        reader = sn.client()
        self.addCleanup(reader.close)
        arrived = []
        while len(arrived) < len(accepted):
            delivery = reader.next_delivery()
            reader.acknowledge(delivery.mailbox_seq)
            arrived.append(second.sha256(delivery.envelope))
        self.assertEqual(arrived, accepted)

    def fill(self, filler, leave=12 * 1024 * 1024):
        free = os.statvfs(self.disk)
        with open(filler, "wb") as out:
            os.posix_fallocate(out.fileno(), 0, free.f_bavail * free.f_bsize - leave)

    def bring_back(self, hub):
        """A server without space for its log stops itself; the operator starts it again."""
        if subprocess.run(["psql", "-X", "-At", hub.database, "-c", "select 1"], capture_output=True).returncode != 0:
            hub.stop_database(immediate=True)
            hub.start_database()

    def submits(self, ch, client, envelope):
        for _ in range(50):
            try:
                client.submit(envelope)
                return True
            except second.Refused as refused:
                self.assertTrue(refused.error.retryable, refused.reason)
                select.select([], [], [], refused.error.retry_after_ms / 1000)
        return False


class Flood(threading.Thread):
    """Opens `rate` connections a second from one address and says nothing on any of them."""

    def __init__(self, port, source, rate=200):
        super().__init__()
        self.port, self.source, self.rate = port, source, rate
        self.ended, self.opened, self.lines = threading.Event(), 0, []

    def run(self):
        begin = time.monotonic()
        while not self.ended.is_set():
            line = socket.socket()
            line.bind((self.source, 0))
            line.connect(("127.0.0.1", self.port))
            self.lines.append(line)
            self.opened += 1
            self.ended.wait(max(0, begin + self.opened / self.rate - time.monotonic()))

    def stop(self):
        self.ended.set()
        self.join()
        for line in self.lines:
            line.close()


class HalfOpen(Trouble):
    def serve_during_flood(self, hub, source):
        ch = Person(hub, "CH")
        flood = Flood(hub.port, source)
        flood.start()
        try:
            self.until(lambda: figure(hub, "connections_evicted_total") > 100)
            took = []
            for _ in range(40):
                begin = time.monotonic()
                line = ch.line()
                self.assertEqual(line.hello().WhichOneof("content"), "welcome")
                took.append(time.monotonic() - begin)
                line.close()
            half_open = figure(hub, "connections_half_open")
        finally:
            flood.stop()
        self.assertLess(sorted(took)[len(took) // 2], 0.5)
        return half_open

    def test_silent_connections_from_elsewhere_keep_no_member_out(self):
        hub = self.start(settings={"limits": {"half_open": 64, "half_open_per_address": 64}})
        self.assertLessEqual(self.serve_during_flood(hub, "127.0.0.1"), 64)

    def test_one_address_has_no_more_than_its_share(self):
        hub = self.start(settings={"limits": {"half_open": 1024, "half_open_per_address": 8}})
        self.assertLessEqual(self.serve_during_flood(hub, "127.0.0.2"), 16)

    def test_a_handshake_that_does_not_come_is_given_up(self):
        hub = self.start(settings={"limits": {"handshake_ms": 300}})
        with socket.create_connection(("127.0.0.1", hub.port), 10) as line:
            self.assertEqual(line.recv(10), b"")
        self.assertEqual(figure(hub, "handshakes_too_late_total"), 1)


class Idle(Trouble):
    MANY = 300

    @unittest.skipIf("asan" in os.environ.get("PASSERELLE_PROGRAMS", ""), "sanitizers need memory of their own")
    def test_an_idle_connection_costs_at_most_40_kib(self):
        hub = self.start(settings={"limits": {"per_user": 1000, "per_member": 1000}})
        ch = Person(hub, "CH")
        context = ch.context()
        warm = [Line(hub.port, context) for _ in range(20)]
        before = self.resident(hub)
        lines = [Line(hub.port, context) for _ in range(self.MANY)]
        self.until(lambda: figure(hub, "sessions") == self.MANY + len(warm))
        each = (self.resident(hub) - before) / self.MANY
        for line in lines + warm:
            line.close()
        self.assertLessEqual(each, 40, f"{each:.1f} KiB")

    @staticmethod
    def resident(hub):
        return int(re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{hub.pid}/status").read_text()).group(1))


if __name__ == "__main__":
    unittest.main()
