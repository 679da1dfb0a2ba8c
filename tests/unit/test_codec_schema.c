// SPDX-License-Identifier: Apache-2.0
// links: passerelle_wire
//
// What must hold of the schema itself for the codec to be safe, and that the
// samples leave no field of it out.
#include "test.h"

#include "codec_samples.h"
#include "wire/codec_scan.h"
#include "wire/frame.h"

#include <passerelle/v1/body.pb-c.h>
#include <passerelle/v1/envelope.pb-c.h>
#include <passerelle/v1/wire.pb-c.h>

enum { MAX_DEPTH = 16, MAX_MESSAGES = 64 };

typedef const ProtobufCMessageDescriptor message_type;

static message_type *const roots[] = {
	&passerelle__v1__frame__descriptor,         &passerelle__v1__envelope__descriptor,
	&passerelle__v1__header__descriptor,        &passerelle__v1__hub_statement__descriptor,
	&passerelle__v1__hub_receipt__descriptor,   &passerelle__v1__body__descriptor,
};

static bool of_codec(message_type *root)
{
	return root != &passerelle__v1__body__descriptor;
}

static void walk(message_type *message, message_type *const *above, unsigned depth, bool codec)
{
	message_type *path[MAX_DEPTH];
	assert_true(depth < MAX_DEPTH);
	for (unsigned i = 0; i < depth; i++) {
		assert_ptr_not_equal(message, above[i]); // a recursive message: protobuf-c would follow it until the stack ends
		path[i] = above[i];
	}
	path[depth] = message;
	unsigned choices = 0;
	const unsigned *choice = NULL;
	for (unsigned i = 0; i < message->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &message->fields[i];
		assert_int_not_equal(field->label, PROTOBUF_C_LABEL_REQUIRED);
		if (codec && field->label == PROTOBUF_C_LABEL_REPEATED && codec_list_cap(message, field->id) == 0)
			fail_msg("%s.%s has no cap in codec_scan.c", message->name, field->name);
		if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
		    (choice == NULL || *choice != field->quantifier_offset)) {
			choice = &field->quantifier_offset;
			choices++;
		}
		if (field->type == PROTOBUF_C_TYPE_MESSAGE)
			walk(field->descriptor, path, depth + 1, codec);
	}
	if (codec) {
		assert_true(depth < SCAN_MAX_DEPTH);
		assert_true(message->n_fields <= SCAN_MAX_FIELDS);
		assert_true(choices <= 1); // the scan knows one oneof a message
	}
}

static void no_message_contains_itself_and_every_list_has_a_cap(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++)
		walk(roots[i], NULL, 0, of_codec(roots[i]));
}

static void check_enums(message_type *message)
{
	for (unsigned i = 0; i < message->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &message->fields[i];
		if (field->type == PROTOBUF_C_TYPE_MESSAGE)
			check_enums(field->descriptor);
		if (field->type != PROTOBUF_C_TYPE_ENUM)
			continue;
		const ProtobufCEnumValue *zero = protobuf_c_enum_descriptor_get_value(field->descriptor, 0);
		assert_non_null(zero);
		assert_non_null(strstr(zero->name, "_UNSPECIFIED"));
	}
}

static void every_enum_begins_with_unspecified(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++)
		check_enums(roots[i]);
}

static void the_names_of_kinds_are_those_of_the_schema(void **state)
{
	(void)state;
	assert_int_equal(passerelle__v1__message_kind__descriptor.n_values, KIND_COUNT);
	for (int kind = 0; kind < KIND_COUNT; kind++) {
		const ProtobufCEnumValue *value =
			protobuf_c_enum_descriptor_get_value(&passerelle__v1__message_kind__descriptor, kind);
		assert_non_null(value);
		assert_string_equal(value->name + strlen("MESSAGE_KIND_"), message_kind_name((enum message_kind)kind));
	}
	assert_string_equal(message_kind_name(KIND_COUNT), "UNKNOWN");
}

struct seen {
	message_type *message;
	bool field[SCAN_MAX_FIELDS];
};

static struct seen *seen_of(struct seen *all, message_type *message)
{
	for (int i = 0; i < MAX_MESSAGES; i++) {
		if (all[i].message == NULL)
			all[i].message = message;
		if (all[i].message == message)
			return &all[i];
	}
	fail_msg("more than %d messages", MAX_MESSAGES);
	return NULL;
}

static uint64_t varint(const uint8_t **at)
{
	uint64_t value = 0;
	for (unsigned shift = 0;; shift += 7) {
		value |= (uint64_t)(**at & 0x7f) << shift;
		if ((*(*at)++ & 0x80) == 0)
			return value;
	}
}

// Notes the fields that these bytes, which our own encoder made, have.
static void note_fields(struct seen *all, message_type *message, const uint8_t *at, const uint8_t *end)
{
	while (at < end) {
		uint64_t tag = varint(&at);
		const ProtobufCFieldDescriptor *field =
			protobuf_c_message_descriptor_get_field(message, (unsigned)(tag >> 3));
		assert_non_null(field);
		seen_of(all, message)->field[field - message->fields] = true;
		uint64_t value = varint(&at);
		if ((tag & 7) != 2)
			continue;
		if (field->type == PROTOBUF_C_TYPE_MESSAGE)
			note_fields(all, field->descriptor, at, at + value);
		at += value;
	}
}

static void assert_all_seen(struct seen *all, message_type *message)
{
	struct seen *seen = seen_of(all, message);
	for (unsigned i = 0; i < message->n_fields; i++) {
		if (!seen->field[i])
			fail_msg("no sample has %s.%s", message->name, message->fields[i].name);
		if (message->fields[i].type == PROTOBUF_C_TYPE_MESSAGE)
			assert_all_seen(all, message->fields[i].descriptor);
	}
}

static void the_samples_and_so_the_encoders_leave_no_field_out(void **state)
{
	(void)state;
	static struct seen all[MAX_MESSAGES];
	struct bytes out;
	bytes_init(&out, 1024 * 1024);
	for (size_t i = 0; i < SAMPLE_FRAME_COUNT; i++) {
		bytes_clear(&out);
		assert_ok(frame_encode(&sample_frames[i].frame, &out));
		note_fields(all, roots[0], out.data + FRAME_HEAD, out.data + out.length);
	}
	bytes_clear(&out);
	struct envelope envelope = sample_envelope();
	assert_ok(envelope_encode(&envelope, &out));
	note_fields(all, roots[1], out.data, out.data + out.length);
	for (size_t i = 0; i < SAMPLE_HEADER_COUNT; i++) {
		struct header header = sample_headers[i].make();
		bytes_clear(&out);
		assert_ok(header_encode(&header, &out));
		note_fields(all, roots[2], out.data, out.data + out.length);
	}
	bytes_clear(&out);
	struct hub_statement statement = sample_statement();
	assert_ok(statement_encode(&statement, &out));
	note_fields(all, roots[3], out.data, out.data + out.length);
	bytes_clear(&out);
	struct hub_receipt receipt = sample_receipt();
	assert_ok(receipt_encode(&receipt, &out));
	note_fields(all, roots[4], out.data, out.data + out.length);
	bytes_release(&out);
	for (size_t i = 0; i < 5; i++)
		assert_all_seen(all, roots[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_message_contains_itself_and_every_list_has_a_cap),
		cmocka_unit_test(every_enum_begins_with_unspecified),
		cmocka_unit_test(the_names_of_kinds_are_those_of_the_schema),
		cmocka_unit_test(the_samples_and_so_the_encoders_leave_no_field_out),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
