#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Lists as files: CSV and workbooks that no spreadsheet works out, and deadlines as a calendar without names."""

import csv
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import icalendar
import openpyxl

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from network import STORY, CommandFailed, Network  # noqa: E402

SHEET = Path(os.environ["PASSERELLE_PROGRAMS"]) / "client/cli/passerelle-sheet"


def rows_of_csv(file):
    data = file.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def rows_of_workbook(file):
    return [[cell for cell in row] for row in openpyxl.load_workbook(file).active.iter_rows()]


def sheet(document, file):
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    return subprocess.run([SHEET, file], input=text, capture_output=True, timeout=60).returncode


class Workbook(unittest.TestCase):
    def test_texts_stay_texts_whatever_they_look_like(self):
        with tempfile.TemporaryDirectory(prefix="passerelle-sheet-") as folder:
            file = Path(folder) / "out.xlsx"
            texts = ["=1+1", "@SUM(A1)", "+41 22", "http://example.org", "عائشة", "{=A1}", "007", " x ", "a\nb"]
            table = {"schema": "passerelle.sheet/1", "title": "due", "columns": ["text", "number"], "rows": [[text, 7] for text in texts]}
            self.assertEqual(sheet(table, file), 0)
            rows = rows_of_workbook(file)
            self.assertEqual([cell.value for cell in rows[0]], ["text", "number"])
            self.assertEqual([row[0].value for row in rows[1:]], texts)
            self.assertEqual({row[0].data_type for row in rows[1:]}, {"s"})
            self.assertTrue(all(row[0].hyperlink is None and row[1].value == 7 for row in rows[1:]))
            self.assertEqual(file.stat().st_mode & 0o777, 0o600)

    def test_hostile_tables_are_refused_or_cut(self):
        with tempfile.TemporaryDirectory(prefix="passerelle-sheet-") as folder:
            file = Path(folder) / "out.xlsx"
            table = {"schema": "passerelle.sheet/1", "title": "[:]*?/" * 20, "columns": ["a"], "rows": [["\u1797" * 20000], [None], [[1]]]}
            self.assertEqual(sheet(table, file), 0)
            self.assertEqual(set(rows_of_workbook(file)[1][0].value), {"\u1797"})
            for wrong in (b"{", {"schema": "other"}, {**table, "columns": []}, {**table, "columns": ["a"] * 65}, {**table, "rows": [["a", "b"]]},
                          {**table, "rows": "x"}, {**table, "columns": [7]}):
                self.assertIn(sheet(wrong, file), (65, 73))
            self.assertEqual(sheet(table, "/nonexistent/out.xlsx"), 73)


class Lists(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="passerelle-tables-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        network = cls.enterClassContext(Network(cls.folder / "net"))
        cls.ch, cls.sn = network.member("CH"), network.member("SN")
        for member in (cls.ch, cls.sn):
            member.call("sync")
        cls.references = [cls.ch.json("refer", STORY / "referral-nz-sn.json", "--to", "SN")["reference"] for _ in range(3)]
        cls.ch.call("sync")
        cls.sn.call("sync")
        cls.sn.call("ack", cls.references[0])
        cls.sn.call("sync")
        cls.ch.call("sync")

    def test_each_list_is_the_same_as_csv_as_workbook_and_as_json(self):
        for member, verb in ((self.sn, "inbox"), (self.ch, "outbox"), (self.ch, "due"), (self.ch, "directory"), (self.ch, "follow-ups")):
            document = member.json(verb)["items"]
            comma, book = self.folder / f"{verb}.csv", self.folder / f"{verb}.xlsx"
            said = member.call(verb, "--csv", comma, "--xlsx", book).split()
            self.assertEqual(said, [str(comma), str(book)])
            rows = rows_of_csv(comma)
            self.assertEqual(len(rows), len(document) + 1)
            for line, item in zip(rows[1:], document):
                self.assertEqual(len(line), len(rows[0]))
                for key, cell in zip(rows[0], line):
                    value = item.get(key, "")
                    expected = ";".join(value) if isinstance(value, list) else str(value).lower() if isinstance(value, bool) else str(value)
                    if "." not in key:
                        self.assertEqual(cell, expected, f"{verb} {key}")
            cells = [["" if cell.value is None else str(cell.value) for cell in row] for row in rows_of_workbook(book)]
            self.assertEqual(cells, rows)
            for file in (comma, book):
                self.assertEqual(file.stat().st_mode & 0o777, 0o600)
                with self.assertRaises(CommandFailed) as caught:
                    member.call(verb, f"--{file.suffix[1:]}", file)
                self.assertEqual(caught.exception.code, 73)

    def calendar(self, member, name):
        file = self.folder / name
        member.call("due", "--ics", file)
        text = file.read_bytes()
        for line in text.split(b"\r\n"):
            self.assertLessEqual(len(line), 75)
            self.assertNotIn(b"\n", line)
        self.assertNotIn(b"Ruataniwharau", text)
        self.assertNotIn(b"Diattalou", text)
        return [event for event in icalendar.Calendar.from_ical(text).walk("VEVENT")]

    def test_deadlines_are_a_calendar_whose_events_move_with_them(self):
        due = {item["reference"]: item for item in self.ch.json("due")["items"] if "due" in item}
        events = self.calendar(self.ch, "first.ics")
        self.assertEqual(len(events), len(due))
        self.assertGreater(len(due), 1)
        for event in events:
            reference = str(event["SUMMARY"]).split(":")[0]
            self.assertEqual(event["DTSTART"].dt.isoformat(), due[reference]["due"])
            self.assertIn(due[reference]["awaits_text"], str(event["SUMMARY"]))
            self.assertEqual(len(event.walk("VALARM")), 1)
        first = {str(event["UID"]): (str(event["SUMMARY"]), int(event["SEQUENCE"])) for event in events}
        self.assertEqual(len(first), len(events))
        # Another program, another day: the same deadline has the same UID and a later number; the other branch's too.
        again = {str(event["UID"]): (str(event["SUMMARY"]), int(event["SEQUENCE"])) for event in self.calendar(self.ch, "second.ics")}
        self.assertEqual({uid: text for uid, (text, _) in first.items()}, {uid: text for uid, (text, _) in again.items()})
        self.assertTrue(all(again[uid][1] >= number for uid, (_, number) in first.items()))
        self.assertEqual({str(event["UID"]) for event in self.calendar(self.sn, "other.ics")}, set(first))


if __name__ == "__main__":
    unittest.main(verbosity=2)
