"""The occupational annuity over years: interest on the notional part, and its settlement into cash at retirement.

The form is that of account_years: `opening` {funded, notional}; `years` in order, each with year, rate (else that of
the seed), and `funded` and `notional`, lists of `{months: 7-12, amount}` by month of booking; `retired`, a month like
2017-06; `expect` per year.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from expectations.calculator.annuity import annuity_year
from tests.rules.account_years import _movements
from tests.rules.kinds import Case, Kind, Mutant, Row, seed

YEARS, MART = "int_annuity__2_years", "fct_annuity_account_year"


def _years(case: Case) -> list[dict[str, Any]]:
    """Return the years of a case with their rates; raise ValueError where one does not follow the other."""
    of_seed, years = seed("policy/annuity_notional_rates"), []
    for year in case["years"]:
        if years and year["year"] != years[-1]["year"] + 1:
            raise ValueError(f"{case['name']}: {year['year']} does not follow {years[-1]['year']}")
        day = f"{year['year']}-01-01"
        known = [row["rate"] for row in of_seed if row["valid_from"] <= day < row["valid_to"]]
        years.append({"rate": known[0] if known else None, **year})
    return years


def _opening(case: Case) -> tuple[Decimal, Decimal]:
    return tuple(Decimal(case.get("opening", {}).get(part, "0.00")) for part in ("funded", "notional"))


def _retired(case: Case) -> date | None:
    return date.fromisoformat(f"{case['retired']}-01") if case.get("retired") else None


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    """Give the annuity a scheme of its own, so that its rates are nobody else's; it opens by a booking at rate 0."""
    years = _years(case)
    first = years[0]["year"]
    defaults = {"person_number": key, "insurance_code": key, "funded_yuan": 0, "notional_yuan": 0,
                "rate_status": "official"}  # fmt: skip
    bookings = [{"booked_month": date(first - 1, 12, 1), "funded_yuan": _opening(case)[0],
                 "notional_yuan": _opening(case)[1]}]  # fmt: skip
    rates = [{"insurance_code": key, "valid_from": date(first - 1, 1, 1), "valid_to": date(first, 1, 1), "rate": 0}]
    for year in years:
        begins = date(year["year"], 1, 1)
        rates.append({"insurance_code": key, "valid_from": begins, "valid_to": date(year["year"] + 1, 1, 1),
                      "rate": year["rate"], "status": "assumed"})  # fmt: skip
        bookings += [
            {"booked_month": begins.replace(month=month), f"{part}_yuan": amount}
            for part in ("funded", "notional")
            for month, amount in _movements(year.get(part))
        ]
    # Years before and after those of the case are built, but not looked at.
    rates.append({"insurance_code": key, "valid_from": date(years[-1]["year"] + 1, 1, 1), "valid_to": date(9999, 1, 1),
                  "rate": 0})  # fmt: skip
    return {
        "int_annuity__1_bookings": [{**defaults, **row} for row in bookings],
        "annuity_notional_rates": rates,
        "int_persons__latest": [{"person_number": key, "retired_on": _retired(case)}],
        "int_person__2_survivors": [{"person_number": key, "surviving_person_number": key}],
    }


def answer(rows: dict[str, list[Row]]) -> list[dict[str, Any]]:
    found = sorted(rows[MART], key=lambda row: row["account_year"])
    opened = found[0]["account_year"] if found else 0
    return [
        {
            "year": row["account_year"],
            "funded_opening": row["funded_opening_yuan"],
            "notional_opening": row["notional_opening_yuan"],
            "funded_credited": row["funded_credited_yuan"],
            "notional_credited": row["notional_credited_yuan"],
            "month_product": row["month_product_yuan"],
            "opening_interest": row["interest_on_opening_yuan"],
            "current_interest": row["interest_on_current_yuan"],
            "interest": row["interest_credited_yuan"],
            "settled": row["settled_yuan"],
            "funded_closing": row["funded_closing_yuan"],
            "notional_closing": row["notional_closing_yuan"],
        }
        for row in found
        if row["account_year"] > opened and row["notional_rate"] != 0
    ]


def calculate(case: Case) -> list[dict[str, Any]]:
    opening, retired, found = _opening(case), _retired(case), []
    for it in _years(case):
        parts = (tuple(_movements(it.get(part))) for part in ("funded", "notional"))
        year = annuity_year(
            it["year"], opening, Decimal(it["rate"]), *parts, (retired.year, retired.month) if retired else None
        )
        opening = (year.funded_closing, year.notional_closing)
        names = ("year", "funded_opening", "notional_opening", "funded_credited", "notional_credited", "month_product",
                 "opening_interest", "current_interest", "interest", "settled", "funded_closing",
                 "notional_closing")  # fmt: skip
        found.append({name: getattr(year, name) for name in names})
    return found


KIND = Kind(
    models=(YEARS, MART),
    tables=tables,
    outputs={MART: "insurance_code"},
    answer=answer,
    calculate=calculate,
    mutants=(
        Mutant(YEARS, "+ 1, 0)", ", 0)"),  # a booking does not earn in its own month
        Mutant(YEARS, "< years.account_year then 0", "< years.account_year then 12"),
        Mutant(YEARS, "coalesce(previous.notional_closing_yuan, 0)", "0"),
        Mutant(YEARS, "opening_balance_yuan * interest_month_count", "opening_balance_yuan * 12"),
        Mutant(YEARS, "when is_settled then 0 else", "when false then 0 else"),
    ),
)  # fmt: skip
