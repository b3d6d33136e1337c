"""What the warehouse knows of one account year, down to the lines of the files."""

from dataclasses import dataclass
from typing import Any

from ingestion.warehouse import Warehouse

Row = dict[str, Any]


class NothingToTrace(Exception):
    """There is no such person, or no account in that year; the message says what there is."""

    exit_code = 2


@dataclass(frozen=True)
class AccountYear:
    """One account in one year. Amounts in yuan; every row of a list has `file_name` and `source_line`."""

    account: Row
    rate: Row
    openings: list[Row]
    bookings: list[Row]
    receipts: list[Row]
    payments: list[Row]


def find_person(warehouse: Warehouse, person_number: str) -> Row:
    """Return the person of a number, under the number that survives it; raise `NothingToTrace` for an unknown one."""
    found = warehouse.rows(
        "select persons.person_number, persons.person_name, persons.identity_number from dim_person_number as numbers "
        "inner join dim_person as persons on persons.person_number = numbers.surviving_person_number "
        "where numbers.person_number = ?",
        [person_number],
    )
    if not found:
        raise NothingToTrace(f"没有个人编号 {person_number}：请核对编号（不是身份证号）")
    return found[0]


def account_years(warehouse: Warehouse, person_number: str, year: int) -> list[AccountYear]:
    """Return the person's accounts of a year, one for each scheme; raise `NothingToTrace` when there is none."""
    accounts = warehouse.rows(
        "select accounts.*, schemes.name as insurance_name, methods.method_name "
        "from fct_personal_account_year as accounts "
        "inner join insurance_schemes as schemes on schemes.insurance_code = accounts.insurance_code "
        "left join int_account__2_rates as rates on rates.insurance_code = accounts.insurance_code "
        "and rates.account_year = accounts.account_year and rates.settled_month_number = 12 "
        "left join interest_methods as methods on methods.method_code = rates.method_code "
        "where accounts.person_number = ? order by accounts.account_year, accounts.insurance_code",
        [person_number],
    )
    chosen = [account for account in accounts if account["account_year"] == year]
    if not chosen:
        years = "、".join(sorted({str(account["account_year"]) for account in accounts}))
        raise NothingToTrace(
            f"{person_number} 在 {year} 年没有个人账户：" + (f"有 {years} 年" if years else "从未建账")
        )
    return [_account_year(warehouse, account) for account in chosen]


def _account_year(warehouse: Warehouse, account: Row) -> AccountYear:
    whose = [account["person_number"], account["insurance_code"]]
    first, last = f"{account['account_year']}-01-01", f"{account['account_year']}-12-31"
    closed = account["closed_month"]
    (rate,) = warehouse.rows(
        "select * from int_account__2_rates where insurance_code = ? and account_year = ? and settled_month_number = ?",
        [account["insurance_code"], account["account_year"], closed.month if closed else 12],
    )
    numbers = "(select numbers.person_number from dim_person_number as numbers where surviving_person_number = ?)"
    openings = warehouse.rows(
        "select openings.*, batches.file_name from int_account_openings__latest as openings "
        "inner join landing.batches as batches on batches.batch_id = openings.batch_id "
        "where person_number = ? and insurance_code = ? and opened_month between cast(? as date) and cast(? as date) "
        "order by opened_month, opening_number",
        [*whose, first, last],
    )
    bookings = warehouse.rows(
        "select months.liability_month, months.contribution_base_yuan, months.unit_due_yuan, months.person_due_yuan, "
        "months.account_credit_yuan, months.booked_on, rates.to_account_rate, rates.document, rates.status, "
        "batches.file_name, months.source_line from int_contributions__settled as months "
        "inner join landing.batches as batches on batches.batch_id = months.batch_id "
        "left join contribution_rates as rates on rates.insurance_code = months.insurance_code "
        "and rates.payer = 'person' and rates.valid_from <= months.liability_month "
        "and rates.valid_to > months.liability_month "
        f"where months.person_number in {numbers} and months.insurance_code = ? "
        "and months.booked_on between cast(? as date) and cast(? as date) "
        "order by months.booked_on, months.liability_month",
        [*whose, first, last],
    )
    receipts = warehouse.rows(
        "select receipts.liability_month, receipts.received_on, receipts.receipt_number, receipts.unit_paid_yuan, "
        "receipts.person_paid_yuan, batches.file_name, receipts.source_line from int_receipts__effective as receipts "
        "inner join landing.batches as batches on batches.batch_id = receipts.batch_id "
        f"where receipts.person_number in {numbers} and receipts.insurance_code = ? "
        "order by receipts.received_on, receipts.receipt_number",
        whose,
    )
    payments = warehouse.rows(
        "select payments.paid_on, payments.benefit_month, items.benefit_item_name, payments.payment_yuan, "
        "payments.from_account_yuan, items.closes_account, items.document, batches.file_name, payments.source_line "
        "from fct_benefit_payment as payments "
        "inner join benefit_items as items on items.benefit_item_code = payments.benefit_item_code "
        "inner join landing.batches as batches on batches.batch_id = payments.batch_id "
        f"where payments.person_number in {numbers} and payments.insurance_code = ? and payments.is_paid "
        "and (payments.from_account_yuan <> 0 or items.closes_account) "
        "and payments.paid_on between cast(? as date) and cast(? as date) "
        "order by payments.paid_on, payments.payment_number",
        [*whose, first, last],
    )
    return AccountYear(account, rate, openings, bookings, receipts, payments)
