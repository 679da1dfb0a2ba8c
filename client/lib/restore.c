// SPDX-License-Identifier: Apache-2.0
#include "lib/restore.h"

#include "lib/cases.h"
#include "lib/checked.h"
#include "lib/corrections.h"
#include "lib/json.h"
#include "lib/peers.h"
#include "seal/signing.h"
#include "wire/codec.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MANIFEST_CAP = 16 * 1024 * 1024, RECEIPT_CAP = 64 * 1024 };

struct restoring {
	struct psr_profile *profile;
	const char *folder;
	json_t *messages;        // of the manifest, in the order of the case's numbers; owned
	json_t *receipts;        // borrowed
	struct id case_id;
	struct case_row row;     // as far as the messages have led it
	json_t *hashes;          // of the headers so far, as keys; owned
	uint64_t newest_at;      // when the last one was accepted
	unsigned stored, known, left_out, got;
	struct fail *why;
};

// One file of the folder, decoded.
struct piece {
	json_t *entry;           // borrowed
	struct bytes bytes;      // owned
	struct arena arena;
	struct checked checked;
};

// ---- what the manifest says

static const char *text_of(const json_t *entry, const char *key)
{
	const char *text = json_string_value(json_object_get(entry, key));
	return text != NULL ? text : "";
}

static uint64_t number_of(const json_t *entry, const char *key)
{
	const char *text = text_of(entry, key);
	size_t digits = strspn(text, "0123456789");
	uint64_t number = digits > 0 && digits <= 19 && text[digits] == '\0' ? strtoull(text, NULL, 10) : 0;
	return number <= MAX_NUMBER ? number : 0;
}

static bool is_written(const json_t *entry)
{
	return strcmp(text_of(entry, "direction"), "written") == 0;
}

// Written and never numbered: neither at the hub nor anywhere else. Or it was not genuine when it came.
static bool is_left_out(const json_t *entry)
{
	bool unsent =
		is_written(entry) && number_of(entry, "case_seq") == 0 && strcmp(text_of(entry, "state"), "returned") != 0;
	return unsent || text_of(entry, "fault")[0] != '\0';
}

static int by_number(const void *left, const void *right)
{
	uint64_t a = number_of(*(json_t *const *)left, "case_seq"), b = number_of(*(json_t *const *)right, "case_seq");
	return a == b ? 0 : a - 1 < b - 1 ? -1 : 1; // without a number last
}

// Names that export makes: no other folder, no way up.
static bool name_is_ours(const char *name)
{
	static const char folder[] = "messages/";
	size_t length = strlen(name);
	if (strncmp(name, folder, sizeof folder - 1) != 0 || length > 120)
		return false;
	name += sizeof folder - 1;
	return name[0] != '.' && name[strspn(name, "0123456789abcdefghijklmnopqrstuvwxyz-.")] == '\0' &&
	       strstr(name, "..") == NULL;
}

// ---- one file

static enum fail_code check_hash(const json_t *entry, struct view content, struct fail *why)
{
	char text[HASH_HEX_SIZE];
	struct hash hash = sha256(content);
	hash_to_hex(&hash, text);
	if (strcmp(text, text_of(entry, "sha256")) != 0)
		return fail_set(why, FAIL_DATA_LOSS, "it is not the file that the manifest names");
	return FAIL_NONE;
}

static enum fail_code read_file(struct restoring *r, const json_t *entry, struct bytes *bytes)
{
	struct path path;
	const char *name = text_of(entry, "file");
	if (!name_is_ours(name))
		return fail_set(r->why, FAIL_MALFORMED, "the manifest names a file that no export makes");
	enum fail_code code = path_join(&path, r->folder, name, r->why);
	if (code == FAIL_NONE)
		code = file_read(bytes, path.text, r->why);
	return code == FAIL_NONE ? check_hash(entry, bytes_view(bytes), r->why) : code;
}

static enum fail_code piece_open(struct restoring *r, struct piece *piece, json_t *entry)
{
	*piece = (struct piece){.entry = entry};
	bytes_init(&piece->bytes, 2 * MAX_ENVELOPE);
	arena_init(&piece->arena, ARENA_MESSAGE_CAP, 2 * ARENA_MESSAGE_ALLOCATIONS);
	enum fail_code code = read_file(r, entry, &piece->bytes);
	if (code == FAIL_NONE)
		code = checked_decode(&piece->checked, bytes_view(&piece->bytes), &piece->arena, r->why);
	return code;
}

static void piece_close(struct piece *piece)
{
	bytes_release(&piece->bytes);
	arena_wipe(&piece->arena);
}

// ---- is it genuine?

static enum fail_code verify_receipt(struct restoring *r, const struct piece *piece, struct view bytes,
                                     struct arena *arena)
{
	struct hub_receipt receipt;
	struct hub_statement statement;
	struct identity hub;
	struct certificate *signer = NULL;
	enum fail_code code = receipt_decode(&receipt, bytes, arena, r->why);
	if (code == FAIL_NONE)
		code = statement_decode(&statement, receipt.statement, arena, r->why);
	if (code == FAIL_NONE)
		code = identity_from_uri(&hub, statement.hub);
	if (code == FAIL_NONE)
		code = peer_signer(r->profile, hub.code, USE_RECEIPT, &receipt.signer, statement.accepted_at, &signer, r->why);
	if (code == FAIL_NONE)
		code = receipt_verify(&receipt, signer, r->why);
	if (code == FAIL_NONE)
		code = receipt_fits(&statement, &piece->checked.header, piece->checked.envelope.header,
		                    bytes_view(&piece->bytes), signer, r->why);
	certificate_free(signer);
	if (code == FAIL_NONE && (statement.case_seq != number_of(piece->entry, "case_seq") ||
	                          statement.accepted_at != number_of(piece->entry, "accepted_at")))
		code = fail_set(r->why, FAIL_BAD_SIGNATURE, "the hub's receipt has another number or time than the manifest");
	return code;
}

// What we wrote and the hub took: its receipt says so.
static enum fail_code check_promise(struct restoring *r, struct piece *piece)
{
	struct bytes bytes;
	json_t *entry = json_object_get(piece->entry, "receipt");
	if (number_of(piece->entry, "case_seq") == 0)
		return FAIL_NONE;
	if (entry == NULL)
		return fail_set(r->why, FAIL_MALFORMED, "the hub's receipt for a message that it took is missing");
	bytes_init(&bytes, RECEIPT_CAP);
	enum fail_code code = read_file(r, entry, &bytes);
	if (code == FAIL_NONE)
		code = verify_receipt(r, piece, bytes_view(&bytes), &piece->arena);
	bytes_release(&bytes);
	return code;
}

static enum fail_code check_written(struct restoring *r, struct piece *piece)
{
	const char *own = r->profile->settings.identity.code;
	if (strcmp(piece->checked.header.from, own) != 0)
		return fail_set(r->why, FAIL_NOT_ALLOWED, "it was written by another member");
	uint64_t at = number_of(piece->entry, "accepted_at");
	enum fail_code code = checked_verify_granted(r->profile, &piece->checked,
	                                             at != 0 ? at : piece->checked.header.created_at, r->why);
	return code == FAIL_NONE ? check_promise(r, piece) : code;
}

static enum fail_code check_received(struct restoring *r, struct piece *piece)
{
	uint64_t at = number_of(piece->entry, "accepted_at");
	return json_object_get(piece->entry, "granted_by") != NULL
	           ? checked_verify_granted(r->profile, &piece->checked, at, r->why)
	           : checked_verify(r->profile, &piece->checked, at, r->why);
}

// The header before which it was written must be among those that came before it.
static enum fail_code check_chain(struct restoring *r, const struct piece *piece)
{
	const struct header *header = &piece->checked.header;
	char text[HASH_HEX_SIZE];
	hash_to_hex(&header->previous, text);
	if (header->has_previous && json_object_get(r->hashes, text) == NULL)
		return fail_set(r->why, FAIL_DATA_LOSS, "a message before it is missing");
	hash_to_hex(&piece->checked.header_hash, text);
	json_object_set_new(r->hashes, text, json_true());
	return FAIL_NONE;
}

// Numbers and times of what others wrote are signed by nobody: the life of a case tells whether they can be right.
static enum fail_code check_place(struct restoring *r, const struct piece *piece)
{
	struct case_news news = {
		.header = &piece->checked.header,
		.header_hash = piece->checked.header_hash,
		.case_seq = number_of(piece->entry, "case_seq"),
		.accepted_at = number_of(piece->entry, "accepted_at"),
		.case_state = (uint32_t)number_of(piece->entry, "case_state"),
	};
	enum fail_code code = check_chain(r, piece);
	if (code == FAIL_NONE && news.case_seq == 0)
		return FAIL_NONE; // returned: it never had a place
	if (code == FAIL_NONE && news.accepted_at < r->newest_at)
		code = fail_set(r->why, FAIL_MALFORMED, "it was accepted before the one with the number before it");
	if (code == FAIL_NONE)
		code = cases_follow(&r->row, &news, r->why);
	r->newest_at = news.accepted_at;
	return code;
}

static enum fail_code check_message(struct restoring *r, json_t *entry)
{
	struct piece piece;
	enum fail_code code = piece_open(r, &piece, entry);
	if (code == FAIL_NONE && !id_equal(&piece.checked.header.case_id, &r->case_id))
		code = fail_set(r->why, FAIL_MALFORMED, "it belongs to another case");
	if (code == FAIL_NONE)
		code = is_written(entry) ? check_written(r, &piece) : check_received(r, &piece);
	if (code == FAIL_NONE)
		code = check_place(r, &piece);
	piece_close(&piece);
	if (code != FAIL_NONE)
		fail_wrap(r->why, "%s", text_of(entry, "file"));
	return code;
}

static enum fail_code check_receipt_of_other(struct restoring *r, json_t *entry)
{
	struct piece piece;
	enum fail_code code = piece_open(r, &piece, entry);
	if (code == FAIL_NONE && piece.checked.header.kind != KIND_RECEIPT)
		code = fail_set(r->why, FAIL_MALFORMED, "it is no receipt");
	if (code == FAIL_NONE)
		code = check_received(r, &piece);
	piece_close(&piece);
	if (code != FAIL_NONE)
		fail_wrap(r->why, "%s", text_of(entry, "file"));
	return code;
}

static enum fail_code check_all(struct restoring *r)
{
	size_t i;
	json_t *entry;
	enum fail_code code = FAIL_NONE;
	json_array_foreach(r->messages, i, entry) {
		if (code == FAIL_NONE && !is_left_out(entry))
			code = check_message(r, entry);
	}
	json_array_foreach(r->receipts, i, entry) {
		if (code == FAIL_NONE)
			code = check_receipt_of_other(r, entry);
	}
	if (code == FAIL_NONE && r->row.seq == 0)
		code = fail_set(r->why, FAIL_MALFORMED, "the folder holds no referral of the case");
	return code;
}

// ---- into the store

static enum fail_code note_opened(struct restoring *r, const struct id *message, uint64_t at)
{
	bool fresh;
	return at == 0 ? FAIL_NONE : inbox_opened(r->profile->store, message, at, &fresh, r->why);
}

static enum fail_code add_received(struct restoring *r, const struct piece *piece)
{
	const struct header *header = &piece->checked.header;
	struct inbox_row row = {
		.message = header->message,
		.case_id = header->case_id,
		.sender = header->from,
		.fault = "",
		.mailbox_seq = number_of(piece->entry, "mailbox_seq"),
		.case_seq = number_of(piece->entry, "case_seq"),
		.accepted_at = number_of(piece->entry, "accepted_at"),
		.stored_at = number_of(piece->entry, "stored_at"),
		.case_state = (uint32_t)number_of(piece->entry, "case_state"),
		.kind = header->kind,
		.event = cases_event(header->kind, header->report),
		.header_hash = piece->checked.header_hash,
		.envelope = bytes_view(&piece->bytes),
	};
	struct fail verdict = {.text = ""};
	bool fresh;
	row.granted = id_from_text(&row.granted_by, text_of(piece->entry, "granted_by")) == FAIL_NONE;
	enum fail_code code = corrections_check(r->profile, header, &verdict);
	if (code != FAIL_NONE && !checked_is_verdict(code)) {
		*r->why = verdict;
		return code;
	}
	if (code != FAIL_NONE)
		row.fault = verdict.text;
	code = inbox_add(r->profile->store, &row, &fresh, r->why);
	r->stored += code == FAIL_NONE && fresh && header->kind != KIND_RECEIPT;
	r->known += code == FAIL_NONE && !fresh && header->kind != KIND_RECEIPT;
	return code == FAIL_NONE && fresh ? note_opened(r, &row.message, number_of(piece->entry, "opened_at")) : code;
}

static enum fail_code is_there(void *context, const struct outbox_row *row)
{
	(void)context;
	(void)row;
	return FAIL_NONE;
}

static size_t attachments_of(const struct header *header, struct outbox_attachment list[MAX_OBJECTS])
{
	size_t count = 0;
	for (size_t i = 1; i < header->object_count; i++) { // the first is the body
		const struct object_ref *object = &header->object[i];
		list[count++] = (struct outbox_attachment){.message = header->message,
		                                           .number = (unsigned)i,
		                                           .object = object->id,
		                                           .length = object->length,
		                                           .tree_hash = object->tree_hash};
	}
	return count;
}

static enum fail_code add_attachments_done(struct restoring *r, const struct outbox_attachment *list, size_t count)
{
	enum fail_code code = FAIL_NONE;
	for (size_t i = 0; i < count && code == FAIL_NONE; i++)
		code = outbox_attachment_complete(r->profile->store, &list[i].object, true, r->why);
	return code;
}

// How far it got, as the hub's receipt or the hub's refusal said.
static enum fail_code add_fate(struct restoring *r, const struct piece *piece)
{
	const struct id *message = &piece->checked.header.message;
	json_t *entry = json_object_get(piece->entry, "receipt");
	if (entry == NULL) {
		struct outbox_refusal refusal = {text_of(piece->entry, "error"),         text_of(piece->entry, "error_text"),
		                                 text_of(piece->entry, "legal"),         text_of(piece->entry, "overtaken_by"),
		                                 number_of(piece->entry, "returned_at"), true};
		return outbox_refused(r->profile->store, message, &refusal, r->why);
	}
	struct bytes bytes;
	bytes_init(&bytes, RECEIPT_CAP);
	enum fail_code code = read_file(r, entry, &bytes);
	if (code == FAIL_NONE)
		code = outbox_accepted(r->profile->store, message, number_of(piece->entry, "accepted_at"), number_of(piece->entry, "case_seq"),
		                       (uint32_t)number_of(piece->entry, "case_state"), bytes_view(&bytes), r->why);
	bytes_release(&bytes);
	return code;
}

static void join_receivers(const struct header *header, char *text, size_t size)
{
	size_t used = 0;
	text[0] = '\0';
	for (size_t i = 0; i < header->to_count && used < size; i++)
		used += (size_t)snprintf(text + used, size - used, "%s%s", i > 0 ? "," : "", header->to[i]);
}

static enum fail_code add_written(struct restoring *r, const struct piece *piece)
{
	const struct header *header = &piece->checked.header;
	struct outbox_attachment list[MAX_OBJECTS];
	char receivers[MAX_RECIPIENTS * MEMBER_CODE_SIZE];
	if (outbox_find(r->profile->store, &header->message, is_there, NULL, NULL) == FAIL_NONE) {
		r->known++;
		return FAIL_NONE;
	}
	join_receivers(header, receivers, sizeof receivers);
	struct outbox_row row = {
		.message = header->message,
		.case_id = header->case_id,
		.reference = r->row.reference,
		.receivers = receivers,
		.kind = header->kind,
		.event = cases_event(header->kind, header->report),
		.header_hash = piece->checked.header_hash,
		.envelope = bytes_view(&piece->bytes),
	};
	row.at[OUTBOX_QUEUED] = number_of(piece->entry, "queued_at");
	size_t count = attachments_of(header, list);
	enum fail_code code = outbox_add(r->profile->store, &row, list, count, r->why);
	if (code == FAIL_NONE)
		code = add_attachments_done(r, list, count);
	if (code == FAIL_NONE)
		code = add_fate(r, piece);
	r->stored += code == FAIL_NONE;
	return code;
}

static enum fail_code is_of_case(void *context, const struct outbox_row *row)
{
	const struct restoring *r = context;
	return id_equal(&row->case_id, &r->case_id) ? FAIL_NONE : FAIL_UNKNOWN_CASE;
}

// One receipt may speak of messages of several cases.
static enum fail_code apply_receipt(struct restoring *r, const struct header *header)
{
	enum fail_code code = FAIL_NONE;
	for (size_t i = 0; i < header->receipt_count && code == FAIL_NONE; i++) {
		if (outbox_find(r->profile->store, &header->receipt[i].message, is_of_case, r, NULL) != FAIL_NONE)
			continue;
		code = outbox_receipt(r->profile->store, &header->receipt[i], header->from, r->why);
		r->got++;
	}
	return code;
}

static enum fail_code add_message(struct restoring *r, json_t *entry)
{
	struct piece piece;
	enum fail_code code = piece_open(r, &piece, entry);
	if (code == FAIL_NONE)
		code = is_written(entry) ? add_written(r, &piece) : add_received(r, &piece);
	if (code == FAIL_NONE && piece.checked.header.kind == KIND_RECEIPT)
		code = apply_receipt(r, &piece.checked.header);
	piece_close(&piece);
	return code;
}

static enum fail_code take_over(struct restoring *r)
{
	struct piece piece;
	enum fail_code code = piece_open(r, &piece, json_array_get(r->messages, 0));
	if (code == FAIL_NONE)
		code = cases_take_over(r->profile, &piece.checked.header, r->why);
	piece_close(&piece);
	return code;
}

static enum fail_code add_all(struct restoring *r)
{
	size_t i;
	json_t *entry;
	enum fail_code code = FAIL_NONE;
	json_array_foreach(r->messages, i, entry) {
		r->left_out += is_left_out(entry);
		if (code == FAIL_NONE && !is_left_out(entry))
			code = add_message(r, entry);
	}
	json_array_foreach(r->receipts, i, entry) {
		if (code == FAIL_NONE)
			code = add_message(r, entry);
	}
	return code == FAIL_NONE ? take_over(r) : code;
}

static enum fail_code store_all(struct restoring *r)
{
	enum fail_code code = store_begin(r->profile->store, r->why);
	if (code != FAIL_NONE)
		return code;
	code = add_all(r);
	if (code == FAIL_NONE)
		return store_commit(r->profile->store, r->why);
	store_rollback(r->profile->store);
	return code;
}

// ---- the folder

static enum fail_code read_manifest(const char *folder, json_t **manifest, struct fail *why)
{
	struct path path;
	struct bytes bytes;
	bytes_init(&bytes, MANIFEST_CAP);
	enum fail_code code = path_join(&path, folder, "manifest.json", why);
	if (code == FAIL_NONE)
		code = file_read(&bytes, path.text, why);
	*manifest =
		code == FAIL_NONE ? json_loadb((const char *)bytes.data, bytes.length, JSON_REJECT_DUPLICATES, NULL) : NULL;
	bytes_release(&bytes);
	if (code == FAIL_NONE && strcmp(text_of(*manifest, "schema"), "passerelle.manifest/1") != 0)
		code = fail_set(why, FAIL_MALFORMED, "manifest.json is not that of an exported case");
	return code;
}

static enum fail_code check_owner(struct restoring *r, const json_t *manifest)
{
	if (strcmp(text_of(manifest, "member"), r->profile->settings.identity.code) != 0)
		return fail_set(r->why, FAIL_NOT_ALLOWED, "the case was exported by another member");
	if (id_from_text(&r->case_id, text_of(manifest, "case")) != FAIL_NONE)
		return fail_set(r->why, FAIL_MALFORMED, "manifest.json names no case");
	return FAIL_NONE;
}

static json_t *result_of(const struct restoring *r)
{
	json_t *result = json_document("passerelle.restored/1");
	json_put_text(result, "reference", r->row.reference);
	json_put_id(result, "case", &r->case_id);
	json_object_set_new(result, "messages", json_integer(r->stored));
	json_object_set_new(result, "known", json_integer(r->known));
	json_object_set_new(result, "receipts", json_integer(r->got));
	json_object_set_new(result, "left_out", json_integer(r->left_out));
	return result;
}

enum fail_code restore_case(struct psr_profile *profile, const char *folder, json_t **result, struct fail *why)
{
	json_t *manifest;
	struct restoring r = {.profile = profile, .folder = folder, .hashes = json_object(), .why = why};
	enum fail_code code = read_manifest(folder, &manifest, why);
	if (code == FAIL_NONE)
		code = check_owner(&r, manifest);
	r.messages = json_sorted(json_copy(json_object_get(manifest, "messages")), by_number);
	r.receipts = json_object_get(manifest, "receipts");
	if (code == FAIL_NONE)
		code = check_all(&r);
	if (code == FAIL_NONE)
		code = store_all(&r);
	if (code == FAIL_NONE)
		*result = result_of(&r);
	json_decref(r.messages);
	json_decref(r.hashes);
	json_decref(manifest);
	return code;
}
