// SPDX-License-Identifier: Apache-2.0
#include "lib/link.h"

#include "base/words.h"
#include "lib/profile.h"
#include "wire/codec.h"
#include "wire/frame.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { READ_SIZE = 64 * 1024, CIPHER_CAP = 8 * 1024 * 1024 };

struct link {
	int fd;
	struct tls_channel *channel;  // owned
	struct frame_reader reader;
	struct bytes plain, cipher;   // from the peer, to the peer
	bool has_frame;               // `payload` is a frame that nobody took yet
	struct view payload;
	uint64_t last_frame, last_sent, last_ping; // steady clock
	uint32_t heartbeat_ms;        // 0 before the Welcome
};

uint64_t clock_steady(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static int wait_for(int fd, short events, int wait_ms)
{
	struct pollfd one = {.fd = fd, .events = events};
	int outcome = poll(&one, 1, wait_ms);
	if (outcome < 0 && errno == EINTR)
		return 0;
	return outcome < 0 ? -1 : one.revents;
}

// errno is 0 when connected.
static void finish_connect(int fd, uint64_t until)
{
	while (errno == EINPROGRESS) {
		uint64_t now = clock_steady();
		int ready = now >= until ? 0 : wait_for(fd, POLLOUT, (int)(until - now));
		int outcome = 0;
		socklen_t size = sizeof outcome;
		if (now >= until)
			errno = ETIMEDOUT;
		else if (ready != 0)
			errno = getsockopt(fd, SOL_SOCKET, SO_ERROR, &outcome, &size) == 0 ? outcome : errno;
		else
			errno = EINPROGRESS;
	}
}

static int connect_one(const struct addrinfo *address, uint64_t until)
{
	int fd = socket(address->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	int on = 1;
	unsigned timeout = LINK_USER_TIMEOUT_MS;
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout, sizeof timeout);
	errno = 0;
	if (connect(fd, address->ai_addr, address->ai_addrlen) != 0)
		finish_connect(fd, until);
	if (errno == 0)
		return fd;
	int number = errno;
	close(fd);
	errno = number;
	return -1;
}

static enum fail_code connect_any(int *fd, const char *host, const char *port, struct fail *why)
{
	struct addrinfo *found = NULL;
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	int outcome = getaddrinfo(host, port, &hints, &found);
	if (outcome != 0)
		return fail_set(why, FAIL_UNAVAILABLE, "the hub's name '%s' is not found: %s", host, gai_strerror(outcome));
	uint64_t until = clock_steady() + LINK_CONNECT_MS;
	*fd = -1;
	for (const struct addrinfo *one = found; one != NULL && *fd < 0; one = one->ai_next)
		*fd = connect_one(one, until);
	int number = errno;
	freeaddrinfo(found);
	if (*fd >= 0)
		return FAIL_NONE;
	return fail_set(why, FAIL_UNAVAILABLE, "the hub at '%s' port %s does not answer: %s", host, port,
	                words_of_errno(number));
}

enum fail_code link_open(struct link **link, const char *host, const char *port, struct tls_context *tls,
                         struct fail *why)
{
	struct link *made = calloc(1, sizeof *made);
	if (made == NULL)
		return fail_set(why, FAIL_NO_MEMORY, "out of memory");
	frame_reader_init(&made->reader, FRAME_MAX);
	bytes_init(&made->plain, 2 * FRAME_MAX);
	bytes_init(&made->cipher, CIPHER_CAP);
	made->fd = -1;
	enum fail_code code = connect_any(&made->fd, host, port, why);
	if (code == FAIL_NONE) {
		made->channel = tls_channel_new(tls, host);
		if (made->channel == NULL || tls_channel_start(made->channel) == TLS_FAILED)
			code = fail_set(why, FAIL_NO_MEMORY, "a secure connection cannot be started");
	}
	if (code != FAIL_NONE) {
		link_close(made);
		return code;
	}
	made->last_frame = made->last_sent = clock_steady();
	*link = made;
	return FAIL_NONE;
}

// What the socket takes; the rest stays.
static enum fail_code flush(struct link *link, struct fail *why)
{
	enum fail_code code = tls_channel_output(link->channel, &link->cipher);
	if (code != FAIL_NONE)
		return fail_set(why, code, "too much waits to be sent");
	size_t done = 0;
	while (done < link->cipher.length) {
		ssize_t count = send(link->fd, link->cipher.data + done, link->cipher.length - done, MSG_NOSIGNAL);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0 && errno == EAGAIN)
			break;
		if (count < 0) {
			bytes_clear(&link->cipher);
			return fail_set(why, FAIL_CLOSED, "the connection was cut: %s", words_of_errno(errno));
		}
		done += (size_t)count;
	}
	bytes_consume(&link->cipher, done);
	return FAIL_NONE;
}

void link_close(struct link *link)
{
	if (link == NULL)
		return;
	if (link->channel != NULL && link->fd >= 0 && tls_channel_established(link->channel)) {
		tls_channel_close(link->channel);
		if (flush(link, NULL) != FAIL_NONE)
			bytes_clear(&link->cipher); // the goodbye is a courtesy
	}
	if (link->fd >= 0)
		close(link->fd);
	tls_channel_free(link->channel);
	frame_reader_release(&link->reader);
	bytes_wipe(&link->plain);
	bytes_release(&link->cipher);
	free(link);
}

static enum fail_code tls_fault(struct link *link, struct fail *why)
{
	struct fail inner = {.code = FAIL_CLOSED};
	if (flush(link, NULL) != FAIL_NONE) // the alert
		bytes_clear(&link->cipher);
	tls_channel_fault(link->channel, &inner);
	return fail_set(why, inner.code == FAIL_NONE ? FAIL_CLOSED : inner.code, "secure connection: %s", inner.text);
}

enum fail_code link_send(struct link *link, const struct frame *frame, struct fail *why)
{
	struct bytes encoded;
	bytes_init(&encoded, 2 * FRAME_MAX);
	enum fail_code code = frame_encode(frame, &encoded);
	if (code != FAIL_NONE)
		fail_set(why, code, "a frame cannot be written");
	else if (tls_channel_write(link->channel, bytes_view(&encoded)) == TLS_FAILED)
		code = tls_fault(link, why);
	bytes_wipe(&encoded);
	link->last_sent = clock_steady();
	return code == FAIL_NONE ? flush(link, why) : code;
}

static enum fail_code take_plain(struct link *link, struct fail *why)
{
	if (link->plain.length == 0)
		return FAIL_NONE;
	enum fail_code code = frame_reader_feed(&link->reader, bytes_view(&link->plain));
	bytes_clear(&link->plain);
	return code == FAIL_NONE ? FAIL_NONE : fail_set(why, code, "the hub's answer is not a frame");
}

static enum fail_code receive(struct link *link, struct fail *why)
{
	uint8_t cipher[READ_SIZE];
	ssize_t count = recv(link->fd, cipher, sizeof cipher, 0);
	if (count < 0 && (errno == EAGAIN || errno == EINTR))
		return FAIL_NONE;
	if (count < 0)
		return fail_set(why, FAIL_CLOSED, "the connection was cut: %s", words_of_errno(errno));
	if (count == 0)
		return fail_set(why, FAIL_CLOSED, "the hub closed the connection");
	enum tls_result result = tls_channel_feed(link->channel, view_of(cipher, (size_t)count), &link->plain);
	if (result == TLS_FAILED)
		return tls_fault(link, why);
	enum fail_code code = take_plain(link, why);
	if (code == FAIL_NONE && result == TLS_CLOSED && link->reader.pending.length == 0)
		return fail_set(why, FAIL_CLOSED, "the hub closed the connection");
	return code;
}

bool link_next(struct link *link, struct view *payload, enum fail_code *fault)
{
	*fault = FAIL_NONE;
	if (!link->has_frame)
		link->has_frame = frame_reader_next(&link->reader, &link->payload, fault);
	if (!link->has_frame)
		return false;
	link->has_frame = false;
	*payload = link->payload;
	return true;
}

static bool frame_waits(struct link *link, enum fail_code *fault)
{
	*fault = FAIL_NONE;
	if (!link->has_frame)
		link->has_frame = frame_reader_next(&link->reader, &link->payload, fault);
	if (link->has_frame)
		link->last_frame = clock_steady();
	return link->has_frame;
}

int link_next_beat_ms(const struct link *link)
{
	uint64_t now = clock_steady();
	uint64_t dead = link->last_frame + LINK_SILENCE_MS;
	uint64_t quiet = link->last_frame > link->last_sent ? link->last_frame : link->last_sent;
	uint64_t beat = link->heartbeat_ms == 0 ? dead : quiet + link->heartbeat_ms;
	uint64_t next = beat < dead ? beat : dead;
	return next <= now ? 0 : (int)(next - now);
}

// A Ping when it is time; FAIL_CLOSED when the line is dead.
static enum fail_code beat(struct link *link, struct fail *why)
{
	uint64_t now = clock_steady();
	if (now >= link->last_frame + LINK_SILENCE_MS)
		return fail_set(why, FAIL_CLOSED, "nothing came from the hub for %d seconds", LINK_SILENCE_MS / 1000);
	uint64_t quiet = link->last_frame > link->last_sent ? link->last_frame : link->last_sent;
	if (link->heartbeat_ms == 0 || now < quiet + link->heartbeat_ms)
		return FAIL_NONE;
	struct frame ping = {.id = UINT64_MAX >> 1, .kind = FRAME_PING, .of.ping_now = clock_now()};
	return link_send(link, &ping, why);
}

static enum fail_code turn(struct link *link, int wait_ms, struct fail *why)
{
	short events = (short)(POLLIN | (link->cipher.length > 0 ? POLLOUT : 0));
	int ready = wait_for(link->fd, events, wait_ms);
	if (ready < 0)
		return fail_set(why, FAIL_IO, "the connection cannot be watched: %s", words_of_errno(errno));
	enum fail_code code = FAIL_NONE;
	if ((ready & (POLLIN | POLLHUP | POLLERR)) != 0)
		code = receive(link, why);
	return code == FAIL_NONE ? flush(link, why) : code;
}

// Sends what waits, and sees whether a frame is there; if not, beats. Neither *ready nor a fault: go on waiting.
static enum fail_code look(struct link *link, bool *ready, struct fail *why)
{
	enum fail_code code = flush(link, why);
	*ready = code == FAIL_NONE && frame_waits(link, &code);
	if (*ready)
		return FAIL_NONE;
	if (code == FAIL_TOO_LARGE || code == FAIL_MALFORMED)
		return fail_set(why, code, "the hub's answer is not a frame");
	return code == FAIL_NONE ? beat(link, why) : code;
}

enum fail_code link_wait(struct link *link, int wait_ms, struct fail *why)
{
	uint64_t until = clock_steady() + (uint64_t)(wait_ms < 0 ? 0 : wait_ms);
	for (bool looked = false;; looked = true) {
		bool ready;
		enum fail_code code = look(link, &ready, why);
		if (ready || code != FAIL_NONE)
			return code;
		uint64_t now = clock_steady();
		if (looked && now >= until)
			return fail_set(why, FAIL_TIMED_OUT, "the hub did not answer in time");
		int left = now >= until ? 0 : (int)(until - now);
		int next = link_next_beat_ms(link);
		code = turn(link, left < next ? left : next, why);
		if (code != FAIL_NONE && !frame_waits(link, &(enum fail_code){FAIL_NONE}))
			return code;
	}
}

void link_agreed(struct link *link, uint32_t heartbeat_ms)
{
	link->heartbeat_ms = heartbeat_ms < 5000 ? 5000 : heartbeat_ms;
}

size_t link_unsent(const struct link *link)
{
	return link->cipher.length;
}

bool link_established(const struct link *link)
{
	return tls_channel_established(link->channel);
}

int link_fd(const struct link *link)
{
	return link->fd;
}
