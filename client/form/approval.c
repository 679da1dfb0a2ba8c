// SPDX-License-Identifier: Apache-2.0
#include "form/approval.h"

#include "form/body.h"

#include <stdio.h>
#include <string.h>

static ProtobufCBinaryData borrowed(const uint8_t *data, size_t length)
{
	union { const uint8_t *from; uint8_t *to; } way = {.from = data}; // protobuf-c only reads what is packed
	return (ProtobufCBinaryData){.len = length, .data = way.to};
}

// A Body that has nothing else: two serialised messages behind each other are their union.
static enum fail_code append(struct bytes *body, Passerelle__V1__Approval *approval)
{
	Passerelle__V1__Body alone = PASSERELLE__V1__BODY__INIT;
	alone.approval = approval;
	size_t length = passerelle__v1__body__get_packed_size(&alone);
	uint8_t *room = bytes_room(body, length);
	if (room == NULL)
		return FAIL_TOO_LARGE;
	passerelle__v1__body__pack(&alone, room);
	bytes_added(body, length);
	return FAIL_NONE;
}

enum fail_code approval_add(struct bytes *body, const struct approval *approval)
{
	Passerelle__V1__Approval made;
	char person[IDENTITY_URI_SIZE];
	passerelle__v1__approval__init(&made);
	snprintf(person, sizeof person, "%s", approval->person);
	made.person = person;
	made.signer = borrowed(approval->signer.byte, HASH_SIZE);
	made.at = approval->at;
	made.signature = borrowed(approval->signature, approval->signature_length);
	return append(body, &made);
}

static enum fail_code take(const Passerelle__V1__Approval *from, struct approval *to, struct fail *why)
{
	if (strlen(from->person) >= sizeof to->person || from->signer.len != HASH_SIZE || from->signature.len == 0 ||
	    from->signature.len > sizeof to->signature || from->at > MAX_TIME)
		return fail_set(why, FAIL_MALFORMED, "the approval of a second person has a wrong form");
	*to = (struct approval){.at = from->at, .signature_length = from->signature.len};
	memcpy(to->person, from->person, strlen(from->person) + 1);
	memcpy(to->signer.byte, from->signer.data, HASH_SIZE);
	memcpy(to->signature, from->signature.data, from->signature.len);
	return FAIL_NONE;
}

// The bytes of the approval must be the last ones, in the one form that they can have.
static enum fail_code split(struct view body, const struct approval *approval, struct view *approved, struct fail *why)
{
	struct bytes last;
	bytes_init(&last, MAX_BODY);
	enum fail_code code = approval_add(&last, approval);
	bool fits = code == FAIL_NONE && last.length <= body.length &&
	            memcmp(body.data + (body.length - last.length), last.data, last.length) == 0;
	if (fits)
		*approved = view_of(body.data, body.length - last.length);
	else
		code = fail_set(why, FAIL_MALFORMED, "the approval of a second person is not the last of the content");
	bytes_release(&last);
	return code;
}

enum fail_code approval_read(struct view body, struct approval *approval, struct view *approved, bool *found,
                             struct fail *why)
{
	struct form_memory memory;
	Passerelle__V1__Body *unpacked = NULL;
	form_memory_init(&memory);
	enum fail_code code = body_unpack(body, &memory, &unpacked, why);
	*found = code == FAIL_NONE && unpacked->approval != NULL;
	if (*found)
		code = take(unpacked->approval, approval, why);
	if (code == FAIL_NONE && *found)
		code = split(body, approval, approved, why);
	form_memory_release(&memory);
	return code;
}
