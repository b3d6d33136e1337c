"""The statutory age of retirement with its delay, and the months of contributions required.

given: category (male, female_55, female_50), born (1965-03), retired (the month whose rules hold; 2030-01 unless said),
age (60y3m, for the elastic range). expect: delay_months, statutory_age_months, required_months, is_elastic.
"""

from typing import Any

from expectations.calculator.pensions import delay_months
from tests.rules.kinds import Case, Kind, Mutant, Row
from tests.rules.pension_rows import PERSONS, TERMS, in_force, month_of, months_of_age, person


def _given(case: Case) -> tuple:
    given = case["given"]
    born, retired = month_of(given["born"]), month_of(given.get("retired", "2030-01"))
    return given["category"], born, retired, months_of_age(given.get("age", "60y"))


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    category, born, retired, age = _given(case)
    row = person(key, category_code=category, birth_month=born, retired_month=retired, age_months=age)
    return {PERSONS: [row]}


def answer(rows: dict[str, list[Row]]) -> dict[str, Any]:
    (row,) = rows[TERMS]
    return {
        "delay_months": row["delay_months"],
        "statutory_age_months": row["statutory_age_months"],
        "required_months": row["required_month_count"],
        "is_elastic": row["is_within_elastic_age"],
    }


def calculate(case: Case) -> dict[str, Any]:
    category, born, retired, age = _given(case)
    rule = in_force("retirement_ages", retired, category_code=category)
    required = in_force("required_contribution_months", retired)
    delay = 0
    if rule["first_birth_month"]:
        first = month_of(rule["first_birth_month"][:7])
        later = (born.year - first.year) * 12 + born.month - first.month
        delay = delay_months(later, int(rule["step_months"]), int(rule["most_delay_months"]))
    statutory = int(rule["age_months"]) + delay
    return {
        "delay_months": delay,
        "statutory_age_months": statutory,
        "required_months": required and int(required["month_count"]),
        "is_elastic": abs(age - statutory) <= int(rule["elastic_months"]),
    }


KIND = Kind(
    models=(TERMS,),
    tables=tables,
    outputs={TERMS: "person_number"},
    answer=answer,
    calculate=calculate,
    mutants=(
        Mutant(TERMS, "birth_months_later >= 0", "birth_months_later > 0"),
        Mutant(TERMS, "mod(birth_months_later, step_months)", "0 * step_months"),
        Mutant(TERMS, "least(", "greatest("),
        Mutant(TERMS, "<= delayed.elastic_months", "< delayed.elastic_months"),
    ),
)
