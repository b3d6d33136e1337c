"""The funds: what each scheme takes in and pays, and the finance bureau's entries of the fiscal special account."""

from collections import defaultdict

import numpy as np

from ingestion.outgoing.text import encoded
from ingestion.sample.calendar import month_code, working_day_from, working_days
from ingestion.sample.outbox import Outbox
from ingestion.sample.spells import PENSIONS, SCHEMES

_OPENING, _SWEEP, _SUBSIDY, _INTEREST, _ALLOTMENT, _TRANSFER_INCOME = "00", "01", "02", "03", "04", "05"
_SUMMARIES = {
    _OPENING: "上年结转",
    _SWEEP: "收入户划入财政专户",
    _SUBSIDY: "财政补助",
    _INTEREST: "财政专户存款利息",
    _ALLOTMENT: "拨入支出户",
    _TRANSFER_INCOME: "关系转移收入",
}
_OPENING_PER_PERSON = {"110": 3_500_000, "120": 1_200_000, "410": 90_000, "510": 60_000}  # fen, invented
_SUBSIDY_SHARE = {"110": 12, "120": 35}  # percent of the month's pensions
_QUARTERLY_INTEREST = 6  # permille of the balance
_INCOME = ("contribution_income", "subsidy_income", "interest_income", "transfer_income")
_EXPENDITURE = ("benefit_expenditure", "transfer_expenditure")


class Fund:
    """Sums in fen by month, scheme and kind of movement."""

    def __init__(self, rng: np.random.Generator, persons: int, first_month: int):
        self._sums: dict[tuple[int, str, str], int] = defaultdict(int)
        self._first_month = first_month
        self._balance = {
            code: persons * amount + int(rng.integers(0, 10_000)) for code, amount in _OPENING_PER_PERSON.items()
        }
        self.opening = dict(self._balance)

    def add(self, month: int, insurance_code: str, kind: str, amount: int) -> None:
        """Add an amount to a month's sum."""
        self._sums[month, insurance_code, kind] += amount

    def sum(self, months: range, insurance_code: str, kind: str) -> int:
        """Return the sum over months."""
        return sum(self._sums.get((month, insurance_code, kind), 0) for month in months)

    def income(self, months: range, insurance_code: str) -> int:
        """Return what a fund took in over months."""
        return sum(self.sum(months, insurance_code, kind) for kind in _INCOME)

    def expenditure(self, months: range, insurance_code: str) -> int:
        """Return what a fund spent over months."""
        return sum(self.sum(months, insurance_code, kind) for kind in _EXPENDITURE)

    def close_month(self, month: int, outbox: Outbox) -> None:
        """Write the fiscal entries of a month, after everything else in it has happened."""
        entries = []
        for code in SCHEMES:
            amounts = self._fiscal_amounts(month, code)
            entries += [(code, kind, amount) for kind, amount in amounts.items() if amount or kind == _SWEEP]
            self._balance[code] += self.income(range(month, month + 1), code)
            self._balance[code] -= self.expenditure(range(month, month + 1), code)
        last, tenth = working_days(month)[-1], working_day_from(month, 10)
        days = {_OPENING: working_days(month)[0], _ALLOTMENT: tenth}
        with outbox.monthly("finance_bureau", "fiscal_account_entries", month) as file:
            numbers = [f"{month_code(month)}{number:05d}" for number in range(1, len(entries) + 1)]
            file.write(
                {
                    "entry_number": encoded(numbers, "ascii"),
                    "insurance_code": encoded([code for code, _, _ in entries], "ascii"),
                    "entry_on": np.array([days.get(kind, last) for _, kind, _ in entries]),
                    "entry_kind_code": encoded([kind for _, kind, _ in entries], "ascii"),
                    "entry_yuan": np.array([amount for _, _, amount in entries]),
                    "entry_summary": encoded([_SUMMARIES[kind] for _, kind, _ in entries], "utf-8"),
                }
            )

    def _fiscal_amounts(self, month: int, code: str) -> dict[str, int]:
        """Return the amounts of a scheme's entries by kind, and count subsidy and interest as income."""
        this_month = range(month, month + 1)
        attempted = self.sum(this_month, code, "attempted")
        subsidy = attempted * _SUBSIDY_SHARE.get(code, 0) // 100
        interest = self._balance[code] * _QUARTERLY_INTEREST // 1000 if month % 3 == 2 else 0
        self.add(month, code, "subsidy_income", subsidy)
        self.add(month, code, "interest_income", interest)
        return {
            _OPENING: self.opening[code] if month == self._first_month else 0,
            _SWEEP: self.sum(this_month, code, "contribution_income"),
            _SUBSIDY: subsidy,
            _INTEREST: interest,
            _ALLOTMENT: attempted,
            _TRANSFER_INCOME: self.sum(this_month, code, "transfer_income") if code in PENSIONS else 0,
        }
