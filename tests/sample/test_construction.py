"""Construction projects of the sample, held against the registers of the same province."""

import pytest

from tests.sample.conftest import QUICK_SEEDS
from tests.sample.reading import latest
from tests.sample.recomputing import months_between


@pytest.fixture(scope="module", params=QUICK_SEEDS)
def found(exchanges, request):
    return exchanges(500, request.param)


def test_every_month_starts_projects_of_registered_units_in_the_province(found):
    files = found["construction_projects"]
    units = latest(found["insured_units"], "unit_number")
    assert [file.period for file in files] == months_between("201601", "201706")
    for file in files:
        new = [row for row in file.rows if row["started_on"][:6] == file.period]
        assert len(new) >= 2
        for row in file.rows:
            assert row["unit_number"] in units and row["region_code"].startswith("53")
            assert row["ended_on"] > row["started_on"]


def test_nearly_all_are_insured_before_their_start_one_never_and_some_in_a_later_file(found):
    files = found["construction_projects"]
    records = [row for file in files for row in file.rows]
    projects = latest(files, "project_number").values()
    in_time = [row for row in projects if row["insured_on"] and row["insured_on"] <= row["started_on"]]
    late = [row for row in projects if row["insured_on"] > row["started_on"]]
    uninsured = [row for row in projects if not row["insured_on"]]
    assert late and len(uninsured) == 1
    assert len(in_time) > 9 * (len(late) + len(uninsured))
    for row in late:
        first, second = (it for it in records if it["project_number"] == row["project_number"])
        assert {**first, "insured_on": ""} == {**second, "insured_on": ""}
        assert (first["insured_on"], second["insured_on"]) == ("", row["insured_on"])
