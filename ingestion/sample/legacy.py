"""The legacy system's view of the same people: a little wrong in known places, which are counted for the truth."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.outgoing.text import Column, chunks, encoded, number_text, numbered, take
from ingestion.sample.accounts import AccountYear
from ingestion.sample.calendar import month_code
from ingestion.sample.identities import citizen_checks, citizen_numbers
from ingestion.sample.names import name_bytes
from ingestion.sample.outbox import Outbox
from ingestion.sample.policy import MILLION, bookkeeping_rates, divide_half_away
from ingestion.sample.population import Persons
from ingestion.sample.spells import PENSIONS
from ingestion.sample.truth import write_csv

# Permille of the persons or accounts with each fault; at least one each.
_SHORT, _CHECKSUM, _SEX, _BIRTH, _MISSING = 3, 2, 2, 2, 0.5
_REGION = 40  # of the persons whose prefecture was renamed
_FEN, _ANNUAL_METHOD, _MISSING_ACCOUNT = 2, 3, 0.5
_EXTRA = 0.5
_ANNUAL_FACTOR = 1083  # permille; 劳办发〔1997〕116号 annex 3, annual method: P x (1 + r x 1.083 / 2)


@dataclass
class _LegacyAmounts:
    """What the legacy system computed for each account of a year, in fen."""

    interest: np.ndarray
    closing: np.ndarray


class LegacySystem:
    """Writes the files of the legacy system and counts where they differ from the new one."""

    def __init__(self, rng: np.random.Generator, persons: Persons):
        self._rng, self._persons = rng, persons
        self._differences: list[tuple[str, str, str, str, int]] = []

    def write_differences(self, directory: Path) -> None:
        """Write legacy_differences.csv: what a full join on the key finds, by file and column."""
        head = ("table_name", "period_code", "column_name", "difference_kind", "difference_count")
        write_csv(directory / "legacy_differences.csv", head, self._differences)

    def _note(self, table: str, month: int, only_legacy: int, only_new: int, differing: Mapping[str, int]) -> None:
        code = month_code(month)
        self._differences += [(table, code, column, "differs", count) for column, count in differing.items()]
        self._differences += [(table, code, "", "only_legacy", only_legacy), (table, code, "", "only_new", only_new)]

    def _pick(self, pool: np.ndarray, permille: float) -> np.ndarray:
        """Draw some of the pool, at least one unless it is empty."""
        return self._rng.permutation(pool)[: max(1, int(len(pool) * permille / 1000))]

    def _extra_numbers(self, count: int) -> pa.BinaryArray:
        """Return numbers that no person of the new system has."""
        return numbered("59", np.arange(1, count + 1), 10)

    def _count_extra(self, rows: np.ndarray) -> int:
        return max(1, int(len(rows) * _EXTRA / 1000))

    def send_persons(self, rows: np.ndarray, month: int, outbox: Outbox) -> None:
        """Write the persons known at the end of a month; `rows` are those that the new system knows."""
        persons, geography = self._persons, self._persons.geography
        renamed = geography.has_legacy_code()[persons.county[rows]] & ~persons.has_legacy_region[rows]
        region = self._pick(rows[renamed], _REGION)
        rest = np.setdiff1d(rows, region)
        faults = {}
        for name, permille in (
            ("missing", _MISSING),
            ("short", _SHORT),
            ("check", _CHECKSUM),
            ("sex", _SEX),
            ("birth", _BIRTH),
        ):
            faults[name] = self._pick(rest, permille)
            rest = np.setdiff1d(rest, faults[name])
        faults["region"] = region
        known = np.setdiff1d(rows, faults["missing"])
        differing: dict[str, int] = {}
        with outbox.monthly("legacy_system", "persons", month) as file:
            for part in chunks(known):
                columns = self._person_columns(part, faults)
                file.write(columns)
                new = persons.register_columns(part)
                for field in file.layout.fields:
                    count = differing.get(field.name, 0) + _count_different(columns[field.name], new[field.name])
                    differing[field.name] = count
            extra = self._count_extra(rows)
            twins = self._rng.choice(rows, extra, replace=False)
            file.write({**self._person_columns(twins, faults), "person_number": self._extra_numbers(extra)})
        del differing["person_number"]
        self._note("persons", month, extra, len(faults["missing"]), differing)

    def _person_columns(self, rows: np.ndarray, faults: Mapping[str, np.ndarray]) -> dict[str, Column]:
        persons = self._persons
        has = {name: np.isin(rows, chosen) for name, chosen in faults.items()}
        right = persons.register_columns(rows)
        bodies = persons.bodies[rows]
        short = number_text(bodies // 10**11 * 10**9 + bodies % 10**9).cast(pa.binary())
        wrong = citizen_numbers(bodies, (citizen_checks(bodies) + 1) % 11)
        identity = pc.if_else(pa.array(has["check"]), wrong, right["identity_number"])
        old_region = take(persons.geography.county_legacy_region, persons.county[rows])
        born_on = right["born_on"]
        return {
            "person_number": right["person_number"],
            "identity_number": pc.if_else(pa.array(has["short"]), short, identity),
            "person_name": name_bytes(persons.words[:, rows], "gbk"),
            "sex_code": take(encoded("012", "ascii"), np.where(has["sex"], 3 - persons.sex[rows], persons.sex[rows])),
            "born_on": np.where(has["birth"], born_on // 100 * 100 + born_on % 100 % 28 + 1, born_on),
            "region_code": pc.if_else(pa.array(has["region"]), old_region, right["region_code"]),
            "first_insured_month": right["first_insured_month"],
        }

    def send_account_year(self, accounts: AccountYear, month: int, outbox: Outbox) -> None:
        """Write the accounts as the legacy system closed them in the December `month`."""
        wrong = self._as_legacy_closed_them(accounts)
        compared = (
            ("opening_balance_yuan", accounts.opening, accounts.opening),
            ("principal_credited_yuan", accounts.principal, accounts.principal),
            ("interest_credited_yuan", accounts.interest_on_opening + accounts.interest_on_current, wrong.interest),
            ("account_outflow_yuan", accounts.outflow, accounts.outflow),
            ("closing_balance_yuan", accounts.closing, wrong.closing),
        )
        only_legacy, only_new, kept = self._write_accounts(accounts, wrong, month, outbox)
        differing = {name: int((new != old)[kept].sum()) for name, new, old in compared}
        self._note("account_years", month, only_legacy, only_new, differing)

    def send_carried_over(self, accounts: AccountYear, month: int, outbox: Outbox) -> None:
        """Write the balances that were carried over, as closed in the December before the span."""
        closing = accounts.closing.copy()
        closing[self._pick(np.arange(len(closing)), _FEN)] += 1
        wrong = _LegacyAmounts(np.zeros(len(closing), np.int64), closing)
        only_legacy, only_new, kept = self._write_accounts(accounts, wrong, month, outbox)
        differing = {"opening_balance_yuan": int((closing != accounts.closing)[kept].sum())}
        self._note("opening_balances", month, only_legacy, only_new, differing)

    def _as_legacy_closed_them(self, accounts: AccountYear) -> _LegacyAmounts:
        """Return interest and closing with faults: some by the annual method, some off by a fen."""
        rate = bookkeeping_rates()[accounts.year]
        interest = accounts.interest_on_opening + accounts.interest_on_current
        annual = divide_half_away(accounts.opening * rate, MILLION)
        annual += divide_half_away(accounts.principal * rate * _ANNUAL_FACTOR, 2 * 1000 * MILLION)
        able = np.flatnonzero((accounts.principal > 0) & (accounts.closing > 0) & (annual != interest))
        by_annual_method = self._pick(able, _ANNUAL_METHOD)
        off = self._pick(np.setdiff1d(np.arange(len(interest)), by_annual_method), _FEN)
        wrong = interest.copy()
        wrong[by_annual_method] = annual[by_annual_method]
        closing = accounts.closing + wrong - interest
        closing[off] += 1
        return _LegacyAmounts(wrong, closing)

    def _write_accounts(
        self, accounts: AccountYear, wrong: _LegacyAmounts, month: int, outbox: Outbox
    ) -> tuple[int, int, np.ndarray]:
        """Write accounts with wrong amounts; return how many only one side has, and which both have."""
        right = np.flatnonzero(
            (wrong.closing == accounts.closing)
            & (wrong.interest == accounts.interest_on_opening + accounts.interest_on_current)
        )
        missing = self._pick(right, _MISSING_ACCOUNT)
        kept = np.setdiff1d(np.arange(len(accounts.rows)), missing)
        extra = self._count_extra(accounts.rows)
        twins = self._rng.choice(kept, extra, replace=False)
        with outbox.monthly("legacy_system", "account_balances", month) as file:
            for part in chunks(kept):
                file.write(self._account_columns(accounts, wrong, part))
            file.write({**self._account_columns(accounts, wrong, twins), "person_number": self._extra_numbers(extra)})
        return extra, len(missing), kept

    def _account_columns(self, accounts: AccountYear, wrong: _LegacyAmounts, part: np.ndarray) -> dict[str, Column]:
        rows = accounts.rows[part]
        return {
            "person_number": take(self._persons.number, rows),
            "insurance_code": take(encoded(PENSIONS, "ascii"), self._persons.pension[rows]),
            "account_year": np.full(len(part), accounts.year),
            "opening_balance_yuan": accounts.opening[part],
            "principal_credited_yuan": accounts.principal[part],
            "interest_credited_yuan": wrong.interest[part],
            "account_outflow_yuan": accounts.outflow[part],
            "closing_balance_yuan": wrong.closing[part],
        }


def _count_different(old: Column, new: Column) -> int:
    if isinstance(old, np.ndarray):
        return int((old != new).sum())
    return pc.sum(pc.not_equal(old, new)).as_py() or 0
