"""A second, plain reader of exchange files, so that the sample is not judged by the code that receives it."""

import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import yaml

from ingestion.settings import ROOT

FEEDS = ROOT / "ingestion" / "feeds"


@dataclass
class Exchange:
    """One file: its header, rows of text by field name, trailer (rows, then totals), and the bytes as they are."""

    feed: dict
    path: Path
    header: list[str]
    rows: list[dict[str, str]]
    trailer: list[str]

    @property
    def period(self) -> str:
        return self.header[2]

    @property
    def fields(self) -> list[dict]:
        return self.feed["layouts"][0]["fields"]

    def totals(self) -> list[Decimal]:
        """Return the sums of the control fields over the rows, in the file's own unit."""
        return [sum((Decimal(row[name] or 0) for row in self.rows), Decimal(0)) for name in self.feed["control_totals"]]


def read_exchanges(directory: Path) -> dict[str, list[Exchange]]:
    """Return all files of a province by feed name, in the order of their names."""
    found = {}
    for spec in sorted(FEEDS.glob("*/*.yml")):
        feed = yaml.load(spec.read_text(encoding="utf-8"), yaml.CSafeLoader)
        pattern = re.compile(feed["arrives"]["pattern"])
        paths = [path for path in sorted((directory / spec.parent.name).iterdir()) if pattern.fullmatch(path.name)]
        key = f"legacy_{spec.stem}" if spec.parent.name == "legacy_system" else spec.stem
        found[key] = [read_file(path, feed) for path in paths]
    return found


def read_file(path: Path, feed: dict) -> Exchange:
    """Return one file read by the form its feed declares."""
    form = feed["layouts"][0]["format"]
    readers = {"delimited": _delimited, "fixed_width": _fixed_width, "xml": _xml, "spreadsheet": _spreadsheet}
    names = [field["name"] for field in feed["layouts"][0]["fields"]]
    header, values, trailer = readers[form["kind"]](path, feed)
    assert all(len(row) == len(names) for row in values), path.name
    return Exchange(feed, path, header, [dict(zip(names, row, strict=True)) for row in values], trailer)


def _delimited(path: Path, feed: dict) -> tuple:
    data = path.read_bytes()
    head, *_, tail = data.rstrip(b"\n").split(b"\n")
    lines = data.decode("gb18030").split("\n")
    assert lines.pop() == ""
    header, *rows, trailer = (line.split("|") for line in lines)
    assert header[0] == "H" and trailer[0] == "T"
    assert int(trailer[-1]) == len(data) - len(head) - 1 - len(tail) - 1, "bytes of the body"
    return header[1:], rows, trailer[1:-1]


def _fixed_width(path: Path, feed: dict) -> tuple:
    layout = feed["layouts"][0]
    encoding = layout["format"]["encoding"]
    widths = [field["width"] for field in layout["fields"]]
    records = path.read_bytes().split(b"\n")
    assert records.pop() == b""
    header, *body, trailer = records
    ends = max(1 + sum(widths), 120)
    assert (header[:1], trailer[:1]) == (b"H", b"T") and len(header) == len(trailer) == ends
    assert {len(record) for record in body} == {1 + sum(widths)} and {record[:1] for record in body} == {b"D"}
    rows = [[value.decode(encoding).rstrip(" ") for value in cut(record[1:], widths)] for record in body]
    tail = [part.decode() for part in cut(trailer[1:], [10, *[18] * len(feed["control_totals"]), 14])]
    assert int(tail.pop()) == sum(len(record) + 1 for record in body), "bytes of the body"
    head = [part.decode(encoding).rstrip(" ") for part in cut(header[1:], [60, 40, 8, 3, 8])]
    return head, rows, tail


def cut(record: bytes, widths: list[int]) -> list[bytes]:
    """Return the parts of a record that are so many bytes wide."""
    parts = []
    for width in widths:
        parts.append(record[:width])
        record = record[width:]
    return parts


def _xml(path: Path, feed: dict) -> tuple:
    text = path.read_bytes().decode("gb18030")
    first, rest = text.split("\n", 1)
    assert first == '<?xml version="1.0" encoding="GB18030"?>'
    head, *rows, tail = ElementTree.fromstring(rest)
    fields = [field["source_field"] for field in feed["layouts"][0]["fields"]]
    assert all([value.tag for value in row] == fields for row in rows)
    trailer = [value.text for value in tail]
    body = rest.split("</HEAD>\n", 1)[1].split("<TAIL>")[0]
    assert tail[-1].tag == "BYTES" and int(trailer.pop()) == len(body.encode("gb18030"))
    return [value.text for value in head], [[value.text or "" for value in row] for row in rows], trailer


def _spreadsheet(path: Path, feed: dict) -> tuple:
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert all(cell.value is None or cell.data_type == "s" for row in sheet.iter_rows() for cell in row)
    header, labels, *rows, trailer = ([value for value in row if value is not None] for row in sheet.values)
    assert labels == [field["label"] for field in feed["layouts"][0]["fields"]]
    assert trailer[0] == "合计"
    return header, rows, trailer[1:]


def latest(files: list[Exchange], key: str) -> dict[str, dict[str, str]]:
    """Return the last record of each key over a feed's files."""
    return {row[key]: row for file in files for row in file.rows}
