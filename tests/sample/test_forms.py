"""Every file of the province has the shape its feed declares, and says itself what it holds."""

import csv
from decimal import Decimal

import pytest

from ingestion.feed_spec import all_feeds

ALL = tuple(f"legacy_{it.name}" if it.source == "legacy_system" else it.name for it in all_feeds())


@pytest.mark.parametrize("feed", ALL)
def test_every_feed_has_files_whose_trailers_count_and_sum_their_rows(exchanges, feed):
    files = exchanges(500, 1)[feed]
    assert files
    for file in files:
        assert int(file.trailer[0]) == len(file.rows), file.path.name
        assert [Decimal(total) for total in file.trailer[1:]] == file.totals(), file.path.name


@pytest.mark.parametrize("feed", ALL)
def test_headers_name_the_feed_and_the_period_of_the_file_name(exchanges, feed):
    for file in exchanges(500, 1)[feed]:
        title, name, period, sequence, created = file.header
        assert (title, sequence) == (file.feed["title"], "001")
        assert name == feed.removeprefix("legacy_")
        assert f"_{period}_001." in file.path.name
        assert created.startswith(period) and len(created) == 8


@pytest.mark.parametrize("feed", ALL)
def test_values_fit_their_fields_and_keys_do_not_repeat_within_a_file(exchanges, feed):
    lengths = {"month": 6, "day": 8}
    for file in exchanges(500, 1)[feed]:
        for field in file.fields:
            values = [row[field["name"]] for row in file.rows]
            assert not field.get("required") or all(values), field["name"]
            assert all(len(value) <= field.get("max_length", 999) for value in values)
            if field["type"] in lengths:
                assert {len(value) for value in values if value} <= {lengths[field["type"]]}
            if field["type"] == "money" and field["unit"] == "yuan":
                assert all(value[-3] == "." for value in values if value)
        keys = [tuple(row[name] for name in file.feed["key"]) for file in (file,) for row in file.rows]
        assert len(set(keys)) == len(keys)


def test_core_system_sends_every_feed_every_month_even_without_changes(exchanges):
    found = exchanges(500, 1)
    for feed in ("insured_units", "insured_persons", "participation", "benefit_awards", "account_openings"):
        assert len(found[feed]) == 18
        assert len(found[feed][0].rows) > len(found[feed][1].rows)
    assert any(not file.rows for file in found["insured_units"])


def test_units_pay_on_eight_to_twelve_working_days_a_month(drawn):
    days = [path.name[4:12] for path in (drawn(1500, 1) / "tax_bureau").glob("SBF_*")]
    months = [day[:6] for day in days]
    assert {months.count(month) for month in set(months)} <= set(range(8, 13)) and len(set(months)) == 18


def test_files_csv_lists_what_was_written(exchanges, drawn):
    with (drawn(500, 1) / "truth" / "files.csv").open(encoding="utf-8") as lines:
        listed = {row["file"]: row for row in csv.DictReader(lines)}
    files = [file for files in exchanges(500, 1).values() for file in files]
    assert {file.path.name for file in files} == set(listed)
    for file in files:
        assert int(listed[file.path.name]["rows"]) == len(file.rows)


def test_names_of_four_byte_characters_fit_fields_cut_by_bytes(exchanges):
    files = exchanges(500, 1)["benefit_payment_returns"] + exchanges(500, 2)["benefit_payment_returns"]
    holders = {row["account_holder_name"] for file in files for row in file.rows}
    assert holders and not any(" " in holder for holder in holders)
