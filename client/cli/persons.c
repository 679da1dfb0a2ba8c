// SPDX-License-Identifier: Apache-2.0
//
// The register of persons: taken over from a table, listed, removed.
#include "cli/import.h"
#include "cli/language.h"
#include "cli/memory.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

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

static int take_over(struct cli *cli)
{
	return import_run(cli, "persons", cli->operand[1], _("They are in the register: passerelle persons list"));
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
		out_json(&cli->out, json_pack("{ssss}", "schema", "passerelle.removed/1", "id", cli->operand[1]), false);
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
	} deeds[] = {{"list", 1, list}, {"import", 2, take_over}, {"remove", 2, remove_one}};
	const char *name = cli->operand_count > 0 ? cli->operand[0] : "";
	if (flag_given(cli, FLAG_TEMPLATE))
		return import_template(cli, "persons");
	for (size_t i = 0; i < sizeof deeds / sizeof *deeds; i++) {
		if (strcmp(deeds[i].name, name) == 0 && cli->operand_count == deeds[i].operands)
			return deeds[i].run(cli);
	}
	return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "see passerelle help persons", "write persons list, persons import FILE or persons remove ID");
}
