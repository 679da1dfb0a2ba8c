// SPDX-License-Identifier: Apache-2.0
// links: hub_hub
#include "test.h"

#include "hub/config.h"

#include <unistd.h>

struct faults {
	size_t count;
	char text[4000];
};

static void note(void *context, const char *text)
{
	struct faults *faults = context;
	faults->count++;
	size_t length = strlen(faults->text);
	snprintf(faults->text + length, sizeof faults->text - length, "%s\n", text);
}

static enum fail_code load(struct config **config, struct faults *faults, const char *text)
{
	char name[] = "/tmp/passerelle-config-XXXXXX";
	int fd = mkstemp(name);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	*faults = (struct faults){0};
	*config = NULL;
	enum fail_code code = config_load(config, name, true, note, faults);
	unlink(name);
	return code;
}

static void an_empty_file_gives_the_presets(void **state)
{
	struct config *config;
	struct faults faults;
	(void)state;
	assert_ok(load(&config, &faults, "# nothing\n"));
	assert_int_equal(config->listen_port, 7443);
	assert_string_equal(config->listen_address, "0.0.0.0");
	assert_false(config->database_replicated);
	assert_int_equal(config->log_format, 0);
	assert_int_equal(config->limits_half_open, 1024);
	config_free(config);
}

static void the_example_is_read_without_a_fault_and_says_the_presets(void **state)
{
	struct config *config, *presets = config_new();
	struct faults faults = {0};
	const struct option *option;
	(void)state;
	assert_ok(config_load(&config, SOURCE_ROOT "/deploy/hub.conf.example", true, note, &faults));
	for (size_t i = 0; (option = option_at(i)) != NULL; i++) {
		char mine[2048], preset[2048];
		config_value(config, option, mine, sizeof mine);
		config_value(presets, option, preset, sizeof preset);
		assert_string_equal(mine, preset);
	}
	config_free(config);
	config_free(presets);
}

static void values_of_each_kind_are_taken(void **state)
{
	struct config *config;
	struct faults faults;
	(void)state;
	assert_ok(load(&config, &faults, "[listen]\nport = 0\naddress = ::1\n[database]\nreplicated = yes\n[log]\nformat = json\nlevel=error\n"));
	assert_int_equal(config->listen_port, 0);
	assert_string_equal(config->listen_address, "::1");
	assert_true(config->database_replicated);
	assert_int_equal(config->log_format, 1);
	assert_int_equal(config->log_level, 4);
	config_free(config);
}

static void all_faults_are_told_at_once_each_with_its_line(void **state)
{
	struct config *config;
	struct faults faults;
	(void)state;
	assert_int_equal(load(&config, &faults, "[listen]\nport = 70000\nprot = 1\n[log]\nformat = xml\n[database]\nreplicated = maybe\n"
	                                         "writer =\n[limits]\nper_user = 2\nper_user = 3\n"), FAIL_BAD_CONFIG);
	assert_int_equal(faults.count, 6);
	const char *const wanted[] = {":2: [listen] port: '70000' is not a number from 0 to 65535", ":3: [listen] prot is not an option",
	                              ":5: [log] format: 'xml' is not one of text|json", ":7: [database] replicated: 'maybe' is not yes or no",
	                              ":8: [database] writer is empty", ":11: [limits] per_user is set already in line 10"};
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
		assert_non_null(strstr(faults.text, wanted[i]));
}

static void numbers_are_nothing_but_digits(void **state)
{
	static const char *const wrong[] = {"-1", "+1", " ", "1x", "0x10", "99999999999999999999", "1.5"};
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		struct config *config;
		struct faults faults;
		char text[100];
		snprintf(text, sizeof text, "[limits]\nper_user = %s\n", wrong[i]);
		assert_int_equal(load(&config, &faults, text), FAIL_BAD_CONFIG);
	}
}

static void a_long_value_goes_on_in_an_indented_line(void **state)
{
	struct config *config;
	struct faults faults;
	(void)state;
	assert_ok(load(&config, &faults, "[database]\nwriter = host=/run/postgresql\n  dbname=passerelle\n  user=x\n"));
	assert_string_equal(config->database_writer, "host=/run/postgresql dbname=passerelle user=x");
	config_free(config);
}

static void a_line_that_is_too_long_is_told_and_not_cut(void **state)
{
	struct config *config;
	struct faults faults;
	char text[2000] = "[database]\nwriter = ";
	(void)state;
	memset(text + strlen(text), 'a', 1500);
	assert_int_equal(load(&config, &faults, text), FAIL_BAD_CONFIG);
	assert_non_null(strstr(faults.text, ":2: the line is too long"));
}

static void a_line_that_is_no_setting_is_told(void **state)
{
	struct config *config;
	struct faults faults;
	(void)state;
	assert_int_equal(load(&config, &faults, "[listen]\nport\n"), FAIL_BAD_CONFIG);
	assert_non_null(strstr(faults.text, ":2: "));
}

static void a_file_that_is_not_there_is_told(void **state)
{
	struct config *config;
	struct faults faults = {0};
	(void)state;
	assert_int_equal(config_load(&config, "/nowhere/hub.conf", true, note, &faults), FAIL_BAD_CONFIG);
	assert_non_null(strstr(faults.text, "cannot open"));
}

static void neither_dump_nor_faults_show_a_secret(void **state)
{
	struct config *config;
	struct faults faults;
	char *dumped = NULL;
	size_t size = 0;
	(void)state;
	assert_ok(load(&config, &faults, "[database]\nwriter = host=db password=geheim\n"));
	FILE *out = open_memstream(&dumped, &size);
	config_dump(config, out);
	fclose(out);
	assert_null(strstr(dumped, "geheim"));
	assert_non_null(strstr(dumped, "writer = (set)"));
	config_free(config);
	assert_ok(load(&config, &faults, dumped));
	config_free(config);
	free(dumped);
}

static void a_reload_takes_what_may_change_and_names_the_rest(void **state)
{
	struct config *config, *fresh;
	struct faults faults;
	(void)state;
	assert_ok(load(&config, &faults, "[listen]\nport = 1\n[limits]\nper_user = 2\n"));
	assert_ok(load(&fresh, &faults, "[listen]\nport = 2\n[limits]\nper_user = 9\n[tls]\ntrust = /other.pem\n"));
	assert_ok(config_take_over(config, fresh, note, &faults));
	config_free(fresh);
	assert_int_equal(config->listen_port, 1);
	assert_int_equal(config->limits_per_user, 9);
	assert_string_equal(config->tls_trust, "/other.pem");
	assert_int_equal(faults.count, 1);
	assert_string_equal(faults.text, "listen.port\n");
	config_free(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_file_gives_the_presets),
		cmocka_unit_test(the_example_is_read_without_a_fault_and_says_the_presets),
		cmocka_unit_test(values_of_each_kind_are_taken),
		cmocka_unit_test(all_faults_are_told_at_once_each_with_its_line),
		cmocka_unit_test(numbers_are_nothing_but_digits),
		cmocka_unit_test(a_long_value_goes_on_in_an_indented_line),
		cmocka_unit_test(a_line_that_is_too_long_is_told_and_not_cut),
		cmocka_unit_test(a_line_that_is_no_setting_is_told),
		cmocka_unit_test(a_file_that_is_not_there_is_told),
		cmocka_unit_test(neither_dump_nor_faults_show_a_secret),
		cmocka_unit_test(a_reload_takes_what_may_change_and_names_the_rest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
