// SPDX-License-Identifier: Apache-2.0
//
// The BIO under a channel: reads from the view that the caller handed in, writes
// into a buffer. OpenSSL's own memory BIOs would copy everything once more and
// never give memory back, which idle connections must.
#ifndef PASSERELLE_WIRE_TLS_PIPE_H
#define PASSERELLE_WIRE_TLS_PIPE_H

#include "base/bytes.h"

#include <openssl/bio.h>

struct tls_pipe {
	struct view in;    // what is left to read; borrowed for the length of a call
	struct bytes out;  // what must go to the peer
};

// NULL without memory; freed with BIO_meth_free.
BIO_METHOD *tls_pipe_method(void);

// A BIO on `pipe`, which must outlive it. NULL without memory.
BIO *tls_pipe_bio(BIO_METHOD *method, struct tls_pipe *pipe);

#endif
