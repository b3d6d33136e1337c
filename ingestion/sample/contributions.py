"""Contributions: who pays when, in full or not, and the tax bureau's files of receipts."""

from collections.abc import Iterator
from enum import IntEnum

import numpy as np

from ingestion.outgoing.text import Column, chunks, encoded, joined, number_text, take
from ingestion.sample.accounts import Accounts
from ingestion.sample.calendar import month_of_day, working_days
from ingestion.sample.extra_receipts import ExtraReceipts
from ingestion.sample.floating_rates import FloatingRates
from ingestion.sample.fund import Fund
from ingestion.sample.outbox import Outbox
from ingestion.sample.plan import NEVER, Plan
from ingestion.sample.policy import apply_rate, base_bounds, contribution_rate, to_account_rate, work_injury_rates
from ingestion.sample.population import Persons
from ingestion.sample.settlement import Settlement
from ingestion.sample.spells import PENSIONS, SCHEMES, Spells
from ingestion.sample.treasury import Treasury
from ingestion.sample.truth import ContributionTruth
from ingestion.sample.units import Units

_NORMAL, _BACK_PAYMENT = b"10", b"31"
_CHUNK = 100_000  # persons whose receipts are made at once


class Way(IntEnum):
    """How a month's contribution is paid."""

    IN_FULL = 0
    LATE = 1
    NEVER = 2
    PARTLY_THEN_COMPLETED = 3
    PARTLY = 4


class Outstanding:
    """Contribution months not paid in full, one position each, in fen; `completion` is the month of the rest."""

    FIELDS = (
        "row", "scheme", "month", "unit", "base", "unit_due", "person_due", "unit_paid", "person_paid", "credit",
        "completion",
    )  # fmt: skip

    def __init__(self) -> None:
        self._columns = {name: np.zeros(0, np.int64) for name in self.FIELDS}

    def add(self, columns: dict[str, np.ndarray]) -> None:
        """Add contribution months."""
        self._columns = {name: np.concatenate([self._columns[name], columns[name]]) for name in self.FIELDS}

    def pop(self, mask: np.ndarray) -> dict[str, np.ndarray]:
        """Remove and return those for which the mask holds."""
        popped = {name: values[mask] for name, values in self._columns.items()}
        self._columns = {name: values[~mask] for name, values in self._columns.items()}
        return popped

    def __getitem__(self, name: str) -> np.ndarray:
        return self._columns[name]


class Contributions:
    """Month by month, the receipts of the province."""

    def __init__(
        self,
        rng: np.random.Generator,
        province: tuple[Plan, Persons, Units, Spells],
        accounts: Accounts,
        fund: Fund,
        truth: ContributionTruth,
        treasury: Treasury,
        extra: ExtraReceipts,
        floating: FloatingRates,
    ):
        self._rng = rng
        self._plan, self._persons, self._units, self._spells = province
        self._accounts, self._fund, self._truth = accounts, fund, truth
        self._treasury, self._extra, self._floating = treasury, extra, floating
        self._outstanding = Outstanding()
        self._settlement = Settlement(len(self._persons), len(SCHEMES))
        self._resend: list[dict[str, Column]] = []

    def collect(self, month: int, outbox: Outbox) -> None:
        """Write the receipts of a month, one file for each day on which somebody paid."""
        ways, completion = self._draw_ways(month)
        days = self._draw_days(month)
        slots = self._rng.integers(0, len(days), len(self._units.kind))
        contributors = self._spells.contributors()
        paying_slot = slots[self._spells.unit[contributors]]
        for slot, day in enumerate(days):
            rows = contributors[paying_slot == slot]
            completed = self._outstanding.pop(
                (self._outstanding["completion"] == month) & (slots[self._outstanding["unit"]] == slot)
            )
            is_last = slot == len(days) - 1
            blocks = self._receipts_of_day(month, day, rows, (ways, completion), completed)
            first = next(blocks, None)
            if first is None and not (is_last and self._extra.to_reverse):
                continue
            with outbox.daily("tax_bureau", "contribution_receipts", day) as file:
                first_line = file.next_line
                if first is not None:
                    for again in self._resend:
                        file.write(again)
                    self._resend = [self._some_again(first)]
                    first_line = file.next_line
                    file.write(first)
                for block in blocks:
                    file.write(block)
                self._add_extra(month, day, file, may_double=not is_last)
            self._treasury.close_day(day, outbox, first_line)

    def finish(self) -> None:
        """Say to the truth what is still owed, and what else was booked since it was owed."""
        self._truth.write(*self._settlement.take_over(everything=True))

    def _draw_days(self, month: int) -> list[int]:
        """Draw the days of the month on which units pay: eight to twelve of those from the 3rd to the 27th."""
        possible = [day for day in working_days(month) if 3 <= day % 100 <= 27]
        return sorted(self._rng.choice(possible, int(self._rng.integers(8, 13)), replace=False).tolist())

    def _draw_ways(self, month: int) -> tuple[np.ndarray, np.ndarray]:
        """Draw for each person how this month is paid, and when the rest is (NEVER when it is not).

        Whole units fall behind, and single persons. Whose account is about to be closed is paid for in time.
        """
        count = len(self._persons)
        ways, completion = np.zeros(count, np.uint8), np.full(count, NEVER, np.int64)
        contributors = self._spells.contributors()
        units = self._spells.unit[contributors]
        behind = self._rng.permutation(np.unique(units))[: max(month % 4 == 0, len(self._units.kind) * 6 // 1000)]
        for unit in behind.tolist():
            way = int(self._rng.integers(1, len(Way)))
            ways[contributors[units == unit]] = way
            completion[contributors[units == unit]] = month + int(self._rng.integers(1, 5))
        single = self._rng.permutation(contributors)[: max(4 if count >= 200 else 2, len(contributors) // 500)]
        ways[single] = 1 + (np.arange(len(single)) + 2 * month) % (len(Way) - 1)
        completion[single] = month + self._rng.integers(1, 5, len(single))
        ways[self._plan.closes()] = Way.IN_FULL
        completion[(ways != Way.LATE) & (ways != Way.PARTLY_THEN_COMPLETED)] = NEVER
        return ways, completion

    def _receipts_of_day(
        self,
        month: int,
        day: int,
        rows: np.ndarray,
        ways: tuple[np.ndarray, np.ndarray],
        completed: dict[str, np.ndarray],
    ) -> Iterator[dict[str, Column]]:
        """Yield the columns of the day's receipts, and book them."""
        number = 0
        for part in chunks(rows, _CHUNK):
            for scheme, chosen in self._spells.schemes_of(part):
                due = self.due(part[chosen], scheme, month)
                paid = self._pay(month, due, day, ways)
                self._extra.notice(paid)
                if len(paid["row"]):
                    yield self._columns(paid, day, number, _NORMAL)
                    number += len(paid["row"])
        if len(completed["row"]):
            rest = {
                **completed,
                "unit_paid": completed["unit_due"] - completed["unit_paid"],
                "person_paid": completed["person_due"] - completed["person_paid"],
            }
            self._receive(rest, day)
            self._book(self._settlement.complete(rest, day), day)
            yield self._columns(rest, day, number, _BACK_PAYMENT)

    def due(self, rows: np.ndarray, scheme: int, month: int) -> dict[str, np.ndarray]:
        """Return what is due for persons and scheme in a liability month."""
        code, base, unit = SCHEMES[scheme], self._spells.base[rows], self._spells.unit[rows].astype(np.int64)
        if bounds := base_bounds(code, month):
            base = np.clip(base, *bounds)
        if code == "410":
            percent = self._floating.percent(month)[unit]
            unit_rate = work_injury_rates(month)[self._units.risk_class[unit]] * percent // 100
        else:
            unit_rate = contribution_rate(code, "unit", month)
        return {
            "row": rows,
            "scheme": np.full(len(rows), scheme, np.int64),
            "month": np.full(len(rows), month, np.int64),
            "unit": unit,
            "base": base,
            "unit_due": apply_rate(base, unit_rate),
            "person_due": apply_rate(base, contribution_rate(code, "person", month)),
            "credit": apply_rate(base, to_account_rate(code, month)),
        }

    def _pay(
        self, month: int, due: dict[str, np.ndarray], day: int, ways: tuple[np.ndarray, np.ndarray]
    ) -> dict[str, np.ndarray]:
        """Receive the day's payments of what is due; return those paid, in full or in part."""
        way, completion = (values[due["row"]] for values in ways)
        partly = (way == Way.PARTLY) | (way == Way.PARTLY_THEN_COMPLETED)
        full = way == Way.IN_FULL
        # A unit that is short pays its people's part first, or three fifths of everything.
        person_part = np.where(due["row"] % 2 == 0, due["person_due"], due["person_due"] * 3 // 5)
        paid = {
            **due,
            "completion": completion,
            "unit_paid": np.where(full, due["unit_due"], np.where(partly, due["unit_due"] * 3 // 5, 0)),
            "person_paid": np.where(full, due["person_due"], np.where(partly, person_part, 0)),
        }
        self._outstanding.add({name: values[~full] for name, values in paid.items()})
        received = {name: values[full | partly] for name, values in paid.items()}
        self._receive(received, day)
        # Whoever owes nothing has a month paid in full booked at once; all others pay the oldest first.
        plain = full & ~self._settlement.has_arrears(due)
        at_once = {name: values[plain] for name, values in paid.items()}
        self._book(at_once, day)
        self._extra.overpay(month, at_once)
        self._truth.write(at_once, np.full(len(at_once["row"]), day))
        self._book(self._settlement.fall_due({name: values[~plain] for name, values in paid.items()}, day), day)
        self._truth.write(*self._settlement.take_over())
        return received

    def _add_extra(self, month: int, day: int, file, *, may_double: bool) -> None:
        """Write receipts that no plan calls for: doubled ones, those that take them back, and seeded faults."""
        for paid, due_type, reverses in self._extra.of_day(month, day, file, may_double=may_double):
            self._receive(paid, day)
            columns = self._columns(paid, day, self._extra.next_number(day, len(paid["row"])), due_type)
            if reverses is None:
                self._extra.remember(columns["receipt_number"])
            else:
                columns["reversed_receipt_number"] = reverses
            file.write(columns)

    def _receive(self, paid: dict[str, np.ndarray], day: int) -> None:
        """Count receipts as income of the funds, and as money that goes to the treasury."""
        self._treasury.collect(paid["unit"], paid["scheme"], paid["unit_paid"] + paid["person_paid"])
        received_in = month_of_day(day)
        for scheme, code in enumerate(SCHEMES):
            mine = paid["scheme"] == scheme
            amounts = (paid["unit_paid"] + paid["person_paid"])[mine]
            of_earlier_years = paid["month"][mine] // 12 < received_in // 12
            self._fund.add(received_in, code, "contribution_income", int(amounts.sum()))
            self._fund.add(received_in, code, "arrears_income", int(amounts[of_earlier_years].sum()))

    def _book(self, made_good: dict[str, np.ndarray], day: int) -> None:
        """Book contribution months that are made good on a day to the accounts."""
        pension = made_good["scheme"] < len(PENSIONS)
        self._accounts.book(made_good["row"][pension], made_good["credit"][pension], month_of_day(day))

    def _columns(self, paid: dict[str, np.ndarray], day: int, number: int, due_type: bytes) -> dict[str, Column]:
        rows = paid["row"]
        sequence = number_text(np.arange(number + 1, number + len(rows) + 1), 9).cast("binary")
        return {
            "receipt_number": joined(str(day).encode(), sequence),
            "unit_number": take(self._units.number, paid["unit"]),
            "person_number": take(self._persons.number, rows),
            "identity_number": take(self._persons.identity, rows),
            "person_name": take(self._persons.name, rows),
            "insurance_code": take(encoded(SCHEMES, "ascii"), paid["scheme"]),
            "liability_month": paid["month"],
            "due_type_code": due_type,
            "contribution_base_yuan": paid["base"],
            "unit_paid_yuan": paid["unit_paid"],
            "person_paid_yuan": paid["person_paid"],
            "received_on": np.full(len(rows), day),
            "reversed_receipt_number": b"",
        }

    def _some_again(self, block: dict[str, Column]) -> dict[str, Column]:
        """Return a few receipts that the next file will hold once more."""
        count = len(block["receipt_number"])
        rows = np.sort(self._rng.choice(count, max(1, count // 1000), replace=False))
        if len(rows) == 1 and self._rng.integers(0, 3):
            rows = rows[:0]
        return {
            name: column
            if isinstance(column, bytes)
            else column[rows]
            if isinstance(column, np.ndarray)
            else take(column, rows)
            for name, column in block.items()
        }
