"""The service halls: what every window did on every working day, and how visitors rated it."""

import numpy as np
import pyarrow as pa

from ingestion.outgoing.text import Column, encoded, joined, number_text, take
from ingestion.sample.calendar import month_code, working_days
from ingestion.sample.faults import Faults
from ingestion.sample.outbox import Outbox

_PERSONS_PER_WINDOW, _FEWEST, _MOST = 12_000, 4, 320
_OFFICERS = 3  # who take turns at a window
_TWO_ON_DUTY = 120  # permille of the days on which the officer changes at noon
_RATED = 12  # of so many visits at most one is rated
_RATINGS = (560, 860, 960, 988, 1000)  # permille up to each of the five ratings


class Windows:
    """Windows, numbered within their prefecture. All windows are open on all working days."""

    def __init__(self, rng: np.random.Generator, prefecture_codes: list[str], persons: int, faults: Faults):
        self._rng, self._faults = rng, faults
        count = min(max(persons // _PERSONS_PER_WINDOW, _FEWEST), _MOST)
        places = np.arange(count)
        prefecture, number = places % len(prefecture_codes), places // len(prefecture_codes) + 1
        self.codes = joined(
            take(encoded(prefecture_codes, "ascii"), prefecture), number_text(number, 2).cast(pa.binary())
        )

    def happen(self, month: int, outbox: Outbox) -> None:
        """Write the log of a month, and its ratings."""
        log = self._log(month)
        with outbox.monthly("service_windows", "daily_window_log", month) as file:
            file.write(self._log_columns(log))
        self._write_ratings(month, self._ratings(log), outbox)

    def _log(self, month: int) -> dict[str, np.ndarray]:
        """Return a line for each day, window and officer on duty."""
        days = np.array(working_days(month))
        day = np.repeat(days, len(self.codes))
        window = np.tile(np.arange(len(self.codes)), len(days))
        officer = (day + window) % _OFFICERS
        changing = self._rng.integers(0, 1000, len(day)) < _TWO_ON_DUTY
        order = np.repeat(np.arange(len(day)), 1 + changing)
        second = np.concatenate([[False], order[1:] == order[:-1]])
        visits = self._rng.integers(18, 96, len(order))
        cases = visits * self._rng.integers(400, 900, len(order)) // 1000
        documents = cases * self._rng.integers(10, 38, len(order)) // 10
        return {
            "day": day[order],
            "window": window[order],
            "officer": (officer[order] + second) % _OFFICERS,
            "visits": visits,
            "cases": cases,
            "documents": documents,
            "scanned": documents * self._rng.integers(700, 1001, len(order)) // 1000,
        }

    def _officers(self, lines: dict[str, np.ndarray]) -> pa.BinaryArray:
        return joined(take(self.codes, lines["window"]), take(encoded("ABC", "ascii"), lines["officer"]))

    def _log_columns(self, log: dict[str, np.ndarray]) -> dict[str, Column]:
        return {
            "service_on": log["day"],
            "window_code": take(self.codes, log["window"]),
            "officer_code": self._officers(log),
            "visit_count": log["visits"],
            "accepted_case_count": log["cases"],
            "collected_document_count": log["documents"],
            "scanned_document_count": log["scanned"],
        }

    def _ratings(self, log: dict[str, np.ndarray]) -> dict[str, Column]:
        counts = self._rng.integers(0, log["visits"] // _RATED + 1)
        counts[0] = max(counts[0], 1)
        lines = {name: np.repeat(log[name], counts) for name in ("day", "window", "officer")}
        number = number_text(np.arange(1, len(lines["day"]) + 1), 7).cast(pa.binary())
        luck = self._rng.integers(0, 1000, len(lines["day"]))
        return {
            "rating_number": number,
            "rated_on": lines["day"],
            "window_code": take(self.codes, lines["window"]),
            "officer_code": self._officers(lines),
            "rating_code": take(encoded("12345", "ascii"), np.searchsorted(_RATINGS, luck, side="right")),
        }

    def _write_ratings(self, month: int, ratings: dict[str, Column], outbox: Outbox) -> None:
        """Write the month's file; for the seeded fault two, as if the one between them were lost."""
        ratings["rating_number"] = joined(b"PJ" + month_code(month).encode(), ratings["rating_number"])
        count = len(ratings["rated_on"])
        parts = {"001": slice(0, count)}
        if self._faults.due("sequence_gap", month):
            parts = {"001": slice(0, count // 2), "003": slice(count // 2, count)}
            self._faults.add(
                "sequence_gap",
                found_by="audit",
                step_code="",
                outcome_code="",
                month=month,
                item_key=f"service_windows/service_ratings/{month_code(month)}/002",
            )
        for sequence, part in parts.items():
            with outbox.monthly("service_windows", "service_ratings", month, sequence=sequence) as file:
                file.write({name: column[part] for name, column in ratings.items()})
