"""The display filters: what is printed can be read back, and nothing is rounded unseen."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import formats

FENS = st.integers(-(10**16), 10**16)
RATES = st.integers(-(10**9), 10**9).map(lambda millionths: Decimal(millionths).scaleb(-6))


@given(FENS)
def test_an_amount_reads_back_to_the_fen(fen):
    amount = Decimal(fen).scaleb(-2)
    shown = formats.yuan(amount)
    assert Decimal(shown.replace(",", "")) == amount
    assert shown[-3] == "."


@given(FENS)
def test_thousands_are_grouped_by_three(fen):
    whole = formats.yuan(Decimal(fen).scaleb(-2)).lstrip("-").partition(".")[0]
    first, *others = whole.split(",")
    assert 1 <= len(first) <= 3
    assert all(len(group) == 3 for group in others)


@given(st.integers(-(10**15), 10**15))
def test_a_count_reads_back(number):
    assert int(formats.count(number).replace(",", "")) == number


@given(RATES)
def test_a_percentage_is_the_rate_rounded_half_up(rate):
    shown = Decimal(formats.percent(rate).rstrip("%").replace(",", ""))
    assert shown == (rate * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    assert not formats.percent(rate).startswith("-0.00")


@given(RATES)
def test_a_change_in_words_says_the_direction_and_no_sign(rate):
    words = formats.change(rate)
    assert "-" not in words
    if abs(rate) >= Decimal("0.00005"):
        assert ("增长" in words) == (rate > 0)
        assert ("下降" in words) == (rate < 0)
        assert words.endswith(formats.percent(abs(rate)))
    else:
        assert "持平" in words


@given(st.integers(0, 10**13), st.sampled_from(["人", "户", "笔"]))
def test_a_scaled_count_is_within_half_of_its_last_digit(number, unit):
    shown = formats.scaled(number, unit)
    assert shown.endswith(unit)
    text = shown.removesuffix(unit)
    scale = {"万": 10**4, "亿": 10**8}.get(text[-1], 1)
    printed = Decimal(text.rstrip("万亿").replace(",", "")) * scale
    assert abs(printed - number) <= (Decimal("0.005") * scale if scale > 1 else 0)


@given(st.text("0123456789X", min_size=1, max_size=30))
def test_a_masked_number_never_shows_its_middle(number):
    masked = formats.masked_identity(number)
    assert len(masked) == len(number)
    assert masked.count("*") >= min(5, len(number))
    if len(number) >= 15:
        assert masked == number[:6] + "*" * (len(number) - 10) + number[-4:]


@given(st.dates(date(1900, 1, 1), date(2200, 12, 1)))
def test_the_last_day_of_a_month_is_followed_by_another_month(day):
    last = formats.last_day(day.replace(day=1))
    assert (last.year, last.month) == (day.year, day.month)
    assert last.replace(day=1).toordinal() <= day.toordinal() <= last.toordinal()
    assert date.fromordinal(last.toordinal() + 1).day == 1


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (formats.yuan(Decimal("1234567.5")), "1,234,567.50"),
        (formats.yuan(0), "0.00"),
        (formats.percent(Decimal("0.0831")), "8.31%"),
        (formats.change(Decimal("0.0312")), "比上年同期增长3.12%"),
        (formats.change(Decimal("-0.1")), "比上年同期下降10.00%"),
        (formats.change(Decimal(0)), "与上年同期持平"),
        (formats.change(Decimal("0.00001")), "与上年同期基本持平"),
        (formats.change(None), "无可比的上年同期数据"),
        (formats.scaled(488, "人"), "488人"),
        (formats.scaled(1_330_000, "人"), "133.00万人"),
        (formats.scaled(Decimal("12460000000.00"), "元"), "124.60亿元"),
        (formats.scaled(Decimal("-12345.67"), "元"), "-1.23万元"),
        (formats.wan(107_270_0), "107.27"),
        (formats.yi(Decimal("656000000.00")), "6.56"),
        (formats.month(date(2017, 6, 1)), "2017年6月"),
        (formats.day(date(2017, 6, 30)), "2017年6月30日"),
        (formats.period_name("2017Q2"), "2017年第二季度"),
        (formats.period_name("2016"), "2016年度"),
        (formats.period_months("2017Q2"), "2017年1—6月"),
        (formats.period_months("2016"), "2016年1—12月"),
        (formats.masked_identity("53010219850312002X"), "530102********002X"),
    ],
)
def test_values_are_shown_as_a_statistician_writes_them(shown, expected):
    assert shown == expected


@pytest.mark.parametrize("show", [formats.yuan, formats.count, formats.percent, formats.wan, formats.day])
def test_a_value_the_warehouse_does_not_have_is_a_dash(show):
    assert show(None) == formats.MISSING


@pytest.mark.parametrize("show", [formats.yuan, formats.percent, formats.wan, formats.yi, formats.change])
def test_a_float_is_refused(show):
    with pytest.raises(TypeError):
        show(0.1)


def test_an_amount_finer_than_a_fen_is_refused():
    with pytest.raises(ValueError, match="细于分"):
        formats.yuan(Decimal("0.001"))


@pytest.mark.parametrize("value", [True, Decimal("1.5")])
def test_a_count_that_is_not_a_whole_number_is_refused(value):
    with pytest.raises(ValueError, match="不是整数"):
        formats.count(value)


@pytest.mark.parametrize("code", ["2017Q5", "17Q1", "2017-06", "２０１７"])
def test_a_period_that_is_none_is_refused(code):
    with pytest.raises(ValueError, match="2017Q2"):
        formats.period_name(code)
