# SPDX-License-Identifier: Apache-2.0
"""Members of a training network around one real hub (tests/lib/hub.py): profiles made by
the real command line, certificates by the training authority, names in the hub's directory."""

import json
import os
import subprocess
from pathlib import Path

from hub import ROOT, Hub, program

STORY = ROOT / "tests/data/story"


class CommandFailed(Exception):
    def __init__(self, call, done):
        super().__init__(f"{' '.join(map(str, call))}\nexit {done.returncode}\n{done.stdout}\n{done.stderr}")
        self.code = done.returncode
        self.stderr = done.stderr


class Member:
    """One person's profile and the command line on it."""

    def __init__(self, network, code, kind="BRANCH", user="anna", role="caseworker", passphrase=None):
        self.network, self.code, self.user = network, code, user
        self.profile = network.folder / "members" / f"{code.lower()}-{user}"
        self.passphrase_file = None
        if passphrase:
            self.passphrase_file = network.folder / f"{code}-{user}.passphrase"
            self.passphrase_file.write_text(passphrase)
            self.passphrase_file.chmod(0o600)
        self.call("init", *([] if passphrase else ["--no-passphrase"]), "--member", code, "--user", user, "--role", role,
                  "--hub", f"127.0.0.1:{network.hub.port}", "--trust", network.hub.trust)
        self.issued = network.folder / "issued" / f"{code}-{user}"
        self.issued.mkdir(parents=True)
        for request in sorted((self.profile / "requests").glob("*.csr")):
            use = {"sign": "signing", "branch": "encryption"}.get(request.stem, "tls-client")
            network.hub.issue(request, use, self.issued / f"{request.stem}.crt")
        self.call("init", "--certificates", self.issued)
        network.hub.register(code, kind, self.issued)

    def renew(self):
        """A new certificate for the line, which lasts three months."""
        self.network.hub.issue(self.profile / "requests" / "tls.csr", "tls-client", self.issued / "tls.crt")
        self.call("init", "--certificates", self.issued)

    def arguments(self, verb, *words):
        secret = ["--passphrase-file", self.passphrase_file] if self.passphrase_file else []
        return [program("passerelle"), verb, "--profile", self.profile, "--no-input", *secret, *words]

    def run(self, verb, *words, **options):
        """The finished process, whatever its exit code."""
        return subprocess.run(self.arguments(verb, *words), capture_output=True, text=True, timeout=options.pop("timeout", 60),
                              env=self.network.hub.environment, **options)

    def call(self, verb, *words, **options):
        done = self.run(verb, *words, **options)
        if done.returncode != 0:
            raise CommandFailed(self.arguments(verb, *words), done)
        return done.stdout

    def json(self, verb, *words):
        return json.loads(self.call(verb, *words, "--json"))

    def start(self, verb, *words, **options):
        return subprocess.Popen(self.arguments(verb, *words), env=self.network.hub.environment, **options)


class Network:
    """`with Network(folder) as network:` — everything in one folder, ended by pid in any case."""

    def __init__(self, folder, **hub_options):
        self.folder = Path(folder)
        self.hub = Hub(self.folder / "hub", **hub_options)
        (self.folder / "members").mkdir(parents=True, exist_ok=True)
        self.members = {}

    def __enter__(self):
        self.hub.__enter__()
        return self

    def __exit__(self, *fault):
        return self.hub.__exit__(*fault)

    def member(self, code, **options):
        self.members[code] = Member(self, code, **options)
        return self.members[code]


def memory_of(pid):
    """All writable memory of a process, piece by piece."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
        for line in maps:
            words = line.split()
            if "w" not in words[1] or line.rstrip().endswith("[vvar]"):
                continue
            begin, end = (int(word, 16) for word in words[0].split("-"))
            memory.seek(begin)
            try:
                yield os.read(memory.fileno(), end - begin)
            except OSError:
                continue
