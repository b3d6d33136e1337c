"""The seeded faults of base verification: one unit for each rule, none of which breaks another rule.

Those of persons' bases are made before the first records are sent, so that the bases are wrong everywhere alike:
in participation, plan, receipts and accounts.
"""

import numpy as np

from ingestion.sample.faults import Faults
from ingestion.sample.plan import Event, Plan, Role
from ingestion.sample.policy import base_bounds
from ingestion.sample.population import Persons
from ingestion.sample.spells import PENSIONS, Spells
from ingestion.sample.units import ENTERPRISE, Units

# In permille of the bases: beyond every tolerance, and within it.
_TOO_MUCH, _LITTLE = 1120, 1010
# Payroll of units with unchanged bases: in the first January, then of the one at fault, and of the others.
_PAYROLL_BEFORE, _PAYROLL_AFTER, _PAYROLL_STEADY = 960, 1045, 980
_FROZEN = 6  # units whose bases do not rise; one of them is still the same in the second January
_EVERYONE = 3  # persons at the floor at least
_PLAIN = ("payroll_differs", "financial_statement_differs", "parts_differ", "unit_base_differs")
_STEP_AWAY = 50_000  # fen below the floor, above the ceiling


class BaseFaults:
    """Chooses the units and persons at fault when the span begins, and spoils their declarations."""

    def __init__(self, faults: Faults, everyone: tuple[Plan, Persons, Units, Spells], first_month: int):
        self._faults, self._first_month = faults, first_month
        self._plan, self._persons, self._units, self._spells = everyone
        self._unit_of: dict[str, int] = {}
        self._frozen = np.zeros(0, np.int64)
        self._declared_before: dict[int, tuple[int, int]] = {}  # base and payroll of the first January
        self._outside: dict[str, tuple[int, int]] = {}
        self._spoilers = {
            "payroll_differs": self._payroll_differs,
            "financial_statement_differs": self._statement_differs,
            "parts_differ": self._parts_differ,
            "unit_base_differs": self._unit_base_differs,
        }
        if faults.wanted:
            self._choose()

    def _choose(self) -> None:
        rows = self._spells.contributors()
        counts = np.bincount(self._spells.unit[rows], minlength=len(self._units.kind))
        free = list(np.flatnonzero(counts > 0))
        crowd = [unit for unit in free if counts[unit] >= _EVERYONE]
        crowd.sort(key=lambda unit: (self._units.kind[unit] != ENTERPRISE, counts[unit], unit))
        for unit in crowd[:1]:
            self._put_at_floor(unit, rows)
            free.remove(unit)
        quiet = self._quiet_units(rows, counts)
        self._frozen = np.array([unit for unit in free if quiet[unit]][:_FROZEN], np.int64)
        self._spells.frozen_units = self._frozen
        free = [unit for unit in free if unit not in self._frozen]
        self._unit_of |= dict(zip(_PLAIN, free, strict=False))
        self._put_out_of_bounds(rows[~np.isin(self._spells.unit[rows], [*crowd[:1], *self._frozen])])

    def _put_at_floor(self, unit: int, rows: np.ndarray) -> None:
        """Give all people of a unit one base: the floor, or where it is not known, the lowest of theirs."""
        people = rows[self._spells.unit[rows] == unit]
        bounds = base_bounds(PENSIONS[self._units.kind[unit]], self._first_month)
        floor = bounds[0] if bounds else int(self._spells.base[people].min())
        self._spells.replace_bases(people, np.full(len(people), floor))
        self._unit_of["everyone_at_floor"] = unit

    def _put_out_of_bounds(self, rows: np.ndarray) -> None:
        """Give two persons bases outside the bounds, where these are known: one of each side, of different units."""
        bounds = base_bounds(PENSIONS[ENTERPRISE], self._first_month)
        if bounds is None:
            return
        rows = rows[self._persons.pension[rows] == ENTERPRISE]
        low = rows[-1]
        high = rows[self._spells.unit[rows] != self._spells.unit[low]][-1]
        for rule, row, base in (
            ("below_floor", low, bounds[0] - _STEP_AWAY),
            ("above_ceiling", high, bounds[1] + _STEP_AWAY),
        ):
            self._spells.replace_bases(np.array([row]), np.array([base]))
            self._outside[rule] = int(row), -_STEP_AWAY if rule == "below_floor" else _STEP_AWAY

    def _quiet_units(self, rows: np.ndarray, counts: np.ndarray) -> np.ndarray:
        """Tell which units' people have nothing befall them."""
        steady = (self._plan.role == Role.CONTRIBUTING) & (self._plan.event == Event.NONE)
        others = ~steady & (self._plan.role != Role.RETIRED)
        restless = np.bincount(self._persons.unit[others], minlength=len(counts)) > 0
        return (counts > 0) & ~restless

    def spoil(self, month: int, declared: dict[str, np.ndarray], file) -> None:
        """Spoil the declarations of a January: in the first year one for each rule, in the second the last rule."""
        if not self._faults.wanted:
            return
        if month == self._first_month:
            self._spoil_first(month, declared, file)
        elif month == self._first_month + 12:
            self._spoil_second(month, declared, file)

    def _spoil_first(self, month: int, declared: dict[str, np.ndarray], file) -> None:
        for unit in self._frozen.tolist():
            place = _place(declared, unit)
            declared["payroll"][place] = declared["person_base"][place] * _PAYROLL_BEFORE // 1000
            self._declared_before[unit] = _base_and_payroll(declared, place)
        for rule, spoil in self._spoilers.items():
            if rule in self._unit_of:
                place = _place(declared, self._unit_of[rule])
                self._note(month, rule, place, declared, file, spoil(declared, place))
        if "everyone_at_floor" in self._unit_of:
            place = _place(declared, self._unit_of["everyone_at_floor"])
            self._note(month, "everyone_at_floor", place, declared, file, 0)
        for rule, (row, difference) in self._outside.items():
            self._note_person(month, rule, row, difference)

    @staticmethod
    def _payroll_differs(declared: dict[str, np.ndarray], place: int) -> int:
        declared["payroll"][place] = declared["person_base"][place] * _TOO_MUCH // 1000
        return int(declared["person_base"][place] - declared["payroll"][place])

    @staticmethod
    def _statement_differs(declared: dict[str, np.ndarray], place: int) -> int:
        declared["statement"][place] = declared["person_base"][place] * _TOO_MUCH // 1000
        return int(declared["person_base"][place] - declared["statement"][place])

    @staticmethod
    def _parts_differ(declared: dict[str, np.ndarray], place: int) -> int:
        parts = int(declared["person_base"][place])
        for name in ("person_base", "unit_base"):
            declared[name][place] = parts * _LITTLE // 1000
        return int(declared["person_base"][place]) - parts

    @staticmethod
    def _unit_base_differs(declared: dict[str, np.ndarray], place: int) -> int:
        declared["unit_base"][place] -= declared["unit_base"][place] * 10 // 1000
        return int(declared["unit_base"][place] - declared["person_base"][place])

    def _spoil_second(self, month: int, declared: dict[str, np.ndarray], file) -> None:
        """Let the payroll of one unit rise whose declared bases are what they were a year before."""
        places = {unit: _place(declared, unit) for unit in self._frozen.tolist()}
        places = {unit: place for unit, place in places.items() if place is not None}
        before = self._declared_before
        unchanged = [unit for unit, place in places.items() if declared["person_base"][place] == before[unit][0]]
        for unit, place in places.items():
            share = _PAYROLL_AFTER if unit in unchanged[:1] else _PAYROLL_STEADY
            declared["payroll"][place] = declared["person_base"][place] * share // 1000
        for unit in unchanged[:1]:
            rise = _base_and_payroll(declared, places[unit])[1] - before[unit][1]
            self._note(month, "unchanged_while_payroll_rises", places[unit], declared, file, rise)
        self._spells.frozen_units = np.zeros(0, np.int64)

    def _note(self, month: int, rule: str, place: int, declared: dict[str, np.ndarray], file, difference: int) -> None:
        """Write a fault down; the difference is what is declared less what it is compared with."""
        unit = int(declared["unit"][place])
        self._faults.add(
            f"base_{rule}",
            found_by="bases",
            step_code=rule,
            outcome_code="",
            month=month,
            insurance_code=PENSIONS[self._units.kind[unit]],
            item_key=self._units.number[unit].as_py().decode(),
            difference=difference,
            file=file,
            line=file.line_of(place),
        )

    def _note_person(self, month: int, rule: str, row: int, difference: int) -> None:
        self._faults.add(
            f"base_{rule}",
            found_by="bases",
            step_code=rule,
            outcome_code="",
            month=month,
            insurance_code=PENSIONS[ENTERPRISE],
            item_key=self._persons.number[row].as_py().decode(),
            difference=difference,
        )


def _place(declared: dict[str, np.ndarray], unit: int) -> int | None:
    """Return the row of a unit's declaration, None when it has none."""
    found = np.flatnonzero(declared["unit"] == unit)
    return int(found[0]) if len(found) else None


def _base_and_payroll(declared: dict[str, np.ndarray], place: int) -> tuple[int, int]:
    return int(declared["person_base"][place]), int(declared["payroll"][place])
