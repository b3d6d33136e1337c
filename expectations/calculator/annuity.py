"""The occupational annuity: 国办发〔2015〕18号. Two parts, one made good (记实) at retirement."""

from dataclasses import dataclass
from decimal import Decimal

from expectations.calculator.accounts import Movement
from expectations.calculator.money import quotient, times, yuan


@dataclass(frozen=True)
class Contribution:
    """What a month's contribution books, and what was due on its base, in yuan."""

    funded: Decimal
    notional: Decimal
    unit_due: Decimal
    person_due: Decimal


@dataclass(frozen=True)
class AnnuityYear:
    """What a year comes to, in yuan."""

    year: int
    funded_opening: Decimal
    notional_opening: Decimal
    funded_credited: Decimal
    notional_credited: Decimal
    month_product: Decimal
    opening_interest: Decimal
    current_interest: Decimal
    settled: Decimal

    @property
    def interest(self) -> Decimal:
        return self.opening_interest + self.current_interest

    @property
    def funded_closing(self) -> Decimal:
        return self.funded_opening + self.funded_credited + self.settled

    @property
    def notional_closing(self) -> Decimal:
        return self.notional_opening + self.notional_credited + self.interest - self.settled


def contribution(
    base: Decimal, unit: Decimal, person: Decimal, is_notional: bool, unit_rate: Decimal, person_rate: Decimal
) -> Contribution:
    """Return how parts received are booked: the person's in cash, the unit's notional if its budget pays it in full.

    Both are due on the same base, at rates that are fractions of it; each rounded to the fen.
    """
    funded, notional = (person, unit) if is_notional else (person + unit, Decimal("0.00"))
    return Contribution(funded, notional, yuan(times(base, unit_rate)), yuan(times(base, person_rate)))


def annuity_year(
    year: int,
    opening: tuple[Decimal, Decimal],
    rate: Decimal,
    funded: tuple[Movement, ...] = (),
    notional: tuple[Movement, ...] = (),
    retired: tuple[int, int] | None = None,
) -> AnnuityYear:
    """Return a year of an annuity that opens with (funded, notional); bookings are by month received.

    `retired` is (year, month): the notional part earns to that month, included, and is then made good whole; what is
    booked after it earns nothing and is made good in the year it is booked. Only the notional part earns interest.
    """
    is_settled = retired is not None and retired[0] <= year
    last = 12
    if retired is not None and is_settled:
        last = retired[1] if retired[0] == year else 0
    product = sum((amount * max(last - month + 1, 0) for month, amount in notional), Decimal("0.00"))
    on_opening = yuan(quotient(times(opening[1], rate, Decimal(last)), Decimal(12)))
    on_bookings = yuan(quotient(times(product, rate), Decimal(12)))
    credited = [sum((amount for _, amount in part), Decimal("0.00")) for part in (funded, notional)]
    whole = opening[1] + credited[1] + on_opening + on_bookings
    settled = whole if is_settled else Decimal("0.00")
    return AnnuityYear(year, *opening, *credited, product, on_opening, on_bookings, settled)
