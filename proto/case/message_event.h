// SPDX-License-Identifier: Apache-2.0
//
// From a message to the move it makes and to what that does to the clock: the same for both ends.
#ifndef PASSERELLE_CASE_MESSAGE_EVENT_H
#define PASSERELLE_CASE_MESSAGE_EVENT_H

#include "case/clock.h"
#include "wire/message.h"

// False for what makes no move: RECEIPT, STATISTICS, kinds that this version does not know, a REPORT without a stage.
bool message_event(enum message_kind kind, enum report_stage stage, enum case_event *event);

// The same for a whole header: the RECALL of what opened a case, with a reason, withdraws the case.
bool message_event_of(const struct header *header, enum case_event *event);

// message_event_of() and case_step(), and the day of the report: DATE_AGREE names the one on the table or the one
// that holds, anything else is an illegal move. A blocking question stops the clock where the table leaves it alone, its
// reply continues it. FAIL_UNSUPPORTED without an event; *event is set in all other cases.
enum fail_code message_step(const struct header *header, const struct case_view *view, enum case_side side,
                            enum case_event *event, struct case_decision *decision) MUST_CHECK;

// A search is not declined for what was or was not found: that is answered on the review days alone, and alike.
bool message_betrays(const struct header *header, enum case_state state);

// The clock after a message that message_step() allowed. `urgency` of the case; `at`: when the hub accepted it.
void message_clock(struct case_clock *clock, const struct header *header, const struct case_decision *decision,
                   const char *urgency, uint64_t at);

#endif
