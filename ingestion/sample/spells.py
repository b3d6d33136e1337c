"""Spells of participation: the state of each person, and the records that the core system sends when it changes."""

import numpy as np
import pyarrow as pa

from ingestion.outgoing.files import ExchangeFile
from ingestion.outgoing.text import MISSING, chunks, encoded, joined, number_text, take
from ingestion.sample.plan import Event, Plan, Role
from ingestion.sample.policy import base_bounds
from ingestion.sample.population import Persons
from ingestion.sample.units import ENTERPRISE, Units

NOT_YET, CONTRIBUTING, PAUSED, TERMINATED = 0, 1, 2, 3
PENSIONS = ("110", "120")
SCHEMES = ("110", "120", "410", "510")
_UNCHANGED_BASES = 50  # permille of contributors whose base stays the same in January
_PROVINCE_WAGE = 430_000  # fen a month, invented: for years whose wage the policy seed does not know


class Spells:
    """The current spell of each person; the same spell holds for all schemes of the person's employment.

    status, base (fen), unit, start (month) and sequence describe it; a change closes it and opens the next.
    frozen_units: units whose people keep their bases in January
    """

    def __init__(self, rng: np.random.Generator, plan: Plan, persons: Persons, units: Units, first_month: int):
        self._rng, self._plan, self._persons, self._units = rng, plan, persons, units
        count = len(persons)
        self.status = np.zeros(count, np.uint8)
        self.unit = persons.unit.copy()
        self.start = np.zeros(count, np.int32)
        self.base = self._draw_bases(first_month)
        self._sequence = np.zeros(count, np.uint8)
        self._changes: list[tuple] = []
        self.frozen_units = np.zeros(0, np.int64)
        self._begin(first_month)

    def _draw_bases(self, month: int) -> np.ndarray:
        """Draw monthly wages: by place, industry and luck, between 60 and 300 % of the province's."""
        floor, ceiling = base_bounds(PENSIONS[0], month) or (_PROVINCE_WAGE * 6 // 10, _PROVINCE_WAGE * 3)
        count = len(self.unit)
        luck = 520 + self._rng.integers(0, 500, count) + self._rng.integers(0, 1500, (3, count)).min(axis=0)
        wages = ceiling // 3 * self._units.wage_level[self.unit] // 1000 * luck // 1000
        wages += self._rng.integers(-9_999, 10_000, count)
        return np.clip(wages, floor, ceiling)

    def _begin(self, first_month: int) -> None:
        role = self._plan.role
        contributing = np.flatnonzero(role == Role.CONTRIBUTING)
        unchanged = self._rng.integers(0, 1000, len(contributing)) < _UNCHANGED_BASES
        self._open(contributing, np.where(unchanged, first_month - 12, first_month), CONTRIBUTING)
        paused = np.flatnonzero(role == Role.PAUSED)
        # A pause cannot begin before the person was insured.
        since = first_month - self._rng.integers(1, 24, len(paused))
        self._open(paused, np.maximum(since, self._persons.first_insured[paused]), PAUSED)
        retired = np.flatnonzero(role == Role.RETIRED)
        retired_on = self._persons.retired_on[retired]
        self._open(retired, retired_on // 10000 * 12 + retired_on // 100 % 100, TERMINATED)

    def _open(self, rows: np.ndarray, start: np.ndarray | int, status: int) -> None:
        self.status[rows], self.start[rows] = status, start
        self._sequence[rows] += 1
        self._record(rows, MISSING)

    def _record(self, rows: np.ndarray, end: int) -> None:
        if len(rows):
            bases = np.where(self.status[rows] == CONTRIBUTING, self.base[rows], MISSING)
            state = (self._sequence, self.unit, self.start, self.status)
            self._changes.append((rows, *(values[rows] for values in state), bases, end))

    def change(self, rows: np.ndarray, month: int, status: int, **new: np.ndarray) -> None:
        """Close the spells of `rows` with the month before and open the next from `month`, with a new base or unit."""
        self._record(rows, month - 1)
        for name, values in new.items():
            getattr(self, name)[rows] = values
        self._open(rows, month, status)

    def enter(self, rows: np.ndarray, month: int) -> None:
        """Open the first spells of persons who join."""
        self._open(rows, month, CONTRIBUTING)

    def raise_bases(self, month: int) -> None:
        """Give contributors the base of the new year; for a few it stays as it is, and so does their spell."""
        rows = np.flatnonzero((self.status == CONTRIBUTING) & (self.start < month))
        rows = rows[self._rng.integers(0, 1000, len(rows)) >= _UNCHANGED_BASES]
        rows = rows[~np.isin(self.unit[rows], self.frozen_units)]
        floor, ceiling = base_bounds(PENSIONS[0], month) or (0, _PROVINCE_WAGE * 4)
        raised = self.base[rows] * (1015 + self._rng.integers(0, 90, len(rows))) // 1000
        self.change(rows, month, CONTRIBUTING, base=np.clip(raised, floor, ceiling))

    def replace_bases(self, rows: np.ndarray, bases: np.ndarray) -> None:
        """Give contributors other bases, before the first records are sent."""
        self.base[rows] = bases
        self._changes = [
            (changed, *state, np.where(self.status[changed] == CONTRIBUTING, self.base[changed], MISSING), end)
            for changed, *state, _, end in self._changes
        ]

    def contributors(self) -> np.ndarray:
        """Return the persons who contribute now."""
        return np.flatnonzero(self.status == CONTRIBUTING)

    def schemes_of(self, rows: np.ndarray) -> list[tuple[int, np.ndarray]]:
        """Return (scheme, persons among `rows`) for the schemes of employment; schemes are positions in SCHEMES."""
        pension, employed = self._persons.pension[rows], self._plan.role[rows] != Role.RETIRED
        masks = (pension == 0, pension == 1, employed, employed & (pension == ENTERPRISE))
        return [(scheme, np.flatnonzero(mask)) for scheme, mask in enumerate(masks)]

    def send(self, file: ExchangeFile) -> None:
        """Write the records that changed since the last call."""
        for rows, sequence, unit, start, status, base, end in self._changes:
            for scheme, chosen in self.schemes_of(rows):
                for part in chunks(chosen):
                    code = SCHEMES[scheme].encode()
                    number = take(self._persons.number, rows[part])
                    file.write(
                        {
                            "participation_number": _numbers(number, code, sequence[part]),
                            "person_number": number,
                            "insurance_code": code,
                            "unit_number": take(self._units.number, unit[part]),
                            "start_month": start[part],
                            "end_month": np.full(len(part), end),
                            "contribution_base_yuan": base[part],
                            "contribution_status_code": take(encoded("0123", "ascii"), status[part]),
                        }
                    )
        self._changes = []

    def happen(self, month: int) -> None:
        """Let the month's events change the spells of those whom they befall."""
        plan = self._plan
        now = plan.month == month
        rows_of = {event: np.flatnonzero(now & (plan.event == event)) for event in Event}
        self.change(np.concatenate([rows_of[Event.PAUSE], rows_of[Event.PAUSE_AND_RETURN]]), month, PAUSED)
        gone = [rows_of[event] for event in (Event.RETIREMENT, Event.TERMINATION, Event.TRANSFER_OUT, Event.DEATH)]
        rows = np.concatenate(gone)
        self.change(rows[self.status[rows] != TERMINATED], month, TERMINATED)
        returning = (plan.event == Event.PAUSE_AND_RETURN) & (plan.later_month == month)
        self.change(np.concatenate([rows_of[Event.RETURN], np.flatnonzero(returning)]), month, CONTRIBUTING)
        moving = rows_of[Event.CHANGE_OF_UNIT]
        self.change(moving, month, CONTRIBUTING, unit=self._other_units(moving))

    def _other_units(self, rows: np.ndarray) -> np.ndarray:
        """Return for each person another unit of the same kind that was there from the beginning."""
        old = self._units.opened == self._units.opened.min()
        others = self.unit[rows].copy()
        for kind in np.unique(self._units.kind):
            choices = np.flatnonzero(old & (self._units.kind == kind))
            here = np.flatnonzero(self._units.kind[others] == kind)
            place = np.searchsorted(choices, others[here]) + self._rng.integers(1, max(len(choices), 2), len(here))
            others[here] = choices[place % len(choices)]
        return others


def _numbers(person: pa.BinaryArray, code: bytes, sequence: np.ndarray) -> pa.BinaryArray:
    return joined(person, code, number_text(sequence, 3).cast(pa.binary()))
