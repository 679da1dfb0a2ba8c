// SPDX-License-Identifier: Apache-2.0
//
// The clock of a case, and the board of all that is awaited.
#include "base/words.h"
#include "lib/view.h"
#include "lib/explanation.h"

#include "case/partial_date.h"
#include "lib/agenda.h"
#include "lib/cases.h"
#include "lib/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS UINT64_C(86400000)

static const struct {
	enum clock_pause pause;
	const char *name;
} pauses[] = {{PAUSED_BY_QUESTION, "QUESTION"}, {PAUSED_BY_HOLD, "HOLD"}, {PAUSED_BY_TRANSFER, "TRANSFER"}, {PAUSED_BY_CONSENT, "CONSENT"}, {PAUSED_BY_MEMBER, "MEMBER_OUT"}, {PAUSED_BY_RELEASE, "RELEASE"}};

// A day counts to its end: the deadline 2027-02-20T00:00 is 2027-02-19.
static void put_day(json_t *json, const char *name, uint64_t deadline)
{
	char day[11];
	if (deadline == 0)
		return;
	day_to_text((int32_t)((deadline - 1) / DAY_MS), day);
	json_put_text(json, name, day);
}

static const char *other_member(const struct case_row *row, const char *member)
{
	return strcmp(member, row->requesting) == 0 ? row->responding : row->requesting;
}

// From whom something is awaited: the answer from who did not ask, all else as the state says.
static const char *awaited_from(const struct case_row *row, enum clock_kind kind)
{
	if (kind == CLOCK_CONSENT) // from who did not pass the withdrawal on
		return row->view.consent == 1 + SIDE_REQUESTING ? row->responding : row->requesting;
	if (kind == CLOCK_CLARIFY)
		return other_member(row, row->paused_by);
	enum case_side turn = case_turn(row->view.state);
	return turn == SIDE_REQUESTING ? row->requesting : turn == SIDE_RESPONDING ? row->responding : "";
}

static void put_outage(json_t *json, const struct case_row *row)
{
	if ((row->clock.pauses & PAUSED_BY_MEMBER) == 0)
		return;
	json_t *out = json_object();
	json_put_text(out, "member", row->outage.member);
	json_put_filled(out, "cause", row->outage.cause);
	json_put_filled(out, "until", row->outage.until);
	json_put_filled(out, "deputy", row->outage.deputy);
	json_put_time(out, "since", row->clock.out_since);
	json_object_set_new(json, "out", out);
}

static void put_pause(json_t *json, const struct case_row *row, uint64_t now)
{
	const struct case_clock *clock = &row->clock;
	uint64_t whole =
		clock->paused_ms + (clock->pauses != 0 && now > clock->paused_since ? now - clock->paused_since : 0);
	if (whole > 0)
		json_object_set_new(json, "paused_days", json_integer((json_int_t)(whole / DAY_MS)));
	if (clock->paused_ms > 0)
		json_put_u64(json, "paused_ms", clock->paused_ms); // pauses that are over
	if (clock->pauses == 0)
		return;
	json_t *causes = json_array();
	for (size_t i = 0; i < sizeof pauses / sizeof pauses[0]; i++) {
		if ((clock->pauses & pauses[i].pause) != 0)
			json_array_append_new(causes, json_string(pauses[i].name));
	}
	json_object_set_new(json, "paused_for", causes);
	json_put_time(json, "paused_since", clock->paused_since);
	json_put_filled(json, "paused_by", row->paused_by);
	json_put_filled(json, "pause_reason", row->pause_reason);
	put_outage(json, row);
}

json_t *clock_json(const struct case_row *row, uint64_t now)
{
	struct clock_deadline awaited = clock_awaited(&row->clock);
	enum clock_kind kind = awaited.kind == CLOCK_NONE ? row->clock.kind : awaited.kind;
	if (kind == CLOCK_NONE)
		return NULL;
	json_t *json = json_object();
	json_put_text(json, "standing", clock_standing_name(clock_standing(&row->clock, now)));
	json_put_text(json, "awaits", clock_kind_name(kind));
	json_put_text(json, "awaits_text", words_of(clock_kind_text(kind)));
	json_put_filled(json, "from", awaited_from(row, kind));
	json_put_time(json, "started_at", row->clock.started);
	put_day(json, "due", awaited.due);
	if (row->clock.told != NOTICE_NONE)
		json_put_text(json, "told", row->clock.told == NOTICE_ESCALATED ? "ESCALATED" : "REMINDED");
	put_pause(json, row, now);
	return json;
}

void clock_put_offer(json_t *json, const struct psr_profile *profile, const struct case_row *row)
{
	bool asks = cases_side(profile, row) == SIDE_REQUESTING && strcmp(row->outage.member, row->responding) == 0;
	bool other = row->outage.deputy[0] != '\0' && strcmp(row->outage.deputy, row->requesting) != 0;
	if (asks && other && row->view.unanswered && row->view.hops < CASE_MAX_HOPS)
		json_put_text(json, "may_turn_to", row->outage.deputy);
}

static void put_number_day(json_t *json, const char *name, int32_t number)
{
	char day[11];
	if (number == 0)
		return;
	day_to_text(number, day);
	json_put_text(json, name, day);
}

json_t *dates_json(const struct case_row *row)
{
	const struct case_view *view = &row->view;
	if (view->date_holds == 0 && view->date_open == 0)
		return NULL;
	json_t *json = json_object();
	put_number_day(json, "holds", view->date_holds);
	if (view->date_by == 0)
		return json;
	put_number_day(json, "on_table", view->date_open);
	json_put_text(json, "by", view->date_by == 1 + SIDE_REQUESTING ? row->requesting : row->responding);
	json_object_set_new(json, "countered", json_boolean(view->date_countered));
	return json;
}

struct board {
	struct psr_profile *profile;
	uint64_t now;
	json_t *items;
	struct fail *why;
};

// Who is late may have said why.
static enum fail_code put_explanation(const struct board *board, const struct case_row *row, json_t *item)
{
	const char *from = json_string_value(json_object_get(item, "from"));
	const char *standing = json_string_value(json_object_get(item, "standing"));
	json_t *found = NULL;
	if (from == NULL || standing == NULL || strcmp(standing, "OVERDUE") != 0 ||
	    board->profile->keys->ops->certificate(board->profile->keys, USE_ENCRYPTION) == NULL)
		return FAIL_NONE;
	enum fail_code code = explanation_read(board->profile, &row->id, from, row->clock.started, &found, board->why);
	if (found != NULL)
		json_object_set_new(item, "explained", found);
	return code;
}

static enum fail_code add_case(void *context, const struct case_row *row)
{
	struct board *board = context;
	json_t *clock = clock_json(row, board->now);
	enum case_side side = cases_side(board->profile, row);
	bool done = side != CASE_SIDE_COUNT && (row->view.local_closed >> side & 1) != 0;
	if (clock == NULL || side == CASE_SIDE_COUNT || done) {
		json_decref(clock);
		return FAIL_NONE;
	}
	json_t *item = json_object();
	json_put_text(item, "reference", row->reference);
	clock_put_offer(item, board->profile, row);
	json_put_id(item, "case", &row->id);
	json_put_text(item, "requesting", row->requesting);
	json_put_text(item, "responding", row->responding);
	json_put_text(item, "state", case_state_name(row->view.state));
	json_put_filled(item, "service", row->service);
	json_put_filled(item, "urgency", row->urgency);
	const char *from = json_string_value(json_object_get(clock, "from"));
	bool mine = from != NULL && strcmp(from, board->profile->settings.identity.code) == 0;
	json_object_set_new(item, "mine", json_boolean(mine));
	// As the protocol says of an ALERT; a referral of that service may be less urgent.
	bool alert = strcmp(row->service, ALERT_SERVICE) == 0 && strcmp(row->urgency, ALERT_URGENCY) == 0;
	if (alert && row->view.state == CASE_SENT)
		json_object_set_new(item, "alert", json_true());
	json_object_update_missing(item, clock);
	json_decref(clock);
	json_array_append_new(board->items, item);
	return put_explanation(board, row, item);
}

// "a review of the project of S1 (G1)", "the follow-up of S1 after 12 months".
static void put_coming_text(json_t *item, const json_t *entry)
{
	char text[160];
	const char *person = json_string_value(json_object_get(entry, "person"));
	const char *goal = json_string_value(json_object_get(entry, "goal"));
	if (goal != NULL)
		snprintf(text, sizeof text, words_of("the review of %s's goal %s"), person, goal);
	else
		snprintf(text, sizeof text, words_of("the follow-up of %s, %d months"), person,
		         (int)json_integer_value(json_object_get(entry, "months")));
	json_put_text(item, "awaits_text", text);
}

// A review that is far off is no news; of the follow-ups the next one of each person is told.
static void add_coming(struct board *board, json_t *entry)
{
	const char *standing = json_string_value(json_object_get(entry, "standing"));
	bool review = json_object_get(entry, "goal") != NULL;
	bool shown = strcmp(standing, "OVERDUE") == 0 || strcmp(standing, "DUE_SOON") == 0 ||
	             (!review && json_is_true(json_object_get(entry, "next")));
	if (!shown || strcmp(standing, "DONE") == 0)
		return;
	json_t *item = json_copy(entry);
	put_coming_text(item, entry);
	json_array_append_new(board->items, item);
}

static enum fail_code add_agenda(struct board *board, struct fail *why)
{
	json_t *entries, *entry;
	size_t i;
	enum fail_code code = agenda_read(board->profile, board->now, &entries, why);
	if (code != FAIL_NONE)
		return code;
	json_array_foreach(entries, i, entry)
		add_coming(board, entry);
	json_decref(entries);
	return FAIL_NONE;
}

// Most urgent first: an alert that nobody has acknowledged, then overdue, due soon, due, without a deadline, paused; of one kind the earliest day.
static int rank_of(const json_t *item)
{
	static const char *const order[] = {"OVERDUE", "DUE_SOON", "DUE", "NONE"};
	const char *standing = json_string_value(json_object_get(item, "standing"));
	int rank = 0;
	if (json_is_true(json_object_get(item, "alert")))
		return -1;
	while (rank < 4 && (standing == NULL || strcmp(standing, order[rank]) != 0))
		rank++;
	return rank;
}

static const char *day_of(const json_t *item)
{
	const char *day = json_string_value(json_object_get(item, "due"));
	return day != NULL ? day : "";
}

static int by_urgency(const void *left, const void *right)
{
	const json_t *a = *(json_t *const *)left, *b = *(json_t *const *)right;
	int ranks = rank_of(a) - rank_of(b);
	return ranks != 0 ? ranks : strcmp(day_of(a), day_of(b));
}

enum fail_code view_due(struct psr_profile *profile, json_t **result, struct fail *why)
{
	struct board board = {profile, clock_now(), json_array(), why};
	enum fail_code code = case_each_running(profile->store, add_case, &board, why);
	if (code == FAIL_NONE)
		code = add_agenda(&board, why);
	if (code != FAIL_NONE) {
		json_decref(board.items);
		return code;
	}
	*result = json_document("passerelle.due/1");
	json_put_time(*result, "as_of", board.now);
	json_object_set_new(*result, "items", json_sorted(board.items, by_urgency));
	return FAIL_NONE;
}
