// SPDX-License-Identifier: Apache-2.0
#include "lib/fault.h"

#include <stdio.h>
#include <string.h>

enum {
	EXIT_UNEXPECTED = 1,
	EXIT_USAGE = 64,
	EXIT_INPUT = 65,
	EXIT_NO_INPUT = 66,
	EXIT_UNAVAILABLE = 69,
	EXIT_CANNOT_CREATE = 73,
	EXIT_IO = 74,
	EXIT_TRY_AGAIN = 75,
	EXIT_PROTOCOL = 76,
	EXIT_NOT_ALLOWED = 77,
	EXIT_CONFIG = 78,
};

static const unsigned char exits[FAIL_COUNT] = {
	[FAIL_MALFORMED] = EXIT_INPUT,
	[FAIL_TOO_LARGE] = EXIT_INPUT,
	[FAIL_UNSUPPORTED] = EXIT_PROTOCOL,
	[FAIL_BAD_CERTIFICATE] = EXIT_NOT_ALLOWED,
	[FAIL_NOT_A_MEMBER] = EXIT_NOT_ALLOWED,
	[FAIL_BAD_SIGNATURE] = EXIT_INPUT,
	[FAIL_UNKNOWN_SIGNER] = EXIT_NOT_ALLOWED,
	[FAIL_NOT_ALLOWED] = EXIT_NOT_ALLOWED,
	[FAIL_UNKNOWN_RECIPIENT] = EXIT_INPUT,
	[FAIL_UNKNOWN_CASE] = EXIT_INPUT,
	[FAIL_UNKNOWN_OBJECT] = EXIT_INPUT,
	[FAIL_KEY_REUSED] = EXIT_INPUT,
	[FAIL_ILLEGAL_MOVE] = EXIT_INPUT,
	[FAIL_NOT_YOUR_MOVE] = EXIT_INPUT,
	[FAIL_OVERTAKEN] = EXIT_INPUT,
	[FAIL_TOO_OLD] = EXIT_INPUT,
	[FAIL_CLOCK_AHEAD] = EXIT_INPUT,
	[FAIL_EXPIRED] = EXIT_INPUT,
	[FAIL_CURSOR_STALE] = EXIT_INPUT,
	[FAIL_CURSOR_AHEAD] = EXIT_CONFIG,
	[FAIL_REPLACED] = EXIT_TRY_AGAIN,
	[FAIL_OBJECT_INCOMPLETE] = EXIT_TRY_AGAIN,
	[FAIL_OBJECT_MISMATCH] = EXIT_INPUT,
	[FAIL_OVER_QUOTA] = EXIT_TRY_AGAIN,
	[FAIL_OVER_CREDIT] = EXIT_TRY_AGAIN,
	[FAIL_UNAVAILABLE] = EXIT_UNAVAILABLE,
	[FAIL_OUTCOME_UNKNOWN] = EXIT_UNAVAILABLE,
	[FAIL_TIMED_OUT] = EXIT_UNAVAILABLE,
	[FAIL_DATA_LOSS] = EXIT_IO,
	[FAIL_CANNOT_OPEN] = EXIT_INPUT,
	[FAIL_NOT_FOR_US] = EXIT_NOT_ALLOWED,
	[FAIL_BAD_PASSPHRASE] = EXIT_NOT_ALLOWED,
	[FAIL_BAD_FORM] = EXIT_INPUT,
	[FAIL_BAD_TEXT] = EXIT_INPUT,
	[FAIL_BAD_CONFIG] = EXIT_CONFIG,
	[FAIL_BAD_USAGE] = EXIT_USAGE,
	[FAIL_NO_FILE] = EXIT_NO_INPUT,
	[FAIL_NO_SPACE] = EXIT_CANNOT_CREATE,
	[FAIL_IO] = EXIT_IO,
	[FAIL_CLOSED] = EXIT_UNAVAILABLE,
	[FAIL_NO_MEMORY] = EXIT_UNEXPECTED,
	[FAIL_INTERNAL] = EXIT_UNEXPECTED,
	[FAIL_UNKNOWN_MESSAGE] = EXIT_INPUT,
	[FAIL_NO_LONGER_VALID] = EXIT_INPUT,
	[FAIL_OTHER_VERSION] = EXIT_INPUT,
	[FAIL_MEMBER_OUT] = EXIT_NOT_ALLOWED,
	[FAIL_ALREADY_DELIVERED] = EXIT_INPUT,
};

static void copy_printable(char *to, size_t size, const char *from)
{
	size_t length = 0;
	for (; from[length] != '\0' && length + 1 < size; length++)
		to[length] = (unsigned char)from[length] < 0x20 || from[length] == 0x7f ? '?' : from[length];
	to[length] = '\0';
}

int fault_tell(struct psr_error *error, enum fail_code code, const struct fail *why)
{
	if (error != NULL) {
		error->name = fail_name(code);
		error->retryable = fail_retryable(code);
		bool listed = code < FAIL_COUNT && (code == FAIL_NONE || exits[code] != 0);
		error->exit_code = listed ? exits[code] : EXIT_UNEXPECTED; // a fault never ends like a success
		bool told = code != FAIL_NONE && why != NULL && why->code == code;
		copy_printable(error->text, sizeof error->text, told ? why->text : fail_name(code));
		copy_printable(error->advice, sizeof error->advice, fail_advice(code));
	}
	return code == FAIL_NONE ? 0 : -1;
}
