// SPDX-License-Identifier: Apache-2.0
// links: passerelle_case passerelle_base
#include "test.h"

#include "case/codes.h"

static const char *const languages[] = {"en", "fr", "es", "de"};

// The lists of the casework page, 5.5, by which the form, the headers and the screens name them.
static const char *const names[] = {
	"care_arrangement", "closure_outcome", "consent_form",     "consent_purpose", "country",       "decline_reason",
	"document_type",    "hold_reason",     "legal_basis",      "member_kind",     "member_status", "name_kind",
	"null_reason",      "party_purpose",   "person_role",      "recommendation",  "relation_kind", "reopen_reason",
	"report_kind",      "requester_kind",  "separation_cause", "service_type",    "sex",           "special_needs",
	"step_profile",     "urgency",         "vulnerability",    "withdraw_reason", "yes_no",
};

static void all_lists_are_there(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		assert_non_null(code_list_find(names[i]));
	assert_null(code_list_find("no_such_list"));
}

static void each_list_is_found_by_its_name(void **state)
{
	(void)state;
	const struct code_list *list;
	unsigned count = 0;
	for (; (list = code_list_at(count)) != NULL; count++)
		assert_ptr_equal(code_list_find(code_list_name(list)), list);
	assert_true(count >= sizeof names / sizeof names[0]);
}

static void every_code_is_well_formed_and_has_a_label_in_four_languages(void **state)
{
	(void)state;
	const struct code_list *list;
	for (unsigned i = 0; (list = code_list_at(i)) != NULL; i++) {
		const char *code;
		for (unsigned j = 0; (code = code_at(list, j)) != NULL; j++) {
			assert_true(code_well_formed(code));
			assert_true(code_known(list, code));
			for (size_t k = 0; k < 4; k++)
				assert_true(strlen(code_label(list, code, languages[k])) > 0);
		}
		assert_true(code_known(list, "OTHER"));
		assert_true(code_known(list, "UNSPECIFIED"));
	}
}

// A list whose columns were copied instead of translated would show it here.
static void labels_are_translated(void **state)
{
	(void)state;
	const struct code_list *list;
	for (unsigned i = 0; (list = code_list_at(i)) != NULL; i++) {
		for (size_t k = 1; k < 4; k++) {
			unsigned same = 0, all = 0;
			for (const char *code; (code = code_at(list, all)) != NULL; all++)
				same += strcmp(code_label(list, code, "en"), code_label(list, code, languages[k])) == 0;
			assert_true(same * 2 < all);
		}
	}
}

static void a_label_comes_in_the_language_asked_or_in_english(void **state)
{
	(void)state;
	const struct code_list *urgency = code_list_find("urgency");
	assert_string_equal(code_label(urgency, "PRIORITY", "en"), "Priority");
	assert_string_equal(code_label(urgency, "PRIORITY", "fr"), "Prioritaire");
	assert_string_equal(code_label(urgency, "PRIORITY", "es"), "Prioritario");
	assert_string_equal(code_label(urgency, "PRIORITY", "de_CH.UTF-8"), "Vorrangig");
	assert_string_equal(code_label(urgency, "PRIORITY", "fr-SN"), "Prioritaire");
	assert_string_equal(code_label(urgency, "PRIORITY", "fro"), "Priority"); // Old French is another language
	assert_string_equal(code_label(urgency, "PRIORITY", "km"), "Priority");
	assert_string_equal(code_label(urgency, "PRIORITY", ""), "Priority");
}

static void a_code_of_a_newer_peer_is_kept_and_shown_as_it_is(void **state)
{
	(void)state;
	const struct code_list *service = code_list_find("service_type");
	const char *newer = "LUNAR_PLACEMENT";
	assert_false(code_known(service, newer));
	assert_true(code_well_formed(newer));
	assert_ptr_equal(code_label(service, newer, "fr"), newer);
}

static void only_the_shape_of_a_code_may_pass(void **state)
{
	(void)state;
	assert_true(code_well_formed("A"));
	assert_true(code_well_formed("HC1996_ART33"));
	assert_true(code_well_formed("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ABC"));
	assert_false(code_well_formed("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ABCD"));
	assert_false(code_well_formed(""));
	assert_false(code_well_formed("_A"));
	assert_false(code_well_formed("1996"));
	assert_false(code_well_formed("standard"));
	assert_false(code_well_formed("HOME STUDY"));
	assert_false(code_well_formed("HOME\x1b[31m"));
}

static void a_slip_finds_the_nearest_code(void **state)
{
	(void)state;
	const struct code_list *service = code_list_find("service_type"), *urgency = code_list_find("urgency");
	assert_string_equal(code_nearest(service, "HOMESTUDY"), "HOME_STUDY");
	assert_string_equal(code_nearest(service, "home-study"), "HOME_STUDY");
	assert_string_equal(code_nearest(service, "FAMILY_TRACNIG"), "FAMILY_TRACING");
	assert_string_equal(code_nearest(urgency, "standard"), "STANDARD");
	assert_string_equal(code_nearest(urgency, "EMERGNCY"), "EMERGENCY");
	assert_null(code_nearest(urgency, "AS SOON AS POSSIBLE"));
	assert_null(code_nearest(code_list_find("sex"), "Q"));
	assert_null(code_nearest(urgency, "ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFGHIJKLMNOPQRSTUVWXYZ"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_lists_are_there),
		cmocka_unit_test(each_list_is_found_by_its_name),
		cmocka_unit_test(every_code_is_well_formed_and_has_a_label_in_four_languages),
		cmocka_unit_test(labels_are_translated),
		cmocka_unit_test(a_label_comes_in_the_language_asked_or_in_english),
		cmocka_unit_test(a_code_of_a_newer_peer_is_kept_and_shown_as_it_is),
		cmocka_unit_test(only_the_shape_of_a_code_may_pass),
		cmocka_unit_test(a_slip_finds_the_nearest_code),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
