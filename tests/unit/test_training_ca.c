// SPDX-License-Identifier: Apache-2.0
// links: passerelle_wire
//
// deploy/training-ca: issues what the table of identities allows, and nothing else.
#include "training.h"

#include "wire/identity.h"

#include <fcntl.h>

static int set_up(void **state)
{
	struct training *training = calloc(1, sizeof *training);
	training_new(training);
	*state = training;
	return 0;
}

static int tear_down(void **state)
{
	training_free(*state);
	free(*state);
	return 0;
}

// As training_run, but what the program says goes nowhere: it is meant to refuse.
static int run_quietly(const char *const *arguments)
{
	int kept = dup(STDERR_FILENO), nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	assert_true(kept >= 0 && nowhere >= 0 && dup2(nowhere, STDERR_FILENO) >= 0);
	int code = training_run(arguments);
	assert_true(dup2(kept, STDERR_FILENO) >= 0);
	close(kept);
	close(nowhere);
	return code;
}

static int issue(struct training *training, const char *request, const char *use, const char *out)
{
	const char *folder = training_path(training, "ca", "");
	const char *csr = training_path(training, request, ".csr");
	const char *const arguments[] = {SOURCE_ROOT "/deploy/training-ca", "issue", folder, csr, use,
	                                 training_path(training, out, ".crt"), NULL};
	return run_quietly(arguments);
}

static const char *const uses[] = {
	[USE_TLS_CLIENT] = "tls-client", [USE_TLS_HUB] = "tls-hub", [USE_SIGNING] = "signing",
	[USE_ENCRYPTION] = "encryption", [USE_RECEIPT] = "receipt",
};

static void it_issues_exactly_what_the_table_of_identities_allows(void **state)
{
	struct training *training = *state;
	static const char *const uris[] = {
		"urn:iss:member:CH:caseworker:anna", "urn:iss:member:CH:branch:2026", "urn:iss:agency:UNICEF-SN:desk:d1",
		"urn:iss:hub:GENEVA:tls:1",          "urn:iss:hub:GENEVA:receipt:1",  "urn:iss:hub:GENEVA:other:1",
	};
	for (size_t i = 0; i < sizeof uris / sizeof uris[0]; i++) {
		struct identity identity;
		assert_ok(identity_from_uri(&identity, uris[i]));
		training_request(training, "p256", uris[i], "ec");
		training_request(training, "ed25519", uris[i], "ed25519");
		for (int use = USE_TLS_CLIENT; use <= USE_RECEIPT; use++) {
			const char *issuer = identity_issuer(&identity, (enum certificate_use)use);
			bool p256 = issue(training, "p256", uses[use], "p256") == 0;
			bool ed25519 = issue(training, "ed25519", uses[use], "ed25519") == 0;
			assert_int_equal(p256, issuer != NULL && use != USE_RECEIPT);
			assert_int_equal(ed25519, issuer != NULL && (use == USE_RECEIPT || use == USE_SIGNING));
			if (issuer == NULL)
				continue;
			X509 *leaf = training_read(training, p256 ? "p256" : "ed25519", ".crt", false);
			char name[16] = "";
			X509_NAME_get_text_by_NID(X509_get_issuer_name(leaf), NID_commonName, name, sizeof name);
			assert_string_equal(name, issuer);
			X509_free(leaf);
		}
	}
}

static void requests_that_name_anything_but_one_of_our_uris_are_refused(void **state)
{
	struct training *training = *state;
	static const char *const wrong[] = {
		"urn:iss:member:CH:caseworker:anna,URI:urn:iss:member:SN:caseworker:awa",
		"urn:iss:member:CH:caseworker:anna,DNS:hub.example",
		"urn:iss:member:ch:caseworker:anna",
		"urn:iss:member:CH:caseworker",
		"https://example.org/",
	};
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		training_request(training, "wrong", wrong[i], "ec");
		assert_int_equal(issue(training, "wrong", "tls-client", "wrong"), 1);
		assert_int_not_equal(access(training_path(training, "wrong", ".crt"), F_OK), 0);
	}
}

static void what_it_issues_passes_the_strict_check_of_openssl(void **state)
{
	struct training *training = *state;
	training_issue(training, "anna", "urn:iss:member:CH:caseworker:anna", "tls-client");
	const char *root = training_path(training, "ca/root", ".pem");
	const char *chain = training_path(training, "anna", ".crt");
	const char *const verify[] = {"openssl", "verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", root, "-untrusted",
	                              chain, chain, NULL};
	int kept = dup(STDOUT_FILENO), nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	assert_true(kept >= 0 && nowhere >= 0 && dup2(nowhere, STDOUT_FILENO) >= 0);
	int code = training_run(verify);
	assert_true(dup2(kept, STDOUT_FILENO) >= 0);
	close(kept);
	close(nowhere);
	assert_int_equal(code, 0);
}

static void a_folder_that_is_there_is_not_touched(void **state)
{
	struct training *training = *state;
	X509 *before = training_read(training, "ca/root", ".pem", false);
	const char *const again[] = {SOURCE_ROOT "/deploy/training-ca", "new", training_path(training, "ca", ""), NULL};
	assert_int_equal(run_quietly(again), 1);
	X509 *after = training_read(training, "ca/root", ".pem", false);
	assert_int_equal(X509_cmp(before, after), 0);
	X509_free(before);
	X509_free(after);
}

static void serial_numbers_are_positive_and_long(void **state)
{
	struct training *training = *state;
	for (int i = 0; i < 8; i++) {
		training_issue(training, "anna", "urn:iss:member:CH:caseworker:anna", "tls-client");
		X509 *leaf = training_read(training, "anna", ".crt", false);
		BIGNUM *serial = ASN1_INTEGER_to_BN(X509_get0_serialNumber(leaf), NULL);
		assert_false(BN_is_negative(serial));
		assert_in_range(BN_num_bits(serial), 120, 159);
		BN_free(serial);
		X509_free(leaf);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_issues_exactly_what_the_table_of_identities_allows),
		cmocka_unit_test(requests_that_name_anything_but_one_of_our_uris_are_refused),
		cmocka_unit_test(what_it_issues_passes_the_strict_check_of_openssl),
		cmocka_unit_test(a_folder_that_is_there_is_not_touched),
		cmocka_unit_test(serial_numbers_are_positive_and_long),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
