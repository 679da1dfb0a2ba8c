// SPDX-License-Identifier: Apache-2.0
#include "lib/forms.h"

#include "lib/file.h"

#include <dirent.h>
#include <dlfcn.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_FILES = 400 };

static void refuse(json_t *refused, const char *file, const char *path, const char *text)
{
	if (refused != NULL)
		json_array_append_new(refused, json_pack("{s:s?, s:s?, s:s?}", "file", file, "path", path, "text", text));
}

static void refuse_all(json_t *refused, const char *file, const struct form_faults *faults, const struct fail *why)
{
	if (faults->count == 0)
		refuse(refused, file, "form", why->text);
	for (size_t i = 0; i < faults->count; i++)
		refuse(refused, file, faults->fault[i].path, faults->fault[i].text);
}

// A pipe would let us wait for ever, a device is no form.
static enum fail_code read_file(struct bytes *out, const char *file, struct fail *why)
{
	struct stat about;
	if (stat(file, &about) != 0)
		return file_fail(why, "open", file);
	if (!S_ISREG(about.st_mode))
		return fail_set(why, FAIL_NO_FILE, "'%s' is no ordinary file", file);
	return file_read(out, file, why);
}

static void take_file(struct definitions *forms, const char *file, json_t *refused)
{
	struct bytes bytes;
	struct definition definition = {.json = NULL};
	struct form_faults faults = {.count = 0};
	struct fail why = {.code = FAIL_NONE};
	bytes_init(&bytes, MAX_DEFINITION + 1);
	enum fail_code code = read_file(&bytes, file, &why);
	if (code == FAIL_NONE)
		code = definition_read((const char *)bytes.data, bytes.length, &definition, &faults, &why);
	bytes_release(&bytes);
	if (code != FAIL_NONE)
		refuse_all(refused, file, &faults, &why);
	else if (!definitions_add(forms, &definition))
		definition_release(&definition); // another of this id came first
}

static int is_definition(const struct dirent *entry)
{
	size_t length = strlen(entry->d_name);
	return entry->d_name[0] != '.' && length > 5 && strcmp(entry->d_name + length - 5, ".json") == 0;
}

// In the order of the bytes of their names, whatever the locale.
static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void take_folder(struct definitions *forms, const char *folder, json_t *refused)
{
	struct dirent **entry = NULL;
	int count = folder != NULL && folder[0] != '\0' ? scandir(folder, &entry, is_definition, by_bytes) : 0;
	for (int i = 0; i < count; i++) {
		struct path file;
		struct fail why;
		if (i < MOST_FILES && path_join(&file, folder, entry[i]->d_name, &why) == FAIL_NONE)
			take_file(forms, file.text, refused);
		free(entry[i]);
	}
	free(entry);
}

// Is the folder there, seen from that of this file?
static bool seen_from(struct path *found, const char *file, const char *relative)
{
	struct path folder;
	struct fail why;
	snprintf(folder.text, sizeof folder.text, "%s", file);
	char *slash = strrchr(folder.text, '/');
	if (slash == NULL)
		return false;
	*slash = '\0';
	return path_join(found, folder.text, relative, &why) == FAIL_NONE && access(found->text, R_OK) == 0;
}

// Seen from the program that runs, from this library; else where it was to be installed.
static struct path installed(void)
{
	struct path found, program;
	Dl_info library;
	ssize_t length = readlink("/proc/self/exe", program.text, sizeof program.text - 1);
	program.text[length > 0 ? length : 0] = '\0';
	if (seen_from(&found, program.text, FORMS_BESIDE))
		return found;
	if (dladdr(FORMS_INSTALLED, &library) != 0 && seen_from(&found, library.dli_fname, FORMS_BESIDE_LIBRARY))
		return found;
	snprintf(found.text, sizeof found.text, "%s", FORMS_INSTALLED);
	return found;
}

// Takes those out whose base is not there, with the faults.
static void join(struct definitions *forms, struct form_faults *faults)
{
	struct fail why;
	while (definitions_join(forms, faults, &why) != FAIL_NONE)
		;
}

static enum fail_code new_set(struct definitions **forms, struct fail *why)
{
	*forms = calloc(1, sizeof **forms);
	return *forms != NULL ? FAIL_NONE : fail_set(why, FAIL_NO_MEMORY, "out of memory");
}

enum fail_code forms_load(struct definitions **forms, const char *own, json_t *refused, struct fail *why)
{
	struct form_faults faults = {.count = 0};
	if (new_set(forms, why) != FAIL_NONE)
		return FAIL_NO_MEMORY;
	take_folder(*forms, own, refused);
	take_folder(*forms, installed().text, refused);
	join(*forms, &faults);
	if (faults.count > 0)
		refuse_all(refused, NULL, &faults, NULL);
	return FAIL_NONE;
}

enum fail_code forms_load_beside(struct definitions **forms, struct definition *first, const char *own,
                                 struct form_faults *faults, struct fail *why)
{
	char id[48];
	enum fail_code code = new_set(forms, why);
	snprintf(id, sizeof id, "%s", first->id);
	if (code != FAIL_NONE || !definitions_add(*forms, first)) {
		definition_release(first);
		return code;
	}
	struct form_faults all = {.count = 0};
	take_folder(*forms, own, NULL);
	take_folder(*forms, installed().text, NULL);
	join(*forms, &all);
	if (definition_find(*forms, id) != NULL)
		return FAIL_NONE; // what is wrong with others is no fault here
	*faults = all;
	return fail_set(why, FAIL_BAD_FORM, "the definition is not right, the first fault is at %s", faults->fault[0].path);
}

enum fail_code forms_load_for(struct definitions **forms, const char *own, const char *json, struct fail *why)
{
	*forms = NULL;
	return json != NULL && strstr(json, "\"form\"") != NULL ? forms_load(forms, own, NULL, why) : FAIL_NONE;
}

void forms_free(struct definitions *forms)
{
	if (forms != NULL)
		definitions_release(forms);
	free(forms);
}
