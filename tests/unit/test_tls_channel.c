// SPDX-License-Identifier: Apache-2.0
// links: passerelle_wire
#include "training.h"

#include "wire/frame.h"
#include "wire/tls_channel.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

struct fixture {
	struct training training;
	struct tls_context *client, *hub;
};

static struct tls_context *context_of(struct training *training, enum tls_side side, const char *name)
{
	struct tls_context *context;
	struct fail why = {0};
	struct tls_files files = {
		.trust = training_path(training, "ca/root", ".pem"),
		.certificate = training_path(training, name, ".crt"),
		.key = training_path(training, name, ".key"),
	};
	if (tls_context_new(&context, side, &files, &why) != FAIL_NONE)
		fail_msg("%s", why.text);
	return context;
}

static int set_up_all(void **state)
{
	struct fixture *fixture = calloc(1, sizeof *fixture);
	training_new(&fixture->training);
	training_issue(&fixture->training, "anna", "urn:iss:member:CH:caseworker:anna", "tls-client");
	training_issue(&fixture->training, "hub", "urn:iss:hub:GENEVA:tls:1", "tls-hub");
	fixture->client = context_of(&fixture->training, TLS_CLIENT, "anna");
	fixture->hub = context_of(&fixture->training, TLS_HUB, "hub");
	*state = fixture;
	return 0;
}

static int tear_down_all(void **state)
{
	struct fixture *fixture = *state;
	tls_context_unref(fixture->client);
	tls_context_unref(fixture->hub);
	training_free(&fixture->training);
	free(fixture);
	return 0;
}

// Two ends and the line between them.
struct side {
	struct tls_channel *channel;
	struct bytes sent;  // on its way to the other side
	struct bytes plain; // received
	enum tls_result result;
};

struct pair {
	struct side client, hub;
};

static void side_open(struct side *side, struct tls_context *context, const char *hub_name)
{
	side->channel = tls_channel_new(context, hub_name);
	assert_non_null(side->channel);
	bytes_init(&side->sent, 64 * 1024 * 1024);
	bytes_init(&side->plain, 64 * 1024 * 1024);
	side->result = TLS_OK;
}

static void side_close(struct side *side)
{
	tls_channel_free(side->channel);
	bytes_release(&side->sent);
	bytes_release(&side->plain);
}

static void open_pair(struct pair *pair, struct tls_context *client, struct tls_context *hub)
{
	side_open(&pair->client, client, "localhost");
	side_open(&pair->hub, hub, NULL);
}

static void close_pair(struct pair *pair)
{
	side_close(&pair->client);
	side_close(&pair->hub);
}

// Moves at most `step` bytes from one side to the other; false if nothing was there.
static bool carry(struct side *from, struct side *to, size_t step)
{
	assert_ok(tls_channel_output(from->channel, &from->sent));
	size_t count = from->sent.length < step ? from->sent.length : step;
	if (count == 0)
		return false;
	enum tls_result result = tls_channel_feed(to->channel, view_of(from->sent.data, count), &to->plain);
	if (to->result == TLS_OK)
		to->result = result;
	bytes_consume(&from->sent, count);
	return true;
}

static void carry_all(struct pair *pair, size_t step)
{
	bool moved = true;
	while (moved) {
		moved = carry(&pair->client, &pair->hub, step);
		moved = carry(&pair->hub, &pair->client, step) || moved;
	}
}

static void connect_pair(struct pair *pair, size_t step)
{
	assert_int_equal(tls_channel_start(pair->client.channel), TLS_OK);
	carry_all(pair, step);
}

static void assert_fault(const struct side *side, enum fail_code code, const char *words)
{
	struct fail why;
	assert_int_equal(side->result, TLS_FAILED);
	tls_channel_fault(side->channel, &why);
	if (strstr(why.text, words) == NULL)
		fail_msg("'%s' does not say '%s'", why.text, words);
	assert_int_equal(why.code, code);
}

static void assert_plain(const struct side *side, const char *expected)
{
	assert_true(view_equal(bytes_view(&side->plain), view_of_text(expected)));
}

static void both_ends_learn_who_the_other_is_and_speak(void **state)
{
	struct fixture *fixture = *state;
	struct pair pair;
	open_pair(&pair, fixture->client, fixture->hub);
	connect_pair(&pair, SIZE_MAX);
	assert_true(tls_channel_established(pair.client.channel));
	assert_true(tls_channel_established(pair.hub.channel));
	assert_string_equal(tls_channel_peer(pair.hub.channel)->uri, "urn:iss:member:CH:caseworker:anna");
	assert_string_equal(tls_channel_peer(pair.client.channel)->uri, "urn:iss:hub:GENEVA:tls:1");
	assert_int_equal(tls_channel_write(pair.client.channel, view_of_text("bonjour")), TLS_OK);
	assert_int_equal(tls_channel_write(pair.hub.channel, view_of_text("good day")), TLS_OK);
	carry_all(&pair, SIZE_MAX);
	assert_plain(&pair.hub, "bonjour");
	assert_plain(&pair.client, "good day");
	close_pair(&pair);
}

static void one_byte_at_a_time_works_as_well(void **state)
{
	struct fixture *fixture = *state;
	struct pair pair;
	open_pair(&pair, fixture->client, fixture->hub);
	assert_int_equal(tls_channel_write(pair.client.channel, view_of_text("bonjour")), TLS_OK);
	connect_pair(&pair, 1);
	assert_int_equal(tls_channel_write(pair.hub.channel, view_of_text("good day")), TLS_OK);
	carry_all(&pair, 1);
	assert_plain(&pair.hub, "bonjour");
	assert_plain(&pair.client, "good day");
	close_pair(&pair);
}

static void what_is_written_before_leaves_with_the_last_flight_of_the_client(void **state)
{
	struct fixture *fixture = *state;
	struct pair pair;
	open_pair(&pair, fixture->client, fixture->hub);
	assert_int_equal(tls_channel_write(pair.client.channel, view_of_text("hello")), TLS_OK);
	assert_int_equal(tls_channel_start(pair.client.channel), TLS_OK);
	assert_true(carry(&pair.client, &pair.hub, SIZE_MAX));
	assert_true(carry(&pair.hub, &pair.client, SIZE_MAX));
	assert_true(carry(&pair.client, &pair.hub, SIZE_MAX));
	assert_true(tls_channel_established(pair.hub.channel));
	assert_plain(&pair.hub, "hello");
	close_pair(&pair);
}

static void more_than_may_wait_for_the_handshake_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct pair pair;
	open_pair(&pair, fixture->client, fixture->hub);
	static const uint8_t piece[16 * 1024];
	for (int i = 0; i < 65; i++)
		assert_int_equal(tls_channel_write(pair.client.channel, view_of(piece, sizeof piece)), TLS_OK);
	assert_int_equal(tls_channel_write(pair.client.channel, view_of(piece, 1)), TLS_FAILED);
	close_pair(&pair);
}

static void the_hub_sends_no_tickets(void **state)
{
	struct fixture *fixture = *state;
	struct pair pair;
	open_pair(&pair, fixture->client, fixture->hub);
	assert_int_equal(tls_channel_start(pair.client.channel), TLS_OK);
	assert_true(carry(&pair.client, &pair.hub, SIZE_MAX));
	assert_true(carry(&pair.hub, &pair.client, SIZE_MAX));
	assert_true(carry(&pair.client, &pair.hub, SIZE_MAX));
	assert_true(tls_channel_established(pair.hub.channel));
	assert_false(carry(&pair.hub, &pair.client, SIZE_MAX));
	close_pair(&pair);
}

static void megabytes_go_both_ways_in_odd_pieces(void **state)
{
	struct fixture *fixture = *state;
	struct pair pair;
	enum { SIZE = 3 * 1024 * 1024 + 17, PIECE = 70001 };
	uint8_t *data = malloc(SIZE);
	assert_non_null(data);
	for (size_t i = 0; i < SIZE; i++)
		data[i] = (uint8_t)(i * 31 + i / 4096);
	open_pair(&pair, fixture->client, fixture->hub);
	connect_pair(&pair, SIZE_MAX);
	for (size_t at = 0; at < SIZE; at += PIECE) {
		size_t length = SIZE - at < PIECE ? SIZE - at : PIECE;
		assert_int_equal(tls_channel_write(pair.client.channel, view_of(data + at, length)), TLS_OK);
		assert_int_equal(tls_channel_write(pair.hub.channel, view_of(data + at, length)), TLS_OK);
		carry(&pair.client, &pair.hub, 33333);
		carry(&pair.hub, &pair.client, 22222);
	}
	carry_all(&pair, 65536);
	assert_int_equal(pair.hub.plain.length, SIZE);
	assert_memory_equal(pair.hub.plain.data, data, SIZE);
	assert_int_equal(pair.client.plain.length, SIZE);
	assert_memory_equal(pair.client.plain.data, data, SIZE);
	close_pair(&pair);
	free(data);
}

static void the_cap_of_the_receiver_is_honoured(void **state)
{
	struct fixture *fixture = *state;
	struct pair pair;
	open_pair(&pair, fixture->client, fixture->hub);
	connect_pair(&pair, SIZE_MAX);
	bytes_release(&pair.hub.plain);
	bytes_init(&pair.hub.plain, 10);
	assert_int_equal(tls_channel_write(pair.client.channel, view_of_text("0123456789")), TLS_OK);
	carry_all(&pair, SIZE_MAX);
	assert_int_equal(pair.hub.result, TLS_OK);
	assert_plain(&pair.hub, "0123456789");
	assert_int_equal(tls_channel_write(pair.client.channel, view_of_text("x")), TLS_OK);
	carry_all(&pair, SIZE_MAX);
	assert_fault(&pair.hub, FAIL_TOO_LARGE, "more bytes");
	close_pair(&pair);
}

static void goodbye_is_told_from_a_cut(void **state)
{
	struct fixture *fixture = *state;
	struct pair pair;
	open_pair(&pair, fixture->client, fixture->hub);
	connect_pair(&pair, SIZE_MAX);
	assert_int_equal(tls_channel_write(pair.client.channel, view_of_text("last words")), TLS_OK);
	tls_channel_close(pair.client.channel);
	carry_all(&pair, SIZE_MAX);
	assert_int_equal(pair.hub.result, TLS_CLOSED);
	assert_plain(&pair.hub, "last words");
	assert_int_equal(tls_channel_feed(pair.hub.channel, view_of_text("more"), &pair.hub.plain), TLS_CLOSED);
	close_pair(&pair);
}

static void a_stream_that_is_cut_anywhere_waits_and_says_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct pair pair;
	open_pair(&pair, fixture->client, fixture->hub);
	connect_pair(&pair, SIZE_MAX);
	assert_int_equal(tls_channel_write(pair.client.channel, view_of_text("bonjour")), TLS_OK);
	assert_ok(tls_channel_output(pair.client.channel, &pair.client.sent));
	assert_int_equal(tls_channel_feed(pair.hub.channel, view_of(pair.client.sent.data, pair.client.sent.length - 1),
	                                  &pair.hub.plain), TLS_OK);
	assert_int_equal(pair.hub.plain.length, 0);
	close_pair(&pair);
}

static void bytes_that_come_twice_are_found(void **state)
{
	struct fixture *fixture = *state;
	for (int established = 0; established < 2; established++) {
		struct pair pair;
		open_pair(&pair, fixture->client, fixture->hub);
		if (established)
			connect_pair(&pair, SIZE_MAX);
		assert_int_equal(tls_channel_write(pair.client.channel, view_of_text("bonjour")), TLS_OK);
		if (!established)
			assert_int_equal(tls_channel_start(pair.client.channel), TLS_OK);
		assert_ok(tls_channel_output(pair.client.channel, &pair.client.sent));
		struct view once = bytes_view(&pair.client.sent);
		assert_int_equal(tls_channel_feed(pair.hub.channel, once, &pair.hub.plain), TLS_OK);
		pair.hub.result = tls_channel_feed(pair.hub.channel, once, &pair.hub.plain);
		assert_fault(&pair.hub, FAIL_MALFORMED, "not the TLS");
		assert_plain(&pair.hub, established ? "bonjour" : "");
		close_pair(&pair);
	}
}

static void a_flipped_bit_is_found_wherever_it_is(void **state)
{
	struct fixture *fixture = *state;
	for (size_t at = 0; at < 29; at += 4) {
		struct pair pair;
		open_pair(&pair, fixture->client, fixture->hub);
		connect_pair(&pair, SIZE_MAX);
		assert_int_equal(tls_channel_write(pair.client.channel, view_of_text("bonjour")), TLS_OK);
		assert_ok(tls_channel_output(pair.client.channel, &pair.client.sent));
		assert_int_equal(pair.client.sent.length, 29);
		pair.client.sent.data[at] ^= 1;
		carry_all(&pair, SIZE_MAX);
		assert_int_equal(pair.hub.plain.length, 0);
		if (at != 4) // a longer record waits for its end
			assert_int_equal(pair.hub.result, TLS_FAILED);
		close_pair(&pair);
	}
}

static void garbage_gets_an_alert_and_a_text(void **state)
{
	struct fixture *fixture = *state;
	static const char *const inputs[] = {"GET / HTTP/1.1\r\nHost: hub\r\n\r\n", "\x16\x03\x01\xff\xff\x01", "\x15\x03\x03\0\2\1\2",
	                                     "SSH-2.0-OpenSSH_9.2\r\n"};
	static const size_t lengths[] = {29, 6, 7, 21};
	for (int i = 0; i < 4; i++) {
		struct pair pair;
		open_pair(&pair, fixture->client, fixture->hub);
		pair.hub.result = tls_channel_feed(pair.hub.channel, view_of(inputs[i], lengths[i]), &pair.hub.plain);
		assert_fault(&pair.hub, FAIL_MALFORMED, "not the TLS");
		assert_int_equal(tls_channel_feed(pair.hub.channel, view_of_text("x"), &pair.hub.plain), TLS_FAILED);
		assert_int_equal(tls_channel_write(pair.hub.channel, view_of_text("x")), TLS_FAILED);
		close_pair(&pair);
	}
}

// A client with a certificate of this name against the hub; what the hub says.
static void assert_client_refused(struct fixture *fixture, const char *name, const char *words, const char *told)
{
	struct tls_context *client = context_of(&fixture->training, TLS_CLIENT, name);
	struct pair pair;
	open_pair(&pair, client, fixture->hub);
	assert_int_equal(tls_channel_write(pair.client.channel, view_of_text("hello")), TLS_OK);
	connect_pair(&pair, SIZE_MAX);
	assert_fault(&pair.hub, FAIL_BAD_CERTIFICATE, words);
	assert_false(tls_channel_established(pair.hub.channel));
	assert_int_equal(pair.hub.plain.length, 0);
	assert_fault(&pair.client, FAIL_BAD_CERTIFICATE, told);
	close_pair(&pair);
	tls_context_unref(client);
}

#define CLIENT_USAGE "critical,digitalSignature"
#define CLIENT_EXTENDED "critical,clientAuth"
enum { DAY = 86400 };

struct refusal {
	const char *name;
	struct forgery forgery;
	const char *words, *told;
};

static void clients_with_a_wrong_certificate_are_refused_with_the_reason(void **state)
{
	struct fixture *fixture = *state;
	static const struct refusal refusals[] = {
		{"without-extended-usage",
		 {"urn:iss:member:CH:caseworker:anna", "M1", CLIENT_USAGE, NULL, -DAY, DAY}, "usage is not that for a TLS client", "not for this use"},
		{"for-hubs",
		 {"urn:iss:member:CH:caseworker:anna", "M1", CLIENT_USAGE, "critical,serverAuth", -DAY, DAY}, "is not for clients", "not for this use"},
		{"for-both",
		 {"urn:iss:member:CH:caseworker:anna", "M1", CLIENT_USAGE, "critical,clientAuth,serverAuth", -DAY, DAY}, "usage is not that for a TLS client", "not for this use"},
		{"expired",
		 {"urn:iss:member:CH:caseworker:anna", "M1", CLIENT_USAGE, CLIENT_EXTENDED, -2 * DAY, -DAY}, "the peer's certificate has expired", "has expired"},
		{"of-tomorrow",
		 {"urn:iss:member:CH:caseworker:anna", "M1", CLIENT_USAGE, CLIENT_EXTENDED, DAY, 2 * DAY}, "is not valid yet", "refused our certificate"},
		{"agency-by-m1",
		 {"urn:iss:agency:UNICEF-SN:desk:d1", "M1", CLIENT_USAGE, CLIENT_EXTENDED, -DAY, DAY}, "not issued for a TLS client", "not for this use"},
		{"member-by-a1",
		 {"urn:iss:member:CH:caseworker:anna", "A1", CLIENT_USAGE, CLIENT_EXTENDED, -DAY, DAY}, "not issued for a TLS client", "not for this use"},
		{"member-by-s1",
		 {"urn:iss:member:CH:caseworker:anna", "S1", CLIENT_USAGE, CLIENT_EXTENDED, -DAY, DAY}, "not issued for a TLS client", "not for this use"},
		{"hub-as-client",
		 {"urn:iss:hub:GENEVA:tls:1", "H1", CLIENT_USAGE, CLIENT_EXTENDED, -DAY, DAY}, "not issued for a TLS client", "not for this use"},
		{"without-uri",
		 {NULL, "M1", CLIENT_USAGE, CLIENT_EXTENDED, -DAY, DAY}, "exactly one URI", "not for this use"},
		{"two-uris",
		 {"urn:iss:member:CH:caseworker:anna,URI:urn:iss:member:SN:caseworker:awa", "M1", CLIENT_USAGE, CLIENT_EXTENDED, -DAY, DAY}, "exactly one URI", "not for this use"},
		{"for-agreement",
		 {"urn:iss:member:CH:caseworker:anna", "M1", "critical,digitalSignature,keyAgreement", CLIENT_EXTENDED, -DAY, DAY}, "usage is not that for a TLS client", "not for this use"},
	};
	for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
		training_forge(&fixture->training, refusals[i].name, &refusals[i].forgery);
		assert_client_refused(fixture, refusals[i].name, refusals[i].words, refusals[i].told);
	}
}

static void an_agency_of_a1_is_let_in_as_such(void **state)
{
	struct fixture *fixture = *state;
	training_issue(&fixture->training, "desk", "urn:iss:agency:UNICEF-SN:desk:d1", "tls-client");
	struct tls_context *client = context_of(&fixture->training, TLS_CLIENT, "desk");
	struct pair pair;
	open_pair(&pair, client, fixture->hub);
	connect_pair(&pair, SIZE_MAX);
	assert_true(tls_channel_established(pair.hub.channel));
	assert_int_equal(tls_channel_peer(pair.hub.channel)->class, IDENTITY_AGENCY);
	close_pair(&pair);
	tls_context_unref(client);
}

static void another_root_is_an_unknown_authority_to_both_ends(void **state)
{
	struct fixture *fixture = *state;
	struct training other;
	training_new(&other);
	training_issue(&other, "anna", "urn:iss:member:CH:caseworker:anna", "tls-client");
	struct tls_context *client = context_of(&other, TLS_CLIENT, "anna");
	struct pair pair;
	open_pair(&pair, client, fixture->hub);
	connect_pair(&pair, SIZE_MAX);
	assert_fault(&pair.client, FAIL_BAD_CERTIFICATE, "was issued by an unknown authority");
	assert_fault(&pair.hub, FAIL_BAD_CERTIFICATE, "does not know the authority of our certificate");
	close_pair(&pair);
	tls_context_unref(client);

	// The other's certificate with our trust: now it is the hub that refuses.
	struct fail why;
	struct tls_files mixed = {training_path(&fixture->training, "ca/root", ".pem"), training_path(&other, "anna", ".crt"),
	                          training_path(&other, "anna", ".key"), NULL};
	assert_ok(tls_context_new(&client, TLS_CLIENT, &mixed, &why));
	struct identity identity;
	assert_int_equal(tls_context_check(client, &identity, &why), FAIL_BAD_CERTIFICATE);
	assert_non_null(strstr(why.text, "unknown authority"));
	open_pair(&pair, client, fixture->hub);
	connect_pair(&pair, SIZE_MAX);
	assert_fault(&pair.hub, FAIL_BAD_CERTIFICATE, "the peer's certificate was issued by an unknown authority");
	close_pair(&pair);
	tls_context_unref(client);
	training_free(&other);
}

static void a_hub_under_another_name_or_address_is_refused(void **state)
{
	struct fixture *fixture = *state;
	static const char *const wrong[] = {"hub.elsewhere", "192.0.2.1", "example", "2001:db8::1"};
	for (int i = 0; i < 4; i++) {
		struct pair pair;
		side_open(&pair.client, fixture->client, wrong[i]);
		side_open(&pair.hub, fixture->hub, NULL);
		connect_pair(&pair, SIZE_MAX);
		assert_fault(&pair.client, FAIL_BAD_CERTIFICATE, "that was called");
		close_pair(&pair);
	}
	static const char *const right[] = {"hub.example", "127.0.0.1", "::1"};
	for (int i = 0; i < 3; i++) {
		struct pair pair;
		side_open(&pair.client, fixture->client, right[i]);
		side_open(&pair.hub, fixture->hub, NULL);
		connect_pair(&pair, SIZE_MAX);
		assert_true(tls_channel_established(pair.client.channel));
		close_pair(&pair);
	}
}

static void a_member_cannot_play_the_hub(void **state)
{
	struct fixture *fixture = *state;
	struct forgery forgery =
		{"urn:iss:member:CH:caseworker:anna", "M1", CLIENT_USAGE, "critical,serverAuth", -DAY, DAY};
	training_forge(&fixture->training, "false-hub", &forgery);
	struct tls_context *hub = context_of(&fixture->training, TLS_HUB, "false-hub");
	struct pair pair;
	open_pair(&pair, fixture->client, hub);
	assert_int_equal(tls_channel_write(pair.client.channel, view_of_text("hello")), TLS_OK);
	connect_pair(&pair, SIZE_MAX);
	assert_fault(&pair.client, FAIL_BAD_CERTIFICATE, "not issued for a hub");
	assert_int_equal(pair.hub.plain.length, 0);
	close_pair(&pair);
	tls_context_unref(hub);
}

// A client made by hand, for what our own would not do.
struct stranger {
	SSL_CTX *context;
	SSL *ssl;
	BIO *in, *out;
};

static void stranger_open(struct stranger *stranger, int version, bool with_protocol)
{
	stranger->context = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_max_proto_version(stranger->context, version);
	stranger->ssl = SSL_new(stranger->context);
	stranger->in = BIO_new(BIO_s_mem());
	stranger->out = BIO_new(BIO_s_mem());
	SSL_set_bio(stranger->ssl, stranger->in, stranger->out);
	SSL_set_connect_state(stranger->ssl);
	if (with_protocol)
		assert_int_equal(SSL_set_alpn_protos(stranger->ssl, (const unsigned char *)"\014passerelle/1", 13), 0);
}

static void stranger_meets(struct stranger *stranger, struct side *hub)
{
	for (int i = 0; i < 4; i++) {
		ERR_clear_error();
		(void)SSL_do_handshake(stranger->ssl);
		char *data;
		long length = BIO_get_mem_data(stranger->out, &data);
		if (length > 0 && hub->result == TLS_OK)
			hub->result = tls_channel_feed(hub->channel, view_of(data, (size_t)length), &hub->plain);
		(void)BIO_reset(stranger->out);
		assert_ok(tls_channel_output(hub->channel, &hub->sent));
		if (hub->sent.length > 0)
			assert_int_equal(BIO_write(stranger->in, hub->sent.data, (int)hub->sent.length), hub->sent.length);
		bytes_clear(&hub->sent);
	}
	ERR_clear_error();
}

static void stranger_close(struct stranger *stranger)
{
	SSL_free(stranger->ssl);
	SSL_CTX_free(stranger->context);
}

static void a_client_without_certificate_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct stranger stranger;
	struct side hub;
	side_open(&hub, fixture->hub, NULL);
	stranger_open(&stranger, TLS1_3_VERSION, true);
	stranger_meets(&stranger, &hub);
	assert_fault(&hub, FAIL_BAD_CERTIFICATE, "the peer showed no certificate");
	stranger_close(&stranger);
	side_close(&hub);
}

static void older_tls_and_other_protocols_are_refused(void **state)
{
	struct fixture *fixture = *state;
	struct stranger stranger;
	struct side hub;
	side_open(&hub, fixture->hub, NULL);
	stranger_open(&stranger, TLS1_2_VERSION, true);
	stranger_meets(&stranger, &hub);
	assert_fault(&hub, FAIL_MALFORMED, "unsupported protocol");
	stranger_close(&stranger);
	side_close(&hub);

	side_open(&hub, fixture->hub, NULL);
	stranger_open(&stranger, TLS1_3_VERSION, false);
	struct training *training = &fixture->training;
	SSL_use_certificate_file(stranger.ssl, training_path(training, "anna", ".crt"), SSL_FILETYPE_PEM);
	SSL_use_PrivateKey_file(stranger.ssl, training_path(training, "anna", ".key"), SSL_FILETYPE_PEM);
	X509 *issuer = training_read(training, "ca/M1", ".crt", false);
	assert_int_equal(SSL_add0_chain_cert(stranger.ssl, issuer), 1);
	stranger_meets(&stranger, &hub);
	assert_fault(&hub, FAIL_UNSUPPORTED, "does not speak passerelle/1");
	assert_false(tls_channel_established(hub.channel));
	stranger_close(&stranger);
	side_close(&hub);
}

struct bad_files {
	const char *trust, *certificate, *key, *words;
	enum fail_code code;
};

static void a_context_says_which_file_is_at_fault(void **state)
{
	struct fixture *fixture = *state;
	struct training *training = &fixture->training;
	static const struct bad_files rows[] = {
		{"nowhere", "anna.crt", "anna.key", "nowhere", FAIL_NO_FILE},
		{"ca/root.pem", "nowhere", "anna.key", "nowhere", FAIL_NO_FILE},
		{"ca/root.pem", "anna.crt", "nowhere", "nowhere", FAIL_NO_FILE},
		{"ca/M1.crt", "anna.crt", "anna.key", "M1.crt", FAIL_BAD_CERTIFICATE},
		{"anna.key", "anna.crt", "anna.key", "anna.key", FAIL_BAD_CERTIFICATE},
		{"ca/root.pem", "anna.key", "anna.key", "anna.key", FAIL_BAD_CERTIFICATE},
		{"ca/root.pem", "anna.crt", "hub.key", "hub.key", FAIL_BAD_CERTIFICATE},
		{"ca/root.pem", "anna.crt", "anna.crt", "anna.crt", FAIL_BAD_CERTIFICATE},
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct tls_files files = {training_path(training, rows[i].trust, ""), training_path(training, rows[i].certificate, ""),
		                          training_path(training, rows[i].key, ""), NULL};
		struct tls_context *context;
		struct fail why = {0};
		assert_int_equal(tls_context_new(&context, TLS_CLIENT, &files, &why), rows[i].code);
		assert_null(context);
		assert_int_equal(why.code, rows[i].code);
		assert_non_null(strstr(why.text, rows[i].words));
	}
}

static void an_encrypted_key_opens_with_its_passphrase_only(void **state)
{
	struct fixture *fixture = *state;
	struct training *training = &fixture->training;
	const char *const encrypt[] = {"openssl", "pkcs8", "-topk8", "-scrypt", "-in", training_path(training, "anna", ".key"), "-out",
	                               training_path(training, "locked", ".key"), "-passout", "pass:right", NULL};
	assert_int_equal(training_run(encrypt), 0);
	static const char *const passphrases[] = {"right", "wrong", NULL};
	for (int i = 0; i < 3; i++) {
		struct tls_files files = {training_path(training, "ca/root", ".pem"), training_path(training, "anna", ".crt"),
		                          training_path(training, "locked", ".key"), NULL};
		struct tls_context *context;
		struct fail why = {0};
		assert_ok(key_lock_new(&files.lock, passphrases[i], &why));
		assert_int_equal(tls_context_new(&context, TLS_CLIENT, &files, &why), i == 0 ? FAIL_NONE : FAIL_BAD_PASSPHRASE);
		tls_context_unref(context);
		key_lock_free(files.lock);
	}
}

static void a_context_checks_its_own_certificate(void **state)
{
	struct fixture *fixture = *state;
	struct identity identity;
	struct fail why;
	assert_ok(tls_context_check(fixture->hub, &identity, &why));
	assert_string_equal(identity.uri, "urn:iss:hub:GENEVA:tls:1");
	assert_ok(tls_context_check(fixture->client, &identity, &why));
	assert_string_equal(identity.code, "CH");
	struct forgery forgery = {"urn:iss:hub:GENEVA:tls:1", "H1", CLIENT_USAGE, "critical,serverAuth", -2 * DAY, -DAY};
	training_forge(&fixture->training, "old-hub", &forgery);
	struct tls_context *old = context_of(&fixture->training, TLS_HUB, "old-hub");
	assert_int_equal(tls_context_check(old, &identity, &why), FAIL_BAD_CERTIFICATE);
	assert_string_equal(why.text, "our certificate has expired");
	tls_context_unref(old);
	struct tls_context *swapped = context_of(&fixture->training, TLS_HUB, "anna");
	assert_int_equal(tls_context_check(swapped, &identity, &why), FAIL_BAD_CERTIFICATE);
	tls_context_unref(swapped);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_ends_learn_who_the_other_is_and_speak),
		cmocka_unit_test(one_byte_at_a_time_works_as_well),
		cmocka_unit_test(what_is_written_before_leaves_with_the_last_flight_of_the_client),
		cmocka_unit_test(more_than_may_wait_for_the_handshake_is_refused),
		cmocka_unit_test(the_hub_sends_no_tickets),
		cmocka_unit_test(megabytes_go_both_ways_in_odd_pieces),
		cmocka_unit_test(the_cap_of_the_receiver_is_honoured),
		cmocka_unit_test(goodbye_is_told_from_a_cut),
		cmocka_unit_test(a_stream_that_is_cut_anywhere_waits_and_says_nothing),
		cmocka_unit_test(bytes_that_come_twice_are_found),
		cmocka_unit_test(a_flipped_bit_is_found_wherever_it_is),
		cmocka_unit_test(garbage_gets_an_alert_and_a_text),
		cmocka_unit_test(clients_with_a_wrong_certificate_are_refused_with_the_reason),
		cmocka_unit_test(an_agency_of_a1_is_let_in_as_such),
		cmocka_unit_test(another_root_is_an_unknown_authority_to_both_ends),
		cmocka_unit_test(a_hub_under_another_name_or_address_is_refused),
		cmocka_unit_test(a_member_cannot_play_the_hub),
		cmocka_unit_test(a_client_without_certificate_is_refused),
		cmocka_unit_test(older_tls_and_other_protocols_are_refused),
		cmocka_unit_test(a_context_says_which_file_is_at_fault),
		cmocka_unit_test(an_encrypted_key_opens_with_its_passphrase_only),
		cmocka_unit_test(a_context_checks_its_own_certificate),
	};
	return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
