// SPDX-License-Identifier: Apache-2.0
#include "base/fail.h"

#include "base/words.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fail_row {
	const char *name;
	enum rpc_code rpc;
	bool retryable;
	const char *advice;
};

static const struct fail_row rows[FAIL_COUNT] = {
	[FAIL_NONE] = {"NONE", RPC_OK, false, "nothing needs to be done"},
#define X(name, rpc, retry, advice) [FAIL_##name] = {#name, RPC_##rpc, retry, advice},
	FAIL_MAP(X)
#undef X
};

static const struct fail_row *row_of(enum fail_code code)
{
	return code < FAIL_COUNT ? &rows[code] : &rows[FAIL_INTERNAL];
}

const char *fail_name(enum fail_code code)
{
	return row_of(code)->name;
}

enum fail_code fail_from_name(const char *name)
{
	for (unsigned code = 0; code < FAIL_COUNT; code++) {
		if (strcmp(rows[code].name, name) == 0)
			return (enum fail_code)code;
	}
	return FAIL_COUNT;
}

enum rpc_code fail_rpc(enum fail_code code)
{
	return row_of(code)->rpc;
}

bool fail_retryable(enum fail_code code)
{
	return row_of(code)->retryable;
}

const char *fail_advice(enum fail_code code)
{
	return words_of(row_of(code)->advice);
}

enum fail_code fail_set(struct fail *why, enum fail_code code, const char *format, ...)
{
	if (why == NULL)
		return code;
	why->code = code;
	va_list list;
	va_start(list, format);
	vsnprintf(why->text, sizeof why->text, words_of(format), list);
	va_end(list);
	return code;
}

enum fail_code fail_wrap(struct fail *why, const char *format, ...)
{
	if (why == NULL)
		return FAIL_INTERNAL;
	struct fail inner = *why;
	va_list list;
	va_start(list, format);
	int length = vsnprintf(why->text, sizeof why->text, words_of(format), list);
	va_end(list);
	size_t used = length < 0 ? 0 : (size_t)length;
	for (const char *from = ": "; used + 1 < sizeof why->text && *from != '\0'; from++)
		why->text[used++] = *from;
	for (const char *from = inner.text; used + 1 < sizeof why->text && *from != '\0'; from++)
		why->text[used++] = *from;
	why->text[used < sizeof why->text ? used : sizeof why->text - 1] = '\0';
	return why->code;
}

void must_failed(const char *file, int line, const char *condition)
{
	fprintf(stderr, "%s:%d: this must hold: %s\n", file, line, condition);
	abort();
}
