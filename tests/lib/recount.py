# SPDX-License-Identifier: Apache-2.0
"""What the flow and the reports of a year should say, counted anew from the messages as they were signed and the times at which the hub took them.

Written from proto/README.md, the comments of wire.proto and the reviewed table of the lifecycle alone; nothing of it reads what the
hub noted with its cases."""

import collections
import datetime
import re

from hub import ROOT
from second_member import ENVELOPE

DAY = 86400000
MOST_HOLDS = 8
OPENING = {"REFERRAL", "TRACE_REQUEST", "ALERT"}
ENDED = {"CLOSED", "TRACE_FOUND", "TRACE_CLOSED"}
NEAREST = ((135, "MONTHS_3"), (270, "MONTHS_6"), (540, "MONTHS_12"), (None, "MONTHS_24"))

Message = collections.namedtuple("Message", "header at case_seq")
Count = collections.namedtuple("Count", "figure month requesting responding key days hold", defaults=("", "", "", 0, 0))


def month_of(time):
    return datetime.datetime.fromtimestamp(time / 1000, datetime.timezone.utc).strftime("%Y-%m")


def kind_of(header):
    return ENVELOPE.MessageKind.Name(header.kind).removeprefix("MESSAGE_KIND_")


def sender_of(header):
    return getattr(header, "from")


def raw_messages(hub):
    """All but receipts, in the order in which the hub took them."""
    messages = []
    for line in hub.sql("SELECT encode(envelope, 'hex'), accepted_at, coalesce(case_seq, 0) FROM passerelle.message ORDER BY accepted_at, case_id, case_seq").splitlines():
        data, at, case_seq = line.split("|")
        header = ENVELOPE.Header.FromString(ENVELOPE.Envelope.FromString(bytes.fromhex(data)).header)
        if kind_of(header) != "RECEIPT":
            messages.append(Message(header, int(at), int(case_seq)))
    return messages


def read_lifecycle():
    """{state: {(event, side): (next state, effects)}} out of the reviewed table."""
    table, rows = {}, {}
    sides = ("REQUESTING", "RESPONDING", "SECRETARIAT", "PARTNER", "HUB")
    for line in (ROOT / "tests/data/lifecycle.expected.txt").read_text(encoding="utf-8").splitlines():
        heading = re.fullmatch(r"\[(\w+)\]", line)
        if heading or line.startswith("["):
            rows = table.setdefault(heading[1], {}) if heading else {}
        elif line and not line.startswith("#"):
            event, *rest = line.split()
            for side, to in zip(sides, rest):
                if to not in ("-", "other"):
                    rows[event, side] = (to, set(rest[len(sides):]))
    return table


LIFECYCLE = read_lifecycle()


def days_since(begin, end):
    """1 is the day of the beginning."""
    return end // DAY - begin // DAY + 1


class Case:
    """One case as its messages tell it. `counts`: (month in which it was done, Count without its month)."""

    def __init__(self, opening):
        header = opening.header
        self.requesting, self.responding = sender_of(header), header.to[0]
        self.service, self.urgency = header.service, header.urgency
        self.opened_at = self.since = opening.at
        self.state, self.held_from, self.day, self.deadline = "SENT", None, header.due, 0
        self.first, self.holds, self.declined, self.date, self.follow_ups = {}, [], None, None, []

    def side_of_member(self, code):
        return {self.requesting: "REQUESTING", self.responding: "RESPONDING"}.get(code)

    def rule(self, event, side):
        if self.state == "ON_HOLD" and event == "RESUME":
            return self.held_from, {"continue"}
        if self.state == "ON_HOLD" and event != "WITHDRAW":
            return self.state, set()
        return LIFECYCLE[self.state][event, side]

    def take(self, message):
        header, kind = message.header, kind_of(message.header)
        event = f"REPORT_{ENVELOPE.ReportStage.Name(header.report).removeprefix('REPORT_STAGE_')}" if kind == "REPORT" else kind
        state, effects = self.rule(event, self.side_of_member(sender_of(header)) or "HUB")
        self.note(event, header, message.at, state)
        self.keep_deadline(header, effects, message.at)
        if "change-responding" in effects:
            self.responding = next(to for to in header.to if to not in (self.requesting, self.responding))
        if event == "HOLD":
            self.held_from = self.state
        if state != self.state or "change-responding" in effects:
            self.since = message.at
        self.state = state

    def note(self, event, header, at, state):
        """Each step counts when it is done for the first time."""
        if event in ("ACK", "REPORT_FINAL"):
            self.first.setdefault(event, at)
        if event in ("ACCEPT", "DECLINE"):
            self.first.setdefault("DECIDED", at)
        if event == "DECLINE" and self.declined is None:
            self.declined = (at, header.reason)
        if event == "REPORT_FINAL" and self.date is None and self.day and self.deadline and self.first[event] == at:
            self.date = (at, "KEPT" if at <= self.deadline else "MISSED")
        if event == "FOLLOW_UP":
            self.follow_ups.append(at)
        if event == "HOLD" and len(self.holds) < MOST_HOLDS:
            self.holds.append([header.reason, at, None])
        if self.state == "ON_HOLD" and state != "ON_HOLD" and self.holds[-1][2] is None:
            self.holds[-1][2] = at

    def keep_deadline(self, header, effects, at):
        """The end of the agreed day, later by a day for each midnight on hold."""
        if header.due:
            self.day = header.due
        if "start-report" in effects:
            self.deadline = self.end_of_day(header.due) if header.due else 0
        if "continue" in effects and self.state == "ON_HOLD" and self.deadline:
            self.deadline += (at // DAY - self.since // DAY) * DAY
        if effects & {"end", "start-close", "start-ack"}:
            self.deadline = 0
        if "end" in effects:
            self.day = ""

    @staticmethod
    def end_of_day(day):
        return (datetime.date.fromisoformat(day) - datetime.date(1970, 1, 1)).days * DAY + DAY

    def counts(self):
        yield self.opened_at, Count("OPENED_ASKS", None, requesting=self.requesting)
        yield self.opened_at, Count("OPENED_ASKED", None, responding=self.responding)
        yield self.opened_at, Count("OPENED_SERVICE", None, key=self.service)
        yield self.opened_at, Count("OPENED_URGENCY", None, key=self.urgency)
        yield self.opened_at, Count("SERVICE_ASKS", None, requesting=self.requesting, key=self.service)
        yield self.opened_at, Count("SERVICE_ASKED", None, responding=self.responding, key=self.service)
        for event, figure in (("ACK", "ACKNOWLEDGED"), ("DECIDED", "DECIDED"), ("REPORT_FINAL", "REPORTED")):
            if event in self.first:
                days = days_since(self.opened_at, self.first[event])
                yield self.first[event], Count(figure, None, days=days)
                yield self.first[event], Count(f"MEMBER_{figure}", None, responding=self.responding, days=days)
        if self.date:
            yield self.date[0], Count("DATE", None, key=self.date[1])
        for place, (reason, begin, end) in enumerate(self.holds):
            if end:
                yield end, Count("HELD", None, key=reason, days=days_since(begin, end), hold=place)
        if self.declined:
            at, reason = self.declined
            yield at, Count("DECLINED", None, key=reason)
            if reason in ("NO_SERVICE_IN_AREA", "NOT_COMPETENT"):
                yield at, Count("UNSERVED", None, requesting=self.requesting, responding=self.responding)
        yield from self.follow_up_counts()

    def follow_up_counts(self):
        """Of a case once for each month and distance."""
        if self.state not in ENDED:
            return
        told = set()
        for at in self.follow_ups:
            key = next(key for days, key in NEAREST if days is None or (at - self.since) // DAY < days)
            if (month_of(at), key) not in told:
                told.add((month_of(at), key))
                yield at, Count("FOLLOW_UP", None, key=key)


def cases_of(messages):
    """{case id: Case}, each after all of its messages."""
    cases = {}
    for message in messages:
        header = message.header
        if kind_of(header) in OPENING:
            cases[header.case_id] = Case(message)
        elif header.case_id:
            cases[header.case_id].take(message)
    return cases


def figures_of_month(messages, month):
    """Counter of Count: what was done in this month, as the cases stood after the last of these messages."""
    counter = collections.Counter()
    for case in cases_of(messages).values():
        for at, count in case.counts():
            if month_of(at) == month:
                counter[count._replace(month=month)] += 1
    return counter


def takes_over(messages, message, code):
    """Did the case come to this member with this message?"""
    before = [one for one in messages if one.header.case_id == message.header.case_id and one.case_seq < message.case_seq]
    return kind_of(message.header) in ("FORWARD", "TRANSFER") and bool(before) and cases_of(before)[message.header.case_id].side_of_member(code) is None


def compare_year_of_member(test, report, messages, code, year):
    """The report "member" of one branch, number by number."""
    mine = [message for message in messages if month_of(message.at).startswith(str(year))]
    sent = [message for message in mine if sender_of(message.header) == code]
    got = [message for message in mine if code in message.header.to]
    test.assertEqual((report["totals"]["sent"], report["totals"]["received"]), (len(sent), len(got)))
    opened = lambda message: kind_of(message.header) in OPENING  # noqa: E731
    test.assertEqual(report["totals"]["asks"], sum(map(opened, sent)))
    test.assertEqual(report["totals"]["asked"], sum(map(opened, got)) + sum(takes_over(messages, message, code) for message in got))
    kinds, months = lambda message: [kind_of(message.header)], lambda message: [month_of(message.at)]  # noqa: E731
    for rows, key, of_sent, of_got in (("kinds", "kind", kinds, kinds), ("months", "month", months, months),
                                       ("members", "member", lambda message: message.header.to, lambda message: [sender_of(message.header)])):
        told = {row[key]: (row["sent"], row["received"]) for row in report[rows]}
        out, came = (collections.Counter(name for message in messages for name in of(message)) for messages, of in ((sent, of_sent), (got, of_got)))
        test.assertEqual(told, {name: (out[name], came[name]) for name in set(out) | set(came)})
