// SPDX-License-Identifier: Apache-2.0
//
// Verbs around the profile: init, doctor, export, directory, codes.
#include "cli/language.h"
#include "cli/memory.h"
#include "cli/table.h"
#include "cli/words.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static void print_files(struct out *out, const json_t *document, const char *folder)
{
	size_t i;
	json_t *item;
	json_array_foreach(json_object_get(document, "items"), i, item)
		out_line(out, "%s/%s", folder, key_text(item, "file"));
}

static int print_result(struct cli *cli, char *text, const char *folder, const char *next)
{
	json_t *document = json_loads(text, 0, NULL);
	psr_free(text);
	if (cli->out.json)
		out_json(&cli->out, document, false);
	else
		print_files(&cli->out, document, folder);
	out_word(&cli->out, "%s", _(next));
	json_decref(document);
	return EX_OK;
}

// --no-passphrase says so on purpose; else one is given or asked for.
static int new_passphrase(struct cli *cli, char **passphrase)
{
	*passphrase = NULL;
	if (flag_given(cli, FLAG_NO_PASSPHRASE))
		return 0;
	int failed = cli_passphrase_given(cli, passphrase);
	if (failed != 0 || *passphrase != NULL)
		return failed;
	*passphrase = cli_passphrase_asked(cli, "New passphrase for your keys: ", true);
	return *passphrase != NULL ? 0 : EX_USAGE;
}

static int create(struct cli *cli, const char *folder)
{
	static const struct {
		enum flag_id flag;
		const char *name;
	} needed[] = {{FLAG_MEMBER, "--member"}, {FLAG_USER, "--user"}, {FLAG_ROLE, "--role"}, {FLAG_HUB, "--hub"}, {FLAG_TRUST, "--trust"}};
	struct psr_error error;
	char *passphrase = NULL, *text = NULL;
	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		if (!flag_given(cli, needed[i].flag))
			return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "see passerelle help init", "init needs %s",
			                needed[i].name);
	}
	int code = new_passphrase(cli, &passphrase);
	if (code != 0)
		return code;
	struct psr_new_profile from = {
		.folder = folder,
		.member = cli->value[FLAG_MEMBER],
		.user = cli->value[FLAG_USER],
		.role = cli->value[FLAG_ROLE],
		.hub = cli->value[FLAG_HUB],
		.trust = cli->value[FLAG_TRUST],
		.passphrase = passphrase,
	};
	if (psr_profile_create(&from, &text, &error) != 0)
		code = out_error(&cli->out, &error, NULL);
	else
		code = print_result(cli, text, folder, "Send these requests (never the keys) to your certificate authority. Then: passerelle init --certificates DIR");
	cli_forget(passphrase);
	return code;
}

static int install(struct cli *cli, const char *folder)
{
	struct psr_error error;
	char *passphrase = NULL, *text = NULL;
	int code = cli_passphrase_given(cli, &passphrase);
	if (code != 0)
		return code;
	int failed = psr_profile_install(folder, cli->value[FLAG_CERTIFICATES], passphrase, &text, &error);
	if (failed != 0 && passphrase == NULL && strcmp(error.name, "BAD_PASSPHRASE") == 0) {
		passphrase = cli_passphrase_asked(cli, "Passphrase: ", false);
		if (passphrase == NULL)
			return EX_USAGE;
		failed = psr_profile_install(folder, cli->value[FLAG_CERTIFICATES], passphrase, &text, &error);
	}
	cli_forget(passphrase);
	if (failed != 0)
		return out_error(&cli->out, &error, NULL);
	return print_result(cli, text, folder, "Installed. Next: passerelle doctor");
}

int run_init(struct cli *cli)
{
	char *folder = cli_folder(cli);
	int code = flag_given(cli, FLAG_CERTIFICATES) ? install(cli, folder) : create(cli, folder);
	free(folder);
	return code;
}

static void print_checks(struct out *out, const json_t *document)
{
	const unsigned width[] = {7, 18, 0};
	size_t i;
	json_t *item;
	json_array_foreach(json_object_get(document, "items"), i, item) {
		const char *verdict = key_text(item, "verdict");
		bool good = strcmp(verdict, "ok") == 0;
		const char *cells[] = {_(verdict), _(key_text(item, "check")), key_text(item, "text")};
		out_row(out, good ? STYLE_GOOD : strcmp(verdict, "fault") == 0 ? STYLE_BAD : STYLE_PLAIN, cells, width, 3);
		if (key_text(item, "advice")[0] != '\0')
			out_line(out, "         What to do: %s.", key_text(item, "advice"));
	}
}

int run_doctor(struct cli *cli)
{
	struct psr_error error;
	char *passphrase = NULL, *text = NULL, *folder = cli_folder(cli);
	int code = cli_passphrase_given(cli, &passphrase);
	if (code == 0 && psr_doctor(folder, passphrase, &text, &error) != 0)
		code = out_error(&cli->out, &error, NULL);
	cli_forget(passphrase);
	free(folder);
	if (code != 0)
		return code;
	json_t *document = json_loads(text, 0, NULL);
	bool healthy = json_is_true(json_object_get(document, "healthy"));
	if (cli->out.json)
		out_json(&cli->out, document, false);
	else
		print_checks(&cli->out, document);
	json_decref(document);
	psr_free(text);
	return healthy ? EX_OK : 1;
}

static bool has_word(const json_t *item, const char *list, const char *wanted)
{
	size_t i;
	json_t *word;
	json_array_foreach(json_object_get(item, list), i, word) {
		if (strcmp(json_string_value(word), wanted) == 0)
			return true;
	}
	return false;
}

static bool says_or_is_silent(const json_t *item, const char *list, const char *wanted)
{
	return wanted == NULL || json_array_size(json_object_get(item, list)) == 0 || has_word(item, list, wanted);
}

// A branch that takes cases now, for all that is asked of it.
static bool can(const struct cli *cli, const json_t *item)
{
	static const char *const working[] = {"ACTIVE", "REDUCED", "DISRUPTED"};
	const char *country = cli->value[FLAG_SERVES], *kind = key_text(item, "kind");
	bool works = false;
	for (size_t i = 0; i < sizeof(working) / sizeof(working[0]); i++)
		works |= strcmp(key_text(item, "status"), working[i]) == 0;
	bool branch =
		strcmp(kind, "PARTNER_AGENCY") != 0 && strcmp(kind, "HUB") != 0 && strcmp(kind, "GENERAL_SECRETARIAT") != 0;
	bool there =
		country == NULL || has_word(item, "countries", country) ||
		(json_array_size(json_object_get(item, "countries")) == 0 && strcmp(key_text(item, "code"), country) == 0);
	return works && branch && there && says_or_is_silent(item, "services", cli->value[FLAG_OFFERS]) &&
	       says_or_is_silent(item, "languages", cli->value[FLAG_SPEAKS]);
}

static json_t *who_can(const struct cli *cli, json_t *document)
{
	json_t *kept = json_array(), *item;
	size_t i;
	json_array_foreach(json_object_get(document, "items"), i, item) {
		if (can(cli, item))
			json_array_append(kept, item);
	}
	json_object_set_new(document, "items", kept);
	return document;
}

static void print_availability(struct out *out, const json_t *item)
{
	char *outage = words_outage(item);
	if (outage[0] != '\0')
		out_styled(out, STYLE_STRONG, "    %s", outage);
	free(outage);
}

static void print_calendar(struct out *out, const json_t *item)
{
	const json_t *holidays = json_object_get(item, "holidays");
	const char *week = key_text(item, "work_days");
	if (json_array_size(holidays) == 0 && strcmp(week, "mon-fri") == 0)
		return;
	char days[256] = "";
	size_t i, length = 0;
	json_t *day;
	json_array_foreach(holidays, i, day) {
		length += (size_t)snprintf(days + length, sizeof days - length, " %.10s", json_string_value(day));
		if (length > sizeof days - 20)
			break;
	}
	if (length == 0)
		out_styled(out, STYLE_PLAIN, _("    works %s"), week);
	else
		out_styled(out, STYLE_PLAIN, _("    works %s, off on%s%s"), week, days, json_array_size(holidays) > i + 1 ? " ..." : "");
}

static void print_directory(struct out *out, const json_t *document)
{
	const unsigned width[] = {12, 22, 10, 0};
	size_t i;
	json_t *item;
	json_array_foreach(json_object_get(document, "items"), i, item) {
		const char *cells[] = {key_text(item, "code"), words_code("member_kind", key_text(item, "kind")), words_code("member_status", key_text(item, "status")), key_text(item, "name")};
		out_row(out, STYLE_PLAIN, cells, width, 4);
		print_availability(out, item);
		print_calendar(out, item);
	}
	if (i == 0)
		out_word(out, "Nobody.");
}

static int ask_directory(struct cli *cli, struct psr_profile *profile, char **text, struct psr_error *error)
{
	(void)cli;
	return psr_directory(profile, text, error);
}

int run_directory(struct cli *cli)
{
	static const char *const keys[] = {"code",      "kind",         "name",  "status", "services", "languages",
	                                   "countries", "availability", "cause", "until",  "deputy",   "work_days", "holidays", NULL};
	char *text;
	bool filters = flag_given(cli, FLAG_SERVES) || flag_given(cli, FLAG_OFFERS) || flag_given(cli, FLAG_SPEAKS);
	bool wanted = cli->operand_count > 0 || filters;
	if (cli->operand_count > 0 && strcmp(cli->operand[0], "who-can") != 0)
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "passerelle directory who-can --country SN", "directory does not know '%s'",
		                cli->operand[0]);
	int code = cli_ask(cli, ask_directory, &text);
	if (code != 0)
		return code;
	json_t *document = json_loads(text, 0, NULL);
	psr_free(text);
	document = wanted ? who_can(cli, document) : document;
	if (table_wanted(cli))
		code = table_save(cli, json_object_get(document, "items"), keys);
	if (code == EX_OK && cli->out.json)
		out_json(&cli->out, document, false);
	else if (code == EX_OK && !table_wanted(cli))
		print_directory(&cli->out, document);
	json_decref(document);
	return code;
}

int run_codes(struct cli *cli)
{
	struct psr_error error;
	char *text = NULL;
	const unsigned width[] = {28, 0};
	const char *list = cli->operand_count > 0 ? cli->operand[0] : NULL;
	const char *language = flag_given(cli, FLAG_LANGUAGE) ? cli->value[FLAG_LANGUAGE] : language_tag();
	if (psr_codes(list, language, &text, &error) != 0)
		return out_error(&cli->out, &error, NULL);
	json_t *document = json_loads(text, 0, NULL), *item;
	size_t i;
	psr_free(text);
	if (cli->out.json)
		out_json(&cli->out, document, false);
	json_array_foreach(json_object_get(document, "items"), i, item) {
		const char *cells[] = {list != NULL ? key_text(item, "code") : key_text(item, "list"), key_text(item, "label")};
		if (!cli->out.json)
			out_row(&cli->out, STYLE_PLAIN, cells, width, list != NULL ? 2 : 1);
	}
	json_decref(document);
	return EX_OK;
}

// For completions: silent where the profile cannot be opened without asking.
int run_references(struct cli *cli)
{
	struct psr_profile *profile = NULL;
	struct psr_error error;
	char *passphrase = NULL, *folder = cli_folder(cli), *text = NULL;
	size_t i;
	json_t *item;
	if (cli_passphrase_given(cli, &passphrase) == 0 && psr_profile_open(&profile, folder, passphrase, &error) == 0 &&
	    psr_outbox(profile, &text, &error) == 0) {
		json_t *document = json_loads(text, 0, NULL);
		json_array_foreach(json_object_get(document, "items"), i, item)
			out_line(&cli->out, "%s", key_text(item, "reference"));
		json_decref(document);
	}
	psr_free(text);
	cli_forget(passphrase);
	free(folder);
	psr_profile_close(profile);
	return EX_OK;
}
