// SPDX-License-Identifier: Apache-2.0
//
// A form as data: which services it serves and its headings in order, with their words in any number of languages. The
// files lie in client/form/definitions, whose README.md is their manual; a branch adds its own. Nothing here
// knows one form from another, and nothing in a file is believed before all of it was checked.
#ifndef PASSERELLE_FORM_DEFINITION_H
#define PASSERELLE_FORM_DEFINITION_H

#include "form/form.h"

enum {
	MAX_DEFINITION = 256 * 1024, // bytes of a file
	MAX_DEFINITIONS = 200,
	MAX_HEADINGS = 60,           // with those of its base; a filled form has at most MAX_LIST_ENTRIES sections
	MAX_WORDED = 20,             // languages of one text
};

struct definition {
	json_t *json;                // owned
	json_t *headings;            // owned: those of its base, then its own, after definitions_join
	const char *id;
	enum message_kind kind;      // of the message that it fills
	unsigned version;
};

struct definitions {
	struct definition list[MAX_DEFINITIONS];
	size_t count;
};

// Reads and checks one file. FAIL_BAD_FORM with all faults by path, FAIL_TOO_LARGE, FAIL_BAD_TEXT, FAIL_NO_MEMORY. Release it
// unless definitions_add took it.
enum fail_code definition_read(const char *json, size_t length, struct definition *definition,
                               struct form_faults *faults, struct fail *why) MUST_CHECK;
void definition_release(struct definition *definition);

// Takes it over. False, and it stays the caller's, if one of this id is there already (the first one counts) or all places are taken.
bool definitions_add(struct definitions *forms, struct definition *definition) MUST_CHECK;

// Gives each form the headings of its base. FAIL_BAD_FORM: the first that cannot be joined was taken out, its id is in
// the fault's path; call again until FAIL_NONE.
enum fail_code definitions_join(struct definitions *forms, struct form_faults *faults, struct fail *why) MUST_CHECK;
void definitions_release(struct definitions *forms);

// NULL if there is none. For a service: the first that serves it.
const struct definition *definition_find(const struct definitions *forms, const char *id);
const struct definition *definition_for(const struct definitions *forms, enum message_kind kind, const char *service);
bool definition_serves(const struct definition *definition, const char *service);

// The text for a reader of this language ("pt-BR"): of the very tag, of its language, English, any. NULL if `texts` is none.
const char *definition_text(json_t *texts, const char *language);

// One heading: an entry of `headings`.
const char *heading_id(json_t *heading);
const char *heading_label(json_t *heading, const char *language);
const char *heading_help(json_t *heading, const char *language); // "" if it has none
const char *heading_need(json_t *heading);                      // MUST, ASKED or MAY
const char *heading_takes(json_t *heading);                     // TEXT, CODE, DATE, YES_NO, PERSONS or LIST
const char *heading_field(json_t *heading);                     // "narrative.history"; NULL: a section of its own
json_t *heading_find(const struct definition *definition, const char *id);
bool heading_allows(json_t *heading, const char *reason);       // may it stay empty for this reason?

// "NK, PENDING": why a heading may stay empty.
struct reasons_text {
	char text[100];
};
struct reasons_text heading_reasons(json_t *heading);

#endif
