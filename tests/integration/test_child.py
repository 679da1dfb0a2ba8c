#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The child in a case: who may be named, its file, and how it fares afterwards, on two real clients and one real hub."""

import datetime
import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lib"))
from network import STORY, CommandFailed, Network  # noqa: E402
from turned_clock import TurnedClock  # noqa: E402


class Child(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="passerelle-child-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.network = Network(cls.folder.name)
        cls.network.__enter__()
        cls.addClassCleanup(cls.network.__exit__)
        cls.ch, cls.sn = cls.network.member("CH"), cls.network.member("SN")
        for member in (cls.ch, cls.sn):
            member.call("sync")

    def step(self, sender, verb, reference, *words):
        """Writes, sends, and lets the other side get it."""
        sender.call(verb, reference, *words)
        self.pass_on(sender)

    def pass_on(self, sender):
        sender.call("sync")
        (self.sn if sender is self.ch else self.ch).call("sync")

    def refer(self):
        return self.ch.json("refer", STORY / "referral-nz-sn.json", "--to", "SN")["reference"]

    def accepted_case(self):
        reference = self.refer()
        self.pass_on(self.ch)
        self.step(self.sn, "ack", reference)
        self.step(self.sn, "accept", reference, "--due", "2027-02-19")
        return reference

    def refused(self, member, verb, *words):
        with self.assertRaises(CommandFailed) as caught:
            member.call(verb, *words)
        return caught.exception.stderr

    def form(self, **content):
        file = Path(self.folder.name) / "form.json"
        file.write_text(json.dumps(content), encoding="utf-8")
        return file

    # ---- pseudonyms

    def test_only_persons_of_the_case_can_be_named(self):
        reference = self.refer()  # before it is at the hub: what waits in the outbox counts
        step = ("--path", "ISS8", "--step", "1", "--status", "DONE", "--country", "CH")
        self.assertRegex(self.refused(self.ch, "step", reference, *step, "--person", "C9"),
                         r"persons\[0\]: 'C9' is nobody's pseudonym in this case, which has I1, S1")
        self.ch.call("step", reference, *step, "--person", "S1")
        self.pass_on(self.ch)
        consent = ("--purpose", "REFER", "--on", "2026-11-02")
        self.assertRegex(self.refused(self.sn, "consent", reference, "--person", "C9", "--how", "SIGNED", *consent), r"consent\.person: 'C9'")
        self.assertRegex(self.refused(self.sn, "withdraw-consent", reference, "--person", "C9", *consent), r"consent\.person: 'C9'")
        self.assertRegex(self.refused(self.ch, "close", reference, self.form(outcome="OTHER", outcomes=[{"person": "C9", "outcome": "DECEASED"}]), "--yes"),
                         r"outcomes\[0\]\.person: 'C9'")

    def test_a_person_whom_an_answer_added_can_be_named(self):
        reference = self.refer()
        self.pass_on(self.ch)
        self.step(self.sn, "ack", reference)
        self.step(self.sn, "ask", reference, "--question", "Who looks after S1?")
        answer = json.loads((STORY / "answer.json").read_text(encoding="utf-8"))
        answer["answers"] = [{"question": "Q1", "text": "Her grandmother."}]
        answer.pop("attachments", None)
        self.step(self.ch, "answer", reference, self.form(**answer))
        self.step(self.sn, "consent", reference, "--person", answer["persons"][0]["pseudonym"], "--purpose", "CONTACT", "--how", "SIGNED", "--on", "2026-11")

    def test_nobody_is_refused_where_the_case_cannot_be_read(self):
        reference = self.accepted_case()
        self.step(self.ch, "withdraw-consent", reference, "--person", "S1", "--purpose", "SHARE_IDENTITY", "--on", "2026-11-20")
        self.sn.call("consent", reference, "--person", "C9", "--purpose", "CONTACT", "--how", "SIGNED", "--on", "2026-11-20")


    # ---- assessment, project, reviews

    ASSESSMENT = {"person": "S1", "date": "2026-11-20", "by": {"name": "Awa Seynabou Diopenda", "profession": "assistante sociale"},
                  "areas": [{"area": "HEALTH", "findings": "Vaccinations are complete."}, {"area": "EDUCATION", "absent": {"findings": "PENDING"}}],
                  "child_view": "I want to go back to school."}

    def project(self, **review_days):
        goals = [{"id": mark, "text": f"goal {mark}", "step": 6, "responsible": "desk Thiès", "status": "UNDER_WAY", "review_on": day}
                 for mark, day in review_days.items()]
        return {"person": "S1", "date": "2026-11-22", "profile": "ISS8", "child_took_part": "YES", "goals": goals}

    def child(self, member, reference):
        (item,) = member.json("child", reference, "--person", "S1")["items"]
        return item

    def test_the_file_of_a_child_is_one_on_both_sides(self):
        reference = self.accepted_case()
        self.step(self.sn, "assess", reference, self.form(**self.ASSESSMENT))
        self.step(self.ch, "project", reference, self.form(**self.project(G1="2027-03-01", G2="2027-06-01")))
        review = {"person": "S1", "date": "2026-11-23", "child_view": "Good.", "goals": [{"goal": "G1", "status": "PARTLY_REACHED", "text": "She reads.",
                                                                                      "review_on": "2027-09-01"}]}
        self.step(self.sn, "review", reference, self.form(**review))
        self.step(self.sn, "step", reference, "--path", "ISS8", "--step", "1", "--status", "DONE", "--person", "S1", "--country", "CH")
        sides = [self.child(member, reference) for member in (self.ch, self.sn)]
        self.assertEqual(sides[0], sides[1])
        item = sides[0]
        self.assertEqual([area["area"] for area in item["assessments"][0]["areas"]], ["HEALTH", "EDUCATION"])
        self.assertEqual([(goal["id"], goal["status"], goal["review_on"]) for goal in item["project"]["goals"]],
                         [("G1", "PARTLY_REACHED", "2027-09-01"), ("G2", "UNDER_WAY", "2027-06-01")])
        self.assertEqual(item["project"]["goals"][0]["progress"][0]["text"], "She reads.")
        self.assertEqual(item["paths"][0]["waits_at"], 2)
        printed = self.ch.call("child", reference)
        for words in ("Vaccinations are complete.", "review on 2027-06-01", "Path ISS8: waits for"):
            self.assertIn(words, printed)
        shown = self.sn.json("show", reference)
        self.assertEqual(shown["state"], "ACCEPTED")  # nothing of it moves the case
        page = [one for one in shown["items"] if one["kind"] == "CHILD_FILE"][0]
        self.assertEqual(page["completeness"], {"asked": 4, "filled": 3})

    def test_a_review_names_goals_of_the_project(self):
        reference = self.accepted_case()
        review = self.form(person="S1", date="2026-11-23", child_view="Good.", goals=[{"goal": "G9", "status": "REACHED", "text": "Done."}])
        self.assertRegex(self.refused(self.sn, "review", reference, review), r"goals\[0\]\.goal: 'G9' is no goal: S1 has no project")
        self.step(self.sn, "project", reference, self.form(**self.project(G1="2027-03-01")))
        review = self.form(person="S1", date="2026-11-23", child_view="Good.", goals=[{"goal": "G9", "status": "REACHED", "text": "Done."}])
        self.assertRegex(self.refused(self.ch, "review", reference, review), r"goals\[0\]\.goal: 'G9' is no goal of the project, which has G1")
        self.assertRegex(self.refused(self.ch, "assess", reference, self.form(**{**self.ASSESSMENT, "person": "C9"})), r"person: 'C9' is nobody's")

    def test_a_new_project_takes_the_place_of_the_old_one_and_a_void_one_gives_it_back(self):
        reference = self.accepted_case()
        self.step(self.sn, "project", reference, self.form(**self.project(G1="2027-03-01")))
        newer = self.sn.json("project", reference, self.form(**self.project(G2="2027-04-01")))["message"]
        self.pass_on(self.sn)
        goals = lambda: [goal["id"] for goal in self.child(self.ch, reference)["project"]["goals"]]  # noqa: E731
        self.assertEqual(goals(), ["G2"])
        self.step(self.sn, "invalidate", reference, newer, "--text", "It was another child's.")
        self.assertEqual(goals(), ["G1"])


    # ---- where children wait

    def test_the_table_says_how_many_wait_at_which_step_in_which_country(self):
        before = {(row["waits_at"], row["waits_in"]): row["persons"] for row in self.ch.json("path")["waiting"]}
        for _ in range(2):
            reference = self.accepted_case()
            step = ("--path", "ISS8", "--status", "DONE", "--person", "S1")
            self.step(self.ch, "step", reference, *step, "--step", "1", "--country", "CH")
            self.step(self.sn, "step", reference, *step, "--step", "2", "--country", "SN")
        other = self.accepted_case()
        self.step(self.ch, "step", other, "--path", "ISS8", "--status", "UNDER_WAY", "--person", "S1", "--step", "1", "--country", "CH")
        for member in (self.ch, self.sn):
            rows = {(row["waits_at"], row["waits_in"]): row for row in member.json("path")["waiting"]}
            self.assertEqual({key: rows[key]["persons"] - before.get(key, 0) for key in ((1, "CH"), (3, "SN"))}, {(1, "CH"): 1, (3, "SN"): 2})
            self.assertEqual((rows[3, "SN"]["profile"], rows[3, "SN"]["median_days"], rows[3, "SN"]["longest_days"]), ("ISS8", 0, 0))
        self.assertRegex(self.ch.call("path"), r"ISS8 +3 +Assess the situation +SN +\d+ waiting, the middle one for 0 days")
        self.assertNotIn("waiting", self.ch.json("path", reference))

    # ---- Lifebook

    def entry(self, share, **more):
        return self.form(**{"person": "S1", "date": "2019-07", "title": "The mango tree", "text": "I fell from it and laughed.", "language": "wo",
                            "written_by": "Awa", "share": share, **more})

    CONSENT = {"person": "S1", "purpose": "LIFEBOOK", "given": "YES", "form": "ORAL_RECORDED", "by": "SELF", "date": "2026-11-20"}

    def lifebook(self, member, reference):
        return [entry for item in member.json("child", reference)["items"] for entry in item.get("lifebook", [])]

    def test_an_entry_needs_the_consent_of_the_child_itself(self):
        reference = self.accepted_case()
        for share in ("YES", "NO"):
            self.assertRegex(self.refused(self.sn, "lifebook", reference, self.entry(share)), r"consent: is missing")
        other = lambda **more: self.entry("YES", consent={**self.CONSENT, **more})  # noqa: E731
        self.assertRegex(self.refused(self.sn, "lifebook", reference, other(purpose="PHOTO")), r"consent\.purpose: must be LIFEBOOK")
        self.assertRegex(self.refused(self.sn, "lifebook", reference, other(given="NO")), r"consent\.given")
        self.assertRegex(self.refused(self.sn, "lifebook", reference, other(expires="2020-01-01")), r"consent\.given")
        self.assertRegex(self.refused(self.sn, "lifebook", reference, other(person="I1")), r"consent\.person")
        self.assertRegex(self.refused(self.sn, "lifebook", reference, other(by="GUARDIAN")), r"consent\.by: must be SELF")
        self.sn.call("lifebook", reference, other(by="GUARDIAN", text="She is two years old."))
        # Recorded in the case once, it holds for the entries after it; taken back, for none.
        second = self.accepted_case()
        self.step(self.ch, "consent", second, "--person", "S1", "--purpose", "LIFEBOOK", "--how", "ORAL_RECORDED", "--on", "2026-11-20")
        self.step(self.sn, "lifebook", second, self.entry("YES"))
        self.step(self.ch, "withdraw-consent", second, "--person", "S1", "--purpose", "LIFEBOOK", "--on", "2026-11-21", "--text", "No more.")
        self.step(self.sn, "answer-consent", second, "--reason", "STOPPED")
        self.assertRegex(self.refused(self.sn, "lifebook", second, self.entry("YES")), r"consent: is missing")
        for member in (self.ch, self.sn):
            (entry,) = self.lifebook(member, second)
            self.assertNotIn("text", entry)
            self.assertEqual(entry["hidden"]["text"], "No more.")

    def test_what_the_child_does_not_share_never_leaves(self):
        reference = self.accepted_case()
        secret = "the well behind the mosque"
        written = self.sn.json("lifebook", reference, self.entry("NO", consent=self.CONSENT, text=secret))
        self.assertEqual(written["state"], "kept")
        self.assertEqual(self.sn.json("outbox", "--state", "queued")["items"], [])
        self.pass_on(self.sn)
        self.assertEqual(self.lifebook(self.ch, reference), [])
        (entry,) = self.lifebook(self.sn, reference)
        self.assertEqual((entry["local"], entry["text"], entry["entry"]), (True, secret, written["message"]))
        self.assertIn("kept here, not shared", self.sn.call("child", reference))
        for file in self.sn.profile.rglob("*"):
            if file.is_file():
                self.assertNotIn(secret.encode(), file.read_bytes())
        self.assertIn("stay with the child", self.refused(self.sn, "lifebook", reference, self.entry("NO", consent=self.CONSENT), "--attach", STORY / "house.jpg"))
        # The child changes its mind.
        self.step(self.sn, "lifebook", reference, "--share", written["message"], "--attach", STORY / "house.jpg")
        for member in (self.ch, self.sn):
            (entry,) = self.lifebook(member, reference)
            self.assertEqual((entry.get("local"), entry["text"], entry["pictures"]), (None, secret, ["house.jpg"]))
        self.assertIn("no entry", self.refused(self.sn, "lifebook", reference, "--share", written["message"]))

    def test_a_shared_entry_is_taken_back_and_given_again(self):
        reference = self.accepted_case()
        written = self.sn.json("lifebook", reference, self.entry("YES", consent=self.CONSENT), "--attach", STORY / "house.jpg")
        self.pass_on(self.sn)
        (entry,) = self.lifebook(self.ch, reference)
        self.assertEqual(entry["title"], "The mango tree")
        self.step(self.ch, "lifebook", reference, "--take-back", entry["case_seq"], "--text", "I do not like it.")  # to either desk
        picture = Path(self.folder.name) / "picture.jpg"
        for member in (self.ch, self.sn):
            (hidden,) = self.lifebook(member, reference)
            self.assertNotIn("title", hidden)
            self.assertEqual((hidden["hidden"]["from"], hidden["hidden"]["text"]), ("CH", "I do not like it."))
            shown = member.call("show", reference)
            self.assertNotIn("mango", shown)
            self.assertIn("the child took it back", shown)
            self.assertIn("took this entry", self.refused(member, "attachment", written["message"], "1", "--output", picture))
            folder = Path(self.folder.name) / f"export-{member.code}"
            member.call("export", reference, "--content", "--output", folder)
            self.assertNotIn("mango", (folder / "case.json").read_text(encoding="utf-8"))
            self.assertEqual([file.name for file in (folder / "attachments").iterdir() if "house" in file.name], [])
        self.assertEqual(self.sn.json("show", reference)["clock"]["standing"], "DUE")  # the work goes on
        # Giving again is for the branch to which the child gave it.
        self.step(self.ch, "lifebook", reference, "--share", entry["case_seq"])
        self.assertIn("hidden", self.lifebook(self.ch, reference)[0])
        self.step(self.sn, "lifebook", reference, "--share", entry["case_seq"])
        for member in (self.ch, self.sn):
            self.assertEqual(self.lifebook(member, reference)[0]["title"], "The mango tree")
        self.ch.call("attachment", written["message"], "1", "--output", picture)
        self.assertEqual(picture.read_bytes(), (STORY / "house.jpg").read_bytes())


class FollowedUp(unittest.TestCase):
    """Under a clock that is turned."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="passerelle-follow-up-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.clock = TurnedClock(folder.name)
        self.network = Network(folder.name, environment=self.clock.environment)
        self.network.__enter__()
        self.addCleanup(self.network.__exit__)
        self.ch, self.sn = self.network.member("CH"), self.network.member("SN")
        self.sync()

    def sync(self):
        for member in (self.ch, self.sn, self.ch):
            member.call("sync")

    def step(self, member, verb, reference, *words):
        member.call(verb, reference, *words)
        self.sync()

    def closed_case(self, wanted):
        reference = self.ch.json("refer", STORY / "referral-nz-sn.json", "--to", "SN")["reference"]
        self.sync()
        self.step(self.sn, "ack", reference)
        self.step(self.sn, "accept", reference, "--due", "2027-02-19")
        self.step(self.sn, "report", reference, STORY / "report-final.json", "--final", "--attach", STORY / "house.jpg")
        self.close(reference, wanted)
        return reference

    def close(self, reference, wanted):
        form = self.folder / "close.json"
        form.write_text(json.dumps({"outcome": "REINTEGRATED_FAMILY", "follow_up_wanted": wanted}), encoding="utf-8")
        self.step(self.ch, "close", reference, form, "--yes")

    def follow_up(self, reference, months, in_family):
        self.step(self.sn, "follow-up", reference, "--months", str(months), "--person", "S1", "--wellbeing", "GOOD", "--in-family", in_family)

    def standings(self, member, reference):
        (item,) = member.json("child", reference)["items"]
        return [(one["months"], one["standing"]) for one in item["follow_ups"]]

    def coming(self, member, reference):
        return [(item["awaits"], item["months"], item["standing"], item["from"], item["mine"]) for item in member.json("due")["items"]
                if item["reference"] == reference]

    def test_follow_ups_come_due_are_ticked_and_counted(self):
        reference, unwanted = self.closed_case("YES"), self.closed_case("NO")
        self.assertEqual(self.coming(self.sn, unwanted), [])
        self.assertEqual(self.coming(self.sn, reference), [("FOLLOW_UP", 3, "DUE", "SN", True)])
        self.clock.turn("+85d")
        self.assertEqual(self.coming(self.ch, reference), [("FOLLOW_UP", 3, "DUE_SOON", "SN", False)])
        self.clock.turn("+100d")
        for member in (self.ch, self.sn):
            self.assertEqual(self.standings(member, reference), [(3, "OVERDUE"), (6, "DUE"), (12, "DUE"), (24, "DUE")])
        self.assertIn("the follow-up of S1, 3 months", self.sn.call("due"))
        self.clock.turn("+80d")  # the certificates of the training network hold for three months
        self.follow_up(reference, 3, "YES")
        for member in (self.ch, self.sn):
            self.assertEqual(self.standings(member, reference)[0], (3, "DONE"))
            self.assertEqual([one[:2] for one in self.coming(member, reference)], [("FOLLOW_UP", 6)])
        self.follow_up(reference, 12, "NO")
        self.clock.turn("+380d")
        counted = self.ch.json("follow-ups")
        self.assertEqual([(one["months"], one["wanted"], one["done"], one["overdue"]) for one in counted["counts"]],
                         [(3, 1, 1, 0), (6, 1, 0, 1), (12, 1, 1, 0), (24, 1, 0, 0)])
        self.assertEqual(counted["in_family"], {"yes": 0, "no": 1, "not_said": 0})
        self.assertIn("after  6 months: 1 wanted, 0 done, 1 overdue", self.sn.call("follow-ups"))
        kept = b"".join(file.read_bytes() for file in self.sn.profile.glob("store.db*"))
        self.assertNotIn(b"FOLLOW_UP\"", kept)  # the agenda is sealed

    def test_a_case_that_is_opened_again_is_followed_up_from_its_new_end(self):
        reference = self.closed_case("YES")
        self.clock.turn("+80d")
        self.follow_up(reference, 3, "YES")
        self.step(self.ch, "reopen", reference, "--reason", "NEW_INFORMATION")
        self.assertEqual(self.ch.json("child", reference)["items"], [])
        self.assertEqual(self.ch.json("follow-ups")["items"], [])
        self.step(self.sn, "report", reference, STORY / "report-final.json", "--final", "--attach", STORY / "house.jpg")
        self.close(reference, "YES")
        self.assertEqual(self.standings(self.sn, reference), [(3, "DUE"), (6, "DUE"), (12, "DUE"), (24, "DUE")])

    def test_a_review_of_a_project_comes_due(self):
        reference = self.closed_case("NO")
        day = (datetime.date.today() + datetime.timedelta(days=60)).isoformat()
        form = self.folder / "project.json"
        form.write_text(json.dumps({"person": "S1", "date": "2026-11", "child_took_part": "YES", "goals": [
            {"id": "G1", "text": "School", "responsible": "desk", "status": "PLANNED", "review_on": day}]}), encoding="utf-8")
        self.step(self.sn, "project", reference, form)  # also after the closure
        awaited = lambda: [(one["awaits"], one["goal"], one["standing"], one["mine"]) for one in self.sn.json("due")["items"]]  # noqa: E731
        self.assertEqual(awaited(), [])
        self.clock.turn("+50d")
        self.assertEqual(awaited(), [("REVIEW", "G1", "DUE_SOON", True)])
        self.clock.turn("+61d")
        self.assertEqual(awaited(), [("REVIEW", "G1", "OVERDUE", True)])
        self.assertIn("the review of S1's goal G1", self.sn.call("due"))
        form.write_text(json.dumps({"person": "S1", "date": "2027-01", "child_view": "Fine.", "goals": [{"goal": "G1", "status": "REACHED", "text": "She goes."}]}),
                        encoding="utf-8")
        self.step(self.ch, "review", reference, form)
        self.assertEqual(awaited(), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
