"""A sample province, month by month: the exchange files that the bureaus would send, and the truth beside them."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np

from ingestion.feed_spec import all_feeds
from ingestion.outgoing.text import chunks
from ingestion.sample import geography
from ingestion.sample.accounts import Accounts, AccountYear
from ingestion.sample.base_faults import BaseFaults
from ingestion.sample.benefits import Benefits
from ingestion.sample.calendar import month_code, month_of, year_and_number
from ingestion.sample.construction import ConstructionProjects
from ingestion.sample.contributions import Contributions
from ingestion.sample.errors import SampleError
from ingestion.sample.extra_receipts import ExtraReceipts
from ingestion.sample.faults import FEWEST_MONTHS, Faults, left_out
from ingestion.sample.floating_rates import FloatingRates
from ingestion.sample.fund import Fund
from ingestion.sample.legacy import LegacySystem
from ingestion.sample.levy import LevyPlan
from ingestion.sample.openings import Openings
from ingestion.sample.outbox import Outbox
from ingestion.sample.payments import Disbursement
from ingestion.sample.plan import Event, Role, draw_plan
from ingestion.sample.policy import bookkeeping_rates
from ingestion.sample.population import draw_persons
from ingestion.sample.services import STREAMS, Services
from ingestion.sample.spells import CONTRIBUTING, PAUSED, PENSIONS, SCHEMES, Spells
from ingestion.sample.statements import Statements
from ingestion.sample.treasury import Treasury
from ingestion.sample.truth import (
    AccountTruth,
    ContributionTruth,
    Headcounts,
    completed_periods,
    write_files,
    write_fund,
    write_payments,
)
from ingestion.sample.units import draw_units

FEWEST_PERSONS = 50
_MOVES = 1  # permille of the persons whose address and telephone change in a month
_RENAMINGS = 2  # permille of the units


def write(
    directory: Path,
    persons: int,
    seed: int,
    first_month: date,
    last_month: date,
    progress: Callable[[str], None] | None = None,
    *,
    faults: bool = False,
) -> None:
    """Write the sample province to DIR/<source>/<file> and DIR/truth/.

    `persons` are all who are ever registered; months are given by any day in them. The same arguments give the same
    bytes. `progress` is told each month that is done. `faults` makes one of each kind of fault, listed in
    truth/faults.csv. Raise SampleError when the arguments do not make a province.
    """
    first, last = month_of(first_month), month_of(last_month)
    _check(directory, persons, seed, first, last)
    if faults:
        _check_room_for_faults(last - first + 1)
    province = Province(directory, persons, seed, first, last, faults)
    for month in range(first, last + 1):
        province.pass_month(month)
        if progress:
            progress(f"{month_code(month)} 已生成，共 {len(province.outbox.written)} 个交换文件")
    province.finish()


def _check(directory: Path, persons: int, seed: int, first: int, last: int) -> None:
    if persons < FEWEST_PERSONS:
        raise SampleError(f"人数 {persons} 太少：至少 {FEWEST_PERSONS} 人，各类业务才都有人办理")
    if seed < 0:
        raise SampleError(f"随机种子 {seed} 应是不小于 0 的整数")
    if first % 12:
        raise SampleError(f"起始月 {month_code(first)} 应是某年的 1 月：个人账户按年建账和结息")
    if last < first:
        raise SampleError(f"终止月 {month_code(last)} 早于起始月 {month_code(first)}")
    known = bookkeeping_rates()
    unknown = [str(year) for year in range(first // 12, last // 12 + 1) if year not in known]
    if unknown:
        raise SampleError(
            f"{'、'.join(unknown)} 年没有记账利率：dbt/seeds/policy/bookkeeping_rates.csv"
            f" 有 {min(known)} 至 {max(known)} 年"
        )
    folders = ["truth", *sorted({feed.source for feed in all_feeds()})]
    occupied = [path for folder in folders for path in sorted(Path(directory, folder).glob("*"))]
    if occupied:
        raise SampleError(f"{directory} 里已有文件（如 {occupied[0].parent.name}/{occupied[0].name}）；请换一个空目录")


def _check_room_for_faults(months: int) -> None:
    missing = left_out(months)
    if missing:
        raise SampleError(
            f"带差错的样例省至少要 {FEWEST_MONTHS} 个月，才放得下各种差错；现为 {months} 个月，"
            f"放不下 {len(missing)} 种：{'、'.join(missing)}。请把终止月推后，或去掉 --faults"
        )


class Province:
    """All parts of a province and the order in which they act in a month."""

    def __init__(self, directory: Path, persons: int, seed: int, first: int, last: int, faults: bool):
        rng = [np.random.default_rng([seed, part]) for part in range(10 + STREAMS)]  # a stream for each part
        self.first, self.last = first, last
        self.truth = Path(directory) / "truth"
        self.truth.mkdir(parents=True, exist_ok=True)
        self.outbox = Outbox(Path(directory))
        self.rng = rng[0]
        self.plan = draw_plan(rng[1], persons, first, last)
        places = geography.load(first // 12, last // 12)
        employed = int((self.plan.role != Role.RETIRED).sum())
        self.units = draw_units(rng[2], places, employed, first, last)
        self.persons = draw_persons(rng[3], self.plan, self.units, first, last)
        self.spells = Spells(rng[4], self.plan, self.persons, self.units, first)
        self.faults = Faults(faults, first)
        everyone = (self.plan, self.persons, self.units, self.spells)
        base_faults = BaseFaults(self.faults, everyone, first)
        self.treasury, self.statements = Treasury(self.units, self.faults), Statements(self.faults)
        self.accounts = Accounts(persons)
        self.fund = Fund(rng[5], persons, first, self.treasury, self.statements, self.faults)
        self.contribution_truth = ContributionTruth(self.truth, self.persons)
        self.account_truth = AccountTruth(self.truth, self.persons)
        self.headcounts = Headcounts(places.prefecture_codes)
        self.floating = FloatingRates(seed, self.units, first)
        self.projects = ConstructionProjects(seed, self.units)
        extra = ExtraReceipts(rng[9], self.persons, self.units, self.spells, self.faults)
        self.contributions = Contributions(
            rng[6], everyone, self.accounts, self.fund, self.contribution_truth, self.treasury, extra, self.floating
        )
        self.levy = LevyPlan(self.persons, self.units, self.spells, self.contributions, self.faults)
        disbursement = Disbursement(self.persons, self.statements, self.faults)
        self.benefits = Benefits(rng[7], everyone, self.accounts, self.fund, first, disbursement, self.faults)
        self.openings = Openings(
            rng[7], (self.plan, self.persons, self.spells), self.accounts, self.benefits, self.fund, first
        )
        self.legacy = LegacySystem(rng[8], self.persons)
        self.services = Services(rng[10:], everyone, self.benefits, self.faults, base_faults, first)

    def pass_month(self, month: int) -> None:
        """Let a month pass and write its files."""
        if month > self.first:
            self._change_spells(month)
        self._send_units(month)
        self._send_persons(month)
        with self.outbox.monthly("core_system", "participation", month) as file:
            self.spells.send(file)
        self.floating.decide(month, self.outbox)
        self.projects.happen(month, self.outbox)
        self.openings.happen(month, self.outbox)
        if month == self.first and self.last < month + 11:
            self._send_carried_over(month - 1)
        self.levy.send(month, self.outbox)
        self.contributions.collect(month, self.outbox)
        self.benefits.happen(month, self.outbox)
        self.fund.close_month(month, self.outbox)
        self.statements.close_month(month, self.outbox)
        self.services.happen(month, self.outbox)
        for period, months in completed_periods(month, month):
            self._count_heads(period, months[-1])
        if month % 12 == 11 or month == self.last:
            self._end_year(month)

    def finish(self) -> None:
        """Write what is known at the end: the legacy system's persons, and the truth."""
        registered = np.flatnonzero(self.plan.entry <= self.last)
        self.legacy.send_persons(registered, self.last, self.outbox)
        self.contributions.finish()
        self.contribution_truth.close()
        self.account_truth.close()
        self.legacy.write_differences(self.truth)
        self.headcounts.write(self.truth)
        write_fund(self.truth, self.fund, self.first, self.last)
        write_payments(self.truth, self.benefits.totals)
        write_files(self.truth, self.outbox.written)
        self.faults.write(self.truth)

    def _change_spells(self, month: int) -> None:
        self.spells.happen(month)
        if month % 12 == 0:
            self.spells.raise_bases(month)
        self.spells.enter(np.flatnonzero((self.plan.role >= Role.JOINER) & (self.plan.entry == month)), month)

    def _send_units(self, month: int) -> None:
        """Write the units that are new or have a new name; in the first month all that there are."""
        units = self.units
        if month == self.first:
            rows = np.flatnonzero(units.opened == month)
        else:
            old = np.flatnonzero((units.opened < month) & ~units.renamed)
            renamed = self.rng.permutation(old)[: max(month % 6 == 3, len(old) * _RENAMINGS // 1000)]
            units.renamed[renamed] = True
            rows = np.sort(np.concatenate([np.flatnonzero(units.opened == month), renamed]))
        with self.outbox.monthly("core_system", "insured_units", month) as file:
            file.write(units.register_columns(rows))

    def _send_persons(self, month: int) -> None:
        """Write the persons who are new, moved, retired or died; in the first month all that there are."""
        plan = self.plan
        if month == self.first:
            rows = np.flatnonzero(plan.entry == month)
        else:
            known = np.flatnonzero(plan.entry < month)
            moving = self.rng.permutation(known)[: max(1, len(known) * _MOVES // 1000)]
            self.persons.moves[moving] += 1
            ending = (plan.event == Event.RETIREMENT) | (plan.event == Event.DEATH)
            changed = (plan.entry == month) | (ending & (plan.month == month + 1))
            changed[moving] = True
            rows = np.flatnonzero(changed)
        with self.outbox.monthly("core_system", "insured_persons", month) as file:
            for part in chunks(rows):
                file.write(self._register_columns(part, month))

    def _register_columns(self, rows: np.ndarray, month: int) -> dict:
        """Return the register's columns; what will happen after the month is not known yet."""
        columns = self.persons.register_columns(rows)
        for name in ("retired_on", "died_on"):
            days = columns[name]
            columns[name] = np.where(days // 10000 * 12 + days // 100 % 100 - 1 > month, -1, days)
        return columns

    def _send_carried_over(self, month: int) -> None:
        """Let the legacy system send the balances carried over, when no year of the span will be complete."""
        rows = np.flatnonzero(self.plan.role <= Role.PAUSED)
        balances, nothing = self.accounts.opening[rows], np.zeros(len(rows), np.int64)
        year = AccountYear(
            month // 12, True, rows, balances, nothing, nothing, nothing, nothing, balances, nothing, nothing
        )
        self.legacy.send_carried_over(year, month, self.outbox)

    def _end_year(self, month: int) -> None:
        year, number = year_and_number(month)
        accounts = self.accounts.end_year(year, is_complete=number == 12)
        self.account_truth.write(accounts)
        if accounts.is_complete:
            self.legacy.send_account_year(accounts, month, self.outbox)

    def _count_heads(self, period: str, month: int) -> None:
        """Count heads by scheme at the end of a month, for the period that it completes."""
        spells, persons = self.spells, self.persons
        contributing, paused = (np.flatnonzero(spells.status == status) for status in (CONTRIBUTING, PAUSED))
        pensioners, injured = np.flatnonzero(self.benefits.pensioners(month)), self.benefits.injured(month)
        by_status = [dict(spells.schemes_of(rows)) for rows in (contributing, paused)]
        for scheme, code in enumerate(SCHEMES):
            active, resting = contributing[by_status[0][scheme]], paused[by_status[1][scheme]]
            retired = pensioners[persons.pension[pensioners] == scheme] if scheme < len(PENSIONS) else pensioners[:0]
            drawing = [retired, *self.benefits.one_off.get(scheme, [])]
            if code == "410":
                drawing.append(np.flatnonzero(injured))
            rows = {
                "contributing": active,
                "paused": resting,
                "retired": retired,
                "beneficiary": np.unique(np.concatenate(drawing)),
            }
            places = {name: persons.prefecture[chosen] for name, chosen in rows.items()}
            places["unit"] = self.units.prefecture[np.unique(spells.unit[active])]
            self.headcounts.count(period, code, places)
