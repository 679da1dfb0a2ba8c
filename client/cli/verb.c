// SPDX-License-Identifier: Apache-2.0
#include "cli/verb.h"

#include "cli/run.h"

#include <string.h>

static const struct verb verbs[VERB_COUNT] = {
	{VERB_INIT, "init", "", "make a profile: keys and certificate requests, then the certificates",
	 "First without --certificates: makes the keys on this computer and writes certificate requests into the folder requests of the "
	 "profile. Send the requests, never the keys, to your certificate authority.\n\n"
	 "Then with --certificates DIR: checks and installs what came back.",
	 {"passerelle init --member CH --user anna --role caseworker --hub hub.example.org:7600 --trust root.pem",
	  "passerelle init --certificates ~/Downloads/certificates"},
	 0, 0, run_init},
	{VERB_REFER, "refer", "[FORM]", "write a new referral to a branch abroad",
	 "Checks the form and tells every fault by its place. If there is none, the referral is sealed, signed and put into the outbox; "
	 "no line is needed. The next sync sends it.\n\n"
	 "FORM is a file with a filled form, - for standard input. --template SERVICE prints an empty one.",
	 {"passerelle refer --template HOME_STUDY > form.json",
	  "passerelle refer form.json --to SN --dry-run",
	  "passerelle refer form.json --to SN --attach court-order.pdf"},
	 0, 1, run_write},
	{VERB_SYNC, "sync", "", "send what waits and get what came",
	 "Goes on where an earlier one was cut. With --wait it stays connected that long for more.",
	 {"passerelle sync", "passerelle sync --wait 30s"}, 0, 0, run_sync},
	{VERB_INBOX, "inbox", "", "what came, newest first",
	 "Nothing is opened: the list shows who wrote about which case, not what. What was told to all branches stands there whole, and is "
	 "read with it.",
	 {"passerelle inbox --unread", "passerelle inbox --json"}, 0, 0, run_inbox},
	{VERB_OUTBOX, "outbox", "", "what was written, and how far each message got",
	 "A message is queued, at the hub, delivered, or opened. What could not be delivered is returned, with the reason.",
	 {"passerelle outbox --state queued"}, 0, 0, run_outbox},
	{VERB_DUE, "due", "", "what is awaited from whom: overdue, due soon, due, paused",
	 "As of the last sync. A clock stands while a question is open or the case is on hold; both branches see since when and why. Due "
	 "soon means that five sixths of the time are over.",
	 {"passerelle due", "passerelle due --mine", "passerelle due --ics deadlines.ics"}, 0, 0, run_due},
	{VERB_SHOW, "show", "REF", "one case: what happened, whose turn it is, what to do next",
	 "Opens the messages of the case and marks them as read; the other branch learns that with your next sync.",
	 {"passerelle show CH-SN-7QK2-M9FD", "passerelle show CH-SN-7QK2-M9FD --all-versions"}, 1, 1, run_show},
	{VERB_ACK, "ack", "REF [FORM]", "tell the other branch that a person has seen the referral",
	 "The clock for your decision starts with it.", {"passerelle ack CH-SN-7QK2-M9FD"}, 1, 2, run_write},
	{VERB_ASK, "ask", "REF [FORM]", "ask the other branch",
	 "With --blocking the clock stands still until the answer comes.",
	 {"passerelle ask CH-SN-7QK2-M9FD --question \"In which quarter does the aunt live?\"", "passerelle ask CH-SN-7QK2-M9FD questions.json"},
	 1, 2, run_write},
	{VERB_ANSWER, "answer", "REF [FORM]", "answer the questions of the other branch",
	 "With --text the answer goes to the one open question; if there are several, --question says to which.",
	 {"passerelle answer CH-SN-7QK2-M9FD --text \"In Diakhao.\"", "passerelle answer CH-SN-7QK2-M9FD answers.json --attach letter.pdf"},
	 1, 2, run_write},
	{VERB_ACCEPT, "accept", "REF [FORM]", "take the case, with the day by which you will report",
	 "", {"passerelle accept CH-SN-7QK2-M9FD --due 2027-02-19"}, 1, 2, run_write},
	{VERB_DECLINE, "decline", "REF [FORM]", "do not take the case, with a reason",
	 "The reason is a code: passerelle codes decline_reason lists them. --text says it in words; only the other branch can read that.",
	 {"passerelle decline CH-SN-7QK2-M9FD --reason NO_SERVICE_IN_AREA"}, 1, 2, run_write},
	{VERB_REPORT, "report", "REF FORM | activity | global | member", "give an interim or the final report; or write the report of a year",
	 "REF --template prints the form for what the case asks; --form another one.\n\n"
	 "activity (General Secretariat) writes the activity report of a year, of all branches or of those of a region of the United Nations' list M49: "
	 "passerelle codes region. global writes the annex of the Global Report: a row for each region and each branch. Both are of what the hub "
	 "tells of its flow: counts of the year are multiples of 5, and what it keeps to itself stays so. member writes the year of the own branch, "
	 "counted on this computer from its inbox and outbox as of the last sync. No report names a person.\n\n"
	 "With --lang en,fr each language gets a page and a paper from the same counters: NAME-en.html, NAME-en.pdf, NAME-fr.html and NAME-fr.pdf. --json prints the "
	 "counters.",
	 {"passerelle report CH-SN-7QK2-M9FD --template > report.json", "passerelle report CH-SN-7QK2-M9FD report.json --final --attach house.jpg",
	  "passerelle report activity --year 2026 --region africa --lang en,fr --output activity-2026"}, 1, 2, run_report},
	{VERB_START, "start", "REF [FORM]", "tell the other branch that the work has begun",
	 "A first interim report or document says the same.", {"passerelle start CH-SN-7QK2-M9FD --text \"First visit on Monday.\""}, 1, 2, run_write},
	{VERB_HOLD, "hold", "REF [FORM]", "let the case wait, with a reason; the clock stands still",
	 "Both branches see since when and why. Only the branch that put it on hold goes on with it: passerelle resume. passerelle codes "
	 "hold_reason lists the reasons.",
	 {"passerelle hold CH-SN-7QK2-M9FD --reason AWAIT_COURT"}, 1, 2, run_write},
	{VERB_RESUME, "resume", "REF [FORM]", "go on with a case that you put on hold",
	 "The clock runs on from where it stood.", {"passerelle resume CH-SN-7QK2-M9FD --text \"The court has decided.\""}, 1, 2, run_write},
	{VERB_PROPOSE_DATE, "propose-date", "REF [FORM]", "propose another day for the report, or counter one",
	 "The day that was accepted or agreed last holds until both branches agree to another. The other branch may counter once; then you agree "
	 "to its day, or leave the one that holds: passerelle agree-date.",
	 {"passerelle propose-date CH-SN-7QK2-M9FD --due 2027-03-12 --text \"The father comes back on 1 March.\""}, 1, 2, run_write},
	{VERB_AGREE_DATE, "agree-date", "REF [FORM]", "agree to the day that the other branch proposed",
	 "With --due and the day that holds it stays at that one.",
	 {"passerelle agree-date CH-SN-7QK2-M9FD", "passerelle agree-date CH-SN-7QK2-M9FD --due 2027-02-19"}, 1, 2, run_write},
	{VERB_READY, "ready", "REF [FORM]", "tell the other branch that the report is ready and why you hold it back",
	 "The clock stands until you send it: passerelle report. passerelle codes hold_reason lists the reasons.",
	 {"passerelle ready CH-SN-7QK2-M9FD --reason AWAIT_FEE"}, 1, 2, run_write},
	{VERB_FINISH, "finish", "REF [FORM]", "tell the other branch that yours has done all it has to do",
	 "The case leaves your board. It goes on for the other branch until it says the same.", {"passerelle finish CH-SN-7QK2-M9FD"}, 1, 2, run_write},
	{VERB_ITEM, "item", "REF [FORM]", "tell how far an item of the request is, for one child or for all",
	 "A referral may ask for several things, for several children. passerelle show lists them with their numbers. A case is not closed "
	 "while one is under way. passerelle codes item_status lists the codes.",
	 {"passerelle item CH-SN-7QK2-M9FD --item 1 --person C2 --status UNDER_WAY", "passerelle item CH-SN-7QK2-M9FD --item 2 --status NOT_POSSIBLE --text \"The school has closed.\""},
	 1, 2, run_write},
	{VERB_DOCUMENT, "document", "REF [FORM]", "send papers of the case",
	 "At least one --attach. The form, if there is one, says what each paper is.",
	 {"passerelle document CH-SN-7QK2-M9FD --attach birth-certificate.pdf", "passerelle document CH-SN-7QK2-M9FD papers.json --attach order.pdf letter.jpg"},
	 1, 2, run_write},
	{VERB_NOTE, "note", "REF [FORM]", "tell the other branch how things stand",
	 "Does not move the case.", {"passerelle note CH-SN-7QK2-M9FD --text \"The school answers next week.\""}, 1, 2, run_write},
	{VERB_STEP, "step", "REF [FORM]", "note a step of a person's path: done, under way, planned or left out",
	 "Both branches note the steps taken in their country. passerelle codes step_profile lists the paths; passerelle path shows where "
	 "each person waits.",
	 {"passerelle step CH-SN-7QK2-M9FD --path ISS8 --step 3 --status DONE --person C1 --country SN --on 2026-12-04"}, 1, 2, run_write},
	{VERB_PATH, "path", "[REF]", "the steps of each person's path, and where persons wait",
	 "Without REF over all open cases, with a table of how many persons wait at which step in which country, and for how long. As of the last sync.", {"passerelle path", "passerelle path CH-SN-7QK2-M9FD"}, 0, 1, run_path},
	{VERB_CONSENT, "consent", "REF [FORM]", "tell that a person has given consent",
	 "passerelle codes consent_purpose lists what for, passerelle codes consent_form how.",
	 {"passerelle consent CH-SN-7QK2-M9FD --person M1 --purpose SHARE_IDENTITY --how SIGNED --on 2026-12-01"}, 1, 2, run_write},
	{VERB_WITHDRAW_CONSENT, "withdraw-consent", "REF [FORM]", "tell that a person has withdrawn consent",
	 "The clock stands and what was written in the case is not opened any more until the other branch has answered, within 72 hours.",
	 {"passerelle withdraw-consent CH-SN-7QK2-M9FD --person M1 --purpose SHARE_IDENTITY --on 2026-12-01"}, 1, 2, run_write},
	{VERB_ANSWER_CONSENT, "answer-consent", "REF [FORM]", "answer a withdrawal of consent: stopped, or on what legal basis it goes on",
	 "", {"passerelle answer-consent CH-SN-7QK2-M9FD --reason STOPPED", "passerelle answer-consent CH-SN-7QK2-M9FD --reason LEGAL_BASIS --basis NATIONAL_LAW"},
	 1, 2, run_write},
	{VERB_FOLLOW_UP, "follow-up", "REF [FORM]", "tell how a person fares, 3, 6, 12 or 24 months after the case was closed",
	 "", {"passerelle follow-up CH-SN-7QK2-M9FD --months 12 --person C1 --wellbeing GOOD --in-family YES"}, 1, 2, run_write},
	{VERB_PARTNER, "partner", "REF [FORM]", "let a partner agency ask where the case stands, or end that",
	 "The agency learns the state and its dates, never the content. --until is its last day; --end takes the right back.",
	 {"passerelle partner CH-SN-7QK2-M9FD --agency UNICEF-SN --for RETURN_ASSISTANCE --basis UNCRC_COOP --until 2027-06-30",
	  "passerelle partner CH-SN-7QK2-M9FD --agency UNICEF-SN --for RETURN_ASSISTANCE --basis UNCRC_COOP --end"},
	 1, 2, run_write},
	{VERB_FORWARD, "forward", "REF [FORM]", "pass a case on that came to the wrong branch",
	 "The new branch gets the case as it is, under the same reference; your branch keeps that it passed it on, not what is in it. At most "
	 "three times in the life of a case. passerelle codes decline_reason lists the reasons. The branch that asked may do the same with a "
	 "case that nobody has acknowledged after two reminders, or whose branch cannot work just now: to its deputy, say.",
	 {"passerelle forward CH-SN-7QK2-M9FD --to GM --reason WRONG_ADDRESSEE"}, 1, 2, run_write},
	{VERB_TRANSFER, "transfer", "REF FORM", "propose that a branch in a third country goes on with the case, or agree to it",
	 "The branch that does the work proposes; the one that asked agrees with the same verb, or withdraws the case. The form holds the "
	 "consents, which are asked anew for the new country. With the agreement the new branch gets the case as it is, and the former one "
	 "loses it.",
	 {"passerelle transfer --template > consents.json", "passerelle transfer CH-SN-7QK2-M9FD consents.json --to NZ"}, 1, 2, run_write},
	{VERB_UPDATE, "update", "REF MESSAGE [FORM]", "send a new version of a message that you sent",
	 "MESSAGE is its number in the case, as show prints it, or its id. The form is that of the message, filled anew as a whole; what all "
	 "on the way could read (service, stage, dates) stays as it was sent. The old version is kept: show marks it, and show --all-versions "
	 "prints it. Decisions have no versions: make the move that undoes them.",
	 {"passerelle update CH-SN-7QK2-M9FD 5 report.json", "passerelle update CH-SN-7QK2-M9FD 7 --text \"The school answers in March.\""},
	 2, 3, run_write},
	{VERB_INVALIDATE, "invalidate", "REF MESSAGE [FORM]", "declare that a message that you sent does not count any more, and why",
	 "MESSAGE is its number in the case, as show prints it, or its id. Nothing is deleted: both branches see the mark and the reason. The "
	 "state of the case stays. Of a message with several versions all are void; a version's own id or number means that one alone.",
	 {"passerelle invalidate CH-SN-7QK2-M9FD 5 --text \"It was about another child.\""}, 2, 3, run_write},
	{VERB_RECALL, "recall", "REF MESSAGE [FORM]", "take a message back that the other branch has not got yet",
	 "What waits here and was never sent is taken back at once; nothing of it leaves. What is at the hub is recalled there, if no program of the "
	 "other branch was handed it: then the branch sees that a message was recalled, and never what was in it. If it was, the answer says so, "
	 "and passerelle invalidate is the way. What the message moved stays moved; of the message that opened the case say --reason, which withdraws "
	 "the case (passerelle codes withdraw_reason).",
	 {"passerelle recall CH-SN-7QK2-M9FD 5 --text \"It was about another child.\" --wait 30s",
	  "passerelle recall CH-SN-7QK2-M9FD 1 --reason SENT_IN_ERROR"},
	 2, 3, run_write},
	{VERB_ALERT, "alert", "FORM", "warn the branch abroad that a child is in danger: opens a case of the highest urgency",
	 "The form is short: who the child is, what danger, how it is known, what was done, what is asked. What you do not know you leave out, with a "
	 "reason. The other branch has to acknowledge within a day; until it does, the alert stands first in its inbox and on its board. Then "
	 "the case goes on like any other.",
	 {"passerelle alert --template > alert.json", "passerelle alert alert.json --to SN --wait 30s"}, 0, 1, run_write},
	{VERB_EXPLAIN, "explain", "REF [FORM]", "tell the other branch why something is late, and when it will be done",
	 "As a rule after a reminder. Both branches see it on passerelle due. The clock goes on: to agree upon another day, passerelle "
	 "propose-date. passerelle codes delay_cause lists the reasons.",
	 {"passerelle explain CH-SN-7QK2-M9FD --reason AUTHORITY --due 2027-02-19 --text \"The registry of Ziguinchor reopens on Monday.\""}, 1, 2, run_write},
	{VERB_TRANSLATION, "translation", "REF [FORM]", "ask for a translation of a message or a paper of the case, or give it",
	 "Name the message with --message by its number in the case, as show prints it. A translated paper is attached, a text stands in --text or in the form. Both "
	 "branches see beside the original which translations there are, by whom and how; what counts is the original.",
	 {"passerelle translation CH-SN-7QK2-M9FD --message 4 --file order.pdf --from fr --into en --status ASKED",
	  "passerelle translation CH-SN-7QK2-M9FD --message 4 --file order.pdf --from fr --into en --status DONE --how SWORN --by \"A. Diouf\" --attach order-en.pdf"},
	 1, 2, run_write},
	{VERB_WITHDRAW, "withdraw", "REF [FORM]", "take your request back, with a reason",
	 "passerelle codes withdraw_reason lists the reasons.", {"passerelle withdraw CH-SN-7QK2-M9FD --reason NO_LONGER_NEEDED"}, 1, 2, run_write},
	{VERB_CLOSE, "close", "REF [FORM]", "end the case, with its outcome",
	 "Asks before it does, because the other branch stops its work: --yes skips that. Only the two branches can read the outcome. "
	 "passerelle codes closure_outcome lists the outcomes.",
	 {"passerelle close CH-SN-7QK2-M9FD --outcome KINSHIP_PLACED"}, 1, 2, run_write},
	{VERB_REOPEN, "reopen", "REF [FORM]", "take a case up again that had ended",
	 "passerelle codes reopen_reason lists the reasons.", {"passerelle reopen CH-SN-7QK2-M9FD --reason NEW_INFORMATION"}, 1, 2, run_write},
	{VERB_ASSESS, "assess", "REF FORM", "put an assessment of a child into its file",
	 "passerelle codes assessment_area lists the areas. Also after the closure: a child's life goes on.",
	 {"passerelle assess --template > assessment.json", "passerelle assess CH-SN-7QK2-M9FD assessment.json"}, 1, 2, run_write},
	{VERB_PROJECT, "project", "REF FORM", "put the individual project of a child, with its goals, into its file",
	 "Each goal has a mark, who sees to it, and the day on which it is looked at again; passerelle due tells of that day in time. The "
	 "newest project of a child counts; a goal that goes on keeps its mark.",
	 {"passerelle project --template > project.json", "passerelle project CH-SN-7QK2-M9FD project.json"}, 1, 2, run_write},
	{VERB_REVIEW, "review", "REF FORM", "tell what has come of the goals of a child's project",
	 "The goals are named by their marks. The next day of review is the one that the form says; without one there is none.",
	 {"passerelle review --template > review.json", "passerelle review CH-SN-7QK2-M9FD review.json"}, 1, 2, run_write},
	{VERB_LIFEBOOK, "lifebook", "REF [FORM]", "write an entry into the Lifebook of a child, who decides whether it is shared",
	 "The entry belongs to the child and needs its own consent with the purpose LIFEBOOK, in the form or in the case before. With \"share\": "
	 "\"NO\" it stays on this computer, sealed, and is sent to nobody; passerelle child shows it, and --share sends it when the child has changed "
	 "its mind. --take-back hides an entry that was sent, on both sides; --share gives it again.\n\n"
	 "With --book the Lifebook becomes a book, by the days of its entries and with its pictures: what the child shares, nothing that it took back or keeps. --own adds, at the "
	 "branch where the child is, what it keeps for itself: that book is for the child alone. Of a picture goes on what can be seen, not where and with what it was taken.",
	 {"passerelle lifebook CH-SN-7QK2-M9FD entry.json --attach drawing.jpg", "passerelle lifebook CH-SN-7QK2-M9FD --book book.pdf",
	  "passerelle lifebook CH-SN-7QK2-M9FD --take-back 9 --text \"I do not want them to read it.\""},
	 1, 2, run_lifebook},
	{VERB_AVAILABILITY, "availability", "", "tell all branches how far yours can work just now",
	 "With DISRUPTED or SUSPENDED the clocks of all open cases of your branch stand, nobody is reminded, and new cases are offered to the deputy; "
	 "both sides of each case see the cause. With BACK or NORMAL everything goes on by as much later. REDUCED is only told. Everyone on the "
	 "way can read it. Where nobody of your branch can write, the operator of the hub says it in your place.",
	 {"passerelle availability --status DISRUPTED --cause DISASTER --until 2026-12-10 --deputy NZ", "passerelle availability --status BACK"},
	 0, 0, run_availability},
	{VERB_BROADCAST, "broadcast", "", "tell all branches something (General Secretariat)",
	 "Not sealed: everyone on the way can read it, so it must name no person. Line breaks become blanks, and at most 2,000 bytes travel. It "
	 "stands whole in everybody's inbox; no receipts come back. In another language it is another broadcast.",
	 {"passerelle broadcast --text holidays-en.txt --language en", "passerelle broadcast --text holidays-fr.txt --language fr"},
	 0, 0, run_broadcast},
	{VERB_CHILD, "child", "REF", "the file of the children in a case: assessments, project, Lifebook, path, follow-ups",
	 "Opens what both branches wrote; nothing is marked as read. As of the last sync.",
	 {"passerelle child CH-SN-7QK2-M9FD", "passerelle child CH-SN-7QK2-M9FD --person C1"}, 1, 1, run_child},
	{VERB_FOLLOW_UPS, "follow-ups", "", "the follow-ups 3, 6, 12 and 24 months after closures, done, due and counted",
	 "Of your branch's own cases in which a follow-up was wanted and that were closed in the last 27 months. The dates are worked out on this "
	 "computer: the hub does not know that a follow-up is wanted, and reminds nobody of it. passerelle due shows the next ones.",
	 {"passerelle follow-ups", "passerelle follow-ups --mine"}, 0, 0, run_follow_ups},
	{VERB_TRACE, "trace", "FORM", "look for a person at other branches",
	 "Each branch gets a request of its own, sealed to it alone, and looks among the persons that it knows. On the review days, 30, 90 and 180 days "
	 "after it took the search up, its program answers that there is no result to share, always in the same words: that nobody was found, or "
	 "that somebody does not want to be found. Before that you hear of it only if a match exists and the person found consents. --to all needs "
	 "a supervisor: --approve-by.",
	 {"passerelle trace --template > search.json", "passerelle trace search.json --to SN,GN", "passerelle trace search.json --to all --approve-by ~/supervisor"}, 0, 1, run_write},
	{VERB_CANDIDATES, "candidates", "REF", "who of the persons known here may be the one looked for",
	 "Compares the request with the register (passerelle persons) and with the persons of open cases, across scripts and doubtful dates, and "
	 "tells for each field in words how well it fits. Nothing leaves this computer.",
	 {"passerelle candidates CH-SN-7QK2-M9FD"}, 1, 1, run_candidates},
	{VERB_DECIDE, "decide", "REF CANDIDATE", "note what you think of a candidate",
	 "REFUTED: another person; the pair stays away until one of the two records changes. PLAUSIBLE: ask the person found, then passerelle "
	 "propose-match. WITHHELD: nothing is told. SHIELDED: the person is in danger; a supervisor alone may decide anew. The other "
	 "branch learns nothing of it.",
	 {"passerelle decide CH-SN-7QK2-M9FD 1f0c22d09a7be431 --decision PLAUSIBLE --text \"Same village, same mother.\""}, 2, 2, run_decide},
	{VERB_TRACE_ANSWER, "trace-answer", "REF [FORM]", "answer a search before its review days",
	 "That more data is needed, that it is no search for your branch, that the person is safe and wants this told, or has died. passerelle codes "
	 "trace_answer lists them. That there is no result to share is said by the program, on the review days.",
	 {"passerelle trace-answer CH-SN-7QK2-M9FD --answer MORE_DATA_NEEDED --text \"The father's name?\""}, 1, 2, run_write},
	{VERB_PROPOSE_MATCH, "propose-match", "REF FORM", "tell that a possible match exists, once the person found consents",
	 "The form holds the consent of the person found, or says that it was decided in the best interests of a child. A second person of your branch "
	 "approves with the own key. The other branch learns how well each field fits, in words, and nothing of what you hold.",
	 {"passerelle propose-match --template > match.json", "passerelle propose-match CH-SN-7QK2-M9FD match.json --approve-by ~/colleague"}, 0, 2, run_write},
	{VERB_AGREE_MATCH, "agree-match", "REF FORM", "consent for the person who looks: the match may be disclosed",
	 "The form holds the consent of the person who looks. A second person of your branch approves.",
	 {"passerelle agree-match CH-SN-7QK2-M9FD consent.json --approve-by ~/colleague"}, 0, 2, run_write},
	{VERB_DISCLOSE, "disclose", "REF FORM", "tell who was found, as far as that person wants it told",
	 "", {"passerelle disclose --template > found.json", "passerelle disclose CH-SN-7QK2-M9FD found.json"}, 0, 2, run_write},
	{VERB_CONFIRM_MATCH, "confirm-match", "REF [FORM]", "confirm that it is the person looked for",
	 "Then passerelle close, with the outcome.", {"passerelle confirm-match CH-SN-7QK2-M9FD --sought S1"}, 1, 2, run_write},
	{VERB_REFUTE_MATCH, "refute-match", "REF [FORM]", "tell that it is another person, or that a consent was taken back",
	 "The search goes on. passerelle codes match_refusal lists the reasons.", {"passerelle refute-match CH-SN-7QK2-M9FD --sought S1 --reason OTHER_PERSON"}, 1, 2, run_write},
	{VERB_RENEW, "renew", "REF [FORM]", "go on with a search for twelve months more",
	 "A search that is not renewed expires, and both branches erase it.", {"passerelle renew CH-SN-7QK2-M9FD"}, 1, 2, run_write},
	{VERB_ATTACHMENT, "attachment", "MESSAGE NUMBER", "save an attachment",
	 "MESSAGE and NUMBER stand in the output of show. The file gets its name only when all of it was found genuine; an existing file "
	 "is not overwritten.",
	 {"passerelle attachment 019add1c-7c11-7a44-9d0e-5a1f3c2b7e90 1 --output house.jpg"}, 2, 2, run_attachment},
	{VERB_STATUS, "status", "REF", "ask the hub where a case stands",
	 "The answer is the state and nothing else. Partner agencies use it too: for a case of others they get the same answer as for none.",
	 {"passerelle status CH-SN-7QK2-M9FD"}, 1, 1, run_status},
	{VERB_FLOW, "flow", "", "how many cases are under way between the members (General Secretariat)",
	 "Counts and ages only: of all, by service and by urgency, of each member as the one that asks and as the one that is asked, of pairs. A count from 1 to 4 never "
	 "leaves the hub and is shown as few, and so are counts that would give one away. With --from or --to: what was done in whole months that are "
	 "over, from who asked whom to the days each step took; there all counts are multiples of 5, and what is left comes with a later month. Such a month is counted once and never changes; "
	 "how the cases stand is counted once a day. --by makes one table of it: a row for each member (with the days to each step and its days of "
	 "reduced, disrupted and suspended work), country, region (with services), pair, service or urgency.", {"passerelle flow --csv > flow.csv", "passerelle flow --from 2026-01 --by member", "passerelle flow --from 2026-01 --to 2026-12 --plot year.svg"}, 0, 0, run_flow},
	{VERB_STATISTICS, "statistics", "", "persons in the cases of a year, counted without names (General Secretariat)",
	 "Children by age, sex, special need, branch and outcome, and how they fare twelve months after. A number is the next lower multiple of 5; "
	 "fewer than 5 and none look the same.\n\n"
	 "Every branch tells of the persons in the cases that it asked for, with the first sync of a month, in a message that only the General "
	 "Secretariat can open: of each person a few codes, no name, no date and no case; and nothing but that there is one, where the person has "
	 "not consented to statistics. --mine shows what your branch would tell now, --send sends it at once.",
	 {"passerelle statistics --year 2026", "passerelle statistics --year 2026 --csv > statistics.csv", "passerelle statistics --mine"},
	 0, 0, run_statistics},
	{VERB_WATCH, "watch", "", "stay connected and tell what comes",
	 "One line an event until it is ended with Ctrl-C; with --json one JSON document a line.",
	 {"passerelle watch", "passerelle watch --json --once"}, 0, 0, run_watch},
	{VERB_EXPORT, "export", "REF", "write a case into a folder that stands on its own",
	 "Holds what was signed and what the hub promised, as evidence, and a manifest with the hash of every file; passerelle import case reads it "
	 "again. The opened content and the attachments are left out (--redact) unless --content is given: then the folder names people and must "
	 "be kept accordingly.",
	 {"passerelle export CH-SN-7QK2-M9FD --output evidence", "passerelle export CH-SN-7QK2-M9FD --output whole-case --content",
	  "passerelle export CH-SN-7QK2-M9FD --fhir status.json"},
	 1, 1, run_export},
	{VERB_PRINT, "print", "REF", "write a case as a PDF, for a file or a court",
	 "Who did what and when, and where the case stands. The opened content is left out unless --content is given: then the paper names "
	 "people and must be kept accordingly.",
	 {"passerelle print CH-SN-7QK2-M9FD --output case.pdf", "passerelle print CH-SN-7QK2-M9FD --output whole-case.pdf --content"},
	 1, 1, run_print},
	{VERB_DIRECTORY, "directory", "[who-can]", "branches and agencies that the hub knows",
	 "As of the last sync. With who-can: the branches that can take a case, by country, service and language. A branch that names no "
	 "countries serves that of its code; one that names no services or languages is not left out for that.",
	 {"passerelle directory", "passerelle directory who-can --country SN --service HOME_STUDY"}, 0, 1, run_directory},
	{VERB_DOCTOR, "doctor", "", "check profile, keys, certificates, clock, disk and line, and say what to do",
	 "Ends with 0 if all is well, else with 1.", {"passerelle doctor"}, 0, 0, run_doctor},
	{VERB_COMPARE, "compare", "PERSON PERSON", "are two persons perhaps the same? field by field, in words",
	 "PERSON is a file with one person as it stands in the persons of a form: names, birth, sex, nationalities, birth_place, present_place; "
	 "all may be left out. Beside them it may hold mother and father, lists of names like names, and separation with date, place and "
	 "cause.\n\n"
	 "Names are compared across scripts, orders, spellings and short forms, dates by overlap. Words and a band are told, never a number: a "
	 "match is a guess until a person on each side has confirmed it. Nothing leaves this computer and no profile is needed.",
	 {"passerelle compare ours.json theirs.json"}, 2, 2, run_compare},
	{VERB_PERSONS, "persons", "list | import FILE | export | remove ID", "the register: persons whom the files of your branch know",
	 "import takes persons over from a table (CSV, UTF-8), one a row; nothing of it is sent. Each row gets a verdict: accepted, double (it "
	 "was taken over before) or rejected, with its faults by column. --dry-run gives the verdicts alone; --rejected writes the rejected rows "
	 "into a file with their faults, to be mended and taken over; --template prints an empty table. Ends with 65 if a row was rejected.\n\n"
	 "A column is a place in the form, like names.2.full or present_place.area; a list of codes has semicolons between; a blank cell is not "
	 "known. The register is sealed on this computer. keep_until is the last day on which a person is searched for.\n\n"
	 "passerelle persons export --pfif writes those whose consent is YES as PFIF 1.4, for others who look for them: names, sex, birth, place and whether they live, "
	 "no street, no remark; each record says when it is to be forgotten, at the latest after 40 days.",
	 {"passerelle persons import --template > persons.csv",
	  "passerelle persons import persons.csv --rejected mend.csv",
	  "passerelle persons list"},
	 1, 2, run_persons},
	{VERB_IMPORT, "import", "WHAT FROM", "take referrals over from a table, as drafts; or a case that was exported",
	 "One referral a row (CSV, UTF-8); nothing is sent. Each row gets a verdict: accepted, double (it was taken over before) or rejected, with "
	 "its faults by column. --dry-run gives the verdicts alone; --rejected writes the rejected rows into a file with their faults, to be "
	 "mended and taken over; --template prints an empty table. Ends with 65 if a row was rejected.\n\n"
	 "A column is a place in the form, like persons.1.names.2.full or narrative.history: every place that passerelle refer --template shows may "
	 "be one. A list of codes has semicolons between. What cannot be filled takes a reason: ?NK (not known), ?NR (not relevant), ?WITHHELD, "
	 "?PENDING, ?NOT_ASKED.\n\n"
	 "passerelle import case takes a case out of a folder that export made, into another profile of the same branch: every hash, signature and receipt is "
	 "checked first. What is here already stays as it is.",
	 {"passerelle import referrals --template > referrals.csv",
	  "passerelle import referrals referrals.csv --to SN --rejected mend.csv",
	  "passerelle import case evidence"},
	 1, 2, run_import},
	{VERB_DRAFTS, "drafts", "[show ID | send ID | drop ID]", "what is kept and not yet written for good",
	 "Drafts come from tables and from other programs; they are sealed on this computer. send checks, seals and signs one and puts it into the "
	 "outbox; show prints its form, drop forgets it.",
	 {"passerelle drafts", "passerelle drafts send 019add1c-7c11-7a44-9d0e-5a1f3c2b7e90"}, 0, 2, run_drafts},
	{VERB_CODES, "codes", "[LIST]", "the codes that forms take, with their meaning",
	 "Without LIST the names of all lists.", {"passerelle codes decline_reason --language fr"}, 0, 1, run_codes},
	{VERB_FORMS, "forms", "[FORM]", "the forms that there are, with their languages and headings",
	 "Without FORM all of them; the template of one: passerelle refer --template SERVICE, passerelle report --template --form FORM. "
	 "--lang may be any language that a form has.\n\n"
	 "Forms are data. One of your own is a file FORM.json in the folder forms of your profile (or in the folder that PASSERELLE_FORMS "
	 "names); it comes before those that were installed. --check FILE tells every fault of one, by its place.",
	 {"passerelle forms", "passerelle forms HOME_STUDY --lang fr", "passerelle forms --check our-form.json"}, 0, 1, run_forms},
	{VERB_COMPLETION, "completion", "SHELL", "print the completions for bash, zsh or fish",
	 "", {"passerelle completion bash > ~/.local/share/bash-completion/completions/passerelle"}, 1, 1, run_completion},
	{VERB_HELP, "help", "[VERB]", "explain a verb", "", {"passerelle help refer"}, 0, 1, run_help},
	{VERB_REFERENCES, "__references", "", "print the references of all cases here", "", {NULL}, 0, 0, run_references},
	{VERB_MANUAL, "__manual", "[VERB]", "print a manual page as scdoc text", "", {NULL}, 0, 1, run_manual},
};

#define EVERY_VERB (~(verb_set)0)
#define WITHOUT_KEYS (ON_VERB(COMPARE) | ON_VERB(CODES) | ON_VERB(COMPLETION) | ON_VERB(HELP) | ON_VERB(MANUAL))
#define OF_CONSENT (ON_VERB(CONSENT) | ON_VERB(WITHDRAW_CONSENT))
#define OF_PERSON (ON_VERB(ITEM) | ON_VERB(STEP) | ON_VERB(FOLLOW_UP) | OF_CONSENT)
#define CASE_NOTES (OF_PERSON | ON_VERB(ANSWER_CONSENT) | ON_VERB(PARTNER))
#define DATES (ON_VERB(PROPOSE_DATE) | ON_VERB(AGREE_DATE))
#define CHILD_PAGES (ON_VERB(ASSESS) | ON_VERB(PROJECT) | ON_VERB(REVIEW))
#define PASSING_ON (ON_VERB(FORWARD) | ON_VERB(TRANSFER))
#define CORRECTING (ON_VERB(UPDATE) | ON_VERB(INVALIDATE) | ON_VERB(RECALL))
#define STEPS \
	(ON_VERB(ACK) | ON_VERB(ASK) | ON_VERB(ANSWER) | ON_VERB(ACCEPT) | ON_VERB(DECLINE) | ON_VERB(REPORT) | \
	 ON_VERB(START) | ON_VERB(HOLD) | ON_VERB(RESUME) | DATES | ON_VERB(READY) | ON_VERB(FINISH) | ON_VERB(ITEM) | ON_VERB(DOCUMENT) | ON_VERB(NOTE) | ON_VERB(EXPLAIN) | ON_VERB(TRANSLATION) | CASE_NOTES | CHILD_PAGES | ON_VERB(LIFEBOOK) | PASSING_ON | ON_VERB(WITHDRAW) | ON_VERB(CLOSE) | ON_VERB(REOPEN) | TRACING)
#define MATCHES (ON_VERB(PROPOSE_MATCH) | ON_VERB(AGREE_MATCH) | ON_VERB(DISCLOSE) | ON_VERB(CONFIRM_MATCH) | ON_VERB(REFUTE_MATCH))
#define TRACING (MATCHES | ON_VERB(TRACE_ANSWER) | ON_VERB(RENEW))
#define LISTS (ON_VERB(INBOX) | ON_VERB(OUTBOX) | ON_VERB(DUE) | ON_VERB(FOLLOW_UPS) | ON_VERB(DIRECTORY))
#define OF_TABLES (ON_VERB(PERSONS) | ON_VERB(IMPORT))
#define WRITING (STEPS | ON_VERB(REFER) | ON_VERB(TRACE) | ON_VERB(ALERT) | CORRECTING)
#define TELLS_IN_WORDS ((STEPS & ~(CHILD_PAGES | ON_VERB(REPORT) | ON_VERB(ACCEPT) | ON_VERB(DISCLOSE))) | CORRECTING)
#define TELLING_ALL (ON_VERB(AVAILABILITY) | ON_VERB(BROADCAST))

static const struct flag flags[FLAG_COUNT] = {
	{FLAG_HELP, "help", NULL, "explain this verb", EVERY_VERB, NULL},
	{FLAG_JSON, "json", NULL, "print one JSON document, and errors as JSON too", EVERY_VERB & ~ON_VERB(MANUAL), NULL},
	{FLAG_NO_COLOR, "no-color", NULL, "no colours (also: NO_COLOR set, TERM=dumb, not a terminal)", EVERY_VERB & ~ON_VERB(MANUAL), NULL},
	{FLAG_LANG, "lang", "TAG", "language of all words: en, fr or es, of forms also others (else LANGUAGE, LC_ALL, LC_MESSAGES, LANG)", EVERY_VERB & ~ON_VERB(MANUAL), "en fr es"},
	{FLAG_NO_INPUT, "no-input", NULL, "never ask; fail with 64 and say which flag is missing", EVERY_VERB & ~WITHOUT_KEYS, NULL},
	{FLAG_PROFILE, "profile", "DIR", "the profile (default: $XDG_DATA_HOME/passerelle, else ~/.local/share/passerelle)",
	 EVERY_VERB & ~WITHOUT_KEYS, "@folders"},
	{FLAG_PASSPHRASE_FD, "passphrase-fd", "N", "read the passphrase from file descriptor N", EVERY_VERB & ~WITHOUT_KEYS, NULL},
	{FLAG_PASSPHRASE_FILE, "passphrase-file", "FILE", "read the passphrase from FILE, which only you may read (mode 0600)",
	 EVERY_VERB & ~WITHOUT_KEYS, "@files"},
	{FLAG_MEMBER, "member", "CODE", "code of your branch or agency, like CH", ON_VERB(INIT), NULL},
	{FLAG_USER, "user", "NAME", "your name at the branch: small letters, digits, hyphens", ON_VERB(INIT), NULL},
	{FLAG_ROLE, "role", "ROLE", "caseworker, coordinator, supervisor, gateway, monitor or desk", ON_VERB(INIT),
	 "caseworker coordinator supervisor gateway monitor desk"},
	{FLAG_HUB, "hub", "HOST:PORT", "address of the hub", ON_VERB(INIT), NULL},
	{FLAG_TRUST, "trust", "FILE", "root certificate of the network (PEM)", ON_VERB(INIT), "@files"},
	{FLAG_CERTIFICATES, "certificates", "DIR", "install the certificates that came back", ON_VERB(INIT), "@folders"},
	{FLAG_NO_PASSPHRASE, "no-passphrase", NULL, "keep the keys without a passphrase: whoever can read the disk can use them", ON_VERB(INIT), NULL},
	{FLAG_TEMPLATE, "template", NULL, "print an empty form to fill", STEPS | ON_VERB(TRACE) | ON_VERB(ALERT) | ON_VERB(INVALIDATE) | ON_VERB(RECALL) | OF_TABLES, NULL},
	{FLAG_TEMPLATE_OF, "template", "SERVICE", "print an empty form to fill for this service", ON_VERB(REFER), "@codes service_type"},
	{FLAG_TO, "to", "CODE", "the branch to write to, like SN; of a search several with commas, or all", ON_VERB(REFER) | ON_VERB(TRACE) | ON_VERB(ALERT) | PASSING_ON | ON_VERB(IMPORT), NULL},
	{FLAG_EVEN_IF_OUT, "even-if-out", NULL, "send it to that branch though it cannot work just now, not to its deputy", ON_VERB(REFER) | ON_VERB(TRACE) | ON_VERB(ALERT), NULL},
	{FLAG_ATTACH, "attach", "FILE...", "files to attach, each at most 200 MB; the form comes before them", WRITING, "@files"},
	{FLAG_DRY_RUN, "dry-run", NULL, "check what was filled in and show what would become of it; write nothing", (WRITING & ~ON_VERB(UPDATE)) | OF_TABLES, NULL},
	{FLAG_WAIT, "wait", "TIME", "send it at once and wait so long (30s, 2m) until it is at the hub; else end with 75", WRITING | TELLING_ALL, NULL},
	{FLAG_STAY, "wait", "TIME", "stay so long (30s, 2m) for more", ON_VERB(SYNC) | ON_VERB(WATCH), NULL},
	{FLAG_QUESTION, "question", "TEXT", "a question; may stand several times", ON_VERB(ASK), NULL},
	{FLAG_TO_QUESTION, "question", "MARK", "mark of the question that --text answers, like Q1", ON_VERB(ANSWER), NULL},
	{FLAG_BLOCKING, "blocking", NULL, "you cannot go on without the answer: the clock stands still", ON_VERB(ASK), NULL},
	{FLAG_TEXT, "text", "TEXT", "in words; only the other branch can read it", (TELLS_IN_WORDS & ~ON_VERB(ASK)) | ON_VERB(DECIDE), NULL},
	{FLAG_DUE, "due", "DAY", "day by which the report is to come, like 2027-02-19", ON_VERB(ACCEPT) | DATES, NULL},
	{FLAG_REASON, "reason", "CODE", "the reason, a code", ON_VERB(DECLINE) | ON_VERB(HOLD) | ON_VERB(READY) | ON_VERB(WITHDRAW) | ON_VERB(REOPEN) | ON_VERB(ANSWER_CONSENT) | ON_VERB(FORWARD) | ON_VERB(REFUTE_MATCH) | ON_VERB(RECALL) | ON_VERB(EXPLAIN), "@codes"},
	{FLAG_WRITTEN_IN, "written-in", "LANGUAGE", "language of --text, like wo; else the one that you read in (LANGUAGE, LC_ALL, LANG)", TELLS_IN_WORDS, NULL},
	{FLAG_DONE_BY, "due", "DAY", "day by which it will be done, like 2027-02-19", ON_VERB(EXPLAIN) | ON_VERB(TRANSLATION), NULL},
	{FLAG_OF_MESSAGE, "message", "NUMBER", "number of the message in the case, as passerelle show prints it after #", ON_VERB(TRANSLATION), NULL},
	{FLAG_OF_FILE, "file", "NAME", "name of the attachment of that message; without it what is written in the message is meant", ON_VERB(TRANSLATION), NULL},
	{FLAG_FROM_LANGUAGE, "from", "LANGUAGE", "language of the original, like fr", ON_VERB(TRANSLATION), NULL},
	{FLAG_INTO, "into", "LANGUAGE", "language of the translation, like en", ON_VERB(TRANSLATION), NULL},
	{FLAG_TRANSLATION_STATUS, "status", "CODE", "how far the translation is", ON_VERB(TRANSLATION), "@codes translation_status"},
	{FLAG_TRANSLATED_HOW, "how", "CODE", "how it was translated", ON_VERB(TRANSLATION), "@codes translation_kind"},
	{FLAG_TRANSLATED_BY, "by", "NAME", "who translates", ON_VERB(TRANSLATION), NULL},
	{FLAG_INTERIM, "interim", NULL, "it is an interim report", ON_VERB(REPORT), NULL},
	{FLAG_FINAL, "final", NULL, "it is the final report", ON_VERB(REPORT), NULL},
	{FLAG_OUTCOME, "outcome", "CODE", "how the case ended, a code", ON_VERB(CLOSE), "@codes closure_outcome"},
	{FLAG_PATH, "path", "CODE", "the path, like ISS8", ON_VERB(STEP), "@codes step_profile"},
	{FLAG_STEP, "step", "NUMBER", "number of the step, 1 to 8", ON_VERB(STEP), "1 2 3 4 5 6 7 8"},
	{FLAG_STATUS, "status", "CODE", "DONE, UNDER_WAY, PLANNED or SKIPPED; of an item: passerelle codes item_status", ON_VERB(STEP) | ON_VERB(ITEM), "@codes step_status"},
	{FLAG_ITEM, "item", "NUMBER", "number of the item, as passerelle show lists them", ON_VERB(ITEM), NULL},
	{FLAG_PERSON, "person", "MARK", "pseudonym of the person, like C1", OF_PERSON | ON_VERB(CHILD), NULL},
	{FLAG_ON, "on", "DATE", "when, as far as known, like 2026-12 or 2026-12-04", OF_PERSON, NULL},
	{FLAG_COUNTRY, "country", "CODE", "country in which the step is done", ON_VERB(STEP), "@codes country"},
	{FLAG_STANDARD, "standard", "CODE", "was the standard of the step met: YES, PARTLY or NO", ON_VERB(STEP), "@codes standard_met"},
	{FLAG_PURPOSE, "purpose", "CODE", "what the consent is for", OF_CONSENT, "@codes consent_purpose"},
	{FLAG_HOW, "how", "CODE", "how the consent was given or taken back", OF_CONSENT, "@codes consent_form"},
	{FLAG_BASIS, "basis", "CODE", "the legal basis", ON_VERB(ANSWER_CONSENT) | ON_VERB(PARTNER), "@codes legal_basis"},
	{FLAG_MONTHS, "months", "NUMBER", "months after the closure", ON_VERB(FOLLOW_UP), "3 6 12 24"},
	{FLAG_WELLBEING, "wellbeing", "CODE", "how the person fares", ON_VERB(FOLLOW_UP), "@codes wellbeing"},
	{FLAG_IN_FAMILY, "in-family", "YES|NO", "is the person still in the family?", ON_VERB(FOLLOW_UP), "YES NO"},
	{FLAG_AGENCY, "agency", "CODE", "code of the agency, like UNICEF-SN", ON_VERB(PARTNER), NULL},
	{FLAG_FOR, "for", "CODE", "why the agency may ask", ON_VERB(PARTNER), "@codes party_purpose"},
	{FLAG_UNTIL, "until", "DAY", "last day on which it may ask; without it: until the case is closed", ON_VERB(PARTNER), NULL},
	{FLAG_END, "end", NULL, "from today on it may not ask any more", ON_VERB(PARTNER), NULL},
	{FLAG_SHARE, "share", "ENTRY", "send an entry that was kept here, by its id; or give one again that was taken back, by its number", ON_VERB(LIFEBOOK), NULL},
	{FLAG_TAKE_BACK, "take-back", "NUMBER", "hide an entry that was sent, by its number in the case", ON_VERB(LIFEBOOK), NULL},
	{FLAG_YES, "yes", NULL, "do not ask whether you are sure", ON_VERB(CLOSE), NULL},
	{FLAG_UNREAD, "unread", NULL, "only what nobody has opened here", ON_VERB(INBOX), NULL},
	{FLAG_ALL, "all", NULL, "all of them, not the newest 200 alone", ON_VERB(INBOX), NULL},
	{FLAG_ALL_VERSIONS, "all-versions", NULL, "also what was replaced or declared void, each in its place", ON_VERB(SHOW), NULL},
	{FLAG_MINE, "mine", NULL, "only what is awaited from your branch", ON_VERB(DUE) | ON_VERB(FOLLOW_UPS), NULL},
	{FLAG_STATE, "state", "STATE", "only messages in this state", ON_VERB(OUTBOX), "queued at_hub delivered opened returned taken_back recalled"},
	{FLAG_EXIT_STATUS, "exit-status", NULL, "end with 1 if there is nothing", ON_VERB(INBOX) | ON_VERB(OUTBOX) | ON_VERB(DUE) | ON_VERB(STATUS), NULL},
	{FLAG_OUTPUT, "output", "FILE", "where to write; an existing file is not overwritten", ON_VERB(ATTACHMENT) | ON_VERB(PRINT), "@files"},
	{FLAG_OUTPUT_FOLDER, "output", "DIR", "the folder to make; it must not be there yet", ON_VERB(EXPORT), "@folders"},
	{FLAG_CONTENT, "content", NULL, "with the opened content: what is written then names people", ON_VERB(EXPORT) | ON_VERB(PRINT), NULL},
	{FLAG_ONCE, "once", NULL, "end after the first event", ON_VERB(WATCH), NULL},
	{FLAG_CSV, "csv", NULL, "as comma-separated values, all rows", ON_VERB(FLOW) | ON_VERB(STATISTICS), NULL},
	{FLAG_FROM_MONTH, "from", "MONTH", "what was done from this month on, like 2026-01", ON_VERB(FLOW), NULL},
	{FLAG_TO_MONTH, "to", "MONTH", "and up to this month", ON_VERB(FLOW), NULL},
	{FLAG_PLOT, "plot", "FILE", "draw it as a picture (SVG) into FILE, which must not be there yet", ON_VERB(FLOW), "@files"},
	{FLAG_SERVES, "country", "CODE", "only branches that serve this country", ON_VERB(DIRECTORY), "@codes country"},
	{FLAG_OFFERS, "service", "CODE", "only branches that offer this service", ON_VERB(DIRECTORY), "@codes service_type"},
	{FLAG_SPEAKS, "speaks", "TAG", "only branches that work in this language", ON_VERB(DIRECTORY), NULL},
	{FLAG_LANGUAGE, "language", "TAG", "language of the labels: en, fr, es, de", ON_VERB(CODES), "en fr es de"},
	{FLAG_REJECTED, "rejected", "FILE", "write the rejected rows with their faults into FILE, which must not be there yet", OF_TABLES, "@files"},
	{FLAG_AVAILABILITY, "status", "CODE", "DISRUPTED, SUSPENDED, REDUCED, BACK or NORMAL", ON_VERB(AVAILABILITY), "DISRUPTED SUSPENDED REDUCED BACK NORMAL"},
	{FLAG_CAUSE, "cause", "CODE", "why, a code; needed with DISRUPTED and SUSPENDED", ON_VERB(AVAILABILITY), "@codes availability_cause"},
	{FLAG_EXPECTED, "until", "DAY", "day until which it is expected to last, like 2026-12-10", ON_VERB(AVAILABILITY), NULL},
	{FLAG_DEPUTY, "deputy", "CODE", "the branch that takes new cases meanwhile, like NZ", ON_VERB(AVAILABILITY), NULL},
	{FLAG_NOTICE, "text", "FILE", "the text, - for standard input", ON_VERB(BROADCAST), "@files"},
	{FLAG_NOTICE_LANGUAGE, "language", "TAG", "language of the text, like en", ON_VERB(BROADCAST), "en fr es"},
	{FLAG_CASES, "cases", NULL, "also the persons of your cases", ON_VERB(PERSONS), NULL},
	{FLAG_PFIF, "pfif", "FILE", "take persons over from a PFIF 1.4 file, or write those who agreed to it into one", ON_VERB(PERSONS), "@files"},
	{FLAG_REDACT, "redact", NULL, "without names, texts and attachments; this is so unless --content is given", ON_VERB(EXPORT), NULL},
	{FLAG_FHIR, "fhir", "FILE", "write where the case stands as HL7 FHIR R4 into FILE: no person, no text", ON_VERB(EXPORT), "@files"},
	{FLAG_CSV_FILE, "csv", "FILE", "write the list as comma-separated values into FILE, which must not be there yet", LISTS, "@files"},
	{FLAG_XLSX, "xlsx", "FILE", "write the list as a workbook into FILE, which must not be there yet", LISTS | ON_VERB(FLOW), "@files"},
	{FLAG_ICS, "ics", "FILE", "write the days as a calendar, without names, into FILE, which must not be there yet", ON_VERB(DUE), "@files"},
	{FLAG_FORM, "form", "FORM", "the template of this form; else of the one that serves the service", ON_VERB(REFER) | ON_VERB(TRACE) | ON_VERB(REPORT), NULL},
	{FLAG_CHECK, "check", "FILE", "is the definition of a form in FILE right?", ON_VERB(FORMS), "@files"},
	{FLAG_APPROVE_BY, "approve-by", "DIR", "profile of a second person of your branch, who has read it and approves", ON_VERB(TRACE) | ON_VERB(PROPOSE_MATCH) | ON_VERB(AGREE_MATCH), "@folders"},
	{FLAG_APPROVE_PASSPHRASE_FILE, "approve-passphrase-file", "FILE", "read the second person's passphrase from FILE instead of asking", ON_VERB(TRACE) | ON_VERB(PROPOSE_MATCH) | ON_VERB(AGREE_MATCH), "@files"},
	{FLAG_SOUGHT, "sought", "MARK", "pseudonym of the person looked for, like S1", MATCHES, NULL},
	{FLAG_DECISION, "decision", "CODE", "REFUTED, PLAUSIBLE, WITHHELD or SHIELDED", ON_VERB(DECIDE), "REFUTED PLAUSIBLE WITHHELD SHIELDED"},
	{FLAG_ANSWER, "answer", "CODE", "the answer, a code", ON_VERB(TRACE_ANSWER), "@codes trace_answer"},
	{FLAG_YEAR, "year", "YEAR", "the year that is reported, like 2026", ON_VERB(REPORT), NULL},
	{FLAG_REGION, "region", "CODE", "only branches of this region or sub-region, like africa", ON_VERB(REPORT), "@codes region"},
	{FLAG_OUTPUT_NAME, "output", "NAME", "where the report of a year goes: NAME-en.html, NAME-en.pdf; existing files are not overwritten", ON_VERB(REPORT), "@files"},
	{FLAG_BOOK, "book", "FILE", "write the Lifebook as a book into FILE (.pdf or .html), which must not be there yet", ON_VERB(LIFEBOOK), "@files"},
	{FLAG_OWN, "own", NULL, "the book for the child alone: also what it keeps for itself", ON_VERB(LIFEBOOK), NULL},
	{FLAG_BOOK_OF, "person", "MARK", "whose book, where several children of the case have one, like C1", ON_VERB(LIFEBOOK), NULL},
	{FLAG_COUNTED_YEAR, "year", "YEAR", "the year in which the cases began, like 2026; without it: this one", ON_VERB(STATISTICS), NULL},
	{FLAG_OWN_RECORDS, "mine", NULL, "what your branch would tell now, person by person", ON_VERB(STATISTICS), NULL},
	{FLAG_SEND, "send", NULL, "tell it now; the next sync takes it along", ON_VERB(STATISTICS), NULL},
	{FLAG_BY, "by", "WHAT", "one table: a row for each member, country, region, pair, service or urgency", ON_VERB(FLOW), "member country region pair service urgency"},
};

const struct verb *verb_at(enum verb_id id)
{
	return &verbs[id];
}

const struct flag *flag_at(enum flag_id id)
{
	return &flags[id];
}

const struct verb *verb_named(const char *name)
{
	for (size_t i = 0; i < VERB_COUNT; i++) {
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	}
	return NULL;
}

bool verb_takes(const struct verb *verb, const struct flag *flag)
{
	return (flag->verbs >> verb->id & 1) != 0;
}

bool verb_hidden(const struct verb *verb)
{
	return verb->name[0] == '_';
}

// Letters that both begin or end with: enough for a slip of the finger.
static size_t likeness(const char *a, const char *b)
{
	size_t front = 0, back = 0, la = strlen(a), lb = strlen(b), least = la < lb ? la : lb;
	while (front < least && a[front] == b[front])
		front++;
	while (back < least - front && a[la - 1 - back] == b[lb - 1 - back])
		back++;
	return front + back;
}

const struct verb *verb_nearest(const char *wrong)
{
	const struct verb *nearest = NULL;
	size_t best = 1;
	for (size_t i = 0; i < VERB_COUNT; i++) {
		size_t alike = likeness(verbs[i].name, wrong);
		if (!verb_hidden(&verbs[i]) && alike > best && alike * 2 >= strlen(verbs[i].name)) {
			best = alike;
			nearest = &verbs[i];
		}
	}
	return nearest;
}
