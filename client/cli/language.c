// SPDX-License-Identifier: Apache-2.0
#include "cli/language.h"

#include <libintl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char domain[] = "passerelle";
static const char *const tags[] = {"en", "fr", "es"};

// The language that "fr_CH.UTF-8" or "fr" names; NULL if we do not have it. C and POSIX are English.
static const char *tag_of(const char *locale)
{
	if (strcmp(locale, "POSIX") == 0 || (locale[0] == 'C' && strchr("._", locale[1]) != NULL))
		return tags[0]; // strchr finds the final NUL too: plain "C"
	for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
		if (strncmp(locale, tags[i], 2) == 0 && strchr("_-.@:,", locale[2]) != NULL)
			return tags[i];
	}
	return NULL;
}

// LANGUAGE is a list, the best first: "de:fr:en".
static const char *first_known(const char *list)
{
	while (list != NULL && *list != '\0') {
		const char *tag = tag_of(list), *next = strchr(list, ':');
		if (tag != NULL)
			return tag;
		list = next != NULL ? next + 1 : NULL;
	}
	return NULL;
}

static const char *from_environment(void)
{
	static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
	const char *tag = first_known(getenv("LANGUAGE"));
	if (tag != NULL)
		return tag;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);
		if (value == NULL || value[0] == '\0')
			continue;
		tag = tag_of(value);
		return tag != NULL ? tag : tags[0];
	}
	return tags[0];
}

// Catalogues beside the program: they move with it.
static void bind_catalogues(void)
{
	char folder[4096];
	ssize_t length = readlink("/proc/self/exe", folder, sizeof(folder) - sizeof(LOCALE_FOLDER) - 2);
	folder[length > 0 ? length : 0] = '\0';
	char *name = strrchr(folder, '/');
	if (name == NULL)
		return;
	memcpy(name + 1, LOCALE_FOLDER, sizeof(LOCALE_FOLDER));
	bindtextdomain(domain, folder);
	bind_textdomain_codeset(domain, "UTF-8"); // whatever the locale: out.h writes UTF-8
}

// glibc translates in no locale called C (2.39 and later: nor in C.UTF-8), and most servers have no French one
// installed. LANGUAGE says which catalogue; any locale that is there opens the door to it.
static void open_door(void)
{
	static const char *const doors[] = {"", "C.UTF-8", "en_US.UTF-8", "fr_FR.UTF-8", "es_ES.UTF-8", "en_GB.UTF-8", "de_DE.UTF-8"};
	for (size_t i = 0; i < sizeof(doors) / sizeof(doors[0]); i++) {
		if (setlocale(LC_MESSAGES, doors[i]) != NULL && dgettext(domain, "Every day") != NULL &&
		    strcmp(dgettext(domain, "Every day"), "Every day") != 0)
			return;
	}
}

// "pt-BR" out of "pt_BR.UTF-8:fr"; "" for none, and for C.
static struct language_name name_of(const char *locale)
{
	struct language_name name = {""};
	size_t length = locale != NULL ? strcspn(locale, ".@:,") : 0;
	if (length < 2 || length >= sizeof(name.text) || strncmp(locale, "POSIX", length) == 0)
		return name;
	for (size_t i = 0; i < length; i++) {
		bool right = strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", locale[i]) != NULL;
		name.text[i] = right ? (char)(locale[i] == '_' ? '-' : locale[i]) : 'x';
	}
	return name;
}

// What the environment asks for first, whether our words are there in it or not.
static struct language_name first_wish(void)
{
	static const char *const names[] = {"LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"};
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *value = getenv(names[i]);
		if (value != NULL && value[0] != '\0')
			return name_of(value);
	}
	return name_of(NULL);
}

// The reader's own language stands first, ours behind it: gettext takes the first of which there is a catalogue. Who asks
// for none gets English words, but is not taken for somebody who writes English.
static void keep(struct language_name wish, const char *tag)
{
	char list[sizeof(wish.text) + 8];
	bool other = wish.text[0] != '\0' && tag_of(wish.text) != tag;
	snprintf(list, sizeof(list), "%s%s%s", other ? wish.text : "", other ? ":" : "", wish.text[0] != '\0' ? tag : "");
	setenv("LANGUAGE", list, 1);
}

struct language_name language_reader(void)
{
	return name_of(getenv("LANGUAGE"));
}

void language_begin(const char *wanted)
{
	const char *tag = wanted != NULL ? tag_of(wanted) : from_environment();
	tag = tag != NULL ? tag : tags[0];
	keep(wanted != NULL ? name_of(wanted) : first_wish(), tag);
	if (tag == tags[0])
		return; // the locale stays C: the texts as they are written
	bind_catalogues();
	open_door();
}

void language_change(const char *tag)
{
	setlocale(LC_MESSAGES, "C"); // gettext forgets what it looked up when the locale changes
	language_begin(tag);
}

bool language_known(const char *tag)
{
	return tag_of(tag) != NULL;
}

const char *language_tag(void)
{
	const char *tag = first_known(getenv("LANGUAGE"));
	return tag != NULL ? tag : tags[0];
}

const char *language_text(const char *english)
{
	return english[0] != '\0' ? dgettext(domain, english) : english;
}

const char *language_number(const char *one, const char *many, unsigned long count)
{
	return dngettext(domain, one, many, count);
}
