// SPDX-License-Identifier: Apache-2.0
#include "base/words.h"
#include "wire/tls_context.h"

#include <openssl/x509_vfy.h>
#include <string.h>

struct text_row {
	int number;
	const char *text;
};

static const char *text_of(const struct text_row *rows, size_t count, int number)
{
	for (size_t i = 0; i < count; i++) {
		if (rows[i].number == number)
			return rows[i].text;
	}
	return NULL;
}

#define UNKNOWN_AUTHORITY "was issued by an unknown authority"

static const struct text_row verify_texts[] = {
	{X509_V_ERR_CERT_HAS_EXPIRED, "has expired"},
	{X509_V_ERR_CERT_NOT_YET_VALID, "is not valid yet: compare the clocks"},
	{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, UNKNOWN_AUTHORITY},
	{X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY, UNKNOWN_AUTHORITY},
	{X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, UNKNOWN_AUTHORITY},
	{X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN, UNKNOWN_AUTHORITY},
	{X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, UNKNOWN_AUTHORITY},
	{X509_V_ERR_CERT_SIGNATURE_FAILURE, UNKNOWN_AUTHORITY},
	{X509_V_ERR_INVALID_CA, UNKNOWN_AUTHORITY},
	{X509_V_ERR_CERT_CHAIN_TOO_LONG, "has more authorities above it than allowed"},
	{X509_V_ERR_PATH_LENGTH_EXCEEDED, "has more authorities above it than allowed"},
	{X509_V_ERR_HOSTNAME_MISMATCH, "is not for the name that was called"},
	{X509_V_ERR_IP_ADDRESS_MISMATCH, "is not for the address that was called"},
};

static const char *verify_text(int error, enum tls_side side)
{
	if (error == X509_V_ERR_INVALID_PURPOSE)
		return side == TLS_HUB ? "is not for clients" : "is not for hubs";
	const char *text = text_of(verify_texts, sizeof verify_texts / sizeof verify_texts[0], error);
	return text != NULL ? text : "is not in the form that is asked for";
}

enum fail_code tls_verify_fault(struct fail *why, const char *owner, const X509_STORE_CTX *store, enum tls_side side)
{
	const char *text = verify_text(X509_STORE_CTX_get_error(store), side);
	bool of_authority = X509_STORE_CTX_get_error_depth(store) > 0 && strcmp(text, UNKNOWN_AUTHORITY) != 0;
	return fail_set(why, FAIL_BAD_CERTIFICATE, "%s certificate%s %s", words_of(owner),
	                words_of(of_authority ? " has an authority whose certificate" : ""), words_of(text));
}

// Numbers of RFC 8446 6.2.
static const struct text_row alert_texts[] = {
	{40, "the peer found no common TLS parameters"},
	{42, "the peer refused our certificate"},
	{43, "the peer says that our certificate is not for this use"},
	{44, "the peer says that our certificate was revoked"},
	{45, "the peer says that our certificate has expired"},
	{46, "the peer refused our certificate"},
	{48, "the peer does not know the authority of our certificate"},
	{49, "the peer refused access to our certificate"},
	{70, "the peer does not speak TLS 1.3"},
	{116, "the peer asks for a certificate and got none"},
	{120, "the peer does not speak passerelle/1"},
};

const char *tls_alert_text(int alert)
{
	const char *text = text_of(alert_texts, sizeof alert_texts / sizeof alert_texts[0], alert);
	return text != NULL ? words_of(text) : NULL;
}
