"""ISO 20022 bank statements (camt.053): one statement per account, one entry a line."""

import calendar
import shutil
import tempfile
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from xml.sax.saxutils import escape

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.feed_spec import Field
from ingestion.formats import iso20022 as iso
from ingestion.outgoing.files import field_text
from ingestion.outgoing.lines import LinesFile
from ingestion.outgoing.markup import ESCAPES
from ingestion.outgoing.text import Column, content, dashed, escaped, joined, yuan_text
from ingestion.outgoing.writable import Unwritable

# The order in which the schema wants the elements of an entry and of its details.
_ORDER = ("NtryRef", "Amt", "CdtDbtInd", "Sts", "BookgDt", "ValDt", "AcctSvcrRef", "BkTxCd", "NtryDtls", "Refs")
_ORDER += ("RltdPties", "RltdAgts", "Purp", "RmtInf", "AddtlNtryInf")
_IN_MEMORY = 32 << 20


@dataclass
class _Statement:
    """The entries of one account, kept aside until all are known, since their sums stand before them."""

    account: str
    opening_fen: int
    counts: dict[str, int] = field(default_factory=lambda: {iso.CREDIT: 0, iso.DEBIT: 0})
    sums: dict[str, int] = field(default_factory=lambda: {iso.CREDIT: 0, iso.DEBIT: 0})
    entries: tempfile.SpooledTemporaryFile = field(default_factory=partial(tempfile.SpooledTemporaryFile, _IN_MEMORY))

    @property
    def closing_fen(self) -> int:
        return self.opening_fen + self.sums[iso.CREDIT] - self.sums[iso.DEBIT]


class Camt053File(LinesFile):
    """A message camt.053.001.02. Rows come in the order of their accounts, all of one account together.

    `opening_fen`, by account number and set before the first row is written, gives balances before the first entry
    (missing: 0); an account in it without entries has a statement too. `line_of` tells the lines of rows written;
    `next_line` supposes that the next row is of the same account as the last.
    """

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.opening_fen: dict[str, int] = {}
        self._statement: _Statement | None = None
        self._account = iso.field_at(self.layout, iso.ACCOUNT)
        self._amount = iso.field_at(self.layout, iso.AMOUNT)
        self._direction = iso.field_at(self.layout, iso.DIRECTION)
        if set(self.totals) - {self._amount.name}:
            raise ValueError(f"{self.feed.source}/{self.feed.name}：camt053 的 control_totals 只能是 Amt 字段")
        self._line = self.header().count("\n") + 1  # on which the next statement begins
        self._written: list[str] = []
        self._first_rows, self._first_lines = [0], [self._line + 1]

    def line_of(self, row: int) -> int:
        statement = bisect_right(self._first_rows, row) - 1
        return self._first_lines[statement] + row - self._first_rows[statement]

    def header(self) -> str:
        identification = iso.message_id(self.feed, self.period, self.sequence, self.profile)
        head = f"<MsgId>{identification}</MsgId><CreDtTm>{self.created:%Y-%m-%d}T00:00:00</CreDtTm>"
        head += f"<AddtlInf>{escape(self.feed.title)}</AddtlInf>"
        document = f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{iso.NAMESPACE}">\n<BkToCstmrStmt>\n'
        return f"{document}<GrpHdr>{head}</GrpHdr>\n"

    def trailer(self) -> str:
        return "</BkToCstmrStmt>\n</Document>\n"

    def finish(self) -> None:
        self._end_statement()
        self._write_statements_without_entries(None)
        super().finish()

    def write_rows(self, columns: list[tuple[Field, Column]], count: int) -> None:
        given = dict(columns)
        lines = self.lines(columns)
        accounts = _repeated(given[self._account], count)
        directions = _repeated(given[self._direction], count)
        amounts = given[self._amount]
        self._require_entries(directions, amounts)
        changes = np.flatnonzero(pc.not_equal(accounts[1:], accounts[:-1]).to_numpy(zero_copy_only=False)) + 1
        for start, end in pairwise((0, *changes.tolist(), count)):
            self._go_to(accounts[start].as_py().decode(), self.rows + start)
            for direction in (iso.CREDIT, iso.DEBIT):
                chosen = pc.equal(directions[start:end], direction.encode()).to_numpy(zero_copy_only=False)
                self._statement.counts[direction] += int(chosen.sum())
                self._statement.sums[direction] += int(amounts[start:end][chosen].sum())
            self._statement.entries.write(content(lines[start:end]))

    def _require_entries(self, directions: pa.BinaryArray, amounts: np.ndarray) -> None:
        known = pc.is_in(directions, pa.array([iso.CREDIT.encode(), iso.DEBIT.encode()], pa.binary()))
        wrong = (
            (self._direction, ~known.to_numpy(zero_copy_only=False), "既不是 CRDT 也不是 DBIT"),
            (self._amount, amounts < 0, "是负数，方向应由借贷标志表示"),
        )
        for field_, is_wrong, reason in wrong:
            if is_wrong.any():
                row = int(np.flatnonzero(is_wrong)[0])
                value = yuan_text(int(amounts[row])).encode() if field_ is self._amount else directions[row].as_py()
                error = Unwritable(row, value, self.encoding, reason)
                raise error.at(self.path.name, self.line_of(self.rows + row), field_)

    def _go_to(self, account: str, row: int) -> None:
        """Let the statement of an account be the present one; raise ValueError when it is past."""
        if self._statement and self._statement.account == account:
            return
        self._end_statement()
        if self._written and account <= self._written[-1]:
            raise ValueError(f"文件 {self.path.name}：流水应按本方账号排列，每个账号连在一起")
        self._write_statements_without_entries(account)
        self._statement = _Statement(account, self.opening_fen.get(account, 0))
        self._first_rows.append(row)
        self._first_lines.append(self._line + 1)

    def _write_statements_without_entries(self, before: str | None) -> None:
        for account in sorted(self.opening_fen):
            is_due = (before is None or account < before) and (not self._written or account > self._written[-1])
            if is_due:
                self._statement = _Statement(account, self.opening_fen[account])
                self._end_statement()

    def _end_statement(self) -> None:
        if self._statement is None:
            return
        self._written.append(self._statement.account)
        self._write_text(f"<Stmt>{self._head(self._statement)}\n")
        self._statement.entries.seek(0)
        shutil.copyfileobj(self._statement.entries, self._stream)
        self._statement.entries.close()
        self._write_text("</Stmt>\n")
        self._line += 2 + sum(self._statement.counts.values())
        self._statement = None

    def _head(self, statement: _Statement) -> str:
        """Return all of a statement that stands before its entries."""
        identification = iso.statement_id(self.period, self.sequence, len(self._written))
        first, last = self._days()
        return (
            f"<Id>{identification}</Id><CreDtTm>{self.created:%Y-%m-%d}T00:00:00</CreDtTm>"
            f"<Acct><Id><Othr><Id>{escape(statement.account)}</Id></Othr></Id></Acct>"
            f"{_balance(iso.OPENING, statement.opening_fen, first)}{_balance(iso.CLOSING, statement.closing_fen, last)}"
            f"<TxsSummry>{_summary('TtlNtries', statement.counts.values(), statement.sums.values())}"
            f"{_summary('TtlCdtNtries', [statement.counts[iso.CREDIT]], [statement.sums[iso.CREDIT]])}"
            f"{_summary('TtlDbtNtries', [statement.counts[iso.DEBIT]], [statement.sums[iso.DEBIT]])}</TxsSummry>"
        )

    def _days(self) -> tuple[str, str]:
        """Return the first and the last day of the period."""
        year, month = int(self.period[:4]), int(self.period[4:6])
        if len(self.period) == 8:
            return (f"{year}-{month:02d}-{self.period[6:]}",) * 2
        return f"{year}-{month:02d}-01", f"{year}-{month:02d}-{calendar.monthrange(year, month)[1]}"

    def lines(self, columns: list[tuple[Field, Column]]) -> pa.BinaryArray:
        tree: dict = {"Sts": iso.BOOKED.encode(), "BkTxCd": {"Prtry": {"Cd": b"NTRY"}}}
        for field_, column in columns:
            if field_ is not self._account:
                *parents, tag = field_.path.split("/")
                node = tree
                for parent in parents:
                    node = node.setdefault(parent, {})
                is_amount = field_.type == "money"
                node[f'{tag} Ccy="{iso.CURRENCY}"' if is_amount else tag] = _text(field_, column)
        return joined(_element("Ntry", tree), self.line_end)


def _repeated(column: Column, count: int) -> pa.BinaryArray:
    return pa.repeat(pa.scalar(column, pa.binary()), count) if isinstance(column, bytes) else column


def _text(field_: Field, column: Column) -> pa.BinaryArray | bytes:
    text = field_text(field_, column)
    if field_.type not in ("day", "month") or isinstance(text, bytes):
        return escaped(text, ESCAPES)
    whole = dashed(text.cast(pa.string()), *((4, 6) if field_.type == "day" else (4,)))
    return pc.if_else(pc.equal(text, b""), b"", whole.cast(pa.binary()))


def _element(tag: str, inside: dict | Column) -> Column:
    """Return an element, nothing where there is nothing inside; a dictionary holds further elements by their tags."""
    if isinstance(inside, dict):
        order = {name: place for place, name in enumerate(_ORDER)}
        tags = sorted(inside, key=lambda name: order.get(name.split()[0], len(order)))
        parts = [_element(name, inside[name]) for name in tags]
        inside = b"".join(parts) if all(isinstance(part, bytes) for part in parts) else joined(*parts)
    start, end = f"<{tag}>".encode(), f"</{tag.split()[0]}>".encode()
    if isinstance(inside, bytes):
        return start + inside + end if inside else b""
    whole = joined(start, inside, end)
    return pc.if_else(pc.equal(inside, b""), b"", whole)


def _balance(code: str, fen: int, day: str) -> str:
    direction = iso.DEBIT if fen < 0 else iso.CREDIT
    amount = f'<Amt Ccy="{iso.CURRENCY}">{yuan_text(abs(fen))}</Amt>'
    kind = f"<Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
    return f"<Bal>{kind}{amount}<CdtDbtInd>{direction}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"


def _summary(tag: str, counts, sums) -> str:
    return f"<{tag}><NbOfNtries>{sum(counts)}</NbOfNtries><Sum>{yuan_text(sum(sums))}</Sum></{tag}>"
