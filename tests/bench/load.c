// SPDX-License-Identifier: Apache-2.0
//
// load HOST PORT TRUST KEYS CONNECTIONS IN_FLIGHT SECONDS PREPARED BODY
// load --idle HOST PORT TRUST KEYS CONNECTIONS
//
// Prints "ready" and waits for a line on standard input before the clock starts
// (the caller reads its own counters then); prints one JSON object at the end and
// waits for another line before it leaves.
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what, const struct load *load)
{
	fprintf(stderr, "load: %s %s\n", what, load->first_error);
	exit(1);
}

static void open_contexts(struct load *load)
{
	unsigned count = load->settings.idle ? 1 : load->settings.lanes;
	load->context = calloc(count, sizeof(struct tls_context *));
	for (unsigned i = 0; i < count; i++) {
		char certificate[512], key[512];
		struct fail why = {0};
		snprintf(certificate, sizeof certificate, "%s/B%02u/tls.crt", load->settings.keys, i);
		snprintf(key, sizeof key, "%s/B%02u/tls.key", load->settings.keys, i);
		struct tls_files files = {.trust = load->settings.trust, .certificate = certificate, .key = key};
		if (tls_context_new(&load->context[i], TLS_CLIENT, &files, &why) != FAIL_NONE)
			die(why.text, load);
	}
}

static void turn(struct load *load, unsigned number, bool readable)
{
	struct lane *lane = &load->lane[number];
	if (lane_turn(load, lane, readable) != FAIL_NONE)
		die("a connection ended:", load);
	struct epoll_event event = {.events = EPOLLIN | (lane->cipher.length > 0 ? EPOLLOUT : 0), .data.u32 = number};
	epoll_ctl(load->epoll, EPOLL_CTL_MOD, lane->fd, &event);
}

static void wait_some(struct load *load, int timeout_ms)
{
	struct epoll_event event[256];
	int count = epoll_wait(load->epoll, event, 256, timeout_ms);
	for (int i = 0; i < count; i++)
		turn(load, event[i].data.u32, (event[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0);
}

static void open_lanes(struct load *load)
{
	load->epoll = epoll_create1(EPOLL_CLOEXEC);
	load->lane = calloc(load->settings.lanes, sizeof *load->lane);
	for (unsigned i = 0; i < load->settings.lanes; i++) {
		struct fail why = {0};
		if (lane_open(load, i, &why) != FAIL_NONE)
			die(why.text, load);
		struct epoll_event event = {.events = EPOLLIN | EPOLLOUT, .data.u32 = i};
		epoll_ctl(load->epoll, EPOLL_CTL_ADD, load->lane[i].fd, &event);
		while (!load->lane[i].welcome) {
			turn(load, i, false);
			wait_some(load, 1000);
		}
	}
}

// Lanes write to each other in a ring; a single lane writes to a member that is away.
static void write_letters(struct load *load)
{
	for (unsigned i = 0; i < load->settings.lanes; i++) {
		unsigned recipient = load->settings.lanes == 1 ? 1 : (i + 1) % load->settings.lanes;
		if (letters_write(&load->lane[i].letters, &load->settings, i, recipient, load->settings.together) != FAIL_NONE)
			die("the letters cannot be written", load);
	}
}

static uint64_t total(const struct load *load, size_t field)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < load->settings.lanes; i++)
		sum += *(const uint64_t *)(const void *)((const char *)&load->lane[i] + field);
	return sum;
}

#define TOTAL(load, field) total(load, offsetof(struct lane, field))

static void run_until(struct load *load, uint64_t end_us, uint64_t accepted)
{
	for (unsigned i = 0; i < load->settings.lanes; i++)
		turn(load, i, false);
	while (load_now_us() < end_us && TOTAL(load, accepted) + TOTAL(load, refused) < accepted)
		wait_some(load, 100);
}

static int by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

static void wait_for_word(const char *word)
{
	char line[16];
	printf("%s\n", word);
	fflush(stdout);
	if (fgets(line, sizeof line, stdin) == NULL)
		exit(1);
}

// Letters for the cases first, outside the clock.
static void open_cases(struct load *load)
{
	for (unsigned i = 0; i < load->settings.lanes; i++)
		load->lane[i].letters.count = LETTER_CASES;
	load->sending = true;
	run_until(load, load_now_us() + 60000000, (uint64_t)load->settings.lanes * LETTER_CASES);
	for (unsigned i = 0; i < load->settings.lanes; i++)
		load->lane[i].letters.count = LETTER_CASES + load->settings.prepared;
	load->sending = false;
}

static void measure(struct load *load)
{
	load->latency_room = (size_t)load->settings.lanes * load->settings.prepared;
	load->latency_us = calloc(load->latency_room, sizeof *load->latency_us);
	open_cases(load);
	if (TOTAL(load, refused) > 0)
		die("refused:", load);
	wait_for_word("ready");
	uint64_t accepted = TOTAL(load, accepted), delivered = TOTAL(load, delivered), begin = load_now_us();
	load->measuring = load->sending = true;
	run_until(load, begin + load->settings.seconds * UINT64_C(1000000), accepted + load->latency_room);
	uint64_t took = load_now_us() - begin, done = TOTAL(load, accepted) - accepted;
	uint64_t received = TOTAL(load, delivered) - delivered;
	qsort(load->latency_us, load->latency_count, sizeof *load->latency_us, by_value);
	printf(
		"{\"messages\": %llu, \"delivered\": %llu, \"refused\": %llu, \"seconds\": %.3f, \"p50_us\": %u, \"p99_us\": %u, \"error\": \"%s\"}\n",
		(unsigned long long)done, (unsigned long long)received, (unsigned long long)TOTAL(load, refused),
		(double)took / 1e6, load->latency_us[load->latency_count / 2], load->latency_us[load->latency_count * 99 / 100],
		load->first_error);
	wait_for_word("done");
}

int main(int argc, char **argv)
{
	struct load load = {0};
	load.settings.idle = argc > 1 && strcmp(argv[1], "--idle") == 0;
	char **word = argv + (load.settings.idle ? 2 : 1);
	if (argc != (load.settings.idle ? 7 : 11)) {
		fprintf(stderr, "usage: load [--idle] HOST PORT TRUST KEYS CONNECTIONS [IN_FLIGHT TOGETHER SECONDS PREPARED BODY]\n");
		return 64;
	}
	load.settings.host = word[0];
	load.settings.port = word[1];
	load.settings.trust = word[2];
	load.settings.keys = word[3];
	load.settings.lanes = (unsigned)strtoul(word[4], NULL, 10);
	load.settings.in_flight = 1;
	if (!load.settings.idle) {
		load.settings.in_flight = (unsigned)strtoul(word[5], NULL, 10);
		load.settings.together = (unsigned)strtoul(word[6], NULL, 10);
		load.settings.seconds = (unsigned)strtoul(word[7], NULL, 10);
		load.settings.prepared = (unsigned)strtoul(word[8], NULL, 10);
		load.settings.body = strtoul(word[9], NULL, 10);
	}
	load.settings.begun = (uint64_t)time(NULL) * 1000;
	open_contexts(&load);
	open_lanes(&load);
	if (load.settings.idle) {
		wait_for_word("ready");
	} else {
		write_letters(&load);
		measure(&load);
	}
	for (unsigned i = 0; i < load.settings.lanes; i++)
		lane_close(&load.lane[i]);
	return 0;
}
