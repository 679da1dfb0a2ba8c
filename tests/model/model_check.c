// SPDX-License-Identifier: Apache-2.0
//
// What must hold in the end, whatever happened (I1 to I5 and I7 of the exchange's list).
#include "model/model.h"

#include "case/message_event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void model_fault(struct model *model, const char *text, const struct entry *entry)
{
	char id[ID_TEXT_SIZE] = "-";
	if (model->fault[0] != '\0')
		return;
	if (entry != NULL)
		id_to_text(&entry->letter.message, id);
	(void)snprintf(model->fault, sizeof model->fault, "%s (message %s, %s, case number %llu)", text, id,
	               entry == NULL ? "-" : message_kind_name(entry->letter.kind),
	               entry == NULL ? 0ULL : (unsigned long long)entry->case_seq);
}

bool model_luck(struct model *model, unsigned of_1000)
{
	return random_below(&model->random, 1000) < of_1000;
}

// What this client holds under that number of the case.
static const struct entry *held(const struct model *model, unsigned client, const struct id *case_id, uint64_t seq)
{
	for (size_t i = 0; i < model->entries; i++) {
		const struct entry *entry = &model->entry[i];
		if (!id_equal(&entry->letter.case_id, case_id))
			continue;
		if (entry->author == client && entry->state == LETTER_ACCEPTED && entry->case_seq == seq)
			return entry;
		if ((entry->applied >> client & 1) != 0 && entry->delivered_case_seq == seq)
			return entry;
	}
	return NULL;
}

const struct model_case *model_case(const struct model *model, const struct id *case_id)
{
	for (size_t i = 0; i < model->case_count; i++) {
		if (id_equal(&model->cases[i].id, case_id))
			return &model->cases[i];
	}
	return NULL;
}

static enum case_side side_of(const struct model_case *on, const struct entry *entry)
{
	if (entry->author == THE_HUB)
		return SIDE_HUB;
	return entry->author == on->requesting ? SIDE_REQUESTING : SIDE_RESPONDING;
}

uint64_t model_replay(const struct model *model, unsigned client, const struct id *case_id, struct case_view *view)
{
	const struct model_case *on = model_case(model, case_id);
	struct case_clock clock = {.kind = CLOCK_NONE};
	*view = (struct case_view){.state = CASE_NONE};
	uint64_t seq = 1;
	for (const struct entry *entry; (entry = held(model, client, case_id, seq)) != NULL; seq++) {
		struct header header = {.kind = entry->letter.kind,
		                        .report = entry->letter.report,
		                        .blocking = entry->letter.blocking};
		struct case_decision decision;
		enum case_event event;
		memcpy(header.due, entry->letter.due, sizeof header.due);
		if (message_step(&header, view, side_of(on, entry), &event, &decision) != FAIL_NONE)
			return 0; // judged at the end
		*view = decision.next;
		message_clock(&clock, &header, &decision, "URGENT", entry->accepted_at);
		view->unanswered = clock_unanswered(&clock);
	}
	return seq - 1;
}

static const struct entry *find_message(const struct model *model, const struct id *message)
{
	for (size_t i = 0; i < model->entries; i++) {
		if (id_equal(&model->entry[i].letter.message, message))
			return &model->entry[i];
	}
	return NULL;
}

static void judge_letters(struct model *model)
{
	for (size_t i = 0; i < model->entries; i++) {
		const struct entry *entry = &model->entry[i];
		if (entry->state == LETTER_QUEUED)
			model_fault(model, "never answered", entry);
		if (entry->state == LETTER_ACCEPTED && entry->applied != entry->readers)
			model_fault(model, "accepted and lost", entry);
		if (entry->state == LETTER_FAILED && entry->applied != 0)
			model_fault(model, "refused and delivered", entry);
		if (entry->state == LETTER_ACCEPTED && entry->case_seq != entry->delivered_case_seq)
			model_fault(model, "the receipt and the delivery give different numbers", entry);
		const struct entry *by = entry->failed == FAIL_OVERTAKEN ? find_message(model, &entry->overtaken_by) : entry;
		if (by == NULL || !id_equal(&by->letter.case_id, &entry->letter.case_id))
			model_fault(model, "overtaken by nothing of this case", entry);
	}
}

// Dense, each letter once, in each case in the order of its numbers.
static void judge_mailbox(struct model *model, const struct client *client)
{
	member_no no = model->world.no[client->who];
	uint64_t high = store_memory_mailbox_high(model->world.store, no), last[CASES] = {0}, accepted = 0;
	for (size_t i = 0; i < model->entries; i++)
		accepted +=
			(model->entry[i].readers >> client->number & 1) != 0 && model->entry[i].state == LETTER_ACCEPTED;
	if (accepted != high)
		model_fault(model, "a mailbox holds more or less than was accepted", NULL);
	for (uint64_t seq = 1; seq <= high; seq++) {
		struct id message;
		member_no sender;
		must(store_memory_mailbox_entry(model->world.store, no, seq, &message, &sender));
		const struct entry *entry = find_message(model, &message);
		bool promised = entry != NULL && entry->mailbox_seq != 0; // to the author, of its one reader
		if (entry == NULL || (promised ? entry->mailbox_seq : entry->bound[client->number]) != seq)
			model_fault(model, "a number of the mailbox is bound to another message", entry);
		if (entry == NULL || id_is_zero(&entry->letter.case_id))
			continue;
		uint64_t *before = &last[model_case(model, &entry->letter.case_id) - model->cases];
		if (entry->case_seq <= *before)
			model_fault(model, "a case is out of order", entry);
		*before = entry->case_seq;
	}
}

static uint64_t accepted_in(const struct model *model, const struct id *case_id)
{
	uint64_t count = 0;
	for (size_t i = 0; i < model->entries; i++)
		count += model->entry[i].state == LETTER_ACCEPTED && id_equal(&model->entry[i].letter.case_id, case_id);
	return count;
}

// Both sides, each from what it holds, come to the same end, and it is the hub's.
static void judge_case(struct model *model, const struct model_case *on)
{
	struct case_view here, there;
	uint64_t count = accepted_in(model, &on->id);
	if (model_replay(model, on->requesting, &on->id, &here) != count ||
	    model_replay(model, on->responding, &on->id, &there) != count) {
		model_fault(model, "a side cannot replay its case", held(model, on->requesting, &on->id, 1));
		return;
	}
	if (here.state != there.state || here.held_from != there.held_from || here.held_by != there.held_by ||
	    case_marks(&here) != case_marks(&there))
		model_fault(model, "the two sides of a case differ", held(model, on->requesting, &on->id, count));
	const struct entry *newest = held(model, on->requesting, &on->id, count);
	if (newest != NULL && newest->case_state != (uint32_t)here.state)
		model_fault(model, "the hub's state is not that of the replay", newest);
}

struct entry *model_note_of_hub(struct model *model, const struct deliver *deliver)
{
	struct arena arena;
	struct envelope envelope;
	struct header header;
	struct entry *entry = NULL;
	arena_init(&arena, ARENA_MESSAGE_CAP, ARENA_MESSAGE_ALLOCATIONS);
	must(envelope_decode(&envelope, deliver->envelope, &arena, NULL) == FAIL_NONE &&
	     header_decode(&header, envelope.header, &arena, NULL) == FAIL_NONE);
	const struct model_case *on = model_case(model, &header.case_id);
	if (strcmp(header.from, "MAIN") == 0 && message_kind_of_hub(header.kind) && on != NULL &&
	    model->entries < LETTERS) {
		uint8_t *copy = malloc(deliver->envelope.length);
		must(copy != NULL);
		memcpy(copy, deliver->envelope.data, deliver->envelope.length);
		entry = &model->entry[model->entries++];
		*entry = (struct entry){.letter = {.kind = header.kind, .message = header.message, .case_id = header.case_id},
		                        .author = THE_HUB,
		                        .readers = 1U << on->requesting | 1U << on->responding,
		                        .envelope = view_of(copy, deliver->envelope.length),
		                        .state = LETTER_ACCEPTED,
		                        .case_seq = deliver->case_seq};
		model->of_hub[header.kind]++;
	}
	arena_release(&arena);
	return entry;
}

void model_judge(struct model *model)
{
	judge_letters(model);
	for (unsigned i = 0; i < CLIENTS; i++)
		judge_mailbox(model, &model->client[i]);
	for (size_t i = 0; i < model->case_count; i++)
		judge_case(model, &model->cases[i]);
}
