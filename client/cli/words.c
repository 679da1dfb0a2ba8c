// SPDX-License-Identifier: Apache-2.0
#include "cli/words.h"

#include "cli/language.h"
#include "cli/memory.h"
#include "cli/out.h"

#include <inttypes.h>
#include <passerelle/passerelle.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *kind, *noun, *happened;
} kinds[] = {
	{"REFERRAL", "referral", "sent the referral"},        {"ACK", "acknowledgement", "has seen the referral"},
	{"ACCEPT", "acceptance", "accepted the case"},        {"DECLINE", "refusal", "declined the case"},
	{"INFO_REQUEST", "question", "asked a question"},     {"INFO_REPLY", "answer", "answered"},
	{"REPORT", "report", "sent a report"},                {"STATUS_NOTE", "note", "wrote a note"},
	{"WITHDRAW", "withdrawal", "took the request back"},  {"CLOSE", "closure", "closed the case"},
	{"REOPEN", "reopening", "opened the case again"},     {"START", "start of work", "began the work"},
	{"HOLD", "pause", "put the case on hold"},            {"RESUME", "resumption", "goes on with the case"},
	{"FORWARD", "forwarding", "sent the case on"},        {"TRANSFER", "transfer", "transferred the case"},
	{"DOCUMENT", "document", "sent a document"},          {"RECEIPT", "receipt", "sent a receipt"},
	{"STEP", "step", "noted a step"},                     {"CONSENT_GIVEN", "consent", "tells of a consent"},
	{"CONSENT_WITHDRAWN", "withdrawal of consent", "tells that a consent was withdrawn"},
	{"CONSENT_ANSWER", "answer on consent", "answered the withdrawal of consent"},
	{"FOLLOW_UP", "follow-up", "tells how a person fares"}, {"PARTY", "change of partners", "changed the partner agencies"},
	{"UPDATE", "new version", "sent a new version of a message"}, {"INVALIDATE", "declaration of invalidity", "declared a message void"},
	{"DATE_PROPOSE", "proposal of a day", "proposed a day for the report"}, {"DATE_AGREE", "agreement on a day", "agreed on the day of the report"},
	{"REPORT_READY", "report held back", "has the report ready, and holds it back"}, {"LOCAL_CLOSE", "end of work", "has done all it has to do"},
	{"STATUS_ASKED", "question of a partner agency", "answered a partner agency that asked for the state"},
	{"ITEM", "state of an item", "told how far an item is"},
	{"RECALL", "recall", "took a message back"},
	{"ALERT", "alert", "warns: a child is in danger"},
	{"REMINDER_REPLY", "explanation of a delay", "tells why it is late"}, {"TRANSLATION", "translation", "writes about a translation"},
	{"REMINDER", "reminder", "reminds"},                  {"ESCALATION", "second reminder", "reminds for the second time"},
	{"MEMBER_OUT", "stop of the clock", "tells that a branch cannot work: the clock stands"},
	{"MEMBER_BACK", "end of the stop", "tells that the branch works again: the clock goes on"},
	{"CHILD_FILE", "page of a child's file", "added a page to a child's file"},
	{"TRACE_REQUEST", "tracing request", "looks for a person"}, {"TRACE_ANSWER", "answer to a search", "answered the search"},
	{"MATCH_PROPOSED", "possible match", "tells that a possible match exists"}, {"MATCH_REVIEW", "consent to a match", "consents to the match"},
	{"MATCH_DISCLOSE", "disclosure", "tells who was found"}, {"MATCH_CONFIRM", "confirmation of a match", "confirms that it is the person"},
	{"MATCH_REFUTE", "refutation of a match", "takes the match back"}, {"TRACE_RENEW", "renewal of a search", "renews the search"},
	{"AVAILABILITY", "availability", "tells how far it can work"},
	{"BROADCAST", "word to all", "writes to all branches"},
	{"STATISTICS", "statistics", "sent statistics"},
	{"SILENCE", "closure by silence", "closed the case, because nobody did in 60 days"},
};

const char *words_kind(const char *kind)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].kind, kind) == 0)
			return _(kinds[i].noun);
	}
	return _("message of a newer version");
}

const char *words_happened(const json_t *item)
{
	const char *kind = key_text(item, "kind"), *report = key_text(item, "report");
	if (strcmp(report, "FINAL") == 0)
		return _("sent the final report");
	if (strcmp(report, "INTERIM") == 0)
		return _("sent an interim report");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].kind, kind) == 0)
			return _(kinds[i].happened);
	}
	return _("sent a message that this version does not know: update the program");
}

const char *words_standing(const char *standing)
{
	static const char *const standings[][2] = {
		{"OVERDUE", "overdue"}, {"DUE_SOON", "due soon"}, {"DUE", "due"}, {"PAUSED", "paused"}, {"NONE", "no deadline"},
	};
	for (size_t i = 0; i < sizeof(standings) / sizeof(standings[0]); i++) {
		if (strcmp(standings[i][0], standing) == 0)
			return _(standings[i][1]);
	}
	return standing;
}

// When it said so itself: when the hub took it, or when it was written.
static const char *begun(const json_t *outage)
{
	const char *since = key_text(outage, "since"), *accepted = key_text(outage, "accepted_at");
	return since[0] != '\0' ? since : accepted[0] != '\0' ? accepted : key_text(outage, "queued_at");
}

// The branch stands under "member" where a clock or the branch itself tells of it, under "code" in the directory.
char *words_outage(const json_t *outage)
{
	static const char *const states[][2] = {
		{"", "cannot work"}, {"DISRUPTED", "cannot work"}, {"SUSPENDED", "has suspended its work"}, {"REDUCED", "works with less staff or time"},
	};
	const char *status = key_text(outage, "availability"), *member = key_text(outage, "member");
	const char *cause = key_text(outage, "cause"), *until = key_text(outage, "until"), *deputy = key_text(outage, "deputy");
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (strcmp(states[i][0], status) == 0)
			return memory_format(_("%s %s since %.10s%s%s%s%s%s%s"), member[0] != '\0' ? member : key_text(outage, "code"),
			                     _(states[i][1]), begun(outage), cause[0] != '\0' ? ": " : "", cause,
			                     until[0] != '\0' ? _(", expected until ") : "", until,
			                     deputy[0] != '\0' ? _(", deputy: ") : "", deputy);
	}
	return memory_copy("");
}

char *words_told(const json_t *item)
{
	const char *notice = key_text(item, "notice"), *language = key_text(item, "language");
	const char *status = key_text(item, "availability");
	if (notice[0] != '\0')
		return memory_format("[%s] %s", language, notice);
	if (strcmp(status, "NORMAL") == 0 || strcmp(status, "BACK") == 0)
		return memory_format(_("%s works as usual"), key_text(item, "member"));
	return status[0] != '\0' ? words_outage(item) : memory_copy("");
}

const char *words_receivers(const json_t *item)
{
	const char *to = key_text(item, "to");
	return strcmp(to, "*") == 0 ? _("all branches") : to;
}

char *words_turn_to(const json_t *item, const json_t *outage)
{
	static const char *const reasons[][2] = {{"DISASTER", "DISASTER"}, {"CONFLICT", "SECURITY"}};
	const char *deputy = key_text(item, "may_turn_to"), *cause = key_text(outage, "cause"), *reason = "CAPACITY";
	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		reason = strcmp(reasons[i][0], cause) == 0 ? reasons[i][1] : reason;
	return deputy[0] == '\0'
	         ? memory_copy("")
	         : memory_format("passerelle forward %s --to %s --reason %s", key_text(item, "reference"), deputy, reason);
}

const char *words_outbox_state(const char *state)
{
	static const char *const states[][2] = {
		{"draft", "draft"}, {"queued", "waits here"}, {"at_hub", "at the hub"}, {"delivered", "delivered"}, {"opened", "opened"},
		{"returned", "returned"}, {"taken_back", "taken back, never sent"}, {"recalled", "recalled before it was delivered"},
	};
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		if (strcmp(states[i][0], state) == 0)
			return _(states[i][1]);
	}
	return state;
}

const char *words_code(const char *key, const char *code)
{
	const char *label = psr_label(key, code, language_tag());
	return label != NULL ? label : code;
}

struct moment words_moment(const char *rfc3339)
{
	struct moment moment = {""};
	if (strlen(rfc3339) < 16)
		return moment;
	memcpy(moment.text, rfc3339, 16);
	moment.text[10] = ' ';
	moment.text[16] = '\0';
	return moment;
}

struct span words_span(const char *milliseconds)
{
	static const struct {
		uint64_t ms;
		const char *one, *many;
	} units[] = {
		{86400000, NP_("day", "days")},
		{3600000, NP_("hour", "hours")},
		{60000, NP_("minute", "minutes")},
		{1000, NP_("second", "seconds")},
	};
	struct span span;
	snprintf(span.text, sizeof(span.text), "%s", _("0 seconds"));
	uint64_t total = strtoull(milliseconds, NULL, 10);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		uint64_t count = total / units[i].ms;
		if (count == 0)
			continue;
		snprintf(span.text, sizeof(span.text), "%" PRIu64 " %s", count,
		         language_number(units[i].one, units[i].many, count));
		break;
	}
	return span;
}
