"""What moves with a person who leaves: the whole account, and a share of the bases of the months paid.

given: months, each `{months: 2016-01..2016-12, base, not_booked: true}`, account (what it holds), moved (what was
paid), moved_on (2018-06-20), share (0.12 unless said). expect: account, pooled, total, difference, paid_months.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from expectations.calculator.transfers import pooled_part
from tests.rules.kinds import Case, Kind, Mutant, Row
from tests.rules.settlement import months_of

BASES, TRANSFERS = "int_transfer__1_bases", "fct_entitlement_transfer"


def _months(given: dict[str, Any]) -> list[tuple[date, Decimal, bool]]:
    """Return month, base and whether it is booked."""
    return [
        (month, Decimal(line["base"]), not line.get("not_booked"))
        for line in given["months"]
        for month in months_of(line["months"])
    ]


def _moved_on(given: dict[str, Any]) -> date:
    return date.fromisoformat(str(given.get("moved_on", "2018-06-20")))


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    given, whose = case["given"], {"person_number": key, "insurance_code": key}
    payment = {"payment_number": key, "is_paid": True, "category": "transfer", "paid_on": _moved_on(given)}
    amounts = {"payment_yuan": given["moved"], "from_account_yuan": given["account"]}
    balance = {"account_year": _moved_on(given).year, "closing_balance_yuan": "0.00", "rule_status": "official"}
    share = {"valid_from": "1998-01-01", "valid_to": "9999-12-31", "share": given.get("share", "0.12")}
    return {
        "int_payments__latest": [{**whose, **payment, **amounts}],
        "int_account__4_balances": [{**whose, **balance}],
        "int_account_openings__latest": [],
        "transfer_pooled_shares": [{"insurance_code": key, **share, "status": "official"}],
        "int_contributions__settled": [
            {**whose, "liability_month": month, "contribution_base_yuan": base, "booked_on": month if booked else None}
            for month, base, booked in _months(given)
        ],
    }


def answer(rows: dict[str, list[Row]]) -> dict[str, Any]:
    (row,) = rows[TRANSFERS]
    return {
        "account": row["account_part_yuan"],
        "pooled": row["pooled_part_yuan"],
        "total": row["transfer_total_yuan"],
        "difference": row["transfer_difference_yuan"],
        "paid_months": row["moved_paid_month_count"],
    }


def calculate(case: Case) -> dict[str, Any]:
    given = case["given"]
    booked = [(month, base) for month, base, is_booked in _months(given) if is_booked]
    account, pooled = Decimal(given["account"]), pooled_part(booked, Decimal(given.get("share", "0.12")))
    return {
        "account": account,
        "pooled": pooled,
        "total": account + pooled,
        "difference": Decimal(given["moved"]) - account - pooled,
        "paid_months": sum(month >= date(1998, 1, 1) for month, _ in booked),
    }


KIND = Kind(
    models=(BASES, TRANSFERS),
    tables=tables,
    outputs={TRANSFERS: "person_number"},
    answer=answer,
    calculate=calculate,
    mutants=(
        Mutant(BASES, "sum(settled.contribution_base_yuan)", "max(settled.contribution_base_yuan)"),
        Mutant(BASES, "settled.liability_month >= shares.valid_from", "true"),
        Mutant(TRANSFERS, "* pooled_share", "* 0.11"),
    ),
)
