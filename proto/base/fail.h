// SPDX-License-Identifier: Apache-2.0
//
// The one error idiom: functions return FAIL_NONE (0) or the name of what went
// wrong. Where a person will read it, they also fill a `struct fail`, whose
// text is wrapped outward ("hub.conf:12: tls.key: cannot open 'x'").
//
// Each name has a stable wire form (its own spelling without FAIL_), a
// google.rpc code, says whether the same bytes may be sent again, and carries
// the sentence that tells a person what to do. Own bugs are not errors: must()
// ends the process, in every build.
#ifndef PASSERELLE_BASE_FAIL_H
#define PASSERELLE_BASE_FAIL_H

#include <stdbool.h>
#include <stddef.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

// google.rpc.Code, the numbers that travel in Error.code.
enum rpc_code {
	RPC_OK = 0,
	RPC_UNKNOWN = 2,
	RPC_INVALID_ARGUMENT = 3,
	RPC_DEADLINE_EXCEEDED = 4,
	RPC_NOT_FOUND = 5,
	RPC_ALREADY_EXISTS = 6,
	RPC_PERMISSION_DENIED = 7,
	RPC_RESOURCE_EXHAUSTED = 8,
	RPC_FAILED_PRECONDITION = 9,
	RPC_ABORTED = 10,
	RPC_OUT_OF_RANGE = 11,
	RPC_UNIMPLEMENTED = 12,
	RPC_INTERNAL = 13,
	RPC_UNAVAILABLE = 14,
	RPC_DATA_LOSS = 15,
	RPC_UNAUTHENTICATED = 16,
};

// X(name, rpc code, same bytes may be sent again, what to do)
#define FAIL_MAP(X) \
	X(MALFORMED, INVALID_ARGUMENT, false, "the bytes are not a valid message: update the program that made them") \
	X(TOO_LARGE, INVALID_ARGUMENT, false, "over the size limit: send large content as an attachment of at most 200 MiB") \
	X(UNSUPPORTED, UNIMPLEMENTED, false, "this version does not know it: update the older side") \
	X(BAD_CERTIFICATE, UNAUTHENTICATED, false, "the certificate is missing, expired or not issued for this use: ask the General Secretariat for a new one") \
	X(NOT_A_MEMBER, UNAUTHENTICATED, false, "the certificate's owner is not an active member or partner: ask the General Secretariat") \
	X(BAD_SIGNATURE, UNAUTHENTICATED, false, "the signature does not fit the message: write it again; if it happens twice, the signing key is damaged") \
	X(UNKNOWN_SIGNER, UNAUTHENTICATED, false, "the signing certificate is not registered: ask the General Secretariat to register it") \
	X(NOT_ALLOWED, PERMISSION_DENIED, false, "this role may not do this here") \
	X(UNKNOWN_RECIPIENT, NOT_FOUND, false, "no active member has this code: see the directory") \
	X(UNKNOWN_CASE, NOT_FOUND, false, "no case with this number is known to you") \
	X(UNKNOWN_OBJECT, NOT_FOUND, false, "no such attachment is known to you") \
	X(KEY_REUSED, ALREADY_EXISTS, false, "this message id was used before for other bytes: write the message anew") \
	X(ILLEGAL_MOVE, FAILED_PRECONDITION, false, "the case is in a state that does not allow this step: choose one of the legal ones") \
	X(NOT_YOUR_MOVE, FAILED_PRECONDITION, false, "this step belongs to the other side of the case") \
	X(OVERTAKEN, ABORTED, false, "the other side moved first: read its message, then decide again") \
	X(TOO_OLD, OUT_OF_RANGE, false, "the message id is older than what the hub remembers: write the message anew") \
	X(CLOCK_AHEAD, OUT_OF_RANGE, false, "the computer's clock is ahead of the hub's: set the clock, then write the message anew") \
	X(EXPIRED, OUT_OF_RANGE, false, "the message's own time has run out: write it anew if it is still wanted") \
	X(CURSOR_STALE, OUT_OF_RANGE, false, "messages before the cursor are gone or bound anew: ask again from the lowest number") \
	X(CURSOR_AHEAD, FAILED_PRECONDITION, false, "the cursor is beyond the newest message: this store belongs to another hub or was copied") \
	X(REPLACED, FAILED_PRECONDITION, true, "another session of the same user took over") \
	X(OBJECT_INCOMPLETE, FAILED_PRECONDITION, true, "an attachment has not arrived in full: upload it first") \
	X(OBJECT_MISMATCH, INVALID_ARGUMENT, false, "an attachment's bytes do not fit its hash: upload it anew") \
	X(OVER_QUOTA, RESOURCE_EXHAUSTED, true, "too much or too fast: wait and try again") \
	X(OVER_CREDIT, RESOURCE_EXHAUSTED, true, "more requests at once than the hub allows: wait for answers first") \
	X(UNAVAILABLE, UNAVAILABLE, true, "the other end or its database is away: it is tried again by itself") \
	X(OUTCOME_UNKNOWN, UNAVAILABLE, true, "it is not known whether the message was stored: send the same bytes again, that settles it") \
	X(TIMED_OUT, DEADLINE_EXCEEDED, true, "no answer in time: try again") \
	X(DATA_LOSS, DATA_LOSS, false, "stored bytes do not fit their hash: call the operator at once and do not delete anything") \
	X(CANNOT_OPEN, INVALID_ARGUMENT, false, "the sealed content was damaged or altered: ask the author to send it again") \
	X(NOT_FOR_US, PERMISSION_DENIED, false, "none of your keys opens this: it was sealed to an earlier key, ask the author to send it again") \
	X(BAD_PASSPHRASE, UNAUTHENTICATED, false, "the passphrase does not open the key: try again") \
	X(BAD_FORM, INVALID_ARGUMENT, false, "the form has faults: mend the fields that are named") \
	X(BAD_TEXT, INVALID_ARGUMENT, false, "the text is not valid UTF-8: save the file as UTF-8") \
	X(BAD_CONFIG, FAILED_PRECONDITION, false, "the configuration has faults: mend the lines that are named") \
	X(BAD_USAGE, INVALID_ARGUMENT, false, "the command line is not understood: see --help") \
	X(NO_FILE, NOT_FOUND, false, "the file cannot be opened: check its name and rights") \
	X(NO_SPACE, RESOURCE_EXHAUSTED, true, "the disk is full: free some space, nothing was lost") \
	X(IO, UNAVAILABLE, true, "reading or writing failed: check the disk and the line") \
	X(CLOSED, UNAVAILABLE, true, "the other side closed the connection") \
	X(NO_MEMORY, RESOURCE_EXHAUSTED, true, "over the memory limit: the message is too complex") \
	X(INTERNAL, INTERNAL, false, "a fault inside the program: report it") \
	X(UNKNOWN_MESSAGE, NOT_FOUND, false, "no such message of your member is in this case: passerelle show lists them") \
	X(NO_LONGER_VALID, FAILED_PRECONDITION, false, "the message was declared void or recalled: write a new one") \
	X(OTHER_VERSION, ABORTED, false, "another version was there first: look at it, then write the next one") \
	X(MEMBER_OUT, FAILED_PRECONDITION, false, "the branch cannot work just now: write to its deputy, see passerelle directory") \
	X(ALREADY_DELIVERED, FAILED_PRECONDITION, false, "the other branch has it: passerelle invalidate says that it does not count, and why")

enum fail_code {
	FAIL_NONE = 0,
#define X(name, rpc, retry, advice) FAIL_##name,
	FAIL_MAP(X)
#undef X
	FAIL_COUNT
};

struct fail {
	enum fail_code code;
	char text[400]; // lower case, no full stop, '' around values; never case content
};

// Stable name as it travels in Error.reason: "KEY_REUSED". "NONE" for FAIL_NONE.
const char *fail_name(enum fail_code code);

// The reverse; FAIL_COUNT if the name is unknown (a newer peer's).
enum fail_code fail_from_name(const char *name);

enum rpc_code fail_rpc(enum fail_code code);
bool fail_retryable(enum fail_code code);

// What a person should do about it, one sentence without full stop, in the reader's language (base/words.h).
const char *fail_advice(enum fail_code code);

// Both look their format up in the reader's language. Sets *why (may be NULL) and returns code, so that `return fail_set(...)` reads well.
enum fail_code fail_set(struct fail *why, enum fail_code code, const char *format, ...) PRINTF_LIKE(3, 4);

// Puts "context: " before the text that is already there; code is unchanged.
enum fail_code fail_wrap(struct fail *why, const char *format, ...) PRINTF_LIKE(2, 3);

// Own bugs end here, in every build: prints file, line and condition, then abort().
#define must(condition) \
	((condition) ? (void)0 : must_failed(__FILE__, __LINE__, #condition))
void must_failed(const char *file, int line, const char *condition) __attribute__((noreturn, cold));

#endif
