// SPDX-License-Identifier: Apache-2.0
#include "form/routing.h"

#include "base/words.h"

#include <limits.h>
#include <string.h>

#define FAULT(reading, ...) fault_add((reading)->check.faults, &(reading)->check.path, __VA_ARGS__)

bool routing_key(const struct reading *reading, const char *key)
{
	return route_find(reading->check.verb, key) != NULL || strcmp(key, "attachments") == 0;
}

// "" and a fault unless it is a right text.
static const char *text_of(struct reading *reading, const struct field_rule *rule, json_t *value)
{
	if (!json_is_string(value)) {
		FAULT(reading, "must be a text in \"quotes\"");
		return "";
	}
	size_t faults = reading->check.faults->count;
	check_text(&reading->check, rule, json_string_value(value));
	return reading->check.faults->count == faults ? json_string_value(value) : "";
}

static enum fail_code read_languages(struct reading *reading, json_t *list, struct arena *arena, struct header *header)
{
	if (!read_texts(reading, &route_find(reading->check.verb, "languages")->rule, list))
		return FAIL_NONE;
	size_t count = json_array_size(list);
	if (count > MAX_LANGUAGES) {
		FAULT(reading, "has %zu entries, at most %d are possible", count, MAX_LANGUAGES);
		return FAIL_NONE;
	}
	header->language = arena_alloc(arena, count * sizeof(*header->language));
	if (header->language == NULL)
		return FAIL_NO_MEMORY;
	for (size_t i = 0; i < count; i++) {
		const char *text = json_string_value(json_array_get(list, i));
		header->language[i] = text != NULL ? arena_text(arena, text, strlen(text)) : "";
		if (header->language[i] == NULL)
			return FAIL_NO_MEMORY;
	}
	header->language_count = count;
	return FAIL_NONE;
}

static const char *nearest_partner_key(const char *key)
{
	const char *nearest = NULL;
	unsigned distance = UINT_MAX;
	for (size_t i = 0; partner_rule_at(i) != NULL; i++)
		nearest_try(key, partner_rule_at(i)->field, &nearest, &distance);
	return nearest;
}

static void check_partner_keys(struct reading *reading, json_t *entry)
{
	const char *key;
	json_t *value;
	json_object_foreach(entry, key, value) {
		bool known = key_is_help(key);
		for (size_t i = 0; !known && partner_rule_at(i) != NULL; i++)
			known = strcmp(partner_rule_at(i)->field, key) == 0;
		if (!known)
			fault_unknown_key(reading, key, nearest_partner_key(key));
	}
}

static void copy_text(char *to, size_t size, const char *text)
{
	size_t length = strlen(text);
	must(length < size); // the rule's check saw to it
	memcpy(to, text, length + 1);
}

static void read_partner(struct reading *reading, json_t *entry, struct party *party)
{
	char *const places[] = {party->agency, party->purpose, party->until};
	const size_t sizes[] = {sizeof(party->agency), sizeof(party->purpose), sizeof(party->until)};
	if (!json_is_object(entry)) {
		FAULT(reading, "must be an object: {\"agency\": \"UNICEF-SN\", \"purpose\": \"...\"}");
		return;
	}
	check_partner_keys(reading, entry);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const struct field_rule *rule = partner_rule_at(i);
		json_t *value = json_object_get(entry, rule->field);
		size_t before = path_field(&reading->check.path, rule->field);
		if (!json_blank(value))
			copy_text(places[i], sizes[i], text_of(reading, rule, value));
		else if (rule->need == NEED_MUST)
			FAULT(reading, "is missing: %s", words_of(rule->help));
		path_back(&reading->check.path, before);
	}
}

static void check_twice(struct reading *reading, const struct header *header)
{
	const struct party *last = &header->party[header->party_count - 1];
	for (size_t i = 0; i + 1 < header->party_count; i++) {
		if (last->agency[0] != '\0' && strcmp(header->party[i].agency, last->agency) == 0)
			FAULT(reading, "this agency stands there twice: take one out");
	}
}

static enum fail_code read_partners(struct reading *reading, json_t *list, struct arena *arena, struct header *header)
{
	if (!json_is_array(list) || json_array_size(list) > MAX_PARTIES) {
		FAULT(reading, "must be a list of at most %d entries", MAX_PARTIES);
		return FAIL_NONE;
	}
	header->party = arena_alloc(arena, json_array_size(list) * sizeof(*header->party));
	if (header->party == NULL)
		return FAIL_NO_MEMORY;
	for (size_t i = 0; i < json_array_size(list); i++) {
		if (json_blank(json_array_get(list, i)))
			continue;
		size_t before = path_entry(&reading->check.path, i);
		read_partner(reading, json_array_get(list, i), &header->party[header->party_count++]);
		check_twice(reading, header);
		path_back(&reading->check.path, before);
	}
	return FAIL_NONE;
}

// The routing fields that are no plain text of the header.
static enum fail_code read_special(struct reading *reading, const struct field_rule *rule, json_t *value,
                                   struct arena *arena, struct header *header)
{
	if (rule->kind == TAKES_LANGUAGE)
		return read_languages(reading, value, arena, header);
	if (rule->kind == TAKES_PART)
		return read_partners(reading, value, arena, header);
	if (rule->kind == TAKES_STAGE) {
		const char *stage = text_of(reading, rule, value);
		header->report = strcmp(stage, "FINAL") == 0 ? REPORT_FINAL : REPORT_INTERIM;
		return FAIL_NONE;
	}
	must(rule->kind == TAKES_FLAG);
	if (!json_is_boolean(value))
		FAULT(reading, "must be true or false");
	header->blocking = json_is_true(value);
	return FAIL_NONE;
}

static enum fail_code read_route(struct reading *reading, const struct route_rule *route, json_t *value,
                                 struct arena *arena, struct header *header)
{
	if (json_blank(value)) {
		if (route->rule.need == NEED_MUST)
			FAULT(reading, "is missing: %s", words_of(route->rule.help));
		return FAIL_NONE;
	}
	if (route->offset == SIZE_MAX)
		return read_special(reading, &route->rule, value, arena, header);
	size_t room = route->rule.kind == TAKES_DAY ? DATE_SIZE : CODE_SIZE;
	copy_text((char *)header + route->offset, room, text_of(reading, &route->rule, value));
	return FAIL_NONE;
}

enum fail_code routing_read(struct reading *reading, json_t *form, struct arena *arena, struct header *header)
{
	header->kind = reading->check.verb->kind;
	for (size_t i = 0; route_at(i) != NULL; i++) {
		const struct route_rule *route = route_at(i);
		if (!(route->kinds >> header->kind & 1))
			continue;
		size_t before = path_field(&reading->check.path, route->rule.field);
		enum fail_code code = read_route(reading, route, json_object_get(form, route->rule.field), arena, header);
		path_back(&reading->check.path, before);
		if (code != FAIL_NONE)
			return code;
	}
	return FAIL_NONE;
}
