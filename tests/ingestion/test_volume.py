"""A period has a minimum and a maximum of rows, over its current files: below is refused, above is told."""

from dataclasses import replace

import pytest

from ingestion.feed_spec import Volume, load_feed
from ingestion.receive import Receiver
from tests.ingestion.exchange_files import sample_of


@pytest.fixture
def receive(desk):
    """Return a function that receives a file of that many rows under limits of 4 and 10 rows a period."""
    feed = replace(load_feed("tax_bureau", "contribution_receipts"), volume=Volume(4, 10))
    with Receiver([feed]) as receiver:

        def take(rows: int, number: int, period: str = "20160105"):
            sample = sample_of("delimited", rows=rows)
            sample.sequence, sample.period = f"{number:03d}", period
            path = desk.files / f"SBF_{period}_{number:03d}.txt"
            path.write_bytes(sample.bytes())
            (outcome,) = receiver.receive([path])
            return outcome

        yield take


def test_too_few_rows_in_the_period_are_refused_and_a_small_addition_is_not(receive):
    refused = receive(3, 1)
    assert refused.reason == "below_minimum_volume" and "合计只有 3 行，少于接口规定的最少 4 行" in refused.message
    assert receive(4, 1).status == "landed"
    assert receive(1, 2).status == "landed"
    assert receive(1, 1, "20160106").reason == "below_minimum_volume"


def test_a_file_that_supersedes_counts_in_the_place_of_the_earlier_one(receive):
    assert receive(6, 1).status == "landed"
    assert receive(3, 1).reason == "below_minimum_volume"
    assert receive(5, 1).status == "landed"
    assert "volume_above_maximum" not in receive(5, 2).warnings
    assert receive(6, 2).warnings["volume_above_maximum"] == 1


def test_too_many_rows_in_the_period_land_with_a_warning(receive):
    assert "volume_above_maximum" not in receive(10, 1).warnings
    outcome = receive(1, 2)
    assert outcome.status == "landed" and outcome.warnings["volume_above_maximum"] == 1
    assert "volume_above_maximum" not in receive(10, 1, "20160106").warnings
