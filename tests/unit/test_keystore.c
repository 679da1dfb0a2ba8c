// SPDX-License-Identifier: Apache-2.0
// links: test_client_pair passerelle_client
#include "test.h"

#include "lib/ask.h"
#include "lib/cases.h"
#include "lib/client_pair.h"
#include "lib/compose.h"
#include "lib/doctor.h"
#include "lib/json.h"
#include "lib/view.h"
#include "seal/seal.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

// free() writes over the start of what it takes back: the search is for what stands behind.
enum { SECRET = 45, START = 16, CHUNK = 64 * 1024, LARGEST = 256 * 1024 * 1024 };

// The passphrase, each byte one too high: a search of this process for it must not find the test's own.
static const char masked[SECRET + 1] = "dpssfdu!ipstf!cbuufsz!tubqmf!voefs!uif!csjehf";

static void unmask(char passphrase[SECRET + 1])
{
	for (size_t i = 0; i < SECRET; i++)
		passphrase[i] = (char)(masked[i] - 1);
	passphrase[SECRET] = '\0';
}

struct stage {
	struct client_pair pair;
	char folder[100]; // a profile under the passphrase, fresh for each test
};

static int begin_all(void **state)
{
	struct stage *stage = calloc(1, sizeof *stage);
	char passphrase[SECRET + 1];
	client_pair_begin(&stage->pair);
	unmask(passphrase);
	client_pair_profile(&stage->pair, "made", "NZ", passphrase);
	wipe(passphrase, sizeof passphrase);
	snprintf(stage->folder, sizeof stage->folder, "%s/locked", stage->pair.folder);
	*state = stage;
	return 0;
}

static int end_all(void **state)
{
	struct stage *stage = *state;
	client_pair_end(&stage->pair);
	free(stage);
	return 0;
}

static int begin(void **state)
{
	struct stage *stage = *state;
	client_pair_shell("rm -rf %s && cp -a %s/made %s", stage->folder, stage->pair.folder, stage->folder);
	return 0;
}

static enum fail_code open_locked(const struct stage *stage, struct psr_profile **profile, struct fail *why)
{
	char passphrase[SECRET + 1];
	unmask(passphrase);
	enum fail_code code = profile_open(profile, stage->folder, passphrase, why);
	wipe(passphrase, sizeof passphrase);
	return code;
}

static void damage(const struct stage *stage, const char *key)
{
	client_pair_shell("echo damaged > %s/keys/%s.key", stage->folder, key);
}

static void mend(const struct stage *stage, const char *key)
{
	client_pair_shell("cp -p %s/made/keys/%s.key %s/keys/", stage->pair.folder, key, stage->folder);
}

static enum fail_code sign_something(struct psr_profile *profile, struct fail *why)
{
	struct arena arena;
	struct envelope envelope = {.header = view_of_text("a header")};
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	enum fail_code code = profile->keys->ops->sign(profile->keys, &envelope, 1, &arena, why);
	arena_release(&arena);
	return code;
}

static enum fail_code open_by(struct psr_profile *profile, enum certificate_use use, struct fail *why)
{
	return profile->keys->ops->open(profile->keys, use, why);
}

// Seals a key to the branch and opens it again.
static enum fail_code unwrap_something(struct psr_profile *profile, struct fail *why)
{
	struct keystore *keys = profile->keys;
	struct bytes store;
	struct stanza stanza;
	struct id object = {{1}};
	struct hash header = {{2}};
	uint8_t key[SEAL_KEY_SIZE] = {3}, opened[SEAL_KEY_SIZE] = {0};
	bytes_init(&store, 4096);
	assert_ok(stanza_make(&stanza, &store, 0, &object, keys->ops->certificate(keys, USE_ENCRYPTION)->certificate,
	                      &header, key));
	enum fail_code code = keys->ops->unwrap(keys, &stanza, &object, &header, opened, why);
	if (code == FAIL_NONE)
		assert_memory_equal(opened, key, sizeof key);
	bytes_release(&store);
	return code;
}

static void a_wrong_passphrase_is_told_at_once(void **state)
{
	const struct stage *stage = *state;
	struct psr_profile *profile;
	struct fail why;
	assert_int_equal(profile_open(&profile, stage->folder, "another horse", &why), FAIL_BAD_PASSPHRASE);
	assert_non_null(strstr(why.text, "keys/branch.key"));
	assert_int_equal(profile_open(&profile, stage->folder, "", &why), FAIL_BAD_PASSPHRASE);
	client_pair_shell("rm %s/keys/branch.*", stage->folder); // as of a monitor or a desk
	assert_int_equal(profile_open(&profile, stage->folder, "another horse", &why), FAIL_BAD_PASSPHRASE);
	assert_non_null(strstr(why.text, "keys/tls.key"));
}

static void a_key_is_opened_when_it_is_first_needed(void **state)
{
	const struct stage *stage = *state;
	struct psr_profile *profile;
	struct fail why;
	damage(stage, "sign");
	damage(stage, "tls");
	assert_ok(open_locked(stage, &profile, &why));
	assert_ok(unwrap_something(profile, &why));
	assert_int_equal(sign_something(profile, &why), FAIL_BAD_CERTIFICATE); // no key at all
	assert_non_null(strstr(why.text, "keys/sign.key"));
	mend(stage, "sign");
	assert_ok(sign_something(profile, &why)); // the passphrase is still there for it
	damage(stage, "sign");
	assert_ok(sign_something(profile, &why)); // an open key is not read again
	assert_int_equal(open_by(profile, USE_TLS_CLIENT, &why), FAIL_BAD_CERTIFICATE);
	profile_close(profile);
}

static void a_key_that_went_away_is_named_by_who_needs_it(void **state)
{
	const struct stage *stage = *state;
	struct psr_profile *profile;
	struct fail why;
	assert_ok(open_locked(stage, &profile, &why));
	client_pair_shell("rm %s/keys/sign.key %s/keys/tls.key", stage->folder, stage->folder);
	assert_int_equal(sign_something(profile, &why), FAIL_NO_FILE);
	assert_non_null(strstr(why.text, "keys/sign.key"));
	assert_int_equal(ask_directory(profile, &why), FAIL_NO_FILE);
	assert_non_null(strstr(why.text, "keys/tls.key"));
	profile_close(profile);
}

static void a_damaged_tls_key_is_told_before_the_hub_is_called(void **state)
{
	const struct stage *stage = *state;
	struct psr_profile *profile;
	struct fail why;
	damage(stage, "tls");
	assert_ok(open_locked(stage, &profile, &why));
	assert_int_equal(ask_directory(profile, &why), FAIL_BAD_CERTIFICATE);
	assert_non_null(strstr(why.text, "keys/tls.key"));
	mend(stage, "tls");
	assert_int_not_equal(ask_directory(profile, &why), FAIL_BAD_CERTIFICATE); // nobody listens there
	profile_close(profile);
}

static void the_key_of_another_certificate_is_refused_when_it_is_opened(void **state)
{
	const struct stage *stage = *state;
	struct psr_profile *profile;
	struct fail why;
	client_pair_shell("cp -p %s/keys/branch.key %s/keys/sign.key", stage->folder, stage->folder);
	assert_ok(open_locked(stage, &profile, &why));
	assert_int_equal(sign_something(profile, &why), FAIL_BAD_CERTIFICATE);
	assert_non_null(strstr(why.text, "keys/sign.crt"));
	profile_close(profile);
}

static void without_a_passphrase_every_key_is_tried(void **state)
{
	const struct stage *stage = *state;
	const char *plain = stage->pair.ch->folder;
	struct psr_profile *profile;
	struct fail why;
	assert_int_equal(profile_open(&profile, stage->folder, NULL, &why), FAIL_BAD_PASSPHRASE);
	for (size_t i = 0; i < KEY_NAMES; i++) { // one of the three under a passphrase is enough
		const char *name = key_names[i].name;
		client_pair_shell("cp -p %s/keys/* %s/keys/", plain, stage->folder);
		client_pair_shell("cp -p %s/made/keys/%s.* %s/keys/", stage->pair.folder, name, stage->folder);
		assert_int_equal(profile_open(&profile, stage->folder, NULL, &why), FAIL_BAD_PASSPHRASE);
		assert_non_null(strstr(why.text, name));
	}
	client_pair_shell("cp -p %s/keys/* %s/keys/", plain, stage->folder);
	assert_ok(profile_open(&profile, stage->folder, NULL, &why));
	damage(stage, "sign");
	assert_ok(sign_something(profile, &why));
	profile_close(profile);
}

static unsigned found_in(const char *bytes, size_t length)
{
	unsigned count = 0;
	for (size_t at = 0; at + SECRET - START <= length; at++) {
		size_t same = START;
		while (same < SECRET && bytes[at + same - START] + 1 == masked[same])
			same++;
		count += same == SECRET;
	}
	return count;
}

// A piece overlaps the next by what one occurrence may reach over.
static unsigned found_between(int memory, uint64_t from, uint64_t to, char *piece)
{
	unsigned count = 0;
	while (from + SECRET <= to) {
		size_t wanted = to - from < CHUNK ? (size_t)(to - from) : CHUNK;
		ssize_t length = pread(memory, piece, wanted, (off_t)from);
		if (length < SECRET)
			return count;
		count += found_in(piece, (size_t)length);
		wipe(piece, CHUNK);
		from += (uint64_t)length - (SECRET - 1);
	}
	return count;
}

// Without the piece into which it is read: that would find itself, or not, as the heap happens to lie.
static unsigned found_around(int memory, uint64_t from, uint64_t to, char *piece)
{
	uint64_t begin = (uint64_t)(uintptr_t)piece, end = begin + CHUNK;
	if (begin < from || end > to)
		return found_between(memory, from, to, piece);
	return found_between(memory, from, begin, piece) + found_between(memory, end, to, piece);
}

// How often the passphrase stands in the writable memory of this process.
static unsigned copies_in_memory(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
	char *piece = calloc(1, CHUNK), line[512];
	unsigned count = 0;
	assert_true(maps != NULL && memory >= 0 && piece != NULL);
	while (fgets(line, sizeof line, maps) != NULL) {
		uint64_t from, to;
		char rights[5];
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &from, &to, rights) != 3 || rights[1] != 'w')
			continue;
		if (to - from <= LARGEST) // larger: reserved by a sanitizer for its own records
			count += found_around(memory, from, to, piece);
	}
	free(piece);
	close(memory);
	fclose(maps);
	return count;
}

static void the_passphrase_is_wiped_when_all_keys_are_open(void **state)
{
	const struct stage *stage = *state;
	struct psr_profile *profile;
	struct fail why;
	assert_int_equal(copies_in_memory(), 0);
	assert_ok(open_locked(stage, &profile, &why));
	assert_int_equal(copies_in_memory(), 1);
	assert_ok(sign_something(profile, &why));
	assert_int_equal(copies_in_memory(), 1);
	assert_ok(open_by(profile, USE_TLS_CLIENT, &why));
	assert_int_equal(copies_in_memory(), 0);
	assert_ok(unwrap_something(profile, &why));
	assert_ok(sign_something(profile, &why));
	profile_close(profile);
}

static void the_passphrase_is_wiped_when_the_profile_is_closed_or_does_not_open(void **state)
{
	const struct stage *stage = *state;
	struct psr_profile *profile;
	struct fail why;
	assert_ok(open_locked(stage, &profile, &why));
	assert_int_equal(copies_in_memory(), 1);
	profile_close(profile);
	assert_int_equal(copies_in_memory(), 0);
	damage(stage, "branch");
	assert_int_equal(open_locked(stage, &profile, &why), FAIL_BAD_CERTIFICATE);
	assert_int_equal(copies_in_memory(), 0);
	client_pair_shell("rm %s/keys/branch.* %s/keys/sign.*", stage->folder, stage->folder);
	assert_ok(open_locked(stage, &profile, &why)); // its one key is open at once
	assert_int_equal(copies_in_memory(), 0);
	profile_close(profile);
}

static unsigned faults_of_keys(json_t *report)
{
	size_t i;
	json_t *item;
	unsigned count = 0;
	json_array_foreach(json_object_get(report, "items"), i, item) {
		count += strcmp(json_string_value(json_object_get(item, "check")), "keys") == 0 &&
		         strcmp(json_string_value(json_object_get(item, "verdict")), "fault") == 0;
	}
	return count;
}

static unsigned diagnose(const struct stage *stage)
{
	char passphrase[SECRET + 1];
	json_t *report;
	struct fail why;
	unmask(passphrase);
	assert_ok(doctor_run(stage->folder, passphrase, &report, &why));
	wipe(passphrase, sizeof passphrase);
	unsigned faults = faults_of_keys(report);
	json_decref(report);
	return faults;
}

static void the_doctor_opens_every_key(void **state)
{
	const struct stage *stage = *state;
	assert_int_equal(diagnose(stage), 0);
	damage(stage, "sign");
	assert_int_equal(diagnose(stage), 1);
	damage(stage, "tls");
	assert_int_equal(diagnose(stage), 2);
}

// A keystore whose branch key has become out of reach, as a card that was pulled out.
struct pulled_card {
	struct keystore base;
	struct keystore *before;
};

static enum fail_code open_pulled(struct keystore *keys, enum certificate_use use, struct fail *why)
{
	(void)keys;
	(void)use;
	return fail_set(why, FAIL_BAD_CERTIFICATE, "the card is not there");
}

static enum fail_code unwrap_pulled(struct keystore *keys, const struct stanza *stanza, const struct id *object,
                                    const struct hash *header_hash, uint8_t key[32], struct fail *why)
{
	(void)stanza;
	(void)object;
	(void)header_hash;
	(void)key;
	return open_pulled(keys, USE_ENCRYPTION, why);
}

static const struct own_certificate *certificate_before(struct keystore *keys, enum certificate_use use)
{
	struct keystore *before = ((struct pulled_card *)(void *)keys)->before;
	return before->ops->certificate(before, use);
}

static void refer(struct client_pair *pair, struct written *written)
{
	struct bytes form;
	bytes_init(&form, 1024 * 1024);
	assert_ok(file_read(&form, TEST_DATA "/story/referral-ch-sn.json", NULL));
	assert_ok(bytes_append(&form, "", 1));
	static const char *const attach[] = {TEST_DATA "/story/court-order.pdf"};
	struct psr_message message = {
		.verb = "refer", .to = "SN", .form = (const char *)form.data, .attach = attach, .attach_count = 1,
	};
	struct form_faults faults = {.count = 0};
	struct fail why;
	assert_ok(compose_message(pair->ch, &message, NULL, written, &faults, &why));
	bytes_release(&form);
}

static void a_fault_of_an_own_key_is_not_told_as_one_of_the_message(void **state)
{
	struct client_pair *pair = &((struct stage *)*state)->pair;
	static const struct keystore_operations pulled = {
		.open = open_pulled, .unwrap = unwrap_pulled, .certificate = certificate_before,
	};
	struct written written;
	struct case_row row;
	struct fail why;
	json_t *json = NULL;
	refer(pair, &written);
	client_pair_hand_over(pair->ch, pair->sn, 1);
	assert_ok(cases_find(pair->sn, written.reference, &row, &why));
	struct pulled_card card = {{&pulled}, pair->sn->keys};
	pair->sn->keys = &card.base;
	enum fail_code code = view_case(pair->sn, &row, true, &json, &why);
	pair->sn->keys = card.before;
	assert_int_equal(code, FAIL_BAD_CERTIFICATE);
	assert_non_null(strstr(why.text, "the card is not there"));
	assert_null(json);
	assert_ok(view_case(pair->sn, &row, true, &json, &why)); // and later it is as unread and whole as before
	assert_null(json_object_get(json_array_get(json_object_get(json, "items"), 0), "fault"));
	json_decref(json);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_wrong_passphrase_is_told_at_once),
		TEST(a_key_is_opened_when_it_is_first_needed),
		TEST(a_key_that_went_away_is_named_by_who_needs_it),
		TEST(a_damaged_tls_key_is_told_before_the_hub_is_called),
		TEST(the_key_of_another_certificate_is_refused_when_it_is_opened),
		TEST(without_a_passphrase_every_key_is_tried),
		TEST(the_passphrase_is_wiped_when_all_keys_are_open),
		TEST(the_passphrase_is_wiped_when_the_profile_is_closed_or_does_not_open),
		TEST(the_doctor_opens_every_key),
		TEST(a_fault_of_an_own_key_is_not_told_as_one_of_the_message),
	};
	return cmocka_run_group_tests(tests, begin_all, end_all);
}
