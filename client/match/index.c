// SPDX-License-Identifier: Apache-2.0
#include "match/index.h"

#include "match/prepared.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PIECES_MOST = 1024 }; // of one name

enum piece_kind {
	PIECE_CONSONANTS = 1, // two neighbours of the skeleton
	PIECE_SKELETON,
	PIECE_LETTERS,        // two neighbours of the Latin form
	PIECE_GROUP,
	PIECE_KINDS
};

static const float piece_weight[PIECE_KINDS] = {
	[PIECE_CONSONANTS] = 1.0F, [PIECE_SKELETON] = 1.5F, [PIECE_LETTERS] = 0.5F, [PIECE_GROUP] = 1.0F,
};

struct pieces {
	uint32_t piece[PIECES_MOST];
	size_t count;
};

struct match_index {
	const struct match_prepared *const *persons; // borrowed
	size_t count;
	uint32_t *piece;  // sorted, each once
	uint32_t *first;  // of each piece: where its persons begin; one more at the end
	uint32_t *person; // persons of all pieces
	size_t pieces;
	float *length;    // of each person, as a vector of pieces
};

// ---- pieces of a name ----

static uint32_t hash(enum piece_kind kind, const char *text, size_t length)
{
	uint32_t value = 2166136261U;
	for (size_t i = 0; i < length; i++)
		value = (value ^ (uint8_t)text[i]) * 16777619U;
	value ^= value >> 15;
	return (value & 0x1fffffffU) | (uint32_t)kind << 29;
}

static enum piece_kind kind_of(uint32_t piece)
{
	return (enum piece_kind)(piece >> 29);
}

static void add(struct pieces *pieces, enum piece_kind kind, const char *text, size_t length)
{
	if (pieces->count < PIECES_MOST)
		pieces->piece[pieces->count++] = hash(kind, text, length);
}

// Pairs of neighbours, with the beginning and the end as letters of their own.
static void add_pairs(struct pieces *pieces, enum piece_kind kind, const char *text)
{
	size_t length = strlen(text);
	char pair[2] = {'^', '\0'};
	for (size_t i = 0; i <= length && length > 0; i++) {
		pair[1] = i < length ? text[i] : '$';
		add(pieces, kind, pair, 2);
		pair[0] = pair[1];
	}
}

static void add_token(struct pieces *pieces, const struct match_token *token)
{
	if (token->kind == WORD_PARTICLE)
		return;
	add_pairs(pieces, PIECE_CONSONANTS, token->skeleton);
	add_pairs(pieces, PIECE_LETTERS, token->roman);
	add(pieces, PIECE_SKELETON, token->skeleton, strlen(token->skeleton));
	for (size_t i = 0; i < WORD_ALIASES && token->group[i] != 0; i++) {
		char group[2] = {(char)(token->group[i] & 0xff), (char)(token->group[i] >> 8)};
		add(pieces, PIECE_GROUP, group, 2);
	}
}

static int compare_pieces(const void *a, const void *b)
{
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	return (left > right) - (left < right);
}

// Each piece once.
static void pieces_of(struct pieces *pieces, const struct match_prepared *person)
{
	pieces->count = 0;
	for (size_t i = 0; i < person->name.count; i++) {
		for (size_t j = 0; j < person->name.spelling[i].count; j++)
			add_token(pieces, &person->name.spelling[i].token[j]);
	}
	qsort(pieces->piece, pieces->count, sizeof *pieces->piece, compare_pieces);
	size_t kept = 0;
	for (size_t i = 0; i < pieces->count; i++) {
		if (kept == 0 || pieces->piece[kept - 1] != pieces->piece[i])
			pieces->piece[kept++] = pieces->piece[i];
	}
	pieces->count = kept;
}

// ---- making ----

struct postings {
	uint64_t *posting; // piece << 32 | person
	size_t count, capacity;
};

static enum fail_code postings_add(struct postings *postings, const struct pieces *pieces, uint32_t person)
{
	if (postings->count + pieces->count > postings->capacity) {
		size_t capacity = 2 * postings->capacity + PIECES_MOST;
		uint64_t *more = realloc(postings->posting, capacity * sizeof *more);
		if (more == NULL)
			return FAIL_NO_MEMORY;
		postings->posting = more;
		postings->capacity = capacity;
	}
	for (size_t i = 0; i < pieces->count; i++)
		postings->posting[postings->count++] = (uint64_t)pieces->piece[i] << 32 | person;
	return FAIL_NONE;
}

static int compare_postings(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
	return (left > right) - (left < right);
}

static float weight_of(const struct match_index *index, size_t list)
{
	float persons = (float)(index->first[list + 1] - index->first[list]);
	return piece_weight[kind_of(index->piece[list])] * logf(1.0F + (float)index->count / persons);
}

static void take_lists(struct match_index *index, const struct postings *postings)
{
	for (size_t i = 0; i < postings->count; i++) {
		uint32_t piece = (uint32_t)(postings->posting[i] >> 32);
		if (index->pieces == 0 || index->piece[index->pieces - 1] != piece) {
			index->piece[index->pieces] = piece;
			index->first[index->pieces++] = (uint32_t)i;
		}
		index->person[i] = (uint32_t)postings->posting[i];
	}
	index->first[index->pieces] = (uint32_t)postings->count;
	for (size_t list = 0; list < index->pieces; list++) {
		float weight = weight_of(index, list);
		for (uint32_t i = index->first[list]; i < index->first[list + 1]; i++)
			index->length[index->person[i]] += weight * weight;
	}
}

static enum fail_code build(struct match_index *index, struct postings *postings)
{
	for (size_t i = 0; i < index->count; i++) {
		struct pieces pieces;
		pieces_of(&pieces, index->persons[i]);
		enum fail_code failed = postings_add(postings, &pieces, (uint32_t)i);
		if (failed != FAIL_NONE)
			return failed;
	}
	if (postings->count > UINT32_MAX)
		return FAIL_TOO_LARGE;
	if (postings->count > 0)
		qsort(postings->posting, postings->count, sizeof *postings->posting, compare_postings);
	index->piece = calloc(postings->count + 1, sizeof *index->piece);
	index->first = calloc(postings->count + 1, sizeof *index->first);
	index->person = calloc(postings->count + 1, sizeof *index->person);
	index->length = calloc(index->count + 1, sizeof *index->length);
	if (index->piece == NULL || index->first == NULL || index->person == NULL || index->length == NULL)
		return FAIL_NO_MEMORY;
	take_lists(index, postings);
	return FAIL_NONE;
}

enum fail_code match_index_new(struct match_index **index, const struct match_prepared *const *persons, size_t count)
{
	*index = NULL;
	if (count > MATCH_INDEX_PERSONS)
		return FAIL_TOO_LARGE;
	struct match_index *made = calloc(1, sizeof *made);
	if (made == NULL)
		return FAIL_NO_MEMORY;
	struct postings postings = {NULL, 0, 0};
	made->persons = persons;
	made->count = count;
	enum fail_code failed = build(made, &postings);
	free(postings.posting);
	if (failed != FAIL_NONE)
		match_index_free(made);
	else
		*index = made;
	return failed;
}

void match_index_free(struct match_index *index)
{
	if (index == NULL)
		return;
	free(index->piece);
	free(index->first);
	free(index->person);
	free(index->length);
	free(index);
}

// ---- asking ----

static size_t list_of(const struct match_index *index, uint32_t piece)
{
	const uint32_t *found = bsearch(&piece, index->piece, index->pieces, sizeof *index->piece, compare_pieces);
	return found != NULL ? (size_t)(found - index->piece) : SIZE_MAX;
}

static void score(const struct match_index *index, const struct match_prepared *asked, float *scores)
{
	struct pieces pieces;
	pieces_of(&pieces, asked);
	for (size_t i = 0; i < pieces.count; i++) {
		size_t list = list_of(index, pieces.piece[i]);
		if (list == SIZE_MAX)
			continue;
		float weight = weight_of(index, list);
		for (uint32_t at = index->first[list]; at < index->first[list + 1]; at++)
			scores[index->person[at]] += weight * weight;
	}
}

struct scored {
	float score;
	uint32_t person;
};

// A heap with the worst on top.
static void sink(struct scored *heap, size_t count, size_t at)
{
	for (size_t child = 2 * at + 1; child < count; child = 2 * at + 1) {
		if (child + 1 < count && heap[child + 1].score < heap[child].score)
			child++;
		if (heap[at].score <= heap[child].score)
			return;
		struct scored kept = heap[at];
		heap[at] = heap[child];
		heap[child] = kept;
		at = child;
	}
}

static size_t best_scored(const struct match_index *index, const float *scores, struct scored *heap, size_t most)
{
	size_t count = 0;
	for (size_t i = 0; i < index->count; i++) {
		if (scores[i] <= 0.0F)
			continue;
		struct scored found = {scores[i] / sqrtf(index->length[i]), (uint32_t)i};
		if (count < most) {
			heap[count++] = found;
			for (size_t at = count / 2; count == most && at-- > 0;)
				sink(heap, count, at);
		} else if (found.score > heap[0].score) {
			heap[0] = found;
			sink(heap, count, 0);
		}
	}
	return count;
}

static int compare_hits(const void *a, const void *b)
{
	const struct match_hit *left = a, *right = b;
	if (left->rank != right->rank)
		return left->rank < right->rank ? 1 : -1;
	return (left->person > right->person) - (left->person < right->person);
}

enum fail_code match_index_top(const struct match_index *index, const struct match_prepared *asked,
                               struct match_hit *hits, size_t *count)
{
	struct scored best[MATCH_INDEX_COMPARED];
	struct match_hit found[MATCH_INDEX_COMPARED];
	float *scores = calloc(index->count + 1, sizeof *scores);
	if (scores == NULL)
		return FAIL_NO_MEMORY;
	score(index, asked, scores);
	size_t compared = best_scored(index, scores, best, MATCH_INDEX_COMPARED);
	free(scores);
	for (size_t i = 0; i < compared; i++) {
		struct match_evidence evidence;
		match_compare(asked, index->persons[best[i].person], &evidence);
		found[i] = (struct match_hit){best[i].person, evidence.rank};
	}
	qsort(found, compared, sizeof *found, compare_hits);
	*count = compared < *count ? compared : *count;
	memcpy(hits, found, *count * sizeof *hits);
	return FAIL_NONE;
}
