"""Construction projects: what is started each month, by whom, and when it was insured; and the core system's file."""

import numpy as np
import pyarrow as pa

from ingestion.outgoing.text import MISSING, Column, encoded, joined, numbered, take
from ingestion.sample.calendar import day_numbers, month_code
from ingestion.sample.outbox import Outbox
from ingestion.sample.units import Units

_ONE_PROJECT_IN = 100  # units a month; but never fewer than the least
_LEAST = 2
_KINDS = "住宅小区建设工程 公路改扩建工程 水库除险加固工程 教学楼新建工程 供水管网改造工程 厂房建设工程"
_NAMES = "一期 二期 三期 甲标段 乙标段 丙标段"
_RATES_PPM = (1000, 1200, 1500)  # of the contract price; what a project agrees on, no rate of the law
# Of so many projects one, counted from the first of the province, is insured late or not at all.
_LATE, _ONE_LATE_IN = 3, 25
_UNINSURED, _ONE_UNINSURED_IN = 11, 400


class ConstructionProjects:
    """Month by month the projects that are started; one that is insured late comes again when it is."""

    def __init__(self, seed: int, units: Units):
        self._rng = np.random.default_rng([seed, 411])  # a stream of its own: others draw what they drew before
        self._units = units
        self._started = 0
        self._late: dict[str, Column] | None = None

    def happen(self, month: int, outbox: Outbox) -> None:
        """Write the projects of a month, and those of the month before that are insured by now."""
        new, late = self._draw(month)
        with outbox.monthly("core_system", "construction_projects", month) as file:
            if self._late:
                file.write(self._late)
            file.write(new)
        self._late = late

    def _draw(self, month: int) -> tuple[dict[str, Column], dict[str, Column]]:
        """Return the projects started in a month as known at its end, and those of them insured in the next month."""
        rng, units = self._rng, self._units
        builders = np.flatnonzero(units.is_builder & (units.opened <= month))
        if not len(builders):
            builders = np.flatnonzero(units.opened <= month)
        count = max(_LEAST, len(units.kind) // _ONE_PROJECT_IN)
        number = self._started + np.arange(count)
        self._started += count
        county = rng.integers(0, len(units.geography.county_region), count)
        started, next_month = np.full(count, month), np.full(count, month + 1)
        in_time = day_numbers(started - 1, rng.integers(1, 29, count))
        afterwards = day_numbers(next_month, rng.integers(1, 29, count))
        is_late, is_uninsured = number % _ONE_LATE_IN == _LATE, number % _ONE_UNINSURED_IN == _UNINSURED
        kinds, names = (encoded(words.split(), "gb18030") for words in (_KINDS, _NAMES))
        columns: dict[str, Column] = {
            "project_number": joined(b"XM" + month_code(month).encode(), numbered("", number + 1, 7)),
            "project_name": joined(
                take(units.geography.county_names, county),
                take(kinds, rng.integers(0, len(kinds), count)),
                take(names, rng.integers(0, len(names), count)),
            ),
            "unit_number": take(units.number, builders[rng.integers(0, len(builders), count)]),
            "region_code": take(units.geography.county_region, county),
            "started_on": day_numbers(started, rng.integers(1, 29, count)),
            "ended_on": day_numbers(started + rng.integers(6, 31, count), rng.integers(1, 29, count)),
            "contract_yuan": rng.integers(500_000, 80_000_000, count) * 100,
            "premium_rate_ppm": np.array(_RATES_PPM)[rng.integers(0, len(_RATES_PPM), count)],
        }
        known = {**columns, "insured_on": np.where(is_late | is_uninsured, MISSING, in_time)}
        return known, _chosen({**columns, "insured_on": afterwards}, np.flatnonzero(is_late & ~is_uninsured))


def _chosen(columns: dict[str, Column], rows: np.ndarray) -> dict[str, Column]:
    return {
        name: take(column, rows) if isinstance(column, pa.Array) else column[rows] for name, column in columns.items()
    }
