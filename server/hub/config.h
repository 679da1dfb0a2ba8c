// SPDX-License-Identifier: Apache-2.0
//
// hub.conf: an INI file whose options are the rows of options.def. A long value
// goes on in the next line if that one is indented. All faults of a file are told
// at once, each with its line and what would be right.
#ifndef PASSERELLE_HUB_CONFIG_H
#define PASSERELLE_HUB_CONFIG_H

#include "base/arena.h"

#include <stdio.h>

enum option_kind { OPTION_TEXT, OPTION_NUMBER, OPTION_SWITCH, OPTION_CHOICE };
enum option_flag { OPTION_RELOAD = 1, OPTION_SECRET = 2, OPTION_SERVE = 4 };

struct config {
#define CONFIG_TYPE_TEXT const char *
#define CONFIG_TYPE_NUMBER uint32_t
#define CONFIG_TYPE_SWITCH bool
#define CONFIG_TYPE_CHOICE unsigned
#define OPTION(kind, section, name, preset, least, most, flags, help) CONFIG_TYPE_##kind section##_##name;
#include "hub/options.def"
#undef OPTION
	struct arena texts;  // owns what the texts point to
};

struct option {
	const char *section, *name;
	enum option_kind kind;
	const char *preset;
	uint32_t least, most;
	unsigned flags;
	const char *help;
	size_t offset;       // within struct config
};

// Row of options.def; NULL behind the last.
const struct option *option_at(size_t index);

// The preset's value as it is written in a file: of a CHOICE the first word.
void option_preset(const struct option *option, char *text, size_t size);

// Each fault as one text ("hub.conf:12: [tls] key: ...").
typedef void (*config_fault)(void *context, const char *text);

// Reads `file` over the presets; the parent owns *config. FAIL_BAD_CONFIG after all faults were told; also
// if an option that serving needs is empty and `serve` is set.
enum fail_code config_load(struct config **config, const char *file, bool serve, config_fault fault,
                           void *context) MUST_CHECK;

// The presets alone.
struct config *config_new(void);
void config_free(struct config *config); // NULL is fine

// Value as text. Secrets are given as they are: mask them where they are shown.
void config_value(const struct config *config, const struct option *option, char *text, size_t size);

// As a file that config_load reads again; secrets as "(set)" or empty.
void config_dump(const struct config *config, FILE *out);

// Takes over from `fresh` what SIGHUP may change; calls `later` with "section.name" of each
// other option that differs. `fresh` may be freed afterwards. FAIL_NO_MEMORY.
enum fail_code config_take_over(struct config *config, const struct config *fresh, config_fault later,
                                void *context) MUST_CHECK;

#endif
