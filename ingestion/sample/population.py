"""Persons: who they are, consistent with what the plan says befalls them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ingestion.outgoing.text import MISSING, Column, encoded, joined, number_text, numbered, take
from ingestion.sample.calendar import day_numbers, days_in_month
from ingestion.sample.geography import Geography
from ingestion.sample.identities import bank_accounts, citizen_numbers, draw_citizen_bodies
from ingestion.sample.names import draw_ethnic_groups, draw_names, name_bytes
from ingestion.sample.plan import Event, Plan, Role
from ingestion.sample.policy import annuity_divisors
from ingestion.sample.units import ENTERPRISE, Units

MALE, FEMALE = 1, 2
_BOOKS_BEGIN = 1992 * 12  # contributions before personal accounts existed count as deemed months
NO_ACCOUNT_AFTER = 240  # months since retirement: who retired before had no personal account
_STREETS = "人民路 环城东路 环城西路 北京路 建设路 文化巷 龙泉路 团结路 翠湖南路 振兴街 迎宾大道 金碧路 民族街 站前路"
_LEGACY_REGION_SHARE = 40  # permille of the persons of the two renamed prefectures


@dataclass
class Persons:
    """Persons as columns, one position per person; months and days as numbers.

    pension: position of the pension scheme (0 enterprise, 1 institution); region: six digits as registered
    """

    number: pa.BinaryArray
    identity: pa.BinaryArray
    bodies: np.ndarray
    words: np.ndarray
    name: pa.BinaryArray
    sex: np.ndarray
    ethnic_group: np.ndarray
    ethnic_codes: list[str]
    born_on: np.ndarray
    retirement_age: np.ndarray
    started_work_on: np.ndarray
    first_insured: np.ndarray
    retired_on: np.ndarray
    died_on: np.ndarray
    unit: np.ndarray
    pension: np.ndarray
    county: np.ndarray
    has_legacy_region: np.ndarray
    moves: np.ndarray
    geography: Geography

    def __len__(self) -> int:
        return len(self.sex)

    @property
    def prefecture(self) -> np.ndarray:
        """Return the position of each person's prefecture as it is today."""
        return self.geography.county_prefecture[self.county]

    def region(self, rows: np.ndarray) -> pa.BinaryArray:
        """Return the region codes as registered: for a few, the code from before the prefecture was renamed."""
        both = pa.concat_arrays([self.geography.county_region, self.geography.county_legacy_region])
        return take(both, self.county[rows] + len(self.geography.county_region) * self.has_legacy_region[rows])

    def register_columns(self, rows: np.ndarray) -> dict[str, Column]:
        """Return the columns of the register file for the persons at `rows`."""
        house = number_text((rows * 7 + self.moves[rows] * 13) % 988 + 1).cast(pa.binary())
        mobile = 13_800_000_000 + (rows * 8_191 + self.moves[rows] * 5) % 100_000_000
        return {
            "person_number": take(self.number, rows),
            "identity_number": take(self.identity, rows),
            "person_name": take(self.name, rows),
            "sex_code": take(encoded("012", "ascii"), self.sex[rows]),
            "ethnic_group_code": take(encoded(self.ethnic_codes, "ascii"), self.ethnic_group[rows]),
            "born_on": self.born_on[rows],
            "started_work_on": self.started_work_on[rows],
            "first_insured_month": self.first_insured[rows],
            "region_code": self.region(rows),
            "postal_address": joined(
                take(self.geography.county_names, self.county[rows]),
                take(encoded(_STREETS.split(), "gb18030"), (rows + self.moves[rows]) % len(_STREETS.split())),
                house,
                "号".encode("gb18030"),
            ),
            "postcode": take(self.geography.county_postcodes, self.county[rows]),
            "phone_number": number_text(mobile).cast(pa.binary()),
            "retired_on": self.retired_on[rows],
            "died_on": self.died_on[rows],
        }

    def bank_accounts(self, rows: np.ndarray) -> pa.BinaryArray:
        """Return the bank accounts of the persons at `rows`."""
        return bank_accounts(rows)


def draw_persons(rng: np.random.Generator, plan: Plan, units: Units, first_month: int, last_month: int) -> Persons:
    """Draw the persons that the plan speaks of, and their employers."""
    count = len(plan.role)
    geography = units.geography
    unit = _draw_units_of_persons(rng, plan, units)
    pension = units.kind[unit]
    sex = np.where(rng.integers(0, 100, count) < 54, MALE, FEMALE).astype(np.uint8)
    sex[plan.event == Event.MATERNITY] = FEMALE
    retirement_age = _retirement_ages(rng, sex, pension)
    born_month = _birth_months(rng, plan, retirement_age, first_month, last_month)
    days = rng.integers(0, days_in_month(born_month)) + 1
    born_on = day_numbers(born_month, days)
    started, first_insured = _work_months(rng, plan, born_month, retirement_age, first_month)
    county = units.county[unit]
    legacy = geography.has_legacy_code()[county]
    bodies = draw_citizen_bodies(
        rng,
        geography.birth_counties(rng, _birth_prefectures(rng, geography, units.prefecture[unit]), born_month // 12),
        born_on,
        sex,
    )
    groups, codes = draw_ethnic_groups(rng, count)
    words = draw_names(rng, groups, codes)
    retires = (plan.role == Role.RETIRED) | (plan.event == Event.RETIREMENT)
    dies = plan.event == Event.DEATH
    return Persons(
        number=numbered("53", np.arange(count) + 1, 10),
        identity=citizen_numbers(bodies),
        bodies=bodies,
        words=words,
        name=name_bytes(words, "gb18030"),
        sex=sex,
        ethnic_group=groups,
        ethnic_codes=codes,
        born_on=born_on,
        retirement_age=retirement_age,
        started_work_on=day_numbers(started, rng.integers(1, 29, count)),
        first_insured=first_insured,
        retired_on=np.where(retires, day_numbers(born_month + retirement_age * 12, np.minimum(days, 28)), MISSING),
        died_on=np.where(
            dies, day_numbers(np.where(dies, plan.month - 1, first_month), rng.integers(1, 29, count)), MISSING
        ),
        unit=unit,
        pension=pension,
        county=county,
        has_legacy_region=_draw_legacy_regions(rng, legacy),
        moves=np.zeros(count, np.uint8),
        geography=geography,
    )


def _draw_legacy_regions(rng: np.random.Generator, able: np.ndarray) -> np.ndarray:
    """Draw who is registered with the code from before the prefecture was renamed: somebody, and not everybody."""
    chosen = able & (rng.integers(0, 1000, len(able)) < _LEGACY_REGION_SHARE)
    some = np.flatnonzero(able)[:2]
    chosen[some] = np.arange(len(some)) == 0
    return chosen


def _draw_units_of_persons(rng: np.random.Generator, plan: Plan, units: Units) -> np.ndarray:
    """Draw the first unit of each person: one that is open then; every unit of the beginning gets a contributor."""
    count = len(plan.role)
    old = np.flatnonzero(units.opened == units.opened.min())
    new = np.setdiff1d(np.arange(len(units.opened)), old)
    bounds = np.cumsum(units.weights[old])
    unit = old[np.searchsorted(bounds, rng.integers(0, bounds[-1], count), side="right")]
    contributors = rng.permutation(np.flatnonzero((plan.role == Role.CONTRIBUTING) & (plan.event == Event.NONE)))
    some = min(len(old), len(contributors))
    unit[contributors[:some]] = old[:some]
    joiners = np.flatnonzero(plan.role == Role.JOINER)
    for number in new:
        able = joiners[plan.entry[joiners] >= units.opened[number]]
        unit[rng.permutation(able)[: max(1, len(joiners) // (4 * len(new)))]] = number
    # A mother is insured for maternity, which only enterprises pay.
    mothers = np.flatnonzero(plan.event == Event.MATERNITY)
    enterprises = old[units.kind[old] == ENTERPRISE]
    unit[mothers] = enterprises[rng.integers(0, len(enterprises), len(mothers))]
    return unit.astype(np.int32)


def _retirement_ages(rng: np.random.Generator, sex: np.ndarray, pension: np.ndarray) -> np.ndarray:
    """Return 60 for men, 55 for women of institutions and women cadres, 50 for other women."""
    cadre = (pension == 1) | (rng.integers(0, 100, len(sex)) < 25)
    return np.where(sex == MALE, 60, np.where(cadre, 55, 50)).astype(np.int64)


def _birth_months(
    rng: np.random.Generator, plan: Plan, retirement_age: np.ndarray, first_month: int, last_month: int
) -> np.ndarray:
    """Draw months of birth such that exactly those retire in the span of whom the plan says so."""
    count = len(plan.role)
    youngest, eldest = 20 * 12, retirement_age * 12 - (last_month - first_month) - 2
    born = first_month - rng.integers(youngest, eldest)
    mothers = plan.event == Event.MATERNITY
    born[mothers] = first_month - rng.integers(22 * 12, 40 * 12, mothers.sum())
    for role, youngest, eldest in ((Role.JOINER, 18 * 12, 34 * 12), (Role.TRANSFERRED_IN, 26 * 12, 44 * 12)):
        entering = plan.role == role
        born[entering] = plan.entry[entering] - rng.integers(youngest, eldest, entering.sum())
    retired = plan.role == Role.RETIRED
    since = rng.integers(1, 384, (2, count)).min(axis=0)
    # In every province some have no account any more, some an exhausted one, some one that runs out in a few months.
    rows = np.flatnonzero(retired)[:6]
    since[rows[0::3]] = NO_ACCOUNT_AFTER + 60
    since[rows[1::3]] = annuity_divisors()[retirement_age[rows[1::3]]] + 5
    since[rows[2::3]] = annuity_divisors()[retirement_age[rows[2::3]]] - 3
    born[retired] = (first_month - retirement_age * 12 - since)[retired]
    retiring = plan.event == Event.RETIREMENT
    born[retiring] = (plan.month - 1 - retirement_age * 12)[retiring]
    return born


def _work_months(
    rng: np.random.Generator, plan: Plan, born: np.ndarray, retirement_age: np.ndarray, first_month: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draw the months of starting work and of being insured first."""
    count = len(born)
    known = np.where(plan.role == Role.RETIRED, born + retirement_age * 12 - 120, first_month - 1)
    entering = plan.role >= Role.JOINER
    known = np.where(entering, plan.entry, known)
    started = np.minimum(born + 18 * 12 + rng.integers(0, 72, count), known)
    insured = np.minimum(np.maximum(started, _BOOKS_BEGIN) + rng.integers(0, 24, count), np.maximum(known, started))
    joining = plan.role == Role.JOINER
    return np.where(joining, plan.entry, started), np.where(joining, plan.entry, insured)


def _birth_prefectures(rng: np.random.Generator, geography: Geography, home: np.ndarray) -> np.ndarray:
    """Draw where persons were born: most where they work."""
    elsewhere = rng.integers(0, len(geography.prefecture_codes), len(home))
    return np.where(rng.integers(0, 100, len(home)) < 80, home, elsewhere)
