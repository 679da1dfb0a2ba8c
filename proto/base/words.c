// SPDX-License-Identifier: Apache-2.0
#include "base/words.h"

#include <libintl.h>
#include <string.h>

const char *words_of(const char *english)
{
	return english[0] != '\0' ? dgettext(WORDS_DOMAIN, english) : english; // "" would be the catalogue's own head
}

const char *words_of_errno(int number)
{
	const char *english = strerrordesc_np(number);
	return english != NULL ? words_of(english) : words_of("unknown error");
}
