// SPDX-License-Identifier: Apache-2.0
//
// Two members' profiles in a folder of their own under /tmp, with certificates by
// deploy/training-ca and a directory that has both: all that a client test needs
// besides a hub.
#ifndef PASSERELLE_TEST_CLIENT_PAIR_H
#define PASSERELLE_TEST_CLIENT_PAIR_H

#include "lib/profile.h"

struct client_pair {
	char folder[64];
	struct psr_profile *ch, *sn;   // "CH" and "SN", caseworkers
};

// Ends the test where something fails.
void client_pair_begin(struct client_pair *pair);
void client_pair_end(struct client_pair *pair); // removes the folder

// One profile with certificates, not opened; its folder is pair->folder/name.
void client_pair_profile(const struct client_pair *pair, const char *name, const char *member, const char *passphrase);
void client_pair_issue(const struct client_pair *pair, const char *name);

// Hands what `from` queued last to `to`, as a delivery would store it; the message's id.
struct id client_pair_hand_over(struct psr_profile *from, struct psr_profile *to, uint64_t mailbox_seq);

// Runs a command line through the shell; ends the test if it fails.
void client_pair_shell(const char *format, ...) PRINTF_LIKE(1, 2);

#endif
