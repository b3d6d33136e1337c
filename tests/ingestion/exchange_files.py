"""A tiny writer of exchange files, apart from the code it tests: plain Python over the feeds' specs."""

import io
from dataclasses import dataclass, field
from decimal import Decimal

import xlsxwriter

from ingestion.feed_spec import Feed, load_feed

ENCODINGS = {"delimited": "gb18030", "fixed_width": "gb18030", "xml": "gb18030"}
NAMES = ["张三", "阿依·木", "王㙓", "𠅤小明", "劉倈"]  # 倈 has 0x7C as its second byte


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

    @property
    def layout(self):
        before = [it for it in self.feed.layouts if f"{it.effective_from:%Y%m%d}" <= self.created]
        return before[-1] if before else self.feed.layouts[0]

    @property
    def encoding(self) -> str:
        return self.layout.format.encoding or "utf-8"

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
        return WRITERS[self.layout.format.kind](self)


def delimited(sample: Sample) -> bytes:
    separator = sample.layout.format.separator
    head = ("H", sample.feed.title, sample.feed.name, sample.period, sample.sequence, sample.created)
    body = "".join(separator.join(row.values()) + "\n" for row in sample.rows).encode(sample.encoding)
    tail = ("T", str(len(sample.rows)), *sample.totals(), str(len(body)))
    return (separator.join(head) + "\n").encode(sample.encoding) + body + (separator.join(tail) + "\n").encode()


def fixed_width(sample: Sample) -> bytes:
    encoding, length = sample.encoding, max(sample.layout.record_length, 120)
    head = b"H" + sample.feed.title.encode(encoding).ljust(60) + sample.feed.name.encode().ljust(40)
    head += sample.period.encode().ljust(8) + sample.sequence.encode() + sample.created.encode()
    body = b""
    for row in sample.rows:
        values = [row[it.name].encode(encoding).ljust(it.width) for it in sample.layout.fields]
        body += b"D" + b"".join(values) + b"\n"
    totals = [total.rjust(18, "0") if total[0] != "-" else "-" + total[1:].rjust(17, "0") for total in sample.totals()]
    tail = f"T{len(sample.rows):010d}{''.join(totals)}{len(body):014d}".encode()
    return head.ljust(length) + b"\n" + body + tail.ljust(length) + b"\n"


def xml(sample: Sample) -> bytes:
    def element(tag: str, text: str) -> str:
        return f"<{tag}>{text.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;')}</{tag}>"

    head = element("TITLE", sample.feed.title) + element("FEED", sample.feed.name) + element("PERIOD", sample.period)
    head += element("SEQUENCE", sample.sequence) + element("CREATED", sample.created)
    tags = {it.name: it.source_field for it in sample.layout.fields}
    rows = ("".join(element(tags[name], text) for name, text in row.items()) for row in sample.rows)
    body = "".join(f"<ROW>{row}</ROW>\n" for row in rows).encode(sample.encoding)
    totals = zip((tags[name] for name in sample.feed.control_totals), sample.totals(), strict=True)
    tail = element("COUNT", str(len(sample.rows))) + "".join(element(*total) for total in totals)
    tail += element("BYTES", str(len(body)))
    start = f'<?xml version="1.0" encoding="{sample.encoding.upper()}"?>\n<DATA>\n<HEAD>{head}</HEAD>\n'
    return start.encode(sample.encoding) + body + f"<TAIL>{tail}</TAIL>\n</DATA>\n".encode()


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


WRITERS = {"delimited": delimited, "fixed_width": fixed_width, "xml": xml, "spreadsheet": spreadsheet}

RIGHT_IDENTITY = "530102194912310029"
CARD = "6222020200112233446"


def receipt(index: int) -> dict[str, str]:
    return {
        "receipt_number": f"R{index:09d}",
        "unit_number": "5301000001",
        "person_number": f"{5300000000 + index}",
        "identity_number": RIGHT_IDENTITY,
        "person_name": NAMES[index % len(NAMES)],
        "insurance_code": "110",
        "liability_month": "201512",
        "due_type_code": "10",
        "contribution_base_yuan": "3000.00",
        "unit_paid_yuan": f"{600 + index}.25",
        "person_paid_yuan": f"{240 + index}.50",
        "received_on": "20160105",
    }


def payment(index: int) -> dict[str, str]:
    return {
        "payment_number": f"P{index:09d}",
        "person_number": f"{5300000000 + index}",
        "identity_number": RIGHT_IDENTITY,
        "account_holder_name": NAMES[index % len(NAMES)],
        "bank_account_number": CARD,
        "insurance_code": "110",
        "benefit_item_code": "100001",
        "benefit_month": "201601",
        "payment_yuan": f"{123456 + index:014d}",
        "from_account_yuan": f"{10000 + index:014d}",
        "paid_on": "20160115",
        "payment_status_code": "40",
        "return_reason_code": "",
    }


def opening(index: int) -> dict[str, str]:
    return {
        "opening_number": f"K{index:09d}",
        "person_number": f"{5300000000 + index}",
        "insurance_code": "110",
        "opening_kind_code": "1",
        "opened_month": "201601",
        "opening_balance_yuan": f"{1000 + index}.25",
        "pooled_yuan": "0.00",
        "deemed_month_count": "0",
        "paid_month_count": str(index),
    }


def entry(index: int) -> dict[str, str]:
    return {
        "entry_number": f"E{index:09d}",
        "insurance_code": "110",
        "entry_on": "20160131",
        "entry_kind_code": "02",
        "entry_yuan": f"{10000 + index}.50",
        "entry_summary": "财政补贴",
    }


def balance(index: int) -> dict[str, str]:
    return {
        "person_number": f"{5300000000 + index}",
        "insurance_code": "110",
        "account_year": "2015",
        "opening_balance_yuan": f"{1000 + index:013d}.25",
        "principal_credited_yuan": "0000000000100.00",
        "interest_credited_yuan": "0000000000010.10",
        "account_outflow_yuan": "0000000000000.00",
        "closing_balance_yuan": f"{1110 + index:013d}.35",
    }


KINDS = {
    "delimited": ("tax_bureau", "contribution_receipts", "SBF_20160105_001.txt", "20160105", receipt),
    "fixed_width": ("banks", "benefit_payment_returns", "YHHP_201601_001.txt", "201601", payment),
    "fixed_width_yuan": ("legacy_system", "account_balances", "YXT_ZH_201512_001.txt", "201512", balance),
    "xml": ("core_system", "account_openings", "HX_ZHJZ_201601_001.xml", "201601", opening),
    "spreadsheet": ("finance_bureau", "fiscal_account_entries", "CZZH_201601_001.xlsx", "201601", entry),
}


def sample_of(kind: str, rows: int = 5) -> Sample:
    """Return a right file of a kind, with that many rows."""
    source, feed, name, period, row = KINDS[kind]
    return Sample(load_feed(source, feed), name, period, [row(index) for index in range(rows)])
