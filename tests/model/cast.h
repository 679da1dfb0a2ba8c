// SPDX-License-Identifier: Apache-2.0
//
// Invented people with real keys, and the letters that they write: real envelopes,
// signed, with a body of random bytes. Made once, used by many worlds.
#ifndef PASSERELLE_TEST_CAST_H
#define PASSERELLE_TEST_CAST_H

#include "lib/certificates.h"
#include "seal/signing.h"
#include "wire/codec.h"

enum person_name { ANNA, BEAT, MOUSSA, KIRI, HELENE, ADA, PERSON_COUNT };

struct person {
	struct identity self; // as in the TLS certificate
	struct test_identity signing; // not for the agency
};

struct cast {
	struct test_ca *ca;
	struct person person[PERSON_COUNT];
	struct test_identity receipt; // the hub's
	struct test_identity stranger; // signs, but nobody registered it
};

struct cast *cast_new(void);
void cast_free(struct cast *cast);

#define PARTY_REFERENCE "CH-SN-7QK2-M9FD" // of every agency that a letter names

struct letter {
	enum message_kind kind;
	enum report_stage report;
	struct id message; // zero: made from `now` and `random`
	struct id case_id;
	const char *to[3]; // NULL behind the last
	uint64_t seen, expires_at;
	bool blocking;
	char due[DATE_SIZE]; // "": none, or what its kind usually has
	const char *party; // NULL: none
	const char *status, *deputy; // of AVAILABILITY; NULL: NORMAL, none
	struct receipt_item *receipt;
	size_t receipt_count;
	const struct object_ref *attachment; // NULL: none
};

// The envelope's bytes, malloc()ed; letter->message is set. `random` moves on.
struct view letter_write(const struct person *author, const struct test_identity *signing, struct letter *letter,
                         uint64_t now, uint64_t *random);

uint64_t random_next(uint64_t *random);
uint64_t random_below(uint64_t *random, uint64_t limit); // 0 to limit - 1; 0 for 0
struct id random_id(uint64_t *random);

#endif
