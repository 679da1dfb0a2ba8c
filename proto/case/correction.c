// SPDX-License-Identifier: Apache-2.0
#include "case/correction.h"

#define OF(kind) (UINT64_C(1) << KIND_##kind)

// What tells something: it can be told anew. What it moved by coming stays moved, because that hangs on its header,
// which no update touches.
#define TELLS \
	(OF(REFERRAL) | OF(INFO_REPLY) | OF(REPORT) | OF(STATUS_NOTE) | OF(DOCUMENT) | OF(STEP) | OF(FOLLOW_UP) | \
	 OF(REMINDER_REPLY) | OF(TRANSLATION) | OF(ALERT))

// A question has been read by its marks, and a consent is what a person said on a day: neither is told anew under
// the same name, and neither is a page of a child's file (the next project or assessment is a page of its own); but
// all of them can have been sent in error. A new version can be void as well: then the one before
// counts. A decision (ACCEPT, HOLD, CLOSE, ...) is undone by the move that undoes it, and what passes a case on
// cannot be taken back from who has it.
#define COUNTS (TELLS | OF(INFO_REQUEST) | OF(CONSENT_GIVEN) | OF(CHILD_FILE) | OF(UPDATE))

// What came to nobody yet may be taken back whatever it says; its move stands. But not what has keys for a new member,
// and not the word that a consent was withdrawn, on which the clock stands.
#define OPENS (OF(REFERRAL) | OF(ALERT))
#define COMES \
	(COUNTS | OF(ACK) | OF(ACCEPT) | OF(DECLINE) | OF(WITHDRAW) | OF(CLOSE) | OF(REOPEN) | OF(START) | OF(HOLD) | \
	 OF(RESUME) | OF(CONSENT_ANSWER) | OF(PARTY) | OF(INVALIDATE))

uint64_t correction_kinds(enum message_kind kind)
{
	static const uint64_t kinds[KIND_COUNT] = {
		[KIND_UPDATE] = TELLS,
		[KIND_INVALIDATE] = COUNTS,
		[KIND_RECALL] = COMES,
	};
	return kind < KIND_COUNT ? kinds[kind] : 0;
}

uint64_t correction_kinds_of(const struct header *header, bool ended)
{
	uint64_t kinds = correction_kinds(header->kind);
	if (header->kind != KIND_RECALL)
		return kinds;
	if (header->reason[0] != '\0')
		return kinds & OPENS;
	return ended ? kinds : kinds & ~OPENS;
}

bool correction_opens(enum message_kind kind)
{
	return kind < KIND_COUNT && (OPENS >> kind & 1) != 0;
}

bool correction_possible(enum message_kind kind, enum message_kind of)
{
	return of < KIND_COUNT && (correction_kinds(kind) >> of & 1) != 0;
}

const char *correction_refusal(enum message_kind kind)
{
	static const char *const texts[KIND_COUNT] = {
		[KIND_UPDATE] = "a message of this kind is not replaced by a new version: of an update name the first version; "
						"of a decision make the move that undoes it",
		[KIND_INVALIDATE] = "a message of this kind is not declared void: make the move that undoes it",
		[KIND_RECALL] = "a message of this kind is not recalled; of the one that opened the case say the reason, which withdraws it",
	};
	return kind < KIND_COUNT && texts[kind] != NULL ? texts[kind] : "it speaks of no other message";
}
