// SPDX-License-Identifier: Apache-2.0
#include "wire/tls_context.h"

#include "wire/certificate_profile.h"
#include "wire/key_file.h"
#include "wire/tls_pipe.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

static const unsigned char protocols[] = "\014passerelle/1"; // ALPN: length, then the name

enum { MAX_PEER_CERTIFICATES = 16 * 1024 };

static int choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *out_length, const unsigned char *in,
                           unsigned in_length, void *unused)
{
	(void)ssl;
	(void)unused;
	unsigned char *chosen;
	int found = SSL_select_next_proto(&chosen, out_length, protocols, sizeof protocols - 1, in, in_length);
	*out = chosen;
	return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// OpenSSL would ask at the terminal: a certificate's file has no business to need one.
static int no_passphrase(char *buffer, int size, int writing, void *unused)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)unused;
	return -1;
}

// A resumed session would let a certificate back in that was revoked meanwhile: so
// there are no tickets, no cache, no early data.
static bool set_parameters(SSL_CTX *ssl)
{
	char groups[] = "X25519:P-256", signatures[] = "ECDSA+SHA256:ed25519"; // OpenSSL's macros take no const
	SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_options(ssl, SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
	                             SSL_OP_CIPHER_SERVER_PREFERENCE);
	SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
	                          SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_max_cert_list(ssl, MAX_PEER_CERTIFICATES);
	SSL_CTX_set_security_level(ssl, 2);
	SSL_CTX_set_alpn_select_cb(ssl, choose_protocol, NULL);
	SSL_CTX_set_default_passwd_cb(ssl, no_passphrase);
	return SSL_CTX_set_min_proto_version(ssl, TLS1_3_VERSION) == 1 &&
	       SSL_CTX_set_max_proto_version(ssl, TLS1_3_VERSION) == 1 &&
	       SSL_CTX_set_ciphersuites(ssl, "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256") == 1 &&
	       SSL_CTX_set1_groups_list(ssl, groups) == 1 &&
	       SSL_CTX_set1_sigalgs_list(ssl, signatures) == 1 && SSL_CTX_set_num_tickets(ssl, 0) == 1 &&
	       SSL_CTX_set_max_early_data(ssl, 0) == 1 && SSL_CTX_set_recv_max_early_data(ssl, 0) == 1 &&
	       SSL_CTX_set_alpn_protos(ssl, protocols, sizeof protocols - 1) == 0;
}

static enum fail_code set_trust(SSL_CTX *ssl, const char *file, struct fail *why)
{
	X509_STORE *store;
	enum fail_code code = certificate_store_new(&store, file, why);
	if (code != FAIL_NONE)
		return code;
	// The context keeps parameters of its own, which win over the store's.
	must(X509_VERIFY_PARAM_set1(SSL_CTX_get0_param(ssl), X509_STORE_get0_param(store)) == 1);
	SSL_CTX_set_cert_store(ssl, store);
	SSL_CTX_set_verify(ssl, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, NULL);
	SSL_CTX_set_cert_verify_callback(ssl, tls_channel_verify, NULL);
	return FAIL_NONE;
}

static enum fail_code open_file(BIO **file, const char *name, struct fail *why)
{
	errno = 0;
	*file = BIO_new_file(name, "r");
	if (*file != NULL)
		return FAIL_NONE;
	return fail_set(why, FAIL_NO_FILE, "cannot open '%s': %s", name, strerror(errno));
}

static enum fail_code set_certificate(SSL_CTX *ssl, const char *name, struct fail *why)
{
	BIO *file;
	enum fail_code code = open_file(&file, name, why);
	if (code != FAIL_NONE)
		return code;
	BIO_free(file);
	if (SSL_CTX_use_certificate_chain_file(ssl, name) == 1)
		return FAIL_NONE;
	return fail_set(why, FAIL_BAD_CERTIFICATE, "'%s' is not a certificate and its authority's in PEM form", name);
}

static enum fail_code set_key(SSL_CTX *ssl, const struct tls_files *files, struct fail *why)
{
	EVP_PKEY *key;
	enum fail_code code = key_file_open(&key, files->key, files->lock, why);
	if (code != FAIL_NONE)
		return code;
	bool fits = SSL_CTX_use_PrivateKey(ssl, key) == 1 && SSL_CTX_check_private_key(ssl) == 1;
	EVP_PKEY_free(key);
	if (fits)
		return FAIL_NONE;
	return fail_set(why, FAIL_BAD_CERTIFICATE, "'%s' is not the key of the certificate in '%s'", files->key,
	                files->certificate);
}

static enum fail_code fill(struct tls_context *context, const struct tls_files *files, struct fail *why)
{
	context->ssl = SSL_CTX_new(context->side == TLS_CLIENT ? TLS_client_method() : TLS_server_method());
	context->pipe = tls_pipe_method();
	if (context->ssl == NULL || context->pipe == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "no memory for TLS");
	must(set_parameters(context->ssl));
	enum fail_code code = set_trust(context->ssl, files->trust, why);
	if (code == FAIL_NONE)
		code = set_certificate(context->ssl, files->certificate, why);
	return code == FAIL_NONE ? set_key(context->ssl, files, why) : code;
}

enum fail_code tls_context_new(struct tls_context **context, enum tls_side side, const struct tls_files *files,
                               struct fail *why)
{
	*context = NULL;
	struct tls_context *made = calloc(1, sizeof *made);
	if (made == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "no memory for TLS");
	made->side = side;
	atomic_init(&made->references, 1);
	ERR_clear_error();
	enum fail_code code = fill(made, files, why);
	ERR_clear_error();
	if (code != FAIL_NONE)
		tls_context_unref(made);
	else
		*context = made;
	return code;
}

void tls_context_ref(struct tls_context *context)
{
	atomic_fetch_add(&context->references, 1);
}

void tls_context_unref(struct tls_context *context)
{
	if (context == NULL || atomic_fetch_sub(&context->references, 1) > 1)
		return;
	SSL_CTX_free(context->ssl);
	BIO_meth_free(context->pipe);
	free(context);
}

static enum fail_code check_chain(struct tls_context *context, X509_STORE_CTX *store, struct identity *identity,
                                  struct fail *why)
{
	STACK_OF(X509) *issuers = NULL;
	SSL_CTX_get0_chain_certs(context->ssl, &issuers);
	if (X509_STORE_CTX_init(store, SSL_CTX_get_cert_store(context->ssl), SSL_CTX_get0_certificate(context->ssl),
	                        issuers) != 1)
		return fail_set(why, FAIL_NO_MEMORY, "no memory for TLS");
	bool hub = context->side == TLS_HUB;
	if (X509_verify_cert(store) != 1)
		return tls_verify_fault(why, "our", store, hub ? TLS_CLIENT : TLS_HUB);
	return certificate_profile_check(identity, X509_STORE_CTX_get0_chain(store), hub ? USE_TLS_HUB : USE_TLS_CLIENT,
	                                 why);
}

enum fail_code tls_context_check(struct tls_context *context, struct identity *identity, struct fail *why)
{
	ERR_clear_error();
	X509_STORE_CTX *store = X509_STORE_CTX_new();
	if (store == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "no memory for TLS");
	enum fail_code code = check_chain(context, store, identity, why);
	X509_STORE_CTX_free(store);
	ERR_clear_error();
	return code;
}

enum fail_code tls_library_check(struct fail *why)
{
	const unsigned long least = 0x30000110; // 3.0.17
	if (OpenSSL_version_num() >= least)
		return FAIL_NONE;
	return fail_set(why, FAIL_UNSUPPORTED, "libssl is %s: 3.0.17 or newer is needed",
	                OpenSSL_version(OPENSSL_VERSION_STRING));
}
