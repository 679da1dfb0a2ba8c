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

// What a new profile is made from. Texts are borrowed during the call.
struct psr_new_profile {
	const char *folder;      // made if it is not there; must not hold a profile yet
	const char *member;      // code of the member ("CH") or, with role "desk", of the agency ("UNICEF-SN")
	const char *user;        // 1 to 32 of a-z 0-9 -
	const char *role;        // caseworker, coordinator, supervisor, gateway; monitor (GS); desk (partner agency)
	const char *hub;         // "host:port", an IPv6 address in brackets
	const char *trust;       // PEM file with the network's root certificate; it is copied
	const char *passphrase;  // encrypts the new keys; NULL: they are not encrypted
};

// Makes folder, keys and certificate requests (PKCS#10, PEM). monitor and desk get a
// TLS key alone, the others also a signing and a branch key. *result: JSON
// "passerelle.created/1" with the list of requests, to be sent to the General Secretariat.
PSR_API int psr_profile_create(const struct psr_new_profile *from, char **result, struct psr_error *error);

// Takes the certificates that came back: each `<name>.crt` (PEM: leaf, then its issuing CA) in
// `certificates`, where <name> is that of the request (tls, sign, branch). Each is checked against its key, its
// owner and the pinned root; nothing is installed unless all fit. *result: JSON "passerelle.installed/1".
PSR_API int psr_profile_install(const char *folder, const char *certificates, const char *passphrase, char **result,
                                struct psr_error *error);

// Opens an existing profile folder. `passphrase` may be NULL if the keys have
// none. One key is opened here, so that a wrong passphrase is told at once; each
// other key by the first call that needs it, which then tells what is wrong with
// it. So the library keeps a copy of the passphrase in memory. It wipes it as soon
// as all keys are open, and at the latest in psr_profile_close; yours you may wipe
// after this call. Free with psr_profile_close. Several programs may have the same
// profile open; only one at a time can be in psr_sync or watch.
PSR_API int psr_profile_open(struct psr_profile **profile, const char *folder, const char *passphrase,
                             struct psr_error *error);
PSR_API void psr_profile_close(struct psr_profile *profile);

// Where definitions of forms of one's own lie (else the folder `forms` of the profile), and in which language faults name
// their headings ("fr"; NULL: English).
PSR_API int psr_profile_forms(struct psr_profile *profile, const char *folder, const char *language,
                              struct psr_error *error);

// Everything below returns 0 or -1 with *error filled. JSON texts are UTF-8, owned
// by the caller, freed with psr_free. No pointer may be NULL unless it says so.
PSR_API void psr_free(char *text);

// A message to write. `verb` is one of refer, ack, ask, answer, accept, decline, start, hold, resume,
// document, report, note, withdraw, close, reopen, update, invalidate and the others of `passerelle help`. `form` is the JSON form (see `passerelle VERB --template`).
struct psr_message {
	const char *verb;
	const char *reference;      // the case; NULL for refer, trace
	const char *to;             // member code; refer, trace
	const char *form;           // JSON; NULL where the verb needs none
	const char *const *attach;  // file names
	size_t attach_count;
	const char *message;        // update, invalidate: the message meant, by number in the case or id;
	                            // lifebook: the kept entry that is shared now; else NULL
	struct psr_profile
		*approver; // propose-match, agree-match: the profile of a second person of the branch, who approves; else NULL
	bool even_if_out;           // refer: also to a member that cannot work just now; else MEMBER_OUT names its deputy
	const char *forms;          // psr_preview: a folder with definitions of one's own; NULL: none
	const char *language;       // psr_preview: of the headings that faults name ("fr"); NULL: English
};

// Checks, seals, signs and puts it durably into the outbox. *result: JSON
// "passerelle.written/1" with the message id and the case reference; `state` is "kept" for a Lifebook entry that the child
// does not share: nothing is sent, and `message` is the id under which it stays here. With error
// BAD_FORM, *result is JSON "passerelle.faults/1": every fault with path and what would be
// right (`items`: path, text). Other errors leave *result NULL.
PSR_API int psr_write(struct psr_profile *profile, const struct psr_message *message, char **result,
                      struct psr_error *error);

// How far the own member can work, told to all others and to the hub; everyone on the way can read it. NULL: nothing to say.
struct psr_availability {
	const char *status; // DISRUPTED, SUSPENDED, REDUCED, BACK, NORMAL
	const char *cause;  // code list availability_cause
	const char *until;  // YYYY-MM-DD
	const char *deputy; // code of the member that takes new cases meanwhile
};
PSR_API int psr_availability(struct psr_profile *profile, const struct psr_availability *availability, char **result,
                             struct psr_error *error);

// A text of at most 2,000 bytes to all members, by the General Secretariat (role monitor), in one language (BCP 47); in
// another language it is another broadcast. Line breaks become blanks.
PSR_API int psr_broadcast(struct psr_profile *profile, const char *text, const char *language, char **result,
                          struct psr_error *error);

// Keeps a message as a draft, sealed to the own member, without checking the form; `psr_draft_send`
// checks and writes it (the draft is gone then), `psr_draft_drop` forgets it. Attachments are named, not
// copied. *result: JSON "passerelle.draft/1" with the draft's id; psr_draft_send: as psr_write.
PSR_API int psr_draft(struct psr_profile *profile, const struct psr_message *message, char **result,
                      struct psr_error *error);
PSR_API int psr_draft_send(struct psr_profile *profile, const char *draft_id, char **result, struct psr_error *error);
PSR_API int psr_draft_drop(struct psr_profile *profile, const char *draft_id, struct psr_error *error);

// What is kept so: "passerelle.drafts/1" with items of `draft`, `draft_at`, `verb`, `reference`, `to`, `service`, `urgency` and `about` (names); and
// one of them, "passerelle.draft-content/1" with its `form`.
PSR_API int psr_drafts(struct psr_profile *profile, char **result, struct psr_error *error);
PSR_API int psr_draft_show(struct psr_profile *profile, const char *draft_id, char **result, struct psr_error *error);

// ---- tables that come in (CSV: RFC 4180, UTF-8)

struct psr_table {
	const char *what;          // "referrals" or "persons"
	const char *text;          // the table; its first row names the columns
	size_t length;
	const char *to;            // referrals: the branch where a row names none; may be NULL
	bool dry_run;              // only the verdicts: nothing is taken over
};

// Referrals become drafts (psr_draft), persons entries of the register; nothing is sent. The same row is not taken over twice,
// also not from another file or next week. *result: JSON "passerelle.imported/1" with the counts `rows`, `accepted`, `double`,
// `rejected`, with `columns`, and items of `row`, `line`, `verdict` (ACCEPTED, DOUBLE, REJECTED), `made` (id), `faults` (column, text) and
// `cells` of what was rejected. BAD_FORM with "passerelle.faults/1": columns that are not known; then nothing was taken over.
PSR_API int psr_import(struct psr_profile *profile, const struct psr_table *table, char **result,
                       struct psr_error *error);

// The columns of an empty table: "passerelle.columns/1" with items of `name` and `help`. Every other place of the form may be a column too.
PSR_API int psr_import_columns(const char *what, char **result, struct psr_error *error);

// The register of the persons whom the own branch's files know; sealed, and never sent by itself. "passerelle.persons/1" with `member` and items
// of `id`, `added_at`, `own_reference`, `consent` (YES, NO), `keep_until`, `past` and `person`. `cases`: also the persons of the cases that
// have not ended, with `reference` and `pseudonym`.
PSR_API int psr_persons(struct psr_profile *profile, bool cases, char **result, struct psr_error *error);
PSR_API int psr_person_remove(struct psr_profile *profile, const char *person, struct psr_error *error);

// Looks for a person at several members: one request to each, all of one search (`search` in the form, filled in if it is
// empty). `to`: `count` codes; count 0: all active members, which `message->approver`, a supervisor, must approve. *result: JSON
// "passerelle.searched/1" with `search` and `items` of member and reference, or of member, error and text where it could not be
// written. Fails where none at all was.
PSR_API int psr_trace(struct psr_profile *profile, const struct psr_message *message, const char *const *to,
                      size_t count, char **result, struct psr_error *error);

// Who of the own persons (register and cases) may be the one looked for: "passerelle.candidates/1" with items of `candidate`, `sought`,
// `band`, `fields` (field, word, reason, with texts), `own`, `person`, and what was decided. Nothing leaves this computer.
PSR_API int psr_candidates(struct psr_profile *profile, const char *reference, char **result, struct psr_error *error);

// What a caseworker decides about one: REFUTED (stays away until a record changes), PLAUSIBLE (propose-match may follow),
// WITHHELD, SHIELDED (then a supervisor alone decides anew). Kept here, sealed, with name and time; `note` may be NULL.
PSR_API int psr_decide(struct psr_profile *profile, const char *reference, const char *candidate, const char *decision,
                       const char *note, struct psr_error *error);

// ---- forms, without a profile and without a line

// Which form, from where, and in whose language. All may be NULL.
struct psr_form_choice {
	const char *form;        // id of a definition (psr_forms); NULL: the one that serves the service
	const char *folder;      // with definitions of one's own, which come before those that were installed
	const char *language;    // of labels and help, "fr"; NULL: English
};

// A form to fill as JSON, every field with its help; `service`: what is or was asked for, NULL = any. `choice` NULL: a plain
// form, without headings of a definition.
PSR_API int psr_template(const char *verb, const char *service, const struct psr_form_choice *choice, char **form,
                         struct psr_error *error);

// The definitions of forms: "passerelle.forms/1" with items of `id`, `version`, `kind` (REFERRAL, TRACE_REQUEST, REPORT), `title`, `languages`,
// `services` and `headings` (`id`, `label`, `help`, `need`, `takes`, `reasons` and what else the definition says), and with `refused`,
// the files that are not right (`file`, `path`, `text`). Of choice->form alone, or (NULL) of all.
PSR_API int psr_forms(const struct psr_form_choice *choice, char **result, struct psr_error *error);

// Is a definition that somebody wrote right? BAD_FORM with *result "passerelle.faults/1"; else as psr_forms of it alone.
PSR_API int psr_form_check(const char *definition, size_t length, const struct psr_form_choice *choice, char **result,
                           struct psr_error *error);

// What would be sealed and what the hub could read: "passerelle.preview/1" with items of `path`, `class`
// (R, P, I, S) and `readers`; checks the form as psr_write does ("passerelle.faults/1"). Needs no `reference`.
PSR_API int psr_preview(const struct psr_message *message, char **result, struct psr_error *error);

// Are two persons perhaps the same? Each is JSON: a person as in the `persons` of a form (names, birth, age_as_said, sex,
// nationalities, birth_place, present_place; all may be left out), beside it `mother` and `father` (lists of names) and
// `separation` (date, place, cause). Nothing leaves this computer. *result: "passerelle.compared/1" with `band` (LOW, POSSIBLE,
// LIKELY), `tables` (version; only results of one version are compared) and items of `field`, `word` (SAME, VERY_CLOSE,
// CLOSE, DIFFERS, BLANK, CONTRADICTS), `reason`, with texts beside the codes. Words, no number.
PSR_API int psr_compare(const char *first, const char *second, char **result, struct psr_error *error);

// A code list ("service_type") with labels in `language` ("en", "fr", "es", "de"): "passerelle.codes/1" with items
// of `code` and `label`; `list` NULL: items of `list`, the names of all lists.
PSR_API int psr_codes(const char *list, const char *language, char **result, struct psr_error *error);

// What a code means that stands in a form or a case under this key ("urgency", "reason", "sex") or in this list, in `language`; NULL if
// the key takes no codes or the code is not known. Static, do not free.
PSR_API const char *psr_label(const char *key, const char *code, const char *language);

struct psr_progress {
	const char *what;          // "sending", "receiving", "attachment"
	unsigned item, items;      // attachment item of items, 0 of 0 for messages
	uint64_t done, total;      // bytes
};
typedef void (*psr_progress_call)(void *context, const struct psr_progress *progress);

// Sends what waits, gets what came, signs receipts. Goes on where an earlier one
// was cut. `wait_ms`: 0 = until both sides are empty; else stay that long for more.
// *result: JSON "passerelle.synced/1".
PSR_API int psr_sync(struct psr_profile *profile, uint32_t wait_ms, psr_progress_call progress, void *context,
                     char **result, struct psr_error *error);

// Local views, no line needed, newest first. *result as JSON: passerelle.inbox/1, passerelle.outbox/1,
// passerelle.case/1 (opens the content; marks it read), passerelle.directory/1 (as of the last sync). What came to all
// branches (AVAILABILITY, BROADCAST) stands whole in the inbox and counts as read once psr_inbox has shown it.
struct psr_inbox_wanted {
	bool unread;              // only what nobody has opened here
	unsigned most;            // newest so many; 0: all. `older` in the result says how many were left out
	bool counting;            // nobody reads it: what came to all branches stays unread
};
PSR_API int psr_inbox(struct psr_profile *profile, const struct psr_inbox_wanted *wanted, char **result,
                      struct psr_error *error); // `wanted` NULL: all
PSR_API int psr_outbox(struct psr_profile *profile, char **result, struct psr_error *error);
PSR_API int psr_show(struct psr_profile *profile, const char *reference, char **result, struct psr_error *error);

// The same without content: nothing is opened, nothing is marked as read.
PSR_API int psr_outline(struct psr_profile *profile, const char *reference, char **result, struct psr_error *error);

// The board: passerelle.due/1, every case in which something is awaited, the most urgent first. `items` with
// reference, `awaits` (ACK, DECIDE, CLARIFY, REPORT, CLOSE), `from` (member), `mine`, `due` (day), `standing`
// (OVERDUE, DUE_SOON, DUE, NONE, PAUSED), and for a clock that stands `paused_since`, `paused_by`, `pause_reason`.
PSR_API int psr_due(struct psr_profile *profile, char **result, struct psr_error *error);

// The steps of each person's path: passerelle.path/1 with items of `person`, `profile`, `steps` (step, label, status, on, country,
// by) and `waits_at`, `waits_in`, `waits_since`. Of one case, or (`reference` NULL) of all open ones; then with `waiting`, how many
// `persons` wait at which step of which `profile` in which country, with `median_days` and `longest_days`.
PSR_API int psr_path(struct psr_profile *profile, const char *reference, char **result, struct psr_error *error);

// The child's file in a case: passerelle.child/1 with items of `person`, `assessments`, `project` (its `goals` with `review_on`,
// `standing` and `progress`), `steps`, `lifebook`, `follow_ups` (months, due, standing). `person` NULL: of all.
PSR_API int psr_child(struct psr_profile *profile, const char *reference, const char *person, char **result,
                      struct psr_error *error);

// The follow-ups of all cases closed in the last 27 months: passerelle.follow-ups/1 with `items` (reference, person, months, due,
// standing, done), `counts` (months, wanted, done, overdue) and `in_family` (after 12 months: yes, no, not_said).
PSR_API int psr_follow_ups(struct psr_profile *profile, char **result, struct psr_error *error);

PSR_API int psr_directory(struct psr_profile *profile, char **result, struct psr_error *error);

// Opens attachment `number` (from 1, as psr_show lists them) of a message into a new file.
// The file gets its name only when all of it was found genuine. Fetches it from the hub if need be.
PSR_API int psr_attachment(struct psr_profile *profile, const char *message_id, unsigned number, const char *file,
                           psr_progress_call progress, void *context, struct psr_error *error);

// One case as a new folder: case.json (as psr_show, without opened content unless `content`),
// messages/NNN-<id>.envelope (bytes as signed), .receipt (the hub's, for what was sent here), receipt-<id>.envelope (the other side's) and,
// with `content`, the opened attachments; messages/NNN-<id>.json is the header, with `content` also the body, as protobuf's canonical
// JSON; manifest.json names every file with its SHA-256. *result: JSON "passerelle.exported/1".
PSR_API int psr_export(struct psr_profile *profile, const char *reference, const char *folder, bool content,
                       char **result, struct psr_error *error);

// The way back, into another profile of the same member: every hash, signature and receipt is checked, and whether the messages can
// have followed each other; nothing is stored unless all of it is right. What is here already stays. *result: JSON "passerelle.restored/1"
// with `reference`, `messages` (stored), `known`, `receipts` and `left_out` (written but never at the hub; or not genuine).
PSR_API int psr_import_case(struct psr_profile *profile, const char *folder, char **result, struct psr_error *error);

// Looks at profile, keys, clock, TLS, disk and queue, also where a profile cannot be opened.
// *result: JSON "passerelle.doctor/1": `items` with check, verdict (ok, warning, fault), text, advice; `healthy`.
PSR_API int psr_doctor(const char *folder, const char *passphrase, char **result, struct psr_error *error);

// Asked at the hub: where a case stands (passerelle.status/1; `available` false is the one answer for unknown,
// foreign and long ended cases); flow between members (passerelle.flow/1, General Secretariat; counted once a day): `items` of
// members and pairs, `kinds` of services and urgencies.
PSR_API int psr_status(struct psr_profile *profile, const char *reference, char **result, struct psr_error *error);
PSR_API int psr_flow(struct psr_profile *profile, char **result, struct psr_error *error);

// Statistics about persons. At the General Secretariat: "passerelle.statistics/1", the tables of a year: items of `table`, `key` (a
// code; of the code list `list`) and `persons`, a multiple of 5, or `few`: fewer than 5, or none. `mine`, for a member: "passerelle.statistics_mine/1",
// what it would tell now: `month`, `persons` (for the own desk with `reference` and `person`), `tallies`. `send`, for a member: that is put
// into the outbox, "passerelle.statistics_sent/1" with `persons`; else the first sync of a month does it.
struct psr_statistics_wanted {
	unsigned year;            // 0: the present one
	bool mine, send;
};
PSR_API int psr_statistics(struct psr_profile *profile, const struct psr_statistics_wanted *wanted, char **result,
                           struct psr_error *error);

// What was done in whole months (UTC, "2026-01"; NULL: from the first on, up to the last) that are over (passerelle.flow_period/1, General
// Secretariat), once they are counted never to change. All counts of cases are multiples of 5. Of all: cases opened, steps by the days
// they took, agreed dates, holds, declines, follow-ups. Of members: cases opened, steps by days, days in each availability. Of
// regions: cases opened by month and by service.
enum psr_flow_rows { PSR_FLOW_OF_ALL, PSR_FLOW_OF_MEMBERS, PSR_FLOW_OF_REGIONS };
struct psr_flow_wanted {
	const char *from, *until;
	enum psr_flow_rows rows;
};
PSR_API int psr_flow_period(struct psr_profile *profile, const struct psr_flow_wanted *wanted, char **result,
                            struct psr_error *error);

// Descriptor that becomes readable when a watching session (psr_watch_start) has
// something; psr_watch_next then returns one event as JSON passerelle.event/1, or 1 for none yet
// (call it until then). It sends, receives, acknowledges and reconnects by itself; -1 is a fault that
// does not pass by itself. Ends with psr_watch_stop or psr_profile_close.
PSR_API int psr_watch_start(struct psr_profile *profile, struct psr_error *error);
PSR_API int psr_watch_fd(const struct psr_profile *profile);
PSR_API int psr_watch_next(struct psr_profile *profile, char **event, struct psr_error *error);
PSR_API void psr_watch_stop(struct psr_profile *profile);

#ifdef __cplusplus
}
#endif
#endif
