"""Transfers of pension relations (国办发〔2009〕66号) and benefits paid after death (社会保险经办条例 art. 46)."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from expectations.calculator.money import times, yuan

# From when the pooled fund moves along.
POOLED_FROM = date(1998, 1, 1)


def pooled_part(bases: Sequence[tuple[date, Decimal]], share: Decimal) -> Decimal:
    """Return the pooled part of (liability month, base) of the months paid: a share of all bases, rounded once."""
    return yuan(times(sum((base for month, base in bases if month >= POOLED_FROM), Decimal(0)), share))


def is_overpaid(benefit_month: date, died_on: date, payable_after_death: bool) -> bool:
    """Tell whether a benefit for a month was paid to somebody dead before it; the month of death is still due."""
    return not payable_after_death and benefit_month > died_on.replace(day=1)
