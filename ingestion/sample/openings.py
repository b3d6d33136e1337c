"""Personal accounts opened: carried over in the first month, and by transfer in later."""

import numpy as np

from ingestion.outgoing.text import chunks, encoded, numbered, take
from ingestion.sample.accounts import Accounts
from ingestion.sample.benefits import Benefits
from ingestion.sample.fund import Fund
from ingestion.sample.outbox import Outbox
from ingestion.sample.plan import Plan, Role
from ingestion.sample.population import Persons
from ingestion.sample.spells import PENSIONS, Spells

_ACCOUNTS_BEGIN = 1996 * 12
_CARRIED_OVER, _TRANSFERRED = "1", "2"


class Openings:
    """Month by month, the accounts that are opened."""

    def __init__(
        self,
        rng: np.random.Generator,
        province: tuple[Plan, Persons, Spells],
        accounts: Accounts,
        benefits: Benefits,
        fund: Fund,
        first_month: int,
    ):
        self._rng = rng
        self._plan, self._persons, self._spells = province
        self._accounts, self._benefits, self._fund, self._first_month = accounts, benefits, fund, first_month
        self._number = 0

    def happen(self, month: int, outbox: Outbox) -> None:
        """Open the month's accounts and write the file."""
        with outbox.monthly("core_system", "account_openings", month) as file:
            if month == self._first_month:
                rows = np.flatnonzero(self._plan.role <= Role.PAUSED)
                for part in chunks(rows):
                    self._carry_over(file, part, month)
            self._transfer_in(file, month)

    def _carry_over(self, file, rows: np.ndarray, month: int) -> None:
        """Open the accounts of those who were insured before: of the retired, what their pensions left."""
        persons = self._persons
        retired = self._plan.role[rows] == Role.RETIRED
        until = np.where(retired, self._benefits.pension_from[rows], month)
        paid = np.maximum(until - persons.first_insured[rows], 1)
        started_on = persons.started_work_on[rows]
        deemed = np.maximum(persons.first_insured[rows] - (started_on // 10000 * 12 + started_on // 100 % 100 - 1), 0)
        booked = np.minimum(paid, month - _ACCOUNTS_BEGIN)
        saved = self._spells.base[rows] * 8 // 100 * booked * self._rng.integers(450, 900, len(rows)) // 1000
        balances = np.where(retired, self._benefits.carried_over[rows], saved)
        self._accounts.carry_over(rows, balances, paid)
        self._write(file, rows, (_CARRIED_OVER, month), balances, (np.zeros(len(rows), np.int64), deemed, paid))

    def _transfer_in(self, file, month: int) -> None:
        rows = np.flatnonzero((self._plan.role == Role.TRANSFERRED_IN) & (self._plan.entry == month))
        paid = np.maximum(month - self._persons.first_insured[rows], 1)
        base = self._spells.base[rows]
        balances = base * 8 // 100 * paid * self._rng.integers(600, 1000, len(rows)) // 1000
        pooled = base * 12 // 100 * paid
        self._accounts.transfer_in(rows, balances, paid, month)
        for scheme, code in enumerate(PENSIONS):
            amounts = (balances + pooled)[self._persons.pension[rows] == scheme]
            self._fund.add(month, code, "transfer_income", int(amounts.sum()))
        self._write(file, rows, (_TRANSFERRED, month), balances, (pooled, np.zeros(len(rows), np.int64), paid))

    def _write(
        self,
        file,
        rows: np.ndarray,
        kind_and_month: tuple[str, int],
        balances: np.ndarray,
        pooled_deemed_paid: tuple[np.ndarray, np.ndarray, np.ndarray],
    ) -> None:
        kind, month = kind_and_month
        pooled, deemed, paid = pooled_deemed_paid
        file.write(
            {
                "opening_number": numbered("JZ", np.arange(self._number + 1, self._number + len(rows) + 1), 12),
                "person_number": take(self._persons.number, rows),
                "insurance_code": take(encoded(PENSIONS, "ascii"), self._persons.pension[rows]),
                "opening_kind_code": kind.encode(),
                "opened_month": np.full(len(rows), month),
                "opening_balance_yuan": balances,
                "pooled_yuan": pooled,
                "deemed_month_count": deemed,
                "paid_month_count": paid,
            }
        )
        self._number += len(rows)
