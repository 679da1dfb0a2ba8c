// SPDX-License-Identifier: Apache-2.0
//
// A profile's first day: keys and requests, then the certificates that came back.
#include "lib/profile_new.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

// A desk asks and writes no messages: a TLS key is all it needs. The General Secretariat signs what it tells all
// branches, and statistics are sealed to it.
static bool wants_key(const struct identity *identity, enum certificate_use use)
{
	return strcmp(identity->role, "desk") != 0 || use == USE_TLS_CLIENT;
}

// The branch key belongs to the member and is named by its epoch, the month it was made in.
static enum fail_code identity_for(struct identity *identity, const struct identity *person, enum certificate_use use,
                                   struct fail *why)
{
	*identity = *person;
	if (use != USE_ENCRYPTION)
		return FAIL_NONE;
	time_t now = (time_t)(clock_now() / 1000);
	struct tm parts;
	gmtime_r(&now, &parts);
	char epoch[USER_SIZE];
	strftime(epoch, sizeof epoch, "%Y-%m", &parts);
	return profile_identity(identity, person->code, "branch", epoch, why);
}

static enum fail_code make_key(const char *folder, const struct key_name *name, const struct identity *person,
                               struct key_lock *lock, struct fail *why)
{
	struct identity identity;
	enum fail_code code = identity_for(&identity, person, name->use, why);
	struct path key_path, request_path;
	char file[32];
	snprintf(file, sizeof file, "keys/%s.key", name->name);
	if (code == FAIL_NONE)
		code = path_join(&key_path, folder, file, why);
	snprintf(file, sizeof file, "requests/%s.csr", name->name);
	if (code == FAIL_NONE)
		code = path_join(&request_path, folder, file, why);
	if (code != FAIL_NONE)
		return code;
	struct private_key *key = NULL;
	struct bytes pem;
	bytes_init(&pem, 64 * 1024);
	code = private_key_generate(&key, name->use);
	if (code != FAIL_NONE)
		fail_set(why, code, "the key '%s' cannot be made", name->name);
	if (code == FAIL_NONE)
		code = private_key_save(key, key_path.text, lock, why);
	if (code == FAIL_NONE)
		code = private_key_request(key, &identity, &pem, why);
	if (code == FAIL_NONE)
		code = file_replace(request_path.text, bytes_view(&pem), why);
	bytes_release(&pem);
	private_key_free(key);
	return code;
}

static enum fail_code make_folders(const char *folder, struct fail *why)
{
	static const char *const names[] = {"keys", "requests", "trust", "spool"};
	enum fail_code code = folder_make(folder, why);
	for (size_t i = 0; i < sizeof names / sizeof names[0] && code == FAIL_NONE; i++) {
		struct path path;
		code = path_join(&path, folder, names[i], why);
		if (code == FAIL_NONE)
			code = folder_make(path.text, why);
	}
	return code == FAIL_NONE ? file_check_private(folder, why) : code;
}

static enum fail_code copy_trust(const char *folder, const char *trust, struct fail *why)
{
	struct path path;
	struct bytes pem;
	struct trust *checked = NULL;
	bytes_init(&pem, 64 * 1024);
	enum fail_code code = path_join(&path, folder, "trust/root.pem", why);
	if (code == FAIL_NONE)
		code = file_read(&pem, trust, why);
	if (code == FAIL_NONE)
		code = trust_new(&checked, trust, why);
	if (code == FAIL_NONE)
		code = file_replace(path.text, bytes_view(&pem), why);
	trust_free(checked);
	bytes_release(&pem);
	return code;
}

static enum fail_code write_ini(const char *folder, const struct identity *identity, const char *hub, struct fail *why)
{
	struct path path;
	char text[1024];
	int length = snprintf(text, sizeof text,
		"; Who this profile is for, and where the hub is. Keys and certificates fit this person only.\n"
		"[profile]\nmember = %s\nrole = %s\nuser = %s\n\n[hub]\naddress = %s\n",
		identity->code, identity->role, identity->user, hub);
	must(length > 0 && (size_t)length < sizeof text);
	enum fail_code code = path_join(&path, folder, "profile.ini", why);
	return code == FAIL_NONE ? file_replace(path.text, view_of_text(text), why) : code;
}

static enum fail_code check_new(const struct psr_new_profile *from, struct identity *identity, struct fail *why)
{
	if (from->folder == NULL || from->member == NULL || from->user == NULL || from->role == NULL || from->hub == NULL ||
	    from->trust == NULL)
		return fail_set(why, FAIL_BAD_USAGE, "folder, member, user, role, hub and trust are needed");
	if (strlen(from->folder) >= PATH_SIZE / 2)
		return fail_set(why, FAIL_BAD_USAGE, "the path is too long");
	char host[HUB_HOST_SIZE], port[8];
	enum fail_code code = profile_hub_address(from->hub, host, port, why);
	if (code == FAIL_NONE)
		code = profile_identity(identity, from->member, from->role, from->user, why);
	struct path path;
	if (code == FAIL_NONE)
		code = path_join(&path, from->folder, "profile.ini", why);
	if (code == FAIL_NONE && file_there(path.text))
		code = fail_set(why, FAIL_BAD_USAGE, "'%s' holds a profile already", from->folder);
	return code;
}

enum fail_code profile_create(const struct psr_new_profile *from, struct identity *identity, struct fail *why)
{
	enum fail_code code = check_new(from, identity, why);
	if (code == FAIL_NONE)
		code = make_folders(from->folder, why);
	if (code == FAIL_NONE)
		code = copy_trust(from->folder, from->trust, why);
	struct key_lock *lock = NULL;
	if (code == FAIL_NONE)
		code = key_lock_new(&lock, from->passphrase, why);
	for (size_t i = 0; i < KEY_NAMES && code == FAIL_NONE; i++) {
		if (wants_key(identity, key_names[i].use))
			code = make_key(from->folder, &key_names[i], identity, lock, why);
	}
	key_lock_free(lock);
	return code == FAIL_NONE ? write_ini(from->folder, identity, from->hub, why) : code;
}

bool profile_has_key(const char *folder, const struct key_name *name)
{
	struct path path;
	char file[32];
	snprintf(file, sizeof file, "keys/%s.key", name->name);
	return path_join(&path, folder, file, NULL) == FAIL_NONE && file_there(path.text);
}

// Same person (or, for the branch key, same member), whichever epoch.
static bool is_ours(const struct identity *found, const struct identity *person, enum certificate_use use)
{
	if (use != USE_ENCRYPTION)
		return strcmp(found->uri, person->uri) == 0;
	return found->class == IDENTITY_MEMBER && strcmp(found->code, person->code) == 0 &&
	       strcmp(found->role, "branch") == 0;
}

static enum fail_code check_against_key(const struct own_certificate *own, const char *folder,
                                        const struct key_name *name, struct key_lock *lock, struct fail *why)
{
	struct path path;
	char file[32];
	snprintf(file, sizeof file, "keys/%s.key", name->name);
	enum fail_code code = path_join(&path, folder, file, why);
	struct private_key *key = NULL;
	if (code == FAIL_NONE)
		code = private_key_load(&key, path.text, lock, why);
	if (code == FAIL_NONE && !private_key_fits(key, own->certificate))
		code = fail_set(why, FAIL_BAD_CERTIFICATE, "it was issued for another key than '%s'", path.text);
	private_key_free(key);
	return code;
}

struct install {
	const char *folder, *certificates;
	struct key_lock *lock;
	struct profile_settings settings;
	struct trust *trust;
};

static enum fail_code check_one(const struct install *install, const struct key_name *name, struct bytes *pem,
                                struct fail *why)
{
	char file[32];
	snprintf(file, sizeof file, "%s.crt", name->name);
	struct path path;
	struct own_certificate own;
	enum fail_code code = path_join(&path, install->certificates, file, why);
	if (code == FAIL_NONE)
		code = file_read(pem, path.text, why);
	if (code == FAIL_NONE)
		code = own_certificate_load(&own, path.text, why);
	if (code != FAIL_NONE)
		return code;
	code = own_certificate_check(&own, install->trust, name->use, (int64_t)(clock_now() / 1000), why);
	if (code == FAIL_NONE && !is_ours(certificate_identity(own.certificate), &install->settings.identity, name->use))
		code = fail_set(why, FAIL_BAD_CERTIFICATE, "it is for '%s'", certificate_identity(own.certificate)->uri);
	if (code == FAIL_NONE)
		code = check_against_key(&own, install->folder, name, install->lock, why);
	if (code != FAIL_NONE)
		fail_wrap(why, "%s", path.text);
	own_certificate_release(&own);
	return code;
}

static enum fail_code put_one(const char *folder, const struct key_name *name, const struct bytes *pem,
                              struct fail *why)
{
	char file[32];
	snprintf(file, sizeof file, "keys/%s.crt", name->name);
	struct path path;
	enum fail_code code = path_join(&path, folder, file, why);
	return code == FAIL_NONE ? file_replace(path.text, bytes_view(pem), why) : code;
}

enum fail_code profile_install(const char *folder, const char *certificates, const char *passphrase,
                               struct identity *identity, struct fail *why)
{
	struct install install = {.folder = folder, .certificates = certificates};
	struct path root;
	struct bytes pem[KEY_NAMES];
	for (size_t i = 0; i < KEY_NAMES; i++)
		bytes_init(&pem[i], 64 * 1024);
	enum fail_code code = key_lock_new(&install.lock, passphrase, why);
	if (code == FAIL_NONE)
		code = profile_settings_load(&install.settings, folder, why);
	if (code == FAIL_NONE)
		code = path_join(&root, folder, "trust/root.pem", why);
	if (code == FAIL_NONE)
		code = trust_new(&install.trust, root.text, why);
	for (size_t i = 0; i < KEY_NAMES && code == FAIL_NONE; i++) {
		if (profile_has_key(folder, &key_names[i]))
			code = check_one(&install, &key_names[i], &pem[i], why);
	}
	for (size_t i = 0; i < KEY_NAMES && code == FAIL_NONE; i++) {
		if (pem[i].length > 0)
			code = put_one(folder, &key_names[i], &pem[i], why);
	}
	if (code == FAIL_NONE)
		*identity = install.settings.identity;
	for (size_t i = 0; i < KEY_NAMES; i++)
		bytes_release(&pem[i]);
	trust_free(install.trust);
	key_lock_free(install.lock);
	return code;
}
