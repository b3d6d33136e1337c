"""A tiny writer of exchange files, apart from the code it tests: plain Python over the feeds' specs."""

import io
import json
import re
from dataclasses import dataclass, field
from decimal import Decimal

import xlsxwriter

from ingestion.feed_spec import Feed, load_feed
from tests.ingestion.exchange_rows import ALL_KINDS, CARD, KINDS, NAMES, RIGHT_IDENTITY

__all__ = ["ALL_KINDS", "CARD", "KINDS", "NAMES", "RIGHT_IDENTITY", "Sample", "sample_of"]


@dataclass
class Sample:
    """Rows of a feed as text, and what its header says. `bytes()` writes the file."""

    feed: Feed
    file_name: str
    period: str
    rows: list[dict[str, str]]
    sequence: str = "001"
    created: str = "20160105"
    overrides: dict = field(default_factory=dict)
    profile: str | None = None

    @property
    def layout(self):
        layouts = [it for it in self.feed.layouts if it.profile == self.profile]
        before = [it for it in layouts if f"{it.effective_from:%Y%m%d}" <= self.created]
        return before[-1] if before else layouts[0]

    @property
    def encoding(self) -> str:
        return self.layout.format.encoding or "utf-8"

    @property
    def line_end(self) -> bytes:
        return b"\r\n" if self.layout.format.line_end == "crlf" else b"\n"

    @property
    def first_line(self) -> int:
        """Return the line of the first row."""
        return {"xml": 4, "spreadsheet": 3, "camt053": 6}.get(self.layout.format.kind, 2)

    def totals(self) -> list[str]:
        """Return the control totals in the field's own unit."""
        sums = []
        for name in self.feed.control_totals:
            is_fen = self.layout.field(name).unit == "fen"
            amounts = [row[name] for row in self.rows if row[name]]
            sums.append(str(sum(map(int, amounts))) if is_fen else f"{sum(map(Decimal, amounts), Decimal(0)):.2f}")
        return sums

    def bytes(self) -> bytes:
        """Return the file."""
        form = self.layout.format
        if form.kind == "spreadsheet":
            return spreadsheet(self)
        mark = "\ufeff".encode(self.encoding) if form.bom else b""
        return mark + WRITERS[form.kind](self)


def ended(lines: list[str], sample: Sample) -> bytes:
    """Return lines encoded, each with the layout's line end."""
    return b"".join(line.encode(sample.encoding) + sample.line_end for line in lines)


def delimited(sample: Sample) -> bytes:
    separator = sample.layout.format.separator
    head = ("H", sample.feed.title, sample.feed.name, sample.period, sample.sequence, sample.created)
    body = ended([separator.join(row.values()) for row in sample.rows], sample)
    tail = ("T", str(len(sample.rows)), *sample.totals(), str(len(body)))
    return ended([separator.join(head)], sample) + body + ended([separator.join(tail)], sample)


def fixed_width(sample: Sample) -> bytes:
    encoding, length = sample.encoding, max(sample.layout.record_length, 120)
    head = b"H" + sample.feed.title.encode(encoding).ljust(60) + sample.feed.name.encode().ljust(40)
    head += sample.period.encode().ljust(8) + sample.sequence.encode() + sample.created.encode()
    body = b""
    for row in sample.rows:
        values = [row[it.name].encode(encoding).ljust(it.width) for it in sample.layout.fields]
        body += b"D" + b"".join(values) + sample.line_end
    totals = [total.rjust(18, "0") if total[0] != "-" else "-" + total[1:].rjust(17, "0") for total in sample.totals()]
    tail = f"T{len(sample.rows):010d}{''.join(totals)}{len(body):014d}".encode()
    return head.ljust(length) + sample.line_end + body + tail.ljust(length) + sample.line_end


def element(tag: str, text: str) -> str:
    return f"<{tag}>{text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')}</{tag.split()[0]}>"


def xml(sample: Sample) -> bytes:
    head = element("TITLE", sample.feed.title) + element("FEED", sample.feed.name) + element("PERIOD", sample.period)
    head += element("SEQUENCE", sample.sequence) + element("CREATED", sample.created)
    tags = {it.name: it.source_field for it in sample.layout.fields}
    rows = ("".join(element(tags[name], text) for name, text in row.items()) for row in sample.rows)
    body = ended([f"<ROW>{row}</ROW>" for row in rows], sample)
    totals = zip((tags[name] for name in sample.feed.control_totals), sample.totals(), strict=True)
    tail = element("COUNT", str(len(sample.rows))) + "".join(element(*total) for total in totals)
    tail += element("BYTES", str(len(body)))
    start = [f'<?xml version="1.0" encoding="{sample.encoding.upper()}"?>', "<DATA>", f"<HEAD>{head}</HEAD>"]
    return ended(start, sample) + body + ended([f"<TAIL>{tail}</TAIL>", "</DATA>"], sample)


def json_lines(sample: Sample) -> bytes:
    def line(values: dict) -> str:
        return json.dumps(values, ensure_ascii=False, separators=(",", ":"))

    codes = {it.name: it.source_field for it in sample.layout.fields}
    head = {"title": sample.feed.title, "feed": sample.feed.name, "period": sample.period}
    head |= {"sequence": sample.sequence, "created": sample.created}
    body = ended([line({codes[name]: text for name, text in row.items()}) for row in sample.rows], sample)
    totals = {codes[name]: total for name, total in zip(sample.feed.control_totals, sample.totals(), strict=True)}
    tail = {"rows": len(sample.rows), "totals": totals, "bytes": len(body)}
    return ended([line(head)], sample) + body + ended([line(tail)], sample)


def iso_day(text: str) -> str:
    return f"{text[:4]}-{text[4:6]}-{text[6:]}"


def balance_element(kind: str, amount: Decimal, day: str) -> str:
    direction = element("CdtDbtInd", "DBIT" if amount < 0 else "CRDT")
    code = f"<Tp><CdOrPrtry>{element('Cd', kind)}</CdOrPrtry></Tp>"
    text = element('Amt Ccy="CNY"', f"{abs(amount):.2f}")
    return f"<Bal>{code}{text}{direction}<Dt>{element('Dt', day)}</Dt></Bal>"


def amount_of(text: str) -> Decimal:
    """Return an amount, 0 for what is none."""
    return Decimal(text) if re.fullmatch(r"[0-9]+\.[0-9]{2}", text, re.ASCII) else Decimal(0)


def entry_element(row: dict[str, str]) -> str:
    """Write an entry of an account statement by hand, apart from the paths of the spec."""

    def within(tags: str, text: str) -> str:
        for tag in reversed(tags.split("/")):
            text = element(tag, text) if tag == tags.split("/")[-1] else f"<{tag}>{text}</{tag}>"
        return text

    parts = [element("NtryRef", row["statement_entry_number"]), element('Amt Ccy="CNY"', row["entry_yuan"])]
    parts += [element("CdtDbtInd", row["direction_code"]), element("Sts", "BOOK")]
    parts += [within("BookgDt/Dt", iso_day(row["entry_on"])), within("BkTxCd/Prtry/Cd", "NTRY")]
    details = within("Refs/EndToEndId", row["reference_number"]) if row["reference_number"] else ""
    details += within("RltdPties/Cdtr/Nm", row["counterparty_name"]) if row["counterparty_name"] else ""
    parts.append(f"<NtryDtls><TxDtls>{details}</TxDtls></NtryDtls>" if details else "")
    parts.append(element("AddtlNtryInf", row["entry_summary"]) if row["entry_summary"] else "")
    return f"<Ntry>{''.join(parts)}</Ntry>"


def camt053(sample: Sample) -> bytes:
    """Write a bank statement message: one statement per account; overrides give opening balances by account."""
    created = f"{iso_day(sample.created)}T00:00:00"
    message = f"{sample.feed.name}-{sample.profile}-{sample.period}-{sample.sequence}"
    head = element("MsgId", message) + element("CreDtTm", created) + element("AddtlInf", sample.feed.title)
    namespace = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<Document xmlns="{namespace}">', "<BkToCstmrStmt>"]
    lines.append(f"<GrpHdr>{head}</GrpHdr>")
    accounts = dict.fromkeys([row["own_account_number"] for row in sample.rows])
    for number, account in enumerate(accounts, 1):
        rows = [row for row in sample.rows if row["own_account_number"] == account]
        amounts = {
            name: [amount_of(row["entry_yuan"]) for row in rows if row["direction_code"] == name]
            for name in ("CRDT", "DBIT")
        }
        amounts["all"] = amounts["CRDT"] + amounts["DBIT"]
        opening = Decimal(sample.overrides.get(account, "1000.00"))
        closing = opening + sum(amounts["CRDT"]) - sum(amounts["DBIT"])
        statement = element("Id", f"{sample.period}-{sample.sequence}-{number:04d}") + element("CreDtTm", created)
        statement += f"<Acct><Id><Othr>{element('Id', account)}</Othr></Id></Acct>"
        statement += balance_element("OPBD", opening, f"{sample.period[:4]}-{sample.period[4:6]}-01")
        statement += balance_element("CLBD", closing, f"{sample.period[:4]}-{sample.period[4:6]}-28")
        summary = ""
        for tag, name in (("TtlNtries", "all"), ("TtlCdtNtries", "CRDT"), ("TtlDbtNtries", "DBIT")):
            total = f"{sum(amounts[name], Decimal(0)):.2f}"
            summary += f"<{tag}>{element('NbOfNtries', str(len(amounts[name])))}{element('Sum', total)}</{tag}>"
        lines += [f"<Stmt>{statement}<TxsSummry>{summary}</TxsSummry>", *map(entry_element, rows), "</Stmt>"]
    return ended([*lines, "</BkToCstmrStmt>", "</Document>"], sample)


def spreadsheet(sample: Sample) -> bytes:
    """Write a workbook; overrides replace cells: {(row, column): value} counted from 0, value written by its type."""
    lines = [[sample.feed.title, sample.feed.name, sample.period, sample.sequence, sample.created]]
    lines.append([it.label for it in sample.layout.fields])
    lines += [list(row.values()) for row in sample.rows]
    lines.append(["合计", str(len(sample.rows)), *sample.totals()])
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"strings_to_numbers": False, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    for row, line in enumerate(lines):
        for column, text in enumerate(line):
            sheet.write_string(row, column, text)
    for (row, column), value in sample.overrides.items():
        if isinstance(value, str) and value.startswith("="):
            sheet.write_formula(row, column, value)
        else:
            sheet.write(row, column, value)
    book.close()
    return target.getvalue()


WRITERS = {
    "delimited": delimited,
    "fixed_width": fixed_width,
    "xml": xml,
    "json_lines": json_lines,
    "camt053": camt053,
}


def sample_of(kind: str, rows: int = 5) -> Sample:
    """Return a right file of a kind, with that many rows."""
    source, feed, name, period, row = ALL_KINDS[kind]
    profile = name.split("_")[1] if name.startswith("DZD") else None
    return Sample(load_feed(source, feed), name, period, [row(index) for index in range(rows)], profile=profile)
