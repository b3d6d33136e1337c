"""The same arguments give the same bytes; arguments that make no province are refused in Chinese."""

import hashlib
from datetime import date
from pathlib import Path

import pytest

from ingestion import sample

JANUARY, JUNE = date(2016, 1, 1), date(2016, 6, 30)


def digests(directory: Path) -> dict[str, str]:
    files = [path for path in directory.rglob("*") if path.is_file()]
    return {str(path.relative_to(directory)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_arguments_write_the_same_bytes(tmp_path):
    for name in ("one", "other"):
        sample.write(tmp_path / name, 120, 5, JANUARY, JUNE)
    one, other = digests(tmp_path / "one"), digests(tmp_path / "other")
    assert one == other and len(one) > 60


def test_another_seed_draws_another_province(tmp_path):
    sample.write(tmp_path / "one", 60, 5, JANUARY, JANUARY)
    sample.write(tmp_path / "other", 60, 6, JANUARY, JANUARY)
    assert digests(tmp_path / "one") != digests(tmp_path / "other")


@pytest.mark.parametrize(
    ("persons", "seed", "first", "last", "says"),
    [
        (500, 1, date(2016, 2, 1), JUNE, "1 月"),
        (500, 1, date(2017, 1, 1), JUNE, "早于"),
        (500, 1, date(2015, 1, 1), JUNE, "记账利率"),
        (500, 1, date(2025, 1, 1), date(2026, 6, 1), "2026"),
        (49, 1, JANUARY, JUNE, "50"),
        (500, -1, JANUARY, JUNE, "种子"),
    ],
)
def test_arguments_that_make_no_province_are_refused_and_nothing_is_written(tmp_path, persons, seed, first, last, says):
    with pytest.raises(sample.SampleError, match=says):
        sample.write(tmp_path / "province", persons, seed, first, last)
    assert not (tmp_path / "province").exists()


def test_a_folder_that_holds_files_already_is_refused(tmp_path):
    sample.write(tmp_path, 50, 1, JANUARY, JANUARY)
    before = digests(tmp_path)
    with pytest.raises(sample.SampleError, match="空目录"):
        sample.write(tmp_path, 50, 2, JANUARY, JANUARY)
    assert digests(tmp_path) == before


def test_progress_is_told_every_month(tmp_path):
    said = []
    sample.write(tmp_path, 50, 1, JANUARY, JUNE, said.append)
    assert [text[:6] for text in said] == [f"2016{month:02d}" for month in range(1, 7)]


def test_everybody_asked_for_is_registered_even_in_a_span_of_one_month(exchanges):
    (file,) = exchanges(60, 3, JANUARY, JANUARY)["insured_persons"]
    assert len(file.rows) == 60
