// SPDX-License-Identifier: Apache-2.0
//
// The public functions: types of passerelle.h in and out, nothing decided here.
#include <passerelle/passerelle.h>

#include "lib/answer.h"
#include "lib/ask.h"
#include "lib/cases.h"
#include "lib/compose.h"
#include "lib/doctor.h"
#include "lib/draft.h"
#include "lib/export.h"
#include "lib/fault.h"
#include "lib/fetch.h"
#include "lib/json.h"
#include "lib/profile_new.h"
#include "lib/statistics.h"
#include "lib/sync.h"
#include "lib/tell_all.h"
#include "lib/trace.h"
#include "lib/view.h"
#include "lib/watch.h"

#include <stdio.h>
#include <stdlib.h>

const char *psr_version(void)
{
	return "0.1.0";
}

void psr_free(char *text)
{
	free(text);
}

// One entry a key: its name, and the file of that name in `under` with this ending.
static json_t *files_json(const char *folder, const char *under, const char *ending)
{
	json_t *list = json_array();
	for (size_t i = 0; i < KEY_NAMES; i++) {
		if (!profile_has_key(folder, &key_names[i]))
			continue;
		char file[64];
		snprintf(file, sizeof file, "%s/%s.%s", under, key_names[i].name, ending);
		json_t *item = json_object();
		json_put_text(item, "name", key_names[i].name);
		json_put_text(item, "file", file);
		json_array_append_new(list, item);
	}
	return list;
}

int psr_profile_create(const struct psr_new_profile *from, char **result, struct psr_error *error)
{
	struct identity identity;
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = profile_create(from, &identity, &why);
	if (code == FAIL_NONE) {
		json = json_document("passerelle.created/1");
		json_put_text(json, "identity", identity.uri);
		json_object_set_new(json, "items", files_json(from->folder, "requests", "csr"));
	}
	return answer(result, json, code, &why, error);
}

int psr_profile_install(const char *folder, const char *certificates, const char *passphrase, char **result,
                        struct psr_error *error)
{
	struct identity identity;
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = profile_install(folder, certificates, passphrase, &identity, &why);
	if (code == FAIL_NONE) {
		json = json_document("passerelle.installed/1");
		json_put_text(json, "identity", identity.uri);
		json_object_set_new(json, "items", files_json(folder, "keys", "crt"));
	}
	return answer(result, json, code, &why, error);
}

int psr_profile_open(struct psr_profile **profile, const char *folder, const char *passphrase, struct psr_error *error)
{
	struct fail why = {.code = FAIL_NONE};
	*profile = NULL;
	return fault_tell(error, profile_open(profile, folder, passphrase, &why), &why);
}

void psr_profile_close(struct psr_profile *profile)
{
	if (profile != NULL)
		watch_stop(profile);
	profile_close(profile);
}

int psr_profile_forms(struct psr_profile *profile, const char *folder, const char *language, struct psr_error *error)
{
	struct fail why = {.code = FAIL_NONE};
	snprintf(profile->language, sizeof profile->language, "%s", language != NULL ? language : "");
	int length = snprintf(profile->forms.text, sizeof profile->forms.text, "%s", folder);
	if (length < (int)sizeof profile->forms.text)
		return fault_tell(error, FAIL_NONE, NULL);
	profile->forms.text[0] = '\0';
	return fault_tell(error, fail_set(&why, FAIL_BAD_USAGE, "the path is too long"), &why);
}

static json_t *written_json(const struct written *written)
{
	json_t *json = json_document("passerelle.written/1");
	json_put_id(json, "message", &written->message);
	if (!id_is_zero(&written->case_id))
		json_put_id(json, "case", &written->case_id);
	json_put_text(json, "reference", written->reference);
	json_put_text(json, "kind", message_kind_name(written->kind));
	json_put_filled(json, "to", written->to);
	json_put_text(json, "state", written->kept ? "kept" : outbox_state_name(written->state));
	json_t *partners = json_array();
	for (size_t i = 0; i < written->party_count; i++)
		json_array_append_new(partners, json_pack("{ssss}", "agency", written->party[i].agency, "reference",
		                                          written->party[i].reference));
	if (written->party_count > 0)
		json_object_set(json, "partners", partners);
	json_decref(partners);
	return json;
}

int psr_write(struct psr_profile *profile, const struct psr_message *message, char **result, struct psr_error *error)
{
	struct written written;
	struct form_faults faults = {.count = 0};
	struct fail why = {.code = FAIL_NONE};
	enum fail_code code = trace_may_write(message, &why);
	if (code == FAIL_NONE)
		code = compose_message(profile, message, NULL, &written, &faults, &why);
	return answer_checked(result, code == FAIL_NONE ? written_json(&written) : NULL, &faults, code, &why, error);
}

int psr_availability(struct psr_profile *profile, const struct psr_availability *availability, char **result,
                     struct psr_error *error)
{
	struct written written;
	struct fail why = {.code = FAIL_NONE};
	enum fail_code code = tell_availability(profile, availability, &written, &why);
	return answer(result, code == FAIL_NONE ? written_json(&written) : NULL, code, &why, error);
}

int psr_broadcast(struct psr_profile *profile, const char *text, const char *language, char **result,
                  struct psr_error *error)
{
	struct written written;
	struct fail why = {.code = FAIL_NONE};
	enum fail_code code = tell_broadcast(profile, text, language, &written, &why);
	return answer(result, code == FAIL_NONE ? written_json(&written) : NULL, code, &why, error);
}

int psr_draft(struct psr_profile *profile, const struct psr_message *message, char **result, struct psr_error *error)
{
	struct id draft;
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = draft_save(profile, message, &draft, &why);
	if (code == FAIL_NONE) {
		json = json_document("passerelle.draft/1");
		json_put_id(json, "draft", &draft);
	}
	return answer(result, json, code, &why, error);
}

int psr_draft_send(struct psr_profile *profile, const char *draft_id, char **result, struct psr_error *error)
{
	struct id draft;
	struct written written;
	struct form_faults faults = {.count = 0};
	struct fail why = {.code = FAIL_NONE};
	enum fail_code code = answer_id(&draft, draft_id, &why);
	if (code == FAIL_NONE)
		code = draft_send(profile, &draft, &written, &faults, &why);
	return answer_checked(result, code == FAIL_NONE ? written_json(&written) : NULL, &faults, code, &why, error);
}

int psr_draft_drop(struct psr_profile *profile, const char *draft_id, struct psr_error *error)
{
	struct id draft;
	struct fail why = {.code = FAIL_NONE};
	enum fail_code code = answer_id(&draft, draft_id, &why);
	if (code == FAIL_NONE)
		code = draft_drop(profile, &draft, &why);
	return fault_tell(error, code, &why);
}

int psr_drafts(struct psr_profile *profile, char **result, struct psr_error *error)
{
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = draft_list(profile, &json, &why);
	return answer(result, json, code, &why, error);
}

int psr_draft_show(struct psr_profile *profile, const char *draft_id, char **result, struct psr_error *error)
{
	struct id draft;
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = answer_id(&draft, draft_id, &why);
	if (code == FAIL_NONE)
		code = draft_show(profile, &draft, &json, &why);
	return answer(result, json, code, &why, error);
}

int psr_sync(struct psr_profile *profile, uint32_t wait_ms, psr_progress_call progress, void *context, char **result,
             struct psr_error *error)
{
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = sync_run(profile, wait_ms, progress, context, &json, &why);
	return answer(result, json, code, &why, error);
}

typedef enum fail_code (*view_call)(struct psr_profile *profile, json_t **result, struct fail *why);

static int answer_view(struct psr_profile *profile, view_call view, char **result, struct psr_error *error)
{
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = view(profile, &json, &why);
	return answer(result, json, code, &why, error);
}

int psr_inbox(struct psr_profile *profile, const struct psr_inbox_wanted *wanted, char **result,
              struct psr_error *error)
{
	static const struct psr_inbox_wanted all = {.unread = false};
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = view_inbox(profile, wanted == NULL ? &all : wanted, &json, &why);
	return answer(result, json, code, &why, error);
}

int psr_outbox(struct psr_profile *profile, char **result, struct psr_error *error)
{
	return answer_view(profile, view_outbox, result, error);
}

int psr_due(struct psr_profile *profile, char **result, struct psr_error *error)
{
	return answer_view(profile, view_due, result, error);
}

int psr_directory(struct psr_profile *profile, char **result, struct psr_error *error)
{
	return answer_view(profile, view_directory, result, error);
}

int psr_flow(struct psr_profile *profile, char **result, struct psr_error *error)
{
	return answer_view(profile, ask_flow, result, error);
}

int psr_flow_period(struct psr_profile *profile, const struct psr_flow_wanted *wanted, char **result,
                    struct psr_error *error)
{
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = ask_period(profile, wanted, &json, &why);
	return answer(result, json, code, &why, error);
}

int psr_statistics(struct psr_profile *profile, const struct psr_statistics_wanted *wanted, char **result,
                   struct psr_error *error)
{
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = statistics_answer(profile, wanted, &json, &why);
	return answer(result, json, code, &why, error);
}

static int answer_case(struct psr_profile *profile, const char *reference, bool open, char **result,
                       struct psr_error *error)
{
	struct case_row row;
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = cases_find(profile, reference, &row, &why);
	if (code == FAIL_NONE)
		code = view_case(profile, &row, open, &json, &why);
	return answer(result, json, code, &why, error);
}

int psr_show(struct psr_profile *profile, const char *reference, char **result, struct psr_error *error)
{
	return answer_case(profile, reference, true, result, error);
}

int psr_outline(struct psr_profile *profile, const char *reference, char **result, struct psr_error *error)
{
	return answer_case(profile, reference, false, result, error);
}

int psr_path(struct psr_profile *profile, const char *reference, char **result, struct psr_error *error)
{
	struct case_row row;
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = reference == NULL ? FAIL_NONE : cases_find(profile, reference, &row, &why);
	if (code == FAIL_NONE)
		code = view_path(profile, reference == NULL ? NULL : &row, &json, &why);
	return answer(result, json, code, &why, error);
}

int psr_child(struct psr_profile *profile, const char *reference, const char *person, char **result,
              struct psr_error *error)
{
	struct case_row row;
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = cases_find(profile, reference, &row, &why);
	if (code == FAIL_NONE)
		code = view_child(profile, &row, person, &json, &why);
	return answer(result, json, code, &why, error);
}

int psr_follow_ups(struct psr_profile *profile, char **result, struct psr_error *error)
{
	return answer_view(profile, view_follow_ups, result, error);
}

int psr_attachment(struct psr_profile *profile, const char *message_id, unsigned number, const char *file,
                   psr_progress_call progress, void *context, struct psr_error *error)
{
	struct id message;
	struct fail why = {.code = FAIL_NONE};
	struct fetch_watch watch = {progress, context};
	enum fail_code code = answer_id(&message, message_id, &why);
	if (code == FAIL_NONE)
		code = fetch_attachment(profile, &message, number, file, &watch, &why);
	return fault_tell(error, code, &why);
}

int psr_status(struct psr_profile *profile, const char *reference, char **result, struct psr_error *error)
{
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = ask_status(profile, reference, &json, &why);
	return answer(result, json, code, &why, error);
}

int psr_export(struct psr_profile *profile, const char *reference, const char *folder, bool content, char **result,
               struct psr_error *error)
{
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = export_case(profile, reference, folder, content, &json, &why);
	return answer(result, json, code, &why, error);
}

int psr_doctor(const char *folder, const char *passphrase, char **result, struct psr_error *error)
{
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = doctor_run(folder, passphrase, &json, &why);
	return answer(result, json, code, &why, error);
}

int psr_watch_start(struct psr_profile *profile, struct psr_error *error)
{
	struct fail why = {.code = FAIL_NONE};
	return fault_tell(error, watch_start(profile, &why), &why);
}

int psr_watch_fd(const struct psr_profile *profile)
{
	return watch_fd(profile);
}

int psr_watch_next(struct psr_profile *profile, char **event, struct psr_error *error)
{
	struct fail why = {.code = FAIL_NONE};
	json_t *json = NULL;
	enum fail_code code = watch_next(profile, &json, &why);
	if (code != FAIL_NONE || json != NULL)
		return answer(event, json, code, &why, error);
	*event = NULL;
	return fault_tell(error, FAIL_NONE, NULL) + 1;
}

void psr_watch_stop(struct psr_profile *profile)
{
	watch_stop(profile);
}
