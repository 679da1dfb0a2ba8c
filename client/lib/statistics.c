// SPDX-License-Identifier: Apache-2.0
#include "lib/statistics.h"

#include "case/age_band.h"
#include "case/partial_date.h"
#include "form/statistics.h"
#include "lib/cases.h"
#include "lib/checked.h"
#include "lib/compose.h"
#include "lib/contents.h"
#include "lib/json.h"
#include "lib/peers.h"
#include "seal/content.h"
#include "seal/keyed_hash.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OF(kind) (UINT64_C(1) << KIND_##kind)
#define DAY_MS UINT64_C(86400000)
#define KEPT_MS (27 * 31 * DAY_MS) // the last follow-up comes after two years

static const uint64_t telling = OF(REFERRAL) | OF(ALERT) | OF(INFO_REPLY) | OF(REPORT) | OF(CONSENT_GIVEN) |
                                OF(CONSENT_WITHDRAWN) | OF(TRANSFER) | OF(CLOSE) | OF(REOPEN) | OF(FOLLOW_UP);

// One case as its messages tell it.
struct reading {
	json_t *persons;     // pseudonym: person, owned
	json_t *services;    // pseudonym: what is asked for the person, owned
	json_t *consents;    // pseudonym: is the newest consent for statistics a yes? owned
	json_t *outcomes;    // pseudonym: how it ended, owned
	json_t *follow_ups;  // pseudonym: list, owned
	char outcome[CODE_SIZE];
	char today[11];
};

// ---- messages ----

static void take_persons(struct reading *reading, const struct content *content)
{
	json_t *person;
	size_t i;
	json_array_foreach(json_object_get(content->json, "persons"), i, person) {
		const char *pseudonym = content_text(person, "pseudonym");
		json_t *known = json_object_get(reading->persons, pseudonym);
		if (known != NULL)
			json_object_update(known, person); // a reply tells what is new
		else if (pseudonym[0] != '\0')
			json_object_set_new(reading->persons, pseudonym, json_deep_copy(person));
	}
}

static void take_consent(struct reading *reading, const json_t *consent)
{
	const char *expires = content_text(consent, "expires");
	bool over = expires[0] != '\0' && strcmp(expires, reading->today) < 0;
	bool yes = strcmp(content_text(consent, "given"), "YES") == 0 && !over;
	if (strcmp(content_text(consent, "purpose"), "STATISTICS") == 0)
		json_object_set_new(reading->consents, content_text(consent, "person"), json_boolean(yes));
}

static void take_consents(struct reading *reading, const struct content *content)
{
	json_t *one;
	size_t i;
	json_array_foreach(json_object_get(content->json, "consents"), i, one)
		take_consent(reading, one);
}

static void take_items(struct reading *reading, const struct content *content)
{
	json_t *item, *person;
	size_t i, k;
	json_array_foreach(json_object_get(content->json, "items"), i, item) {
		json_array_foreach(json_object_get(item, "persons"), k, person) {
			const char *pseudonym = json_string_value(person);
			if (pseudonym != NULL && json_object_get(reading->services, pseudonym) == NULL)
				json_object_set(reading->services, pseudonym, json_object_get(item, "service"));
		}
	}
}

static void take_referral(struct reading *reading, const struct content *content)
{
	take_persons(reading, content);
	take_consents(reading, content);
	take_items(reading, content);
}

// An alert is one request, for all whom it names.
static void take_alert(struct reading *reading, const struct content *content)
{
	json_t *person;
	size_t i;
	take_persons(reading, content);
	take_consents(reading, content);
	json_array_foreach(json_object_get(content->json, "persons"), i, person)
		json_object_set_new(reading->services, content_text(person, "pseudonym"), json_string(ALERT_SERVICE));
}

static void take_consent_change(struct reading *reading, const struct content *content)
{
	take_consent(reading, json_object_get(content->json, "consent"));
}

static void take_close(struct reading *reading, const struct content *content)
{
	json_t *one;
	size_t i;
	snprintf(reading->outcome, sizeof reading->outcome, "%s", content_text(content->json, "outcome"));
	json_object_clear(reading->outcomes);
	json_array_foreach(json_object_get(content->json, "outcomes"), i, one)
		json_object_set(reading->outcomes, content_text(one, "person"), json_object_get(one, "outcome"));
}

// What was found before a new closure belongs to the old one.
static void take_reopen(struct reading *reading, const struct content *content)
{
	(void)content;
	reading->outcome[0] = '\0';
	json_object_clear(reading->outcomes);
	json_object_clear(reading->follow_ups);
}

// The last word after so many months counts.
static void take_follow_up(struct reading *reading, const struct content *content)
{
	const char *pseudonym = content_text(content->json, "person");
	json_t *list = json_object_get(reading->follow_ups, pseudonym), *one = json_object(), *before;
	size_t i;
	if (list == NULL) {
		json_object_set_new(reading->follow_ups, pseudonym, json_array());
		list = json_object_get(reading->follow_ups, pseudonym);
	}
	json_object_set(one, "months", json_object_get(content->json, "months"));
	json_put_filled(one, "wellbeing", content_text(content->json, "wellbeing"));
	json_put_filled(one, "still_in_family", content_text(content->json, "still_in_family"));
	json_array_foreach(list, i, before) {
		if (json_equal(json_object_get(before, "months"), json_object_get(one, "months"))) {
			json_array_set_new(list, i, one);
			return;
		}
	}
	json_array_append_new(list, one);
}

static enum fail_code take(void *context, const struct content *content)
{
	static void (*const takers[KIND_COUNT])(struct reading *, const struct content *) = {
		[KIND_REFERRAL] = take_referral,
		[KIND_ALERT] = take_alert,
		[KIND_INFO_REPLY] = take_persons,
		[KIND_REPORT] = take_persons,
		[KIND_CONSENT_GIVEN] = take_consent_change,
		[KIND_CONSENT_WITHDRAWN] = take_consent_change,
		[KIND_TRANSFER] = take_consents,
		[KIND_CLOSE] = take_close,
		[KIND_REOPEN] = take_reopen,
		[KIND_FOLLOW_UP] = take_follow_up,
	};
	takers[content->kind](context, content);
	return FAIL_NONE;
}

static void begin(struct reading *reading, uint64_t now)
{
	*reading = (struct reading){.persons = json_object(), .services = json_object(), .consents = json_object(),
	                            .outcomes = json_object(), .follow_ups = json_object()};
	day_to_text((int32_t)(now / DAY_MS), reading->today);
}

static void end(struct reading *reading)
{
	json_decref(reading->persons);
	json_decref(reading->services);
	json_decref(reading->consents);
	json_decref(reading->outcomes);
	json_decref(reading->follow_ups);
}

// ---- the number of a person ----

struct number_key {
	struct psr_profile *profile;
	uint8_t key[SEAL_KEY_SIZE]; // of the body of the referral; wiped
	bool found;
};

static enum fail_code find_key(void *context, const struct case_message *message)
{
	struct number_key *number = context;
	struct arena arena;
	struct checked checked;
	struct fail why;
	if (number->found)
		return FAIL_NONE;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	number->found = checked_decode(&checked, message->envelope, &arena, &why) == FAIL_NONE &&
	                message_kind_opens(checked.header.kind) &&
	                checked_key_itself(number->profile, &checked, 0, number->key, &why) == FAIL_NONE;
	arena_wipe(&arena);
	return FAIL_NONE;
}

// HMAC-SHA256(key of the referral's body, "iss-stat-v1" 0 member 0 pseudonym), its first half.
static void put_number(const struct number_key *key, const char *pseudonym, json_t *person)
{
	char text[2 * MEMBER_CODE_SIZE + 64], hex[STATISTICS_NUMBER + 1];
	const char *member = key->profile->settings.identity.code;
	int length = snprintf(text, sizeof text, "iss-stat-v1%c%s%c%s", '\0', member, '\0', pseudonym);
	must(length > 0 && (size_t)length < sizeof text);
	struct hash hash = keyed_hash(key->key, view_of(text, (size_t)length));
	for (size_t i = 0; i < STATISTICS_NUMBER / 2; i++)
		snprintf(hex + 2 * i, 3, "%02x", hash.byte[i]);
	json_put_text(person, "number", hex);
}

// ---- one person ----

static void put_attributes(const struct reading *reading, const struct case_row *row, const char *pseudonym, json_t *to)
{
	const json_t *person = json_object_get(reading->persons, pseudonym);
	const json_t *own_outcome = json_object_get(reading->outcomes, pseudonym);
	const char *sex = content_text(person, "sex");
	json_object_set_new(to, "consent", json_true());
	json_put_filled(to, "role", content_text(person, "role"));
	json_put_text(to, "age_band", age_band(content_text(person, "birth"), (int32_t)(row->opened_at / DAY_MS)));
	json_put_text(to, "sex", sex[0] != '\0' ? sex : "UNSPECIFIED");
	json_put_filled(to, "service", content_text(reading->services, pseudonym));
	json_put_filled(to, "country", content_text(json_object_get(person, "present_place"), "country"));
	json_put_filled(to, "outcome", own_outcome != NULL ? json_string_value(own_outcome) : reading->outcome);
	if (json_array_size(json_object_get(person, "special_needs")) > 0)
		json_object_set(to, "special_needs", json_object_get(person, "special_needs"));
	if (json_object_get(reading->follow_ups, pseudonym) != NULL)
		json_object_set(to, "follow_ups", json_object_get(reading->follow_ups, pseudonym));
}

struct collecting {
	struct psr_profile *profile;
	uint64_t now;
	json_t *persons, *tallies;   // owned
	char first_month[8];         // of the tallies, which are those of twelve months
	struct fail *why;
};

static void count_one(json_t *tallies, const char *month, const char *vulnerability)
{
	json_t *one;
	size_t i;
	json_array_foreach(tallies, i, one) {
		if (strcmp(content_text(one, "month"), month) == 0 &&
		    strcmp(content_text(one, "vulnerability"), vulnerability) == 0) {
			json_object_set_new(one, "persons", json_integer(json_integer_value(json_object_get(one, "persons")) + 1));
			return;
		}
	}
	if (json_array_size(tallies) < STATISTICS_TALLIES)
		json_array_append_new(tallies,
		                      json_pack("{sssssi}", "month", month, "vulnerability", vulnerability, "persons", 1));
}

static void month_of(uint64_t at, char month[8])
{
	char text[21];
	time_to_text(at, text);
	snprintf(month, 8, "%.7s", text);
}

static void add_tallies(struct collecting *collecting, const struct case_row *row, const json_t *person)
{
	char month[8];
	json_t *one;
	size_t i;
	month_of(row->opened_at, month);
	if (strcmp(month, collecting->first_month) < 0)
		return;
	json_array_foreach(json_object_get(person, "vulnerabilities"), i, one) {
		if (json_is_string(one))
			count_one(collecting->tallies, month, json_string_value(one));
	}
}

static void add_person(struct collecting *collecting, const struct reading *reading, const struct case_row *row,
                       const struct number_key *key, const char *pseudonym)
{
	char day[11];
	json_t *person = json_object();
	day_to_text((int32_t)(row->opened_at / DAY_MS), day);
	json_put_text(person, "reference", row->reference);
	json_put_text(person, "person", pseudonym);
	put_number(key, pseudonym, person);
	json_object_set_new(person, "year", json_integer(strtol(day, NULL, 10)));
	if (json_is_true(json_object_get(reading->consents, pseudonym)) &&
	    json_object_get(reading->persons, pseudonym) != NULL) {
		put_attributes(reading, row, pseudonym, person);
		add_tallies(collecting, row, json_object_get(reading->persons, pseudonym));
	}
	json_array_append_new(collecting->persons, person);
}

// ---- one case ----

// While a withdrawal is unanswered the referral stays closed: then only those who took their consent back are told of,
// and for the others stands what was told before.
static void add_persons(struct collecting *collecting, const struct reading *reading, const struct case_row *row,
                        const struct number_key *key)
{
	bool closed = json_object_size(reading->services) == 0;
	json_t *about = closed ? reading->consents : reading->services, *value;
	const char *pseudonym;
	json_object_foreach(about, pseudonym, value) {
		if ((!closed || json_is_false(value)) && pseudonym[0] != '\0' && strlen(pseudonym) <= 24)
			add_person(collecting, reading, row, key, pseudonym);
	}
}

static enum fail_code add_case(void *context, const struct case_row *row)
{
	struct collecting *collecting = context;
	struct number_key key = {.profile = collecting->profile};
	struct reading reading;
	bool whole;
	begin(&reading, collecting->now);
	enum fail_code code = case_messages(collecting->profile->store, &row->id, find_key, &key, collecting->why);
	if (code == FAIL_NONE && key.found)
		code = contents_each(collecting->profile, &row->id, telling, take, &reading, &whole, collecting->why);
	if (code == FAIL_NONE && key.found)
		add_persons(collecting, &reading, row, &key);
	wipe(key.key, sizeof key.key);
	end(&reading);
	return code;
}

// By chance, so that the order tells nothing either. The list is emptied.
static json_t *shuffled(json_t *list)
{
	json_t *mixed = json_array();
	while (json_array_size(list) > 0) {
		uint32_t random;
		random_fill(&random, sizeof random);
		size_t place = random % json_array_size(list);
		json_array_append(mixed, json_array_get(list, place));
		json_array_remove(list, place);
	}
	return mixed;
}

// The first day of the month of `at`.
static uint64_t month_start(uint64_t at)
{
	char text[21];
	int32_t day;
	time_to_text(at, text);
	memcpy(text + 8, "01", 3);
	must(day_parse(&day, text, NULL) == FAIL_NONE);
	return (uint64_t)day * DAY_MS;
}

enum fail_code statistics_collect(struct psr_profile *profile, uint64_t now, json_t **told, struct fail *why)
{
	struct collecting collecting = {.profile = profile,
	                                .now = now,
	                                .persons = json_array(),
	                                .tallies = json_array(),
	                                .why = why};
	char month[8];
	month_of(month_start(now) - DAY_MS, month);
	month_of(month_start(month_start(now) - 335 * DAY_MS), collecting.first_month);
	enum fail_code code = case_each_asked(profile->store, profile->settings.identity.code,
	                                      now > KEPT_MS ? now - KEPT_MS : 0, add_case, &collecting, why);
	if (code == FAIL_NONE)
		*told = json_pack("{sssOsO}", "month", month, "persons", collecting.persons, "tallies", collecting.tallies);
	json_decref(collecting.persons);
	json_decref(collecting.tallies);
	return code == FAIL_NONE && *told == NULL ? fail_set(why, FAIL_NO_MEMORY, "out of memory") : code;
}

// ---- sending ----

static enum fail_code send_from(struct psr_profile *profile, const json_t *told, size_t *first, struct fail *why)
{
	const struct header header = {.kind = KIND_STATISTICS};
	struct written written;
	struct bytes body;
	size_t took = 0;
	bytes_init(&body, CONTENT_BODY_CAP);
	enum fail_code code = statistics_pack(content_text(told, "month"), json_object_get(told, "persons"), *first,
	                                      json_object_get(told, "tallies"), &took, &body, why);
	if (code == FAIL_NONE)
		code = compose_without_case(profile, &header, bytes_view(&body), &written, why);
	bytes_wipe(&body);
	*first += took;
	return code;
}

enum fail_code statistics_send(struct psr_profile *profile, uint64_t now, size_t *persons, struct fail *why)
{
	json_t *told = NULL;
	*persons = 0;
	enum fail_code code = statistics_collect(profile, now, &told, why);
	if (code != FAIL_NONE)
		return code;
	json_object_set_new(told, "persons", shuffled(json_object_get(told, "persons")));
	do // one at least, also of nobody
		code = send_from(profile, told, persons, why);
	while (code == FAIL_NONE && *persons < json_array_size(json_object_get(told, "persons")));
	json_decref(told);
	return code;
}

// Writes, is a member's, and there is a key to seal to.
static bool can_send(struct psr_profile *profile, uint64_t now)
{
	struct certificate *secretariat = NULL;
	struct fail why;
	bool writes = profile->keys->ops->certificate(profile->keys, USE_SIGNING) != NULL &&
	              strcmp(profile->settings.identity.code, SECRETARIAT_CODE) != 0;
	if (!writes || peer_encryption(profile, SECRETARIAT_CODE, now, &secretariat, &why) != FAIL_NONE)
		return false;
	certificate_free(secretariat);
	return true;
}

enum fail_code statistics_if_due(struct psr_profile *profile, uint64_t now, struct fail *why)
{
	uint64_t written_at, first_case, month = month_start(now);
	size_t persons;
	enum fail_code code =
		statistics_times(profile->store, profile->settings.identity.code, &written_at, &first_case, why);
	if (code == FAIL_NONE && written_at < month && first_case != 0 && first_case < month && can_send(profile, now))
		code = statistics_send(profile, now, &persons, why);
	return code;
}

// ---- what is asked for ----

static enum fail_code answer_mine(struct psr_profile *profile, bool send, uint64_t now, json_t **result,
                                  struct fail *why)
{
	size_t persons = 0;
	json_t *told = NULL;
	enum fail_code code =
		send ? statistics_send(profile, now, &persons, why) : statistics_collect(profile, now, &told, why);
	if (code != FAIL_NONE)
		return code;
	*result = json_document(send ? "passerelle.statistics_sent/1" : "passerelle.statistics_mine/1");
	if (send)
		json_object_set_new(*result, "persons", json_integer((json_int_t)persons));
	else
		json_object_update(*result, told);
	json_decref(told);
	return FAIL_NONE;
}

enum fail_code statistics_answer(struct psr_profile *profile, const struct psr_statistics_wanted *wanted,
                                 json_t **result, struct fail *why)
{
	char today[21];
	uint64_t now = clock_now();
	bool mine = wanted->mine || wanted->send;
	if ((strcmp(profile->settings.identity.code, SECRETARIAT_CODE) == 0) == mine)
		return fail_set(why, FAIL_NOT_ALLOWED, mine ? "the General Secretariat has no persons of its own to tell of"
		                                            : "the General Secretariat alone counts: --mine shows what your branch tells it, --send sends it");
	if (wanted->mine && wanted->send)
		return fail_set(why, FAIL_BAD_USAGE, "either --mine or --send");
	time_to_text(now, today);
	return mine ? answer_mine(profile, wanted->send, now, result, why)
	            : statistics_tables(profile, wanted->year != 0 ? wanted->year : (unsigned)strtoul(today, NULL, 10),
	                                result, why);
}
