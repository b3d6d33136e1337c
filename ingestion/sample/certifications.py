"""Certifications that pensioners are still entitled: each once a year, in a month of their own."""

import numpy as np

from ingestion.outgoing.text import MISSING, Column, chunks, encoded, joined, take
from ingestion.sample.benefits import Benefits
from ingestion.sample.calendar import day_numbers, month_code
from ingestion.sample.names import VOCABULARY, name_bytes
from ingestion.sample.outbox import Outbox
from ingestion.sample.population import Persons

_MODES = (600, 850, 950, 1000)  # permille up to each mode: data matching, self-service, the unit, a visit
_RESULTS = (985, 995, 1000)  # up to each result: passed, not passed, suspected of having lost the right
_NOT_PASSED = 1


class Certifications:
    """The legacy certification system writes GBK: whose name it cannot write, it never certified."""

    def __init__(self, rng: np.random.Generator, persons: Persons, benefits: Benefits):
        self._rng, self._persons, self._benefits = rng, persons, benefits
        unwritable = [place for place, word in enumerate(VOCABULARY) if not _is_gbk(word)]
        self._is_writable = ~np.isin(persons.words, unwritable).any(axis=0)
        self._again = np.zeros(0, np.int64)

    def happen(self, month: int, outbox: Outbox) -> None:
        """Write the month's certifications; who did not pass is certified again a month later."""
        rows = np.concatenate([self._again, np.flatnonzero(self._benefits.pensioners(month))])
        due = (rows + month) % 12 == 0
        due[: len(self._again)] = True
        rows = rows[due & self._is_writable[rows] & self._is_alive(rows, month)]
        is_again = np.isin(rows, self._again)
        mode = np.searchsorted(_MODES, self._rng.integers(0, 1000, len(rows)), side="right")
        result = np.searchsorted(_RESULTS, self._rng.integers(0, 1000, len(rows)), side="right")
        result[is_again] = 0
        day = self._rng.integers(1, 29, len(rows))
        with outbox.monthly("certification", "benefit_entitlement_certifications", month) as file:
            for part in chunks(np.arange(len(rows))):
                file.write(self._columns(month, rows[part], day[part], mode[part], result[part]))
        self._again = rows[result == _NOT_PASSED]

    def _is_alive(self, rows: np.ndarray, month: int) -> np.ndarray:
        """Tell who is alive at the end of a month, and still draws a pension in it."""
        died_on = self._persons.died_on[rows]
        is_alive = (died_on == MISSING) | (died_on // 10_000 * 12 + died_on // 100 % 100 - 1 > month)
        return is_alive & self._benefits.pensioners(month)[rows]

    def _columns(
        self, month: int, rows: np.ndarray, day: np.ndarray, mode: np.ndarray, result: np.ndarray
    ) -> dict[str, Column]:
        number = take(self._persons.number, rows)
        return {
            "certification_number": joined(month_code(month).encode(), number),
            "person_number": number,
            "identity_number": take(self._persons.identity, rows),
            "person_name": name_bytes(self._persons.words[:, rows], "gbk"),
            "certified_on": day_numbers(np.full(len(rows), month), day),
            "certification_mode_code": take(encoded("1234", "ascii"), mode),
            "certification_result_code": take(encoded("123", "ascii"), result),
        }


def _is_gbk(word: str) -> bool:
    try:
        word.encode("gbk")
    except UnicodeEncodeError:
        return False
    return True
