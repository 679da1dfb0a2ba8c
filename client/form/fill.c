// SPDX-License-Identifier: Apache-2.0
#include "form/fill.h"

#include "base/words.h"
#include "case/codes.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum heading_state { HEADING_MISSING, HEADING_EXCUSED, HEADING_FILLED };

// One heading looked for in what was filled.
struct looking {
	json_t *heading;
	struct check *check;      // where faults go; NULL: only looked at
	const char *language;
	enum heading_state worst; // of all places it stands at
	bool there;               // it has a place at all: no child, no place for what is asked of each child
};

static const char *text_at(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text != NULL ? text : "";
}

static bool among(json_t *codes, const char *code)
{
	size_t i;
	json_t *entry;
	json_array_foreach(codes, i, entry) {
		if (strcmp(json_string_value(entry), code) == 0)
			return true;
	}
	return false;
}

// Every condition of an object like {"requester_kind": ["COURT"]} holds.
static bool holds(json_t *conditions, json_t *object)
{
	const char *key;
	json_t *codes;
	json_object_foreach(conditions, key, codes) {
		if (!among(codes, text_at(object, key)))
			return false;
	}
	return true;
}

static bool applies(json_t *heading, json_t *routing)
{
	return holds(json_object_get(heading, "only"), routing);
}

static bool needs(json_t *heading, const char *need)
{
	return strcmp(heading_need(heading), need) == 0;
}

#define FAULT(check, ...) fault_add((check)->faults, &(check)->path, __VA_ARGS__)

static void fault_missing(const struct looking *l, const char *field)
{
	struct reasons_text reasons = heading_reasons(l->heading);
	struct excerpt label = excerpt_of(heading_label(l->heading, l->language));
	if (needs(l->heading, "MUST"))
		FAULT(l->check, "%s (%s) is missing: fill it, no reason can stand for it", label.text, heading_id(l->heading));
	else
		FAULT(l->check, "%s (%s) is missing: fill it, or say why not: \"absent\": {\"%s\": \"%.*s\"} (%s)", label.text,
		      heading_id(l->heading), field, (int)strcspn(reasons.text, ","), reasons.text, reasons.text);
}

static void fault_excused(const struct looking *l, const char *reason)
{
	struct excerpt label = excerpt_of(heading_label(l->heading, l->language));
	if (needs(l->heading, "MUST"))
		FAULT(l->check, "%s (%s) cannot be left out with a reason: fill it", label.text, heading_id(l->heading));
	else if (needs(l->heading, "ASKED") && !heading_allows(l->heading, reason))
		FAULT(l->check, "%s (%s) cannot be left out for '%s', only for: %s", label.text, heading_id(l->heading),
		      excerpt_of(reason).text, heading_reasons(l->heading).text);
}

// One place at which the heading stands, or should. `field`: the key that `absent` names it by.
static enum heading_state judge(struct looking *l, const char *field, json_t *value, json_t *absent)
{
	const char *reason = text_at(absent, field);
	enum heading_state state =
		!json_blank(value) ? HEADING_FILLED : reason[0] != '\0' ? HEADING_EXCUSED : HEADING_MISSING;
	l->there = true;
	l->worst = state < l->worst ? state : l->worst;
	if (l->check != NULL && state == HEADING_MISSING && !needs(l->heading, "MAY"))
		fault_missing(l, field);
	if (l->check != NULL && state == HEADING_EXCUSED)
		fault_excused(l, reason);
	return state;
}

// ---- a heading that is a field of the message ----

static void look_in(struct looking *l, json_t *object, const char *path);

static size_t down(struct looking *l, const char *name, size_t index)
{
	if (l->check == NULL)
		return 0;
	return name != NULL ? path_field(&l->check->path, name) : path_entry(&l->check->path, index);
}

static void up(struct looking *l, size_t before)
{
	if (l->check != NULL)
		path_back(&l->check->path, before);
}

static void look_in_entries(struct looking *l, json_t *list, const char *path)
{
	size_t i;
	json_t *entry;
	json_array_foreach(list, i, entry) {
		if (json_blank(entry) || !holds(json_object_get(l->heading, "of"), entry))
			continue;
		size_t before = down(l, NULL, i);
		look_in(l, entry, path);
		up(l, before);
	}
}

// The definition was checked: the path fits the schema, and is not deep.
static void look_in(struct looking *l, json_t *object, const char *path)
{
	char name[64];
	size_t length = strcspn(path, ".");
	snprintf(name, sizeof name, "%.*s", (int)strcspn(path, ".["), path);
	json_t *value = json_object_get(object, name);
	size_t before = down(l, name, 0);
	if (path[length] == '\0' || json_blank(value))
		judge(l, name, value, json_object_get(object, "absent"));
	else if (json_is_array(value))
		look_in_entries(l, value, path + length + 1);
	else
		look_in(l, value, path + length + 1);
	up(l, before);
}

// ---- a heading that is a section of its own ----

static void check_yes_no(struct check *check, const char *value)
{
	if (strcmp(value, "YES") != 0 && strcmp(value, "NO") != 0)
		FAULT(check, "must be one of %s", "\"YES\", \"NO\"");
}

static void check_by_rule(struct check *check, enum field_kind kind, const char *list, const char *value)
{
	const struct field_rule rule = {"ReportSection", "text", 'S', NEED_MAY, kind, list, 0, "", ""};
	check_text(check, &rule, value);
}

// "C1, M1": each on its own.
static void check_persons(struct check *check, const char *value)
{
	while (*value != '\0') {
		char one[64];
		size_t length = strcspn(value, ", ");
		snprintf(one, sizeof one, "%.*s", (int)length, value);
		check_by_rule(check, TAKES_PERSON, NULL, one);
		value += length;
		value += strspn(value, ", ");
	}
}

static void check_value(struct check *check, json_t *heading, const char *value)
{
	const char *takes = heading_takes(heading);
	if (strcmp(takes, "CODE") == 0)
		check_by_rule(check, TAKES_CODE, text_at(heading, "codes"), value);
	else if (strcmp(takes, "DATE") == 0)
		check_by_rule(check, TAKES_PARTIAL, NULL, value);
	else if (strcmp(takes, "PERSONS") == 0)
		check_persons(check, value);
	else if (strcmp(takes, "YES_NO") == 0)
		check_yes_no(check, value);
}

static json_t *section_of(json_t *content, const char *id, size_t *at)
{
	json_t *section;
	size_t i;
	json_array_foreach(json_object_get(content, "sections"), i, section) {
		*at = i;
		if (strcmp(text_at(section, "heading"), id) == 0)
			return section;
	}
	return NULL;
}

static void look_for_section(struct looking *l, json_t *content)
{
	size_t at = 0;
	json_t *section = section_of(content, heading_id(l->heading), &at), *value = json_object_get(section, "text");
	size_t before = down(l, "sections", 0);
	if (section != NULL) {
		down(l, NULL, at);
		down(l, "text", 0);
	}
	enum heading_state state = judge(l, "text", value, json_object_get(section, "absent"));
	if (l->check != NULL && state == HEADING_FILLED && json_is_string(value))
		check_value(l->check, l->heading, json_string_value(value));
	up(l, before);
}

static void look(struct looking *l, json_t *content)
{
	if (heading_field(l->heading) != NULL)
		look_in(l, content, heading_field(l->heading));
	else
		look_for_section(l, content);
}

// ---- sections that the form does not know ----

static const char *nearest_heading(const struct definition *definition, const char *wrong)
{
	const char *nearest = NULL;
	unsigned distance = UINT_MAX;
	size_t i;
	json_t *heading;
	json_array_foreach(definition->headings, i, heading) {
		if (heading_field(heading) == NULL)
			nearest_try(wrong, heading_id(heading), &nearest, &distance);
	}
	return nearest;
}

// The usual headings of reports may always be added, OTHER with its title among them.
static void check_section(struct check *check, const struct definition *definition, json_t *seen, const char *id)
{
	json_t *heading = heading_find(definition, id);
	bool own = heading != NULL && heading_field(heading) == NULL;
	bool other = strcmp(id, "OTHER") == 0;
	if (!own && !code_known(code_list_find("report_heading"), id)) {
		const char *nearest = nearest_heading(definition, id);
		if (nearest != NULL)
			FAULT(check, "'%s' is no heading of this form: did you mean '%s'?", excerpt_of(id).text, nearest);
		else
			FAULT(check, "'%s' is no heading of this form: passerelle forms %s lists them", excerpt_of(id).text, definition->id);
	} else if (!other && json_object_get(seen, id) != NULL) {
		FAULT(check, "'%s' is used twice", excerpt_of(id).text);
	}
	json_object_set_new(seen, id, json_true());
}

static void check_sections(struct check *check, const struct definition *definition, json_t *form)
{
	json_t *seen = json_object(), *section;
	size_t i, before = path_field(&check->path, "sections");
	json_array_foreach(json_object_get(form, "sections"), i, section) {
		const char *id = text_at(section, "heading");
		size_t inner = path_entry(&check->path, i);
		path_field(&check->path, "heading");
		if (id[0] != '\0')
			check_section(check, definition, seen, id);
		path_back(&check->path, inner);
	}
	path_back(&check->path, before);
	json_decref(seen);
}

void fill_check(struct check *check, const struct definition *definition, json_t *form, const char *language)
{
	size_t i;
	json_t *heading;
	check_sections(check, definition, form);
	json_array_foreach(definition->headings, i, heading) {
		struct looking l = {.heading = heading, .check = check, .language = language, .worst = HEADING_FILLED};
		if (applies(heading, form))
			look(&l, form);
	}
}

json_t *fill_count(const struct definition *definition, json_t *routing, json_t *content)
{
	int asked = 0, filled = 0, excused = 0;
	json_t *missing = json_array(), *heading;
	size_t i;
	json_array_foreach(definition->headings, i, heading) {
		struct looking l = {.heading = heading, .language = "en", .worst = HEADING_FILLED};
		if (needs(heading, "MAY") || !applies(heading, routing))
			continue;
		look(&l, content);
		asked += l.there;
		filled += l.there && l.worst == HEADING_FILLED;
		excused += l.there && l.worst == HEADING_EXCUSED;
		if (l.there && l.worst == HEADING_MISSING)
			json_array_append_new(missing, json_string(heading_id(heading)));
	}
	return json_pack("{sssisisisiso}", "form", definition->id, "version", (int)definition->version, "asked", asked, "filled",
	                 filled, "excused", excused, "missing", missing);
}
