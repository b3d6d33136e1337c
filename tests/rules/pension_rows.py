"""What the kinds of pension cases share: the rows of a person with a pension awarded."""

from datetime import date
from decimal import Decimal
from typing import Any

from tests.rules.kinds import Row, seed

PERSONS, TERMS, AWARDS = "int_pension__1_persons", "int_pension__2_terms", "fct_pension_award"


def month_of(written: str) -> date:
    """Return the first day of a month written as 2017-03."""
    return date.fromisoformat(f"{written}-01")


def months_of_age(written: str) -> int:
    """Return the months of an age such as 60y or 62y10m."""
    years, _, months = str(written).partition("y")
    return int(years) * 12 + int(months.rstrip("m") or 0)


def person(key: str, **given: Any) -> Row:
    """Return a person with a pension awarded, in a scheme of the case's own."""
    awarded = {"awarded_basic_yuan": "0.00", "awarded_account_yuan": "0.00", "batch_id": "b", "source_line": 1}
    return {"person_number": key, "insurance_code": key, "category_code": "male", **awarded, **given}


def in_force(name: str, day: date, **wanted: str) -> dict[str, str] | None:
    """Return the row of a policy seed that holds on a day, None when there is none."""
    found = [
        row
        for row in seed(f"policy/{name}")
        if row["valid_from"] <= day.isoformat() < row["valid_to"]
        and all(row[column] == value for column, value in wanted.items())
    ]
    return found[0] if found else None


def divisor_table() -> dict[int, Decimal]:
    """Return the divisor months by age in whole years."""
    return {int(row["retirement_age"]): Decimal(row["months"]) for row in seed("policy/annuity_divisor_months")}
