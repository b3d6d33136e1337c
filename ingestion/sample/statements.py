"""The banks' statements: the fiscal special accounts at one bank, the expense accounts at another."""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from ingestion.outgoing.files import ExchangeFile
from ingestion.outgoing.text import encoded
from ingestion.sample.calendar import month_code, month_of_day
from ingestion.sample.faults import Faults
from ingestion.sample.outbox import Outbox
from ingestion.sample.policy import read_seed
from ingestion.sample.spells import SCHEMES

CREDIT, DEBIT = "CRDT", "DBIT"
FISCAL, EXPENSE = "fiscal_special", "expense"
# This bank writes credit and debit in Chinese, and GBK; its lookups are in the feed.
_IN_CHINESE = {CREDIT: "贷", DEBIT: "借"}


@dataclass
class BankEntry:
    """One entry of an account; amount in fen, `reference` what we gave with it."""

    kind: str
    insurance_code: str
    entry_on: int
    direction: str
    amount: int
    reference: str
    counterparty: str
    summary: str
    origin: tuple[ExchangeFile | None, int | None] = (None, None)  # file and line of what the bank books here
    fault: tuple[str, str, str, int] | None = None  # fault code, step, outcome, difference


class Statements:
    """Collects the entries of a month and writes the statements of both banks."""

    def __init__(self, faults: Faults):
        self._faults = faults
        self._entries: list[BankEntry] = []
        self._balances: dict[str, int] = defaultdict(int)
        accounts = read_seed("codes/fund_accounts")
        self._accounts = {(row["account_kind_code"], row["insurance_code"]): row for row in accounts}

    def open_account(self, insurance_code: str, balance: int) -> None:
        """Give a fiscal special account the balance carried over."""
        self._balances[self._accounts[FISCAL, insurance_code]["bank_account_number"]] = balance

    def add(self, entry: BankEntry) -> None:
        """Add an entry of the month."""
        self._entries.append(entry)

    def close_month(self, month: int, outbox: Outbox) -> None:
        """Write the statements of a month."""
        self._spoil(month)
        for kind, profile in ((FISCAL, "ICBC"), (EXPENSE, "ABC")):
            mine = [entry for entry in self._entries if entry.kind == kind]
            mine.sort(key=lambda entry: (self._number(entry), entry.entry_on))
            with outbox.monthly("banks", "account_statements", month, profile=profile) as file:
                if kind == FISCAL:
                    numbers = (self._accounts[FISCAL, code]["bank_account_number"] for code in SCHEMES)
                    file.opening_fen = {number: self._balances[number] for number in numbers}
                self._write(file, month, mine, in_chinese=kind == EXPENSE)
        self._entries = []

    def _number(self, entry: BankEntry) -> str:
        return self._accounts[entry.kind, entry.insurance_code]["bank_account_number"]

    def _write(self, file, month: int, entries: list[BankEntry], *, in_chinese: bool) -> None:
        encoding = file.layout.format.encoding
        numbers = [f"{month_code(month)}{place:07d}" for place in range(1, len(entries) + 1)]
        for entry in entries:
            sign = 1 if entry.direction == CREDIT else -1
            self._balances[self._number(entry)] += sign * entry.amount
        if entries:
            directions = [_IN_CHINESE[entry.direction] if in_chinese else entry.direction for entry in entries]
            file.write(
                {
                    "own_account_number": encoded([self._number(entry) for entry in entries], "ascii"),
                    "statement_entry_number": encoded(numbers, "ascii"),
                    "entry_on": np.array([entry.entry_on for entry in entries]),
                    "direction_code": encoded(directions, encoding),
                    "entry_yuan": np.array([entry.amount for entry in entries]),
                    "reference_number": encoded([entry.reference for entry in entries], "ascii"),
                    "counterparty_name": encoded([entry.counterparty for entry in entries], encoding),
                    "entry_summary": encoded([entry.summary for entry in entries], encoding),
                }
            )
        for row, (entry, number) in enumerate(zip(entries, numbers, strict=True)):
            self._note(entry, number, file, row)

    def _note(self, entry: BankEntry, number: str, file, row: int) -> None:
        if entry.fault:
            code, step, outcome, difference = entry.fault
            self._faults.add(
                code,
                step_code=step,
                outcome_code=outcome,
                month=month_of_day(entry.entry_on),
                insurance_code=entry.insurance_code,
                item_key=f"{self._number(entry)}-{number}" if outcome == "right_only" else entry.reference,
                difference=difference,
                file=file,
                line=file.line_of(row),
            )

    def _spoil(self, month: int) -> None:
        """Make the month's faults of the banks: entries left out, wrong, or of nobody we know."""
        for code, step, wanted in _LEFT_OUT:
            if self._faults.due(code, month):
                chosen = next((entry for entry in self._entries if wanted(entry)), None)
                if chosen:
                    self._entries.remove(chosen)
                    self._miss(code, step, chosen)
        if self._faults.due("bank_amount_differs", month):
            chosen = next(entry for entry in self._entries if _is_sweep(entry))
            chosen.amount += 800
            chosen.fault = ("bank_amount_differs", "fiscal_banked", "differs", 800)
        entry_on = max((entry.entry_on for entry in self._entries), default=0)
        if self._faults.due("unidentified_receipt", month):
            fault = ("unidentified_receipt", "fiscal_banked", "right_only", 123_400)
            values = (entry_on, CREDIT, 123_400, "", "云南某某商贸有限公司", "往来款")
            self._entries.append(BankEntry(FISCAL, "110", *values, fault=fault))
        if self._faults.due("unknown_debit", month):
            fault = ("unknown_debit", "sent_paid", "right_only", 5_600)
            values = (entry_on, DEBIT, 5_600, "", "农业银行云南省分行", "账户管理费")
            self._entries.append(BankEntry(EXPENSE, "110", *values, fault=fault))

    def _miss(self, code: str, step: str, entry: BankEntry) -> None:
        self._faults.add(
            code,
            step_code=step,
            outcome_code="left_only",
            month=month_of_day(entry.entry_on),
            insurance_code=entry.insurance_code,
            item_key=entry.reference,
            difference=-entry.amount,
            file=entry.origin[0],
            line=entry.origin[1],
        )


def _is_sweep(entry: BankEntry) -> bool:
    return entry.kind == FISCAL and entry.direction == CREDIT and entry.amount > 0


_LEFT_OUT = (
    ("entry_not_banked", "fiscal_banked", _is_sweep),
    ("payment_not_debited", "sent_paid", lambda entry: entry.kind == EXPENSE and entry.direction == DEBIT),
    (
        "refund_missing",
        "returned_refunded",
        lambda entry: entry.kind == EXPENSE and entry.direction == CREDIT and entry.summary == "退票",
    ),
    (
        "allotment_not_received",
        "allotment_received",
        lambda entry: entry.kind == EXPENSE and entry.direction == CREDIT and entry.summary != "退票",
    ),
)
