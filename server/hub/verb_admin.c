// SPDX-License-Identifier: Apache-2.0
//
// What the operator does by hand: migrate, member, keys.
#include "hub/calendar_file.h"
#include "hub/verb.h"
#include "monitor/log.h"
#include "seal/key.h"
#include "store/member_admin.h"
#include "store/migrate.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { QUOTED_SIZE = 1300, PASSPHRASE_SIZE = 1024, REQUEST_CAP = 16 * 1024 };

static const char *owner_of(const struct config *config, int *exit_code)
{
	if (config->database_owner[0] != 0)
		return config->database_owner;
	fprintf(stderr, "passerelle-hub: [database] owner is not set\n  it is the connection string of a role that may change the schema\n");
	*exit_code = EXIT_CONFIG;
	return NULL;
}

static void say_line(void *context, const char *line)
{
	(void)context;
	puts(line);
}

int verb_migrate(const struct call *call)
{
	int code;
	struct fail why = {0};
	struct config *config = verb_config(call, false, &code);
	if (config == NULL)
		return code;
	struct migrate_settings settings = {
		.conninfo = owner_of(config, &code), .dry_run = call->value[FLAG_DRY_RUN] != NULL,
		.now = (uint64_t)time(NULL) * 1000, .say = say_line,
	};
	char *end = NULL;
	if (call->value[FLAG_TO] != NULL)
		settings.to = (unsigned)strtoul(call->value[FLAG_TO], &end, 10);
	if (end != NULL && (*end != 0 || settings.to == 0))
		code = verb_failed(&(struct fail){FAIL_BAD_USAGE, "--to wants the number of a migration"});
	else if (settings.conninfo != NULL)
		code = migrate_run(&settings, &why) == FAIL_NONE ? EXIT_DONE : verb_failed(&why);
	config_free(config);
	return code;
}

// Certificates of one member, checked against the root, as the store wants them.
struct registration {
	const struct config *config;
	struct trust *trust;
	struct bytes der[MAX_REPEATED * 4];
	size_t der_count;
	struct view signing[MAX_REPEATED], encryption[MAX_REPEATED], issuer[MAX_REPEATED * 2];
	struct member_registration member;
};

static enum fail_code check_one(struct registration *made, const char *file, enum certificate_use use, struct view *out,
                                struct fail *why)
{
	struct bytes *der = &made->der[made->der_count];
	struct certificate *certificate = NULL;
	size_t count = 2;
	enum fail_code code = certificates_load(der, &count, file, why);
	if (code != FAIL_NONE)
		return code;
	made->der_count += count;
	if (count < 2)
		return fail_set(why, FAIL_BAD_CERTIFICATE, "'%s' must hold the certificate and its authority's", file);
	struct view issuer = bytes_view(&der[1]);
	code = certificate_check(&certificate, made->trust, bytes_view(&der[0]), &issuer, 1, use, time(NULL), why);
	if (code == FAIL_NONE && strcmp(certificate_identity(certificate)->code, made->member.code) != 0)
		code = fail_set(why, FAIL_BAD_CERTIFICATE, "it belongs to '%s'", certificate_identity(certificate)->code);
	certificate_free(certificate);
	if (code != FAIL_NONE)
		return fail_wrap(why, "%s", file);
	*out = bytes_view(&der[0]);
	made->issuer[made->member.issuer_count++] = issuer;
	return FAIL_NONE;
}

static enum fail_code check_all(struct registration *made, const struct call *call, struct fail *why)
{
	// What a hub signs with is its receipt key.
	bool hub = made->member.kind != NULL && strcmp(made->member.kind, "HUB") == 0;
	enum fail_code code = trust_new(&made->trust, made->config->tls_trust, why);
	for (size_t i = 0; code == FAIL_NONE && i < call->count[FLAG_SIGNING]; i++)
		code = check_one(made, call->repeated[FLAG_SIGNING][i], hub ? USE_RECEIPT : USE_SIGNING,
		                 &made->signing[made->member.signing_count++], why);
	for (size_t i = 0; code == FAIL_NONE && i < call->count[FLAG_ENCRYPTION]; i++)
		code = check_one(made, call->repeated[FLAG_ENCRYPTION][i], USE_ENCRYPTION,
		                 &made->encryption[made->member.encryption_count++], why);
	return code;
}

static int add_member(const struct call *call, const struct config *config, const char *owner)
{
	struct fail why = {0};
	struct registration *made = calloc(1, sizeof *made);
	if (made == NULL)
		return EXIT_SYSTEM;
	made->config = config;
	made->member = (struct member_registration){
		.code = call->value[FLAG_CODE],
		.kind = call->value[FLAG_KIND],
		.name = call->value[FLAG_NAME],
		.status = call->value[FLAG_STATUS],
		.signing = made->signing,
		.encryption = made->encryption,
		.issuer = made->issuer,
		.service = call->repeated[FLAG_SERVICE],
		.service_count = call->count[FLAG_SERVICE],
		.language = call->repeated[FLAG_LANGUAGE],
		.language_count = call->count[FLAG_LANGUAGE],
		.country = call->repeated[FLAG_COUNTRY],
		.country_count = call->count[FLAG_COUNTRY],
	};
	enum fail_code code = FAIL_NONE;
	if (call->count[FLAG_SIGNING] + call->count[FLAG_ENCRYPTION] > 0)
		code = check_all(made, call, &why);
	if (code == FAIL_NONE)
		code = member_register(owner, &made->member, &why);
	if (code == FAIL_NONE)
		printf("%s is registered\n", call->value[FLAG_CODE]);
	for (size_t i = 0; i < made->der_count; i++)
		bytes_release(&made->der[i]);
	trust_free(made->trust);
	free(made);
	return code == FAIL_NONE ? EXIT_DONE : verb_failed(&why);
}

int verb_member_add(const struct call *call)
{
	int code;
	struct config *config = verb_config(call, false, &code);
	if (config == NULL)
		return code;
	const char *owner = owner_of(config, &code);
	if (owner != NULL)
		code = add_member(call, config, owner);
	config_free(config);
	return code;
}

int verb_member_availability(const struct call *call)
{
	int code;
	struct fail why = {0};
	struct config *config = verb_config(call, false, &code);
	if (config == NULL)
		return code;
	const char *owner = owner_of(config, &code);
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	struct member_availability availability = {
		.code = call->value[FLAG_CODE], .status = call->value[FLAG_STATUS], .cause = call->value[FLAG_CAUSE],
		.until = call->value[FLAG_UNTIL], .deputy = call->value[FLAG_DEPUTY],
		.at = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000,
	};
	if (owner != NULL) {
		code = member_set_availability(owner, &availability, &why) == FAIL_NONE ? EXIT_DONE : verb_failed(&why);
		if (code == EXIT_DONE)
			printf("%s is %s\n", availability.code, availability.status);
	}
	config_free(config);
	return code;
}

static void say_fault(void *context, const char *text)
{
	(void)context;
	fprintf(stderr, "passerelle-hub: %s\n", text);
}

static enum fail_code set_calendar(const struct call *call, const char *owner, struct fail *why)
{
	struct work_calendar calendar;
	char text[CALENDAR_TEXT_SIZE], week[WEEK_TEXT_SIZE];
	enum fail_code code = calendar_parse(&calendar, "", why);
	if (code == FAIL_NONE && call->value[FLAG_WORK_DAYS] != NULL &&
	    week_parse(&calendar.week, call->value[FLAG_WORK_DAYS], why) != FAIL_NONE)
		code = why->code = FAIL_BAD_USAGE;
	if (code == FAIL_NONE && call->value[FLAG_HOLIDAYS] != NULL)
		code = calendar_file_read(&calendar, call->value[FLAG_HOLIDAYS], say_fault, NULL, why);
	if (code != FAIL_NONE)
		return code;
	calendar_to_text(&calendar, INT32_MIN, INT32_MAX, text);
	code = member_set_calendar(owner, call->value[FLAG_CODE], text, why);
	if (code == FAIL_NONE) {
		week_to_text(calendar.week, week);
		printf("%s works %s, with %u days off\n", call->value[FLAG_CODE], week, (unsigned)calendar.count);
	}
	return code;
}

int verb_member_calendar(const struct call *call)
{
	int code;
	struct fail why = {0};
	struct config *config = verb_config(call, false, &code);
	if (config == NULL)
		return code;
	const char *owner = owner_of(config, &code);
	if (owner != NULL)
		code = set_calendar(call, owner, &why) == FAIL_NONE ? EXIT_DONE : verb_failed(&why);
	config_free(config);
	return code;
}

struct listing {
	bool json;
	size_t count;
};

static void print_member(void *context, const struct member_row *row)
{
	struct listing *listing = context;
	char name[QUOTED_SIZE];
	log_quote(row->name, name, sizeof name);
	if (listing->json)
		printf(
			"%s\n  {\"code\": \"%s\", \"kind\": \"%s\", \"status\": \"%s\", \"availability\": \"%s\", \"name\": %s, \"signing\": %u, \"encryption\": %u}",
			listing->count > 0 ? "," : "", row->code, row->kind, row->status, row->availability, name, row->signing,
			row->encryption);
	else
		printf("%-16s %-20s %-10s %-10s %u signing, %u encryption  %s\n", row->code, row->kind, row->status,
		       row->availability, row->signing, row->encryption, name);
	listing->count++;
}

int verb_member_list(const struct call *call)
{
	int code;
	struct fail why = {0};
	struct listing listing = {.json = call->value[FLAG_JSON] != NULL};
	struct config *config = verb_config(call, false, &code);
	if (config == NULL)
		return code;
	const char *owner = owner_of(config, &code);
	if (owner != NULL) {
		if (listing.json)
			printf("{\"schema\": \"passerelle-hub.members/1\", \"items\": [");
		code = member_list(owner, print_member, &listing, &why) == FAIL_NONE ? EXIT_DONE : verb_failed(&why);
		if (listing.json)
			printf("]}\n");
	}
	config_free(config);
	return code;
}

static enum fail_code read_line(const char *file, char text[PASSPHRASE_SIZE], struct fail *why)
{
	FILE *stream = fopen(file, "re");
	if (stream == NULL)
		return fail_set(why, FAIL_NO_FILE, "cannot open '%s': %s", file, strerror(errno));
	setvbuf(stream, NULL, _IONBF, 0);
	char *line = fgets(text, PASSPHRASE_SIZE, stream);
	fclose(stream);
	if (line == NULL)
		return fail_set(why, FAIL_BAD_PASSPHRASE, "'%s' is empty", file);
	text[strcspn(text, "\r\n")] = 0;
	return FAIL_NONE;
}

static enum fail_code write_file(const char *file, const struct bytes *content, struct fail *why)
{
	FILE *stream = fopen(file, "wxe");
	bool written = stream != NULL && fwrite(content->data, 1, content->length, stream) == content->length;
	if (stream != NULL && fclose(stream) != 0)
		written = false;
	return written ? FAIL_NONE : fail_set(why, FAIL_IO, "cannot write '%s': %s", file, strerror(errno));
}

static enum fail_code make_key(const struct call *call, const struct identity *identity, enum certificate_use use,
                               struct fail *why)
{
	char text[PASSPHRASE_SIZE];
	const char *passphrase_file = call->value[FLAG_PASSPHRASE_FILE];
	struct private_key *key = NULL;
	struct key_lock *lock = NULL;
	struct bytes request;
	struct stat there;
	bytes_init(&request, REQUEST_CAP);
	if (stat(call->value[FLAG_KEY], &there) == 0)
		return fail_set(why, FAIL_IO, "'%s' is there already: a key is never written over", call->value[FLAG_KEY]);
	enum fail_code code = passphrase_file != NULL ? read_line(passphrase_file, text, why) : FAIL_NONE;
	if (code == FAIL_NONE && passphrase_file != NULL)
		code = key_lock_new(&lock, text, why);
	if (code == FAIL_NONE && (code = private_key_generate(&key, use)) != FAIL_NONE)
		fail_set(why, code, "no key could be made");
	if (code == FAIL_NONE)
		code = private_key_save(key, call->value[FLAG_KEY], lock, why);
	if (code == FAIL_NONE)
		code = private_key_request(key, identity, &request, why);
	if (code == FAIL_NONE)
		code = write_file(call->value[FLAG_REQUEST], &request, why);
	wipe(text, sizeof text);
	key_lock_free(lock);
	private_key_free(key);
	bytes_release(&request);
	return code;
}

int verb_keys(const struct call *call)
{
	struct fail why = {0};
	struct identity identity;
	char uri[IDENTITY_URI_SIZE], name[MEMBER_CODE_SIZE];
	bool tls = strcmp(call->value[FLAG_USE], "tls") == 0;
	umask(077);
	if (!tls && strcmp(call->value[FLAG_USE], "receipt") != 0)
		return verb_failed(&(struct fail){FAIL_BAD_USAGE, "--use is tls or receipt"});
	snprintf(name, sizeof name, "%s", call->value[FLAG_NAME]);
	for (char *at = name; *at != 0; at++)
		*at = *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
	snprintf(uri, sizeof uri, "urn:iss:hub:%s:%s:1", name, tls ? "tls" : "receipt");
	if (strlen(call->value[FLAG_NAME]) >= sizeof name || identity_from_uri(&identity, uri) != FAIL_NONE)
		return verb_failed(&(struct fail){FAIL_BAD_USAGE, "--name is at most 16 of A-Z, 0-9 and -"});
	enum fail_code code = make_key(call, &identity, tls ? USE_TLS_HUB : USE_RECEIPT, &why);
	if (code == FAIL_NONE)
		printf("%s: have '%s' signed by authority H1\n", uri, call->value[FLAG_REQUEST]);
	return code == FAIL_NONE ? EXIT_DONE : verb_failed(&why);
}
