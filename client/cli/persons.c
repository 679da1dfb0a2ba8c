// SPDX-License-Identifier: Apache-2.0
//
// The register of persons: taken over from a table, listed, removed.
#include "cli/beside.h"
#include "cli/import.h"
#include "cli/language.h"
#include "cli/memory.h"
#include "cli/pfif.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

static const char *first_name(const json_t *item)
{
	const json_t *names = json_object_get(json_object_get(item, "person"), "names");
	return key_text(json_array_get(names, 0), "full");
}

static void print_person(struct out *out, const json_t *item)
{
	const unsigned width[] = {36, 14, 28, 12, 0};
	const json_t *person = json_object_get(item, "person");
	bool past = json_is_true(json_object_get(item, "past"));
	char *keep = memory_format("%s%s", key_text(item, "keep_until"), past ? _(" (past: it is not searched any more)") : "");
	bool ours = key_text(item, "reference")[0] == '\0';
	const char *cells[] = {key_text(item, ours ? "id" : "reference"),
	                       key_text(item, ours ? "own_reference" : "pseudonym"), first_name(item),
	                       key_text(person, "birth"), keep};
	out_row(out, past ? STYLE_FAINT : STYLE_PLAIN, cells, width, 5);
	free(keep);
}

static int ask_persons(struct cli *cli, struct psr_profile *profile, char **text, struct psr_error *error)
{
	return psr_persons(profile, flag_given(cli, FLAG_CASES), text, error);
}

static void print_persons(struct cli *cli, json_t *document)
{
	const json_t *items = json_object_get(document, "items");
	size_t i;
	json_t *item;
	json_array_foreach(items, i, item)
		print_person(&cli->out, item);
	if (json_array_size(items) == 0)
		out_word(&cli->out, "The register is empty. passerelle persons import FILE.csv takes persons over.");
}

static int list(struct cli *cli)
{
	return cli_answer(cli, ask_persons, print_persons);
}

static int fail_usage(struct cli *cli)
{
	return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "see passerelle help persons",
	                "write persons list, persons import FILE, persons export --pfif FILE or persons remove ID");
}

static int take_over(struct cli *cli)
{
	if (flag_given(cli, FLAG_PFIF))
		return fail_usage(cli);
	return import_run(cli, "persons", cli->operand[1], _("They are in the register: passerelle persons list"));
}

static int take_over_pfif(struct cli *cli)
{
	enum { MAX_TABLE = 64 * 1024 * 1024 };
	const char *next = _("They are in the register: passerelle persons list");
	char *text = NULL;
	size_t length = 0;
	if (!flag_given(cli, FLAG_PFIF))
		return fail_usage(cli);
	int code = beside_read(cli, "passerelle-pfif", cli->value[FLAG_PFIF], MAX_TABLE, &text, &length);
	if (code == EX_OK)
		code = import_text(cli, "persons", text, length, next);
	free(text);
	return code;
}

static int save_pfif(struct cli *cli, json_t *document)
{
	FILE *file;
	const char *name = cli->value[FLAG_PFIF];
	int code = cli_new_file(cli, name, &file);
	if (code != 0)
		return code;
	struct pfif_told told = pfif_write(file, document, key_text(document, "member"), time(NULL));
	code = cli_end_file(cli, name, file);
	if (code != 0)
		return code;
	if (cli->out.json)
		out_json_made(&cli->out, json_pack("{ss ss sI sI sI}", "schema", "passerelle.saved/1", "file", name, "written",
		                   (json_int_t)told.written, "without_consent", (json_int_t)told.without_consent, "past",
		                   (json_int_t)told.past));
	else
		out_line(&cli->out, "%s", name);
	out_word(&cli->out, "%zu persons were written; %zu had not agreed to it, for %zu the last day is over.",
	         told.written, told.without_consent, told.past);
	return EX_OK;
}

static int give_out(struct cli *cli)
{
	char *text;
	if (!flag_given(cli, FLAG_PFIF) || flag_given(cli, FLAG_CASES))
		return fail_usage(cli);
	int code = cli_ask(cli, ask_persons, &text);
	if (code != EX_OK)
		return code;
	json_t *document = json_loads(text, 0, NULL);
	psr_free(text);
	code = save_pfif(cli, document);
	json_decref(document);
	return code;
}

static int remove_one(struct cli *cli)
{
	struct psr_profile *profile;
	struct psr_error error;
	int code = cli_open(cli, &profile);
	if (code != 0)
		return code;
	if (psr_person_remove(profile, cli->operand[1], &error) != 0)
		code = out_error(&cli->out, &error, NULL);
	else if (cli->out.json)
		out_json_made(&cli->out, json_pack("{ssss}", "schema", "passerelle.removed/1", "id", cli->operand[1]));
	else
		out_line(&cli->out, "%s", cli->operand[1]);
	psr_profile_close(profile);
	return code;
}

int run_persons(struct cli *cli)
{
	static const struct {
		const char *name;
		size_t operands;
		int (*run)(struct cli *cli);
	} deeds[] = {{"list", 1, list},
	             {"import", 1, take_over_pfif},
	             {"import", 2, take_over},
	             {"export", 1, give_out},
	             {"remove", 2, remove_one}};
	const char *name = cli->operand_count > 0 ? cli->operand[0] : "";
	if (flag_given(cli, FLAG_TEMPLATE))
		return import_template(cli, "persons");
	for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) {
		if (strcmp(deeds[i].name, name) == 0 && cli->operand_count == deeds[i].operands)
			return deeds[i].run(cli);
	}
	return fail_usage(cli);
}
