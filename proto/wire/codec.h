// SPDX-License-Identifier: Apache-2.0
//
// Bytes <-> the structs of message.h. codec*.c are the only files that touch the generated
// protobuf-c types of wire.proto and envelope.proto (body.proto belongs to the
// form walker). Decoding: pre-scan without allocation (known fields, counts,
// depth is bounded by the schema), unpack into a capped arena, check every
// field, copy to plain structs in the same arena. Encoding appends to `out`.
//
// Views in decoded structs point into the arena or into `bytes`: both must
// outlive the struct. All decoders: FAIL_MALFORMED, FAIL_TOO_LARGE,
// FAIL_NO_MEMORY, FAIL_BAD_TEXT; `why` names the field ("header.to[3]") and
// never shows its content.
#ifndef PASSERELLE_WIRE_CODEC_H
#define PASSERELLE_WIRE_CODEC_H

#include "base/arena.h"
#include "wire/message.h"

// On a fault frame->kind is FRAME_NONE and frame->id is the asker's number, if it
// could still be read, so that the refusal can be addressed.
// FAIL_UNSUPPORTED: a kind of frame, question or answer that this version does not know.
enum fail_code frame_decode(struct frame *frame, struct view bytes, struct arena *arena, struct fail *why) MUST_CHECK;

// Length prefix and frame, ready for the channel. Kinds without lists of messages
// (Submit, Accepted, Deliver, ...) need no memory but that of `out`. An Error
// without `reason` gets the name of its `fail`, one without words (or with words that are
// not UTF-8, too long, or with control characters) its advice. FAIL_TOO_LARGE, FAIL_NO_MEMORY: `out` is unchanged.
enum fail_code frame_encode(const struct frame *frame, struct bytes *out) MUST_CHECK;

enum fail_code envelope_decode(struct envelope *envelope, struct view bytes, struct arena *arena,
                               struct fail *why) MUST_CHECK;
enum fail_code envelope_encode(const struct envelope *envelope, struct bytes *out) MUST_CHECK;

// Checks also what one header alone can show: kind against fields that it must
// or may not have, from == code of author, no recipient twice, from not in to.
enum fail_code header_decode(struct header *header, struct view bytes, struct arena *arena,
                             struct fail *why) MUST_CHECK;
enum fail_code header_encode(const struct header *header, struct bytes *out) MUST_CHECK;

enum fail_code statement_decode(struct hub_statement *statement, struct view bytes, struct arena *arena,
                                struct fail *why) MUST_CHECK;
enum fail_code statement_encode(const struct hub_statement *statement, struct bytes *out) MUST_CHECK;

enum fail_code receipt_decode(struct hub_receipt *receipt, struct view bytes, struct arena *arena,
                              struct fail *why) MUST_CHECK;
enum fail_code receipt_encode(const struct hub_receipt *receipt, struct bytes *out) MUST_CHECK;

#endif
