// SPDX-License-Identifier: Apache-2.0
#include "cli/form_flags.h"

#include "cli/language.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

static bool nothing_said(const json_t *value)
{
	return value == NULL || json_is_null(value) || json_is_false(value) ||
	       (json_is_string(value) && json_string_length(value) == 0) ||
	       (json_is_array(value) && json_array_size(value) == 0);
}

static int set_key(struct cli *cli, json_t *form, const char *key, json_t *value)
{
	json_t *there = json_object_get(form, key);
	int failed = 0;
	if (!nothing_said(there) && !json_equal(there, value))
		failed = out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "say it once",
		                  "the form says something else for \"%s\" than the command line", key);
	else
		json_object_set(form, key, value);
	json_decref(value);
	return failed;
}

static json_t *questions_json(const struct cli *cli)
{
	json_t *list = json_array();
	for (size_t i = 0; i < cli->question_count; i++) {
		char mark[24];
		snprintf(mark, sizeof(mark), "Q%zu", i + 1);
		json_array_append_new(list, json_pack("{ssss}", "id", mark, "text", cli->question[i]));
	}
	return list;
}

// The open questions of the newest message of kind INFO_REQUEST that came.
static json_t *open_questions(struct cli *cli, struct psr_profile *profile)
{
	struct psr_error error;
	char *text = NULL;
	if (psr_show(profile, cli->operand[0], &text, &error) != 0)
		return NULL;
	json_t *shown = json_loads(text, 0, NULL), *found = NULL, *entry;
	size_t i;
	psr_free(text);
	json_array_foreach(json_object_get(shown, "items"), i, entry) {
		if (strcmp(key_text(entry, "kind"), "INFO_REQUEST") == 0)
			found = json_object_get(json_object_get(entry, "content"), "questions");
	}
	json_incref(found);
	json_decref(shown);
	return found;
}

static int one_answer(struct cli *cli, struct psr_profile *profile, json_t *form)
{
	const char *mark = cli->value[FLAG_TO_QUESTION];
	json_t *open = mark == NULL ? open_questions(cli, profile) : NULL;
	if (mark == NULL && json_array_size(open) == 1)
		mark = key_text(json_array_get(open, 0), "id");
	int failed = 0;
	if (mark != NULL)
		failed = set_key(cli, form, "answers", json_pack("[{ssss}]", "question", mark, "text", cli->value[FLAG_TEXT]));
	else
		failed = out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "give --question MARK; passerelle show lists the questions",
		                  "%zu questions are open: which one does --text answer?", json_array_size(open));
	json_decref(open);
	return failed;
}

// Key of the form that --text means.
static const char *text_key(enum verb_id verb)
{
	return verb == VERB_ACK || verb == VERB_START || verb == VERB_STEP ? "note" : "text";
}

static json_t *number_or_text(const char *text)
{
	char *end;
	long number = strtol(text, &end, 10);
	return *text != '\0' && *end == '\0' ? json_integer(number)
	                                     : json_string(text); // the form's check names what is no number
}

// Yesterday was its last day.
static json_t *yesterday(void)
{
	char day[11];
	time_t then = time(NULL) - 24 * 3600;
	struct tm parts;
	gmtime_r(&then, &parts);
	strftime(day, sizeof(day), "%Y-%m-%d", &parts);
	return json_string(day);
}

static int apply_partner(struct cli *cli, json_t *form)
{
	json_t *partner = json_object();
	json_object_set_new(partner, "agency", json_string(cli->value[FLAG_AGENCY]));
	if (flag_given(cli, FLAG_FOR))
		json_object_set_new(partner, "purpose", json_string(cli->value[FLAG_FOR]));
	if (flag_given(cli, FLAG_END))
		json_object_set_new(partner, "until", yesterday());
	else if (flag_given(cli, FLAG_UNTIL))
		json_object_set_new(partner, "until", json_string(cli->value[FLAG_UNTIL]));
	return set_key(cli, form, "partners", json_pack("[o]", partner));
}

static int apply_consent(struct cli *cli, json_t *form)
{
	static const struct {
		enum flag_id flag;
		const char *key;
	} parts[] = {{FLAG_PERSON, "person"}, {FLAG_PURPOSE, "purpose"}, {FLAG_HOW, "form"}, {FLAG_ON, "date"}};
	bool given = cli->verb->id == VERB_CONSENT;
	json_t *consent = json_object(), *absent = json_object();
	json_object_set_new(consent, "given", json_string(given ? "YES" : "NO"));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (flag_given(cli, parts[i].flag))
			json_object_set_new(consent, parts[i].key, json_string(cli->value[parts[i].flag]));
	}
	if (!given && !flag_given(cli, FLAG_HOW))
		json_object_set_new(absent, "form", json_string("NR")); // a withdrawal needs no form
	if (json_object_size(absent) > 0)
		json_object_set(consent, "absent", absent);
	json_decref(absent);
	return set_key(cli, form, "consent", consent);
}

static int apply_person(struct cli *cli, json_t *form)
{
	const char *person = cli->value[FLAG_PERSON];
	bool list = cli->verb->id == VERB_STEP || cli->verb->id == VERB_ITEM;
	return set_key(cli, form, list ? "persons" : "person", list ? json_pack("[s]", person) : json_string(person));
}

// The flags that say more than one key.
static int apply_parts(struct cli *cli, json_t *form)
{
	bool consent = cli->verb->id == VERB_CONSENT || cli->verb->id == VERB_WITHDRAW_CONSENT;
	if (consent && (flag_given(cli, FLAG_PERSON) || flag_given(cli, FLAG_PURPOSE)))
		return apply_consent(cli, form);
	if (cli->verb->id == VERB_TRANSFER && flag_given(cli, FLAG_TO))
		return set_key(cli, form, "to", json_string(cli->value[FLAG_TO]));
	if (flag_given(cli, FLAG_AGENCY))
		return apply_partner(cli, form);
	bool on = cli->verb->id == VERB_STEP || cli->verb->id == VERB_ITEM || cli->verb->id == VERB_FOLLOW_UP;
	int failed = flag_given(cli, FLAG_PERSON) ? apply_person(cli, form) : 0;
	if (failed == 0 && on && flag_given(cli, FLAG_ON))
		failed = set_key(cli, form, "on", json_string(cli->value[FLAG_ON]));
	return failed;
}

// Where the reason travels sealed, the key of the form that --reason means; NULL: in the header.
static const char *sealed_reason(enum verb_id verb)
{
	return verb == VERB_REFUTE_MATCH ? "why" : verb == VERB_EXPLAIN ? "cause" : NULL;
}

// The flags that are each one key of the form.
static int apply_plain(struct cli *cli, json_t *form)
{
	static const struct {
		enum flag_id flag;
		const char *key;
		bool number;
	} plain[] = {
		{FLAG_DUE, "due", false},           {FLAG_REASON, "reason", false},   {FLAG_OUTCOME, "outcome", false},
		{FLAG_PATH, "profile", false},      {FLAG_STEP, "step", true},        {FLAG_ITEM, "item", true},
		        {FLAG_STATUS, "status", false},
		{FLAG_COUNTRY, "country", false},   {FLAG_STANDARD, "standard_met", false}, {FLAG_BASIS, "legal_basis", false},
		{FLAG_DONE_BY, "expected", false}, {FLAG_OF_MESSAGE, "message", true}, {FLAG_OF_FILE, "file", false},
		{FLAG_FROM_LANGUAGE, "from", false}, {FLAG_INTO, "into", false}, {FLAG_TRANSLATION_STATUS, "status", false},
		{FLAG_TRANSLATED_HOW, "how", false}, {FLAG_TRANSLATED_BY, "by", false},
		{FLAG_SOUGHT, "sought", false},     {FLAG_ANSWER, "code", false},
		{FLAG_MONTHS, "months", true},      {FLAG_WELLBEING, "wellbeing", false}, {FLAG_IN_FAMILY, "still_in_family", false},
	};
	const char *reason = sealed_reason(cli->verb->id);
	int failed = 0;
	for (size_t i = 0; failed == 0 && i < sizeof(plain) / sizeof(plain[0]); i++) {
		const char *text = cli->value[plain[i].flag];
		if (flag_given(cli, plain[i].flag))
			failed = set_key(cli, form, reason != NULL && plain[i].flag == FLAG_REASON ? reason : plain[i].key,
			                 plain[i].number ? number_or_text(text) : json_string(text));
	}
	return failed;
}

// A report's stage, questions, and the text, whose key depends on the verb.
static int apply_words(struct cli *cli, struct psr_profile *profile, json_t *form)
{
	int failed = 0;
	if (flag_given(cli, FLAG_INTERIM) || flag_given(cli, FLAG_FINAL))
		failed = set_key(cli, form, "stage", json_string(flag_given(cli, FLAG_FINAL) ? "FINAL" : "INTERIM"));
	if (failed == 0 && flag_given(cli, FLAG_BLOCKING))
		failed = set_key(cli, form, "blocking", json_true());
	if (failed == 0 && cli->question_count > 0)
		failed = set_key(cli, form, "questions", questions_json(cli));
	if (failed == 0 && flag_given(cli, FLAG_TEXT))
		failed = cli->verb->id == VERB_ANSWER
		           ? one_answer(cli, profile, form)
		           : set_key(cli, form, text_key(cli->verb->id), json_string(cli->value[FLAG_TEXT]));
	return failed;
}

// Words from the command line are tagged; a form says its languages itself.
static int apply_language(struct cli *cli, json_t *form)
{
	bool words = flag_given(cli, FLAG_TEXT) || cli->question_count > 0;
	struct language_name reader = language_reader();
	const char *tag = flag_given(cli, FLAG_WRITTEN_IN) ? cli->value[FLAG_WRITTEN_IN] : reader.text;
	if (!words || tag[0] == '\0' || (json_object_get(form, "languages") != NULL && !flag_given(cli, FLAG_WRITTEN_IN)))
		return 0;
	return set_key(cli, form, "languages", json_pack("[s]", tag));
}

int form_flags_apply(struct cli *cli, struct psr_profile *profile, json_t *form)
{
	int failed = apply_plain(cli, form);
	if (failed == 0)
		failed = apply_parts(cli, form);
	if (failed == 0)
		failed = apply_words(cli, profile, form);
	return failed == 0 ? apply_language(cli, form) : failed;
}

bool form_flags_any(const struct cli *cli)
{
	static const enum flag_id flags[] = {
		FLAG_DUE,    FLAG_REASON,  FLAG_OUTCOME,   FLAG_INTERIM, FLAG_FINAL, FLAG_BLOCKING, FLAG_QUESTION,
		FLAG_TEXT,   FLAG_PATH,    FLAG_STEP,      FLAG_STATUS,  FLAG_ON,    FLAG_COUNTRY,  FLAG_STANDARD,
		FLAG_BASIS,  FLAG_MONTHS,  FLAG_WELLBEING, FLAG_IN_FAMILY, FLAG_PERSON, FLAG_PURPOSE, FLAG_AGENCY, FLAG_TO,
		FLAG_ITEM,   FLAG_SOUGHT,  FLAG_ANSWER,    FLAG_DONE_BY, FLAG_OF_MESSAGE, FLAG_OF_FILE, FLAG_FROM_LANGUAGE,
		FLAG_INTO,   FLAG_TRANSLATION_STATUS, FLAG_TRANSLATED_HOW, FLAG_TRANSLATED_BY,
	};
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (flag_given(cli, flags[i]))
			return true;
	}
	return false;
}
