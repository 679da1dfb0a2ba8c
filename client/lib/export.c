// SPDX-License-Identifier: Apache-2.0
#include "lib/export.h"

#include "lib/cases.h"
#include "lib/fetch.h"
#include "lib/json.h"
#include "lib/view.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { NAME_LONGEST = 100 };

struct exporting {
	struct psr_profile *profile;
	const char *folder;
	unsigned files;
	json_t *missing;   // owned by the caller
	struct fail *why;
};

static enum fail_code put(struct exporting *e, const char *name, struct view content)
{
	struct path path;
	enum fail_code code = path_join(&path, e->folder, name, e->why);
	if (code == FAIL_NONE)
		code = file_replace(path.text, content, e->why);
	e->files += code == FAIL_NONE;
	return code;
}

static enum fail_code put_message(struct exporting *e, uint64_t case_seq, const struct id *message, const char *ending,
                                  struct view content)
{
	char name[100], text[ID_TEXT_SIZE];
	id_to_text(message, text);
	snprintf(name, sizeof name, "messages/%03llu-%s.%s", (unsigned long long)case_seq, text, ending);
	return put(e, name, content);
}

static enum fail_code put_received(void *context, const struct inbox_row *row)
{
	struct exporting *e = context;
	return put_message(e, row->case_seq, &row->message, row->fault[0] == '\0' ? "envelope" : "damaged", row->envelope);
}

static enum fail_code put_written(void *context, const struct outbox_row *row)
{
	struct exporting *e = context;
	enum fail_code code = put_message(e, row->case_seq, &row->message, "envelope", row->envelope);
	if (code == FAIL_NONE && row->receipt.length > 0)
		code = put_message(e, row->case_seq, &row->message, "receipt", row->receipt);
	return code;
}

// A name from another branch as a file name of ours: no folder, no hidden file, no control character.
static void safe_name(char out[NAME_LONGEST + 1], const char *name)
{
	size_t length = 0;
	for (; name[length] != '\0' && length < NAME_LONGEST; length++) {
		unsigned char c = (unsigned char)name[length];
		out[length] = c < 0x20 || c == 0x7f || c == '/' || c == '\\' || c == ':' ? '_' : name[length];
	}
	while (length > 0 && ((unsigned char)name[length] & 0xc0) == 0x80)
		length--; // not in the middle of a character
	out[length] = '\0';
}

static enum fail_code put_attachment(struct exporting *e, json_t *item, json_t *attachment)
{
	char safe[NAME_LONGEST + 1], name[NAME_LONGEST + 60];
	const char *seq = json_string_value(json_object_get(item, "case_seq"));
	const char *given = json_string_value(json_object_get(attachment, "name"));
	unsigned number = (unsigned)json_integer_value(json_object_get(attachment, "number"));
	safe_name(safe, given == NULL ? "" : given);
	snprintf(name, sizeof name, "attachments/%03lu-%u-%s", seq == NULL ? 0 : strtoul(seq, NULL, 10), number, safe);
	struct id message;
	struct path path;
	struct fetch_watch watch = {.progress = NULL};
	struct fail why = {.code = FAIL_NONE};
	enum fail_code code = id_from_text(&message, json_string_value(json_object_get(item, "message")));
	if (code == FAIL_NONE)
		code = path_join(&path, e->folder, name, &why);
	if (code == FAIL_NONE)
		code = fetch_attachment(e->profile, &message, number, path.text, &watch, &why);
	e->files += code == FAIL_NONE;
	if (code == FAIL_NONE)
		return FAIL_NONE;
	// What no other attachment would get past is told once, as what it is.
	struct keystore *keys = e->profile->keys;
	enum fail_code own = keys->ops->open(keys, USE_TLS_CLIENT, e->why);
	if (own != FAIL_NONE)
		return own;
	json_t *missing = json_object();
	json_put_text(missing, "file", name);
	json_put_text(missing, "reason", fail_name(code));
	json_put_text(missing, "text", why.text);
	json_array_append_new(e->missing, missing);
	return FAIL_NONE;
}

static enum fail_code put_attachments(struct exporting *e, json_t *view)
{
	size_t i, k;
	json_t *item, *attachment;
	enum fail_code code = FAIL_NONE;
	json_array_foreach(json_object_get(view, "items"), i, item) {
		json_array_foreach(json_object_get(item, "attachments"), k, attachment) {
			if (code == FAIL_NONE)
				code = put_attachment(e, item, attachment);
		}
	}
	return code;
}

static enum fail_code put_view(struct exporting *e, const struct case_row *row, bool content)
{
	json_t *view;
	enum fail_code code = view_case(e->profile, row, content, &view, e->why);
	if (code != FAIL_NONE)
		return code;
	if (content)
		code = put_attachments(e, view);
	if (code != FAIL_NONE) {
		json_decref(view);
		return code;
	}
	char *text = json_text(view);
	if (text == NULL)
		return fail_set(e->why, FAIL_NO_MEMORY, "out of memory");
	code = put(e, "case.json", view_of_text(text));
	free(text);
	return code;
}

static enum fail_code make_folders(const char *folder, bool content, struct fail *why)
{
	if (mkdir(folder, 0700) != 0)
		return errno == EEXIST ? fail_set(why, FAIL_BAD_USAGE, "'%s' is there already", folder)
		                       : file_fail(why, "make the folder", folder);
	struct path path;
	enum fail_code code = path_join(&path, folder, "messages", why);
	if (code == FAIL_NONE)
		code = folder_make(path.text, why);
	if (code == FAIL_NONE && content)
		code = path_join(&path, folder, "attachments", why);
	return code == FAIL_NONE && content ? folder_make(path.text, why) : code;
}

enum fail_code export_case(struct psr_profile *profile, const char *reference, const char *folder, bool content,
                           json_t **result, struct fail *why)
{
	struct case_row row;
	enum fail_code code = folder == NULL ? fail_set(why, FAIL_BAD_USAGE, "a folder is needed")
	                                     : cases_find(profile, reference, &row, why);
	if (code == FAIL_NONE)
		code = make_folders(folder, content, why);
	if (code != FAIL_NONE)
		return code;
	struct exporting e = {.profile = profile, .folder = folder, .missing = json_array(), .why = why};
	code = inbox_each(profile->store, &row.id, put_received, &e, why);
	if (code == FAIL_NONE)
		code = outbox_each(profile->store, OUTBOX_OF_CASE, &row.id, put_written, &e, why);
	if (code == FAIL_NONE)
		code = put_view(&e, &row, content);
	if (code != FAIL_NONE) {
		json_decref(e.missing);
		return code;
	}
	*result = json_document("passerelle.exported/1");
	json_put_text(*result, "reference", row.reference);
	json_put_text(*result, "folder", folder);
	json_object_set_new(*result, "files", json_integer(e.files));
	json_object_set_new(*result, "missing", e.missing);
	return FAIL_NONE;
}
