#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A partner agency cannot tell by size or by time why it is told nothing, nor that it is told something: real hub, real PostgreSQL.

Each round asks one question of every kind at once, in random order. The times of two kinds are compared by their ranks (Mann and Whitney 1947): whatever else
the machine does hits all kinds alike, so a busy one does not make the test fail, and no bound in milliseconds is needed. That the comparison
would see a leak is shown with times to which one was added."""

import os
import random
import select
import struct
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from hub import Hub  # noqa: E402
from second_member import WIRE, Person, frame_bytes  # noqa: E402

CASES = 4  # of each kind: a reference may be asked for 24 times a day
ROUNDS = CASES * 22
LEAK = 0.005  # seconds; on a quiet machine a fifth of it is seen, too
# Fifteen comparisons: a false alarm once in some ten thousand runs.
ALARM = 4.5
DAY = 86400000
SUSPENDED = "party, and suspended"


def rank_difference(left, right):
    """How far the ranks of two samples are apart, in standard deviations of what chance does."""
    values = sorted([(value, 0) for value in left] + [(value, 1) for value in right])
    ranks = sum(rank for rank, (_, of) in enumerate(values, start=1) if of == 0)
    n, m = len(left), len(right)
    return (ranks - n * (n + m + 1) / 2) / (n * m * (n + m + 1) / 12) ** 0.5


class PartnerTime(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="passerelle-partner-")
        self.addCleanup(folder.cleanup)
        self.hub = Hub(Path(folder.name) / "hub")
        self.hub.__enter__()
        self.addCleanup(self.hub.__exit__)
        self.people = {code: Person(self.hub, code) for code in ("KH", "TH")}
        agencies = {code: Person(self.hub, code, kind="PARTNER_AGENCY", role="desk") for code in ("UNICEF-KH", "COURT-KH", "MINISTRY-KH")}
        client = self.people["KH"].client()
        self.addCleanup(client.close)
        self.references = {kind: [self.case(client, kind) for _ in range(CASES)] for kind in ("party", "of others", "taken back", "closed long ago", SUSPENDED)}
        self.references["unknown"] = [self.reference() for _ in range(CASES)]
        self.line, self.other_line = self.connect(agencies["UNICEF-KH"]), self.connect(agencies["MINISTRY-KH"])
        self.hub.register("MINISTRY-KH", "PARTNER_AGENCY", agencies["MINISTRY-KH"].keys, "--status", "SUSPENDED")

    def connect(self, agency):
        line = agency.line()
        self.addCleanup(line.close)
        line.hello()
        return line

    def reference(self):
        return "KH-TH-" + "".join(random.choices("23456789ABCDEFGHJKMNPQRSTVWXYZ", k=4)) + "-" + "".join(random.choices("23456789ABCDEFGHJKMNPQRSTVWXYZ", k=4))

    def case(self, client, kind):
        """A real case; who is party to it since when is put beside it, because no test waits for 91 days."""
        case, reference = os.urandom(16), self.reference()
        client.submit(self.people["KH"].referral(client, "TH", case_id=case))
        agency = {"of others": "COURT-KH", SUSPENDED: "MINISTRY-KH"}.get(kind, "UNICEF-KH")
        until = "2020-01-01" if kind == "taken back" else ""
        self.hub.sql(f"INSERT INTO passerelle.case_party (case_id, agency, purpose, until, reference) SELECT '{case.hex()}', member, 'CHILD_PROTECTION', '{until}', "
                     f"'{reference}' FROM passerelle.member WHERE code = '{agency}'")
        if kind == "closed long ago":
            self.hub.sql(f"UPDATE passerelle.case_state SET state = 9, since = {int(time.time() * 1000) - 91 * DAY} WHERE case_id = '{case.hex()}'")
        return reference

    def hear(self):
        """The next answer on either line, how long it is, and when it was there."""
        while True:
            line = next((line for line in (self.line, self.other_line) if line.tls.pending()), None)
            if line is None:
                (socket, *_), _, _ = select.select([self.line.tls, self.other_line.tls], [], [], 30)
                line = self.line if socket is self.line.tls else self.other_line
            raw = line.exactly(struct.unpack(">I", line.exactly(4))[0])
            at = time.perf_counter()
            frame = WIRE.Frame()
            frame.ParseFromString(raw)
            if frame.WhichOneof("content") == "answer":
                return frame, len(raw), at
            self.assertNotEqual(frame.WhichOneof("content"), "error", frame)

    def ask_all(self, number, times, sizes, seen):
        kinds = list(self.references)
        random.shuffle(kinds)
        asked = {}
        for i, kind in enumerate(kinds):
            frame = WIRE.Frame(id=1000 + 10 * number + i)
            frame.query.status.reference = self.references[kind][number % CASES]
            data = frame_bytes(frame)
            asked[frame.id] = (kind, time.perf_counter())
            (self.other_line if kind == SUSPENDED else self.line).say(data)
        for _ in kinds:
            frame, length, at = self.hear()
            kind, begun = asked.pop(frame.id)
            times[kind].append(at - begun)
            sizes.add(length)
            seen[kind].add(frame.answer.status.available)

    def test_neither_size_nor_time_tells_why(self):
        times, seen, sizes = ({kind: [] for kind in self.references}, {kind: set() for kind in self.references}, set())
        for number in range(ROUNDS):
            self.ask_all(number, times, sizes, seen)
        self.assertEqual(seen, {kind: {kind == "party"} for kind in seen})
        self.assertEqual(len(sizes), 1, sizes)
        self.assertGreaterEqual(min(min(of) for of in times.values()), 0.048)  # the clock of the hub ticks in milliseconds
        kinds = sorted(times)
        for i, one in enumerate(kinds):
            for other in kinds[:i]:
                self.assertLess(abs(rank_difference(times[one], times[other])), ALARM, f"'{one}' and '{other}' can be told apart by time")
            self.assertGreater(rank_difference([value + LEAK for value in times[one]], times[kinds[i - 1]]), ALARM, "a leak would not be seen")


if __name__ == "__main__":
    unittest.main(verbosity=2)
