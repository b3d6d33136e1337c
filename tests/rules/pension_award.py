"""The parts of a pension on a given record.

given: base_wage, index, paid_months, deemed_months, balance, age (50y), retired (2020-01), accrual_percent and
transitional_percent (else those of the seed for scheme 110). A wage or index left out is unknown. expect: basic,
account, transitional, total, has_required_months, status.
"""

from decimal import Decimal
from typing import Any

from expectations.calculator.pensions import account_pension, basic_pension, divisor, transitional_pension
from tests.rules.kinds import Case, Kind, Mutant, Row
from tests.rules.pension_rows import AWARDS, PERSONS, TERMS, divisor_table, in_force, month_of, months_of_age, person

ALWAYS = {"valid_from": "1900-01-01", "valid_to": "9999-12-31"}


def _percents(given: dict[str, Any]) -> dict[str, str]:
    rates = in_force("pension_rates", month_of(given["retired"]), insurance_code="110")
    return {name: str(given.get(name, rates[name])) for name in ("accrual_percent", "transitional_percent")}


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    given = case["given"]
    whose = {"person_number": key, "insurance_code": key}
    ages = {"retired_month": month_of(given["retired"]), "age_months": months_of_age(given.get("age", "60y"))}
    record = {
        "contribution_index": given.get("index"),
        "paid_month_count": given.get("paid_months", 0),
        "deemed_month_count": given.get("deemed_months", 0),
        "account_balance_yuan": given.get("balance"),
        "account_status": "secondary",
    }
    wage = {"base_wage_yuan": given.get("base_wage"), "status": given.get("wage_status", "official")}
    rates = {**_percents(given), "status": "official"}
    return {
        PERSONS: [person(key, birth_month=month_of("1960-01"), **ages)],
        "int_pension__3_records": [{**whose, **record}],
        "benefit_base_wages": [{"insurance_code": key, **ALWAYS, **wage}],
        "pension_rates": [{"insurance_code": key, **ALWAYS, **rates}],
    }


def answer(rows: dict[str, list[Row]]) -> dict[str, Any]:
    (row,) = rows[AWARDS]
    return {
        "basic": row["basic_pension_yuan"],
        "account": row["account_pension_yuan"],
        "transitional": row["transitional_pension_yuan"],
        "total": row["pension_yuan"],
        "has_required_months": row["has_required_months"],
        "status": row["rule_status"],
    }


def calculate(case: Case) -> dict[str, Any]:
    given, percents = case["given"], {name: Decimal(it) for name, it in _percents(case["given"]).items()}
    retired = month_of(given["retired"])
    paid, deemed = int(given.get("paid_months", 0)), int(given.get("deemed_months", 0))
    basic = account = transitional = None
    if given.get("base_wage") and given.get("index"):
        wage, index = Decimal(given["base_wage"]), Decimal(given["index"])
        basic = basic_pension(wage, index, paid + deemed, percents["accrual_percent"])
        transitional = transitional_pension(wage, index, deemed, percents["transitional_percent"])
    if given.get("balance"):
        by_month = in_force("annuity_divisor_rules", retired)["is_by_month"] == "true"
        account = account_pension(
            Decimal(given["balance"]), divisor(months_of_age(given.get("age", "60y")), divisor_table(), by_month)
        )
    parts = (basic, account, transitional)
    statuses = ("secondary", given.get("wage_status", "official"))
    return {
        "basic": basic,
        "account": account,
        "transitional": transitional,
        "total": None if None in parts else sum(parts, Decimal("0.00")),
        "has_required_months": paid + deemed >= int(in_force("required_contribution_months", retired)["month_count"]),
        "status": "assumed" if "assumed" in statuses else "secondary",
    }


KIND = Kind(
    models=(TERMS, AWARDS),
    tables=tables,
    outputs={AWARDS: "person_number"},
    answer=answer,
    calculate=calculate,
    mutants=(
        Mutant(AWARDS, "* (paid_month_count + deemed_month_count)", "* paid_month_count"),
        Mutant(AWARDS, "(1 + cast(contribution_index", "(2 * cast(contribution_index"),
        Mutant(AWARDS, "deemed_month_count * transitional_percent", "paid_month_count * transitional_percent"),
        Mutant(AWARDS, ">= required_month_count", "> required_month_count"),
    ),
)  # fmt: skip
