// SPDX-License-Identifier: Apache-2.0
//
// libpasserelle: what a member's own program needs to write, send, receive and
// read cases. Blocking calls and one pollable descriptor; no type of another
// library appears here. Not thread-safe: one psr_profile belongs to one thread
// at a time, different profiles are independent.
//
// Words: a *profile* is a folder that holds one person's keys and store; the
// *outbox* holds what was written, until and after it is sent; the *inbox* holds
// what came, still sealed; *sync* exchanges both with the hub.
#ifndef PASSERELLE_PASSERELLE_H
#define PASSERELLE_PASSERELLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define PSR_API __attribute__((visibility("default")))

struct psr_profile;

// What went wrong. Owned by the caller, filled by the call; name is a static text.
struct psr_error {
	const char *name;        // stable, "BAD_PASSPHRASE"; "NONE" if nothing
	bool retryable;
	int exit_code;           // sysexits number that a program may end with
	char text[400];          // what happened, never case content
	char advice[200];        // what to do
};

PSR_API const char *psr_version(void); // "0.1.0"

// Opens an existing profile folder. `passphrase` may be NULL if the keys have
// none; it is not kept. Free with psr_profile_close.
PSR_API int psr_profile_open(struct psr_profile **profile, const char *folder, const char *passphrase, struct psr_error *error);
PSR_API void psr_profile_close(struct psr_profile *profile);

// Everything below returns 0 or -1 with *error filled. JSON texts are UTF-8, owned
// by the caller, freed with psr_free.
PSR_API void psr_free(char *text);

// A message to write. `verb` is one of refer, ack, ask, answer, accept, decline, report,
// withdraw, close, reopen, note. `form` is the JSON form (see `passerelle VERB --template`).
struct psr_message {
	const char *verb;
	const char *reference;      // the case; NULL for refer
	const char *to;             // member code; refer only
	const char *form;           // JSON; NULL where the verb needs none
	const char *const *attach;  // file names
	size_t attach_count;
};

// Checks, seals, signs and puts it durably into the outbox. *result: JSON
// "passerelle.written/1" with the message id and the case reference.
PSR_API int psr_write(struct psr_profile *profile, const struct psr_message *message, char **result, struct psr_error *error);

struct psr_progress {
	const char *what;          // "sending", "receiving", "attachment"
	unsigned item, items;      // attachment item of items, 0 of 0 for messages
	uint64_t done, total;      // bytes
};
typedef void (*psr_progress_call)(void *context, const struct psr_progress *progress);

// Sends what waits, gets what came, signs receipts. Goes on where an earlier one
// was cut. `wait_ms`: 0 = until both sides are empty; else stay that long for more.
// *result: JSON "passerelle.synced/1".
PSR_API int psr_sync(struct psr_profile *profile, uint32_t wait_ms, psr_progress_call progress, void *context, char **result, struct psr_error *error);

// Local views, no line needed. *result as JSON: passerelle.inbox/1, passerelle.outbox/1,
// passerelle.case/1 (opens the content; marks it read), passerelle.status/1.
PSR_API int psr_inbox(struct psr_profile *profile, char **result, struct psr_error *error);
PSR_API int psr_outbox(struct psr_profile *profile, char **result, struct psr_error *error);
PSR_API int psr_show(struct psr_profile *profile, const char *reference, char **result, struct psr_error *error);

// Opens attachment `number` (from 1, as psr_show lists them) of a message into a new file.
// The file gets its name only when all of it was found genuine. Fetches it from the hub if need be.
PSR_API int psr_attachment(struct psr_profile *profile, const char *message_id, unsigned number, const char *file, psr_progress_call progress, void *context, struct psr_error *error);

// Asked at the hub: where a case stands; flow between members (General Secretariat).
PSR_API int psr_status(struct psr_profile *profile, const char *reference, char **result, struct psr_error *error);
PSR_API int psr_flow(struct psr_profile *profile, char **result, struct psr_error *error);

// Descriptor that becomes readable when a watching session (psr_watch_start) has
// something; psr_watch_next then returns one event as JSON passerelle.event/1, or 1 for none yet.
PSR_API int psr_watch_start(struct psr_profile *profile, struct psr_error *error);
PSR_API int psr_watch_fd(const struct psr_profile *profile);
PSR_API int psr_watch_next(struct psr_profile *profile, char **event, struct psr_error *error);

#ifdef __cplusplus
}
#endif
#endif
