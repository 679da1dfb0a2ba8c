#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The canary: a string of its own in every identifying field of the story, looked for in
everything the hub has: database (as text and as files), logs, metrics, memory, core dump."""

import json
import secrets
import subprocess
import sys
import tempfile
import unittest
import urllib.request
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from network import STORY, Network, memory_of  # noqa: E402

# Coded, routing or structural: not text that a person wrote.
CODED = {
    "service", "urgency", "legal_basis", "requester_kind", "kind", "role", "sex", "script", "language", "languages", "country",
    "nationalities", "reason", "purpose", "form", "by", "until", "agency", "due", "court_date", "outcome", "recommendation", "report",
    "from", "to", "pseudonym", "person", "side", "living", "certainty", "birth", "date", "since", "expiry", "born", "done_on", "as_of",
    "question_codes", "vulnerabilities", "special_needs", "care_arrangement", "field", "claim", "informed_of_iss", "alive",
    "phones", "emails", "languages_abroad", "hearing", "wanted_by", "valid_until", "last_contact", "document",
}


def with_canaries(value, found, key="", path=""):
    """The same document with a canary put into every free text; `found` gets canary -> path."""
    if isinstance(value, dict):
        return {name: inner if name.startswith("_") or name == "absent" else with_canaries(inner, found, name, f"{path}.{name}")
                for name, inner in value.items()}
    if isinstance(value, list):
        return [with_canaries(inner, found, key, f"{path}[{number}]") for number, inner in enumerate(value)]
    if isinstance(value, str) and key not in CODED and not value.isupper() and not (key == "name" and ".attachments[" in path):
        canary = "kanari" + secrets.token_hex(6)
        found[canary] = path
        return f"{value} {canary}"
    return value


class Canary(unittest.TestCase):
    def write(self, folder, name, found, attached=None):
        text = (STORY / name).read_text(encoding="utf-8")
        for known in ("court-order.pdf", "house.jpg"):  # the forms speak of these files; here it has another name
            text = text.replace(known, attached.name) if attached else text
        path = Path(folder) / name
        path.write_text(json.dumps(with_canaries(json.loads(text), found, path=name), ensure_ascii=False), encoding="utf-8")
        return path

    def play(self, network, folder, found):
        ch, sn = network.member("CH"), network.member("SN", user="awa")
        network.member("UNICEF-SN", kind="PARTNER_AGENCY", user="office", role="desk")  # the referral names it
        ch.call("sync")
        sn.call("sync")
        secret_name = Path(folder) / f"kanari{secrets.token_hex(6)}.jpg"
        found[secret_name.stem] = "name of an attachment"
        secret_name.write_bytes((STORY / "house.jpg").read_bytes())
        written = ch.json("refer", self.write(folder, "referral-ch-sn.json", found, secret_name), "--to", "SN", "--attach", secret_name)
        reference = written["reference"]
        for who, words in (
            (ch, []), (sn, []), (sn, ["ack", reference]), (sn, ["ask", reference, self.write(folder, "question.json", found)]), (sn, []), (ch, []),
            (ch, ["answer", reference, self.write(folder, "answer.json", found)]), (ch, []), (sn, []),
            (sn, ["accept", reference, "--due", "2027-01-15"]),
            (sn, ["report", reference, self.write(folder, "report-interim.json", found)]),
            (sn, ["report", reference, self.write(folder, "report-final.json", found, secret_name), "--final", "--attach", secret_name]), (sn, []), (ch, []),
            (ch, ["close", reference, self.write(folder, "close.json", found), "--yes"]), (ch, []), (sn, []),
        ):
            who.call(*(words or ["sync"]))
        self.assertEqual(sn.json("show", reference)["state"], "CLOSED")
        return sn.call("show", reference) + sn.call("show", reference, "--json")

    def assert_absent(self, where, data, found):
        for canary, path in found.items():
            for form in (canary.encode(), canary.encode().hex().encode(), canary.encode("utf-16-le")):
                self.assertNotIn(form, data, f"{path} was found in {where}")

    def test_nothing_identifying_is_found_at_the_hub(self):
        with tempfile.TemporaryDirectory(prefix="passerelle-canary-") as folder, Network(folder, dumpable=True) as network:
            found = {}
            shown = self.play(network, folder, found)
            self.assertGreater(len(found), 30)
            missing = [path for canary, path in found.items() if canary not in shown]
            self.assertEqual(missing, [], "these did not even arrive at the receiver: the search would prove nothing")
            hub = network.hub
            dump = subprocess.run(["pg_dump", "-d", hub.database], check=True, capture_output=True).stdout
            self.assert_absent("the database as text", dump, found)
            self.assert_absent("the log", Path(hub.log).read_bytes(), found)
            metrics = urllib.request.urlopen(f"http://127.0.0.1:{hub.monitor_port}/metrics", timeout=5).read()
            self.assertIn(b"passerelle", metrics)
            self.assert_absent("the metrics", metrics, found)
            pieces = 0
            for piece in memory_of(hub.pid):
                pieces += 1
                self.assert_absent("the hub's memory", piece, found)
            self.assertGreater(pieces, 5)
            core = Path(folder) / "hub.core"
            subprocess.run(["gcore", "-o", str(core), str(hub.pid)], check=True, capture_output=True)
            self.assert_absent("a core dump", Path(f"{core}.{hub.pid}").read_bytes(), found)
            hub.stop_database()
            for file in Path(hub.database_folder).rglob("*"):
                if file.is_file():
                    self.assert_absent(f"the database's file {file.name}", file.read_bytes(), found)


if __name__ == "__main__":
    unittest.main()
