// SPDX-License-Identifier: Apache-2.0
//
// Where a case stands, for a system of a ministry of health (HL7 FHIR R4): a Bundle of the two branches (Organization), what was asked
// (ServiceRequest) and how far it is (Task, with the business status of BSeR). No person, no text, nothing of what the case is about
// but the service.
#ifndef PASSERELLE_CLI_FHIR_H
#define PASSERELLE_CLI_FHIR_H

#include <jansson.h>

// Out of passerelle.case/1 without content, and passerelle.directory/1 for the names of the branches. Caller owns it.
json_t *fhir_bundle(const json_t *outline, const json_t *directory);

#endif
