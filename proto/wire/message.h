// SPDX-License-Identifier: Apache-2.0
//
// The decoded, checked forms of what proto/passerelle/v1/{envelope,wire}.proto
// describe. Decoding copies into one arena; afterwards nobody sees protobuf.
// Every limit of the field comments in the .proto files has been checked when a
// struct comes out of codec.h: ids are 16 bytes, hashes 32, codes are in range,
// texts are UTF-8 without control characters, lists are within their caps.
#ifndef PASSERELLE_WIRE_MESSAGE_H
#define PASSERELLE_WIRE_MESSAGE_H

#include "base/id.h"
#include "wire/identity.h"

enum {
	MAX_RECIPIENTS = 32,
	MAX_OBJECTS = 50,
	MAX_STANZAS = MAX_OBJECTS * MAX_RECIPIENTS,
	MAX_PARTIES = 8,
	MAX_RECEIPT_ITEMS = 256,
	MAX_GRANTS = 1024,
	CASE_REFERENCE_SIZE = 2 * MEMBER_CODE_SIZE + 11, // REFERENCE_SIZE of case/reference.h
	MAX_LANGUAGES = 16,
	MAX_NOTICE = 2000,            // bytes of what all members are told
	MAX_LANGUAGE_LENGTH = 16,
	MAX_RECIPIENT_KEYS = 2 * (MAX_RECIPIENTS + 1), // two per receiver and the author's own
	MAX_HEADER = 64 * 1024,       // bytes of a serialised Header
	MIN_SIGNATURE = 8,            // ECDSA P-256 in DER may be short
	MAX_SIGNATURE = 80,           // and is 72 at most; Ed25519 has 64
	MAX_STATEMENT = 512,          // bytes of a serialised HubStatement
	MAX_RECEIPT = 2048,           // and of a HubReceipt
	MAX_CERTIFICATE = 4096,       // DER
	MAX_FETCH_CHUNKS = 16,
	MAX_CASE_STATE = 22,          // proto/README.md 9
	MAX_TEXT = 1000,              // bytes of a text for people in a frame
	MAX_ERROR_DETAILS = 16,
	MAX_FLOW_ROWS = 8192,
	MAX_DIRECTORY_ENTRIES = 1024,
	MAX_CERTIFICATES = 256,       // of one kind in a DirectoryEntry
	MAX_SERVICES = 64,
	MAX_COUNTRIES = 64,
	MAX_ENVELOPE = 960 * 1024,
	MAX_TREE_LEAVES = 256,
	MAX_TREE_PATH = 8,
	CHUNK_SIZE = 256 * 1024,
	CODE_SIZE = 41,      // a code of a code list: up to 40 of A-Z 0-9 _, then NUL
	DATE_SIZE = 11,      // YYYY-MM-DD and NUL
	KEY_ID_SIZE = 16,
	MAX_MAILBOX_PAGE = 256,
	MAX_CONTENT_VERSION = 1000, // versions of one message
};

#define MAX_OBJECT_SIZE (UINT64_C(200) * 1024 * 1024 + 256 * 1024) // sealed bytes
#define MAX_TIME UINT64_C(253402300799999)    // Unix milliseconds, end of the year 9999
#define MAX_NUMBER UINT64_C(9223372036854775807) // of mailboxes and cases: fits a database's bigint

enum message_kind {
	KIND_UNSPECIFIED, KIND_REFERRAL, KIND_ACK, KIND_ACCEPT, KIND_DECLINE, KIND_INFO_REQUEST,
	KIND_INFO_REPLY, KIND_REPORT, KIND_STATUS_NOTE, KIND_WITHDRAW, KIND_CLOSE, KIND_REOPEN,
	KIND_RECEIPT, KIND_START, KIND_HOLD, KIND_RESUME, KIND_FORWARD, KIND_TRANSFER, KIND_DOCUMENT,
	KIND_REMINDER, KIND_ESCALATION, KIND_SILENCE, KIND_STEP, KIND_CONSENT_GIVEN, KIND_CONSENT_WITHDRAWN,
	KIND_CONSENT_ANSWER, KIND_FOLLOW_UP, KIND_PARTY, KIND_UPDATE, KIND_INVALIDATE,
	KIND_MEMBER_OUT, KIND_MEMBER_BACK,
	KIND_DATE_PROPOSE, KIND_DATE_AGREE, KIND_REPORT_READY, KIND_LOCAL_CLOSE, KIND_ITEM,
	KIND_CHILD_FILE, KIND_STATUS_ASKED,
	KIND_AVAILABILITY, KIND_BROADCAST, KIND_STATISTICS,
	KIND_TRACE_REQUEST, KIND_TRACE_ANSWER, KIND_MATCH_PROPOSED, KIND_MATCH_REVIEW, KIND_MATCH_DISCLOSE,
	KIND_MATCH_CONFIRM, KIND_MATCH_REFUTE, KIND_TRACE_RENEW,
	KIND_RECALL, KIND_REMINDER_REPLY, KIND_TRANSLATION, KIND_ALERT,
	KIND_COUNT
};

// "REFERRAL"; "UNKNOWN" beyond the list.
const char *message_kind_name(enum message_kind kind);

// REMINDER, ESCALATION, SILENCE, MEMBER_OUT, MEMBER_BACK: only the hub writes them, and it writes no others.
bool message_kind_of_hub(enum message_kind kind);

// Of an ALERT, always.
#define ALERT_SERVICE "CP_ALERT"
#define ALERT_URGENCY "EMERGENCY"

// AVAILABILITY and BROADCAST: of no case, to all active members but the author's (`to` is TO_ALL alone).
#define TO_ALL "*"
bool message_kind_to_all(enum message_kind kind);

// REFERRAL, TRACE_REQUEST, ALERT: the first message of a new case.
bool message_kind_opens(enum message_kind kind);

enum report_stage { REPORT_NONE, REPORT_INTERIM, REPORT_FINAL };
enum receipt_level { LEVEL_NONE, LEVEL_ACCEPTED, LEVEL_DELIVERED, LEVEL_OPENED };
enum commit_level { COMMIT_NONE, COMMIT_LOCAL, COMMIT_REPLICATED };

struct object_ref {
	struct id id;
	uint64_t length;
	struct hash tree_hash;
	struct hash commitment;
};

struct party {
	char agency[MEMBER_CODE_SIZE];
	char purpose[CODE_SIZE];
	char until[DATE_SIZE]; // empty: until closure
	char reference[CASE_REFERENCE_SIZE]; // what this agency asks with; empty: it cannot
};

struct receipt_item {
	struct id message;
	struct hash header_hash;
	enum receipt_level level;
	uint64_t at;
};

// How far a member can work.
struct availability {
	char status[CODE_SIZE];
	char member[MEMBER_CODE_SIZE];
};

struct header {
	uint32_t version;
	struct id message;
	enum message_kind kind;
	struct id case_id; // zero for KIND_RECEIPT, KIND_STATISTICS
	char from[MEMBER_CODE_SIZE];
	char (*to)[MEMBER_CODE_SIZE];
	size_t to_count;
	char author[IDENTITY_URI_SIZE];
	uint64_t created_at;
	uint64_t expires_at;
	uint64_t seen_case_seq;
	bool has_previous;
	struct hash previous;
	char service[CODE_SIZE];
	char urgency[CODE_SIZE];
	char legal_basis[CODE_SIZE];
	char requester_kind[CODE_SIZE];
	char reason[CODE_SIZE];
	enum report_stage report;
	char due[DATE_SIZE];
	bool blocking;
	const char **language;
	size_t language_count;
	struct object_ref *object;
	size_t object_count;
	uint8_t (*recipient_key)[KEY_ID_SIZE];
	size_t recipient_key_count;
	struct party *party;
	size_t party_count;
	struct receipt_item *receipt;
	size_t receipt_count;
	struct id *grant;
	size_t grant_count;
	char reference[CASE_REFERENCE_SIZE];
	struct id refers_to; // zero if it speaks of no other message
	uint32_t version_of_content;
	char deputy[MEMBER_CODE_SIZE];
	uint64_t asked;
	struct availability availability; // status empty: none
	const char *notice; // NULL or empty: none
	const char *calendar; // case/calendar.h; NULL or empty: Monday to Friday
};

struct stanza {
	uint32_t object;
	uint16_t kem;
	uint8_t key_id[KEY_ID_SIZE];
	struct view enc;
	struct view ct;
};

// Views point into the bytes that were decoded, which must outlive the struct.
struct envelope {
	struct view header;
	struct view signature;
	struct hash signer;
	struct stanza *stanza;
	size_t stanza_count;
	struct view sealed_body;
	struct hash *batch_path;
	size_t batch_path_count;
	uint32_t batch_index;
	uint32_t batch_size; // 0: the signature is over this header alone
};

struct hub_statement {
	uint32_t version;
	struct id message;
	char from[MEMBER_CODE_SIZE];
	struct hash header_hash;
	struct hash envelope_hash;
	struct id case_id;
	uint64_t case_seq;
	uint64_t accepted_at;
	enum commit_level commit;
	char hub[IDENTITY_URI_SIZE];
};

struct hub_receipt {
	struct view statement;
	struct hash *path;
	size_t path_count;
	uint32_t index;
	uint32_t size;
	struct view signature;
	struct hash signer;
};

enum frame_kind {
	FRAME_NONE, FRAME_HELLO, FRAME_WELCOME, FRAME_SUBMIT, FRAME_ACCEPTED, FRAME_DELIVER, FRAME_ACK,
	FRAME_QUERY, FRAME_ANSWER, FRAME_UPLOAD_OPEN, FRAME_UPLOAD_CHUNK, FRAME_UPLOAD_OFFSET, FRAME_FETCH,
	FRAME_FETCH_CHUNK, FRAME_ERROR, FRAME_PING, FRAME_PONG, FRAME_GO_AWAY,
	FRAME_KIND_COUNT
};

struct hello {
	uint32_t min_minor, max_minor;
	uint64_t features;
	uint32_t credit_messages, credit_bytes;
	bool resume;
	uint64_t mailbox_epoch, cursor, now;
	const char *software;
};

struct welcome {
	uint32_t minor;
	uint64_t features;
	uint32_t max_frame, credit_messages, credit_bytes;
	uint64_t mailbox_epoch, mailbox_low, mailbox_high, now;
	uint32_t heartbeat_ms;
	struct view receipt_certificate, receipt_issuer;
	const char *member, *role;
};

struct submit { struct view envelope; };

struct accepted {
	struct view receipt;
	bool duplicate;
	uint32_t case_state;
	uint64_t *mailbox_seq;
	size_t mailbox_seq_count;
};

struct deliver {
	uint64_t mailbox_seq, case_seq, accepted_at;
	uint32_t case_state;
	struct view envelope;
	bool recalled;
};

struct ack { uint64_t mailbox_seq; };

enum question_kind { QUESTION_NONE, QUESTION_STATUS, QUESTION_FLOW, QUESTION_DIRECTORY };

// Which rows of a period are wanted.
enum flow_table { FLOW_OF_ALL, FLOW_OF_MEMBERS, FLOW_OF_REGIONS, FLOW_TABLE_COUNT };

struct query {
	enum question_kind kind;
	bool has_case_id;
	struct id case_id;          // STATUS
	const char *reference;      // STATUS, "" if none
	uint64_t from, until;       // FLOW
	bool figures;               // FLOW
	enum flow_table table;      // FLOW, figures
	uint64_t known_version;     // DIRECTORY
};

enum flow_measure { FLOW_CASES, FLOW_OVERDUE, FLOW_ESCALATED, FLOW_MEASURE_COUNT };

// As FlowFigure in wire.proto says.
enum flow_figure {
	FIGURE_NONE,
	FIGURE_OPENED_ASKS,
	FIGURE_OPENED_ASKED,
	FIGURE_OPENED_SERVICE,
	FIGURE_OPENED_URGENCY,
	FIGURE_ACKNOWLEDGED,
	FIGURE_DECIDED,
	FIGURE_REPORTED,
	FIGURE_DATE,
	FIGURE_HELD,
	FIGURE_DECLINED,
	FIGURE_UNSERVED,
	FIGURE_OPENED_MONTH,
	FIGURE_SERVICE_ASKS,
	FIGURE_SERVICE_ASKED,
	FIGURE_MEMBER_ACKNOWLEDGED,
	FIGURE_MEMBER_DECIDED,
	FIGURE_MEMBER_REPORTED,
	FIGURE_FOLLOW_UP,
	FIGURE_AVAILABILITY,
	FIGURE_MONTH_ASKS,
	FIGURE_MONTH_ASKED,
	FIGURE_NOW_SERVICE,
	FIGURE_NOW_URGENCY,
	FLOW_FIGURE_COUNT
};

struct flow_row {
	char requesting[MEMBER_CODE_SIZE], responding[MEMBER_CODE_SIZE];
	uint32_t state;
	uint64_t cases;
	bool few;
	uint64_t oldest_ms, median_ms;
	enum flow_measure measure;
	enum flow_figure figure;
	char key[CODE_SIZE];       // empty where the figure has none
	uint32_t days, month;
	char region[CODE_SIZE];    // likewise
};

struct directory_entry {
	const char *code, *kind, *name, *status;
	struct view *signing;      size_t signing_count;      // DER certificates
	struct view *encryption;   size_t encryption_count;
	struct view *issuer;       size_t issuer_count;
	const char **service;      size_t service_count;
	const char **language;     size_t language_count;
	const char **country;      size_t country_count;
	const char *availability, *cause, *until, *deputy; // NULL or empty: nothing was told
	uint64_t since;
	const char *calendar; // case/calendar.h; NULL or empty: Monday to Friday
};

struct status_reply {
	bool available;
	uint32_t state;
	uint64_t since;
	char next_due[DATE_SIZE];
	char turn[MEMBER_CODE_SIZE];
	bool late;
};

struct answer {
	enum question_kind kind;
	struct status_reply status;
	uint64_t as_of;                                   // FLOW
	struct flow_row *flow;            size_t flow_count;
	uint64_t version;                                 // DIRECTORY
	struct directory_entry *entry;    size_t entry_count;
};

struct upload_open { struct id object; uint64_t length; struct hash tree_hash; };
struct upload_chunk { struct id object; uint64_t offset; struct view data; };
struct upload_offset { struct id object; uint64_t durable; bool complete; };
struct fetch { struct id object; uint64_t offset; uint32_t chunks; };
struct fetch_chunk { struct id object; uint64_t offset; struct view data; bool last; };

struct error_detail { const char *name; const char *value; };

struct error {
	enum fail_code fail;       // FAIL_COUNT: a name this version does not know, see reason
	const char *reason;
	bool retryable;
	uint32_t retry_after_ms;
	const char *text;
	struct error_detail *detail;
	size_t detail_count;
};

struct go_away { const char *reason; uint32_t retry_after_ms; };

struct frame {
	uint64_t id;
	enum frame_kind kind;
	union {
		struct hello hello;
		struct welcome welcome;
		struct submit submit;
		struct accepted accepted;
		struct deliver deliver;
		struct ack ack;
		struct query query;
		struct answer answer;
		struct upload_open upload_open;
		struct upload_chunk upload_chunk;
		struct upload_offset upload_offset;
		struct fetch fetch;
		struct fetch_chunk fetch_chunk;
		struct error error;
		uint64_t ping_now; // PING and PONG
		struct go_away go_away;
	} of;
};

#endif
