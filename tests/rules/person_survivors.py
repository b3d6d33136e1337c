"""Which of a person's numbers survives: `given` has `persons`, each {number, identity, first_insured: 2017-03}.

Identities are texts of the case's own (left out: none). Expected per number, by number: survivor and reason.
"""

from datetime import date
from typing import Any

from expectations.calculator.participation import Person, survivors
from tests.rules.kinds import Case, Kind, Mutant, Row

SURVIVORS, NUMBERS = "int_person__2_survivors", "dim_person_number"


def month(written: str | None) -> date | None:
    """Return the month of `2017-03`."""
    return date.fromisoformat(f"{written}-01") if written else None


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    return {
        "int_persons__latest": [
            {
                "person_number": f"{key}-{line['number']}",
                "identity_number": f"{key}-{line['identity']}" if line.get("identity") else None,
                "first_insured_month": month(line.get("first_insured")),
            }
            for line in case["given"]["persons"]
        ]
    }


def answer(rows: dict[str, list[Row]]) -> list[dict[str, Any]]:
    return [
        {
            "number": row["person_number"].partition("-")[2],
            "survivor": row["surviving_person_number"].partition("-")[2],
            "reason": row["survivorship_reason"],
        }
        for row in sorted(rows[NUMBERS], key=lambda row: row["person_number"])
    ]


def calculate(case: Case) -> list[dict[str, Any]]:
    persons = [
        Person(str(line["number"]), line.get("identity"), month(line.get("first_insured")))
        for line in case["given"]["persons"]
    ]
    found = survivors(persons)
    return [{"number": number, "survivor": found[number][0], "reason": found[number][1]} for number in sorted(found)]


KIND = Kind(
    models=(SURVIVORS, NUMBERS),
    tables=tables,
    outputs={NUMBERS: "person_number"},
    answer=answer,
    calculate=calculate,
    mutants=(
        Mutant(SURVIVORS, "order by persons.first_insured_month nulls last,", "order by"),
        Mutant(SURVIVORS, "persons.person_number nulls last", "persons.person_number desc nulls last"),
        Mutant(SURVIVORS, "having count(*) > 1", "having count(*) > 2"),
    ),
)
