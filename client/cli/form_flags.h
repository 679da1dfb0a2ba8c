// SPDX-License-Identifier: Apache-2.0
//
// Flags that are a short way to say what a form says. Flag and form may not say
// different things.
#ifndef PASSERELLE_CLI_FORM_FLAGS_H
#define PASSERELLE_CLI_FORM_FLAGS_H

#include "cli/run.h"

// Was any of them given?
bool form_flags_any(const struct cli *cli);

// Puts them into `form`. 0, or the exit code of a contradiction that was told. `profile` may be NULL but for an
// answer that does not say to which question.
int form_flags_apply(struct cli *cli, struct psr_profile *profile, json_t *form);

#endif
