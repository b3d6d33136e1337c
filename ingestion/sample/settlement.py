"""When contribution months are booked: payments go to the oldest arrears first (滚动分配, 劳办发〔1997〕116号)."""

from dataclasses import dataclass, field

import numpy as np

Columns = dict[str, np.ndarray]
FIELDS = ("row", "scheme", "month", "unit_due", "person_due", "credit", "unit_paid", "person_paid")


@dataclass
class _Month:
    """A month that fell due, in fen; `unit_paid` and `person_paid` are what was paid under its name."""

    row: int
    scheme: int
    month: int
    unit_due: int
    person_due: int
    credit: int
    unit_paid: int
    person_paid: int
    booked_on: int = 0


@dataclass
class _Arrears:
    """A person in a scheme who owes, or paid ahead: the months since then, and the money no month has taken yet."""

    months: list[_Month] = field(default_factory=list)
    booked: int = 0
    unit_left: int = 0
    person_left: int = 0

    def cover(self, day: int) -> list[_Month]:
        """Book on a day the oldest months whose both parts the money covers; return them."""
        first = self.booked
        for month in self.months[first:]:
            if self.unit_left < month.unit_due or self.person_left < month.person_due:
                break
            self.unit_left -= month.unit_due
            self.person_left -= month.person_due
            month.booked_on = day
            self.booked += 1
        return self.months[first : self.booked]

    @property
    def is_over(self) -> bool:
        return self.booked == len(self.months) and not self.unit_left and not self.person_left


class Settlement:
    """The persons and schemes with arrears; all others pay each month in full and have it booked at once."""

    def __init__(self, persons: int, schemes: int):
        self._has_arrears = np.zeros((schemes, persons), bool)
        self._arrears: dict[tuple[int, int], _Arrears] = {}
        self._over: list[_Month] = []

    def has_arrears(self, columns: Columns) -> np.ndarray:
        """Tell who has arrears in the scheme of the column `scheme`."""
        return self._has_arrears[columns["scheme"], columns["row"]]

    def fall_due(self, paid: Columns, day: int) -> Columns:
        """Let months fall due and take what is paid for them on a day; return the months booked by it, as FIELDS."""
        booked: list[_Month] = []
        for values in zip(*(paid[name].tolist() for name in FIELDS), strict=True):
            month = _Month(*values)
            arrears = self._arrears.setdefault((month.scheme, month.row), _Arrears())
            arrears.months.append(month)
            booked += self._receive(month, arrears, (month.unit_paid, month.person_paid), day)
        return _columns(booked)

    def complete(self, rest: Columns, day: int) -> Columns:
        """Take the rest of months that fell due before; return the months booked by it, as FIELDS."""
        booked: list[_Month] = []
        names = ("row", "scheme", "month", "unit_paid", "person_paid")
        for row, scheme, number, unit_paid, person_paid in zip(*(rest[it].tolist() for it in names), strict=True):
            arrears = self._arrears[scheme, row]
            (month,) = (it for it in arrears.months if it.month == number)
            month.unit_paid += unit_paid
            month.person_paid += person_paid
            booked += self._receive(month, arrears, (unit_paid, person_paid), day)
        return _columns(booked)

    def _receive(self, month: _Month, arrears: _Arrears, paid: tuple[int, int], day: int) -> list[_Month]:
        arrears.unit_left += paid[0]
        arrears.person_left += paid[1]
        booked = arrears.cover(day)
        self._has_arrears[month.scheme, month.row] = not arrears.is_over
        if arrears.is_over:
            self._over += self._arrears.pop((month.scheme, month.row)).months
        return booked

    def take_over(self, *, everything: bool = False) -> tuple[Columns, np.ndarray]:
        """Return months of arrears that are over, or of all, and the days (0: not booked) on which they were booked."""
        months, self._over = self._over, []
        if everything:
            months += [month for arrears in self._arrears.values() for month in arrears.months]
        return _columns(months), np.array([month.booked_on for month in months], np.int64)


def _columns(months: list[_Month]) -> Columns:
    return {name: np.array([getattr(month, name) for month in months], np.int64) for name in FIELDS}
