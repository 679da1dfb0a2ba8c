// SPDX-License-Identifier: Apache-2.0
//
// The counters of a report, passerelle.report/1: counted once, then worded in as many languages as wanted. No names of persons.
//
//   {"schema", "report": "ACTIVITY" | "GLOBAL" | "MEMBER", "year", "region", "as_of", "totals": {...}, and lists of rows}
//
// A count that the hub keeps to itself stays untold: it is left out of its row (null), and sums are of what was told.
#ifndef PASSERELLE_CLI_REPORT_COUNT_H
#define PASSERELLE_CLI_REPORT_COUNT_H

#include <jansson.h>

// Of the hub's three answers: what was done in the year (passerelle.flow_period/1), how the cases stand (passerelle.flow/1), and of the year
// what was opened in each region (passerelle.flow_period/1). `region`: only members of it, and its months and services, each with
// "asks" and "asked" ("cases" is what was asked of it); NULL for all. What the hub does not tell by region is of the whole network.
json_t *report_count_flow(const char *report, const char *year, const char *region, const json_t *answers);

// Of the own inbox and outbox (passerelle.inbox/1, passerelle.outbox/1): messages that the hub accepted in the year, receipts
// left out.
json_t *report_count_own(const char *year, const json_t *inbox, const json_t *outbox);

#endif
