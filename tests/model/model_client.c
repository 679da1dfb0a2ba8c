// SPDX-License-Identifier: Apache-2.0
#include "model/model.h"

#include "case/partial_date.h"

#include <stdlib.h>
#include <string.h>

enum { FRAME_BASE = 1000, HELLO_ID = 1, IN_FLIGHT = 12 };

static const struct person *person_of(const struct client *client)
{
	return &client->model->world.cast->person[client->who];
}

static void connect_to_hub(struct client *client)
{
	struct world *world = &client->model->world;
	struct frame frame = {.id = HELLO_ID, .kind = FRAME_HELLO};
	frame.of.hello = (struct hello){
		.credit_messages = (uint32_t)(1 + random_below(&client->model->random, 8)),
		.credit_bytes = 64 * 1024,
		.resume = client->epoch != 0,
		.mailbox_epoch = client->epoch,
		.cursor = client->cursor,
		.software = "model",
	};
	client->welcomed = false;
	client->acked = client->cursor; // the Hello says it
	client->session = world_connect(world, &person_of(client)->self);
	world_send(world, client->session, &frame);
}

// Sometimes the hub does not notice that the line is dead.
static void hang_up(struct client *client)
{
	struct model *model = client->model;
	uint64_t session = client->session;
	client->session = 0;
	if (!model_luck(model, 300))
		world_cut(&model->world, session);
	for (size_t i = 0; i < model->entries; i++) {
		if (model->entry[i].author == client->number)
			model->entry[i].sent_in = 0;
	}
}

static struct entry *new_entry(struct client *client, unsigned receiver, enum message_kind kind)
{
	struct model *model = client->model;
	must(model->entries < LETTERS);
	struct entry *entry = &model->entry[model->entries++];
	unsigned all = (1U << CLIENTS) - 1, self = 1U << client->number;
	model->written++;
	entry->author = client->number;
	entry->readers = receiver == ALL_OTHERS ? all & ~self : 1U << receiver;
	entry->letter.kind = kind;
	entry->letter.to[0] = receiver == ALL_OTHERS ? TO_ALL : person_of(&model->client[receiver])->self.code;
	return entry;
}

static void finish_entry(struct client *client, struct entry *entry)
{
	struct model *model = client->model;
	const struct person *person = person_of(client);
	struct arena arena;
	struct envelope envelope;
	entry->envelope = letter_write(person, &person->signing, &entry->letter, model->world.now, &model->random);
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	must(envelope_decode(&envelope, entry->envelope, &arena, NULL) == FAIL_NONE);
	entry->header_hash = header_hash(envelope.header);
	arena_release(&arena);
}

static void refer(struct client *client)
{
	struct model *model = client->model;
	if (model->case_count == CASES)
		return;
	unsigned other = (client->number + 1 + (unsigned)random_below(&model->random, CLIENTS - 1)) % CLIENTS;
	struct model_case *opened = &model->cases[model->case_count++];
	*opened = (struct model_case){.id = random_id(&model->random), .requesting = client->number, .responding = other};
	struct entry *entry = new_entry(client, other, KIND_REFERRAL);
	entry->letter.case_id = opened->id;
	finish_entry(client, entry);
}

static const struct {
	enum message_kind kind;
	enum report_stage report;
} letters_of[CASE_EVENT_COUNT] = {
	[EVENT_ACK] = {KIND_ACK, REPORT_NONE},
	[EVENT_INFO_REQUEST] = {KIND_INFO_REQUEST, REPORT_NONE},
	[EVENT_INFO_REPLY] = {KIND_INFO_REPLY, REPORT_NONE},
	[EVENT_ACCEPT] = {KIND_ACCEPT, REPORT_NONE},
	[EVENT_DECLINE] = {KIND_DECLINE, REPORT_NONE},
	[EVENT_START] = {KIND_START, REPORT_NONE},
	[EVENT_REPORT_INTERIM] = {KIND_REPORT, REPORT_INTERIM},
	[EVENT_REPORT_FINAL] = {KIND_REPORT, REPORT_FINAL},
	[EVENT_DOCUMENT] = {KIND_DOCUMENT, REPORT_NONE},
	[EVENT_STATUS_NOTE] = {KIND_STATUS_NOTE, REPORT_NONE},
	[EVENT_HOLD] = {KIND_HOLD, REPORT_NONE},
	[EVENT_RESUME] = {KIND_RESUME, REPORT_NONE},
	[EVENT_CLOSE] = {KIND_CLOSE, REPORT_NONE},
	[EVENT_WITHDRAW] = {KIND_WITHDRAW, REPORT_NONE},
	[EVENT_REOPEN] = {KIND_REOPEN, REPORT_NONE},
	[EVENT_STEP] = {KIND_STEP, REPORT_NONE},
	[EVENT_CONSENT_WITHDRAWN] = {KIND_CONSENT_WITHDRAWN, REPORT_NONE},
	[EVENT_CONSENT_ANSWER] = {KIND_CONSENT_ANSWER, REPORT_NONE},
	[EVENT_DATE_PROPOSE] = {KIND_DATE_PROPOSE, REPORT_NONE},
	[EVENT_DATE_AGREE] = {KIND_DATE_AGREE, REPORT_NONE},
	[EVENT_REPORT_READY] = {KIND_REPORT_READY, REPORT_NONE},
	[EVENT_LOCAL_CLOSE] = {KIND_LOCAL_CLOSE, REPORT_NONE},
	[EVENT_ITEM] = {KIND_ITEM, REPORT_NONE},
	[EVENT_REMINDER_REPLY] = {KIND_REMINDER_REPLY, REPORT_NONE},
	[EVENT_TRANSLATION] = {KIND_TRANSLATION, REPORT_NONE},
};

static bool has_letter(unsigned event)
{
	return letters_of[event].kind != KIND_UNSPECIFIED;
}

// A day of the report where one is named: what is on the table is agreed to, unless what holds is left.
static void name_a_day(struct model *model, const struct case_view *view, struct letter *letter)
{
	int32_t day = 20900 + (int32_t)random_below(&model->random, 5);
	if (letter->kind == KIND_DATE_AGREE && model_luck(model, 900))
		day = model_luck(model, 700) ? view->date_open : view->date_holds;
	if (letter->kind == KIND_ACCEPT || letter->kind == KIND_DATE_PROPOSE || letter->kind == KIND_DATE_AGREE)
		day_to_text(day, letter->due);
}

// Any of them; often one that brings the case to its end.
static unsigned some_event(struct model *model)
{
	static const enum case_event towards_the_end[] = {EVENT_ACK, EVENT_ACCEPT, EVENT_REPORT_FINAL};
	return model_luck(model, 400) ? towards_the_end[random_below(&model->random, 3)]
	                              : (unsigned)random_below(&model->random, CASE_EVENT_COUNT);
}

// Mostly what is legal as far as this side knows; then the others may be faster.
static void move_case(struct client *client, const struct model_case *on)
{
	struct model *model = client->model;
	struct case_view view;
	uint64_t seen = model_replay(model, client->number, &on->id, &view);
	enum case_side side = on->requesting == client->number ? SIDE_REQUESTING : SIDE_RESPONDING;
	uint64_t legal = seen == 0 ? 0 : case_legal_events(&view, side);
	unsigned event = some_event(model);
	for (unsigned tries = 0; tries < CASE_EVENT_COUNT; tries++, event = (event + 1) % CASE_EVENT_COUNT) {
		if (has_letter(event) && ((legal >> event & 1) != 0 || model_luck(model, 20)))
			break;
	}
	if (seen == 0 || !has_letter(event))
		return;
	struct entry *entry =
		new_entry(client, side == SIDE_REQUESTING ? on->responding : on->requesting, letters_of[event].kind);
	entry->letter.report = letters_of[event].report;
	entry->letter.case_id = on->id;
	entry->letter.seen = seen;
	name_a_day(model, &view, &entry->letter);
	finish_entry(client, entry);
}

static void confirm(struct client *client, const struct entry *got)
{
	struct entry *entry = new_entry(client, got->author, KIND_RECEIPT);
	entry->item = (struct receipt_item){.message = got->letter.message,
	                                    .header_hash = got->header_hash,
	                                    .level = LEVEL_DELIVERED,
	                                    .at = client->model->world.now};
	entry->letter.receipt = &entry->item;
	entry->letter.receipt_count = 1;
	finish_entry(client, entry);
}

// Of no case, over the same lines as all others. While a member is DISRUPTED the clocks of its cases stand, and the hub says so.
static void tell_all(struct client *client)
{
	struct model *model = client->model;
	struct entry *entry = new_entry(client, ALL_OTHERS, KIND_AVAILABILITY);
	client->out = !client->out && model_luck(model, 500);
	entry->letter.status = client->out ? "DISRUPTED" : model_luck(model, 500) ? "REDUCED" : "NORMAL";
	finish_entry(client, entry);
}

static void write_something(struct client *client)
{
	struct model *model = client->model;
	if (model->written >= model->wanted || model->calm)
		return;
	if (model->case_count == 0 || model_luck(model, 100)) {
		refer(client);
		return;
	}
	if (model_luck(model, 80)) {
		tell_all(client);
		return;
	}
	const struct model_case *on = &model->cases[random_below(&model->random, model->case_count)];
	if (on->requesting == client->number || on->responding == client->number)
		move_case(client, on);
}

static void submit(struct client *client, size_t index)
{
	struct entry *entry = &client->model->entry[index];
	struct frame frame = {.id = FRAME_BASE + index, .kind = FRAME_SUBMIT, .of.submit = {entry->envelope}};
	entry->sent_in = client->session;
	entry->copies = !client->model->calm && model_luck(client->model, 50) ? 2 : 1; // doubled
	for (unsigned i = 0; i < entry->copies; i++)
		world_send(&client->model->world, client->session, &frame);
}

static void submit_what_waits(struct client *client)
{
	struct model *model = client->model;
	unsigned flying = 0;
	for (size_t i = 0; i < model->entries && flying < IN_FLIGHT; i++) {
		struct entry *entry = &model->entry[i];
		if (entry->author != client->number || entry->state == LETTER_FAILED)
			continue;
		bool again = entry->state == LETTER_ACCEPTED && !model->calm && model_luck(model, 5);
		bool waits = entry->state == LETTER_QUEUED && entry->sent_in == 0 && entry->not_before <= model->world.now;
		flying += entry->state == LETTER_QUEUED && entry->sent_in != 0;
		if (again || waits)
			submit(client, i);
	}
}

static void acknowledge(struct client *client)
{
	struct frame ack = {.kind = FRAME_ACK, .of.ack = {client->cursor}};
	client->acked = client->cursor;
	world_send(&client->model->world, client->session, &ack);
}

void client_act(struct client *client)
{
	struct model *model = client->model;
	write_something(client);
	if (client->session == 0) {
		if (model->calm || model_luck(model, 300))
			connect_to_hub(client);
		return;
	}
	if (!model->calm && model_luck(model, 30)) {
		hang_up(client);
		return;
	}
	if (!client->welcomed)
		return;
	submit_what_waits(client);
	// Who let all its credit stand in the storm is sent nothing that it could acknowledge later.
	if (model->calm && client->acked < client->cursor)
		acknowledge(client);
}

// Statement, path and signature, and that they speak of this very letter.
static bool receipt_good(const struct model *model, struct entry *entry, struct view bytes)
{
	struct arena arena;
	struct hub_receipt receipt;
	struct hub_statement statement;
	struct envelope envelope;
	struct header header;
	const struct certificate *hub = model->world.cast->receipt.certificate;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	bool good = receipt_decode(&receipt, bytes, &arena, NULL) == FAIL_NONE &&
	            statement_decode(&statement, receipt.statement, &arena, NULL) == FAIL_NONE &&
	            envelope_decode(&envelope, entry->envelope, &arena, NULL) == FAIL_NONE &&
	            header_decode(&header, envelope.header, &arena, NULL) == FAIL_NONE &&
	            receipt_verify(&receipt, hub, NULL) == FAIL_NONE &&
	            receipt_fits(&statement, &header, envelope.header, entry->envelope, hub, NULL) == FAIL_NONE;
	if (good) {
		entry->case_seq = statement.case_seq;
		entry->accepted_at = statement.accepted_at;
	}
	arena_release(&arena);
	return good;
}

static void take_accepted(struct client *client, struct entry *entry, const struct accepted *accepted)
{
	struct model *model = client->model;
	entry->sent_in = 0;
	if (entry->state == LETTER_FAILED)
		model_fault(model, "accepted after a final refusal", entry);
	if (entry->state == LETTER_ACCEPTED) {
		model->doubles++;
		if (!accepted->duplicate || !view_equal(entry->receipt, accepted->receipt))
			model_fault(model, "a second receipt differs from the first", entry);
		return;
	}
	entry->state = LETTER_ACCEPTED;
	entry->case_state = accepted->case_state;
	entry->mailbox_seq = accepted->mailbox_seq_count == 1 ? accepted->mailbox_seq[0] : 0;
	uint8_t *copy = malloc(accepted->receipt.length);
	must(copy != NULL);
	memcpy(copy, accepted->receipt.data, accepted->receipt.length);
	entry->receipt = view_of(copy, accepted->receipt.length);
	if (!receipt_good(model, entry, accepted->receipt))
		model_fault(model, "the receipt is not good", entry);
}

// Of which message that is the end tells: the hub's own may not have been delivered yet.
static void note_overtaken(struct model *model, struct entry *entry, const struct error *error)
{
	bool told = false;
	model->overtaken++;
	for (size_t i = 0; i < error->detail_count; i++) {
		if (strcmp(error->detail[i].name, "overtaken_by") == 0)
			told = id_from_text(&entry->overtaken_by, error->detail[i].value) == FAIL_NONE;
	}
	if (!told)
		model_fault(model, "overtaken by nothing", entry);
}

// A refusal is kept nowhere: another copy that is on its way may find the case changed. So the last answer counts.
static void take_error(struct client *client, struct entry *entry, const struct error *error)
{
	struct model *model = client->model;
	if (entry->copies > 1 && entry->state == LETTER_QUEUED) {
		entry->copies--;
		return;
	}
	entry->sent_in = 0;
	entry->not_before = model->world.now + random_below(&model->random, 100);
	if (error->retryable)
		return;
	if (entry->state == LETTER_ACCEPTED) {
		model_fault(model, "refused after it was accepted", entry);
		return;
	}
	entry->state = LETTER_FAILED;
	entry->failed = error->fail;
	model->refused++;
	if (error->fail == FAIL_OVERTAKEN)
		note_overtaken(model, entry, error);
	else if (error->fail != FAIL_ILLEGAL_MOVE && error->fail != FAIL_NOT_YOUR_MOVE)
		model_fault(model, fail_name(error->fail), entry);
}

static struct entry *entry_of_bytes(struct model *model, struct view envelope)
{
	for (size_t i = 0; i < model->entries; i++) {
		if (view_equal(model->entry[i].envelope, envelope))
			return &model->entry[i];
	}
	return NULL;
}

// What must be so of each delivery.
static void check_delivery(struct client *client, const struct entry *entry, const struct deliver *deliver)
{
	struct model *model = client->model;
	if (deliver->mailbox_seq != client->cursor + 1)
		model_fault(model, "the mailbox is not dense", entry);
	if ((entry->applied >> client->number & 1) != 0)
		model_fault(model, "delivered twice", entry);
	bool other_has_it = entry->applied != 0;
	if (other_has_it && (entry->delivered_case_seq != deliver->case_seq || entry->case_state != deliver->case_state))
		model_fault(model, "two readers are told different things", entry);
}

static bool is_confirmed(const struct entry *entry)
{
	return entry->letter.kind != KIND_RECEIPT && !message_kind_to_all(entry->letter.kind) && entry->author != THE_HUB;
}

static void take_delivery(struct client *client, const struct deliver *deliver)
{
	struct model *model = client->model;
	struct entry *entry = entry_of_bytes(model, deliver->envelope);
	if (!model->calm && model_luck(model, 20)) {
		hang_up(client); // died before it was stored
		return;
	}
	if (entry == NULL)
		entry = model_note_of_hub(model, deliver);
	unsigned self = 1U << client->number;
	if (entry == NULL || (entry->readers & self) == 0) {
		model_fault(model, "delivered what nobody wrote to this member", entry);
		return;
	}
	check_delivery(client, entry, deliver);
	entry->applied |= self;
	entry->bound[client->number] = deliver->mailbox_seq;
	entry->delivered_case_seq = deliver->case_seq;
	entry->accepted_at = deliver->accepted_at;
	entry->case_state = deliver->case_state;
	client->cursor = deliver->mailbox_seq;
	if (model_luck(model, 700) || model->calm)
		acknowledge(client);
	bool tells = is_confirmed(entry) && model->written < model->wanted && !model->calm;
	if (tells && model_luck(model, 200))
		confirm(client, entry);
}

void client_frame(struct client *client, const struct frame *frame)
{
	struct model *model = client->model;
	if (frame->kind == FRAME_WELCOME) {
		client->welcomed = true;
		client->epoch = frame->of.welcome.mailbox_epoch;
	} else if (frame->kind == FRAME_DELIVER) {
		take_delivery(client, &frame->of.deliver);
	} else if (frame->id >= FRAME_BASE && frame->id < FRAME_BASE + model->entries) {
		struct entry *entry = &model->entry[frame->id - FRAME_BASE];
		if (frame->kind == FRAME_ACCEPTED)
			take_accepted(client, entry, &frame->of.accepted);
		else
			take_error(client, entry, &frame->of.error);
	} else if (frame->id == HELLO_ID) {
		if (!frame->of.error.retryable)
			model_fault(model, fail_name(frame->of.error.fail), NULL);
		hang_up(client);
	}
}

bool client_done(const struct client *client)
{
	const struct model *model = client->model;
	for (size_t i = 0; i < model->entries; i++) {
		if (model->entry[i].author == client->number && model->entry[i].state == LETTER_QUEUED)
			return false;
	}
	return client->cursor == store_memory_mailbox_high(model->world.store, model->world.no[client->who]);
}
