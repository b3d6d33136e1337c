"""What is due for a month, what comes late, what a plan has to be adjusted by. Amounts in yuan, rates as fractions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from expectations.calculator.money import quotient, times, yuan

ZERO = Decimal("0.00")
WEAKEST_FIRST = ("assumed", "secondary", "official")


@dataclass(frozen=True)
class Rates:
    """Shares of the base: what the unit pays, what the person pays, and what of it goes to the account."""

    unit: Decimal
    person: Decimal = Decimal(0)
    to_account: Decimal = Decimal(0)


@dataclass(frozen=True)
class Due:
    """What a month makes due, and the base it is reckoned from."""

    base: Decimal
    unit: Decimal
    person: Decimal
    credit: Decimal


def weakest_status(statuses: Iterable[str]) -> str:
    """Return the weakest status of the policy values that a figure rests on."""
    return min(statuses, key=WEAKEST_FIRST.index)


def bounded_base(
    declared: Decimal, wage: Decimal | None, floor_share: Decimal, ceiling_share: Decimal
) -> tuple[Decimal, str]:
    """Return the base a month is reckoned from, and why: 60 to 300 % of the average wage (国发〔2005〕38号).

    Without the wage the base is as declared.
    """
    if wage is None:
        return declared, "wage_unknown"
    floor, ceiling = yuan(times(wage, floor_share)), yuan(times(wage, ceiling_share))
    if declared < floor:
        return floor, "floor"
    return (ceiling, "ceiling") if declared > ceiling else (declared, "declared")


def due_on_base(base: Decimal, rates: Rates) -> Due:
    """Return base x rate for each payer, each rounded once."""
    return Due(base, *(yuan(times(base, rate)) for rate in (rates.unit, rates.person, rates.to_account)))


def undeclared(month_before: Due, share: Decimal) -> Due:
    """Return what is due where nothing was declared: a share of the month before (社会保险法 art. 62: 110 %)."""
    amounts = (month_before.base, month_before.unit, month_before.person, month_before.credit)
    return Due(*(yuan(times(amount, share)) for amount in amounts))


def work_injury_rate(base_rate: Decimal, percent: int, allowed: Sequence[int]) -> Decimal:
    """Return the rate a unit pays: its class's base rate, floating by a percentage that the class may have."""
    return quotient(times(base_rate, Decimal(percent)), Decimal(100)) if percent in allowed else base_rate


@dataclass(frozen=True)
class Payment:
    """Money received for one month; a due type such as a refund bears no surcharge."""

    received_on: date
    unit: Decimal
    person: Decimal
    bears_surcharge: bool = True


@dataclass(frozen=True)
class Surcharge:
    """What of a payment was owed after the due day, for how many days, and the surcharge on it."""

    received_on: date
    days: int
    late: Decimal
    surcharge: Decimal


def surcharges(
    month: date,
    due_day: int,
    owed: tuple[Decimal, Decimal],
    payments: Sequence[Payment],
    daily_rates: Sequence[tuple[date, date, Decimal]],
) -> list[Surcharge]:
    """Return the surcharges (滞纳金, 社会保险法 art. 86) on a month, in the order of payment.

    `month` is its first day; `due_day` the day of the month by which to pay, its last one where it has not so many.
    `owed`: of unit and person. daily_rates: (first day, day after the last, rate). The day of receipt counts, the due
    day does not; what is paid beyond what is owed is not late.
    """
    due_on = _day_of_month(month, due_day)
    unit_owed, person_owed = owed
    found = []
    for payment in sorted(payments, key=lambda it: it.received_on):
        late = max(min(payment.unit, unit_owed), ZERO) + max(min(payment.person, person_owed), ZERO)
        unit_owed, person_owed = unit_owed - payment.unit, person_owed - payment.person
        if payment.received_on > due_on and late > 0 and payment.bears_surcharge:
            days = [due_on + timedelta(number) for number in range(1, (payment.received_on - due_on).days + 1)]
            rate = sum((_rate_on(day, daily_rates) for day in days), Decimal(0))
            found.append(Surcharge(payment.received_on, len(days), yuan(late), yuan(times(late, rate))))
    return found


def _day_of_month(month: date, day: int) -> date:
    after = (month + timedelta(31)).replace(day=1)
    return min(month + timedelta(day - 1), after - timedelta(1))


def _rate_on(day: date, daily_rates: Sequence[tuple[date, date, Decimal]]) -> Decimal:
    (rate,) = (rate for first, after, rate in daily_rates if first <= day < after)
    return rate


@dataclass(frozen=True)
class Line:
    """A month of one person at one unit as planned or as due: base, unit's and person's part."""

    base: Decimal
    unit: Decimal
    person: Decimal


@dataclass(frozen=True)
class Adjustment:
    """What is to be levied beyond the plan by due type (AAA115); negative amounts are refunded."""

    due_type: str
    unit: Decimal
    person: Decimal

    @property
    def total(self) -> Decimal:
        return self.unit + self.person


def adjustment(planned: Sequence[Line], due: Line | None) -> Adjustment | None:
    """Return how what is due now differs from all that was planned for a month, None when it does not.

    20 what is less; else 31 what no plan had; 34 another base; 35 another rate.
    """
    now = due or Line(ZERO, ZERO, ZERO)
    base, unit, person = (sum((getattr(it, name) for it in planned), ZERO) for name in ("base", "unit", "person"))
    by = now.unit - unit, now.person - person
    if by == (0, 0):
        return None
    if sum(by) < 0:
        return Adjustment("20", *by)
    if not planned:
        return Adjustment("31", *by)
    return Adjustment("34" if now.base != base else "35", *by)
