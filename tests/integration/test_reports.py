#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Reports of a year: their totals are a recount from what the hub holds, over several generated years; every language says the
same numbers; pages stand on their own; nothing that the hub keeps to itself comes out."""

import collections
import csv
import datetime
import os
import random
import re
import subprocess
import sys
import tempfile
import unittest
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/lib"))
from network import STORY, CommandFailed, Network  # noqa: E402
from recount import compare_year_of_member, month_of, raw_messages  # noqa: E402

# The libraries that find and cache fonts keep what they have until the end, on purpose.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
SEEDS = (1924, 7, 20261123)
VOID = {"meta", "img", "rect"}


class Page(HTMLParser):
    """A page as a reader program finds it: tags well nested, tables by their titles."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.links, self.tables, self.language = [], collections.Counter(), [], {}, None
        self.feed(text)
        assert self.open == [], self.open

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.tags[tag] += 1
        self.links += [value for name, value in attributes if name in ("src", "href", "xlink:href", "action")]
        self.tags["on"] += sum(name.startswith("on") for name in values)
        if tag == "html":
            self.language = values.get("lang")
        if tag == "th":
            assert values.get("scope") in ("col", "row"), values
        if tag == "table":
            self.rows = []
        if tag == "tr":
            self.rows.append([])
        if tag in ("th", "td"):
            self.rows[-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag
        if tag == "table":
            self.tables[self.title] = self.rows

    def handle_data(self, data):
        if self.open and self.open[-1] == "caption":
            self.title = data
        if self.open and self.open[-1] in ("th", "td"):
            self.rows[-1][-1] += data


def of_region(name):
    """Countries of a region or sub-region, as the list of M49 in the source says."""
    lines = re.findall(r'^REGION\((\w+), (\w+), "([^"]*)"\)$', (ROOT / "proto/case/regions.def").read_text(encoding="utf-8"), re.M)
    return {country for sub, above, countries in lines if name in (sub, above) for country in countries.split()}


class Secretariat(unittest.TestCase):
    """A generated year for each seed, in a real hub; the recount reads the cases one by one."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="passerelle-reports-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.network = Network(cls.folder.name)
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__)
        cls.secretariat = cls.network.member("GS", kind="GENERAL_SECRETARIAT", role="monitor")
        cls.now = datetime.datetime.now(datetime.timezone.utc)

    def generate(self, seed, cases=1500, members=30):
        sql = self.network.hub.sql
        sql("TRUNCATE passerelle.case_state CASCADE")
        year = subprocess.run([ROOT / "tests/bench/year", "--seed", str(seed), "--cases", str(cases), "--members", str(members)],
                              capture_output=True, text=True, check=True)
        subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", self.network.hub.database], input=year.stdout, text=True, check=True)
        columns = ("opened_at", "requesting", "responding", "service", "urgency", "steps", "declined", "held", "state")
        rows = sql("SELECT c.opened_at, q.code, r.code, c.service, c.urgency, c.steps, c.declined, c.held, c.state FROM passerelle.case_state c "
                   "JOIN passerelle.member q ON q.member = c.requesting JOIN passerelle.member r ON r.member = c.responding")
        return [dict(zip(columns, line.split("|"))) for line in rows.splitlines()]

    def told(self, counter, counted, parts=1):
        """Each number is what may be told of the count: a multiple of 5, the difference of what was told at both ends of the time; each of these is short
        of its count by less than 5, or by less than 10 where another figure would tell. Likewise each of the `parts` whose sum it is."""
        for key, cases in counted.items():
            self.assertEqual(cases % 5, 0, key)
            self.assertIn(counter[key] - cases, range(-9 * parts, 9 * parts + 1), key)
        for key, cases in counter.items():
            if key not in counted:
                self.assertLess(cases, 10 * parts, key)

    def years(self):
        return sorted({self.now.year, self.now.year - 1})

    def test_totals_are_a_recount_over_several_years(self):
        for seed in SEEDS:
            cases = self.generate(seed)
            this_month = self.now.strftime("%Y-%m")
            for year in self.years():
                for region in (None, "AFRICA", "WESTERN_ASIA"):
                    with self.subTest(seed=seed, year=year, region=region):
                        self.recount(cases, year, region, this_month)

    def recount(self, cases, year, region, this_month):
        words = ("--region", region.lower().replace("_", "-")) if region else ()
        report = self.secretariat.json("report", "activity", "--year", str(year), *words)
        flow = self.secretariat.json("flow", "--from", f"{year}-01", "--to", f"{year}-12")["items"]
        inside = of_region(region) if region else None
        opened = [case for case in cases if month_of(int(case["opened_at"])).startswith(str(year)) and month_of(int(case["opened_at"])) < this_month]
        # From the cases, one by one.
        self.told(collections.Counter(case["urgency"] for case in opened), {row["code"]: row["cases"] for row in report["urgencies"]})
        if inside is None:
            self.told(collections.Counter(month_of(int(case["opened_at"])) for case in opened), {row["month"]: row["cases"] for row in report["months"]},
                      parts=len({case["urgency"] for case in cases}))
            self.told(collections.Counter(case["service"] for case in opened), {row["code"]: row["cases"] for row in report["services"]})
        else:
            self.regional(opened, inside, report, region, year)
        for key, side in (("asks", "requesting"), ("asked", "responding")):
            truth = collections.Counter(case[side] for case in opened if inside is None or case[side] in inside)
            self.told(truth, {row["member"]: row[key] for row in report["members"] if row[key]})
        # From the rows that the hub told, exactly.
        def sums(figure, key, keep=lambda row: True):
            counter = collections.Counter()
            for row in flow:
                if row["figure"] == figure and keep(row):
                    counter[row[key]] += int(row["cases"])
            return dict(counter)
        member = lambda key: lambda row: inside is None or row[key] in inside  # noqa: E731
        self.assertEqual({row["member"]: row["asks"] for row in report["members"] if row["asks"]}, sums("OPENED_ASKS", "requesting", member("requesting")))
        self.assertEqual({row["member"]: row["asked"] for row in report["members"] if row["asked"]}, sums("OPENED_ASKED", "responding", member("responding")))
        if inside is None:
            self.assertEqual({row["month"]: row["cases"] for row in report["months"]}, sums("OPENED_MONTH", "month"))
            self.assertEqual({row["code"]: row["cases"] for row in report["services"]}, sums("OPENED_SERVICE", "key"))
        for list_name, figure in (("urgencies", "OPENED_URGENCY"), ("dates", "DATE"), ("held", "HELD"), ("declined", "DECLINED")):
            self.assertEqual({row["code"]: row["cases"] for row in report[list_name]}, sums(figure, "key"))
        for step in report["steps"]:
            self.assertEqual(step["cases"], sums(step["step"], "figure")[step["step"]])
            self.assertEqual(step["within_7"], sum(int(row["cases"]) for row in flow if row["figure"] == step["step"] and 0 < int(row["days"]) <= 7))
        routes = {(row["requesting"], row["responding"]): int(row["cases"]) for row in flow if row["figure"] == "UNSERVED" and
                  (inside is None or {row["requesting"], row["responding"]} & inside)}
        self.assertEqual({(row["requesting"], row["responding"]): row["cases"] for row in report["unserved"]}, routes)
        # Totals are the sums of their rows.
        for key in ("asks", "asked"):
            self.assertEqual(report["totals"][key], sum(row[key] for row in report["members"]))
            self.assertEqual(report["totals"][key], sum(row[key] for row in report["regions"]))
        self.assertEqual(report["totals"]["opened"], sum(sums("OPENED_MONTH", "month").values()))
        for row in report["members"]:
            self.assertIn(row["member"], of_region(row["region"]) or {row["member"]})
            if inside is not None:
                self.assertIn(row["member"], inside)
            if row.get("now") is not None:
                self.assertEqual(row["now"] == 0 or row["now"] >= 5, True, row)

    def regional(self, opened, inside, report, region, year):
        """Months and services of a region: never more than there are, and short of less than 10 for each service of each of its sub-regions."""
        rows = self.secretariat.json("flow", "--from", f"{year}-01", "--to", f"{year}-12", "--by", "region")["items"]
        parts = {row["name"].split(" ")[0] for row in rows if of_region(row["name"].split(" ")[0]) and of_region(row["name"].split(" ")[0]) <= inside}
        for key, side in (("asks", "requesting"), ("asked", "responding")):
            truth = collections.Counter(case["service"] for case in opened if case[side] in inside)
            told = {row["code"]: row[key] for row in report["services"]}
            for service, cases in truth.items():
                self.assertIn(cases - told.get(service, 0), range(-9 * len(parts), 10 * (len(parts) + 6)), (region, service))
            self.assertEqual(told, {service: sum(row.get(key, 0) for row in rows if row["service"] == service and row["name"].split(" ")[0] in parts) for service in told})
            self.assertEqual(sum(told.values()), sum(row[key] for row in report["months"]), region)
            self.assertEqual(sum(told.values()), sum(row.get(key, 0) for row in rows if not row["service"] and row["name"] in parts))

    def test_what_is_under_way_is_told_as_few_where_the_hub_says_few(self):
        self.generate(3, cases=120)
        flow = {row["responding"]: row for row in self.secretariat.json("flow")["items"]
                if row["requesting"] == "*" and row["responding"] != "*" and row["state"] == "*" and row["measure"] == "CASES"}
        report = self.secretariat.json("report", "global", "--year", str(self.now.year))
        rows = {row["member"]: row for row in report["members"] if "now" in row}
        self.assertEqual(set(rows), set(flow))
        for code, row in flow.items():
            self.assertEqual(rows[code]["now"], None if row["few"] else int(row["cases"]), code)
        self.assertIn(None, [row["now"] for row in rows.values()])

    def test_every_language_says_the_same_numbers_on_pages_that_stand_alone(self):
        self.generate(SEEDS[0])
        year = str(self.now.year if self.now.month > 1 else self.now.year - 1)
        for report, words in (("activity", ("--region", "africa")), ("activity", ()), ("global", ())):
            name = Path(self.folder.name) / f"{report}{len(words)}"
            document = self.secretariat.json("report", report, "--year", year, *words, "--lang", "en,fr,es", "--output", name)
            self.assertEqual([Path(file).name for file in document["files"]],
                             [f"{name.name}-{tag}.{end}" for tag in ("en", "fr", "es") for end in ("html", "pdf")])
            numbers, headings = [], set()
            for tag in ("en", "fr", "es"):
                text = Path(f"{name}-{tag}.html").read_text(encoding="utf-8")
                page = Page(text)
                self.assertEqual(page.language, tag)
                self.assertEqual((page.tags["script"], page.tags["on"], page.tags["link"], page.links), (0, 0, 0, []))
                self.assertEqual(page.tags["h1"], 1)
                self.assertEqual(page.tags["table"], page.tags["caption"])
                self.assertNotIn("http", text.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", ""))
                numbers.append([[cell for row in rows for cell in row if cell.isdigit()] for rows in page.tables.values()])
                headings.add(re.search(r"<h1[^>]*>([^<]*)", text)[1])
                paper = subprocess.run(["pdftotext", "-layout", "-enc", "UTF-8", f"{name}-{tag}.pdf", "-"], capture_output=True, timeout=60, check=True)
                drawn = paper.stdout.decode()
                for rows in page.tables.values():  # each row stands on the paper too
                    for row in rows[1:]:
                        self.assertRegex(drawn, r"\s+".join(re.escape(cell).replace("\\ ", r"\s*") for cell in row[1:]))
            self.assertEqual(numbers[0], numbers[1])
            self.assertEqual(numbers[0], numbers[2])
            self.assertEqual(len(headings), 3, headings)
            told = [row["asks"] for row in document["members"]]
            self.assertTrue(set(map(str, told)) <= {cell for table in numbers[0] for cell in table})

    def test_what_cannot_be_is_refused(self):
        year = ("--year", "2026")
        for words, text in ((("activity",), "--year"), (("activity", "--year", "26", "--json"), "--year"), (("activity", *year), "--output"),
                            (("activity", *year, "--json", "--region", "atlantis"), "codes region"), (("activity", *year, "--json", "--lang", "en,xx"), "xx"),
                            (("activity", "global", *year, "--json"), "global"), (("CH-SN-7QK2-M9FD", "x.json", *year), "report of a year")):
            done = self.secretariat.run("report", *words)
            self.assertEqual(done.returncode, 64, words)
            self.assertIn(text, done.stderr + done.stdout, words)
        name = Path(self.folder.name) / "twice"
        self.secretariat.call("report", "activity", *year, "--output", name)
        with self.assertRaises(CommandFailed) as caught:
            self.secretariat.call("report", "activity", *year, "--output", name)
        self.assertEqual(caught.exception.code, 73)


class Branch(unittest.TestCase):
    def test_the_year_of_a_branch_is_a_recount_of_the_messages_at_the_hub(self):
        with tempfile.TemporaryDirectory(prefix="passerelle-reports-") as folder, Network(folder) as network:
            ch, sn, fr = (network.member(code) for code in ("CH", "SN", "FR"))
            for member in (ch, sn, fr):
                member.call("sync")
            year = datetime.datetime.now(datetime.timezone.utc).year
            for seed in SEEDS:  # the same seed, the same moves; after each round everything is counted again
                self.move(random.Random(seed), (ch, sn, fr))
                raw = raw_messages(network.hub)
                for member in (ch, sn, fr):
                    self.recount(member, raw, year)
            ch.call("refer", STORY / "referral-nz-sn.json", "--to", "SN")  # waits in the outbox: not of the year
            self.assertGreater(len(raw), 12)
            self.assertGreater(len({message.header.kind for message in raw}), 2)
            self.recount(ch, raw, year)
            fr.call("availability", "--status", "REDUCED")
            fr.call("sync")
            ch.call("sync")
            ch.call("report", "member", "--year", str(year), "--json")  # nobody has read it by that
            self.assertIn("AVAILABILITY", [item["kind"] for item in ch.json("inbox", "--unread")["items"]])
            self.assertEqual(ch.json("report", "member", "--year", str(year - 2))["totals"], {"sent": 0, "received": 0, "asks": 0, "asked": 0})
            name = Path(folder) / "own"
            ch.call("report", "member", "--year", str(year), "--lang", "en,fr", "--output", name)
            for tag in ("en", "fr"):
                text = Path(f"{name}-{tag}.html").read_text(encoding="utf-8")
                self.assertEqual(Page(text).language, tag)
                self.assertNotIn("Ruataniwharau", text)

    def recount(self, member, raw, year):
        compare_year_of_member(self, member.json("report", "member", "--year", str(year)), raw, member.code, year)

    @staticmethod
    def move(chance, members):
        """Referrals and what follows them, by whoever; a move that is not lawful is refused and leaves nothing."""
        moves = (("ack",), ("note", "--text", "As every month."), ("decline", "--reason", "CAPACITY"), ("ask", "--question", "How old?"), ("accept", "--due", "2030-01-10"))
        for _ in range(5):
            sender, receiver = chance.sample(members, 2)
            sender.call("refer", STORY / "referral-nz-sn.json", "--to", receiver.code)
            sender.call("sync")
            receiver.call("sync")
            for item in receiver.json("inbox")["items"]:
                if chance.random() < 0.7:
                    receiver.run(*(move := chance.choice(moves))[:1], item.get("reference", "none"), *move[1:])
            receiver.call("sync")
        for member in members:
            member.call("sync")


if __name__ == "__main__":
    unittest.main(verbosity=2)
