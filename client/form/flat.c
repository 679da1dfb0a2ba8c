// SPDX-License-Identifier: Apache-2.0
#include "form/flat.h"

#include "base/words.h"
#include "form/check.h"
#include "form/help.h"
#include "form/memory.h"

#include "passerelle/v1/body.pb-c.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// ---- where a column is ----

// What a place of the walk is made of: a message, or a value with its rule.
struct spot {
	const ProtobufCMessageDescriptor *message; // NULL: a value
	const struct field_rule *rule;             // of the field that led here
	const ProtobufCEnumDescriptor *choices;    // NULL: it takes none
	bool list;
};

// A person of a register has more than a Person of the forms: each part is told elsewhere by a field of this kind.
static const struct extra {
	const char *key;
	const char *message, *field;               // the rule; NULL: a part of its own
	const ProtobufCMessageDescriptor *part;
	bool list;
} extras[] = {
	{"mother", NULL, NULL, &passerelle__v1__person_name__descriptor, true},
	{"father", NULL, NULL, &passerelle__v1__person_name__descriptor, true},
	{"separation", NULL, NULL, NULL, false},
	{"separation.date", "Tracing", "separation_date", NULL, false},
	{"separation.cause", "Tracing", "separation_cause", NULL, false},
	{"separation.place", "Tracing", "separation_place", &passerelle__v1__place__descriptor, false},
};

static bool find_extra(const char *key, struct spot *spot)
{
	for (size_t i = 0; i < sizeof extras / sizeof *extras; i++) {
		if (strcmp(extras[i].key, key) != 0)
			continue;
		const struct field_rule *rule = extras[i].field != NULL ? rule_find(extras[i].message, extras[i].field) : NULL;
		*spot = (struct spot){.message = extras[i].part, .rule = rule, .list = extras[i].list};
		return true;
	}
	return false;
}

static bool find_field(const ProtobufCMessageDescriptor *message, const char *key, struct spot *spot)
{
	const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field_by_name(message, key);
	if (field == NULL)
		return false;
	const struct field_rule *rule = rule_find(message->short_name, key);
	must(rule != NULL);
	bool part = field->type == PROTOBUF_C_TYPE_MESSAGE;
	*spot = (struct spot){
		.message = part ? field->descriptor : NULL,
		.rule = rule,
		.choices = rule->kind == TAKES_CHOICE ? field->descriptor : NULL,
		.list = field->label == PROTOBUF_C_LABEL_REPEATED,
	};
	return rule->need != NEED_FILLED && rule->kind != TAKES_REASONS;
}

// A routing field; agencies that may ask are no part of a table.
static bool find_route(const char *key, struct spot *spot)
{
	const struct route_rule *route = route_find(verb_find("refer"), key);
	if (route == NULL || route->rule.kind == TAKES_PART)
		return false;
	*spot = (struct spot){.rule = &route->rule, .list = route->rule.kind == TAKES_LANGUAGE};
	return true;
}

static bool find_first(enum flat_of of, const char *key, struct spot *spot)
{
	if (of == FLAT_REFERRAL)
		return find_route(key, spot) || find_field(&passerelle__v1__referral__descriptor, key, spot);
	// Marks of a form and the roles in it mean nothing outside of a case.
	if (strcmp(key, "pseudonym") == 0 || strcmp(key, "role") == 0)
		return false;
	return find_extra(key, spot) || find_field(&passerelle__v1__person__descriptor, key, spot);
}

// "separation" is no message of the schema: its three keys are looked up with it.
static bool find_next(enum flat_of of, const struct flat_column *column, const struct spot *from, const char *key,
                      struct spot *spot)
{
	char both[100];
	if (column->count == 0)
		return find_first(of, key, spot);
	if (from->message != NULL)
		return find_field(from->message, key, spot);
	snprintf(both, sizeof both, "%s.%s", column->step[column->count - 1].key, key);
	return column->count == 1 && of == FLAT_PERSON && find_extra(both, spot);
}

static bool takes_reason(const struct spot *spot)
{
	return spot->rule != NULL && spot->rule->need == NEED_ASKED && rule_find(spot->rule->message, "absent") != NULL;
}

static enum fail_code fail_column(const struct flat_column *column, struct fail *why)
{
	return fail_set(why, FAIL_BAD_FORM, "there is no column '%s'", excerpt_of(column->name).text);
}

// The next piece of the name between points; false behind the last one.
static bool next_piece(const char **rest, char piece[48])
{
	size_t length = strcspn(*rest, ".");
	if (length == 0 || length >= 48 || strcmp(*rest + length, ".") == 0)
		return false;
	memcpy(piece, *rest, length);
	piece[length] = '\0';
	*rest += length + ((*rest)[length] == '.');
	return true;
}

static bool read_entry(const char **rest, unsigned *entry)
{
	char piece[48];
	char *end;
	if (!next_piece(rest, piece) || piece[0] < '1' || piece[0] > '9')
		return false;
	unsigned long number = strtoul(piece, &end, 10);
	*entry = (unsigned)number;
	return *end == '\0' && number <= MAX_LIST_ENTRIES;
}

static bool walk(struct flat_column *column, enum flat_of of, struct spot *spot)
{
	const char *rest = column->name;
	*spot = (struct spot){.list = false};
	while (*rest != '\0') {
		struct flat_step *step = &column->step[column->count];
		struct spot next;
		if (column->count == FLAT_STEPS || !next_piece(&rest, step->key) ||
		    !find_next(of, column, spot, step->key, &next))
			return false;
		*spot = next;
		column->count++;
		if (takes_reason(spot))
			column->reason = column->count;
		// A list of parts may be named as a whole, for a reason.
		if (spot->list && spot->message != NULL && *rest != '\0' && !read_entry(&rest, &step->entry))
			return false;
	}
	return column->count > 0;
}

enum fail_code flat_column(struct flat_column *column, enum flat_of of, const char *name, struct fail *why)
{
	struct spot spot;
	*column = (struct flat_column){.count = 0};
	snprintf(column->name, sizeof column->name, "%s", name);
	if (strlen(name) >= sizeof column->name || !walk(column, of, &spot) || (spot.message == NULL && spot.rule == NULL))
		return fail_column(column, why);
	bool part = spot.message != NULL;
	if (part && (column->step[column->count - 1].entry > 0 || column->reason != column->count))
		return fail_column(column, why); // a part as a whole has no value that a cell could hold
	column->takes = part                              ? FLAT_PART
	                : spot.rule->kind == TAKES_FLAG ? FLAT_FLAG
	                : spot.list                     ? FLAT_TEXTS
	                                                : FLAT_TEXT;
	return FAIL_NONE;
}

// ---- what a cell says ----

static json_t *object_of(json_t *parent, const char *key)
{
	json_t *child = json_object_get(parent, key);
	if (child == NULL) {
		child = json_object();
		json_object_set_new(parent, key, child);
	}
	return child;
}

// The entry of a list; NULL if one before it is not there.
static json_t *entry_of(json_t *parent, const struct flat_step *step)
{
	json_t *list = json_object_get(parent, step->key);
	if (list == NULL) {
		list = json_array();
		json_object_set_new(parent, step->key, list);
	}
	if (step->entry > json_array_size(list) + 1)
		return NULL;
	if (step->entry == json_array_size(list) + 1)
		json_array_append_new(list, json_object());
	return json_array_get(list, step->entry - 1);
}

// The object that holds step number `step` (from 0).
static json_t *holder_of(json_t *form, const struct flat_column *column, size_t step)
{
	for (size_t i = 0; i < step && form != NULL; i++)
		form = column->step[i].entry > 0 ? entry_of(form, &column->step[i]) : object_of(form, column->step[i].key);
	return form;
}

static json_t *flag_of(struct view cell)
{
	static const char *const yes[] = {"true", "yes", "1"}, *const no[] = {"false", "no", "0"};
	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
		if (cell.length == strlen(yes[i]) && strncasecmp((const char *)cell.data, yes[i], cell.length) == 0)
			return json_true();
		if (cell.length == strlen(no[i]) && strncasecmp((const char *)cell.data, no[i], cell.length) == 0)
			return json_false();
	}
	return json_stringn((const char *)cell.data, cell.length);
}

static json_t *texts_of(struct view cell)
{
	json_t *list = json_array();
	const char *text = (const char *)cell.data, *end = text + cell.length;
	while (text < end) {
		const char *stop = memchr(text, ';', (size_t)(end - text));
		stop = stop != NULL ? stop : end;
		size_t length = (size_t)(stop - text), blank = 0;
		while (blank < length && text[blank] == ' ')
			blank++;
		while (length > blank && text[length - 1] == ' ')
			length--;
		if (length > blank)
			json_array_append_new(list, json_stringn(text + blank, length - blank));
		text = stop + 1;
	}
	return list;
}

static enum fail_code put_reason(json_t *form, const struct flat_column *column, struct view cell, struct fail *why)
{
	if (column->reason == 0)
		return fail_set(why, FAIL_BAD_FORM, "cannot be left out with a reason: fill it");
	json_t *holder = holder_of(form, column, column->reason - 1);
	if (holder == NULL)
		return fail_set(why, FAIL_BAD_FORM, "the entry before it is empty");
	json_object_set_new(object_of(holder, "absent"), column->step[column->reason - 1].key,
	                    json_stringn((const char *)cell.data + 1, cell.length - 1));
	return FAIL_NONE;
}

enum fail_code flat_put(json_t *form, const struct flat_column *column, struct view cell, struct fail *why)
{
	if (cell.length > 1 && cell.data[0] == '?')
		return put_reason(form, column, cell, why);
	if (column->takes == FLAT_PART)
		return fail_set(why, FAIL_BAD_FORM, "takes a reason alone, like ?NK: its values have columns of their own");
	json_t *holder = holder_of(form, column, column->count - 1);
	if (holder == NULL)
		return fail_set(why, FAIL_BAD_FORM, "the entry before it is empty");
	json_t *value = column->takes == FLAT_FLAG    ? flag_of(cell)
	                : column->takes == FLAT_TEXTS ? texts_of(cell)
	                                              : json_stringn((const char *)cell.data, cell.length);
	json_object_set_new(holder, column->step[column->count - 1].key, value);
	return FAIL_NONE;
}

// ---- back from a fault ----

// "persons[0].names[1].full" as "persons.1.names.2.full"; a reason stands in the cell of the value: "absent.birth" as "birth".
static void name_of_path(const char *path, char name[FLAT_NAME_SIZE])
{
	static const char reasons[] = "absent.";
	size_t length = 0;
	while (*path != '\0' && length + 12 < FLAT_NAME_SIZE) {
		if ((length == 0 || name[length - 1] == '.') && strncmp(path, reasons, sizeof reasons - 1) == 0)
			path += sizeof reasons - 1;
		if (*path != '[') {
			name[length++] = *path++;
			continue;
		}
		char *end;
		unsigned long entry = strtoul(path + 1, &end, 10);
		length += (size_t)snprintf(name + length, 12, ".%lu", entry + 1);
		path = *end == ']' ? end + 1 : end;
	}
	name[length] = '\0';
}

const struct flat_column *flat_find(const struct flat_column *column, size_t count, const char *path,
                                    char name[FLAT_NAME_SIZE])
{
	const struct flat_column *best = NULL, *inside = NULL;
	size_t longest = 0;
	name_of_path(path, name);
	size_t whole = strlen(name);
	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(column[i].name);
		bool around = strncmp(column[i].name, name, length) == 0 && (name[length] == '\0' || name[length] == '.');
		if (around && length > longest) {
			best = &column[i];
			longest = length;
		}
		if (inside == NULL && strncmp(column[i].name, name, whole) == 0 && column[i].name[whole] == '.')
			inside = &column[i];
	}
	return best != NULL ? best : inside;
}

// ---- an empty table ----

static const char *const usual_referral[] = {
	"to", "service", "urgency", "legal_basis", "requester_kind", "due", "languages",
	"requester.country", "requester.authority", "requester.reference",
	"items.1.service", "items.1.persons", "items.1.questions.1.id", "items.1.questions.1.text",
	"persons.1.pseudonym", "persons.1.role", "persons.1.names.1.full", "persons.1.names.2.full", "persons.1.sex", "persons.1.birth",
	"persons.1.nationalities", "persons.1.languages", "persons.1.present_place.country", "persons.1.present_place.area",
	"persons.1.present_place.address", "persons.1.informed", "persons.1.family_status", "persons.1.residence_status", "persons.1.wishes",
	"persons.2.pseudonym", "persons.2.role", "persons.2.names.1.full", "persons.2.names.2.full", "persons.2.sex", "persons.2.birth",
	"persons.2.nationalities", "persons.2.languages", "persons.2.present_place.country", "persons.2.present_place.area",
	"persons.2.present_place.address", "persons.2.informed",
	"relations.1.from", "relations.1.to", "relations.1.kind",
	"consents.1.person", "consents.1.purpose", "consents.1.given", "consents.1.form", "consents.1.date",
	"narrative.history", "narrative.present_situation", "narrative.wishes", "narrative.services_involved",
	"informed_abroad", "languages_abroad", NULL,
};

static const char *const usual_person[] = {
	"own_reference", "consent", "keep_until",
	"names.1.full", "names.1.given", "names.1.family", "names.2.full", "names.2.script", "sex", "birth", "age_as_said",
	"birth_place.country", "birth_place.area", "nationalities", "present_place.country", "present_place.area", "present_place.address",
	"mother.1.full", "father.1.full", "separation.date", "separation.place.country", "separation.place.area", "separation.cause", "note", NULL,
};

// Columns that are no place of the form.
static const struct {
	const char *name, *help;
} beside[] = {
	{"to", "the branch to write to, like SN"},
	{"own_reference", "how your branch calls this person's file"},
	{"consent", "YES: the person, or who may speak for it, agreed that it is looked for with others; NO"},
	{"keep_until", "last day on which you keep the person here"},
};

static json_t *help_of(enum flat_of of, const char *name)
{
	struct flat_column column = {.count = 0};
	struct spot spot;
	for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
		if (strcmp(beside[i].name, name) == 0)
			return json_string(words_of(beside[i].help));
	}
	snprintf(column.name, sizeof column.name, "%s", name);
	must(walk(&column, of, &spot));
	struct field_rule rule = *spot.rule;
	if (of == FLAT_PERSON && rule.need == NEED_ASKED)
		rule.need = NEED_MAY; // what is not said of a person is not known
	return help_json(&rule, spot.choices);
}

json_t *flat_usual(enum flat_of of)
{
	bool referral = of == FLAT_REFERRAL;
	json_t *items = json_array();
	for (const char *const *name = referral ? usual_referral : usual_person; *name != NULL; name++)
		json_array_append_new(items, json_pack("{ss so}", "name", *name, "help", help_of(of, *name)));
	return items;
}
