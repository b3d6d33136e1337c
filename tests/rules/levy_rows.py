"""What the kinds of levies share: rates of a case, of the case or the seeds, as rows under a scheme of its own."""

from datetime import date
from decimal import Decimal
from typing import Any

from expectations.calculator.levies import Rates
from tests.rules.kinds import Row, seed

BASES, DUE, FACTORS = "int_levy__1_bases", "int_levy__2_due", "int_work_injury_factors__latest"
ALWAYS = {"valid_from": date(1990, 1, 1), "valid_to": date(9999, 12, 31), "status": "official"}
ACCOUNT_SCHEMES = ("110", "120")


def month_of(written: Any) -> date:
    """Return the first day of a month written `2018-12` or `201812`."""
    digits = str(written).replace("-", "")[:6]
    return date(int(digits[:4]), int(digits[4:]), 1)


def in_force(rows: list[dict[str, str]], day: date) -> dict[str, str] | None:
    """Return the row that holds on a day, None where there is none."""
    return next((row for row in rows if row["valid_from"] <= day.isoformat() < row["valid_to"]), None)


def seed_rows(name: str, **equal: str) -> list[dict[str, str]]:
    """Return the rows of a policy seed whose columns equal these; an empty value is None."""
    rows = [row for row in seed(f"policy/{name}") if all(row[key] == value for key, value in equal.items())]
    return [{key: value or None for key, value in row.items()} for row in rows]


def rate_rows(given: dict[str, Any], scheme_key: str) -> list[Row]:
    """Return rows of contribution_rates for both payers, under the key of a case's scheme.

    given: scheme, and what overrides the seed: unit_rate, person_rate, to_account_rate (the person's rate, where the
    scheme has accounts and the case does not say).
    """
    scheme, rows = str(given.get("scheme", "110")), []
    for payer in ("unit", "person"):
        if (rate := given.get(f"{payer}_rate")) is None:
            of_seed = seed_rows("contribution_rates", insurance_code=scheme, payer=payer)
            rows += [{**row, "insurance_code": scheme_key} for row in of_seed]
        else:
            to_account = rate if payer == "person" and scheme in ACCOUNT_SCHEMES else "0"
            to_account = given.get("to_account_rate", to_account) if payer == "person" else "0"
            row = {"insurance_code": scheme_key, "payer": payer, "rate": rate, "to_account_rate": to_account}
            rows.append({**ALWAYS, **row})
    return rows


def rates_on(rows: list[Row], month: date) -> tuple[Rates, list[str]]:
    """Return the rates of a month for the calculator, and the status of each."""
    texts = [{**row, "valid_from": str(row["valid_from"]), "valid_to": str(row["valid_to"])} for row in rows]
    unit, person = (in_force([row for row in texts if row["payer"] == it], month) for it in ("unit", "person"))
    rates = Rates(Decimal(unit["rate"]), Decimal(person["rate"]), Decimal(person["to_account_rate"]))
    return rates, [unit["status"], person["status"]]


def bound_rows(given: dict[str, Any], scheme_key: str) -> list[Row]:
    """Return rows of contribution_base_bounds; `wage`, `floor_share`, `ceiling_share` of a case override the seed."""
    scheme = str(given.get("scheme", "110"))
    if "wage" in given:
        shares = {"floor_share": given.get("floor_share", "0.60"), "ceiling_share": given.get("ceiling_share", "3.00")}
        return [{**ALWAYS, "insurance_code": scheme_key, **shares, "average_monthly_wage_yuan": given["wage"]}]
    over = {name: given[name] for name in ("floor_share", "ceiling_share") if name in given}
    return [
        {**row, "insurance_code": scheme_key, **over}
        for row in seed_rows("contribution_base_bounds", insurance_code=scheme)
    ]


def contributing_row(key: str, scheme_key: str, month: date, base: Any, unit_number: str | None = None) -> Row:
    """Return a row of int_participation__contributing_months."""
    return {
        "person_number": key,
        "insurance_code": scheme_key,
        "liability_month": month,
        "unit_number": unit_number or key,
        "contribution_base_yuan": base,
        "batch_id": "b",
        "source_line": 1,
    }


def due_answer(row: Row) -> dict[str, Any]:
    """Return a row of int_levy__2_due in the words of the cases."""
    unit, person = row["unit_due_yuan"], row["person_due_yuan"]
    return {
        "base": row["contribution_base_yuan"],
        "rule": row["base_rule_code"],
        "unit_due": unit,
        "person_due": person,
        "total_due": None if unit is None else unit + person,
        "account_credit": row["account_credit_yuan"],
        "status": row["rule_status"],
    }
