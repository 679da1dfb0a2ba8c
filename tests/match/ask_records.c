// SPDX-License-Identifier: Apache-2.0
//
// ask_records FOLDER [--weights]: compares all pairs of the sets with known truth.
//
// For each set: weights and threshold are learned on the learning halves of the other sets alone, and F1 is told for this
// set's asking half and for the whole of it (it has seen nothing of either). With --weights: the table that is
// shipped (client/match/tables/weights.csv: learned fields) is written, learned on the learning halves of all sets.
#include "match/records.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SETS = 7, LEAST_SUM = -4000, MOST_SUM = 8000, STEP = 10, BUCKETS = (MOST_SUM - LEAST_SUM) / STEP };

static const char *const set_names[SETS] = {"febrl1", "febrl2", "febrl3", "febrl4", "rldata500", "rldata10000",
                                            "splink_fake_1000"};

// One table of weights; NAME is learned apart, from the same persons without parts.
struct weights {
	double field[MATCH_FIELD_COUNT][MATCH_GRADE_COUNT];
};

// What was seen seldom is drawn towards saying nothing, as if seen so often more with both alike.
enum { DOUBT = 2 };

struct shares {
	double same[MATCH_GRADE_COUNT], other[MATCH_GRADE_COUNT];
};

static void add_shares(const struct patterns *patterns, size_t field, struct shares *sum)
{
	struct shares counts = {{0}, {0}};
	double same = 0, other = 0;
	for (size_t i = 0; i < patterns->capacity; i++) {
		const struct pattern_count *row = &patterns->row[i];
		int grade = row->same + row->other > 0 ? row->pattern.grade[field] : PATTERN_BLANK;
		if (grade < 0)
			continue;
		counts.same[grade] += (double)row->same;
		counts.other[grade] += (double)row->other;
		same += (double)row->same;
		other += (double)row->other;
	}
	for (size_t i = 0; i < MATCH_GRADE_COUNT && same > 0; i++) {
		double share = (counts.same[i] / same + counts.other[i] / other) / 2;
		sum->same[i] += (counts.same[i] + DOUBT * share) / (same + DOUBT);
		sum->other[i] += (counts.other[i] + DOUBT * share) / (other + DOUBT);
	}
}

static double weight_of(double same, double other)
{
	return other > 0 && same > 0 ? 100 * log(same / other) : 0;
}

// A better grade never weighs less: neighbours that say otherwise, and grades that were never seen, are taken together.
static void make_monotone(const struct shares *sum, double *weight)
{
	struct {
		double same, other;
		size_t members;
	} block[MATCH_GRADE_COUNT];
	size_t blocks = 0;
	for (size_t i = 0; i < MATCH_GRADE_COUNT; i++) {
		block[blocks].same = sum->same[i];
		block[blocks].other = sum->other[i];
		block[blocks++].members = 1;
		while (blocks > 1 &&
		       (block[blocks - 1].other == 0 || weight_of(block[blocks - 2].same, block[blocks - 2].other) <=
		                                            weight_of(block[blocks - 1].same, block[blocks - 1].other))) {
			block[blocks - 2].same += block[blocks - 1].same;
			block[blocks - 2].other += block[blocks - 1].other;
			block[blocks - 2].members += block[blocks - 1].members;
			blocks--;
		}
	}
	for (size_t at = 0, i = 0; at < blocks; at++) {
		for (size_t end = i + block[at].members; i < end; i++)
			weight[i] = weight_of(block[at].same, block[at].other);
	}
}

// `left_out` SETS: none.
static void learn(struct weights *weights, const struct patterns *sets, size_t left_out)
{
	for (size_t field = 0; field < MATCH_FIELD_COUNT; field++) {
		struct shares sum = {{0}, {0}};
		for (size_t set = 0; set < SETS; set++) {
			if (set != left_out)
				add_shares(&sets[set], field, &sum);
		}
		make_monotone(&sum, weights->field[field]);
	}
}

static int sum_of(const struct weights *weights, const struct pattern *pattern)
{
	double sum = 0;
	for (size_t i = 0; i < MATCH_FIELD_COUNT; i++) {
		double weight = pattern->grade[i] >= 0 ? weights->field[i][pattern->grade[i]] : 0;
		if (pattern->grade[i] == PATTERN_FIXED)
			sum += pattern->number[i];
		else
			sum += weight > 0 ? weight * pattern->number[i] / 100 : weight;
	}
	return (int)lround(sum);
}

struct histogram {
	uint64_t same[BUCKETS], other[BUCKETS];
};

static size_t bucket_of(int sum)
{
	int bucket = (sum - LEAST_SUM) / STEP;
	return bucket < 0 ? 0 : bucket >= BUCKETS ? BUCKETS - 1 : (size_t)bucket;
}

// By what is left of the sum when the chance is taken off to be the one among so many persons: only so a threshold of a
// small set can serve a large one.
static void fill(struct histogram *histogram, const struct patterns *patterns, const struct weights *weights)
{
	int chance_of_one = (int)lround(100 * log((double)patterns->persons));
	memset(histogram, 0, sizeof *histogram);
	for (size_t i = 0; i < patterns->capacity; i++) {
		const struct pattern_count *row = &patterns->row[i];
		if (row->same + row->other == 0)
			continue;
		size_t bucket = bucket_of(sum_of(weights, &row->pattern) - chance_of_one);
		histogram->same[bucket] += row->same;
		histogram->other[bucket] += row->other;
	}
}

struct quality {
	double precision, recall, f1;
};

static struct quality quality_at(const struct histogram *histogram, size_t threshold)
{
	double found = 0, wrong = 0, missed = 0;
	for (size_t i = 0; i < BUCKETS; i++) {
		found += i >= threshold ? (double)histogram->same[i] : 0;
		wrong += i >= threshold ? (double)histogram->other[i] : 0;
		missed += i < threshold ? (double)histogram->same[i] : 0;
	}
	struct quality quality = {found > 0 ? found / (found + wrong) : 0, found > 0 ? found / (found + missed) : 0, 0};
	if (found > 0)
		quality.f1 = 2 * quality.precision * quality.recall / (quality.precision + quality.recall);
	return quality;
}

// The best mean F1 over the learning halves of all sets but one.
static size_t threshold_of(const struct patterns *sets, const struct weights *weights, size_t left_out)
{
	static struct histogram histogram[SETS];
	for (size_t set = 0; set < SETS; set++)
		fill(&histogram[set], &sets[set], weights);
	size_t best = 0;
	double best_sum = -1;
	for (size_t threshold = 0; threshold < BUCKETS; threshold++) {
		double sum = 0;
		for (size_t set = 0; set < SETS; set++)
			sum += set != left_out ? quality_at(&histogram[set], threshold).f1 : 0;
		if (sum > best_sum) {
			best_sum = sum;
			best = threshold;
		}
	}
	return best;
}

static void print_row(const char *name, const char *part, const struct patterns *patterns,
                      const struct weights *weights, size_t threshold)
{
	static struct histogram histogram;
	fill(&histogram, patterns, weights);
	struct quality quality = quality_at(&histogram, threshold);
	uint64_t same = 0;
	for (size_t i = 0; i < BUCKETS; i++)
		same += histogram.same[i];
	double own = 0;
	for (size_t i = 0; i < BUCKETS; i++)
		own = fmax(own, quality_at(&histogram, i).f1);
	printf("%-17s %-6s %10lu pairs %6lu same  precision %.4f  recall %.4f  F1 %.4f  (own best threshold %.4f)\n", name,
	       part, (unsigned long)patterns->pairs, (unsigned long)same, quality.precision, quality.recall, quality.f1,
	       own);
}

// Of the pairs that are at least one to a hundred for it: how far the odds that the sum gives are from what is true, by tenths.
static void print_calibration(const struct patterns *patterns, const struct weights *weights)
{
	double expected[10] = {0}, true_ones[10] = {0}, pairs = 0, error = 0;
	for (size_t i = 0; i < patterns->capacity; i++) {
		const struct pattern_count *row = &patterns->row[i];
		double count = (double)(row->same + row->other);
		double odds = exp(sum_of(weights, &row->pattern) / 100.0) / (double)patterns->persons,
			   chance = odds / (1 + odds);
		if (count == 0 || chance < 0.01)
			continue;
		size_t tenth = chance < 1 ? (size_t)(chance * 10) : 9;
		expected[tenth] += count * chance;
		true_ones[tenth] += (double)row->same;
		pairs += count;
	}
	for (size_t i = 0; i < 10; i++)
		error += fabs(expected[i] - true_ones[i]);
	printf("%-17s calibration error %.4f over %.0f pairs above 0.01, %.7f over all\n", "",
	       pairs > 0 ? error / pairs : 0, pairs, error / (double)patterns->pairs);
}

static void print_weights(const struct weights *weights)
{
	for (size_t i = 0; i < MATCH_FIELD_COUNT; i++) {
		if (weights->field[i][GRADE_SAME] == 0)
			continue;
		printf("%s", match_field_code((enum match_field)i));
		for (size_t grade = 0; grade < MATCH_GRADE_COUNT; grade++)
			printf(",%ld", lround(weights->field[i][grade]));
		printf("\n");
	}
}

static void report(const char *folder, const struct patterns *learned)
{
	double seconds = 0, pairs = 0;
	for (size_t i = 0; i < SETS; i++) {
		struct weights weights;
		struct record_set set;
		struct patterns asked;
		learn(&weights, learned, i);
		size_t threshold = threshold_of(learned, &weights, i);
		record_set_read(&set, folder, set_names[i], false);
		bool all = strcmp(set_names[i], "febrl3") == 0 || strcmp(set_names[i], "febrl4") == 0;
		patterns_count(&asked, &set, WHICH_ASK);
		print_row(set_names[i], "asked", &asked, &weights, threshold);
		print_calibration(&asked, &weights);
		seconds += asked.seconds;
		pairs += (double)asked.pairs;
		patterns_release(&asked);
		if (all) {
			patterns_count(&asked, &set, WHICH_ALL);
			print_row(set_names[i], "whole", &asked, &weights, threshold);
			seconds += asked.seconds;
			pairs += (double)asked.pairs;
			patterns_release(&asked);
		}
		printf("%-17s threshold %+d over the chance among so many, learned on the other sets\n", "",
		       LEAST_SUM + (int)threshold * STEP);
		record_set_release(&set);
		fflush(stdout);
	}
	printf("speed: %.0f pairs of persons a second and core (%.0f pairs, all fields, one by one)\n", pairs / seconds,
	       pairs);
}

static void count_all(struct patterns *patterns, const char *folder, bool whole)
{
	for (size_t i = 0; i < SETS; i++) {
		struct record_set set;
		record_set_read(&set, folder, set_names[i], whole);
		patterns_count(&patterns[i], &set, WHICH_LEARN);
		record_set_release(&set);
	}
}

// Writes the table that is shipped, learned on the learning halves of all sets.
static void write_weights(const char *folder, const struct patterns *learned)
{
	struct patterns whole[SETS];
	struct weights weights, names;
	count_all(whole, folder, true);
	learn(&weights, learned, SETS);
	learn(&names, whole, SETS);
	memcpy(weights.field[MATCH_NAME], names.field[MATCH_NAME], sizeof weights.field[MATCH_NAME]);
	print_weights(&weights);
	printf("# threshold %d\n", LEAST_SUM + (int)threshold_of(learned, &weights, SETS) * STEP);
	for (size_t i = 0; i < SETS; i++)
		patterns_release(&whole[i]);
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		fprintf(stderr, "usage: ask_records FOLDER [--weights]\n");
		return 64;
	}
	struct patterns learned[SETS];
	count_all(learned, argv[1], false);
	if (argc > 2 && strcmp(argv[2], "--weights") == 0)
		write_weights(argv[1], learned);
	else
		report(argv[1], learned);
	for (size_t i = 0; i < SETS; i++)
		patterns_release(&learned[i]);
	return 0;
}
