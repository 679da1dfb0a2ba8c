// SPDX-License-Identifier: Apache-2.0
//
// The command line as one table: verbs, and the flags that each takes. Parser,
// help, manual pages and completions all read it, so that they cannot disagree.
#ifndef PASSERELLE_CLI_VERB_H
#define PASSERELLE_CLI_VERB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cli;

enum verb_id {
	VERB_INIT,
	VERB_REFER,
	VERB_SYNC,
	VERB_INBOX,
	VERB_OUTBOX,
	VERB_DUE,
	VERB_SHOW,
	VERB_ACK,
	VERB_ASK,
	VERB_ANSWER,
	VERB_ACCEPT,
	VERB_DECLINE,
	VERB_REPORT,
	VERB_START,
	VERB_HOLD,
	VERB_RESUME,
	VERB_PROPOSE_DATE,
	VERB_AGREE_DATE,
	VERB_READY,
	VERB_FINISH,
	VERB_ITEM,
	VERB_DOCUMENT,
	VERB_NOTE,
	VERB_STEP,
	VERB_PATH,
	VERB_CONSENT,
	VERB_WITHDRAW_CONSENT,
	VERB_ANSWER_CONSENT,
	VERB_FOLLOW_UP,
	VERB_PARTNER,
	VERB_FORWARD,
	VERB_TRANSFER,
	VERB_UPDATE,
	VERB_INVALIDATE,
	VERB_RECALL,
	VERB_ALERT,
	VERB_EXPLAIN,
	VERB_TRANSLATION,
	VERB_WITHDRAW,
	VERB_CLOSE,
	VERB_REOPEN,
	VERB_ASSESS,
	VERB_PROJECT,
	VERB_REVIEW,
	VERB_LIFEBOOK,
	VERB_AVAILABILITY,
	VERB_BROADCAST,
	VERB_CHILD,
	VERB_FOLLOW_UPS,
	VERB_TRACE,
	VERB_CANDIDATES,
	VERB_DECIDE,
	VERB_TRACE_ANSWER,
	VERB_PROPOSE_MATCH,
	VERB_AGREE_MATCH,
	VERB_DISCLOSE,
	VERB_CONFIRM_MATCH,
	VERB_REFUTE_MATCH,
	VERB_RENEW,
	VERB_ATTACHMENT,
	VERB_STATUS,
	VERB_FLOW,
	VERB_STATISTICS,
	VERB_WATCH,
	VERB_EXPORT,
	VERB_PRINT,
	VERB_DIRECTORY,
	VERB_DOCTOR,
	VERB_COMPARE,
	VERB_PERSONS,
	VERB_IMPORT,
	VERB_DRAFTS,
	VERB_CODES,
	VERB_FORMS,
	VERB_COMPLETION,
	VERB_HELP,
	VERB_REFERENCES,
	VERB_MANUAL,
	VERB_COUNT
};

struct verb {
	enum verb_id id;
	const char *name;
	const char *arguments;     // "REF [FORM]" for help
	const char *summary;       // one line, no full stop
	const char *text;          // paragraphs, separated by an empty line
	const char *example[3];    // command lines
	unsigned least, most;      // operands
	int (*run)(struct cli *cli); // answers the exit code
};

enum flag_id {
	FLAG_HELP,
	FLAG_JSON,
	FLAG_NO_COLOR,
	FLAG_LANG,
	FLAG_NO_INPUT,
	FLAG_PROFILE,
	FLAG_PASSPHRASE_FD,
	FLAG_PASSPHRASE_FILE,
	FLAG_MEMBER,
	FLAG_USER,
	FLAG_ROLE,
	FLAG_HUB,
	FLAG_TRUST,
	FLAG_CERTIFICATES,
	FLAG_NO_PASSPHRASE,
	FLAG_TEMPLATE,
	FLAG_TEMPLATE_OF,
	FLAG_TO,
	FLAG_EVEN_IF_OUT,
	FLAG_ATTACH,
	FLAG_DRY_RUN,
	FLAG_WAIT,
	FLAG_STAY,
	FLAG_QUESTION,
	FLAG_TO_QUESTION,
	FLAG_BLOCKING,
	FLAG_TEXT,
	FLAG_DUE,
	FLAG_REASON,
	FLAG_WRITTEN_IN,
	FLAG_DONE_BY,
	FLAG_OF_MESSAGE,
	FLAG_OF_FILE,
	FLAG_FROM_LANGUAGE,
	FLAG_INTO,
	FLAG_TRANSLATION_STATUS,
	FLAG_TRANSLATED_HOW,
	FLAG_TRANSLATED_BY,
	FLAG_INTERIM,
	FLAG_FINAL,
	FLAG_OUTCOME,
	FLAG_PATH,
	FLAG_STEP,
	FLAG_STATUS,
	FLAG_ITEM,
	FLAG_PERSON,
	FLAG_ON,
	FLAG_COUNTRY,
	FLAG_STANDARD,
	FLAG_PURPOSE,
	FLAG_HOW,
	FLAG_BASIS,
	FLAG_MONTHS,
	FLAG_WELLBEING,
	FLAG_IN_FAMILY,
	FLAG_AGENCY,
	FLAG_FOR,
	FLAG_UNTIL,
	FLAG_END,
	FLAG_SHARE,
	FLAG_TAKE_BACK,
	FLAG_YES,
	FLAG_UNREAD,
	FLAG_ALL,
	FLAG_ALL_VERSIONS,
	FLAG_MINE,
	FLAG_STATE,
	FLAG_EXIT_STATUS,
	FLAG_OUTPUT,
	FLAG_OUTPUT_FOLDER,
	FLAG_CONTENT,
	FLAG_ONCE,
	FLAG_CSV,
	FLAG_FROM_MONTH,
	FLAG_TO_MONTH,
	FLAG_PLOT,
	FLAG_SERVES,
	FLAG_OFFERS,
	FLAG_SPEAKS,
	FLAG_LANGUAGE,
	FLAG_REJECTED,
	FLAG_AVAILABILITY,
	FLAG_CAUSE,
	FLAG_EXPECTED,
	FLAG_DEPUTY,
	FLAG_NOTICE,
	FLAG_NOTICE_LANGUAGE,
	FLAG_CASES,
	FLAG_PFIF,
	FLAG_REDACT,
	FLAG_FHIR,
	FLAG_CSV_FILE,
	FLAG_XLSX,
	FLAG_ICS,
	FLAG_FORM,
	FLAG_CHECK,
	FLAG_APPROVE_BY,
	FLAG_APPROVE_PASSPHRASE_FILE,
	FLAG_SOUGHT,
	FLAG_DECISION,
	FLAG_ANSWER,
	FLAG_YEAR,
	FLAG_REGION,
	FLAG_OUTPUT_NAME,
	FLAG_BOOK,
	FLAG_OWN,
	FLAG_BOOK_OF,
	FLAG_COUNTED_YEAR,
	FLAG_OWN_RECORDS,
	FLAG_SEND,
	FLAG_BY,
	FLAG_COUNT
};

// One bit a verb: there are more of them than a 64-bit number has.
__extension__ typedef unsigned __int128 verb_set;
_Static_assert(VERB_COUNT <= 128, "a verb_set has a bit for each verb");
#define ON_VERB(verb) ((verb_set)1 << VERB_##verb)

struct flag {
	enum flag_id id;
	const char *name;          // without the two hyphens
	const char *value;         // what it takes, "FILE"; NULL: nothing
	const char *help;
	verb_set verbs;            // ON_VERB bits
	const char *words;         // for completion: possible values with spaces, "@files", "@folders", "@codes LIST"; NULL
};

const struct verb *verb_at(enum verb_id id);
const struct verb *verb_named(const char *name);       // NULL if there is none
const struct verb *verb_nearest(const char *wrong);    // NULL if none is near
const struct flag *flag_at(enum flag_id id);
bool verb_takes(const struct verb *verb, const struct flag *flag);
bool verb_hidden(const struct verb *verb);             // not in help, manual and completions

#endif
