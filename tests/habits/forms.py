#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every form that is installed is whole in English, French and Spanish, every service has one request and one report, and each has a
filled example whose completeness was counted by hand."""
import csv
import json
import pathlib

import house

FOLDER, EXAMPLES = "client/form/definitions", "tests/data/forms"
LANGUAGES = {"en", "fr", "es"}


def texts_of(form):
    """Every text of a form in several languages, with its place."""
    yield "title", form["title"]
    for heading in form["headings"]:
        for key in ("label", "help"):
            if key in heading:
                yield f"{heading['id']}.{key}", heading[key]


def check_words(faults, path, form):
    for place, texts in texts_of(form):
        if set(texts) < LANGUAGES:
            faults.tell(path, 1, f"{place} is not there in {', '.join(sorted(LANGUAGES - set(texts)))}")
        for language in LANGUAGES & set(texts):
            text = texts[language]
            if text != text.strip() or not text:
                faults.tell(path, 1, f"{place} in {language} is empty or not trimmed")
            others = [texts[other] for other in LANGUAGES & set(texts) if other != language]
            if len(text.split()) > 4 and text in others:
                faults.tell(path, 1, f"{place} in {language} is the same as in another language")
    for heading in form["headings"]:
        if "help" not in heading and "field" not in heading:
            faults.tell(path, 1, f"{heading['id']} has no help")


def check_services(faults, forms):
    with open(house.ROOT / "proto/codes/service_type.csv", encoding="utf-8", newline="") as source:
        services = [row["code"] for row in csv.DictReader(source)]
    for kind in ("REFERRAL", "REPORT"):
        for service in services:
            found = [form["id"] for form in forms.values() if form["kind"] == kind and service in form["services"]]
            if len(found) != 1:
                faults.tell(FOLDER, 1, f"{service} has {found or 'no form'} as {kind}, one is right")


def main():
    faults = house.Faults("forms")
    forms = {}
    for path in sorted((house.ROOT / FOLDER).glob("*.json")):
        form = json.loads(path.read_text(encoding="utf-8"))
        name = f"{FOLDER}/{path.name}"
        forms[form["id"]] = form
        if path.stem != form["id"].lower().replace("_", "-"):
            faults.tell(name, 1, "is not named like its id")
        check_words(faults, name, form)
        if not (house.ROOT / EXAMPLES / path.name).is_file():
            faults.tell(name, 1, f"has no filled example in {EXAMPLES}")
    check_services(faults, forms)
    with open(house.ROOT / EXAMPLES / "expected.csv", encoding="utf-8", newline="") as source:
        counted = {row["form"] for row in csv.DictReader(source)}
    if counted != set(forms):
        faults.tell(f"{EXAMPLES}/expected.csv", 1, f"not the forms that there are: {sorted(counted ^ set(forms))}")
    faults.end(len(forms))


main()
