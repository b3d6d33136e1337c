"""Who is one person, when he took part, and whom the schemes cover. Months are counted as year x 12 + month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from expectations.calculator.money import EXACT, quotient


@dataclass(frozen=True)
class Person:
    """A person number with the identity it bears, its first insured month and the day of death."""

    number: str
    identity: str | None
    first_insured: date | None = None
    died: date | None = None


@dataclass(frozen=True)
class Spell:
    """A stretch of months in one scheme; an end of None is open. Status: contributing, paused, retired or ended."""

    person: str
    scheme: str
    start: date
    end: date | None = None
    status: str = "contributing"


def survivors(persons: Sequence[Person]) -> dict[str, tuple[str, str]]:
    """Return for each number the one that survives and the reason.

    Numbers of one identity are one person's; the one insured first survives, then the smallest (a project rule). An
    unknown first month is later than any other; a number without identity stands alone.
    """
    found = {}
    for person in persons:
        same = [it for it in persons if it.identity == person.identity and it.identity is not None] or [person]
        best = min(same, key=lambda it: (it.first_insured or date.max, it.number))
        reason = "insured_later" if best.first_insured != person.first_insured else "larger_number"
        if best == person:
            reason = "kept" if len(same) > 1 else "only_number"
        found[person.number] = (best.number, reason)
    return found


def _months(spell: Spell, as_of: date) -> set[int]:
    first = spell.start.year * 12 + spell.start.month
    until = spell.end or max(as_of, spell.start)
    return set(range(first, until.year * 12 + until.month + 1))


def spell_months(spells: Sequence[Spell], as_of: date) -> list[tuple[int, int, int]]:
    """Return for each spell its months, those that others of the person and scheme have too, and the gap before it.

    The gap is what lies between all spells that began before (of those that begin together: the longer one last) and
    this one. An open spell counts to the month of `as_of`.
    """
    found = []
    for at, spell in enumerate(spells):
        mine = _months(spell, as_of)
        beside = [
            (min(months), max(months), number, months)
            for number, other in enumerate(spells)
            if number != at and (other.person, other.scheme) == (spell.person, spell.scheme)
            for months in [_months(other, as_of)]
        ]
        shared = mine & set().union(*(months for *_, months in beside))
        before = [last for first, last, number, _ in beside if (first, last, number) < (min(mine), max(mine), at)]
        gap = max(min(mine) - max(before) - 1, 0) if before else 0
        found.append((len(mine), len(shared), gap))
    return found


def coverage(
    persons: Sequence[Person], spells: Sequence[Spell], pensions: Sequence[str], month: date
) -> Mapping[str, int | Decimal | None]:
    """Return how the registered living persons stand in the pension schemes in a month, and the share covered.

    Retired goes before contributing, contributing before paused. Who died in the month is no longer living. The share
    is rounded to 6 places, and None where nobody is registered.
    """
    whose = {number: kept for number, (kept, _) in survivors(persons).items()}
    counts = dict.fromkeys(("registered", "contributing", "paused", "retired", "uncovered"), 0)
    for kept in sorted(set(whose.values())):
        numbers = [person for person in persons if whose[person.number] == kept]
        since = min((it.first_insured for it in numbers if it.first_insured), default=None)
        died = min((it.died.replace(day=1) for it in numbers if it.died), default=None)
        if (since and since > month) or (died and died <= month):
            continue
        statuses = {
            spell.status
            for spell in spells
            if whose.get(spell.person) == kept
            and spell.scheme in pensions
            and spell.start <= month <= (spell.end or date.max)
        }
        status = next((it for it in ("retired", "contributing", "paused") if it in statuses), "uncovered")
        counts["registered"] += 1
        counts[status] += 1
    share = None
    if counts["registered"]:
        exact = quotient(Decimal(counts["registered"] - counts["uncovered"]), Decimal(counts["registered"]))
        share = exact.quantize(Decimal("0.000001"), ROUND_HALF_UP, EXACT)
    return {**counts, "share": share}
