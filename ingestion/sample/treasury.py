"""The treasury: what it books of each day's receipts, by unit and scheme, as the finance bureau sends it."""

from collections import defaultdict

import numpy as np

from ingestion.outgoing.text import encoded, joined, number_text, take
from ingestion.sample.calendar import month_of_day
from ingestion.sample.faults import Faults
from ingestion.sample.outbox import Outbox
from ingestion.sample.spells import SCHEMES
from ingestion.sample.units import Units


class Treasury:
    """Sums of the day by unit and scheme, in fen, and of the month by scheme: what is swept to the fiscal account."""

    def __init__(self, units: Units, faults: Faults):
        self._units, self._faults = units, faults
        self._amounts = np.zeros(len(units.kind) * len(SCHEMES), np.int64)
        self._counts = np.zeros(len(units.kind) * len(SCHEMES), np.int64)
        self._booked: dict[tuple[int, str], int] = defaultdict(int)

    def collect(self, units: np.ndarray, schemes: np.ndarray, amounts: np.ndarray) -> None:
        """Add receipts of the day."""
        place = units * len(SCHEMES) + schemes
        np.add.at(self._amounts, place, amounts)
        np.add.at(self._counts, place, 1)

    def booked(self, month: int, insurance_code: str) -> int:
        """Return what the treasury booked of a scheme in a month."""
        return self._booked[month, insurance_code]

    def close_day(self, day: int, outbox: Outbox) -> None:
        """Write what the treasury booked on the day, and begin the next."""
        places = np.flatnonzero(self._counts)
        amounts = self._amounts[places]
        self._amounts[:], self._counts[:] = 0, 0
        with outbox.daily("finance_bureau", "treasury_receipts", day) as file:
            places, amounts = self._spoil(day, places, amounts, outbox, file)
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

    def _spoil(self, day: int, places: np.ndarray, amounts: np.ndarray, outbox: Outbox, file) -> tuple:
        """Make the faults of the day; what the treasury did not book is not swept either."""
        month = month_of_day(day)
        receipts = outbox.latest("tax_bureau", "contribution_receipts")
        some = len(places) // 2
        if self._faults.due("treasury_missing", month):
            self._note("treasury_missing", "left_only", day, places[some], -int(amounts[some]), receipts)
            return np.delete(places, some), np.delete(amounts, some)
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

    def _note(self, code: str, outcome: str, day: int, place: int, difference: int, file, line=None) -> None:
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
