// SPDX-License-Identifier: Apache-2.0
#include "match/name.h"

#include <stdlib.h>
#include <string.h>

enum {
	TEXT_MOST = 400,      // bytes of a text that are looked at
	PAIR_LEAST = 400,     // less alike are two words, not one written twice
	EXTRA_SHARE = 20,     // hundredths that a word counts which only the longer name has
	OTHER_PART_LOSS = 30, // thousandths, where given and family name are swapped
	EXTRA_COST = 120,     // of rank, for a word without its like
	UNPAIRED = 0xff,
};

// ---- preparation ----

// A spelling while it is read; then as much memory is taken as it needs.
struct draft {
	struct match_token token[SPELLING_TOKENS];
	uint8_t count;
	bool parts_known;
};

static struct view text_view(const char *text)
{
	size_t length = 0;
	while (text != NULL && length < TEXT_MOST && text[length] != '\0')
		length++;
	return view_of(text, length);
}

static void add(struct draft *spelling, const char *text, enum token_role role)
{
	if (text != NULL)
		spelling->count =
			(uint8_t)(spelling->count + tokens_of_name(text_view(text), role, spelling->token + spelling->count,
		                                               (size_t)SPELLING_TOKENS - spelling->count));
}

static void add_parts(struct draft *spelling, const char *const parts[MATCH_PARTS], enum token_role role)
{
	for (size_t i = 0; i < MATCH_PARTS && parts[i] != NULL; i++)
		add(spelling, parts[i], role);
}

static bool stands_in(const struct draft *spelling, size_t count, const struct match_token *token)
{
	for (size_t i = 0; i < count; i++) {
		const struct match_token *have = &spelling->token[i];
		if (have->letters == token->letters &&
		    memcmp(have->letter, token->letter, token->letters * sizeof *token->letter) == 0)
			return true;
	}
	return false;
}

// What the full name has besides its parts.
static void add_full(struct draft *spelling, const char *full)
{
	size_t parts = spelling->count, kept = parts;
	add(spelling, full, ROLE_ANY);
	for (size_t i = parts; i < spelling->count && parts > 0; i++) {
		if (!stands_in(spelling, parts, &spelling->token[i]))
			spelling->token[kept++] = spelling->token[i];
	}
	if (parts > 0)
		spelling->count = (uint8_t)kept;
}

static void draft_spelling(struct draft *draft, const struct match_spelling *spelling)
{
	draft->count = 0;
	add_parts(draft, spelling->family, ROLE_FAMILY);
	add_parts(draft, spelling->given, ROLE_GIVEN);
	add(draft, spelling->patronymic, ROLE_PATRONYMIC);
	draft->parts_known = draft->count > 0;
	add_full(draft, spelling->full);
}

static enum fail_code keep(struct prepared_name *prepared, const struct draft *draft)
{
	if (draft->count == 0)
		return FAIL_NONE;
	size_t count = draft->count;
	struct match_token *tokens = calloc(2 * count - 1, sizeof *tokens);
	if (tokens == NULL)
		return FAIL_NO_MEMORY;
	memcpy(tokens, draft->token, count * sizeof *tokens);
	for (size_t i = 0; i + 1 < count; i++) {
		if (!token_join(&tokens[count + i], &tokens[i], &tokens[i + 1]))
			tokens[count + i].letters = 0;
	}
	prepared->spelling[prepared->count++] =
		(struct prepared_spelling){tokens, tokens + count, draft->count, draft->parts_known};
	return FAIL_NONE;
}

static enum fail_code make_room(struct prepared_name *prepared, size_t count)
{
	*prepared = (struct prepared_name){NULL, 0};
	if (count > 0)
		prepared->spelling = calloc(count, sizeof *prepared->spelling);
	return count > 0 && prepared->spelling == NULL ? FAIL_NO_MEMORY : FAIL_NONE;
}

enum fail_code name_prepare(struct prepared_name *prepared, const struct match_name *name)
{
	size_t count = name->count < MATCH_SPELLINGS ? name->count : MATCH_SPELLINGS;
	enum fail_code failed = make_room(prepared, count);
	for (size_t i = 0; i < count && failed == FAIL_NONE; i++) {
		struct draft draft;
		draft_spelling(&draft, &name->spelling[i]);
		failed = keep(prepared, &draft);
	}
	if (failed != FAIL_NONE)
		name_release(prepared);
	return failed;
}

enum fail_code texts_prepare(struct prepared_name *prepared, const char *const *texts, size_t most)
{
	enum fail_code failed = make_room(prepared, most);
	for (size_t i = 0; i < most && texts[i] != NULL && failed == FAIL_NONE; i++) {
		struct draft draft;
		draft.count = 0;
		draft.parts_known = false;
		add(&draft, texts[i], ROLE_GIVEN);
		failed = keep(prepared, &draft);
	}
	if (failed != FAIL_NONE)
		name_release(prepared);
	return failed;
}

void name_release(struct prepared_name *prepared)
{
	for (size_t i = 0; i < prepared->count; i++)
		free(prepared->spelling[i].token);
	free(prepared->spelling);
	*prepared = (struct prepared_name){NULL, 0};
}

// ---- which word is which ----

struct pair {
	struct likeness likeness;
	uint8_t a, b;         // first words
	uint8_t of_a, of_b;   // how many words, 1 or 2
};

struct pairing {
	const struct prepared_spelling *a, *b;
	struct pair pairs[SPELLING_TOKENS];
	size_t count;
	uint8_t pair_of_a[SPELLING_TOKENS], pair_of_b[SPELLING_TOKENS]; // UNPAIRED: none
};

struct table {
	struct pair pair[SPELLING_TOKENS * SPELLING_TOKENS * 3];
	size_t count;
};

static void consider(struct table *table, const struct match_token *a, const struct match_token *b, struct pair pair)
{
	if (a->letters == 0 || b->letters == 0)
		return;
	pair.likeness = token_compare(a, b);
	if (pair.likeness.alike >= PAIR_LEAST)
		table->pair[table->count++] = pair;
}

static void fill(struct table *table, const struct prepared_spelling *a, const struct prepared_spelling *b)
{
	for (uint8_t i = 0; i < a->count; i++) {
		for (uint8_t j = 0; j < b->count; j++) {
			consider(table, &a->token[i], &b->token[j], (struct pair){.a = i, .b = j, .of_a = 1, .of_b = 1});
			if (a->count > b->count && i + 1 < a->count)
				consider(table, &a->joined[i], &b->token[j], (struct pair){.a = i, .b = j, .of_a = 2, .of_b = 1});
			if (b->count > a->count && j + 1 < b->count)
				consider(table, &a->token[i], &b->joined[j], (struct pair){.a = i, .b = j, .of_a = 1, .of_b = 2});
		}
	}
}

static bool is_free(const struct pairing *pairing, const struct pair *pair)
{
	return pairing->pair_of_a[pair->a] == UNPAIRED && pairing->pair_of_b[pair->b] == UNPAIRED &&
	       (pair->of_a == 1 || pairing->pair_of_a[pair->a + 1] == UNPAIRED) &&
	       (pair->of_b == 1 || pairing->pair_of_b[pair->b + 1] == UNPAIRED);
}

static const struct pair *best_free(const struct pairing *pairing, const struct table *table)
{
	const struct pair *best = NULL;
	for (size_t i = 0; i < table->count; i++) {
		const struct pair *pair = &table->pair[i];
		if (is_free(pairing, pair) && (best == NULL || pair->likeness.gain > best->likeness.gain))
			best = pair;
	}
	return best;
}

static void pair_up(struct pairing *pairing, const struct prepared_spelling *a, const struct prepared_spelling *b)
{
	struct table table;
	table.count = 0;
	pairing->a = a;
	pairing->b = b;
	pairing->count = 0;
	memset(pairing->pair_of_a, UNPAIRED, sizeof pairing->pair_of_a);
	memset(pairing->pair_of_b, UNPAIRED, sizeof pairing->pair_of_b);
	fill(&table, a, b);
	const struct pair *best;
	while ((best = best_free(pairing, &table)) != NULL && pairing->count < SPELLING_TOKENS) {
		uint8_t number = (uint8_t)pairing->count;
		for (uint8_t i = 0; i < best->of_a; i++)
			pairing->pair_of_a[best->a + i] = number;
		for (uint8_t i = 0; i < best->of_b; i++)
			pairing->pair_of_b[best->b + i] = number;
		pairing->pairs[pairing->count++] = *best;
	}
}

static int32_t gain_of(const struct pairing *pairing)
{
	int32_t gain = 0, unpaired = 0;
	for (size_t i = 0; i < pairing->count; i++) {
		const struct pair *pair = &pairing->pairs[i];
		uint8_t left = pairing->a->token[pair->a].left;
		if (pairing->b->token[pair->b].left < left)
			left = pairing->b->token[pair->b].left;
		gain += pair->likeness.gain * left / 100;
	}
	for (size_t i = 0; i < pairing->a->count; i++)
		unpaired += pairing->pair_of_a[i] == UNPAIRED ? pairing->a->token[i].left : 0;
	for (size_t i = 0; i < pairing->b->count; i++)
		unpaired += pairing->pair_of_b[i] == UNPAIRED ? pairing->b->token[i].left : 0;
	return gain - unpaired * EXTRA_COST / 100;
}

// ---- what the pairing says of a part of the name ----

// Sums over the words of one side.
struct tally {
	unsigned weight;     // of all its words
	unsigned alike;      // weight times likeness
	unsigned left;       // weight times what is left of it
	unsigned words;
	enum match_reason reason; // of the least alike word
	unsigned least;
};

static enum match_reason reason_of(enum token_reason reason)
{
	static const enum match_reason reasons[TOKEN_REASON_COUNT] = {
		[TOKEN_UNLIKE] = REASON_DIFFERENT,   [TOKEN_SAME_LETTERS] = REASON_SAME,
		[TOKEN_SPELLING] = REASON_SPELLING,  [TOKEN_SAME_SOUND] = REASON_SAME_SOUND,
		[TOKEN_OTHER_SCRIPT] = REASON_OTHER_SCRIPT, [TOKEN_ALIAS] = REASON_ALIAS,
		[TOKEN_INITIAL] = REASON_INITIAL,
	};
	return reasons[reason];
}

static bool wanted(const struct match_token *token, enum token_role role)
{
	bool given = role == ROLE_GIVEN && token->role == ROLE_PATRONYMIC;
	return role == ROLE_ANY || token->role == role || given;
}

static void tally_word(struct tally *tally, const struct match_token *token, const struct pair *pair, bool other_part)
{
	unsigned weight = token->kind == WORD_PARTICLE ? 25 : 100;
	unsigned alike = pair != NULL ? pair->likeness.alike : 0;
	enum match_reason reason = pair != NULL ? reason_of(pair->likeness.reason) : REASON_DIFFERENT;
	if (pair != NULL && other_part) {
		alike = alike > OTHER_PART_LOSS ? alike - OTHER_PART_LOSS : 0;
		reason = REASON_OTHER_PART;
	}
	tally->weight += weight;
	tally->alike += weight * alike;
	tally->left += weight * token->left;
	tally->words++;
	if (alike <= tally->least && token->kind != WORD_PARTICLE) {
		tally->least = alike;
		tally->reason = reason;
	}
}

static struct tally tally_a(const struct pairing *pairing, enum token_role role)
{
	struct tally tally = {.reason = REASON_SAME, .least = 1000};
	for (size_t i = 0; i < pairing->a->count; i++) {
		const struct match_token *token = &pairing->a->token[i];
		uint8_t number = pairing->pair_of_a[i];
		const struct pair *pair = number != UNPAIRED ? &pairing->pairs[number] : NULL;
		bool other = pair != NULL && role != ROLE_ANY && !wanted(&pairing->b->token[pair->b], role);
		if (wanted(token, role))
			tally_word(&tally, token, pair, other);
	}
	return tally;
}

static struct tally tally_b(const struct pairing *pairing, enum token_role role)
{
	struct tally tally = {.reason = REASON_SAME, .least = 1000};
	for (size_t i = 0; i < pairing->b->count; i++) {
		const struct match_token *token = &pairing->b->token[i];
		uint8_t number = pairing->pair_of_b[i];
		const struct pair *pair = number != UNPAIRED ? &pairing->pairs[number] : NULL;
		bool other = pair != NULL && role != ROLE_ANY && !wanted(&pairing->a->token[pair->a], role);
		if (wanted(token, role))
			tally_word(&tally, token, pair, other);
	}
	return tally;
}

static unsigned share(const struct tally *tally)
{
	return tally->weight > 0 ? tally->alike / tally->weight : 0;
}

// The shorter side decides: each of its words should have its like; what the longer side has besides counts little.
static struct name_part part_of(const struct pairing *pairing, enum token_role role)
{
	struct tally a = tally_a(pairing, role), b = tally_b(pairing, role);
	if (a.words == 0 || b.words == 0)
		return (struct name_part){.blank_here = a.words == 0, .blank_there = b.words == 0};
	const struct tally *shorter = a.words < b.words || (a.words == b.words && share(&a) < share(&b)) ? &a : &b;
	const struct tally *longer = shorter == &a ? &b : &a;
	unsigned extra = longer->words > shorter->words ? EXTRA_SHARE : 0;
	unsigned alike = (share(shorter) * (100 - extra) + share(longer) * extra) / 100;
	unsigned left = shorter->left / shorter->weight;
	enum match_reason reason = shorter->reason;
	if (reason == REASON_SAME && extra > 0)
		reason = REASON_MORE_PARTS;
	return (struct name_part){false, false, (uint16_t)alike, (uint8_t)(left < 100 ? left : 100), reason};
}

static void likeness_of_pairing(const struct pairing *pairing, int32_t gain, struct name_likeness *found)
{
	*found = (struct name_likeness){.gain = gain};
	found->by_parts = pairing->a->parts_known && pairing->b->parts_known;
	found->whole = part_of(pairing, ROLE_ANY);
	if (found->by_parts) {
		found->family = part_of(pairing, ROLE_FAMILY);
		found->given = part_of(pairing, ROLE_GIVEN);
	}
}

// ---- always in the same order ----

static int tokens_order(const struct match_token *a, const struct match_token *b)
{
	if (a->letters != b->letters)
		return a->letters < b->letters ? -1 : 1;
	int order = memcmp(a->letter, b->letter, a->letters * sizeof *a->letter);
	return order != 0 ? order : (int)a->role - (int)b->role;
}

static int spellings_order(const struct prepared_spelling *a, const struct prepared_spelling *b)
{
	int order = (int)a->count - (int)b->count;
	for (size_t i = 0; i < a->count && order == 0; i++)
		order = tokens_order(&a->token[i], &b->token[i]);
	return order;
}

int names_order(const struct prepared_name *a, const struct prepared_name *b)
{
	if (a->count != b->count)
		return a->count < b->count ? -1 : 1;
	int order = 0;
	for (size_t i = 0; i < a->count && order == 0; i++)
		order = spellings_order(&a->spelling[i], &b->spelling[i]);
	return order;
}

struct name_part spellings_compare(const struct prepared_spelling *here, const struct prepared_spelling *there)
{
	struct pairing pairing;
	bool turned = spellings_order(here, there) > 0;
	pair_up(&pairing, turned ? there : here, turned ? here : there);
	return part_of(&pairing, ROLE_ANY);
}

static bool best_of_spellings(const struct prepared_name *a, const struct prepared_name *b, struct name_likeness *found)
{
	bool any = false;
	for (size_t i = 0; i < a->count; i++) {
		for (size_t j = 0; j < b->count; j++) {
			struct pairing pairing;
			pair_up(&pairing, &a->spelling[i], &b->spelling[j]);
			int32_t gain = gain_of(&pairing);
			if (any && gain <= found->gain)
				continue;
			likeness_of_pairing(&pairing, gain, found);
			any = true;
		}
	}
	return any;
}

static void turn(struct name_part *part)
{
	bool here = part->blank_here;
	part->blank_here = part->blank_there;
	part->blank_there = here;
}

bool names_compare(const struct prepared_name *here, const struct prepared_name *there, struct name_likeness *found)
{
	bool turned = names_order(here, there) > 0;
	bool any = best_of_spellings(turned ? there : here, turned ? here : there, found);
	if (any && turned) {
		turn(&found->whole);
		turn(&found->family);
		turn(&found->given);
	}
	return any;
}
