// SPDX-License-Identifier: Apache-2.0
#include "lib/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

uint64_t clock_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

enum fail_code profile_identity(struct identity *identity, const char *code, const char *role, const char *user,
                                struct fail *why)
{
	char uri[IDENTITY_URI_SIZE * 2];
	const char *class = strcmp(role, "desk") == 0 ? "agency" : "member";
	int length = snprintf(uri, sizeof uri, "urn:iss:%s:%s:%s:%s", class, code, role, user);
	if (!member_code_valid(code))
		return fail_set(why, FAIL_BAD_USAGE, "member: 1 to 16 of A-Z 0-9 - are a code, such as CH");
	if (length < 0 || (size_t)length >= IDENTITY_URI_SIZE || identity_from_uri(identity, uri) != FAIL_NONE)
		return fail_set(why, FAIL_BAD_USAGE, "user: 1 to 32 of a-z 0-9 -; role: 1 to 16 of a-z -");
	return FAIL_NONE;
}

static bool port_valid(const char *port)
{
	if (port[0] == '\0' || strlen(port) > 5 || strspn(port, "0123456789") != strlen(port))
		return false;
	long number = strtol(port, NULL, 10);
	return number >= 1 && number <= 65535;
}

enum fail_code profile_hub_address(const char *text, char host[HUB_HOST_SIZE], char port[8], struct fail *why)
{
	const char *colon = strrchr(text, ':');
	const char *from = text;
	size_t length = colon == NULL ? 0 : (size_t)(colon - text);
	if (length >= 2 && from[0] == '[' && from[length - 1] == ']') {
		from++;
		length -= 2;
	} else if (length > 0 && memchr(text, ':', length) != NULL) {
		length = 0; // an IPv6 address without brackets: where it ends is a guess
	}
	if (length == 0 || length >= HUB_HOST_SIZE || !port_valid(colon + 1))
		return fail_set(why, FAIL_BAD_USAGE, "hub: 'host:port' is needed, an IPv6 address in brackets");
	snprintf(host, HUB_HOST_SIZE, "%.*s", (int)length, from);
	snprintf(port, 8, "%s", colon + 1);
	return FAIL_NONE;
}

struct ini_texts {
	char member[64], role[64], user[64], hub[HUB_HOST_SIZE + 16];
	char unknown[64];
};

struct ini_key {
	const char *section, *name;
	size_t offset, size;
};

#define TEXT_OF(field) offsetof(struct ini_texts, field), sizeof(((struct ini_texts *)0)->field)
static const struct ini_key ini_keys[] = {
	{"profile", "member", TEXT_OF(member)},
	{"profile", "role", TEXT_OF(role)},
	{"profile", "user", TEXT_OF(user)},
	{"hub", "address", TEXT_OF(hub)},
};

static int ini_value(void *context, const char *section, const char *name, const char *value)
{
	struct ini_texts *texts = context;
	for (size_t i = 0; i < sizeof ini_keys / sizeof ini_keys[0]; i++) {
		const struct ini_key *key = &ini_keys[i];
		if (strcmp(key->section, section) != 0 || strcmp(key->name, name) != 0)
			continue;
		int length = snprintf((char *)texts + key->offset, key->size, "%s", value);
		return length >= 0 && (size_t)length < key->size;
	}
	snprintf(texts->unknown, sizeof texts->unknown, "[%.20s] %.30s", section, name);
	return 1;
}

enum fail_code profile_settings_load(struct profile_settings *settings, const char *folder, struct fail *why)
{
	struct path path;
	enum fail_code code = path_join(&path, folder, "profile.ini", why);
	if (code != FAIL_NONE)
		return code;
	struct ini_texts texts = {.member = ""};
	int line = ini_parse(path.text, ini_value, &texts);
	if (line < 0)
		return fail_set(why, FAIL_NO_FILE, "'%s' is not a profile: profile.ini cannot be opened", folder);
	if (line > 0)
		return fail_set(why, FAIL_BAD_CONFIG, "%s:%d: not 'name = value', or too long", path.text, line);
	if (texts.unknown[0] != '\0')
		return fail_set(why, FAIL_BAD_CONFIG, "%s: %s is not known", path.text, texts.unknown);
	code = profile_identity(&settings->identity, texts.member, texts.role, texts.user, why);
	if (code == FAIL_NONE)
		code = profile_hub_address(texts.hub, settings->hub_host, settings->hub_port, why);
	if (code == FAIL_NONE)
		return FAIL_NONE;
	fail_set(why, FAIL_BAD_CONFIG, "%s", why == NULL ? "" : why->text);
	return fail_wrap(why, "%s", path.text);
}

struct path profile_path(const struct psr_profile *profile, const char *name)
{
	struct path path;
	must(path_join(&path, profile->folder, name, NULL) == FAIL_NONE);
	return path;
}

struct path profile_spool(const struct psr_profile *profile, const struct id *object)
{
	char name[ID_TEXT_SIZE + 8], text[ID_TEXT_SIZE];
	id_to_text(object, text);
	snprintf(name, sizeof name, "spool/%s", text);
	return profile_path(profile, name);
}

static enum fail_code check_folder(const char *folder, struct fail *why)
{
	if (strlen(folder) >= PATH_SIZE / 2)
		return fail_set(why, FAIL_BAD_USAGE, "the path is too long");
	struct path path;
	enum fail_code code = path_join(&path, folder, "profile.ini", why);
	if (code == FAIL_NONE && !file_there(path.text))
		code = fail_set(why, FAIL_NO_FILE, "'%s' is not a profile: profile.ini is not there", folder);
	return code == FAIL_NONE ? file_check_private(folder, why) : code;
}

// SQLite gives its side files the rights of the main one, so that is made first and private.
static enum fail_code open_store(struct psr_profile *profile, struct fail *why)
{
	struct path path = profile_path(profile, "store.db");
	int fd = open(path.text, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return file_fail(why, "open", path.text);
	close(fd);
	enum fail_code code = file_check_private(path.text, why);
	return code == FAIL_NONE ? store_open(&profile->store, path.text, why) : code;
}

static enum fail_code open_parts(struct psr_profile *profile, const char *passphrase, struct fail *why)
{
	struct path root = profile_path(profile, "trust/root.pem");
	enum fail_code code = profile_settings_load(&profile->settings, profile->folder, why);
	if (code == FAIL_NONE)
		code = trust_new(&profile->trust, root.text, why);
	if (code == FAIL_NONE)
		code = keystore_open_files(&profile->keys, profile->folder, root.text, passphrase, why);
	if (code == FAIL_NONE)
		code = folder_make(profile_path(profile, "spool").text, why);
	if (code == FAIL_NONE)
		code = open_store(profile, why);
	if (code != FAIL_NONE)
		return code;
	struct path lock = profile_path(profile, "profile.lock");
	profile->lock = open(lock.text, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	return profile->lock < 0 ? file_fail(why, "open", lock.text) : FAIL_NONE;
}

enum fail_code profile_open(struct psr_profile **profile, const char *folder, const char *passphrase, struct fail *why)
{
	enum fail_code code = check_folder(folder, why);
	if (code != FAIL_NONE)
		return code;
	struct psr_profile *made = calloc(1, sizeof *made);
	if (made == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	made->lock = -1;
	snprintf(made->folder, sizeof made->folder, "%s", folder);
	made->forms = profile_path(made, "forms");
	code = open_parts(made, passphrase, why);
	if (code != FAIL_NONE) {
		profile_close(made);
		return code;
	}
	*profile = made;
	return FAIL_NONE;
}

void profile_close(struct psr_profile *profile)
{
	if (profile == NULL)
		return;
	must(profile->watch == NULL);
	store_close(profile->store);
	if (profile->keys != NULL)
		profile->keys->ops->free(profile->keys);
	trust_free(profile->trust);
	if (profile->lock >= 0)
		close(profile->lock);
	free(profile);
}

// Locks of the open file, not of the process: two profiles of one process exclude each other too.
static int lock_call(struct psr_profile *profile, enum profile_part part, short type, int command)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)part, .l_len = 1};
	int outcome;
	do {
		outcome = fcntl(profile->lock, command, &lock);
	} while (outcome < 0 && errno == EINTR);
	return outcome;
}

enum fail_code profile_lock(struct psr_profile *profile, enum profile_part part, struct fail *why)
{
	int command = part == PROFILE_SYNC ? F_OFD_SETLK : F_OFD_SETLKW;
	if (lock_call(profile, part, F_WRLCK, command) == 0)
		return FAIL_NONE;
	if (errno == EAGAIN || errno == EACCES)
		return fail_set(why, FAIL_UNAVAILABLE, "another program is exchanging messages with this profile");
	return file_fail(why, "lock", profile->folder);
}

void profile_unlock(struct psr_profile *profile, enum profile_part part)
{
	must(lock_call(profile, part, F_UNLCK, F_OFD_SETLK) == 0);
}
