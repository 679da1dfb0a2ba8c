#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""options.py [--client BINARY]: no option and no verb without words.

Hub: every row of server/hub/options.def has a help text, stands in deploy/hub.conf.example under its section with its
preset, and in the manual page; neither has an option that the hub does not know; its verbs and flags stand there too.
Client: every verb of the table has help and a manual page that scdoc takes, in which every flag that the help names
is explained."""
import argparse
import re
import subprocess

import house

TABLE, EXAMPLE, MANUALS = "server/hub/options.def", "deploy/hub.conf.example", "deploy/man"
ROW = re.compile(r'^OPTION\((\w+),\s*(\w+),\s*(\w+),\s*("(?:[^"\\]|\\.)*"),\s*(.*?),\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\)', re.M | re.S)
SECTION = re.compile(r"^\[(\w+)\]$")
SETTING = re.compile(r"^[#;]? ?(\w+)\s*=\s*(.*)$")
HUB_VERB = re.compile(r'^\t\{"(\w+)", (?:NULL|"(\w+)"), "([^"]*)"', re.M)
HUB_FLAG = re.compile(r'X\(\w+, "([\w-]+)", (?:NULL|"[^"]*"), "([^"]*)"\)')
VERB = re.compile(r'\{VERB_\w+,\s*"(\w[\w-]*)",\s*"[^"]*",\s*"([^"]*)"')


def example_settings(faults, text):
    found, section = {}, None
    for number, line in enumerate(text.splitlines(), start=1):
        if match := SECTION.match(line):
            section = match.group(1)
        elif match := SETTING.match(line):
            place = f"{section}.{match.group(1)}"
            if place in found:
                faults.tell(EXAMPLE, number, f"{place} stands there twice")
            found[place] = (match.group(2).strip(), number)
    return found


def preset_of(kind, quoted):
    preset = quoted.strip('"')
    return preset.split("|")[0] if kind == "CHOICE" else preset


def check_hub(faults):
    rows = ROW.findall(house.read(TABLE))
    if len(rows) != len(re.findall(r"^OPTION\(", house.read(TABLE), re.M)):
        faults.tell(TABLE, 1, "not every row could be read")
    if not (house.ROOT / EXAMPLE).exists():
        faults.tell(EXAMPLE, 1, "is missing")
        return len(rows)
    settings = example_settings(faults, house.read(EXAMPLE))
    manuals = "".join(house.read(path) for path in house.files(".scd", tops=(MANUALS,))).replace("\\_", "_")
    for kind, section, name, quoted, _, words in rows:
        place, preset = f"{section}.{name}", preset_of(kind, quoted)
        if len(words.strip().strip('"')) < 5:
            faults.tell(TABLE, 1, f"{place} has no help text")
        value, line = settings.pop(place, (None, 1))
        if value is None:
            faults.tell(EXAMPLE, 1, f"{place} is missing: {words.strip()}")
        elif value != preset:
            faults.tell(EXAMPLE, line, f"{place} is '{value}', the preset is '{preset}'")
        if not re.search(rf"\*{name}\*", manuals):
            faults.tell(MANUALS, 1, f"{place} stands in no manual page as *{name}*")
    for place, (_, line) in settings.items():
        faults.tell(EXAMPLE, line, f"{place} is no option of the hub")
    return len(rows)


def check_hub_verbs(faults):
    verbs = HUB_VERB.findall(house.read("server/hub/verb.c"))
    flags = HUB_FLAG.findall(house.read("server/hub/verb.h"))
    manuals = "".join(house.read(path) for path in house.files(".scd", tops=(MANUALS,)))
    for first, second, words in verbs:
        name = f"{first} {second}".strip()
        if len(words) < 5 or f"*{name}*" not in manuals:
            faults.tell("server/hub/verb.c", 1, f"{name} has no help text, or stands in no manual page as *{name}*")
    for flag, words in flags:
        if len(words) < 5 or not re.search(rf"--{flag}\b", manuals):
            faults.tell("server/hub/verb.h", 1, f"--{flag} has no help text, or stands in no manual page")
    if not verbs or not flags:
        faults.tell("server/hub/verb.c", 1, "the tables could not be read")
    return len(verbs) + len(flags)


def output(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, **more)


def check_verb(faults, binary, verb, summary):
    shown = output(binary, "help", verb)
    page = output(binary, "__manual", verb)
    if shown.returncode != 0 or summary not in " ".join(shown.stdout.split()):
        faults.tell("client/cli", 1, f"help {verb} does not say what it is for ('{summary}')")
    if len(summary) < 5 or summary.endswith("."):
        faults.tell("client/cli", 1, f"the summary of {verb} is missing or ends in a full stop")
    made = output("scdoc", input=page.stdout)
    if page.returncode != 0 or made.returncode != 0 or ".SH EXAMPLES" not in made.stdout.upper():
        faults.tell("client/cli", 1, f"the manual page of {verb} is none, or shows no example: {made.stderr.strip()}")
    for flag in set(re.findall(r"^ +--([a-z][a-z-]+)", shown.stdout, re.M)):
        if f"*--{flag}*" not in page.stdout:
            faults.tell("client/cli", 1, f"the manual page of {verb} does not explain --{flag}")


def check_client(faults, binary):
    verbs = VERB.findall(house.read("client/cli/verb.c"))
    for verb, summary in verbs:
        if not verb.startswith("_"):
            check_verb(faults, binary, verb, summary)
    return len(verbs)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--client")
    given = arguments.parse_args()
    faults = house.Faults("options")
    count = check_hub(faults) + check_hub_verbs(faults)
    if given.client:
        count += check_client(faults, given.client)
    faults.end(count)


main()
