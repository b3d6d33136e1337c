"""Which months are booked, on which day, and what is owed: `given` has `dues` and `receipts`, by month `2017-03`.

dues: `{months: 2017-01..2017-12 or one month, unit, person}`; receipts: `{month, day: 2017-03-20, unit, person}`, and
`reverses: n` for a line that takes back the n-th receipt (from 1). Expected per month due: booked_on, arrears, and
what is allocated to it.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from expectations.calculator.settlement import Due, Receipt, settle
from tests.rules.kinds import Case, Kind, Mutant, Row

EFFECTIVE, SETTLED, MONTHS = "int_receipts__effective", "int_contributions__settled", "fct_contribution_month"
DUES = "int_levy__2_due"


def months_of(written: str) -> list[date]:
    """Return the months of `2017-03` or `2017-01..2017-12`."""
    first, _, last = written.partition("..")
    month, end, found = date.fromisoformat(f"{first}-01"), date.fromisoformat(f"{last or first}-01"), []
    while month <= end:
        found.append(month)
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    return found


def _dues(case: Case) -> list[Due]:
    return [
        Due(month, Decimal(line["unit"]), Decimal(line["person"]))
        for line in case["given"]["dues"]
        for month in months_of(line["months"])
    ]


def _receipts(case: Case) -> list[tuple[Receipt, int | None]]:
    """Return the receipts with the number of the one each takes back."""
    return [
        (
            Receipt(*months_of(line["month"]), date.fromisoformat(str(line["day"])),
                    Decimal(line.get("unit", "0.00")), Decimal(line.get("person", "0.00"))),
            line.get("reverses"),
        )
        for line in case["given"].get("receipts", [])
    ]  # fmt: skip


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    whose = {"person_number": key, "insurance_code": "110", "unit_number": "U1"}
    dues = [
        {**whose, "liability_month": due.month, "unit_due_yuan": due.unit, "person_due_yuan": due.person,
         "account_credit_yuan": due.person}
        for due in _dues(case)
    ]  # fmt: skip
    receipts = [
        {
            **whose,
            "receipt_number": f"{key}-{number}",
            "liability_month": receipt.month,
            "received_on": receipt.received_on,
            "unit_paid_yuan": receipt.unit,
            "person_paid_yuan": receipt.person,
            "reversed_receipt_number": reverses and f"{key}-{reverses}",
        }
        for number, (receipt, reverses) in enumerate(_receipts(case), start=1)
    ]
    months = [
        {"liability_month": date(year, month, 1)} for year in range(2010, 2031) for month in range(1, 13)
    ] if key == "C000000" else []  # fmt: skip
    return {DUES: dues, "int_receipts__deduplicated": receipts, "int_periods__liability_months": months}


def answer(rows: dict[str, list[Row]]) -> list[dict[str, Any]]:
    return [
        {
            "month": f"{row['liability_month']:%Y-%m}",
            "booked_on": row["booked_on"],
            "unit_allocated": row["unit_allocated_yuan"],
            "person_allocated": row["person_allocated_yuan"],
            "arrears": row["arrears_yuan"],
        }
        for row in sorted(rows[MONTHS], key=lambda row: row["liability_month"])
        if row["unit_due_yuan"] is not None
    ]


def calculate(case: Case) -> list[dict[str, Any]]:
    lines, taken_back = _receipts(case), set()
    for number, (receipt, reverses) in enumerate(lines, start=1):
        if reverses and reverses not in taken_back and lines[reverses - 1][1] is None:
            original = lines[reverses - 1][0]
            if (original.month, original.unit, original.person) == (receipt.month, -receipt.unit, -receipt.person):
                taken_back |= {number, reverses}
    standing = [receipt for number, (receipt, _) in enumerate(lines, start=1) if number not in taken_back]
    due = {it.month: it.unit + it.person for it in _dues(case)}
    return [
        {
            "month": f"{it.month:%Y-%m}",
            "booked_on": it.booked_on,
            "unit_allocated": it.unit_allocated,
            "person_allocated": it.person_allocated,
            "arrears": due[it.month] - it.unit_allocated - it.person_allocated,
        }
        for it in settle(_dues(case), standing)
    ]


KIND = Kind(
    models=(EFFECTIVE, SETTLED, MONTHS),
    tables=tables,
    outputs={MONTHS: "person_number"},
    answer=answer,
    calculate=calculate,
    mutants=(
        Mutant(SETTLED, "having max(is_irregular) = 1", "having max(is_irregular) = 2"),  # no rolling at all
        Mutant(SETTLED, "least(unit_covered.month_count, person_covered.month_count)", "unit_covered.month_count"),
        Mutant(SETTLED, "so_far_yuan nulls last, is_day nulls", "so_far_yuan nulls last, is_day desc nulls"),
        Mutant(SETTLED, "month_count desc nulls last, is_due nulls", "month_count desc nulls last, is_due desc nulls"),
        Mutant(EFFECTIVE, "where fallen.receipt_number is null", "where true"),
        Mutant(MONTHS, "- unit_allocated_yuan - person_allocated_yuan", "- unit_paid_yuan - person_paid_yuan"),
    ),
)  # fmt: skip
