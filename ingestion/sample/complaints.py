"""Complaints at the service halls: registered, handled and closed, a few of them after their time limit or never."""

import numpy as np
import pyarrow as pa

from ingestion.outgoing.text import MISSING, Column, encoded, joined, number_text, take
from ingestion.sample.calendar import first_day, month_code, working_days
from ingestion.sample.faults import Faults
from ingestion.sample.outbox import Outbox

_PERSONS_PER_COMPLAINT, _FEWEST = 4_000, 3  # a month
_LIMIT = 15  # working days
_NEVER = np.datetime64("9999-12-31")
_DATES = ("registered_on", "due_on", "handled_on", "closed_on")
# Of so many complaints, counted from the first of all, this one: closed after the limit; never handled nor closed.
_LATE, _UNHANDLED = (8, 5), (32, 20)


class Complaints:
    """Complaints not closed yet, one position each. Each is sent again when it is handled and when it is closed."""

    def __init__(self, rng: np.random.Generator, windows: pa.BinaryArray, persons: int, faults: Faults):
        self._rng, self._windows, self._faults = rng, windows, faults
        self._count = 0
        self._a_month = max(persons // _PERSONS_PER_COMPLAINT, _FEWEST)
        self._number = pa.array([], pa.binary())
        self._columns = {name: np.zeros(0, np.int64) for name in ("window", "kind")}
        self._dates = {name: np.zeros(0, "datetime64[D]") for name in _DATES}

    def happen(self, month: int, outbox: Outbox) -> None:
        """Write the complaints that were registered, handled or closed in a month, as they stand at its end."""
        self._register(month)
        start, end = np.datetime64(first_day(month)), np.datetime64(first_day(month + 1))
        touched = np.zeros(len(self._number), bool)
        for name in ("registered_on", "handled_on", "closed_on"):
            touched |= (start <= self._dates[name]) & (self._dates[name] < end)
        if self._faults.due("missing_period", month):
            self._note_missing(month)
        else:
            with outbox.monthly("service_windows", "complaints", month) as file:
                file.write(self._file_columns(np.flatnonzero(touched), end))
        self._keep(np.flatnonzero(self._dates["closed_on"] >= end))

    def _register(self, month: int) -> None:
        """Draw the complaints of a month, and when they will be handled and closed."""
        rng, count = self._rng, self._a_month
        days = np.array([f"{day // 10000}-{day // 100 % 100:02d}-{day % 100:02d}" for day in working_days(month)])
        registered = np.sort(days[rng.integers(0, len(days), count)].astype("datetime64[D]"))
        ordinal = self._count + np.arange(count)
        self._count += count
        late, unhandled = (ordinal % every == place for every, place in (_LATE, _UNHANDLED))
        handling = rng.integers(1, 11, count)
        closing = np.where(late, _LIMIT + rng.integers(1, 12, count), handling + rng.integers(0, 4, count))
        dates = {
            "registered_on": registered,
            "due_on": np.busday_offset(registered, _LIMIT),
            "handled_on": np.where(unhandled, _NEVER, np.busday_offset(registered, handling)),
            "closed_on": np.where(unhandled, _NEVER, np.busday_offset(registered, closing)),
        }
        drawn = {"window": rng.integers(-1, len(self._windows), count), "kind": rng.integers(0, 4, count)}
        number = number_text(np.arange(1, count + 1), 6).cast(pa.binary())
        self._number = pa.concat_arrays([self._number, joined(b"TS" + month_code(month).encode(), number)])
        self._columns = {name: np.concatenate([values, drawn[name]]) for name, values in self._columns.items()}
        self._dates = {name: np.concatenate([values, dates[name]]) for name, values in self._dates.items()}

    def _keep(self, rows: np.ndarray) -> None:
        self._number = take(self._number, rows)
        self._columns = {name: values[rows] for name, values in self._columns.items()}
        self._dates = {name: values[rows] for name, values in self._dates.items()}

    def _file_columns(self, rows: np.ndarray, end: np.datetime64) -> dict[str, Column]:
        windows = pa.concat_arrays([self._windows, encoded([""], "ascii")])  # some complain of no window
        dates = {name: values[rows] for name, values in self._dates.items()}
        known = {name: values < end for name, values in dates.items()}
        known["due_on"] = np.ones(len(rows), bool)
        return {
            "complaint_number": take(self._number, rows),
            "window_code": take(windows, self._columns["window"][rows] % len(windows)),
            "complaint_kind_code": take(encoded("1239", "ascii"), self._columns["kind"][rows]),
            **{name: np.where(known[name], _numbers(values), MISSING) for name, values in dates.items()},
        }

    def _note_missing(self, month: int) -> None:
        self._faults.add(
            "missing_period",
            found_by="audit",
            step_code="",
            outcome_code="",
            month=month,
            item_key=f"service_windows/complaints/{month_code(month)}",
        )


def _numbers(dates: np.ndarray) -> np.ndarray:
    """Return dates as YYYYMMDD."""
    months = dates.astype("datetime64[M]")
    number = months.astype(np.int64) + 1970 * 12
    day = (dates - months.astype("datetime64[D]")).astype(np.int64) + 1
    return (number // 12) * 10_000 + (number % 12 + 1) * 100 + day
