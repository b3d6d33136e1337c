"""How a build begins, fails and is published."""

from pathlib import Path

import pytest
import yaml
from dbt.adapters.duckdb.credentials import DuckDBCredentials
from dbt.adapters.duckdb.environments.local import LocalEnvironment

from ingestion import landing_tables, warehouse
from ingestion.settings import ROOT
from tests.warehouse.conftest import build, create_database, working_in
from tests.warehouse.situations import land, person, unit


@pytest.fixture
def home(engine, tmp_path_factory):
    """An empty home on each engine."""
    home = tmp_path_factory.mktemp("home")
    if engine == "postgres":
        create_database(home)
    with working_in(home, engine):
        yield home


def test_reading_before_anything_was_published_says_what_to_do(home):
    with pytest.raises(warehouse.WarehouseMissing, match="还没有已发布的数仓"), warehouse.connect():
        pass


def test_a_build_of_nothing_is_refused(home):
    with pytest.raises(warehouse.WarehouseMissing, match="没有已落地的批次"):
        build.open_build(None)


def test_a_layer_without_an_open_build_is_refused(home):
    with pytest.raises(warehouse.WarehouseMissing, match="没有正在构建的数仓"):
        build.build_layers("staging")


def test_a_published_build_is_no_longer_open(home):
    land("core_system", "insured_units", "201701", [unit()])
    build.open_build(None)
    build.publish()
    with pytest.raises(warehouse.WarehouseMissing, match="没有正在构建的数仓"):
        build.build_layers("staging")


def test_the_day_of_a_build_is_the_last_day_that_the_files_are_about(home):
    land("core_system", "insured_units", "201701", [unit()])
    land("core_system", "insured_persons", "201702", [person("P1")])
    assert "数据截止 2017-02-28" in build.open_build(None)


def test_a_feed_without_files_is_an_empty_table_with_its_columns(home):
    land("core_system", "insured_units", "201701", [unit()])
    build.open_build(None)
    with warehouse.connect("building") as opened:
        assert opened.rows("select receipt_number, warning_codes from landing.tax_bureau__contribution_receipts") == []
        assert opened.rows("select unit_name from landing.core_system__insured_units") == [{"unit_name": "测试单位"}]


def test_a_failed_check_stops_the_build_and_leaves_the_published_warehouse(tmp_path):
    with working_in(tmp_path, "embedded"):
        batch_id = land("core_system", "insured_units", "201701", [unit()])
        build.open_build(None)
        with warehouse.connect("building", read_only=False) as opened:
            opened.execute("create table seen as select 1 as number")
        build.publish()
        build.open_build(None)
        with warehouse.connect("building", read_only=False) as opened:
            opened.execute("update landing.batches set accepted_row_count = 2 where batch_id = ?", [batch_id])
        with pytest.raises(build.BuildFailed, match="assert_staged_rows_equal_accepted_rows") as failure:
            build.build_layers("staging")
        assert failure.value.exit_code == 2
        with warehouse.connect() as opened:
            assert opened.rows("select number from seen") == [{"number": 1}]


def test_what_a_block_wrote_is_undone_when_it_raises(home):
    land("core_system", "insured_units", "201701", [unit()])
    build.open_build(None)
    with pytest.raises(ZeroDivisionError), warehouse.connect("building", read_only=False) as opened:
        opened.execute("create table half_done as select 1 as number")
        raise ZeroDivisionError
    with warehouse.connect("building") as opened:
        sql = "select count(*) as table_count from information_schema.tables where table_name = ?"
        assert opened.rows(sql, ["half_done"]) == [{"table_count": 0}]


def test_a_stream_gives_every_row_in_parts(home):
    land("core_system", "insured_persons", "201701", [person(f"P{number:02d}") for number in range(25)])
    build.open_build(None)
    sql = "select person_number from landing.core_system__insured_persons where sex_code = ? order by person_number"
    with warehouse.connect("building") as opened:
        parts = list(opened.stream(sql, ["2"], size=10))
    assert [len(part) for part in parts] == [10, 10, 5]
    assert [row["person_number"] for part in parts for row in part] == [f"P{number:02d}" for number in range(25)]


def test_a_batch_is_loaded_into_postgres_whole_or_not_at_all(postgres, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    create_database(home)
    with working_in(home, "postgres"):
        land("core_system", "insured_units", "201701", [unit()])
        with pytest.MonkeyPatch.context() as patch, pytest.raises(ConnectionError):
            patch.setattr(landing_tables, "_copy", _break_after_the_rows)
            build.open_build(None)
        assert _loaded() == (0, 0)
        build.open_build(None)
        assert _loaded() == (1, 1)


def _break_after_the_rows(cursor, table, file, copy=landing_tables._copy):
    copy(cursor, table, file)
    if table == "rejected_rows":
        raise ConnectionError("the line went down")


def _loaded() -> tuple[int, int]:
    with warehouse.connect("building") as opened:
        rows, batches = (
            opened.rows(f"select * from landing.{name}") for name in ("core_system__insured_units", "batches")
        )
    return len(rows), len(batches)


def test_batches_of_another_home_in_the_database_are_refused(postgres, tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    create_database(home)
    with working_in(home, "postgres"):
        land("core_system", "insured_units", "201701", [unit()])
        build.open_build(None)
        (home / "landing").rename(home / "elsewhere")
        land("core_system", "insured_persons", "201701", [person("P1")])
        with pytest.raises(warehouse.WarehouseMissing, match="1 个批次不在本机"):
            build.open_build(None)


def test_a_session_opens_after_the_build_has_spilled_to_disk(tmp_path, monkeypatch):
    """dbt opens sessions as it needs them, and what memory does not hold is on disk by then."""
    profiles = yaml.safe_load((ROOT / "dbt" / "profiles.yml").read_text(encoding="utf-8"))
    profile = {"database": "warehouse", **profiles["warehouse"]["outputs"]["embedded"]}
    profile["config_options"]["memory_limit"] = "60MB"
    monkeypatch.chdir(tmp_path)
    spill = Path(profile["config_options"]["temp_directory"])
    spill.parent.mkdir(parents=True)
    engine = LocalEnvironment(DuckDBCredentials.from_dict(profile))
    engine.handle().cursor().execute(
        "create table sorted as select repeat('x', 40) as text, hash(range) as place from range(1000000) order by place"
    )
    assert spill.is_dir()
    engine.handle().cursor().execute("select 1")
    engine.close()
