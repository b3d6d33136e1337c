"""Random lives: SQL on both engines and the calculator agree on every balance of every year, to the fen.

Hypothesis draws the lives; the models then answer all of them at once, as they answer a province. Of those that differ
the shortest is reported.
"""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.rules.kinds import Case, differences, kind

QUICK, ALL = 400, 10_000

money = st.decimals(Decimal("0.00"), Decimal("99999.99"), places=2)
rates = st.decimals(Decimal("0.000001"), Decimal("0.129999"), places=6)
month = st.integers(1, 12)


@st.composite
def movements(draw, most: int) -> list[dict[str, Any]]:
    """Some bookings or payments of a year: single months and stretches of them."""
    lines = []
    for _ in range(draw(st.integers(0, most))):
        first, last = sorted((draw(month), draw(month)))
        lines.append({"months": f"{first}-{last}", "amount": str(draw(money))})
    return lines


@st.composite
def lives(draw) -> Case:
    """An account of one to eight years: rates, methods, late bookings, a pension, a closing, a provisional rate."""
    first, years = draw(st.integers(1998, 2030)), []
    for number in range(draw(st.integers(1, 8))):
        year: dict[str, Any] = {
            "year": first + number,
            "rate": str(draw(rates)),
            "method": draw(st.sampled_from(["month_product", "annual"])),
            "bookings": draw(movements(3)),
            "outflows": draw(movements(1)),
        }
        if draw(st.integers(0, 3)) == 0:
            year["provisional_rate"] = str(draw(rates))
        years.append(year)
    if draw(st.booleans()):
        closed = draw(month)
        years[-1] |= {"closed_month": closed, "bookings": _until(years[-1]["bookings"], closed), "outflows": []}
    return {"name": "a life", "kind": "account_years", "opening": str(draw(money)), "years": years}


def _until(lines: list[dict[str, Any]], closed: int) -> list[dict[str, Any]]:
    """Return the movements whose months are over when the account closes."""
    return [line for line in lines if int(line["months"].partition("-")[2]) <= closed]


def drawn(count: int) -> list[Case]:
    """Return so many random lives, the same in every run."""
    found: list[Case] = []

    @settings(
        max_examples=count, phases=[Phase.generate], database=None, deadline=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(lives())
    def draw(life: Case) -> None:
        found.append(life)

    draw()
    return found


@pytest.mark.parametrize("count", [QUICK, pytest.param(ALL, marks=pytest.mark.slow)])
def test_sql_and_calculator_agree_on_every_balance(on_duckdb, on_postgres, count):
    lives, asked = drawn(count), kind("account_years")
    assert len(lives) == count and any(life["years"][-1].get("closed_month") for life in lives)
    calculated = [asked.calculate(life) for life in lives]
    for engine in (on_duckdb, on_postgres):
        answers = zip(lives, calculated, engine.run(asked, lives), strict=True)
        wrong = [(life, differences(own, answer)) for life, own, answer in answers if differences(own, answer)]
        assert not min(wrong, key=lambda it: len(str(it[0])), default=None), engine.name
