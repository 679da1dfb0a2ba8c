// SPDX-License-Identifier: Apache-2.0
#include "lib/export.h"

#include "form/canonical.h"
#include "lib/cases.h"
#include "lib/checked.h"
#include "lib/fetch.h"
#include "lib/json.h"
#include "lib/lifebook.h"
#include "lib/view.h"
#include "seal/content.h"

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
	bool content;
	const struct id *case_id;
	json_t *missing;   // owned by the caller
	json_t *messages, *receipts, *others; // of the manifest, owned by the caller
	struct fail *why;
};

static json_t *entry_of(const char *name, const struct hash *hash)
{
	json_t *entry = json_object();
	json_put_text(entry, "file", name);
	json_put_hash(entry, "sha256", hash);
	return entry;
}

static enum fail_code put(struct exporting *e, const char *name, struct view content)
{
	struct path path;
	enum fail_code code = path_join(&path, e->folder, name, e->why);
	if (code == FAIL_NONE)
		code = file_replace(path.text, content, e->why);
	e->files += code == FAIL_NONE;
	return code;
}

// As `put`; *entry is what the manifest says of it, owned by the caller.
static enum fail_code put_named(struct exporting *e, const char *name, struct view content, json_t **entry)
{
	struct hash hash = sha256(content);
	*entry = entry_of(name, &hash);
	return put(e, name, content);
}

static void name_message(char name[100], uint64_t case_seq, const struct id *message, const char *ending)
{
	char text[ID_TEXT_SIZE];
	id_to_text(message, text);
	snprintf(name, 100, "messages/%03llu-%s.%s", (unsigned long long)case_seq, text, ending);
}

// ---- for programs: header, and with the content the body, as canonical JSON

// Nothing of what a child took back is opened, nor of a case in which consent was withdrawn.
static json_t *body_of(struct exporting *e, const struct checked *checked)
{
	struct bytes body;
	struct fail why;
	json_t *json = NULL;
	bytes_init(&body, CONTENT_BODY_CAP);
	enum fail_code code = e->content && checked->header.object_count > 0
	                        ? lifebook_may_open(e->profile, &checked->header, &why)
	                        : FAIL_UNKNOWN_OBJECT;
	if (code == FAIL_NONE)
		code = checked_open_body(e->profile, checked, &body, &why);
	if (code == FAIL_NONE && canonical_body(bytes_view(&body), &json, &why) != FAIL_NONE)
		json = NULL;
	bytes_wipe(&body);
	return json;
}

static enum fail_code put_decoded(struct exporting *e, const char *name, const struct checked *checked)
{
	json_t *both = json_object(), *header, *body = body_of(e, checked), *entry;
	enum fail_code code = canonical_header(checked->envelope.header, &header, e->why);
	if (code == FAIL_NONE)
		json_object_set_new(both, "header", header);
	if (body != NULL)
		json_object_set_new(both, "body", body);
	char *text = json_text(both);
	if (code == FAIL_NONE && text == NULL)
		code = fail_set(e->why, FAIL_NO_MEMORY, "out of memory");
	if (code == FAIL_NONE) {
		code = put_named(e, name, view_of_text(text), &entry);
		json_array_append_new(e->others, entry);
	}
	if (text != NULL)
		wipe(text, strlen(text));
	free(text);
	return code;
}

static enum fail_code put_canonical(struct exporting *e, uint64_t case_seq, const struct id *message,
                                    struct view envelope)
{
	struct arena arena;
	struct checked checked;
	char name[100];
	name_message(name, case_seq, message, "json");
	arena_init(&arena, ARENA_MESSAGE_CAP, 2 * ARENA_MESSAGE_ALLOCATIONS);
	enum fail_code code = checked_decode(&checked, envelope, &arena, e->why);
	if (code == FAIL_NONE)
		code = put_decoded(e, name, &checked);
	arena_wipe(&arena);
	return code;
}

static void put_number(json_t *entry, const char *key, uint64_t value)
{
	if (value != 0)
		json_put_u64(entry, key, value);
}

static void describe_received(json_t *entry, const struct inbox_row *row)
{
	json_put_text(entry, "direction", "received");
	put_number(entry, "mailbox_seq", row->mailbox_seq);
	put_number(entry, "case_seq", row->case_seq);
	put_number(entry, "case_state", row->case_state);
	put_number(entry, "accepted_at", row->accepted_at);
	put_number(entry, "stored_at", row->stored_at);
	put_number(entry, "opened_at", row->opened_at);
	json_put_filled(entry, "fault", row->fault);
	if (row->granted)
		json_put_id(entry, "granted_by", &row->granted_by);
}

static enum fail_code put_received(void *context, const struct inbox_row *row)
{
	struct exporting *e = context;
	char name[100];
	json_t *entry;
	name_message(name, row->case_seq, &row->message, row->fault[0] == '\0' ? "envelope" : "damaged");
	enum fail_code code = put_named(e, name, row->envelope, &entry);
	describe_received(entry, row);
	json_array_append_new(e->messages, entry);
	if (code == FAIL_NONE && row->fault[0] == '\0')
		code = put_canonical(e, row->case_seq, &row->message, row->envelope);
	return code;
}

static void describe_written(json_t *entry, const struct outbox_row *row)
{
	json_put_text(entry, "direction", "written");
	json_put_text(entry, "state", outbox_state_name(row->state));
	put_number(entry, "case_seq", row->case_seq);
	put_number(entry, "case_state", row->case_state);
	put_number(entry, "queued_at", row->at[OUTBOX_QUEUED]);
	put_number(entry, "accepted_at", row->at[OUTBOX_AT_HUB]);
	put_number(entry, "returned_at", row->at[OUTBOX_RETURNED]);
	json_put_text(entry, "receivers", row->receivers);
	json_put_filled(entry, "error", row->error);
	json_put_filled(entry, "error_text", row->error_text);
	json_put_filled(entry, "legal", row->legal);
	json_put_filled(entry, "overtaken_by", row->overtaken_by);
}

static enum fail_code put_written(void *context, const struct outbox_row *row)
{
	struct exporting *e = context;
	char name[100];
	json_t *entry, *receipt = NULL;
	name_message(name, row->case_seq, &row->message, "envelope");
	enum fail_code code = put_named(e, name, row->envelope, &entry);
	describe_written(entry, row);
	name_message(name, row->case_seq, &row->message, "receipt");
	if (code == FAIL_NONE && row->receipt.length > 0)
		code = put_named(e, name, row->receipt, &receipt);
	if (receipt != NULL)
		json_object_set_new(entry, "receipt", receipt);
	json_array_append_new(e->messages, entry);
	return code == FAIL_NONE ? put_canonical(e, row->case_seq, &row->message, row->envelope) : code;
}

// ---- what the other side signed that it has

static enum fail_code is_ours(void *context, const struct outbox_row *row)
{
	const struct exporting *e = context;
	return id_equal(&row->case_id, e->case_id) ? FAIL_NONE : FAIL_UNKNOWN_CASE;
}

static bool speaks_of_case(struct exporting *e, struct view envelope)
{
	struct arena arena;
	struct checked checked;
	bool speaks = false;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	size_t count =
		checked_decode(&checked, envelope, &arena, NULL) == FAIL_NONE ? checked.header.receipt_count : 0;
	for (size_t i = 0; i < count && !speaks; i++)
		speaks = outbox_find(e->profile->store, &checked.header.receipt[i].message, is_ours, e, NULL) == FAIL_NONE;
	arena_release(&arena);
	return speaks;
}

static enum fail_code put_receipt(void *context, const struct inbox_row *row)
{
	struct exporting *e = context;
	char name[100], text[ID_TEXT_SIZE];
	json_t *entry;
	if (!speaks_of_case(e, row->envelope))
		return FAIL_NONE;
	id_to_text(&row->message, text);
	snprintf(name, sizeof name, "messages/receipt-%s.envelope", text);
	enum fail_code code = put_named(e, name, row->envelope, &entry);
	describe_received(entry, row);
	json_array_append_new(e->receipts, entry);
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

static enum fail_code note_other(struct exporting *e, const char *name)
{
	struct path path;
	struct hash hash;
	enum fail_code code = path_join(&path, e->folder, name, e->why);
	if (code == FAIL_NONE)
		code = file_hash(path.text, &hash, e->why);
	if (code == FAIL_NONE)
		json_array_append_new(e->others, entry_of(name, &hash));
	return code;
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
		return note_other(e, name);
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
	json_t *entry;
	code = put_named(e, "case.json", view_of_text(text), &entry);
	json_array_append_new(e->others, entry);
	free(text);
	return code;
}

// Written last: with it the folder is whole.
static enum fail_code put_manifest(struct exporting *e, const struct case_row *row, bool content)
{
	json_t *manifest = json_document("passerelle.manifest/1");
	json_put_text(manifest, "reference", row->reference);
	json_put_id(manifest, "case", &row->id);
	json_put_text(manifest, "member", e->profile->settings.identity.code);
	json_put_time(manifest, "exported_at", clock_now());
	json_object_set_new(manifest, "content", json_boolean(content));
	json_object_set(manifest, "messages", e->messages);
	json_object_set(manifest, "receipts", e->receipts);
	json_object_set(manifest, "others", e->others);
	char *text = json_text(manifest);
	if (text == NULL)
		return fail_set(e->why, FAIL_NO_MEMORY, "out of memory");
	enum fail_code code = put(e, "manifest.json", view_of_text(text));
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

static enum fail_code put_all(struct exporting *e, const struct case_row *row, bool content)
{
	enum fail_code code = inbox_each(e->profile->store, &row->id, put_received, e, e->why);
	if (code == FAIL_NONE)
		code = outbox_each(e->profile->store, OUTBOX_OF_CASE, &row->id, put_written, e, e->why);
	if (code == FAIL_NONE)
		code = inbox_receipts(e->profile->store, put_receipt, e, e->why);
	if (code == FAIL_NONE)
		code = put_view(e, row, content);
	return code == FAIL_NONE ? put_manifest(e, row, content) : code;
}

static json_t *exported(const struct exporting *e, const char *reference)
{
	json_t *result = json_document("passerelle.exported/1");
	json_put_text(result, "reference", reference);
	json_put_text(result, "folder", e->folder);
	json_object_set_new(result, "files", json_integer(e->files));
	json_object_set(result, "missing", e->missing);
	return result;
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
	struct exporting e = {.profile = profile,
	                      .folder = folder,
	                      .content = content,
	                      .case_id = &row.id,
	                      .missing = json_array(),
	                      .messages = json_array(),
	                      .receipts = json_array(),
	                      .others = json_array(),
	                      .why = why};
	code = put_all(&e, &row, content);
	if (code == FAIL_NONE)
		*result = exported(&e, row.reference);
	json_decref(e.missing);
	json_decref(e.messages);
	json_decref(e.receipts);
	json_decref(e.others);
	return code;
}
