// SPDX-License-Identifier: Apache-2.0
//
// What travels as the canonical JSON of protobuf 3, for programs that know the .proto files: lowerCamelCase names, 64-bit numbers as
// texts, enums by name, bytes as base64, nothing where the value is the default.
#ifndef PASSERELLE_FORM_CANONICAL_H
#define PASSERELLE_FORM_CANONICAL_H

#include "base/bytes.h"

#include <jansson.h>

// Of a serialised Header, checked before. Caller owns *json. FAIL_MALFORMED, FAIL_TOO_LARGE, FAIL_NO_MEMORY.
enum fail_code canonical_header(struct view bytes, json_t **json, struct fail *why) MUST_CHECK;

// Of a serialised Body. Its `granted` is left out: it holds keys.
enum fail_code canonical_body(struct view bytes, json_t **json, struct fail *why) MUST_CHECK;

#endif
