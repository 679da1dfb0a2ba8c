#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The search for a person between real members: across two scripts to consent and contact; and one that ends without,
where who searches cannot tell a refusal from nobody, by words, size or time."""

import json
import sqlite3
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from hub import program, run  # noqa: E402
from network import STORY, CommandFailed, Member, Network  # noqa: E402
from outage import Operator  # noqa: E402
from turned_clock import TurnedClock  # noqa: E402

KNOWN = ("own_reference,names.1.full,sex,birth,nationalities,birth_place.country,birth_place.area,mother.1.full\n"
         "DK-17,كريم حداد,M,2009-07-03,SY,SY,Idlib,ليلى منصور\n")


class Colleague(Member):
    """A second person of a branch: of the keys only the one that signs is in the directory."""

    def __init__(self, network, code, user, role="supervisor", passphrase=None):
        hub, register = network.hub, network.hub.register
        network.hub.register = lambda code, kind, issued: ((issued / "branch.crt").unlink(), register(code, kind, issued))
        try:
            super().__init__(network, code, user=user, role=role, passphrase=passphrase)
        finally:
            hub.register = register


class Searches(unittest.TestCase):
    """NZ looks for a brother in Latin letters; SN knows him in Arabic ones."""

    turned = False

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="passerelle-tracing-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.clock = TurnedClock(cls.folder.name) if cls.turned else None
        cls.network = Network(cls.folder.name, **({"environment": cls.clock.environment} if cls.turned else {}))
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__)
        cls.nz, cls.sn, cls.gm = (cls.network.member(code) for code in ("NZ", "SN", "GM"))
        cls.nz_second = Colleague(cls.network, "NZ", "beat", passphrase="two are needed")
        cls.sn_second = Colleague(cls.network, "SN", "awa")
        for member in (cls.nz, cls.sn, cls.gm):
            member.call("sync")
        register = Path(cls.folder.name) / "register.csv"
        register.write_text(KNOWN)
        cls.sn.call("persons", "import", register)


    def search(self, to="SN", change=None, **options):
        form = json.loads((STORY / "search.json").read_text())
        if change:
            change(form)
        file = Path(self.folder.name) / "search.json"
        file.write_text(json.dumps(form))
        return self.nz.json("trace", file, "--to", to, *options.get("words", ()))["items"]

    def filled(self, form):
        file = Path(self.folder.name) / "form.json"
        file.write_text(json.dumps(form))
        return file

    def pass_on(self, sender, receiver):
        sender.call("sync")
        receiver.call("sync")

    def step(self, sender, receiver, verb, reference, *words):
        sender.call(verb, reference, *words)
        self.pass_on(sender, receiver)

    def refused(self, member, verb, *words):
        with self.assertRaises(CommandFailed) as caught:
            member.call(verb, *words)
        return caught.exception.stderr

    def taken_up(self, change=None):
        reference = self.search(change=change)[0]["reference"]
        self.pass_on(self.nz, self.sn)
        self.step(self.sn, self.nz, "ack", reference)
        return reference

    def plausible(self, reference):
        found = self.sn.json("candidates", reference)["items"]
        self.sn.call("decide", reference, found[0]["candidate"], "--decision", "PLAUSIBLE", "--text", "Same town, same mother.")
        return found

    def state(self, member, reference):
        return member.json("show", reference)["state"]


class Tracing(Searches):
    def test_across_two_scripts_to_consent_and_contact(self):
        asked = self.search(to="SN,GM")
        self.assertEqual([one["member"] for one in asked], ["SN", "GM"])
        marks = {self.nz.json("show", one["reference"])["items"][0]["content"]["search"] for one in asked}
        self.assertEqual(len(marks), 1)
        reference = asked[0]["reference"]
        self.pass_on(self.nz, self.sn)
        self.step(self.sn, self.nz, "ack", reference)

        # The holder alone sees candidates, in words.
        found = self.sn.json("candidates", reference)["items"]
        self.assertEqual(len(found), 1)
        words = {field["field"]: field["word"] for field in found[0]["fields"]}
        self.assertIn(words["NAME"], ("SAME", "VERY_CLOSE", "CLOSE"))
        self.assertIn(found[0]["band"], ("POSSIBLE", "LIKELY"))
        self.assertIn("other script", " ".join(field["reason"] for field in found[0]["fields"]))
        self.assertNotIn("%", self.sn.call("candidates", reference))
        self.assertIn("nobody is held to be plausible", self.refused(self.sn, "propose-match", reference, STORY / "match.json", "--approve-by", self.sn_second.profile))
        self.plausible(reference)
        before = self.nz.json("show", reference)
        self.pass_on(self.sn, self.nz)
        self.assertEqual([one["kind"] for one in before["items"]], [one["kind"] for one in self.nz.json("show", reference)["items"]])
        self.assertEqual(self.state(self.nz, reference), "TRACE_SEARCHING")

        # Two persons, and the consent of who was found.
        self.assertIn("two persons are needed", self.refused(self.sn, "propose-match", reference, STORY / "match.json"))
        self.assertIn("somebody else than the author", self.refused(self.sn, "propose-match", reference, STORY / "match.json", "--approve-by", self.sn.profile))
        self.assertIn("of the same branch", self.refused(self.sn, "propose-match", reference, STORY / "match.json", "--approve-by", self.gm.profile))
        self.step(self.sn, self.nz, "propose-match", reference, STORY / "match.json", "--approve-by", self.sn_second.profile)
        told = self.nz.json("show", reference)
        self.assertEqual((told["state"], told["turn"]), ("TRACE_VERIFYING", "NZ"))
        proposed = told["items"][-1]
        self.assertEqual(proposed["approved_by"], "urn:iss:member:SN:supervisor:awa")
        self.assertEqual({one["field"]: one["word"] for one in proposed["content"]["findings"]}["NAME"], words["NAME"])
        self.assertNotIn("كريم", json.dumps(told, ensure_ascii=False))

        # Questions verify; what is held is not shown.
        self.step(self.sn, self.nz, "ask", reference, "--question", "What colour was the kite?")
        self.step(self.nz, self.sn, "answer", reference, "--text", "Red.")
        self.assertIn("TRACE_VERIFYING", self.state(self.sn, reference))
        secret = self.nz_second.passphrase_file
        self.step(self.nz, self.sn, "agree-match", reference, STORY / "match-agreed.json", "--approve-by", self.nz_second.profile,
                  "--approve-passphrase-file", secret)
        self.assertEqual(self.state(self.sn, reference), "TRACE_AGREED")
        self.step(self.sn, self.nz, "disclose", reference, STORY / "found.json")
        disclosed = self.nz.json("show", reference)["items"][-1]["content"]
        self.assertEqual(disclosed["persons"][0]["names"][0]["full"], "كريم حداد")
        self.step(self.nz, self.sn, "confirm-match", reference, "--sought", "S1")
        self.step(self.nz, self.sn, "close", reference, "--outcome", "CONTACT_RESTORED", "--yes")
        self.assertEqual({self.state(member, reference) for member in (self.nz, self.sn)}, {"TRACE_CLOSED"})
        kinds = [one["kind"] for one in self.sn.json("show", reference)["items"]]
        self.assertEqual(kinds, ["TRACE_REQUEST", "ACK", "MATCH_PROPOSED", "INFO_REQUEST", "INFO_REPLY", "MATCH_REVIEW", "MATCH_DISCLOSE", "MATCH_CONFIRM", "CLOSE"])

    def test_nothing_is_told_without_consent(self):
        reference = self.taken_up()
        self.plausible(reference)
        second = ("--approve-by", self.sn_second.profile)
        form = json.loads((STORY / "match.json").read_text())
        for change in ({"given": "NO"}, {"purpose": "REFER"}):
            self.assertIn("nothing is told without consent", self.refused(self.sn, "propose-match", reference, self.filled({**form, "consent": {**form["consent"], **change}}), *second))
        form.pop("consent")
        self.assertIn("nothing is told without consent", self.refused(self.sn, "propose-match", reference, self.filled(form), *second))
        self.step(self.sn, self.nz, "propose-match", reference, self.filled({**form, "ground": "BEST_INTERESTS"}), *second)
        agreed = json.loads((STORY / "match-agreed.json").read_text())
        agreed["consent"]["given"] = "NO"
        secret = ("--approve-by", self.nz_second.profile, "--approve-passphrase-file", self.nz_second.passphrase_file)
        self.assertIn("of purpose CONTACT", self.refused(self.nz, "agree-match", reference, self.filled(agreed), *secret))
        self.step(self.nz, self.sn, "agree-match", reference, STORY / "match-agreed.json", *secret)
        found = json.loads((STORY / "found.json").read_text())
        self.assertIn("refute-match", self.refused(self.sn, "disclose", reference, self.filled({**found, "wish": "SAY_NOTHING"})))

    def test_a_member_that_cannot_be_asked_hides_none_that_was(self):
        done = self.nz.run("trace", STORY / "search.json", "--to", "SN,XX,GM", "--json")
        self.assertEqual(done.returncode, 75, done.stderr)
        items = json.loads(done.stdout)["items"]
        self.assertEqual([(one["member"], "reference" in one, one.get("error")) for one in items],
                         [("SN", True, None), ("XX", False, "UNKNOWN_RECIPIENT"), ("GM", True, None)])

    def test_a_refuted_pair_stays_quiet_and_a_shielded_one_is_a_supervisors(self):
        reference = self.taken_up()
        candidate = self.sn.json("candidates", reference)["items"][0]["candidate"]
        self.sn.call("decide", reference, candidate, "--decision", "REFUTED")
        seen = self.sn.json("candidates", reference)
        self.assertEqual((seen["items"], seen["quiet"]), ([], 1))
        self.assertIn("nobody is held to be plausible", self.refused(self.sn, "propose-match", reference, STORY / "match.json", "--approve-by", self.sn_second.profile))
        other = self.taken_up()
        candidate = self.sn.json("candidates", other)["items"][0]["candidate"]
        self.sn.call("decide", other, candidate, "--decision", "SHIELDED", "--text", "She left a violent home.")
        self.assertIn("supervisor alone", self.refused(self.sn, "decide", other, candidate, "--decision", "PLAUSIBLE"))
        log = self.sn.json("candidates", other)["items"][0]["log"]
        self.assertEqual([(one["decision"], one["by"]) for one in log], [("SHIELDED", "urn:iss:member:SN:caseworker:anna")])

    def test_a_consent_taken_back_goes_back_to_the_search(self):
        reference = self.taken_up()
        self.plausible(reference)
        self.step(self.sn, self.nz, "propose-match", reference, STORY / "match.json", "--approve-by", self.sn_second.profile)
        self.step(self.sn, self.nz, "refute-match", reference, "--sought", "S1", "--reason", "CONSENT_TAKEN_BACK")
        self.assertEqual({self.state(member, reference) for member in (self.nz, self.sn)}, {"TRACE_SEARCHING"})

    def test_what_a_person_may_not_say(self):
        reference = self.search()[0]["reference"]
        self.pass_on(self.nz, self.sn)
        for reason in ("PERSON_NOT_FOUND", "SECURITY"):
            self.assertIn("a search is not declined with", self.refused(self.sn, "decline", reference, "--reason", reason))
        self.step(self.sn, self.nz, "ack", reference)
        self.assertIn("given by the program", self.refused(self.sn, "trace-answer", reference, "--answer", "NO_SHAREABLE_RESULT"))
        self.step(self.sn, self.nz, "trace-answer", reference, "--answer", "MORE_DATA_NEEDED", "--text", "The father's name?")
        self.assertEqual(self.nz.json("show", reference)["items"][-1]["content"]["code"], "MORE_DATA_NEEDED")
        no_consent = lambda form: form.update(consents=[{**form["consents"][0], "purpose": "REFER"}])
        with self.assertRaises(CommandFailed) as caught:
            self.search(change=no_consent)
        self.assertIn("consent of purpose TRACE", caught.exception.stderr)

    def test_a_search_at_all_needs_a_supervisor(self):
        self.assertIn("needs a supervisor", self.refused(self.nz, "trace", STORY / "search.json", "--to", "all"))
        secret = self.nz_second.passphrase_file
        asked = self.search(to="all", words=("--approve-by", self.nz_second.profile, "--approve-passphrase-file", secret))
        self.assertEqual({one["member"] for one in asked}, {"SN", "GM"})

    def test_a_search_that_is_withdrawn_is_erased_on_both_sides(self):
        reference = self.taken_up()
        self.plausible(reference)
        self.step(self.nz, self.sn, "withdraw", reference, "--reason", "NO_LONGER_NEEDED")
        for member in (self.nz, self.sn):
            shown = member.json("show", reference)
            self.assertEqual(shown["state"], "TRACE_WITHDRAWN")
            self.assertEqual([one.get("content") for one in shown["items"]], [None] * len(shown["items"]))
        case = bytes.fromhex(self.sn.json("show", reference)["case"].replace("-", ""))
        with sqlite3.connect(self.sn.profile / "store.db") as store:
            self.assertEqual(store.execute("SELECT count(*) FROM candidate WHERE case_id = ?", (case,)).fetchone()[0], 0)
            sealed = [row[0] for row in store.execute("SELECT envelope FROM inbox WHERE case_id = ?", (case,))]
        self.assertLess(max(map(len, sealed)), 1500)  # header and signature alone


    def test_a_search_that_is_withdrawn_is_erased_at_the_hub(self):
        hub = self.network.hub
        (asked,) = self.search()
        reference = asked["reference"]
        self.nz.call("sync")
        self.nz.call("withdraw", reference, "--reason", "NO_LONGER_NEEDED")
        self.nz.call("sync")
        sent = [item["message"] for item in self.nz.json("show", reference)["items"]]
        self.assertEqual(len(sent), 2)
        self.assertGreater(hub.sealed(sent), 0)
        hub.restart()
        Operator(hub).wait(lambda: hub.sealed(sent) == 0)
        self.sn.call("sync")  # for the first time since
        shown = self.sn.json("show", reference)
        self.assertEqual(shown["state"], "TRACE_WITHDRAWN")
        self.assertEqual([one.get("content") for one in shown["items"]], [None, None])


class Silence(Searches):
    turned = True

    def search_of_a_member_that_leaves(self):
        reference = self.gm.json("trace", STORY / "search.json", "--to", "SN")["items"][0]["reference"]
        self.pass_on(self.gm, self.sn)
        self.step(self.sn, self.gm, "ack", reference)
        run(program("passerelle-hub"), "member", "add", "--config", self.network.hub.configuration, "--code", "GM", "--status", "LEFT")
        self.sn.call("sync")
        return reference

    def test_a_refusal_cannot_be_told_from_nobody(self):
        stranger = lambda form: form["persons"][1].update(names=[{"full": "Ovidiu Zbranca"}], birth="1950-01-02", nationalities=["RO"],
                                                         birth_place={"country": "RO", "area": ["Iași"]})
        refuses, nobody = self.taken_up(), self.taken_up(change=stranger)
        candidate = self.sn.json("candidates", refuses)["items"][0]["candidate"]
        self.assertEqual(self.sn.json("candidates", nobody)["items"], [])
        self.sn.call("decide", refuses, candidate, "--decision", "WITHHELD", "--text", "He says: I am safe, tell them nothing.")
        gone = self.search_of_a_member_that_leaves()
        for day, number in (("+28d", 0), ("+31d", 1), ("+62d", 1)):
            self.clock.turn(day)
            warnings = self.sn.json("sync")["warnings"]
            # Whoever left cannot be answered: that is told, and keeps nobody else waiting.
            self.assertEqual([one["reference"] for one in warnings if one["reason"] == "UNKNOWN_RECIPIENT"], [gone] if number else [])
            self.nz.call("sync")
            answers = {name: [one for one in self.nz.json("show", reference)["items"] if one["kind"] == "TRACE_ANSWER"]
                       for name, reference in (("refuses", refuses), ("nobody", nobody))}
            self.assertEqual([len(one) for one in answers.values()], [number, number], day)
            self.assertEqual([one["content"] for one in answers["refuses"]], [one["content"] for one in answers["nobody"]])
        self.assertEqual([one["content"] for one in answers["nobody"]],
                         [{"code": "NO_SHAREABLE_RESULT", "review": 30}])
        self.assertEqual({self.state(self.nz, reference) for reference in (refuses, nobody)}, {"TRACE_SEARCHING"})
        with sqlite3.connect(self.nz.profile / "store.db") as store:
            rows = {name: store.execute("SELECT length(envelope), accepted_at FROM inbox WHERE case_id = ? AND kind ="
                                        " (SELECT kind FROM inbox WHERE message = ?) ORDER BY case_seq",
                                        (bytes.fromhex(self.nz.json("show", reference)["case"].replace("-", "")),
                                         bytes.fromhex(answers[name][0]["message"].replace("-", "")))).fetchall()
                    for name, reference in (("refuses", refuses), ("nobody", nobody))}
        # An ECDSA signature in DER has 70 to 72 bytes, whatever it signs.
        for one, other in zip(rows["refuses"], rows["nobody"]):
            self.assertLessEqual(abs(one[0] - other[0]), 4)
            self.assertLess(abs(one[1] - other[1]), 5000)
        self.assertEqual(len(rows["nobody"]), 1)


if __name__ == "__main__":
    unittest.main()
