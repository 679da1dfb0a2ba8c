// SPDX-License-Identifier: Apache-2.0
//
// Message to JSON: the same walker upwards. Whatever came is shown: codes that
// this version does not know, numbers of enums that it does not know.
#ifndef PASSERELLE_FORM_WRITE_H
#define PASSERELLE_FORM_WRITE_H

#include "form/memory.h"

#include <jansson.h>

// Adds every field of `message` that says something to `object`. False without
// memory or where a text is not valid UTF-8.
bool write_message(const ProtobufCMessageDescriptor *descriptor, const void *message, json_t *object);

#endif
