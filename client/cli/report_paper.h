// SPDX-License-Identifier: Apache-2.0
//
// A report in the words of the language that is chosen (language.h): passerelle.report/1 becomes passerelle.paper/1.
#ifndef PASSERELLE_CLI_REPORT_PAPER_H
#define PASSERELLE_CLI_REPORT_PAPER_H

#include <jansson.h>

json_t *report_paper(const json_t *counted); // owned by the caller

#endif
