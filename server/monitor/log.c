// SPDX-License-Identifier: Apache-2.0
#include "monitor/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LINE_SIZE = 2048, LAST_BYTES = 8 };

static const char *const field_names[LOG_FIELD_COUNT] = {
#define X(name) [LOG_##name] = #name,
	LOG_FIELD_MAP(X)
#undef X
};

static const char *const level_names[] = {
	[LOG_LEVEL_ALARM] = "alarm", [LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_WARNING] = "warning",
	[LOG_LEVEL_NOTICE] = "notice", [LOG_LEVEL_INFO] = "info", [LOG_LEVEL_DEBUG] = "debug",
};

// A line that runs over is cut, and still ends as its format demands.
struct line {
	char *text;
	size_t length, size;
	bool full;
};

static void add(struct line *line, const char *text, size_t length)
{
	if (line->full || length > line->size - LAST_BYTES - line->length) {
		line->full = true;
		return;
	}
	memcpy(line->text + line->length, text, length);
	line->length += length;
}

static void add_text(struct line *line, const char *text)
{
	add(line, text, strlen(text));
}

static void add_format(struct line *line, const char *format, ...) PRINTF_LIKE(2, 3);
static void add_format(struct line *line, const char *format, ...)
{
	char text[64];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	add_text(line, text);
}

// Surrogates are no characters; DEL is a control character; marks that turn the
// direction of what follows could make a line read as another.
static bool may_be_shown(uint32_t point)
{
	static const struct { uint32_t first, last; } hidden[] = {
		{0x0000, 0x001f}, {0x007f, 0x009f}, {0x200e, 0x200f}, {0x2028, 0x202e}, {0x2066, 0x2069}, {0xd800, 0xdfff},
		{0x110000, 0xffffffff},
	};
	for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++) {
		if (point >= hidden[i].first && point <= hidden[i].last)
			return false;
	}
	return true;
}

// Length of the UTF-8 character at `text` that may be shown, 0 if it may not.
static size_t shown(const unsigned char *text)
{
	static const struct { unsigned char mask, lead; size_t length; uint32_t least; } forms[] = {
		{0x80, 0x00, 1, 0}, {0xe0, 0xc0, 2, 0x80}, {0xf0, 0xe0, 3, 0x800}, {0xf8, 0xf0, 4, 0x10000},
	};
	for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
		if ((text[0] & forms[i].mask) != forms[i].lead)
			continue;
		uint32_t point = text[0] & (unsigned char)~forms[i].mask;
		for (size_t j = 1; j < forms[i].length; j++) {
			if ((text[j] & 0xc0) != 0x80)
				return 0;
			point = point << 6 | (text[j] & 0x3f);
		}
		return point >= forms[i].least && may_be_shown(point) ? forms[i].length : 0;
	}
	return 0;
}

static void add_quoted(struct line *line, const char *text)
{
	add_text(line, "\"");
	for (const unsigned char *at = (const unsigned char *)text; *at != 0;) {
		size_t length = shown(at);
		if (*at == '"' || *at == '\\')
			add_text(line, "\\");
		if (length > 0)
			add(line, (const char *)at, length);
		else
			add_format(line, "\\u%04x", *at);
		at += length > 0 ? length : 1;
	}
	add_text(line, "\"");
}

void log_quote(const char *text, char *out, size_t size)
{
	struct line line = {.text = out, .size = size};
	must(size > LAST_BYTES + 2);
	add_quoted(&line, text);
	if (line.full)
		out[line.length++] = '"';
	out[line.length] = 0;
}

static bool plain_word(const char *text)
{
	return *text != 0 &&
	       text[strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-:/+@[]")] == 0;
}

static void add_field(struct line *line, const struct log_field *field, enum log_format format)
{
	add_format(line, format == LOG_JSON ? ",\"%s\":" : " %s=", field_names[field->name]);
	if (field->text == NULL)
		add_format(line, format == LOG_JSON ? "\"%llu\"" : "%llu", (unsigned long long)field->number);
	else if (format == LOG_TEXT && plain_word(field->text))
		add_text(line, field->text);
	else
		add_quoted(line, field->text);
}

static void time_text(uint64_t unix_ms, char text[40])
{
	time_t seconds = (time_t)(unix_ms / 1000);
	struct tm utc;
	gmtime_r(&seconds, &utc);
	size_t length = strftime(text, 32, "%Y-%m-%dT%H:%M:%S", &utc);
	snprintf(text + length, 40 - length, ".%03uZ", (unsigned)(unix_ms % 1000));
}

size_t log_line(const struct log *log, uint64_t unix_ms, enum log_level level, const char *event,
                const struct log_field *field, size_t count, char *text, size_t size)
{
	struct line line = {.text = text, .size = size};
	char when[40];
	must(size > LAST_BYTES * 16);
	time_text(unix_ms, when);
	if (log->prefix)
		add_format(&line, "<%u>", (unsigned)level);
	if (log->format == LOG_JSON) {
		add_format(&line, "{\"time\":\"%s\",\"level\":\"%s\",\"event\":", when, level_names[level]);
		add_quoted(&line, event);
	} else {
		add_format(&line, "%s %s ", when, level_names[level]);
		add_text(&line, event);
	}
	for (size_t i = 0; i < count && !line.full; i++) {
		size_t before = line.length;
		add_field(&line, &field[i], log->format);
		if (line.full)
			line.length = before; // half a field is worse than none
	}
	line.full = false;
	line.size += LAST_BYTES - 1;
	add_text(&line, log->format == LOG_JSON ? "}\n" : "\n");
	line.text[line.length] = 0;
	return line.length;
}

void log_init(struct log *log, int fd, enum log_format format, enum log_level level)
{
	*log = (struct log){.fd = fd, .format = format, .level = level};
	const char *journal = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat state;
	if (journal != NULL && sscanf(journal, "%llu:%llu", &device, &inode) == 2 && fstat(fd, &state) == 0)
		log->prefix = state.st_dev == device && state.st_ino == inode;
}

void log_fields(const struct log *log, enum log_level level, const char *event, const struct log_field *field,
                size_t count)
{
	char line[LINE_SIZE];
	struct timespec now;
	if (level > log->level)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	uint64_t unix_ms = (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	size_t length = log_line(log, unix_ms, level, event, field, count, line, sizeof line);
	ssize_t written = write(log->fd, line, length);
	(void)written;
}
