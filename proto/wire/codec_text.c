// SPDX-License-Identifier: Apache-2.0
#include "wire/codec_text.h"

#include "wire/message.h"

#include <string.h>
#include <utf8proc.h>

static bool is_control(utf8proc_int32_t point)
{
	return point < 0x20 || (point >= 0x7f && point < 0xa0);
}

enum fail_code text_check(struct view text)
{
	size_t at = 0;
	while (at < text.length) {
		utf8proc_int32_t point = text.data[at];
		utf8proc_ssize_t width = 1;
		if (point >= 0x80) {
			size_t left = text.length - at;
			// No character is longer than four bytes; the cast stays in range.
			width = utf8proc_iterate(text.data + at, (utf8proc_ssize_t)(left < 4 ? left : 4), &point);
		}
		if (width <= 0 || is_control(point))
			return FAIL_BAD_TEXT;
		at += (size_t)width;
	}
	return FAIL_NONE;
}

enum { UPPER = 1, LOWER = 2, DIGIT = 4 };

static bool letter_in(char letter, int sets, char also)
{
	if (letter >= 'A' && letter <= 'Z')
		return (sets & UPPER) != 0;
	if (letter >= 'a' && letter <= 'z')
		return (sets & LOWER) != 0;
	if (letter >= '0' && letter <= '9')
		return (sets & DIGIT) != 0;
	return letter == also;
}

static bool word_of(const char *text, size_t most, int sets, char also)
{
	size_t length = strnlen(text, most + 1);
	if (length == 0 || length > most || !letter_in(text[0], sets & (UPPER | LOWER), 'A'))
		return false;
	for (size_t i = 1; i < length; i++) {
		if (!letter_in(text[i], sets, also))
			return false;
	}
	return true;
}

bool code_shape(const char *text)
{
	return word_of(text, CODE_SIZE - 1, UPPER | DIGIT, '_');
}

bool reference_shape(const char *text)
{
	size_t length = strnlen(text, CASE_REFERENCE_SIZE);
	return length > 0 && length < CASE_REFERENCE_SIZE &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == length;
}

bool language_shape(const char *text)
{
	return word_of(text, MAX_LANGUAGE_LENGTH, UPPER | LOWER | DIGIT, '-');
}

bool role_shape(const char *text)
{
	return word_of(text, ROLE_SIZE - 1, LOWER, '-');
}

bool name_shape(const char *text)
{
	return word_of(text, CODE_SIZE - 1, LOWER | DIGIT, '_');
}

static int two_digits(const char *text)
{
	return (text[0] - '0') * 10 + (text[1] - '0');
}

static int days_of(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

bool date_shape(const char *text)
{
	static const char pattern[] = "dddd-dd-dd";
	if (strnlen(text, DATE_SIZE) != DATE_SIZE - 1)
		return false;
	for (int i = 0; i < DATE_SIZE - 1; i++) {
		bool digit = text[i] >= '0' && text[i] <= '9';
		if (pattern[i] == 'd' ? !digit : text[i] != '-')
			return false;
	}
	int year = two_digits(text) * 100 + two_digits(text + 2);
	int month = two_digits(text + 5);
	int day = two_digits(text + 8);
	return month >= 1 && month <= 12 && day >= 1 && day <= days_of(year, month);
}
