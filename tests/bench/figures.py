# SPDX-License-Identifier: Apache-2.0
"""What the benchmark reads: processor time of processes, WAL, memory, pgbench."""

import os
import re
import subprocess
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def processor_seconds(pid):
    """User and system time that one process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def family(pid):
    """The process and its living children (a PostgreSQL server and its backends)."""
    members = [pid]
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(stat[1]) == pid:
                members.append(int(entry.name))
    return members


def family_seconds(pid):
    seconds = {}
    for member in family(pid):
        try:
            seconds[member] = processor_seconds(member)
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended between the two looks
    return seconds


def spent(before, after):
    """Processor seconds between two family_seconds; processes that began in between count whole."""
    return sum(seconds - before.get(member, 0) for member, seconds in after.items())


def resident_kib(pid, field="VmRSS"):
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"{field}:\s+(\d+) kB", text)[1])


class Sql:
    """One psql session's worth of questions, each its own call."""

    def __init__(self, connection):
        self.connection = connection

    def ask(self, text):
        call = ["psql", "-X", "-At", "-v", "ON_ERROR_STOP=1", self.connection, "-c", text]
        return subprocess.run(call, check=True, capture_output=True, text=True).stdout.strip()

    def wal_position(self):
        return int(self.ask("select pg_current_wal_lsn() - '0/0'").split(".")[0])


INSERT = "insert into bench_insert (id, body) values (gen_random_uuid(), decode(:body, 'hex'));\n"


def pgbench(sql, folder, clients, seconds, body_bytes):
    """One insert a transaction: rate, and median latency in microseconds from its own log."""
    sql.ask("drop table if exists bench_insert; create table bench_insert (id uuid primary key, body bytea not null)"
            " with (toast_tuple_target = 8160); alter table bench_insert alter body set storage main; checkpoint")
    script = Path(folder) / "insert.sql"
    script.write_text(INSERT)
    log = Path(folder) / f"pgbench-{clients}"
    call = ["pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(clients, 2)), "-T", str(seconds), "-f", str(script),
            "-D", f"body={os.urandom(body_bytes).hex()}", "--log", f"--log-prefix={log}", sql.connection]
    out = subprocess.run(call, check=True, capture_output=True, text=True).stdout
    rate = float(re.search(r"tps = ([0-9.]+)", out)[1])
    times = sorted(int(line.split()[2]) for file in Path(folder).glob(f"pgbench-{clients}.*") for line in file.read_text().splitlines())
    return {"rate": rate, "p50_us": times[len(times) // 2], "p99_us": times[len(times) * 99 // 100]}
