// SPDX-License-Identifier: Apache-2.0
#include "lib/hub_words.h"

#include "base/words.h"
#include "form/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { MOST_VALUES = 3 };

// %s: something that the hub puts in. Read as patterns, never as formats of what came.
static const char *const texts[] = {
	"%s is not possible for the %s side in the state %s",
	"Hello was said before",
	"a hub does not take frames of this kind",
	"a member of the case is out",
	"a message of this kind is not declared void: make the move that undoes it",
	"a message of this kind is not recalled; of the one that opened the case say the reason, which withdraws it",
	"a message of this kind is not replaced by a new version: of an update name the first version; of a decision make the move that undoes it",
	"header.availability.status: this hub does not know it",
	"header.calendar: the awaited member works on other days, see the directory",
	"header.deputy is no active member",
	"header.expires_at has passed",
	"header.from is not the member of this session",
	"header.grant: nobody new comes to this case",
	"header.message_id is not a UUIDv7",
	"header.party[%s] is no active partner agency",
	"header.reference is not that of this case",
	"header.to does not name the member that takes over",
	"header.to does not name the other party of this case",
	"header.to does not name the parties of this case",
	"header.to names a member that is not a party to this case",
	"header.to: a receipt goes to one member",
	"header.to[%s] is no active member",
	"header: too much",
	"it speaks of no other message",
	"only the hub writes this",
	"the case moves too fast",
	"the clock has moved on",
	"the directory says something else now",
	"the first frame must be a Hello",
	"the hub has too much to do just now",
	"the hub is stopping; come back later",
	"the message id is %s days old",
	"the message id lies %s hours ahead",
	"the place in the signed batch is wrong",
	"the signing certificate has expired",
	"the signing certificate is not the author's",
	"the signing certificate is unknown",
	"there is no such case",
	"this agency has asked too often today: ask again after midnight (UTC)",
	"this kind of message makes no move that this hub knows",
	"this number was not delivered to this session",
	"this role does not send messages of this kind",
	"this role does not write to this case",
	"this role gives no receipts",
	"this role sends no statistics",
	"this upload is being written",
	"too many uploads at once",
	"your member is not a party to this case",
	"your member tells all too much",
};

struct values {
	struct { const char *start; size_t length; } value[MOST_VALUES];
	size_t count;
};

// Does `said` fit the pattern? A value ends where the words behind it are found first; the last one at the end.
static bool fits(const char *pattern, const char *said, struct values *values)
{
	values->count = 0;
	for (const char *hole; (hole = strstr(pattern, "%s")) != NULL; pattern = hole + 2) {
		size_t before = (size_t)(hole - pattern), behind = strcspn(hole + 2, "%");
		if (values->count == MOST_VALUES || strncmp(said, pattern, before) != 0)
			return false;
		said += before;
		const char *end = said + strlen(said);
		for (const char *at = said; behind > 0 && at < end; at++) {
			if (strncmp(at, hole + 2, behind) == 0)
				end = at;
		}
		values->value[values->count].start = said;
		values->value[values->count++].length = (size_t)(end - said);
		said = end;
	}
	return strcmp(pattern, said) == 0;
}

static void append(struct hub_words *words, const char *text, size_t length)
{
	size_t used = strlen(words->text), room = sizeof words->text - 1 - used;
	size_t taken = length <= room ? length : utf8_prefix(text, room);
	memcpy(words->text + used, text, taken);
	words->text[used + taken] = '\0';
}

static void fill_in(struct hub_words *words, const char *pattern, const struct values *values)
{
	size_t number = 0;
	for (const char *hole; (hole = strstr(pattern, "%s")) != NULL && number < values->count;
	     pattern = hole + 2, number++) {
		append(words, pattern, (size_t)(hole - pattern));
		append(words, values->value[number].start, values->value[number].length);
	}
	append(words, pattern, strlen(pattern));
}

struct hub_words hub_words(const char *said)
{
	struct hub_words words = {""};
	struct values values;
	if (said == NULL)
		return words;
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (fits(texts[i], said, &values)) {
			fill_in(&words, words_of(texts[i]), &values);
			return words;
		}
	}
	append(&words, said, strlen(said));
	return words;
}
