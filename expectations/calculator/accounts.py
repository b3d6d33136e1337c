"""Yearly interest of personal accounts: 劳办发〔1997〕116号, annex 3."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from expectations.calculator.money import quotient, times, yuan

# What equal monthly bookings earn of a year's interest by the annual method: 1.083 x 1/2.
ANNUAL_FACTOR = Decimal("1.083")
Movement = tuple[int, Decimal]  # month of the year in which it is booked, amount in yuan


@dataclass(frozen=True)
class Year:
    """An account year in yuan. `closed_month` is None while the account stays open; `rate` a fraction of the year."""

    year: int
    rate: Decimal
    method: str = "month_product"
    bookings: tuple[Movement, ...] = ()
    outflows: tuple[Movement, ...] = ()
    closed_month: int | None = None


@dataclass(frozen=True)
class Balance:
    """What an account year comes to, in yuan; `paid_out` is what closes the account."""

    year: int
    opening: Decimal
    principal: Decimal
    outflow: Decimal
    month_product: Decimal
    opening_interest: Decimal
    current_interest: Decimal
    paid_out: Decimal

    @property
    def interest(self) -> Decimal:
        return self.opening_interest + self.current_interest

    @property
    def closing(self) -> Decimal:
        return self.opening + self.principal + self.interest - self.outflow - self.paid_out


def roll_forward(opening: Decimal, years: Sequence[Year]) -> list[Balance]:
    """Return the balances of years in order: what one closes with opens the next.

    Raises ValueError for a rate of 0 or less, naming the year.
    """
    balances = []
    for year in years:
        balance = settle(opening, year)
        balances.append(balance)
        opening = balance.closing
    return balances


def settle(opening: Decimal, year: Year) -> Balance:
    """Return the balance of one year; interest on the opening balance and on the year's movements rounded once each.

    A booking in month n earns the months from n to the last one, n included, and a payment loses as many. An
    account closed in month k ends there: k months on the opening balance, k - n + 1 on a booking, the rest paid out.
    """
    if year.rate <= 0:
        raise ValueError(f"{year.year} 年记账利率为 {year.rate}：应大于 0")
    last = year.closed_month or 12
    moved = [(month, amount) for month, amount in year.bookings]
    moved += [(month, -amount) for month, amount in year.outflows]
    product = sum((amount * (last - month + 1) for month, amount in moved if month <= last), Decimal(0))
    principal, outflow = (sum((it for _, it in part), Decimal(0)) for part in (year.bookings, year.outflows))
    if year.method == "annual" and year.closed_month is None:
        on_bookings = quotient(times(principal, year.rate, ANNUAL_FACTOR), Decimal(2))
        on_payments = quotient(times(outflow, year.rate, ANNUAL_FACTOR), Decimal(2)) - times(outflow, year.rate)
        current = yuan(on_bookings + on_payments)
    else:
        current = yuan(quotient(times(product, year.rate), Decimal(12)))
    on_opening = yuan(quotient(times(opening, year.rate, Decimal(last)), Decimal(12)))
    balance = Balance(year.year, opening, principal, outflow, product, on_opening, current, Decimal(0))
    return balance if year.closed_month is None else replace(balance, paid_out=balance.closing)


def resettlement(opening: Decimal, year: Year, provisional_rate: Decimal) -> Decimal:
    """Return what the announced rate of a year adds to the interest settled at a provisional one (may be negative)."""
    return settle(opening, year).interest - settle(opening, replace(year, rate=provisional_rate)).interest
