# SPDX-License-Identifier: Apache-2.0
"""Members without the C client: keys by openssl, certificates by the training authority,
connections by the second client or as bare TLS lines on which any bytes can be said."""

import atexit
import os
import shutil
import socket
import ssl
import struct
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))
import passerelle_client as second  # noqa: E402
from hub import ROOT, run  # noqa: E402

USES = (("tls", "tls-client", "EC", "{role}:{user}"), ("sign", "signing", "ED25519", "{role}:{user}"),
        ("branch", "encryption", "EC", "branch:1"))


def compile_schema():
    folder = tempfile.mkdtemp(prefix="passerelle-schema-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return second.load_schema(ROOT / "proto", folder)


SCHEMA = compile_schema()
ENVELOPE, WIRE, BODY = SCHEMA


def frame_bytes(frame):
    data = frame.SerializeToString()
    return struct.pack(">I", len(data)) + data


def hello_frame(number=1):
    frame = WIRE.Frame(id=number)
    frame.hello.credit_messages, frame.hello.credit_bytes = 16, 1 << 20
    frame.hello.software = "test"
    return frame


class Line:
    """A TLS connection to the hub, and frames by hand."""

    def __init__(self, port, context, source=None):
        plain = socket.create_connection(("127.0.0.1", port), 10, source_address=source)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.tls = context.wrap_socket(plain, server_hostname="127.0.0.1")

    def say(self, data):
        self.tls.sendall(data if isinstance(data, bytes) else frame_bytes(data))

    def exactly(self, count):
        parts = b""
        while len(parts) < count:
            part = self.tls.recv(count - len(parts))
            if not part:
                raise EOFError(parts)
            parts += part
        return parts

    def hear(self):
        """The next frame that is no ping; EOFError at the end of the line."""
        while True:
            frame = WIRE.Frame()
            frame.ParseFromString(self.exactly(struct.unpack(">I", self.exactly(4))[0]))
            if frame.WhichOneof("content") != "ping":
                return frame

    def hello(self):
        self.say(hello_frame())
        return self.hear()

    def close(self):
        self.tls.close()


class Person:
    """One user of a member, in a folder of its own below the hub's."""

    def __init__(self, hub, code, kind="BRANCH", user="anna", role="caseworker", register=True):
        self.hub, self.code = hub, code
        self.keys = hub.folder / "people" / f"{code}-{user}"
        self.keys.mkdir(parents=True)
        agency = kind == "PARTNER_AGENCY"
        for name, use, key_kind, tail in USES[:1] if agency else USES:
            self.make(name, use, key_kind, f"urn:iss:{'agency' if agency else 'member'}:{code}:" + tail.format(role=role, user=user))
        if register:
            hub.register(code, kind, self.keys)

    def make(self, name, use, key_kind, uri):
        key, request = self.keys / f"{name}.key", self.keys / f"{name}.csr"
        run("openssl", "genpkey", "-algorithm", key_kind, *(["-pkeyopt", "ec_paramgen_curve:P-256"] if key_kind == "EC" else []), "-out", key)
        run("openssl", "req", "-new", "-key", key, "-subj", "/CN=person", "-out", request, "-addext", f"subjectAltName=URI:{uri}")
        self.hub.issue(request, use, self.keys / f"{name}.crt")

    def context(self, certificate="tls"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.load_verify_locations(self.hub.trust)
        if certificate:
            context.load_cert_chain(self.keys / f"{certificate}.crt", self.keys / f"{certificate}.key")
        context.set_alpn_protocols(["passerelle/1"])
        return context

    def line(self, certificate="tls", source=None):
        return Line(self.hub.port, self.context(certificate), source)

    def client(self, **options):
        return second.Client(SCHEMA, second.Keys(self.keys), str(self.hub.trust), "127.0.0.1", self.hub.port, **options)

    def referral(self, client, to, text="text", case_id=None):
        """A sealed, signed referral: bytes of its envelope."""
        body = BODY.Body()
        body.referral.narrative.history = text
        return client.compose(ENVELOPE.MESSAGE_KIND_REFERRAL, [to], case_id or os.urandom(16), body, (), service="HOME_STUDY",
                              urgency="STANDARD", legal_basis="HC1996", requester_kind="COURT")
