// SPDX-License-Identifier: Apache-2.0
#include "form/rules.h"

#include "passerelle/v1/body.pb-c.h"

#include <string.h>

static const struct field_rule fields[] = {
#define FIELD(message, field, class, need, kind, list, max, help, sample) \
	{#message, #field, class, NEED_##need, TAKES_##kind, list, max, help, sample},
#include "form/fields.def"
#undef FIELD
};

static const struct verb_rule verbs[] = {
	{"refer", KIND_REFERRAL, "referral", "opens a case: who asks, about whom, what, and why"},
	{"ack", KIND_ACK, "acknowledge", "says that a person has seen the referral"},
	{"ask", KIND_INFO_REQUEST, "info_request", "asks the other branch"},
	{"answer", KIND_INFO_REPLY, "info_reply", "answers the questions of the other branch"},
	{"accept", KIND_ACCEPT, "accept", "takes the case, with a date"},
	{"decline", KIND_DECLINE, "decline", "does not take the case, with a reason"},
	{"report", KIND_REPORT, "report", "gives an interim or the final report"},
	{"propose-date", KIND_DATE_PROPOSE, "date_proposal", "proposes another day for the report, or counters one"},
	{"agree-date", KIND_DATE_AGREE, "date_agreement", "agrees to the day on the table, or leaves the one that holds"},
	{"ready", KIND_REPORT_READY, "report_ready", "says that the report is ready, and why it is held back"},
	{"item", KIND_ITEM, "item", "tells how far an item of the request is, for which persons"},
	{"finish", KIND_LOCAL_CLOSE, "local_close", "says that your branch has done all it has to do in the case"},
	{"start", KIND_START, "start", "says that the work has begun"},
	{"hold", KIND_HOLD, "hold", "puts the case on hold, with a reason: the clock stands"},
	{"resume", KIND_RESUME, "resume", "goes on with a case that was on hold"},
	{"document", KIND_DOCUMENT, "document", "sends papers of the case"},
	{"step", KIND_STEP, "step", "notes a step of a person's path across the two countries"},
	{"consent", KIND_CONSENT_GIVEN, "consent_given", "tells that a person has given consent"},
	{"withdraw-consent", KIND_CONSENT_WITHDRAWN, "consent_withdrawn", "tells that a person has withdrawn consent: the other branch must answer within 72 hours"},
	{"answer-consent", KIND_CONSENT_ANSWER, "consent_answer", "answers a withdrawal of consent: the work was stopped, or goes on upon a legal basis"},
	{"follow-up", KIND_FOLLOW_UP, "follow_up", "tells how a person fares, months after the case was closed"},
	{"partner", KIND_PARTY, "party", "lets a partner agency ask where the case stands, or ends that"},
	{"alert", KIND_ALERT, "alert", "warns of a danger to a child and opens a case of the highest urgency"},
	{"explain", KIND_REMINDER_REPLY, "reminder_reply", "tells why something is late, and when it will be done"},
	{"translation", KIND_TRANSLATION, "translation", "asks for a translation of a message or a paper of the case, or gives it"},
	{"note", KIND_STATUS_NOTE, "status_note", "tells how things stand"},
	{"forward", KIND_FORWARD, "forward", "passes the case on to the branch to which it belongs"},
	{"transfer", KIND_TRANSFER, "transfer", "proposes, or agrees, that another branch goes on with the case"},
	{"invalidate", KIND_INVALIDATE, "invalidate", "declares a message void that you sent: it does not count any more"},
	{"recall", KIND_RECALL, "recall", "takes a message back that nobody at the other branch has been handed"},
	{"withdraw", KIND_WITHDRAW, "withdraw", "takes the request back"},
	{"trace", KIND_TRACE_REQUEST, "trace_request", "looks for a person: who looks for whom, and what is known"},
	{"trace-answer", KIND_TRACE_ANSWER, "trace_answer", "answers a search before its review days: what else is needed, or that it is not yours"},
	{"propose-match", KIND_MATCH_PROPOSED, "match_proposed", "says that a possible match exists, once who was found consents"},
	{"agree-match", KIND_MATCH_REVIEW, "match_review", "consents for who looks: the person found may be disclosed"},
	{"disclose", KIND_MATCH_DISCLOSE, "match_disclose", "tells who was found, as far as that person wants it told"},
	{"confirm-match", KIND_MATCH_CONFIRM, "match_confirm", "confirms that it is the person looked for"},
	{"refute-match", KIND_MATCH_REFUTE, "match_refute", "says that it is another person, or that a consent was taken back"},
	{"renew", KIND_TRACE_RENEW, "trace_renew", "renews a search for twelve months"},
	{"close", KIND_CLOSE, "close", "ends the case, with its outcome"},
	{"reopen", KIND_REOPEN, "reopen", "takes a case up again that had ended"},
	{"assess", KIND_CHILD_FILE, "child_file", "puts an assessment of a person into the child's file"},
	{"project", KIND_CHILD_FILE, "child_file", "puts the individual project of a person, with its goals, into the child's file"},
	{"review", KIND_CHILD_FILE, "child_file", "tells what has come of the goals of a person's project"},
	{"lifebook", KIND_CHILD_FILE, "child_file", "writes an entry into the Lifebook of a child, in the child's own words"},
	{"lifebook-choice", KIND_CHILD_FILE, "child_file", "tells that the child takes an entry of its Lifebook back, or gives it again"},
};

// Verbs whose form is one part of the content alone.
static const struct {
	const char *verb, *part;
} parts[] = {
	{"assess", "assessment"},
	{"project", "project"},
	{"review", "review"},
	{"lifebook", "lifebook"},
	{"lifebook-choice", "choice"},
};

enum { COUNT_FIELDS = sizeof(fields) / sizeof(fields[0]), COUNT_VERBS = sizeof(verbs) / sizeof(verbs[0]) };

#define ON(kind) (UINT64_C(1) << KIND_##kind)
#define EVERY_KIND (~UINT64_C(0))
#define IN_HEADER(member) offsetof(struct header, member)

static const struct route_rule routes[] = {
	{ON(REFERRAL) | ON(TRACE_REQUEST), {"Form", "service", 'R', NEED_MUST, TAKES_CODE, "service_type", 40, "the service asked for", ""}, IN_HEADER(service)},
	{ON(REFERRAL) | ON(TRACE_REQUEST), {"Form", "urgency", 'R', NEED_MUST, TAKES_CODE, "urgency", 40, "how soon", "STANDARD"}, IN_HEADER(urgency)},
	{ON(REFERRAL) | ON(TRACE_REQUEST) | ON(ALERT) | ON(PARTY), {"Form", "legal_basis", 'R', NEED_MUST, TAKES_CODE, "legal_basis", 40, "on what legal ground you ask", ""}, IN_HEADER(legal_basis)},
	{ON(REFERRAL) | ON(TRACE_REQUEST) | ON(ALERT), {"Form", "requester_kind", 'R', NEED_MUST, TAKES_CODE, "requester_kind", 40, "who asked your branch", "COURT"}, IN_HEADER(requester_kind)},
	{ON(REFERRAL), {"Form", "due", 'R', NEED_MAY, TAKES_DAY, NULL, 10, "court date, if there is one", "2027-03-01"}, IN_HEADER(due)},
	{ON(ACCEPT), {"Form", "due", 'R', NEED_MUST, TAKES_DAY, NULL, 10, "day by which you will report", "2027-03-01"}, IN_HEADER(due)},
	{ON(DATE_PROPOSE), {"Form", "due", 'R', NEED_MUST, TAKES_DAY, NULL, 10, "the day by which the report is to come", "2027-03-01"}, IN_HEADER(due)},
	{ON(DATE_AGREE), {"Form", "due", 'R', NEED_MAY, TAKES_DAY, NULL, 10, "the day that was proposed (as a rule), or the one that holds", ""}, IN_HEADER(due)},
	{ON(REPORT_READY), {"Form", "reason", 'R', NEED_MUST, TAKES_CODE, "hold_reason", 40, "why the report is held back", "AWAIT_FEE"}, IN_HEADER(reason)},
	{ON(FORWARD), {"Form", "reason", 'R', NEED_MUST, TAKES_CODE, "decline_reason", 40, "why the case is not yours", "WRONG_ADDRESSEE"}, IN_HEADER(reason)},
	{ON(DECLINE), {"Form", "reason", 'R', NEED_MUST, TAKES_CODE, "decline_reason", 40, "why the case is not taken", ""}, IN_HEADER(reason)},
	{ON(WITHDRAW), {"Form", "reason", 'R', NEED_MUST, TAKES_CODE, "withdraw_reason", 40, "why the request is taken back", ""}, IN_HEADER(reason)},
	{ON(RECALL), {"Form", "reason", 'R', NEED_MAY, TAKES_CODE, "withdraw_reason", 40, "only for the message that opened the case: why that is withdrawn", "SENT_IN_ERROR"}, IN_HEADER(reason)},
	{ON(HOLD), {"Form", "reason", 'R', NEED_MUST, TAKES_CODE, "hold_reason", 40, "why the case has to wait", ""}, IN_HEADER(reason)},
	{ON(CONSENT_ANSWER), {"Form", "reason", 'R', NEED_MUST, TAKES_CODE, "consent_answer", 40, "stopped, or on what ground it goes on", "STOPPED"}, IN_HEADER(reason)},
	{ON(REOPEN), {"Form", "reason", 'R', NEED_MUST, TAKES_CODE, "reopen_reason", 40, "why the case is taken up again", ""}, IN_HEADER(reason)},
	{ON(INFO_REQUEST), {"Form", "blocking", 'R', NEED_MAY, TAKES_FLAG, NULL, 0, "true: you cannot go on without the answer, the clock stands still", ""}, SIZE_MAX},
	{ON(REPORT), {"Form", "stage", 'R', NEED_MUST, TAKES_STAGE, NULL, 10, "INTERIM or FINAL", "FINAL"}, SIZE_MAX},
	{ON(REFERRAL) | ON(TRACE_REQUEST) | ON(ALERT) | ON(REPORT), {"Form", "languages", 'R', NEED_MUST, TAKES_LANGUAGE, NULL, 35, "languages in which this form is written", "fr"}, SIZE_MAX},
	{EVERY_KIND & ~(ON(REFERRAL) | ON(TRACE_REQUEST) | ON(ALERT) | ON(REPORT)), {"Form", "languages", 'R', NEED_MAY, TAKES_LANGUAGE, NULL, 35, "languages in which this form is written", "fr"}, SIZE_MAX},
	{ON(PARTY), {"Form", "partners", 'R', NEED_MUST, TAKES_PART, NULL, 0, "agencies that may ask where the case stands; with an `until` that has passed: no longer", ""}, SIZE_MAX},
	{ON(REFERRAL), {"Form", "partners", 'R', NEED_MAY, TAKES_PART, NULL, 0, "agencies that may ask where the case stands, and nothing else", ""}, SIZE_MAX},
};

static const struct field_rule partner_fields[] = {
	{"Partner", "agency", 'R', NEED_MUST, TAKES_AGENCY, NULL, 16, "code of the agency", "UNICEF-SN"},
	{"Partner", "purpose", 'R', NEED_MUST, TAKES_CODE, "party_purpose", 40, "why it may ask", ""},
	{"Partner", "until", 'R', NEED_MAY, TAKES_DAY, NULL, 10, "last day on which it may ask; empty: until the case is closed", ""},
};

const struct field_rule *rule_find(const char *message, const char *field)
{
	for (size_t i = 0; i < COUNT_FIELDS; i++) {
		if (strcmp(fields[i].message, message) == 0 && strcmp(fields[i].field, field) == 0)
			return &fields[i];
	}
	return NULL;
}

const struct field_rule *rule_at(size_t index)
{
	return index < COUNT_FIELDS ? &fields[index] : NULL;
}

const struct verb_rule *verb_find(const char *verb)
{
	for (size_t i = 0; i < COUNT_VERBS; i++) {
		if (strcmp(verbs[i].verb, verb) == 0)
			return &verbs[i];
	}
	return NULL;
}

const struct verb_rule *verb_at(size_t index)
{
	return index < COUNT_VERBS ? &verbs[index] : NULL;
}

const struct verb_rule *verb_of_kind(enum message_kind kind)
{
	for (size_t i = 0; i < COUNT_VERBS; i++) {
		if (verbs[i].kind == kind)
			return &verbs[i];
	}
	return NULL;
}

const ProtobufCFieldDescriptor *verb_content(const struct verb_rule *verb)
{
	return protobuf_c_message_descriptor_get_field_by_name(&passerelle__v1__body__descriptor, verb->content);
}

const ProtobufCFieldDescriptor *verb_part(const struct verb_rule *verb)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (strcmp(parts[i].verb, verb->verb) == 0)
			return protobuf_c_message_descriptor_get_field_by_name(verb_content(verb)->descriptor, parts[i].part);
	}
	return NULL;
}

const ProtobufCMessageDescriptor *verb_form(const struct verb_rule *verb)
{
	const ProtobufCFieldDescriptor *part = verb_part(verb);
	return part != NULL ? part->descriptor : verb_content(verb)->descriptor;
}

const struct route_rule *route_at(size_t index)
{
	return index < sizeof(routes) / sizeof(routes[0]) ? &routes[index] : NULL;
}

const struct route_rule *route_find(const struct verb_rule *verb, const char *key)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
		if ((routes[i].kinds >> verb->kind & 1) && strcmp(routes[i].rule.field, key) == 0)
			return &routes[i];
	}
	return NULL;
}

const struct field_rule *partner_rule_at(size_t index)
{
	return index < sizeof(partner_fields) / sizeof(partner_fields[0]) ? &partner_fields[index] : NULL;
}

// Of the headings of a home study (casework page, 5.6b) those that no report on a
// child can do without; the completeness of a report is counted over them.
const char *const *report_headings(void)
{
	static const char *const headings[] = {
		"IDENTITY_ELIGIBILITY", "FAMILY_HISTORY", "HOUSEHOLD_HOUSING", "HEALTH", "SUPPORT_NETWORK", "CHILD_VIEWS",
		"RISKS", "RECOMMENDATION", NULL,
	};
	return headings;
}

bool service_uses(const char *service, const char *part)
{
	static const char *const tracing[] = {"FAMILY_TRACING", "ORIGINS_SEARCH", "DOCUMENT_SEARCH"};
	if (strcmp(part, "tracing") != 0)
		return true;
	for (size_t i = 0; i < sizeof(tracing) / sizeof(tracing[0]); i++) {
		if (strcmp(service, tracing[i]) == 0)
			return true;
	}
	return false;
}
