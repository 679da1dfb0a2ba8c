// SPDX-License-Identifier: Apache-2.0
#include "lib/peers.h"

#include <string.h>

enum { PEER_CERTIFICATES = 64, PEER_ISSUERS = 16 };

struct peer {
	struct bytes der[PEER_CERTIFICATES], issuer[PEER_ISSUERS]; // owned
	size_t count, issuer_count;
};

static void peer_release(struct peer *peer)
{
	for (size_t i = 0; i < peer->count; i++)
		bytes_release(&peer->der[i]);
	for (size_t i = 0; i < peer->issuer_count; i++)
		bytes_release(&peer->issuer[i]);
	peer->count = peer->issuer_count = 0;
}

static enum fail_code peer_load(struct peer *peer, struct psr_profile *profile, const char *member,
                                enum directory_use use, struct fail *why)
{
	peer->count = PEER_CERTIFICATES;
	peer->issuer_count = 0;
	enum fail_code code = directory_certificates(profile->store, member, use, peer->der, &peer->count, why);
	if (code != FAIL_NONE) {
		peer->count = 0;
		return code;
	}
	peer->issuer_count = PEER_ISSUERS;
	code = directory_certificates(profile->store, member, DIRECTORY_ISSUER, peer->issuer, &peer->issuer_count, why);
	if (code != FAIL_NONE)
		peer->issuer_count = 0;
	return code;
}

static enum fail_code peer_check(const struct peer *peer, size_t index, struct psr_profile *profile, const char *member,
                                 enum certificate_use use, uint64_t unix_ms, struct certificate **certificate,
                                 struct fail *why)
{
	struct view issuer[PEER_ISSUERS];
	for (size_t i = 0; i < peer->issuer_count; i++)
		issuer[i] = bytes_view(&peer->issuer[i]);
	struct certificate *checked;
	enum fail_code code = certificate_check(&checked, profile->trust, bytes_view(&peer->der[index]), issuer,
	                                        peer->issuer_count, use, (int64_t)(unix_ms / 1000), why);
	if (code != FAIL_NONE)
		return code;
	const struct identity *found = certificate_identity(checked);
	enum identity_class class = use == USE_RECEIPT ? IDENTITY_HUB : IDENTITY_MEMBER;
	if (found->class != class || strcmp(found->code, member) != 0) {
		certificate_free(checked);
		return fail_set(why, FAIL_BAD_CERTIFICATE, "the directory gives another's certificate for '%s'", member);
	}
	*certificate = checked;
	return FAIL_NONE;
}

static enum fail_code check_active(struct psr_profile *profile, const char *member, struct fail *why)
{
	uint64_t version;
	bool known, active;
	enum fail_code code = directory_version(profile->store, &version, why);
	if (code == FAIL_NONE)
		code = directory_status(profile->store, member, &known, &active, why);
	if (code != FAIL_NONE)
		return code;
	if (version == 0)
		return fail_set(why, FAIL_UNKNOWN_RECIPIENT, "this profile has no directory yet: sync once with a line");
	if (!known)
		return fail_set(why, FAIL_UNKNOWN_RECIPIENT, "'%s' is not in the directory", member);
	return active ? FAIL_NONE : fail_set(why, FAIL_UNKNOWN_RECIPIENT, "'%s' is not an active member now", member);
}

enum fail_code peer_encryption(struct psr_profile *profile, const char *member, uint64_t unix_ms,
                               struct certificate **certificate, struct fail *why)
{
	enum fail_code code = check_active(profile, member, why);
	if (code != FAIL_NONE)
		return code;
	struct peer peer = {.count = 0};
	code = peer_load(&peer, profile, member, DIRECTORY_ENCRYPTION, why);
	if (code == FAIL_NONE)
		code = fail_set(why, FAIL_BAD_CERTIFICATE, "'%s' has no encryption certificate", member);
	for (size_t i = 0; i < peer.count && code != FAIL_NONE; i++) // the newest first; an older one may still be good
		code = peer_check(&peer, i, profile, member, USE_ENCRYPTION, unix_ms, certificate, why);
	peer_release(&peer);
	return code;
}

enum fail_code peer_signer(struct psr_profile *profile, const char *member, enum certificate_use use,
                           const struct hash *signer, uint64_t unix_ms, struct certificate **certificate,
                           struct fail *why)
{
	struct peer peer = {.count = 0};
	enum fail_code code = peer_load(&peer, profile, member, DIRECTORY_SIGNING, why);
	if (code == FAIL_NONE)
		code = fail_set(why, FAIL_UNKNOWN_SIGNER, "the directory has no such signing certificate of '%s'", member);
	for (size_t i = 0; i < peer.count; i++) {
		struct hash found = sha256(bytes_view(&peer.der[i]));
		if (!hash_equal(&found, signer))
			continue;
		code = peer_check(&peer, i, profile, member, use, unix_ms, certificate, why);
		break;
	}
	peer_release(&peer);
	return code;
}

enum fail_code peer_has_key(struct psr_profile *profile, const char *member, const uint8_t key_id[KEY_ID_SIZE],
                            bool *known, struct fail *why)
{
	*known = false;
	struct peer peer = {.count = 0};
	enum fail_code code = peer_load(&peer, profile, member, DIRECTORY_ENCRYPTION, why);
	for (size_t i = 0; i < peer.count && code == FAIL_NONE && !*known; i++) {
		struct certificate *certificate;
		if (certificate_parse(&certificate, bytes_view(&peer.der[i]), NULL) != FAIL_NONE)
			continue; // a damaged entry of the directory proves no key
		*known = memcmp(certificate_key_id(certificate), key_id, KEY_ID_SIZE) == 0;
		certificate_free(certificate);
	}
	peer_release(&peer);
	return code;
}

// Whoever cannot work is not sent a new case unasked: nobody would look at it for days.
enum fail_code peer_takes_cases(struct psr_profile *profile, const char *to, struct fail *why)
{
	struct member_availability found;
	enum fail_code code = directory_availability(profile->store, to, &found, why);
	if (code != FAIL_NONE || !found.out)
		return code;
	const char *cause = found.cause[0] != '\0' ? found.cause : found.status;
	if (found.deputy[0] == '\0' || strcmp(found.deputy, profile->settings.identity.code) == 0)
		return fail_set(why, FAIL_MEMBER_OUT, "%s cannot take a case now (%s) and names no deputy: send it later, or all the same with --even-if-out",
		                to, cause);
	return fail_set(why, FAIL_MEMBER_OUT, "%s cannot take a case now (%s), %s stands in: write --to %s; or send it all the same with --even-if-out",
	                to, cause, found.deputy, found.deputy);
}
