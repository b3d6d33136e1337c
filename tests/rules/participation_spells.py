"""Months of spells, those another spell has too, and the gap before: `given` has `spells`, and `persons` if merged.

spells: `{person, scheme, start: 2017-01, end: 2017-06}`; scheme is 110 and person P1 if left out, an open end is none,
counted to `as_of`, the month 2039-12. persons: as in person_survivors; only needed for numbers of one identity.
Expected per spell in the order given: person (the survivor), months, overlapping, gap.
"""

from datetime import date
from typing import Any

from expectations.calculator.participation import Person, Spell, spell_months, survivors
from tests.rules.kinds import Case, Kind, Mutant, Row
from tests.rules.person_survivors import SURVIVORS, month
from tests.rules.person_survivors import tables as person_tables

SPELLS = "fct_participation_spell"
AS_OF = date(2039, 12, 1)  # that of the compiled project


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    given = case["given"]
    persons = {"given": {"persons": given.get("persons", [])}}
    spells = [
        {
            "participation_number": f"{key}-{at:06d}",
            "person_number": f"{key}-{line.get('person', 'P1')}",
            "insurance_code": str(line.get("scheme", "110")),
            "start_month": month(line["start"]),
            "end_month": month(line.get("end")),
            "contribution_status_code": "1",
        }
        for at, line in enumerate(given["spells"])
    ]
    return {**person_tables(persons, key), "int_participation__latest": spells}


def answer(rows: dict[str, list[Row]]) -> list[dict[str, Any]]:
    return [
        {
            "person": row["person_number"].partition("-")[2],
            "months": row["month_count"],
            "overlapping": row["overlapping_month_count"],
            "gap": row["gap_month_count"],
        }
        for row in sorted(rows[SPELLS], key=lambda row: row["participation_number"])
    ]


def calculate(case: Case) -> list[dict[str, Any]]:
    given = case["given"]
    persons = [
        Person(str(line["number"]), line.get("identity"), month(line.get("first_insured")))
        for line in given.get("persons", [])
    ]
    whose = {number: kept for number, (kept, _) in survivors(persons).items()}
    spells = [
        Spell(whose.get(str(line.get("person", "P1")), str(line.get("person", "P1"))), str(line.get("scheme", "110")),
              month(line["start"]), month(line.get("end")))
        for line in given["spells"]
    ]  # fmt: skip
    counted = spell_months(spells, AS_OF)
    return [
        {"person": spell.person, "months": months, "overlapping": shared, "gap": gap}
        for spell, (months, shared, gap) in zip(spells, counted, strict=True)
    ]


KIND = Kind(
    models=(SURVIVORS, SPELLS),
    tables=tables,
    outputs={SPELLS: "participation_number"},
    answer=answer,
    calculate=calculate,
    mutants=(
        Mutant(SPELLS, "as month_count", "- 1 as month_count"),
        Mutant(SPELLS, "coalesce(counted_until_number + 1, first_number)", "first_number"),
        Mutant(SPELLS, "partition by person_number, insurance_code", "partition by person_number"),
        Mutant(SPELLS, "max(last_number)", "min(last_number)"),
        Mutant(SPELLS, "coalesce(merged.surviving_person_number, records.person_number)", "records.person_number"),
    ),
)  # fmt: skip
