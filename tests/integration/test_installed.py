#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The example program, compiled against the installed tree in both ways (pkg-config, CMake
package), writes and sends a referral. The library shows its own functions and nothing else."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from hub import ROOT, run  # noqa: E402
from network import STORY, Network  # noqa: E402

BUILD = Path(os.environ.get("PASSERELLE_PROGRAMS", ROOT / "build/release"))
EXAMPLE = ROOT / "client/example"


class Installed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="passerelle-installed-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.place = Path(cls.folder.name)
        cls.prefix = cls.place / "usr"
        run("cmake", "--install", BUILD, "--prefix", cls.prefix, "--component", "client")
        cls.library = next(cls.prefix.rglob("libpasserelle.so.0"))
        cls.environment = {**os.environ, "LD_LIBRARY_PATH": str(cls.library.parent)}

    def compile_with_pkg_config(self):
        package = next(self.prefix.rglob("passerelle.pc"))
        flags = run("pkg-config", f"--define-variable=prefix={self.prefix}", "--cflags", "--libs", "passerelle",
                    env={**os.environ, "PKG_CONFIG_PATH": str(package.parent)}).split()
        program = self.place / "by-pkg-config"
        run("cc", "-std=c11", "-Wall", "-Wextra", "-Werror", EXAMPLE / "refer_and_sync.c", *flags, "-o", program)
        return program

    def test_the_example_compiles_by_pkg_config_and_sends_a_referral(self):
        program = self.compile_with_pkg_config()
        with Network(self.place / "network") as network:
            ch, sn = network.member("CH"), network.member("SN")
            ch.call("sync")
            out = run(program, ch.profile, "SN", STORY / "referral-nz-sn.json", env=self.environment)
            schemas = re.findall(r'"schema": "([^"]+)"', out)
            self.assertEqual(schemas, ["passerelle.written/1", "passerelle.synced/1", "passerelle.inbox/1"])
            self.assertEqual(sn.json("sync")["received"], 1)

    def test_the_forms_that_were_installed_are_found_by_the_program_and_by_the_library(self):
        listed = json.loads(run(self.prefix / "bin/passerelle", "forms", "--json", env={**self.environment, "HOME": str(self.place)}))
        there = {path.stem.replace("-", "_").upper() for path in (self.prefix / "share/passerelle/forms").glob("*.json")}
        self.assertEqual(({item["id"] for item in listed["items"]}, listed["refused"]), (there, []))
        program = self.compile_with_pkg_config()  # stands elsewhere: the library looks from its own place
        with Network(self.place / "network-forms") as network:
            ch, _ = network.member("CH"), network.member("SN")
            ch.call("sync")
            out = run(program, ch.profile, "SN", ROOT / "tests/data/forms/alert-request.json", env=self.environment)
            self.assertIn("passerelle.written/1", out)

    def test_the_example_says_what_is_wrong_and_what_to_do(self):
        program = self.compile_with_pkg_config()
        done = subprocess.run([program, self.place / "nowhere", "SN", "form.json"], capture_output=True, text=True, env=self.environment)
        self.assertEqual(done.returncode, 66, done.stderr)
        self.assertIn("What to do:", done.stderr)

    def test_the_example_compiles_as_a_cmake_project_of_its_own(self):
        source, build = self.place / "example", self.place / "example-build"
        shutil.copytree(EXAMPLE, source)
        run("cmake", "-S", source, "-B", build, f"-DCMAKE_PREFIX_PATH={self.prefix}")
        run("cmake", "--build", build)
        done = subprocess.run([build / "refer_and_sync"], capture_output=True, text=True, env=self.environment)
        self.assertEqual(done.returncode, 64)
        self.assertIn("libpasserelle 0.1.0", done.stderr)

    def test_every_verb_has_a_page_in_the_installed_tree(self):
        verbs = json.loads(run(self.prefix / "bin/passerelle", "help", "--json", env=self.environment))["items"]
        pages = {page.name for page in self.prefix.rglob("man1/*.1*")}
        self.assertEqual({f"passerelle-{verb['name']}.1" for verb in verbs} - pages, set())

    def test_the_library_shows_the_functions_of_its_header_and_nothing_else(self):
        shown = {line.split()[-1].split("@")[0] for line in run("nm", "-D", "--defined-only", self.library).splitlines()}
        header = (self.prefix / "include/passerelle/passerelle.h").read_text()
        declared = set(re.findall(r"PSR_API [^;]*?\b(psr_\w+)\(", header))
        self.assertEqual(shown - {"PASSERELLE_0"}, declared)

    def test_the_header_stands_alone_and_serves_c_plus_plus(self):
        header = self.prefix / "include/passerelle/passerelle.h"
        for compiler, language in (("gcc", "c"), ("g++", "c++")):
            if shutil.which(compiler):  # a C++ compiler is nothing that this project needs
                run(compiler, "-x", language, "-fsyntax-only", "-Wall", "-Wextra", "-Werror", header)
        self.assertNotRegex(header.read_text(), r"#include <(?!std(bool|def|int)\.h)")


if __name__ == "__main__":
    unittest.main(verbosity=2)
