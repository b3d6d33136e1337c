"""A fund's accounts month by month: receipts, sweeps, allotments and payments to balances and a balance sheet.

given: `opening` with `opening_day`; lists of `{day, amount}` named sweeps, subsidies, interest, transfers_in and
allotments (and `number`, of an entry that is sent again); receipts `{day, unit, person}`; payments `{day, amount}`
with `returned: true` where the bank sent it back and `transfer: true` for what follows a person to another province.
Expected is each month from the first flow to the last in which an account moved: per account `{opening, in, out,
closing}`, unit_income, person_income, income, expenditure, assets, net_assets; `uncarried`, what income and expenditure
accounts hold after the transfer to the net assets; `agrees`, that the ledger balances and opens with its last closing.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from expectations.calculator.fund import Flow, FundMonth, fund_months
from tests.rules.kinds import Case, Kind, Mutant, Row

LINES, FLOWS, TURNOVER = "int_fund__movement_lines", "int_fund__1_flows", "int_fund__2_turnover"
LEDGER, CHECK = "int_fund__3_ledger", "int_fund__4_check"
ACCOUNTS, BOOKS = "fct_fund_account_month", "fct_fund_ledger_month"
ENTRIES = {  # part of a case -> entry kind of the fiscal account, flow of the calculator
    "sweeps": ("01", "sweep"),
    "subsidies": ("02", "subsidy"),
    "interest": ("03", "interest"),
    "allotments": ("04", "allotment"),
    "transfers_in": ("05", "transfer_in"),
}


def _day(line: dict) -> date:
    return date.fromisoformat(str(line["day"]))


def _opening(given: dict) -> list[tuple[date, Decimal]]:
    return [(date.fromisoformat(str(given["opening_day"])), Decimal(given["opening"]))] if "opening" in given else []


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    given = case["given"]
    lines = [("00", day, amount, None) for day, amount in _opening(given)]
    for part, (code, _) in ENTRIES.items():
        lines += [(code, _day(line), Decimal(line["amount"]), line.get("number")) for line in given.get(part, [])]
    entries = [
        {"entry_number": f"{key}-{sent_as or number}", "insurance_code": key, "entry_on": day, "entry_kind_code": code,
         "entry_yuan": amount, "batch_id": key, "source_line": number}
        for number, (code, day, amount, sent_as) in enumerate(lines, start=1)
    ]  # fmt: skip
    receipts = [
        {"insurance_code": key, "received_on": _day(line), "liability_month": _day(line).replace(day=1),
         "unit_paid_yuan": line.get("unit", 0), "person_paid_yuan": line.get("person", 0)}
        for line in given.get("receipts", [])
    ]  # fmt: skip
    payments = [
        {"insurance_code": key, "paid_on": _day(line), "payment_yuan": line["amount"],
         "is_paid": not line.get("returned", False), "category": "transfer" if line.get("transfer") else "benefit"}
        for line in given.get("payments", [])
    ]  # fmt: skip
    return {
        "stg_finance_bureau__fiscal_account_entries": entries,
        "int_receipts__deduplicated": receipts,
        "int_payments__latest": payments,
    }


def answer(rows: dict[str, list[Row]]) -> list[dict[str, Any]]:
    books = {(row["movement_month"], row["account_code"]): row for row in rows[BOOKS]}
    agrees: dict[date, bool] = {}
    for row in rows[CHECK]:
        month = row["movement_month"]
        agrees[month] = agrees.get(month, True) and row["is_balanced"] and row["opens_with_last_closing"]
    moved = [row["movement_month"] for row in rows[BOOKS] if row["debit_yuan"] or row["credit_yuan"]]
    last, found = max([*moved, *sorted(agrees)[:1]], default=None), []
    for month in sorted(month for month in agrees if month <= last):
        of_month = [row for (it, _), row in books.items() if it == month]
        held = [row for row in rows[ACCOUNTS] if row["movement_month"] == month]
        accounts = {
            row["account_kind_code"]: {"opening": row["opening_yuan"], "in": row["in_yuan"], "out": row["out_yuan"],
                                       "closing": row["closing_yuan"]}
            for row in held
        }  # fmt: skip
        nothing = dict.fromkeys(("opening", "in", "out", "closing"), Decimal("0.00"))
        found.append(
            {
                "month": month.strftime("%Y-%m"),
                **{kind: accounts.get(kind, nothing) for kind in ("treasury", "fiscal_special", "expense")},
                "unit_income": _sum(of_month, "credit_yuan", account_code="400101"),
                "person_income": _sum(of_month, "credit_yuan", account_code="400102"),
                "income": _sum(of_month, "credit_yuan", element="income"),
                "expenditure": _sum(of_month, "debit_yuan", element="expenditure"),
                "assets": _sum(of_month, "closing_yuan", element="asset"),
                "net_assets": _sum(of_month, "closing_yuan", element="net_asset"),
                "uncarried": _sum(of_month, "closing_yuan", element="income")
                + _sum(of_month, "closing_yuan", element="expenditure"),
                "agrees": agrees[month],
            }
        )
    return found


def _sum(rows: list[Row], column: str, **where: str) -> Decimal:
    return sum((row[column] for row in rows if all(row[name] == it for name, it in where.items())), Decimal("0.00"))


def calculate(case: Case) -> list[dict[str, Any]]:
    given, seen = case["given"], set()
    flows = [Flow(day, "opening", amount) for day, amount in _opening(given)]
    for part, (_, kind) in ENTRIES.items():
        for line in given.get(part, []):
            if line.get("number") not in seen:
                flows.append(Flow(_day(line), kind, Decimal(line["amount"])))
            seen |= {line["number"]} if "number" in line else set()
    for line in given.get("receipts", []):
        flows += [
            Flow(_day(line), f"{party}_contribution", Decimal(line.get(party, 0))) for party in ("unit", "person")
        ]
    for line in given.get("payments", []):
        if not line.get("returned"):
            kind = "transfer_out" if line.get("transfer") else "benefit"
            flows.append(Flow(_day(line), kind, Decimal(line["amount"])))
    return [_shown(month) for month in fund_months(flows)]


def _shown(month: FundMonth) -> dict[str, Any]:
    return {
        "month": month.month.strftime("%Y-%m"),
        **{
            kind: {"opening": account.opening, "in": account.received, "out": account.paid, "closing": account.closing}
            for kind, account in month.accounts.items()
        },
        "unit_income": month.by_kind.get("unit_contribution", Decimal("0.00")),
        "person_income": month.by_kind.get("person_contribution", Decimal("0.00")),
        "income": month.income,
        "expenditure": month.expenditure,
        "assets": month.assets,
        "net_assets": month.net_assets,
        "uncarried": Decimal("0.00"),
        "agrees": month.opens_with_last_closing,
    }


KIND = Kind(
    models=("int_fiscal_entries__deduplicated", LINES, FLOWS, TURNOVER, LEDGER, CHECK, ACCOUNTS, BOOKS),
    tables=tables,
    outputs=dict.fromkeys((CHECK, ACCOUNTS, BOOKS), "insurance_code"),
    answer=answer,
    calculate=calculate,
    mutants=(
        Mutant(LINES, "where is_paid", "where is_paid or not is_paid"),  # returned payments are spent
        Mutant(FLOWS, "movement_yuan - person_part_yuan", "movement_yuan"),  # the person's part counts twice
        Mutant(TURNOVER, "then 0 else posted.credit_yuan", "then posted.credit_yuan else posted.credit_yuan"),
        Mutant(TURNOVER, "postings.credit_account_code as account_code", "postings.debit_account_code as account_code"),
        Mutant(TURNOVER, "case when closes_to_account_code is null then 0 else credit_yuan end", "0"),
        Mutant(LEDGER, "rows between unbounded preceding and current row", "rows between current row and current row"),
        Mutant(ACCOUNTS, "ledger.debit_yuan as in_yuan", "ledger.debit_yuan - ledger.credit_yuan as in_yuan"),
    ),
)  # fmt: skip
