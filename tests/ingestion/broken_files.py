"""Broken exchange files by the thousand: each break is a function of a random generator, and gives a name and bytes."""

import random
import re
from collections.abc import Callable

from tests.ingestion.exchange_files import ALL_KINDS, Sample, sample_of

TEXT = [kind for kind in ALL_KINDS if not kind.startswith("spreadsheet")]
# What people and machines write into fields, or others try to.
NASTY = [
    "",
    " ",
    "　",
    "'; drop table rows; --",
    '" or ""="',
    "$(touch /tmp/owned)",
    "`id`",
    "; rm -rf .",
    "../../../etc/passwd",
    "/etc/passwd",
    "C:\\Windows\\win.ini",
    '=HYPERLINK("http://example.invalid")',
    "=cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "+1",
    "-0.00",
    "0.005",
    "1e5",
    "NaN",
    "inf",
    "1,000.00",
    "１２３.４５",
    "٣٤",
    "00000000000000000000000000.00",
    "9" * 40,
    "9" * 15 + ".99",
    "-" + "9" * 16 + ".99",
    "20160231",
    "00000000",
    "201613",
    "\t",
    "\x1b[31m",
    "\x7f",
    "\u202e反",
    "\ufffd",
    "\ufeff",
    "e\u0301",
    "👩\u200d👧",
    "null",
    "<b>&amp;</b>",
    "]]>",
    "{{ 7 * 7 }}",
    "%s%n",
    "|",
    "T|5|0.00|0",
    "H|社会保险费到账明细",
]
Break = Callable[[random.Random], tuple[str, bytes]]


def sample(rng: random.Random, kinds: list[str] | None = None) -> Sample:
    """Return a right file of some kind, with some rows."""
    return sample_of(rng.choice(kinds or list(ALL_KINDS)), rows=rng.choice((1, 2, 5, 12)))


def spoiled_values(rng: random.Random) -> tuple[str, bytes]:
    """Put nasty texts into fields; the trailer still counts the bytes, and the money as it was."""
    it = sample(rng)
    totals = it.totals()
    for _ in range(rng.randint(1, 4)):
        row, field = rng.choice(it.rows), rng.choice(it.layout.fields)
        text = rng.choice(NASTY)
        if it.layout.format.kind == "fixed_width":
            cut = text.encode(it.encoding, errors="replace")[: field.width]
            text = cut.decode(it.encoding, errors="ignore").ljust(0)
        if it.layout.format.kind.startswith("spreadsheet"):
            text = re.sub("[\x00-\x08\x0b-\x1f]", " ", text)
        row[field.name] = text.encode(it.encoding, errors="replace").decode(it.encoding)
    it.totals = lambda: totals
    return it.file_name, it.bytes()


def huge_values(rng: random.Random) -> tuple[str, bytes]:
    """Make some fields enormous."""
    it = sample(rng, [kind for kind in ALL_KINDS if not kind.startswith(("fixed", "spread"))])
    field = rng.choice([field.name for field in it.layout.fields if field.type == "text"])
    rng.choice(it.rows)[field] = rng.choice("9名 '") * rng.choice((1000, 50_000, 700_000))
    return it.file_name, it.bytes()


def cut_bytes(rng: random.Random) -> tuple[str, bytes]:
    """Cut out up to a whole half of the bytes, at one place or at several."""
    it = sample(rng)
    content = it.bytes()
    for _ in range(rng.choice((1, 1, 1, 3))):
        start = rng.randrange(len(content) or 1)
        content = content[:start] + content[start + rng.choice((1, 2, 10, len(content) // 2)) :]
    return it.file_name, content


def changed_bytes(rng: random.Random) -> tuple[str, bytes]:
    """Change some bytes to any others."""
    it = sample(rng)
    content = bytearray(it.bytes())
    for _ in range(rng.choice((1, 1, 2, 8, 100))):
        content[rng.randrange(len(content))] = rng.choice((rng.randrange(256), 0, 10, 13, 0x22, 0x3C, 0x7C, 0xFF))
    return it.file_name, bytes(content)


def added_bytes(rng: random.Random) -> tuple[str, bytes]:
    """Add bytes somewhere: any, line ends, marks of other encodings."""
    it = sample(rng)
    content = it.bytes()
    at = rng.choice((0, len(content), rng.randrange(len(content))))
    some = (
        rng.randbytes(rng.randint(1, 60)),
        b"\n",
        b"\r\n",
        b"\0" * 50,
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\x1a",
        b"\x84\x31\x95\x33",
    )
    return it.file_name, content[:at] + rng.choice(some) + content[at:]


def moved_lines(rng: random.Random) -> tuple[str, bytes]:
    """Shuffle, double or drop lines: heads, rows and trailers alike."""
    it = sample(rng, TEXT)
    lines = it.bytes().splitlines(keepends=True)
    for _ in range(rng.randint(1, 3)):
        one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        move = rng.choice(("swap", "double", "drop", "last"))
        if move == "swap":
            lines[one], lines[other] = lines[other], lines[one]
        elif move == "double":
            lines.insert(other, lines[one])
        elif move == "last":
            lines.append(lines[one])
        elif len(lines) > 1:
            lines.pop(one)
    return it.file_name, b"".join(lines)


def glued_files(rng: random.Random) -> tuple[str, bytes]:
    """Glue two files, or the head of one to the rows and trailer of another."""
    it, other = sample(rng), sample(rng)
    first, second = it.bytes(), other.bytes()
    cut, start = rng.choice((len(first), rng.randrange(len(first)))), rng.choice((0, rng.randrange(len(second))))
    return it.file_name, first[:cut] + second[start:]


def other_trailer(rng: random.Random) -> tuple[str, bytes]:
    """Change the numbers of a trailer, or of an account's summary: lengthened, signed, written in other digits."""
    it = sample(rng, TEXT)
    content = it.bytes()
    if it.layout.format.kind == "camt053":
        marks = [rng.choice((b"<NbOfNtries>", b"<Sum>", b'<Amt Ccy="CNY">', b"<Id>"))]
        places = [match.end() for mark in marks for match in re.finditer(re.escape(mark), content)]
        start = rng.choice(places) if places else 0
    else:
        start = content.rstrip(b"\r\n").rfind(b"\n", 0, -10) + 1
    numbers = list(re.finditer(rb"[0-9][0-9.]*", content[start:]))
    if not numbers:
        return it.file_name, content
    number = numbers[0] if it.layout.format.kind == "camt053" else rng.choice(numbers)
    found = number[0]
    others = [found + b"0", b"0" + found, b"-" + found, b"+" + found, b"9" * 5000, b"", b" " + found, found[:-1], b"0"]
    others += ["３".encode(it.encoding), "٣".encode(), b"NaN", b"1e9", found.replace(b".", b","), b"1" + found]
    instead = rng.choice(others)
    return it.file_name, content[: start + number.start()] + instead + content[start + number.end() :]


def other_encoding(rng: random.Random) -> tuple[str, bytes]:
    """Write the whole or the rest of a file in another encoding."""
    it = sample(rng, TEXT)
    text = it.bytes().decode(it.encoding)
    encoding = rng.choice(
        ("utf-8", "utf-8-sig", "utf-16", "utf-32", "gbk", "gb18030", "big5", "ascii", "utf-7", "cp037")
    )
    cut = rng.choice((0, rng.randrange(len(text))))
    return it.file_name, text[:cut].encode(it.encoding) + text[cut:].encode(encoding, errors="replace")


def anything(rng: random.Random) -> tuple[str, bytes]:
    """Send under a right name what is no exchange file at all."""
    it = sample(rng)
    kinds = (
        b"",
        rng.randbytes(rng.choice((1, 50, 5000))),
        b"\0" * 3000,
        b"\n" * 3000,
        b"H" * 70_000,
        b"%PDF-1.7\n" + rng.randbytes(300),
        b"\x1f\x8b\x08" + rng.randbytes(300),
        "<html><body>502 网关错误</body></html>".encode(),
        b"PK\x03\x04" + rng.randbytes(300),
        it.bytes()[::-1],
    )
    return it.file_name, rng.choice(kinds)


BREAKS: list[Break] = [
    spoiled_values,
    huge_values,
    cut_bytes,
    changed_bytes,
    added_bytes,
    moved_lines,
    glued_files,
    other_trailer,
    other_encoding,
    anything,
]
