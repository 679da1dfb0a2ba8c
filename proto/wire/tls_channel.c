// SPDX-License-Identifier: Apache-2.0
#include "wire/tls_channel.h"

#include "wire/certificate_profile.h"
#include "wire/tls_context.h"
#include "wire/tls_pipe.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

enum {
	MAX_WAITING = 1024 * 1024 + 16 * 1024, // plain bytes before the handshake is done
	MAX_OUTPUT = 20 * 1024 * 1024,         // a session closes long before
	RECORD = 16 * 1024,
	LEAST_ROOM = 2048,
	KEEP_OUTPUT = 2048,                    // bytes of memory that an idle channel keeps
	MAX_HOST_NAME = 254,                   // RFC 1035, with NUL
	ALERT_REASON = 1000,                   // OpenSSL: reason of an alert = its number + 1000
};

struct tls_channel {
	struct tls_context *context;
	SSL *ssl;
	struct tls_pipe pipe;
	struct bytes waiting;
	struct identity peer;
	struct fail fault;
	bool established, closed, failed;
};

// The name or address that the hub's certificate must carry; an address is not sent.
static bool expect_hub(SSL *ssl, const char *name)
{
	char sent[MAX_HOST_NAME]; // OpenSSL's macro takes no const
	X509_VERIFY_PARAM *expected = SSL_get0_param(ssl);
	X509_VERIFY_PARAM_set_hostflags(expected,
	                                X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
	bool is_address = X509_VERIFY_PARAM_set1_ip_asc(expected, name) == 1;
	ERR_clear_error();
	if (is_address)
		return true;
	size_t length = strlen(name);
	if (length == 0 || length >= sizeof sent)
		return false;
	memcpy(sent, name, length + 1);
	return X509_VERIFY_PARAM_set1_host(expected, sent, length) == 1 && SSL_set_tlsext_host_name(ssl, sent) == 1;
}

static bool fill(struct tls_channel *channel, const char *hub_name)
{
	channel->ssl = SSL_new(channel->context->ssl);
	BIO *bio = channel->ssl != NULL ? tls_pipe_bio(channel->context->pipe, &channel->pipe) : NULL;
	if (bio == NULL)
		return false;
	SSL_set_bio(channel->ssl, bio, bio);
	must(SSL_set_app_data(channel->ssl, channel) == 1);
	if (channel->context->side == TLS_HUB) {
		SSL_set_accept_state(channel->ssl);
		return true;
	}
	SSL_set_connect_state(channel->ssl);
	return expect_hub(channel->ssl, hub_name);
}

struct tls_channel *tls_channel_new(struct tls_context *context, const char *hub_name)
{
	struct tls_channel *channel = calloc(1, sizeof *channel);
	if (channel == NULL)
		return NULL;
	tls_context_ref(context);
	channel->context = context;
	bytes_init(&channel->pipe.out, MAX_OUTPUT);
	bytes_init(&channel->waiting, MAX_WAITING);
	if (fill(channel, hub_name))
		return channel;
	tls_channel_free(channel);
	return NULL;
}

void tls_channel_free(struct tls_channel *channel)
{
	if (channel == NULL)
		return;
	SSL_free(channel->ssl);
	bytes_wipe(&channel->waiting);
	bytes_release(&channel->pipe.out);
	tls_context_unref(channel->context);
	free(channel);
}

// The first fault is kept: what follows is only its echo.
static enum tls_result fail_with(struct tls_channel *channel, enum fail_code code, const char *what, const char *more)
{
	if (channel->fault.code == FAIL_NONE)
		fail_set(&channel->fault, code, "%s%s", what, more);
	channel->failed = true;
	return TLS_FAILED;
}

int tls_channel_verify(X509_STORE_CTX *store, void *unused)
{
	(void)unused;
	SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls_channel *channel = SSL_get_app_data(ssl);
	enum tls_side side = channel->context->side;
	if (X509_verify_cert(store) != 1) {
		tls_verify_fault(&channel->fault, "the peer's", store, side);
		return 0;
	}
	enum fail_code code = certificate_profile_check(&channel->peer, X509_STORE_CTX_get0_chain(store),
	                                                side == TLS_HUB ? USE_TLS_CLIENT : USE_TLS_HUB, &channel->fault);
	if (code == FAIL_NONE)
		return 1;
	X509_STORE_CTX_set_error(store, X509_V_ERR_INVALID_PURPOSE); // becomes the alert
	return 0;
}

#define NOT_OUR_TLS "not the TLS that is spoken here"

// What OpenSSL's error queue says, as a person would.
static enum tls_result fail_from_queue(struct tls_channel *channel)
{
	unsigned long error = ERR_peek_error();
	int reason = ERR_GET_REASON(error);
	const char *alert = reason >= ALERT_REASON ? tls_alert_text(reason - ALERT_REASON) : NULL;
	enum tls_result result;
	if (alert != NULL)
		result = fail_with(channel, FAIL_BAD_CERTIFICATE, alert, "");
	else if (reason == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE)
		result = fail_with(channel, FAIL_BAD_CERTIFICATE, "the peer showed no certificate", "");
	else if (reason == ERR_R_MALLOC_FAILURE)
		result = fail_with(channel, FAIL_NO_MEMORY, "no memory for TLS", "");
	else if (ERR_reason_error_string(error) != NULL)
		result = fail_with(channel, FAIL_MALFORMED, NOT_OUR_TLS ": ", ERR_reason_error_string(error));
	else
		result = fail_with(channel, FAIL_MALFORMED, NOT_OUR_TLS, "");
	ERR_clear_error();
	return result;
}

// Meaning of a return value <= 0 of an SSL_ call.
static enum tls_result judge(struct tls_channel *channel, int returned)
{
	switch (SSL_get_error(channel->ssl, returned)) {
	case SSL_ERROR_WANT_READ:
		return TLS_OK;
	case SSL_ERROR_ZERO_RETURN:
		channel->closed = true;
		return TLS_CLOSED;
	default:
		return fail_from_queue(channel);
	}
}

static enum tls_result write_out(struct tls_channel *channel, struct view plain)
{
	while (plain.length > 0) {
		size_t written = 0;
		ERR_clear_error();
		int returned = SSL_write_ex(channel->ssl, plain.data, plain.length, &written);
		if (returned != 1)
			return channel->pipe.out.length + RECORD > MAX_OUTPUT
			           ? fail_with(channel, FAIL_TOO_LARGE, "more unsent bytes than a connection may have", "")
			           : fail_from_queue(channel);
		plain = view_of(plain.data + written, plain.length - written);
	}
	return TLS_OK;
}

static enum tls_result handshake_done(struct tls_channel *channel)
{
	const unsigned char *protocol;
	unsigned length;
	SSL_get0_alpn_selected(channel->ssl, &protocol, &length);
	if (length == 0)
		return fail_with(channel, FAIL_UNSUPPORTED, "the peer does not speak passerelle/1", "");
	channel->established = true;
	enum tls_result result = write_out(channel, bytes_view(&channel->waiting));
	bytes_wipe(&channel->waiting);
	return result;
}

static enum tls_result shake_hands(struct tls_channel *channel)
{
	ERR_clear_error();
	int returned = SSL_do_handshake(channel->ssl);
	return returned == 1 ? handshake_done(channel) : judge(channel, returned);
}

// At the cap of `plain` one more byte is one too many.
static enum tls_result read_beyond(struct tls_channel *channel)
{
	uint8_t beyond;
	size_t count = 0;
	ERR_clear_error();
	int returned = SSL_read_ex(channel->ssl, &beyond, 1, &count);
	if (returned != 1)
		return judge(channel, returned);
	return fail_with(channel, FAIL_TOO_LARGE, "more bytes than this connection may hold", "");
}

static enum tls_result read_in(struct tls_channel *channel, size_t want, struct bytes *plain)
{
	for (;;) {
		size_t left = plain->cap - plain->length;
		if (left == 0)
			return read_beyond(channel);
		size_t room = want < left ? want : left;
		uint8_t *to = bytes_room(plain, room);
		if (to == NULL)
			return fail_with(channel, FAIL_NO_MEMORY, "no memory for TLS", "");
		size_t count = 0;
		ERR_clear_error();
		int returned = SSL_read_ex(channel->ssl, to, room, &count);
		if (returned != 1)
			return judge(channel, returned);
		bytes_added(plain, count);
	}
}

enum tls_result tls_channel_feed(struct tls_channel *channel, struct view cipher, struct bytes *plain)
{
	if (channel->failed)
		return TLS_FAILED;
	if (channel->closed)
		return TLS_CLOSED;
	channel->pipe.in = cipher;
	size_t want = cipher.length < LEAST_ROOM ? LEAST_ROOM : cipher.length < RECORD ? cipher.length : RECORD;
	enum tls_result result = TLS_OK;
	if (!channel->established)
		result = shake_hands(channel);
	if (result == TLS_OK && channel->established)
		result = read_in(channel, want, plain);
	channel->pipe.in = view_of(NULL, 0);
	return result;
}

enum tls_result tls_channel_write(struct tls_channel *channel, struct view plain)
{
	if (channel->failed)
		return TLS_FAILED;
	if (channel->established)
		return write_out(channel, plain);
	enum fail_code code = bytes_append(&channel->waiting, plain.data, plain.length);
	if (code == FAIL_NONE)
		return TLS_OK;
	return fail_with(channel, code, "more bytes than may wait for the handshake", "");
}

enum tls_result tls_channel_start(struct tls_channel *channel)
{
	return channel->context->side == TLS_CLIENT ? shake_hands(channel) : TLS_OK;
}

void tls_channel_close(struct tls_channel *channel)
{
	if (channel->failed || !channel->established)
		return;
	ERR_clear_error();
	(void)SSL_shutdown(channel->ssl); // sends ours; nobody waits for the peer's
	ERR_clear_error();
}

// An empty receiver gets the buffer itself, without a copy.
static bool hand_over(struct bytes *from, struct bytes *to)
{
	if (to->length > 0 || from->capacity > to->cap)
		return false;
	struct bytes emptied = {.data = to->data, .capacity = to->capacity, .cap = from->cap};
	if (emptied.capacity > emptied.cap)
		return false;
	*to = (struct bytes){.data = from->data, .length = from->length, .capacity = from->capacity, .cap = to->cap};
	*from = emptied;
	return true;
}

enum fail_code tls_channel_output(struct tls_channel *channel, struct bytes *cipher)
{
	struct bytes *out = &channel->pipe.out;
	if (out->length == 0)
		return FAIL_NONE;
	if (!hand_over(out, cipher)) {
		enum fail_code code = bytes_append(cipher, out->data, out->length);
		if (code != FAIL_NONE)
			return code;
		bytes_clear(out);
	}
	if (out->capacity > KEEP_OUTPUT)
		bytes_release(out);
	return FAIL_NONE;
}

bool tls_channel_established(const struct tls_channel *channel)
{
	return channel->established;
}

void tls_channel_fault(const struct tls_channel *channel, struct fail *why)
{
	*why = channel->fault;
}

const struct identity *tls_channel_peer(const struct tls_channel *channel)
{
	return &channel->peer;
}
