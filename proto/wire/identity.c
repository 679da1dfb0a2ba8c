// SPDX-License-Identifier: Apache-2.0
#include "wire/identity.h"

#include "base/words.h"

#include <string.h>

struct class_row {
	const char *prefix;
	enum identity_class class;
};

static const struct class_row classes[] = {
	{"urn:iss:member:", IDENTITY_MEMBER},
	{"urn:iss:agency:", IDENTITY_AGENCY},
	{"urn:iss:hub:", IDENTITY_HUB},
};

struct issuer_row {
	const char *issuer;
	enum identity_class class;
	enum certificate_use use;
	const char *role; // NULL: any
};

// The pin table: X.509 name constraints cannot express these URIs, see proto/README.md 1.
static const struct issuer_row issuers[] = {
	{"M1", IDENTITY_MEMBER, USE_TLS_CLIENT, NULL},
	{"S1", IDENTITY_MEMBER, USE_SIGNING, NULL},
	{"E1", IDENTITY_MEMBER, USE_ENCRYPTION, "branch"},
	{"A1", IDENTITY_AGENCY, USE_TLS_CLIENT, NULL},
	{"H1", IDENTITY_HUB, USE_TLS_HUB, "tls"},
	{"H1", IDENTITY_HUB, USE_RECEIPT, "receipt"},
};

enum { UPPER = 1, LOWER = 2, DIGIT = 4 };

static bool letter_allowed(char letter, int sets)
{
	if (letter >= 'A' && letter <= 'Z')
		return (sets & UPPER) != 0;
	if (letter >= 'a' && letter <= 'z')
		return (sets & LOWER) != 0;
	if (letter >= '0' && letter <= '9')
		return (sets & DIGIT) != 0;
	return letter == '-';
}

// A hyphen in front would read as an option on a command line.
static bool word_valid(const char *word, size_t length, size_t size, int sets)
{
	if (length == 0 || length >= size || word[0] == '-')
		return false;
	for (size_t i = 0; i < length; i++) {
		if (!letter_allowed(word[i], sets))
			return false;
	}
	return true;
}

bool member_code_valid(const char *code)
{
	return word_valid(code, strnlen(code, MEMBER_CODE_SIZE), MEMBER_CODE_SIZE, UPPER | DIGIT);
}

// Copies one part of the URI up to `end` into `part`; moves *from behind it.
static bool take_part(char *part, size_t size, int sets, const char **from, char end)
{
	const char *stop = strchr(*from, end);
	if (stop == NULL)
		return false;
	size_t length = (size_t)(stop - *from);
	if (!word_valid(*from, length, size, sets))
		return false;
	memcpy(part, *from, length);
	part[length] = '\0';
	*from = stop + 1;
	return true;
}

enum fail_code identity_from_uri(struct identity *identity, const char *uri)
{
	if (strnlen(uri, IDENTITY_URI_SIZE) == IDENTITY_URI_SIZE)
		return FAIL_BAD_CERTIFICATE;
	struct identity found = {0};
	for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++) {
		size_t length = strlen(classes[i].prefix);
		if (strncmp(uri, classes[i].prefix, length) != 0)
			continue;
		found.class = classes[i].class;
		const char *rest = uri + length;
		if (!take_part(found.code, sizeof found.code, UPPER | DIGIT, &rest, ':') ||
		    !take_part(found.role, sizeof found.role, LOWER, &rest, ':') ||
		    !take_part(found.user, sizeof found.user, LOWER | DIGIT, &rest, '\0'))
			return FAIL_BAD_CERTIFICATE;
		memcpy(found.uri, uri, strlen(uri) + 1);
		*identity = found;
		return FAIL_NONE;
	}
	return FAIL_BAD_CERTIFICATE;
}

const char *identity_issuer(const struct identity *identity, enum certificate_use use)
{
	for (size_t i = 0; i < sizeof issuers / sizeof issuers[0]; i++) {
		const struct issuer_row *row = &issuers[i];
		if (row->class == identity->class && row->use == use &&
		    (row->role == NULL || strcmp(row->role, identity->role) == 0))
			return row->issuer;
	}
	return NULL;
}

const char *certificate_use_text(enum certificate_use use)
{
	static const char *const texts[] = {
		[USE_TLS_CLIENT] = "a TLS client",
		[USE_TLS_HUB] = "a hub",
		[USE_SIGNING] = "signing",
		[USE_ENCRYPTION] = "encryption",
		[USE_RECEIPT] = "receipts",
	};
	return words_of(use <= USE_RECEIPT ? texts[use] : "nothing known");
}
