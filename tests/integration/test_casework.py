#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every move of a case through two real clients and one real hub: what each side sees, and what
each side is refused."""

import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from network import STORY, CommandFailed, Network  # noqa: E402


class Casework(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="passerelle-casework-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.network = Network(cls.folder.name)
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__)
        cls.ch, cls.sn = cls.network.member("CH"), cls.network.member("SN")
        for member in (cls.ch, cls.sn):
            member.call("sync")

    def pass_on(self, sender, receiver):
        sender.call("sync")
        receiver.call("sync")

    def step(self, sender, verb, reference, *words):
        """Writes, sends, and lets the other side get it."""
        sender.call(verb, reference, *words)
        self.pass_on(sender, self.sn if sender is self.ch else self.ch)

    def accepted_case(self):
        reference = self.ch.json("refer", STORY / "referral-nz-sn.json", "--to", "SN")["reference"]
        self.pass_on(self.ch, self.sn)
        self.step(self.sn, "ack", reference)
        self.step(self.sn, "accept", reference, "--due", "2027-02-19")
        return reference

    def states(self, reference):
        return {member.json("show", reference)["state"] for member in (self.ch, self.sn)}

    def refused(self, member, verb, *words):
        with self.assertRaises(CommandFailed) as caught:
            member.call(verb, *words)
        return caught.exception.stderr

    def test_work_begins_waits_and_goes_on(self):
        reference = self.accepted_case()
        self.assertIn("start", self.sn.json("show", reference)["next_steps"])
        self.step(self.sn, "start", reference, "--text", "First visit on Monday.")
        self.assertEqual(self.states(reference), {"IN_PROGRESS"})
        self.step(self.sn, "hold", reference, "--reason", "AWAIT_COURT", "--text", "The hearing was put off.")
        self.assertEqual(self.states(reference), {"ON_HOLD"})
        seen = self.ch.json("show", reference)["items"][-1]
        self.assertEqual((seen["kind"], seen["reason"], seen["content"]["text"]), ("HOLD", "AWAIT_COURT", "The hearing was put off."))
        self.assertIn("open to you now", self.refused(self.ch, "resume", reference))  # who put it on hold goes on
        self.step(self.sn, "resume", reference)
        self.assertEqual(self.states(reference), {"IN_PROGRESS"})

    def clocks(self, reference):
        """The clock as each side shows it: they must be one."""
        ours, theirs = (member.json("show", reference).get("clock") for member in (self.ch, self.sn))
        self.assertEqual(ours, theirs)
        return ours

    def test_both_sides_see_one_clock_and_why_it_stands(self):
        reference = self.ch.json("refer", STORY / "referral-nz-sn.json", "--to", "SN")["reference"]
        self.pass_on(self.ch, self.sn)
        clock = self.clocks(reference)
        self.assertEqual((clock["awaits"], clock["from"], clock["standing"]), ("ACK", "SN", "DUE"))
        self.step(self.sn, "ack", reference)
        self.step(self.sn, "ask", reference, "--question", "Which school?")
        clock = self.clocks(reference)
        self.assertEqual((clock["awaits"], clock["from"], clock["standing"], clock["paused_for"]), ("CLARIFY", "CH", "PAUSED", ["QUESTION"]))
        self.step(self.ch, "answer", reference, "--text", "The one in Diakhao.")
        self.step(self.sn, "accept", reference, "--due", "2027-02-19")
        clock = self.clocks(reference)
        self.assertEqual((clock["awaits"], clock["from"], clock["due"]), ("REPORT", "SN", "2027-02-19"))
        self.step(self.ch, "hold", reference, "--reason", "AWAIT_COURT")
        clock = self.clocks(reference)
        self.assertEqual((clock["standing"], clock["paused_by"], clock["pause_reason"]), ("PAUSED", "CH", "AWAIT_COURT"))
        self.assertIn("The clock stands since", self.sn.call("show", reference))
        status = self.sn.json("status", reference)
        self.assertFalse(status["late"])
        self.step(self.ch, "resume", reference)
        self.assertEqual(self.clocks(reference)["standing"], "DUE")
        self.assertEqual(self.sn.json("status", reference)["next_due"], "2027-02-19")
        self.step(self.ch, "withdraw", reference, "--reason", "NO_LONGER_NEEDED")
        self.assertIsNone(self.clocks(reference))

    def dates(self, reference):
        ours, theirs = (member.json("show", reference).get("dates") for member in (self.ch, self.sn))
        self.assertEqual(ours, theirs)
        return ours

    def test_the_day_of_the_report_is_proposed_countered_and_agreed(self):
        reference = self.accepted_case()
        self.assertEqual(self.dates(reference), {"holds": "2027-02-19", "on_table": "2027-02-19", "by": "SN", "countered": False})
        self.assertIn("Day of the report: 2027-02-19, proposed by SN", self.ch.call("show", reference))
        self.step(self.ch, "propose-date", reference, "--due", "2027-01-22", "--text", "The court sits on the 25th.")
        self.assertEqual(self.dates(reference), {"holds": "2027-02-19", "on_table": "2027-01-22", "by": "CH", "countered": True})
        self.assertEqual(self.clocks(reference)["due"], "2027-02-19")  # it holds until both agree
        self.assertIn("open to you now", self.refused(self.sn, "propose-date", reference, "--due", "2027-02-01"))
        self.assertIn("2027-01-22 is on the table, and 2027-02-19 holds", self.refused(self.sn, "agree-date", reference, "--due", "2027-02-02"))
        self.step(self.sn, "agree-date", reference)
        self.assertEqual(self.dates(reference), {"holds": "2027-01-22"})
        self.assertEqual(self.clocks(reference)["due"], "2027-01-22")
        self.assertEqual(self.sn.json("status", reference)["next_due"], "2027-01-22")
        self.assertIn("Day of the report: 2027-01-22, agreed", self.ch.call("show", reference))
        self.step(self.sn, "propose-date", reference, "--due", "2027-04-01")
        self.step(self.ch, "agree-date", reference, "--due", "2027-01-22")  # leaves what holds
        self.assertEqual(self.dates(reference), {"holds": "2027-01-22"})

    def test_a_day_agreed_in_vain_comes_back_to_its_author(self):
        """SN agrees to a day that CH has just taken off the table by withdrawing the case."""
        reference = self.accepted_case()
        self.step(self.ch, "propose-date", reference, "--due", "2027-03-12")
        self.sn.call("agree-date", reference)
        self.ch.call("withdraw", reference, "--reason", "NO_LONGER_NEEDED")
        self.ch.call("sync")
        self.assertEqual([one["reason"] for one in self.sn.json("sync")["returned"]], ["OVERTAKEN"])
        self.assertEqual(self.states(reference), {"WITHDRAWN"})

    def test_a_report_that_is_ready_is_held_back_with_a_reason(self):
        reference = self.accepted_case()
        self.step(self.sn, "ready", reference, "--reason", "AWAIT_FEE", "--text", "Invoice 17 is open.")
        self.assertEqual(self.states(reference), {"IN_PROGRESS"})
        clock = self.clocks(reference)
        self.assertEqual((clock["standing"], clock["paused_for"], clock["paused_by"], clock["pause_reason"]), ("PAUSED", ["RELEASE"], "SN", "AWAIT_FEE"))
        seen = self.ch.json("show", reference)["items"][-1]
        self.assertEqual((seen["kind"], seen["content"]["text"]), ("REPORT_READY", "Invoice 17 is open."))
        self.assertIn("reason: is missing", self.refused(self.sn, "ready", reference))
        self.step(self.sn, "report", reference, STORY / "report-final.json", "--final", "--attach", STORY / "house.jpg")
        self.assertEqual((self.states(reference), self.clocks(reference)["awaits"]), ({"REPORTED"}, "CLOSE"))

    def test_each_side_ends_its_own_work(self):
        reference = self.accepted_case()
        self.step(self.sn, "report", reference, STORY / "report-final.json", "--final", "--attach", STORY / "house.jpg")
        self.step(self.sn, "finish", reference)
        self.assertNotIn(reference, self.sn.call("due"))
        self.assertIn(reference, self.ch.call("due"))
        self.step(self.ch, "close", reference, "--outcome", "REPORT_DELIVERED", "--yes")
        self.assertEqual(self.ch.json("show", reference)["finished"], ["SN"])
        self.step(self.ch, "finish", reference)
        self.assertIn("Has done all it has to do: CH, SN", self.sn.call("show", reference))
        self.step(self.ch, "reopen", reference, "--reason", "NEW_INFORMATION")
        self.assertNotIn("finished", self.sn.json("show", reference))
        self.assertIn(reference, self.sn.call("due"))

    def test_each_child_and_each_item_has_a_status_of_its_own(self):
        form = json.loads((STORY / "referral-nz-sn.json").read_text())
        second = dict(form["items"][0], service="RECORD_CHECK", persons=["I1", "S1"])
        form["items"].append(second)
        written = Path(self.folder.name) / "two-items.json"
        written.write_text(json.dumps(form))
        reference = self.ch.json("refer", written, "--to", "SN")["reference"]
        self.pass_on(self.ch, self.sn)
        self.step(self.sn, "ack", reference)
        self.step(self.sn, "accept", reference, "--due", "2027-02-19")
        asked = self.ch.json("show", reference)["requests"]
        self.assertEqual([(item["item"], item["service"]) for item in asked], [(1, form["service"]), (2, "RECORD_CHECK")])
        self.assertEqual({person["status"] for item in asked for person in item["persons"]}, {"ASKED"})
        self.step(self.sn, "item", reference, "--item", "2", "--person", "S1", "--status", "UNDER_WAY", "--on", "2026-12")
        self.step(self.sn, "item", reference, "--item", "1", "--status", "DONE")
        seen = [member.json("show", reference)["requests"] for member in (self.ch, self.sn)]
        self.assertEqual(seen[0], seen[1])
        self.assertEqual({person["status"] for person in seen[0][0]["persons"]}, {"DONE"})
        self.assertEqual({person["person"]: (person["status"], person.get("on"), person.get("by")) for person in seen[0][1]["persons"]},
                         {"I1": ("ASKED", None, None), "S1": ("UNDER_WAY", "2026-12", "SN")})
        self.assertIn("2. RECORD_CHECK  S1: UNDER_WAY 2026-12, says SN", self.ch.call("show", reference))
        self.assertIn("there is no item 3: the referral has 2", self.refused(self.sn, "item", reference, "--item", "3", "--status", "DONE"))
        self.assertIn("nobody's pseudonym", self.refused(self.sn, "item", reference, "--item", "2", "--person", "X9", "--status", "DONE"))
        self.step(self.sn, "report", reference, STORY / "report-final.json", "--final", "--attach", STORY / "house.jpg")
        close = ("close", reference, "--outcome", "REPORT_DELIVERED", "--yes")
        self.assertIn("item 2 (RECORD_CHECK) is still under way for S1", self.refused(self.ch, *close))
        self.step(self.sn, "item", reference, "--item", "2", "--person", "S1", "--status", "NOT_POSSIBLE")
        self.step(self.ch, *close)
        self.assertEqual(self.states(reference), {"CLOSED"})

    def test_the_board_shows_what_is_awaited_from_whom(self):
        reference = self.accepted_case()
        of_sn = [item for item in self.sn.json("due", "--mine")["items"] if item["reference"] == reference]
        self.assertEqual([(item["awaits"], item["due"], item["mine"]) for item in of_sn], [("REPORT", "2027-02-19", True)])
        self.assertIn(reference, self.ch.call("due"))
        self.assertNotIn(reference, self.ch.call("due", "--mine"))
        self.step(self.sn, "decline", self.other_case(), "--reason", "CAPACITY")
        standings = [item["standing"] for item in self.ch.json("due")["items"]]
        order = ["OVERDUE", "DUE_SOON", "DUE", "NONE", "PAUSED"]
        self.assertEqual(standings, sorted(standings, key=order.index))

    def other_case(self):
        reference = self.ch.json("refer", STORY / "referral-nz-sn.json", "--to", "SN")["reference"]
        self.pass_on(self.ch, self.sn)
        return reference

    def test_messages_that_cross_leave_both_sides_with_one_clock(self):
        """CH's note gets a higher number than SN's acceptance, which CH has not seen."""
        reference = self.other_case()
        self.step(self.sn, "ack", reference)
        self.sn.call("accept", reference, "--due", "2027-02-19")
        self.sn.call("sync")
        self.sn.call("hold", reference, "--reason", "PERSON_AWAY")
        self.ch.call("note", reference, "--text", "The mother has called.")
        self.sn.call("sync")
        self.ch.call("sync")
        self.sn.call("sync")
        self.assertEqual(self.clocks(reference)["pause_reason"], "PERSON_AWAY")
        self.step(self.sn, "resume", reference)  # who holds it is known on both sides
        self.assertEqual(self.clocks(reference)["due"], "2027-02-19")

    def test_the_path_of_a_child_is_one_across_two_countries(self):
        reference = self.accepted_case()
        for member, number, status, country in ((self.ch, 1, "DONE", "CH"), (self.ch, 2, "DONE", "CH"), (self.ch, 3, "SKIPPED", "CH"),
                                                (self.sn, 4, "UNDER_WAY", "SN")):
            self.step(member, "step", reference, "--path", "ISS8", "--step", str(number), "--status", status, "--person", "S1",
                      "--country", country, "--on", "2026-11")
        seen = [member.json("path", reference)["items"] for member in (self.ch, self.sn)]
        self.assertEqual(seen[0], seen[1])
        (path,) = seen[0]
        self.assertEqual((path["person"], path["waits_at"], path["waits_in"]), ("S1", 4, "SN"))
        self.assertEqual([step.get("status") for step in path["steps"]], ["DONE", "DONE", "SKIPPED", "UNDER_WAY", None, None, None, None])
        self.assertIn("Waits for: Temporary integration", self.sn.call("path"))
        self.assertIn("step: ", self.refused(self.sn, "step", reference, "--path", "ISS8", "--step", "9", "--status", "DONE", "--person", "S1",
                                             "--country", "SN"))

    def test_a_withdrawn_consent_seals_the_case_until_it_is_answered(self):
        reference = self.accepted_case()
        self.assertIn("content", self.sn.json("show", reference)["items"][0])
        self.step(self.ch, "withdraw-consent", reference, "--person", "S1", "--purpose", "SHARE_IDENTITY", "--on", "2026-11-20",
                  "--text", "The mother no longer wishes it.")
        for member in (self.ch, self.sn):
            items = member.json("show", reference)["items"]
            self.assertNotIn("content", items[0])
            self.assertTrue(items[0]["withheld"])
        withdrawal = self.sn.json("show", reference)["items"][-1]
        self.assertEqual(withdrawal["content"]["text"], "The mother no longer wishes it.")
        clock = self.clocks(reference)
        self.assertEqual((clock["awaits"], clock["from"], clock["paused_for"]), ("CONSENT", "SN", ["CONSENT"]))
        self.assertIn("open to you now", self.refused(self.ch, "answer-consent", reference, "--reason", "STOPPED"))
        self.step(self.sn, "answer-consent", reference, "--reason", "LEGAL_BASIS", "--basis", "HC1996", "--text", "A court asks for it.")
        self.assertIn("content", self.sn.json("show", reference)["items"][0])
        self.assertEqual(self.clocks(reference)["awaits"], "REPORT")

    def questions_in_timelines(self, reference, agency, wanted):
        """How often each side knows that the agency was answered: the hub tells it by itself, within seconds."""
        for _ in range(20):
            self.ch.call("sync", "--wait", "3s")
            if any(item.get("asked", 0) >= wanted for item in self.ch.json("show", reference)["items"]):
                break
        self.sn.call("sync")
        of_each = []
        for member in (self.ch, self.sn):
            told = [item["asked"] for item in member.json("show", reference)["items"]
                    if item["kind"] == "STATUS_ASKED" and item["partners"][0]["agency"] == agency]
            self.assertEqual(told, sorted(set(told)))
            of_each.append(told[-1] if told else 0)
        self.assertEqual(of_each, [wanted, wanted])
        self.assertIn(f"{agency}, {wanted} times in all", self.sn.call("show", reference))
        return of_each

    def test_a_partner_comes_and_goes(self):
        agency, other = (self.network.member(code, kind="PARTNER_AGENCY", role="desk") for code in ("UNICEF-KH", "COURT-KH"))
        reference = self.accepted_case()
        partner = ("partner", reference, "--agency", "UNICEF-KH", "--for", "CHILD_PROTECTION", "--basis", "UNCRC_COOP")
        written = self.sn.json(*partner, "--until", "2027-06-30")
        own = written["partners"][0]["reference"]
        self.assertNotEqual(own, reference)
        ask = lambda: agency.json("status", own)  # noqa: E731
        nothing = ask()
        self.assertFalse(nothing["available"])
        self.pass_on(self.sn, self.ch)
        without = lambda document: {key: value for key, value in document.items() if key != "reference"}  # noqa: E731
        self.assertEqual(without(agency.json("status", reference)), without(nothing))  # the members' reference is not the agency's
        self.step(self.ch, "partner", reference, "--agency", "COURT-KH", "--for", "CHILD_PROTECTION", "--basis", "UNCRC_COOP")
        theirs = self.sn.json("show", reference)["items"][-1]["partners"][0]["reference"]
        self.assertEqual(len({reference, own, theirs}), 3)
        self.assertTrue(other.json("status", theirs)["available"])
        self.assertEqual(without(other.json("status", own)), without(nothing))
        self.assertEqual((ask()["available"], ask()["state"], ask()["next_due"]), (True, "ACCEPTED", "2027-02-19"))
        self.step(self.ch, *partner, "--end")
        self.assertEqual(ask(), nothing)
        self.step(self.ch, *partner)
        self.assertTrue(ask()["available"])  # it comes back with the reference that it has
        self.step(self.ch, *partner, "--end")
        asked = self.questions_in_timelines(reference, "UNICEF-KH", 4)
        self.assertEqual(asked, self.questions_in_timelines(reference, "UNICEF-KH", 4))
        self.ch.call("partner", reference, "--agency", "NOBODY", "--for", "CHILD_PROTECTION", "--basis", "UNCRC_COOP")
        self.assertEqual([one["reason"] for one in self.ch.json("sync")["returned"]], ["UNKNOWN_RECIPIENT"])

    def test_who_can_take_a_case_is_found_by_country_service_and_language(self):
        gm = self.network.member("GM")
        nothing = self.folder.name
        self.network.hub.register("GM", "BRANCH", Path(nothing), "--country", "GM", "--country", "GW", "--service", "HOME_STUDY",
                                  "--service", "FAMILY_TRACING", "--language", "en")
        self.network.hub.register("LR", "CORRESPONDENT", Path(nothing), "--status", "SUSPENDED", "--country", "GW")
        gm.call("sync")
        self.ch.call("sync")
        who = lambda *words: [item["code"] for item in self.ch.json("directory", *words)["items"]]  # noqa: E731
        self.assertEqual(who("who-can", "--country", "GW"), ["GM"])
        self.assertEqual(who("who-can", "--country", "GW", "--service", "HOME_STUDY", "--speaks", "en"), ["GM"])
        self.assertEqual(who("who-can", "--country", "GW", "--service", "ELDER_ADULT_CARE"), [])
        self.assertEqual(who("who-can", "--country", "SN"), ["SN"])  # named by its code alone
        self.assertIn("TRAINING", who())
        self.assertNotIn("TRAINING", who("who-can"))
        self.assertIn("does not know", self.refused(self.ch, "directory", "who-cares"))

    def test_a_closed_case_is_followed_up(self):
        reference = self.accepted_case()
        self.step(self.sn, "report", reference, STORY / "report-final.json", "--final", "--attach", STORY / "house.jpg")
        follow_up = ("follow-up", reference, "--months", "3", "--person", "S1", "--wellbeing", "GOOD", "--in-family", "YES")
        self.assertIn("open to you now", self.refused(self.sn, *follow_up))
        self.step(self.ch, "close", reference, "--outcome", "REPORT_DELIVERED", "--yes")
        self.step(self.sn, *follow_up)
        seen = self.ch.json("show", reference)
        self.assertEqual((seen["state"], seen["items"][-1]["content"]["wellbeing"]), ("CLOSED", "GOOD"))

    def test_a_hold_returns_to_where_the_case_was(self):
        reference = self.accepted_case()
        self.step(self.ch, "hold", reference, "--reason", "AWAIT_CONSENT")
        self.step(self.ch, "resume", reference)
        self.assertEqual(self.states(reference), {"ACCEPTED"})

    def test_a_hold_takes_a_known_reason(self):
        reference = self.accepted_case()
        self.assertIn("reason: is missing", self.refused(self.sn, "hold", reference))
        self.assertIn("hold_reason", self.refused(self.sn, "hold", reference, "--reason", "BECAUSE"))

    def test_the_first_paper_from_abroad_is_a_start(self):
        reference = self.accepted_case()
        self.assertIn("--attach", self.refused(self.sn, "document", reference))
        paper = sorted(STORY.glob("*.pdf"))[0]
        self.step(self.ch, "document", reference, "--attach", paper)
        self.assertEqual(self.states(reference), {"ACCEPTED"})  # work begins abroad, not here
        self.step(self.sn, "document", reference, "--attach", paper, "--text", "As you asked.")
        self.assertEqual(self.states(reference), {"IN_PROGRESS"})
        item = self.ch.json("show", reference)["items"][-1]
        self.assertEqual([one["name"] for one in item["attachments"]], [paper.name])
        copy = Path(self.folder.name) / "copy.pdf"
        self.ch.call("attachment", item["message"], "1", "--output", copy)
        self.assertEqual(copy.read_bytes(), paper.read_bytes())


if __name__ == "__main__":
    unittest.main(verbosity=2)
