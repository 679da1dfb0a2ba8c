#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The night of an earthquake. NP has more than two hundred open cases, in every state and on both sides, when it is struck; the
operator says so in its place. The hub is killed while it stops the clocks, and goes on. For twelve days nobody is reminded, new cases go
to the deputy and are done there. Then NP is back, and every hour is given back: hub and both members agree, case by case."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from bulk import REPORT, Bulk  # noqa: E402
from network import STORY, CommandFailed, Network  # noqa: E402
from outage import Operator  # noqa: E402
from second_member import ENVELOPE  # noqa: E402
from turned_clock import TurnedClock  # noqa: E402

DAY = 86400000
OUT, BACK = ENVELOPE.MESSAGE_KIND_MEMBER_OUT, ENVELOPE.MESSAGE_KIND_MEMBER_BACK
REMINDING = (ENVELOPE.MESSAGE_KIND_REMINDER, ENVELOPE.MESSAGE_KIND_ESCALATION, ENVELOPE.MESSAGE_KIND_SILENCE)


class NightOfAnEarthquake(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="passerelle-earthquake-")
        cls.addClassCleanup(folder.cleanup)
        cls.clock = TurnedClock(folder.name)
        cls.network = Network(folder.name, environment=cls.clock.environment)
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__)
        cls.hub, cls.operator = cls.network.hub, Operator(cls.network.hub)
        cls.member = {code: cls.network.member(code) for code in ("CH", "AU", "NP", "IN")}
        cls.bulk = {code: Bulk(member) for code, member in cls.member.items()}
        cls.sync()

    @classmethod
    def sync(cls):
        for code in ("CH", "AU", "NP", "IN"):
            cls.member[code].call("sync")

    def day_in(self, days):
        return subprocess.run(["date", "-u", "-d", f"+{days} days", "+%F"], capture_output=True, text=True, check=True).stdout.strip()

    # What there was before.

    def make_cases(self):
        """Of each state some; {reference: who else is in it}."""
        of_ch, of_au = self.bulk["CH"].refer("NP", 112), self.bulk["AU"].refer("NP", 63)
        of_np = self.bulk["NP"].refer("CH", 33)
        self.sync()
        asked = [reference for pair in zip(*[iter(of_ch + of_au)] * 7) for reference in pair]
        sent, seen, questioned, accepted, blocked, held, reported = (asked[i::7] for i in range(7))
        np, ch = self.bulk["NP"], self.bulk["CH"]
        np.step("ack", seen + questioned + accepted + blocked + held + reported)
        ch.step("ack", of_np[1::3] + of_np[2::3])
        self.sync()
        np.step("ask", questioned, {"questions": [{"id": "Q1", "text": "In which quarter does the aunt live?"}]})
        for references, side in ((accepted + blocked + held + reported, np), (of_np[2::3], ch)):
            side.step("accept", references, {"due": self.day_in(30)})
        self.sync()
        np.step("hold", held, {"reason": "AWAIT_COURT"})
        np.step("report", reported, REPORT)
        ch.step("report", of_np[2::3], REPORT)
        question = {"blocking": True, "questions": [{"id": "Q1", "text": "Was the aunt seen?"}]}
        for code, own in (("CH", of_ch), ("AU", of_au)):
            self.bulk[code].step("ask", [reference for reference in blocked if reference in own], question)
        ended = of_au[0]
        self.bulk["AU"].step("withdraw", [ended], {"reason": "NO_LONGER_NEEDED"})
        self.sync()
        partner = {**{reference: "CH" for reference in of_ch + of_np}, **{reference: "AU" for reference in of_au}}
        del partner[ended]
        return partner, ended, set(sent) - {ended}

    def states(self):
        return self.hub.sql("SELECT string_agg(DISTINCT state::text, ' ' ORDER BY state::text) FROM passerelle.case_state WHERE clock > 0")

    def rows(self):
        """{reference: the hub's clock}, of cases of NP."""
        columns = ["reference", "clock", "clock_pauses", "clock_due", "paused_ms", "asked_at", "out_since", "clock_told"]
        text = self.hub.sql(f"SELECT {', '.join('s.' + name for name in columns)} FROM passerelle.case_state s JOIN passerelle.member m "
                            "ON m.member IN (s.requesting, s.responding) WHERE m.code = 'NP'")
        lists = [line.split("|") for line in text.splitlines()]
        return {line[0]: dict(zip(columns[1:], map(int, line[1:]))) for line in lists}

    def outages(self):
        """{reference: when MEMBER_OUT and MEMBER_BACK were accepted}"""
        text = self.hub.sql("SELECT s.reference, m.kind, m.accepted_at FROM passerelle.message m JOIN passerelle.case_state s USING (case_id) "
                            f"WHERE m.kind IN ({OUT}, {BACK}) ORDER BY m.accepted_at")
        told = {}
        for line in text.splitlines():
            reference, kind, at = line.split("|")
            told.setdefault(reference, []).append((int(kind), int(at)))
        return told

    def clocks(self, code):
        return {item["reference"]: item for item in self.member[code].json("due")["items"]}

    def reminders(self):
        return int(self.hub.sql("SELECT count(*) FROM passerelle.message m JOIN passerelle.case_state s USING (case_id) JOIN passerelle.member n "
                                f"ON n.member IN (s.requesting, s.responding) WHERE n.code = 'NP' AND m.kind IN ({', '.join(map(str, REMINDING))})"))

    # What happens.

    def strike(self, open_cases):
        """The hub dies while it stops the clocks; how long it took in all until the last one stood."""
        with self.operator.watch() as watching:
            count = "SELECT count(*) FROM passerelle.case_state WHERE out_member > 0"
            self.operator.set("NP", "DISRUPTED", "--cause", "DISASTER", "--until", self.day_in(20), "--deputy", "IN")
            self.operator.wait(lambda: int(watching.ask(count)) > 0)
            self.hub.kill()
            standing = int(watching.ask(count))
        self.assertTrue(0 < standing < open_cases, f"{standing} of {open_cases} stood when the hub was killed: not in the middle")
        self.hub.start()
        return self.operator.wait(lambda: self.operator.running("NP") == 0, seconds=30)

    def work_during_the_outage(self, sent):
        """New cases go to the deputy and are done there; who sends one to NP nonetheless finds its clock standing."""
        ch, au, deputy = self.member["CH"], self.member["AU"], self.member["IN"]
        ch.call("sync")
        with self.assertRaises(CommandFailed) as caught:
            ch.call("refer", STORY / "referral-nz-sn.json", "--to", "NP")
        self.assertIn("--to IN", caught.exception.stderr)
        new = ch.json("refer", STORY / "referral-nz-sn.json", "--to", "IN")["reference"]
        turned = next(reference for reference in sorted(sent) if reference in self.clocks("CH"))
        ch.call("forward", turned, "--to", "IN", "--reason", "DISASTER")
        nonetheless = au.json("refer", STORY / "referral-nz-sn.json", "--to", "NP", "--even-if-out")["reference"]
        self.sync()
        for reference in (new, turned):
            deputy.call("ack", reference)
            deputy.call("accept", reference, "--due", self.day_in(15))
            Bulk(deputy).step("report", [reference], REPORT)
            ch.call("sync")
            ch.call("close", reference, "--outcome", "KINSHIP_PLACED", "--yes")
        self.sync()
        self.operator.wait(lambda: self.operator.running("NP") == 0)
        for reference in (new, turned):
            self.assertEqual(deputy.json("show", reference)["state"], "CLOSED")
        return turned, nonetheless

    def twelve_days_pass(self):
        control = self.member["CH"].json("refer", STORY / "referral-nz-sn.json", "--to", "AU")["reference"]
        self.sync()
        self.clock.turn("+12d")
        self.operator.wait(lambda: self.hub.sql(f"SELECT clock_told FROM passerelle.case_state WHERE reference = '{control}'") == "1")
        self.assertEqual(self.reminders(), 0)  # the hub does remind, of the one case that has nothing to do with NP

    def agree(self, partner):
        """Hub and both members, about each case; how many."""
        self.sync()
        rows, seen = self.rows(), {code: self.clocks(code) for code in ("CH", "AU", "NP")}
        compared = ("awaits", "standing", "due", "paused_ms", "paused_for", "started_at", "out", "paused_since")
        for reference, code in partner.items():
            mine, theirs = ([seen[who][reference].get(key) for key in compared] for who in ("NP", code))
            self.assertEqual(mine, theirs, reference)
            self.assertEqual(int(seen["NP"][reference].get("paused_ms", 0)), rows[reference]["paused_ms"], reference)
        return len(partner)

    def lengthened(self, due, told):
        """A deadline at midnight moves by the midnights in between."""
        (_, out), (_, back) = told
        if due == 0:
            return 0
        return due + ((back // DAY - out // DAY) * DAY if due % DAY == 0 else back - out)

    def count(self, partner, before):
        """Each case has its outage, exactly, and nothing else."""
        rows, told, slowest = self.rows(), self.outages(), 0
        for reference in partner:
            was, now, times = before[reference], rows[reference], told[reference]
            self.assertEqual([kind for kind, _ in times], [OUT, BACK], reference)
            outage = times[1][1] - times[0][1]
            slowest = max(slowest, abs(outage - 12 * DAY))
            self.assertEqual((now["clock_pauses"], now["out_since"], now["clock_told"]), (was["clock_pauses"], 0, was["clock_told"]), reference)
            if was["clock_pauses"] == 0:
                self.assertEqual(now["paused_ms"], was["paused_ms"] + outage, reference)
                self.assertEqual(now["clock_due"], self.lengthened(was["clock_due"], times), reference)
            else:  # it stood before and stands on; the question waits by so much longer
                self.assertEqual(now["asked_at"], was["asked_at"] + outage if was["asked_at"] else 0, reference)
        return slowest

    def test_nobody_is_late_for_what_the_earth_did(self):
        partner, ended, sent = self.make_cases()
        self.assertGreaterEqual(len(partner), 200)
        self.assertEqual(self.states(), "2 3 4 5 7 8")
        before = self.rows()
        took = self.strike(len(partner))
        print(f"  {len(partner)} clocks stood {took:.1f} s after the killed hub was back", flush=True)
        self.assertEqual(self.agree(partner), len(partner))
        turned, nonetheless = self.work_during_the_outage(sent)
        self.twelve_days_pass()
        self.operator.set("NP", "BACK")
        took = self.operator.wait(lambda: self.operator.standing("NP") == 0, seconds=30)
        self.assertEqual(self.reminders(), 0)
        del partner[turned]
        slowest = self.count(partner, before)
        print(f"  all went on within {took:.1f} s; outages differ from 12 days by {slowest / 1000:.1f} s at most", flush=True)
        self.assertLess(slowest, 120_000)
        partner[nonetheless] = "AU"
        self.agree(partner)
        self.assertNotIn(ended, self.outages())
        self.assertEqual(len(self.outages()[nonetheless]), 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
