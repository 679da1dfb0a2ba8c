// SPDX-License-Identifier: Apache-2.0
#include "store/bridges.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// A depth-first walk without recursion: its stack is a list of nodes, each with the edge by which it was
// reached and the place in its own list of edges where it goes on.
struct walk {
	const struct edge *edge;
	size_t *first, *of;      // edges of node n: of[first[n]] to of[first[n + 1] - 1]
	size_t *place;           // next one to look at
	size_t *seen, *low;      // order in which a node was reached, from 1; the earliest that its tree reaches
	size_t *stack, *by;      // nodes on the way, and the edge that led to each
	size_t depth, time;
	bool *bridge;
};

static void list_edges(struct walk *walk, size_t count, size_t nodes)
{
	for (size_t i = 0; i < count; i++) {
		walk->first[walk->edge[i].a + 1]++;
		walk->first[walk->edge[i].b + 1]++;
	}
	for (size_t n = 0; n < nodes; n++)
		walk->first[n + 1] += walk->first[n];
	memcpy(walk->place, walk->first, nodes * sizeof *walk->place);
	for (size_t i = 0; i < count; i++) {
		walk->of[walk->place[walk->edge[i].a]++] = i;
		walk->of[walk->place[walk->edge[i].b]++] = i;
	}
	memcpy(walk->place, walk->first, nodes * sizeof *walk->place);
}

static void enter(struct walk *walk, size_t node, size_t by)
{
	walk->seen[node] = walk->low[node] = ++walk->time;
	walk->stack[walk->depth] = node;
	walk->by[walk->depth++] = by;
}

// Back to where it came from: what cannot be reached otherwise hangs on a bridge.
static void leave(struct walk *walk)
{
	size_t node = walk->stack[--walk->depth], by = walk->by[walk->depth];
	if (walk->depth == 0)
		return;
	size_t above = walk->stack[walk->depth - 1];
	if (walk->low[node] < walk->low[above])
		walk->low[above] = walk->low[node];
	walk->bridge[by] = walk->low[node] > walk->seen[above];
}

static void look(struct walk *walk)
{
	size_t node = walk->stack[walk->depth - 1], by = walk->by[walk->depth - 1];
	if (walk->place[node] == walk->first[node + 1]) {
		leave(walk);
		return;
	}
	size_t edge = walk->of[walk->place[node]++];
	size_t other = walk->edge[edge].a == node ? walk->edge[edge].b : walk->edge[edge].a;
	if (edge == by)
		return;
	if (walk->seen[other] == 0)
		enter(walk, other, edge);
	else if (walk->seen[other] < walk->low[node])
		walk->low[node] = walk->seen[other];
}

enum fail_code bridges_find(const struct edge *edge, size_t count, size_t nodes, bool *bridge)
{
	size_t *memory = calloc(nodes * 6 + 2 + 2 * count, sizeof *memory);
	if (memory == NULL)
		return FAIL_NO_MEMORY;
	struct walk walk = {
		.edge = edge,
		.first = memory,
		.place = memory + nodes + 1,
		.seen = memory + 2 * nodes + 1,
		.low = memory + 3 * nodes + 1,
		.stack = memory + 4 * nodes + 1,
		.by = memory + 5 * nodes + 1,
		.of = memory + 6 * nodes + 2,
		.bridge = bridge,
	};
	memset(bridge, 0, count * sizeof *bridge);
	list_edges(&walk, count, nodes);
	for (size_t node = 0; node < nodes; node++) {
		if (walk.seen[node] == 0)
			enter(&walk, node, SIZE_MAX);
		while (walk.depth > 0)
			look(&walk);
	}
	free(memory);
	return FAIL_NONE;
}
