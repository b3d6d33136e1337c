"""Make a lot: the PDF of up to some hundred statements that follow each other in postal order, and its manifest rows.

A lot takes a fixed number of persons; a statement held back leaves it a page short, so that printing that one later
does not move every following statement into another lot.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from reports.fonts import Fonts
from reports.rights_statement.assumed import Assumed
from reports.rights_statement.content import Statement, Writer
from reports.rights_statement.pages import Held, PageMaker
from reports.rights_statement.records import Record, Row
from reports.rights_statement.verification import canonical

PRINTED, HELD = "printed", "held"


@dataclass(frozen=True)
class Setup:
    """What every lot of a run is made with."""

    year: int
    folder: Path
    key: bytes
    fonts: Fonts
    assumed: Assumed


@dataclass(frozen=True)
class Lot:
    """The summary of a lot; one row of `lots.csv`. Without pages there is no file."""

    lot: int
    file: str
    pages: int
    held: int
    first_statement_number: str
    last_statement_number: str
    bytes: int
    sha256: str
    content_hash: str


@dataclass(frozen=True)
class Entry:
    """What became of one statement; one row of `manifest.csv`."""

    lot: int
    page: int | None
    statement_number: str
    person_number: str
    prefecture_code: str
    postcode: str | None
    verification_code: str | None
    content_hash: str
    status: str
    reason: str


class LotMaker:
    """Make the lots of one run, one after the other."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._writer = Writer(setup.year, setup.key, setup.assumed)
        self._pages = PageMaker(self._writer.form, setup.fonts)

    def close(self) -> None:
        """Remove what was needed for making pages."""
        self._pages.close()

    def make(self, number: int, records: list[Record]) -> tuple[Lot, list[Entry]]:
        """Write the lot's PDF, or keep the one that is there and whole, and return its summary and entries.

        The file appears by a rename, with its summary beside it, so that a run cut off can be run again.
        """
        statements = [self._writer.write(record) for record in records]
        printable, entries = [], []
        for statement in statements:
            try:
                printable.append((statement, self._pages.place(statement)))
                entries.append(_entry(number, statement, PRINTED, _remarks(statement.person), page=len(printable)))
            except Held as why:
                entries.append(_entry(number, statement, HELD, str(why)))
        content_hash = self._content_hash([statement for statement, _ in printable])
        path = self._setup.folder / f"{self._setup.year}-{number:05d}.pdf"
        lot = _whole_lot(path, content_hash) or self._write(number, path, content_hash, printable, statements)
        return lot, entries

    def _content_hash(self, statements: list[Statement]) -> str:
        parts = [self._writer.form, self._pages.fingerprint, [statement.content_hash for statement in statements]]
        return hashlib.sha256(canonical(parts)).hexdigest()

    def _write(self, number, path: Path, content_hash: str, printable: list, statements: list[Statement]) -> Lot:
        pdf = self._pages.make(printable, statements[0].person["data_as_of"]) if printable else b""
        lot = Lot(
            lot=number,
            file=f"{path.parent.name}/{path.name}" if printable else "",
            pages=len(printable),
            held=len(statements) - len(printable),
            first_statement_number=statements[0].number,
            last_statement_number=statements[-1].number,
            bytes=len(pdf),
            sha256=hashlib.sha256(pdf).hexdigest() if printable else "",
            content_hash=content_hash,
        )
        if printable:
            _write_whole(path, pdf)
            _write_whole(_summary_of(path), json.dumps(asdict(lot), indent=1).encode())
        return lot


def lot_files(lot: Lot, folder: Path) -> set[Path]:
    """Return the files of a lot: the PDF and its summary."""
    if not lot.file:
        return set()
    path = folder / Path(lot.file).name
    return {path, _summary_of(path)}


def _summary_of(path: Path) -> Path:
    return path.with_suffix(".json")


def _whole_lot(path: Path, content_hash: str) -> Lot | None:
    """Return the lot that stands at `path` when it has this content and its bytes are what was written."""
    try:
        lot = Lot(**json.loads(_summary_of(path).read_bytes()))
        unchanged = lot.content_hash == content_hash and hashlib.sha256(path.read_bytes()).hexdigest() == lot.sha256
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return lot if unchanged else None


def _write_whole(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)


def _entry(lot: int, statement: Statement, status: str, reason: str, page: int | None = None) -> Entry:
    return Entry(
        lot=lot,
        page=page,
        statement_number=statement.number,
        person_number=statement.person["person_number"],
        prefecture_code=statement.person["prefecture_code"],
        postcode=statement.person["postcode"],
        # A code that was never printed must not verify anything.
        verification_code=statement.code if status == PRINTED else None,
        content_hash=statement.content_hash,
        status=status,
        reason=reason,
    )


def _remarks(person: Row) -> str:
    """Say what a printed statement lacks for the post."""
    lacking = {"缺通信地址": person["postal_address"], "缺邮政编码": person["postcode"]}
    return "、".join(remark for remark, value in lacking.items() if not value)
