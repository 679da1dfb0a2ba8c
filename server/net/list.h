// SPDX-License-Identifier: Apache-2.0
//
// Doubly linked list whose links lie inside the elements. A head is a link that
// points to itself when the list is empty.
#ifndef PASSERELLE_NET_LIST_H
#define PASSERELLE_NET_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct link {
	struct link *prev, *next;
};

// Element of `type` whose member `member` is this link.
#define link_owner(link, type, member) ((type *)(void *)((char *)(link) - offsetof(type, member)))

static inline void link_init(struct link *link)
{
	link->prev = link->next = link;
}

static inline bool link_alone(const struct link *link)
{
	return link->next == link;
}

static inline void link_append(struct link *head, struct link *link)
{
	link->prev = head->prev;
	link->next = head;
	head->prev->next = link;
	head->prev = link;
}

// Fine for a link that is in no list.
static inline void link_remove(struct link *link)
{
	link->prev->next = link->next;
	link->next->prev = link->prev;
	link_init(link);
}

#endif
