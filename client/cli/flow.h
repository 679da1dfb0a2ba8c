// SPDX-License-Identifier: Apache-2.0
//
// Sums over the items of passerelle.flow_period/1.
#ifndef PASSERELLE_CLI_FLOW_H
#define PASSERELLE_CLI_FLOW_H

#include <jansson.h>

// The days within which `share` percent of the cases of this figure and key were done; NULL: more than the most told apart, or none.
const char *flow_days_of(const json_t *items, const char *figure, const char *key, double share);

// Cases of a figure and key that took at most `days`; 0: all of them.
double flow_cases_within(const json_t *items, const char *figure, const char *key, double days);

#endif
