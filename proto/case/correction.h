// SPDX-License-Identifier: Apache-2.0
//
// Which messages may be spoken of by another one of their own member: replaced by a new version, declared void
// (casework page, 5.2, row 21), or recalled. Nothing sent is ever edited: these are messages of their own. The same
// table for both ends.
#ifndef PASSERELLE_CASE_CORRECTION_H
#define PASSERELLE_CASE_CORRECTION_H

#include "wire/message.h"

// Kinds (bits 1 << enum message_kind) that Header.refers_to of a message of this kind may name; 0: it has no refers_to.
uint64_t correction_kinds(enum message_kind kind);

// The same for a whole header, in a case that has ended or goes on: a RECALL with a reason is one of what opened the
// case and withdraws it; without a reason it is that only where there is nothing left to withdraw.
uint64_t correction_kinds_of(const struct header *header, bool ended);

// Messages of this kind open a case.
bool correction_opens(enum message_kind kind);

// May a message of kind `kind` speak of one of kind `of`?
bool correction_possible(enum message_kind kind, enum message_kind of);

// Why not, in words, for the refusal of a message of this kind.
const char *correction_refusal(enum message_kind kind);

#endif
