// SPDX-License-Identifier: Apache-2.0
#include "wire/codec_header_rules.h"

#include <string.h>

#define FIELD_MAP(X) \
	X(CASE_ID, "case_id", !id_is_zero(&header->case_id)) \
	X(SEEN, "seen_case_seq", header->seen_case_seq > 0) \
	X(PREVIOUS, "previous", header->has_previous) \
	X(SERVICE, "service", header->service[0] != '\0') \
	X(URGENCY, "urgency", header->urgency[0] != '\0') \
	X(LEGAL_BASIS, "legal_basis", header->legal_basis[0] != '\0') \
	X(REQUESTER_KIND, "requester_kind", header->requester_kind[0] != '\0') \
	X(REASON, "reason", header->reason[0] != '\0') \
	X(REPORT, "report", header->report != REPORT_NONE) \
	X(DUE, "due", header->due[0] != '\0') \
	X(BLOCKING, "blocking", header->blocking) \
	X(OBJECT, "object", header->object_count > 0) \
	X(KEYS, "recipient_key", header->recipient_key_count > 0) \
	X(PARTY, "party", header->party_count > 0) \
	X(RECEIPT, "receipt", header->receipt_count > 0) \
	X(GRANT, "grant", header->grant_count > 0) \
	X(REFERENCE, "reference", header->reference[0] != '\0') \
	X(REFERS, "refers_to", !id_is_zero(&header->refers_to)) \
	X(VERSION, "version_of_content", header->version_of_content > 0) \
	X(DEPUTY, "deputy", header->deputy[0] != '\0') \
	X(ASKED, "asked", header->asked > 0) \
	X(AVAILABILITY, "availability", header->availability.status[0] != '\0') \
	X(NOTICE, "notice", header->notice != NULL && header->notice[0] != '\0') \
	X(CALENDAR, "calendar", header->calendar != NULL && header->calendar[0] != '\0')

enum field_number {
#define X(name, text, present) FIELD_##name,
	FIELD_MAP(X)
#undef X
	FIELD_COUNT
};

enum field_bit {
#define X(name, text, present) HAS_##name = 1 << FIELD_##name,
	FIELD_MAP(X)
#undef X
};

static const char *const field_names[FIELD_COUNT] = {
#define X(name, text, present) [FIELD_##name] = text,
	FIELD_MAP(X)
#undef X
};

static unsigned fields_present(const struct header *header)
{
	unsigned present = 0;
#define X(name, text, is_there) present |= (is_there) ? (unsigned)HAS_##name : 0U;
	FIELD_MAP(X)
#undef X
	return present;
}

struct kind_rule {
	unsigned needs;
	unsigned may; // besides
};

// Any message of a case may carry content and say what its author had seen.
#define OF_CASE (HAS_SEEN | HAS_PREVIOUS | HAS_OBJECT | HAS_KEYS)
#define CONTENT (HAS_OBJECT | HAS_KEYS)
#define ROUTE (HAS_SERVICE | HAS_URGENCY | HAS_LEGAL_BASIS | HAS_REQUESTER_KIND)

static const struct kind_rule kind_rules[KIND_COUNT] = {
	[KIND_REFERRAL] = {HAS_CASE_ID | ROUTE | CONTENT, HAS_DUE | HAS_PARTY},
	[KIND_ACK] = {HAS_CASE_ID, OF_CASE},
	[KIND_ACCEPT] = {HAS_CASE_ID | HAS_DUE, OF_CASE},
	[KIND_DECLINE] = {HAS_CASE_ID | HAS_REASON, OF_CASE},
	[KIND_INFO_REQUEST] = {HAS_CASE_ID, OF_CASE | HAS_BLOCKING | HAS_CALENDAR},
	[KIND_INFO_REPLY] = {HAS_CASE_ID, OF_CASE},
	[KIND_REPORT] = {HAS_CASE_ID | HAS_REPORT | CONTENT, OF_CASE},
	[KIND_STATUS_NOTE] = {HAS_CASE_ID, OF_CASE},
	[KIND_WITHDRAW] = {HAS_CASE_ID | HAS_REASON, OF_CASE},
	[KIND_CLOSE] = {HAS_CASE_ID, OF_CASE},
	[KIND_REOPEN] = {HAS_CASE_ID | HAS_REASON, OF_CASE | HAS_CALENDAR},
	[KIND_RECEIPT] = {HAS_RECEIPT, 0},
	[KIND_STATISTICS] = {CONTENT, 0},
	[KIND_START] = {HAS_CASE_ID, OF_CASE},
	[KIND_HOLD] = {HAS_CASE_ID | HAS_REASON, OF_CASE},
	[KIND_RESUME] = {HAS_CASE_ID, OF_CASE},
	[KIND_FORWARD] = {HAS_CASE_ID | HAS_REASON | HAS_REFERENCE | CONTENT, OF_CASE | HAS_GRANT},
	[KIND_TRANSFER] = {HAS_CASE_ID | HAS_REFERENCE | CONTENT, OF_CASE | HAS_GRANT},
	[KIND_DOCUMENT] = {HAS_CASE_ID | CONTENT, OF_CASE},
	[KIND_STEP] = {HAS_CASE_ID | CONTENT, OF_CASE},
	[KIND_CONSENT_GIVEN] = {HAS_CASE_ID | CONTENT, OF_CASE},
	[KIND_CONSENT_WITHDRAWN] = {HAS_CASE_ID | CONTENT, OF_CASE},
	[KIND_CONSENT_ANSWER] = {HAS_CASE_ID | HAS_REASON, OF_CASE},
	[KIND_FOLLOW_UP] = {HAS_CASE_ID | CONTENT, OF_CASE},
	[KIND_PARTY] = {HAS_CASE_ID | HAS_LEGAL_BASIS | HAS_PARTY, OF_CASE},
	[KIND_CHILD_FILE] = {HAS_CASE_ID | CONTENT, OF_CASE},
	[KIND_STATUS_ASKED] = {HAS_CASE_ID | HAS_PARTY | HAS_ASKED, HAS_SEEN},
	[KIND_UPDATE] = {HAS_CASE_ID | HAS_REFERS | HAS_VERSION | CONTENT, OF_CASE},
	[KIND_INVALIDATE] = {HAS_CASE_ID | HAS_REFERS | CONTENT, OF_CASE},
	[KIND_DATE_PROPOSE] = {HAS_CASE_ID | HAS_DUE, OF_CASE},
	[KIND_DATE_AGREE] = {HAS_CASE_ID | HAS_DUE, OF_CASE},
	[KIND_REPORT_READY] = {HAS_CASE_ID | HAS_REASON, OF_CASE},
	[KIND_LOCAL_CLOSE] = {HAS_CASE_ID, OF_CASE},
	[KIND_ITEM] = {HAS_CASE_ID | CONTENT, OF_CASE},
	[KIND_TRACE_REQUEST] = {HAS_CASE_ID | ROUTE | CONTENT, 0},
	[KIND_TRACE_ANSWER] = {HAS_CASE_ID | CONTENT, OF_CASE},
	[KIND_MATCH_PROPOSED] = {HAS_CASE_ID | CONTENT, OF_CASE},
	[KIND_MATCH_REVIEW] = {HAS_CASE_ID | CONTENT, OF_CASE},
	[KIND_MATCH_DISCLOSE] = {HAS_CASE_ID | CONTENT, OF_CASE},
	[KIND_MATCH_CONFIRM] = {HAS_CASE_ID | CONTENT, OF_CASE},
	[KIND_MATCH_REFUTE] = {HAS_CASE_ID | CONTENT, OF_CASE},
	[KIND_TRACE_RENEW] = {HAS_CASE_ID, OF_CASE},
	[KIND_RECALL] = {HAS_CASE_ID | HAS_REFERS, OF_CASE | HAS_REASON},
	[KIND_REMINDER_REPLY] = {HAS_CASE_ID | CONTENT, OF_CASE},
	[KIND_TRANSLATION] = {HAS_CASE_ID | CONTENT, OF_CASE},
	[KIND_ALERT] = {HAS_CASE_ID | ROUTE | CONTENT, 0},
	[KIND_REMINDER] = {HAS_CASE_ID | HAS_REASON, HAS_SEEN},
	[KIND_ESCALATION] = {HAS_CASE_ID | HAS_REASON, HAS_SEEN},
	[KIND_SILENCE] = {HAS_CASE_ID, HAS_SEEN},
	[KIND_MEMBER_OUT] = {HAS_CASE_ID | HAS_REASON | HAS_AVAILABILITY, HAS_SEEN | HAS_DUE | HAS_DEPUTY},
	[KIND_MEMBER_BACK] = {HAS_CASE_ID | HAS_AVAILABILITY, HAS_SEEN},
	[KIND_AVAILABILITY] = {HAS_AVAILABILITY, HAS_REASON | HAS_DUE | HAS_DEPUTY},
	[KIND_BROADCAST] = {HAS_NOTICE, 0},
};

static enum fail_code refuse_first(unsigned bits, enum message_kind kind, const char *what, struct fail *why)
{
	unsigned field = 0;
	while ((bits >> field & 1) == 0)
		field++;
	return fail_set(why, FAIL_MALFORMED, "header.%s: %s %s", field_names[field], message_kind_name(kind), what);
}

static enum fail_code check_fields(const struct header *header, struct fail *why)
{
	const struct kind_rule *rule = &kind_rules[header->kind];
	unsigned present = fields_present(header);
	unsigned missing = rule->needs & ~present;
	if (missing != 0)
		return refuse_first(missing, header->kind, "must have it", why);
	unsigned extra = present & ~(rule->needs | rule->may);
	return extra == 0 ? FAIL_NONE : refuse_first(extra, header->kind, "may not have it", why);
}

// All or some: "*" stands alone, and only where the kind goes to all.
static enum fail_code check_to_all(const struct header *header, struct fail *why)
{
	bool to_all = message_kind_to_all(header->kind);
	for (size_t i = 0; i < header->to_count; i++) {
		if ((strcmp(header->to[i], TO_ALL) == 0) != to_all || (to_all && header->to_count > 1))
			return fail_set(why, FAIL_MALFORMED, "header.to[%zu]: %s goes to %s", i, message_kind_name(header->kind),
			                to_all ? "all, which is \"*\" alone" : "members by their codes");
	}
	bool of_itself = strcmp(header->availability.member, header->from) == 0;
	if (header->kind == KIND_AVAILABILITY && (!of_itself || strcmp(header->deputy, header->from) == 0))
		return fail_set(why, FAIL_MALFORMED, "header.availability: a member tells of itself, and names another one as deputy");
	return FAIL_NONE;
}

static enum fail_code check_receivers(const struct header *header, struct fail *why)
{
	if (header->kind == KIND_STATISTICS && (header->to_count != 1 || strcmp(header->to[0], SECRETARIAT_CODE) != 0))
		return fail_set(why, FAIL_MALFORMED, "header.to: STATISTICS go to the General Secretariat alone");
	if (message_kind_opens(header->kind) && header->to_count != 1)
		return fail_set(why, FAIL_MALFORMED, "header.to: a %s has one receiver", message_kind_name(header->kind));
	for (size_t i = 0; i < header->to_count; i++) {
		if (strcmp(header->to[i], header->from) == 0)
			return fail_set(why, FAIL_MALFORMED, "header.to[%zu]: is the sender itself", i);
		for (size_t j = 0; j < i; j++) {
			if (strcmp(header->to[i], header->to[j]) == 0)
				return fail_set(why, FAIL_MALFORMED, "header.to[%zu]: there twice", i);
		}
	}
	return FAIL_NONE;
}

// Its clocks are those of an emergency, whoever writes it.
static enum fail_code check_alert(const struct header *header, struct fail *why)
{
	if (header->kind != KIND_ALERT)
		return FAIL_NONE;
	if (strcmp(header->service, ALERT_SERVICE) != 0)
		return fail_set(why, FAIL_MALFORMED, "header.service: an ALERT has the service " ALERT_SERVICE);
	if (strcmp(header->urgency, ALERT_URGENCY) != 0)
		return fail_set(why, FAIL_MALFORMED, "header.urgency: an ALERT has the urgency " ALERT_URGENCY);
	return FAIL_NONE;
}

static enum fail_code check_reference(const struct header *header, struct fail *why)
{
	if (header->version_of_content == 1)
		return fail_set(why, FAIL_MALFORMED, "header.version_of_content: the first version is the message itself");
	if (!id_is_zero(&header->refers_to) && id_equal(&header->refers_to, &header->message))
		return fail_set(why, FAIL_MALFORMED, "header.refers_to: a message does not speak of itself");
	return FAIL_NONE;
}

static enum fail_code check_objects(const struct header *header, struct fail *why)
{
	if (header->kind == KIND_STATISTICS && header->object_count != 1)
		return fail_set(why, FAIL_MALFORMED, "header.object: STATISTICS have no attachments");
	for (size_t i = 0; i < header->object_count; i++) {
		for (size_t j = 0; j < i; j++) {
			if (id_equal(&header->object[i].id, &header->object[j].id))
				return fail_set(why, FAIL_MALFORMED, "header.object[%zu].object_id: there twice", i);
		}
	}
	return FAIL_NONE;
}

static enum fail_code check_author(const struct header *header, struct fail *why)
{
	struct identity author;
	bool of_hub = message_kind_of_hub(header->kind);
	if (identity_from_uri(&author, header->author) != FAIL_NONE ||
	    author.class != (of_hub ? IDENTITY_HUB : IDENTITY_MEMBER))
		return fail_set(why, FAIL_MALFORMED, "header.author: not the URI of %s",
		                of_hub ? "a hub, which alone writes this" : "a member's person");
	if (strcmp(author.code, header->from) != 0)
		return fail_set(why, FAIL_MALFORMED, "header.from: not the member of the author");
	return FAIL_NONE;
}

enum fail_code header_rules_check(const struct header *header, struct fail *why)
{
	enum fail_code code = check_fields(header, why);
	if (code == FAIL_NONE)
		code = check_author(header, why);
	if (code == FAIL_NONE)
		code = check_to_all(header, why);
	if (code == FAIL_NONE)
		code = check_receivers(header, why);
	if (code == FAIL_NONE)
		code = check_alert(header, why);
	if (code == FAIL_NONE)
		code = check_reference(header, why);
	return code == FAIL_NONE ? check_objects(header, why) : code;
}
