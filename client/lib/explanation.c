// SPDX-License-Identifier: Apache-2.0
#include "lib/explanation.h"

#include "lib/contents.h"
#include "lib/json.h"

#include <string.h>

struct looking {
	const char *from;
	uint64_t since;
	json_t *newest; // owned
};

static enum fail_code look(void *context, const struct content *content)
{
	struct looking *looking = context;
	static const char *const keys[] = {"cause", "expected", "text"};
	if (strcmp(content->from, looking->from) != 0 || content->at < looking->since)
		return FAIL_NONE;
	json_decref(looking->newest);
	looking->newest = json_object();
	json_put_text(looking->newest, "by", content->from);
	json_put_time(looking->newest, "at", content->at);
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
		json_put_filled(looking->newest, keys[i], content_text(content->json, keys[i]));
	return FAIL_NONE;
}

enum fail_code explanation_read(struct psr_profile *profile, const struct id *case_id, const char *from, uint64_t since,
                                json_t **found, struct fail *why)
{
	struct looking looking = {.from = from, .since = since};
	bool whole;
	*found = NULL;
	enum fail_code code =
		contents_each(profile, case_id, UINT64_C(1) << KIND_REMINDER_REPLY, look, &looking, &whole, why);
	if (code == FAIL_NONE)
		*found = looking.newest;
	else
		json_decref(looking.newest);
	return code;
}
