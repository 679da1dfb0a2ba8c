// SPDX-License-Identifier: Apache-2.0
//
// The directory's rows, written by the operator (`passerelle-hub member add`).
// Synchronous, with the connection string of `migrate` (not of the hub's roles, which
// cannot write here). Each change raises the directory version, which running
// hubs notice (core_directory_changed). Certificates must have been checked
// against the root before (certificate_check): here they are rows.
#ifndef PASSERELLE_STORE_MEMBER_ADMIN_H
#define PASSERELLE_STORE_MEMBER_ADMIN_H

#include "base/id.h"
#include "wire/message.h"

struct member_registration {
	const char *code;        // CH, UNICEF-SN
	const char *kind;        // code list MemberKind: BRANCH, GENERAL_SECRETARIAT, ...; agencies: PARTNER_AGENCY
	const char *name;        // for people, at most 200 bytes
	const char *status;      // code list MemberStatus; NULL: ACTIVE for a new one, unchanged for a known one
	const struct view *signing;    size_t signing_count;     // DER leaf certificates, added to those that are there
	const struct view *encryption; size_t encryption_count;
	const struct view *issuer;     size_t issuer_count;      // DER issuing CAs of the above
	const char *const *service;    size_t service_count;     // replaces the list unless the count is 0
	const char *const *language;   size_t language_count;    // likewise
	const char *const *country;    size_t country_count;     // likewise
};

// How far a member can work; "" or NULL where nothing is to be said.
struct member_availability {
	const char *code;
	const char *status;      // code list Availability; BACK is NORMAL again
	const char *cause;       // code list AvailabilityCause
	const char *until;       // YYYY-MM-DD
	const char *deputy;      // code of a member that takes new cases
	uint64_t at;             // Unix milliseconds
};

struct member_row {
	int32_t no;
	char code[MEMBER_CODE_SIZE];
	char kind[CODE_SIZE];
	char status[CODE_SIZE], availability[CODE_SIZE];
	bool agency;
	const char *name;        // borrowed during the call
	unsigned signing, encryption; // how many certificates
};

// New, or adds to the one with this code (kind and name are then replaced; NULL keeps them). Status REDUCED, DISRUPTED
// and ACTIVE may connect; SUSPENDED, CANDIDATE and LEFT may not. FAIL_UNAVAILABLE, FAIL_BAD_USAGE (what is wrong in words), FAIL_IO.
enum fail_code member_register(const char *conninfo, const struct member_registration *member,
                               struct fail *why) MUST_CHECK;

// The hub tells the parties of its cases within seconds. FAIL_BAD_USAGE, FAIL_UNAVAILABLE, FAIL_IO (no such member or deputy).
enum fail_code member_set_availability(const char *conninfo, const struct member_availability *availability,
                                       struct fail *why) MUST_CHECK;

// `calendar`: the text of case/calendar.h, checked before. FAIL_UNAVAILABLE, FAIL_IO (no such member).
enum fail_code member_set_calendar(const char *conninfo, const char *member, const char *calendar,
                                   struct fail *why) MUST_CHECK;

// Whether this signing certificate (or receipt certificate of a hub) is in the directory. Any role that reads it will do.
enum fail_code member_has_certificate(const char *conninfo, struct view der, bool *found, struct fail *why) MUST_CHECK;

// All members and agencies, by code.
enum fail_code member_list(const char *conninfo, void (*row)(void *context, const struct member_row *row),
                           void *context, struct fail *why) MUST_CHECK;

#endif
