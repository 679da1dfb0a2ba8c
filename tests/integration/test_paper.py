#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A case on paper: what is drawn is what was written, in every script, and names only where they were asked for."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from network import STORY, CommandFailed, Network  # noqa: E402

# The libraries that find and cache fonts keep what they have until the end, on purpose.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
DRAWING = Path(os.environ["PASSERELLE_PROGRAMS"]) / "client/cli/passerelle-paper"


def draw(document, file):
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    return subprocess.run([DRAWING, file], input=text, capture_output=True, timeout=60)


def paper(*blocks):
    return {"schema": "passerelle.paper/1", "title": "T", "foot": "foot of T", "language": "en", "blocks": list(blocks)}


def texts(file):
    """Of each page, in logical order: the marks that pdftotext sets around text from the right left out."""
    out = subprocess.run(["pdftotext", "-enc", "UTF-8", file, "-"], capture_output=True, timeout=60, check=True)
    marks = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u200e\u200f"))
    return [page.translate(marks) for page in out.stdout.decode().split("\f")[:-1]]


class Paper(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="passerelle-paper-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.file = Path(cls.folder.name) / "out.pdf"

    def test_each_script_is_drawn_with_a_font_that_has_it(self):
        words = {"Latn": "Nguyễn Thị Ánh", "Khmr": "ភូមិ", "Cyrl": "Анна", "Grek": "Ελένη"}
        self.assertEqual(draw(paper(*({"text": word} for word in words.values()), {"text": "عائشة"}), self.file).returncode, 0)
        text = "".join(texts(self.file))
        for word in words.values():
            self.assertIn(word, text)
        fonts = subprocess.run(["pdffonts", self.file], capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()[2:]
        self.assertGreaterEqual(len(fonts), 3)
        self.assertTrue(any("Arabic" in line for line in fonts), fonts)
        self.assertTrue(all(line.split()[-5] == "yes" for line in fonts), fonts)  # embedded: reads the same elsewhere

    def test_what_does_not_fit_goes_to_the_next_page_and_none_of_it_is_lost(self):
        numbers = [f"line{i:04}" for i in range(2000)]
        long = {"label": "all", "text": " ".join(numbers)}
        self.assertEqual(draw(paper(long, *({"heading": f"part{i}", "level": 2} for i in range(40))), self.file).returncode, 0)
        pages = texts(self.file)
        self.assertGreater(len(pages), 3)
        for i, page in enumerate(pages):
            self.assertIn("foot of T", page)
            self.assertIn(f"{i + 1} / {len(pages)}", page)
        self.assertEqual([word for word in " ".join(pages).split() if word.startswith("line")], numbers)
        self.assertEqual(sum(page.count("part") for page in pages), 40)

    def test_no_heading_stands_alone_at_the_foot_of_a_page(self):
        second = set()
        for lines in range(14, 46, 2):
            blocks = [{"text": f"line{i}"} for i in range(lines)]
            table = {"table": "Third", "head": ["a", "b"], "rows": [["row", "1"], ["end", "2"]]}
            self.assertEqual(draw(paper({"heading": "First", "level": 1}, *blocks, {"heading": "Second", "level": 2}, table), self.file).returncode, 0)
            (page,) = [number for number, page in enumerate(texts(self.file)) if "Second" in page]
            for word in ("Third", "row"):
                self.assertIn(word, texts(self.file)[page], f"{lines} lines before")
            second.add(page)
        self.assertEqual(second, {0, 1})  # both sides of the end of the page were tried

    def test_text_cannot_turn_or_hide_what_stands_around_it(self):
        self.assertEqual(draw(paper({"text": "safe \u202etxet\u202c \u2066x\u2069 \u0007 end"}), self.file).returncode, 0)
        text = "".join(texts(self.file))
        self.assertIn("txet", text)
        self.assertEqual(text.count("\ufffd"), 5)

    def test_what_is_no_document_is_refused(self):
        self.assertEqual(draw(b"{", self.file).returncode, 65)
        self.assertEqual(draw({"schema": "other"}, self.file).returncode, 73)
        self.assertEqual(draw(paper(), self.file).returncode, 73)
        self.assertEqual(draw(paper({"text": "x"}), "/nonexistent/out.pdf").returncode, 73)

    def test_hostile_documents_are_drawn_or_refused(self):
        deep = b'{"a":' * 3000 + b"1" + b"}" * 3000
        self.assertEqual(draw(deep, self.file).returncode, 65)
        odd = paper({"heading": 7, "level": -3}, {"label": "x", "indent": 10**12}, {"text": ["no"]}, "none", {"heading": "h", "level": 99})
        self.assertEqual(draw(odd, self.file).returncode, 0)


class Print(unittest.TestCase):
    def test_a_case_is_printed_without_names_unless_they_are_asked_for(self):
        with tempfile.TemporaryDirectory(prefix="passerelle-print-") as folder, Network(folder) as network:
            ch, sn = network.member("CH"), network.member("SN")
            for member in (ch, sn):
                member.call("sync")
            reference = ch.json("refer", STORY / "referral-nz-sn.json", "--to", "SN")["reference"]
            ch.call("sync")
            sn.call("sync")
            bare, whole = Path(folder) / "bare.pdf", Path(folder) / "whole.pdf"
            sn.call("print", reference, "--output", bare)
            self.assertEqual(len(sn.json("inbox", "--unread")["items"]), 1)  # nothing was opened for it
            text = "".join(texts(bare))
            self.assertIn(reference, text)
            self.assertIn("FAMILY_TRACING", text)
            self.assertNotIn("Ruataniwharau", text)
            self.assertEqual(bare.stat().st_mode & 0o777, 0o600)
            sn.call("print", reference, "--output", whole, "--content")
            pages = texts(whole)
            self.assertIn("Tamahine Ruataniwharau", "".join(pages))
            self.assertTrue(all("names people" in page for page in pages))
            with self.assertRaises(CommandFailed) as caught:
                sn.call("print", reference, "--output", whole)
            self.assertEqual(caught.exception.code, 73)
            self.assertIn("not there yet", caught.exception.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
