"""Law as dated seeds: an overlap, a hole or an empty range fails the build, and the build names seed, key and days."""

import csv
import re
import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
import jinja2
import pytest
import yaml

from tests.warehouse.conftest import build, working_in
from tests.warehouse.situations import land, unit

SEEDS = build.PROJECT / "seeds"
TEST = build.PROJECT / "tests" / "generic" / "dated_ranges.sql"


def _rows(seed: str) -> list[dict[str, str]]:
    (path,) = SEEDS.rglob(f"{seed}.csv")
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _dated_seeds() -> list[str]:
    return sorted(
        path.stem
        for path in SEEDS.rglob("*.csv")
        if "valid_from" in path.read_text(encoding="utf-8").splitlines()[0].split(",")
    )


def _keys() -> dict[str, list[str]]:
    """Return the key of the `dated_ranges` test of each seed that has one."""
    keys = {}
    for path in SEEDS.rglob("*.yml"):
        for seed in yaml.safe_load(path.read_text(encoding="utf-8"))["seeds"]:
            for test in seed.get("data_tests", []):
                if "dated_ranges" in test:
                    keys[seed["name"]] = test["dated_ranges"]["arguments"]["key"]
    return keys


class _Model(str):
    identifier = "broken"


def _faults(rows: list[dict[str, str]], key: list[str]) -> list[tuple[str, str, str, str]]:
    """Return what the test's own SQL says of rows: key, fault, first day and day after the last."""
    text = re.sub(r"{%-? (end)?test.*?%}", "", TEST.read_text(encoding="utf-8"))
    sql = jinja2.Template(text).render(model=_Model("broken"), key=key, valid_from="valid_from", valid_to="valid_to")
    with duckdb.connect() as connection:
        columns = ", ".join(f"{name} {'date' if name.startswith('valid_') else 'varchar'}" for name in rows[0])
        connection.execute(f"create table broken ({columns})")
        values = [[value or None for value in row.values()] for row in rows]
        connection.executemany(f"insert into broken values ({', '.join('?' * len(rows[0]))})", values)
        found = connection.execute(sql).fetchall()
    assert all(name == "broken" for name, *_ in found)
    return sorted((key, fault, str(from_day), str(to_day)) for _, key, fault, from_day, to_day in found)


def _day_after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def _key_text(row: dict[str, str], key: list[str]) -> str:
    return "，".join(f"{column}={row[column]}" for column in key)


@pytest.mark.parametrize("seed", _dated_seeds())
def test_every_dated_seed_is_tested_and_without_fault(seed):
    assert seed in _keys()
    assert _faults(_rows(seed), _keys()[seed]) == []


@pytest.mark.parametrize("seed", _dated_seeds())
def test_an_overlap_of_a_day_in_any_dated_seed_is_named(seed):
    rows, key = _rows(seed), _keys()[seed]
    again = {**rows[0], "valid_to": _day_after(rows[0]["valid_from"])}
    assert (_key_text(again, key), "overlap", again["valid_from"], again["valid_to"]) in _faults([*rows, again], key)


@pytest.mark.parametrize("seed", _dated_seeds())
def test_a_hole_of_a_day_in_any_dated_seed_is_named(seed):
    rows, key = _rows(seed), _keys()[seed]
    last = max((row for row in rows if _key_text(row, key) == _key_text(rows[0], key)), key=lambda row: row["valid_to"])
    second = _day_after(last["valid_from"])
    third = _day_after(second)
    cut = [{**row, "valid_to": second} if row is last else row for row in rows]
    later = {**last, "valid_from": third}
    assert _faults([*cut, later], key) == [(_key_text(last, key), "hole", second, third)]


def test_ranges_that_are_empty_reversed_or_open_are_named_and_cover_nothing():
    rows = [
        {"code": "A", "valid_from": "2016-01-01", "valid_to": "2017-01-01"},
        {"code": "A", "valid_from": "2018-01-01", "valid_to": "2017-01-01"},
        {"code": "A", "valid_from": "2017-01-01", "valid_to": "2017-01-01"},
        {"code": "A", "valid_from": "2018-01-01", "valid_to": ""},
    ]
    assert _faults(rows, ["code"]) == [
        ("code=A", "empty", "2017-01-01", "2017-01-01"),
        ("code=A", "empty", "2018-01-01", "2017-01-01"),
        ("code=A", "empty", "2018-01-01", "None"),
    ]


def test_a_short_range_inside_a_long_one_makes_no_hole_behind_it():
    rows = [
        {"valid_from": "2000-01-01", "valid_to": "2020-01-01"},
        {"valid_from": "2001-01-01", "valid_to": "2002-01-01"},
        {"valid_from": "2020-01-01", "valid_to": "9999-12-31"},
    ]
    assert _faults(rows, []) == [("", "overlap", "2001-01-01", "2002-01-01")]


@pytest.fixture
def project(tmp_path, monkeypatch) -> Path:
    """A copy of the dbt project that may be broken, and a build that is open on it."""
    copy = tmp_path / "dbt"
    shutil.copytree(build.PROJECT, copy, ignore=shutil.ignore_patterns("target", "logs", "__pycache__"))
    monkeypatch.setattr(build, "PROJECT", copy)
    with working_in(tmp_path / "home", "embedded"):
        land("core_system", "insured_units", "201601", [unit()])
        build.open_build(None)
        yield copy


def _change(project: Path, seed: str, **lines: str) -> None:
    """Replace text in a seed, as a clerk would."""
    (path,) = (project / "seeds").rglob(f"{seed}.csv")
    text = path.read_text(encoding="utf-8")
    for old, new in lines.items():
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf-8")


def test_holes_and_overlaps_fail_the_build_with_the_rate_named(project):
    _change(project, "contribution_rates", **{"110,unit,2016-05-01": "110,unit,2016-06-01",
                                              "2014-10-01,2019-05-01": "2014-10-01,2019-05-02"})  # fmt: skip
    _change(project, "work_injury_rate_classes", **{"8,0.0190,2015-10-01,9999-12-31": "8,0.0190,2015-10-01,2017-01-01",
                                                    "7,0.0160,2015-10-01": "8,0.0160,2017-01-02"})  # fmt: skip
    with pytest.raises(build.BuildFailed) as failure:
        build.build_layers("staging")
    assert failure.value.exit_code == 2
    said = str(failure.value).splitlines()
    assert (
        "费率有空档：contribution_rates（insurance_code=110，payer=unit）2016-05-01 至 2016-06-01 没有费率，请补一行"
        in said
    )
    assert "费率重叠：contribution_rates（insurance_code=120，payer=unit）2019-05-01 至 2019-05-02 有两行，" in str(
        said
    )
    assert "费率有空档：work_injury_rate_classes（risk_class=8）2017-01-01 至 2017-01-02 没有费率，请补一行" in said


@pytest.mark.slow
def test_a_bookkeeping_rate_of_zero_fails_the_build_with_the_year_named(project):
    _change(project, "bookkeeping_rates", **{"2016-01-01,2017-01-01,0.0831": "2016-01-01,2017-01-01,0"})
    with pytest.raises(build.BuildFailed) as failure:
        build.build_layers("staging", "consolidated")
    assert failure.value.exit_code == 2
    for code in ("110", "120"):
        assert f"费率为零或缺失：bookkeeping_rates（insurance_code={code}）2016 年" in str(failure.value).splitlines()
