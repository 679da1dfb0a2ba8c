// SPDX-License-Identifier: Apache-2.0
//
// The search for persons: requests to several branches, and what the holder's own desk does with the candidates.
#include "cli/memory.h"
#include "cli/run.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

enum { MOST_ASKED = 200 };

// ---- asking ----

// The exit code: some branch may not have been asked.
static int print_searched(struct cli *cli, const json_t *document)
{
	const unsigned width[] = {8, 24, 0};
	size_t i, failures = 0;
	json_t *item;
	json_array_foreach(json_object_get(document, "items"), i, item) {
		bool failed = json_object_get(item, "error") != NULL;
		const char *cells[] = {key_text(item, "member"), key_text(item, "reference"), key_text(item, "text")};
		if (!cli->out.json)
			out_row(&cli->out, failed ? STYLE_BAD : STYLE_PLAIN, cells, width, 3);
		failures += failed;
	}
	if (!cli->out.json)
		out_word(&cli->out, "Each branch gets a request of its own and answers on its review days. Next: passerelle sync");
	return failures == 0 ? EX_OK : EX_TEMPFAIL;
}

static int ask_branches(struct cli *cli, struct psr_profile *profile, const struct psr_message *message,
                        const char *const *to, size_t count)
{
	struct psr_error error;
	char *result = NULL;
	if (psr_trace(profile, message, to, count, &result, &error) != 0)
		return cli_tell_faults(cli, &error, result);
	json_t *document = json_loads(result, 0, NULL);
	psr_free(result);
	if (cli->out.json)
		out_json(&cli->out, document, false);
	int code = print_searched(cli, document);
	json_decref(document);
	return code;
}

int trace_branches(struct cli *cli, struct psr_profile *profile, const struct psr_message *message)
{
	const char *to[MOST_ASKED];
	size_t count = 0;
	char *rest = NULL;
	if (strcmp(message->to, "all") == 0)
		return ask_branches(cli, profile, message, NULL, 0);
	char *list = memory_copy(message->to), *one = strtok_r(list, ",", &rest);
	for (; one != NULL && count < MOST_ASKED; one = strtok_r(NULL, ",", &rest))
		to[count++] = one;
	int code = one != NULL ? out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "ask the others with a second search",
	                                  "--to names more than %d branches", MOST_ASKED)
	         : count == 0  ? out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "add --to CODE, like --to SN,GN, or --to all",
	                                  "trace does not know which branches to ask")
	                       : ask_branches(cli, profile, message, to, count);
	free(list);
	return code;
}

// ---- candidates ----

static const char *name_of(const json_t *person)
{
	const char *full = key_text(json_array_get(json_object_get(person, "names"), 0), "full");
	return full[0] != '\0' ? full : key_text(person, "pseudonym");
}

static const char *known_from(const json_t *own)
{
	const char *reference = key_text(own, "reference");
	return reference[0] != '\0' ? reference : key_text(own, "own_reference");
}

static enum style word_style(const char *word)
{
	if (strcmp(word, "CONTRADICTS") == 0)
		return STYLE_BAD;
	return strcmp(word, "SAME") == 0 || strcmp(word, "VERY_CLOSE") == 0 ? STYLE_GOOD : STYLE_PLAIN;
}

static void print_candidate(struct cli *cli, const json_t *item)
{
	const unsigned width[] = {22, 12, 0};
	size_t i;
	json_t *field;
	out_styled(&cli->out, STYLE_STRONG, "%s  %s", key_text(item, "candidate"), name_of(json_object_get(item, "person")));
	out_line(&cli->out, "  for %s, known here from %s; that they are the same person: %s", key_text(item, "sought"),
	         known_from(json_object_get(item, "own")), key_text(item, "band_text"));
	json_array_foreach(json_object_get(item, "fields"), i, field) {
		char *name = memory_format("  %s", key_text(field, "field_text"));
		const char *cells[] = {name, key_text(field, "word_text"), key_text(field, "reason")};
		out_row(&cli->out, word_style(key_text(field, "word")), cells, width, 3);
		free(name);
	}
	if (key_text(item, "decision")[0] != '\0')
		out_line(&cli->out, "  decided: %s, by %s", key_text(item, "decision"), key_text(item, "decided_by"));
}

static void print_candidates(struct cli *cli, json_t *document)
{
	const json_t *items = json_object_get(document, "items");
	size_t i;
	json_t *item;
	json_array_foreach(items, i, item)
		print_candidate(cli, item);
	json_int_t quiet = json_integer_value(json_object_get(document, "quiet"));
	if (quiet > 0)
		out_word(&cli->out, "%d refuted before, and nothing has changed since", (int)quiet);
	if (json_array_size(items) == 0)
		out_word(&cli->out, "Nobody here fits. There is nothing to do: the program answers on the review days.");
	else
		out_word(&cli->out, "Only your desk sees this. Decide: passerelle decide %s CANDIDATE --decision PLAUSIBLE", key_text(document, "reference"));
}

static int ask_candidates(struct cli *cli, struct psr_profile *profile, char **text, struct psr_error *error)
{
	return psr_candidates(profile, cli->operand[0], text, error);
}

int run_candidates(struct cli *cli)
{
	return cli_answer(cli, ask_candidates, print_candidates);
}

static int ask_decide(struct cli *cli, struct psr_profile *profile, char **text, struct psr_error *error)
{
	if (psr_decide(profile, cli->operand[0], cli->operand[1], cli->value[FLAG_DECISION], cli->value[FLAG_TEXT],
	               error) != 0)
		return -1;
	return psr_candidates(profile, cli->operand[0], text, error);
}

static void print_decided(struct cli *cli, json_t *document)
{
	(void)document;
	out_word(&cli->out, "Noted on this computer, with your name and the time. The other branch learns nothing of it.");
}

int run_decide(struct cli *cli)
{
	if (!flag_given(cli, FLAG_DECISION))
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "add --decision REFUTED, PLAUSIBLE, WITHHELD or SHIELDED", "decide needs a decision");
	return cli_answer(cli, ask_decide, print_decided);
}
