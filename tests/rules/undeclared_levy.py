"""What is due for months of which a unit declared nothing: a share of the month before.

given: scheme (110), months, each `{month, base}` in which it was declared and `{month}` in which it was not, also with
`unit` where the person was at another; share, and unit_rate, person_rate, to_account_rate as in `levy`. expect: a list
by month of month, base, rule, unit_due, person_due, total_due, account_credit, status; null is what is not known.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from expectations.calculator.levies import Due, due_on_base, undeclared, weakest_status
from tests.rules.kinds import Case, Kind, Mutant, Row
from tests.rules.levy_rows import (
    ALWAYS,
    BASES,
    DUE,
    FACTORS,
    contributing_row,
    due_answer,
    in_force,
    month_of,
    rate_rows,
    rates_on,
    seed_rows,
)


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    given = case["given"]
    return {
        "int_participation__contributing_months": [
            contributing_row(key, key, month_of(it["month"]), it.get("base"), f"{key}-{it.get('unit', '1')}")
            for it in given["months"]
        ],
        "contribution_rates": rate_rows(given, key),
        "contribution_base_bounds": [],
        "undeclared_levy_shares": [{**row, "insurance_code": key} for row in _share_rows(given)],
        "int_units__latest": [],
        FACTORS: [],
    }


def _share_rows(given: dict[str, Any]) -> list[Row]:
    if "share" in given:
        return [{**ALWAYS, "share": given["share"]}]
    return seed_rows("undeclared_levy_shares", insurance_code=str(given.get("scheme", "110")))


def answer(rows: dict[str, list[Row]]) -> list[dict[str, Any]]:
    ordered = sorted(rows[DUE], key=lambda row: row["liability_month"])
    return [{"month": f"{row['liability_month']:%Y-%m}", **due_answer(row)} for row in ordered]


def calculate(case: Case) -> list[dict[str, Any]]:
    given, found = case["given"], []
    before: tuple[date, str, Due] | None = None
    for it in sorted(given["months"], key=lambda it: month_of(it["month"])):
        month, unit = month_of(it["month"]), str(it.get("unit", "1"))
        if it.get("base") is not None:
            rates, statuses = rates_on(rate_rows(given, "it"), month)
            due, rule, status = (
                due_on_base(Decimal(it["base"]), rates),
                "wage_unknown",
                weakest_status([*statuses, "assumed"]),
            )
        else:
            follows = before is not None and before[1] == unit and _after(before[0]) == month
            due = undeclared(before[2], _share(given, month)) if follows else None
            rule, status = "undeclared", "assumed" if due else None
        before = (month, unit, due) if due else None
        amounts = (due.base, due.unit, due.person, due.unit + due.person, due.credit) if due else (None,) * 5
        names = ("base", "unit_due", "person_due", "total_due", "account_credit")
        of_month = {"month": f"{month:%Y-%m}", "rule": rule, "status": status}
        found.append({**of_month, **dict(zip(names, amounts, strict=True))})
    return found


def _after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _share(given: dict[str, Any], month: date) -> Decimal:
    return Decimal(given.get("share") or in_force(_share_rows(given), month)["share"])


KIND = Kind(
    models=(BASES, DUE),
    tables=tables,
    outputs={DUE: "person_number"},
    answer=answer,
    calculate=calculate,
    mutants=(
        Mutant(DUE, "cast(undeclared.share as decimal(9, 6))", "cast(1 as decimal(9, 6))"),
        Mutant(DUE, "and estimated.liability_month = undeclared.month_before",
               "and estimated.liability_month < undeclared.liability_month"),
    ),
)  # fmt: skip
