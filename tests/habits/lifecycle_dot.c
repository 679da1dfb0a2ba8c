// SPDX-License-Identifier: Apache-2.0
//
// Prints the lifecycle for Graphviz: states as boxes (ended ones with a double
// frame), moves as arrows with the side that makes them. Messages that leave the
// state alone are listed inside the box.
#include "case/lifecycle.h"

#include <stdio.h>

static const char *who(uint8_t sides)
{
	static const struct {
		uint8_t sides;
		const char *text;
	} names[] = {
		{1 << SIDE_REQUESTING, "requesting"},
		{1 << SIDE_RESPONDING, "responding"},
		{1 << SIDE_HUB, "hub"},
		{1 << SIDE_REQUESTING | 1 << SIDE_RESPONDING, "either"},
		{1 << SIDE_REQUESTING | 1 << SIDE_RESPONDING | 1 << SIDE_HUB, "either, hub"},
	};
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (names[i].sides == sides)
			return names[i].text;
	}
	return "?";
}

static const char *colour(uint8_t sides)
{
	if (sides == 1 << SIDE_REQUESTING)
		return "#1f5fa8";
	return sides == 1 << SIDE_RESPONDING ? "#b3541e" : "#555555";
}

static bool stays(const struct case_rule *rule)
{
	return rule->to == CASE_NONE && rule->event != EVENT_RESUME;
}

static bool has_rule(enum case_state state, enum case_event event, uint8_t sides)
{
	struct case_rule rule;
	for (unsigned i = 0; case_rule_at(i, &rule); i++) {
		if (rule.from == state && rule.event == event && rule.sides == sides && stays(&rule))
			return true;
	}
	return false;
}

// What any open case takes is said once, beside the states; a search is short enough to say all.
static bool everywhere(enum case_event event, uint8_t sides)
{
	for (unsigned state = CASE_SENT; state < CASE_STATE_COUNT; state++) {
		if (!case_state_ended((enum case_state)state) && !case_state_traces((enum case_state)state) &&
		    !has_rule((enum case_state)state, event, sides))
			return false;
	}
	return true;
}

static void print_everywhere(void)
{
	struct case_rule rule;
	printf("\tany [shape=note label=\"in any open state of a case:");
	for (unsigned i = 0; case_rule_at(i, &rule); i++) {
		if (rule.from == CASE_SENT && everywhere(rule.event, rule.sides))
			printf("\\n%s (%s)", case_event_name(rule.event), who(rule.sides));
	}
	printf("\"];\n");
}

static void print_state(enum case_state state)
{
	struct case_rule rule;
	printf("\t%s [label=\"%s", case_state_name(state), case_state_name(state));
	for (unsigned i = 0; case_rule_at(i, &rule); i++) {
		bool common = !case_state_ended(state) && !case_state_traces(state) && everywhere(rule.event, rule.sides);
		if (rule.from == state && stays(&rule) && !common)
			printf("\\n%s (%s)", case_event_name(rule.event), who(rule.sides));
	}
	printf("\"%s];\n", case_state_ended(state) ? " peripheries=2" : "");
}

static bool same_arrow(const struct case_rule *a, const struct case_rule *b)
{
	return a->from == b->from && a->to == b->to && a->sides == b->sides;
}

static bool drawn_before(unsigned index, const struct case_rule *rule)
{
	struct case_rule earlier;
	for (unsigned i = 0; i < index; i++) {
		if (case_rule_at(i, &earlier) && same_arrow(&earlier, rule))
			return true;
	}
	return false;
}

static void print_resume(const struct case_rule *rule)
{
	static const enum case_state before[] = {CASE_ACCEPTED, CASE_IN_PROGRESS, CASE_TRACE_SEARCHING};
	for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
		if (case_state_traces(before[i]) != case_state_traces(rule->from))
			continue;
		printf("\t%s -> %s [label=\"RESUME\\nwho put it on hold\" color=\"#555555\" style=dashed];\n",
		       case_state_name(rule->from), case_state_name(before[i]));
	}
}

// One arrow for all moves of the same sides between the same states. Ways back do not shape the drawing.
static void print_move(unsigned index, const struct case_rule *rule)
{
	struct case_rule other;
	if (rule->to == CASE_NONE || drawn_before(index, rule))
		return;
	printf("\t%s -> %s [label=\"", case_state_name(rule->from), case_state_name(rule->to));
	for (unsigned i = index; case_rule_at(i, &other); i++) {
		if (same_arrow(rule, &other))
			printf("%s\\n", case_event_name(other.event));
	}
	bool back = rule->event == EVENT_REOPEN || rule->from == CASE_TRANSFERRED;
	printf("%s\" color=\"%s\"%s];\n", who(rule->sides), colour(rule->sides), back ? " constraint=false" : "");
}

int main(void)
{
	struct case_rule rule;
	printf("digraph lifecycle {\n\trankdir=TB;\n\tnode [shape=box style=rounded fontname=\"sans-serif\" fontsize=10];\n"
	       "\tedge [fontname=\"sans-serif\" fontsize=8];\n");
	for (unsigned state = 0; state < CASE_STATE_COUNT; state++)
		print_state((enum case_state)state);
	print_everywhere();
	for (unsigned i = 0; case_rule_at(i, &rule); i++) {
		if (rule.event == EVENT_RESUME)
			print_resume(&rule);
		else
			print_move(i, &rule);
	}
	printf("}\n");
	return 0;
}
