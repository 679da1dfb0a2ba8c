// SPDX-License-Identifier: Apache-2.0
//
// Who a certificate is for. Every certificate carries exactly one URI:
//
//   urn:iss:member:CODE:ROLE:USER   issued by M1 (TLS), S1 (signing), E1 (encryption; role is "branch", user is the epoch)
//   urn:iss:agency:CODE:ROLE:USER   issued by A1
//   urn:iss:hub:NAME:ROLE:USER      issued by H1
//
// The class is decided by the issuing CA, whose common name (M1, S1, E1, A1, H1)
// is signed by the pinned root; the prefix that each may issue is a table here.
#ifndef PASSERELLE_WIRE_IDENTITY_H
#define PASSERELLE_WIRE_IDENTITY_H

#include "base/bytes.h"

enum identity_class { IDENTITY_MEMBER, IDENTITY_AGENCY, IDENTITY_HUB };

// What a certificate is for; each has its issuing CAs and key usage.
enum certificate_use { USE_TLS_CLIENT, USE_TLS_HUB, USE_SIGNING, USE_ENCRYPTION, USE_RECEIPT };

enum {
	MEMBER_CODE_SIZE = 17,  // up to 16 of A-Z 0-9 -, then NUL
	ROLE_SIZE = 17,         // up to 16 of a-z -
	USER_SIZE = 33,         // up to 32 of a-z 0-9 -
	IDENTITY_URI_SIZE = 96,
};

// The General Secretariat. Authorities issue certificates for this code to it alone, so that whoever holds the
// directory cannot put another in its place.
#define SECRETARIAT_CODE "GS"

struct identity {
	enum identity_class class;
	char code[MEMBER_CODE_SIZE];
	char role[ROLE_SIZE];
	char user[USER_SIZE];
	char uri[IDENTITY_URI_SIZE];
};

bool member_code_valid(const char *code);

// From a URI as above; FAIL_BAD_CERTIFICATE if it is anything else.
enum fail_code identity_from_uri(struct identity *identity, const char *uri) MUST_CHECK;

// Common name of the one authority that may issue a certificate for this use to
// this identity ("M1"), by its class and, where the role is fixed ("branch",
// "tls", "receipt"), by its role. NULL: nobody may.
const char *identity_issuer(const struct identity *identity, enum certificate_use use);

// For texts: "a TLS client", "a hub", "signing", "encryption", "receipts".
const char *certificate_use_text(enum certificate_use use);

#endif
