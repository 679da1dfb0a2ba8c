// SPDX-License-Identifier: Apache-2.0
// links: passerelle_wire
//
// What each decoder refuses: every limit one over, every field in a wrong form.
#include "test.h"

#include "codec_samples.h"
#include "wire/frame.h"

static struct arena arena;
static struct bytes out;

static int set_up(void **state)
{
	(void)state;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	bytes_init(&out, 4 * 1024 * 1024);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	arena_release(&arena);
	bytes_release(&out);
	return 0;
}

static void assert_refused(enum fail_code code, const struct fail *why, enum fail_code expected, const char *place)
{
	if (code != expected || strncmp(why->text, place, strlen(place)) != 0)
		fail_msg("got %s '%s', expected %s '%s...'", fail_name(code), why->text, fail_name(expected), place);
	assert_int_equal(why->code, code);
}

// X(base, change to `h`, code, place)
#define HEADER_CASES(X) \
	X(referral, h.version = 0, MALFORMED, "header.version: missing") \
	X(referral, h.version = 2, UNSUPPORTED, "header.version: ") \
	X(referral, h.kind = KIND_UNSPECIFIED, MALFORMED, "header.kind: missing") \
	X(referral, h.kind = KIND_COUNT, UNSUPPORTED, "header.kind: ") \
	X(referral, h.kind = (enum message_kind)1000000, UNSUPPORTED, "header.kind: ") \
	X(referral, memset(&h.message, 0, 16), MALFORMED, "header.message_id: ") \
	X(referral, h.message.byte[6] = 0x40, MALFORMED, "header.message_id: not a UUID") \
	X(referral, memset(&h.case_id, 0, 16), MALFORMED, "header.case_id: REFERRAL must have it") \
	X(receipt_header, h.case_id.byte[0] = 1, MALFORMED, "header.case_id: RECEIPT may not have it") \
	X(referral, sample_set(h.from, ""), MALFORMED, "header.from: missing") \
	X(referral, sample_set(h.from, "ch"), MALFORMED, "header.from: ") \
	X(referral, sample_set(h.from, "NZ"), MALFORMED, "header.from: not the member of the author") \
	X(referral, sample_set(h.author, "urn:iss:agency:CH:desk:d1"), MALFORMED, "header.author: ") \
	X(referral, sample_set(h.author, ""), MALFORMED, "header.author: ") \
	X(referral, h.to_count = 0, MALFORMED, "header.to: missing") \
	X(referral, h.to_count = 2, MALFORMED, "header.to: a REFERRAL has one receiver") \
	X(statistics, h.to = sample_to, MALFORMED, "header.to: STATISTICS go to the General Secretariat alone") \
	X(statistics, (h.to = gs_and_sn, h.to_count = 2), MALFORMED, "header.to: STATISTICS go to the General Secretariat alone") \
	X(statistics, h.object_count = 2, MALFORMED, "header.object: STATISTICS have no attachments") \
	X(statistics, h.object_count = 0, MALFORMED, "header.object: STATISTICS must have it") \
	X(statistics, h.case_id.byte[0] = 1, MALFORMED, "header.case_id: STATISTICS may not have it") \
	X(decline, h.to = own_to, MALFORMED, "header.to[0]: is the sender itself") \
	X(report, h.to = same_to, MALFORMED, "header.to[1]: there twice") \
	X(report, h.to = bad_to, MALFORMED, "header.to[1]: not a member") \
	X(report, (h.to = many_to, h.to_count = 33), TOO_LARGE, "header.to: more elements") \
	X(referral, h.created_at = MAX_TIME + 1, MALFORMED, "header.created_at: ") \
	X(referral, h.expires_at = UINT64_MAX, MALFORMED, "header.expires_at: ") \
	X(report, h.seen_case_seq = MAX_NUMBER + 1, TOO_LARGE, "header.seen_case_seq: ") \
	X(referral, h.seen_case_seq = 1, MALFORMED, "header.seen_case_seq: REFERRAL may not have it") \
	X(forward, sample_set(h.reference, ""), MALFORMED, "header.reference: FORWARD must have it") \
	X(forward, sample_set(h.reference, "ch-sn"), MALFORMED, "header.reference: not a reference") \
	X(forward, memset(h.grant = zero_grant, 0, 16), MALFORMED, "header.grant[0]: ") \
	X(forward, (h.grant = many_grants, h.grant_count = MAX_GRANTS + 1), TOO_LARGE, "header.grant: more elements") \
	X(decline, (h.grant = many_grants, h.grant_count = 1), MALFORMED, "header.grant: DECLINE may not have it") \
	X(referral, sample_set(h.service, ""), MALFORMED, "header.service: REFERRAL must have it") \
	X(referral, sample_set(h.service, "home_study"), MALFORMED, "header.service: not in the form") \
	X(referral, sample_set(h.service, "A B"), MALFORMED, "header.service: not in the form") \
	X(referral, sample_set(h.service, "_A"), MALFORMED, "header.service: not in the form") \
	X(decline, sample_set(h.service, "HOME_STUDY"), MALFORMED, "header.service: DECLINE may not have it") \
	X(referral, sample_set(h.urgency, ""), MALFORMED, "header.urgency: ") \
	X(referral, sample_set(h.legal_basis, ""), MALFORMED, "header.legal_basis: ") \
	X(referral, sample_set(h.requester_kind, ""), MALFORMED, "header.requester_kind: ") \
	X(decline, sample_set(h.reason, ""), MALFORMED, "header.reason: DECLINE must have it") \
	X(report, sample_set(h.reason, "OTHER"), MALFORMED, "header.reason: REPORT may not have it") \
	X(report, h.report = REPORT_NONE, MALFORMED, "header.report: REPORT must have it") \
	X(report, h.report = (enum report_stage)3, UNSUPPORTED, "header.report: ") \
	X(broadcast, h.notice = "", MALFORMED, "header.notice: BROADCAST must have it") \
	X(broadcast, h.notice = long_notice, TOO_LARGE, "header.notice: ") \
	X(broadcast, h.notice = "a\nb", BAD_TEXT, "header.notice: ") \
	X(broadcast, h.to = own_to, MALFORMED, "header.to[0]: BROADCAST goes to all") \
	X(broadcast, (h.to = all_and_one, h.to_count = 2), MALFORMED, "header.to[0]: BROADCAST goes to all") \
	X(broadcast, h.case_id = sample_objects[0].id, MALFORMED, "header.case_id: BROADCAST may not") \
	X(broadcast, (h.object = sample_objects, h.object_count = 1), MALFORMED, "header.object: BROADCAST may not") \
	X(availability, h.availability.status[0] = '\0', MALFORMED, "header.availability") \
	X(availability, sample_set(h.availability.member, "NP"), MALFORMED, "header.availability: a member tells of itself") \
	X(availability, sample_set(h.deputy, h.from), MALFORMED, "header.availability: a member tells of itself") \
	X(availability, h.notice = "x", MALFORMED, "header.notice: AVAILABILITY may not") \
	X(reopen, h.calendar = "mon-fri", MALFORMED, "header.calendar: not in the form of a calendar") \
	X(reopen, h.calendar = "12345;12-25", MALFORMED, "header.calendar: not in the form of a calendar") \
	X(decline, h.calendar = "12345", MALFORMED, "header.calendar: DECLINE may not have it") \
	X(decline, (h.to = all_and_one, h.to_count = 1), MALFORMED, "header.to[0]: DECLINE goes to members") \
	X(decline, h.report = REPORT_FINAL, MALFORMED, "header.report: DECLINE may not have it") \
	X(referral, sample_set(h.due, "2027-02-29"), MALFORMED, "header.due: not a date") \
	X(referral, sample_set(h.due, "2027-13-01"), MALFORMED, "header.due: not a date") \
	X(referral, sample_set(h.due, "2027-01-00"), MALFORMED, "header.due: not a date") \
	X(referral, sample_set(h.due, "27-01-01"), MALFORMED, "header.due: not a date") \
	X(decline, sample_set(h.due, "2027-01-01"), MALFORMED, "header.due: DECLINE may not have it") \
	X(report, h.blocking = true, MALFORMED, "header.blocking: REPORT may not have it") \
	X(referral, (h.language = bad_language, h.language_count = 1), MALFORMED, "header.language[0]: ") \
	X(referral, (h.language = long_language, h.language_count = 1), MALFORMED, "header.language[0]: ") \
	X(referral, (h.language = many_language, h.language_count = 17), TOO_LARGE, "header.language: more") \
	X(referral, h.object_count = 0, MALFORMED, "header.object: REFERRAL must have it") \
	X(receipt_header, (h.object = sample_objects, h.object_count = 1), MALFORMED, "header.object: RECEIPT may not") \
	X(referral, h.object = large_object, TOO_LARGE, "header.object[0].length: ") \
	X(referral, h.object = empty_object, MALFORMED, "header.object[0].length: ") \
	X(referral, h.object = same_object, MALFORMED, "header.object[1].object_id: there twice") \
	X(referral, (h.object = many_object, h.object_count = 51), TOO_LARGE, "header.object: more") \
	X(referral, h.recipient_key_count = 0, MALFORMED, "header.recipient_key: REFERRAL must have it") \
	X(referral, (h.recipient_key = many_key, h.recipient_key_count = 67), TOO_LARGE, "header.recipient_key: more") \
	X(report, (h.party = sample_parties, h.party_count = 1), MALFORMED, "header.party: REPORT may not have it") \
	X(referral, (h.party = many_party, h.party_count = 9), TOO_LARGE, "header.party: more") \
	X(referral, (h.party = bad_party, h.party_count = 1), MALFORMED, "header.party[0].until: ") \
	X(receipt_header, h.receipt_count = 0, MALFORMED, "header.receipt: RECEIPT must have it") \
	X(decline, (h.receipt = sample_items, h.receipt_count = 1), MALFORMED, "header.receipt: DECLINE may not") \
	X(receipt_header, (h.receipt = many_item, h.receipt_count = 257), TOO_LARGE, "header.receipt: more") \
	X(receipt_header, h.receipt = hub_item, MALFORMED, "header.receipt[0].level: ")

static char own_to[][MEMBER_CODE_SIZE] = {"CH"};
static char gs_and_sn[][MEMBER_CODE_SIZE] = {"GS", "SN"};
static char same_to[][MEMBER_CODE_SIZE] = {"SN", "SN"};
static char bad_to[][MEMBER_CODE_SIZE] = {"SN", "S_N"};
static char all_and_one[][MEMBER_CODE_SIZE] = {TO_ALL, "SN"};
static char long_notice[MAX_NOTICE + 2];
static char many_to[33][MEMBER_CODE_SIZE];
static struct id zero_grant[2], many_grants[MAX_GRANTS + 1];
static const char *bad_language[] = {"fr_CH"};
static const char *long_language[] = {"abcdefghijklmnopq"};
static const char *many_language[17];
static struct object_ref large_object[] = {{SAMPLE_ID(1), MAX_OBJECT_SIZE + 1, SAMPLE_HASH(1), SAMPLE_HASH(2)},
                                           {SAMPLE_ID(2), 1, SAMPLE_HASH(1), SAMPLE_HASH(2)}};
static struct object_ref empty_object[] = {{SAMPLE_ID(1), 0, SAMPLE_HASH(1), SAMPLE_HASH(2)},
                                           {SAMPLE_ID(2), 1, SAMPLE_HASH(1), SAMPLE_HASH(2)}};
static struct object_ref same_object[] = {{SAMPLE_ID(1), 1, SAMPLE_HASH(1), SAMPLE_HASH(2)},
                                          {SAMPLE_ID(1), 1, SAMPLE_HASH(1), SAMPLE_HASH(2)}};
static struct object_ref many_object[51];
static uint8_t many_key[67][KEY_ID_SIZE];
static struct party many_party[9];
static struct party bad_party[] = {{"UNICEF-SN", "TRACING", "soon", ""}};
static struct receipt_item many_item[257];
static struct receipt_item hub_item[] = {{SAMPLE_ID(1), SAMPLE_HASH(1), LEVEL_ACCEPTED, 1},
                                         {SAMPLE_ID(1), SAMPLE_HASH(1), LEVEL_ACCEPTED, 1}};

static void fill_the_many(void)
{
	memset(long_notice, 'x', MAX_NOTICE + 1);
	for (int i = 0; i < 33; i++)
		snprintf(many_to[i], sizeof many_to[i], "M%d", i);
	memset(many_grants, 7, sizeof many_grants);
	for (int i = 0; i < 17; i++)
		many_language[i] = "fr";
	for (int i = 0; i < 51; i++)
		many_object[i] = (struct object_ref){SAMPLE_ID((uint8_t)i), 1, SAMPLE_HASH(1), SAMPLE_HASH(2)};
	for (int i = 0; i < 9; i++)
		many_party[i] = sample_parties[0];
	for (int i = 0; i < 257; i++)
		many_item[i] = sample_items[0];
}

static void headers_with_one_thing_wrong_are_refused_by_its_name(void **state)
{
	(void)state;
	fill_the_many();
	struct header back;
	struct fail why;
#define X(base, change, code, place) \
	{ \
		struct header h = sample_##base(); \
		change; \
		bytes_clear(&out); \
		assert_ok(header_encode(&h, &out)); \
		assert_refused(header_decode(&back, bytes_view(&out), &arena, &why), &why, FAIL_##code, place); \
		arena_release(&arena); \
	}
	HEADER_CASES(X)
#undef X
}

static void lists_of_the_largest_length_are_taken(void **state)
{
	(void)state;
	fill_the_many();
	struct header back;
	struct fail why;
	struct header report = sample_report();
	report.to = many_to;
	report.to_count = 32;
	report.object = many_object + 1;
	report.object_count = 50;
	report.recipient_key = many_key;
	report.recipient_key_count = 66;
	report.language = many_language;
	report.language_count = 16;
	assert_ok(header_encode(&report, &out));
	if (header_decode(&back, bytes_view(&out), &arena, &why) != FAIL_NONE)
		fail_msg("%s", why.text);
	arena_release(&arena);
	bytes_clear(&out);
	struct header receipt = sample_receipt_header();
	receipt.receipt = many_item;
	receipt.receipt_count = 256;
	assert_ok(header_encode(&receipt, &out));
	assert_ok(header_decode(&back, bytes_view(&out), &arena, &why));
	assert_int_equal(back.receipt_count, 256);
}

#define ENVELOPE_CASES(X) \
	X(e.header.length = 0, MALFORMED, "envelope.header: missing") \
	X(e.header = large, TOO_LARGE, "envelope.header: too long") \
	X(e.signature.length = 0, MALFORMED, "envelope.signature: missing") \
	X(e.signature = view_of(large.data, 81), TOO_LARGE, "envelope.signature: too long") \
	X(stanza.object = 50, TOO_LARGE, "envelope.stanza[0].object: ") \
	X(stanza.kem = 0x0012, UNSUPPORTED, "envelope.stanza[0].kem: ") \
	X(stanza.enc.length = 64, MALFORMED, "envelope.stanza[0].enc: too short") \
	X(stanza.kem = 0x0020, TOO_LARGE, "envelope.stanza[0].enc: too long") \
	X(stanza.ct.length = 47, MALFORMED, "envelope.stanza[0].ct: too short") \
	X(e.batch_size = 257, TOO_LARGE, "envelope.batch_size: ") \
	X(e.batch_index = 4, TOO_LARGE, "envelope.batch_index: ") \
	X((e.batch_size = 0, e.batch_index = 0), MALFORMED, "envelope.batch_path: ") \
	X((e.batch_path = long_path, e.batch_path_count = 9), TOO_LARGE, "envelope.batch_path: more")

static void envelopes_with_one_thing_wrong_are_refused_by_its_name(void **state)
{
	(void)state;
	static const uint8_t zeros[MAX_HEADER + 1];
	struct view large = view_of(zeros, sizeof zeros);
	static struct hash long_path[9];
	struct envelope back;
	struct fail why;
#define X(change, code, place) \
	{ \
		struct envelope e = sample_envelope(); \
		struct stanza stanza = sample_stanzas[0]; \
		change; \
		e.stanza = &stanza; \
		e.stanza_count = 1; \
		bytes_clear(&out); \
		assert_ok(envelope_encode(&e, &out)); \
		assert_refused(envelope_decode(&back, bytes_view(&out), &arena, &why), &why, FAIL_##code, place); \
		arena_release(&arena); \
	}
	ENVELOPE_CASES(X)
#undef X
}

static void an_envelope_is_at_most_960_kib(void **state)
{
	(void)state;
	static uint8_t body[MAX_ENVELOPE];
	struct envelope envelope = sample_envelope(), back;
	struct fail why;
	assert_ok(envelope_encode(&envelope, &out));
	size_t besides = out.length - envelope.sealed_body.length + 2; // its length takes three bytes then
	bytes_clear(&out);
	envelope.sealed_body = view_of(body, MAX_ENVELOPE - besides);
	assert_ok(envelope_encode(&envelope, &out));
	assert_int_equal(out.length, MAX_ENVELOPE);
	assert_ok(envelope_decode(&back, bytes_view(&out), &arena, &why));
	bytes_clear(&out);
	envelope.sealed_body.length++;
	assert_int_equal(envelope_encode(&envelope, &out), FAIL_TOO_LARGE);
	uint8_t *room = bytes_room(&out, MAX_ENVELOPE + 1);
	memset(room, 0, MAX_ENVELOPE + 1);
	assert_int_equal(envelope_decode(&back, view_of(room, MAX_ENVELOPE + 1), &arena, &why), FAIL_TOO_LARGE);
}

#define STATEMENT_CASES(X) \
	X(s.version = 2, UNSUPPORTED, "statement.version: ") \
	X(memset(&s.message, 0, 16), MALFORMED, "statement.message_id: ") \
	X(sample_set(s.from, "*"), MALFORMED, "statement.from: ") \
	X(s.case_seq = 0, MALFORMED, "statement.case_seq: ") \
	X(memset(&s.case_id, 0, 16), MALFORMED, "statement.case_seq: ") \
	X(s.accepted_at = MAX_TIME + 1, MALFORMED, "statement.accepted_at: ") \
	X(s.commit = COMMIT_NONE, UNSUPPORTED, "statement.commit: ") \
	X(s.commit = (enum commit_level)3, UNSUPPORTED, "statement.commit: ") \
	X(sample_set(s.hub, "urn:iss:member:CH:caseworker:anna"), MALFORMED, "statement.hub: ")

#define RECEIPT_CASES(X) \
	X(r.statement.length = 0, MALFORMED, "receipt.statement: ") \
	X(r.size = 0, MALFORMED, "receipt.size: ") \
	X(r.size = 257, TOO_LARGE, "receipt.size: ") \
	X(r.index = 3, TOO_LARGE, "receipt.index: ") \
	X(r.signature.length = 0, MALFORMED, "receipt.signature: ")

static void statements_and_receipts_with_one_thing_wrong_are_refused(void **state)
{
	(void)state;
	struct hub_statement statement;
	struct hub_receipt receipt;
	struct fail why;
#define X(change, code, place) \
	{ \
		struct hub_statement s = sample_statement(); \
		change; \
		bytes_clear(&out); \
		assert_ok(statement_encode(&s, &out)); \
		assert_refused(statement_decode(&statement, bytes_view(&out), &arena, &why), &why, FAIL_##code, place); \
	}
	STATEMENT_CASES(X)
#undef X
#define X(change, code, place) \
	{ \
		struct hub_receipt r = sample_receipt(); \
		change; \
		bytes_clear(&out); \
		assert_ok(receipt_encode(&r, &out)); \
		assert_refused(receipt_decode(&receipt, bytes_view(&out), &arena, &why), &why, FAIL_##code, place); \
	}
	RECEIPT_CASES(X)
#undef X
}

// X(name of the sample, change to `f`, code, place)
#define FRAME_CASES(X) \
	X("hello", f.id = MAX_NUMBER + 1, TOO_LARGE, "frame.id: ") \
	X("hello", f.of.hello.min_minor = 3, MALFORMED, "frame.hello.min_minor: ") \
	X("hello", f.of.hello.cursor = UINT64_MAX, TOO_LARGE, "frame.hello.cursor: ") \
	X("hello", f.of.hello.now = MAX_TIME + 1, MALFORMED, "frame.hello.now: ") \
	X("hello", f.of.hello.software = long_text, TOO_LARGE, "frame.hello.software: ") \
	X("hello", f.of.hello.software = "bell\a", BAD_TEXT, "frame.hello.software: ") \
	X("hello", f.of.hello.software = "c1\302\205", BAD_TEXT, "frame.hello.software: ") \
	X("hello", f.of.hello.software = "\303(", BAD_TEXT, "frame.hello.software: ") \
	X("hello", f.of.hello.software = "\300\200", BAD_TEXT, "frame.hello.software: ") \
	X("hello", f.of.hello.software = "\355\240\200", BAD_TEXT, "frame.hello.software: ") \
	X("hello", f.of.hello.software = "\364\220\200\200", BAD_TEXT, "frame.hello.software: ") \
	X("hello", f.of.hello.software = "cut\342\202", BAD_TEXT, "frame.hello.software: ") \
	X("hello", f.of.hello.software = "del\177", BAD_TEXT, "frame.hello.software: ") \
	X("welcome", f.of.welcome.member = "", MALFORMED, "frame.welcome.member: ") \
	X("welcome", f.of.welcome.role = "Boss", MALFORMED, "frame.welcome.role: ") \
	X("submit", f.of.submit.envelope.length = 0, MALFORMED, "frame.submit.envelope: ") \
	X("submit", f.of.submit.envelope = view_of(zeros, MAX_ENVELOPE + 1), TOO_LARGE, "frame.submit.envelope: ") \
	X("accepted", f.of.accepted.case_state = MAX_CASE_STATE + 1, UNSUPPORTED, "frame.accepted.case_state: ") \
	X("accepted", f.of.accepted.receipt = view_of(zeros, MAX_RECEIPT + 1), TOO_LARGE, "frame.accepted.receipt: ") \
	X("accepted", (f.of.accepted.mailbox_seq = many, f.of.accepted.mailbox_seq_count = 33), TOO_LARGE, "frame.accepted.mailbox_seq: ") \
	X("accepted", f.of.accepted.mailbox_seq = many, MALFORMED, "frame.accepted.mailbox_seq: ") \
	X("deliver", f.of.deliver.mailbox_seq = 0, MALFORMED, "frame.deliver.mailbox_seq: ") \
	X("deliver", f.of.deliver.case_seq = UINT64_MAX, TOO_LARGE, "frame.deliver.case_seq: ") \
	X("ack", f.of.ack.mailbox_seq = UINT64_MAX, TOO_LARGE, "frame.ack.mailbox_seq: ") \
	X("query_status_id", f.of.query.reference = "CH-SN-7QK2-M9FD", MALFORMED, "frame.query.status.case_id: ") \
	X("query_status_id", f.of.query.has_case_id = false, MALFORMED, "frame.query.status.case_id: ") \
	X("query_status_reference", f.of.query.reference = long_text, TOO_LARGE, "frame.query.status.reference: ") \
	X("query_flow", f.of.query.kind = QUESTION_NONE, MALFORMED, "frame.query: ") \
	X("answer_flow", f.of.answer.kind = QUESTION_NONE, MALFORMED, "frame.answer: ") \
	X("answer_status", sample_set(f.of.answer.status.next_due, "never"), MALFORMED, "frame.answer.status.next_due: ") \
	X("upload_open", f.of.upload_open.length = 0, MALFORMED, "frame.upload_open.length: ") \
	X("upload_open", f.of.upload_open.length = MAX_OBJECT_SIZE + 1, TOO_LARGE, "frame.upload_open.length: ") \
	X("upload_open", memset(&f.of.upload_open.object, 0, 16), MALFORMED, "frame.upload_open.object_id: ") \
	X("upload_chunk", f.of.upload_chunk.offset = 1, MALFORMED, "frame.upload_chunk.offset: ") \
	X("upload_chunk", f.of.upload_chunk.offset = UINT64_C(1) << 40, TOO_LARGE, "frame.upload_chunk.offset: ") \
	X("upload_chunk", f.of.upload_chunk.data.length = 0, MALFORMED, "frame.upload_chunk.data: ") \
	X("upload_chunk", f.of.upload_chunk.data = view_of(zeros, CHUNK_SIZE + 1), TOO_LARGE, "frame.upload_chunk.data: ") \
	X("fetch", f.of.fetch.chunks = 0, MALFORMED, "frame.fetch.chunks: ") \
	X("fetch", f.of.fetch.chunks = 17, TOO_LARGE, "frame.fetch.chunks: ") \
	X("fetch_chunk", f.of.fetch_chunk.data = view_of(zeros, CHUNK_SIZE + 1), TOO_LARGE, "frame.fetch_chunk.data: ") \
	X("error", f.of.error.reason = "bad reason", MALFORMED, "frame.error.reason: ") \
	X("error", (f.of.error.detail = details, f.of.error.detail_count = 17), TOO_LARGE, "frame.error.detail: ") \
	X("error", (f.of.error.detail = details, f.of.error.detail_count = 1), MALFORMED, "frame.error.detail[0].name: ") \
	X("ping", f.of.ping_now = MAX_TIME + 1, MALFORMED, "frame.ping.now: ") \
	X("go_away", f.of.go_away.reason = "", MALFORMED, "frame.go_away.reason: ")

static struct frame sample_by_name(const char *name)
{
	for (size_t i = 0; i < SAMPLE_FRAME_COUNT; i++) {
		if (strcmp(sample_frames[i].name, name) == 0)
			return sample_frames[i].frame;
	}
	fail_msg("no sample '%s'", name);
	return sample_frames[0].frame;
}

static void frames_with_one_thing_wrong_are_refused_by_its_name(void **state)
{
	(void)state;
	static const uint8_t zeros[MAX_ENVELOPE + 1];
	static char long_text[MAX_TEXT + 2];
	static uint64_t many[33];
	static struct error_detail details[17];
	memset(long_text, 'x', MAX_TEXT + 1);
	for (int i = 0; i < 17; i++)
		details[i] = (struct error_detail){i == 0 ? "Bad Name" : "name", "value"};
	struct frame back;
	struct fail why;
#define X(name, change, code, place) \
	{ \
		struct frame f = sample_by_name(name); \
		change; \
		bytes_clear(&out); \
		assert_ok(frame_encode(&f, &out)); \
		struct view payload = view_of(out.data + FRAME_HEAD, out.length - FRAME_HEAD); \
		assert_refused(frame_decode(&back, payload, &arena, &why), &why, FAIL_##code, place); \
		assert_int_equal(back.kind, FRAME_NONE); \
		assert_int_equal(back.id, f.id > MAX_NUMBER ? 0 : f.id); \
		arena_release(&arena); \
	}
	FRAME_CASES(X)
#undef X
}

// Bytes as no encoder of ours would make them.
struct raw_case {
	struct view bytes;
	enum fail_code code;
	const char *place;
};

#define RAW(text) SAMPLE_VIEW(text)

static void bytes_that_no_encoder_makes_are_refused(void **state)
{
	(void)state;
	static const struct raw_case rows[] = {
		{RAW("\x08\x01"), FAIL_MALFORMED, "frame: nothing in it"},
		{RAW("\x08"), FAIL_MALFORMED, "frame.id: "},
		{RAW("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"), FAIL_MALFORMED, "frame.id: "},
		{RAW("\x08\x01\x08\x02\x32\0"), FAIL_MALFORMED, "frame.id: there twice"},
		{RAW("\x32\0\x32\0"), FAIL_MALFORMED, "frame.deliver: there twice"},
		{RAW("\x3a\0\x82\x01\0"), FAIL_MALFORMED, "frame.ping: there twice"},
		{RAW("\x0a\0"), FAIL_MALFORMED, "frame.id: of a wrong type"},
		{RAW("\x10\0"), FAIL_MALFORMED, "frame.hello: of a wrong type"},
		{RAW("\x13\x14"), FAIL_MALFORMED, "frame.hello: of a wrong type"},
		{RAW("\x12\x05"), FAIL_MALFORMED, "frame.hello: cut off"},
		{RAW("\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), FAIL_MALFORMED, "frame.hello: cut off"},
		{RAW("\0\0"), FAIL_MALFORMED, "frame: broken field head"},
		{RAW("\x9a\x01\0"), FAIL_UNSUPPORTED, "frame.19: "},
		{RAW("\x42\x02\x22\0"), FAIL_UNSUPPORTED, "frame.query.4: "},
		{RAW("\x3a\x02\x10\x01"), FAIL_MALFORMED, "frame.ack.2: "},
		{RAW("\x12\x02\x30\x02"), FAIL_MALFORMED, "frame.hello.resume: "},
		{RAW("\x12\x06\x08\xff\xff\xff\xff\x1f"), FAIL_MALFORMED, "frame.hello.min_minor: "},
		{RAW("\x12\x03\x52\x01\0"), FAIL_BAD_TEXT, "frame.hello.software: "},
		{RAW("\x2a\x04\x22\x02\x01\xff"), FAIL_MALFORMED, "frame.accepted.mailbox_seq: "},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct frame frame;
		struct fail why;
		assert_refused(frame_decode(&frame, rows[i].bytes, &arena, &why), &why, rows[i].code, rows[i].place);
	}
}

static void a_cut_anywhere_never_passes_for_the_whole(void **state)
{
	(void)state;
	struct header header = sample_referral(), back;
	struct fail why;
	assert_ok(header_encode(&header, &out));
	for (size_t length = 0; length < out.length; length++) {
		if (header_decode(&back, view_of(out.data, length), &arena, &why) == FAIL_NONE)
			assert_int_not_equal(back.party_count, header.party_count);
		arena_release(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(headers_with_one_thing_wrong_are_refused_by_its_name, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lists_of_the_largest_length_are_taken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(envelopes_with_one_thing_wrong_are_refused_by_its_name, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_envelope_is_at_most_960_kib, set_up, tear_down),
		cmocka_unit_test_setup_teardown(statements_and_receipts_with_one_thing_wrong_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(frames_with_one_thing_wrong_are_refused_by_its_name, set_up, tear_down),
		cmocka_unit_test_setup_teardown(bytes_that_no_encoder_makes_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_cut_anywhere_never_passes_for_the_whole, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
