"""Benefits: awards that the core system sends, and the payments that the bank reports back."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ingestion.outgoing.files import ExchangeFile
from ingestion.outgoing.text import MISSING, chunks, encoded, joined, take
from ingestion.sample.accounts import Accounts
from ingestion.sample.calendar import month_code, working_day_from
from ingestion.sample.faults import Faults
from ingestion.sample.fund import Fund
from ingestion.sample.outbox import Outbox
from ingestion.sample.payments import DISABILITY, PENSION, Disbursement, Payments
from ingestion.sample.plan import NEVER, Event, Plan, Role
from ingestion.sample.policy import annuity_divisors
from ingestion.sample.population import NO_ACCOUNT_AFTER, Persons
from ingestion.sample.spells import SCHEMES, Spells
from ingestion.sample.units import Units

BASIC, FROM_ACCOUNT = "100011", "100021"
FUNERAL, INHERITANCE, TRANSFER_OUT = "200011", "200021", "300011"
MATERNITY = "510011"
_AGENCIES = "重庆市社会保险局 成都市社会保险事业管理局 贵阳市社会保险收付管理中心 深圳市社会保险基金管理局"


@dataclass
class Awards:
    """Awards of one item decided or changed in a month, one position each; amounts in fen, no end: MISSING."""

    item: str
    rows: np.ndarray
    scheme: np.ndarray
    amount: np.ndarray
    start: np.ndarray
    end: np.ndarray


class Benefits:
    """Month by month, what is awarded and paid.

    basic, account_part: the two awards of a pension (fen a month); pension_from, pension_to: its months, both included
    """

    def __init__(
        self,
        rng: np.random.Generator,
        province: tuple[Plan, Persons, Units, Spells],
        accounts: Accounts,
        fund: Fund,
        first_month: int,
        disbursement: Disbursement,
        faults: Faults,
    ):
        self._rng = rng
        self._plan, self._persons, self._units, self._spells = province
        self._accounts, self._fund, self._first_month = accounts, fund, first_month
        self._disbursement, self._faults = disbursement, faults
        self._reasons = disbursement.reasons
        self.totals: dict[tuple[int, str, str, str], list[int]] = {}
        self.one_off: dict[int, list[np.ndarray]] = {}
        self._to_resend: Payments | None = None
        self._first_pensions: tuple[np.ndarray, ExchangeFile] | None = None
        self._award_pensions()

    def _award_pensions(self) -> None:
        """Draw the pensions of those who retired before the span."""
        count = len(self._persons)
        self.basic, self.account_part, self.carried_over = (np.zeros(count, np.int64) for _ in range(3))
        self.pension_from, self.pension_to = np.full(count, NEVER, np.int64), np.full(count, NEVER, np.int64)
        self._disability = np.zeros(count, np.int64)
        rows = np.flatnonzero(self._plan.role == Role.RETIRED)
        retired_on = self._persons.retired_on[rows]
        self.pension_from[rows] = retired_on // 10000 * 12 + retired_on // 100 % 100
        level = self._units.wage_level[self._persons.unit[rows]]
        self.basic[rows] = level * self._rng.integers(100_000, 330_000, len(rows)) // 1000
        paid_months = self._first_month - self.pension_from[rows]
        part = level * self._rng.integers(9_000, 72_000, len(rows)) // 1000
        part[paid_months + 1 >= NO_ACCOUNT_AFTER] = 0
        left = np.maximum(annuity_divisors()[self._persons.retirement_age[rows]] - paid_months, 0)
        odd = self._rng.integers(0, 9_000, len(rows)) * (left > 0) * (part > 0)
        self.account_part[rows] = part
        self.carried_over[rows] = part * left + odd
        dying = np.flatnonzero((self._plan.role == Role.RETIRED) & (self._plan.event == Event.DEATH))
        self.pension_to[dying] = self._plan.month[dying] - 1

    def pensioners(self, month: int) -> np.ndarray:
        """Tell whose pension is in force in a month."""
        return (self.pension_from <= month) & (month <= self.pension_to)

    def injured(self, month: int) -> np.ndarray:
        """Tell who has a disability allowance in a month."""
        return (self._plan.event == Event.INJURY) & (self._plan.month <= month)

    def happen(self, month: int, outbox: Outbox) -> None:
        """Decide the month's awards and pay what is due; write both files."""
        awards = [*self._pension_awards(month), *self._allowance_awards(month)]
        payments = [self._resent(month), self._pensions(month), self._allowances(month)]
        once_awards, once_payments = self._one_offs(month)
        self._settle(month, [payment for payment in (*payments, *once_payments) if payment is not None], outbox)
        with outbox.monthly("core_system", "benefit_awards", month) as file:
            for award in (*awards, *once_awards):
                self._write_awards(file, award)
        if month == self._first_month:
            self._first_pensions = awards[0].rows, file

    def _schemes(self, rows: np.ndarray) -> np.ndarray:
        return self._persons.pension[rows].astype(np.int64)

    def _pension_awards(self, month: int) -> list[Awards]:
        """Return pensions that begin or, in the first month, are in force; and those that a death has ended."""
        retiring = np.flatnonzero((self._plan.event == Event.RETIREMENT) & (self._plan.month == month))
        self._retire(retiring, month)
        starting = np.flatnonzero(self.pensioners(month)) if month == self._first_month else retiring
        ended = np.flatnonzero(self.pension_to == month - 1)
        rows = np.concatenate([starting, ended])
        end = np.concatenate([np.full(len(starting), MISSING), np.full(len(ended), month - 1)])
        result = []
        for item, amounts in ((BASIC, self.basic), (FROM_ACCOUNT, self.account_part)):
            some = amounts[rows] > 0
            mine = rows[some]
            result.append(Awards(item, mine, self._schemes(mine), amounts[mine], self.pension_from[mine], end[some]))
        return result

    def _retire(self, rows: np.ndarray, month: int) -> None:
        """Award the pensions of those who retired in the month before."""
        months = month - self._persons.first_insured[rows]
        self.basic[rows] = (430_000 + self._spells.base[rows]) * months // 2400
        divisors = annuity_divisors()[self._persons.retirement_age[rows]]
        self.account_part[rows] = np.maximum((2 * self._accounts.available[rows] + divisors) // (2 * divisors), 1)
        self.pension_from[rows] = month

    def _allowance_awards(self, month: int) -> list[Awards]:
        rows = np.flatnonzero((self._plan.event == Event.INJURY) & (self._plan.month == month))
        self._disability[rows] = self._spells.base[rows] * self._rng.integers(60, 90, len(rows)) // 100
        start, end = np.full(len(rows), month), np.full(len(rows), MISSING)
        return [Awards(DISABILITY, rows, np.full(len(rows), 2), self._disability[rows], start, end)]

    def _pensions(self, month: int) -> Payments:
        rows = self._without_forgotten(month, np.flatnonzero(self.pensioners(month)))
        amount = self.basic[rows] + self.account_part[rows]
        from_account = self._accounts.reserve(rows, self.account_part[rows])
        paid_on = working_day_from(month, 12)
        reason = np.zeros(len(rows), np.uint8)
        able = np.flatnonzero(self._plan.event[rows] != Event.DEATH)
        failing = self._rng.permutation(able)[: max(1, len(able) * 2 // 1000)]
        reason[failing] = self._rng.integers(1, len(self._reasons), len(failing))
        payments = Payments(PENSION, rows, self._schemes(rows), month, amount, from_account, paid_on, reason)
        self._to_resend = payments.where(reason > 0)
        return payments

    def _without_forgotten(self, month: int, rows: np.ndarray) -> np.ndarray:
        """Leave out the pensioner whom a seeded fault forgets."""
        if not self._faults.due("award_not_sent", month):
            return rows
        awarded, file = self._first_pensions
        place = int(np.flatnonzero(self._plan.event[awarded] != Event.DEATH)[0])
        row = int(awarded[place])
        scheme = SCHEMES[int(self._persons.pension[row])]
        person = self._persons.number[row].as_py().decode()
        self._faults.add(
            "award_not_sent",
            step_code="award_sent",
            outcome_code="left_only",
            month=month,
            insurance_code=scheme,
            item_key=f"{person}-{scheme}-{PENSION}-{month_code(month)}",
            difference=-int(self.basic[row] + self.account_part[row]),
            file=file,
            line=file.line_of(place),
        )
        return rows[rows != row]

    def _resent(self, month: int) -> Payments | None:
        """Return the pensions that came back last month, sent again."""
        again = self._to_resend
        if again is not None:
            again.paid_on, again.reason = working_day_from(month, 6), np.zeros(len(again.rows), np.uint8)
        return again

    def _allowances(self, month: int) -> Payments:
        rows = np.flatnonzero(self.injured(month))
        return self._from_pool(DISABILITY, rows, np.full(len(rows), 2), self._disability[rows], month, 12)

    def _from_pool(
        self, item: str, rows: np.ndarray, scheme: np.ndarray, amount: np.ndarray, month: int, day: int
    ) -> Payments:
        nothing = np.zeros(len(rows), np.int64)
        reason = np.zeros(len(rows), np.uint8)
        return Payments(item, rows, scheme, month, amount, nothing, working_day_from(month, day), reason)

    def _one_offs(self, month: int) -> tuple[list[Awards], list[Payments]]:
        """Return awards and payments that occur once: maternity, funerals, inheritance, transfers out."""
        plan, rng = self._plan, self._rng
        mothers = np.flatnonzero((plan.event == Event.MATERNITY) & (plan.month == month))
        dead = np.flatnonzero((plan.event == Event.DEATH) & (plan.month == month))
        allowance = self._spells.base[mothers] * rng.integers(30, 45, len(mothers)) // 10
        funeral = rng.integers(1_200_000, 4_500_000, len(dead))
        payments = [
            self._from_pool(MATERNITY, mothers, np.full(len(mothers), 3), allowance, month, 20),
            self._from_pool(FUNERAL, dead, self._schemes(dead), funeral, month, 20),
            *self._closings(month),
        ]
        awards = [
            Awards(paid.item, paid.rows, paid.scheme, paid.amount, *[np.full(len(paid.rows), month)] * 2)
            for paid in payments
        ]
        self.one_off = {}
        for paid in payments:
            if paid.item != TRANSFER_OUT:
                for scheme in np.unique(paid.scheme).tolist():
                    self.one_off.setdefault(scheme, []).append(paid.rows[paid.scheme == scheme])
        return awards, payments

    def _closings(self, month: int) -> list[Payments]:
        """Pay out the accounts of the dead and of those who left the province."""
        result = []
        for event, item in ((Event.DEATH, INHERITANCE), (Event.TRANSFER_OUT, TRANSFER_OUT)):
            rows = np.flatnonzero((self._plan.event == event) & (self._plan.later_month == month))
            closing = self._accounts.quote(rows[self._accounts.exists(rows)], month)
            closing = closing.where(closing.left > 0)  # nothing is paid out of an exhausted account: it stays
            self._accounts.close(closing)
            rows = closing.rows
            months = np.minimum(month - self._persons.first_insured[rows], month - 1998 * 12)
            pooled = self._spells.base[rows] * 12 // 100 * months if item == TRANSFER_OUT else 0
            paid = self._from_pool(item, rows, self._schemes(rows), closing.left + pooled, month, 20)
            paid.from_account = closing.left
            result.append(paid)
        return result

    def _settle(self, month: int, payments: list[Payments], outbox: Outbox) -> None:
        """Let the bank make the payments, and book what was paid."""
        payments = self._disbursement.pay(month, payments, outbox, self._holders)
        for payment in payments.answered:
            self._book(payment, month)
        for payment in payments.sent:
            self._fund_attempted(payment, month)

    def _fund_attempted(self, payment: Payments, month: int) -> None:
        for scheme, code in enumerate(SCHEMES):
            self._fund.add(month, code, "attempted", int(payment.amount[payment.scheme == scheme].sum()))

    def _book(self, payment: Payments, month: int) -> None:
        paid = payment.where(payment.reason == 0)
        if payment.item == PENSION:
            self._accounts.pay(paid.rows, paid.from_account, month)
        kind = "transfer_expenditure" if payment.item == TRANSFER_OUT else "benefit_expenditure"
        for scheme, code in enumerate(SCHEMES):
            for status, some in (("40", paid), ("41", payment.where(payment.reason > 0))):
                mine = some.where(some.scheme == scheme)
                amount, from_account = int(mine.amount.sum()), int(mine.from_account.sum())
                if status == "40":
                    self._fund.add(month, code, kind, amount)
                    self._fund.add(month, code, "payment_count", len(mine.rows) * (payment.item != TRANSFER_OUT))
                total = self.totals.setdefault((month, code, payment.item, status), [0, 0, 0])
                total[:] = [total[0] + len(mine.rows), total[1] + amount, total[2] + from_account]

    def _holders(self, item: str, rows: np.ndarray) -> pa.BinaryArray:
        """Return the names that the accounts are held in: for transfers, another province's agency."""
        if item == TRANSFER_OUT:
            agencies = _AGENCIES.split()
            return take(encoded(agencies, "gb18030"), rows % len(agencies))
        return take(self._persons.name, rows)

    def _write_awards(self, file, award: Awards) -> None:
        for part in chunks(np.arange(len(award.rows))):
            rows = award.rows[part]
            number = take(self._persons.number, rows)
            file.write(
                {
                    "award_number": joined(number, award.item.encode()),
                    "person_number": number,
                    "insurance_code": take(encoded(SCHEMES, "ascii"), award.scheme[part]),
                    "benefit_item_code": award.item.encode(),
                    "benefit_yuan": award.amount[part],
                    "benefit_start_month": award.start[part],
                    "benefit_end_month": award.end[part],
                    "disbursement_mode_code": b"11",
                    "account_holder_name": self._holders(award.item, rows),
                    "bank_account_number": self._persons.bank_accounts(rows),
                }
            )
