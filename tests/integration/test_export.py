#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A case goes out as a folder that stands on its own, and comes back elsewhere as the same case, or not at all."""

import copy
import hashlib
import json
import shutil
import sys
import tempfile
import unittest
from pathlib import Path

from google.protobuf import json_format

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "python"))
from fhir_r4 import BSER, faults, schema_faults  # noqa: E402
from hub import ROOT  # noqa: E402
from network import STORY, CommandFailed, Network  # noqa: E402
from passerelle_client import load_schema  # noqa: E402


def bytes_of(folder):
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


class Export(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="passerelle-export-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        network = cls.network = cls.enterClassContext(Network(cls.folder / "net"))
        cls.ch, cls.sn = cls.network.member("CH"), cls.network.member("SN")
        cls.rosa, cls.petra, cls.late = (network.member("CH", user=user) for user in ("rosa", "petra", "late"))
        cls.moussa = network.member("SN", user="moussa")
        cls.share_branch_key(cls.late, cls.ch, cls.rosa, cls.petra)
        cls.share_branch_key(cls.moussa, cls.sn)
        # Who knows the directory and nothing of the case, as after the loss of a computer whose mailbox was emptied long ago.
        cls.sync(cls.ch, cls.sn, cls.rosa, cls.petra, cls.moussa)
        cls.reference = cls.ch.json("refer", STORY / "referral-nz-sn.json", "--to", "SN")["reference"]
        cls.sync(cls.ch, cls.sn)
        for member, verb, *words in ((cls.sn, "ack"), (cls.sn, "ask", "--question", "Which Ousmane?", "--blocking"),
                                     (cls.ch, "answer", "--text", "The elder."), (cls.sn, "accept", "--due", "2027-03-01"),
                                     (cls.ch, "note", "--text", "Voilà."), (cls.ch, "document", "--attach", STORY / "house.jpg")):
            member.call(verb, cls.reference, *words)
            cls.sync(member, cls.ch, cls.sn)
        for member in (cls.ch, cls.sn, cls.ch, cls.sn):
            member.call("show", cls.reference)
            cls.sync(member)
        cls.sync(cls.ch, cls.sn)

    @staticmethod
    def sync(*members):
        for member in members:
            member.call("sync")

    def export(self, member, name, *words):
        target = self.folder / name
        member.call("export", self.reference, "--output", target, *words)
        return target

    @staticmethod
    def share_branch_key(newest, *others):
        """The people of a branch have one key: the newest that the directory names."""
        for other in others:
            for file in ("branch.key", "branch.crt"):
                shutil.copy2(newest.profile / "keys" / file, other.profile / "keys" / file)

    def test_the_manifest_names_every_file_with_its_hash(self):
        for name, words in (("bare", ("--redact",)), ("whole", ("--content",))):
            folder = self.export(self.ch, name, *words)
            manifest = json.loads((folder / "manifest.json").read_text())
            entries = manifest["messages"] + manifest["receipts"] + manifest["others"] + [
                entry["receipt"] for entry in manifest["messages"] if "receipt" in entry]
            files = bytes_of(folder)
            del files["manifest.json"]
            self.assertEqual({entry["file"]: entry["sha256"] for entry in entries},
                             {file: hashlib.sha256(data).hexdigest() for file, data in files.items()})
            self.assertGreater(len(manifest["receipts"]), 0)
            everything = b"".join(files.values())
            self.assertEqual(name == "whole", b"Ruataniwharau" in everything)
            self.assertEqual(name == "whole", b"Voil" in everything)
            self.assertEqual(name == "whole", (STORY / "house.jpg").read_bytes() in files.values())
        done = self.ch.run("export", self.reference, "--output", self.folder / "both", "--redact", "--content")
        self.assertEqual(done.returncode, 64)

    def test_each_message_is_there_as_canonical_json(self):
        with tempfile.TemporaryDirectory(prefix="passerelle-schema-") as out:
            envelope_pb2, _, body_pb2 = load_schema(ROOT / "proto", out)
        for name, words in (("json-bare", ()), ("json-whole", ("--content",))):
            folder = self.export(self.ch, name, *words)
            shown = {item["message"]: item for item in json.loads((folder / "case.json").read_text())["items"]}
            files = sorted((folder / "messages").glob("[0-9]*.json"))
            self.assertEqual(len(files), len(shown))
            for file in files:
                document = json.loads(file.read_text())
                envelope = envelope_pb2.Envelope.FromString(file.with_suffix(".envelope").read_bytes())
                self.assertEqual(document["header"], json_format.MessageToDict(envelope_pb2.Header.FromString(envelope.header)))
                self.assertEqual("body" in document, bool(words) and envelope.sealed_body != b"")
                if "body" in document:
                    body = json_format.ParseDict(document["body"], body_pb2.Body())
                    self.assertEqual(json_format.MessageToDict(body), document["body"])
                    content = shown[file.stem[4:]]["content"]
                    texts = {value for value in self.leaves(document["body"]) if isinstance(value, str)}
                    self.assertTrue(all(value in texts for value in self.leaves(content)
                                        if isinstance(value, str) and (" " in value or not value.isascii())))

    def leaves(self, value):
        if isinstance(value, (dict, list)):
            for inner in value.values() if isinstance(value, dict) else value:
                yield from self.leaves(inner)
        else:
            yield value

    def test_the_same_case_comes_back_elsewhere(self):
        self.maxDiff = None
        for member, other in ((self.ch, self.rosa), (self.sn, self.moussa)):
            folder = self.export(member, f"back-{member.code}")
            done = other.json("import", "case", folder)
            self.assertEqual(done["reference"], self.reference)
            self.assertEqual(done["left_out"], 0)
            self.assertGreater(done["receipts"], 0)
            shown = member.json("show", self.reference)
            self.assertEqual(other.json("show", self.reference), shown)
            self.assertEqual({item["state"] for item in shown["items"] if "state" in item}, {"opened"})
            self.assertEqual(other.json("due")["items"], member.json("due")["items"])
            again = other.json("import", "case", folder)
            self.assertEqual(again["messages"], 0)
            # What goes out of the new profile is the same evidence.
            second = self.export(other, f"again-{member.code}")
            first, second = bytes_of(folder), bytes_of(second)
            self.assertEqual({name: data for name, data in first.items() if name.startswith("messages/")},
                             {name: data for name, data in second.items() if name.startswith("messages/")})

    def test_what_was_changed_is_not_taken_over(self):
        good = self.export(self.ch, "tried")
        other = self.petra

        def manifest(change):
            def apply(folder):
                document = json.loads((folder / "manifest.json").read_text())
                change(document, folder)
                (folder / "manifest.json").write_text(json.dumps(document))
            return apply

        def alter(document, folder, resign=True, where=lambda entry: True, key=None, flip=-1):
            entry = next(entry for entry in document["messages"] if where(entry))
            entry = entry[key] if key else entry
            file = folder / entry["file"]
            data = bytearray(file.read_bytes())
            data[flip] ^= 1
            file.write_bytes(data)
            if resign:
                entry["sha256"] = hashlib.sha256(data).hexdigest()

        def written(entry):
            return entry["direction"] == "written"

        def received(entry):
            return entry["direction"] == "received"

        def swap(document, _):
            a, b = (entry for entry in document["messages"] if received(entry) and int(entry["case_seq"]) in (2, 3))
            a["case_seq"], b["case_seq"] = b["case_seq"], a["case_seq"]

        def set_on(where, key, value):
            return lambda document, _: next(entry for entry in document["messages"] if where(entry)).update({key: value})

        def later(document):
            times = sorted(document["messages"], key=lambda entry: int(entry["case_seq"]))
            times[1]["accepted_at"] = str(int(times[2]["accepted_at"]) + 1000)

        def other_time(document):
            entry = next(entry for entry in document["messages"] if written(entry))
            entry["accepted_at"] = str(int(entry["accepted_at"]) + 1)

        tries = {
            "a byte of a file": manifest(lambda d, f: alter(d, f, resign=False)),
            "a byte, and the hash with it": manifest(lambda d, f: alter(d, f, where=received)),
            "the signed part, and the hash": manifest(lambda d, f: alter(d, f, where=received, flip=40)),
            "a byte of what was written": manifest(lambda d, f: alter(d, f, where=written)),
            "the hub's receipt": manifest(lambda d, f: alter(d, f, where=written, key="receipt")),
            "the other side's receipt": lambda folder: alter_receipt(folder),
            "no receipt": manifest(lambda d, f: next(e for e in d["messages"] if written(e)).pop("receipt")),
            "two numbers": manifest(swap),
            "a state": manifest(set_on(lambda e: e.get("case_seq") == "2", "case_state", "9")),
            "a time": manifest(set_on(lambda e: e.get("case_seq") == "2", "accepted_at", "1")),
            "the time of a receipt": manifest(set_on(written, "accepted_at", "1700000000000")),
            "a later time": manifest(lambda d, f: later(d)),
            "another time of a receipt": manifest(lambda d, f: other_time(d)),
            "a message": manifest(lambda d, f: d["messages"].pop(1)),
            "the referral": manifest(lambda d, f: d["messages"].remove(next(e for e in d["messages"] if e.get("case_seq") == "1"))),
            "another member's": manifest(lambda d, f: d.update(member="SN")),
            "a way out": manifest(lambda d, f: d["messages"][0].update(file="messages/../../../etc/passwd")),
            "an absolute way": manifest(lambda d, f: d["messages"][0].update(file="/etc/passwd")),
            "who wrote it": manifest(set_on(received, "direction", "written")),
            "no JSON": lambda folder: (folder / "manifest.json").write_text("{"),
            "no manifest": lambda folder: (folder / "manifest.json").unlink(),
            "no messages": manifest(lambda d, f: d.update(messages=[])),
            "other kinds": manifest(lambda d, f: d.update(messages={"a": 1}, receipts=7)),
        }

        def alter_receipt(folder):
            document = json.loads((folder / "manifest.json").read_text())
            entry = document["receipts"][0]
            data = bytearray((folder / entry["file"]).read_bytes())
            data[-1] ^= 1
            (folder / entry["file"]).write_bytes(data)
            entry["sha256"] = hashlib.sha256(data).hexdigest()
            (folder / "manifest.json").write_text(json.dumps(document))

        said = {
            "a byte of a file": "not the file that the manifest names", "a byte, and the hash with it": "not the one that was signed",
            "the signed part, and the hash": "another case", "a byte of what was written": "not the one that was signed",
            "the hub's receipt": "no such signing certificate", "the other side's receipt": "no such signing certificate",
            "no receipt": "is missing", "two numbers": "a message before it is missing", "a state": "cannot have come there",
            "a time": "certificate is not yet valid", "the time of a receipt": "certificate is not yet valid",
            "a later time": "before the one with the number before", "another time of a receipt": "another number or time",
            "a message": "a message before it is missing", "the referral": "a message before it is missing",
            "another member's": "another member", "a way out": "no export makes", "an absolute way": "no export makes",
            "who wrote it": "another member", "no JSON": "not that of an exported case", "no manifest": "manifest.json",
            "no messages": "no referral", "other kinds": "no referral",
        }
        for number, (name, spoil) in enumerate(tries.items()):
            folder = self.folder / f"spoiled-{number}"
            shutil.copytree(good, folder)
            spoil(folder)
            done = other.run("import", "case", folder)
            self.assertNotIn(done.returncode, (0, 70, 134, 139, -6, -11), f"{name}: {done.stdout}{done.stderr}")
            self.assertIn(said[name], done.stderr, name)
            self.assertEqual((other.json("due")["items"], other.json("inbox")["items"], other.json("outbox")["items"]), ([], [], []), name)
            with self.assertRaises(CommandFailed, msg=name):
                other.call("show", self.reference)
        self.assertEqual(other.json("import", "case", good)["left_out"], 0)

    def test_what_is_here_already_stays_and_the_rest_comes(self):
        other = self.late
        other.call("sync")  # the hub still has what came, and not what went
        before = {item["message"]: item for item in other.json("inbox")["items"]}
        self.assertGreater(len(before), 0)
        done = other.json("import", "case", self.export(self.ch, "late"))
        self.assertEqual(done["known"], len(before))
        self.assertGreater(done["messages"], 0)
        self.assertEqual({item["message"]: item["received_at"] for item in other.json("inbox")["items"]},
                         {message: item["received_at"] for message, item in before.items()})
        self.assertEqual([item["message"] for item in other.json("show", self.reference)["items"]],
                         [item["message"] for item in self.ch.json("show", self.reference)["items"]])
        other.call("sync")
        self.ch.call("sync")


class OddCases(unittest.TestCase):
    """Cases that went from hand to hand, and messages that the hub did not take, come back like any other."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="passerelle-odd-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        network = self.enterContext(Network(self.folder / "net"))
        self.ch, self.sn, self.gm = (network.member(code) for code in ("CH", "SN", "GM"))
        self.again = {code: network.member(code, user="again") for code in ("CH", "SN", "GM")}
        for member in (self.ch, self.sn, self.gm):
            Export.share_branch_key(self.again[member.code], member)
        for member in (self.ch, self.sn, self.gm, *self.again.values()):
            member.call("sync")
        self.reference = self.ch.json("refer", STORY / "referral-nz-sn.json", "--to", "SN")["reference"]
        self.sync(self.ch, self.sn)

    def sync(self, *members):
        for member in members:
            member.call("sync")

    def comes_back(self, member):
        member.call("show", self.reference)
        self.sync(member)
        target = self.folder / member.code
        member.call("export", self.reference, "--output", target)
        self.assertEqual(self.again[member.code].json("import", "case", target)["left_out"], 0)
        shown = member.json("show", self.reference)
        self.assertEqual(self.again[member.code].json("show", self.reference), shown)
        return shown

    def test_a_case_that_was_forwarded(self):
        self.sn.call("ack", self.reference)
        self.sn.call("forward", self.reference, "--to", "GM", "--reason", "WRONG_ADDRESSEE")
        self.sync(self.sn, self.gm, self.ch)
        self.gm.call("ack", self.reference)
        self.sync(self.gm, self.ch, self.gm)
        shown = self.comes_back(self.gm)
        self.assertTrue(any("passed_on_by" in item for item in shown["items"]))
        self.assertTrue(any("Diattalou" in json.dumps(item.get("content"), ensure_ascii=False) for item in shown["items"]))
        self.assertEqual(self.comes_back(self.ch)["responding"], "GM")
        # Who has left has given the content up: there is nothing whole to take over.
        target = self.folder / "left"
        self.sn.call("export", self.reference, "--output", target)
        done = self.again["SN"].run("import", "case", target)
        self.assertEqual(done.returncode, 65)
        self.assertIn("not the one that was signed", done.stderr)

    def test_a_message_that_came_too_late(self):
        self.ch.call("withdraw", self.reference, "--reason", "OTHER")
        self.sn.call("ack", self.reference)
        self.sn.call("decline", self.reference, "--reason", "NO_SERVICE_IN_AREA")
        self.sync(self.sn)
        self.ch.run("sync")
        self.sync(self.ch)
        states = [item.get("state") for item in self.comes_back(self.ch)["items"]]
        self.assertIn("returned", states)

    def test_what_never_reached_the_hub_stays_where_it_was_written(self):
        self.ch.call("note", self.reference, "--text", "Not sent yet.")
        target = self.folder / "unsent"
        self.ch.call("export", self.reference, "--output", target)
        done = self.again["CH"].json("import", "case", target)
        self.assertEqual((done["messages"], done["left_out"]), (1, 1))
        self.assertEqual(self.again["CH"].json("outbox")["totals"]["queued"], 0)


class Fhir(unittest.TestCase):
    """Where a case stands, as a system of another kind reads it."""

    def bundle(self, member, reference):
        self.number = getattr(self, "number", 0) + 1
        file = self.folder / f"{self.number}.json"
        member.call("export", reference, "--fhir", file)
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        text = file.read_text()
        for word in ("Ruataniwharau", "Diattalou", "SOUGHT", "anna", "Quellenweg"):
            self.assertNotIn(word, text)
        bundle = json.loads(text)
        self.assertEqual(schema_faults(bundle), [])
        self.assertEqual(faults(bundle, "Bundle"), [])
        resources = {entry["resource"]["resourceType"]: entry["resource"] for entry in bundle["entry"]}
        urls = {entry["fullUrl"] for entry in bundle["entry"]}
        self.assertEqual(len(urls), 4)
        task, request = resources["Task"], resources["ServiceRequest"]
        for pointer in (task["focus"], task["owner"], task["requester"], *task["basedOn"], request["requester"], *request["performer"]):
            self.assertIn(pointer["reference"], urls)
        coding = {one["system"]: one for one in task["businessStatus"]["coding"]}
        business = coding["http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS"]
        self.assertEqual(business["display"], BSER[business["code"]])
        self.assertEqual(coding["urn:passerelle:case-state"]["code"], member.json("show", reference)["state"])
        return bundle, (request["status"], task["status"], business["code"]), task

    def test_a_case_is_followed_from_its_first_step_to_its_last(self):
        with tempfile.TemporaryDirectory(prefix="passerelle-fhir-") as folder, Network(Path(folder) / "net") as network:
            self.folder = Path(folder)
            ch, sn = network.member("CH"), network.member("SN")

            def sync(*members):
                for member in members or (ch, sn, ch):
                    member.call("sync")
            sync(ch, sn)
            reference = ch.json("refer", STORY / "referral-nz-sn.json", "--to", "SN")["reference"]
            sync()
            bundle, told, task = self.bundle(ch, reference)
            self.assertEqual(told, ("active", "requested", "2.0"))
            self.assertEqual(task["restriction"]["period"]["end"], ch.json("due")["items"][0]["due"])
            names = {entry["resource"]["name"] for entry in bundle["entry"] if entry["resource"]["resourceType"] == "Organization"}
            self.assertEqual(names, {item["name"] for item in ch.json("directory")["items"] if item["code"] in ("CH", "SN")})
            steps = [(sn, ("ack",), ("active", "received", "2.0")), (sn, ("accept", "--due", "2027-03-01"), ("active", "accepted", "3.0")),
                     (sn, ("start",), ("active", "in-progress", "3.0")),
                     (sn, ("hold", "--reason", "AWAIT_COURT"), ("on-hold", "on-hold", "3.0")),
                     (sn, ("resume",), ("active", "in-progress", "3.0")), (ch, ("withdraw", "--reason", "OTHER"), ("revoked", "cancelled", "6.0"))]
            for member, (verb, *words), expected in steps:
                member.call(verb, reference, *words)
                sync(member, ch, sn, ch)
                for side in (ch, sn):
                    _, told, task = self.bundle(side, reference)
                    self.assertEqual(told, expected, verb)
                if verb == "hold":
                    self.assertEqual(task["statusReason"]["coding"][0]["code"], "AWAIT_COURT")
            other = ch.json("refer", STORY / "referral-nz-sn.json", "--to", "SN")["reference"]
            sync()
            sn.call("ack", other)
            sn.call("decline", other, "--reason", "NO_SERVICE_IN_AREA")
            sync(sn, ch)
            bundle, told, _ = self.bundle(ch, other)
            self.assertEqual(told, ("revoked", "rejected", "4.0"))
            # The checks themselves are not blind: the first of each pair says whether HL7's schema sees it, too.
            for seen, spoil in ((False, lambda b: b["entry"][3]["resource"].pop("status")), (True, lambda b: b["entry"][3]["resource"].update(status="open")),
                                (True, lambda b: b["entry"][2]["resource"].pop("subject")), (True, lambda b: b["entry"][2]["resource"].update(note="x")),
                                (True, lambda b: b["entry"][2]["resource"].update(performer={})), (True, lambda b: b.update(timestamp="today")),
                                (True, lambda b: b["entry"][0]["resource"].update(resourceType="Organisation"))):
                spoiled = copy.deepcopy(bundle)
                spoil(spoiled)
                self.assertNotEqual(faults(spoiled, "Bundle"), [])
                self.assertEqual(schema_faults(spoiled) != [], seen, spoiled)


if __name__ == "__main__":
    unittest.main(verbosity=2)
