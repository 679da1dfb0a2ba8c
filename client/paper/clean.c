// SPDX-License-Identifier: Apache-2.0
#include "paper/clean.h"

#include <glib.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static bool misleads(gunichar character)
{
	static const struct {
		gunichar first, last;
	} ranges[] = {
		{0x00, 0x09}, {0x0B, 0x1F}, {0x7F, 0x9F}, {0x202A, 0x202E}, {0x2066, 0x2069}, {0x2028, 0x2029}, {0xE0000, 0xE007F},
	};
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
		if (character >= ranges[i].first && character <= ranges[i].last)
			return true;
	}
	return false;
}

char *clean_text(const char *text)
{
	enum { REPLACEMENT_LENGTH = 3 };
	char *clean = calloc(strlen(text) + 1, REPLACEMENT_LENGTH), *end = clean;
	if (clean == NULL)
		abort();
	while (*text != '\0') {
		gunichar character = g_utf8_get_char_validated(text, -1);
		bool valid = character != (gunichar)-1 && character != (gunichar)-2;
		size_t length = valid ? (size_t)g_unichar_to_utf8(character, NULL) : 1;
		if (!valid || misleads(character)) {
			memcpy(end, "\xEF\xBF\xBD", REPLACEMENT_LENGTH);
			end += REPLACEMENT_LENGTH;
		} else {
			memcpy(end, text, length);
			end += length;
		}
		text += length;
	}
	return clean;
}
