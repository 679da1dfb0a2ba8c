// SPDX-License-Identifier: Apache-2.0
//
// One sample of each message with every field set, for round trips, the golden
// corpus and the seeds of the fuzzers. All fixed: no clock, no randomness.
#ifndef PASSERELLE_TEST_CODEC_SAMPLES_H
#define PASSERELLE_TEST_CODEC_SAMPLES_H

#include "wire/codec.h"

#include <stdio.h>
#include <stdio.h>
#include <string.h>

// Fills a text that has its place in a struct.
#define sample_set(to, text) ((void)snprintf(to, sizeof(to), "%s", text))

#define SAMPLE_ID(n) {.byte = {0x01, 0x9a, 0xb0, 0, 0, n, 0x70, 1, 0x80, 2, 3, 4, 5, 6, 7, 8}}
#define SAMPLE_HASH(n) {.byte = {n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, [31] = n}}
#define SAMPLE_VIEW(text) {.data = (const uint8_t *)(text), .length = sizeof(text) - 1}
#define SAMPLE_64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SAMPLE_48 "0123456789abcdef0123456789abcdef0123456789abcdef"
#define SAMPLE_32 "0123456789abcdef0123456789abcdef"
#define SAMPLE_TIME UINT64_C(1795000000123)

struct sample_frame {
	const char *name;
	struct frame frame;
};

static uint64_t sample_numbers[] = {7, 300};
static struct error_detail sample_details[] = {{"state", "ACCEPTED"}, {"legal", "START,DOCUMENT"}};
static struct flow_row sample_rows[] = {
	{"CH", "SN", 6, 12, false, 86400000, 43200000, FLOW_CASES, FIGURE_NONE, "", 0, 0, ""},
	{"*", "SN", 0, 0, true, 0, 0, FLOW_OVERDUE, FIGURE_NONE, "", 0, 0, ""},
	{"*", "*", 0, 15, false, 0, 0, FLOW_CASES, FIGURE_HELD, "AWAIT_COURT", 14, 202603, "WESTERN_AFRICA"},
};
static struct view sample_certificates[] = {SAMPLE_VIEW("first"), SAMPLE_VIEW("second")};
static const char *sample_services[] = {"HOME_STUDY", "TRACING"};
static const char *sample_countries[] = {"SN", "GM"};
static const char *sample_languages[] = {"fr", "wo-Latn"};
static struct directory_entry sample_entries[] = {
	{
		.code = "SN", .kind = "MEMBER", .name = "ISS S\303\251n\303\251gal", .status = "ACTIVE",
		.signing = sample_certificates, .signing_count = 2,
		.encryption = sample_certificates, .encryption_count = 1,
		.issuer = sample_certificates, .issuer_count = 2,
		.service = sample_services, .service_count = 2,
		.language = sample_languages, .language_count = 2,
		.country = sample_countries, .country_count = 2,
		.availability = "DISRUPTED", .cause = "EPIDEMIC", .until = "2027-01-15", .deputy = "GM", .since = SAMPLE_TIME,
		.calendar = "12347 12-25 2026-12-24",
	},
	{.code = "UNICEF-SN", .kind = "PARTNER_AGENCY", .name = "", .status = "ACTIVE"},
};

static const struct sample_frame sample_frames[] = {
	{"hello", {.id = 1, .kind = FRAME_HELLO, .of.hello = {1, 2, 5, 256, 4194304, true, 3, 41, SAMPLE_TIME, "passerelle 0.1"}}},
	{"welcome",
	 {.id = 1, .kind = FRAME_WELCOME,
	  .of.welcome = {1, 4, 1048576, 256, 4194304, 3, 2, 99, SAMPLE_TIME, 15000, SAMPLE_VIEW("certificate"),
	                 SAMPLE_VIEW("issuer"), "CH", "caseworker"}}},
	{"submit", {.id = 2, .kind = FRAME_SUBMIT, .of.submit = {SAMPLE_VIEW("envelope")}}},
	{"accepted",
	 {.id = 2, .kind = FRAME_ACCEPTED, .of.accepted = {SAMPLE_VIEW("receipt"), true, 2, sample_numbers, 2}}},
	{"deliver", {.kind = FRAME_DELIVER, .of.deliver = {42, 3, SAMPLE_TIME, 5, SAMPLE_VIEW("envelope"), false}}},
	{"deliver_recalled", {.kind = FRAME_DELIVER, .of.deliver = {43, 4, SAMPLE_TIME, 5, SAMPLE_VIEW("header alone"), true}}},
	{"ack", {.kind = FRAME_ACK, .of.ack = {42}}},
	{"query_status_id",
	 {.id = 3, .kind = FRAME_QUERY,
	  .of.query = {.kind = QUESTION_STATUS, .has_case_id = true, .case_id = SAMPLE_ID(9)}}},
	{"query_status_reference",
	 {.id = 3, .kind = FRAME_QUERY, .of.query = {.kind = QUESTION_STATUS, .reference = "CH-SN-7QK2-M9FD"}}},
	{"query_flow", {.id = 3, .kind = FRAME_QUERY, .of.query = {.kind = QUESTION_FLOW, .from = 5, .until = SAMPLE_TIME, .figures = true, .table = FLOW_OF_REGIONS}}},
	{"query_directory", {.id = 3, .kind = FRAME_QUERY, .of.query = {.kind = QUESTION_DIRECTORY, .known_version = 17}}},
	{"answer_status",
	 {.id = 3, .kind = FRAME_ANSWER,
	  .of.answer = {.kind = QUESTION_STATUS, .status = {true, 6, SAMPLE_TIME, "2027-01-31", "SN", true}}}},
	{"answer_status_none", {.id = 3, .kind = FRAME_ANSWER, .of.answer = {.kind = QUESTION_STATUS}}},
	{"answer_flow",
	 {.id = 3, .kind = FRAME_ANSWER,
	  .of.answer = {.kind = QUESTION_FLOW, .as_of = SAMPLE_TIME, .flow = sample_rows, .flow_count = 3}}},
	{"answer_directory",
	 {.id = 3, .kind = FRAME_ANSWER,
	  .of.answer = {.kind = QUESTION_DIRECTORY, .version = 18, .entry = sample_entries, .entry_count = 2}}},
	{"upload_open", {.id = 4, .kind = FRAME_UPLOAD_OPEN, .of.upload_open = {SAMPLE_ID(1), 300000, SAMPLE_HASH(1)}}},
	{"upload_chunk",
	 {.id = 4, .kind = FRAME_UPLOAD_CHUNK, .of.upload_chunk = {SAMPLE_ID(1), CHUNK_SIZE, SAMPLE_VIEW("data")}}},
	{"upload_offset", {.id = 4, .kind = FRAME_UPLOAD_OFFSET, .of.upload_offset = {SAMPLE_ID(1), 300000, true}}},
	{"fetch", {.id = 5, .kind = FRAME_FETCH, .of.fetch = {SAMPLE_ID(1), CHUNK_SIZE, 16}}},
	{"fetch_chunk",
	 {.id = 5, .kind = FRAME_FETCH_CHUNK, .of.fetch_chunk = {SAMPLE_ID(1), CHUNK_SIZE, SAMPLE_VIEW("data"), true}}},
	{"error",
	 {.id = 6, .kind = FRAME_ERROR,
	  .of.error = {FAIL_ILLEGAL_MOVE, "ILLEGAL_MOVE", true, 1500, "the case is closed", sample_details, 2}}},
	{"ping", {.id = 7, .kind = FRAME_PING, .of.ping_now = SAMPLE_TIME}},
	{"pong", {.id = 7, .kind = FRAME_PONG, .of.ping_now = SAMPLE_TIME}},
	{"go_away", {.kind = FRAME_GO_AWAY, .of.go_away = {"SHUTDOWN", 2000}}},
};

enum { SAMPLE_FRAME_COUNT = sizeof sample_frames / sizeof sample_frames[0] };

static char sample_to[][MEMBER_CODE_SIZE] = {"SN", "NZ"};
static struct object_ref sample_objects[] = {
	{SAMPLE_ID(1), 2120, SAMPLE_HASH(1), SAMPLE_HASH(2)},
	{SAMPLE_ID(2), MAX_OBJECT_SIZE, SAMPLE_HASH(3), SAMPLE_HASH(4)},
};
static uint8_t sample_keys[][KEY_ID_SIZE] = {{1, 2, 3, [15] = 4}, {5, 6, 7, [15] = 8}};
static struct party sample_parties[] = {{"UNICEF-SN", "FAMILY_SUPPORT", "2027-06-30", "CH-SN-7QK2-M9FD"}, {"CROIX-ROUGE", "TRACING", "", ""}};
static struct receipt_item sample_items[] = {
	{SAMPLE_ID(3), SAMPLE_HASH(5), LEVEL_DELIVERED, SAMPLE_TIME},
	{SAMPLE_ID(4), SAMPLE_HASH(6), LEVEL_OPENED, SAMPLE_TIME + 1},
};

// What every header has.
static inline struct header sample_header(enum message_kind kind)
{
	struct header header = {
		.version = 1,
		.message = SAMPLE_ID(1),
		.kind = kind,
		.from = "CH",
		.to = sample_to,
		.to_count = 1,
		.author = "urn:iss:member:CH:caseworker:anna",
		.created_at = SAMPLE_TIME,
		.expires_at = SAMPLE_TIME + 86400000,
		.language = sample_languages,
		.language_count = 2,
	};
	if (kind != KIND_RECEIPT)
		header.case_id = (struct id)SAMPLE_ID(0x77);
	return header;
}

static inline struct header sample_referral(void)
{
	struct header header = sample_header(KIND_REFERRAL);
	(void)snprintf(header.service, sizeof header.service, "%s", "HOME_STUDY");
	(void)snprintf(header.urgency, sizeof header.urgency, "%s", "URGENT");
	(void)snprintf(header.legal_basis, sizeof header.legal_basis, "%s", "HC1996");
	(void)snprintf(header.requester_kind, sizeof header.requester_kind, "%s", "COURT");
	(void)snprintf(header.due, sizeof header.due, "%s", "2028-02-29");
	header.object = sample_objects;
	header.object_count = 2;
	header.recipient_key = sample_keys;
	header.recipient_key_count = 2;
	header.party = sample_parties;
	header.party_count = 2;
	return header;
}

static inline struct header sample_report(void)
{
	struct header header = sample_header(KIND_REPORT);
	header.to_count = 2;
	header.seen_case_seq = 4;
	header.has_previous = true;
	header.previous = (struct hash)SAMPLE_HASH(9);
	header.report = REPORT_FINAL;
	header.object = sample_objects;
	header.object_count = 1;
	header.recipient_key = sample_keys;
	header.recipient_key_count = 2;
	return header;
}

static inline struct header sample_decline(void)
{
	struct header header = sample_header(KIND_DECLINE);
	(void)snprintf(header.reason, sizeof header.reason, "%s", "NOT_IN_COUNTRY");
	return header;
}

static struct id sample_grants[] = {SAMPLE_ID(0x31), SAMPLE_ID(0x32)};

static inline struct header sample_forward(void)
{
	struct header header = sample_header(KIND_FORWARD);
	header.to_count = 2;
	(void)snprintf(header.reason, sizeof header.reason, "%s", "WRONG_ADDRESSEE");
	(void)snprintf(header.reference, sizeof header.reference, "%s", "NZ-CH-7QK2-M9FD");
	header.object = sample_objects;
	header.object_count = 1;
	header.recipient_key = sample_keys;
	header.recipient_key_count = 2;
	header.grant = sample_grants;
	header.grant_count = 2;
	return header;
}

static inline struct header sample_update(void)
{
	struct header header = sample_header(KIND_UPDATE);
	header.refers_to = (struct id)SAMPLE_ID(0x21);
	header.version_of_content = 2;
	header.object = sample_objects;
	header.object_count = 1;
	header.recipient_key = sample_keys;
	header.recipient_key_count = 2;
	return header;
}

static inline struct header sample_question(void)
{
	struct header header = sample_header(KIND_INFO_REQUEST);
	header.blocking = true;
	return header;
}

static inline struct header sample_notice(enum message_kind kind)
{
	struct header header = sample_header(kind);
	header.to_count = 2;
	(void)snprintf(header.from, sizeof header.from, "%s", "GENEVA");
	(void)snprintf(header.author, sizeof header.author, "%s", "urn:iss:hub:GENEVA:receipt:1");
	header.seen_case_seq = 3;
	return header;
}

static inline struct header sample_status_asked(void)
{
	struct header header = sample_notice(KIND_STATUS_ASKED);
	header.party = sample_parties;
	header.party_count = 1;
	header.asked = 5;
	return header;
}

static inline struct header sample_member_out(void)
{
	struct header header = sample_notice(KIND_MEMBER_OUT);
	(void)snprintf(header.reason, sizeof header.reason, "%s", "DISASTER");
	(void)snprintf(header.due, sizeof header.due, "%s", "2026-12-20");
	(void)snprintf(header.deputy, sizeof header.deputy, "%s", "ML");
	(void)snprintf(header.availability.status, sizeof header.availability.status, "%s", "DISRUPTED");
	(void)snprintf(header.availability.member, sizeof header.availability.member, "%s", "SN");
	return header;
}

static inline struct header sample_to_all(enum message_kind kind)
{
	static char all[][MEMBER_CODE_SIZE] = {TO_ALL};
	struct header header = sample_header(kind);
	header.case_id = (struct id){{0}};
	header.to = all;
	return header;
}

static inline struct header sample_broadcast(void)
{
	struct header header = sample_to_all(KIND_BROADCAST);
	(void)snprintf(header.from, sizeof header.from, "%s", "GS");
	(void)snprintf(header.author, sizeof header.author, "%s", "urn:iss:member:GS:monitor:ada");
	header.notice = "Les bureaux restent ferm\303\251s le 24 d\303\251cembre.";
	header.language_count = 1;
	return header;
}

static inline struct header sample_availability(void)
{
	struct header header = sample_to_all(KIND_AVAILABILITY);
	header.language_count = 0;
	(void)snprintf(header.reason, sizeof header.reason, "%s", "DISASTER");
	(void)snprintf(header.due, sizeof header.due, "%s", "2027-01-10");
	(void)snprintf(header.deputy, sizeof header.deputy, "%s", "NZ");
	(void)snprintf(header.availability.status, sizeof header.availability.status, "%s", "DISRUPTED");
	(void)snprintf(header.availability.member, sizeof header.availability.member, "%s", "CH");
	return header;
}

static inline struct header sample_receipt_header(void)
{
	struct header header = sample_header(KIND_RECEIPT);
	header.receipt = sample_items;
	header.receipt_count = 2;
	return header;
}

static char sample_to_secretariat[][MEMBER_CODE_SIZE] = {"GS"};

static inline struct header sample_statistics(void)
{
	struct header header = sample_header(KIND_STATISTICS);
	header.case_id = (struct id){{0}};
	header.to = sample_to_secretariat;
	header.object = sample_objects;
	header.object_count = 1;
	header.recipient_key = sample_keys;
	header.recipient_key_count = 2;
	return header;
}

static inline struct header sample_reopen(void)
{
	struct header header = sample_header(KIND_REOPEN);
	(void)snprintf(header.reason, sizeof header.reason, "%s", "NEW_FACTS");
	header.calendar = "12347 12-25 2026-12-24";
	return header;
}

struct sample_header {
	const char *name;
	struct header (*make)(void);
};

static const struct sample_header sample_headers[] = {
	{"referral", sample_referral}, {"report", sample_report},   {"decline", sample_decline},
	{"question", sample_question}, {"receipt", sample_receipt_header},
	{"forward", sample_forward},   {"update", sample_update},   {"member_out", sample_member_out},
	{"status_asked", sample_status_asked},
	{"broadcast", sample_broadcast}, {"availability", sample_availability}, {"statistics", sample_statistics},
	{"reopen", sample_reopen},
};

enum { SAMPLE_HEADER_COUNT = sizeof sample_headers / sizeof sample_headers[0] };

static struct stanza sample_stanzas[] = {
	{0, 0x0010, {1, 2, 3, [15] = 4}, SAMPLE_VIEW(SAMPLE_64 "x"), SAMPLE_VIEW(SAMPLE_48)},
	{1, 0x0020, {5, 6, 7, [15] = 8}, SAMPLE_VIEW(SAMPLE_32), SAMPLE_VIEW(SAMPLE_48)},
};
static struct hash sample_path[] = {SAMPLE_HASH(7), SAMPLE_HASH(8)};

static inline struct envelope sample_envelope(void)
{
	return (struct envelope){
		.header = SAMPLE_VIEW("header"),
		.signature = SAMPLE_VIEW(SAMPLE_64),
		.signer = SAMPLE_HASH(1),
		.stanza = sample_stanzas,
		.stanza_count = 2,
		.sealed_body = SAMPLE_VIEW("sealed"),
		.batch_path = sample_path,
		.batch_path_count = 2,
		.batch_index = 2,
		.batch_size = 4,
	};
}

static inline struct hub_statement sample_statement(void)
{
	return (struct hub_statement){
		.version = 1,
		.message = SAMPLE_ID(1),
		.from = "CH",
		.header_hash = SAMPLE_HASH(1),
		.envelope_hash = SAMPLE_HASH(2),
		.case_id = SAMPLE_ID(0x77),
		.case_seq = 3,
		.accepted_at = SAMPLE_TIME,
		.commit = COMMIT_REPLICATED,
		.hub = "urn:iss:hub:GENEVA:receipt:1",
	};
}

static inline struct hub_receipt sample_receipt(void)
{
	return (struct hub_receipt){
		.statement = SAMPLE_VIEW("statement"),
		.path = sample_path,
		.path_count = 2,
		.index = 1,
		.size = 3,
		.signature = SAMPLE_VIEW(SAMPLE_64),
		.signer = SAMPLE_HASH(3),
	};
}

#endif
