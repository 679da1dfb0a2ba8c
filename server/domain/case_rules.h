// SPDX-License-Identifier: Apache-2.0
//
// From a message to the move it makes: kind, report stage and blocking mark
// become a case event, and the lifecycle decides. Pure. Which fields a kind must
// have was settled when it was decoded (wire/codec_header_rules.h); who the sender
// is to the case (its side) is the core's business.
#ifndef PASSERELLE_DOMAIN_CASE_RULES_H
#define PASSERELLE_DOMAIN_CASE_RULES_H

#include "case/lifecycle.h"
#include "wire/message.h"

// FAIL_UNSUPPORTED for RECEIPT (no event), unknown kinds and a REPORT without a stage.
enum fail_code case_event_of(const struct header *header, enum case_event *event) MUST_CHECK;

// The above and case_step(): FAIL_NONE and *event, *decision, or what forbids it
// (FAIL_ILLEGAL_MOVE and FAIL_NOT_YOUR_MOVE leave *event set).
// A blocking question stops the clock where the table leaves it alone, its reply continues it.
enum fail_code case_decide(const struct header *header, const struct case_view *view, enum case_side side,
                           enum case_event *event, struct case_decision *decision, struct fail *why) MUST_CHECK;

#endif
