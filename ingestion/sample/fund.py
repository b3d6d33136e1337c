"""The funds: what each scheme takes in and pays, and the finance bureau's entries of the fiscal special account."""

from collections import defaultdict

import numpy as np

from ingestion.outgoing.files import ExchangeFile
from ingestion.outgoing.text import encoded
from ingestion.sample.calendar import month_code, working_day_from, working_days
from ingestion.sample.faults import Faults
from ingestion.sample.outbox import Outbox
from ingestion.sample.spells import PENSIONS, SCHEMES
from ingestion.sample.statements import CREDIT, DEBIT, EXPENSE, FISCAL, BankEntry, Statements
from ingestion.sample.treasury import Treasury

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
_LEVELS, _LEVEL_SHARES = ("3", "4", "5"), (70, 20, 10)  # province, prefecture, county; percent, invented
_QUARTERLY_INTEREST = 6  # permille of the balance
_INCOME = ("contribution_income", "subsidy_income", "interest_income", "transfer_income")
_EXPENDITURE = ("benefit_expenditure", "transfer_expenditure")


class Fund:
    """Sums in fen by month, scheme and kind of movement."""

    def __init__(
        self,
        rng: np.random.Generator,
        persons: int,
        first_month: int,
        treasury: Treasury,
        statements: Statements,
        faults: Faults,
    ):
        self._treasury, self._statements, self._faults = treasury, statements, faults
        self._sums: dict[tuple[int, str, str], int] = defaultdict(int)
        self._first_month = first_month
        self._balance = {
            code: persons * amount + int(rng.integers(0, 10_000)) for code, amount in _OPENING_PER_PERSON.items()
        }
        self.opening = dict(self._balance)
        for code, balance in self.opening.items():
            statements.open_account(code, balance)

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
        numbers = [f"{month_code(month)}{number:05d}" for number in range(1, len(entries) + 1)]
        with outbox.monthly("finance_bureau", "fiscal_account_entries", month) as file:
            self._spoil_sweep(month, entries, file)
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
        for row, (number, (code, kind, amount)) in enumerate(zip(numbers, entries, strict=True)):
            self._bank(code, kind, days.get(kind, last), amount, number, (file, file.line_of(row)))
        self._send_subsidies(month, last, list(zip(numbers, entries, strict=True)), file, outbox)

    def _spoil_sweep(self, month: int, entries: list[tuple[str, str, int]], file) -> None:
        if self._faults.due("sweep_differs", month):
            row = next(place for place, entry in enumerate(entries) if entry[1] == _SWEEP)
            code, kind, amount = entries[row]
            entries[row] = (code, kind, amount + 3200)
            self._faults.add(
                "sweep_differs",
                step_code="treasury_swept",
                outcome_code="differs",
                month=month,
                insurance_code=code,
                item_key=f"{code}-{month_code(month)}",
                difference=3200,
                file=file,
                line=file.line_of(row),
            )

    def _bank(self, code: str, kind: str, day: int, amount: int, number: str, origin: tuple[ExchangeFile, int]) -> None:
        """Let the banks book a fiscal entry: on the special account and, of an allotment, on the expense account."""
        if kind == _OPENING:
            return
        direction = DEBIT if kind == _ALLOTMENT else CREDIT
        values = (amount, number, "云南省财政厅社会保障处", _SUMMARIES[kind], origin)
        self._statements.add(BankEntry(FISCAL, code, day, direction, *values))
        if kind == _ALLOTMENT:
            self._statements.add(BankEntry(EXPENSE, code, day, CREDIT, *values))

    def _send_subsidies(
        self, month: int, day: int, entries: list[tuple[str, tuple]], entries_file: ExchangeFile, outbox: Outbox
    ) -> None:
        """Write by which levels of government the month's subsidies were transferred."""
        rows = []
        with outbox.monthly("finance_bureau", "subsidy_transfers", month) as file:
            for row, (number, (code, kind, amount)) in enumerate(entries):
                if kind != _SUBSIDY:
                    continue
                if self._faults.due("subsidy_not_transferred", month):
                    self._faults.add(
                        "subsidy_not_transferred",
                        step_code="subsidy_transferred",
                        outcome_code="right_only",
                        month=month,
                        insurance_code=code,
                        item_key=number,
                        difference=amount,
                        file=entries_file,
                        line=entries_file.line_of(row),
                    )
                    continue
                shares = [amount * percent // 100 for percent in _LEVEL_SHARES[1:]]
                for level, share in zip(_LEVELS, (amount - sum(shares), *shares), strict=True):
                    rows.append((f"{number}{level}", code, level, number, share))
            if rows:
                document = f"云财社〔{month // 12}〕{month % 12 + 1}号"
                file.write(
                    {
                        "transfer_number": encoded([row[0] for row in rows], "ascii"),
                        "insurance_code": encoded([row[1] for row in rows], "ascii"),
                        "subsidy_level_code": encoded([row[2] for row in rows], "ascii"),
                        "document_number": document.encode(),
                        "entry_number": encoded([row[3] for row in rows], "ascii"),
                        "transferred_on": np.full(len(rows), day),
                        "transfer_yuan": np.array([row[4] for row in rows]),
                    }
                )

    def _fiscal_amounts(self, month: int, code: str) -> dict[str, int]:
        """Return the amounts of a scheme's entries by kind, and count subsidy and interest as income."""
        this_month = range(month, month + 1)
        attempted = self.sum(this_month, code, "attempted")
        subsidy = attempted * _SUBSIDY_SHARE.get(code, 0) // 100
        interest = max(self._balance[code], 0) * _QUARTERLY_INTEREST // 1000 if month % 3 == 2 else 0
        self.add(month, code, "subsidy_income", subsidy)
        self.add(month, code, "interest_income", interest)
        return {
            _OPENING: self.opening[code] if month == self._first_month else 0,
            _SWEEP: self._treasury.booked(month, code),
            _SUBSIDY: subsidy,
            _INTEREST: interest,
            _ALLOTMENT: attempted,
            _TRANSFER_INCOME: self.sum(this_month, code, "transfer_income") if code in PENSIONS else 0,
        }
