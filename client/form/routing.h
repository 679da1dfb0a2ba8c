// SPDX-License-Identifier: Apache-2.0
//
// The top-level keys of a form that the hub may read: they go to the header.
#ifndef PASSERELLE_FORM_ROUTING_H
#define PASSERELLE_FORM_ROUTING_H

#include "form/read.h"

// Fills kind and routing fields of `header`; its texts are copied into `arena`.
// Faults go to the reading; FAIL_NO_MEMORY.
enum fail_code routing_read(struct reading *reading, json_t *form, struct arena *arena,
                            struct header *header) MUST_CHECK;

// A key that read_message must leave to this file or to the attachments.
bool routing_key(const struct reading *reading, const char *key);

#endif
