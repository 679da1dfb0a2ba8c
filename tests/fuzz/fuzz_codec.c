// SPDX-License-Identifier: Apache-2.0
// links: passerelle_wire
//
// Every decoder on the same bytes. What a decoder takes, the encoder can write;
// that is taken again and written to the same bytes.
#include "fuzz.h"

#include "wire/codec.h"
#include "wire/frame.h"

// Decodes `in` and encodes the result behind `out`.
typedef enum fail_code again(struct view in, struct bytes *out, struct arena *arena);

static enum fail_code frame_again(struct view in, struct bytes *out, struct arena *arena)
{
	struct frame frame;
	struct fail why;
	enum fail_code code = frame_decode(&frame, in, arena, &why);
	if (code != FAIL_NONE)
		return code;
	must(frame_encode(&frame, out) == FAIL_NONE);
	must(read_u32be(out->data) == out->length - FRAME_HEAD);
	bytes_consume(out, FRAME_HEAD);
	return FAIL_NONE;
}

static enum fail_code header_again(struct view in, struct bytes *out, struct arena *arena)
{
	struct header header;
	struct fail why;
	enum fail_code code = header_decode(&header, in, arena, &why);
	if (code == FAIL_NONE)
		must(header_encode(&header, out) == FAIL_NONE);
	return code;
}

static enum fail_code envelope_again(struct view in, struct bytes *out, struct arena *arena)
{
	struct envelope envelope;
	struct fail why;
	enum fail_code code = envelope_decode(&envelope, in, arena, &why);
	if (code == FAIL_NONE)
		must(envelope_encode(&envelope, out) == FAIL_NONE);
	return code;
}

static enum fail_code statement_again(struct view in, struct bytes *out, struct arena *arena)
{
	struct hub_statement statement;
	struct fail why;
	enum fail_code code = statement_decode(&statement, in, arena, &why);
	if (code == FAIL_NONE)
		must(statement_encode(&statement, out) == FAIL_NONE);
	return code;
}

static enum fail_code receipt_again(struct view in, struct bytes *out, struct arena *arena)
{
	struct hub_receipt receipt;
	struct fail why;
	enum fail_code code = receipt_decode(&receipt, in, arena, &why);
	if (code == FAIL_NONE)
		must(receipt_encode(&receipt, out) == FAIL_NONE);
	return code;
}

static again *const decoders[] = {frame_again, header_again, envelope_again, statement_again, receipt_again};

static void try_decoder(again *decoder, struct view in)
{
	struct arena arena;
	struct bytes once, twice;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	bytes_init(&once, FRAME_HEAD + FRAME_MAX);
	bytes_init(&twice, FRAME_HEAD + FRAME_MAX);
	if (decoder(in, &once, &arena) == FAIL_NONE) {
		arena_release(&arena);
		must(decoder(bytes_view(&once), &twice, &arena) == FAIL_NONE);
		must(view_equal(bytes_view(&once), bytes_view(&twice)));
	}
	must(arena.used <= ARENA_MESSAGE_CAP);
	arena_release(&arena);
	bytes_release(&once);
	bytes_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i < sizeof decoders / sizeof decoders[0]; i++)
		try_decoder(decoders[i], view_of(data, size));
	return 0;
}
