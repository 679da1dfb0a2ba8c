// SPDX-License-Identifier: Apache-2.0
#include "case/reference.h"

#include <string.h>

enum {
	DIGITS = 7, // of 5 bits: the first 35 bits of the case id
	SYMBOLS = DIGITS + 1, // and the check character
	TYPED_MAX = 2 * MEMBER_CODE_SIZE + 32, // whatever is longer was not copied from a reference
};

// Crockford base32: no I, L, O, U.
static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static unsigned double_in_gf32(unsigned value)
{
	value <<= 1;
	return value & 32 ? value ^ 0x25 : value; // x^5 + x^2 + 1
}

// Sum of digit[i] * 2^(7-i) by Horner's rule: the factors 2^7 ... 2^1 differ pairwise, because
// 2 generates all 31 non-zero elements, and none is the check character's own factor 1.
static unsigned check_of(const unsigned digit[DIGITS])
{
	unsigned sum = 0;
	for (int i = 0; i < DIGITS; i++)
		sum = double_in_gf32(sum ^ digit[i]);
	return sum;
}

static void digits_of(unsigned digit[DIGITS], const struct id *id)
{
	uint64_t bits = 0;
	for (int i = 0; i < 5; i++)
		bits = bits << 8 | id->byte[i];
	for (int i = 0; i < DIGITS; i++)
		digit[i] = (unsigned)(bits >> (35 - 5 * i)) & 31;
}

static char *put_text(char *to, const char *from)
{
	size_t length = strlen(from);
	memcpy(to, from, length);
	return to + length;
}

static void write_symbols(char *text, const unsigned symbol[SYMBOLS])
{
	for (int i = 0; i < SYMBOLS; i++) {
		if (i % 4 == 0)
			*text++ = '-';
		*text++ = alphabet[symbol[i]];
	}
	*text = '\0';
}

void reference_make(char text[REFERENCE_SIZE], const char *requesting, const char *responding, const struct id *case_id)
{
	must(strlen(requesting) < MEMBER_CODE_SIZE && strlen(responding) < MEMBER_CODE_SIZE);
	unsigned symbol[SYMBOLS] = {0};
	digits_of(symbol, case_id);
	symbol[DIGITS] = check_of(symbol);
	text = put_text(text, requesting);
	*text++ = '-';
	write_symbols(put_text(text, responding), symbol);
}

static char upper(char letter)
{
	return letter >= 'a' && letter <= 'z' ? (char)(letter - 'a' + 'A') : letter;
}

// -1 if it is no character of a reference.
static int symbol_value(char letter)
{
	if (letter == 'O')
		return 0;
	if (letter == 'I' || letter == 'L')
		return 1;
	const char *at = letter == '\0' ? NULL : strchr(alphabet, letter);
	return at == NULL ? -1 : (int)(at - alphabet);
}

// What was typed, in capitals, blanks dropped. False if it is too long.
static bool tidy(char tidied[TYPED_MAX], const char *typed)
{
	size_t length = 0;
	for (; *typed != '\0'; typed++) {
		if (*typed == ' ' || *typed == '\t')
			continue;
		if (length + 1 >= TYPED_MAX)
			return false;
		tidied[length++] = upper(*typed);
	}
	tidied[length] = '\0';
	return true;
}

// Takes the last eight characters (hyphens among them are skipped) off the
// text, which then ends behind the member codes. False if there are not eight.
static bool take_symbols(char *tidied, char taken[SYMBOLS])
{
	size_t length = strlen(tidied);
	for (int i = SYMBOLS - 1; i >= 0; i--) {
		while (length > 0 && tidied[length - 1] == '-')
			length--;
		if (length == 0)
			return false;
		taken[i] = tidied[--length];
	}
	while (length > 0 && tidied[length - 1] == '-')
		length--;
	tidied[length] = '\0';
	return true;
}

static bool code_letter(char letter)
{
	return (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
}

// Member codes may have hyphens of their own, so where the first ends is not always to be seen; and it need not be:
// the two codes are kept as typed, with one hyphen at least, none doubled.
static bool codes_shape(const char *codes)
{
	size_t hyphens = 0, length = strlen(codes);
	if (length == 0 || length > 2 * (MEMBER_CODE_SIZE - 1) + 1 || codes[0] == '-')
		return false;
	for (size_t i = 0; i < length; i++) {
		bool hyphen = codes[i] == '-';
		if (hyphen && (codes[i + 1] == '-' || codes[i + 1] == '\0'))
			return false;
		if (!hyphen && !code_letter(codes[i]))
			return false;
		hyphens += hyphen;
	}
	return hyphens > 0;
}

// "CHSN" becomes "CH-SN": without any hyphen only two codes of two letters can be told apart.
static void part_codes(char codes[TYPED_MAX])
{
	if (strlen(codes) != 4 || strchr(codes, '-') != NULL)
		return;
	memmove(codes + 3, codes + 2, 3);
	codes[2] = '-';
}

static enum fail_code read_symbols(unsigned symbol[SYMBOLS], const char taken[SYMBOLS], struct fail *why)
{
	for (int i = 0; i < SYMBOLS; i++) {
		int value = symbol_value(taken[i]);
		if (value < 0)
			return fail_set(why, FAIL_BAD_USAGE, "character %d of the last eight is none that a reference has", i + 1);
		symbol[i] = (unsigned)value;
	}
	if (check_of(symbol) != symbol[DIGITS])
		return fail_set(why, FAIL_BAD_USAGE,
		                "the check character does not fit: one character is mistyped, or two are swapped");
	return FAIL_NONE;
}

enum fail_code reference_read(char text[REFERENCE_SIZE], const char *typed, struct fail *why)
{
	char tidied[TYPED_MAX], taken[SYMBOLS];
	if (!tidy(tidied, typed) || !take_symbols(tidied, taken))
		return fail_set(why, FAIL_BAD_USAGE, "a case reference looks like CH-SN-7QK2-M9FD");
	unsigned symbol[SYMBOLS] = {0};
	enum fail_code failed = read_symbols(symbol, taken, why);
	if (failed != FAIL_NONE)
		return failed;
	part_codes(tidied);
	if (!codes_shape(tidied))
		return fail_set(why, FAIL_BAD_USAGE, "a case reference begins with two member codes, as in CH-SN-7QK2-M9FD");
	write_symbols(put_text(text, tidied), symbol);
	return FAIL_NONE;
}
