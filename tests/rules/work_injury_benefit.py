"""What a grade of disability grants on a person's own wage.

given: grade, bases (of the months before the allowance begins, oldest first; the last twelve count). expect: own_wage,
grant, allowance.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from expectations.calculator.pensions import average, disability
from tests.rules.kinds import Case, Kind, Mutant, Row, seed

ENTITLEMENTS = "fct_work_injury_entitlement"
START = date(2018, 1, 1)


def _grade(given: dict[str, Any]) -> dict[str, str]:
    (row,) = (row for row in seed("policy/work_injury_grades") if row["grade"] == str(given["grade"]))
    return row


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    given = case["given"]
    bases = given["bases"]
    award = {
        "award_number": f"{key}-{given['grade']}", "person_number": key, "insurance_code": "410",
        "benefit_item_code": "410011", "benefit_start_month": START, "benefit_yuan": "0.00",
    }  # fmt: skip
    first = START.year * 12 - len(bases)
    contributions = [
        {"person_number": key, "insurance_code": "410", "contribution_base_yuan": base,
         "liability_month": date((first + at) // 12, (first + at) % 12 + 1, 1)}
        for at, base in enumerate(bases)
    ]  # fmt: skip
    # The month in which the allowance begins is no month before it.
    contributions.append({**contributions[-1], "contribution_base_yuan": "1.00", "liability_month": START})
    return {"int_awards__latest": [award], "int_contributions__settled": contributions}


def answer(rows: dict[str, list[Row]]) -> dict[str, Any]:
    (row,) = (it for it in rows[ENTITLEMENTS] if str(it["grade"]) == it["award_number"].rpartition("-")[2])
    return {"own_wage": row["own_wage_yuan"], "grant": row["grant_yuan"], "allowance": row["allowance_yuan"]}


def calculate(case: Case) -> dict[str, Any]:
    grade = _grade(case["given"])
    wage = average([Decimal(base) for base in case["given"]["bases"][-12:]])
    grant, allowance = disability(wage, int(grade["grant_months"]), Decimal(grade["allowance_share"]))
    return {"own_wage": wage, "grant": grant, "allowance": allowance}


KIND = Kind(
    models=(ENTITLEMENTS,),
    tables=tables,
    outputs={ENTITLEMENTS: "award_number"},
    answer=answer,
    calculate=calculate,
    mutants=(
        Mutant(ENTITLEMENTS, "grades.grant_months", "12"),
        Mutant(ENTITLEMENTS, "awards.benefit_start_month > contributions.liability_month", "true"),
        Mutant(ENTITLEMENTS, "-12", "-24"),
    ),
)
