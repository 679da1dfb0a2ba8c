// SPDX-License-Identifier: Apache-2.0
//
// TLS 1.3 with both certificates, as bytes in and bytes out: OpenSSL on memory
// BIOs, no socket, no clock, no thread. Hub and client use the same channel.
//
// Parameters are fixed here and nowhere else: TLS 1.3 only, AES-256-GCM and
// ChaCha20-Poly1305, X25519 and P-256, ALPN "passerelle/1", no tickets, no
// session cache, no early data, peer certificate required, chain depth 2,
// X509_STRICT, critical extended key usage checked by hand (OpenSSL accepts a
// certificate without any), release buffers when idle.
#ifndef PASSERELLE_WIRE_TLS_CHANNEL_H
#define PASSERELLE_WIRE_TLS_CHANNEL_H

#include "base/bytes.h"
#include "wire/identity.h"
#include "wire/key_lock.h"

enum tls_side { TLS_CLIENT, TLS_HUB };

struct tls_context; // trust, own certificate and key; shared by channels, reference counted
struct tls_channel; // one connection

struct tls_files {
	const char *trust;        // PEM: the root certificate, the only trust anchor
	const char *certificate;  // PEM: leaf, then its issuing CA
	const char *key;          // PEM PKCS#8; may be encrypted
	struct key_lock *lock;    // NULL if the key is not encrypted; borrowed during the call
};

// Builds a new context or says which file is at fault: FAIL_NO_FILE,
// FAIL_BAD_CERTIFICATE, FAIL_BAD_PASSPHRASE. The caller owns one reference.
enum fail_code tls_context_new(struct tls_context **context, enum tls_side side,
                               const struct tls_files *files, struct fail *why) MUST_CHECK;
void tls_context_unref(struct tls_context *context); // NULL is fine

// Whether our own certificate is what a peer will ask for (chain to our own trust, time,
// issuer, usage), and who it says we are: for a start that fails early and in
// plain words. FAIL_BAD_CERTIFICATE.
enum fail_code tls_context_check(struct tls_context *context, struct identity *identity, struct fail *why) MUST_CHECK;

// FAIL_UNSUPPORTED if the libssl that this process runs with is older than 3.0.17, whose
// faults a peer could use. What Debian mended within a version cannot be seen here.
enum fail_code tls_library_check(struct fail *why) MUST_CHECK;

// Takes its own reference on context. `hub_name`: for TLS_CLIENT, the DNS name or
// address that the hub's certificate must carry (not sent as SNI if an address);
// NULL for TLS_HUB. NULL without memory, or for a name that is none (empty, over 253 bytes).
struct tls_channel *tls_channel_new(struct tls_context *context, const char *hub_name);
void tls_channel_free(struct tls_channel *channel); // NULL is fine

enum tls_result {
	TLS_OK,       // go on
	TLS_CLOSED,   // the peer said goodbye properly
	TLS_FAILED,   // see tls_channel_fault; send what tls_channel_output still holds (the alert), then close
};

// Bytes from the peer; all of them are taken. Plain bytes are appended to
// `plain` (whose cap is honoured: over it the result is TLS_FAILED), also when the result is
// not TLS_OK.
enum tls_result tls_channel_feed(struct tls_channel *channel, struct view cipher, struct bytes *plain);

// Plain bytes to the peer. Before the handshake is done they wait inside (at
// most 1 MiB + 16 KiB), so that Hello and the first Submit leave with the
// client's last flight.
enum tls_result tls_channel_write(struct tls_channel *channel, struct view plain);

// Starts the handshake (client) or does nothing (hub).
enum tls_result tls_channel_start(struct tls_channel *channel);

// Says goodbye; then send the output.
void tls_channel_close(struct tls_channel *channel);

// Moves everything that must go to the peer to the end of `cipher`. To be
// called after every call above: reading can write too.
enum fail_code tls_channel_output(struct tls_channel *channel, struct bytes *cipher) MUST_CHECK;

bool tls_channel_established(const struct tls_channel *channel);

// After TLS_FAILED: code (mostly FAIL_BAD_CERTIFICATE, FAIL_MALFORMED) and text.
void tls_channel_fault(const struct tls_channel *channel, struct fail *why);

// Who the peer's certificate says it is; valid once established.
const struct identity *tls_channel_peer(const struct tls_channel *channel);

#endif
