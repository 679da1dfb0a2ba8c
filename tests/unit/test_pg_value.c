// SPDX-License-Identifier: Apache-2.0
// links: hub_store
#include "store/pg_value.h"
#include "unit/test.h"

// One row with one column of these bytes; NULL data: a NULL.
static PGresult *row_of(const void *data, size_t length)
{
	static char name[] = "a";
	PGresult *result = PQmakeEmptyPGresult(NULL, PGRES_TUPLES_OK);
	PGresAttDesc column = {.name = name, .format = 1};
	assert_int_equal(PQsetResultAttrs(result, 1, &column), 1);
	uint8_t copy[256];
	assert_true(length <= sizeof copy);
	if (data != NULL)
		memcpy(copy, data, length);
	assert_int_equal(PQsetvalue(result, 0, 0, data == NULL ? NULL : (char *)copy, data == NULL ? -1 : (int)length), 1);
	return result;
}

static PGresult *row_of_param(const struct pg_params *params, int at)
{
	return row_of(params->data.data + params->start[at], params->length[at]);
}

static void test_values_come_back_as_they_were_put(void **state)
{
	struct pg_params params;
	struct id id = {{1, 2, 3}}, id_back;
	uint64_t big = 0;
	int32_t four = 0;
	int16_t two = 0;
	bool truth = false;
	char text[8];
	(void)state;
	pg_params_init(&params);
	pg_put_int8(&params, INT64_MAX);
	pg_put_int4(&params, -5);
	pg_put_int2(&params, 300);
	pg_put_bool(&params, true);
	pg_put_uuid(&params, &id);
	pg_put_text(&params, "SN");
	assert_false(params.failed);
	assert_int_equal(params.count, 6);
	PGresult *rows[6];
	for (int i = 0; i < 6; i++)
		rows[i] = row_of_param(&params, i);
	assert_true(pg_get_int8(rows[0], 0, 0, &big) && big == INT64_MAX);
	assert_true(pg_get_int4(rows[1], 0, 0, &four) && four == -5);
	assert_true(pg_get_int2(rows[2], 0, 0, &two) && two == 300);
	assert_true(pg_get_bool(rows[3], 0, 0, &truth) && truth);
	assert_true(pg_get_uuid(rows[4], 0, 0, &id_back) && id_equal(&id, &id_back));
	assert_true(pg_get_text(rows[5], 0, 0, text, sizeof text));
	assert_string_equal(text, "SN");
	for (int i = 0; i < 6; i++)
		PQclear(rows[i]);
	pg_params_release(&params);
}

static void test_arrays_come_back_as_they_were_put(void **state)
{
	struct pg_params params;
	uint64_t number[4];
	struct view text[4];
	size_t count = 9;
	(void)state;
	pg_params_init(&params);
	pg_array_begin(&params, PG_INT8);
	pg_put_int8(&params, 7);
	pg_put_null(&params);
	pg_put_int8(&params, 9);
	pg_array_end(&params);
	pg_array_begin(&params, PG_TEXT);
	pg_array_end(&params);
	pg_array_begin(&params, PG_TEXT);
	pg_put_text(&params, "fr");
	pg_array_end(&params);
	PGresult *numbers = row_of_param(&params, 0), *none = row_of_param(&params, 1), *texts = row_of_param(&params, 2);
	assert_true(pg_get_int8s(numbers, 0, 0, number, 4, &count));
	assert_int_equal(count, 3);
	assert_int_equal(number[0], 7);
	assert_int_equal(number[1], 0);
	assert_int_equal(number[2], 9);
	assert_false(pg_get_int8s(numbers, 0, 0, number, 2, &count)); // no room
	assert_true(pg_get_texts(none, 0, 0, text, 4, &count));
	assert_int_equal(count, 0);
	assert_true(pg_get_texts(texts, 0, 0, text, 4, &count));
	assert_int_equal(count, 1);
	assert_memory_equal(text[0].data, "fr", 2);
	assert_false(pg_get_int8s(texts, 0, 0, number, 4, &count)); // another type
	PQclear(numbers);
	PQclear(none);
	PQclear(texts);
	pg_params_release(&params);
}

static void test_too_large_a_number_fails_the_statement(void **state)
{
	struct pg_params params;
	(void)state;
	pg_params_init(&params);
	pg_put_int8(&params, UINT64_MAX);
	assert_true(params.failed);
	pg_params_clear(&params);
	assert_false(params.failed);
	pg_params_release(&params);
}

static void test_values_of_the_wrong_size_are_refused(void **state)
{
	static const uint8_t raw[40] = {0x80};
	uint64_t big = 0;
	int32_t four = 0;
	struct hash hash;
	struct id id;
	char text[4];
	(void)state;
	PGresult *eight = row_of(raw, 8), *three = row_of(raw, 3), *null = row_of(NULL, 0), *zero = row_of("a\0b", 3);
	assert_false(pg_get_int8(eight, 0, 0, &big)); // negative
	assert_false(pg_get_int4(eight, 0, 0, &four));
	assert_false(pg_get_int8(three, 0, 0, &big));
	assert_false(pg_get_hash(three, 0, 0, &hash));
	assert_false(pg_get_uuid(three, 0, 0, &id));
	assert_false(pg_get_int4(null, 0, 0, &four));
	assert_false(pg_get_int4(three, 1, 0, &four));  // no such row
	assert_false(pg_get_int4(three, 0, 1, &four));  // no such column
	assert_false(pg_get_text(zero, 0, 0, text, sizeof text));
	assert_false(pg_get_text(eight, 0, 0, text, sizeof text)); // no room
	PQclear(eight);
	PQclear(three);
	PQclear(null);
	PQclear(zero);
}

// Every truncation, and every byte of the head changed: refused or read within bounds.
static void test_damaged_arrays_are_read_within_their_bounds(void **state)
{
	struct pg_params params;
	uint64_t number[8];
	size_t count = 0;
	(void)state;
	pg_params_init(&params);
	pg_array_begin(&params, PG_INT8);
	for (uint64_t i = 0; i < 3; i++)
		pg_put_int8(&params, i);
	pg_array_end(&params);
	for (size_t length = 0; length < params.length[0]; length++) {
		PGresult *cut = row_of(params.data.data, length);
		assert_false(pg_get_int8s(cut, 0, 0, number, 8, &count));
		PQclear(cut);
	}
	for (size_t i = 0; i < params.length[0]; i++) {
		params.data.data[i] ^= 0xff;
		PGresult *changed = row_of_param(&params, 0);
		if (pg_get_int8s(changed, 0, 0, number, 8, &count))
			assert_true(count <= 8);
		PQclear(changed);
		params.data.data[i] ^= 0xff;
	}
	pg_params_release(&params);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		{"values come back as they were put", test_values_come_back_as_they_were_put, NULL, NULL, NULL},
		{"arrays come back as they were put", test_arrays_come_back_as_they_were_put, NULL, NULL, NULL},
		{"too large a number fails the statement", test_too_large_a_number_fails_the_statement, NULL, NULL, NULL},
		{"values of the wrong size are refused", test_values_of_the_wrong_size_are_refused, NULL, NULL, NULL},
		{"damaged arrays are read within their bounds", test_damaged_arrays_are_read_within_their_bounds, NULL, NULL, NULL},
	};
	return cmocka_run_group_tests_name("pg_value", tests, NULL, NULL);
}
