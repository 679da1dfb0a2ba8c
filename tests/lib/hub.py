# SPDX-License-Identifier: Apache-2.0
"""A real hub for tests: private PostgreSQL, training authority and passerelle-hub in one
folder, on free ports of loopback; everything ended by its pid, also when a test fails.

    with Hub(folder) as hub:
        hub.port, hub.trust, hub.database, hub.log, hub.monitor_port, hub.pid
"""

import os
import select
import signal
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def program(name):
    """The built program: $PASSERELLE_PROGRAMS (set by ctest) or the release build."""
    folder = Path(os.environ.get("PASSERELLE_PROGRAMS", ROOT / "build/release"))
    places = {"passerelle": folder / "client/cli/passerelle", "passerelle-hub": folder / "server/hub/passerelle-hub"}
    return places.get(name, folder / "tests/integration" / name)


def run(*call, **options):
    done = subprocess.run([str(word) for word in call], capture_output=True, text=True, timeout=60, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{call}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


class Hub:
    def __init__(self, folder, settings=None, database_settings=(), dumpable=False, environment=None):
        self.folder = Path(folder)
        self.extra, self.database_settings, self.dumpable = settings or {}, database_settings, dumpable
        self.authority = self.folder / "ca"
        self.trust = self.authority / "root.pem"
        self.database_folder = self.folder / "postgres"
        self.configuration = self.folder / "hub.conf"
        self.log = self.folder / "hub.log"
        self.keys = self.folder
        self.environment = {**os.environ, **(environment or {})}
        self.port = 0
        self.process = None

    def __enter__(self):
        try:
            self.set_up()
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *fault):
        self.kill()
        self.stop_database(immediate=True)
        return False

    def set_up(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        for parent in (self.folder, *self.folder.parents):  # the database's own user must reach its folder
            if parent.stat().st_uid == os.getuid() and parent != Path("/"):
                parent.chmod(parent.stat().st_mode | 0o711)
        self.start_database()
        run(ROOT / "deploy/training-ca", "new", self.authority)
        for use, part in (("tls-hub", "tls"), ("receipt", "receipt")):
            key, request = self.folder / f"{part}.key", self.folder / f"{part}.csr"
            kind = ["ED25519"] if part == "receipt" else ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
            run("openssl", "genpkey", "-algorithm", *kind, "-out", key)
            run("openssl", "req", "-new", "-key", key, "-subj", "/CN=hub", "-out", request,
                "-addext", f"subjectAltName=URI:urn:iss:hub:TRAINING:{part}:1")
            self.issue(request, use, self.folder / f"{part}.crt")
        self.write_configuration()
        run(program("passerelle-hub"), "migrate", "--config", self.configuration)
        run(program("passerelle-hub"), "member", "add", "--config", self.configuration, "--code", "TRAINING", "--kind", "HUB",
            "--name", "Hub (training)", "--signing", self.folder / "receipt.crt")

    def issue(self, request, use, out):
        run(ROOT / "deploy/training-ca", "issue", self.authority, request, use, out, env=self.environment)

    def renew(self):
        """A new certificate for the line, and a clean start with it."""
        self.issue(self.folder / "tls.csr", "tls-hub", self.folder / "tls.crt")
        if self.stop() != 0:
            raise RuntimeError(f"the hub did not stop cleanly:\n{self.log.read_text()[-3000:]}")
        self.start()

    def register(self, code, kind, issued, *more):
        call = ["member", "add", "--config", self.configuration, "--code", code, "--kind", kind, "--name", f"{code} (training)"]
        for flag, name in (("--signing", "sign.crt"), ("--encryption", "branch.crt")):
            if (issued / name).exists():
                call += [flag, issued / name]
        run(program("passerelle-hub"), *call, *more)

    # PostgreSQL

    def start_database(self):
        out = run(ROOT / "deploy/private-postgres", "start", self.database_folder, *self.database_settings)
        self.database = out.splitlines()[0]

    def stop_database(self, immediate=False):
        if self.database_folder.exists():
            run(ROOT / "deploy/private-postgres", "stop", self.database_folder, "immediate" if immediate else "fast")

    def sql(self, text):
        return run("psql", "-X", "-At", "-v", "ON_ERROR_STOP=1", self.database, "-c", text).strip()

    def sealed(self, messages):
        """How many of these messages still have what is sealed in them, or pieces of what was attached, in the database."""
        ids = ", ".join(f"'{message}'" for message in messages)
        return int(self.sql(f"SELECT (SELECT count(*) FROM passerelle.message WHERE message_id IN ({ids}) AND passerelle.stripped(envelope) <> envelope) "
                            f"+ (SELECT count(*) FROM passerelle.object_chunk)"))

    # The hub's process

    def write_configuration(self):
        as_role = lambda role: self.database.replace("user=postgres", f"user={role}")
        settings = {
            "listen": {"address": "127.0.0.1", "port": self.port, "port_file": self.folder / "port"},
            "tls": {"trust": self.trust, "certificate": self.keys / "tls.crt", "key": self.keys / "tls.key"},
            "receipt": {"certificate": self.keys / "receipt.crt", "key": self.keys / "receipt.key"},
            "database": {"owner": self.database, "writer": as_role("passerelle_writer"), "reader": as_role("passerelle_reader"),
                         "partner": as_role("passerelle_partner")},
            "monitor": {"port": 0, "port_file": self.folder / "monitor-port"},
            "limits": {"half_open_per_address": 1024, "per_user": 64, "per_member": 256, "requests_per_second": 0},
            "process": {"core_dumps": "yes" if self.dumpable else "no"},
        }
        for section, rows in self.extra.items():
            settings.setdefault(section, {}).update(rows)
        self.configuration.write_text("".join(
            f"[{section}]\n" + "".join(f"{name} = {value}\n" for name, value in rows.items()) for section, rows in settings.items()))

    def start(self):
        """Returns when the hub serves: it writes its port file last."""
        (self.folder / "port").unlink(missing_ok=True)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([program("passerelle-hub"), "serve", "--config", self.configuration],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment)
        self.wait_for_ports()
        return self

    def beside(self, name):
        """A second hub on the same database, started; the caller kills it."""
        other = Hub(self.folder / name, self.extra)
        other.folder.mkdir()
        other.trust, other.database, other.keys = self.trust, self.database, self.keys
        other.write_configuration()
        return other.start()

    def wait_for_ports(self):
        end = os.pidfd_open(self.process.pid)
        try:
            for _ in range(600):
                if (self.folder / "port").exists() and (self.folder / "port").read_text().strip():
                    break
                if select.select([end], [], [], 0.05)[0]:
                    raise RuntimeError(f"the hub ended with {self.process.wait()}:\n{self.log.read_text()[-3000:]}")
            else:
                raise RuntimeError(f"the hub does not get ready:\n{self.log.read_text()[-3000:]}")
        finally:
            os.close(end)
        if self.port == 0:
            self.port = int((self.folder / "port").read_text())
            self.write_configuration()  # a restart must come back where the members look for it
        self.monitor_port = int((self.folder / "monitor-port").read_text())

    @property
    def pid(self):
        return self.process.pid

    def kill(self, how=signal.SIGKILL):
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
        if self.process:
            self.process.wait(30)
        return self.process.returncode if self.process else None

    def stop(self):
        """Clean stop; the exit code."""
        return self.kill(signal.SIGTERM)

    def restart(self):
        self.kill()
        self.start()
