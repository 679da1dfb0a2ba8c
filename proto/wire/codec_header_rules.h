// SPDX-License-Identifier: Apache-2.0
//
// What one header alone can show beyond its fields' forms: which fields a kind must
// and may have (proto/README.md 3), and that the names in it agree.
#ifndef PASSERELLE_WIRE_CODEC_HEADER_RULES_H
#define PASSERELLE_WIRE_CODEC_HEADER_RULES_H

#include "wire/message.h"

// FAIL_MALFORMED; `why` names field and kind.
enum fail_code header_rules_check(const struct header *header, struct fail *why) MUST_CHECK;

#endif
