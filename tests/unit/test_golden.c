// SPDX-License-Identifier: Apache-2.0
// links: passerelle_wire
//
// Encoded messages of every released version, kept in tests/data/golden/VERSION: each
// is decoded and encoded again to the very same bytes, forever. The newest folder
// also equals what this version makes of its samples.
//
//   test_golden --write FOLDER    writes the samples, for a new version or the fuzzers' seeds
#include "test.h"

#include "codec_samples.h"
#include "wire/frame.h"

#include <dirent.h>
#include <stdio.h>

#define NEWEST TEST_DATA "/golden/0.1"

typedef enum fail_code again(struct view bytes, struct bytes *out, struct arena *arena, struct fail *why);

static enum fail_code frame_again(struct view bytes, struct bytes *out, struct arena *arena, struct fail *why)
{
	struct frame frame;
	enum fail_code code = frame_decode(&frame, bytes, arena, why);
	if (code == FAIL_NONE)
		code = frame_encode(&frame, out);
	if (code == FAIL_NONE)
		bytes_consume(out, FRAME_HEAD);
	return code;
}

static enum fail_code header_again(struct view bytes, struct bytes *out, struct arena *arena, struct fail *why)
{
	struct header header;
	enum fail_code code = header_decode(&header, bytes, arena, why);
	return code != FAIL_NONE ? code : header_encode(&header, out);
}

static enum fail_code envelope_again(struct view bytes, struct bytes *out, struct arena *arena, struct fail *why)
{
	struct envelope envelope;
	enum fail_code code = envelope_decode(&envelope, bytes, arena, why);
	return code != FAIL_NONE ? code : envelope_encode(&envelope, out);
}

static enum fail_code statement_again(struct view bytes, struct bytes *out, struct arena *arena, struct fail *why)
{
	struct hub_statement statement;
	enum fail_code code = statement_decode(&statement, bytes, arena, why);
	return code != FAIL_NONE ? code : statement_encode(&statement, out);
}

static enum fail_code receipt_again(struct view bytes, struct bytes *out, struct arena *arena, struct fail *why)
{
	struct hub_receipt receipt;
	enum fail_code code = receipt_decode(&receipt, bytes, arena, why);
	return code != FAIL_NONE ? code : receipt_encode(&receipt, out);
}

struct kind {
	const char *prefix;
	again *again;
};

static const struct kind kinds[] = {
	{"frame_", frame_again},         {"header_", header_again},   {"envelope", envelope_again},
	{"statement", statement_again}, {"receipt", receipt_again},
};

static again *again_of(const char *name)
{
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (strncmp(name, kinds[i].prefix, strlen(kinds[i].prefix)) == 0)
			return kinds[i].again;
	}
	fail_msg("'%s' is no kind of golden file", name);
	return NULL;
}

static void read_file(const char *folder, const char *name, struct bytes *bytes)
{
	char path[1000];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "rb");
	if (file == NULL)
		fail_msg("no golden file '%s'", path);
	bytes_init(bytes, FRAME_MAX);
	uint8_t *room = bytes_room(bytes, 64 * 1024);
	bytes_added(bytes, fread(room, 1, 64 * 1024, file));
	fclose(file);
}

static void check_file(const char *folder, const char *name)
{
	struct bytes golden, out;
	struct arena arena;
	struct fail why = {0};
	read_file(folder, name, &golden);
	bytes_init(&out, FRAME_MAX);
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	if (again_of(name)(bytes_view(&golden), &out, &arena, &why) != FAIL_NONE)
		fail_msg("%s/%s: %s", folder, name, why.text);
	if (!view_equal(bytes_view(&golden), bytes_view(&out)))
		fail_msg("%s/%s: encoded again, it is different", folder, name);
	arena_release(&arena);
	bytes_release(&golden);
	bytes_release(&out);
}

static unsigned check_folder(const char *folder)
{
	unsigned count = 0;
	DIR *list = opendir(folder);
	assert_non_null(list);
	for (struct dirent *one = readdir(list); one != NULL; one = readdir(list)) {
		if (one->d_name[0] == '.')
			continue;
		check_file(folder, one->d_name);
		count++;
	}
	closedir(list);
	return count;
}

static void messages_of_every_version_are_read_and_written_as_they_were(void **state)
{
	(void)state;
	unsigned versions = 0;
	DIR *list = opendir(TEST_DATA "/golden");
	assert_non_null(list);
	for (struct dirent *one = readdir(list); one != NULL; one = readdir(list)) {
		char folder[1000];
		if (one->d_name[0] < '0' || one->d_name[0] > '9')
			continue;
		snprintf(folder, sizeof folder, TEST_DATA "/golden/%s", one->d_name);
		assert_true(check_folder(folder) > 0);
		versions++;
	}
	closedir(list);
	assert_true(versions >= 1);
}

typedef void take_sample(const char *folder, const char *name, struct view bytes);

static void each_sample(const char *folder, take_sample *take)
{
	struct bytes out;
	char name[100];
	bytes_init(&out, FRAME_MAX);
	for (size_t i = 0; i < SAMPLE_FRAME_COUNT; i++) {
		bytes_clear(&out);
		assert_ok(frame_encode(&sample_frames[i].frame, &out));
		snprintf(name, sizeof name, "frame_%s.bin", sample_frames[i].name);
		take(folder, name, view_of(out.data + FRAME_HEAD, out.length - FRAME_HEAD));
	}
	for (size_t i = 0; i < SAMPLE_HEADER_COUNT; i++) {
		struct header header = sample_headers[i].make();
		bytes_clear(&out);
		assert_ok(header_encode(&header, &out));
		snprintf(name, sizeof name, "header_%s.bin", sample_headers[i].name);
		take(folder, name, bytes_view(&out));
	}
	struct envelope envelope = sample_envelope();
	bytes_clear(&out);
	assert_ok(envelope_encode(&envelope, &out));
	take(folder, "envelope.bin", bytes_view(&out));
	struct hub_statement statement = sample_statement();
	bytes_clear(&out);
	assert_ok(statement_encode(&statement, &out));
	take(folder, "statement.bin", bytes_view(&out));
	struct hub_receipt receipt = sample_receipt();
	bytes_clear(&out);
	assert_ok(receipt_encode(&receipt, &out));
	take(folder, "receipt.bin", bytes_view(&out));
	bytes_release(&out);
}

static void compare_sample(const char *folder, const char *name, struct view bytes)
{
	struct bytes golden;
	read_file(folder, name, &golden);
	if (!view_equal(bytes_view(&golden), bytes))
		fail_msg("%s/%s: this version makes other bytes of the same message", folder, name);
	bytes_release(&golden);
}

static void write_sample(const char *folder, const char *name, struct view bytes)
{
	char path[1000];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes.data, 1, bytes.length, file), bytes.length);
	assert_int_equal(fclose(file), 0);
}

static void this_version_makes_the_newest_of_them(void **state)
{
	(void)state;
	each_sample(NEWEST, compare_sample);
}

int main(int count, char **arguments)
{
	if (count == 3 && strcmp(arguments[1], "--write") == 0) {
		each_sample(arguments[2], write_sample);
		return 0;
	}
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_of_every_version_are_read_and_written_as_they_were),
		cmocka_unit_test(this_version_makes_the_newest_of_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
