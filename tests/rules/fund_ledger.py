"""Whether ledger accounts balance: given `rows` of `{month: 2018-12, account, side, opening, debit, credit, closing}`.

`side` is `debit` or `credit`; left out, it is that of the account in the seed. Expected per row, by account and month:
`closing` as it must be, `balances` (it is so), `opens_with_last_closing`.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from expectations.calculator.fund import ledger_closing
from tests.rules.kinds import Case, Kind, Mutant, Row, seed

AMOUNTS = ("opening", "debit", "credit", "closing")
LEDGER, CHECK = "int_fund__3_ledger", "int_fund__4_check"


def _rows(case: Case) -> list[dict[str, Any]]:
    sides = {row["account_code"]: row["balance_side"] for row in seed("codes/fund_ledger_accounts")}
    rows = [
        {
            "account": str(line["account"]),
            "month": date.fromisoformat(f"{line['month']}-01"),
            "side": line.get("side") or sides[str(line["account"])],
            **{part: Decimal(line[part]) for part in AMOUNTS},
        }
        for line in case["given"]["rows"]
    ]
    return sorted(rows, key=lambda row: (row["account"], row["month"]))


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    rows = [
        {"insurance_code": key, "movement_month": row["month"], "account_code": row["account"],
         "balance_side": row["side"], **{f"{part}_yuan": row[part] for part in AMOUNTS}}
        for row in _rows(case)
    ]  # fmt: skip
    return {LEDGER: rows}


def answer(rows: dict[str, list[Row]]) -> list[dict[str, Any]]:
    return [
        {
            "account": row["account_code"],
            "month": row["movement_month"].strftime("%Y-%m"),
            "closing": row["computed_closing_yuan"],
            "balances": row["is_balanced"],
            "opens_with_last_closing": row["opens_with_last_closing"],
        }
        for row in sorted(rows[CHECK], key=lambda row: (row["account_code"], row["movement_month"]))
    ]


def calculate(case: Case) -> list[dict[str, Any]]:
    found, last = [], {}
    for row in _rows(case):
        closing = ledger_closing(row["side"], row["opening"], row["debit"], row["credit"])
        found.append(
            {
                "account": row["account"],
                "month": row["month"].strftime("%Y-%m"),
                "closing": closing,
                "balances": closing == row["closing"],
                "opens_with_last_closing": row["opening"] == last.get(row["account"], row["opening"]),
            }
        )
        last[row["account"]] = row["closing"]
    return found


KIND = Kind(
    models=(CHECK,),
    tables=tables,
    outputs={CHECK: "insurance_code"},
    answer=answer,
    calculate=calculate,
    mutants=(
        Mutant(CHECK, "case balance_side when 'debit'", "case balance_side when 'credit'"),
        Mutant(CHECK, "coalesce(last_closing_yuan, opening_yuan)", "opening_yuan"),
        Mutant(CHECK, "closing_yuan = computed_closing_yuan as", "closing_yuan = closing_yuan as"),
    ),
)
