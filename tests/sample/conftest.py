"""Sample provinces that several tests look at, each drawn once."""

from datetime import date
from functools import cache
from pathlib import Path

import pytest

from ingestion import sample
from tests.sample.reading import Exchange, read_exchanges

SEEDS = (1, 2, 3)
QUICK_SEEDS = (1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3)))
FIRST, LAST = date(2016, 1, 1), date(2017, 6, 30)


@pytest.fixture(scope="session")
def drawn(tmp_path_factory):
    """Return a function that draws a province of so many persons with a seed, and returns its folder."""

    @cache
    def draw(persons: int, seed: int, first: date = FIRST, last: date = LAST) -> Path:
        directory = tmp_path_factory.mktemp(f"province_{persons}_{seed}")
        sample.write(directory, persons, seed, first, last)
        return directory

    return draw


@pytest.fixture(scope="session")
def exchanges(drawn):
    """Return a function that draws a province and reads all its files."""

    @cache
    def read(persons: int, seed: int, first: date = FIRST, last: date = LAST) -> dict[str, list[Exchange]]:
        return read_exchanges(drawn(persons, seed, first, last))

    return read
