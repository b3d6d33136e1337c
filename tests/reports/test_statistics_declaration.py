"""A slip in report.yml stops with the entry that holds it; figures that cannot be printed exactly are refused."""

from decimal import Decimal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reports.fund_statistics.declaration import DECLARATION, Column, load_report
from reports.fund_statistics.figures import exact_value
from reports.fund_statistics.workbook import cell_number

MONEY = Column("paid_yuan", "金额", "yuan", "定义", "元", "stock")
COUNT = Column("person_count", "人数", "count", "定义", "人", "stock")


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (lambda report: report["tables"][0].update(colour="red"), "insured_persons_by_scheme"),
        (lambda report: report["tables"][0]["columns"].append("no_such_column"), "no_such_column"),
        (lambda report: report["tables"][0].update(sheet="长" * 40), "insured_persons_by_scheme"),
        (lambda report: report["columns"]["income_yuan"].update(format="money"), "income_yuan"),
        (lambda report: report["columns"]["income_yuan"].pop("definition"), "income_yuan"),
        (lambda report: report["columns"]["income_yuan"].update(measure="flow"), "income_yuan"),
        (lambda report: report["charts"][0].update(arrangement="pie"), "insured_persons"),
        (lambda report: report["charts"][0]["series"].append("income_yuan"), "income_yuan"),
        (lambda report: report["crosstabs"][0].update(value="payment_count"), "payment_count"),
    ],
)
def test_a_wrong_declaration_names_the_entry(damage, named, tmp_path):
    declared = yaml.safe_load(DECLARATION.read_text(encoding="utf-8"))
    damage(declared)
    path = tmp_path / "report.yml"
    path.write_text(yaml.safe_dump(declared, allow_unicode=True), encoding="utf-8")
    with pytest.raises((ValueError, KeyError), match=named):
        load_report(path)


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_a_spreadsheet_double_gives_back_every_amount_it_is_trusted_with(fen):
    amount = cell_number(Decimal(fen).scaleb(-2), MONEY)
    assert Decimal(repr(float(f"{amount:.16G}"))).quantize(Decimal("0.01")) == amount
    assert Decimal(f"{amount:.16G}") == amount  # what the file holds


def test_an_amount_with_more_digits_than_a_double_holds_is_refused():
    with pytest.raises(ValueError, match="15 位"):
        cell_number(Decimal("10000000000000.00"), MONEY)


def test_a_float_is_no_figure():
    with pytest.raises(TypeError, match="paid_yuan"):
        exact_value(0.5, MONEY)


@pytest.mark.parametrize(("value", "column"), [(Decimal("0.001"), MONEY), (Decimal("1.5"), COUNT)])
def test_a_value_finer_than_its_column_is_refused(value, column):
    with pytest.raises(ValueError, match=column.name):
        exact_value(value, column)
