// SPDX-License-Identifier: Apache-2.0
//
// One line per event on one descriptor, as text for people or one JSON object
// for machines. Which fields there are is a closed list: an event cannot carry
// anything of a case, because there is no field to put it in. Texts from outside
// are escaped, so that no control character reaches a terminal.
//
//   2026-11-23T07:25:00.123Z notice session.opened session=17 member=CH role=caseworker
#ifndef PASSERELLE_MONITOR_LOG_H
#define PASSERELLE_MONITOR_LOG_H

#include "base/fail.h"

#include <stddef.h>
#include <stdint.h>

// The numbers are those of syslog, which journald reads in <N>.
enum log_level {
	LOG_LEVEL_ALARM = 2,
	LOG_LEVEL_ERROR = 3,
	LOG_LEVEL_WARNING = 4,
	LOG_LEVEL_NOTICE = 5,
	LOG_LEVEL_INFO = 6,
	LOG_LEVEL_DEBUG = 7
};

// X(field): numbers of sessions and requests, who (a member or its office, never a
// child), where a connection comes from, and words of this program.
#define LOG_FIELD_MAP(X) \
	X(session) X(request) X(member) X(role) X(user) X(address) X(port) X(reason) X(file) X(option) \
	X(count) X(bytes) X(ms) X(version) X(signal) X(pid) X(detail)

enum log_name {
#define X(name) LOG_##name,
	LOG_FIELD_MAP(X)
#undef X
	LOG_FIELD_COUNT
};

struct log_field {
	enum log_name name;
	const char *text;   // NULL: the number counts
	uint64_t number;
};

enum log_format { LOG_TEXT, LOG_JSON };

struct log {
	int fd;                 // borrowed
	enum log_format format;
	enum log_level level;   // lines above it are left out
	bool prefix;            // <N> before each line: systemd reads it
};

// Finds out by itself whether `fd` is the journal (JOURNAL_STREAM).
void log_init(struct log *log, int fd, enum log_format format, enum log_level level);

static inline struct log_field log_text(enum log_name name, const char *text)
{
	return (struct log_field){.name = name, .text = text};
}

static inline struct log_field log_number(enum log_name name, uint64_t number)
{
	return (struct log_field){.name = name, .number = number};
}

// `event` is a word of this program ("session.opened"). One write() a line; a line
// that the descriptor does not take is lost, the hub does not wait for its log.
void log_fields(const struct log *log, enum log_level level, const char *event, const struct log_field *field,
                size_t count);

#define log_event(log, level, event, ...) \
	log_fields((log), (level), (event), (const struct log_field[]){__VA_ARGS__}, \
	           sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

// For tests and for other descriptors: the line itself, with its newline, for this
// time (Unix milliseconds). Returns its length, at most size - 1.
size_t log_line(const struct log *log, uint64_t unix_ms, enum log_level level, const char *event,
                const struct log_field *field, size_t count, char *line, size_t size);

// `text` in quotes as JSON has them, without control characters; for what others wrote
// and a terminal or a document shows. Cut to what fits; `size` at least 16.
void log_quote(const char *text, char *out, size_t size);

#endif
