"""Each rule of base verification finds what its cases say, to the fen, on both engines; the auditor gets a list."""

import re
from collections import defaultdict

import openpyxl
import pytest

from ingestion.base_findings import findings
from ingestion.sample.policy import read_seed
from tests.conftest import run
from tests.warehouse.base_situations import DECLARED_YEAR, land_declarations, member, unit_number
from tests.warehouse.conftest import build, create_database, working_in
from tests.warehouse.situations import cases

SELECTED = ("+fct_base_finding", "+dim_unit", "+dim_person")
CASES = list(enumerate(cases("base_verification")))


@pytest.fixture(scope="module")
def declared(engine, tmp_path_factory):
    """A home and engine on which the declarations were verified and published."""
    home = tmp_path_factory.mktemp("declared")
    if engine == "postgres":
        create_database(home)
    with working_in(home, engine):
        land_declarations()
        build.open_build(None)
        built = build.run_dbt("--warn-error", "build", "--select", *SELECTED, "--indirect-selection", "cautious")
        assert built.returncode == 0, built.stdout
        build.publish()
    return home, engine


@pytest.fixture(scope="module")
def found(declared):
    """The findings by unit."""
    by_unit = defaultdict(list)
    with working_in(*declared):
        for row in findings(DECLARED_YEAR):
            by_unit[row["unit_number"]].append(row)
    return by_unit


@pytest.mark.parametrize(("index", "case"), CASES, ids=[case["name"] for _, case in CASES])
def test_a_case_finds_what_it_expects_and_nothing_else(found, index, case):
    rows = {
        (row["rule_code"], str(row["declared_yuan"]), str(row["compared_yuan"]), row["person_number"]): row
        for row in found[unit_number(index)]
    }
    wanted = {
        (rule, amount, other, member(index, place[0]) if place else "")
        for rule, amount, other, *place in case["expect"]
    }
    assert rows.keys() == wanted
    for row in rows.values():
        assert row["difference_yuan"] == row["declared_yuan"] - row["compared_yuan"]
        assert row["insurance_code"] == case["given"].get("scheme", "110")


def test_a_finding_names_the_line_of_the_declaration_or_of_the_persons_record(found):
    declarations = {index: 2 + index for index, _ in CASES}  # one line each, after the head
    for index, _ in CASES:
        for row in found[unit_number(index)]:
            feed = "participation" if row["person_number"] else "unit_declarations"
            assert row["file_name"].startswith(feed)
            assert row["person_number"] or row["source_line"] == declarations[index]


def test_every_rule_is_tried_by_a_case_that_breaks_it():
    rules = {row["rule_code"] for row in read_seed("policy/base_verification_rules")}
    assert {rule for _, case in CASES for rule, *_ in case["expect"]} == rules


def test_the_auditor_gets_the_list_as_text_and_as_a_workbook(declared, tmp_path):
    home, engine = declared
    if engine != "embedded":
        pytest.skip("the list is made of the findings, which the other tests compare on both engines")
    expected = sum(len(case["expect"]) for _, case in CASES)
    target = tmp_path / "list.xlsx"
    done = run("-m", "ingestion", "bases", "--year", "2025", "--export", str(target), home=home)
    assert f"2025 年：{expected} 条核查发现" in done.stdout
    head, *rows = openpyxl.load_workbook(target).active.iter_rows(values_only=True)
    assert len(rows) == expected and head.index("规则") == 0
    text = "\n".join("　".join(map(str, row)) for row in rows)
    assert "个人缴费基数低于下限" in text and "4,357.79" in text and "-0.01" in text and "第9号单位" in text
    for shown in (text, done.stdout):
        assert "530102********002X" in shown and not re.search(r"530102\d{8}002X", shown)
    nothing = run("-m", "ingestion", "bases", "--year", "2023", home=home)
    assert "2023 年：0 条核查发现" in nothing.stdout
