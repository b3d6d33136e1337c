"""A build on top of the published one gives the rows of a whole build; it is not tried where it would not."""

import shutil
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from ingestion import warehouse
from tests.warehouse.conftest import build, working_in
from tests.warehouse.situations import land, person, unit

pytestmark = pytest.mark.slow  # two builds of the whole province
MONTH_BEFORE = date(2017, 5, 31)
# Only steer an increment, and are empty in a whole build.
STEERING = {"int_person__changed", "int_tie__renewed"}


@pytest.fixture(scope="module")
def built_in_two_steps(demo, tmp_path_factory):
    """A home with the landing of the demonstration, built and published without its last month, and then with it."""
    home = tmp_path_factory.mktemp("in_two_steps")
    (home / "landing").symlink_to(demo[0] / "landing")
    with working_in(home, "embedded"):
        build.open_build(MONTH_BEFORE)
        build_twice()
        build.publish()
        said = build.open_build(None)
        build_twice()
        build.publish()
    return home, said


def build_twice() -> None:
    """Build the layers, and once more, as an operator does with a task that was cut off: no row may be added twice."""
    build.build_layers(*build.LAYERS)
    build.build_layers(*build.LAYERS)


def tables_of(home) -> dict[str, list[str]]:
    """Return every table of a published warehouse with its rows as sorted text."""
    with working_in(home, "embedded"), duckdb.connect(str(warehouse.database_file("published")), read_only=True) as it:
        names = it.execute("select table_name from information_schema.tables where table_schema = 'main'").fetchall()
        return {name: sorted(map(repr, it.execute(f"select * from {name}").fetchall())) for (name,) in names}


def test_every_row_is_that_of_a_whole_build(demo, built_in_two_steps):
    home, said = built_in_two_steps
    assert "在已发布的数仓上增加" in said
    whole, grown = tables_of(demo[0]), tables_of(home)
    assert whole.keys() == grown.keys()
    assert not [name for name in whole if name not in STEERING and whole[name] != grown[name]]
    assert whole["int_contributions__settled"]


@pytest.fixture
def home(built_in_two_steps, tmp_path):
    """A copy of a home with a published warehouse and a landing of its own."""
    source = built_in_two_steps[0]
    (tmp_path / "warehouse").mkdir()
    shutil.copy(source / "warehouse" / "warehouse.duckdb", tmp_path / "warehouse")
    shutil.copytree(source / "landing", tmp_path / "landing")
    with working_in(tmp_path, "embedded"):
        yield tmp_path


def test_a_file_sent_again_makes_the_build_whole(home):
    batch_id = land("core_system", "insured_units", "201701", [unit()], created_on=date(2017, 6, 30))
    facts = home / "landing" / "core_system" / "insured_units" / batch_id / "batch.json"
    facts.write_text(facts.read_text().replace("2017-06-30T00:00:00", "2999-01-01T00:00:00"))  # the last one received
    assert "整体构建：1 个批次被重报的文件取代" in build.open_build(None)


def test_a_file_of_an_earlier_month_makes_the_build_whole(home):
    land("core_system", "insured_persons", "201701", [person("P1")], sequence=7, created_on=date(2017, 6, 30))
    assert "整体构建：1 个批次补报早于已入库的期次" in build.open_build(None)


def test_an_earlier_day_makes_the_build_whole(home):
    assert "整体构建：数据截止日早于已发布的 2017-06-30" in build.open_build(MONTH_BEFORE)


def test_a_changed_rule_makes_the_build_whole(home, monkeypatch):
    monkeypatch.setattr("ingestion.increment.rules_digest", lambda: "other rules")
    assert "整体构建：规则、费率或接口定义改过" in build.open_build(None)


def test_nothing_new_adds_nothing(home):
    assert "增加 0 个批次" in build.open_build(None)


def dues_as_of(day: date, whole: bool = False) -> list[str]:
    """Build the tables that grow as of a day, publish them, and return what is due as sorted text."""
    said = build.open_build(day, whole)
    assert ("整体构建" in said) == whole
    tables = ("+int_contributions__settled", "+int_levy_plan__persons")
    made = build.run_dbt("build", "--select", *tables, "--exclude-resource-type", "test")
    assert made.returncode == 0, made.stdout
    build.publish()
    with warehouse.connect("published") as published:
        return sorted(map(repr, published.rows("select * from int_levy__2_due")))


def test_a_later_day_without_new_files_still_knows_the_month_before_an_undeclared_one(tmp_path):
    """What is due of a month without a declaration rests on the months before, which no new file is about."""
    common = {"person_number": "P1", "insurance_code": "110", "unit_number": "U1", "contribution_status_code": "1"}
    declared = {"start_month": date(2017, 1, 1), "end_month": date(2017, 2, 1), "contribution_base_yuan": Decimal(5000)}
    spells = [
        {**common, **declared, "participation_number": "S1"},
        {**common, "participation_number": "S2", "start_month": date(2017, 3, 1)},
    ]
    with working_in(tmp_path, "embedded"):
        land("core_system", "insured_units", "201701", [unit()])
        land("core_system", "insured_persons", "201701", [person("P1")])
        land("core_system", "participation", "201701", spells)
        dues_as_of(date(2017, 3, 31), whole=True)
        grown = dues_as_of(date(2017, 5, 31))
        assert grown == dues_as_of(date(2017, 5, 31), whole=True)
    assert len(grown) == 6  # January to May, and the month to come
