// SPDX-License-Identifier: Apache-2.0
//
// A case for people, from the document that psr_show gives.
#ifndef PASSERELLE_CLI_SHOW_H
#define PASSERELLE_CLI_SHOW_H

#include "cli/out.h"

// `document`: passerelle.case/1; lists of attachments move out of its contents.
void show_case(struct out *out, json_t *document);

// One line: how much of what was asked for is filled. Nothing if `item` has no "completeness".
void show_completeness(struct out *out, const json_t *item);

#endif
