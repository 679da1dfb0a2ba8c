// SPDX-License-Identifier: Apache-2.0
#include "form/definition_check.h"

#include "case/codes.h"
#include "form/check.h"
#include "form/definition.h"
#include "form/rules.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST_LABEL = 120, LONGEST_HELP = 1000, LAST_VERSION = 9999, MOST_CODES = 64, DEEPEST_FIELD = 4 };

struct checking {
	struct form_path path;
	struct form_faults *faults;
	json_t *whole, *heading;  // what is checked, and the heading that is just looked at; NULL: above them
};

// One member: its name, whether it must be there, what it must be.
struct member {
	const char *key;
	bool must;
	void (*check)(struct checking *c, json_t *value);
};

#define FAULT(checking, ...) fault_add((checking)->faults, &(checking)->path, __VA_ARGS__)

static const char *text_at(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text != NULL ? text : "";
}

enum message_kind definition_kind(const char *name)
{
	for (size_t i = 0; verb_at(i) != NULL; i++) {
		const ProtobufCMessageDescriptor *content = verb_content(verb_at(i))->descriptor;
		if (strcmp(message_kind_name(verb_at(i)->kind), name) == 0 &&
		    protobuf_c_message_descriptor_get_field_by_name(content, "sections") != NULL &&
		    protobuf_c_message_descriptor_get_field_by_name(content, "form") != NULL)
			return verb_at(i)->kind;
	}
	return KIND_UNSPECIFIED;
}

// ---- members of an object ----

static const struct member *member_of(const struct member *members, const char *key)
{
	while (members->key != NULL && strcmp(members->key, key) != 0)
		members++;
	return members->key != NULL ? members : NULL;
}

static void check_unknown(struct checking *c, const struct member *members, const char *key)
{
	const char *nearest = NULL;
	unsigned distance = UINT_MAX;
	for (; members->key != NULL; members++)
		nearest_try(key, members->key, &nearest, &distance);
	size_t before = path_field(&c->path, excerpt_of(key).text);
	if (nearest != NULL)
		FAULT(c, "is not known here: did you mean \"%s\"?", nearest);
	else
		FAULT(c, "is not known here: take it out");
	path_back(&c->path, before);
}

static void check_members(struct checking *c, const struct member *members, json_t *object)
{
	const char *key;
	json_t *value;
	if (!json_is_object(object)) {
		FAULT(c, "must be an object {...}");
		return;
	}
	json_object_foreach(object, key, value) {
		if (!key_is_help(key) && member_of(members, key) == NULL)
			check_unknown(c, members, key);
	}
	for (; members->key != NULL; members++) {
		size_t before = path_field(&c->path, members->key);
		value = json_object_get(object, members->key);
		if (value != NULL)
			members->check(c, value);
		else if (members->must)
			FAULT(c, "is missing");
		path_back(&c->path, before);
	}
}

// ---- values ----

static const char *text_of(struct checking *c, json_t *value)
{
	if (!json_is_string(value))
		FAULT(c, "must be a text in \"quotes\"");
	return json_is_string(value) ? json_string_value(value) : NULL;
}

static void check_shape(struct checking *c, json_t *value)
{
	const char *text = text_of(c, value);
	if (text != NULL && !code_well_formed(text))
		FAULT(c, "'%s' must be 1 to 40 of A-Z, 0-9 and _, first a letter", excerpt_of(text).text);
}

static void check_known(struct checking *c, const char *list, const char *text)
{
	if (text == NULL || code_known(code_list_find(list), text))
		return;
	const char *near = code_nearest(code_list_find(list), text);
	if (near != NULL)
		FAULT(c, "'%s' is not a known code: did you mean '%s'?", excerpt_of(text).text, near);
	else
		FAULT(c, "'%s' is not a code of the list %s: see `passerelle codes %s`", excerpt_of(text).text, list, list);
}

static bool is_list(struct checking *c, json_t *value, size_t most)
{
	bool right = json_is_array(value) && json_array_size(value) > 0 && json_array_size(value) <= most;
	if (!right)
		FAULT(c, "must be a list of 1 to %zu entries", most);
	return right;
}

// A list of codes, none twice.
static void check_codes(struct checking *c, const char *list, json_t *value)
{
	size_t i;
	json_t *entry, *seen = json_object();
	if (!is_list(c, value, MOST_CODES))
		value = NULL;
	json_array_foreach(value, i, entry) {
		size_t before = path_entry(&c->path, i);
		const char *code = text_of(c, entry);
		check_known(c, list, code);
		if (code != NULL && json_object_get(seen, code) != NULL)
			FAULT(c, "'%s' is used twice", excerpt_of(code).text);
		if (code != NULL)
			json_object_set_new(seen, code, json_true());
		path_back(&c->path, before);
	}
	json_decref(seen);
}

static void check_one_of(struct checking *c, const char *const *words, json_t *value)
{
	const char *text = text_of(c, value);
	char possible[100] = "";
	for (; text != NULL && *words != NULL; words++) {
		if (strcmp(*words, text) == 0)
			return;
		size_t used = strlen(possible);
		snprintf(possible + used, sizeof possible - used, "%s%s", used > 0 ? ", " : "", *words);
	}
	if (text != NULL)
		FAULT(c, "must be one of %s", possible);
}

// ---- texts in several languages ----

static bool tag_well_formed(const char *tag)
{
	size_t letters = strspn(tag, "abcdefghijklmnopqrstuvwxyz");
	return letters >= 2 && letters <= 8 && (tag[letters] == '\0' || tag[letters] == '-') && strlen(tag) <= 35 &&
	       tag[strspn(tag, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

static void check_worded(struct checking *c, const char *tag, json_t *value, size_t most)
{
	const struct field_rule rule = {"Form", "text", 'R', NEED_MUST, TAKES_LINE, NULL, (uint32_t)most, "", ""};
	struct check check = {.path = c->path, .faults = c->faults};
	if (!tag_well_formed(tag))
		FAULT(c, "'%s' is not a language tag: write it like \"fr\", \"wo\", \"km\" or \"ar-SN\"", excerpt_of(tag).text);
	const char *text = text_of(c, value);
	if (text != NULL && text[strspn(text, " \t")] == '\0')
		FAULT(c, "is empty");
	else if (text != NULL)
		check_text(&check, &rule, text);
}

// {"en": "...", "fr": "..."}; every language of the title must be there, so that no reader meets half a form.
static void check_texts(struct checking *c, json_t *value, size_t most)
{
	const char *tag;
	json_t *text, *title = json_object_get(c->whole, "title");
	size_t count = json_object_size(value);
	if (!json_is_object(value) || count == 0 || count > MAX_WORDED) {
		FAULT(c, "must be an object with 1 to %d languages: {\"en\": \"...\", \"fr\": \"...\"}", MAX_WORDED);
		return;
	}
	json_object_foreach(value, tag, text) {
		size_t before = path_field(&c->path, excerpt_of(tag).text);
		check_worded(c, tag, text, most);
		path_back(&c->path, before);
	}
	json_object_foreach(title, tag, text) {
		if (json_object_get(value, tag) != NULL)
			continue;
		size_t before = path_field(&c->path, excerpt_of(tag).text);
		FAULT(c, "is missing: the title has this language");
		path_back(&c->path, before);
	}
}

static void check_label(struct checking *c, json_t *value)
{
	check_texts(c, value, LONGEST_LABEL);
}

static void check_help(struct checking *c, json_t *value)
{
	check_texts(c, value, LONGEST_HELP);
}

// ---- conditions ----

#define ASKING (UINT64_C(1) << KIND_REFERRAL | UINT64_C(1) << KIND_TRACE_REQUEST)

// Which routing field of which kind of message, and the codes that it takes; stages are no list.
static const struct {
	uint64_t kinds;
	const char *key, *list;
} conditions[] = {
	{ASKING, "service", "service_type"},
	{ASKING, "urgency", "urgency"},
	{ASKING, "legal_basis", "legal_basis"},
	{ASKING, "requester_kind", "requester_kind"},
	{UINT64_C(1) << KIND_REPORT, "stage", NULL},
};

static void check_condition(struct checking *c, const char *key, json_t *value)
{
	static const char *const stages[] = {"INTERIM", "FINAL", NULL};
	enum message_kind kind = definition_kind(text_at(c->whole, "kind"));
	for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
		if (!(conditions[i].kinds >> kind & 1) || strcmp(conditions[i].key, key) != 0)
			continue;
		if (conditions[i].list != NULL)
			check_codes(c, conditions[i].list, value);
		else if (is_list(c, value, 1))
			check_one_of(c, stages, json_array_get(value, 0));
		return;
	}
	FAULT(c, "is no condition: requester_kind, service, urgency, legal_basis in a referral, stage in a report");
}

static void check_only(struct checking *c, json_t *value)
{
	const char *key;
	json_t *codes;
	if (!json_is_object(value) || json_object_size(value) == 0)
		FAULT(c, "must be an object: {\"requester_kind\": [\"COURT\"]}");
	json_object_foreach(value, key, codes) {
		size_t before = path_field(&c->path, excerpt_of(key).text);
		check_condition(c, key, codes);
		path_back(&c->path, before);
	}
}

// ---- a heading that is a field of the message ----

// The field that one piece of a path names; *list: it stands with [] behind it.
static const ProtobufCFieldDescriptor *field_of(const ProtobufCMessageDescriptor *message, const char *piece,
                                                size_t length, bool *list)
{
	char name[64];
	*list = length > 2 && piece[length - 2] == '[' && piece[length - 1] == ']';
	length -= *list ? 2 : 0;
	if (message == NULL || length == 0 || length >= sizeof name)
		return NULL;
	memcpy(name, piece, length);
	name[length] = '\0';
	return protobuf_c_message_descriptor_get_field_by_name(message, name);
}

static bool is_part(const ProtobufCFieldDescriptor *field, bool list)
{
	return field->type == PROTOBUF_C_TYPE_MESSAGE && (field->label == PROTOBUF_C_LABEL_REPEATED) == list;
}

// The last field of "persons[].birth" in this content; NULL if the path leads nowhere.
static const ProtobufCFieldDescriptor *last_field(const ProtobufCMessageDescriptor *message, const char *path)
{
	const ProtobufCFieldDescriptor *field = NULL;
	for (int depth = 0; depth < DEEPEST_FIELD; depth++) {
		size_t length = strcspn(path, ".");
		bool list;
		field = field_of(message, path, length, &list);
		if (field == NULL || (path[length] == '\0' && list) || (path[length] == '.' && !is_part(field, list)))
			return NULL;
		if (path[length] == '\0')
			return field;
		message = field->descriptor;
		path += length + 1;
	}
	return NULL;
}

static const struct verb_rule *verb_of(const struct checking *c)
{
	enum message_kind kind = definition_kind(text_at(c->whole, "kind"));
	return kind != KIND_UNSPECIFIED ? verb_of_kind(kind) : NULL;
}

// Fields that the form itself is, or that nobody fills, are no headings.
static bool may_be_heading(const ProtobufCFieldDescriptor *field, const char *path)
{
	return field != NULL && strcmp(field->name, "absent") != 0 && strcmp(field->name, "form_version") != 0 &&
	       strcmp(field->name, "completeness") != 0 && strcmp(path, "form") != 0 && strncmp(path, "sections", 8) != 0;
}

static void check_field(struct checking *c, json_t *value)
{
	const char *path = text_of(c, value);
	const struct verb_rule *verb = verb_of(c);
	if (path == NULL || verb == NULL)
		return;
	if (!may_be_heading(last_field(verb_content(verb)->descriptor, path), path))
		FAULT(c, "'%s' is no field of the message: write it like \"narrative.history\" or \"persons[].birth\"",
		      excerpt_of(path).text);
	if (json_object_get(c->heading, "takes") != NULL)
		FAULT(c, "says already what the heading takes: take \"takes\" out");
}

// {"role": ["CHILD"]}: only those entries of the list that the path goes through.
static void check_of(struct checking *c, json_t *value)
{
	const char *path = text_at(c->heading, "field");
	json_t *roles = json_object_get(value, "role");
	if (strncmp(path, "persons[].", 10) != 0 || json_object_size(value) != 1 || roles == NULL) {
		FAULT(c, "must be {\"role\": [\"CHILD\"]}, where the field begins with \"persons[].\"");
		return;
	}
	size_t before = path_field(&c->path, "role");
	check_codes(c, "person_role", roles);
	path_back(&c->path, before);
}

// ---- what a heading asks for ----

static void check_need(struct checking *c, json_t *value)
{
	static const char *const degrees[] = {"MUST", "ASKED", "MAY", NULL};
	check_one_of(c, degrees, value);
}

static void check_reasons(struct checking *c, json_t *value)
{
	if (strcmp(text_at(c->heading, "need"), "ASKED") != 0)
		FAULT(c, "stands only beside \"need\": \"ASKED\"");
	check_codes(c, "null_reason", value);
}

static void check_takes(struct checking *c, json_t *value)
{
	static const char *const kinds[] = {"TEXT", "CODE", "DATE", "YES_NO", "PERSONS", "LIST", NULL};
	check_one_of(c, kinds, value);
	if (strcmp(text_at(c->heading, "takes"), "CODE") == 0 && json_object_get(c->heading, "codes") == NULL)
		FAULT(c, "needs \"codes\" beside it, the name of a code list");
}

static void check_code_list(struct checking *c, json_t *value)
{
	const char *name = text_of(c, value);
	if (strcmp(text_at(c->heading, "takes"), "CODE") != 0)
		FAULT(c, "stands only beside \"takes\": \"CODE\"");
	if (name != NULL && code_list_find(name) == NULL)
		FAULT(c, "there is no code list '%.40s'", name);
}

static const struct member heading_members[] = {
	{"id", true, check_shape},      {"label", false, check_label}, {"help", false, check_help},
	{"need", false, check_need},    {"reasons", false, check_reasons}, {"takes", false, check_takes},
	{"codes", false, check_code_list}, {"field", false, check_field}, {"of", false, check_of},
	{"only", false, check_only},    {NULL, false, NULL},
};

// A heading of the usual ones has its words in the code list, in the languages of the code lists.
static void check_worded_at_all(struct checking *c, json_t *heading)
{
	static const char *const usual[] = {"en", "fr", "es", "de"};
	const char *tag;
	json_t *text;
	if (json_object_get(heading, "label") != NULL)
		return;
	size_t before = path_field(&c->path, "label");
	bool known = code_known(code_list_find("report_heading"), heading_id(heading));
	if (!known)
		FAULT(c, "is missing");
	json_object_foreach(json_object_get(c->whole, "title"), tag, text) {
		bool worded = !known;
		for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
			worded |= strcmp(usual[i], tag) == 0;
		if (!worded)
			FAULT(c, "is missing: the usual label of this heading is not known in '%s'", excerpt_of(tag).text);
	}
	path_back(&c->path, before);
}

static void check_headings(struct checking *c, json_t *value)
{
	size_t i;
	json_t *heading, *seen = json_object();
	if (!is_list(c, value, MAX_HEADINGS))
		value = NULL;
	json_array_foreach(value, i, heading) {
		size_t before = path_entry(&c->path, i);
		c->heading = heading;
		check_members(c, heading_members, heading);
		check_worded_at_all(c, heading);
		if (json_object_get(seen, heading_id(heading)) != NULL)
			FAULT(c, "'%s' is used twice", excerpt_of(heading_id(heading)).text);
		json_object_set_new(seen, heading_id(heading), json_true());
		path_back(&c->path, before);
	}
	c->heading = NULL;
	json_decref(seen);
}

// ---- the whole ----

static void check_version(struct checking *c, json_t *value)
{
	json_int_t version = json_integer_value(value);
	if (version < 1 || version > LAST_VERSION)
		FAULT(c, "must be a whole number from 1 to %d", LAST_VERSION);
}

static void check_kind(struct checking *c, json_t *value)
{
	const char *name = text_of(c, value);
	if (name != NULL && definition_kind(name) == KIND_UNSPECIFIED)
		FAULT(c, "'%s' is no kind of message that a form fills: REFERRAL, TRACE_REQUEST or REPORT", excerpt_of(name).text);
}

static void check_services(struct checking *c, json_t *value)
{
	check_codes(c, "service_type", value);
}

void definition_check(json_t *json, struct form_faults *faults)
{
	static const struct member members[] = {
		{"id", true, check_shape},     {"version", true, check_version}, {"kind", true, check_kind},
		{"services", true, check_services}, {"title", true, check_label}, {"help", false, check_help},
		{"base", false, check_shape},  {"headings", true, check_headings}, {NULL, false, NULL},
	};
	struct checking checking = {.faults = faults, .whole = json};
	check_members(&checking, members, json);
}
