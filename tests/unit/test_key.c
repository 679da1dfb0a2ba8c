// SPDX-License-Identifier: Apache-2.0
// links: test_certificates passerelle_seal
#include "test.h"

#include "lib/certificates.h"

#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define ANNA "urn:iss:member:CH:caseworker:anna"
#define NAMES_ANNA "critical,URI:" ANNA

struct fixture {
	struct test_ca *ca;
	struct trust *trust;
	char *root_file;
	char folder[64];
};

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	assert_non_null(fixture);
	fixture->ca = test_ca_new();
	fixture->root_file = test_ca_root_file(fixture->ca);
	assert_ok(trust_new(&fixture->trust, fixture->root_file, NULL));
	(void)snprintf(fixture->folder, sizeof fixture->folder, "/tmp/passerelle-key-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	char command[96];
	(void)snprintf(command, sizeof command, "rm -rf '%s'", fixture->folder);
	assert_int_equal(system(command), 0);
	trust_free(fixture->trust);
	(void)unlink(fixture->root_file);
	free(fixture->root_file);
	test_ca_free(fixture->ca);
	free(fixture);
	return 0;
}

static void path_in(const struct fixture *fixture, const char *name, char path[160])
{
	(void)snprintf(path, 160, "%s/%s", fixture->folder, name);
}

// Everything that varies between the refused certificates.
struct attempt {
	struct test_leaf leaf;
	enum certificate_use use;
	const char *key;      // kind of key
	int64_t at;           // 0: TEST_NOW
	const char *issuer;   // which one is handed in; NULL: the one that signed
};

static enum fail_code check(struct fixture *fixture, const struct attempt *attempt, struct certificate **made,
                            struct fail *why)
{
	struct private_key *key = test_key(attempt->key);
	struct bytes der;
	bytes_init(&der, 16384);
	test_ca_issue(fixture->ca, &attempt->leaf, key, &der);
	struct view issuer = test_ca_issuer(fixture->ca, attempt->issuer != NULL ? attempt->issuer : attempt->leaf.issuer);
	enum fail_code code = certificate_check(made, fixture->trust, bytes_view(&der), &issuer, 1, attempt->use,
	                                        attempt->at != 0 ? attempt->at : TEST_NOW, why);
	if (code == FAIL_NONE)
		assert_true(private_key_fits(key, *made));
	else
		assert_null(*made);
	bytes_release(&der);
	private_key_free(key);
	return code;
}

static void certificates_of_every_use_and_class_are_taken(void **state)
{
	struct fixture *fixture = *state;
	static const struct {
		enum certificate_use use;
		enum identity_class class;
		const char *issuer, *uri, *key, *more;
	} good[] = {
		{USE_TLS_CLIENT, IDENTITY_MEMBER, "M1", ANNA, "P-256", ""},
		{USE_TLS_CLIENT, IDENTITY_AGENCY, "A1", "urn:iss:agency:UNICEF-SN:desk:anna", "P-256", ""},
		{USE_TLS_HUB, IDENTITY_HUB, "H1", "urn:iss:hub:MAIN:tls:1", "P-256", ",DNS:localhost,IP:127.0.0.1"},
		{USE_SIGNING, IDENTITY_MEMBER, "S1", ANNA, "Ed25519", ""},
		{USE_SIGNING, IDENTITY_MEMBER, "S1", ANNA, "P-256", ""},
		{USE_ENCRYPTION, IDENTITY_MEMBER, "E1", "urn:iss:member:CH:branch:2026", "P-256", ""},
		{USE_ENCRYPTION, IDENTITY_MEMBER, "E1", "urn:iss:member:CH:branch:2026", "X25519", ""},
		{USE_RECEIPT, IDENTITY_HUB, "H1", "urn:iss:hub:MAIN:receipt:1", "Ed25519", ""},
	};
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		char names[160];
		(void)snprintf(names, sizeof names, "critical,URI:%s%s", good[i].uri, good[i].more);
		struct attempt attempt = {.leaf = test_leaf_for(good[i].use, names), .use = good[i].use, .key = good[i].key};
		attempt.leaf.issuer = good[i].issuer;
		struct certificate *made;
		struct fail why = {0};
		if (check(fixture, &attempt, &made, &why) != FAIL_NONE)
			fail_msg("%s: %s", good[i].uri, why.text);
		assert_int_equal(certificate_identity(made)->class, good[i].class);
		assert_string_equal(certificate_identity(made)->uri, good[i].uri);
		struct hash of_der = sha256(certificate_der(made));
		assert_true(hash_equal(&of_der, certificate_hash(made)));
		assert_int_equal(certificate_not_after(made), TEST_NOW + TEST_YEAR / 2);
		certificate_free(made);
	}
}

static void assert_refused(struct fixture *fixture, const struct attempt *attempt, const char *because)
{
	struct certificate *made;
	struct fail why = {0};
	assert_int_equal(check(fixture, attempt, &made, &why), FAIL_BAD_CERTIFICATE);
	if (strstr(why.text, because) == NULL)
		fail_msg("expected '%s', got '%s'", because, why.text);
}

static void a_certificate_for_one_use_serves_no_other(void **state)
{
	struct fixture *fixture = *state;
	static const char *const names[] = {
		[USE_TLS_CLIENT] = NAMES_ANNA,
		[USE_TLS_HUB] = "critical,URI:urn:iss:hub:MAIN:tls:1",
		[USE_SIGNING] = NAMES_ANNA,
		[USE_ENCRYPTION] = "critical,URI:urn:iss:member:CH:branch:1",
		[USE_RECEIPT] = "critical,URI:urn:iss:hub:MAIN:receipt:1",
	};
	static const char *const keys[] = {"P-256", "P-256", "Ed25519", "P-256", "Ed25519"};
	for (enum certificate_use is = USE_TLS_CLIENT; is <= USE_RECEIPT; is++) {
		for (enum certificate_use as = USE_TLS_CLIENT; as <= USE_RECEIPT; as++) {
			struct attempt attempt = {.leaf = test_leaf_for(is, names[is]), .use = as, .key = keys[is]};
			struct certificate *made;
			assert_int_equal(check(fixture, &attempt, &made, NULL), is == as ? FAIL_NONE : FAIL_BAD_CERTIFICATE);
			certificate_free(made);
		}
	}
}

static void an_authority_cannot_issue_beyond_its_class(void **state)
{
	struct fixture *fixture = *state;
	static const struct {
		enum certificate_use use;
		const char *issuer, *names;
	} wrong[] = {
		{USE_TLS_CLIENT, "A1", NAMES_ANNA},
		{USE_TLS_CLIENT, "M1", "critical,URI:urn:iss:agency:UNICEF-SN:desk:anna"},
		{USE_TLS_CLIENT, "S1", NAMES_ANNA},
		{USE_TLS_CLIENT, "M1", "critical,URI:urn:iss:hub:MAIN:tls:1"},
		{USE_TLS_HUB, "M1", "critical,URI:urn:iss:hub:MAIN:tls:1"},
		{USE_TLS_HUB, "H1", "critical,URI:urn:iss:hub:MAIN:receipt:1"},
		{USE_SIGNING, "M1", NAMES_ANNA},
		{USE_SIGNING, "S1", "critical,URI:urn:iss:agency:UNICEF-SN:desk:anna"},
		{USE_ENCRYPTION, "S1", "critical,URI:urn:iss:member:CH:branch:1"},
		{USE_ENCRYPTION, "E1", NAMES_ANNA},
		{USE_RECEIPT, "S1", "critical,URI:urn:iss:hub:MAIN:receipt:1"},
		{USE_RECEIPT, "H1", "critical,URI:urn:iss:hub:MAIN:tls:1"},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		bool signing = wrong[i].use == USE_SIGNING || wrong[i].use == USE_RECEIPT;
		struct attempt attempt = {.leaf = test_leaf_for(wrong[i].use, wrong[i].names), .use = wrong[i].use,
		                          .key = signing ? "Ed25519" : "P-256"};
		attempt.leaf.issuer = wrong[i].issuer;
		assert_refused(fixture, &attempt, "not issued for");
	}
}

static void usage_must_be_that_of_the_use_and_no_more(void **state)
{
	struct fixture *fixture = *state;
	static const struct {
		enum certificate_use use;
		const char *usage, *extended;
	} wrong[] = {
		{USE_TLS_CLIENT, "critical,digitalSignature", NULL}, // OpenSSL alone would take it
		{USE_TLS_CLIENT, "critical,digitalSignature", "serverAuth"},
		{USE_TLS_CLIENT, "critical,digitalSignature", "clientAuth,serverAuth"},
		{USE_TLS_CLIENT, "critical,digitalSignature", "anyExtendedKeyUsage"},
		{USE_TLS_CLIENT, NULL, "clientAuth"},
		{USE_TLS_CLIENT, "critical,keyAgreement", "clientAuth"},
		{USE_TLS_HUB, "critical,digitalSignature", "clientAuth"},
		{USE_TLS_HUB, "critical,digitalSignature", NULL},
		{USE_SIGNING, "critical,digitalSignature", "clientAuth"},
		{USE_SIGNING, "critical,digitalSignature", "anyExtendedKeyUsage"},
		{USE_SIGNING, "critical,nonRepudiation", NULL},
		{USE_SIGNING, "critical,digitalSignature,keyAgreement", NULL},
		{USE_SIGNING, NULL, NULL},
		{USE_ENCRYPTION, "critical,digitalSignature", NULL},
		{USE_ENCRYPTION, "critical,keyAgreement,digitalSignature", NULL},
		{USE_ENCRYPTION, "critical,keyEncipherment", NULL},
		{USE_RECEIPT, "critical,digitalSignature", "serverAuth"},
	};
	static const char *const names[] = {NAMES_ANNA, "critical,URI:urn:iss:hub:MAIN:tls:1", NAMES_ANNA,
	                                    "critical,URI:urn:iss:member:CH:branch:1",
	                                    "critical,URI:urn:iss:hub:MAIN:receipt:1"};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		bool signing = wrong[i].use == USE_SIGNING || wrong[i].use == USE_RECEIPT;
		struct attempt attempt = {.leaf = test_leaf_for(wrong[i].use, names[wrong[i].use]), .use = wrong[i].use,
		                          .key = signing ? "Ed25519" : "P-256"};
		attempt.leaf.usage = wrong[i].usage;
		attempt.leaf.extended = wrong[i].extended;
		assert_refused(fixture, &attempt, "the key usage is not that for");
	}
}

static void keys_of_another_kind_are_refused(void **state)
{
	struct fixture *fixture = *state;
	static const struct {
		enum certificate_use use;
		const char *names, *key;
	} wrong[] = {
		{USE_TLS_CLIENT, NAMES_ANNA, "X25519"},
		{USE_TLS_CLIENT, NAMES_ANNA, "Ed25519"},
		{USE_TLS_HUB, "critical,URI:urn:iss:hub:MAIN:tls:1", "Ed25519"},
		{USE_SIGNING, NAMES_ANNA, "X25519"},
		{USE_ENCRYPTION, "critical,URI:urn:iss:member:CH:branch:1", "Ed25519"},
		{USE_RECEIPT, "critical,URI:urn:iss:hub:MAIN:receipt:1", "P-256"},
	};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct attempt attempt = {.leaf = test_leaf_for(wrong[i].use, wrong[i].names), .use = wrong[i].use,
		                          .key = wrong[i].key};
		assert_refused(fixture, &attempt, "not of a kind for");
	}
}

static void time_chain_and_names_are_checked(void **state)
{
	struct fixture *fixture = *state;
	const struct attempt right = {.leaf = test_leaf_for(USE_SIGNING, NAMES_ANNA), .use = USE_SIGNING, .key = "Ed25519"};
	struct attempt wrong[11];
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		wrong[i] = right;
	wrong[0].at = TEST_NOW + TEST_YEAR / 2 + 1;
	wrong[1].at = TEST_NOW - TEST_YEAR / 2 - 1;
	wrong[2].issuer = "M1";
	wrong[3].leaf.issuer = "root";
	wrong[4].leaf.constraints = "critical,CA:TRUE";
	wrong[5].leaf.unknown = "x";
	wrong[6].leaf.names = "critical,URI:" ANNA ",URI:urn:iss:member:CH:supervisor:anna";
	wrong[7].leaf.names = "critical,DNS:anna.example";
	wrong[8].leaf.names = "critical,URI:urn:iss:member:ch:caseworker:anna";
	wrong[9].leaf.names = "critical,URI:https://iss.example/anna";
	wrong[10].leaf.names = NULL;
	static const char *const because[] = {"expired",
	                                      "not yet valid",
	                                      "issuer",
	                                      "chain",
	                                      "",
	                                      "critical",
	                                      "exactly one URI",
	                                      "exactly one URI",
	                                      "not one of Passerelle's",
	                                      "not one of Passerelle's",
	                                      ""};
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_refused(fixture, &wrong[i], because[i]);
}

static void a_certificate_under_another_root_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct test_ca *other = test_ca_new();
	struct test_identity mallory;
	test_identity_init(&mallory, other, USE_SIGNING, ANNA);
	struct view issuers[2] = {test_ca_issuer(other, "S1"), test_ca_issuer(other, "root")};
	struct view ours = test_ca_issuer(fixture->ca, "S1");
	struct certificate *made;
	struct view leaf = certificate_der(mallory.certificate);
	assert_int_equal(certificate_check(&made, fixture->trust, leaf, issuers, 2, USE_SIGNING, TEST_NOW, NULL),
	                 FAIL_BAD_CERTIFICATE);
	assert_int_equal(certificate_check(&made, fixture->trust, leaf, &ours, 1, USE_SIGNING, TEST_NOW, NULL),
	                 FAIL_BAD_CERTIFICATE);
	assert_int_equal(certificate_check(&made, fixture->trust, leaf, NULL, 0, USE_SIGNING, TEST_NOW, NULL),
	                 FAIL_BAD_CERTIFICATE);
	test_identity_release(&mallory);
	test_ca_free(other);
}

static void the_right_issuer_is_found_among_several(void **state)
{
	struct fixture *fixture = *state;
	static const char *const names[] = {"M1", "E1", "A1", "S1", "H1"};
	struct view issuers[5];
	for (int i = 0; i < 5; i++)
		issuers[i] = test_ca_issuer(fixture->ca, names[i]);
	struct test_identity anna;
	test_identity_init(&anna, fixture->ca, USE_SIGNING, ANNA);
	struct certificate *made;
	assert_ok(certificate_check(&made, fixture->trust, certificate_der(anna.certificate), issuers, 5, USE_SIGNING,
	                            TEST_NOW, NULL));
	assert_memory_equal(certificate_key_id(made), private_key_id(anna.key), KEY_ID_SIZE);
	certificate_free(made);
	test_identity_release(&anna);
}

// A bit of the signature's own wrapping may mean nothing to a parser; what the
// certificate says must be covered by it.
static void every_truncation_and_flipped_bit_of_a_certificate_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct test_identity anna;
	test_identity_init(&anna, fixture->ca, USE_SIGNING, ANNA);
	struct view issuer = test_ca_issuer(fixture->ca, "S1"), right = certificate_der(anna.certificate);
	uint8_t copy[2048];
	assert_true(right.length < sizeof copy);
	memcpy(copy, right.data, right.length);
	copy[right.length] = 0;
	struct certificate *made;
	for (size_t length = 0; length <= right.length + 1; length++) {
		if (length != right.length)
			assert_int_equal(certificate_check(&made, fixture->trust, view_of(copy, length), &issuer, 1, USE_SIGNING,
			                                   TEST_NOW, NULL),
			                 FAIL_BAD_CERTIFICATE);
	}
	for (size_t byte = 0; byte < right.length; byte++) {
		copy[byte] ^= (uint8_t)(1u << byte % 8);
		assert_int_equal(certificate_check(&made, fixture->trust, view_of(copy, right.length), &issuer, 1, USE_SIGNING,
		                                   TEST_NOW, NULL),
		                 FAIL_BAD_CERTIFICATE);
		copy[byte] ^= (uint8_t)(1u << byte % 8);
	}
	test_identity_release(&anna);
}

static void a_root_file_must_hold_roots_only(void **state)
{
	struct fixture *fixture = *state;
	struct trust *trust;
	struct fail why;
	assert_int_equal(trust_new(&trust, "/nonexistent/root.pem", &why), FAIL_NO_FILE);
	assert_non_null(strstr(why.text, "No such file"));
	char path[160];
	path_in(fixture, "garbage.pem", path);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	(void)fputs("no certificate here\n", file);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(trust_new(&trust, path, &why), FAIL_BAD_CERTIFICATE);
	assert_null(trust);
}

static struct key_lock *lock_of(const char *passphrase)
{
	struct key_lock *lock;
	assert_ok(key_lock_new(&lock, passphrase, NULL));
	return lock;
}

static void a_key_comes_back_from_its_file(void **state)
{
	struct fixture *fixture = *state;
	char path[160];
	path_in(fixture, "sign.key", path);
	static const char *const kinds[] = {"P-256", "Ed25519", "X25519"};
	for (int i = 0; i < 3; i++) {
		for (int encrypted = 0; encrypted < 2; encrypted++) {
			struct key_lock *lock = lock_of(encrypted ? "correct horse" : NULL);
			struct private_key *key = test_key(kinds[i]), *again;
			assert_ok(private_key_save(key, path, lock, NULL));
			struct stat stat_of;
			assert_int_equal(stat(path, &stat_of), 0);
			assert_int_equal(stat_of.st_mode & 0777, 0600);
			assert_ok(private_key_load(&again, path, lock, NULL));
			assert_memory_equal(private_key_id(key), private_key_id(again), KEY_ID_SIZE);
			key_lock_free(lock);
			private_key_free(again);
			private_key_free(key);
		}
	}
}

static void a_wrong_or_missing_passphrase_is_named(void **state)
{
	struct fixture *fixture = *state;
	char path[160];
	path_in(fixture, "sign.key", path);
	struct private_key *key = test_key("Ed25519"), *again;
	struct key_lock *right = lock_of("right"), *wrong = lock_of("wrong");
	assert_ok(private_key_save(key, path, right, NULL));
	struct fail why;
	assert_int_equal(private_key_load(&again, path, wrong, &why), FAIL_BAD_PASSPHRASE);
	assert_null(again);
	assert_non_null(strstr(why.text, "does not open"));
	assert_int_equal(private_key_load(&again, path, NULL, &why), FAIL_BAD_PASSPHRASE);
	assert_non_null(strstr(why.text, "no passphrase was given"));
	key_lock_free(right);
	key_lock_free(wrong);
	private_key_free(key);
}

static uint64_t milliseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void keys_of_one_lock_cost_one_derivation(void **state)
{
	struct fixture *fixture = *state;
	char path[3][160];
	struct key_lock *lock = lock_of("correct horse");
	for (int i = 0; i < 3; i++) {
		struct private_key *key = test_key("P-256");
		path_in(fixture, (const char *const[]){"one.key", "two.key", "three.key"}[i], path[i]);
		assert_ok(private_key_save(key, path[i], lock, NULL));
		private_key_free(key);
	}
	key_lock_free(lock);
	lock = lock_of("correct horse");
	uint64_t begin = milliseconds(), first = 0;
	for (int i = 0; i < 3; i++) {
		struct private_key *key;
		assert_ok(private_key_load(&key, path[i], lock, NULL));
		private_key_free(key);
		first = i == 0 ? milliseconds() - begin : first;
	}
	uint64_t others = milliseconds() - begin - first;
	key_lock_free(lock);
	assert_true(first >= 5); // scrypt was worth its name
	assert_true(others < first / 2);
}

// What the openssl command locks in its own way is opened too, and it opens ours.
static void the_openssl_command_and_we_open_each_others_keys(void **state)
{
	struct fixture *fixture = *state;
	char ours[160], theirs[160], command[700];
	path_in(fixture, "ours.key", ours);
	path_in(fixture, "theirs.key", theirs);
	struct private_key *key = test_key("P-256"), *again;
	struct key_lock *lock = lock_of("right");
	assert_ok(private_key_save(key, ours, lock, NULL));
	static const char *const ways[] = {"-v2 aes-256-cbc -v2prf hmacWithSHA256", "-scrypt", "-v2 aes-128-cbc"};
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		(void)snprintf(command, sizeof command,
		               "openssl pkcs8 -in '%s' -passin pass:right -topk8 %s -passout pass:right -out '%s' 2>/dev/null", ours,
		               ways[i], theirs);
		assert_int_equal(system(command), 0);
		assert_ok(private_key_load(&again, theirs, lock, NULL));
		assert_memory_equal(private_key_id(key), private_key_id(again), KEY_ID_SIZE);
		private_key_free(again);
	}
	key_lock_free(lock);
	private_key_free(key);
}

static void files_that_hold_no_key_are_named(void **state)
{
	struct fixture *fixture = *state;
	struct private_key *key;
	struct fail why;
	assert_int_equal(private_key_load(&key, "/nonexistent/a.key", NULL, &why), FAIL_NO_FILE);
	assert_int_equal(private_key_load(&key, fixture->root_file, NULL, &why), FAIL_BAD_CERTIFICATE);
	assert_non_null(strstr(why.text, "PKCS#8"));
	char path[160];
	path_in(fixture, "p384.key", path);
	char command[300];
	(void)snprintf(command, sizeof command,
	               "openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-384 -out '%s' 2>/dev/null", path);
	assert_int_equal(system(command), 0);
	assert_int_equal(private_key_load(&key, path, NULL, &why), FAIL_UNSUPPORTED);
	key = test_key("Ed25519");
	assert_int_equal(private_key_save(key, "/nonexistent/a.key", NULL, &why), FAIL_IO);
	private_key_free(key);
}

// One key must have one name, in whatever form another program has written it.
static void a_key_written_with_a_compressed_point_keeps_its_name(void **state)
{
	struct fixture *fixture = *state;
	char plain[160], compressed[160], command[800];
	path_in(fixture, "plain.key", plain);
	path_in(fixture, "compressed.key", compressed);
	struct private_key *key = test_key("P-256"), *again;
	assert_ok(private_key_save(key, plain, NULL, NULL));
	(void)snprintf(
		command, sizeof command,
		"openssl ec -in '%s' -conv_form compressed 2>/dev/null | openssl pkcs8 -topk8 -nocrypt -out '%s' 2>/dev/null",
		plain, compressed);
	assert_int_equal(system(command), 0);
	assert_ok(private_key_load(&again, compressed, NULL, NULL));
	assert_memory_equal(private_key_id(key), private_key_id(again), KEY_ID_SIZE);
	private_key_free(again);
	private_key_free(key);
}

static void write_file(const char *path, struct view bytes)
{
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes.data, 1, bytes.length, file), bytes.length);
	assert_int_equal(fclose(file), 0);
}

static void run_training_ca(const char *arguments)
{
	char command[1000];
	(void)snprintf(command, sizeof command, SOURCE_ROOT "/deploy/training-ca %s", arguments);
	assert_int_equal(system(command), 0);
}

// From request to checked certificate, as a member gets it.
static void assert_issued(struct fixture *fixture, const struct trust *trust, enum certificate_use use,
                          const char *word, const char *uri)
{
	char request[160], out[160], arguments[600];
	path_in(fixture, "request.csr", request);
	path_in(fixture, "out.crt", out);
	struct private_key *key;
	assert_ok(private_key_generate(&key, use));
	struct identity identity;
	assert_ok(identity_from_uri(&identity, uri));
	struct bytes pem;
	bytes_init(&pem, 16384);
	assert_ok(private_key_request(key, &identity, &pem, NULL));
	write_file(request, bytes_view(&pem));
	(void)snprintf(arguments, sizeof arguments, "issue '%s/ca' '%s' %s '%s'", fixture->folder, request, word, out);
	run_training_ca(arguments);
	struct bytes ders[3];
	size_t count = 3;
	assert_ok(certificates_load(ders, &count, out, NULL));
	assert_int_equal(count, 2);
	struct view issuer = bytes_view(&ders[1]);
	struct certificate *made;
	struct fail why = {0};
	if (certificate_check(&made, trust, bytes_view(&ders[0]), &issuer, 1, use, time(NULL) + 60, &why) != FAIL_NONE)
		fail_msg("%s: %s", uri, why.text);
	assert_true(private_key_fits(key, made));
	assert_string_equal(certificate_identity(made)->uri, uri);
	certificate_free(made);
	bytes_release(&ders[0]);
	bytes_release(&ders[1]);
	bytes_release(&pem);
	private_key_free(key);
}

static void what_the_training_authority_issues_is_taken(void **state)
{
	struct fixture *fixture = *state;
	char path[160], arguments[200];
	(void)snprintf(arguments, sizeof arguments, "new '%s/ca'", fixture->folder);
	run_training_ca(arguments);
	path_in(fixture, "ca/root.pem", path);
	struct trust *trust;
	assert_ok(trust_new(&trust, path, NULL));
	assert_issued(fixture, trust, USE_TLS_CLIENT, "tls-client", ANNA);
	assert_issued(fixture, trust, USE_TLS_CLIENT, "tls-client", "urn:iss:agency:UNICEF-SN:desk:anna");
	assert_issued(fixture, trust, USE_TLS_HUB, "tls-hub", "urn:iss:hub:MAIN:tls:1");
	assert_issued(fixture, trust, USE_SIGNING, "signing", ANNA);
	assert_issued(fixture, trust, USE_ENCRYPTION, "encryption", "urn:iss:member:CH:branch:2026");
	assert_issued(fixture, trust, USE_RECEIPT, "receipt", "urn:iss:hub:MAIN:receipt:1");
	trust_free(trust);
}

static void files_of_certificates_are_read_up_to_the_first_fault(void **state)
{
	struct fixture *fixture = *state;
	struct bytes ders[2];
	size_t count = 2;
	struct fail why;
	assert_ok(certificates_load(ders, &count, fixture->root_file, NULL));
	assert_int_equal(count, 1);
	assert_true(view_equal(bytes_view(&ders[0]), test_ca_issuer(fixture->ca, "root")));
	bytes_release(&ders[0]);
	count = 2;
	assert_int_equal(certificates_load(ders, &count, "/nonexistent/x.pem", &why), FAIL_NO_FILE);
	char path[160];
	path_in(fixture, "empty.pem", path);
	write_file(path, view_of_text("nothing\n"));
	count = 2;
	assert_int_equal(certificates_load(ders, &count, path, &why), FAIL_BAD_CERTIFICATE);
	write_file(path, view_of_text("-----BEGIN CERTIFICATE-----\nMIIB\n"));
	count = 2;
	assert_int_equal(certificates_load(ders, &count, path, &why), FAIL_BAD_CERTIFICATE);
	assert_int_equal(count, 0);
}

static void hashes_are_those_of_the_standard(void **state)
{
	(void)state;
	char text[HASH_HEX_SIZE];
	struct hash hash = sha256(view_of_text("abc"));
	hash_to_hex(&hash, text);
	assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	struct hash with = sha256_with("ab", view_of_text("c")), whole = sha256(view_of("ab\0c", 4));
	assert_true(hash_equal(&with, &whole));
}

static void random_bytes_do_not_repeat_and_wiped_ones_are_gone(void **state)
{
	(void)state;
	uint8_t a[32] = {0}, b[32] = {0};
	random_fill(a, sizeof a);
	random_fill(b, sizeof b);
	assert_memory_not_equal(a, b, sizeof a);
	wipe(a, sizeof a);
	memset(b, 0, sizeof b);
	assert_memory_equal(a, b, sizeof a);
	wipe(NULL, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(certificates_of_every_use_and_class_are_taken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_certificate_for_one_use_serves_no_other, set_up, tear_down),
		cmocka_unit_test_setup_teardown(an_authority_cannot_issue_beyond_its_class, set_up, tear_down),
		cmocka_unit_test_setup_teardown(usage_must_be_that_of_the_use_and_no_more, set_up, tear_down),
		cmocka_unit_test_setup_teardown(keys_of_another_kind_are_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(time_chain_and_names_are_checked, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_certificate_under_another_root_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_right_issuer_is_found_among_several, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_truncation_and_flipped_bit_of_a_certificate_is_refused, set_up,
	                                    tear_down),
		cmocka_unit_test_setup_teardown(a_root_file_must_hold_roots_only, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_key_comes_back_from_its_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_wrong_or_missing_passphrase_is_named, set_up, tear_down),
		cmocka_unit_test_setup_teardown(keys_of_one_lock_cost_one_derivation, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_openssl_command_and_we_open_each_others_keys, set_up, tear_down),
		cmocka_unit_test_setup_teardown(files_that_hold_no_key_are_named, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_key_written_with_a_compressed_point_keeps_its_name, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_the_training_authority_issues_is_taken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(files_of_certificates_are_read_up_to_the_first_fault, set_up, tear_down),
		cmocka_unit_test(hashes_are_those_of_the_standard),
		cmocka_unit_test(random_bytes_do_not_repeat_and_wiped_ones_are_gone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
