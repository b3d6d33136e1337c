"""Show values in Chinese: the filters of every template, and of the cells that are text.

Filters display; they never decide a figure. Money is refused when it is a float or finer than a fen, so nothing can be
rounded on the way to paper unseen. `None` means that the warehouse has no such value, and prints as `MISSING`.
"""

import calendar
import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

MISSING = "—"
ASSUMED = "※"  # stands before a figure that rests on an assumed row of the law
FEN = Decimal("0.01")
WAN = Decimal(10_000)
YI = Decimal(100_000_000)
QUARTERS = {"1": "第一季度", "2": "第二季度", "3": "第三季度", "4": "第四季度"}
PERIOD = re.compile(r"(?P<year>[0-9]{4})(?:Q(?P<quarter>[1-4]))?")


def yuan(value: Decimal | int | None) -> str:
    """Show an amount in yuan with thousands and two decimals; raise ValueError when it is finer than a fen."""
    if value is None:
        return MISSING
    amount = _exact(value)
    if amount != amount.quantize(FEN):
        raise ValueError(f"金额 {amount} 细于分，不能直接打印")
    return f"{amount.quantize(FEN):,}"


def count(value: int | None) -> str:
    """Show a number of persons, units or payments with thousands."""
    if value is None:
        return MISSING
    if isinstance(value, bool) or value != int(value):
        raise ValueError(f"{value!r} 不是整数，不能作为人数或笔数打印")
    return f"{int(value):,}"


def percent(rate: Decimal | None, places: int = 2) -> str:
    """Show a fraction (0.0831) as a percentage (8.31%)."""
    return MISSING if rate is None else f"{_rounded(_exact(rate) * 100, places):,}%"


def change(rate: Decimal | None) -> str:
    """Put a same-period change rate into words."""
    if rate is None:
        return "无可比的上年同期数据"
    if _rounded(_exact(rate) * 100, 2) == 0:
        return "与上年同期持平" if rate == 0 else "与上年同期基本持平"
    return f"比上年同期{'增长' if rate > 0 else '下降'}{percent(abs(rate))}"


def wan(value: Decimal | int | None, places: int = 2) -> str:
    """Show a number in 万 (ten thousands), without the unit."""
    return MISSING if value is None else f"{_rounded(_exact(value) / WAN, places):,}"


def yi(value: Decimal | int | None, places: int = 2) -> str:
    """Show a number in 亿 (hundred millions), without the unit."""
    return MISSING if value is None else f"{_rounded(_exact(value) / YI, places):,}"


def scaled(value: Decimal | int | None, unit: str) -> str:
    """Show a number with its unit in the scale a reader expects: 488人, 48.80万人, 124.60亿元."""
    if value is None:
        return MISSING
    if abs(value) >= YI:
        return f"{yi(value)}亿{unit}"
    if abs(value) >= WAN:
        return f"{wan(value)}万{unit}"
    return f"{yuan(value) if unit == '元' else count(value)}{unit}"


def month(value: date | None) -> str:
    """Show a month: 2017年6月."""
    return MISSING if value is None else f"{value.year}年{value.month}月"


def day(value: date | None) -> str:
    """Show a day: 2017年6月30日."""
    return MISSING if value is None else f"{value.year}年{value.month}月{value.day}日"


def last_day(value: date) -> date:
    """Return the last day of a month."""
    return value.replace(day=calendar.monthrange(value.year, value.month)[1])


def period_name(code: str) -> str:
    """Show a period: `2017Q2` is 2017年第二季度, `2016` is 2016年度."""
    year, quarter = _period(code)
    return f"{year}年{QUARTERS[quarter]}" if quarter else f"{year}年度"


def period_months(code: str) -> str:
    """Show the months that a year-to-date figure of the period covers: 2017年1—6月."""
    year, quarter = _period(code)
    return f"{year}年1—{int(quarter or 4) * 3}月"


def masked_identity(number: str | None) -> str:
    """Show an identity number with its first six and last four characters; hide all of one under 15 characters."""
    if not number:
        return MISSING
    hidden = len(number) - 10
    return f"{number[:6]}{'*' * hidden}{number[-4:]}" if hidden >= 5 else "*" * len(number)


def _period(code: str) -> tuple[str, str | None]:
    match = PERIOD.fullmatch(code)
    if not match:
        raise ValueError(f"期间 {code!r} 不认识：季度写作 2017Q2，年度写作 2016")
    return match["year"], match["quarter"]


def _exact(value: Decimal | int) -> Decimal:
    if isinstance(value, float):
        raise TypeError("浮点数不能作为金额或比率打印；应为 Decimal")
    return Decimal(value)


def _rounded(value: Decimal, places: int) -> Decimal:
    shown = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return abs(shown) if shown == 0 else shown  # never "-0.00"


FILTERS = {
    function.__name__: function
    for function in (
        *(yuan, count, percent, change, wan, yi, scaled),
        *(month, day, last_day, period_name, period_months, masked_identity),
    )
}
