# SPDX-License-Identifier: Apache-2.0
"""What the operator says about a member that cannot work, and waiting until the hub has told everybody."""

import subprocess
import time

from hub import program, run


class Operator:
    def __init__(self, hub):
        self.hub = hub

    def set(self, code, status, *more):
        return run(program("passerelle-hub"), "member", "availability", "--config", self.hub.configuration, "--code", code,
                   "--status", status, *more, env=self.hub.environment)

    def standing(self, code):
        """How many cases stand because of this member."""
        return int(self.hub.sql("SELECT count(*) FROM passerelle.case_state s JOIN passerelle.member m ON m.member = s.out_member "
                                f"WHERE m.code = '{code}'"))

    def running(self, code):
        """How many open cases of this member do not stand because of it."""
        return int(self.hub.sql("SELECT count(*) FROM passerelle.case_state s JOIN passerelle.member m ON m.member IN (s.requesting, s.responding) "
                                f"WHERE m.code = '{code}' AND s.clock > 0 AND s.out_member = 0"))

    def watch(self):
        """One connection that stays, for a question that is asked many times."""
        return Watching(self.hub)

    def wait(self, count, seconds=20):
        """Until count() is true; how long that took. The database has no event that a test could wait for."""
        begun = time.monotonic()
        while not count():
            if time.monotonic() - begun > seconds:
                raise AssertionError(f"not within {seconds} s")
            time.sleep(0.02)
        return time.monotonic() - begun


class Watching:
    def __init__(self, hub):
        self.process = subprocess.Popen(["psql", "-X", "-qAt", "-v", "ON_ERROR_STOP=1", hub.database], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)

    def ask(self, sql):
        """The one line that it answers."""
        self.process.stdin.write(sql + ";\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *fault):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(30)
