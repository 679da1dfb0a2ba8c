// SPDX-License-Identifier: Apache-2.0
#include "lib/attach.h"

#include "seal/content.h"
#include "seal/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 64 * 1024, NAME_LONGEST = 200 };

struct media_row {
	const char *ending, *type;
};

static const struct media_row media[] = {
	{".pdf", "application/pdf"}, {".jpg", "image/jpeg"}, {".jpeg", "image/jpeg"}, {".png", "image/png"},
	{".tif", "image/tiff"}, {".tiff", "image/tiff"}, {".heic", "image/heic"}, {".gif", "image/gif"},
	{".txt", "text/plain"}, {".csv", "text/csv"}, {".json", "application/json"}, {".xml", "application/xml"},
	{".doc", "application/msword"}, {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
	{".xls", "application/vnd.ms-excel"}, {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
	{".odt", "application/vnd.oasis.opendocument.text"}, {".ods", "application/vnd.oasis.opendocument.spreadsheet"},
	{".mp3", "audio/mpeg"}, {".m4a", "audio/mp4"}, {".ogg", "audio/ogg"}, {".wav", "audio/wav"},
	{".mp4", "video/mp4"}, {".zip", "application/zip"},
};

static const char *media_type_of(const char *name)
{
	const char *dot = strrchr(name, '.');
	for (size_t i = 0; dot != NULL && i < sizeof media / sizeof media[0]; i++) {
		if (strcasecmp(dot, media[i].ending) == 0)
			return media[i].type;
	}
	return "application/octet-stream";
}

enum fail_code attach_describe(struct form_attachment *attachment, const char *file, struct arena *arena,
                               struct fail *why)
{
	struct stat found;
	if (stat(file, &found) != 0)
		return file_fail(why, "open", file);
	if (!S_ISREG(found.st_mode))
		return fail_set(why, FAIL_BAD_USAGE, "'%s' is not a plain file", file);
	if ((uint64_t)found.st_size > ATTACH_MAX_PLAIN)
		return fail_set(why, FAIL_TOO_LARGE, "'%s' has more than 200 MiB", file);
	const char *slash = strrchr(file, '/');
	const char *name = slash == NULL ? file : slash + 1;
	if (strlen(name) > NAME_LONGEST)
		return fail_set(why, FAIL_BAD_USAGE, "'%s': the name has more than %d bytes", file, NAME_LONGEST);
	char *copy = arena_text(arena, name, strlen(name));
	if (copy == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	*attachment = (struct form_attachment){copy, media_type_of(name), (uint64_t)found.st_size};
	return FAIL_NONE;
}

// One pass from the file to the spool.
struct sealing {
	struct sealer *sealer;      // owned
	struct tree_stream *tree;   // owned
	struct bytes sealed;
	int from, to;               // owned descriptors
	const char *spool;
	uint64_t length;            // sealed bytes so far
};

static enum fail_code flush_sealed(struct sealing *sealing, struct fail *why)
{
	enum fail_code code = tree_stream_add(sealing->tree, bytes_view(&sealing->sealed));
	if (code != FAIL_NONE)
		return fail_set(why, code, "the attachment cannot be hashed");
	code = file_write_all(sealing->to, bytes_view(&sealing->sealed), sealing->spool, why);
	sealing->length += sealing->sealed.length;
	bytes_clear(&sealing->sealed);
	return code;
}

static enum fail_code add_plain(struct sealing *sealing, struct view plain, struct fail *why)
{
	enum fail_code code = sealer_add(sealing->sealer, plain, &sealing->sealed);
	if (code != FAIL_NONE)
		return fail_set(why, code, "the attachment cannot be sealed");
	return flush_sealed(sealing, why);
}

static enum fail_code add_file(struct sealing *sealing, const char *file, uint64_t plain, struct fail *why)
{
	uint8_t piece[PIECE];
	uint64_t done = 0;
	enum fail_code code = FAIL_NONE;
	while (code == FAIL_NONE) {
		ssize_t count = read(sealing->from, piece, sizeof piece);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return file_fail(why, "read", file);
		done += (uint64_t)count;
		if (done > plain || (count == 0 && done < plain))
			return fail_set(why, FAIL_IO, "'%s' changed while it was read", file);
		if (count == 0)
			break;
		code = add_plain(sealing, view_of(piece, (size_t)count), why);
	}
	wipe(piece, sizeof piece);
	return code;
}

static enum fail_code add_padding(struct sealing *sealing, uint64_t count, struct fail *why)
{
	static const uint8_t zeros[PIECE];
	enum fail_code code = FAIL_NONE;
	while (count > 0 && code == FAIL_NONE) {
		size_t part = count < sizeof zeros ? (size_t)count : sizeof zeros;
		code = add_plain(sealing, view_of(zeros, part), why);
		count -= part;
	}
	return code;
}

static enum fail_code finish(struct sealing *sealing, struct object_ref *object, struct fail *why)
{
	enum fail_code code = sealer_end(sealing->sealer, &sealing->sealed);
	if (code != FAIL_NONE)
		return fail_set(why, code, "the attachment cannot be sealed");
	code = flush_sealed(sealing, why);
	if (code == FAIL_NONE && fsync(sealing->to) != 0)
		code = file_fail(why, "sync", sealing->spool);
	object->length = sealing->length;
	object->tree_hash = tree_stream_root(sealing->tree);
	object->commitment = sealer_commitment(sealing->sealer);
	return code;
}

static enum fail_code open_both(struct sealing *sealing, const char *file, const struct seal_context *context,
                                const uint8_t key[SEAL_KEY_SIZE], struct fail *why)
{
	sealing->from = open(file, O_RDONLY | O_CLOEXEC);
	if (sealing->from < 0)
		return file_fail(why, "open", file);
	sealing->to = open(sealing->spool, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (sealing->to < 0)
		return file_fail(why, "make", sealing->spool);
	sealing->tree = tree_stream_new();
	enum fail_code code = sealing->tree == NULL ? FAIL_NO_MEMORY : sealer_new(&sealing->sealer, context, key);
	return code == FAIL_NONE ? FAIL_NONE : fail_set(why, code, "the attachment cannot be sealed");
}

enum fail_code attach_seal(struct psr_profile *profile, const char *file, uint64_t plain,
                           const struct seal_context *context, const uint8_t key[SEAL_KEY_SIZE],
                           struct object_ref *object, struct fail *why)
{
	struct path spool = profile_spool(profile, &context->object);
	struct sealing sealing = {.from = -1, .to = -1, .spool = spool.text};
	bytes_init(&sealing.sealed, 4 * PIECE);
	object->id = context->object;
	enum fail_code code = open_both(&sealing, file, context, key, why);
	if (code == FAIL_NONE)
		code = add_file(&sealing, file, plain, why);
	if (code == FAIL_NONE)
		code = add_padding(&sealing, content_bucket(plain) - plain, why);
	if (code == FAIL_NONE)
		code = finish(&sealing, object, why);
	if (code == FAIL_NONE)
		code = file_sync_folder_of(spool.text, why);
	if (sealing.from >= 0)
		close(sealing.from);
	if (sealing.to >= 0)
		close(sealing.to);
	if (code != FAIL_NONE && sealing.to >= 0)
		unlink(spool.text);
	sealer_free(sealing.sealer);
	tree_stream_free(sealing.tree);
	bytes_release(&sealing.sealed);
	return code;
}

typedef enum fail_code (*piece_call)(void *context, struct view piece, struct fail *why);

static enum fail_code each_piece(const char *path, piece_call call, void *context, struct fail *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return file_fail(why, "open", path);
	uint8_t piece[PIECE];
	enum fail_code code = FAIL_NONE;
	while (code == FAIL_NONE) {
		ssize_t count = read(fd, piece, sizeof piece);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			code = file_fail(why, "read", path);
		if (count <= 0)
			break;
		code = call(context, view_of(piece, (size_t)count), why);
	}
	close(fd);
	return code;
}

struct measuring {
	struct tree_stream *tree;
	uint64_t length;
};

static enum fail_code measure(void *context, struct view piece, struct fail *why)
{
	struct measuring *measuring = context;
	measuring->length += piece.length;
	enum fail_code code = tree_stream_add(measuring->tree, piece);
	return code == FAIL_NONE ? FAIL_NONE : fail_set(why, code, "the attachment cannot be hashed");
}

enum fail_code attach_verify(const char *spool, uint64_t length, const struct hash *tree_hash, struct fail *why)
{
	struct measuring measuring = {.tree = tree_stream_new()};
	if (measuring.tree == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	enum fail_code code = each_piece(spool, measure, &measuring, why);
	if (code == FAIL_NONE) {
		struct hash found = tree_stream_root(measuring.tree);
		if (measuring.length != length || !hash_equal(&found, tree_hash))
			code = fail_set(why, FAIL_DATA_LOSS, "'%s' is not what was signed", spool);
	}
	tree_stream_free(measuring.tree);
	return code;
}

struct opening {
	struct opener *opener;   // owned
	struct bytes plain;      // wiped
	int to;
	const char *file;
	uint64_t left;           // plain bytes before the padding
};

static enum fail_code put_plain(struct opening *opening, struct fail *why)
{
	struct view plain = bytes_view(&opening->plain);
	size_t take = plain.length < opening->left ? plain.length : (size_t)opening->left;
	for (size_t i = take; i < plain.length; i++) {
		if (plain.data[i] != 0)
			return fail_set(why, FAIL_CANNOT_OPEN, "there is something behind the attachment's end");
	}
	opening->left -= take;
	enum fail_code code = file_write_all(opening->to, view_of(plain.data, take), opening->file, why);
	bytes_clear(&opening->plain);
	return code;
}

static enum fail_code open_piece(void *context, struct view piece, struct fail *why)
{
	struct opening *opening = context;
	enum fail_code code = opener_add(opening->opener, piece, &opening->plain);
	if (code != FAIL_NONE)
		return fail_set(why, code, "the attachment does not open");
	return put_plain(opening, why);
}

static enum fail_code open_all(struct opening *opening, const char *spool, struct fail *why)
{
	enum fail_code code = each_piece(spool, open_piece, opening, why);
	if (code != FAIL_NONE)
		return code;
	code = opener_end(opening->opener, &opening->plain);
	if (code != FAIL_NONE)
		return fail_set(why, code, "the attachment does not open");
	code = put_plain(opening, why);
	if (code == FAIL_NONE && opening->left > 0)
		code = fail_set(why, FAIL_CANNOT_OPEN, "the attachment is shorter than its message says");
	if (code == FAIL_NONE && fsync(opening->to) != 0)
		code = file_fail(why, "sync", opening->file);
	return code;
}

// link() refuses a name that is taken; rename() would replace what a person has there.
static enum fail_code give_name(const char *part, const char *file, struct fail *why)
{
	if (link(part, file) == 0)
		return file_sync_folder_of(file, why);
	if (errno == EEXIST)
		return fail_set(why, FAIL_BAD_USAGE, "'%s' is there already", file);
	if (file_there(file) || rename(part, file) != 0) // a file system without links
		return file_fail(why, "make", file);
	return file_sync_folder_of(file, why);
}

enum fail_code attach_open(const char *spool, uint64_t plain, const struct seal_context *context,
                           const uint8_t key[SEAL_KEY_SIZE], const struct hash *commitment, const char *file,
                           struct fail *why)
{
	struct path part;
	int length = snprintf(part.text, sizeof part.text, "%s.part", file);
	if (length < 0 || (size_t)length >= sizeof part.text)
		return fail_set(why, FAIL_BAD_USAGE, "the path is too long");
	if (file_there(file))
		return fail_set(why, FAIL_BAD_USAGE, "'%s' is there already", file);
	struct opening opening = {.to = -1, .file = part.text, .left = plain};
	bytes_init(&opening.plain, 4 * PIECE);
	enum fail_code code = opener_new(&opening.opener, context, key, commitment);
	if (code != FAIL_NONE)
		return fail_set(why, code, "the attachment does not open");
	unlink(part.text); // of an opening that was cut
	opening.to = open(part.text, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	code = opening.to < 0 ? file_fail(why, "make", part.text) : open_all(&opening, spool, why);
	if (opening.to >= 0)
		close(opening.to);
	if (code == FAIL_NONE)
		code = give_name(part.text, file, why);
	unlink(part.text);
	opener_free(opening.opener);
	bytes_wipe(&opening.plain);
	return code;
}
