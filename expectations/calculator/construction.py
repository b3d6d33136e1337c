"""Work-injury insurance of construction projects: who was insured at the start, the premium, the share of new ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from expectations.calculator.money import EXACT, quotient, times, yuan


@dataclass(frozen=True)
class Project:
    """A record of a project as a file has it; `filed` orders records of one number, the largest is the latest.

    Contract price in yuan, rate in millionths of it; what is not known, and a project not insured, is None.
    """

    number: str
    started: date
    insured: date | None = None
    contract: Decimal = Decimal(0)
    rate_ppm: int | None = None
    filed: tuple[str, int] = ("", 1)


def latest(records: Sequence[Project]) -> dict[str, Project]:
    """Return the latest record of each project, by its number."""
    return {record.number: record for record in sorted(records, key=lambda record: record.filed)}


def is_insured_at_start(project: Project) -> bool:
    """Tell whether a project joined on the day it was started or before."""
    return project.insured is not None and project.insured <= project.started


def premium(project: Project) -> Decimal | None:
    """Return the premium in yuan: contract price by the agreed rate, to the fen; None without a rate."""
    if project.rate_ppm is None:
        return None
    return yuan(times(project.contract, Decimal(project.rate_ppm).scaleb(-6)))


def insured_share(projects: Sequence[Project], month: date) -> tuple[int, int, Decimal | None]:
    """Return the projects started in the year up to the end of a month, those insured by then, and their share.

    `month` is the first day of the month. The share is a fraction to 4 places (0.9995 is 99.95 %), None where nothing
    was started. Item 73 of the quarterly tables (建筑业新开工项目参保率).
    """
    after = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    started = [project for project in projects if date(month.year, 1, 1) <= project.started < after]
    insured = [project for project in started if project.insured is not None and project.insured < after]
    if not started:
        return 0, 0, None
    exact = quotient(Decimal(len(insured)), Decimal(len(started)))
    return len(started), len(insured), exact.quantize(Decimal("0.0001"), ROUND_HALF_UP, EXACT)
