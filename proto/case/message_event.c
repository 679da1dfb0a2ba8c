// SPDX-License-Identifier: Apache-2.0
#include "case/message_event.h"

struct kind_row {
	bool moves; // has an event
	enum case_event event;
};

// REPORT has two events: message_event looks at its stage.
static const struct kind_row kinds[KIND_COUNT] = {
	[KIND_REFERRAL] = {true, EVENT_REFERRAL},
	[KIND_ACK] = {true, EVENT_ACK},
	[KIND_ACCEPT] = {true, EVENT_ACCEPT},
	[KIND_DECLINE] = {true, EVENT_DECLINE},
	[KIND_INFO_REQUEST] = {true, EVENT_INFO_REQUEST},
	[KIND_INFO_REPLY] = {true, EVENT_INFO_REPLY},
	[KIND_REPORT] = {true, EVENT_REPORT_FINAL},
	[KIND_STATUS_NOTE] = {true, EVENT_STATUS_NOTE},
	[KIND_WITHDRAW] = {true, EVENT_WITHDRAW},
	[KIND_CLOSE] = {true, EVENT_CLOSE},
	[KIND_REOPEN] = {true, EVENT_REOPEN},
	[KIND_START] = {true, EVENT_START},
	[KIND_HOLD] = {true, EVENT_HOLD},
	[KIND_RESUME] = {true, EVENT_RESUME},
	[KIND_FORWARD] = {true, EVENT_FORWARD},
	[KIND_TRANSFER] = {true, EVENT_TRANSFER},
	[KIND_DOCUMENT] = {true, EVENT_DOCUMENT},
};

bool message_event(enum message_kind kind, enum report_stage stage, enum case_event *event)
{
	if (kind >= KIND_COUNT || !kinds[kind].moves)
		return false;
	if (kind == KIND_REPORT && stage != REPORT_INTERIM && stage != REPORT_FINAL)
		return false;
	bool interim = kind == KIND_REPORT && stage == REPORT_INTERIM;
	*event = interim ? EVENT_REPORT_INTERIM : kinds[kind].event;
	return true;
}
