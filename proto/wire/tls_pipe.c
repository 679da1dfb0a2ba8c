// SPDX-License-Identifier: Apache-2.0
#include "wire/tls_pipe.h"

#include <string.h>

static int pipe_read(BIO *bio, char *data, size_t size, size_t *count)
{
	struct tls_pipe *pipe = BIO_get_data(bio);
	BIO_clear_retry_flags(bio);
	*count = size < pipe->in.length ? size : pipe->in.length;
	if (*count == 0) {
		BIO_set_retry_read(bio);
		return 0;
	}
	memcpy(data, pipe->in.data, *count);
	pipe->in = view_of(pipe->in.data + *count, pipe->in.length - *count);
	return 1;
}

static int pipe_write(BIO *bio, const char *data, size_t size, size_t *count)
{
	struct tls_pipe *pipe = BIO_get_data(bio);
	BIO_clear_retry_flags(bio);
	*count = 0;
	if (bytes_append(&pipe->out, data, size) != FAIL_NONE)
		return 0;
	*count = size;
	return 1;
}

static long pipe_control(BIO *bio, int command, long number, void *argument)
{
	(void)bio;
	(void)number;
	(void)argument;
	return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD *tls_pipe_method(void)
{
	BIO_METHOD *method = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "passerelle pipe");
	if (method != NULL && BIO_meth_set_read_ex(method, pipe_read) == 1 &&
	    BIO_meth_set_write_ex(method, pipe_write) == 1 && BIO_meth_set_ctrl(method, pipe_control) == 1)
		return method;
	BIO_meth_free(method);
	return NULL;
}

BIO *tls_pipe_bio(BIO_METHOD *method, struct tls_pipe *pipe)
{
	BIO *bio = BIO_new(method);
	if (bio == NULL)
		return NULL;
	BIO_set_data(bio, pipe);
	BIO_set_init(bio, 1);
	return bio;
}
