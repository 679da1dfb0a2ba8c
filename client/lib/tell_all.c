// SPDX-License-Identifier: Apache-2.0
#include "lib/tell_all.h"

#include "case/codes.h"
#include "case/partial_date.h"
#include "lib/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS UINT64_C(86400000)

static enum fail_code check_code(const char *list, const char *code, const char *what, struct fail *why)
{
	const struct code_list *codes = code_list_find(list);
	if (code_known(codes, code) && strcmp(code, "UNSPECIFIED") != 0)
		return FAIL_NONE;
	const char *near = code_nearest(codes, code);
	if (near != NULL)
		return fail_set(why, FAIL_BAD_USAGE, "'%s' is no %s: did you mean %s?", code, what, near);
	return fail_set(why, FAIL_BAD_USAGE, "'%s' is no %s: passerelle codes %s lists them", code, what, list);
}

static bool among(const char *status, const char *first, const char *second)
{
	return strcmp(status, first) == 0 || strcmp(status, second) == 0;
}

static enum fail_code check_status(const struct psr_availability *from, struct fail *why)
{
	enum fail_code code = FAIL_NONE;
	if (from->status == NULL || among(from->status, "OTHER", "UNSPECIFIED"))
		return fail_set(why, FAIL_BAD_USAGE, "the status is one of DISRUPTED, SUSPENDED, REDUCED, BACK and NORMAL");
	code = check_code("availability", from->status, "status", why);
	bool normal = among(from->status, "NORMAL", "BACK");
	if (code == FAIL_NONE && normal && (from->cause != NULL || from->until != NULL || from->deputy != NULL))
		code = fail_set(why, FAIL_BAD_USAGE, "who works as usual needs no cause, day or deputy");
	if (code == FAIL_NONE && among(from->status, "DISRUPTED", "SUSPENDED") && from->cause == NULL)
		code = fail_set(why, FAIL_BAD_USAGE, "a cause is needed: passerelle codes availability_cause lists them");
	return code;
}

static enum fail_code check_until(const char *until, struct fail *why)
{
	int32_t day = 0;
	enum fail_code code = day_parse(&day, until, why);
	if (code == FAIL_NONE && day < (int32_t)(clock_now() / DAY_MS))
		code = fail_set(why, FAIL_BAD_USAGE, "%s is over: until which day is it expected to last?", until);
	return code;
}

static enum fail_code check_deputy(struct psr_profile *profile, const char *deputy, struct fail *why)
{
	bool known = false, active = false;
	struct member_availability found;
	if (strcmp(deputy, profile->settings.identity.code) == 0)
		return fail_set(why, FAIL_BAD_USAGE, "the deputy is another branch");
	enum fail_code code = directory_status(profile->store, deputy, &known, &active, why);
	if (code == FAIL_NONE)
		code = directory_availability(profile->store, deputy, &found, why);
	if (code == FAIL_NONE && !active)
		code = fail_set(why, FAIL_UNKNOWN_RECIPIENT, "the deputy '%s' is no active branch", deputy);
	if (code == FAIL_NONE && found.out)
		code = fail_set(why, FAIL_BAD_USAGE, "the deputy '%s' cannot work either", deputy);
	return code;
}

static enum fail_code check(struct psr_profile *profile, const struct psr_availability *from, struct fail *why)
{
	enum fail_code code = check_status(from, why);
	if (code == FAIL_NONE && from->cause != NULL)
		code = check_code("availability_cause", from->cause, "cause", why);
	if (code == FAIL_NONE && from->until != NULL)
		code = check_until(from->until, why);
	return code == FAIL_NONE && from->deputy != NULL ? check_deputy(profile, from->deputy, why) : code;
}

static void set(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%s", from != NULL ? from : "");
}

enum fail_code tell_availability(struct psr_profile *profile, const struct psr_availability *from,
                                 struct written *written, struct fail *why)
{
	struct header header = {.kind = KIND_AVAILABILITY};
	if (strcmp(profile->settings.identity.role, "monitor") == 0)
		return fail_set(why, FAIL_NOT_ALLOWED, "this role does not speak for a branch");
	enum fail_code code = check(profile, from, why);
	if (code != FAIL_NONE)
		return code;
	set(header.availability.status, sizeof header.availability.status, from->status);
	set(header.availability.member, sizeof header.availability.member, profile->settings.identity.code);
	set(header.reason, sizeof header.reason, from->cause);
	set(header.due, sizeof header.due, from->until);
	set(header.deputy, sizeof header.deputy, from->deputy);
	return compose_without_case(profile, &header, view_of(NULL, 0), written, why);
}

// The protocol's texts have no control characters: blanks and line breaks in a row become one blank.
static void join_lines(char *to, const char *from)
{
	static const char blanks[] = " \t\r\n";
	size_t length = 0;
	for (from += strspn(from, blanks); *from != '\0'; from++) {
		if (strchr(blanks, *from) == NULL)
			to[length++] = *from;
		else if (from[1] != '\0' && strchr(blanks, from[1]) == NULL)
			to[length++] = ' ';
	}
	to[length] = '\0';
}

static enum fail_code broadcast(struct psr_profile *profile, const char *notice, const char *language,
                                struct written *written, struct fail *why)
{
	struct header header = {
		.kind = KIND_BROADCAST, .notice = notice, .language = &language, .language_count = 1,
	};
	if (notice[0] == '\0' || strlen(notice) > MAX_NOTICE)
		return fail_set(why, FAIL_BAD_USAGE, "the text has %zu bytes: 1 to %d travel", strlen(notice), MAX_NOTICE);
	return compose_without_case(profile, &header, view_of(NULL, 0), written, why);
}

enum fail_code tell_broadcast(struct psr_profile *profile, const char *text, const char *language,
                              struct written *written, struct fail *why)
{
	if (strcmp(profile->settings.identity.role, "monitor") != 0)
		return fail_set(why, FAIL_NOT_ALLOWED, "only the General Secretariat writes to all branches");
	if (text == NULL || language == NULL)
		return fail_set(why, FAIL_BAD_USAGE, "a text and its language are needed");
	char *notice = malloc(strlen(text) + 1);
	if (notice == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	join_lines(notice, text);
	enum fail_code code = broadcast(profile, notice, language, written, why);
	free(notice);
	return code;
}
