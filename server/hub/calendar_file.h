// SPDX-License-Identifier: Apache-2.0
//
// The file of holidays that the operator hands over: a day a line, 2026-12-24 or 12-25 for every year, then
// perhaps a comma and what day it is. Empty lines, and what begins with #, are passed over.
#ifndef PASSERELLE_HUB_CALENDAR_FILE_H
#define PASSERELLE_HUB_CALENDAR_FILE_H

#include "case/calendar.h"

// All faults are told, each with its line: `say` gets "holidays.csv:3: ...". FAIL_NO_FILE, FAIL_BAD_USAGE; then
// *calendar is not to be used.
enum fail_code calendar_file_read(struct work_calendar *calendar, const char *file,
                                  void (*say)(void *context, const char *text), void *context,
                                  struct fail *why) MUST_CHECK;

#endif
