// SPDX-License-Identifier: Apache-2.0
//
// The folder of one person's keys and store:
//
//   profile.ini               who this is and where the hub is
//   profile.lock              who syncs, who writes (locks of the kernel, gone with their process)
//   trust/root.pem            the pinned root
//   keys/{tls,sign,branch}.{key,crt}
//   requests/*.csr
//   store.db                  store.h
//   spool/<object id>         sealed attachments that are not yet delivered, or are being fetched
//
// All of it 0700/0600. profile.ini is written last by a creation: with it the profile exists.
#ifndef PASSERELLE_LIB_PROFILE_H
#define PASSERELLE_LIB_PROFILE_H

#include "lib/file.h"
#include "lib/keystore.h"
#include "lib/store.h"

#include <passerelle/passerelle.h>

enum { HUB_HOST_SIZE = 256 };

struct profile_settings {
	struct identity identity;      // of the TLS and signing certificate
	char hub_host[HUB_HOST_SIZE];
	char hub_port[8];
};

struct watch;

struct psr_profile {
	char folder[PATH_SIZE / 2];
	struct profile_settings settings;
	int lock;                      // profile.lock
	struct trust *trust;           // owned
	struct keystore *keys;         // owned
	struct store *store;           // owned
	struct watch *watch;           // owned, NULL while nobody watches
	struct path forms;             // folder with definitions of one's own; need not be there
	char language[36];             // in which faults name the headings of forms; "" English
};

// Checks and reads profile.ini. FAIL_BAD_CONFIG with line and what would be right.
enum fail_code profile_settings_load(struct profile_settings *settings, const char *folder,
                                     struct fail *why) MUST_CHECK;

// Who a new profile is for; FAIL_BAD_USAGE names the value that is wrong. `branch`: of the member's branch key.
enum fail_code profile_identity(struct identity *identity, const char *code, const char *role, const char *user,
                                struct fail *why) MUST_CHECK;

// "host:port", "[2001:db8::1]:7600". FAIL_BAD_USAGE.
enum fail_code profile_hub_address(const char *text, char host[HUB_HOST_SIZE], char port[8],
                                   struct fail *why) MUST_CHECK;

enum fail_code profile_open(struct psr_profile **profile, const char *folder, const char *passphrase,
                            struct fail *why) MUST_CHECK;
void profile_close(struct psr_profile *profile); // NULL is fine; a watch must have ended

// The path of something in the folder; ends the process if a path could be too long (the folder was checked).
struct path profile_path(const struct psr_profile *profile, const char *name);
struct path profile_spool(const struct psr_profile *profile, const struct id *object);

// PROFILE_SYNC: one at a time talks with the mailbox; FAIL_UNAVAILABLE if another program does.
// PROFILE_WRITE: one at a time seals into the spool; waits for the other.
enum profile_part { PROFILE_SYNC, PROFILE_WRITE };
enum fail_code profile_lock(struct psr_profile *profile, enum profile_part part, struct fail *why) MUST_CHECK;
void profile_unlock(struct psr_profile *profile, enum profile_part part);

// Unix milliseconds by this computer's clock.
uint64_t clock_now(void);

#endif
