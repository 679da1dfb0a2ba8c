// SPDX-License-Identifier: Apache-2.0
//
// export: a case as a folder, and where it stands for other systems.
#include "cli/fhir.h"
#include "cli/run.h"

#include <stdlib.h>
#include <sysexits.h>

static int export_folder(struct cli *cli, struct psr_profile *profile)
{
	struct psr_error error;
	char *text = NULL;
	if (psr_export(profile, cli->operand[0], cli->value[FLAG_OUTPUT_FOLDER], flag_given(cli, FLAG_CONTENT), &text,
	               &error) != 0)
		return out_error(&cli->out, &error, NULL);
	if (cli->out.json)
		out_json_text(&cli->out, text);
	else
		out_line(&cli->out, "%s", cli->value[FLAG_OUTPUT_FOLDER]);
	psr_free(text);
	return EX_OK;
}

static int save_bundle(struct cli *cli, const json_t *bundle)
{
	FILE *file;
	const char *name = cli->value[FLAG_FHIR];
	int code = cli_new_file(cli, name, &file);
	if (code != 0)
		return code;
	json_dumpf(bundle, file, JSON_INDENT(2));
	fputc('\n', file);
	code = cli_end_file(cli, name, file);
	if (code == 0 && cli->out.json)
		out_json_made(&cli->out, json_pack("{ssss}", "schema", "passerelle.saved/1", "file", name));
	else if (code == 0)
		out_line(&cli->out, "%s", name);
	return code;
}

// Asked for without content: nothing is opened for it.
static int export_fhir(struct cli *cli, struct psr_profile *profile)
{
	struct psr_error error;
	char *outline = NULL, *directory = NULL;
	bool told =
		psr_outline(profile, cli->operand[0], &outline, &error) == 0 && psr_directory(profile, &directory, &error) == 0;
	int code = told ? EX_OK : out_error(&cli->out, &error, NULL);
	if (told) {
		json_t *one = json_loads(outline, 0, NULL), *other = json_loads(directory, 0, NULL),
			   *bundle = fhir_bundle(one, other);
		code = save_bundle(cli, bundle);
		json_decref(bundle);
		json_decref(other);
		json_decref(one);
	}
	psr_free(directory);
	psr_free(outline);
	return code;
}

int run_export(struct cli *cli)
{
	struct psr_profile *profile;
	bool folder = flag_given(cli, FLAG_OUTPUT_FOLDER), fhir = flag_given(cli, FLAG_FHIR);
	if (folder == fhir)
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "add --output DIR, or --fhir FILE", "export does not know where to write");
	int code = cli_open(cli, &profile);
	if (code != 0)
		return code;
	code = folder ? export_folder(cli, profile) : export_fhir(cli, profile);
	psr_profile_close(profile);
	return code;
}
