#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A real hub: what it does with bytes, certificates and signals that it should not get, and how it ends."""

import json
import os
import re
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
import second_member  # noqa: E402
from hub import Hub, program, run  # noqa: E402
from second_member import WIRE, Line, Person, frame_bytes, hello_frame, second  # noqa: E402


class HubTest(unittest.TestCase):
    """A hub for all tests of a class, CH and SN registered."""

    settings = {}

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="passerelle-hub-")
        cls.addClassCleanup(folder.cleanup)
        cls.hub = Hub(folder.name, settings=cls.settings)
        cls.hub.__enter__()
        cls.addClassCleanup(cls.hub.__exit__)
        cls.ch = Person(cls.hub, "CH")
        cls.sn = Person(cls.hub, "SN", user="awa")

    def page(self, path, method="GET"):
        request = urllib.request.Request(f"http://127.0.0.1:{self.hub.monitor_port}{path}", method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as reply:
                return reply.status, reply.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()

    def figure(self, name):
        return int(re.search(rf"^passerelle_{name} (\d+)$", self.page("/metrics")[1], re.M).group(1))

    def still_serves(self):
        line = self.ch.line()
        self.assertEqual(line.hello().WhichOneof("content"), "welcome")
        line.close()

    def ends(self, line):
        """The hub says GoAway or nothing, then closes; what it said."""
        said = []
        try:
            while True:
                said.append(line.hear())
        except (EOFError, ConnectionError, ssl.SSLError):
            line.close()
        return said


class BadBytes(HubTest):
    def test_a_truncated_frame_hurts_nobody(self):
        line = self.ch.line()
        line.hello()
        line.say(struct.pack(">I", 1000) + b"half")
        line.close()
        self.still_serves()

    def test_an_oversized_frame_gets_an_error_and_the_end(self):
        for before_hello, length in ((True, 16 * 1024 + 1), (False, 1024 * 1024 + 1), (True, 0xFFFFFFFF), (False, 0)):
            with self.subTest(before_hello=before_hello, length=length):
                line = self.ch.line()
                if not before_hello:
                    line.hello()
                line.say(struct.pack(">I", length))
                said = self.ends(line)
                self.assertEqual(said[0].WhichOneof("content"), "error")
                self.assertEqual(said[0].error.reason, "TOO_LARGE" if length else "MALFORMED")
                self.assertEqual(said[1].WhichOneof("content"), "go_away")
        self.still_serves()

    def test_garbage_in_a_well_cut_frame_is_answered_and_the_session_goes_on(self):
        line = self.ch.line()
        line.hello()
        for garbage in (b"\xff" * 100, os.urandom(5000), b"\x08\x07\xfa\x06\x01x", b"\x08\x07"):
            line.say(struct.pack(">I", len(garbage)) + garbage)
            reply = line.hear()
            self.assertIn(reply.error.reason, ("MALFORMED", "UNSUPPORTED"))  # a field of a newer version, or nothing at all
            self.assertFalse(reply.error.retryable)
        line.say(struct.pack(">I", 2) + b"\x08\x07")
        self.assertEqual(line.hear().id, 7)  # the asker can tell which of its frames it was
        ping = WIRE.Frame(id=9)
        ping.ping.now = 1
        line.say(ping)
        self.assertEqual(line.hear().WhichOneof("content"), "pong")
        line.close()

    def test_hostile_frames_cost_neither_memory_nor_the_hub(self):
        line = self.ch.line()
        line.hello()
        before = self.resident()
        unknown_fields = b"\xf8\x3f\x00" * 300_000
        empty_messages = b"\x4a\x00" * 500_000                       # one field again and again
        nested = b""
        for _ in range(12_000):
            nested = b"\x4a" + self.varint(len(nested)) + nested if len(nested) < 900_000 else nested
        endless_number = b"\x08" + b"\xff" * 1000
        for hostile in (unknown_fields, empty_messages, nested, endless_number):
            line.say(struct.pack(">I", len(hostile)) + hostile)
            self.assertEqual(line.hear().WhichOneof("content"), "error")
        self.assertLess(self.resident() - before, 16 * 1024)
        line.close()
        self.still_serves()

    @staticmethod
    def varint(number):
        out = b""
        while number > 127:
            out += bytes([number & 127 | 128])
            number >>= 7
        return out + bytes([number])

    def resident(self):
        return int(re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.hub.pid}/status").read_text()).group(1))

    def test_frames_one_byte_at_a_time_are_frames(self):
        line = self.ch.line()
        for byte in frame_bytes(hello_frame()):
            line.say(bytes([byte]))
        self.assertEqual(line.hear().WhichOneof("content"), "welcome")
        line.close()

    def test_whatever_comes_before_hello_ends_the_session(self):
        line = self.ch.line()
        frame = WIRE.Frame(id=3)
        frame.submit.envelope = b"x"
        line.say(frame)
        said = self.ends(line)
        self.assertEqual((said[0].id, said[0].error.reason), (3, "MALFORMED"))

    def test_no_tls_is_no_conversation(self):
        refused = self.figure("handshakes_refused_total")
        for first in (b"GET / HTTP/1.1\r\n\r\n", os.urandom(500), b"\x16\x03\x01\xff\xff" + bytes(600)):
            with socket.create_connection(("127.0.0.1", self.hub.port), 10) as plain:
                plain.sendall(first)
                plain.settimeout(10)
                while plain.recv(4096):
                    pass
        self.assertEqual(self.figure("handshakes_refused_total"), refused + 3)
        self.still_serves()

    def test_an_envelope_that_is_none_is_refused_by_name(self):
        line = self.ch.line()
        line.hello()
        for envelope in (b"\xff\xff", os.urandom(2000), b""):
            frame = WIRE.Frame(id=12)
            frame.submit.envelope = envelope
            line.say(frame)
            reply = line.hear()
            self.assertEqual((reply.id, reply.error.reason), (12, "MALFORMED"))
        line.close()

    def test_pings_without_end_are_answered_with_go_away(self):
        line = self.ch.line()
        line.hello()
        ping = WIRE.Frame(id=9)
        ping.ping.now = 1
        line.say(frame_bytes(ping) * 20)
        said = self.ends(line)
        self.assertEqual(said[-1].go_away.reason, "TOO_MANY_PINGS")
        self.assertLess(len(said), 5)


class Certificates(HubTest):
    def refused(self, context):
        """TLS 1.3: the client may believe itself connected until it reads."""
        with self.assertRaises((ssl.SSLError, ConnectionError, EOFError)) as refusal:
            line = Line(self.hub.port, context)
            line.say(hello_frame())
            line.hear()
        return str(refusal.exception)

    def test_without_a_certificate_nobody_comes_in(self):
        self.assertIn("CERTIFICATE_REQUIRED", self.refused(self.ch.context(certificate=None)).upper().replace(" ", "_"))

    def test_a_certificate_for_another_use_is_none(self):
        for other in ("sign", "branch"):
            with self.subTest(other):
                self.refused(self.ch.context(certificate=other))

    def test_a_certificate_of_a_stranger_is_none(self):
        key, certificate = self.hub.folder / "own.key", self.hub.folder / "own.crt"
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", certificate,
            "-subj", "/CN=M1", "-addext", "subjectAltName=URI:urn:iss:member:CH:caseworker:anna", "-addext", "extendedKeyUsage=clientAuth")
        context = self.ch.context(certificate=None)
        context.load_cert_chain(certificate, key)
        self.refused(context)

    def test_tls_1_2_is_refused(self):
        context = self.ch.context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        self.refused(context)

    def test_another_protocol_is_refused(self):
        context = self.ch.context()
        context.set_alpn_protocols(["h2"])
        self.refused(context)

    def test_who_is_no_member_is_told_so_at_hello(self):
        stranger = Person(self.hub, "ZZ", register=False)
        line = stranger.line()
        reply = line.hello()
        self.assertEqual((reply.WhichOneof("content"), reply.error.reason), ("error", "NOT_A_MEMBER"))
        self.assertEqual(self.ends(line)[-1].WhichOneof("content"), "go_away")
        self.still_serves()

    def test_the_log_says_who_was_refused_and_why_in_words(self):
        self.refused(self.ch.context(certificate="sign"))
        self.assertRegex(self.hub.log.read_text(), r'connection\.refused address=127\.0\.0\.1 reason="[^"]*certificate')


class Monitor(HubTest):
    settings = {"log": {"format": "json"}}

    def test_livez_and_readyz_say_yes(self):
        self.assertEqual(self.page("/livez"), (200, "ok\n"))
        status, text = self.page("/readyz")
        self.assertEqual(status, 200)
        self.assertIn("database: ok\n", text)

    def test_other_paths_and_methods_are_refused(self):
        self.assertEqual(self.page("/")[0], 404)
        self.assertEqual(self.page("/metrics/../etc/passwd")[0], 404)
        self.assertEqual(self.page("/metrics", "POST")[0], 405)

    def test_metrics_count_and_have_no_labels(self):
        opened = self.figure("sessions_opened_total")
        self.still_serves()
        self.assertEqual(self.figure("sessions_opened_total"), opened + 1)
        text = self.page("/metrics")[1]
        for line in text.splitlines():
            self.assertRegex(line, r"^(# (HELP|TYPE) passerelle_\w+ .+|passerelle_\w+ \d+)$")
        names = re.findall(r"^# TYPE (\w+)", text, re.M)
        self.assertEqual(len(names), len(set(names)))
        self.assertIn("passerelle_accepted_total", names)

    def test_each_line_of_the_log_is_one_json_object_with_known_fields(self):
        self.still_serves()
        known = {"time", "level", "event", "session", "request", "member", "role", "user", "address", "port", "reason", "file",
                 "option", "count", "bytes", "ms", "version", "signal", "pid", "detail"}
        lines = self.hub.log.read_text().splitlines()
        self.assertGreater(len(lines), 3)
        for line in lines:
            self.assertLessEqual(set(json.loads(line)), known)


class Limits(HubTest):
    settings = {"limits": {"per_user": 2, "per_member": 2, "requests_per_second": 0}}

    def test_the_oldest_session_of_a_user_gives_way_to_the_third(self):
        lines = [self.ch.line() for _ in range(3)]
        said = self.ends(lines[0])
        self.assertEqual(said[-1].go_away.reason, "REPLACED")
        self.assertEqual(lines[2].hello().WhichOneof("content"), "welcome")
        for line in lines[1:]:
            line.close()

    def test_a_member_has_no_more_sessions_than_it_may(self):
        people = [Person(self.hub, "NZ", user=user, register=False) for user in ("mere", "tane", "aroha")]
        self.hub.register("NZ", "CORRESPONDENT", people[0].keys)
        lines = [person.line() for person in people]
        said = self.ends(lines[2])
        self.assertEqual(said[-1].go_away.reason, "OVER_QUOTA")
        self.assertGreater(said[-1].go_away.retry_after_ms, 0)
        for line in lines[:2]:
            line.close()


class Signals(HubTest):
    def setUp(self):
        self.good = self.hub.configuration.read_text()
        self.addCleanup(self.hub.configuration.write_text, self.good)

    def reload(self, wanted):
        """SIGHUP, then the line of the log that ends it."""
        begin = self.hub.log.stat().st_size
        self.hub.process.send_signal(signal.SIGHUP)
        for _ in range(400):
            said = self.hub.log.read_text()[begin:]
            if re.search(r"reload\.(done|refused)", said):
                self.assertIn(wanted, said)
                return said
            self.page("/livez")  # the hub turns meanwhile
        self.fail(f"no answer to SIGHUP: {said}")

    def test_a_broken_configuration_changes_nothing_and_all_faults_are_told(self):
        self.hub.configuration.write_text(self.good + "[limits]\nper_user = none\n[listen]\nprot = 1\n")
        said = self.reload("reload.refused")
        self.assertIn("per_user", said)
        self.assertIn("prot", said)
        self.still_serves()

    def test_a_broken_certificate_changes_nothing(self):
        broken = self.hub.folder / "broken.crt"
        broken.write_text("-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n")
        self.hub.configuration.write_text(re.sub(r"certificate = .*tls\.crt", f"certificate = {broken}", self.good))
        said = self.reload("reload.refused")
        self.assertIn("broken.crt", said)
        self.still_serves()

    def test_a_key_of_another_certificate_changes_nothing(self):
        self.hub.configuration.write_text(re.sub(r"key = .*tls\.key", f"key = {self.ch.keys / 'tls.key'}", self.good))
        self.reload("reload.refused")
        self.still_serves()

    def test_a_new_certificate_is_shown_to_new_connections_and_old_ones_go_on(self):
        line = self.ch.line()
        line.hello()
        before = line.tls.getpeercert(True)
        self.hub.issue(self.hub.folder / "tls.csr", "tls-hub", self.hub.folder / "tls.crt")
        self.reload("reload.done")
        newer = self.ch.line()
        self.assertNotEqual(newer.tls.getpeercert(True), before)
        newer.close()
        ping = WIRE.Frame(id=9)
        ping.ping.now = 1
        line.say(ping)
        self.assertEqual(line.hear().WhichOneof("content"), "pong")
        line.close()

    def test_what_needs_a_restart_is_named(self):
        self.hub.configuration.write_text(self.good.replace("[limits]", "[limits]\ncredit_messages = 12"))
        self.assertIn("limits.credit_messages", self.reload("reload.done"))

    def test_sigterm_ends_cleanly_and_says_goodbye(self):
        line = self.ch.line()
        line.hello()
        self.assertEqual(self.hub.stop(), 0)
        said = self.ends(line)
        self.assertEqual(said[-1].go_away.reason, "SHUTDOWN")
        self.assertIn("hub.ended", self.hub.log.read_text())
        self.hub.start()
        self.still_serves()


class Start(HubTest):
    def serve(self, text, *flags):
        file = self.hub.folder / "other.conf"
        file.write_text(text)
        return subprocess.run([program("passerelle-hub"), "serve", "--config", file, *flags], capture_output=True, text=True, timeout=30)

    def good(self):
        return self.hub.configuration.read_text().replace(f"port = {self.hub.port}", "port = 0").replace(
            str(self.hub.folder / "port"), str(self.hub.folder / "other-port")).replace(
            str(self.hub.folder / "monitor-port"), str(self.hub.folder / "other-monitor-port"))

    def test_check_config_finds_a_good_one_good(self):
        done = self.serve(self.good(), "--check-config")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_dump_config_shows_no_secret(self):
        done = self.serve(self.good(), "--dump-config")
        self.assertEqual(done.returncode, 0)
        self.assertIn("writer = (set)", done.stdout)
        self.assertNotIn("user=", done.stdout)

    def test_a_wrong_configuration_is_refused_with_all_its_faults(self):
        done = self.serve(self.good() + "[log]\nformat = xml\nlevel = loud\n[nothing]\nx = 1\n")
        self.assertEqual(done.returncode, 78)
        for fault in ("xml", "loud", "nothing"):
            self.assertIn(fault, done.stderr)

    def test_a_database_that_is_away_is_told_at_the_start(self):
        done = self.serve(re.sub(r"writer = .*", f"writer = host={self.hub.folder}/nowhere dbname=x", self.good()))
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn("writer", done.stderr)

    def test_a_port_that_is_taken_is_told(self):
        done = self.serve(self.good().replace("port = 0", f"port = {self.hub.port}", 1))
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertIn("cannot listen", done.stderr)

    def test_wrong_usage_is_64(self):
        for words in (["dance"], ["serve", "--loud"], ["member", "add"], []):
            done = subprocess.run([program("passerelle-hub"), *words], capture_output=True, text=True, timeout=30)
            self.assertEqual(done.returncode, 64, words)

    def test_doctor_finds_this_hub_healthy(self):
        done = subprocess.run([program("passerelle-hub"), "doctor", "--json", "--config", self.hub.configuration],
                              capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        report = json.loads(done.stdout)
        self.assertEqual(report["schema"], "passerelle-hub.doctor/1")
        self.assertEqual({item["state"] for item in report["items"]} - {"ok", "warning"}, set())

    def test_members_are_listed_as_json(self):
        done = run(program("passerelle-hub"), "member", "list", "--json", "--config", self.hub.configuration)
        rows = {item["code"]: item for item in json.loads(done)["items"]}
        self.assertEqual((rows["CH"]["kind"], rows["CH"]["signing"], rows["CH"]["encryption"]), ("BRANCH", 1, 1))

    def test_a_certificate_of_someone_else_is_not_registered(self):
        done = subprocess.run([program("passerelle-hub"), "member", "add", "--config", self.hub.configuration, "--code", "SN", "--kind",
                               "BRANCH", "--name", "x", "--signing", self.ch.keys / "sign.crt"], capture_output=True, text=True, timeout=30)
        self.assertEqual(done.returncode, 65)
        self.assertIn("belongs to 'CH'", done.stderr)

    def test_the_process_leaves_no_core_and_cannot_be_traced_by_others(self):
        limits = Path(f"/proc/{self.hub.pid}/limits").read_text()
        self.assertRegex(limits, r"Max core file size\s+0\s+0")
        self.assertRegex(Path(f"/proc/{self.hub.pid}/status").read_text(), r"NoNewPrivs:\s+1")


if __name__ == "__main__":
    unittest.main()
