// SPDX-License-Identifier: Apache-2.0
//
// What a page of a child's file must agree with in its case: a review with the goals of the project.
#ifndef PASSERELLE_LIB_CHILD_CHECK_H
#define PASSERELLE_LIB_CHILD_CHECK_H

#include "form/form.h"
#include "lib/profile.h"

// `body`: the page as form_read made it. FAIL_BAD_FORM with faults by path.
enum fail_code child_check(struct psr_profile *profile, const struct case_row *row, struct view body,
                           struct form_faults *faults, struct fail *why) MUST_CHECK;

#endif
