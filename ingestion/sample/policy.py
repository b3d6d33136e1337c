"""Rates as the policy seeds of dbt state them, in parts per million; amounts in fen.

The arithmetic here is written anew, in integers, so that the truth does not lean on the warehouse it is to test.
"""

import csv
from functools import cache

import numpy as np

from ingestion.sample.calendar import first_day, last_day
from ingestion.settings import ROOT

SEEDS = ROOT / "dbt" / "seeds"
MILLION = 1_000_000


def read_seed(name: str) -> list[dict[str, str]]:
    """Return the rows of `dbt/seeds/<name>.csv`."""
    with (SEEDS / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def apply_rate(amounts: np.ndarray, rate_ppm: int | np.ndarray) -> np.ndarray:
    """Multiply amounts >= 0 (fen) by a rate, rounded half up to the fen."""
    return (amounts * rate_ppm + MILLION // 2) // MILLION


def divide_half_away(numerators: np.ndarray, denominator: int) -> np.ndarray:
    """Divide integers by a positive integer, rounded half away from zero."""
    return np.sign(numerators) * ((2 * np.abs(numerators) + denominator) // (2 * denominator))


def _ppm(text: str) -> int:
    whole, _, fraction = text.partition(".")
    return int(whole) * MILLION + int(fraction.ljust(6, "0"))


def _in_force(rows: list[dict[str, str]], month: int) -> dict[str, str]:
    day = first_day(month).isoformat()
    (row,) = (row for row in rows if row["valid_from"] <= day < row["valid_to"])
    return row


@cache
def contribution_rate(insurance_code: str, payer: str, month: int) -> int:
    """Return the rate that `unit` or `person` pays for a liability month, in ppm."""
    return _ppm(_contribution_row(insurance_code, payer, month)["rate"])


@cache
def to_account_rate(insurance_code: str, month: int) -> int:
    """Return the part of the person's rate that is booked to the personal account, in ppm."""
    return _ppm(_contribution_row(insurance_code, "person", month)["to_account_rate"])


def _contribution_row(insurance_code: str, payer: str, month: int) -> dict[str, str]:
    rows = read_seed("policy/contribution_rates")
    return _in_force([row for row in rows if (row["insurance_code"], row["payer"]) == (insurance_code, payer)], month)


@cache
def base_bounds(insurance_code: str, month: int) -> tuple[int, int] | None:
    """Return floor and ceiling of contribution bases in fen, None where the province's wage is not known."""
    day = first_day(month).isoformat()
    for row in read_seed("policy/contribution_base_bounds"):
        in_force = row["insurance_code"] == insurance_code and row["valid_from"] <= day < row["valid_to"]
        if in_force and row["average_monthly_wage_yuan"]:
            wage = int(row["average_monthly_wage_yuan"].replace(".", ""))
            return apply_rate(wage, _ppm(row["floor_share"])), apply_rate(wage, _ppm(row["ceiling_share"]))
    return None


@cache
def work_injury_rates(month: int) -> np.ndarray:
    """Return the work-injury rate of each risk class in ppm; index 0 is unused."""
    rows = read_seed("policy/work_injury_rate_classes")
    classes = sorted({int(row["risk_class"]) for row in rows})
    rates = np.zeros(max(classes) + 1, np.int64)
    for risk_class in classes:
        rates[risk_class] = _ppm(
            _in_force([row for row in rows if int(row["risk_class"]) == risk_class], month)["base_rate"]
        )
    return rates


@cache
def floating_percents(risk_class: int) -> list[int]:
    """Return the floating shares of the base rate that a risk class may have, in percent."""
    rows = read_seed("policy/work_injury_floating_factors")
    return sorted({int(row["floating_percent"]) for row in rows if int(row["risk_class"]) == risk_class})


@cache
def bookkeeping_rates() -> dict[int, int]:
    """Return the bookkeeping rate of each year in ppm; the schemes with accounts have the same."""
    return {int(row["valid_from"][:4]): _ppm(row["rate"]) for row in read_seed("policy/bookkeeping_rates")}


@cache
def settlement_rate(month: int) -> int:
    """Return the rate in ppm at which an account closed in a month is settled.

    The year's own where it is known by then, else the last one that is; where none is, the year's own.
    """
    year, day = month // 12, last_day(month).isoformat()
    known = [
        int(row["valid_from"][:4])
        for row in read_seed("policy/bookkeeping_rates")
        if (row["announced_on"] or f"{row['valid_from'][:4]}-12-31") <= day
    ]
    return bookkeeping_rates()[max((it for it in known if it <= year), default=year)]


@cache
def annuity_divisors() -> np.ndarray:
    """Return the months a personal account is divided by, at the retirement age that is the index."""
    rows = read_seed("policy/annuity_divisor_months")
    divisors = np.zeros(max(int(row["retirement_age"]) for row in rows) + 1, np.int64)
    for row in rows:
        divisors[int(row["retirement_age"])] = int(row["months"])
    return divisors
