"""What one month makes due: base within floor and ceiling, unit's and person's part, what goes to the account.

given: base, scheme (110), month (2018-12); wage, floor_share, ceiling_share (bounds of the seed where the case has no
wage), unit_rate, person_rate, to_account_rate (rates of the seed where the case has none). expect: base, rule,
unit_due, person_due, total_due, account_credit, status.
"""

from decimal import Decimal
from typing import Any

from expectations.calculator.levies import bounded_base, due_on_base, weakest_status
from tests.rules.kinds import Case, Kind, Mutant, Row
from tests.rules.levy_rows import (
    BASES,
    DUE,
    FACTORS,
    bound_rows,
    contributing_row,
    due_answer,
    in_force,
    month_of,
    rate_rows,
    rates_on,
)


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    given = case["given"]
    return {
        "int_participation__contributing_months": [contributing_row(key, key, month_of(given["month"]), given["base"])],
        "contribution_rates": rate_rows(given, key),
        "contribution_base_bounds": bound_rows(given, key),
        "int_units__latest": [{"unit_number": key, "risk_class": 1}],
        FACTORS: [],
    }


def answer(rows: dict[str, list[Row]]) -> dict[str, Any]:
    (row,) = rows[DUE]
    return due_answer(row)


def calculate(case: Case) -> dict[str, Any]:
    given, month = case["given"], month_of(case["given"]["month"])
    rates, statuses = rates_on(rate_rows(given, "it"), month)
    texts = [
        {**row, "valid_from": str(row["valid_from"]), "valid_to": str(row["valid_to"])}
        for row in bound_rows(given, "it")
    ]
    bounds = in_force(texts, month) or {"average_monthly_wage_yuan": None, "floor_share": 0, "ceiling_share": 0}
    wage = bounds["average_monthly_wage_yuan"]
    shares = (Decimal(bounds["floor_share"]), Decimal(bounds["ceiling_share"]))
    base, rule = bounded_base(Decimal(given["base"]), Decimal(wage) if wage else None, *shares)
    due = due_on_base(base, rates)
    return {
        "base": due.base,
        "rule": rule,
        "unit_due": due.unit,
        "person_due": due.person,
        "total_due": due.unit + due.person,
        "account_credit": due.credit,
        "status": weakest_status([*statuses, bounds["status"] if wage else "assumed"]),
    }


KIND = Kind(
    models=(BASES, DUE),
    tables=tables,
    outputs={DUE: "person_number"},
    answer=answer,
    calculate=calculate,
    mutants=(
        Mutant(BASES, "when contributing.contribution_base_yuan < bounds.floor_yuan then bounds.floor_yuan", ""),
        Mutant(BASES, "then bounds.ceiling_yuan", "then contributing.contribution_base_yuan"),
        Mutant(BASES, "case when bounds.floor_yuan is null then 'assumed' else bounds.status end", "bounds.status"),
        Mutant(DUE, "bases.liability_month >= unit_rates.valid_from", "bases.liability_month > unit_rates.valid_from"),
        Mutant(DUE, "person_rates.to_account_rate", "person_rates.rate"),
    ),
)
