"""Broken XML, JSON and workbooks: what makes parsers stumble, read what they should not, or eat all memory."""

import io
import random
import re
import struct
import zipfile

from tests.ingestion.broken_files import BREAKS as PLAIN
from tests.ingestion.broken_files import TEXT, Break, sample

# What may stand where JSON wants a text.
VALUES = [b"NaN", b"-Infinity", b"null", b"true", b"1.5", b"9" * 9000, b"1e999999", b"'x'", b"//", b""]
VALUES += [b'"\\u0000"', b'"\\ud800"', b'"\\x"', b'"\t"', b'"\\"']


def wrong_markup(rng: random.Random) -> tuple[str, bytes]:
    """Put into XML what parsers stumble over: entities, references, nesting, comments, other names."""
    it = sample(rng, [kind for kind in TEXT if "xml" in kind or kind == "camt053"])
    content = it.bytes()
    bomb = b"".join(b'<!ENTITY a%d "%b">' % (level, b"&a%d;" % (level - 1) * 10) for level in range(1, 10))
    laughs = b'<!DOCTYPE z [<!ENTITY a0 "ha">' + bomb + b"]>"
    outside = b'<!DOCTYPE z [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY %% y SYSTEM "http://127.0.0.1:9/">%b]>'
    first_end = content.index(b"\n") + 1
    deep = rng.choice((300, 100_000))
    texts = [match.start() for match in re.finditer(rb"(?<=>)[^<>\n]+(?=</)", content)]
    at = rng.choice(texts)
    choices = [
        (first_end, laughs + b"\n"),
        (first_end, outside % b"" + b"\n"),
        (first_end, b'<?xml-stylesheet href="file:///etc/passwd"?>\n'),
        (at, b"&a9;"),
        (at, b"&x;"),
        (at, b"&amp;" * rng.choice((1, 200_000))),
        (at, rng.choice((b"&#0;", b"&#x1F;", b"&#xD800;", b"&#9;", b"&#10;", b"&#x20164;", b"&#99999999;"))),
        (at, b"<a>" * deep + b"</a>" * deep),
        (at, b"<a " + b" ".join(b'b%d="c"' % number for number in range(5000)) + b"/>"),
        (at, b'<x:include xmlns:x="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'),
        (
            at,
            rng.choice((b"<!-- x -->", b"<![CDATA[x]]>", b"<?x y?>", b"]]>", b"<", b">", b"&", b"</", b"<!", b"<!--")),
        ),
    ]
    place, added = rng.choice(choices)
    return it.file_name, content[:place] + added + content[place:]


def wrong_json(rng: random.Random) -> tuple[str, bytes]:
    """Put into JSON what parsers stumble over, with a trailer that counts the bytes as they are."""
    it = sample(rng, ["json_lines"])
    lines = it.bytes().splitlines(keepends=True)
    place = rng.randrange(len(lines))
    line = lines[place]
    value = rng.choice(re.findall(rb':("[^"]*")', line) or [b'"'])
    deep = rng.choice((500, 100_000))
    nested = [b"[" * deep, b"[" * deep + b"]" * deep, b'{"a":' * deep]
    keys = [b'"a":"b"', value + b"," + value, value[:-1] + b'","AAC001":"1"', b'{"__proto__":1}']
    instead = rng.choice([*VALUES, *nested, *keys, b" " + value, value + b"\n", b'"' + b"x" * 400_000 + b'"'])
    lines[place] = line.replace(value, instead, 1)
    body = sum(map(len, lines[1:-1]))
    lines[-1] = re.sub(rb'"bytes":[0-9]+', b'"bytes":%d' % body, lines[-1])
    return it.file_name, b"".join(lines)


def wrong_cells(rng: random.Random) -> tuple[str, bytes]:
    """Put numbers, days, formulas, errors and far cells into a workbook."""
    it = sample(rng, ["spreadsheet"])
    last = 2 + len(it.rows)
    values = (
        5,
        5.5,
        1e300,
        True,
        "=SUM(E3:E7)",
        "=1/0",
        "=cmd|' /C calc'!A0",
        "='[http://h/x.xlsx]S'!A1",
        "x" * 32_000,
        "合计",
    )
    values += (it.feed.title, "\x01", "_x0041_", "_x000D_", "_xD800_", "")
    for _ in range(rng.randint(1, 3)):
        place = rng.choice(((rng.randint(0, last + 2), rng.randint(0, 8)), (last, 2), (50_000, 5), (3, 16_000)))
        it.overrides[place] = rng.choice(values)
    return it.file_name, it.bytes()


def repacked(content: bytes, change) -> bytes:
    """Return the workbook with `change(name, bytes)` applied to each of its parts; None drops one."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if (text := change(part.filename, old.read(part))) is not None:
                new.writestr(zipfile.ZipInfo(part.filename), text)
    return target.getvalue()


def wrong_archive(rng: random.Random) -> tuple[str, bytes]:
    """Break a workbook as an archive: bombs, lies about sizes, tricks in names, parts missing or replaced."""
    it = sample(rng, ["spreadsheet"])
    content = it.bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
    chosen = rng.choice(names)
    junk = rng.choice(
        (
            b"",
            b"<",
            rng.randbytes(200),
            b"<a/>",
            b"\xef\xbb\xbf<a/>",
            b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
            b" " * (1 << 21),
        )
    )
    part = rng.choice((b"<c ", b"<v>", b'r="', b"<row", b't="s"', b"</sheetData>", b"<si>", b"<sheet ", b"Target="))
    other = rng.choice((b"", b"<c t='n' ", b"<v>99999", b'r="ZZZ9', b"<x", b't="q"', b"../../", b"file:///etc/passwd"))
    entry = rng.choice(
        ("../../owned", "/tmp/owned", "xl/../../owned", "a\\..\\b", "x" * 60_000, "xl/externalLinks/e.xml", names[0])
    )

    def more() -> bytes:
        target = io.BytesIO(content)
        with zipfile.ZipFile(target, "a", zipfile.ZIP_DEFLATED) as archive:
            for number in range(rng.choice((1, 1, 1200))):
                archive.writestr(
                    zipfile.ZipInfo(entry if number == 0 else f"{number}"), content if number == 0 else b""
                )
        return target.getvalue()

    def lie() -> bytes:
        changed = bytearray(content)
        for mark, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
            found = [match.start() for match in re.finditer(re.escape(mark), content)]
            place = rng.choice(found) + at + rng.choice((0, 0, -4, -8, -14, -16))
            changed[place : place + 4] = struct.pack("<I", rng.choice((0, 1, 1 << 16, 1 << 31, (1 << 32) - 1)))
        return bytes(changed)

    way = rng.choice(("part", "markup", "drop", "more", "lie", "nested"))
    if way == "part":
        content = repacked(content, lambda name, text: junk if name == chosen else text)
    elif way == "markup":
        content = repacked(content, lambda name, text: text.replace(part, other, rng.choice((1, 5))))
    elif way == "drop":
        content = repacked(content, lambda name, text: None if name == chosen else text)
    elif way == "nested":
        content = repacked(content, lambda name, text: content if name == chosen else text)
    else:
        content = more() if way == "more" else lie()
    return it.file_name, content


BREAKS: list[Break] = [*PLAIN, wrong_markup, wrong_json, wrong_cells, wrong_archive]
