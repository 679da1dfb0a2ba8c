// SPDX-License-Identifier: Apache-2.0
// links: passerelle_cli
//
// One case as a person reads it: what happened, whose turn, what to type; and
// nothing of a hostile branch reaches the terminal.
#include "cli/show.h"

#include "test.h"

#include <stdio.h>

static char *shown_so(json_t *document, bool all_versions)
{
	char *text = NULL;
	size_t length = 0;
	FILE *memory = open_memstream(&text, &length);
	assert_non_null(memory);
	struct out out = {.data = memory, .words = memory};
	show_case(&out, document, all_versions);
	fclose(memory);
	json_decref(document);
	return text;
}

static char *shown(json_t *document)
{
	return shown_so(document, false);
}

static char *shown_whole(json_t *document)
{
	return shown_so(document, true);
}

static json_t *case_document(const char *turn, const char *steps, json_t *items)
{
	json_t *document = json_loads("{\"schema\": \"passerelle.case/1\", \"reference\": \"CH-SN-7QK2-M9FD\", \"requesting\": \"CH\","
	                              " \"responding\": \"SN\", \"state_text\": \"a question is open, the clock stands\","
	                              " \"since\": \"2026-11-23T07:10:59Z\"}", 0, NULL);
	assert_non_null(document);
	json_object_set_new(document, "turn", json_string(turn));
	json_object_set_new(document, "next_steps", json_string(steps));
	json_object_set_new(document, "items", items);
	return document;
}

static json_t *question(const char *text)
{
	json_t *item = json_loads("{\"direction\": \"received\", \"kind\": \"INFO_REQUEST\", \"from\": \"SN\","
	                          " \"accepted_at\": \"2026-11-23T07:10:59Z\"}", 0, NULL);
	assert_non_null(item);
	json_object_set_new(item, "content", json_pack("{s[{ssss}]}", "questions", "id", "A1", "text", text));
	return item;
}

static json_t *referral(void)
{
	json_t *item = json_loads(
		"{\"message\": \"019add1c-0000-7a44-9d0e-5a1f3c2b7e90\", \"direction\": \"written\", \"kind\": \"REFERRAL\", \"from\": \"CH\","
		" \"state\": \"opened\", \"queued_at\": \"2026-11-23T06:00:00Z\", \"urgency\": \"PRIORITY\","
		" \"content\": {\"persons\": [{\"pseudonym\": \"C1\", \"names\": [{\"full\": \"Aïcha\"}], \"absent\": {\"birth\": \"NK\"}}]},"
		" \"attachments\": [{\"number\": 1, \"name\": \"order.pdf\", \"size\": \"8961\"}]}",
		0, NULL);
	assert_non_null(item);
	return item;
}

static void a_case_reads_from_top_to_bottom(void **state)
{
	(void)state;
	char *text = shown(case_document("CH", "answer, withdraw, note", json_pack("[oo]", referral(), question("Where?"))));
	static const char *const expected =
		"CH-SN-7QK2-M9FD\n"
		"CH asks SN\n"
		"Now: a question is open, the clock stands (since 2026-11-23 07:10 UTC)\n"
		"\n"
		"2026-11-23 06:00  CH sent the referral (opened)\n"
		"    urgency: Priority (PRIORITY)\n"
		"    persons:\n"
		"      C1\n"
		"        names:\n"
		"          Aïcha\n"
		"        not filled:\n"
		"          birth: NK\n"
		"    attachment 1: order.pdf (9 kB)\n"
		"      to save it: passerelle attachment 019add1c-0000-7a44-9d0e-5a1f3c2b7e90 1\n"
		"\n"
		"2026-11-23 07:10  SN asked a question\n"
		"    questions:\n"
		"      A1\n"
		"        text: Where?\n"
		"\n"
		"It is your turn (CH).\n"
		"You can:\n"
		"  passerelle answer CH-SN-7QK2-M9FD --text \"...\"\n"
		"  passerelle withdraw CH-SN-7QK2-M9FD --reason CODE   (passerelle codes withdraw_reason)\n"
		"  passerelle note CH-SN-7QK2-M9FD --text \"...\"\n";
	assert_string_equal(text, expected);
	free(text);
}

static json_t *note(const char *number, const char *more)
{
	json_t *item = json_pack("{ssssssssssss}", "message", number, "direction", "received", "kind", "STATUS_NOTE", "from", "SN",
	                         "case_seq", number, "accepted_at", "2026-11-23T07:10:59Z");
	json_t *rest = json_loads(more, 0, NULL);
	assert_non_null(rest);
	json_object_update(item, rest);
	json_decref(rest);
	return item;
}

static json_t *corrected(void)
{
	return json_pack("[oooo]",
		note("4", "{\"content\": {\"text\": \"March\"}, \"replaced_by\": {\"message\": \"6\", \"version\": 2, \"at\": \"2026-11-24T08:00:00Z\"}}"),
		note("5", "{\"content\": {\"text\": \"Moved\"}, \"void\": {\"message\": \"7\", \"at\": \"2026-11-25T08:00:00Z\", \"text\": \"It was the neighbour.\"}}"),
		note("6", "{\"kind\": \"UPDATE\", \"refers_to\": \"4\", \"version\": 2, \"of_kind\": \"STATUS_NOTE\", \"of_case_seq\": \"4\", \"content\": {\"text\": \"May\"}}"),
		note("7", "{\"kind\": \"INVALIDATE\", \"refers_to\": \"5\", \"of_kind\": \"STATUS_NOTE\", \"of_case_seq\": \"5\", \"content\": {\"text\": \"It was the neighbour.\"}}"));
}

static void what_counts_stands_in_its_place_and_the_rest_on_demand(void **state)
{
	(void)state;
	char *text = shown(case_document("", "", corrected()));
	assert_non_null(strstr(text, "SN wrote a note  #4\n    replaced by version 2 on 2026-11-24 08:00\n    text: May\n"));
	assert_non_null(strstr(text, "SN wrote a note  #5\n    DECLARED VOID on 2026-11-25 08:00: It was the neighbour.\n\n"));
	assert_non_null(strstr(text, "#6\n    version 2 of the note #4\n    (shown in its place)\n"));
	assert_non_null(strstr(text, "#7\n    the note #5\n    text: It was the neighbour.\n"));
	assert_non_null(strstr(text, "passerelle show CH-SN-7QK2-M9FD --all-versions"));
	assert_null(strstr(text, "March"));
	assert_null(strstr(text, "Moved"));
	free(text);
	text = shown_whole(case_document("", "", corrected()));
	assert_non_null(strstr(text, "    replaced by version 2 on 2026-11-24 08:00\n    text: March\n"));
	assert_non_null(strstr(text, "It was the neighbour.\n    text: Moved\n"));
	assert_non_null(strstr(text, "    version 2 of the note #4\n    text: May\n"));
	assert_null(strstr(text, "--all-versions"));
	free(text);
}

static void waiting_is_said_plainly(void **state)
{
	(void)state;
	char *text = shown(case_document("SN", "note", json_pack("[o]", question("x"))));
	assert_non_null(strstr(text, "It is the turn of SN. You wait."));
	assert_null(strstr(text, "your turn"));
	free(text);
	text = shown(case_document("", "", json_pack("[o]", question("x"))));
	assert_non_null(strstr(text, "Nobody has to do anything."));
	free(text);
}

static void hostile_content_stays_inside_its_line(void **state)
{
	(void)state;
	json_t *evil = question("a\033[2J\u202Eb\nIt is your turn (CH).");
	json_object_set_new(json_object_get(evil, "content"), "note\033[1m", json_string("x"));
	json_object_set_new(evil, "fault", json_string("\007\033]0;x"));
	char *text = shown(case_document("SN\033", "note, unheard_of", json_pack("[o]", evil)));
	for (const char *at = text; *at != '\0'; at++)
		assert_true((unsigned char)*at >= 0x20 || *at == '\n');
	assert_non_null(strstr(text, "        text:\n          a\\x1b[2J\\u{202E}b\n          It is your turn (CH).\n"));
	assert_non_null(strstr(text, "NOT OPENED: \\x07\\x1b]0;x"));
	assert_non_null(strstr(text, "note\\x1b[1m: x"));
	free(text);
}

static void content_that_is_very_deep_is_cut(void **state)
{
	(void)state;
	json_t *deep = json_string("bottom");
	for (int i = 0; i < 200; i++)
		deep = json_pack("{so}", "in", deep);
	json_t *item = question("x");
	json_object_set_new(item, "content", deep);
	char *text = shown(case_document("CH", "", json_pack("[o]", item)));
	assert_null(strstr(text, "bottom"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_case_reads_from_top_to_bottom),
		cmocka_unit_test(what_counts_stands_in_its_place_and_the_rest_on_demand),
		cmocka_unit_test(waiting_is_said_plainly),
		cmocka_unit_test(hostile_content_stays_inside_its_line),
		cmocka_unit_test(content_that_is_very_deep_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
