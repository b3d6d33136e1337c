"""The surcharge on what of a month came after its due day, day by day.

given: month, due (of the unit; or unit_due and person_due), payments, each `{day: 2019-02-14, amount}` (or unit and
person), with `type` (AAA115) where it is not 10; due_day (31: the last of the month), daily_rate, or daily_rates, each
`{from, to, rate}` with `to` the first day it no longer holds. expect: a list by day of payment of day, days, late,
surcharge, status, of those payments that bear one.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from expectations.calculator.levies import Payment, surcharges
from tests.rules.kinds import Case, Kind, Mutant, Row
from tests.rules.levy_rows import ALWAYS, DUE, in_force, month_of, seed_rows

SURCHARGES = "fct_late_surcharge"


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    given = case["given"]
    month = {"person_number": key, "insurance_code": key, "liability_month": month_of(given["month"])}
    unit_due, person_due = _owed(given)
    return {
        DUE: [{**month, "unit_due_yuan": unit_due, "person_due_yuan": person_due, "rule_status": "official"}],
        "int_receipts__effective": [
            {
                **month,
                "receipt_number": f"{key}-{number:03d}",
                "unit_number": key,
                "due_type_code": str(it.get("type", "10")),
                "unit_paid_yuan": _parts(it)[0],
                "person_paid_yuan": _parts(it)[1],
                "received_on": it["day"],
                "batch_id": "b",
                "source_line": number,
            }
            for number, it in enumerate(given["payments"])
        ],
        "late_surcharge_rates": [{**row, "insurance_code": key} for row in _rate_rows(given)],
        "contribution_due_days": [{**row, "insurance_code": key} for row in _due_day_rows(given)],
    }


def _owed(given: dict[str, Any]) -> tuple[Decimal, Decimal]:
    return Decimal(given.get("unit_due", given.get("due", "0"))), Decimal(given.get("person_due", "0"))


def _parts(payment: dict[str, Any]) -> tuple[Decimal, Decimal]:
    return Decimal(payment.get("unit", payment.get("amount", "0"))), Decimal(payment.get("person", "0"))


def _rate_rows(given: dict[str, Any]) -> list[Row]:
    if "daily_rate" in given:
        return [{**ALWAYS, "daily_rate": given["daily_rate"]}]
    if "daily_rates" in given:
        return [
            {**ALWAYS, "valid_from": it["from"], "valid_to": it["to"], "daily_rate": it["rate"]}
            for it in given["daily_rates"]
        ]
    return seed_rows("late_surcharge_rates", insurance_code="110")


def _due_day_rows(given: dict[str, Any]) -> list[Row]:
    if "due_day" in given:
        return [{**ALWAYS, "due_day": given["due_day"]}]
    return seed_rows("contribution_due_days", insurance_code="110")


def answer(rows: dict[str, list[Row]]) -> list[dict[str, Any]]:
    return [
        {
            "day": row["received_on"],
            "days": row["late_day_count"],
            "late": row["unit_late_yuan"] + row["person_late_yuan"],
            "surcharge": row["late_surcharge_yuan"],
            "status": row["rule_status"],
        }
        for row in sorted(rows[SURCHARGES], key=lambda row: (row["received_on"], row["receipt_number"]))
    ]


def calculate(case: Case) -> list[dict[str, Any]]:
    given, month = case["given"], month_of(case["given"]["month"])
    due_day = int(given.get("due_day") or in_force(_due_day_rows(given), month)["due_day"])
    rates = [(_day(row["valid_from"]), _day(row["valid_to"]), Decimal(row["daily_rate"])) for row in _rate_rows(given)]
    payments = [Payment(_day(it["day"]), *_parts(it), _bears(it, _day(it["day"]))) for it in given["payments"]]
    found = surcharges(month, due_day, _owed(given), payments, rates)
    return [
        {"day": it.received_on, "days": it.days, "late": it.late, "surcharge": it.surcharge, "status": "assumed"}
        for it in found
    ]


def _day(written: Any) -> date:
    return date.fromisoformat(str(written))


def _bears(payment: dict[str, Any], day: date) -> bool:
    row = in_force(seed_rows("late_surcharge_due_types", due_type_code=str(payment.get("type", "10"))), day)
    return row is not None and row["bears_surcharge"] == "true"


KIND = Kind(
    models=(SURCHARGES,),
    tables=tables,
    outputs={SURCHARGES: "person_number"},
    answer=answer,
    calculate=calculate,
    mutants=(
        Mutant(SURCHARGES, "least(late.received_on + 1,", "least(late.received_on,"),
        Mutant(SURCHARGES, "due.unit_due_yuan - running.unit_paid_before_yuan", "due.unit_due_yuan"),
        Mutant(SURCHARGES, "greatest(late.due_on + 1, surcharge_rates.valid_from)", "late.due_on + 1"),
        Mutant(SURCHARGES, "and due_types.bears_surcharge", ""),
        Mutant(SURCHARGES, "where running.received_on > running.due_on", ""),
    ),
)
