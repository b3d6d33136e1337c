"""A second, plain reader of exchange files, so that the sample is not judged by the code that receives it."""

import codecs
import json
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import yaml

from ingestion.settings import ROOT

FEEDS = ROOT / "ingestion" / "feeds"
CAMT = "{urn:iso:std:iso:20022:tech:xsd:camt.053.001.02}"
JSON_HEAD = ["title", "feed", "period", "sequence", "created"]
HEADER_WIDTHS = [60, 40, 8, 3, 8]  # of a fixed-width file


@dataclass
class Exchange:
    """One file: its header, rows of text by field name, trailer (rows, then totals), and the layout it is read by."""

    feed: dict
    path: Path
    layout: dict
    header: list[str]
    rows: list[dict[str, str]]
    trailer: list[str]

    @property
    def period(self) -> str:
        return self.header[2]

    @property
    def profile(self) -> str | None:
        return self.layout.get("profile")

    @property
    def fields(self) -> list[dict]:
        return self.layout["fields"]

    def totals(self) -> list[Decimal]:
        """Return the sums of the control fields over the rows, in the file's own unit."""
        return [sum((Decimal(row[name] or 0) for row in self.rows), Decimal(0)) for name in self.feed["control_totals"]]


def read_exchanges(directory: Path) -> dict[str, list[Exchange]]:
    """Return all files of a province by feed name, in the order of their names; none for a source without a folder."""
    found = {}
    for spec in sorted(FEEDS.glob("*/*.yml")):
        feed = yaml.load(spec.read_text(encoding="utf-8"), yaml.CSafeLoader)
        pattern = re.compile(feed["arrives"]["pattern"])
        paths = [path for path in sorted((directory / spec.parent.name).glob("*")) if pattern.fullmatch(path.name)]
        key = f"legacy_{spec.stem}" if spec.parent.name == "legacy_system" else spec.stem
        found[key] = [read_file(path, feed) for path in paths]
    return found


def read_file(path: Path, feed: dict) -> Exchange:
    """Return one file read by the layout that its feed declares for its sender and the day in its header."""
    profile = re.fullmatch(feed["arrives"]["pattern"], path.name).groupdict().get("profile")
    layouts = [layout for layout in feed["layouts"] if layout.get("profile") == profile]
    read_header, read_body = READERS[layouts[-1]["format"]["kind"]]
    header = read_header(path, layouts[-1])
    layout = max(
        (layout for layout in layouts if f"{layout['effective_from']:%Y%m%d}" <= header[4]),
        key=lambda layout: layout["effective_from"],
    )
    values, trailer = read_body(path, layout, feed)
    names = [field["name"] for field in layout["fields"]]
    assert all(len(row) == len(names) for row in values), path.name
    return Exchange(feed, path, layout, header, [dict(zip(names, row, strict=True)) for row in values], trailer)


def _records(path: Path, layout: dict) -> tuple[list[str], int]:
    """Return the lines of a file of text without their ends, and the bytes between the first and the last line."""
    form = layout["format"]
    end = "\r\n" if form.get("line_end") == "crlf" else "\n"
    data = path.read_bytes()
    if form.get("bom"):
        mark = "\ufeff".encode(form["encoding"])
        assert data.startswith(mark), "byte order mark"
        data = data.removeprefix(mark)
    assert not data.startswith(codecs.BOM_UTF8)
    *lines, rest = data.decode(form["encoding"]).split(end)
    assert rest == "" and not any(sign in line for line in lines for sign in "\r\n"), "line ends"
    return lines, sum(len((line + end).encode(form["encoding"])) for line in lines[1:-1])


def _delimited_header(path: Path, layout: dict) -> list[str]:
    sign, *header = _records(path, layout)[0][0].split(layout["format"]["separator"])
    assert sign == "H"
    return header


def _delimited(path: Path, layout: dict, feed: dict) -> tuple:
    lines, size = _records(path, layout)
    rows = [line.split(layout["format"]["separator"]) for line in lines[1:]]
    sign, *trailer, declared = rows.pop()
    assert sign == "T" and int(declared) == size, "bytes of the body"
    return rows, trailer


def _json_header(path: Path, layout: dict) -> list[str]:
    head = json.loads(_records(path, layout)[0][0])
    assert list(head) == JSON_HEAD
    return list(head.values())


def _json_lines(path: Path, layout: dict, feed: dict) -> tuple:
    lines, size = _records(path, layout)
    rows = [json.loads(line) for line in lines[1:]]
    plain = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) for row in rows]
    assert plain == lines[1:], "blanks and order as agreed"
    tail = rows.pop()
    codes = {field["name"]: field["source_field"] for field in layout["fields"]}
    assert list(tail) == ["rows", "totals", "bytes"] and tail["bytes"] == size, "bytes of the body"
    assert list(tail["totals"]) == [codes[name] for name in feed["control_totals"]]
    assert all(list(row) == list(codes.values()) for row in rows)
    assert all(isinstance(value, str) for row in rows for value in row.values())
    return [list(row.values()) for row in rows], [str(tail["rows"]), *tail["totals"].values()]


def _fixed_header(path: Path, layout: dict) -> list[str]:
    encoding = layout["format"]["encoding"]
    record = path.read_bytes().split(b"\n", 1)[0]
    return [part.decode(encoding).rstrip(" ") for part in cut(record[1:], HEADER_WIDTHS)]


def _fixed_width(path: Path, layout: dict, feed: dict) -> tuple:
    encoding = layout["format"]["encoding"]
    widths = [field["width"] for field in layout["fields"]]
    records = path.read_bytes().split(b"\n")
    assert records.pop() == b""
    header, *body, trailer = records
    ends = max(1 + sum(widths), 120)
    assert (header[:1], trailer[:1]) == (b"H", b"T") and len(header) == len(trailer) == ends
    assert {len(record) for record in body} <= {1 + sum(widths)} and {record[:1] for record in body} <= {b"D"}
    rows = [[value.decode(encoding).rstrip(" ") for value in cut(record[1:], widths)] for record in body]
    tail = [part.decode() for part in cut(trailer[1:], [10, *[18] * len(feed["control_totals"]), 14])]
    assert int(tail.pop()) == sum(len(record) + 1 for record in body), "bytes of the body"
    return rows, tail


def cut(record: bytes, widths: list[int]) -> list[bytes]:
    """Return the parts of a record that are so many bytes wide."""
    parts = []
    for width in widths:
        parts.append(record[:width])
        record = record[width:]
    return parts


def _document(path: Path, layout: dict) -> tuple[str, ElementTree.Element]:
    """Return the text after the declaration of an XML file, and its root."""
    encoding = layout["format"]["encoding"]
    first, rest = path.read_bytes().decode(encoding).split("\n", 1)
    assert first == f'<?xml version="1.0" encoding="{encoding.upper()}"?>'
    return rest, ElementTree.fromstring(rest)


def _xml_header(path: Path, layout: dict) -> list[str]:
    return [value.text for value in _document(path, layout)[1][0]]


def _xml(path: Path, layout: dict, feed: dict) -> tuple:
    rest, root = _document(path, layout)
    _, *rows, tail = root
    fields = [field["source_field"] for field in layout["fields"]]
    assert all([value.tag for value in row] == fields for row in rows)
    trailer = [value.text for value in tail]
    body = rest.split("</HEAD>\n", 1)[1].split("<TAIL>")[0]
    assert tail[-1].tag == "BYTES" and int(trailer.pop()) == len(body.encode(layout["format"]["encoding"]))
    return [[value.text or "" for value in row] for row in rows], trailer


def _find(element: ElementTree.Element, path: str) -> str:
    """Return the text at a path of plain tags, empty when there is nothing."""
    return element.findtext("/".join(CAMT + tag for tag in path.split("/"))) or ""


def _camt_header(path: Path, layout: dict) -> list[str]:
    head = _document(path, layout)[1].find(f"{CAMT}BkToCstmrStmt/{CAMT}GrpHdr")
    name, *_, period, sequence = _find(head, "MsgId").split("-")
    day, time = _find(head, "CreDtTm").split("T")
    assert time == "00:00:00"
    return [_find(head, "AddtlInf"), name, period, sequence, day.replace("-", "")]


def _camt053(path: Path, layout: dict, feed: dict) -> tuple:
    statements = _document(path, layout)[1].findall(f"{CAMT}BkToCstmrStmt/{CAMT}Stmt")
    accounts = [_find(statement, "Acct/Id/Othr/Id") for statement in statements]
    assert accounts == sorted(set(accounts)), "one statement per account"
    rows, declared = [], [0, Decimal(0)]
    for statement in statements:
        entries = statement.findall(f"{CAMT}Ntry")
        _check_sums(statement, entries)
        declared[0] += int(_find(statement, "TxsSummry/TtlNtries/NbOfNtries"))
        declared[1] += Decimal(_find(statement, "TxsSummry/TtlNtries/Sum"))
        rows += [[_camt_value(statement, entry, field) for field in layout["fields"]] for entry in entries]
    return rows, [str(declared[0]), str(declared[1])]


def _camt_value(statement: ElementTree.Element, entry: ElementTree.Element, field: dict) -> str:
    """Return a value as the other forms write it: months and days without hyphens."""
    path = field["path"]
    value = _find(statement, path.removeprefix("../")) if path.startswith("../") else _find(entry, path)
    return value.replace("-", "") if field["type"] in ("day", "month") else value


def _check_sums(statement: ElementTree.Element, entries: list[ElementTree.Element]) -> None:
    """Require that a statement's entries agree with its summary, and its balances with its entries."""
    amounts = {"CRDT": [], "DBIT": []}
    for entry in entries:
        amounts[_find(entry, "CdtDbtInd")].append(Decimal(_find(entry, "Amt")))
    sides = {"TtlNtries": amounts["CRDT"] + amounts["DBIT"]}
    sides |= {"TtlCdtNtries": amounts["CRDT"], "TtlDbtNtries": amounts["DBIT"]}
    for tag, values in sides.items():
        assert int(_find(statement, f"TxsSummry/{tag}/NbOfNtries")) == len(values)
        assert Decimal(_find(statement, f"TxsSummry/{tag}/Sum")) == sum(values)
    balances = {}
    for balance in statement.findall(f"{CAMT}Bal"):
        sign = {"CRDT": 1, "DBIT": -1}[_find(balance, "CdtDbtInd")]
        balances[_find(balance, "Tp/CdOrPrtry/Cd")] = sign * Decimal(_find(balance, "Amt"))
    assert balances["OPBD"] + sum(amounts["CRDT"]) - sum(amounts["DBIT"]) == balances["CLBD"]


def _sheet(path: Path) -> list[list[str]]:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert all(cell.value is None or cell.data_type == "s" for row in sheet.iter_rows() for cell in row)
    return [[value for value in row if value is not None] for row in sheet.values]


def _sheet_header(path: Path, layout: dict) -> list[str]:
    return _sheet(path)[0]


def _spreadsheet(path: Path, layout: dict, feed: dict) -> tuple:
    _, labels, *rows, trailer = _sheet(path)
    assert labels == [field["label"] for field in layout["fields"]]
    assert trailer[0] == "合计"
    return rows, trailer[1:]


READERS = {
    "delimited": (_delimited_header, _delimited),
    "fixed_width": (_fixed_header, _fixed_width),
    "xml": (_xml_header, _xml),
    "spreadsheet": (_sheet_header, _spreadsheet),
    "json_lines": (_json_header, _json_lines),
    "camt053": (_camt_header, _camt053),
}


def latest(files: list[Exchange], key: str) -> dict[str, dict[str, str]]:
    """Return the last record of each key over a feed's files."""
    return {row[key]: row for file in files for row in file.rows}
