// SPDX-License-Identifier: Apache-2.0
//
// Short words for what happened, in the reader's language; the English is easy to read for someone with little of it.
#ifndef PASSERELLE_CLI_WORDS_H
#define PASSERELLE_CLI_WORDS_H

#include <jansson.h>

// "asked a question", by kind (and report stage) of an item of a case or inbox.
const char *words_happened(const json_t *item);

// "referral", "question"; as a noun.
const char *words_kind(const char *kind);

// "at the hub", by state of an outbox item.
const char *words_standing(const char *standing); // "due soon" for DUE_SOON
const char *words_outbox_state(const char *state);

// "NP cannot work since 2026-11-23: DISASTER, deputy: ML", of a clock's "out" or an entry of the directory. "" for one that
// works as usual. To be freed.
char *words_outage(const json_t *outage);

// What AVAILABILITY and BROADCAST tell, of an item of inbox or outbox. "" for any other message. To be freed.
char *words_told(const json_t *item);

// "SN", or "all branches".
const char *words_receivers(const json_t *item);

// The command that turns to the deputy instead, for a case that offers it ("may_turn_to"); "" else. To be freed.
char *words_turn_to(const json_t *item, const json_t *outage);

// What a code means that stands under this key; the code itself if that is not known.
const char *words_code(const char *key, const char *code);

// RFC 3339 as "2026-11-23 07:10"; "" stays "".
struct moment {
	char text[20];
};
struct moment words_moment(const char *rfc3339);

// 432000000 ms as "5 days".
struct span {
	char text[32];
};
struct span words_span(const char *milliseconds);

#endif
