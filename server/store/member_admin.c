// SPDX-License-Identifier: Apache-2.0
#include "store/member_admin.h"

#include "case/codes.h"
#include "case/partial_date.h"
#include "store/pg_admin.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CERTIFICATES_AT_ONCE = 64, MAX_CODES = 64, NAME_SIZE = 201, PARAMETERS = 10, CERTIFICATE_SIZE = 16 * 1024 };

// {"a","b"} of texts that need no escape: codes and language tags, checked before.
static enum fail_code text_array(struct bytes *out, const char *const *text, size_t count)
{
	enum fail_code code = bytes_append(out, "{", 1);
	for (size_t i = 0; i < count && code == FAIL_NONE; i++) {
		if (i > 0)
			code = bytes_append(out, ",", 1);
		if (code == FAIL_NONE)
			code = bytes_append(out, text[i], strlen(text[i]));
	}
	return code == FAIL_NONE ? bytes_append(out, "}", 2) : code;
}

// {"\\x3082","\\x3081"}
static enum fail_code der_array(struct bytes *out, const struct view *der, size_t count)
{
	static const char digit[] = "0123456789abcdef";
	enum fail_code code = bytes_append(out, "{", 1);
	for (size_t i = 0; i < count && code == FAIL_NONE; i++) {
		code = bytes_append(out, i > 0 ? ",\"\\\\x" : "\"\\\\x", i > 0 ? 5 : 4);
		for (size_t j = 0; j < der[i].length && code == FAIL_NONE; j++) {
			char pair[2] = {digit[der[i].data[j] >> 4], digit[der[i].data[j] & 15]};
			code = bytes_append(out, pair, sizeof pair);
		}
		if (code == FAIL_NONE)
			code = bytes_append(out, "\"", 1);
	}
	return code == FAIL_NONE ? bytes_append(out, "}", 2) : code;
}

static bool tag_valid(const char *text)
{
	size_t length = strlen(text);
	return length >= 1 && length < CODE_SIZE &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == length;
}

static enum fail_code check_tags(const char *const *text, size_t count, const char *what, struct fail *why)
{
	if (count > MAX_CODES)
		return fail_set(why, FAIL_BAD_USAGE, "more than %d %ss", MAX_CODES, what);
	for (size_t i = 0; i < count; i++) {
		if (!tag_valid(text[i]))
			return fail_set(why, FAIL_BAD_USAGE, "%s %zu is not a code", what, i + 1);
	}
	return FAIL_NONE;
}

static enum fail_code check(const struct member_registration *member, struct fail *why)
{
	if (!member_code_valid(member->code))
		return fail_set(why, FAIL_BAD_USAGE, "the code must be 1 to 16 of A-Z, 0-9 and -");
	if (member->kind != NULL && !tag_valid(member->kind))
		return fail_set(why, FAIL_BAD_USAGE, "the kind must be a code such as BRANCH or PARTNER_AGENCY");
	if (member->status != NULL && !tag_valid(member->status))
		return fail_set(why, FAIL_BAD_USAGE, "the status must be a code such as ACTIVE");
	if (member->name != NULL && (member->name[0] == '\0' || strlen(member->name) >= NAME_SIZE))
		return fail_set(why, FAIL_BAD_USAGE, "the name must have 1 to %d bytes", NAME_SIZE - 1);
	if (member->signing_count > CERTIFICATES_AT_ONCE || member->encryption_count > CERTIFICATES_AT_ONCE ||
	    member->issuer_count > CERTIFICATES_AT_ONCE)
		return fail_set(why, FAIL_BAD_USAGE, "more than %d certificates at once", CERTIFICATES_AT_ONCE);
	enum fail_code code = check_tags(member->service, member->service_count, "service", why);
	if (code == FAIL_NONE)
		code = check_tags(member->country, member->country_count, "country", why);
	return code != FAIL_NONE ? code : check_tags(member->language, member->language_count, "language", why);
}

struct arrays {
	struct bytes signing, encryption, issuer, service, language, country;
};

static enum fail_code fill(struct arrays *arrays, const struct member_registration *member)
{
	enum fail_code code = der_array(&arrays->signing, member->signing, member->signing_count);
	if (code == FAIL_NONE)
		code = der_array(&arrays->encryption, member->encryption, member->encryption_count);
	if (code == FAIL_NONE)
		code = der_array(&arrays->issuer, member->issuer, member->issuer_count);
	if (code == FAIL_NONE)
		code = text_array(&arrays->service, member->service, member->service_count);
	if (code == FAIL_NONE)
		code = text_array(&arrays->country, member->country, member->country_count);
	return code == FAIL_NONE ? text_array(&arrays->language, member->language, member->language_count) : code;
}

static const char *text_of(const struct bytes *bytes)
{
	return (const char *)bytes->data;
}

static enum fail_code write_member(const char *conninfo, const struct member_registration *member,
                                   const struct arrays *arrays, struct fail *why)
{
	PGconn *connection = NULL;
	PGresult *result = NULL;
	const char *values[PARAMETERS] = {
		member->code, member->kind, member->name, member->status,
		text_of(&arrays->signing), text_of(&arrays->encryption), text_of(&arrays->issuer),
		member->service_count > 0 ? text_of(&arrays->service) : NULL,
		member->language_count > 0 ? text_of(&arrays->language) : NULL,
		member->country_count > 0 ? text_of(&arrays->country) : NULL,
	};
	enum fail_code code = pg_admin_connect(&connection, conninfo, why);
	if (code != FAIL_NONE)
		return code;
	code = pg_admin_ask(connection, "SELECT passerelle.register_member($1, $2, $3, $4, $5::bytea[], $6::bytea[], $7::bytea[], $8::text[], $9::text[], $10::text[])",
	                    PARAMETERS, values, &result, why);
	PQclear(result);
	PQfinish(connection);
	return code;
}

enum fail_code member_register(const char *conninfo, const struct member_registration *member, struct fail *why)
{
	enum { ARRAY_CAP = 4 * 1024 * 1024 };
	struct arrays arrays;
	enum fail_code code = check(member, why);
	if (code != FAIL_NONE)
		return code;
	bytes_init(&arrays.signing, ARRAY_CAP);
	bytes_init(&arrays.encryption, ARRAY_CAP);
	bytes_init(&arrays.issuer, ARRAY_CAP);
	bytes_init(&arrays.service, ARRAY_CAP);
	bytes_init(&arrays.language, ARRAY_CAP);
	bytes_init(&arrays.country, ARRAY_CAP);
	code = fill(&arrays, member);
	if (code == FAIL_NONE)
		code = write_member(conninfo, member, &arrays, why);
	else
		fail_set(why, code, "the certificates are too large");
	bytes_release(&arrays.signing);
	bytes_release(&arrays.encryption);
	bytes_release(&arrays.issuer);
	bytes_release(&arrays.service);
	bytes_release(&arrays.language);
	bytes_release(&arrays.country);
	return code;
}

static enum fail_code check_code(const char *list, const char *code, const char *what, struct fail *why)
{
	const struct code_list *codes = code_list_find(list);
	if (code_known(codes, code) && strcmp(code, "UNSPECIFIED") != 0)
		return FAIL_NONE;
	const char *near = code_nearest(codes, code);
	return fail_set(why, FAIL_BAD_USAGE, "'%s' is no %s%s%s%s", code, what, near != NULL ? ": did you mean " : "",
	                near != NULL ? near : "", near != NULL ? "?" : "");
}

static enum fail_code check_availability(const struct member_availability *from, struct fail *why)
{
	int32_t day = 0;
	enum fail_code code = check_code("availability", from->status, "status", why);
	if (code == FAIL_NONE && strcmp(from->status, "OTHER") == 0)
		code = fail_set(why, FAIL_BAD_USAGE, "the status must be NORMAL, REDUCED, DISRUPTED, SUSPENDED or BACK");
	if (code == FAIL_NONE && from->cause != NULL && from->cause[0] != '\0')
		code = check_code("availability_cause", from->cause, "cause", why);
	if (code == FAIL_NONE && from->until != NULL && from->until[0] != '\0')
		code = day_parse(&day, from->until, why);
	if (code == FAIL_NONE && from->deputy != NULL && strcmp(from->deputy, from->code) == 0)
		code = fail_set(why, FAIL_BAD_USAGE, "the deputy is another member");
	return code;
}

enum fail_code member_set_availability(const char *conninfo, const struct member_availability *from, struct fail *why)
{
	PGconn *connection = NULL;
	PGresult *result = NULL;
	char at[24];
	snprintf(at, sizeof at, "%" PRIu64, from->at);
	const char *values[] = {from->code,
	                        from->status,
	                        from->cause != NULL ? from->cause : "",
	                        from->until != NULL ? from->until : "",
	                        from->deputy != NULL ? from->deputy : "",
	                        at};
	enum fail_code code = check_availability(from, why);
	if (code == FAIL_NONE)
		code = pg_admin_connect(&connection, conninfo, why);
	if (code == FAIL_NONE)
		code = pg_admin_ask(connection, "SELECT passerelle.set_availability($1, $2, $3, $4, $5, $6::int8)", 6, values,
		                    &result, why);
	PQclear(result);
	PQfinish(connection);
	return code;
}

enum fail_code member_set_calendar(const char *conninfo, const char *member, const char *calendar, struct fail *why)
{
	PGconn *connection = NULL;
	PGresult *result = NULL;
	const char *values[] = {member, calendar};
	enum fail_code code = pg_admin_connect(&connection, conninfo, why);
	if (code == FAIL_NONE)
		code = pg_admin_ask(connection, "SELECT passerelle.set_calendar($1, $2)", 2, values, &result, why);
	PQclear(result);
	PQfinish(connection);
	return code;
}

static void copy_text(char *to, size_t size, const char *from)
{
	size_t length = strnlen(from, size - 1);
	memcpy(to, from, length);
	to[length] = '\0';
}

enum fail_code member_list(const char *conninfo, void (*row)(void *context, const struct member_row *row),
                           void *context, struct fail *why)
{
	PGconn *connection = NULL;
	PGresult *rows = NULL;
	enum fail_code code = pg_admin_connect(&connection, conninfo, why);
	if (code != FAIL_NONE)
		return code;
	code = pg_admin_ask(connection,
		"SELECT m.member, m.code, m.kind, m.status, m.agency, m.name, count(c.hash) FILTER (WHERE c.use = 'SIGNING'), "
		"count(c.hash) FILTER (WHERE c.use = 'ENCRYPTION'), m.availability FROM passerelle.member m LEFT JOIN passerelle.certificate c USING (member) "
		"GROUP BY m.member ORDER BY m.code", 0, NULL, &rows, why);
	for (int i = 0; code == FAIL_NONE && i < PQntuples(rows); i++) {
		struct member_row member = {
			.no = (int32_t)strtol(PQgetvalue(rows, i, 0), NULL, 10),
			.agency = strcmp(PQgetvalue(rows, i, 4), "t") == 0,
			.name = PQgetvalue(rows, i, 5),
			.signing = (unsigned)strtoul(PQgetvalue(rows, i, 6), NULL, 10),
			.encryption = (unsigned)strtoul(PQgetvalue(rows, i, 7), NULL, 10),
		};
		copy_text(member.code, sizeof member.code, PQgetvalue(rows, i, 1));
		copy_text(member.kind, sizeof member.kind, PQgetvalue(rows, i, 2));
		copy_text(member.status, sizeof member.status, PQgetvalue(rows, i, 3));
		copy_text(member.availability, sizeof member.availability, PQgetvalue(rows, i, 8));
		row(context, &member);
	}
	PQclear(rows);
	PQfinish(connection);
	return code;
}

enum fail_code member_has_certificate(const char *conninfo, struct view der, bool *found, struct fail *why)
{
	PGconn *connection = NULL;
	PGresult *rows = NULL;
	struct bytes array;
	bytes_init(&array, 4 * CERTIFICATE_SIZE);
	*found = false;
	enum fail_code code = der_array(&array, &der, 1);
	if (code == FAIL_NONE)
		code = pg_admin_connect(&connection, conninfo, why);
	else
		fail_set(why, code, "the certificate is too large");
	const char *values[] = {text_of(&array)};
	if (code == FAIL_NONE)
		code = pg_admin_ask(connection,
			"SELECT EXISTS (SELECT FROM api.directory() d WHERE d.use = 'SIGNING' AND d.der = ANY ($1::bytea[]))", 1, values, &rows, why);
	if (code == FAIL_NONE)
		*found = PQntuples(rows) == 1 && strcmp(PQgetvalue(rows, 0, 0), "t") == 0;
	PQclear(rows);
	PQfinish(connection);
	bytes_release(&array);
	return code;
}
