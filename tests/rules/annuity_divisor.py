"""The divisor months of an age: whole years until 2024, to the month since 2025.

given: age (62y10m), retired (2025-03). expect: divisor.
"""

from typing import Any

from expectations.calculator.pensions import divisor
from tests.rules.kinds import Case, Kind, Mutant, Row
from tests.rules.pension_rows import PERSONS, TERMS, divisor_table, in_force, month_of, months_of_age, person


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    age, retired = months_of_age(case["given"]["age"]), month_of(case["given"]["retired"])
    return {PERSONS: [person(key, birth_month=month_of("1965-01"), retired_month=retired, age_months=age)]}


def answer(rows: dict[str, list[Row]]) -> dict[str, Any]:
    return {"divisor": rows[TERMS][0]["divisor_months"]}


def calculate(case: Case) -> dict[str, Any]:
    rule = in_force("annuity_divisor_rules", month_of(case["given"]["retired"]))
    age = months_of_age(case["given"]["age"])
    return {"divisor": divisor(age, divisor_table(), rule["is_by_month"] == "true")}


KIND = Kind(
    models=(TERMS,),
    tables=tables,
    outputs={TERMS: "person_number"},
    answer=answer,
    calculate=calculate,
    mutants=(
        Mutant(TERMS, "or not divisor_rules.is_by_month", "or false"),
        Mutant(TERMS, "(12 - delayed.months_of_age) * whole.months", "(11 - delayed.months_of_age) * whole.months"),
    ),
)
