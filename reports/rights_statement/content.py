"""Say what a statement says, in words and figures ready to print; where they stand on the page is not decided here.

Content is plain text throughout: a page maker must print it literally, whatever signs it holds.
"""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from reports.formats import ASSUMED, FILTERS, MISSING, day
from reports.rights_statement import verification
from reports.rights_statement.assumed import Assumed, is_assumed, note
from reports.rights_statement.records import Record

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Statement:
    """One statement: who and where it goes to, what is printed, and what the codes are."""

    number: str
    person: dict[str, Any]
    code: str
    printed: dict[str, Any]  # texts, lists of texts and tables of texts

    @cached_property
    def content_hash(self) -> str:
        """Return the fingerprint of everything printed that is this person's own."""
        return hashlib.sha256(verification.canonical(self.printed)).hexdigest()


class Writer:
    """Write the statements of one year by `report.yml` and the texts beside it."""

    def __init__(self, year: int, key: bytes, assumed: Assumed) -> None:
        self.year = year
        self._assumed = assumed
        self.declared = declared()
        self._key = key
        # The texts are plain, not HTML: escaping would print `&amp;` on paper.
        texts = Environment(loader=FileSystemLoader(FOLDER / "text"), undefined=StrictUndefined, autoescape=False)
        texts.filters.update(FILTERS)
        self._rate = texts.get_template("rate.txt.j2")
        self.form = self._form(texts)

    def _form(self, texts: Environment) -> dict[str, Any]:
        """Return what every statement of the year has in common: the declared labels, the title and the notes."""
        title, notes = (
            texts.get_template(f"{name}.txt.j2").render(self.declared, year=self.year) for name in ("title", "notes")
        )
        return {**self.declared, "title": title, "notes": {**self.declared["notes"], "lines": notes.splitlines()}}

    def write(self, record: Record) -> Statement:
        """Write the statement of one person and scheme."""
        person = record.person
        number = person["statement_number"]
        code = verification.verification_code(self._key, number, record)
        printed = {
            "number": number,
            "code": code,
            "as_of": day(person["data_as_of"]),
            "addressee": self._addressee(person),
            "identity": _row(self.declared["identity"]["columns"], person),
            "account": _row(self.declared["account"]["columns"], person),
            "rate": self._rate.render(person, rate_statuses=self.declared["rate_statuses"]),
            "account_note": self._account_note(person),
            "months": self._months(record.months),
            "months_note": self._months_note(record),
            "totals": _row(self.declared["months"]["totals"], person),
            "benefits": self._benefits(record.benefits),
            "benefit_total": _shown(self.declared["benefits"]["total"], person),
        }
        return Statement(number, person, code, printed)

    def _addressee(self, person: dict[str, Any]) -> dict[str, str]:
        envelope = self.declared["envelope"]
        return {
            "postcode": person["postcode"] or "",
            "address": person["postal_address"] or envelope["no_address"],
            "name": f"{person['person_name']}　{envelope['suffix']}",
        }

    def _account_note(self, person: dict[str, Any]) -> str:
        """Return what the marked figures of the account rest on, if any are marked."""
        words, items = self.declared["assumed"], []
        if person["rate_status"] == "assumed":
            items.append(f"{words['rate']}（{person['rate_document'] or words['no_document']}）")
        if person["principal_status"] == "assumed":
            items += self._assumed["account"].get(person["insurance_code"], [])
        if person["opening_status"] == "assumed":
            items.append(words["opening"])
        marked = any(is_assumed(column, person) for column in self.declared["account"]["columns"])
        return note(words, items) if marked else ""

    def _months_note(self, record: Record) -> str:
        """Return what the marked figures of the months and their totals rest on, if any are marked."""
        declared = self.declared["months"]
        marked = any(is_assumed(column, record.person) for column in declared["totals"]) or any(
            is_assumed(column, month) for column in declared["columns"] for month in record.months
        )
        items = self._assumed["months"].get(record.person["insurance_code"], [])
        return note(self.declared["assumed"], items) if marked else ""

    def _months(self, rows: list[dict[str, Any]]) -> list[list[str]]:
        """Return twelve rows, with a dash in every column of a month for which nothing was due."""
        columns, states = self.declared["months"]["columns"][1:], self.declared["months"]["states"]
        nothing = {column["field"]: None for column in columns} | {"month_state": "none"}
        due = {row["liability_month"].month: row for row in rows}
        printed = []
        for month in range(1, 13):
            row = due.get(month, nothing)
            printed.append([f"{month}月", *_row(columns, row | {"month_state": states[row["month_state"]]})])
        return printed

    def _benefits(self, rows: list[dict[str, Any]]) -> list[list[str]]:
        benefits = self.declared["benefits"]
        return [_row(benefits["columns"], row) for row in rows] or [[benefits["nothing"], "", ""]]


def declared() -> dict[str, Any]:
    """Return what `report.yml` declares."""
    return yaml.safe_load((FOLDER / "report.yml").read_text(encoding="utf-8"))


def _row(columns: list[dict[str, Any]], values: dict[str, Any]) -> list[str]:
    return [_shown(column, values) for column in columns]


def _shown(column: dict[str, Any], values: dict[str, Any]) -> str:
    value = values[column["field"]]
    if value is None or "format" not in column:
        return value or MISSING
    return (ASSUMED if is_assumed(column, values) else "") + FILTERS[column["format"]](value)
