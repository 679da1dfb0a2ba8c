// SPDX-License-Identifier: Apache-2.0
#include "wire/message.h"

const char *message_kind_name(enum message_kind kind)
{
	static const char *const names[KIND_COUNT] = {
		[KIND_UNSPECIFIED] = "UNSPECIFIED", [KIND_REFERRAL] = "REFERRAL",
		[KIND_ACK] = "ACK",                 [KIND_ACCEPT] = "ACCEPT",
		[KIND_DECLINE] = "DECLINE",         [KIND_INFO_REQUEST] = "INFO_REQUEST",
		[KIND_INFO_REPLY] = "INFO_REPLY",   [KIND_REPORT] = "REPORT",
		[KIND_STATUS_NOTE] = "STATUS_NOTE", [KIND_WITHDRAW] = "WITHDRAW",
		[KIND_CLOSE] = "CLOSE",             [KIND_REOPEN] = "REOPEN",
		[KIND_RECEIPT] = "RECEIPT",         [KIND_START] = "START",
		[KIND_HOLD] = "HOLD",               [KIND_RESUME] = "RESUME",
		[KIND_FORWARD] = "FORWARD",         [KIND_TRANSFER] = "TRANSFER",
		[KIND_DOCUMENT] = "DOCUMENT",       [KIND_REMINDER] = "REMINDER",
		[KIND_ESCALATION] = "ESCALATION",   [KIND_SILENCE] = "SILENCE",
		[KIND_STEP] = "STEP",               [KIND_CONSENT_GIVEN] = "CONSENT_GIVEN",
		[KIND_CONSENT_WITHDRAWN] = "CONSENT_WITHDRAWN",
		[KIND_CONSENT_ANSWER] = "CONSENT_ANSWER",
		[KIND_FOLLOW_UP] = "FOLLOW_UP",     [KIND_PARTY] = "PARTY",
		[KIND_UPDATE] = "UPDATE",           [KIND_INVALIDATE] = "INVALIDATE",
		[KIND_MEMBER_OUT] = "MEMBER_OUT",   [KIND_MEMBER_BACK] = "MEMBER_BACK",
		[KIND_DATE_PROPOSE] = "DATE_PROPOSE", [KIND_DATE_AGREE] = "DATE_AGREE",
		[KIND_REPORT_READY] = "REPORT_READY", [KIND_LOCAL_CLOSE] = "LOCAL_CLOSE",
		[KIND_ITEM] = "ITEM",
		[KIND_CHILD_FILE] = "CHILD_FILE",
		[KIND_STATUS_ASKED] = "STATUS_ASKED",
		[KIND_AVAILABILITY] = "AVAILABILITY", [KIND_BROADCAST] = "BROADCAST",
		[KIND_STATISTICS] = "STATISTICS",
	};
	return kind < KIND_COUNT ? names[kind] : "UNKNOWN";
}

bool message_kind_of_hub(enum message_kind kind)
{
	return kind == KIND_REMINDER || kind == KIND_ESCALATION || kind == KIND_SILENCE || kind == KIND_MEMBER_OUT ||
	       kind == KIND_MEMBER_BACK || kind == KIND_STATUS_ASKED;
}

bool message_kind_to_all(enum message_kind kind)
{
	return kind == KIND_AVAILABILITY || kind == KIND_BROADCAST;
}
