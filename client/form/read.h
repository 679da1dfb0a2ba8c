// SPDX-License-Identifier: Apache-2.0
//
// JSON to message: the one walker downwards. It goes through the whole form and
// collects every fault; the message is only good if there are none.
#ifndef PASSERELLE_FORM_READ_H
#define PASSERELLE_FORM_READ_H

#include "form/check.h"
#include "form/memory.h"

struct reading {
	struct check check;
	struct form_memory *memory;
	json_t *seen_persons;   // pseudonyms defined so far, as keys
	const char *service;    // of a referral, else ""
	bool final;             // a final report
	const struct definition *definition; // of the form that is named; NULL: none is, or it is not known here
	const char *language;   // of its labels
};

// Fills `message` (of type `descriptor`, initialised) from `object`, whose texts it
// borrows. `skip` tells top-level keys that are read elsewhere; NULL: none.
void read_message(struct reading *reading, const ProtobufCMessageDescriptor *descriptor, json_t *object, void *message,
                  bool (*skip)(const struct reading *reading, const char *key));

// A key that is not known here, with the nearest that is (NULL if none is near).
void fault_unknown_key(struct reading *reading, const char *key, const char *nearest);

// A zeroed message of this type from the reading's memory, NULL without memory.
void *message_new(struct form_memory *memory, const ProtobufCMessageDescriptor *descriptor);

// A list of texts by rule: checks each; false (and a fault) if it is no list.
bool read_texts(struct reading *reading, const struct field_rule *rule, json_t *value);

#endif
