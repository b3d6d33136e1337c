"""What comes with a person who arrives: the account joined, the years added.

given: account, pooled, paid_months, deemed_months. expect: account, pooled, total, paid_months, deemed_months.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from tests.rules.kinds import Case, Kind, Mutant, Row
from tests.rules.transfer_out import BASES, TRANSFERS


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    given = case["given"]
    opening = {
        "opening_number": key,
        "person_number": key,
        "insurance_code": "110",
        "opening_kind_code": "2",
        "opened_month": date(2017, 4, 1),
        "opening_balance_yuan": given["account"],
        "pooled_yuan": given["pooled"],
        "deemed_month_count": given.get("deemed_months", 0),
        "paid_month_count": given.get("paid_months", 0),
    }
    nothing = ("int_payments__latest", "int_account__4_balances", "int_contributions__settled")
    carried_over = {**opening, "opening_number": f"{key}-1", "opening_kind_code": "1"}
    return {"int_account_openings__latest": [opening, carried_over], **{name: [] for name in nothing}}


def answer(rows: dict[str, list[Row]]) -> dict[str, Any]:
    (row,) = rows[TRANSFERS]
    return {
        "account": row["account_part_yuan"],
        "pooled": row["pooled_part_yuan"],
        "total": row["transfer_total_yuan"],
        "paid_months": row["moved_paid_month_count"],
        "deemed_months": row["deemed_month_count"],
    }


def calculate(case: Case) -> dict[str, Any]:
    given = case["given"]
    account, pooled = Decimal(given["account"]), Decimal(given["pooled"])
    months = {name: int(given.get(name, 0)) for name in ("paid_months", "deemed_months")}
    return {"account": account, "pooled": pooled, "total": account + pooled, **months}


KIND = Kind(
    models=(BASES, TRANSFERS),
    tables=tables,
    outputs={TRANSFERS: "person_number"},
    answer=answer,
    calculate=calculate,
    mutants=(Mutant(TRANSFERS, "pooled_yuan as pooled_part_yuan", "0 * pooled_yuan as pooled_part_yuan"),),
)
