// SPDX-License-Identifier: Apache-2.0
//
// What a form may say, as data: which verb writes which content (verbs), what each
// field of the content takes (fields.def), and what the routing fields beside it
// take (routing). Nothing here looks at a form.
#ifndef PASSERELLE_FORM_RULES_H
#define PASSERELLE_FORM_RULES_H

#include "wire/message.h"

#include <protobuf-c/protobuf-c.h>

enum field_need { NEED_MAY, NEED_MUST, NEED_ASKED, NEED_FILLED };

enum field_kind {
	TAKES_TEXT,       // lines of text
	TAKES_LINE,       // one line
	TAKES_CODE,       // of a code list
	TAKES_PARTIAL,    // partial date
	TAKES_DAY,        // YYYY-MM-DD
	TAKES_LANGUAGE,   // BCP 47
	TAKES_COUNTRY,    // ISO 3166-1 alpha-2, XK
	TAKES_SCRIPT,     // ISO 15924
	TAKES_NEW_PERSON, // a pseudonym, used once in the form
	TAKES_PERSON,     // a pseudonym of the form (of the case, where the form is no referral)
	TAKES_MARK,       // short mark of a question
	TAKES_FILE,       // name of an attachment of this message
	TAKES_EMAIL,
	TAKES_PHONE,
	TAKES_AGENCY,     // code of a partner agency
	TAKES_CHOICE,     // a closed enum of the schema, by name without its prefix
	TAKES_NUMBER,
	TAKES_FLAG,       // true or false
	TAKES_PART,       // an object of its own
	TAKES_REASONS,    // {"field": "NK"}
	TAKES_STAGE,      // INTERIM or FINAL
	TAKES_COUNT
};

struct field_rule {
	const char *message;   // "Person"
	const char *field;     // "birth"
	char class;            // privacy class R, P, I, S; '-': decided by the fields of the part
	enum field_need need;
	enum field_kind kind;
	const char *list;      // code list, NULL if none
	uint32_t max;          // characters; TAKES_NUMBER: greatest value
	const char *help;
	const char *sample;    // a value that would be right, "" if none
};

enum { MAX_LIST_ENTRIES = 64 };

// NULL if there is no such field.
const struct field_rule *rule_find(const char *message, const char *field);
const struct field_rule *rule_at(size_t index); // NULL behind the last

// One verb of psr_message.
struct verb_rule {
	const char *verb;      // "refer"
	enum message_kind kind;
	const char *content;   // field of Body: "referral"
	const char *help;      // what its form is for
};

const struct verb_rule *verb_find(const char *verb);
const struct verb_rule *verb_at(size_t index);
const struct verb_rule *verb_of_kind(enum message_kind kind); // NULL if none writes it
const ProtobufCFieldDescriptor *verb_content(const struct verb_rule *verb);
// The field of the content that its form is, where it is a part of it alone; else NULL.
const ProtobufCFieldDescriptor *verb_part(const struct verb_rule *verb);
const ProtobufCMessageDescriptor *verb_form(const struct verb_rule *verb);  // what its form is read into

// A routing field: a top-level key that goes to the header, readable by the hub.
struct route_rule {
	uint64_t kinds;        // bits 1 << enum message_kind
	struct field_rule rule; // rule.message is "Form"
	size_t offset;         // of the text in struct header; SIZE_MAX: has a handler of its own
};

const struct route_rule *route_at(size_t index);
const struct route_rule *route_find(const struct verb_rule *verb, const char *key);

// Keys of an entry of "partners".
const struct field_rule *partner_rule_at(size_t index);

// Headings that every report should say something about, NULL-ended.
const char *const *report_headings(void);

// Parts of a referral that only some services use: false if this service does not.
bool service_uses(const char *service, const char *part);

#endif
