"""Which form a feed's files have, what they are called, and how one is begun."""

import re
from datetime import date
from pathlib import Path

from ingestion.feed_spec import Feed
from ingestion.outgoing.camt053 import Camt053File
from ingestion.outgoing.files import ExchangeFile
from ingestion.outgoing.lines import DelimitedFile, FixedWidthFile, JsonLinesFile
from ingestion.outgoing.markup import XmlFile
from ingestion.outgoing.workbook import SpreadsheetFile

FORMS = {
    "delimited": DelimitedFile,
    "fixed_width": FixedWidthFile,
    "xml": XmlFile,
    "spreadsheet": SpreadsheetFile,
    "json_lines": JsonLinesFile,
    "camt053": Camt053File,
}
SUFFIXES = {
    "delimited": "txt",
    "fixed_width": "txt",
    "xml": "xml",
    "spreadsheet": "xlsx",
    "json_lines": "jsonl",
    "camt053": "xml",
}


def file_name(feed: Feed, period: str, sequence: str = "001", profile: str | None = None) -> str:
    """Return the name that the feed's pattern asks for: the pattern with its groups filled in."""
    values = {"period": period, "sequence": sequence, "profile": profile or ""}
    pattern = feed.arrives.pattern.pattern
    name = re.sub(r"\(\?P<(\w+)>[^)]*\)", lambda group: values[group[1]], pattern).replace("\\.", ".")
    if profile:
        name = re.sub(r"\(\?:([^)]*)\)", lambda group: _suffix(feed, profile, group[1].split("|")), name)
    if not feed.arrives.pattern.fullmatch(name):
        raise ValueError(f"{feed.source}/{feed.name}：文件名 {name} 不合接口定义的 pattern")
    return name


def _suffix(feed: Feed, profile: str, choices: list[str]) -> str:
    """Return which of a pattern's alternatives is the suffix of a profile's kind of file."""
    kind = next(layout.format.kind for layout in feed.layouts if layout.profile == profile)
    return SUFFIXES[kind] if SUFFIXES[kind] in choices else choices[0]


def begin_file(folder: Path, feed: Feed, period: str, created: date, **key: str) -> ExchangeFile:
    """Begin a file of a feed in a folder, named as the feed's pattern asks; `key`: sequence, profile."""
    form = FORMS[feed.layout_on(created, key.get("profile")).format.kind]
    return form(folder / file_name(feed, period, **key), feed, period, created, **key)
