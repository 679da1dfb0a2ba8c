// SPDX-License-Identifier: Apache-2.0
//
// The flow as a picture: SVG 1.1, as plain text, with a title and a description for those who cannot see it.
#ifndef PASSERELLE_CLI_PLOT_H
#define PASSERELLE_CLI_PLOT_H

#include "cli/out.h"

// `document`: passerelle.flow_period/1 gives members, months and the days of each step; passerelle.flow/1 who asked
// whom, passerelle.flow_table/1 its rows.
// The file must not be there yet. Exit code.
int plot_flow(struct out *out, const json_t *document, const char *file);

#endif
