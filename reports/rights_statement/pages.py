"""Make the pages of statements: one A4 page each, by Typst from `page/`.

The page maker decides where content stands and how large, and refuses what it cannot print whole: a character without a
glyph, or a text that its place cannot hold. Content and page making meet only in `Statement.printed`.
"""

import json
import re
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pypdfium2
import typst

from reports import ReportRefused
from reports.fonts import FAMILIES, Fonts
from reports.rights_statement.content import Statement
from reports.rights_statement.verification import qr_payload, qr_pixels

TEMPLATES = sorted((Path(__file__).parent / "page").glob("*.typ"))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MM_PER_POINT = 25.4 / 72
LINE = 1.2  # line pitch in font sizes
WORDS = re.compile(r"[!-~]+|.")  # what a line break never cuts

# Millimetres; page/*.typ draws by the same numbers.
LAYOUT = {
    "left": 15,
    "width": 180,
    # A window of a DL envelope: the sheet is folded in three, and only this shows.
    "window": {"x": 27, "y": 31.5, "width": 86, "postcode": 5.5, "address": 13, "name": 7.5},
    "side": {"x": 133, "y": 49, "label": 13, "width": 62, "row": 5},
    "identity": {"label": 26, "value": 64, "row": 6.5},
    "account": {"columns": [21.5, 21.5, 21.5, 21.5, 21.5, 21.5, 17, 17, 17], "row": 7.5},
    "rate": {"row": 6},
    "months": {"columns": [18, 30, 30, 30, 28, 18, 26], "row": 5},
    "totals": {"row": 6},
    "benefits": {"columns": [48, 14, 28], "row": 4.6, "rows": 4},
    "notes": {"label": 8, "number": 4, "row": 3.6, "size": 7},
    "assumed": {"x": 29, "row": 5.5},  # beside the heading of a section
    "padding": 1.5,
}


class Box(NamedTuple):
    """A place for text: millimetres, and the font sizes to try, in points, largest first."""

    width: float
    height: float
    sizes: tuple[float, ...]


def _cell(width: float, height: float, *sizes: float) -> Box:
    return Box(width - 2 * LAYOUT["padding"], height, sizes)


_WINDOW, _SIDE = LAYOUT["window"], LAYOUT["side"]
_IDENTITY_ROW = LAYOUT["identity"]["row"]
ADDRESS = Box(_WINDOW["width"], _WINDOW["address"], (10.5, 9.5, 8.5, 7.5, 6.5))
RECIPIENT = Box(_WINDOW["width"], _WINDOW["name"], (12, 10.5, 9, 7.5, 6))
POSTCODE = Box(_WINDOW["width"], _WINDOW["postcode"], (10.5,))
SIDE_VALUE = Box(_SIDE["width"] - _SIDE["label"], _SIDE["row"], (8.5, 7.5, 6.5, 5.5))
IDENTITY = _cell(LAYOUT["identity"]["value"], _IDENTITY_ROW, 9.5, 8.5, 7.5, 6.5, 5.5)
IDENTITY_WIDE = _cell(LAYOUT["width"] - LAYOUT["identity"]["label"], _IDENTITY_ROW, 9.5, 8.5, 7.5, 6.5, 5.5)
ACCOUNT = [_cell(width, 4, 9, 8, 7, 6) for width in LAYOUT["account"]["columns"]]
RATE = _cell(LAYOUT["width"], LAYOUT["rate"]["row"], 8.5, 7.5, 6.5)
MONTHS = [_cell(width, 4, 8.5, 7.5, 6.5) for width in LAYOUT["months"]["columns"]]
TOTALS = _cell(LAYOUT["width"], LAYOUT["totals"]["row"], 9, 8, 7)
BENEFITS = [_cell(width, 4, 8.5, 7.5, 6.5) for width in LAYOUT["benefits"]["columns"]]
BENEFIT_TOTAL = _cell(LAYOUT["width"] / 2, 5, 9)
ASSUMED_NOTE = Box(LAYOUT["width"] - LAYOUT["assumed"]["x"], LAYOUT["assumed"]["row"], (7.5, 7, 6.5, 6, 5.5))
NOTE = Box(LAYOUT["width"] - LAYOUT["notes"]["label"] - LAYOUT["notes"]["number"], 3, (LAYOUT["notes"]["size"],))
NOTE_LINES = 6
TOTALS_APART = "　" * 8
BENEFIT_ROWS = LAYOUT["benefits"]["rows"] * 2  # two halves side by side


class Held(Exception):
    """This statement cannot be printed whole; the message (Chinese, without personal data) says why."""


class PageMaker:
    """Print the statements of one year; holds a folder of its own until closed."""

    def __init__(self, form: dict[str, Any], fonts: Fonts) -> None:
        missing = fonts.missing(json.dumps(form, ensure_ascii=False))
        if missing:
            raise ReportRefused(f"report.yml 或 text/ 中有字体不能打印的字符：{_named(missing)}")
        long = [
            line for line in form["notes"]["lines"] if fonts.width(line) * NOTE.sizes[0] * MM_PER_POINT > NOTE.width
        ]
        if long or len(form["notes"]["lines"]) > NOTE_LINES:
            raise ReportRefused(f"text/notes.txt.j2 应不多于 {NOTE_LINES} 行，每行不超过版面宽度；过长的行：{long}")
        self._form, self._fonts = form, fonts
        self._identity = [IDENTITY_WIDE if column.get("wide") else IDENTITY for column in form["identity"]["columns"]]
        self._folder = tempfile.TemporaryDirectory(prefix="statements-")
        self._root = Path(self._folder.name)
        for file in fonts.files:
            (self._root / file.name).symlink_to(file)
        for template in TEMPLATES:
            (self._root / template.name).write_bytes(template.read_bytes())
        self._typefaces = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[self._root])
        # Laying the blank form out once, not on every page, is a third faster and makes smaller files.
        self._compile("form.typ", EPOCH, output=self._root / "form.pdf")

    @property
    def fingerprint(self) -> list[str]:
        """Return what decides how a page looks, apart from its content."""
        sources = [path.read_text(encoding="utf-8") for path in (*TEMPLATES, Path(__file__))]
        return [*sources, self._fonts.fingerprint, typst.__version__]

    def close(self) -> None:
        """Remove the folder."""
        self._folder.cleanup()

    def place(self, statement: Statement) -> dict[str, Any]:
        """Return the statement's texts with the font size of each; raise `Held` when one cannot be printed whole."""
        printed, fit = statement.printed, self._fit
        columns = self._form
        total = columns["benefits"]["total"]["label"]
        if len(printed["benefits"]) > BENEFIT_ROWS:
            raise Held(f"待遇项目 {len(printed['benefits'])} 项，超过版面的 {BENEFIT_ROWS} 项")
        envelope, addressee = columns["envelope"], printed["addressee"]
        halves = printed["benefits"][: BENEFIT_ROWS // 2], printed["benefits"][BENEFIT_ROWS // 2 :]
        return {
            "postcode": fit(envelope["postcode"]["label"], addressee["postcode"], POSTCODE),
            "address": fit(envelope["address"]["label"], addressee["address"], ADDRESS),
            "name": fit(envelope["name"]["label"], addressee["name"], RECIPIENT),
            "side": self._stacked(
                (columns["verification"][part], printed[part], SIDE_VALUE) for part in ("number", "code", "as_of")
            ),
            "identity": self._row("identity", printed["identity"], self._identity),
            "account": self._row("account", printed["account"], ACCOUNT),
            "rate": fit("记账利率", printed["rate"], RATE),
            "account_note": fit(columns["account"]["title"], printed["account_note"], ASSUMED_NOTE),
            "months": self._columns("months", printed["months"], MONTHS),
            "months_note": fit(columns["months"]["title"], printed["months_note"], ASSUMED_NOTE),
            "totals": fit(columns["months"]["title"], self._totals(printed["totals"]), TOTALS),
            "benefits": [self._columns("benefits", half, BENEFITS) for half in halves if half],
            "benefit_total": fit(total, f"{total}　{printed['benefit_total']}", BENEFIT_TOTAL),
        }

    def make(self, statements: list[tuple[Statement, dict[str, Any]]], as_of: date) -> bytes:
        """Return a PDF of one page for each statement, dated by the data, not by the clock."""
        symbols, pages = [], []
        start = 0
        for statement, placed in statements:
            side, pixels = qr_pixels(qr_payload(statement.number, statement.code))
            symbols.append(pixels)
            pages.append({**placed, "symbol": [start, side]})
            start += side * side
        (self._root / "symbols.bin").write_bytes(b"".join(symbols))
        pdf = self._compile("statements.typ", datetime(as_of.year, as_of.month, as_of.day, tzinfo=UTC), pages)
        with pypdfium2.PdfDocument(pdf) as document:
            if len(document) != len(pages):
                raise RuntimeError(f"{len(pages)} statements made {len(document)} pages")
        return pdf

    def _compile(self, template: str, dated: datetime, statements: Sequence[dict] = (), output: Path | None = None):
        data = {"form": self._form, "layout": LAYOUT, "fonts": FAMILIES, "line_mm": LINE * MM_PER_POINT}
        return typst.compile(
            self._root / template,
            output,
            root=self._root,
            font_paths=self._typefaces,
            sys_inputs={"data": json.dumps({**data, "statements": statements}, ensure_ascii=False)},
            timestamp=dated,
            pdf_tags=False,  # tags make a page five times larger; print needs none
        )

    def _row(self, section: str, texts: list[str], boxes: list[Box]) -> list[list]:
        columns = self._form[section]["columns"]
        return [self._fit(column["label"], text, box) for column, text, box in zip(columns, texts, boxes, strict=True)]

    def _columns(self, section: str, rows: list[list[str]], boxes: list[Box]) -> list[list]:
        columns = zip(self._form[section]["columns"], zip(*rows, strict=True), boxes, strict=True)
        return [self._stacked((column["label"], text, box) for text in texts) for column, texts, box in columns]

    def _stacked(self, them: Iterable[tuple[str, str, Box]]) -> list:
        """Return texts that stand one over the other as one text, which is laid out much faster than each alone."""
        placed = [self._fit(*it) for it in them]
        return ["\n".join(text for text, _ in placed), min(size for _, size in placed)]

    def _totals(self, values: list[str]) -> str:
        labels = [column["label"] for column in self._form["months"]["totals"]]
        return TOTALS_APART.join(f"{label}　{value}" for label, value in zip(labels, values, strict=True))

    def _fit(self, label: str, text: str, box: Box) -> list:
        """Return the text and the largest size at which it stands in its box."""
        missing = self._fonts.missing(text)
        if missing:
            raise Held(f"{label}：字体中没有字符 {_named(missing)}")
        width = self._fonts.width(text)
        for size in box.sizes:
            em = size * MM_PER_POINT
            if width * em <= box.width or self._lines(text, box.width / em) <= box.height // (em * LINE):
                return [text, size]
        raise Held(f"{label}：文字过长，版面容纳不下")

    def _lines(self, text: str, width: float) -> float:
        """Return how many lines of `width` em a text takes at most; infinite when one word is wider than a line."""
        usable = width - 1  # a closing mark may pull the character before it to the next line
        lines, filled = 1, 0.0
        for word in WORDS.findall(text):
            advance = self._fonts.width(word)
            if advance > usable:
                return float("inf")
            if filled + advance > usable:
                lines, filled = lines + 1, 0.0
            filled += advance
        return lines


def _named(characters: list[str]) -> str:
    return "、".join(f"U+{ord(character):04X}" for character in characters)
