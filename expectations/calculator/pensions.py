"""Pensions: age, divisor and parts (国发〔2005〕38号; decision of 2024-09-13), work injury and maternity benefits."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from expectations.calculator.money import EXACT, quotient, times, yuan

TENTH, INDEX = Decimal("0.1"), Decimal("0.0001")


def delay_months(birth_months_later: int, step: int, most: int) -> int:
    """Return the delay of retirement of someone born so many months after the first month of birth that is delayed."""
    if birth_months_later < 0:
        return 0
    return min(most, 1 + birth_months_later // step)


def divisor(age_months: int, table: Mapping[int, Decimal], by_month: bool) -> Decimal:
    """Return the divisor months at an age in months: of the whole year, or between two birthdays to 0.1."""
    years, months = divmod(age_months, 12)
    if not by_month or not months:
        return table[years]
    between = times(table[years + 1] - table[years], Decimal(months))
    return (table[years] + quotient(between, Decimal(12))).quantize(TENTH, ROUND_HALF_UP, EXACT)


def contribution_index(years: Sequence[tuple[Decimal, Decimal | None, int]]) -> Decimal | None:
    """Return the average contribution index of years of (sum of bases, average wage, months), to 0.0001.

    None while the wage of one of them is not known. Each year's quotient is kept to eight places.
    """
    total, count = Decimal(0), 0
    for bases, wage, months in years:
        if wage is None:
            return None
        total += quotient(bases, wage).quantize(Decimal("0.00000001"), ROUND_HALF_UP, EXACT)
        count += months
    return quotient(total, Decimal(count)).quantize(INDEX, ROUND_HALF_UP, EXACT) if count else None


def basic_pension(wage: Decimal, index: Decimal, months: int, percent: Decimal) -> Decimal:
    """Return (wage + wage x index) / 2 x years x percent, in yuan a month."""
    mean = quotient(wage + times(wage, index), Decimal(2))
    return yuan(quotient(times(mean, Decimal(months), percent), Decimal(1200)))


def account_pension(balance: Decimal, divisor_months: Decimal) -> Decimal:
    """Return what the account pays a month."""
    return yuan(quotient(balance, divisor_months))


def transitional_pension(wage: Decimal, index: Decimal, deemed_months: int, percent: Decimal) -> Decimal:
    """Return wage x index x deemed years x percent, in yuan a month."""
    return yuan(quotient(times(wage, index, Decimal(deemed_months), percent), Decimal(1200)))


def average(amounts: Sequence[Decimal]) -> Decimal:
    """Return the average of monthly amounts, to the fen."""
    return yuan(quotient(sum(amounts, Decimal(0)), Decimal(len(amounts))))


def disability(own_wage: Decimal, grant_months: int, allowance_share: Decimal) -> tuple[Decimal, Decimal]:
    """Return the grant paid once and the allowance a month of a grade (工伤保险条例 arts. 35-37), in yuan."""
    return yuan(times(own_wage, Decimal(grant_months))), yuan(times(own_wage, allowance_share))


def maternity_allowance(unit_wage: Decimal, days: int, month_days: int) -> Decimal:
    """Return the unit's average monthly wage of the year before / 30 x days (社会保险法 art. 56), in yuan."""
    return yuan(quotient(times(unit_wage, Decimal(days)), Decimal(month_days)))
