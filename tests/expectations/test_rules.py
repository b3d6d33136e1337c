"""What a suite file may say, and what it may not."""

from pathlib import Path

import pytest

from expectations.rules import DeclarationError, all_suites, load_suite
from tests.expectations.tables import bad_changes

SUITE = """
stage: marts
title: 参保人员
rules:
  - {{id: a_rule, title: 一条规则, severity: error, remedy: 更正, {declared}}}
"""


def suite_with(tmp_path: Path, declared: str) -> Path:
    path = tmp_path / "dim_person.yml"
    path.write_text(SUITE.format(declared=declared), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ("not_null: born_on, condition: born_on is not null", "恰好一种要求"),
        ("nullable: born_on", "恰好一种要求"),
        ("not_null: born_on, owner: 某人", "恰好一种要求"),
        (r"regex: {column: sex_code, pattern: '[12]'}", "须以 \\^ 开头"),
        (r"regex: {column: sex_code, pattern: '^\d$'}", "须以 \\^ 开头"),
        ("between: {column: closing_balance_yuan, min: 0, max: 9}", "金额的上下限用 condition 写"),
        ("between: {column: month_count, min: 0.5, max: 9}", "须是整数或日期"),
        ("in_set: {column: sex_code, values: []}", "没有一个可用的值"),
        ("in_set: {column: sex_code, values: ['1'], codes: {file: codes/code_lists, column: code}}", "须有其一"),
        ("relationship: {column: person_number, to: dim_person}", "to_column"),
    ],
)
def test_a_declaration_that_cannot_be_meant_is_refused_by_file_and_rule(tmp_path, declared, said):
    with pytest.raises(DeclarationError, match=rf"dim_person.yml 规则 a_rule.*{said}"):
        load_suite(suite_with(tmp_path, declared))


def test_codes_come_from_the_seed_that_the_feeds_use(tmp_path):
    declared = "in_set: {column: sex_code, codes: {file: codes/code_lists, column: code, field_code: AAC004}}"
    (rule,) = load_suite(suite_with(tmp_path, declared)).rules
    assert rule.declared["values"] == ["1", "2"]


def test_a_quote_in_a_value_stays_inside_the_value(tmp_path):
    (rule,) = load_suite(suite_with(tmp_path, """in_set: {column: sex_code, values: ["o'ne"]}""")).rules
    assert rule.failing_sql([]).endswith("sex_code not in ('o''ne')")


def test_every_rule_has_a_row_that_breaks_it():
    assert {rule.id for suite in all_suites() for rule in suite.rules} == set(bad_changes())


def test_every_rule_says_what_to_do_in_chinese():
    for suite in all_suites():
        for rule in suite.rules:
            assert all(any("一" <= character <= "龥" for character in text) for text in (rule.title, rule.remedy))
