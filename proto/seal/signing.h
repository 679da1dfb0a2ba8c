// SPDX-License-Identifier: Apache-2.0
//
// Who wrote it: signatures over header bytes (alone or several under one tree
// root), and the hub's receipts.
//
// Single:  signature over "iss-env-v1" 0x00 header bytes.
// Batch:   leaf = SHA-256(0x00 header hash), root by RFC 9162; signature over
//          "iss-env-batch-v1" 0x00 root. Many messages cost one signature and
//          one check; each still carries all that a court needs.
// Receipt: leaf = SHA-256(0x00 statement bytes); signature over "iss-rcpt-v1" 0x00 root.
#ifndef PASSERELLE_SEAL_SIGNING_H
#define PASSERELLE_SEAL_SIGNING_H

#include "base/arena.h"
#include "seal/tree.h"
#include "wire/message.h"

#define DOMAIN_ENVELOPE "iss-env-v1"
#define DOMAIN_BATCH "iss-env-batch-v1"
#define DOMAIN_RECEIPT "iss-rcpt-v1"
#define DOMAIN_HEADER "iss-hdr-v1"

// hh = SHA-256("iss-hdr-v1" 0x00 header bytes): the name of a header everywhere.
struct hash header_hash(struct view header_bytes);

// What a checker needs to verify: the message that the signature is over. For a
// batch this is the root, the same for all of them, so a hub may remember roots
// that it has verified. FAIL_BAD_SIGNATURE if the path cannot be right. `message` may
// point into the struct itself: do not copy it.
struct signed_text {
	const char *domain;
	struct hash root;       // batch
	struct view message;    // header bytes, or a view of .root
};
enum fail_code envelope_signed_text(struct signed_text *text, const struct envelope *envelope) MUST_CHECK;

// The whole check: signer hash equals the certificate's, signature fits.
// FAIL_UNKNOWN_SIGNER, FAIL_BAD_SIGNATURE.
enum fail_code envelope_verify(const struct envelope *envelope, const struct certificate *signer) MUST_CHECK;

// Signs `count` (1 to 256) headers at once: fills signature, signer and batch fields of each
// envelope, whose .header views are set. Memory comes from `arena`.
enum fail_code envelopes_sign(struct envelope *envelope, size_t count, const struct private_key *key,
                              const struct certificate *signer, struct arena *arena) MUST_CHECK;

// Receipt of a hub: made by this certificate, which is a receipt certificate (USE_RECEIPT),
// path to the root, root's signature. FAIL_UNKNOWN_SIGNER, FAIL_BAD_SIGNATURE with the
// reason. What the statement says is the next function's.
enum fail_code receipt_verify(const struct hub_receipt *receipt, const struct certificate *hub,
                              struct fail *why) MUST_CHECK;

// The statement (decoded from the receipt's bytes) speaks of exactly this envelope, by
// this hub. `header` is decoded from envelope's header bytes, `envelope_bytes` are the bytes that
// were submitted. FAIL_BAD_SIGNATURE with the field that differs.
enum fail_code receipt_fits(const struct hub_statement *statement, const struct header *header,
                            struct view header_bytes, struct view envelope_bytes, const struct certificate *hub,
                            struct fail *why) MUST_CHECK;

#endif
