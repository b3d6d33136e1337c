"""The maternity allowance on the unit's average wage of the year before.

given: occasion (birth, difficult_birth ...), bases of the unit's people in the year before, each `{base, months}`.
expect: unit_wage, days, allowance.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from expectations.calculator.pensions import average, maternity_allowance
from tests.rules.kinds import Case, Kind, Mutant, Row, seed

ENTITLEMENTS = "fct_maternity_entitlement"
START = date(2018, 4, 1)
OCCASIONS = [row["occasion_code"] for row in seed("policy/maternity_leave_days")]


def _lines(case: Case) -> list[tuple[Decimal, int]]:
    return [(Decimal(line["base"]), int(line.get("months", 12))) for line in case["given"]["bases"]]


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    whose = {"person_number": key, "insurance_code": "510"}
    number = f"{key}-{OCCASIONS.index(case['given']['occasion'])}"
    months = [
        {"person_number": f"{key}-{at}", "insurance_code": "510", "unit_number": key, "contribution_base_yuan": base,
         "liability_month": date(2017, month, 1)}
        for at, (base, count) in enumerate(_lines(case))
        for month in range(1, count + 1)
    ]  # fmt: skip
    other_year = {**whose, "unit_number": key, "contribution_base_yuan": "1.00", "liability_month": date(2018, 1, 1)}
    award = {"award_number": number, "benefit_item_code": "510011", "benefit_start_month": START, "benefit_yuan": 0}
    spell = {**whose, "unit_number": key, "start_month": date(2010, 1, 1), "contribution_status_code": "1"}
    return {
        "int_awards__latest": [{**whose, **award}],
        "int_participation__latest": [spell],
        "int_contributions__settled": [*months, other_year],
    }


def answer(rows: dict[str, list[Row]]) -> dict[str, Any]:
    wanted = OCCASIONS[int(rows[ENTITLEMENTS][0]["award_number"].rpartition("-")[2])]
    (row,) = (it for it in rows[ENTITLEMENTS] if it["occasion_code"] == wanted)
    return {"unit_wage": row["unit_wage_yuan"], "days": row["day_count"], "allowance": row["allowance_yuan"]}


def calculate(case: Case) -> dict[str, Any]:
    (rule,) = (row for row in seed("policy/maternity_leave_days") if row["occasion_code"] == case["given"]["occasion"])
    wage = average([base for base, count in _lines(case) for _ in range(count)])
    days = int(rule["day_count"])
    return {"unit_wage": wage, "days": days, "allowance": maternity_allowance(wage, days, int(rule["month_days"]))}


KIND = Kind(
    models=(ENTITLEMENTS,),
    tables=tables,
    outputs={ENTITLEMENTS: "award_number"},
    answer=answer,
    calculate=calculate,
    mutants=(
        Mutant(ENTITLEMENTS, "extract(year from units.benefit_start_month) as integer) - 1",
               "extract(year from units.benefit_start_month) as integer)"),
        Mutant(ENTITLEMENTS, "days.month_days", "31"),
    ),
)  # fmt: skip
