// SPDX-License-Identifier: Apache-2.0
//
// Bridges of a graph: edges on no cycle. Pure. (R. Tarjan, A note on finding the bridges of a graph,
// Information Processing Letters 2, 1974.)
#ifndef PASSERELLE_STORE_BRIDGES_H
#define PASSERELLE_STORE_BRIDGES_H

#include "base/fail.h"

#include <stddef.h>

struct edge { size_t a, b; };

// bridge[i] says it of edge[i]; parallel edges are on a cycle. Nodes are 0 to nodes - 1. FAIL_NO_MEMORY.
enum fail_code bridges_find(const struct edge *edge, size_t count, size_t nodes, bool *bridge) MUST_CHECK;

#endif
