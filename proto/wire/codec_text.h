// SPDX-License-Identifier: Apache-2.0
//
// The shapes that texts of the protocol have. Pure.
#ifndef PASSERELLE_WIRE_CODEC_TEXT_H
#define PASSERELLE_WIRE_CODEC_TEXT_H

#include "base/bytes.h"

// UTF-8 (RFC 3629) without control characters (C0, DEL, C1): FAIL_BAD_TEXT otherwise.
enum fail_code text_check(struct view text) MUST_CHECK;

bool code_shape(const char *text);     // 1 to 40 of A-Z 0-9 _, first a letter
bool reference_shape(const char *text); // up to 44 of A-Z 0-9 -: whether it fits the case is not its question
bool date_shape(const char *text);     // YYYY-MM-DD, a day that the calendar has
bool language_shape(const char *text); // 1 to 16 of A-Z a-z 0-9 -, first a letter
bool role_shape(const char *text);     // 1 to 16 of a-z -, as in identity.h
bool name_shape(const char *text);     // of an error's detail: 1 to 40 of a-z 0-9 _

#endif
