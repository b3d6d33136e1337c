"""Benefits paid for months after the month of death, and where each stands.

given: died_on, payments, each `{month: 2017-03, amount, item (100001 unless said), returned: true}`.
expect: a list by month of month, amount, state (outstanding or returned).
"""

from datetime import date
from decimal import Decimal
from typing import Any

from expectations.calculator.transfers import is_overpaid
from tests.rules.kinds import Case, Kind, Mutant, Row, seed
from tests.rules.pension_rows import month_of

OVERPAYMENTS = "fct_benefit_overpayment"


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    given, payments, records = case["given"], [], []
    for number, line in enumerate(given["payments"]):
        month = month_of(line["month"])
        payment = {
            "payment_number": f"{key}-{number}",
            "person_number": key,
            "insurance_code": "110",
            "benefit_item_code": str(line.get("item", "100001")),
            "benefit_month": month,
            "payment_yuan": line["amount"],
            "paid_on": month.replace(day=12),
        }
        place = {"batch_id": "b", "source_line": number, "sequence_number": 1, "period_code": f"{month:%Y%m}"}
        records.append({**payment, **place, "payment_status_code": "40"})
        is_paid = not line.get("returned")
        payments.append({**payment, "category": "benefit", "is_paid": is_paid})
        if not is_paid:
            records.append({**records[-1], "payment_status_code": "41", "period_code": "209901"})
    died_on = given.get("died_on")
    person = {"person_number": key, "died_on": died_on, "period_code": "201801"}
    return {
        "dim_person": [{name: person[name] for name in ("person_number", "died_on")}],
        "stg_core_system__insured_persons": [person],
        "stg_banks__benefit_payment_returns": records,
        "int_payments__latest": payments,
    }


def answer(rows: dict[str, list[Row]]) -> list[dict[str, Any]]:
    found = sorted(rows[OVERPAYMENTS], key=lambda row: (row["benefit_month"], row["payment_number"]))
    return [
        {"month": f"{it['benefit_month']:%Y-%m}", "amount": it["payment_yuan"], "state": it["overpayment_state_code"]}
        for it in found
    ]


def calculate(case: Case) -> list[dict[str, Any]]:
    given = case["given"]
    payable = {row["benefit_item_code"] for row in seed("policy/benefits_payable_after_death")}
    died_on = given.get("died_on") and date.fromisoformat(str(given["died_on"]))
    return [
        {
            "month": line["month"],
            "amount": Decimal(line["amount"]),
            "state": "returned" if line.get("returned") else "outstanding",
        }
        for line in sorted(given["payments"], key=lambda line: line["month"])
        if died_on and is_overpaid(month_of(line["month"]), died_on, str(line.get("item", "100001")) in payable)
    ]


KIND = Kind(
    models=(OVERPAYMENTS,),
    tables=tables,
    outputs={OVERPAYMENTS: "person_number"},
    answer=answer,
    calculate=calculate,
    mutants=(
        Mutant(OVERPAYMENTS, "case when payments.is_paid then 'outstanding'", "case when true then 'outstanding'"),
        Mutant(OVERPAYMENTS, "and payable.benefit_item_code is null", ""),
        Mutant(OVERPAYMENTS, "bank_records.benefit_month > ", "bank_records.benefit_month >= "),
    ),
)
