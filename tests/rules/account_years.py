"""Personal accounts over years: interest on the opening and on the year's bookings, closing, re-settlement.

The form of a case is fixed: `opening`, `years` in order (year; rate and method, else those of scheme 110 in the seed;
bookings and outflows, each `{months: 7-12, amount}`, by month of booking), `expect` per year. A year may also have
`closed_month`, in which the account is paid out, and `provisional_rate`, at which it was settled before its own was
announced.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from expectations.calculator.accounts import Year, resettlement, settle
from tests.rules.kinds import Case, Kind, Mutant, Row, seed

YEARS, BALANCES, RESETTLED = "int_account__3_years", "int_account__4_balances", "fct_account_resettlement"


def _month_numbers(written: int | str) -> range:
    first, _, last = str(written).partition("-")
    return range(int(first), int(last or first) + 1)


def _movements(lines: list[dict] | None) -> list[tuple[int, Decimal]]:
    return [(month, Decimal(line["amount"])) for line in lines or [] for month in _month_numbers(line["months"])]


def _years(case: Case) -> list[dict[str, Any]]:
    """Return the years of a case with rate and method filled in; raise ValueError where one is missing between two."""
    rates = [row for row in seed("policy/bookkeeping_rates") if row["insurance_code"] == "110"]
    of_seed = {int(row["valid_from"][:4]): row for row in rates}
    years = []
    for year in case["years"]:
        if years and year["year"] != years[-1]["year"] + 1:
            raise ValueError(f"{case['name']}: {year['year']} does not follow {years[-1]['year']}")
        known = of_seed.get(year["year"], {})
        years.append({"rate": known.get("rate"), "method": known.get("method_code", "month_product"), **year})
    return years


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    """Give the account a scheme of its own, so that its rates are nobody else's."""
    rates, bookings = [], []
    shares = {row["method_code"]: row["equal_booking_share"] or None for row in seed("policy/interest_methods")}
    for year in _years(case):
        provisional = year.get("provisional_rate")
        rates += [
            {
                "insurance_code": key,
                "account_year": year["year"],
                "settled_month_number": number,
                "is_complete": True,
                "method_code": year["method"],
                "equal_booking_share": shares[year["method"]],
                "is_provisional": provisional is not None,
                "settled_rate": provisional or year["rate"],
                "settled_status": "assumed" if provisional else "official",
                "final_rate": year["rate"],
                "final_status": "official",
                "announced_month": date(year["year"] + 1, 4, 1),
                "credit_status": "official",
            }
            for number in range(1, 13)
        ]
        for part, column in (("bookings", "credit_yuan"), ("outflows", "outflow_yuan")):
            bookings += [
                {"entry_kind": part, "booked_month": date(year["year"], month, 1), column: amount}
                for month, amount in _movements(year.get(part))
            ]
        if year.get("closed_month"):
            paid_out = _balances(case)[year["year"]]["paid_out"]
            closing = {"entry_kind": "payment", "booked_month": date(year["year"], year["closed_month"], 1)}
            bookings.append({**closing, "outflow_yuan": paid_out, "is_closing": True})
    defaults = {"person_number": key, "insurance_code": key, "credit_yuan": 0, "outflow_yuan": 0, "is_closing": False}
    opening = {
        "person_number": key,
        "insurance_code": key,
        "opening_kind_code": "1",
        "opened_month": date(case["years"][0]["year"], 1, 1),
        "opening_balance_yuan": case.get("opening", "0.00"),
        "deemed_month_count": 0,
        "paid_month_count": 0,
    }
    return {
        "int_account__1_bookings": [{**defaults, **row} for row in bookings],
        "int_account__2_rates": rates,
        "int_account_openings__latest": [opening],
    }


def answer(rows: dict[str, list[Row]]) -> list[dict[str, Any]]:
    resettled = {row["account_year"]: row["resettlement_yuan"] for row in rows[RESETTLED]}
    return [
        {
            "year": row["account_year"],
            "opening": row["opening_balance_yuan"],
            "principal": row["principal_credited_yuan"],
            "outflow": row["account_outflow_yuan"],
            "month_product": row["month_product_yuan"],
            "opening_interest": row["interest_on_opening_yuan"],
            "current_interest": row["interest_on_current_yuan"],
            "interest": row["interest_credited_yuan"],
            "closing": row["closing_balance_yuan"],
            "resettlement": resettled.get(row["account_year"], Decimal("0.00")),
        }
        for row in sorted(rows[BALANCES], key=lambda row: row["account_year"])
    ]


def calculate(case: Case) -> list[dict[str, Any]]:
    return [{name: it[name] for name in it if name != "paid_out"} for it in _balances(case).values()]


def _balances(case: Case) -> dict[int, dict[str, Any]]:
    """Return what each year comes to, by year, as the calculator has it."""
    opening, balances = Decimal(case.get("opening", "0.00")), {}
    for it in _years(case):
        parts = (tuple(_movements(it.get(part))) for part in ("bookings", "outflows"))
        closed, announced = it.get("closed_month"), Decimal(it["rate"] or 0)
        year = Year(it["year"], announced, it["method"], *parts, closed)
        provisional = Decimal(it.get("provisional_rate", announced))
        # What was paid out at a closing stays as it was paid; an open account takes the announced rate.
        balance = settle(opening, replace(year, rate=provisional) if closed else year)
        balances[it["year"]] = {
            "year": balance.year,
            "opening": balance.opening,
            "principal": balance.principal,
            "outflow": balance.outflow + balance.paid_out,
            "paid_out": balance.paid_out,
            "month_product": balance.month_product,
            "opening_interest": balance.opening_interest,
            "current_interest": balance.current_interest,
            "interest": balance.interest,
            "closing": balance.closing,
            "resettlement": resettlement(opening, year, provisional),
        }
        opening = balance.closing
        if closed:
            break
    return balances


KIND = Kind(
    models=(YEARS, BALANCES, RESETTLED),
    tables=tables,
    outputs={BALANCES: "insurance_code", RESETTLED: "insurance_code"},
    answer=answer,
    calculate=calculate,
    mutants=(
        Mutant(YEARS, "+ 1, 0)", ", 0)"),  # a booking does not earn in its own month
        Mutant(YEARS, "case when entries.is_closing then 0 else entries.outflow_yuan end", "0"),
        Mutant(YEARS, "coalesce(rates.final_rate, rates.settled_rate)", "rates.settled_rate"),
        Mutant(BALANCES, "movements.carried_over_yuan + coalesce(previous.closing_balance_yuan, 0)",
               "movements.carried_over_yuan + coalesce(previous.opening_balance_yuan, 0)"),
        Mutant(BALANCES, "* (1 - cast(equal_booking_share as decimal(7, 4)))", "* 0"),
        Mutant(BALANCES, "opening_balance_yuan * interest_month_count", "opening_balance_yuan * 12"),
        Mutant(RESETTLED, "final_interest_yuan - settled_interest_yuan", "settled_interest_yuan - final_interest_yuan"),
    ),
)  # fmt: skip
