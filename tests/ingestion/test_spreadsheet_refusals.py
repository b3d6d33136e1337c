"""A workbook is refused whole when it cannot be proved; a cell that is no text never becomes money."""

import io
import zipfile
from datetime import date

import pytest

from tests.ingestion.exchange_files import sample_of
from tests.ingestion.test_landing import rejected_of

NAME = "CZZH_201601_001.xlsx"
LAST = 2 + 5  # row of the totals, counted from 0


def repacked(content: bytes, change) -> bytes:
    """Return the workbook with `change(name, bytes)` applied to each of its parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            new.writestr(part.filename, change(part.filename, old.read(part)))
    return target.getvalue()


@pytest.mark.parametrize(
    ("overrides", "reason"),
    [
        ({(LAST, 1): 5}, "spreadsheet_cell_type"),
        ({(LAST, 2): 50012.5}, "spreadsheet_cell_type"),
        ({(LAST, 2): "=SUM(E3:E7)"}, "spreadsheet_cell_type"),
        ({(0, 2): 201601}, "spreadsheet_cell_type"),
        ({(1, 4): "总额"}, "spreadsheet_labels"),
        ({(1, 6): "备注"}, "spreadsheet_labels"),
        ({(0, 0): "财政专户"}, "wrong_encoding"),
        ({(0, 0): "社会保险费到账明细"}, "header_disagrees"),
        ({(0, 2): "201602"}, "header_disagrees"),
        ({(0, 4): "20140131"}, "no_layout"),
        ({(0, 4): "一月"}, "header_malformed"),
        ({(0, 5): "more"}, "header_malformed"),
        ({(LAST, 1): "6"}, "row_count_differs"),
        ({(LAST, 1): "+5"}, "trailer_malformed"),
        ({(LAST, 2): "50012.5"}, "trailer_malformed"),
        ({(LAST, 2): "50012.51"}, "control_totals_differ"),
        ({(4, 4): "10002.51"}, "control_totals_differ"),
        ({(4, 4): 10002.5}, "control_totals_differ"),
        ({(4, 4): "=10002.5"}, "control_totals_differ"),
        ({(LAST, 0): "总计"}, "trailer_missing"),
        ({(LAST + 1, 0): "E1"}, "trailer_not_last"),
        ({(LAST + 1, 0): "合计"}, "trailer_repeated"),
        ({(4, 0): "社会保险基金财政专户收支明细"}, "header_repeated"),
    ],
)
def test_a_wrong_cell_refuses_the_workbook(desk, overrides, reason):
    sample = sample_of("spreadsheet")
    sample.overrides = overrides
    outcome = desk.receive(NAME, sample.bytes())
    assert outcome.reason == reason, outcome.message
    assert not desk.landed() and not desk.leftovers()


@pytest.mark.parametrize("value", [110, date(2016, 1, 31), "=1+1", True])
def test_a_cell_that_is_not_text_rejects_its_row_where_it_is_not_money(desk, value):
    sample = sample_of("spreadsheet")
    sample.overrides = {(4, 1): value}
    outcome = desk.receive(NAME, sample.bytes())
    (row,) = rejected_of(outcome, desk)
    assert (row["rule_code"], row["field_name"], row["source_line"]) == ("cell_not_text", "insurance_code", 5)


def test_any_byte_cut_from_a_workbook_refuses_it(desk):
    content = sample_of("spreadsheet").bytes()
    for at in (
        0,
        1,
        40,
        1000,
        len(content) // 2,
        len(content) - 60,
        len(content) - 22,
        len(content) - 12,
        len(content) - 1,
    ):
        outcome = desk.receive(NAME, content[:at] + content[at + 1 :])
        assert outcome.reason in ("truncated", "spreadsheet_not_zip", "spreadsheet_damaged"), at
    assert "缺 1 字节" in desk.receive(NAME, content[:1000] + content[1001:]).message


def test_a_flipped_byte_in_a_part_refuses_it(desk):
    content = bytearray(sample_of("spreadsheet").bytes())
    content[200] ^= 0xFF
    assert desk.receive(NAME, bytes(content)).reason == "spreadsheet_damaged"


@pytest.mark.parametrize("content", [b"\xd0\xcf\x11\xe0" * 100, b"a,b\n1,2\n", b"PK\x03\x04"])
def test_what_is_no_workbook_is_refused(desk, content):
    assert desk.receive(NAME, content).reason in ("spreadsheet_not_zip", "truncated")


def test_an_archive_that_is_no_workbook_is_refused(desk):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.txt", "x")
    assert desk.receive(NAME, target.getvalue()).reason == "spreadsheet_damaged"


def test_a_zip_bomb_is_refused_before_it_is_unpacked(desk, monkeypatch):
    monkeypatch.setattr("ingestion.formats.spreadsheet.LARGEST_UNPACKED", 1 << 20)
    content = repacked(sample_of("spreadsheet").bytes(), lambda name, text: text + b" " * (1 << 20))
    assert desk.receive(NAME, content).reason == "spreadsheet_too_large"
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(1001):
            archive.writestr(f"{number}", b"")
    assert desk.receive(NAME, many.getvalue()).reason == "spreadsheet_too_large"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le"])
def test_entities_in_a_sheet_with_another_name_are_refused(desk, encoding):
    bomb = '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>'
    old = io.BytesIO(sample_of("spreadsheet").bytes())
    target = io.BytesIO()
    with zipfile.ZipFile(old) as archive, zipfile.ZipFile(target, "w") as new:
        for name in archive.namelist():
            text = archive.read(name).replace(b"sheet1.xml", b"sheet1.dat")
            if name.endswith("sheet1.xml"):
                text = (bomb + text.decode().split("?>", 1)[1]).encode(encoding)
            new.writestr(name.replace("sheet1.xml", "sheet1.dat"), text)
    assert desk.receive(NAME, target.getvalue()).reason == "xml_doctype"


def test_entities_in_a_workbook_are_refused(desk):
    bomb = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>'

    def change(name: str, text: bytes) -> bytes:
        return bomb + text.split(b"?>", 1)[1] if name.endswith("sharedStrings.xml") else text

    assert desk.receive(NAME, repacked(sample_of("spreadsheet").bytes(), change)).reason == "xml_doctype"
