# SPDX-License-Identifier: Apache-2.0
"""A FHIR document against two checks. `schema_faults`: HL7's own JSON schema of R4, in tests/data/fhir-r4.schema.json, which says where it is from and
what was left out. That schema asks for no code and no status (JSON cannot tell a missing value from one that an extension stands for); so `faults`: what R4
(4.0.1) says in words of the few resources that are written here: hl7.org/fhir/R4/bundle.html, organization.html, servicerequest.html, task.html,
datatypes.html, references.html. name: (kind, least, most), most None: a list. Of elements that are never written the names alone would do no good: they are left
out and so refused."""

import json
import re
from pathlib import Path

from jsonschema import Draft6Validator

CODE = re.compile(r"[^\s]+(\s[^\s]+)*")
PATTERNS = {
    "string": re.compile(r"[ \r\n\t\S]+"), "uri": re.compile(r"\S+"), "code": CODE, "id": re.compile(r"[A-Za-z0-9\-.]{1,64}"),
    "instant": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"),
    "dateTime": re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d))?)?)?"),
}
# Codes that a required binding allows.
BOUND = {
    "bundle-type": "document message transaction transaction-response batch batch-response history searchset collection".split(),
    "request-status": "draft active on-hold revoked completed entered-in-error unknown".split(),
    "request-intent": "proposal plan directive order original-order reflex-order filler-order instance-order option".split(),
    "request-priority": "routine urgent asap stat".split(),
    "task-status": "draft requested received accepted rejected ready cancelled in-progress on-hold failed completed entered-in-error".split(),
    "task-intent": "unknown proposal plan order original-order reflex-order filler-order instance-order option".split(),
}
TYPES = {
    "Coding": {"system": ("uri", 0, 1), "version": ("string", 0, 1), "code": ("code", 0, 1), "display": ("string", 0, 1)},
    "CodeableConcept": {"coding": ("Coding", 0, None), "text": ("string", 0, 1)},
    "Identifier": {"system": ("uri", 0, 1), "value": ("string", 0, 1)},
    "Reference": {"reference": ("string", 0, 1), "type": ("uri", 0, 1), "identifier": ("Identifier", 0, 1), "display": ("string", 0, 1)},
    "Period": {"start": ("dateTime", 0, 1), "end": ("dateTime", 0, 1)},
    "Restriction": {"period": ("Period", 0, 1), "recipient": ("Reference", 0, None)},
    "Entry": {"fullUrl": ("uri", 0, 1), "resource": ("Resource", 0, 1)},
    "Bundle": {"type": ("bundle-type", 1, 1), "timestamp": ("instant", 0, 1), "entry": ("Entry", 0, None)},
    "Organization": {"id": ("id", 0, 1), "identifier": ("Identifier", 0, None), "active": ("boolean", 0, 1), "name": ("string", 0, 1)},
    "ServiceRequest": {
        "id": ("id", 0, 1), "identifier": ("Identifier", 0, None), "status": ("request-status", 1, 1), "intent": ("request-intent", 1, 1),
        "priority": ("request-priority", 0, 1), "code": ("CodeableConcept", 0, 1), "subject": ("Reference", 1, 1),
        "authoredOn": ("dateTime", 0, 1), "requester": ("Reference", 0, 1), "performer": ("Reference", 0, None)},
    "Task": {
        "id": ("id", 0, 1), "identifier": ("Identifier", 0, None), "basedOn": ("Reference", 0, None), "status": ("task-status", 1, 1),
        "statusReason": ("CodeableConcept", 0, 1), "businessStatus": ("CodeableConcept", 0, 1), "intent": ("task-intent", 1, 1),
        "priority": ("request-priority", 0, 1), "code": ("CodeableConcept", 0, 1), "focus": ("Reference", 0, 1),
        "authoredOn": ("dateTime", 0, 1), "lastModified": ("dateTime", 0, 1), "requester": ("Reference", 0, 1), "owner": ("Reference", 0, 1),
        "restriction": ("Restriction", 0, 1)},
}
RESOURCES = ("Bundle", "Organization", "ServiceRequest", "Task")
# build.fhir.org/ig/HL7/bser, CodeSystem TaskBusinessStatusCS
BSER = {"2.0": "Service Request Created", "3.0": "Service Request Accepted", "4.0": "Service Request Declined",
        "6.0": "Service Request Fulfillment Cancelled", "7.0": "Service Request Fulfillment Completed"}


SCHEMA = json.loads((Path(__file__).resolve().parents[1] / "data/fhir-r4.schema.json").read_text(encoding="utf-8"))


def schema_faults(bundle):
    """Every place that HL7's schema of a Bundle refuses. Not by its first choice among resources: that would name all four."""
    validator = Draft6Validator({"$ref": "#/definitions/Bundle", "definitions": SCHEMA["definitions"]})
    return [f"{'/'.join(map(str, fault.absolute_path))}: {fault.message[:200]}" for fault in validator.iter_errors(bundle)]


def faults(value, kind, path="Bundle"):
    """Every place that is not as it should be."""
    if kind in PATTERNS:
        return [] if isinstance(value, str) and PATTERNS[kind].fullmatch(value) else [f"{path}: {value!r} is no {kind}"]
    if kind in BOUND:
        return [] if value in BOUND[kind] else [f"{path}: {value!r} is not among {kind}"]
    if kind == "boolean":
        return [] if isinstance(value, bool) else [f"{path}: {value!r} is no boolean"]
    if not isinstance(value, dict) or not value:
        return [f"{path}: {value!r} is no object"]
    rest = dict(value)
    if kind in RESOURCES or kind == "Resource":
        kind = rest.pop("resourceType", None) if kind == "Resource" else kind if rest.pop("resourceType", None) == kind else None
        if kind not in RESOURCES:
            return [f"{path}: no resource of those that are written"]
    found = [f"{path}.{name}: is no element" for name in rest if name not in TYPES[kind]]
    for name, (inner, least, most) in TYPES[kind].items():
        if name not in rest:
            found += [f"{path}.{name}: is missing"] if least else []
        elif most is None:
            found += [f"{path}.{name}: is no list that holds something"] if not isinstance(rest[name], list) or not rest[name] else []
            for i, one in enumerate(rest[name] if isinstance(rest[name], list) else []):
                found += faults(one, inner, f"{path}.{name}[{i}]")
        else:
            found += faults(rest[name], inner, f"{path}.{name}")
    return found
