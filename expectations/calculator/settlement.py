"""When a contribution month is made good: rolling allocation (滚动分配), 劳办发〔1997〕116号."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal("0.00")


@dataclass(frozen=True)
class Due:
    """What is due of a person in a scheme for a liability month (its first day), in yuan."""

    month: date
    unit: Decimal
    person: Decimal


@dataclass(frozen=True)
class Receipt:
    """What was received for a liability month on a day, in yuan; negative where it was given back."""

    month: date
    received_on: date
    unit: Decimal
    person: Decimal


@dataclass(frozen=True)
class Settled:
    """A month with the day it is booked on (None: it is not) and what of the payments pays it, in yuan."""

    month: date
    booked_on: date | None
    unit_allocated: Decimal
    person_allocated: Decimal


def settle(dues: Sequence[Due], receipts: Sequence[Receipt]) -> list[Settled]:
    """Return the months due, in order: each is paid by what is left when all earlier ones are.

    Money for a month that is not due pays nothing. A month is booked on the first day at whose end both parts of it
    and of all months before it are covered; what was booked stays booked.
    """
    dues = sorted(dues, key=lambda due: due.month)
    known = {due.month for due in dues}
    counting = [receipt for receipt in receipts if receipt.month in known]
    booked: dict[date, date] = {}
    for day in sorted({receipt.received_on for receipt in counting}):
        unit, person = _received(counting, day)
        for due in dues:
            unit, person = unit - due.unit, person - due.person
            if unit < 0 or person < 0:
                break
            booked.setdefault(due.month, day)
    settled = []
    unit, person = _received(counting, date.max)
    for due in dues:
        parts = (min(max(unit, ZERO), due.unit), min(max(person, ZERO), due.person))
        settled.append(Settled(due.month, booked.get(due.month), *parts))
        unit, person = unit - due.unit, person - due.person
    return settled


def _received(receipts: Sequence[Receipt], day: date) -> tuple[Decimal, Decimal]:
    """Return both parts of what was received up to the end of a day."""
    told = [receipt for receipt in receipts if receipt.received_on <= day]
    return sum((it.unit for it in told), ZERO), sum((it.person for it in told), ZERO)
