"""The quality page: it says what may be published, opens offline, and escapes what comes from outside."""

import json

import pytest

from expectations import page, results
from expectations.__main__ import main
from tests.expectations.tables import AS_OF, bad_changes, broken, build, good_rows


def rule(**changed):
    known = {
        "rule_id": "account_identity",
        "table": "fct_personal_account_year",
        "table_title": "个人账户年度",
        "title": "恒等式",
        "severity": "error",
        "remedy": "转开发",
        "rows": 1234567,
        "failing": 0,
    }
    return known | changed


def written(**stages) -> str:
    results.write("results.json", {"as_of": AS_OF, "stages": stages})
    return page.write_page().read_text(encoding="utf-8")


def test_a_page_before_any_check_says_so(home):
    assert "检验尚未完成" in page.write_page().read_text(encoding="utf-8")


def test_the_banner_follows_the_rules_that_block(home):
    assert "尚未检验：数据集市与报表" in written(landing=[rule()])
    assert "质量门禁通过，可以发布" in written(landing=[rule()], marts=[rule()])
    assert "另有 1 条警告" in written(landing=[rule()], marts=[rule(severity="warning", failing=2)])
    assert "质量门禁未通过，停止发布" in written(landing=[rule(failing=2)])


def test_counts_are_grouped_and_the_day_is_the_day_of_the_figures(home):
    text = written(landing=[rule()], marts=[rule()])
    assert "1,234,567" in text
    assert "数据截止日：2017-06-30" in text


def test_the_page_loads_nothing_from_anywhere(home):
    text = written(landing=[rule()], marts=[rule()])
    assert not any(word in text for word in ("http", "src=", "href=", "@import", "url(", "<script"))


def test_a_refused_file_is_listed_with_its_reason_escaped_and_masked(home):
    folder = home / "refused" / "tax_bureau"
    folder.mkdir(parents=True)
    (folder / "SBF_<b>.txt.reason.json").write_text(json.dumps({"message": "53010219850312002X 不对"}))
    text = written(landing=[rule()])
    assert "SBF_&lt;b&gt;.txt" in text
    assert "53010219850312002X" not in text


@pytest.mark.parametrize(
    ("change", "exit_code", "said"),
    [
        (None, 0, "全部通过"),
        ("account_identity", 2, "阻断 account_identity（fct_personal_account_year）1 行"),
        ("person_identity_unique", 0, "警告 person_identity_unique（dim_person）2 行"),
    ],
)
def test_the_command_says_what_fails_and_ends_with_2_only_when_blocked(
    home, monkeypatch, capsys, change, exit_code, said
):
    build(home, broken(bad_changes()[change]) if change else good_rows())
    monkeypatch.setattr("sys.argv", ["expectations", "check", "marts"])
    assert main() == exit_code
    assert said in capsys.readouterr().out


def test_the_command_ends_with_2_when_nothing_was_built(home, monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["expectations", "check", "landing"])
    assert main() == 2
    assert "先运行 python dbt/build.py open" in capsys.readouterr().out
