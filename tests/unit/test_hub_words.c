// SPDX-License-Identifier: Apache-2.0
// links: passerelle_client
#include "lib/hub_words.h"

#include "test.h"

#include <string.h>

static void what_a_hub_says_comes_back_as_it_was_where_no_language_is_asked_for(void **state)
{
	(void)state;
	static const char *const said[] = {
		"there is no such case", "header.to[3] is no active member", "the message id is 31 days old", "something that a newer hub says",
		"HOLD is not possible for the RESPONDING side in the state DECLINED", "", "%s%n", "header.to[", "the message id is  days old",
	};
	for (size_t i = 0; i < sizeof said / sizeof said[0]; i++)
		assert_string_equal(hub_words(said[i]).text, said[i]);
	assert_string_equal(hub_words(NULL).text, "");
}

static void what_does_not_fit_is_cut_and_stays_text(void **state)
{
	(void)state;
	char said[4 * HUB_WORDS_SIZE];
	memset(said, 'x', sizeof said - 1);
	said[sizeof said - 1] = '\0';
	struct hub_words words = hub_words(said);
	assert_int_equal(strlen(words.text), HUB_WORDS_SIZE - 1);
	memcpy(said + HUB_WORDS_SIZE - 2, "\xc3\xa9", 2); // one character across the end
	words = hub_words(said);
	assert_int_equal(strlen(words.text), HUB_WORDS_SIZE - 2);
	memcpy(said, "header.to[", 10); // a value that never ends
	words = hub_words(said);
	assert_int_equal(strncmp(words.text, said, HUB_WORDS_SIZE - 2), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_hub_says_comes_back_as_it_was_where_no_language_is_asked_for),
		cmocka_unit_test(what_does_not_fit_is_cut_and_stays_text),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
