#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Every code has its label in each language of its list, and none was left in English: a reader of French or Spanish never meets a bare code."""
import csv
import io

import house

NEEDED = ("en", "fr", "es")
# Names of places are often the same in all languages.
OF_PLACES = ("country.csv", "region.csv")
# Words that are the same: looked at one by one.
SAME = {
    "fr": {"Adoption", "Divorce", "Documentation", "Identification", "Kafala", "Kafil", "Motivation", "Parent", "Possible", "Violence"},
    "es": {"Alias", "Kafala", "Kafil", "No"},
}


def faults_of(row, languages):
    for language in languages:
        label = row.get(language) or ""
        if label == "":
            yield f"{row['code']} has no label in '{language}'"
        elif label != label.strip() or label == row["code"]:
            yield f"the label of {row['code']} in '{language}' is '{label}': words for people, without blanks around them"


def left_in_english(row):
    for language, same in SAME.items():
        if row.get(language) and row[language] == row["en"] and row[language] not in same:
            yield f"the label of {row['code']} in '{language}' is the English one: translate '{row['en']}', or say in tests/habits/codes.py that it is the same"


def main():
    faults, labels = house.Faults("codes"), 0
    for path in house.files(".csv", tops=("proto/codes",)):
        reader = csv.DictReader(io.StringIO(house.read(path)))
        languages = list(reader.fieldnames or ())[1:]
        missing = [language for language in NEEDED if language not in languages]
        if missing:
            faults.tell(path, 1, f"there is no column for {', '.join(missing)}")
        for row in reader:
            labels += len(languages)
            told = [*faults_of(row, languages), *(left_in_english(row) if not path.endswith(OF_PLACES) and not missing else ())]
            for text in told:
                faults.tell(path, reader.line_num, text)
    faults.end(labels)


main()
