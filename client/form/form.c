// SPDX-License-Identifier: Apache-2.0
#include "form/form.h"

#include "case/codes.h"
#include "form/body.h"
#include "form/fill.h"
#include "form/routing.h"
#include "form/text.h"
#include "form/write.h"

#include "passerelle/v1/body.pb-c.h"

#include <stdio.h>
#include <string.h>

#define FAULT(reading, ...) fault_add((reading)->check.faults, &(reading)->check.path, __VA_ARGS__)

static enum fail_code fail_verb(const char *verb, struct fail *why)
{
	char known[120] = "";
	for (size_t i = 0; verb_at(i) != NULL; i++) {
		size_t used = strlen(known);
		snprintf(known + used, sizeof(known) - used, "%s%s", i > 0 ? ", " : "", verb_at(i)->verb);
	}
	return fail_set(why, FAIL_BAD_USAGE, "'%s' writes no message: one of %s does", excerpt_of(verb).text, known);
}

#define OF(kind) (UINT64_C(1) << KIND_##kind)

bool form_names_persons(const char *verb)
{
	// A report and an answer may meet persons that nobody has named yet, and add them.
	static const uint64_t kinds =
		OF(STEP) | OF(CONSENT_GIVEN) | OF(CONSENT_WITHDRAWN) | OF(FOLLOW_UP) | OF(CLOSE) | OF(TRANSFER) | OF(ITEM) |
		OF(CHILD_FILE) | OF(MATCH_PROPOSED) | OF(MATCH_REVIEW) | OF(MATCH_DISCLOSE) | OF(MATCH_CONFIRM) | OF(MATCH_REFUTE);
	const struct verb_rule *rule = verb_find(verb);
	return rule != NULL && (kinds >> rule->kind & 1) != 0;
}

// ---- what one field alone cannot show ----

static const char *text_at(json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));
	return text != NULL ? text : "";
}

static void check_items(struct reading *reading, json_t *form)
{
	json_t *first = json_array_get(json_object_get(form, "items"), 0);
	const char *service = text_at(first, "service");
	if (service[0] == '\0' || reading->service[0] == '\0' || strcmp(service, reading->service) == 0)
		return;
	size_t before = path_field(&reading->check.path, "items[0].service");
	FAULT(reading, "is '%s', but the form's service is '%s': write the same in both", excerpt_of(service).text,
	      excerpt_of(reading->service).text);
	path_back(&reading->check.path, before);
}

static void check_relations(struct reading *reading, json_t *form)
{
	size_t i;
	json_t *relation;
	json_array_foreach(json_object_get(form, "relations"), i, relation) {
		const char *from = text_at(relation, "from");
		if (from[0] == '\0' || strcmp(from, text_at(relation, "to")) != 0)
			continue;
		size_t before = path_field(&reading->check.path, "relations");
		path_entry(&reading->check.path, i);
		FAULT(reading, "goes from '%s' to the same person: `to` must be someone else", excerpt_of(from).text);
		path_back(&reading->check.path, before);
	}
}

static void check_marks(struct reading *reading, json_t *list, const char *list_name, const char *key)
{
	json_t *seen = json_object();
	size_t i;
	json_t *entry;
	json_array_foreach(list, i, entry) {
		const char *mark = text_at(entry, key);
		if (mark[0] != '\0' && json_object_get(seen, mark) != NULL) {
			size_t before = path_field(&reading->check.path, list_name);
			path_entry(&reading->check.path, i);
			path_field(&reading->check.path, key);
			FAULT(reading, "'%s' is used twice", excerpt_of(mark).text);
			path_back(&reading->check.path, before);
		}
		json_object_set_new(seen, mark, json_true());
	}
	json_decref(seen);
}

static void check_item_questions(struct reading *reading, json_t *form)
{
	size_t i;
	json_t *item;
	json_array_foreach(json_object_get(form, "items"), i, item) {
		size_t before = path_field(&reading->check.path, "items");
		path_entry(&reading->check.path, i);
		check_marks(reading, json_object_get(item, "questions"), "questions", "id");
		path_back(&reading->check.path, before);
	}
}

static void check_referral(struct reading *reading, json_t *form)
{
	check_items(reading, form);
	check_item_questions(reading, form);
	check_relations(reading, form);
}

static bool has_role(json_t *form, const char *pseudonym, const char *role)
{
	size_t i;
	json_t *person;
	json_array_foreach(json_object_get(form, "persons"), i, person) {
		if (strcmp(text_at(person, "pseudonym"), pseudonym) == 0)
			return strcmp(text_at(person, "role"), role) == 0;
	}
	return true; // that there is no such person is told elsewhere
}

static bool consents_to_search(json_t *form, const char *inquirer)
{
	size_t i;
	json_t *consent;
	json_array_foreach(json_object_get(form, "consents"), i, consent) {
		if (strcmp(text_at(consent, "person"), inquirer) == 0 && strcmp(text_at(consent, "purpose"), "TRACE") == 0 &&
		    strcmp(text_at(consent, "given"), "YES") == 0)
			return true;
	}
	return false;
}

// Who looks must have agreed to the search: nobody is traced upon a stranger's word.
static void check_trace(struct reading *reading, json_t *form)
{
	size_t i, before = path_field(&reading->check.path, "tracing"), inner = path_field(&reading->check.path, "inquirer");
	json_t *tracing = json_object_get(form, "tracing"), *one;
	const char *inquirer = text_at(tracing, "inquirer");
	if (inquirer[0] != '\0' && !has_role(form, inquirer, "INQUIRER"))
		FAULT(reading, "'%s' must have the role INQUIRER in persons", excerpt_of(inquirer).text);
	if (inquirer[0] != '\0' && !consents_to_search(form, inquirer))
		FAULT(reading, "'%s' has given no consent to the search: a consent of purpose TRACE is needed", excerpt_of(inquirer).text);
	path_back(&reading->check.path, inner);
	path_field(&reading->check.path, "sought");
	json_array_foreach(json_object_get(tracing, "sought"), i, one) {
		const char *sought = json_string_value(one);
		if (sought != NULL && sought[0] != '\0' && !has_role(form, sought, "SOUGHT"))
			FAULT(reading, "'%s' must have the role SOUGHT in persons", excerpt_of(sought).text);
	}
	path_back(&reading->check.path, before);
	check_relations(reading, form);
}

// A consent in the field `consent` that says yes to this, by this person ("" anybody).
static bool consented(json_t *form, const char *purpose, const char *person)
{
	json_t *consent = json_object_get(form, "consent");
	return strcmp(text_at(consent, "given"), "YES") == 0 && strcmp(text_at(consent, "purpose"), purpose) == 0 &&
	       (person[0] == '\0' || strcmp(text_at(consent, "person"), person) == 0);
}

static void need_consent(struct reading *reading, json_t *form, const char *purpose, const char *person)
{
	size_t before = path_field(&reading->check.path, "consent");
	if (!consented(form, purpose, person))
		FAULT(reading, "nothing is told without consent: one is needed that was given, of purpose %s", purpose);
	path_back(&reading->check.path, before);
}

// Consent before any identity; a child's best interests are decided by two persons, who answer for it.
static void check_match_proposed(struct reading *reading, json_t *form)
{
	if (strcmp(text_at(form, "ground"), "BEST_INTERESTS") != 0 && text_at(form, "sought")[0] != '\0')
		need_consent(reading, form, "SHARE_IDENTITY", text_at(form, "sought"));
}

static void check_match_review(struct reading *reading, json_t *form)
{
	if (text_at(form, "sought")[0] != '\0')
		need_consent(reading, form, "CONTACT", "");
}

static void check_disclosure(struct reading *reading, json_t *form)
{
	const char *wish = text_at(form, "wish");
	size_t before = path_field(&reading->check.path, "wish");
	if (strcmp(wish, "SAY_NOTHING") == 0 || strcmp(wish, "REFUSES") == 0)
		FAULT(reading, "is '%s': then nobody is disclosed; take the match back with refute-match", wish);
	path_back(&reading->check.path, before);
}

static void check_info_request(struct reading *reading, json_t *form)
{
	check_marks(reading, json_object_get(form, "questions"), "questions", "id");
}

static void check_info_reply(struct reading *reading, json_t *form)
{
	check_marks(reading, json_object_get(form, "answers"), "answers", "question");
	check_relations(reading, form);
}

static void check_report(struct reading *reading, json_t *form)
{
	const char *kind = text_at(form, "kind");
	const char *stage = text_at(form, "stage");
	bool differ = (strcmp(kind, "INTERIM") == 0 && strcmp(stage, "FINAL") == 0) ||
	              (strcmp(kind, "FINAL") == 0 && strcmp(stage, "INTERIM") == 0);
	size_t before = path_field(&reading->check.path, "kind");
	if (differ)
		FAULT(reading, "is '%s', but `stage` is '%s'", kind, stage);
	path_back(&reading->check.path, before);
	json_int_t number = json_integer_value(json_object_get(form, "number"));
	json_int_t of = json_integer_value(json_object_get(form, "of"));
	before = path_field(&reading->check.path, "number");
	if (of > 0 && number > of)
		FAULT(reading, "is greater than `of`");
	path_back(&reading->check.path, before);
	check_relations(reading, form);
}

// What is done is here, and tells how it was made.
static void check_translation(struct reading *reading, json_t *form)
{
	bool done = strcmp(text_at(form, "status"), "DONE") == 0;
	size_t before = path_field(&reading->check.path, "how");
	if (done && text_at(form, "how")[0] == '\0')
		FAULT(reading, "is missing: a translation that is done says how it was made (passerelle codes translation_kind)");
	path_back(&reading->check.path, before);
	before = path_field(&reading->check.path, "text");
	if (done && text_at(form, "text")[0] == '\0' && reading->check.attachment_count == 0)
		FAULT(reading, "is missing: a translation that is done stands here, or in a file that is attached");
	path_back(&reading->check.path, before);
	before = path_field(&reading->check.path, "into");
	if (text_at(form, "into")[0] != '\0' && strcmp(text_at(form, "into"), text_at(form, "from")) == 0)
		FAULT(reading, "is the language of the original");
	path_back(&reading->check.path, before);
}

static void check_child_file(struct reading *reading, json_t *form)
{
	const char *key = strcmp(reading->check.verb->verb, "review") == 0 ? "goal" : "id";
	check_marks(reading, json_object_get(form, "goals"), "goals", key);
}

static void check_whole(struct reading *reading, json_t *form)
{
	static void (*const checks[KIND_COUNT])(struct reading *, json_t *) = {
		[KIND_REFERRAL] = check_referral,
		[KIND_TRACE_REQUEST] = check_trace,
		[KIND_ALERT] = check_relations,
		[KIND_MATCH_PROPOSED] = check_match_proposed,
		[KIND_MATCH_REVIEW] = check_match_review,
		[KIND_MATCH_DISCLOSE] = check_disclosure,
		[KIND_INFO_REQUEST] = check_info_request,
		[KIND_INFO_REPLY] = check_info_reply,
		[KIND_REPORT] = check_report,
		[KIND_CHILD_FILE] = check_child_file,
		[KIND_TRANSLATION] = check_translation,
	};
	if (checks[reading->check.verb->kind] != NULL)
		checks[reading->check.verb->kind](reading, form);
}

// ---- what the program fills in ----

static bool section_says(const Passerelle__V1__Report *report, const char *heading)
{
	for (size_t i = 0; i < report->n_sections; i++) {
		const Passerelle__V1__ReportSection *section = report->sections[i];
		if (strcmp(section->heading, heading) == 0 && (section->text[0] != '\0' || section->n_absent > 0))
			return true;
	}
	return false;
}

static uint32_t percent_said(const struct reading *reading, const Passerelle__V1__Report *report, json_t *form)
{
	json_int_t asked = 0, said = 0;
	if (reading->definition != NULL) {
		json_t *counted = fill_count(reading->definition, form, form);
		asked = json_integer_value(json_object_get(counted, "asked"));
		said = json_integer_value(json_object_get(counted, "filled")) +
		       json_integer_value(json_object_get(counted, "excused"));
		json_decref(counted);
	} else {
		for (const char *const *heading = report_headings(); *heading != NULL; heading++, asked++)
			said += section_says(report, *heading);
	}
	return asked > 0 ? (uint32_t)(said * 100 / asked) : 100;
}

// A reason why a heading stays empty counts as saying something.
static void fill_report(const struct reading *reading, json_t *form, void *content)
{
	Passerelle__V1__Report *report = content;
	report->completeness = percent_said(reading, report, form);
	if (report->kind[0] == '\0')
		pointer_set(report, offsetof(Passerelle__V1__Report, kind), reading->final ? "FINAL" : "INTERIM");
}

// So that it can be read where the form is not known: the heading in words, in the language of the message.
static void fill_titles(const struct reading *reading, const char *language, size_t count, void *sections)
{
	Passerelle__V1__ReportSection **section = sections;
	const struct code_list *usual = code_list_find("report_heading");
	for (size_t i = 0; i < count; i++) {
		json_t *heading = heading_find(reading->definition, section[i]->heading);
		if (section[i]->title[0] == '\0' && heading != NULL && !code_known(usual, section[i]->heading))
			pointer_set(section[i], offsetof(Passerelle__V1__ReportSection, title), heading_label(heading, language));
	}
}

static void fill_form(const struct reading *reading, const struct header *header,
                      const ProtobufCMessageDescriptor *descriptor, void *content)
{
	const ProtobufCFieldDescriptor *sections = protobuf_c_message_descriptor_get_field_by_name(descriptor, "sections");
	const ProtobufCFieldDescriptor *version = protobuf_c_message_descriptor_get_field_by_name(descriptor, "form_version");
	if (reading->definition == NULL)
		return;
	must(sections != NULL && version != NULL); // definition_kind saw to it
	memcpy((char *)content + version->offset, &reading->definition->version, sizeof(uint32_t));
	void *list;
	memcpy(&list, (char *)content + sections->offset, sizeof list);
	fill_titles(reading, header->language_count > 0 ? header->language[0] : reading->language,
	            count_at(content, sections->quantifier_offset), list);
}

// ---- attachments ----

static json_t *annotation_of(json_t *form, const char *name)
{
	size_t i;
	json_t *entry;
	json_array_foreach(json_object_get(form, "attachments"), i, entry) {
		if (strcmp(text_at(entry, "name"), name) == 0)
			return entry;
	}
	return NULL;
}

static Passerelle__V1__Attachment *read_attachment(struct reading *reading, json_t *form,
                                                   const struct form_attachment *file)
{
	const ProtobufCMessageDescriptor *descriptor = &passerelle__v1__attachment__descriptor;
	Passerelle__V1__Attachment *attachment = message_new(reading->memory, descriptor);
	json_t *annotation = annotation_of(form, file->name);
	if (attachment == NULL)
		return NULL;
	if (annotation != NULL) {
		struct form_faults again = {.count = 0}; // its faults are told once, by check_annotations
		struct form_faults *kept = reading->check.faults;
		reading->check.faults = &again;
		read_message(reading, descriptor, annotation, attachment, NULL);
		reading->check.faults = kept;
	}
	pointer_set(attachment, offsetof(Passerelle__V1__Attachment, name), file->name);
	pointer_set(attachment, offsetof(Passerelle__V1__Attachment, media_type), file->media_type);
	attachment->size = file->size;
	return attachment;
}

static void check_annotations(struct reading *reading, json_t *form)
{
	json_t *list = json_object_get(form, "attachments");
	size_t before = path_field(&reading->check.path, "attachments");
	if (!json_blank(list) && !json_is_array(list))
		FAULT(reading, "must be a list: put it in [ ], even if there is only one");
	size_t i;
	json_t *entry;
	json_array_foreach(list, i, entry) {
		size_t inner = path_entry(&reading->check.path, i);
		void *scratch = message_new(reading->memory, &passerelle__v1__attachment__descriptor);
		if (!json_is_object(entry))
			FAULT(reading, "must be an object: {\"name\": \"court-order.pdf\", ...}");
		else if (scratch != NULL && !json_blank(entry))
			read_message(reading, &passerelle__v1__attachment__descriptor, entry, scratch, NULL);
		path_back(&reading->check.path, inner);
	}
	path_back(&reading->check.path, before);
	check_marks(reading, list, "attachments", "name");
}

static void check_names(struct reading *reading)
{
	const struct form_attachment *file = reading->check.attachment;
	size_t before = path_field(&reading->check.path, "attachments");
	for (size_t i = 0; i < reading->check.attachment_count; i++) {
		if (utf8_prefix(file[i].name, strlen(file[i].name)) < strlen(file[i].name))
			FAULT(reading, "the name of file %zu is not valid UTF-8: rename it", i + 1);
		for (size_t j = 0; j < i; j++) {
			if (strcmp(file[i].name, file[j].name) == 0)
				FAULT(reading, "two files have the name '%s': rename one", excerpt_of(file[i].name).text);
		}
	}
	if (reading->check.attachment_count >= MAX_OBJECTS)
		FAULT(reading, "%zu files, at most %d are possible: send the rest with another message", reading->check.attachment_count,
		      MAX_OBJECTS - 1);
	path_back(&reading->check.path, before);
}

static bool read_attachments(struct reading *reading, json_t *form, Passerelle__V1__Body *body)
{
	size_t count = reading->check.attachment_count;
	check_names(reading);
	check_annotations(reading, form);
	if (count == 0)
		return true;
	body->attachment = arena_alloc(&reading->memory->arena, count * sizeof(Passerelle__V1__Attachment *));
	for (size_t i = 0; i < count && body->attachment != NULL; i++) {
		body->attachment[i] = read_attachment(reading, form, &reading->check.attachment[i]);
		if (body->attachment[i] == NULL)
			return false;
	}
	body->n_attachment = count;
	return body->attachment != NULL;
}

// ---- form to body ----

static json_t *pseudonyms_of(json_t *form)
{
	json_t *set = json_object();
	size_t i;
	json_t *person;
	json_array_foreach(json_object_get(form, "persons"), i, person)
		json_object_set_new(set, text_at(person, "pseudonym"), json_true());
	return set;
}

static enum fail_code pack(const Passerelle__V1__Body *body, struct bytes *out, struct fail *why)
{
	size_t length = passerelle__v1__body__get_packed_size(body);
	uint8_t *room = length <= MAX_BODY ? bytes_room(out, length) : NULL;
	if (room == NULL)
		return fail_set(why, FAIL_TOO_LARGE,
		                "the filled form has %zu bytes, more than a message holds: attach long texts as files", length);
	bytes_added(out, passerelle__v1__body__pack(body, room));
	return FAIL_NONE;
}

static enum fail_code fail_faults(const struct form_faults *faults, struct fail *why)
{
	size_t count = faults->count + (faults->beyond > 0 ? faults->beyond - 1 : 0);
	return fail_set(why, FAIL_BAD_FORM, count == 1 ? "%zu fault in the form, the first at %s" : "%zu faults in the form, the first at %s",
	                count, faults->fault[0].path);
}

// What the form filled, in the message that has it as one of its parts.
static void *whole_content(struct reading *reading, void *filled)
{
	const ProtobufCFieldDescriptor *part = verb_part(reading->check.verb);
	void *whole = part != NULL ? message_new(reading->memory, verb_content(reading->check.verb)->descriptor) : filled;
	if (part != NULL && whole != NULL)
		pointer_set(whole, part->offset, filled);
	return whole;
}

static enum fail_code read_content(struct reading *reading, json_t *form, const struct header *header,
                                   struct bytes *out, struct fail *why)
{
	Passerelle__V1__Body body = PASSERELLE__V1__BODY__INIT;
	const ProtobufCFieldDescriptor *field = verb_content(reading->check.verb);
	const ProtobufCMessageDescriptor *filled = verb_form(reading->check.verb);
	void *content = message_new(reading->memory, filled);
	if (content == NULL || !read_attachments(reading, form, &body))
		return fail_set(why, FAIL_NO_MEMORY, "no memory for the form");
	if (reading->definition != NULL)
		fill_check(&reading->check, reading->definition, form, reading->language);
	read_message(reading, filled, form, content, routing_key);
	check_whole(reading, form);
	void *whole = whole_content(reading, content);
	if (reading->check.faults->count > 0)
		return fail_faults(reading->check.faults, why);
	if (reading->memory->refused)
		return fail_set(why, FAIL_NO_MEMORY, "the form is too complex");
	if (field->descriptor == &passerelle__v1__report__descriptor)
		fill_report(reading, form, content);
	fill_form(reading, header, filled, content);
	pointer_set(&body, field->offset, whole);
	int_set(&body, field->quantifier_offset, (int)field->id);
	return pack(&body, out, why);
}

// The definition of the form that is named; a fault if it is not known here or is for something else.
static void find_form(struct reading *reading, const struct form_by *by, json_t *form)
{
	const char *name = text_at(form, "form");
	reading->check.own_headings = name[0] != '\0';
	if (name[0] == '\0' || by == NULL)
		return;
	const struct definition *found = definition_find(by->forms, name);
	size_t before = path_field(&reading->check.path, "form");
	if (found == NULL)
		FAULT(reading, "'%s' is not a form that is known here: passerelle forms lists them", excerpt_of(name).text);
	else if (found->kind != reading->check.verb->kind)
		FAULT(reading, "'%s' is a form for another kind of message", name);
	else if (reading->service[0] != '\0' && !definition_serves(found, reading->service))
		FAULT(reading, "'%s' is not for the service '%s'", name, reading->service);
	else
		reading->definition = found;
	reading->language = by->language;
	path_back(&reading->check.path, before);
}

static enum fail_code read_form(struct reading *reading, const struct form_by *by, json_t *form, struct arena *arena,
                                struct header *header, struct bytes *body, struct fail *why)
{
	if (routing_read(reading, form, arena, header) != FAIL_NONE)
		return fail_set(why, FAIL_NO_MEMORY, "no memory for the form");
	reading->service = header->service;
	reading->final = header->report == REPORT_FINAL;
	find_form(reading, by, form);
	return read_content(reading, form, header, body, why);
}

enum fail_code form_read(const char *verb, const char *json, size_t json_length,
                         const struct form_attachment *attachment, size_t attachment_count, json_t *known,
                         struct arena *arena, struct header *header, struct bytes *body, struct form_faults *faults,
                         struct fail *why)
{
	return form_read_by(NULL, verb, json, json_length, attachment, attachment_count, known, arena, header, body, faults,
	                    why);
}

enum fail_code form_read_by(const struct form_by *by, const char *verb, const char *json, size_t json_length,
                            const struct form_attachment *attachment, size_t attachment_count, json_t *known,
                            struct arena *arena, struct header *header, struct bytes *body, struct form_faults *faults,
                            struct fail *why)
{
	struct form_memory memory;
	json_t *form = NULL;
	const struct verb_rule *rule = verb_find(verb);
	*faults = (struct form_faults){.count = 0};
	if (rule == NULL)
		return fail_verb(verb, why);
	enum fail_code code = form_parse(json, json_length, &form, faults, why);
	if (code != FAIL_NONE)
		return code;
	form_memory_init(&memory);
	json_t *persons = message_kind_opens(rule->kind) || known != NULL ? pseudonyms_of(form) : NULL;
	if (persons != NULL && known != NULL && !message_kind_opens(rule->kind))
		json_object_update(persons, known);
	struct reading reading = {
		.check = {.faults = faults,
	              .verb = rule,
	              .persons = persons,
	              .attachment = attachment,
	              .attachment_count = attachment_count},
		.memory = &memory,
		.seen_persons = json_object(),
		.service = "",
		.language = "en",
	};
	code = read_form(&reading, by, form, arena, header, body, why);
	json_decref(reading.seen_persons);
	json_decref(persons);
	json_decref(form);
	form_memory_release(&memory);
	return code;
}

// ---- body to JSON ----

static bool write_attachments(const Passerelle__V1__Body *body, json_t *object)
{
	json_t *list = body->n_attachment > 0 ? json_array() : NULL;
	for (size_t i = 0; i < body->n_attachment; i++) {
		json_t *entry = json_object();
		bool written =
			entry != NULL && write_message(&passerelle__v1__attachment__descriptor, body->attachment[i], entry);
		if (json_array_append_new(list, entry) != 0 || !written) {
			json_decref(list);
			return false;
		}
	}
	return list == NULL || json_object_set_new(object, "attachments", list) == 0;
}

static bool write_body(const Passerelle__V1__Body *body, json_t *object)
{
	for (unsigned i = 0; i < passerelle__v1__body__descriptor.n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &passerelle__v1__body__descriptor.fields[i];
		bool here =
			field->id == (uint32_t)body->content_case && body->content_case != PASSERELLE__V1__BODY__CONTENT__NOT_SET;
		if (here && !write_message(field->descriptor, pointer_at(body, field->offset), object))
			return false;
	}
	return write_attachments(body, object) &&
	       (body->base.n_unknown_fields == 0 ||
	        json_object_set_new(object, "_unknown_fields", json_integer(body->base.n_unknown_fields)) == 0);
}

enum fail_code form_write(struct view body, json_t **json, struct fail *why)
{
	struct form_memory memory;
	Passerelle__V1__Body *unpacked = NULL;
	form_memory_init(&memory);
	enum fail_code code = body_unpack(body, &memory, &unpacked, why);
	json_t *object = code == FAIL_NONE ? json_object() : NULL;
	if (code == FAIL_NONE && (object == NULL || !write_body(unpacked, object)))
		code = fail_set(why, FAIL_MALFORMED, "the content has a text that is not valid UTF-8");
	form_memory_release(&memory);
	if (code == FAIL_NONE)
		*json = object;
	else
		json_decref(object);
	return code;
}

const char *form_verb(enum message_kind kind)
{
	const struct verb_rule *verb = verb_of_kind(kind);
	return verb == NULL ? NULL : verb->verb;
}

enum message_kind form_kind(struct view body)
{
	struct form_memory memory;
	Passerelle__V1__Body *unpacked = NULL;
	enum message_kind kind = KIND_UNSPECIFIED;
	form_memory_init(&memory);
	enum fail_code code = body_unpack(body, &memory, &unpacked, NULL);
	for (size_t i = 0; code == FAIL_NONE && verb_at(i) != NULL; i++) {
		if (verb_content(verb_at(i))->id == (uint32_t)unpacked->content_case)
			kind = verb_at(i)->kind;
	}
	form_memory_release(&memory);
	return kind;
}

static enum fail_code copy_attachment(const Passerelle__V1__Attachment *from, struct arena *arena,
                                      struct form_attachment *to, struct fail *why)
{
	size_t name = strlen(from->name), type = strlen(from->media_type);
	if (utf8_prefix(from->name, name) < name || utf8_prefix(from->media_type, type) < type)
		return fail_set(why, FAIL_MALFORMED, "the name of an attachment is not valid UTF-8");
	to->name = arena_text(arena, from->name, name);
	to->media_type = arena_text(arena, from->media_type, type);
	to->size = from->size;
	return to->name != NULL && to->media_type != NULL ? FAIL_NONE : fail_set(why, FAIL_NO_MEMORY, "no memory for the attachments");
}

enum fail_code form_attachments(struct view body, struct arena *arena, struct form_attachment *attachment,
                                size_t *count, struct fail *why)
{
	struct form_memory memory;
	Passerelle__V1__Body *unpacked = NULL;
	form_memory_init(&memory);
	enum fail_code code = body_unpack(body, &memory, &unpacked, why);
	if (code == FAIL_NONE && unpacked->n_attachment > *count)
		code =
			fail_set(why, FAIL_TOO_LARGE, "%zu attachments, at most %zu are possible", unpacked->n_attachment, *count);
	for (size_t i = 0; code == FAIL_NONE && i < unpacked->n_attachment; i++)
		code = copy_attachment(unpacked->attachment[i], arena, &attachment[i], why);
	if (code == FAIL_NONE)
		*count = unpacked->n_attachment;
	form_memory_release(&memory);
	return code;
}
