// SPDX-License-Identifier: Apache-2.0
//
// Between the JSON that a person or program fills in and the sealed Body plus the
// routing fields of the Header. One walker over the protobuf-c descriptors of
// body.proto does both directions; field rules (codes, dates, languages,
// mandatory or null reason) are one table. The only client file that touches
// generated protobuf-c types. No I/O, no keys.
#ifndef PASSERELLE_FORM_FORM_H
#define PASSERELLE_FORM_FORM_H

#include "base/arena.h"
#include "wire/message.h"

#include <jansson.h>

// One fault of a form: where, what is wrong, what would be right.
struct form_fault {
	char path[128];    // "persons[0].names[1].full"
	char text[200];    // "'2009-13' is not a date: month must be 01 to 12"
};

struct form_faults {
	struct form_fault fault[64];
	size_t count;      // at most 64 are kept; then the last one says how many more there are
	size_t beyond;     // how many found no place
};

struct form_attachment {
	const char *name;        // base name as the author has it, UTF-8
	const char *media_type;  // "image/jpeg"
	uint64_t size;           // plain bytes
};

// The routing fields that a form decides; `header` gets them, its texts live in `arena`.
// `body` gets the serialised Body. `verb` as in psr_message. Form NULL: an empty one.
// `persons`: an object with the pseudonyms of the case as keys, for verbs of a case that is open; NULL: not known, and
// any pseudonym will do. A referral names its own.
// FAIL_BAD_FORM with all faults; FAIL_BAD_TEXT if it is not valid UTF-8; FAIL_BAD_USAGE unknown verb.
enum fail_code form_read(const char *verb, const char *json, size_t json_length,
                         const struct form_attachment *attachment, size_t attachment_count,
                         json_t *persons, struct arena *arena, struct header *header, struct bytes *body,
                         struct form_faults *faults, struct fail *why) MUST_CHECK;

// The same with the forms that are known here: one that names a form ("form") is checked against its definition too, its labels
// in `language`. NULL as form_read: what it names is taken as it is.
struct definitions;
struct form_by {
	const struct definitions *forms;
	const char *language;
};
enum fail_code form_read_by(const struct form_by *by, const char *verb, const char *json, size_t json_length,
                            const struct form_attachment *attachment, size_t attachment_count, json_t *persons,
                            struct arena *arena, struct header *header, struct bytes *body, struct form_faults *faults,
                            struct fail *why) MUST_CHECK;

// A Body as JSON (proto3 JSON names in snake_case as in the forms; unknown codes as they are).
// Caller owns *json. FAIL_MALFORMED, FAIL_TOO_LARGE.
enum fail_code form_write(struct view body, json_t **json, struct fail *why) MUST_CHECK;

// Of the fields that a form asks for (a value, or a reason why there is none) how many have a value: {"asked", "filled"};
// parts that are not there are not counted. `content` as form_write gave it. NULL: the kind asks for none.
json_t *form_completeness(enum message_kind kind, json_t *content);

// The routing fields of a message that was opened, as a form would have them.
json_t *form_routing(const struct header *header);

// How far the form that `content` names is filled, by its headings (fill.h); NULL: it names none that is known here. `routing`:
// the routing fields, as in a form ("requester_kind", "stage").
json_t *form_headings(const struct definitions *forms, json_t *routing, json_t *content);

// The verb that writes messages of this kind; NULL if none does.
const char *form_verb(enum message_kind kind);

// Is a form of this verb about persons whom the case must know already?
bool form_names_persons(const char *verb);

// Of what kind of message this content is; KIND_UNSPECIFIED where it says nothing or cannot be read.
enum message_kind form_kind(struct view body);

// Attachments named in a Body, in the order of Header.object (without the body itself).
// Texts live in `arena`. *count in: capacity, out: how many.
enum fail_code form_attachments(struct view body, struct arena *arena, struct form_attachment *attachment,
                                size_t *count, struct fail *why) MUST_CHECK;

// Who would read what: a list of {"path", "class", "readers"} with every field that says something. Headings of a
// person's case stay where they are: "persons[0].names". Only for a form that form_read took.
enum fail_code form_preview(const char *verb, const char *json, size_t json_length, json_t **list,
                            struct fail *why) MUST_CHECK;

// A form to fill, with `_help` keys; `service` only for refer (else NULL).
// FAIL_BAD_FORM for an unknown service, `why` lists the known ones.
enum fail_code form_template(const char *verb, const char *service, json_t **json, struct fail *why) MUST_CHECK;

// The same for a form: that of this id, or (NULL) the first that serves the service; without either an ordinary template.
// FAIL_BAD_USAGE: there is no such form, or it is for another kind of message.
enum fail_code form_template_by(const struct form_by *by, const char *verb, const char *service, const char *form,
                                json_t **json, struct fail *why) MUST_CHECK;

#endif
