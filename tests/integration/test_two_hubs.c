// SPDX-License-Identifier: Apache-2.0
// links: test_cluster hub_hub
//
// Two hubs in one process, each in a thread of its own, on one database: neither
// has a variable that the other one sees, and each ends by itself.
#include "hub/hub.h"
#include "lib/cluster.h"
#include "seal/key.h"
#include "unit/test.h"
#include "wire/codec.h"
#include "wire/frame.h"
#include "wire/tls_channel.h"

#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HUBS = 2, INPUT = 16 * 1024, READ_SECONDS = 10 };

static struct cluster cluster;

struct running {
	struct hub *hub;
	pthread_t thread;
	int log[2];             // a pipe: what the hub says is the event to wait for
};

static const char *in_folder(const char *name)
{
	static _Thread_local char paths[4][128];
	static _Thread_local unsigned next;
	char *path = paths[next++ % 4];
	snprintf(path, sizeof paths[0], "%s/%s", cluster.folder, name);
	return path;
}

static void call(char *const *words)
{
	int status = 1;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		execv(words[0], words);
		_exit(127);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static char *word(const char *text)
{
	char *copy = strdup(text);
	assert_non_null(copy);
	return copy;
}

static void authority(const char *verb, const char *a, const char *b, const char *c)
{
	char *words[] = {word(SOURCE_ROOT "/deploy/training-ca"),
	                 word(verb),
	                 word(in_folder("ca")),
	                 a == NULL ? NULL : word(a),
	                 b == NULL ? NULL : word(b),
	                 c == NULL ? NULL : word(c),
	                 NULL};
	call(words);
	for (size_t i = 0; words[i] != NULL; i++)
		free(words[i]);
}

static void issue(const char *name, const char *use_name, enum certificate_use use, const char *uri)
{
	struct identity identity;
	struct private_key *key;
	struct bytes request;
	struct fail why;
	char file[64];
	assert_ok(identity_from_uri(&identity, uri));
	assert_ok(private_key_generate(&key, use));
	snprintf(file, sizeof file, "%s.key", name);
	assert_ok(private_key_save(key, in_folder(file), NULL, &why));
	bytes_init(&request, 16 * 1024);
	assert_ok(private_key_request(key, &identity, &request, &why));
	snprintf(file, sizeof file, "%s.csr", name);
	FILE *out = fopen(in_folder(file), "w");
	assert_non_null(out);
	assert_int_equal(fwrite(request.data, 1, request.length, out), request.length);
	assert_int_equal(fclose(out), 0);
	char certificate[64];
	snprintf(certificate, sizeof certificate, "%s.crt", name);
	authority("issue", in_folder(file), use_name, in_folder(certificate));
	bytes_release(&request);
	private_key_free(key);
}

static int set_up(void **state)
{
	(void)state;
	cluster_start(&cluster, NULL);
	cluster_seed(&cluster);
	authority("new", NULL, NULL, NULL);
	issue("tls", "tls-hub", USE_TLS_HUB, "urn:iss:hub:TWIN:tls:1");
	issue("receipt", "receipt", USE_RECEIPT, "urn:iss:hub:TWIN:receipt:1");
	issue("ch", "tls-client", USE_TLS_CLIENT, "urn:iss:member:CH:caseworker:anna");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	cluster_remove(&cluster);
	return 0;
}

static void print_fault(void *context, const char *text)
{
	(void)context;
	print_error("%s\n", text);
}

static struct config *make_config(void)
{
	struct config *config;
	FILE *out = fopen(in_folder("hub.conf"), "w");
	assert_non_null(out);
	fprintf(
		out,
		"[listen]\naddress = 127.0.0.1\nport = 0\n[monitor]\nport = 0\n[tls]\ntrust = %s/ca/root.pem\ncertificate = %s/tls.crt\n"
		"key = %s/tls.key\n[receipt]\ncertificate = %s/receipt.crt\nkey = %s/receipt.key\n[database]\nwriter = %s\nreader = %s\npartner = %s\n",
		cluster.folder, cluster.folder, cluster.folder, cluster.folder, cluster.folder, cluster.writer, cluster.reader,
		cluster.partner);
	assert_int_equal(fclose(out), 0);
	assert_ok(config_load(&config, in_folder("hub.conf"), true, print_fault, NULL));
	return config;
}

static void *run_hub(void *context)
{
	struct running *running = context;
	hub_run(running->hub);
	return NULL;
}

static void start_hub(struct running *running)
{
	struct log log;
	struct fail why = {0};
	assert_int_equal(pipe(running->log), 0);
	log_init(&log, running->log[1], LOG_TEXT, LOG_LEVEL_NOTICE);
	enum fail_code code = hub_new(&running->hub, make_config(), &log, &(struct hub_settings){0}, &why);
	if (code != FAIL_NONE)
		fail_msg("%s", why.text);
	assert_int_equal(pthread_create(&running->thread, NULL, run_hub, running), 0);
}

static void wait_until_it_serves(const struct running *running)
{
	char said[16 * 1024] = "";
	size_t length = 0;
	while (strstr(said, "hub.serving") == NULL) {
		struct pollfd more = {.fd = running->log[0], .events = POLLIN};
		assert_int_equal(poll(&more, 1, READ_SECONDS * 1000), 1);
		ssize_t count = read(running->log[0], said + length, sizeof said - 1 - length);
		assert_true(count > 0);
		length += (size_t)count;
	}
}

static void end_hub(struct running *running)
{
	hub_stop(running->hub);
	assert_int_equal(pthread_join(running->thread, NULL), 0);
	hub_free(running->hub);
	close(running->log[0]);
	close(running->log[1]);
}

// A member's line, blocking.
struct line {
	int fd;
	struct tls_context *context;
	struct tls_channel *channel;
	struct frame_reader reader;
};

static void line_send(struct line *line)
{
	struct bytes cipher;
	bytes_init(&cipher, 4 * 1024 * 1024);
	assert_ok(tls_channel_output(line->channel, &cipher));
	for (size_t at = 0; at < cipher.length;) {
		ssize_t sent = send(line->fd, cipher.data + at, cipher.length - at, MSG_NOSIGNAL);
		assert_true(sent > 0);
		at += (size_t)sent;
	}
	bytes_release(&cipher);
}

static void line_open(struct line *line, uint16_t port)
{
	struct tls_files files = {.trust = in_folder("ca/root.pem"), .certificate = in_folder("ch.crt"), .key = in_folder("ch.key")};
	struct sockaddr_in hub = {.sin_family = AF_INET,
	                          .sin_port = htons(port),
	                          .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	struct timeval limit = {.tv_sec = READ_SECONDS};
	struct fail why;
	assert_ok(tls_context_new(&line->context, TLS_CLIENT, &files, &why));
	line->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(connect(line->fd, (struct sockaddr *)&hub, sizeof hub), 0);
	assert_int_equal(setsockopt(line->fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
	line->channel = tls_channel_new(line->context, "127.0.0.1");
	frame_reader_init(&line->reader, FRAME_MAX);
	assert_int_equal(tls_channel_start(line->channel), TLS_OK);
	line_send(line);
}

static void line_close(struct line *line)
{
	close(line->fd);
	tls_channel_free(line->channel);
	tls_context_unref(line->context);
	frame_reader_release(&line->reader);
}

static void line_say(struct line *line, const struct frame *frame)
{
	struct bytes plain;
	bytes_init(&plain, FRAME_MAX);
	assert_ok(frame_encode(frame, &plain));
	assert_int_equal(tls_channel_write(line->channel, bytes_view(&plain)), TLS_OK);
	line_send(line);
	bytes_release(&plain);
}

static void line_read(struct line *line)
{
	uint8_t input[INPUT];
	struct bytes plain;
	ssize_t count = recv(line->fd, input, sizeof input, 0);
	assert_true(count > 0);
	bytes_init(&plain, FRAME_FEED_MAX);
	assert_int_equal(tls_channel_feed(line->channel, view_of(input, (size_t)count), &plain), TLS_OK);
	line_send(line);
	if (plain.length > 0)
		assert_ok(frame_reader_feed(&line->reader, bytes_view(&plain)));
	bytes_release(&plain);
}

// Kind of the next frame; an Error's reason is copied out.
static enum frame_kind line_hear(struct line *line, char reason[40])
{
	struct view payload;
	enum fail_code fault;
	while (!frame_reader_next(&line->reader, &payload, &fault)) {
		assert_ok(fault);
		line_read(line);
	}
	struct arena arena;
	struct frame frame;
	struct fail why;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	assert_ok(frame_decode(&frame, payload, &arena, &why));
	snprintf(reason, 40, "%s", frame.kind == FRAME_ERROR ? frame.of.error.reason : "");
	enum frame_kind kind = frame.kind;
	arena_release(&arena);
	return kind;
}

static void be_welcomed(struct line *line)
{
	struct frame hello = {
		.id = 1, .kind = FRAME_HELLO, .of.hello = {.credit_messages = 4, .credit_bytes = 1 << 20, .software = "test"}};
	char reason[40];
	line_say(line, &hello);
	enum frame_kind kind = line_hear(line, reason);
	assert_string_equal(reason, "");
	assert_int_equal(kind, FRAME_WELCOME);
}

static void two_hubs_serve_side_by_side_and_end_one_by_one(void **state)
{
	struct running hubs[HUBS] = {{0}};
	struct line line = {0};
	(void)state;
	for (size_t i = 0; i < HUBS; i++)
		start_hub(&hubs[i]);
	for (size_t i = 0; i < HUBS; i++)
		wait_until_it_serves(&hubs[i]);
	assert_int_not_equal(hub_port(hubs[0].hub), hub_port(hubs[1].hub));
	assert_int_not_equal(hub_monitor_port(hubs[0].hub), hub_monitor_port(hubs[1].hub));
	for (size_t i = 0; i < HUBS; i++) {
		line_open(&line, hub_port(hubs[i].hub));
		be_welcomed(&line);
		line_close(&line);
	}
	end_hub(&hubs[0]);
	line_open(&line, hub_port(hubs[1].hub));
	be_welcomed(&line);
	line_close(&line);
	end_hub(&hubs[1]);
}

static void a_hub_that_cannot_listen_leaves_nothing_behind(void **state)
{
	struct running first = {0};
	struct hub *second = NULL;
	struct log log;
	struct fail why = {0};
	(void)state;
	start_hub(&first);
	log_init(&log, STDERR_FILENO, LOG_TEXT, LOG_LEVEL_ERROR);
	struct config *config = make_config();
	config->listen_port = hub_port(first.hub);
	assert_int_equal(hub_new(&second, config, &log, &(struct hub_settings){0}, &why), FAIL_UNAVAILABLE);
	assert_non_null(strstr(why.text, "cannot listen"));
	end_hub(&first);
}

static void a_hub_may_be_stopped_before_it_ever_saw_its_database(void **state)
{
	struct running hub = {0};
	(void)state;
	start_hub(&hub);
	end_hub(&hub);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_hubs_serve_side_by_side_and_end_one_by_one),
		cmocka_unit_test(a_hub_that_cannot_listen_leaves_nothing_behind),
		cmocka_unit_test(a_hub_may_be_stopped_before_it_ever_saw_its_database),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
