"""Floating rates of work injury insurance: what is decided each January for some units, and the core system's file."""

import numpy as np

from ingestion.outgoing.text import take
from ingestion.sample.outbox import Outbox
from ingestion.sample.policy import floating_percents
from ingestion.sample.units import Units

_FIRST_MONTH = 2017 * 12
_ONE_UNIT_IN = 8


class FloatingRates:
    """The floating share of each unit in percent; from January 2017 one unit in so many has one of its own."""

    def __init__(self, seed: int, units: Units, first_month: int):
        self._rng = np.random.default_rng([seed, 410])  # a stream of its own: others draw what they drew before
        self._units, self._first_month = units, first_month
        self._percents: dict[int, np.ndarray] = {}

    def percent(self, month: int) -> np.ndarray:
        """Return the share of the class's base rate that each unit pays in a month, in percent."""
        return self._percents.get(month // 12 * 12, np.full(len(self._units.kind), 100))

    def decide(self, month: int, outbox: Outbox) -> None:
        """Write what is decided in a month: in December for the year to come, and in the first month for its year."""
        with outbox.monthly("core_system", "work_injury_floating_rates", month) as file:
            for january in sorted({self._first_month, month + 1}):
                if january % 12 == 0 and january >= _FIRST_MONTH and january not in self._percents:
                    file.write(self._columns(january, self._draw(january)))

    def _draw(self, january: int) -> np.ndarray:
        """Draw a share for some units that are open; who had one last year has one again. Return who has one."""
        before = self._percents.get(january - 12, np.full(len(self._units.kind), 100)) != 100
        lot = self._rng.permutation(np.flatnonzero(self._units.opened < january + 1))
        chosen = np.union1d(np.flatnonzero(before), lot[: max(2, len(lot) // _ONE_UNIT_IN)])
        percents = np.full(len(before), 100)
        for unit in chosen.tolist():
            choices = floating_percents(int(self._units.risk_class[unit]))
            percents[unit] = choices[int(self._rng.integers(0, len(choices)))]
        self._percents[january] = percents
        return chosen

    def _columns(self, january: int, rows: np.ndarray) -> dict:
        return {
            "unit_number": take(self._units.number, rows),
            "start_month": np.full(len(rows), january),
            "floating_percent": self._percents[january][rows],
            "document_number": f"云社险工伤〔{january // 12}〕1号".encode("gb18030"),
        }
