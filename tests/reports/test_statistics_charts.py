"""Charts of figures that a province may really have: nothing, a deficit, no comparison, odd names."""

from decimal import Decimal

import pytest
from lxml import etree

from reports.fund_statistics.charts import draw
from reports.fund_statistics.declaration import load_report
from reports.fund_statistics.figures import FilledTable

REPORT = load_report()


def drawing(name: str, *rows: dict) -> etree._Element:
    """Draw a declared chart of the fund's or of the benefits' table from rows without a total."""
    chart = next(chart for chart in REPORT.charts if chart.name == name)
    table = next(table for table in REPORT.tables if table.name == chart.table)
    filled = FilledTable(table, tuple({"insurance_code": "110", "insurance_name": "养老", **row} for row in rows))
    return etree.fromstring(draw(chart, filled, lambda column: ""))


def words(svg: etree._Element) -> list[str]:
    return svg.xpath(".//*[name()='text']/text()")


@pytest.mark.parametrize("amount", [Decimal("0.00"), Decimal("-12345678.90"), Decimal("422600000000.00")])
def test_each_figure_is_printed_beside_its_bar(amount):
    svg = drawing("fund_balance", {"opening_balance_yuan": Decimal("0.00"), "closing_balance_yuan": amount})
    shown = {"0.00": "0.00元", "-12345678.90": "-1,234.57万元", "422600000000.00": "4,226.00亿元"}[str(amount)]
    assert shown in words(svg)
    assert f"养老，期末累计结余：{shown}" in svg.get("aria-label")
    assert "NaN" not in etree.tostring(svg, encoding="unicode")


def test_a_deficit_is_drawn_to_the_left_of_nothing():
    svg = drawing("fund_balance", {"opening_balance_yuan": Decimal("5.00"), "closing_balance_yuan": Decimal("-5.00")})
    bars = svg.xpath(".//*[name()='path'][@aria-label]")
    left = {bar.get("aria-label").split("：")[0]: float(bar.get("d").lstrip("M").split(",")[0]) for bar in bars}
    assert left["养老，期末累计结余"] < left["养老，年初结余"]


def test_a_figure_without_comparison_is_a_dash_and_no_bar():
    compared = {"benefit_paid_yuan": Decimal("10.00"), "same_period_benefit_paid_yuan": Decimal("9.00")}
    joined = {"insurance_name": "工伤", "benefit_paid_yuan": Decimal("7.00"), "same_period_benefit_paid_yuan": None}
    assert "—" in words(drawing("benefits", compared, joined))


def test_a_series_of_which_nothing_is_known_is_not_drawn():
    first_year = {"benefit_paid_yuan": Decimal("10.00"), "same_period_benefit_paid_yuan": None}
    shown = words(drawing("benefits", first_year))
    assert "10.00元" in shown
    assert not {"—", "上年同期待遇支付金额"} & set(shown)


def test_a_name_with_signs_of_markup_stays_text():
    row = {
        "insurance_name": "<b>&养老",
        "opening_balance_yuan": Decimal("1.00"),
        "closing_balance_yuan": Decimal("2.00"),
    }
    svg = drawing("fund_balance", row)
    assert "<b>&养老" in words(svg)
    assert not svg.xpath(".//*[name()='b']")
