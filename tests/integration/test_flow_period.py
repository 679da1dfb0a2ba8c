#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The flow of a period: a generated year in a real hub, asked for by the General Secretariat."""

import csv
import io
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
        figures = {item["figure"] for item in self.secretariat.json("flow", "--from", "2000-01")["items"]}
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
        for heading in ("opened in", "service", "who asks", "steps, in days", "declined because", "routes not served", "AWAIT_COURT"):
            self.assertIn(heading, text)
        rows = list(csv.DictReader(io.StringIO(self.secretariat.call("flow", "--from", "2000-01", "--csv"))))
        self.assertEqual({int(row["cases"]) % 5 for row in rows}, {0})
        with tempfile.TemporaryDirectory(prefix="passerelle-flow-") as folder:
            file = Path(folder) / "flow.xlsx"
            self.secretariat.call("flow", "--from", "2000-01", "--xlsx", file)
            head, *book = ([cell.value for cell in row] for row in openpyxl.load_workbook(file).active.iter_rows())
            self.assertEqual(head, list(rows[0]))
            self.assertEqual([row[-1] for row in book], [int(row["cases"]) for row in rows])

    def test_a_month_that_is_none_is_refused(self):
        for month in ("2026-13", "2026", "2026-1", "now", "1969-12"):
            done = self.secretariat.run("flow", "--from", month)
            self.assertNotEqual(done.returncode, 0, month)
            self.assertIn("2026-01", done.stderr)


if __name__ == "__main__":
    unittest.main()
