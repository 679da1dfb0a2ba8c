// SPDX-License-Identifier: Apache-2.0
//
// What tls_context.c and tls_channel.c share and nobody else may see.
#ifndef PASSERELLE_WIRE_TLS_CONTEXT_H
#define PASSERELLE_WIRE_TLS_CONTEXT_H

#include "wire/tls_channel.h"

#include <openssl/ssl.h>
#include <stdatomic.h>

struct tls_context {
	atomic_uint references;
	enum tls_side side;
	SSL_CTX *ssl;
	BIO_METHOD *pipe;  // of the BIO that every channel of this context has, see tls_pipe.h
};

void tls_context_ref(struct tls_context *context);

// OpenSSL's verify callback of the context: the chain, then the profile. Defined in tls_channel.c,
// because it leaves its verdict in the channel.
int tls_channel_verify(X509_STORE_CTX *store, void *unused);

// What a failed chain check means, in words: "the peer's certificate has expired".
// `owner` is "the peer's" or "our", `side` the one that checks. FAIL_BAD_CERTIFICATE.
enum fail_code tls_verify_fault(struct fail *why, const char *owner, const X509_STORE_CTX *store, enum tls_side side);

// What an alert of the peer means; NULL if it is about no certificate.
const char *tls_alert_text(int alert);

#endif
