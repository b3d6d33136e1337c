"""The staff that institutions key in at the 12333 platform: all in the first months, later those who are new."""

from dataclasses import dataclass

import numpy as np

from ingestion.outgoing.text import MISSING, Column, chunks, encoded, joined, take
from ingestion.sample.calendar import day_numbers, days_in_month, month_code
from ingestion.sample.full_width import typed_full_width
from ingestion.sample.names import name_bytes
from ingestion.sample.outbox import Outbox
from ingestion.sample.population import Persons
from ingestion.sample.spells import Spells
from ingestion.sample.units import INSTITUTION, Units

_FIRST_MONTHS = 3  # over which the units are spread that key in what staff they have
_WAITING, _PASSED, _RETURNED = 0, 1, 2
# Every so many-th declaration of a month, counted from this one: returned; still waiting when the month ends;
# its identity number typed in full width.
_RETURNED_ONES, _WAITING_ONES, _TYPED_BY_HAND = (50, 5), (50, 2), (200, 3)


@dataclass
class _Declared:
    """Declarations keyed in on days of one month, one position each; `reviewed` is a day of the month it is sent in."""

    rows: np.ndarray
    month: int
    day: np.ndarray
    state: np.ndarray
    reviewed: np.ndarray


class InstitutionDeclarations:
    """Each contributor of an institution is declared once; what waits or was returned comes again a month later."""

    def __init__(self, rng: np.random.Generator, persons: Persons, units: Units, spells: Spells, first_month: int):
        self._rng, self._persons, self._units, self._spells = rng, persons, units, spells
        self._first_month = first_month
        self._is_declared = np.zeros(len(persons), bool)
        self._again: _Declared | None = None

    def happen(self, month: int, outbox: Outbox) -> None:
        """Write what was keyed in or reviewed in a month."""
        new = self._keyed_in(month)
        with outbox.monthly("public_service_platform", "institution_declarations", month) as file:
            for declared in (self._again, new):
                if declared is not None:
                    for part in chunks(np.arange(len(declared.rows))):
                        file.write(self._columns(declared, month, part))
        self._again = self._reviewed_later(new)

    def _keyed_in(self, month: int) -> _Declared:
        rows = self._spells.contributors()
        rows = rows[(self._persons.pension[rows] == INSTITUTION) & ~self._is_declared[rows]]
        rows = rows[self._spells.unit[rows] % _FIRST_MONTHS <= month - self._first_month]
        self._is_declared[rows] = True
        day = self._rng.integers(1, 29, len(rows))
        reviewed = day + self._rng.integers(0, 7, len(rows))
        places = np.arange(len(rows))
        returned, waiting = _are_among(places, _RETURNED_ONES), _are_among(places, _WAITING_ONES)
        reviewed[returned] = day[returned]
        state = np.where(returned, _RETURNED, _PASSED)
        in_time = ~waiting & (reviewed <= int(days_in_month(np.array([month]))[0]))
        state, reviewed = np.where(in_time, state, _WAITING), np.where(in_time, reviewed, MISSING)
        return _Declared(rows, month, day, state, reviewed)

    def _reviewed_later(self, new: _Declared) -> _Declared:
        """Return those that waited or were returned, as they pass in the month after."""
        rest = new.state != _PASSED
        count = int(rest.sum())
        passed = np.full(count, _PASSED)
        return _Declared(new.rows[rest], new.month, new.day[rest], passed, self._rng.integers(1, 16, count))

    def _columns(self, declared: _Declared, month: int, part: np.ndarray) -> dict[str, Column]:
        rows, reviewed = declared.rows[part], declared.reviewed[part]
        number = take(self._persons.number, rows)
        identity = take(self._persons.identity, rows)
        in_month = np.full(len(rows), month)
        return {
            "declaration_number": joined(month_code(declared.month).encode(), number),
            "unit_number": take(self._units.number, self._spells.unit[rows]),
            "person_number": number,
            "identity_number": typed_full_width(identity, np.flatnonzero(_are_among(part, _TYPED_BY_HAND)), "utf-8"),
            "person_name": name_bytes(self._persons.words[:, rows], "utf-8"),
            "started_work_on": self._persons.started_work_on[rows],
            "contribution_base_yuan": self._spells.base[rows],
            "declared_on": day_numbers(np.full(len(rows), declared.month), declared.day[part]),
            "review_state_code": take(encoded("012", "ascii"), declared.state[part]),
            "reviewed_on": np.where(reviewed == MISSING, MISSING, day_numbers(in_month, reviewed)),
        }


def _are_among(places: np.ndarray, every: tuple[int, int]) -> np.ndarray:
    """Tell which places are among every so many-th, counted from one."""
    step, first = every
    return places % step == first
