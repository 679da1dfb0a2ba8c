// SPDX-License-Identifier: Apache-2.0
//
// Certificates as they come with a directory: what parses has an identity of our
// form and a key of our kinds, and signatures of any bytes are refused.
#include "seal/key.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct certificate *certificate;
	struct fail why = {0};
	if (certificate_parse(&certificate, view_of(data, size), &why) != FAIL_NONE) {
		must(certificate == NULL);
		return 0;
	}
	struct identity again;
	must(identity_from_uri(&again, certificate_identity(certificate)->uri) == FAIL_NONE);
	must(strcmp(again.code, certificate_identity(certificate)->code) == 0);
	must(view_equal(certificate_der(certificate), view_of(data, size)));
	struct view signature = view_of(data + size - (size < 64 ? size : 64), size < 64 ? size : 64);
	must(verify(certificate, "fuzz", view_of(data, size), signature) == FAIL_BAD_SIGNATURE);
	certificate_free(certificate);
	return 0;
}
