"""Personal accounts: what is booked, interest by the month-product method, and what closes them. Integer fen."""

from dataclasses import dataclass

import numpy as np

from ingestion.sample.policy import MILLION, bookkeeping_rates, divide_half_away, settlement_rate


@dataclass
class AccountYear:
    """Accounts of one year as columns; `rows` are the persons. Amounts in fen."""

    year: int
    is_complete: bool
    rows: np.ndarray
    opening: np.ndarray
    principal: np.ndarray
    interest_on_opening: np.ndarray
    interest_on_current: np.ndarray
    outflow: np.ndarray
    closing: np.ndarray
    months: np.ndarray
    all_months: np.ndarray


@dataclass
class Closing:
    """Accounts about to be closed: their interest up to then, and all that is left, which is paid out. Fen."""

    rows: np.ndarray
    on_opening: np.ndarray
    on_current: np.ndarray
    left: np.ndarray

    def where(self, mask: np.ndarray) -> "Closing":
        """Return the closings for which the mask holds."""
        return Closing(self.rows[mask], self.on_opening[mask], self.on_current[mask], self.left[mask])


class Accounts:
    """One account per person, from the year it is first carried over or booked to until it is closed.

    `product` is the sum of amount x (13 - month) of credits less payments: the month product of a whole year.
    `available` is what a pension may still be paid from: without the interest of the running year, and without what
    was sent to the bank already.
    """

    def __init__(self, persons: int):
        self.opening, self.principal, self.outflow, self.product, self.available = (
            np.zeros(persons, np.int64) for _ in range(5)
        )
        self.months, self.all_months = np.zeros(persons, np.int32), np.zeros(persons, np.int32)
        self._exists = np.zeros(persons, bool)
        self._closed: list[Closing] = []

    def carry_over(self, rows: np.ndarray, balances: np.ndarray, months: np.ndarray) -> None:
        """Open accounts with balances of the year before and the months paid until then."""
        self.opening[rows] = balances
        self.available[rows] = balances
        self.all_months[rows] = months
        self._exists[rows] = True

    def transfer_in(self, rows: np.ndarray, balances: np.ndarray, months: np.ndarray, month: int) -> None:
        """Credit balances that come from elsewhere, and the months paid there."""
        self.all_months[rows] += months.astype(np.int32)
        self._credit(rows, balances, month)

    def book(self, rows: np.ndarray, amounts: np.ndarray, month: int) -> None:
        """Credit one contribution month for each of `rows` (a person may occur more than once)."""
        self._credit(rows, amounts, month)
        np.add.at(self.months, rows, 1)

    def _credit(self, rows: np.ndarray, amounts: np.ndarray, month: int) -> None:
        np.add.at(self.principal, rows, amounts)
        np.add.at(self.available, rows, amounts)
        np.add.at(self.product, rows, amounts * (12 - month % 12))
        self._exists[rows] = True

    def reserve(self, rows: np.ndarray, wanted: np.ndarray) -> np.ndarray:
        """Return what of the wanted amounts the accounts can bear, and set it aside."""
        amounts = np.minimum(wanted, self.available[rows])
        self.available[rows] -= amounts
        return amounts

    def pay(self, rows: np.ndarray, amounts: np.ndarray, month: int) -> None:
        """Book payments that were set aside before."""
        np.add.at(self.outflow, rows, amounts)
        np.add.at(self.product, rows, -amounts * (12 - month % 12))

    def exists(self, rows: np.ndarray) -> np.ndarray:
        """Tell who has an account that is not closed."""
        return self._exists[rows]

    def quote(self, rows: np.ndarray, month: int) -> "Closing":
        """Return what would be paid out if the accounts were closed with interest up to `month`."""
        number = month % 12 + 1
        # What the year's product counts beyond the month of closing: every amount, once for each month after it.
        beyond = (self.principal[rows] - self.outflow[rows]) * (12 - number)
        on_opening, on_current = self._interest(
            settlement_rate(month), self.opening[rows] * number, self.product[rows] - beyond
        )
        left = self.opening[rows] + self.principal[rows] + on_opening + on_current - self.outflow[rows]
        return Closing(rows, on_opening, on_current, left)

    def close(self, closing: "Closing") -> None:
        """Close accounts by paying out all that is left."""
        self.outflow[closing.rows] += closing.left
        self.available[closing.rows] = 0
        self._exists[closing.rows] = False
        self._closed.append(closing)

    @staticmethod
    def _interest(rate: int, opening_product: np.ndarray, product: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return tuple(divide_half_away(amount * rate, 12 * MILLION) for amount in (opening_product, product))

    def end_year(self, year: int, is_complete: bool) -> AccountYear:
        """Return the accounts of the year; when it is complete, credit its interest and begin the next."""
        none = np.zeros(0, np.int64)
        closed = [
            np.concatenate([none, *(getattr(closing, part) for closing in self._closed)])
            for part in ("rows", "on_opening", "on_current")
        ]
        open_rows = np.flatnonzero(self._exists)
        if is_complete:
            interest = self._interest(bookkeeping_rates()[year], self.opening[open_rows] * 12, self.product[open_rows])
        else:
            interest = np.zeros((2, len(open_rows)), np.int64)
        rows = np.concatenate([open_rows, closed[0]])
        on_opening, on_current = (np.concatenate([interest[part], closed[part + 1]]) for part in (0, 1))
        self.all_months[rows] += self.months[rows]
        opening, principal, outflow = self.opening[rows], self.principal[rows], self.outflow[rows]
        closing = opening + principal + on_opening + on_current - outflow
        result = AccountYear(
            year, is_complete, rows, opening, principal, on_opening, on_current, outflow, closing,
            self.months[rows], self.all_months[rows],
        )  # fmt: skip
        if is_complete:
            self.opening[rows] = closing
            self.available[open_rows] += interest[0] + interest[1]
            for amounts in (self.principal, self.outflow, self.product, self.months):
                amounts[:] = 0
            self._closed = []
        return result
