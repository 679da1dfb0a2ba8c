// SPDX-License-Identifier: Apache-2.0
#include "cli/memory.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static void *have(void *memory)
{
	if (memory != NULL)
		return memory;
	fputs("passerelle: no memory left\n", stderr);
	exit(EX_OSERR);
}

void *memory_take(size_t size)
{
	return have(calloc(1, size));
}

char *memory_copy(const char *text)
{
	return have(strdup(text));
}

char *memory_format(const char *format, ...)
{
	char *text = NULL;
	va_list arguments;
	va_start(arguments, format);
	int length = vasprintf(&text, format, arguments);
	va_end(arguments);
	return have(length < 0 ? NULL : text);
}
