"""The average contribution index and the account at retirement.

given: retired (2027-06), years, each `{year, wage, months: [{months: 1-6, base, not_booked: true}]}` (a wage left out
is unknown), account: {opening, closing, bookings: [{month: 2027-03, amount}]}. expect: index, balance.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from expectations.calculator.pensions import contribution_index
from tests.rules.kinds import Case, Kind, Mutant, Row
from tests.rules.pension_rows import PERSONS, month_of, person

RECORDS = "int_pension__3_records"


def _months(case: Case) -> list[tuple[date, Decimal, bool]]:
    """Return month, base and whether it is booked."""
    found = []
    for year in case["given"].get("years", []):
        for line in year["months"]:
            first, _, last = str(line["months"]).partition("-")
            for number in range(int(first), int(last or first) + 1):
                found.append((date(year["year"], number, 1), Decimal(line["base"]), not line.get("not_booked")))
    return found


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    given, retired = case["given"], month_of(case["given"]["retired"])
    whose = {"person_number": key, "insurance_code": key}
    account = given.get("account", {})
    return {
        PERSONS: [person(key, birth_month=month_of("1960-01"), retired_month=retired, age_months=720)],
        "int_periods__liability_months": [{"liability_month": date(1998, 1, 1)}],
        "contribution_base_bounds": [
            {"insurance_code": key, "valid_from": f"{it['year']}-01-01", "valid_to": f"{it['year'] + 1}-01-01",
             "average_monthly_wage_yuan": it.get("wage"), "status": "official"}
            for it in given.get("years", [])
        ],
        "int_contributions__settled": [
            {**whose, "liability_month": month, "contribution_base_yuan": base, "booked_on": month if booked else None}
            for month, base, booked in _months(case)
        ],
        "fct_personal_account_year": [
            {**whose, "account_year": retired.year, "opening_balance_yuan": account.get("opening", "0.00"),
             "closing_balance_yuan": account.get("closing"), "is_interest_credited": "closing" in account,
             "cumulative_month_count": 0, "deemed_month_count": 0}
        ],
        "int_account__1_bookings": [
            {**whose, "booked_month": month_of(it["month"]), "credit_yuan": it["amount"], "outflow_yuan": "0.00"}
            for it in account.get("bookings", [])
        ],
    }  # fmt: skip


def answer(rows: dict[str, list[Row]]) -> dict[str, Any]:
    (row,) = rows[RECORDS]
    return {"index": row["contribution_index"], "balance": row["account_balance_yuan"]}


def calculate(case: Case) -> dict[str, Any]:
    given, retired = case["given"], month_of(case["given"]["retired"])
    wages = {it["year"]: it.get("wage") and Decimal(it["wage"]) for it in given.get("years", [])}
    booked = [(month, base) for month, base, is_booked in _months(case) if is_booked and month <= retired]
    years = [
        (sum(bases, Decimal(0)), wages[year], len(bases))
        for year in sorted({month.year for month, _ in booked})
        if (bases := [base for month, base in booked if month.year == year])
    ]
    account = given.get("account", {})
    told = [
        Decimal(it["amount"])
        for it in account.get("bookings", [])
        if month_of(it["month"]) <= retired and month_of(it["month"]).year == retired.year
    ]
    whole_year = retired.month == 12 and "closing" in account
    balance = Decimal(account["closing"]) if whole_year else Decimal(account.get("opening", "0.00")) + sum(told)
    return {"index": contribution_index(years), "balance": balance}


KIND = Kind(
    models=(RECORDS,),
    tables=tables,
    outputs={RECORDS: "person_number"},
    answer=answer,
    calculate=calculate,
    mutants=(
        Mutant(RECORDS, "contributions.booked_on is not null", "true"),
        Mutant(RECORDS, "persons.retired_month >= contributions.liability_month", "true"),
        Mutant(RECORDS, "count(wage_yuan) = count(*)", "true"),
        Mutant(RECORDS, "persons.retired_month >= bookings.booked_month", "true"),
    ),
)
