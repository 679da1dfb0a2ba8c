#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Hub, members' programs and PostgreSQL are killed at random moments while everyone
writes; then the histories are checked for what must never happen.

  I1  everything a member was promised (psr_write returned) reached its recipient
  I2  each message was taken once
  I3  mailbox numbers are dense and never bound anew
  I4  the order within a case is that of its numbers, which are dense too
  I5  the same bytes again get the same receipt, byte for byte

    chaos.py [ROUNDS] [SEED]        default 200 rounds; the seed is printed
"""

import collections
import json
import os
import random
import select
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))
import passerelle_client as second  # noqa: E402
from hub import ROOT, program  # noqa: E402
from network import STORY, Network  # noqa: E402

CODES = ("CH", "SN", "NZ")


class Worker:
    """A member's program that writes and syncs until it is killed, again and again."""

    def __init__(self, member, to, cases, seed):
        self.member, self.to, self.cases, self.seed = member, to, cases, seed
        self.promised, self.faults, self.errors = [], [], collections.Counter()
        self.start()

    def start(self):

        self.seed += 1
        call = [program("chaos_member"), self.member.profile, "work", str(self.seed), STORY / "referral-nz-sn.json", self.to, *self.cases]
        self.process = subprocess.Popen(list(map(str, call)), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.reader = threading.Thread(target=self.read, args=(self.process,))
        self.reader.start()

    def read(self, process):
        for line in process.stdout:
            word, _, rest = line.decode().rstrip("\n").partition(" ")
            if word == "written":
                self.promised.append(rest)
            elif word == "fault":
                self.faults.append(rest)
            else:
                self.errors[f"{word} {rest.split(' ')[0]}"] += 1

    def kill(self):
        self.process.kill()
        self.process.wait()
        self.reader.join()
        complaint = self.process.stderr.read().decode()
        self.process.stderr.close()
        if complaint:
            self.faults.append(complaint)

    def alive(self):
        return self.process.poll() is None


def pause(seconds):
    """Lets the others work for a while: the length of a round is part of the dice."""
    select.select([], [], [], seconds)


def open_cases(network):
    """Three cases between each pair, referred and received before the killing starts."""
    cases = collections.defaultdict(list)
    for sender in CODES:
        network.members[sender].call("sync")
    for sender in CODES:
        for to in CODES:
            for _ in range(3 if sender != to else 0):
                written = network.members[sender].json("refer", STORY / "referral-nz-sn.json", "--to", to)
                cases[sender].append(written["reference"])
                cases[to].append(written["reference"])
    for _ in range(2):
        for code in CODES:
            network.members[code].call("sync")
    return cases


def strike(network, workers, dice):
    victim = dice.choice(["hub", "member", "database"])
    if victim == "hub":
        network.hub.kill(signal.SIGKILL)
        pause(dice.random() * 0.1)
        network.hub.start()
    elif victim == "database":
        network.hub.stop_database(immediate=True)
        pause(dice.random() * 0.1)
        network.hub.start_database()
    else:
        worker = dice.choice(workers)
        worker.kill()
        worker.start()
    return victim


def settle(network):

    for _ in range(3):  # receipts of receipts' carriers: what one round brings, the next one answers
        for code in CODES:
            done = subprocess.run([program("chaos_member"), network.members[code].profile, "settle"], capture_output=True, text=True, timeout=120)
            if done.returncode != 0:
                raise AssertionError(f"{code} does not get quiet: {done.stdout[-500:]}")


def inbox_rows(member):
    """(mailbox number, message id) of all that came, receipts too."""
    with sqlite3.connect(f"file:{member.profile}/store.db?mode=ro", uri=True) as store:
        return store.execute("select mailbox_seq, message from inbox order by mailbox_seq").fetchall()


def outbox_rows(member):
    with sqlite3.connect(f"file:{member.profile}/store.db?mode=ro", uri=True) as store:
        return store.execute("select message, envelope, receipt from outbox").fetchall()


def check(network, workers):
    faults = []
    arrived = collections.Counter()
    for code in CODES:
        rows = inbox_rows(network.members[code])
        taken = collections.Counter(row[1].hex() for row in rows)
        faults += [f"I2: {code} took {message} {count} times" for message, count in taken.items() if count > 1]
        arrived.update(taken)
        faults += check_mailbox(network, code, rows)
    for worker in workers:
        for message in worker.promised:
            if arrived[message.replace("-", "")] != 1:
                faults.append(f"I1: {message} of {worker.member.code} was promised and arrived {arrived[message.replace('-', '')]} times")
    faults += check_cases(network)
    return faults, sum(arrived.values())


def check_mailbox(network, code, rows):
    stored = network.hub.sql(
        "select e.seq, replace(e.message_id::text, '-', '') from passerelle.mailbox_entry e"
        " join passerelle.member r on r.member = e.recipient"
        f" where r.code = '{code}' order by e.seq").splitlines()
    entries = [line.split("|") for line in stored]
    if [int(entry[0]) for entry in entries] != list(range(1, len(entries) + 1)):
        return [f"I3: the mailbox of {code} is not dense at the hub"]
    at_hub = [(int(seq), message) for seq, message in entries]
    at_owner = [(seq, message.hex()) for seq, message in rows]
    return [] if at_hub == at_owner else [f"I3: the mailbox of {code} differs between hub ({len(at_hub)}) and owner ({len(at_owner)})"]


def check_cases(network):
    gaps = network.hub.sql(
        "select count(*) from (select case_id, count(*) n, max(case_seq) high, count(distinct case_seq) d from passerelle.message"
        " where case_seq > 0 group by case_id) c where n <> high or d <> n")
    disorder = network.hub.sql(
        "select count(*) from (select m.case_seq, lag(m.case_seq) over (partition by e.recipient, m.case_id order by e.seq) before"
        " from passerelle.mailbox_entry e join passerelle.message m on m.message_id = e.message_id and m.sender = e.sender where m.case_seq > 0) o"
        " where before >= case_seq")
    return [f"I4: {gaps} cases with gaps, {disorder} deliveries out of order"] if gaps != "0" or disorder != "0" else []


def check_receipts(network, dice, folder):
    """I5: a sample of what was sent is sent again by the second client."""
    schema = second.load_schema(ROOT / "proto", folder)
    faults, tried = [], 0
    for code in CODES:
        member = network.members[code]
        client = second.Client(schema, second.Keys(member.profile / "keys"), str(network.hub.trust), "127.0.0.1", network.hub.port)
        rows = [row for row in outbox_rows(member) if row[2]]
        for message, envelope, receipt in dice.sample(rows, min(20, len(rows))):
            _, accepted = client.submit(envelope)
            tried += 1
            if not accepted.duplicate or accepted.receipt != receipt:
                faults.append(f"I5: {message.hex()} of {code} got another receipt")
        client.close()
    return faults, tried


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else int.from_bytes(os.urandom(4), "big")
    dice = random.Random(seed)
    print(f"seed {seed}, {rounds} rounds", flush=True)
    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="passerelle-chaos-") as folder, Network(folder) as network:
        for code in CODES:
            network.member(code)
        cases = open_cases(network)
        workers = [Worker(network.members[code], CODES[(number + 1) % 3], cases[code], seed % 100000 + 1000000 * number)
                   for number, code in enumerate(CODES)]
        struck = collections.Counter()
        try:
            for _ in range(rounds):
                pause(0.02 + dice.random() * 0.25)
                struck[strike(network, workers, dice)] += 1
                for worker in workers:
                    if not worker.alive():
                        worker.kill()
                        worker.start()
        finally:
            for worker in workers:
                worker.kill()
        settle(network)
        faults, arrived = check(network, workers)
        more, tried = check_receipts(network, dice, folder)
        faults += more + [f"{worker.member.code}: {fault}" for worker in workers for fault in worker.faults]
        promised = sum(len(worker.promised) for worker in workers)
        print(json.dumps({"struck": struck, "promised": promised, "arrived": arrived, "receipts_compared": tried,
                          "errors": sum((worker.errors for worker in workers), collections.Counter()),
                          "seconds": round(time.monotonic() - begin, 1)}), flush=True)
        if promised < rounds:
            faults.append("too little was written to show anything")
        print("\n".join(faults[:40]) or "none lost, none doubled, mailboxes dense, cases in order, receipts the same")
        return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
