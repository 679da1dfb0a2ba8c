// SPDX-License-Identifier: Apache-2.0
// links: hub_monitor PkgConfig::JANSSON
#include "test.h"

#include "monitor/log.h"

#include <jansson.h>

enum { TIME = 1795000000 };

static const char *line_of(enum log_format format, bool prefix, const struct log_field *field, size_t count)
{
	static _Thread_local char line[400];
	struct log log = {.fd = -1, .format = format, .level = LOG_LEVEL_INFO, .prefix = prefix};
	size_t length = log_line(&log, TIME * UINT64_C(1000) + 123, LOG_LEVEL_NOTICE, "session.opened", field, count, line,
	                         sizeof line);
	assert_int_equal(length, strlen(line));
	assert_int_equal(line[length - 1], '\n');
	return line;
}

#define text_line(...) \
	line_of(LOG_TEXT, false, (const struct log_field[]){__VA_ARGS__}, \
	        sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))
#define json_line(...) \
	line_of(LOG_JSON, false, (const struct log_field[]){__VA_ARGS__}, \
	        sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

static void a_line_for_people_has_time_level_event_and_fields(void **state)
{
	(void)state;
	assert_string_equal(text_line(log_number(LOG_session, 17), log_text(LOG_member, "CH")),
	                    "2026-11-18T11:06:40.123Z notice session.opened session=17 member=CH\n");
}

static void a_text_with_blanks_or_controls_is_quoted_and_escaped(void **state)
{
	(void)state;
	const char *line = text_line(log_text(LOG_reason, "a \"b\"\n\x1b[31m\\ \x7f"));
	assert_non_null(strstr(line, "reason=\"a \\\"b\\\"\\u000a\\u001b[31m\\\\ \\u007f\"\n"));
}

static void what_would_turn_the_line_around_or_is_no_utf_8_is_escaped(void **state)
{
	(void)state;
	const char *line = text_line(log_text(LOG_reason, "\xe2\x80\xae" "x \xff \xed\xa0\x80 \xc0\xaf \xc2\x9b é"));
	for (const char *at = line; *at != 0; at++)
		assert_true((unsigned char)*at < 0x80 || strncmp(at, "é", 2) == 0 || strncmp(at - 1, "é", 2) == 0);
	assert_non_null(strstr(line, "é"));
}

static void a_line_for_machines_is_one_json_object(void **state)
{
	(void)state;
	json_error_t error;
	json_t *object =
		json_loads(json_line(log_number(LOG_session, 17), log_text(LOG_reason, "a \"b\"\n\x1b \xff é")), 0, &error);
	assert_non_null(object);
	assert_string_equal(json_string_value(json_object_get(object, "session")), "17");
	assert_string_equal(json_string_value(json_object_get(object, "level")), "notice");
	assert_string_equal(json_string_value(json_object_get(object, "event")), "session.opened");
	assert_non_null(json_object_get(object, "reason"));
	json_decref(object);
}

static void a_line_that_is_too_long_is_cut_at_a_field_and_still_whole(void **state)
{
	char longer[1000];
	json_error_t error;
	(void)state;
	memset(longer, '\n', sizeof longer - 1);
	longer[sizeof longer - 1] = 0;
	json_t *object =
		json_loads(json_line(log_text(LOG_member, "CH"), log_text(LOG_reason, longer), log_number(LOG_count, 1)), 0,
	               &error);
	assert_non_null(object);
	assert_string_equal(json_string_value(json_object_get(object, "member")), "CH");
	assert_null(json_object_get(object, "reason"));
	json_decref(object);
}

static void the_journal_gets_the_level_as_a_number(void **state)
{
	(void)state;
	assert_memory_equal(line_of(LOG_TEXT, true, NULL, 0), "<5>2026", 7);
}

static void a_quoted_text_always_ends_with_its_quote(void **state)
{
	char out[32];
	(void)state;
	log_quote("short", out, sizeof out);
	assert_string_equal(out, "\"short\"");
	log_quote("much longer than the room that there is for it, by far", out, sizeof out);
	assert_int_equal(out[0], '"');
	assert_int_equal(out[strlen(out) - 1], '"');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_for_people_has_time_level_event_and_fields),
		cmocka_unit_test(a_text_with_blanks_or_controls_is_quoted_and_escaped),
		cmocka_unit_test(what_would_turn_the_line_around_or_is_no_utf_8_is_escaped),
		cmocka_unit_test(a_line_for_machines_is_one_json_object),
		cmocka_unit_test(a_line_that_is_too_long_is_cut_at_a_field_and_still_whole),
		cmocka_unit_test(the_journal_gets_the_level_as_a_number),
		cmocka_unit_test(a_quoted_text_always_ends_with_its_quote),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
