// SPDX-License-Identifier: Apache-2.0
//
// Certificates for tests: a training authority in a folder of its own, made by
// deploy/training-ca; and forged certificates, which that program would not make.
#ifndef PASSERELLE_TEST_TRAINING_H
#define PASSERELLE_TEST_TRAINING_H

#include "test.h"

#include <ftw.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

struct training {
	char folder[64]; // everything lies in it
	char *path[8];   // results of training_path, reused in turn
	unsigned next_path;
};

static inline const char *training_path(struct training *training, const char *name, const char *ending)
{
	char **path = &training->path[training->next_path++ % 8];
	free(*path);
	assert_true(asprintf(path, "%s/%s%s", training->folder, name, ending) > 0);
	return *path;
}

// Exit code of a program that is found on the path; its words are shown if it fails.
static inline int training_run(const char *const *arguments)
{
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		execvp(arguments[0], (char *const *)(uintptr_t)arguments);
		_exit(127);
	}
	int status = 0;
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static inline void training_new(struct training *training)
{
	*training = (struct training){.folder = P_tmpdir "/passerelle-training-XXXXXX"};
	assert_non_null(mkdtemp(training->folder));
	const char *const make[] = {SOURCE_ROOT "/deploy/training-ca", "new", training_path(training, "ca", ""), "--hub-address",
	                            "hub.example", NULL};
	assert_int_equal(training_run(make), 0);
}

// NAME.key and NAME.csr for this URI; kind as of `openssl req -newkey`.
static inline void training_request(struct training *training, const char *name, const char *uri, const char *kind)
{
	char names[160];
	snprintf(names, sizeof names, "subjectAltName=URI:%s", uri);
	const char *const request[] = {"openssl", "req", "-new", "-batch", "-newkey", kind, "-pkeyopt",
	                               strcmp(kind, "ec") == 0 ? "ec_paramgen_curve:P-256" : NULL, "-nodes", "-subj", "/",
	                               "-addext", names, "-keyout", training_path(training, name, ".key"), "-out",
	                               training_path(training, name, ".csr"), NULL};
	const char *arguments[20];
	size_t count = 0;
	for (size_t i = 0; i < sizeof request / sizeof request[0] - 1; i++) {
		if (request[i] == NULL)
			count--; // -pkeyopt goes with it
		else
			arguments[count++] = request[i];
	}
	arguments[count] = NULL;
	assert_int_equal(training_run(arguments), 0);
}

// NAME.key and NAME.crt.
static inline void training_issue(struct training *training, const char *name, const char *uri, const char *use)
{
	training_request(training, name, uri, strcmp(use, "receipt") == 0 || strcmp(use, "signing") == 0 ? "ed25519" : "ec");
	const char *folder = training_path(training, "ca", "");
	const char *request = training_path(training, name, ".csr");
	const char *const issue[] = {SOURCE_ROOT "/deploy/training-ca", "issue", folder, request, use,
	                             training_path(training, name, ".crt"), NULL};
	assert_int_equal(training_run(issue), 0);
}

struct forgery {
	const char *uri;      // NULL: no name at all
	const char *issuer;   // "M1"
	const char *usage;    // "critical,digitalSignature"
	const char *extended; // "critical,clientAuth"; NULL: none
	long from, until;     // seconds from now
};

static inline void *training_read(struct training *training, const char *name, const char *ending, bool key)
{
	FILE *file = fopen(training_path(training, name, ending), "r");
	assert_non_null(file);
	void *read =
		key ? (void *)PEM_read_PrivateKey(file, NULL, NULL, NULL) : (void *)PEM_read_X509(file, NULL, NULL, NULL);
	fclose(file);
	assert_non_null(read);
	return read;
}

static inline void training_extend(X509 *leaf, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX context;
	X509V3_set_ctx(&context, issuer, leaf, NULL, NULL, 0);
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	assert_non_null(extension);
	assert_int_equal(X509_add_ext(leaf, extension, -1), 1);
	X509_EXTENSION_free(extension);
}

static inline X509 *training_forged_leaf(const struct forgery *forgery, X509 *issuer, EVP_PKEY *key)
{
	X509 *leaf = X509_new();
	assert_non_null(leaf);
	X509_set_version(leaf, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(leaf), 4711);
	X509_set_issuer_name(leaf, X509_get_subject_name(issuer));
	X509_gmtime_adj(X509_getm_notBefore(leaf), forgery->from);
	X509_gmtime_adj(X509_getm_notAfter(leaf), forgery->until);
	X509_set_pubkey(leaf, key);
	training_extend(leaf, issuer, NID_basic_constraints, "critical,CA:FALSE");
	training_extend(leaf, issuer, NID_key_usage, forgery->usage);
	training_extend(leaf, issuer, NID_subject_key_identifier, "hash");
	training_extend(leaf, issuer, NID_authority_key_identifier, "keyid:always");
	if (forgery->extended != NULL)
		training_extend(leaf, issuer, NID_ext_key_usage, forgery->extended);
	char names[160];
	snprintf(names, sizeof names, "critical,DNS:localhost%s%s", forgery->uri != NULL ? ",URI:" : "",
	         forgery->uri != NULL ? forgery->uri : "");
	training_extend(leaf, issuer, NID_subject_alt_name, names);
	return leaf;
}

// NAME.key and NAME.crt, signed by an authority that should not have.
static inline void training_forge(struct training *training, const char *name, const struct forgery *forgery)
{
	char authority[16];
	snprintf(authority, sizeof authority, "ca/%s", forgery->issuer);
	X509 *issuer = training_read(training, authority, ".crt", false);
	EVP_PKEY *issuer_key = training_read(training, authority, ".key", true);
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256");
	assert_non_null(key);
	X509 *leaf = training_forged_leaf(forgery, issuer, key);
	assert_true(X509_sign(leaf, issuer_key, EVP_sha256()) > 0);
	FILE *file = fopen(training_path(training, name, ".crt"), "w");
	assert_non_null(file);
	assert_true(PEM_write_X509(file, leaf) == 1 && PEM_write_X509(file, issuer) == 1);
	assert_int_equal(fclose(file), 0);
	file = fopen(training_path(training, name, ".key"), "w");
	assert_non_null(file);
	assert_int_equal(PEM_write_PKCS8PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
	assert_int_equal(fclose(file), 0);
	X509_free(leaf);
	X509_free(issuer);
	EVP_PKEY_free(issuer_key);
	EVP_PKEY_free(key);
}

static inline int training_remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	(void)walk;
	return remove(path);
}

static inline void training_free(struct training *training)
{
	assert_int_equal(nftw(training->folder, training_remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	for (int i = 0; i < 8; i++)
		free(training->path[i]);
}

#endif
