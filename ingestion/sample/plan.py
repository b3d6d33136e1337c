"""What befalls each person during the span: decided beforehand, so that every kind of event occurs in any province."""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np


class Role(IntEnum):
    """What a person is when the span begins."""

    CONTRIBUTING = 0
    RETIRED = 1
    PAUSED = 2
    JOINER = 3
    TRANSFERRED_IN = 4


class Event(IntEnum):
    """The one thing that happens to a person, from the first month in which the new state holds."""

    NONE = 0
    RETIREMENT = 1
    PAUSE = 2
    PAUSE_AND_RETURN = 3
    RETURN = 4
    CHANGE_OF_UNIT = 5
    TERMINATION = 6
    TRANSFER_OUT = 7
    DEATH = 8
    INJURY = 9
    MATERNITY = 10


# Permille of the persons requested who have a role when the span begins or, for the last two, enter in a year.
_RETIRED, _PAUSED = 270, 40
_JOINERS, _TRANSFERRED_IN = 36, 6
# Events a year, permille of those with the role.
_RATES = {
    Role.CONTRIBUTING: {
        Event.RETIREMENT: 14,
        Event.PAUSE: 10,
        Event.PAUSE_AND_RETURN: 14,
        Event.CHANGE_OF_UNIT: 20,
        Event.TERMINATION: 4,
        Event.TRANSFER_OUT: 5,
        Event.DEATH: 2,
        Event.INJURY: 2,
        Event.MATERNITY: 12,
    },
    Role.RETIRED: {Event.DEATH: 30},
    Role.PAUSED: {Event.RETURN: 150},
}
_CLOSING = (Event.TRANSFER_OUT, Event.DEATH)
NEVER = 10**6  # a month after every span


@dataclass
class Plan:
    """One position per person. `month` is that of the event (NEVER when none), `later_month` that of what follows:
    the return, or the payment that closes the account. `entry` is the month of joining, the first month for others.
    """

    role: np.ndarray
    event: np.ndarray
    month: np.ndarray
    later_month: np.ndarray
    entry: np.ndarray

    def closes(self) -> np.ndarray:
        """Tell whose account an event closes."""
        return np.isin(self.event, _CLOSING)


def draw_plan(rng: np.random.Generator, persons: int, first_month: int, last_month: int) -> Plan:
    """Draw roles and events for that many persons over the months first_month..last_month."""
    months = last_month - first_month + 1
    least = 2 if persons >= 200 else 1
    shuffled = rng.permutation(persons)
    role = np.full(persons, Role.CONTRIBUTING, np.uint8)
    entry = np.full(persons, first_month, np.int64)
    taken = 0
    for kind, share in ((Role.RETIRED, _RETIRED), (Role.PAUSED, _PAUSED), *_entering(months)):
        count = max(least, persons * share // 1000)
        role[shuffled[taken : taken + count]] = kind
        taken += count
    entering = np.flatnonzero((role == Role.JOINER) | (role == Role.TRANSFERRED_IN))
    entry[entering] = first_month + rng.integers(1, max(months, 2), len(entering))
    plan = Plan(
        role=role,
        event=np.zeros(persons, np.uint8),
        month=np.full(persons, NEVER, np.int64),
        later_month=np.full(persons, NEVER, np.int64),
        entry=entry,
    )
    for kind, rates in _RATES.items():
        _spread_events(rng, plan, np.flatnonzero(role == kind), rates, (first_month, months, least))
    return plan


def _entering(months: int) -> tuple[tuple[Role, int], ...]:
    """Return the roles of those who enter after the first month, and their shares."""
    if months == 1:
        return ()
    return tuple(
        (role, share * months // 12)
        for role, share in ((Role.JOINER, _JOINERS), (Role.TRANSFERRED_IN, _TRANSFERRED_IN))
    )


def _spread_events(
    rng: np.random.Generator, plan: Plan, pool: np.ndarray, rates: dict[Event, int], span: tuple[int, int, int]
) -> None:
    """Give events to some of the persons in `pool`, each kind at least `least` times; nobody has two.

    `span` is (first month, number of months, least).
    """
    first_month, months, least = span
    pool = rng.permutation(pool)
    taken = 0
    for event, rate in rates.items():
        rows = pool[taken : taken + max(least, len(pool) * rate * months // 12_000)]
        taken += len(rows)
        plan.event[rows] = event
        room = 4 if event == Event.PAUSE_AND_RETURN else 2 if event in _CLOSING else 0
        plan.month[rows] = first_month + rng.integers(1, max(months - room, 2), len(rows))
        if event == Event.PAUSE_AND_RETURN:
            plan.later_month[rows] = plan.month[rows] + rng.integers(1, 4, len(rows))
        elif event in _CLOSING:
            plan.later_month[rows] = plan.month[rows] + rng.integers(0, 3, len(rows))
