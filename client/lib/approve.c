// SPDX-License-Identifier: Apache-2.0
#include "lib/approve.h"

#include "form/approval.h"
#include "lib/peers.h"
#include "seal/key.h"

#include <stdio.h>
#include <string.h>

#define DOMAIN_APPROVAL "iss-appr-v1"

enum { ID_SIZE = sizeof(struct id), TIME_SIZE = 8, TEXT_SIZE = 2 * ID_SIZE + TIME_SIZE + 2 * HASH_SIZE };

bool approve_needed(enum message_kind kind)
{
	return kind == KIND_MATCH_PROPOSED || kind == KIND_MATCH_REVIEW;
}

static struct view approval_text(uint8_t text[TEXT_SIZE], const struct header *header, uint64_t at,
                                 struct view approved)
{
	struct hash author = sha256(view_of_text(header->author)), content = sha256(approved);
	uint8_t *to = text + 2 * ID_SIZE;
	memcpy(text, header->message.byte, ID_SIZE);
	memcpy(text + ID_SIZE, header->case_id.byte, ID_SIZE);
	for (unsigned i = 0; i < TIME_SIZE; i++)
		*to++ = (uint8_t)(at >> 8 * (TIME_SIZE - 1 - i));
	memcpy(to, author.byte, HASH_SIZE);
	memcpy(to + HASH_SIZE, content.byte, HASH_SIZE);
	return view_of(text, TEXT_SIZE);
}

// The second person: of the same member, and somebody else.
static enum fail_code second_person(const struct header *header, const struct identity *person, struct fail *why)
{
	struct identity author;
	if (identity_from_uri(&author, header->author) != FAIL_NONE || person->class != IDENTITY_MEMBER ||
	    strcmp(person->code, header->from) != 0)
		return fail_set(why, FAIL_NOT_ALLOWED, "the second person must be of the same branch");
	if (strcmp(author.user, person->user) == 0)
		return fail_set(why, FAIL_NOT_ALLOWED, "the second person must be somebody else than the author");
	return FAIL_NONE;
}

enum fail_code approve_add(struct psr_profile *approver, const struct header *header, bool supervisor,
                           struct bytes *body, struct fail *why)
{
	const struct identity *person = &approver->settings.identity;
	const struct own_certificate *own = approver->keys->ops->certificate(approver->keys, USE_SIGNING);
	struct approval approval = {.at = header->created_at};
	struct bytes signature;
	uint8_t text[TEXT_SIZE];
	enum fail_code code = second_person(header, person, why);
	if (code == FAIL_NONE && supervisor && strcmp(person->role, "supervisor") != 0)
		code = fail_set(why, FAIL_NOT_ALLOWED, "a search at all members is approved by a supervisor");
	if (code == FAIL_NONE && own == NULL)
		code = fail_set(why, FAIL_NOT_ALLOWED, "the second person's profile has no signing key");
	if (code != FAIL_NONE)
		return code;
	bytes_init(&signature, APPROVAL_SIGNATURE_MOST);
	code = approver->keys->ops->sign_text(approver->keys, DOMAIN_APPROVAL,
	                                      approval_text(text, header, approval.at, bytes_view(body)), &signature, why);
	if (code == FAIL_NONE) {
		snprintf(approval.person, sizeof approval.person, "%s", person->uri);
		approval.signer = *certificate_hash(own->certificate);
		approval.signature_length = signature.length;
		memcpy(approval.signature, signature.data, signature.length);
		code = approval_add(body, &approval);
	}
	bytes_release(&signature);
	return code;
}

static enum fail_code check_signature(struct psr_profile *profile, const struct header *header, uint64_t unix_ms,
                                      const struct approval *approval, struct view approved, struct fail *why)
{
	struct certificate *certificate;
	uint8_t text[TEXT_SIZE];
	enum fail_code code =
		peer_signer(profile, header->from, USE_SIGNING, &approval->signer, unix_ms, &certificate, why);
	if (code != FAIL_NONE)
		return code;
	if (strcmp(certificate_identity(certificate)->uri, approval->person) != 0 ||
	    verify(certificate, DOMAIN_APPROVAL, approval_text(text, header, approval->at, approved),
	           view_of(approval->signature, approval->signature_length)) != FAIL_NONE)
		code = fail_set(why, FAIL_BAD_SIGNATURE, "the approval of the second person does not fit");
	certificate_free(certificate);
	return code;
}

enum fail_code approve_check(struct psr_profile *profile, const struct header *header, uint64_t unix_ms,
                             struct view body, char person[IDENTITY_URI_SIZE], struct fail *why)
{
	struct approval approval;
	struct identity second;
	struct view approved;
	bool found;
	enum fail_code code = approval_read(body, &approval, &approved, &found, why);
	if (code == FAIL_NONE && !found)
		code = fail_set(why, FAIL_NOT_ALLOWED, "no second person has approved it");
	if (code == FAIL_NONE && identity_from_uri(&second, approval.person) != FAIL_NONE)
		code = fail_set(why, FAIL_MALFORMED, "the approval names nobody");
	if (code == FAIL_NONE)
		code = second_person(header, &second, why);
	if (code == FAIL_NONE)
		code = check_signature(profile, header, unix_ms, &approval, approved, why);
	if (code == FAIL_NONE)
		snprintf(person, IDENTITY_URI_SIZE, "%s", approval.person);
	return code;
}
