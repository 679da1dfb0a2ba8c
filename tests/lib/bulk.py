# SPDX-License-Identifier: Apache-2.0
"""Many messages of one member over one open profile, by the library itself (tests/integration/bulk_member.c)."""

import json
import subprocess

from hub import program
from network import STORY

REFERRAL = json.loads((STORY / "referral-nz-sn.json").read_text(encoding="utf-8"))
REPORT = {key: value for key, value in json.loads((STORY / "report-final.json").read_text(encoding="utf-8")).items() if key != "attachments"}
NOTHING = "-"


def line(verb, reference=None, to=None, form=None):
    return "\t".join([verb, reference or NOTHING, to or NOTHING, json.dumps(form) if form else NOTHING])


class Bulk:
    def __init__(self, member):
        self.member = member

    def tell(self, lines):
        """What is answered to each line, a refusal too; synchronises before and after."""
        done = subprocess.run([program("bulk_member"), self.member.profile], input="\n".join(["sync", *lines, "sync", ""]), capture_output=True,
                              text=True, timeout=150, env=self.member.network.hub.environment)
        answers = done.stdout.splitlines()
        if done.returncode != 0 or len(answers) != len(lines) + 2 or {answers[0], answers[-1]} != {"synced"}:
            raise AssertionError(f"{self.member.code}: exit {done.returncode}, {answers[-3:]}\n{done.stderr}")
        return answers[1:-1]

    def do(self, lines):
        """The same, where nothing may be refused."""
        answers = self.tell(lines)
        wrong = [answer for answer in answers if answer.startswith("refused")]
        if wrong:
            raise AssertionError(f"{self.member.code}: {wrong[0]}")
        return answers

    def refer(self, to, count):
        return self.do([line("refer", to=to, form=REFERRAL)] * count)

    def step(self, verb, references, form=None):
        self.do([line(verb, reference, form=form) for reference in references])
