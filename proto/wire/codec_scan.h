// SPDX-License-Identifier: Apache-2.0
//
// Looks over serialised bytes before protobuf-c may allocate for them, because
// protobuf-c limits nothing: 1 MiB of two-byte unknown fields would become
// 47 MB. Walks the raw wire format along the generated descriptors, without
// allocating. Stricter than protobuf: a field or a oneof that is there twice, a number
// that does not fit its type, an unknown field are refused, so that two readers
// cannot understand the same signed bytes differently.
#ifndef PASSERELLE_WIRE_CODEC_SCAN_H
#define PASSERELLE_WIRE_CODEC_SCAN_H

#include "base/bytes.h"

#include <protobuf-c/protobuf-c.h>

enum {
	SCAN_MAX_FIELDS = 48, // of one message of the schema
	SCAN_MAX_DEPTH = 6,   // of messages in messages
};

// `name` stands at the front of the place told in `why`: "frame".
// FAIL_MALFORMED; FAIL_TOO_LARGE: more elements than the list may have;
// FAIL_BAD_TEXT; FAIL_UNSUPPORTED: a kind of frame, question or answer that this version does not know.
enum fail_code codec_scan(const ProtobufCMessageDescriptor *message, const char *name, struct view bytes,
                          struct fail *why) MUST_CHECK;

// The value of the first field of this number that holds a number, without
// looking at the rest. False if there is none before the bytes end or go wrong.
bool codec_peek(struct view bytes, uint32_t field, uint64_t *value);

// How many elements a list may have; 0 if the list stands in no table (a test
// walks the schema and finds it).
uint32_t codec_list_cap(const ProtobufCMessageDescriptor *message, uint32_t field);

#endif
