// SPDX-License-Identifier: Apache-2.0
#include "store/postgres_private.h"

#include "base/arena.h"
#include "seal/key.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_TAGS = 64, DIRECTORY_CAP = 256 * 1024 * 1024, MAX_DER = 16 * 1024 };

// Columns of api.directory.
enum {
	VERSION,
	MEMBER,
	USE,
	CODE,
	KIND,
	NAME,
	STATUS,
	ACTIVE,
	SERVICE,
	LANGUAGE,
	COUNTRY,
	AVAILABILITY,
	CAUSE,
	UNTIL,
	DEPUTY,
	SINCE,
	CALENDAR,
	HASH,
	DER
};

struct asking {
	struct pg_operation operation; // first
	struct store_postgres *postgres;
	store_directory_done done;
	void *context;
};

// What the rows become; all memory in one arena.
struct build {
	struct arena arena;
	const PGresult *rows;
	struct store_member *member;
	struct directory_entry *entry;
	struct store_signer *signer;
	size_t member_count, signer_count;
	member_no highest;
	uint64_t version;
	int32_t *place;   // member number -> index + 1
};

static const char *text_at(struct build *build, int row, int column)
{
	struct view raw;
	if (!pg_get_bytea(build->rows, row, column, &raw) || memchr(raw.data, 0, raw.length) != NULL)
		return NULL;
	return arena_text(&build->arena, (const char *)raw.data, raw.length);
}

static bool tags_at(struct build *build, int row, int column, const char ***tag, size_t *count)
{
	struct view raw[MAX_TAGS];
	if (!pg_get_texts(build->rows, row, column, raw, MAX_TAGS, count))
		return false;
	const char **list = arena_alloc(&build->arena, (*count + 1) * sizeof *list);
	for (size_t i = 0; list != NULL && i < *count; i++) {
		list[i] = arena_text(&build->arena, (const char *)raw[i].data, raw[i].length);
		if (list[i] == NULL)
			return false;
	}
	*tag = list;
	return list != NULL;
}

static bool is_use(const struct build *build, int row, const char *use)
{
	char text[16];
	return pg_get_text(build->rows, row, USE, text, sizeof text) && strcmp(text, use) == 0;
}

static bool add_availability(struct build *build, int row, struct store_member *member, struct directory_entry *entry)
{
	const PGresult *rows = build->rows;
	if (!pg_get_text(rows, row, AVAILABILITY, member->availability, sizeof member->availability) ||
	    !pg_get_text(rows, row, CAUSE, member->cause, sizeof member->cause) ||
	    !pg_get_text(rows, row, UNTIL, member->until, sizeof member->until) ||
	    !pg_get_text(rows, row, DEPUTY, member->deputy, sizeof member->deputy) ||
	    !pg_get_int8(rows, row, SINCE, &entry->since) ||
	    !pg_get_text(rows, row, CALENDAR, member->calendar, sizeof member->calendar))
		return false;
	member->out = strcmp(member->availability, "DISRUPTED") == 0 || strcmp(member->availability, "SUSPENDED") == 0;
	entry->availability = member->availability;
	entry->cause = member->cause;
	entry->until = member->until;
	entry->deputy = member->deputy;
	entry->calendar = member->calendar;
	return true;
}

static bool add_member(struct build *build, int row)
{
	struct store_member *member = &build->member[build->member_count];
	struct directory_entry *entry = &build->entry[build->member_count];
	if (!pg_get_int4(build->rows, row, MEMBER, &member->no) || member->no <= 0 ||
	    !pg_get_text(build->rows, row, CODE, member->code, sizeof member->code) || !member_code_valid(member->code) ||
	    !pg_get_bool(build->rows, row, ACTIVE, &member->active))
		return false;
	entry->code = member->code;
	entry->kind = text_at(build, row, KIND);
	entry->name = text_at(build, row, NAME);
	entry->status = text_at(build, row, STATUS);
	if (entry->kind == NULL || entry->name == NULL || entry->status == NULL)
		return false;
	member->agency = strcmp(entry->kind, "PARTNER_AGENCY") == 0;
	build->highest = member->no > build->highest ? member->no : build->highest;
	build->member_count++;
	return add_availability(build, row, member, entry) &&
	       tags_at(build, row, SERVICE, &entry->service, &entry->service_count) &&
	       tags_at(build, row, LANGUAGE, &entry->language, &entry->language_count) &&
	       tags_at(build, row, COUNTRY, &entry->country, &entry->country_count);
}

static bool add_members(struct build *build)
{
	size_t rows = (size_t)PQntuples(build->rows);
	build->member = arena_alloc(&build->arena, (rows + 1) * sizeof *build->member);
	build->entry = arena_alloc(&build->arena, (rows + 1) * sizeof *build->entry);
	build->signer = arena_alloc(&build->arena, (rows + 1) * sizeof *build->signer);
	if (build->member == NULL || build->entry == NULL || build->signer == NULL)
		return false;
	for (int row = 0; row < (int)rows; row++) {
		if (!pg_get_int8(build->rows, row, VERSION, &build->version))
			return false;
		if (is_use(build, row, "MEMBER") && !add_member(build, row))
			return false;
	}
	build->place = arena_alloc(&build->arena, ((size_t)build->highest + 1) * sizeof *build->place);
	for (size_t i = 0; build->place != NULL && i < build->member_count; i++)
		build->place[build->member[i].no] = (int32_t)i + 1;
	return build->place != NULL;
}

// NULL unless the row is a certificate of a member that is there.
static struct directory_entry *entry_of(struct build *build, int row)
{
	member_no no = 0;
	if (!pg_get_int4(build->rows, row, MEMBER, &no) || no <= 0 || no > build->highest || build->place[no] == 0)
		return NULL;
	return &build->entry[build->place[no] - 1];
}

struct list {
	struct view **der;
	size_t *count;
};

static struct list list_of(struct build *build, struct directory_entry *entry, int row)
{
	if (is_use(build, row, "SIGNING"))
		return (struct list){&entry->signing, &entry->signing_count};
	if (is_use(build, row, "ENCRYPTION"))
		return (struct list){&entry->encryption, &entry->encryption_count};
	if (is_use(build, row, "ISSUER"))
		return (struct list){&entry->issuer, &entry->issuer_count};
	return (struct list){NULL, NULL};
}

static bool add_certificate(struct build *build, int row)
{
	struct view der;
	struct hash hash;
	struct directory_entry *entry = entry_of(build, row);
	struct list list = entry == NULL ? (struct list){NULL, NULL} : list_of(build, entry, row);
	if (list.der == NULL || !pg_get_bytea(build->rows, row, DER, &der) || der.length > MAX_DER ||
	    !pg_get_hash(build->rows, row, HASH, &hash))
		return false;
	(*list.der)[(*list.count)++] = der;
	if (is_use(build, row, "SIGNING")) {
		build->signer[build->signer_count++] = (struct store_signer){
			.hash = sha256(der), .member = build->member[entry - build->entry].no, .certificate = der,
		};
	}
	return true;
}

// First how many, then the lists themselves.
static bool make_lists(struct build *build)
{
	for (int row = 0; row < PQntuples(build->rows); row++) {
		if (is_use(build, row, "MEMBER"))
			continue;
		struct directory_entry *entry = entry_of(build, row);
		struct list list = entry == NULL ? (struct list){NULL, NULL} : list_of(build, entry, row);
		if (list.count == NULL)
			return false;
		(*list.count)++;
	}
	for (size_t i = 0; i < build->member_count; i++) {
		struct directory_entry *entry = &build->entry[i];
		entry->signing = arena_alloc(&build->arena, (entry->signing_count + 1) * sizeof *entry->signing);
		entry->encryption = arena_alloc(&build->arena, (entry->encryption_count + 1) * sizeof *entry->encryption);
		entry->issuer = arena_alloc(&build->arena, (entry->issuer_count + 1) * sizeof *entry->issuer);
		if (entry->signing == NULL || entry->encryption == NULL || entry->issuer == NULL)
			return false;
		entry->signing_count = entry->encryption_count = entry->issuer_count = 0;
	}
	return true;
}

static bool build_all(struct build *build)
{
	if (!add_members(build) || !make_lists(build))
		return false;
	for (int row = 0; row < PQntuples(build->rows); row++) {
		if (!is_use(build, row, "MEMBER") && !add_certificate(build, row))
			return false;
	}
	return true;
}

static void remember_agencies(struct store_postgres *postgres, const struct build *build)
{
	free(postgres->agency);
	postgres->agency_count = (size_t)build->highest + 1;
	postgres->agency = postgres_need(postgres->agency_count * sizeof *postgres->agency);
	for (size_t i = 0; i < postgres->agency_count; i++)
		postgres->agency[i] = true;
	for (size_t i = 0; i < build->member_count; i++)
		postgres->agency[build->member[i].no] = build->member[i].agency;
}

static void on_directory(struct pg_operation *operation, enum fail_code code, const PGresult *rows)
{
	struct asking *asking = (struct asking *)(void *)operation;
	struct build build = {.rows = rows};
	arena_init(&build.arena, DIRECTORY_CAP, UINT32_MAX);
	if (code == FAIL_NONE && !build_all(&build))
		code = FAIL_DATA_LOSS;
	if (code != FAIL_NONE) {
		asking->done(asking->context, code, NULL);
	} else {
		struct answer answer = {.kind = QUESTION_DIRECTORY,
		                        .version = build.version,
		                        .entry = build.entry,
		                        .entry_count = build.member_count};
		struct store_directory directory = {
			.version = build.version, .member = build.member, .member_count = build.member_count,
			.signer = build.signer, .signer_count = build.signer_count, .answer = &answer,
		};
		remember_agencies(asking->postgres, &build);
		asking->done(asking->context, FAIL_NONE, &directory);
	}
	arena_release(&build.arena);
	free(asking);
}

void postgres_directory(struct store *store, store_directory_done done, void *context)
{
	struct store_postgres *postgres = postgres_of(store);
	struct asking *asking = postgres_need(sizeof *asking);
	asking->postgres = postgres;
	asking->done = done;
	asking->context = context;
	asking->operation = (struct pg_operation){.done = on_directory};
	postgres_params(postgres);
	postgres_read(postgres, &asking->operation, STATEMENT_DIRECTORY);
}
