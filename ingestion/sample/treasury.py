"""The treasury: what it books of each day's receipts, by unit and scheme, as the finance bureau sends it."""

from collections import defaultdict

import numpy as np

from ingestion.outgoing.text import encoded, joined, number_text, take
from ingestion.sample.calendar import month_of_day
from ingestion.sample.faults import Faults
from ingestion.sample.outbox import Outbox
from ingestion.sample.spells import SCHEMES
from ingestion.sample.units import Units

_NONE = np.iinfo(np.int64).max  # no receipt of the day


class Treasury:
    """Sums of the day by unit and scheme, in fen, and of the month by scheme: what is swept to the fiscal account."""

    def __init__(self, units: Units, faults: Faults):
        self._units, self._faults = units, faults
        self._amounts = np.zeros(len(units.kind) * len(SCHEMES), np.int64)
        self._counts = np.zeros(len(units.kind) * len(SCHEMES), np.int64)
        self._first_rows = np.full(len(units.kind) * len(SCHEMES), _NONE)
        self._rows = 0
        self._booked: dict[tuple[int, str], int] = defaultdict(int)

    def collect(self, units: np.ndarray, schemes: np.ndarray, amounts: np.ndarray) -> None:
        """Add receipts of the day, in the order of their file."""
        place = units * len(SCHEMES) + schemes
        np.add.at(self._amounts, place, amounts)
        np.add.at(self._counts, place, 1)
        np.minimum.at(self._first_rows, place, np.arange(self._rows, self._rows + len(place)))
        self._rows += len(place)

    def booked(self, month: int, insurance_code: str) -> int:
        """Return what the treasury booked of a scheme in a month."""
        return self._booked[month, insurance_code]

    def close_day(self, day: int, outbox: Outbox, first_line: int) -> None:
        """Write what the treasury booked on the day, and begin the next; the day's receipts stand from `first_line`."""
        places = np.flatnonzero(self._counts)
        amounts, lines = self._amounts[places], first_line + self._first_rows[places]
        self._amounts[:], self._counts[:], self._first_rows[:], self._rows = 0, 0, _NONE, 0
        with outbox.daily("finance_bureau", "treasury_receipts", day) as file:
            if self._faults.due("treasury_missing", month_of_day(day)):
                places, amounts = self._forget_one(day, places, amounts, lines, outbox)
            places, amounts = self._spoil(day, places, amounts, file)
            schemes = places % len(SCHEMES)
            for scheme, code in enumerate(SCHEMES):
                self._booked[month_of_day(day), code] += int(amounts[schemes == scheme].sum())
            number = number_text(np.arange(1, len(places) + 1), 7).cast("binary")
            file.write(
                {
                    "treasury_receipt_number": joined(str(day).encode(), number),
                    "unit_number": take(self._units.number, places // len(SCHEMES)),
                    "insurance_code": take(encoded(SCHEMES, "ascii"), schemes),
                    "collected_on": np.full(len(places), day),
                    "entry_on": np.full(len(places), day),
                    "treasury_yuan": amounts,
                }
            )

    def _forget_one(
        self, day: int, places: np.ndarray, amounts: np.ndarray, lines: np.ndarray, outbox: Outbox
    ) -> tuple[np.ndarray, np.ndarray]:
        """Leave a unit's receipts of the day out; what the treasury did not book is not swept either."""
        some = len(places) // 2
        receipts = outbox.latest("tax_bureau", "contribution_receipts")
        amount, line = -int(amounts[some]), int(lines[some])
        self._note("treasury_missing", "left_only", day, places[some], amount, receipts, line)
        return np.delete(places, some), np.delete(amounts, some)

    def _spoil(self, day: int, places: np.ndarray, amounts: np.ndarray, file) -> tuple[np.ndarray, np.ndarray]:
        """Make the faults of what the treasury books: an amount that is wrong, and one of nobody."""
        month = month_of_day(day)
        some = len(places) // 2
        if self._faults.due("treasury_amount_differs", month):
            amounts[some] += 2500
            line = file.line_of(some)
            self._note("treasury_amount_differs", "differs", day, places[some], 2500, file, line)
        if self._faults.due("treasury_unknown", month):
            free = np.setdiff1d(np.arange(len(self._counts)), places)
            if len(free):
                place = int(free[0])
                places, amounts = np.append(places, place), np.append(amounts, 77_700)
                order = np.argsort(places, kind="stable")
                places, amounts = places[order], amounts[order]
                line = file.line_of(int(np.flatnonzero(places == place)[0]))
                self._note("treasury_unknown", "right_only", day, place, 77_700, file, line)
        return places, amounts

    def _note(self, code: str, outcome: str, day: int, place: int, difference: int, file, line: int) -> None:
        unit = self._units.number[int(place) // len(SCHEMES)].as_py().decode()
        scheme = SCHEMES[int(place) % len(SCHEMES)]
        self._faults.add(
            code,
            step_code="received_booked",
            outcome_code=outcome,
            month=month_of_day(day),
            insurance_code=scheme,
            item_key=f"{unit}-{scheme}-{day}",
            difference=difference,
            file=file,
            line=line,
        )
