# SPDX-License-Identifier: Apache-2.0
"""One clock for hub and members that a test turns while they run (libfaketime, preloaded).

    clock = TurnedClock(folder)
    network = Network(folder, environment=clock.environment)
    clock.turn("+8d")       # all at once, also what runs already
"""

import subprocess
from pathlib import Path


def preloaded():
    """What the faketime program would preload: asked of it, since the path differs by machine."""
    shown = subprocess.run(["faketime", "-m", "-f", "+0d", "env"], capture_output=True, text=True, check=True).stdout
    return next(line.partition("=")[2] for line in shown.splitlines() if line.startswith("LD_PRELOAD="))


class TurnedClock:
    def __init__(self, folder):
        self.file = Path(folder) / "clock"
        self.turn("+0d")
        # Timers run on the machine's own monotonic clock: only the time of day is turned.
        self.environment = {"LD_PRELOAD": preloaded(), "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1",
                            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"}

    def turn(self, shift):
        """`shift` from the true time: "+8d", "+25h"."""
        new = self.file.with_suffix(".new")
        new.write_text(shift + "\n")
        new.replace(self.file)
