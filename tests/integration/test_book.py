#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The Lifebook as a book: what the child shares, in the order of its days, with its pictures; nothing that it keeps or took back.
And the drawing of pictures, which are never trusted."""

import base64
import json
import os
import random
import re
import struct
import subprocess
import sys
import tempfile
import unittest
import zlib
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from network import STORY, Network  # noqa: E402

# The libraries that find and cache fonts keep what they have until the end, on purpose.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
DRAWING = Path(os.environ["PASSERELLE_PROGRAMS"]) / "client/cli/passerelle-paper"
CONSENT = {"person": "S1", "purpose": "LIFEBOOK", "given": "YES", "form": "ORAL_RECORDED", "by": "SELF", "date": "2026-11-20"}


def png(width, height, pixels=None, claim=None):
    """A picture in grey; `claim`: the size that its head tells."""
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))  # noqa: E731
    rows = pixels or b"".join(b"\0" + bytes(range(width % 256)) + bytes(width - width % 256) for _ in range(height))
    head = struct.pack(">IIBBBBB", *(claim or (width, height)), 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def with_exif(jpeg, text, orientation):
    """The same picture with a place, a text and an orientation beside it, as cameras write them."""
    tiff = b"II*\0\x08\0\0\0" + struct.pack("<H", 1) + struct.pack("<HHII", 0x0112, 3, 1, orientation) + b"\0\0\0\0" + text
    body = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def images(file):
    """Width and height of each picture in a PDF."""
    out = subprocess.run(["pdfimages", "-list", file], capture_output=True, text=True, timeout=60, check=True)
    return [tuple(map(int, line.split()[3:5])) for line in out.stdout.splitlines()[2:]]


def text_of(file):
    out = subprocess.run(["pdftotext", "-enc", "UTF-8", file, "-"], capture_output=True, timeout=60, check=True)
    return out.stdout.decode().translate(dict.fromkeys(map(ord, "\u202a\u202b\u202c\u200e\u200f")))


class Pictures(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="passerelle-picture-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def draw(self, data, end="pdf"):
        (self.folder / "in").write_bytes(data)
        document = {"schema": "passerelle.paper/1", "title": "T", "foot": "F", "language": "en",
                    "blocks": [{"picture": str(self.folder / "in"), "alt": "our <house>", "otherwise": "not to be shown"}]}
        file = self.folder / f"out.{end}"
        done = subprocess.run([DRAWING, file], input=json.dumps(document).encode(), capture_output=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return file

    def inside(self, data):
        """The bytes of the picture that a page holds; None if it shows none."""
        found = re.search(r'src="data:image/jpeg;base64,([^"]*)"', self.draw(data, "html").read_text(encoding="utf-8"))
        return base64.b64decode(found[1]) if found else None

    def test_nothing_but_what_can_be_seen_goes_on(self):
        house = (STORY / "house.jpg").read_bytes()
        marked = with_exif(house, b"GPS 14.7N 17.4W of the shelter", 1)
        drawn = self.inside(marked)
        self.assertTrue(drawn.startswith(b"\xff\xd8\xff"))
        self.assertNotIn(b"shelter", drawn)
        self.assertNotIn(b"Exif", drawn)
        self.assertNotIn(b"shelter", self.draw(marked).read_bytes())
        self.assertIn("our &lt;house&gt;", (self.folder / "out.html").read_text(encoding="utf-8"))

    def test_pictures_stand_upright(self):
        house = (STORY / "house.jpg").read_bytes()
        ((width, height),) = images(self.draw(house))
        self.assertNotEqual(width, height)
        for orientation in range(1, 9):
            expected = (width, height) if orientation < 5 else (height, width)
            self.assertEqual(images(self.draw(with_exif(house, b"", orientation))), [expected], orientation)
            other = b"\xff\xe1\0\x14http://ns.adobe.c\0"  # another part under the same marker comes before
            turned = with_exif(house, b"", orientation)
            self.assertEqual(images(self.draw(turned[:2] + other + turned[2:])), [expected], orientation)

    def test_large_ones_are_made_smaller(self):
        ((width, height),) = images(self.draw(png(4000, 1000)))
        self.assertEqual((width, height), (1400, 350))

    def test_what_is_no_picture_is_said_and_not_drawn(self):
        house = (STORY / "house.jpg").read_bytes()
        for data in (b"", b"\xff\xd8\xff", b"\xff\xd8\xff\xe0" + b"\0" * 50, b"GIF89a" + b"\0" * 30, b"<svg onload='x()'/>", png(8, 8)[:40],
                     png(8, 8, claim=(15999, 15999)), png(8, 8, claim=(1 << 31, 1)), b"\xff\xd8\xff" + house[:200]):
            self.assertIsNone(self.inside(data), data[:20])
            self.assertIn("not to be shown", text_of(self.draw(data)))
            self.assertEqual(images(self.folder / "out.pdf"), [])

    def test_damaged_ones_never_end_the_program(self):
        chance = random.Random(1924)
        for original in (with_exif((STORY / "house.jpg").read_bytes(), b"x", 6), png(64, 64)):
            for _ in range(40):
                data = bytearray(original[:chance.randrange(20, len(original))] if chance.random() < 0.3 else original)
                for _ in range(chance.randrange(1, 30)):
                    data[chance.randrange(min(len(data), 600))] = chance.randrange(256)
                self.draw(bytes(data), "html")  # drawn, or said that it cannot be: exit 0 either way


class Book(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="passerelle-book-test-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.network = Network(cls.folder.name)
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__)
        cls.ch, cls.sn = cls.network.member("CH"), cls.network.member("SN")
        for member in (cls.ch, cls.sn):
            member.call("sync")
        cls.reference = cls.ch.json("refer", STORY / "referral-nz-sn.json", "--to", "SN")["reference"]
        cls.exchange()
        cls.sn.call("ack", cls.reference)
        cls.sn.call("accept", cls.reference, "--due", "2027-02-19")
        cls.write("YES", "2024-03-01", "بيتنا الجديد", "نزرع الطماطم في الفناء.", "ar", "--attach", STORY / "house.jpg")
        cls.write("YES", "2019-07", "The mango tree", "I fell from it and laughed.", "en")
        cls.write("YES", "2021-01-05", "ភូមិរបស់ខ្ញុំ", "ខ្ញុំទៅសាលារៀន។", "km", "--attach", cls.picture())
        cls.write("NO", "2020-02-02", "The well", "Only for me.", "en")
        cls.write("YES", "2022-02-02", "The quarrel", "Not any more.", "en")
        cls.exchange()
        (quarrel,) = [entry for item in cls.sn.json("child", cls.reference)["items"] for entry in item.get("lifebook", []) if entry.get("title") == "The quarrel"]
        cls.sn.call("lifebook", cls.reference, "--take-back", quarrel["case_seq"])
        cls.exchange()

    @classmethod
    def exchange(cls):
        for member in (cls.ch, cls.sn, cls.ch):
            member.call("sync")

    @classmethod
    def picture(cls):
        file = Path(cls.folder.name) / "school.png"
        file.write_bytes(png(300, 200))
        return file

    @classmethod
    def write(cls, share, date, title, text, language, *words):
        form = Path(cls.folder.name) / "entry.json"
        form.write_text(json.dumps({"person": "S1", "date": date, "title": title, "text": text, "language": language, "written_by": "Awa",
                                    "share": share, "consent": CONSENT}), encoding="utf-8")
        cls.sn.call("lifebook", cls.reference, form, *words)

    def book(self, member, name, *words):
        file = Path(self.folder.name) / name
        member.call("lifebook", self.reference, "--book", file, *words)
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        return file

    def test_the_book_holds_what_is_shared_by_its_days_with_pictures(self):
        for member in (self.sn, self.ch):
            file = self.book(member, f"{member.code}.html")
            page = file.read_text(encoding="utf-8")
            places = [page.find(title) for title in ("The mango tree", "ភូមិរបស់ខ្ញុំ", "بيتنا الجديد")]
            self.assertEqual(places, sorted(places))
            self.assertGreater(places[0], 0)
            self.assertEqual(page.count("data:image/jpeg;base64,"), 2)
            self.assertIn('lang="ar"', page)
            for hidden in ("The well", "Only for me", "The quarrel", "Not any more"):
                self.assertNotIn(hidden, page)
            paper = self.book(member, f"{member.code}.pdf")
            text = text_of(paper)
            for words in ("The mango tree", "I fell from it and laughed.", "الجديد", "2019-07"):
                self.assertIn(words, text)
            self.assertNotIn("The well", text)
            self.assertEqual(len(images(paper)), 2)
            fonts = subprocess.run(["pdffonts", paper], capture_output=True, text=True, timeout=60, check=True).stdout
            self.assertIn("Arabic", fonts)
            self.assertIn("Khmer", fonts)

    def test_what_the_child_keeps_stands_in_its_own_book_alone(self):
        page = self.book(self.sn, "own.html", "--own").read_text(encoding="utf-8")
        self.assertIn("Only for me.", page)
        self.assertIn("for the child alone", page)
        self.assertNotIn("The quarrel", page)
        self.assertNotIn("Only for me.", self.book(self.ch, "theirs.html", "--own").read_text(encoding="utf-8"))

    def test_nothing_that_was_opened_stays_behind(self):
        runtime = Path(self.folder.name) / "runtime"
        runtime.mkdir()
        self.network.hub.environment["XDG_RUNTIME_DIR"] = str(runtime)
        self.addCleanup(self.network.hub.environment.pop, "XDG_RUNTIME_DIR")
        self.book(self.ch, "clean.pdf", "--person", "S1")
        self.assertEqual(list(runtime.iterdir()), [])

    def test_what_cannot_be_is_refused(self):
        there = self.book(self.ch, "there.pdf")
        for words, code in ((("--book", "book.doc"), 64), (("--book", "x.pdf", "--take-back", "1"), 64), (("--book", there), 73), (("--book", "/nonexistent/x.pdf"), 73),
                            (("--book", "x.pdf", "--person", "C9"), 66)):
            self.assertEqual(self.ch.run("lifebook", self.reference, *words).returncode, code, words)


if __name__ == "__main__":
    unittest.main(verbosity=2)
