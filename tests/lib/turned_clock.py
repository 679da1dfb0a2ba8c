# SPDX-License-Identifier: Apache-2.0
"""One clock for hub and members that a test turns while they run (libfaketime, preloaded).

    clock = TurnedClock(folder)
    network = Network(folder, environment=clock.environment)
    clock.turn("+8d")       # all at once, also what runs already
"""

import atexit
import re
from pathlib import Path


def preloaded():
    """The library itself: its folder differs by machine."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        raise RuntimeError("libfaketimeMT.so.1 is not in /usr/lib/*/faketime: deploy/install-packages test")
    return str(found[0])


def clear_away():
    """Each process with the library leaves shared memory behind, named by its number. A later process with that number would end at once:
    so what dead ones left is taken away, also that of tests beside this one."""
    for left in Path("/dev/shm").glob("*faketime_s*_*"):
        number = re.search(r"_(\d+)$", left.name)
        if number and not Path("/proc", number[1]).exists():
            left.unlink(missing_ok=True)


class TurnedClock:
    def __init__(self, folder):
        clear_away()
        atexit.register(clear_away)
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
