// SPDX-License-Identifier: Apache-2.0
#include "cli/book.h"

#include "cli/beside.h"
#include "cli/language.h"
#include "cli/memory.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sysexits.h>
#include <unistd.h>

enum { MOST_PICTURES = 200 };

struct book {
	struct cli *cli;
	struct psr_profile *profile;
	char *folder;       // of opened pictures while the book is drawn
	json_t *blocks;
	unsigned pictures;
};

static bool ends_in(const char *name, const char *end)
{
	size_t length = strlen(name), tail = strlen(end);
	return length > tail && strcasecmp(name + length - tail, end) == 0;
}

static void add_text(struct book *book, const char *text, const char *language)
{
	if (text[0] != '\0')
		json_array_append_new(book->blocks, json_pack("{ss ss}", "text", text, "language", language));
}

static void add_fact(struct book *book, const char *label, const char *text)
{
	if (text[0] != '\0')
		json_array_append_new(book->blocks, json_pack("{ss ss}", "label", label, "text", text));
}

// ---- pictures ----

// In memory where the machine has such a place: what is opened is not to lie on a disk.
static char *opened_folder(void)
{
	const char *places[] = {getenv("XDG_RUNTIME_DIR"), "/dev/shm", getenv("TMPDIR"), "/tmp"};
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		char *folder = places[i] != NULL ? memory_format("%s/passerelle-book-XXXXXX", places[i]) : NULL;
		if (folder != NULL && mkdtemp(folder) != NULL)
			return folder;
		free(folder);
	}
	return NULL;
}

static void forget_opened(char *folder)
{
	DIR *list = folder != NULL ? opendir(folder) : NULL;
	for (const struct dirent *one; list != NULL && (one = readdir(list)) != NULL;) {
		char *file = memory_format("%s/%s", folder, one->d_name);
		if (one->d_name[0] != '.')
			unlink(file);
		free(file);
	}
	if (list != NULL)
		closedir(list);
	if (folder != NULL)
		rmdir(folder);
	free(folder);
}

static int add_picture(struct book *book, const json_t *entry, size_t place, const char *name)
{
	struct psr_error error;
	bool picture = ends_in(name, ".jpg") || ends_in(name, ".jpeg") || ends_in(name, ".png");
	if (!picture || book->pictures == MOST_PICTURES) {
		add_fact(book, _("attachment"), name);
		return 0;
	}
	char *file = memory_format("%s/%u", book->folder, book->pictures++);
	int code = 0;
	if (psr_attachment(book->profile, key_text(entry, "message"), (unsigned)place + 1, file, NULL, NULL, &error) != 0)
		code = out_error(&book->cli->out, &error, NULL);
	char *otherwise = memory_format(_("%s: this picture cannot be shown."), name);
	json_array_append_new(book->blocks,
	                      json_pack("{ss ss ss}", "picture", file, "alt", name, "otherwise", otherwise));
	free(otherwise);
	free(file);
	return code;
}

// ---- entries ----

static int add_entry(struct book *book, const json_t *entry)
{
	const json_t *pictures = json_object_get(entry, "pictures");
	const char *title = key_text(entry, "title"), *date = key_text(entry, "date"), *language = key_text(entry, "language");
	json_array_append_new(book->blocks, json_pack("{ss si ss}", "heading", title[0] != '\0' ? title : date, "level", 2,
	                                              "language", language));
	add_fact(book, _("when"), date);
	add_fact(book, _("written by"), key_text(entry, "written_by"));
	if (json_is_true(json_object_get(entry, "local")))
		add_fact(book, _("kept here, not shared"), _("for the child alone"));
	add_text(book, key_text(entry, "text"), language);
	int code = 0;
	for (size_t i = 0; code == 0 && i < json_array_size(pictures); i++) {
		const char *name = json_string_value(json_array_get(pictures, i));
		code = add_picture(book, entry, i, name != NULL ? name : "");
	}
	return code;
}

// By the child's dates ("2019", "2019-07-01"); of one day as they came.
static int by_date(const void *left, const void *right)
{
	const json_t *a = *(json_t *const *)left, *b = *(json_t *const *)right;
	int order = strcmp(key_text(a, "date"), key_text(b, "date"));
	return order != 0 ? order : a < b ? -1 : a > b;
}

static bool belongs(const struct book *book, const json_t *entry)
{
	bool local = json_is_true(json_object_get(entry, "local"));
	return json_object_get(entry, "hidden") == NULL && (!local || flag_given(book->cli, FLAG_OWN));
}

static int add_entries(struct book *book, const json_t *lifebook)
{
	size_t count = 0;
	const json_t **entry = memory_take((json_array_size(lifebook) + 1) * sizeof(*entry));
	for (size_t i = 0; i < json_array_size(lifebook); i++) {
		if (belongs(book, json_array_get(lifebook, i)))
			entry[count++] = json_array_get(lifebook, i);
	}
	qsort(entry, count, sizeof(*entry), by_date);
	int code = count > 0 ? 0 : out_fail(&book->cli->out, EX_NOINPUT, "NO_ENTRY", "passerelle child shows the file; --own adds what the child keeps for itself",
	                                    "the child shares no entry of its Lifebook in this case");
	for (size_t i = 0; code == 0 && i < count; i++)
		code = add_entry(book, entry[i]);
	free(entry);
	return code;
}

// ---- whose book ----

// A book belongs to one child: NULL if it is not clear to which, and how many have one in *count.
static const json_t *lifebook_of(const json_t *document, const char *person, size_t *count)
{
	const json_t *items = json_object_get(document, "items"), *found = NULL;
	*count = 0;
	for (size_t i = 0; i < json_array_size(items); i++) {
		const json_t *one = json_array_get(items, i), *lifebook = json_object_get(one, "lifebook");
		if (lifebook == NULL || (person != NULL && strcmp(person, key_text(one, "person")) != 0))
			continue;
		found = lifebook;
		(*count)++;
	}
	return *count == 1 ? found : NULL;
}

static int compose(struct book *book, const json_t *document)
{
	size_t count;
	const json_t *lifebook = lifebook_of(document, book->cli->value[FLAG_BOOK_OF], &count);
	if (count > 1)
		return out_fail(&book->cli->out, EX_USAGE, "BAD_USAGE", "add --person MARK, as passerelle child shows it", "several children have a Lifebook in this case");
	json_array_append_new(book->blocks, json_pack("{ss si}", "heading", _("My Lifebook"), "level", 1));
	return add_entries(book, lifebook);
}

static int draw(struct book *book)
{
	const char *file = book->cli->value[FLAG_BOOK];
	const char *foot = flag_given(book->cli, FLAG_OWN) ? _("Lifebook. It belongs to the child; some of it is for the child alone.")
	                                                   : _("Lifebook. It belongs to the child.");
	json_t *paper = json_pack("{ss ss ss ss sO}", "schema", "passerelle.paper/1", "title", _("Lifebook"), "foot", foot, "language",
	                          language_tag(), "blocks", book->blocks);
	int code = beside_write(book->cli, "passerelle-paper", paper, file);
	json_decref(paper);
	if (code == 0 && book->cli->out.json)
		out_json_made(&book->cli->out, json_pack("{ssss}", "schema", "passerelle.printed/1", "file", file));
	else if (code == 0)
		out_line(&book->cli->out, "%s", file);
	return code;
}

static int write_from(struct book *book, const char *text)
{
	json_t *document = json_loads(text, 0, NULL);
	book->blocks = json_array();
	book->folder = opened_folder();
	int code = book->folder != NULL ? compose(book, document)
	                                : out_fail(&book->cli->out, EX_CANTCREAT, "IO", "make room in /tmp", "there is no place for the pictures while the book is drawn");
	if (code == 0)
		code = draw(book);
	forget_opened(book->folder);
	json_decref(book->blocks);
	json_decref(document);
	return code;
}

int book_write(struct cli *cli)
{
	struct book book = {.cli = cli};
	struct psr_error error;
	char *text = NULL;
	const char *file = cli->value[FLAG_BOOK];
	if (!ends_in(file, ".pdf") && !ends_in(file, ".html"))
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "name it like book.pdf or book.html",
		                "'%s' is neither a PDF nor a page", file);
	if (cli->operand_count != 1 || flag_given(cli, FLAG_SHARE) || flag_given(cli, FLAG_TAKE_BACK))
		return out_fail(&cli->out, EX_USAGE, "BAD_USAGE", "see passerelle help lifebook", "--book writes a book and nothing else");
	int code = cli_open(cli, &book.profile);
	if (code != 0)
		return code;
	if (psr_child(book.profile, cli->operand[0], NULL, &text, &error) != 0)
		code = out_error(&cli->out, &error, NULL);
	else
		code = write_from(&book, text);
	psr_free(text);
	psr_profile_close(book.profile);
	return code;
}
