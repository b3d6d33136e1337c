"""Receipts beside those of the plan: booked twice and taken back (冲正), and the seeded faults of receipts."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from ingestion.sample.faults import Faults
from ingestion.sample.population import Persons
from ingestion.sample.spells import PAUSED, SCHEMES, Spells
from ingestion.sample.units import Units

FIRST_REVERSALS = 2017 * 12  # from when the layout of receipts can name what a line takes back
_NORMAL = b"10"
_MOST_DOUBLED = 2
_TOO_MUCH = 1900  # fen that the overpaying person pays beyond what is due
_FIRST_NUMBER = 900_000_000  # above every number of the day's ordinary receipts

Paid = dict[str, np.ndarray]


class ExtraReceipts:
    """Chooses a few receipts of the day that the tax bureau books twice, and takes them back in its next file."""

    def __init__(self, rng: np.random.Generator, persons: Persons, units: Units, spells: Spells, faults: Faults):
        self._rng, self._persons, self._units, self._spells, self._faults = rng, persons, units, spells, faults
        self._numbers: dict[int, int] = {}
        self._seen: Paid | None = None
        self._doubled: Paid | None = None
        self._doubled_numbers: pa.BinaryArray | None = None
        self._doubled_in = -1
        self._overpaid: Paid | None = None

    @property
    def to_reverse(self) -> bool:
        """Whether receipts booked twice wait to be taken back."""
        return self._doubled is not None

    def notice(self, paid: Paid) -> None:
        """See the day's receipts, of which a few may be booked twice."""
        if self._seen is None and len(paid["row"]):
            self._seen = {name: values[:1000] for name, values in paid.items()}

    def overpay(self, month: int, booked: Paid) -> None:
        """For the seeded fault let one person who has paid in full pay a little more, also in `booked`."""
        if self._overpaid is None and len(booked["row"]) and self._faults.due("overpaid", month):
            one = {name: values[:1] for name, values in booked.items()}
            self._overpaid = {**one, "unit_paid": np.array([0]), "person_paid": np.array([_TOO_MUCH])}
            booked["person_paid"] = np.append(booked["person_paid"][:1] + _TOO_MUCH, booked["person_paid"][1:])

    def next_number(self, day: int, count: int) -> int:
        """Return the number after which `count` further receipts of the day are numbered."""
        number = self._numbers.get(day, _FIRST_NUMBER - 1)
        self._numbers = {day: number + count}
        return number

    def remember(self, numbers: pa.BinaryArray) -> None:
        """Remember the numbers of the receipts given last, when they are to be taken back."""
        if self._doubled is not None and self._doubled_numbers is None:
            self._doubled_numbers = numbers

    def of_day(self, month: int, day: int, file, *, may_double: bool) -> Iterator[tuple]:
        """Yield what is paid, due type, and numbers of the receipts that it takes back (None: it takes none back)."""
        if self._doubled is not None and self._doubled_numbers is not None:
            paid, numbers = self._doubled, self._doubled_numbers
            self._doubled = self._doubled_numbers = None
            yield {**paid, "unit_paid": -paid["unit_paid"], "person_paid": -paid["person_paid"]}, _NORMAL, numbers
        elif may_double and month >= FIRST_REVERSALS and self._seen is not None and month != self._doubled_in:
            self._doubled_in = month
            count = len(self._seen["row"])
            rows = np.sort(self._rng.choice(count, min(_MOST_DOUBLED, count), replace=False))
            self._doubled = {name: values[rows] for name, values in self._seen.items()}
            yield self._doubled, _NORMAL, None
        if self._overpaid is not None:
            self._note("overpaid", month, day, self._overpaid, file)
            yield self._overpaid, _NORMAL, None
            self._overpaid = None
        if self._seen is not None and self._faults.due("receipt_without_plan", month):
            paid = self._unplanned()
            self._note("receipt_without_plan", month, day, paid, file)
            yield paid, _NORMAL, None
        self._seen = None

    def _unplanned(self) -> Paid:
        """Return a payment for a person who does not contribute now."""
        row = np.flatnonzero(self._spells.status == PAUSED)[:1]
        one = {name: values[:1] for name, values in self._seen.items()}
        one |= {"row": row, "scheme": self._persons.pension[row].astype(np.int64)}
        one["unit"] = self._spells.unit[row].astype(np.int64)
        return {**one, "unit_paid": np.array([40_000]), "person_paid": np.array([20_000])}

    def _note(self, fault: str, month: int, day: int, paid: Paid, file) -> None:
        person = self._persons.number[int(paid["row"][0])].as_py().decode()
        scheme = SCHEMES[int(paid["scheme"][0])]
        number = f"{day}{self._numbers.get(day, _FIRST_NUMBER - 1) + 1:09d}"
        liability = int(paid["month"][0])
        key = f"{person}-{scheme}-{liability // 12}{liability % 12 + 1:02d}"
        self._faults.add(
            fault,
            step_code="plan_received",
            outcome_code="differs" if fault == "overpaid" else "right_only",
            month=liability if fault == "overpaid" else month,
            insurance_code=scheme,
            item_key=key if fault == "overpaid" else number,
            difference=int(paid["unit_paid"][0] + paid["person_paid"][0]),
            file=file,
            line=file.next_line,
        )
