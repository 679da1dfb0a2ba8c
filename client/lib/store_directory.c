// SPDX-License-Identifier: Apache-2.0
#include "lib/store.h"
#include "lib/store_inner.h"

#include <stdio.h>
#include <string.h>

enum fail_code directory_version(struct store *store, uint64_t *version, struct fail *why)
{
	*version = 0;
	struct sql *sql = sql_new(store, "SELECT version FROM directory");
	if (sql_row(sql))
		*version = sql_u64(sql, 0);
	return sql_end(sql, why);
}

// "A B C" of a list; the items are codes and tags without spaces.
static enum fail_code join(struct bytes *out, const char *const *item, size_t count)
{
	enum fail_code code = FAIL_NONE;
	for (size_t i = 0; i < count && code == FAIL_NONE; i++) {
		if (i > 0)
			code = bytes_append(out, " ", 1);
		if (code == FAIL_NONE)
			code = bytes_append(out, item[i], strlen(item[i]));
	}
	return code == FAIL_NONE ? bytes_append(out, "", 1) : code;
}

static void bind_availability(struct sql *sql, int place, const struct directory_entry *entry)
{
	bool told = entry->availability != NULL && entry->availability[0] != '\0';
	sql_bind_text(sql, place, told ? entry->availability : "NORMAL");
	sql_bind_text(sql, place + 1, entry->cause == NULL ? "" : entry->cause);
	sql_bind_text(sql, place + 2, entry->until == NULL ? "" : entry->until);
	sql_bind_text(sql, place + 3, entry->deputy == NULL ? "" : entry->deputy);
	sql_bind_u64(sql, place + 4, entry->since);
	sql_bind_text(sql, place + 5, entry->calendar == NULL ? "" : entry->calendar);
}

static enum fail_code put_member(struct store *store, const struct directory_entry *entry, struct fail *why)
{
	struct bytes services, languages, countries;
	bytes_init(&services, 64 * 1024);
	bytes_init(&languages, 64 * 1024);
	bytes_init(&countries, 64 * 1024);
	enum fail_code code = join(&services, (const char *const *)entry->service, entry->service_count);
	if (code == FAIL_NONE)
		code = join(&languages, (const char *const *)entry->language, entry->language_count);
	if (code == FAIL_NONE)
		code = join(&countries, (const char *const *)entry->country, entry->country_count);
	if (code == FAIL_NONE) {
		struct sql *sql = sql_new(store, "INSERT OR REPLACE INTO directory_member (code, kind, name, status, services, languages, countries, availability, cause, until, deputy, since, calendar) "
		                                  "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
		sql_bind_text(sql, 1, entry->code);
		sql_bind_text(sql, 2, entry->kind == NULL ? "" : entry->kind);
		sql_bind_text(sql, 3, entry->name == NULL ? "" : entry->name);
		sql_bind_text(sql, 4, entry->status == NULL ? "" : entry->status);
		sql_bind_text(sql, 5, (const char *)services.data);
		sql_bind_text(sql, 6, (const char *)languages.data);
		sql_bind_text(sql, 7, (const char *)countries.data);
		bind_availability(sql, 8, entry);
		code = sql_run(sql, why);
	}
	bytes_release(&services);
	bytes_release(&languages);
	bytes_release(&countries);
	return code;
}

static enum fail_code put_certificates(struct store *store, const char *member, enum directory_use use,
                                       const struct view *der, size_t count, struct fail *why)
{
	enum fail_code code = FAIL_NONE;
	for (size_t i = 0; i < count && code == FAIL_NONE; i++) {
		struct sql *sql = sql_new(store, "INSERT OR REPLACE INTO directory_certificate (code, use, place, der) VALUES (?, ?, ?, ?)");
		sql_bind_text(sql, 1, member);
		sql_bind_int(sql, 2, (int)use);
		sql_bind_int(sql, 3, (int)i);
		sql_bind_blob(sql, 4, der[i]);
		code = sql_run(sql, why);
	}
	return code;
}

static enum fail_code put_entry(struct store *store, const struct directory_entry *entry, struct fail *why)
{
	enum fail_code code = put_member(store, entry, why);
	if (code == FAIL_NONE)
		code = put_certificates(store, entry->code, DIRECTORY_SIGNING, entry->signing, entry->signing_count, why);
	if (code == FAIL_NONE)
		code =
			put_certificates(store, entry->code, DIRECTORY_ENCRYPTION, entry->encryption, entry->encryption_count, why);
	if (code == FAIL_NONE)
		code = put_certificates(store, entry->code, DIRECTORY_ISSUER, entry->issuer, entry->issuer_count, why);
	return code;
}

static enum fail_code put_version(struct store *store, uint64_t version, struct fail *why)
{
	struct sql *sql = sql_new(store, "INSERT OR REPLACE INTO directory (one, version) VALUES (1, ?)");
	sql_bind_u64(sql, 1, version);
	return sql_run(sql, why);
}

enum fail_code directory_replace(struct store *store, const struct answer *answer, struct fail *why)
{
	enum fail_code code = store_script(store, "DELETE FROM directory_member; DELETE FROM directory_certificate", why);
	for (size_t i = 0; i < answer->entry_count && code == FAIL_NONE; i++)
		code = put_entry(store, &answer->entry[i], why);
	return code == FAIL_NONE ? put_version(store, answer->version, why) : code;
}

enum fail_code directory_each(struct store *store, directory_call call, void *context, struct fail *why)
{
	struct sql *sql = sql_new(store, "SELECT code, kind, name, status, services, languages, countries, availability, cause, until, deputy, since, calendar FROM directory_member ORDER BY code");
	enum fail_code told = FAIL_NONE;
	while (told == FAIL_NONE && sql_row(sql)) {
		struct directory_row row = {
			sql_text(sql, 0),  sql_text(sql, 1), sql_text(sql, 2),  sql_text(sql, 3), sql_text(sql, 4),
			sql_text(sql, 5),  sql_text(sql, 6), sql_text(sql, 7),  sql_text(sql, 8), sql_text(sql, 9),
			sql_text(sql, 10), sql_u64(sql, 11), sql_text(sql, 12),
		};
		told = call(context, &row);
	}
	enum fail_code code = sql_end(sql, why);
	return code != FAIL_NONE ? code : told;
}

enum fail_code directory_status(struct store *store, const char *member, bool *known, bool *active, struct fail *why)
{
	static const char *const working[] = {"ACTIVE", "REDUCED", "DISRUPTED"}; // as the hub has it
	struct sql *sql = sql_new(store, "SELECT status FROM directory_member WHERE code = ?");
	*active = false;
	sql_bind_text(sql, 1, member);
	*known = sql_row(sql);
	for (size_t i = 0; i < sizeof(working) / sizeof(working[0]) && *known && !*active; i++)
		*active = strcmp(sql_text(sql, 0), working[i]) == 0;
	return sql_end(sql, why);
}

enum fail_code directory_calendar(struct store *store, const char *member, struct work_calendar *calendar,
                                  struct fail *why)
{
	struct fail ignored;
	struct sql *sql = sql_new(store, "SELECT calendar FROM directory_member WHERE code = ?");
	sql_bind_text(sql, 1, member);
	bool known = sql_row(sql);
	// What the hub tells is not believed: Monday to Friday then, which the hub would refuse.
	enum fail_code read = calendar_parse(calendar, known ? sql_text(sql, 0) : "", &ignored);
	(void)read;
	return sql_end(sql, why);
}

enum fail_code directory_availability(struct store *store, const char *member, struct member_availability *found,
                                      struct fail *why)
{
	*found = (struct member_availability){.status = "NORMAL"};
	struct sql *sql = sql_new(store, "SELECT availability, cause, until, deputy, since FROM directory_member WHERE code = ?");
	sql_bind_text(sql, 1, member);
	if (sql_row(sql)) {
		snprintf(found->status, sizeof found->status, "%s", sql_text(sql, 0));
		snprintf(found->cause, sizeof found->cause, "%s", sql_text(sql, 1));
		snprintf(found->until, sizeof found->until, "%s", sql_text(sql, 2));
		snprintf(found->deputy, sizeof found->deputy, "%s", sql_text(sql, 3));
		found->since = sql_u64(sql, 4);
	}
	found->out = strcmp(found->status, "DISRUPTED") == 0 || strcmp(found->status, "SUSPENDED") == 0;
	return sql_end(sql, why);
}

enum fail_code directory_certificates(struct store *store, const char *member, enum directory_use use,
                                      struct bytes *der, size_t *count, struct fail *why)
{
	size_t room = *count;
	*count = 0;
	struct sql *sql = sql_new(store, "SELECT der FROM directory_certificate WHERE code = ? AND use = ? ORDER BY place");
	sql_bind_text(sql, 1, member);
	sql_bind_int(sql, 2, (int)use);
	enum fail_code copied = FAIL_NONE;
	while (*count < room && copied == FAIL_NONE && sql_row(sql)) {
		struct view found = sql_blob(sql, 0);
		bytes_init(&der[*count], 64 * 1024);
		copied = bytes_append(&der[*count], found.data, found.length);
		if (copied == FAIL_NONE)
			(*count)++;
	}
	enum fail_code code = sql_end(sql, why);
	if (code == FAIL_NONE && copied != FAIL_NONE)
		code = fail_set(why, copied, "a certificate of the directory is too large");
	for (size_t i = 0; code != FAIL_NONE && i < *count; i++)
		bytes_release(&der[i]);
	return code;
}
