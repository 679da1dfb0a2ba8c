// SPDX-License-Identifier: Apache-2.0
#include "cli/fhir.h"

#include "cli/memory.h"
#include "cli/out.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BSER "http://hl7.org/fhir/us/bser/CodeSystem/TaskBusinessStatusCS"

// What a state of ours is there; codes of hl7.org/fhir/R4 (request-status, task-status) and of BSeR.
static const struct standing {
	const char *state, *request, *task, *business, *display;
} standings[] = {
	{"SENT", "active", "requested", "2.0", "Service Request Created"},
	{"ACKNOWLEDGED", "active", "received", "2.0", "Service Request Created"},
	{"CLARIFY", "on-hold", "on-hold", "2.0", "Service Request Created"},
	{"ACCEPTED", "active", "accepted", "3.0", "Service Request Accepted"},
	{"IN_PROGRESS", "active", "in-progress", "3.0", "Service Request Accepted"},
	{"ON_HOLD", "on-hold", "on-hold", "3.0", "Service Request Accepted"},
	{"REPORTED", "completed", "completed", "7.0", "Service Request Fulfillment Completed"},
	{"CLOSED", "completed", "completed", "7.0", "Service Request Fulfillment Completed"},
	{"DECLINED", "revoked", "rejected", "4.0", "Service Request Declined"},
	{"WITHDRAWN", "revoked", "cancelled", "6.0", "Service Request Fulfillment Cancelled"},
	{"TRANSFERRED", "revoked", "cancelled", "6.0", "Service Request Fulfillment Cancelled"},
};

static const struct standing *standing_of(const char *state)
{
	for (size_t i = 0; i < sizeof standings / sizeof *standings; i++) {
		if (strcmp(standings[i].state, state) == 0)
			return &standings[i];
	}
	return &standings[0]; // a state of a newer version: it was asked, more is not known
}

static const char *priority_of(const char *urgency)
{
	if (strcmp(urgency, "EMERGENCY") == 0)
		return "stat";
	return strcmp(urgency, "PRIORITY") == 0 ? "urgent" : "routine";
}

static json_t *coding(const char *system, const char *code, const char *display)
{
	json_t *one = json_pack("{ssss}", "system", system, "code", code);
	if (display != NULL && display[0] != '\0')
		json_object_set_new(one, "display", json_string(display));
	return one;
}

static json_t *concept(const char *list, const char *code)
{
	char *system = memory_format("urn:passerelle:codes:%s", list);
	json_t *made = json_pack("{s[o]}", "coding", coding(system, code, psr_label(list, code, "en")));
	free(system);
	return made;
}

static json_t *identifier(const char *system, const char *value)
{
	return json_pack("{ssss}", "system", system, "value", value);
}

static json_t *reference_to(const char *url)
{
	return json_pack("{ss}", "reference", url);
}

static json_t *reference_to_member(const char *code)
{
	char *url = memory_format("urn:passerelle:member:%s", code);
	json_t *made = reference_to(url);
	free(url);
	return made;
}

static void add_entry(json_t *bundle, const char *url, json_t *resource)
{
	json_array_append_new(json_object_get(bundle, "entry"), json_pack("{ss so}", "fullUrl", url, "resource", resource));
}

static const char *name_of(const json_t *directory, const char *code)
{
	size_t i;
	json_t *item;
	json_array_foreach(json_object_get(directory, "items"), i, item) {
		if (strcmp(key_text(item, "code"), code) == 0)
			return key_text(item, "name");
	}
	return "";
}

static void add_organization(json_t *bundle, const json_t *directory, const char *code)
{
	char *url = memory_format("urn:passerelle:member:%s", code);
	const char *name = name_of(directory, code);
	add_entry(bundle, url,
	          json_pack("{ss s[o] ss}", "resourceType", "Organization", "identifier",
	                    identifier("urn:passerelle:member", code), "name", name[0] != '\0' ? name : code));
	free(url);
}

static const json_t *referral_of(const json_t *outline)
{
	size_t i;
	json_t *item;
	json_array_foreach(json_object_get(outline, "items"), i, item) {
		if (strcmp(key_text(item, "kind"), "REFERRAL") == 0 || strcmp(key_text(item, "kind"), "ALERT") == 0)
			return item;
	}
	return NULL;
}

// Times of a case are those of the hub, RFC 3339: an instant of FHIR.
static void put_time(json_t *resource, const char *key, const char *time)
{
	if (time[0] != '\0')
		json_object_set_new(resource, key, json_string(time));
}

static json_t *service_request(const json_t *outline, const char *service, const char *priority)
{
	json_t *subject = json_pack("{so ss}", "identifier",
	                            identifier("urn:passerelle:persons-of", key_text(outline, "reference")), "display", "the persons of the case");
	json_t *request = json_pack("{ss ss s[o] ss ss ss so so so s[o]}", "resourceType", "ServiceRequest", "id", key_text(outline, "case"),
	                            "identifier", identifier("urn:passerelle:reference", key_text(outline, "reference")), "status",
	                            standing_of(key_text(outline, "state"))->request, "intent", "order", "priority", priority, "code",
	                            concept("service_type", service[0] != '\0' ? service : "UNSPECIFIED"), "subject", subject, "requester",
	                            reference_to_member(key_text(outline, "requesting")), "performer",
	                            reference_to_member(key_text(outline, "responding")));
	put_time(request, "authoredOn", key_text(outline, "opened_at"));
	return request;
}

static json_t *business_status(const char *state)
{
	const struct standing *standing = standing_of(state);
	return json_pack("{s[o,o]}", "coding", coding(BSER, standing->business, standing->display),
	                 coding("urn:passerelle:case-state", state, NULL));
}

// The day by which something is awaited, and why the case waits.
static void put_clock(json_t *task, const json_t *clock)
{
	const char *due = key_text(clock, "due"), *reason = key_text(clock, "pause_reason");
	if (due[0] != '\0')
		json_object_set_new(task, "restriction", json_pack("{s{ss}}", "period", "end", due));
	if (reason[0] != '\0')
		json_object_set_new(task, "statusReason", concept("hold_reason", reason));
}

static json_t *task(const json_t *outline, const char *request_url, const char *priority)
{
	const char *state = key_text(outline, "state");
	json_t *made =
		json_pack("{ss s[o] s[o] ss so ss ss so so so so}", "resourceType", "Task", "identifier",
	              identifier("urn:passerelle:reference", key_text(outline, "reference")), "basedOn",
	              reference_to(request_url), "status", standing_of(state)->task, "businessStatus",
	              business_status(state), "intent", "order", "priority", priority, "code",
	              json_pack("{s[o]}", "coding", coding("http://hl7.org/fhir/CodeSystem/task-code", "fulfill", NULL)),
	              "focus", reference_to(request_url), "requester", reference_to_member(key_text(outline, "requesting")),
	              "owner", reference_to_member(key_text(outline, "responding")));
	put_time(made, "authoredOn", key_text(outline, "opened_at"));
	put_time(made, "lastModified", key_text(outline, "since"));
	put_clock(made, json_object_get(outline, "clock"));
	return made;
}

json_t *fhir_bundle(const json_t *outline, const json_t *directory)
{
	time_t now = time(NULL);
	struct tm parts;
	char stamp[24];
	gmtime_r(&now, &parts);
	strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%SZ", &parts);
	const json_t *referral = referral_of(outline);
	const char *priority = priority_of(key_text(referral, "urgency"));
	char *request_url = memory_format("urn:uuid:%s", key_text(outline, "case")),
		 *task_url = memory_format("urn:passerelle:task:%s", key_text(outline, "reference"));
	json_t *bundle = json_pack("{ss ss ss s[]}", "resourceType", "Bundle", "type", "collection", "timestamp", stamp, "entry");
	add_organization(bundle, directory, key_text(outline, "requesting"));
	add_organization(bundle, directory, key_text(outline, "responding"));
	add_entry(bundle, request_url, service_request(outline, key_text(referral, "service"), priority));
	add_entry(bundle, task_url, task(outline, request_url, priority));
	free(task_url);
	free(request_url);
	return bundle;
}
