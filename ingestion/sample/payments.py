"""Payments through the bank: what we send, what it answers, and what moves on the expense accounts."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from ingestion.outgoing.files import ExchangeFile
from ingestion.outgoing.text import Column, chunks, encoded, joined, number_text, take
from ingestion.sample.calendar import first_day, month_code
from ingestion.sample.faults import Faults
from ingestion.sample.outbox import Outbox
from ingestion.sample.policy import read_seed
from ingestion.sample.population import Persons
from ingestion.sample.spells import SCHEMES
from ingestion.sample.statements import CREDIT, DEBIT, EXPENSE, BankEntry, Statements

PENSION, DISABILITY = "100001", "410011"


@dataclass
class Payments:
    """Payments of one item in a month, one position each. `reason` is a position in the reasons, 0 when paid."""

    item: str
    rows: np.ndarray
    scheme: np.ndarray
    benefit_month: int
    amount: np.ndarray
    from_account: np.ndarray
    paid_on: int
    reason: np.ndarray

    def where(self, mask: np.ndarray) -> "Payments":
        """Return the payments for which the mask holds."""
        chosen = (values[mask] for values in (self.rows, self.scheme, self.amount, self.from_account, self.reason))
        rows, scheme, amount, from_account, reason = chosen
        return Payments(self.item, rows, scheme, self.benefit_month, amount, from_account, self.paid_on, reason)

    def but(self, place: int) -> "Payments":
        """Return all payments but one."""
        keep = np.ones(len(self.rows), bool)
        keep[place] = False
        return self.where(keep)

    def only(self, place: int, **changes) -> "Payments":
        """Return one payment, with changes."""
        keep = np.zeros(len(self.rows), bool)
        keep[place] = True
        return replace(self.where(keep), **changes)


@dataclass
class Made:
    """The payments of a month: those sent to the bank, and those it answered."""

    sent: list[Payments]
    answered: list[Payments]


Holders = Callable[[str, np.ndarray], pa.BinaryArray]


class Disbursement:
    """Writes the batch, its answer and the entries of the expense accounts, and makes the faults of payments."""

    def __init__(self, persons: Persons, statements: Statements, faults: Faults):
        self._persons, self._statements, self._faults = persons, statements, faults
        self.reasons = ["", *(row["return_reason_code"] for row in read_seed("codes/return_reasons"))]
        self.reasons.remove("MD07")  # whoever died is not paid any more

    def pay(self, month: int, payments: list[Payments], outbox: Outbox, holders: Holders) -> Made:
        """Send payments to the bank and take its answer; return what was sent and what was answered."""
        payments = self._spoil_batch(month, payments)
        numbers = np.cumsum([0, *(len(payment.rows) for payment in payments)])
        numbered = [(payment, int(number)) for payment, number in zip(payments, numbers, strict=False)]
        with outbox.monthly("banks", "benefit_payment_batch", month, created=first_day(month)) as file:
            for payment, number in numbered:
                self._note_batch(month, payment, number, file)
                for part in chunks(np.arange(len(payment.rows))):
                    mine = payment.where(part)
                    file.write(self._sent(mine, month, number + int(part[0]) if len(part) else number, holders))
            batch = file
        answered = self._spoil_answer(month, numbered, int(numbers[-1]), batch)
        firsts: list[int] = []
        with outbox.monthly("banks", "benefit_payment_returns", month) as file:
            for payment, number in answered:
                self._note_answer(month, payment, number, file)
                firsts.append(file.rows)
                for part in chunks(np.arange(len(payment.rows))):
                    mine = payment.where(part)
                    file.write(self._answered(mine, month, number + int(part[0]) if len(part) else number, holders))
        self._debit(month, numbered, batch)
        self._refund(month, answered, firsts, file)
        return Made(payments, [payment for payment, _ in answered])

    def _common(self, payment: Payments, month: int, number: int, holders: Holders) -> dict[str, Column]:
        rows = payment.rows
        sequence = number_text(np.arange(number + 1, number + len(rows) + 1), 9).cast(pa.binary())
        return {
            "payment_number": joined(month_code(month).encode(), sequence),
            "person_number": take(self._persons.number, rows),
            "identity_number": take(self._persons.identity, rows),
            "account_holder_name": holders(payment.item, rows),
            "bank_account_number": self._persons.bank_accounts(rows),
            "insurance_code": take(encoded(SCHEMES, "ascii"), payment.scheme),
            "benefit_item_code": payment.item.encode(),
            "benefit_month": np.full(len(rows), payment.benefit_month),
            "payment_yuan": payment.amount,
        }

    def _sent(self, payment: Payments, month: int, number: int, holders: Holders) -> dict[str, Column]:
        return {
            **self._common(payment, month, number, holders),
            "pay_on": np.full(len(payment.rows), payment.paid_on),
        }

    def _answered(self, payment: Payments, month: int, number: int, holders: Holders) -> dict[str, Column]:
        failed = (payment.reason > 0).astype(np.uint8)
        return {
            **self._common(payment, month, number, holders),
            "from_account_yuan": payment.from_account,
            "paid_on": np.full(len(payment.rows), payment.paid_on),
            "payment_status_code": take(encoded(["40", "41"], "ascii"), failed),
            "return_reason_code": take(encoded(self.reasons, "ascii"), payment.reason),
        }

    def _debit(self, month: int, numbered: list[tuple[Payments, int]], batch: ExchangeFile) -> None:
        """Let the bank debit each scheme's payments of a day in one sum."""
        sums: dict[tuple[int, int], list[int]] = {}
        for payment, number in numbered:
            for scheme in np.unique(payment.scheme).tolist():
                mine = payment.scheme == scheme
                total = sums.setdefault((payment.paid_on, scheme), [0, number + int(np.argmax(mine))])
                total[0] += int(payment.amount[mine].sum())
        for (day, scheme), (amount, first) in sorted(sums.items()):
            reference = f"YHBP-{month_code(month)}-{SCHEMES[scheme]}-{day}"
            values = (day, DEBIT, amount, reference, "待遇代发专户", "代发待遇", (batch, batch.line_of(first)))
            self._statements.add(BankEntry(EXPENSE, SCHEMES[scheme], *values))

    def _refund(
        self, month: int, answered: list[tuple[Payments, int]], firsts: list[int], answer: ExchangeFile
    ) -> None:
        """Let the bank credit each payment that came back; `firsts` are the rows at which payments begin."""
        for (payment, number), first in zip(answered, firsts, strict=True):
            for place in np.flatnonzero(payment.reason > 0).tolist():
                reference = f"{month_code(month)}{number + place + 1:09d}"
                amount, origin = int(payment.amount[place]), (answer, answer.line_of(first + place))
                values = (payment.paid_on, CREDIT, amount, reference, "待遇代发专户", "退票", origin)
                self._statements.add(BankEntry(EXPENSE, SCHEMES[int(payment.scheme[place])], *values))

    def _spoil_batch(self, month: int, payments: list[Payments]) -> list[Payments]:
        """Make the faults of what is sent: one too much, one wrong, one without an award."""
        pensions = next(place for place, payment in enumerate(payments) if _is_normal(payment, month))
        paid = payments[pensions]
        self._marked: dict[int, str] = {}
        some = _unreturned(paid)
        if self._faults.due("sent_amount_differs", month):
            wrong = paid.only(some, amount=paid.amount[some : some + 1] + 10_000)
            payments = [*payments[:pensions], paid.but(some), *payments[pensions + 1 :], wrong]
            self._marked[len(payments) - 1] = "sent_amount_differs"
        elif self._faults.due("sent_twice", month):
            payments = [*payments, paid.only(some, from_account=np.zeros(1, np.int64))]
            self._marked[len(payments) - 1] = "sent_twice"
        elif self._faults.due("sent_without_award", month):
            values = {"amount": np.array([88_800]), "from_account": np.zeros(1, np.int64), "scheme": np.array([2])}
            payments = [*payments, replace(paid.only(some), item=DISABILITY, **values)]
            self._marked[len(payments) - 1] = "sent_without_award"
        self._special = {id(payments[place]): code for place, code in self._marked.items()}
        return payments

    def _note_batch(self, month: int, payment: Payments, number: int, file) -> None:
        code = self._special.get(id(payment))
        if code:
            person = self._persons.number[int(payment.rows[0])].as_py().decode()
            scheme = SCHEMES[int(payment.scheme[0])]
            difference = 10_000 if code == "sent_amount_differs" else int(payment.amount[0])
            self._faults.add(
                code,
                step_code="award_sent",
                outcome_code="right_only" if code == "sent_without_award" else "differs",
                month=month,
                insurance_code=scheme,
                item_key=f"{person}-{scheme}-{payment.item}-{month_code(payment.benefit_month)}",
                difference=difference,
                file=file,
                line=file.next_line,
            )

    def _spoil_answer(
        self, month: int, numbered: list[tuple[Payments, int]], count: int, batch
    ) -> list[tuple[Payments, int]]:
        """Make the faults of the bank's answer: one left out, one wrong, one for a payment we never sent."""
        place = next(place for place, (payment, _) in enumerate(numbered) if _is_normal(payment, month))
        payment, number = numbered[place]
        some = _unreturned(payment)
        before, after = payment.where(np.arange(some)), payment.where(np.arange(some + 1, len(payment.rows)))
        rest = [*numbered[:place], (before, number), (after, number + some + 1), *numbered[place + 1 :]]
        one = payment.only(some)
        self._answer_fault: dict[int, tuple[str, str, int]] = {}
        if self._faults.due("result_missing", month):
            self._note_missing(month, payment, some, number + some + 1, batch, batch.line_of(number + some))
            return rest
        if self._faults.due("result_amount_differs", month):
            one.amount = one.amount - 300
            self._answer_fault[id(one)] = ("result_amount_differs", "differs", -300)
            return [*rest, (one, number + some)]
        if self._faults.due("result_unknown", month):
            extra = replace(one, amount=np.array([66_600]), from_account=np.zeros(1, np.int64))
            self._answer_fault[id(extra)] = ("result_unknown", "right_only", 66_600)
            return [*numbered, (extra, count)]
        return numbered

    def _note_missing(self, month: int, payment: Payments, place: int, number: int, file, line: int) -> None:
        self._faults.add(
            "result_missing",
            step_code="sent_answered",
            outcome_code="left_only",
            month=month,
            insurance_code=SCHEMES[int(payment.scheme[place])],
            item_key=f"{month_code(month)}{number:09d}",
            difference=-int(payment.amount[place]),
            file=file,
            line=line,
        )

    def _note_answer(self, month: int, payment: Payments, number: int, file) -> None:
        if id(payment) in self._answer_fault:
            code, outcome, difference = self._answer_fault[id(payment)]
            self._faults.add(
                code,
                step_code="sent_answered",
                outcome_code=outcome,
                month=month,
                insurance_code=SCHEMES[int(payment.scheme[0])],
                item_key=f"{month_code(month)}{number + 1:09d}",
                difference=difference,
                file=file,
                line=file.next_line,
            )


def _is_normal(payment: Payments, month: int) -> bool:
    return payment.item == PENSION and payment.benefit_month == month


def _unreturned(payment: Payments) -> int:
    """Return the place of a payment that does not come back."""
    return int(np.flatnonzero(payment.reason == 0)[-1])
