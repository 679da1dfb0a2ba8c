// SPDX-License-Identifier: Apache-2.0
//
// One case for people: what happened, whose turn it is, what to type next.
#include "cli/show.h"

#include "cli/forms.h"
#include "cli/language.h"
#include "cli/memory.h"
#include "cli/run.h"
#include "cli/words.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static void show_value(struct out *out, const char *key, json_t *value, unsigned depth);

static char *indent_of(unsigned depth)
{
	return memory_format("%*s", (int)(depth * 2 + 4), "");
}

static void show_text(struct out *out, const char *key, const char *text, unsigned depth)
{
	char *indent = indent_of(depth);
	if (strchr(text, '\n') == NULL) {
		out_line(out, "%s%s: %s", indent, key, text);
	} else {
		char *deeper = indent_of(depth + 1);
		out_line(out, "%s%s:", indent, key);
		out_block(out, deeper, text);
		free(deeper);
	}
	free(indent);
}

static bool all_texts(json_t *list)
{
	size_t i;
	json_t *entry;
	json_array_foreach(list, i, entry) {
		if (!json_is_string(entry))
			return false;
	}
	return true;
}

char *show_coded(const char *key, const char *text)
{
	const char *label = psr_label(key, text, language_tag());
	return label != NULL ? memory_format("%s (%s)", label, text) : memory_copy(text);
}

char *show_joined(const char *key, json_t *value)
{
	if (!json_is_array(value) || !all_texts(value))
		return NULL;
	char *joined = memory_copy(""), *longer;
	size_t i;
	json_t *entry;
	json_array_foreach(value, i, entry) {
		char *one = show_coded(key, json_string_value(entry));
		longer = memory_format("%s%s%s", joined, i > 0 ? ", " : "", one);
		free(one);
		free(joined);
		joined = longer;
	}
	return joined;
}

static void show_object(struct out *out, json_t *object, unsigned depth)
{
	const char *key;
	json_t *value;
	json_object_foreach(object, key, value)
		show_value(out, key, value, depth);
}

const char *show_title(const json_t *entry)
{
	static const char *const keys[] = {"pseudonym", "full", "heading", "id", "question", "service", "kind", "purpose", "name", "date"};
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (key_text(entry, keys[i])[0] != '\0')
			return key_text(entry, keys[i]);
	}
	return "-";
}

static void show_list(struct out *out, const char *key, json_t *list, unsigned depth)
{
	char *indent = indent_of(depth), *deeper = indent_of(depth + 1);
	size_t i;
	json_t *entry;
	out_line(out, "%s%s:", indent, key);
	json_array_foreach(list, i, entry) {
		if (!json_is_object(entry))
			continue;
		const char *title = show_title(entry), *name;
		json_t *value;
		out_line(out, "%s%s", deeper, title);
		json_object_foreach(entry, name, value) {
			if (!json_is_string(value) || json_string_value(value) != title)
				show_value(out, name, value, depth + 2);
		}
	}
	free(deeper);
	free(indent);
}

// Of a name `given` is a list, the given names; of a consent it says whether it was given.
char *show_key(const char *key, const json_t *value)
{
	if (strcmp(key, "given") == 0 && json_is_string(value))
		return memory_copy(_("consent given"));
	char *words = memory_copy(strcmp(key, "absent") == 0 ? "not_filled" : key);
	for (char *at = words; *at != '\0'; at++)
		*at = *at == '_' ? ' ' : *at;
	char *translated = memory_copy(_(words));
	free(words);
	return translated;
}

static void show_named(struct out *out, const char *name, json_t *value, unsigned depth)
{
	if (json_is_array(value)) {
		show_list(out, name, value, depth);
	} else if (json_is_object(value)) {
		char *indent = indent_of(depth);
		out_line(out, "%s%s:", indent, name);
		show_object(out, value, depth + 1);
		free(indent);
	} else if (json_is_integer(value)) {
		char number[24];
		snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		show_text(out, name, number, depth);
	} else if (json_is_true(value)) {
		show_text(out, name, _("yes"), depth);
	}
}

// Depth is bounded by the schema; the cap is for content of a newer one.
static void show_value(struct out *out, const char *key, json_t *value, unsigned depth)
{
	enum { DEEPEST = 12 };
	if (depth > DEEPEST)
		return;
	char *name = show_key(key, value);
	char *text = json_is_string(value) ? show_coded(key, json_string_value(value)) : show_joined(key, value);
	if (text != NULL)
		show_text(out, name, text, depth);
	else
		show_named(out, name, value, depth);
	free(text);
	free(name);
}

static void show_routed(struct out *out, const char *const key[2], const json_t *item)
{
	char *text = show_coded(key[0], key_text(item, key[0]));
	show_text(out, _(key[1]), text, 0);
	free(text);
}

static void show_routing(struct out *out, const json_t *item)
{
	static const char *const keys[][2] = {{"service", "service"},   {"urgency", "urgency"}, {"legal_basis", "legal basis"},
	                                      {"requester_kind", "asked by"}, {"reason", "reason"},   {"due", "date"},
	                                      {"member", "branch"},     {"availability", "availability"},
	                                      {"deputy", "deputy"}};
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (key_text(item, keys[i][0])[0] != '\0')
			show_routed(out, keys[i], item);
	}
	if (json_is_true(json_object_get(item, "blocking")))
		show_text(out, _("waits"), _("the clock stands still until the answer comes"), 0);
	if (json_object_get(item, "asked") != NULL)
		out_line(out, "    %s, %" JSON_INTEGER_FORMAT " times in all",
		         key_text(json_array_get(json_object_get(item, "partners"), 0), "agency"),
		         json_integer_value(json_object_get(item, "asked")));
	else if (json_object_get(item, "partners") != NULL)
		show_value(out, "partners", json_object_get(item, "partners"), 0);
}

static void show_attachments(struct out *out, const json_t *item)
{
	size_t i;
	json_t *one;
	json_array_foreach(json_object_get(item, "attachments"), i, one) {
		double bytes = strtod(key_text(one, "size"), NULL);
		const char *unit = bytes >= 1e6 ? "MB" : "kB";
		json_int_t number = json_integer_value(json_object_get(one, "number"));
		out_line(out, "    attachment %" JSON_INTEGER_FORMAT ": %s (%.*f %s)", number, key_text(one, "name"),
		         bytes >= 1e6 ? 1 : 0, bytes / (bytes >= 1e6 ? 1e6 : 1e3), unit);
		out_line(out, "      to save it: passerelle attachment %s %" JSON_INTEGER_FORMAT, key_text(item, "message"),
		         number);
	}
}

// What counts is the original: a translation is told beside it.
static void show_translations(struct out *out, const json_t *item)
{
	size_t i;
	json_t *one;
	json_array_foreach(json_object_get(item, "translations"), i, one) {
		const char *file = key_text(one, "file"), *by = key_text(one, "by"), *how = key_text(one, "how");
		const char *day = key_text(one, "expected"), *number = key_text(one, "case_seq");
		out_line(out, "    translation of %s into %s: %s%s%s%s%s%s%s%s%s", file[0] != '\0' ? file : _("what is written"),
		         key_text(one, "into"), words_code("translation_status", key_text(one, "status")), how[0] != '\0' ? ", " : "",
		         how[0] != '\0' ? words_code("translation_kind", how) : "", by[0] != '\0' ? ", " : "", by,
		         day[0] != '\0' ? _(", to be there by ") : "", day, number[0] != '\0' ? "  #" : "", number);
	}
}

void show_completeness(struct out *out, const json_t *item)
{
	const json_t *counted = json_object_get(item, "completeness");
	json_int_t asked = json_integer_value(json_object_get(counted, "asked"));
	json_int_t filled = json_integer_value(json_object_get(counted, "filled"));
	if (counted != NULL)
		out_line(out, "    filled: %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT " fields asked for%s", filled,
		         asked, filled < asked ? _("; the others say why not") : "");
}

static const char *time_of(const json_t *item)
{
	const char *accepted = key_text(item, "accepted_at");
	return accepted[0] != '\0' ? accepted : key_text(item, "queued_at");
}

char *show_languages(const json_t *item)
{
	char *list = show_joined("languages", json_object_get(item, "languages"));
	char *tag = list != NULL ? memory_format("  [%s]", list) : memory_copy("");
	free(list);
	return tag;
}

// The number by which update, invalidate and recall know a message; what has none yet has its id.
static void show_head(struct out *out, const json_t *item)
{
	bool written = strcmp(key_text(item, "direction"), "written") == 0;
	const char *state = written ? words_outbox_state(key_text(item, "state")) : "", *number = key_text(item, "case_seq");
	bool numbered = number[0] != '\0' && strcmp(number, "0") != 0;
	out_line(out, "%s", "");
	char *languages = show_languages(item);
	out_styled(out, STYLE_STRONG, "%s  %s %s%s%s%s%s%s%s", words_moment(time_of(item)).text, key_text(item, "from"),
	           words_happened(item), written ? " (" : "", state, written ? ")" : "", numbered ? "  #" : "",
	           numbered ? number : "", languages);
	free(languages);
	if (strcmp(key_text(item, "state"), "queued") == 0)
		out_line(out, "    id: %s", key_text(item, "message"));
	if (key_text(item, "fault")[0] != '\0') {
		out_styled(out, STYLE_BAD, "    NOT OPENED: %s", key_text(item, "fault"));
		out_line(out, "    %s", key_text(item, "advice"));
	}
	if (key_text(item, "returned")[0] != '\0')
		out_styled(out, STYLE_BAD, "    It did not reach the other branch: %s. See passerelle outbox.",
		           key_text(item, "returned"));
}

static void show_body(struct out *out, json_t *item)
{
	show_routing(out, item);
	if (json_object_get(item, "receivers") != NULL)
		show_value(out, "to", json_object_get(item, "receivers"), 0);
	if (json_is_true(json_object_get(item, "given_up")))
		out_line(out, "    (its content went on with the case)");
	const json_t *hidden = json_object_get(item, "hidden");
	if (hidden != NULL)
		out_line(out, "    (not opened: the child took it back on %.10s, told by %s. %s)", key_text(hidden, "at"), key_text(hidden, "from"),
		         key_text(hidden, "text"));
	if (json_is_true(json_object_get(item, "withheld")))
		out_line(out, "    (not opened: a consent was withdrawn, and that is not answered yet)");
	forms_show_filled(out, item);
	show_completeness(out, item); // before the content: nobody reads far to learn that half of it is still to come
	json_t *content = json_object_get(item, "content");
	json_object_del(content, "attachments"); // shown below with their numbers
	show_object(out, content, 0);
	show_attachments(out, item);
	show_translations(out, item);
}

// Of what a message speaks: "the report #5".
static void show_spoken_of(struct out *out, const json_t *item)
{
	json_int_t version = json_integer_value(json_object_get(item, "version"));
	const char *kind = key_text(item, "of_kind");
	if (key_text(item, "refers_to")[0] == '\0')
		return;
	char *what = kind[0] == '\0' ? memory_format(_("a message that is not here"))
	                             : memory_format(_("the %s #%s"), words_kind(kind), key_text(item, "of_case_seq"));
	if (version > 0)
		out_line(out, "    version %" JSON_INTEGER_FORMAT " of %s", version, what);
	else
		out_line(out, "    %s", what);
	free(what);
}

static void show_marks(struct out *out, const json_t *item)
{
	const json_t *newer = json_object_get(item, "replaced_by"), *invalid = json_object_get(item, "void");
	const json_t *recalled = json_object_get(item, "recalled");
	if (recalled != NULL)
		out_styled(out, STYLE_BAD, "    RECALLED by its author before it was read, on %s",
		           words_moment(key_text(recalled, "at")).text);
	else if (json_is_true(json_object_get(item, "empty")))
		out_styled(out, STYLE_BAD, "    EMPTY: the hub says that its author recalled it; the author's word for that is not here yet");
	if (invalid != NULL)
		out_styled(out, STYLE_BAD, "    DECLARED VOID on %s: %s", words_moment(key_text(invalid, "at")).text,
		           key_text(invalid, "text"));
	else if (newer != NULL)
		out_styled(out, STYLE_STRONG, "    replaced by version %" JSON_INTEGER_FORMAT " on %s",
		           json_integer_value(json_object_get(newer, "version")), words_moment(key_text(newer, "at")).text);
}

static json_t *message_of(json_t *items, const char *message, const char *from)
{
	size_t i;
	json_t *item;
	json_array_foreach(items, i, item) {
		if (strcmp(key_text(item, "message"), message) == 0 && strcmp(key_text(item, "from"), from) == 0)
			return item;
	}
	return NULL;
}

static void show_everything(struct out *out, json_t *item)
{
	show_head(out, item);
	show_spoken_of(out, item);
	show_marks(out, item);
	show_body(out, item);
}

// What counts now: the newest version in the place of the first one, nothing of what was declared void.
static void show_message(struct out *out, json_t *items, json_t *item)
{
	const json_t *newer = json_object_get(item, "replaced_by");
	bool invalid = json_object_get(item, "void") != NULL || json_object_get(item, "recalled") != NULL;
	bool elsewhere = strcmp(key_text(item, "kind"), "UPDATE") == 0 && key_text(item, "of_kind")[0] != '\0';
	json_t *current = newer == NULL ? item : message_of(items, key_text(newer, "message"), key_text(item, "from"));
	show_head(out, item);
	show_spoken_of(out, item);
	show_marks(out, item);
	if (elsewhere && !invalid)
		out_line(out, "    (shown in its place)");
	else if (!invalid && current != NULL)
		show_body(out, current);
}

// What a person types for a step, with what it needs.
static const char *command_of(const char *step, size_t length)
{
	static const char *const commands[][2] = {
		{"ack", "ack %s"},
		{"ask", "ask %s --question \"...\""},
		{"answer", "answer %s --text \"...\""},
		{"accept", "accept %s --due YYYY-MM-DD"},
		{"decline", "decline %s --reason CODE   (passerelle codes decline_reason)"},
		{"report", "report %s FORM.json --final   (passerelle report %s --template > FORM.json)"},
		{"propose-date", "propose-date %s --due YYYY-MM-DD"},
		{"agree-date", "agree-date %s"},
		{"ready", "ready %s --reason CODE   (passerelle codes hold_reason)"},
		{"finish", "finish %s"},
		{"item", "item %s --item N --status CODE   (passerelle codes item_status)"},
		{"start", "start %s"},
		{"document", "document %s --attach FILE"},
		{"hold", "hold %s --reason CODE   (passerelle codes hold_reason)"},
		{"resume", "resume %s"},
		{"step", "step %s --path ISS8 --step N --status DONE --person MARK --country CODE"},
		{"consent", "consent %s --person MARK --purpose CODE --how CODE --on DATE"},
		{"withdraw-consent", "withdraw-consent %s --person MARK --purpose CODE --on DATE"},
		{"answer-consent", "answer-consent %s --reason CODE   (passerelle codes consent_answer)"},
		{"follow-up", "follow-up %s --months N --person MARK --wellbeing CODE --in-family YES|NO"},
		{"partner", "partner %s --agency CODE --for CODE --basis CODE"},
		{"assess", "assess %s FORM.json   (passerelle assess --template > FORM.json)"},
		{"project", "project %s FORM.json   (passerelle project --template > FORM.json)"},
		{"review", "review %s FORM.json   (passerelle review --template > FORM.json)"},
		{"lifebook", "lifebook %s FORM.json   (passerelle lifebook --template > FORM.json)"},
		{"note", "note %s --text \"...\""},
		{"forward", "forward %s --to CODE --reason CODE   (passerelle codes decline_reason)"},
		{"transfer", "transfer %s CONSENTS.json --to CODE   (passerelle transfer --template > CONSENTS.json)"},
		{"update", "update %s MESSAGE FORM.json   (MESSAGE: its number above, after #)"},
		{"invalidate", "invalidate %s MESSAGE --text \"...\""},
		{"recall", "recall %s MESSAGE   (before the other branch has it)"},
		{"explain", "explain %s --reason CODE --due YYYY-MM-DD   (passerelle codes delay_cause)"},
		{"translation", "translation %s --message N --from LANGUAGE --into LANGUAGE --status CODE   (passerelle codes translation_status)"},
		{"withdraw", "withdraw %s --reason CODE   (passerelle codes withdraw_reason)"},
		{"close", "close %s --outcome CODE   (passerelle codes closure_outcome)"},
		{"reopen", "reopen %s --reason CODE   (passerelle codes reopen_reason)"},
	};
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strlen(commands[i][0]) == length && strncmp(commands[i][0], step, length) == 0)
			return commands[i][1];
	}
	return NULL;
}

static void put_command(struct out *out, const char *command, const char *reference)
{
	const char *at = strstr(command, "%s"), *again = strstr(at + 2, "%s");
	int between = again != NULL ? (int)(again - at - 2) : (int)strlen(at + 2);
	out_line(out, "  passerelle %.*s%s%.*s%s%s", (int)(at - command), command, reference, between, at + 2,
	         again != NULL ? reference : "", again != NULL ? again + 2 : "");
}

static void show_steps(struct out *out, const json_t *document)
{
	const char *steps = key_text(document, "next_steps");
	while (*steps != '\0') {
		size_t length = strcspn(steps, ", ");
		const char *command = command_of(steps, length);
		if (command != NULL)
			put_command(out, command, key_text(document, "reference"));
		steps += length;
		steps += strspn(steps, ", ");
	}
}

// Our own code: what we wrote tells, else who wrote to us.
static const char *own_code(const json_t *document, const json_t *items)
{
	const json_t *first = json_array_get(items, 0);
	const char *from = key_text(first, "from");
	if (strcmp(key_text(first, "direction"), "written") == 0)
		return from;
	return strcmp(from, key_text(document, "requesting")) == 0 ? key_text(document, "responding") : key_text(document, "requesting");
}

// The day of the report: what holds, and what somebody would have instead.
static void show_dates(struct out *out, const json_t *dates)
{
	const char *holds = key_text(dates, "holds"), *open = key_text(dates, "on_table");
	if (open[0] != '\0' && strcmp(open, holds) == 0)
		out_line(out, "Day of the report: %s, proposed by %s", open, key_text(dates, "by"));
	else if (json_is_true(json_object_get(dates, "countered")))
		out_line(out, "Day of the report: %s; %s counters: %s", holds, key_text(dates, "by"), open);
	else if (open[0] != '\0')
		out_line(out, "Day of the report: %s; %s proposes: %s", holds, key_text(dates, "by"), open);
	else if (holds[0] != '\0')
		out_line(out, "Day of the report: %s, agreed", holds);
}

static void show_clock(struct out *out, const json_t *document)
{
	const json_t *clock = json_object_get(document, "clock"), *outage = json_object_get(clock, "out");
	const char *from = key_text(clock, "from"), *reason = key_text(clock, "pause_reason");
	if (clock == NULL)
		return;
	out_line(out, "Awaited: %s%s%s", key_text(clock, "awaits_text"), from[0] != '\0' ? _(" from ") : "", from);
	if (key_text(clock, "due")[0] != '\0')
		out_styled(out, strcmp(key_text(clock, "standing"), "OVERDUE") == 0 ? STYLE_BAD : STYLE_PLAIN, "By: %s (%s)",
		           key_text(clock, "due"), words_standing(key_text(clock, "standing")));
	if (key_text(clock, "paused_by")[0] != '\0')
		out_line(out, "The clock stands since %s UTC (%s%s%s)", words_moment(key_text(clock, "paused_since")).text,
		         key_text(clock, "paused_by"), reason[0] != '\0' ? ": " : "", reason);
	if (outage != NULL) {
		char *words = words_outage(outage), *other = words_turn_to(document, outage);
		out_styled(out, STYLE_STRONG, "The clock stands: %s", words);
		if (other[0] != '\0')
			out_line(out, "You may turn to the deputy: %s", other);
		free(other);
		free(words);
	}
	json_int_t days = json_integer_value(json_object_get(clock, "paused_days"));
	if (days > 0)
		out_line(out, "It stood still for %" JSON_INTEGER_FORMAT " days so far", days);
}

// Only where there is more than one thing, or something was said of one: else the referral says it all.
static bool worth_a_list(const json_t *requests)
{
	const json_t *persons = json_object_get(json_array_get(requests, 0), "persons");
	bool one = json_array_size(requests) == 1 && json_array_size(persons) == 1;
	return json_array_size(requests) > 0 && !(one && key_text(json_array_get(persons, 0), "by")[0] == '\0');
}

static void show_requests(struct out *out, const json_t *requests)
{
	size_t i, j;
	json_t *item, *person;
	if (!worth_a_list(requests))
		return;
	out_line(out, "What is asked:");
	json_array_foreach(requests, i, item) {
		json_array_foreach(json_object_get(item, "persons"), j, person) {
			const char *on = key_text(person, "on"), *by = key_text(person, "by");
			out_line(out, "  %zu. %s  %s: %s%s%s%s%s", i + 1, key_text(item, "service"), key_text(person, "person"),
			         key_text(person, "status"), on[0] != '\0' ? " " : "", on, by[0] != '\0' ? ", says " : "", by);
		}
	}
}

static void show_finished(struct out *out, json_t *members)
{
	char *joined = show_joined("", members);
	if (joined != NULL)
		out_line(out, "Has done all it has to do: %s", joined);
	free(joined);
}

static void show_next(struct out *out, const json_t *document, const json_t *items)
{
	const char *turn = key_text(document, "turn");
	out_line(out, "%s", "");
	if (turn[0] == '\0')
		out_styled(out, STYLE_STRONG, "Nobody has to do anything.");
	else if (strcmp(turn, own_code(document, items)) == 0)
		out_styled(out, STYLE_STRONG, "It is your turn (%s).", turn);
	else
		out_styled(out, STYLE_STRONG, "It is the turn of %s. You wait.", turn);
	if (key_text(document, "next_steps")[0] != '\0')
		out_line(out, "You can:");
	show_steps(out, document);
}

void show_case(struct out *out, json_t *document, bool all_versions)
{
	json_t *items = json_object_get(document, "items"), *item;
	size_t i;
	out_styled(out, STYLE_HEAD, "%s", key_text(document, "reference"));
	out_line(out, "%s asks %s", key_text(document, "requesting"), key_text(document, "responding"));
	out_line(out, "Now: %s (since %s UTC)", key_text(document, "state_text"),
	         words_moment(key_text(document, "since")).text);
	if (json_is_true(json_object_get(document, "consent_withdrawn")))
		out_styled(out, STYLE_BAD, "A consent was withdrawn: stop, or say on what legal basis you go on. Nothing is opened until then.");
	show_clock(out, document);
	show_dates(out, json_object_get(document, "dates"));
	show_finished(out, json_object_get(document, "finished"));
	show_requests(out, json_object_get(document, "requests"));
	bool more = false;
	json_array_foreach(items, i, item) {
		more |= json_object_get(item, "replaced_by") != NULL || json_object_get(item, "void") != NULL ||
		        (json_object_get(item, "recalled") != NULL && json_object_get(item, "content") != NULL);
		if (all_versions)
			show_everything(out, item);
		else
			show_message(out, items, item);
	}
	if (more && !all_versions) {
		out_line(out, "%s", "");
		out_line(out, "What was replaced, declared void or recalled is kept: passerelle show %s --all-versions",
		         key_text(document, "reference"));
	}
	show_next(out, document, items);
}

static int ask_show(struct cli *cli, struct psr_profile *profile, char **text, struct psr_error *error)
{
	return psr_show(profile, cli->operand[0], text, error);
}

static void print_show_document(struct cli *cli, json_t *document)
{
	forms_word(cli, document);
	show_case(&cli->out, document, flag_given(cli, FLAG_ALL_VERSIONS));
}

int run_show(struct cli *cli)
{
	return cli_answer(cli, ask_show, print_show_document);
}
