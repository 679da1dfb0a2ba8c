#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Years of a small network, played with real programs under a clock that is turned: referrals and what follows them, drawn from a
seed, certificates that run out and are renewed, a hub that is restarted. Each month that is over is counted anew from the
messages as they were signed, and has to be what the hub published; the reports have to be that, and each branch's own year too.

    test_year.py [--seed NUMBER]...
"""

import collections
import datetime
import random
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from bulk import REFERRAL, REPORT, Bulk, line  # noqa: E402
from network import Network  # noqa: E402
from recount import Count, compare_year_of_member, figures_of_month, month_of, raw_messages  # noqa: E402
from turned_clock import TurnedClock  # noqa: E402

SEEDS = (20, 26)
BRANCHES = ("CH", "SN", "NZ", "FR")
DAYS, STEP_DAYS = 355, 9  # certificates of encryption last a year
SERVICES, URGENCIES = ("HOME_STUDY", "SOCIAL_REPORT", "FAMILY_TRACING"), ("STANDARD", "STANDARD", "PRIORITY", "EXTENDED")
DECLINES = ("CAPACITY", "NO_SERVICE_IN_AREA", "NOT_COMPETENT")
FIGURES = {1: "OPENED_ASKS", 2: "OPENED_ASKED", 3: "OPENED_SERVICE", 4: "OPENED_URGENCY", 5: "ACKNOWLEDGED", 6: "DECIDED", 7: "REPORTED", 8: "DATE", 9: "HELD",
           10: "DECLINED", 11: "UNSERVED", 13: "SERVICE_ASKS", 14: "SERVICE_ASKED", 15: "MEMBER_ACKNOWLEDGED", 16: "MEMBER_DECIDED", 17: "MEMBER_REPORTED", 18: "FOLLOW_UP"}


def referral(chance):
    form = {**REFERRAL, "service": chance.choice(SERVICES), "urgency": chance.choice(URGENCIES)}
    form["items"] = [{**item, "service": form["service"]} for item in REFERRAL["items"]]
    return form


class Course:
    """What the two sides of one case mean to do, drawn at its beginning: (side, verb, form); the next is tried until it is lawful or too late."""

    def __init__(self, reference, asks, asked, chance):
        self.reference, self.side = reference, {"asks": asks, "asked": asked}
        self.steps = list(self.draw(chance))

    def draw(self, chance):
        if chance.random() < 0.15:
            newcomer = chance.choice([code for code in BRANCHES if code not in self.side.values()])
            yield "asked", "forward", {"reason": "WRONG_ADDRESSEE", "text": "It is theirs."}, newcomer
        yield "asked", "ack", None
        if chance.random() < 0.2:
            yield "asked", "ask", {"questions": [{"id": "Q1", "text": "Where does he live?"}]}
            yield "asks", "answer", {"answers": [{"question": "Q1", "text": "By the river."}]}
        if chance.random() < 0.2:
            yield "asked", "decline", {"reason": chance.choice(DECLINES), "text": "We cannot."}
            return
        yield "asked", "accept", ("due", chance.randrange(5, 50))
        if chance.random() < 0.5:
            yield "asked", "start", None
        while chance.random() < 0.3:
            side = chance.choice(("asks", "asked"))
            yield side, "hold", {"reason": chance.choice(("AWAIT_COURT", "AWAIT_FEE"))}
            yield side, "resume", None
        if chance.random() < 0.1:
            yield "asks", "withdraw", {"reason": "NO_LONGER_NEEDED"}
            return
        yield "asked", "report", REPORT
        if chance.random() < 0.8:  # the others are closed by the hub
            yield "asks", "close", {"outcome": "REINTEGRATED_FAMILY"}
        if chance.random() < 0.1:
            yield "asks", "reopen", {"reason": "NEW_INFORMATION"}
            yield "asked", "report", REPORT
            yield "asks", "close", {"outcome": "REINTEGRATED_FAMILY"}
        yield "asked", "follow-up", {"months": 3, "person": "S1", "wellbeing": "GOOD", "still_in_family": "YES"}

    def next_line(self, code, today):
        """What this branch has to write now, None if it is not its turn."""
        if not self.steps or self.side[self.steps[0][0]] != code:
            return None
        _, verb, form, *to = self.steps[0]
        if isinstance(form, tuple):
            form = {"due": (today + datetime.timedelta(days=form[1])).isoformat()}
        return line(verb, self.reference, *to, form=form) if to else line(verb, self.reference, form=form)

    def done(self):
        _, verb, _, *to = self.steps.pop(0)
        if verb == "forward":
            self.side["asked"] = to[0]


class Year:
    def __init__(self, folder, seed):
        self.chance, self.clock = random.Random(seed), TurnedClock(folder)
        self.network = Network(folder, environment=self.clock.environment)
        self.begin = datetime.datetime.now(datetime.timezone.utc)
        self.now, self.renewed = self.begin, self.begin
        self.courses, self.refused, self.months = [], collections.Counter(), {}

    def begin_it(self):
        self.secretariat = self.network.member("GS", kind="GENERAL_SECRETARIAT", role="monitor")
        self.bulk = {code: Bulk(self.network.member(code)) for code in BRANCHES}
        for bulk in self.bulk.values():
            bulk.do([])
        self.write_month()

    def play(self):
        for day in range(0, DAYS, STEP_DAYS):
            for code, after in zip(BRANCHES, sorted(self.chance.randrange(STEP_DAYS * 86400) for _ in BRANCHES)):
                self.turn(self.begin + datetime.timedelta(days=day, seconds=after))
                self.work(code)
        self.messages, before = raw_messages(self.network.hub), []
        while len(before) != len(self.messages):  # until all have all of it, what the hub wrote meanwhile too
            for bulk in self.bulk.values():
                bulk.do([])
            before, self.messages = self.messages, raw_messages(self.network.hub)

    def turn(self, to):
        """With a stop at each first of a month: what was done before is published, before anything else is done."""
        while (self.now.year, self.now.month) != (to.year, to.month):
            first = (self.now.replace(day=1) + datetime.timedelta(days=32)).replace(day=1, hour=0, minute=0, second=1)
            self.set_clock(first)
            self.write_month()
        self.set_clock(to)

    def set_clock(self, to):
        self.now = to
        self.clock.turn(f"+{int((to - self.begin).total_seconds())}")
        if (to - self.renewed).days > 25:
            self.renewed = to
            self.network.hub.renew()
            for member in self.network.members.values():
                member.renew()

    def write_month(self):
        """What the hub publishes now of the month before, and what there is to count: just before and just after, since the hub itself may close a case meanwhile."""
        before = raw_messages(self.network.hub)
        self.secretariat.call("flow", "--from", "2026-01")
        month = (self.now.replace(day=1) - datetime.timedelta(days=1)).strftime("%Y-%m")
        self.months[month] = (before, raw_messages(self.network.hub))

    def work(self, code):
        lines, meant = [], []
        for course in self.courses:
            written = course.next_line(code, self.now.date()) if self.chance.random() < 0.75 else None
            if written:
                lines.append(written)
                meant.append(course)
        asked = [self.chance.choice([other for other in BRANCHES if other != code]) for _ in range(self.chance.choice((0, 1, 1, 2)))]
        lines += [line("refer", to=other, form=referral(self.chance)) for other in asked]
        answers = self.bulk[code].tell(lines)
        for course, text, answer in zip(meant, lines, answers):
            if answer.startswith("refused"):
                self.refused[text.split("\t")[0], answer] += 1
            else:
                course.done()
        for other, answer in zip(asked, answers[len(meant):]):
            assert not answer.startswith("refused"), answer
            self.courses.append(Course(answer, code, other, self.chance))

    def published(self, month):
        """What the hub keeps of a month, as `recount` counts it."""
        number = (int(month[:4]) - 1970) * 12 + int(month[5:]) - 1
        rows = self.network.hub.sql("SELECT f.figure, coalesce(q.code, ''), coalesce(r.code, ''), coalesce(f.key, ''), f.days, f.hold, f.cases FROM passerelle.flow_month f "
                                    "LEFT JOIN passerelle.member q ON q.member = f.requesting LEFT JOIN passerelle.member r ON r.member = f.responding "
                                    f"WHERE f.month = {number}")
        counter = collections.Counter()
        for row in rows.splitlines():
            figure, requesting, responding, key, days, hold, cases = row.split("|")
            counter[Count(FIGURES[int(figure)], month, requesting, responding, key, int(days), int(hold))] += int(cases)
        return counter


class Years(unittest.TestCase):
    seeds = SEEDS

    def test_a_year_is_a_recount_of_its_messages(self):
        for seed in self.seeds:
            with self.subTest(seed=seed), tempfile.TemporaryDirectory(prefix="passerelle-year-") as folder:
                year = Year(folder, seed)
                with year.network:
                    year.begin_it()
                    year.play()
                    self.judge(year)

    def judge(self, year):
        months = {}
        for month, (before, after) in year.months.items():
            months[month] = year.published(month)
            if months[month] != figures_of_month(before, month):
                self.assertEqual(months[month], figures_of_month(after, month), month)
        done = collections.Counter(count.figure for counted in months.values() for count in counted)
        self.assertEqual(set(FIGURES.values()) - set(done), set(), "a figure that nothing was counted of shows nothing")
        for number in {month_of(message.at)[:4] for message in year.messages}:
            self.report(year, [counted for month, counted in months.items() if month.startswith(number)], number)
            for code, bulk in year.bulk.items():
                compare_year_of_member(self, bulk.member.json("report", "member", "--year", number), year.messages, code, number)
        print(f"{len(year.messages)} messages, {len(year.courses)} cases, {sum(done.values())} counts of {len(months)} months; "
              f"{sum(year.refused.values())} refused", file=sys.stderr)

    def report(self, year, months, number):
        """The report of the whole network is what was counted, each number told as a multiple of 5 and short of it by less than 10."""
        report = year.secretariat.json("report", "activity", "--year", number)
        counted = sum(months, collections.Counter())
        def truth(figure, field):
            sums = collections.Counter()
            for count, cases in counted.items():
                if count.figure == figure:
                    sums[getattr(count, field)] += cases
            return sums
        for rows, name, value, figure, field in (("urgencies", "code", "cases", "OPENED_URGENCY", "key"), ("services", "code", "cases", "OPENED_SERVICE", "key"),
                                                 ("members", "member", "asks", "OPENED_ASKS", "requesting"), ("members", "member", "asked", "OPENED_ASKED", "responding"),
                                                 ("dates", "code", "cases", "DATE", "key"), ("declined", "code", "cases", "DECLINED", "key")):
            told = {row[name]: row[value] for row in report[rows] if row[value]}
            for key, cases in truth(figure, field).items():
                self.assertEqual(told.get(key, 0) % 5, 0, (figure, key))
                self.assertIn(cases - told.pop(key, 0), range(-9, 10), (figure, key))
            self.assertEqual(told, {}, figure)


if __name__ == "__main__":
    if "--seed" in sys.argv:
        at = sys.argv.index("--seed")
        Years.seeds = tuple(map(int, sys.argv[at + 1:]))
        del sys.argv[at:]
    unittest.main(verbosity=2)
