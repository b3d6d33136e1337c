"""What a month of work injury insurance makes due: the base rate of the unit's class, floating as was decided for it.

given: base, month, risk_class; base_rate, allowed (percentages; those of the seed where the case has none); floating,
decisions in the order they were sent, each `{from: 2017-01, percent: 120}`. expect: unit_due, person_due, status.
"""

from decimal import Decimal
from typing import Any

from expectations.calculator.levies import Rates, due_on_base, work_injury_rate
from tests.rules.kinds import Case, Kind, Mutant, Row
from tests.rules.levy_rows import ALWAYS, BASES, DUE, FACTORS, contributing_row, in_force, month_of, seed_rows


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    given = case["given"]
    risk_class = int(key[1:7]) * 100 + int(given["risk_class"])  # a class of its own: its rate is nobody else's
    contributing = contributing_row(key, "410", month_of(given["month"]), given["base"])
    return {
        "int_participation__contributing_months": [contributing],
        "contribution_base_bounds": [],
        "work_injury_rate_classes": [{**row, "risk_class": risk_class} for row in _class_rows(given)],
        "work_injury_floating_factors": [{**row, "risk_class": risk_class} for row in _factor_rows(given)],
        "int_units__latest": [{"unit_number": key, "risk_class": risk_class}],
        "stg_core_system__work_injury_floating_rates": [
            {
                "unit_number": key,
                "start_month": month_of(it["from"]),
                "floating_percent": it["percent"],
                "period_code": "201601",
                "sequence_number": number,
                "batch_id": "b",
                "source_line": number,
            }
            for number, it in enumerate(given.get("floating", []), start=1)
        ],
    }


def _class_rows(given: dict[str, Any]) -> list[Row]:
    if "base_rate" in given:
        return [{**ALWAYS, "base_rate": given["base_rate"]}]
    return seed_rows("work_injury_rate_classes", risk_class=str(given["risk_class"]))


def _factor_rows(given: dict[str, Any]) -> list[Row]:
    if "allowed" in given:
        return [{**ALWAYS, "floating_percent": percent} for percent in given["allowed"]]
    return seed_rows("work_injury_floating_factors", risk_class=str(given["risk_class"]))


def answer(rows: dict[str, list[Row]]) -> dict[str, Any]:
    (row,) = rows[DUE]
    return {"unit_due": row["unit_due_yuan"], "person_due": row["person_due_yuan"], "status": row["rule_status"]}


def calculate(case: Case) -> dict[str, Any]:
    given, month = case["given"], month_of(case["given"]["month"])
    of_class = given.get("base_rate") or in_force(_class_rows(given), month)["base_rate"]
    decided = {month_of(it["from"]): int(it["percent"]) for it in given.get("floating", [])}
    begun = [start for start in decided if start <= month]
    percent = decided[max(begun)] if begun else 100
    allowed = [int(row["floating_percent"]) for row in _factor_rows(given)] if begun else [100]
    due = due_on_base(Decimal(given["base"]), Rates(work_injury_rate(Decimal(of_class), percent, allowed)))
    # Its cases give no wage: whether the base is within bounds is not known.
    return {"unit_due": due.unit, "person_due": due.person, "status": "assumed"}


KIND = Kind(
    models=(FACTORS, BASES, DUE),
    tables=tables,
    outputs={DUE: "person_number"},
    answer=answer,
    calculate=calculate,
    mutants=(
        Mutant(FACTORS, "coalesce(allowed.floating_percent, 100)", "records.floating_percent"),
        Mutant(FACTORS, "lead(records.start_month)", "max(records.start_month)"),
        Mutant(DUE, "* unit_rates.rate * coalesce", "* unit_rates.rate + 0 * coalesce"),
        Mutant(DUE, "bases.liability_month >= factors.start_month", "bases.liability_month > factors.start_month"),
    ),
)
