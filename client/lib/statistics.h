// SPDX-License-Identifier: Apache-2.0
//
// What a member tells of the persons in its cases: once a month, without names, sealed to the General Secretariat alone.
//
// Who asked for a case tells of it, so that each person of a case is told of once, wherever the case goes. Told are those
// whom its items are about. A record has a number that comes out of the key of the referral (proto/README.md, "Statistics"): a newer
// one takes the place of the older, and nobody can tell of which case it is who has not its key. What is known of a person goes along
// only while the newest consent of that person for statistics is a yes; else the person is counted, and nothing is told.
#ifndef PASSERELLE_LIB_STATISTICS_H
#define PASSERELLE_LIB_STATISTICS_H

#include "lib/profile.h"

#include <jansson.h>

// What would be told at `now`: {"month", "persons", "tallies"}. A person has the fields of body.proto and, for the own desk, the
// `reference` of the case and `person`, which do not travel. Caller owns *told.
enum fail_code statistics_collect(struct psr_profile *profile, uint64_t now, json_t **told,
                                  struct fail *why) MUST_CHECK;

// Collects, shuffles, and puts the messages into the outbox. *persons: of how many they tell.
enum fail_code statistics_send(struct psr_profile *profile, uint64_t now, size_t *persons, struct fail *why) MUST_CHECK;

// Before an exchange: writes what the months before have brought, if that was not done in this month yet. Nothing happens where there
// is no key of the General Secretariat, or the profile writes no messages. What fails is tried again the next time.
enum fail_code statistics_if_due(struct psr_profile *profile, uint64_t now, struct fail *why) MUST_CHECK;

// psr_statistics. FAIL_NOT_ALLOWED: what is asked for is not of this profile's side.
enum fail_code statistics_answer(struct psr_profile *profile, const struct psr_statistics_wanted *wanted,
                                 json_t **result, struct fail *why) MUST_CHECK;

// ---- the General Secretariat's side (statistics_kept.c)

struct checked;

// Takes the records of a genuine STATISTICS message over, and its content out of the inbox, so that what a newer
// record has taken back is nowhere. Inside a transaction. FAIL_MALFORMED, FAIL_CANNOT_OPEN, ...: of the message.
enum fail_code statistics_take(struct psr_profile *profile, const struct checked *checked, struct view envelope,
                               struct fail *why) MUST_CHECK;

// passerelle.statistics/1: the tables of a year as they may be told (case/fives.h). Caller owns *result.
enum fail_code statistics_tables(struct psr_profile *profile, unsigned year, json_t **result,
                                 struct fail *why) MUST_CHECK;

#endif
