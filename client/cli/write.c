// SPDX-License-Identifier: Apache-2.0
//
// The verbs that write a message: from flags and a form to psr_write.
#include "cli/form_flags.h"
#include "cli/forms.h"
#include "cli/language.h"
#include "cli/memory.h"
#include "cli/run.h"
#include "cli/show.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

enum { MAX_FORM = 1024 * 1024 };

// The verbs whose second operand is a message.
static bool speaks_of_message(const struct cli *cli)
{
	return cli->verb->id == VERB_UPDATE || cli->verb->id == VERB_INVALIDATE || cli->verb->id == VERB_RECALL;
}

static bool opens_case(const struct cli *cli)
{
	return cli->verb->id == VERB_REFER || cli->verb->id == VERB_TRACE || cli->verb->id == VERB_ALERT;
}

static const char *form_name(const struct cli *cli)
{
	size_t at = opens_case(cli) ? 0 : speaks_of_message(cli) ? 2 : 1;
	return cli->operand_count > at ? cli->operand[at] : NULL;
}

static int read_form(struct cli *cli, char **form)
{
	const char *name = form_name(cli);
	size_t length = 0;
	*form = NULL;
	int failed = name != NULL ? cli_read_file(cli, name, MAX_FORM, form, &length) : 0;
	if (failed != 0 || *form == NULL || strlen(*form) == length)
		return failed;
	size_t at = strlen(*form);
	free(*form);
	*form = NULL;
	return out_fail(&cli->out, EX_DATAERR, "BAD_TEXT", "save the file as UTF-8",
	                "'%s': byte %zu is zero, this is no text", name, at + 1);
}

// The form with what the flags say. A form that is no JSON stays as it is: the library tells line and column.
static int merge_form(struct cli *cli, struct psr_profile *profile, char **form)
{
	if (!form_flags_any(cli))
		return 0;
	json_t *object = *form != NULL ? json_loads(*form, JSON_REJECT_DUPLICATES, NULL) : json_object();
	if (!json_is_object(object)) {
		json_decref(object);
		return 0;
	}
	int failed = form_flags_apply(cli, profile, object);
	if (failed == 0) {
		free(*form);
		*form = json_dumps(object, 0);
	}
	json_decref(object);
	return failed;
}

// A choice about an entry that is there already, instead of a new one.
static bool chooses(const struct cli *cli)
{
	return flag_given(cli, FLAG_SHARE) || flag_given(cli, FLAG_TAKE_BACK);
}

static bool wants_form(const struct cli *cli)
{
	enum verb_id verb = cli->verb->id;
	return verb == VERB_REPORT || verb == VERB_ASSESS || verb == VERB_PROJECT || verb == VERB_REVIEW ||
	       verb == VERB_TRACE || verb == VERB_ALERT || verb == VERB_PROPOSE_MATCH || verb == VERB_AGREE_MATCH ||
	       verb == VERB_DISCLOSE || (verb == VERB_LIFEBOOK && !chooses(cli));
}

// What opens a case needs a form and an addressee.
static int check_opening(struct cli *cli)
{
	if (cli->verb->id == VERB_REFER && form_name(cli) == NULL)
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "passerelle refer --template SERVICE > form.json prints one to fill",
		                "refer needs a filled form%s", cli->attach_count > 0 ? _(", before --attach") : "");
	if (!opens_case(cli) || flag_given(cli, FLAG_TO) || flag_given(cli, FLAG_DRY_RUN))
		return 0;
	if (cli->verb->id == VERB_TRACE)
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "add --to CODE, like --to SN,GN, or --to all", "trace does not know which branches to ask");
	return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "add --to CODE, like --to SN",
	                "%s does not know which branch to write to", cli->verb->name);
}

// What each verb cannot do without, said before anything is opened.
static int check_needs(struct cli *cli)
{
	int failed = check_opening(cli);
	if (failed != 0)
		return failed;
	if (wants_form(cli) && form_name(cli) == NULL) {
		char *advice = memory_format(_("passerelle %s --template > form.json prints one to fill"), cli->verb->name);
		int code = out_fail(&cli->out, EX_USAGE, "BAD_USAGE", advice, "%s needs a filled form%s", cli->verb->name,
		                    cli->attach_count > 0 ? _(", before --attach") : "");
		free(advice);
		return code;
	}
	if (cli->verb->id == VERB_DOCUMENT && cli->attach_count == 0)
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "add --attach FILE", "document needs a file to send");
	for (size_t i = 0; i < cli->attach_count; i++) {
		if (access(cli->attach[i], R_OK) != 0)
			return out_fail(&cli->out, EX_NOINPUT, "NO_FILE", "check its name and rights", "'%s' cannot be read: %s",
			                cli->attach[i], strerror(errno));
	}
	return 0;
}

static int confirm(struct cli *cli)
{
	char answer[16] = "";
	if (cli->verb->id != VERB_CLOSE || flag_given(cli, FLAG_YES))
		return 0;
	if (flag_given(cli, FLAG_NO_INPUT) || !isatty(STDIN_FILENO))
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "add --yes if you are sure", "close ends the case and nobody can be asked whether you are sure");
	fprintf(cli->out.words, _("This ends the case %s; the other branch stops its work. Close it? [y/N] "),
	        cli->operand[0]);
	fflush(cli->out.words);
	bool yes =
		fgets(answer, sizeof(answer), stdin) != NULL && (strchr(_("yY"), answer[0]) != NULL && answer[0] != '\0');
	return yes ? 0 : out_fail(&cli->out, EX_USAGE, "BAD_USAGE", NULL, "not closed");
}

// What a report is asked for: the service of the referral. Caller frees; NULL and the exit code in *failed.
static char *service_of_case(struct cli *cli, int *failed)
{
	char *text = NULL, *service;
	*failed = cli_ask(cli, forms_ask_outline, &text);
	if (*failed != 0)
		return NULL;
	json_t *outline = json_loads(text, 0, NULL);
	psr_free(text);
	service = memory_copy(key_text(json_array_get(json_object_get(outline, "items"), 0), "service"));
	json_decref(outline);
	return service;
}

// What the form is for, which chooses it. Caller frees; NULL: anything, or it could not be found out.
static char *service_wanted(struct cli *cli, int *failed)
{
	*failed = 0;
	if (cli->verb->id == VERB_REPORT && cli->operand_count > 0 && !flag_given(cli, FLAG_FORM))
		return service_of_case(cli, failed);
	const char *service = cli->verb->id == VERB_TRACE ? "FAMILY_TRACING" : cli->value[FLAG_TEMPLATE_OF];
	return service != NULL ? memory_copy(service) : NULL;
}

static int print_template(struct cli *cli)
{
	struct psr_error error;
	int failed;
	char *form = NULL, *own = forms_folder(cli), *service = service_wanted(cli, &failed);
	struct language_name language = language_reader();
	struct psr_form_choice choice = {cli->value[FLAG_FORM], own, language.text};
	if (failed == 0 && psr_template(cli->verb->name, service, &choice, &form, &error) != 0)
		failed = out_error(&cli->out, &error, NULL);
	free(service);
	free(own);
	if (failed != 0)
		return failed;
	json_t *parsed = json_loads(form, 0, NULL);
	psr_free(form);
	if (cli->out.json)
		parsed = json_pack("{ssssso}", "schema", "passerelle.form/1", "verb", cli->verb->name, "form", parsed);
	out_json(&cli->out, parsed, false);
	json_decref(parsed);
	return EX_OK;
}

// Faults of a form come as a document beside the error.
int cli_tell_faults(struct cli *cli, const struct psr_error *error, char *result)
{
	json_t *document = result != NULL ? json_loads(result, 0, NULL) : NULL;
	int code = out_error(&cli->out, error, json_object_get(document, "items"));
	json_decref(document);
	psr_free(result);
	return code;
}

static void print_preview(struct cli *cli, json_t *document)
{
	static const char *const rounds[][2] = {
		{"R", "Everyone on the way can read (both branches, the hub, the General Secretariat)"}, {"", "Sealed: only the two branches can read"}};
	const unsigned width[] = {40, 0};
	for (size_t round = 0; round < 2; round++) {
		size_t i;
		json_t *item;
		out_styled(&cli->out, STYLE_STRONG, "%s", _(rounds[round][1]));
		json_array_foreach(json_object_get(document, "items"), i, item) {
			bool open = strstr(key_text(item, "readers"), "hub") != NULL;
			char *path = memory_format("  %s", key_text(item, "path"));
			const char *cells[] = {path, strcmp(key_text(item, "class"), "S") == 0 ? _("special category") : strcmp(key_text(item, "class"), "I") == 0 ? _("identifies people") : ""};
			if (open == (round == 0))
				out_row(&cli->out, STYLE_PLAIN, cells, width, 2);
			free(path);
		}
	}
	for (size_t i = 0; i < cli->attach_count; i++)
		out_line(&cli->out, "  attached: %s", cli->attach[i]);
	show_completeness(&cli->out, document);
	forms_word_preview(cli, document);
	forms_show_filled(&cli->out, document);
	out_word(&cli->out, "The form is right. Nothing was written.");
}

static int preview(struct cli *cli, struct psr_message *message)
{
	struct psr_error error;
	char *result = NULL, *own = forms_folder(cli);
	message->forms = own;
	int failed = psr_preview(message, &result, &error);
	free(own);
	if (failed != 0)
		return cli_tell_faults(cli, &error, result);
	json_t *document = json_loads(result, 0, NULL);
	psr_free(result);
	if (cli->out.json)
		out_json(&cli->out, document, false);
	else
		print_preview(cli, document);
	json_decref(document);
	return EX_OK;
}

// What to hand to each agency: the case's own reference says nothing to the hub when an agency asks with it.
static void print_partners(struct cli *cli, const json_t *written)
{
	size_t i;
	json_t *partner;
	json_array_foreach(json_object_get(written, "partners"), i, partner)
		out_word(&cli->out, "%s asks with %s: passerelle status %s", key_text(partner, "agency"),
		         key_text(partner, "reference"), key_text(partner, "reference"));
}

static int print_written(struct cli *cli, json_t *written)
{
	if (cli->out.json) {
		out_json(&cli->out, written, false);
		return EX_OK;
	}
	if (strcmp(key_text(written, "state"), "kept") == 0) {
		out_line(&cli->out, "%s", key_text(written, "message"));
		out_word(&cli->out, "Kept on this computer, sealed; nobody else gets it. To share it: passerelle lifebook %s --share %s",
		         key_text(written, "reference"), key_text(written, "message"));
		return EX_OK;
	}
	out_line(&cli->out, "%s", key_text(written, "reference"));
	if (strcmp(key_text(written, "state"), "taken_back") == 0) {
		out_word(&cli->out, "Taken back: it had not left this computer, and nothing of it is sent.");
		return EX_OK;
	}
	print_partners(cli, written);
	if (flag_given(cli, FLAG_WAIT))
		return EX_OK;
	out_word(&cli->out, "Written and sealed: it waits in the outbox. Next: passerelle sync");
	return EX_OK;
}

// Neither what stays on this computer nor what was taken back before it left goes to the hub.
static bool is_to_be_sent(const json_t *written)
{
	const char *state = key_text(written, "state");
	return strcmp(state, "kept") != 0 && strcmp(state, "taken_back") != 0;
}

int cli_tell_written(struct cli *cli, struct psr_profile *profile, json_t *written)
{
	int code = print_written(cli, written);
	if (flag_given(cli, FLAG_WAIT) && is_to_be_sent(written))
		code = cli_wait_sent(cli, profile, key_text(written, "message"));
	json_decref(written);
	return code;
}

// How complete the form is that was just written, if it is one with headings.
static void tell_filled(struct cli *cli, struct psr_message *message)
{
	struct psr_error error;
	char *result = NULL, *own = forms_folder(cli);
	bool counts = cli->verb->id == VERB_REFER || cli->verb->id == VERB_TRACE || cli->verb->id == VERB_REPORT;
	message->forms = own;
	bool told = counts && !cli->out.json && psr_preview(message, &result, &error) == 0;
	json_t *preview = told ? json_loads(result, 0, NULL) : NULL;
	forms_word_preview(cli, preview);
	char *text = forms_filled(preview);
	if (text != NULL)
		out_word(&cli->out, "%s", text);
	free(text);
	json_decref(preview);
	psr_free(result);
	message->forms = NULL;
	free(own);
}

static int write_message(struct cli *cli, struct psr_profile *profile, struct psr_message *message)
{
	struct psr_error error;
	char *result = NULL;
	if (psr_write(profile, message, &result, &error) != 0)
		return cli_tell_faults(cli, &error, result);
	json_t *written = json_loads(result, 0, NULL);
	psr_free(result);
	tell_filled(cli, message);
	return cli_tell_written(cli, profile, written);
}

static int approve_and_write(struct cli *cli, struct psr_profile *profile, struct psr_message *message)
{
	int failed = cli_open_second(cli, &message->approver);
	if (failed == 0)
		failed = cli->verb->id == VERB_TRACE ? trace_branches(cli, profile, message)
		                                     : write_message(cli, profile, message);
	psr_profile_close(message->approver);
	return failed;
}

static int prepare_and_write(struct cli *cli, struct psr_profile *profile, char **form)
{
	const char *verb = cli->verb->name, *kept = NULL;
	int failed = chooses(cli) ? lifebook_choose(cli, profile, &verb, &kept, form) : 0;
	if (failed == 0)
		failed = merge_form(cli, profile, form);
	if (failed != 0)
		return failed;
	struct language_name language = language_reader();
	struct psr_message message = {
		.verb = verb,
		.reference = opens_case(cli) || cli->operand_count == 0 ? NULL : cli->operand[0],
		.to = cli->value[FLAG_TO],
		.form = *form,
		.attach = cli->attach,
		.attach_count = cli->attach_count,
		.message = speaks_of_message(cli) ? cli->operand[1] : kept,
		.even_if_out = flag_given(cli, FLAG_EVEN_IF_OUT),
		.language = language.text,
	};
	if (flag_given(cli, FLAG_DRY_RUN))
		return preview(cli, &message);
	failed = confirm(cli);
	return failed == 0 ? approve_and_write(cli, profile, &message) : failed;
}

// --text of an answer has to look into the case; a dry run of anything else needs no profile.
static bool needs_profile(const struct cli *cli)
{
	return !flag_given(cli, FLAG_DRY_RUN) || chooses(cli) ||
	       (cli->verb->id == VERB_ANSWER && flag_given(cli, FLAG_TEXT) && !flag_given(cli, FLAG_TO_QUESTION));
}

int run_write(struct cli *cli)
{
	struct psr_profile *profile = NULL;
	uint32_t wait;
	char *form = NULL;
	if (flag_given(cli, FLAG_TEMPLATE) || flag_given(cli, FLAG_TEMPLATE_OF))
		return print_template(cli);
	if (flag_given(cli, FLAG_WAIT) && !cli_time(cli->value[FLAG_WAIT], &wait))
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "write it like 30s, 2m or 1h", "--wait %s is no time",
		                cli->value[FLAG_WAIT]);
	int failed = check_needs(cli);
	if (failed == 0)
		failed = read_form(cli, &form);
	if (failed == 0 && needs_profile(cli))
		failed = cli_open(cli, &profile);
	if (failed == 0)
		failed = prepare_and_write(cli, profile, &form);
	psr_profile_close(profile);
	free(form);
	return failed;
}
