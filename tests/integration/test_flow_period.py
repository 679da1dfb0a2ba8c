#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The flow of a period: a generated year in a real hub, asked for by the General Secretariat."""

import csv
import io
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from xml.etree import ElementTree

import openpyxl

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/lib"))
from network import CommandFailed, Network  # noqa: E402

LAST_MONTH = "(extract(epoch FROM date_trunc('month', now() AT TIME ZONE 'UTC')) * 1000)"


class FlowOfAPeriod(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="passerelle-flow-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.network = Network(cls.folder.name)
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__)
        cls.secretariat = cls.network.member("GS", kind="GENERAL_SECRETARIAT", role="monitor")
        year = subprocess.run([ROOT / "tests/bench/year", "--cases", "4000", "--members", "5"], capture_output=True, text=True, check=True)
        subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", cls.network.hub.database], input=year.stdout, text=True, check=True)

    def truth(self, what):
        rows = self.network.hub.sql(f"SELECT {what}, count(*) FROM passerelle.case_state WHERE opened_at < {LAST_MONTH} GROUP BY 1")
        return {line.split("|")[0]: int(line.split("|")[1]) for line in rows.splitlines()}

    def items(self, figure, *words):
        items = self.secretariat.json("flow", *(words or ("--from", "2000-01")))["items"]
        return [{**item, "cases": int(item["cases"])} for item in items if item["figure"] == figure]

    def test_each_row_is_the_next_lower_multiple_of_five(self):
        for figure, what in (("OPENED_SERVICE", "service"), ("OPENED_URGENCY", "urgency")):
            truth = self.truth(what)
            told = {item["key"]: item["cases"] for item in self.items(figure)}
            self.assertEqual(set(told), set(truth))
            for key, cases in truth.items():
                self.assertEqual(told[key] % 5, 0)
                self.assertIn(cases - told[key], range(10), key)  # 5 more where another figure would tell

    def test_the_flow_is_drawn_as_a_picture(self):
        folder = Path(self.folder.name)
        for name, words in (("year.svg", ("--from", "2000-01")), ("pairs.svg", ())):
            self.secretariat.call("flow", *words, "--plot", folder / name)
            picture = ElementTree.fromstring((folder / name).read_text(encoding="utf-8"))
            texts = ["".join(text.itertext()) for text in picture.iter("{http://www.w3.org/2000/svg}text")]
            self.assertGreater(len(picture.findall("{http://www.w3.org/2000/svg}rect")), 8)
            self.assertTrue(picture.find("{http://www.w3.org/2000/svg}title").text)
            if words:
                months = {item["month"]: item["cases"] for item in self.items("OPENED_MONTH")}
                for month, cases in months.items():
                    self.assertEqual(texts[texts.index(month) + 1], str(cases))
                self.assertTrue({"ACKNOWLEDGED", "REPORTED"} <= set(texts), texts)
            with self.assertRaises(CommandFailed) as caught:
                self.secretariat.call("flow", *words, "--plot", folder / name)
            self.assertEqual(caught.exception.code, 73)

    def test_every_figure_is_there(self):
        figures = {item["figure"] for item in self.secretariat.json("flow", "--from", "2000-01")["items"]} - {"FOLLOW_UP"}
        self.assertEqual(figures, {"OPENED_ASKS", "OPENED_ASKED", "OPENED_SERVICE", "OPENED_URGENCY", "OPENED_MONTH", "ACKNOWLEDGED", "DECIDED",
                                   "REPORTED", "DATE", "HELD", "DECLINED", "UNSERVED"})

    def test_periods_add_up(self):
        months = [item["month"] for item in self.items("OPENED_MONTH")]
        middle = months[len(months) // 2]
        before = months[len(months) // 2 - 1]
        all_of_it = sum(item["cases"] for item in self.items("OPENED_ASKS"))
        parts = sum(item["cases"] for item in self.items("OPENED_ASKS", "--to", before) + self.items("OPENED_ASKS", "--from", middle))
        self.assertEqual(all_of_it, parts)

    def test_people_and_spreadsheets_can_read_it(self):
        text = self.secretariat.call("flow", "--from", "2000-01")
        for heading in ("opened in", "service", "who asks", "steps, in days", "declined because", "routes not served", "Waits for a court"):
            self.assertIn(heading, text)
        rows = list(csv.DictReader(io.StringIO(self.secretariat.call("flow", "--from", "2000-01", "--csv"))))
        self.assertEqual({int(row["cases"]) % 5 for row in rows}, {0})
        with tempfile.TemporaryDirectory(prefix="passerelle-flow-") as folder:
            file = Path(folder) / "flow.xlsx"
            self.secretariat.call("flow", "--from", "2000-01", "--xlsx", file)
            head, *book = ([cell.value for cell in row] for row in openpyxl.load_workbook(file).active.iter_rows())
            self.assertEqual(head, list(rows[0]))
            self.assertEqual([row[-1] for row in book], [int(row["cases"]) for row in rows])

    def table(self, by, *words):
        document = self.secretariat.json("flow", "--by", by, *words)
        self.assertEqual((document["schema"], document["by"]), ("passerelle.flow_table/1", by))
        return {row["name"]: row for row in document["items"]}

    def test_a_table_by_member_is_a_recount_of_the_cases(self):
        sql = self.network.hub.sql
        rows = self.table("member", "--from", "2000-01")
        for key, side in (("asks", "requesting"), ("asked", "responding")):
            truth = dict(line.split("|") for line in sql(f"SELECT m.code, count(*) FROM passerelle.case_state c JOIN passerelle.member m ON m.member = c.{side} "
                                                         f"WHERE opened_at < {LAST_MONTH} GROUP BY 1").splitlines())
            for code, cases in truth.items():
                self.assertEqual(rows[code][key] % 5, 0)
                self.assertIn(int(cases) - rows[code][key], range(10), (code, key))
        for key, shift in (("acknowledged", 0), ("decided", 12), ("reported", 24)):
            lines = sql(f"SELECT m.code, (c.steps >> {shift} & 4095) - 1 FROM passerelle.case_state c JOIN passerelle.member m ON m.member = c.responding WHERE c.steps >> {shift} & 4095 > 0 "
                        f"AND (c.opened_at / 86400000 + (c.steps >> {shift} & 4095) - 1) * 86400000 < {LAST_MONTH}").splitlines()
            for code in {line.split("|")[0] for line in lines}:
                days = sorted(int(line.split("|")[1]) for line in lines if line.split("|")[0] == code)
                row = rows[code]
                self.assertIn(len(days) - row[key], range(11 * 10), (code, key))  # eleven rows of days, each short of less than ten
                if len(days) > 300:
                    self.assertLessEqual(days[int(len(days) * 0.4)], float(row[f"{key}_half_days"] or 999), (code, key, row))
                    self.assertLessEqual(days[len(days) // 2], float(row[f"{key}_most_days"] or 999))
                    self.assertLess(row[f"{key}_within_7"], row[key] + 1)

    def test_regions_services_and_countries_are_sums_of_what_the_hub_told(self):
        regions = self.table("region", "--from", "2000-01")
        truth = self.truth("service")
        services = {row["service"] for row in regions.values() if row["service"]}
        self.assertEqual(services, set(truth))
        for service, cases in truth.items():
            for side in ("asks", "asked"):
                told = sum(row.get(side, 0) for row in regions.values() if row["service"] == service)
                self.assertIn(cases - told, range(10 * len(regions)), (service, side))
        for name, row in regions.items():
            if not row["service"]:
                for side in ("asks", "asked"):
                    self.assertEqual(row.get(side, 0), sum(other.get(side, 0) for other in regions.values() if other["service"] and other["name"].startswith(name + " ")))
        members, countries = self.table("member", "--from", "2000-01"), self.table("country", "--from", "2000-01")
        for country, row in countries.items():
            self.assertEqual(row.get("asks", 0), sum(member.get("asks", 0) for code, member in members.items() if code[:2] == country))
        opened = {item["key"]: item["cases"] for item in self.items("OPENED_SERVICE")}
        self.assertEqual({name: row["opened"] for name, row in self.table("service", "--from", "2000-01").items()}, opened)
        self.assertEqual({name: row["opened"] for name, row in self.table("urgency", "--from", "2000-01").items()}, {item["key"]: item["cases"] for item in self.items("OPENED_URGENCY")})

    def test_how_the_cases_stand_by_member_and_pair(self):
        flow = self.secretariat.json("flow")["items"]
        members, pairs = self.table("member"), self.table("pair")
        for item in flow:
            if item["state"] != "*" or item["few"]:
                continue
            if item["requesting"] == "*" and item["responding"] != "*":
                key = {"CASES": "asked_cases", "OVERDUE": "asked_overdue", "ESCALATED": "asked_escalated"}[item["measure"]]
                self.assertEqual(members[item["responding"]][key], int(item["cases"]))
            if "*" not in (item["requesting"], item["responding"]):
                self.assertEqual(pairs[f"{item['requesting']} > {item['responding']}"]["cases"], int(item["cases"]))
            self.assertEqual(int(item["cases"]) % 5, 0)

    def test_how_the_cases_stand_by_service_and_urgency(self):
        sql = self.network.hub.sql
        all_of_it = {(item["state"], item["measure"]): item for item in self.secretariat.json("flow")["items"] if item["requesting"] == item["responding"] == "*"}
        told = [state for (state, measure), item in all_of_it.items() if measure == "CASES" and not item["few"] and state != "*"]
        numbers = {name: number for number, name in enumerate(re.findall(r"X\((\w+), \"", (ROOT / "proto/case/lifecycle.h").read_text(encoding="utf-8")))}
        ended = "9, 10, 11, 18, 20, 21, 22"  # CLOSED, DECLINED, WITHDRAWN, TRACE_FOUND, _CLOSED, _WITHDRAWN, _EXPIRED
        states = ", ".join(str(numbers[name]) for name in told)
        now = int(sql("SELECT as_of FROM passerelle.flow_published"))
        for by in ("service", "urgency"):
            rows = self.table(by)
            truth = dict(line.split("|") for line in sql(f"SELECT {by}, count(*) FROM passerelle.case_state WHERE state IN ({states}) AND state NOT IN ({ended}) GROUP BY 1").splitlines())
            late = dict(line.split("|") for line in sql(f"SELECT {by}, count(*) FROM passerelle.case_state WHERE clock > 0 AND clock_pauses = 0 AND clock_due > 0 "
                                                        f"AND clock_due <= {now} GROUP BY 1").splitlines())
            for key, counts in (("open", truth), ("overdue", late)):
                shown = {name: row.get(key, 0) for name, row in rows.items() if row.get(key, 0)}
                self.assertGreater(len(shown), 2, (by, key))
                for name, cases in shown.items():
                    self.assertEqual(cases % 5, 0)
                    self.assertIn(int(counts[name]) - cases, range(10), (by, key, name))
            text = self.secretariat.call("flow", "--by", by, "--lang", "fr")
            self.assertIn("dossiers ouverts", text)
        self.assertIn("Rapport social sur un enfant ou une famille", self.secretariat.call("flow", "--lang", "fr"))

    def test_the_days_of_each_availability(self):
        sql, day = self.network.hub.sql, 86_400_000
        begin = int(sql(f"SELECT (extract(epoch FROM date_trunc('month', to_timestamp(({LAST_MONTH} - 1) / 1000) AT TIME ZONE 'UTC')) * 1000)::int8"))
        for code, changes in (("AF", (("DISRUPTED", 2), ("REDUCED", 5), ("NORMAL", 9))), ("AG", (("SUSPENDED", 20),))):
            for status, after in changes:
                sql(f"SELECT passerelle.set_availability('{code}', '{status}', '', '', '', {begin + after * day + 5})")
        month = sql(f"SELECT to_char(to_timestamp({begin} / 1000.0) AT TIME ZONE 'UTC', 'YYYY-MM')").strip()
        days = int(sql(f"SELECT ({LAST_MONTH} - {begin})::int8 / {day}"))
        rows = self.table("member", "--from", month, "--to", month)
        def told(code):
            return [rows[code].get(f"days_{status}", 0) for status in ("normal", "reduced", "disrupted", "suspended")]
        self.assertEqual(told("AF"), [days - 9, 4, 3, 0])
        self.assertEqual(told("AG"), [18, 0, 0, days - 20])  # days are counted from the first change of anybody on
        text = self.secretariat.call("flow", "--from", month, "--by", "member")
        self.assertIn("suspended", text)

    def test_a_month_that_was_told_stays_as_it_was(self):
        words = ("--from", "2000-01")
        before = {by: self.secretariat.json("flow", "--by", by, *words)["items"] for by in ("region", "service", "urgency")}
        now = self.secretariat.json("flow")
        sql = self.network.hub.sql
        sql("CREATE TABLE public.kept AS SELECT case_id, urgency, requesting, responding, state FROM passerelle.case_state")
        self.addCleanup(sql, "UPDATE passerelle.case_state c SET urgency = k.urgency, requesting = k.requesting, responding = k.responding, state = k.state "
                             "FROM public.kept k WHERE k.case_id = c.case_id")
        sql("UPDATE passerelle.case_state SET urgency = 'EMERGENCY', responding = requesting, requesting = responding, state = 6")
        self.network.hub.stop()
        self.network.hub.start()
        after = {by: self.secretariat.json("flow", "--by", by, *words)["items"] for by in before}
        self.assertEqual(after, before)
        self.assertEqual(self.secretariat.json("flow"), now)  # of the same day, as_of too

    def test_a_table_that_cannot_be_is_refused(self):
        for words, hint in ((("--by", "child"), "member"), (("--by", "pair", "--from", "2026-01"), "--from")):
            done = self.secretariat.run("flow", *words)
            self.assertEqual(done.returncode, 64, words)
            self.assertIn(hint, done.stderr)

    def test_tables_go_to_spreadsheets_and_pictures(self):
        folder = Path(self.folder.name)
        for by in ("member", "country", "region", "service", "urgency"):
            rows = list(csv.DictReader(io.StringIO(self.secretariat.call("flow", "--from", "2000-01", "--by", by, "--csv"))))
            self.assertEqual([row["name"] for row in rows], list(self.table(by, "--from", "2000-01")))
            self.secretariat.call("flow", "--from", "2000-01", "--by", by, "--plot", folder / f"by-{by}.svg")
            picture = ElementTree.fromstring((folder / f"by-{by}.svg").read_text(encoding="utf-8"))
            self.assertGreater(len(picture.findall("{http://www.w3.org/2000/svg}rect")), 3, by)

    def test_a_month_that_is_none_is_refused(self):
        for month in ("2026-13", "2026", "2026-1", "now", "1969-12"):
            done = self.secretariat.run("flow", "--from", month)
            self.assertNotEqual(done.returncode, 0, month)
            self.assertIn("2026-01", done.stderr)


if __name__ == "__main__":
    unittest.main()
