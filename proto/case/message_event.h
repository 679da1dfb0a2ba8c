// SPDX-License-Identifier: Apache-2.0
//
// Which event of the lifecycle a message is: the same for both ends.
#ifndef PASSERELLE_CASE_MESSAGE_EVENT_H
#define PASSERELLE_CASE_MESSAGE_EVENT_H

#include "case/lifecycle.h"
#include "wire/message.h"

// False for what makes no move: RECEIPT, kinds that this version does not know, a REPORT without a stage.
bool message_event(enum message_kind kind, enum report_stage stage, enum case_event *event);

#endif
