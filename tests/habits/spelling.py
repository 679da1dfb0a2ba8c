#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""codespell over texts, comments and messages. Code lists and samples are in other languages: not looked at."""
import pathlib
import subprocess

import house


def main():
    faults = house.Faults("spelling")
    paths = [path for path in house.files() if house.is_text(path) and not path.endswith((".csv", ".svg", ".json", ".pem", ".po"))]
    words = pathlib.Path(__file__).with_name("spelling.ignore")
    made = subprocess.run(["codespell", "--ignore-words", str(words), *paths], cwd=house.ROOT, capture_output=True, text=True)
    for line in made.stdout.splitlines():
        path, number, text = line.split(":", 2)
        faults.tell(path.removeprefix("./"), number, text.strip())
    faults.end(len(paths))


main()
