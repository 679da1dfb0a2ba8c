// SPDX-License-Identifier: Apache-2.0
#include "hub/config.h"

#include <ctype.h>
#include <errno.h>
#include <ini.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { TEXTS_CAP = 256 * 1024, TEXTS = 4096, VALUE_SIZE = 2048, FAULT_SIZE = 600 };

static const struct option options[] = {
#define RELOAD OPTION_RELOAD
#define SECRET OPTION_SECRET
#define SERVE OPTION_SERVE
#define OPTION(kind, section, name, preset, least, most, flags, help) \
	{#section, #name, OPTION_##kind, preset, least, most, flags, help, offsetof(struct config, section##_##name)},
#include "hub/options.def"
#undef OPTION
};

enum { OPTIONS = sizeof options / sizeof options[0] };

struct reading {
	struct config *config;
	const char *file;
	FILE *stream;
	config_fault fault;
	void *context;
	bool faulty, continued, lost;
	unsigned line;
	unsigned seen[OPTIONS];   // line of the option; 0: not yet
};

const struct option *option_at(size_t index)
{
	return index < OPTIONS ? &options[index] : NULL;
}

void option_preset(const struct option *option, char *text, size_t size)
{
	size_t length = option->kind == OPTION_CHOICE ? strcspn(option->preset, "|") : strlen(option->preset);
	snprintf(text, size, "%.*s", (int)length, option->preset);
}

static void tell(struct reading *reading, unsigned line, const char *format, ...) PRINTF_LIKE(3, 4);
static void tell(struct reading *reading, unsigned line, const char *format, ...)
{
	char text[FAULT_SIZE];
	int length = line > 0 ? snprintf(text, sizeof text, "%s:%u: ", reading->file, line)
	                      : snprintf(text, sizeof text, "%s: ", reading->file);
	size_t start = length > 0 && (size_t)length < sizeof text ? (size_t)length : 0;
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(text + start, sizeof text - start, format, arguments);
	va_end(arguments);
	reading->faulty = true;
	reading->fault(reading->context, text);
}

static void *field_of(struct config *config, const struct option *option)
{
	return (char *)config + option->offset;
}

static const void *field_in(const struct config *config, const struct option *option)
{
	return (const char *)config + option->offset;
}

static bool set_text(struct config *config, const struct option *option, const char *value)
{
	const char *copy = arena_text(&config->texts, value, strlen(value));
	if (copy == NULL)
		return false;
	*(const char **)field_of(config, option) = copy;
	return true;
}

static bool set_number(struct config *config, const struct option *option, const char *value)
{
	char *end;
	errno = 0;
	unsigned long long number = strtoull(value, &end, 10);
	if (!isdigit((unsigned char)value[0]) || *end != 0 || errno != 0 || number < option->least || number > option->most)
		return false;
	*(uint32_t *)field_of(config, option) = (uint32_t)number;
	return true;
}

static bool set_switch(struct config *config, const struct option *option, const char *value)
{
	bool yes = strcmp(value, "yes") == 0;
	if (!yes && strcmp(value, "no") != 0)
		return false;
	*(bool *)field_of(config, option) = yes;
	return true;
}

// Word `index` of "text|json"; false behind the last.
static bool choice_at(const struct option *option, unsigned index, const char **word, size_t *length)
{
	const char *at = option->preset;
	while (index-- > 0) {
		at = strchr(at, '|');
		if (at++ == NULL)
			return false;
	}
	*word = at;
	*length = strcspn(at, "|");
	return true;
}

static bool set_choice(struct config *config, const struct option *option, const char *value)
{
	const char *word;
	size_t length;
	for (unsigned i = 0; choice_at(option, i, &word, &length); i++) {
		if (strlen(value) != length || memcmp(value, word, length) != 0)
			continue;
		*(unsigned *)field_of(config, option) = i;
		return true;
	}
	return false;
}

static bool set(struct config *config, const struct option *option, const char *value)
{
	static bool (*const setters[])(struct config *, const struct option *, const char *) = {
		[OPTION_TEXT] = set_text, [OPTION_NUMBER] = set_number, [OPTION_SWITCH] = set_switch, [OPTION_CHOICE] = set_choice,
	};
	return setters[option->kind](config, option, value);
}

// What would have been right.
static void expected(const struct option *option, char *text, size_t size)
{
	switch (option->kind) {
	case OPTION_NUMBER:
		snprintf(text, size, "a number from %" PRIu32 " to %" PRIu32, option->least, option->most);
		break;
	case OPTION_SWITCH:
		snprintf(text, size, "yes or no");
		break;
	case OPTION_CHOICE:
		snprintf(text, size, "one of %s", option->preset);
		break;
	case OPTION_TEXT:
	default:
		snprintf(text, size, "a shorter text");
		break;
	}
}

static const struct option *find(const char *section, const char *name)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		if (strcmp(options[i].section, section) == 0 && strcmp(options[i].name, name) == 0)
			return &options[i];
	}
	return NULL;
}

static void go_on(struct reading *reading, const struct option *option, const char *more)
{
	char whole[VALUE_SIZE];
	const char *begun = *(const char *const *)field_in(reading->config, option);
	int length = snprintf(whole, sizeof whole, "%s %s", begun, more);
	if (length < 0 || (size_t)length >= sizeof whole || !set_text(reading->config, option, whole))
		tell(reading, reading->line, "[%s] %s is too long", option->section, option->name);
}

static int take(void *context, const char *section, const char *name, const char *value)
{
	struct reading *reading = context;
	const struct option *option = find(section, name);
	if (option == NULL) {
		tell(reading, reading->line, "[%s] %s is not an option: see passerelle-hub --help", section, name);
		return 1;
	}
	if (reading->continued && option->kind == OPTION_TEXT) {
		go_on(reading, option, value);
		return 1;
	}
	unsigned *seen = &reading->seen[option - options];
	if (*seen != 0)
		tell(reading, reading->line, "[%s] %s is set already in line %u", section, name, *seen);
	*seen = reading->line;
	if (!set(reading->config, option, value)) {
		char right[160];
		expected(option, right, sizeof right);
		tell(reading, reading->line, "[%s] %s: '%s' is not %s", section, name,
		     (option->flags & OPTION_SECRET) != 0 ? "..." : value, right);
	}
	return 1;
}

// inih cuts longer lines in two, which would then be read as something else; and
// lines are counted here, because it does not tell them to `take`.
static char *next_line(char *text, int size, void *stream)
{
	struct reading *reading = stream;
	for (;;) {
		if (fgets(text, size, reading->stream) == NULL)
			return NULL;
		reading->line++;
		reading->continued = text[0] == ' ' || text[0] == '\t';
		size_t length = strlen(text);
		bool whole = length > 0 && text[length - 1] == '\n';
		if (whole || feof(reading->stream))
			return text;
		tell(reading, reading->line, "the line is too long: break it, and indent the next line");
		int character;
		while ((character = fgetc(reading->stream)) != EOF && character != '\n')
			continue;
	}
}

struct config *config_new(void)
{
	struct config *config = calloc(1, sizeof *config);
	char text[VALUE_SIZE];
	if (config == NULL)
		return NULL;
	arena_init(&config->texts, TEXTS_CAP, TEXTS);
	for (size_t i = 0; i < OPTIONS; i++) {
		option_preset(&options[i], text, sizeof text);
		must(set(config, &options[i], text));
	}
	return config;
}

void config_free(struct config *config)
{
	if (config == NULL)
		return;
	arena_wipe(&config->texts);
	free(config);
}

static void check_needed(struct reading *reading)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct option *option = &options[i];
		if ((option->flags & OPTION_SERVE) == 0 || option->kind != OPTION_TEXT)
			continue;
		if (**(const char *const *)field_in(reading->config, option) == 0)
			tell(reading, reading->seen[i], "[%s] %s is empty: %s", option->section, option->name, option->help);
	}
}

enum fail_code config_load(struct config **config, const char *file, bool serve, config_fault fault, void *context)
{
	struct reading reading = {.file = file, .fault = fault, .context = context};
	reading.stream = fopen(file, "re");
	if (reading.stream == NULL) {
		tell(&reading, 0, "cannot open: %s", strerror(errno));
		return FAIL_BAD_CONFIG;
	}
	reading.config = config_new();
	if (reading.config == NULL) {
		fclose(reading.stream);
		return FAIL_NO_MEMORY;
	}
	int line = ini_parse_stream(next_line, &reading, take, &reading);
	if (line > 0)
		tell(&reading, (unsigned)line, "neither [section], name = value nor a comment");
	else if (line < 0)
		tell(&reading, 0, "cannot be read");
	fclose(reading.stream);
	if (serve)
		check_needed(&reading);
	if (reading.faulty) {
		config_free(reading.config);
		return FAIL_BAD_CONFIG;
	}
	*config = reading.config;
	return FAIL_NONE;
}

void config_value(const struct config *config, const struct option *option, char *text, size_t size)
{
	const void *field = field_in(config, option);
	const char *word = "";
	size_t length = 0;
	switch (option->kind) {
	case OPTION_NUMBER:
		snprintf(text, size, "%" PRIu32, *(const uint32_t *)field);
		break;
	case OPTION_SWITCH:
		snprintf(text, size, "%s", *(const bool *)field ? "yes" : "no");
		break;
	case OPTION_CHOICE:
		must(choice_at(option, *(const unsigned *)field, &word, &length));
		snprintf(text, size, "%.*s", (int)length, word);
		break;
	case OPTION_TEXT:
	default:
		snprintf(text, size, "%s", *(const char *const *)field);
		break;
	}
}

void config_dump(const struct config *config, FILE *out)
{
	const char *section = "";
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct option *option = &options[i];
		char text[VALUE_SIZE];
		config_value(config, option, text, sizeof text);
		if (strcmp(section, option->section) != 0)
			fprintf(out, "%s[%s]\n", i > 0 ? "\n" : "", option->section);
		section = option->section;
		fprintf(out, "%s = %s\n", option->name, (option->flags & OPTION_SECRET) != 0 && text[0] != 0 ? "(set)" : text);
	}
}

enum fail_code config_take_over(struct config *config, const struct config *fresh, config_fault later, void *context)
{
	for (size_t i = 0; i < OPTIONS; i++) {
		const struct option *option = &options[i];
		char mine[VALUE_SIZE], theirs[VALUE_SIZE], name[80];
		config_value(config, option, mine, sizeof mine);
		config_value(fresh, option, theirs, sizeof theirs);
		if (strcmp(mine, theirs) == 0)
			continue;
		if ((option->flags & OPTION_RELOAD) != 0) {
			if (!set(config, option, theirs))
				return FAIL_NO_MEMORY;
			continue;
		}
		snprintf(name, sizeof name, "%s.%s", option->section, option->name);
		later(context, name);
	}
	return FAIL_NONE;
}
