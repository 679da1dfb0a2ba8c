// SPDX-License-Identifier: Apache-2.0
//
// What the hub proves itself with: TLS context and receipt key, loaded from the
// files that the configuration names and checked as peers will check them, so that
// a wrong file is found at the start and not by the first member.
#ifndef PASSERELLE_HUB_HUB_KEYS_H
#define PASSERELLE_HUB_HUB_KEYS_H

#include "hub/config.h"
#include "seal/key.h"
#include "wire/tls_channel.h"

struct receipt_keys {
	struct private_key *key;
	struct certificate *certificate;
	struct bytes chain[2];          // leaf, issuer: DER
};

// *ends: Unix seconds when the certificate does. The caller owns one reference of *context.
enum fail_code hub_tls_load(struct tls_context **context, int64_t *ends, const struct config *config,
                            struct fail *why) MUST_CHECK;

enum fail_code receipt_keys_load(struct receipt_keys *keys, const struct config *config, struct fail *why) MUST_CHECK;
void receipt_keys_release(struct receipt_keys *keys); // also of zeroed memory

#endif
