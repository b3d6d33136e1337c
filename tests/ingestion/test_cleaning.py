"""What a sender is known to write wrongly is mended where the feed declares it, and every mended row says so."""

from dataclasses import replace
from decimal import Decimal

import pyarrow.parquet as pq
import pytest

from ingestion.feed_spec import Lookup
from ingestion.messages import WARNINGS
from ingestion.receive import Receiver
from tests.ingestion.exchange_files import sample_of


def declaring(sample, *, cleaning: tuple[str, ...] = (), lookups: dict[str, tuple[Lookup, ...]] | None = None):
    """Return the feed with full-width cleaning of those fields, and with those lookups."""
    layouts = tuple(
        replace(
            layout,
            fields=tuple(replace(it, cleaning=("full_width",) if it.name in cleaning else ()) for it in layout.fields),
        )
        for layout in sample.feed.layouts
    )
    return replace(sample.feed, layouts=layouts, lookups=tuple((lookups or {}).items()))


def receive(desk, sample, feed):
    """Receive a sample by another feed than the declared one; return outcome, accepted and rejected rows."""
    path = desk.files / sample.file_name
    path.write_bytes(sample.bytes())
    with Receiver([feed]) as receiver:
        (outcome,) = receiver.receive([path])
    assert outcome.status == "landed", outcome.message
    (folder,) = desk.landed()
    return outcome, *(pq.read_table(folder / f"{name}.parquet").to_pylist() for name in ("rows", "rejected"))


@pytest.mark.parametrize(
    ("kind", "field", "written", "landed"),
    [
        ("delimited", "receipt_number", "Ｒ０１－ａ｜～！", "R01-a|~!"),
        ("delimited", "receipt_number", "R01\u3000\u3000", "R01"),
        ("delimited", "receipt_number", "R\u3000\u300001", "R  01"),
        ("delimited", "person_name", "张三（女）＂＇", "张三(女)\"'"),
        ("delimited", "insurance_code", "１１０", "110"),
        ("delimited", "person_paid_yuan", "－12．50", Decimal("-12.50")),
        ("fixed_width", "payment_yuan", "０００１２３", Decimal("1.23")),
        ("fixed_width", "return_reason_code", "\u3000", None),
        ("xml", "paid_month_count", "１２", 12),
        ("spreadsheet", "entry_number", "Ｅ１", "E1"),
    ],
)
def test_full_width_characters_are_cleaned_before_judging_where_declared(desk, kind, field, written, landed):
    sample = sample_of(kind)
    feed = declaring(sample, cleaning=(field,))
    sample.rows[2][field] = written
    sample.totals = lambda rows=sample.rows: totals_of(feed, sample, rows)
    outcome, rows, rejected = receive(desk, sample, feed)
    assert rejected == []
    assert rows[2][field] == landed
    assert [row["warning_codes"] for row in rows] == [None, None, "full_width_cleaned", None, None]
    assert outcome.warnings == {"full_width_cleaned": 1}


def totals_of(feed, sample, rows) -> list[str]:
    """Return the totals of rows whose amounts may be of full-width characters."""
    half = str.maketrans({code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)})
    plain = [{name: text.translate(half) for name, text in row.items()} for row in rows]
    return replace(sample, rows=plain, feed=feed).totals()


def test_full_width_characters_stay_where_no_cleaning_is_declared(desk):
    sample = sample_of("delimited")
    sample.rows[1]["receipt_number"] = sample.rows[2]["person_name"] = "Ａ\u3000Ｂ\u3000"
    sample.rows[3]["insurance_code"] = "１１０"
    feed = declaring(sample, cleaning=("unit_number",))
    _, rows, rejected = receive(desk, sample, feed)
    assert rows[1]["receipt_number"] == rows[2]["person_name"] == "Ａ\u3000Ｂ\u3000"
    assert [row["warning_codes"] for row in rows] == [None] * 4
    assert [row["rule_code"] for row in rejected] == ["unknown_code"]


def test_what_is_empty_once_cleaned_is_missing(desk):
    sample = sample_of("delimited")
    sample.rows[3]["person_name"] = "\u3000\u3000"
    _, rows, rejected = receive(desk, sample, declaring(sample, cleaning=("person_name",)))
    assert len(rows) == 4
    assert [(row["rule_code"], row["field_name"]) for row in rejected] == [("required_missing", "person_name")]


def test_keys_are_compared_as_cleaned(desk):
    sample = sample_of("delimited")
    sample.rows[4]["receipt_number"] = "Ｒ００００００００１"
    _, rows, rejected = receive(desk, sample, declaring(sample, cleaning=("receipt_number",)))
    assert len(rows) == 4
    assert [(row["rule_code"], row["source_line"]) for row in rejected] == [("duplicate_key", 6)]


def test_a_rejected_row_keeps_what_was_written(desk):
    sample = sample_of("delimited")
    sample.rows[2]["insurance_code"] = "９９９"
    _, _, rejected = receive(desk, sample, declaring(sample, cleaning=("insurance_code",)))
    assert "９９９".encode("gb18030") in rejected[0]["original"]
    assert "９９９" in rejected[0]["message"]


def test_a_lookup_replaces_whole_values_of_its_field_alone(desk):
    sample = sample_of("delimited")
    old = (Lookup("企业养老", "110", "旧客户端写中文"), Lookup("", "210", "旧客户端留空"), Lookup("A'B", "110", "笔误"))
    for index, value in enumerate(("企业养老", "", "A'B", "企业养老 ", "企业养老保险")):
        sample.rows[index]["insurance_code"] = value
    sample.rows[0]["person_name"] = "A'B"
    outcome, rows, rejected = receive(desk, sample, declaring(sample, lookups={"insurance_code": old}))
    assert [row["insurance_code"] for row in rows] == ["110", "210", "110", "110"]
    assert rows[0]["person_name"] == "A'B"
    assert [row["warning_codes"] for row in rows] == ["lookup_applied"] * 4
    assert [(row["rule_code"], row["source_line"]) for row in rejected] == [("unknown_code", 6)]
    assert outcome.warnings == {"lookup_applied": 4}


def test_a_value_is_looked_up_once_it_is_cleaned_and_both_are_told(desk):
    sample = sample_of("delimited")
    sample.rows[0]["insurance_code"] = "１１０Ａ"
    sample.rows[0]["identity_number"] = "530102194912310021"
    feed = declaring(
        sample, cleaning=("insurance_code",), lookups={"insurance_code": (Lookup("110A", "110", "旧代码"),)}
    )
    _, rows, _ = receive(desk, sample, feed)
    assert rows[0]["insurance_code"] == "110"
    assert rows[0]["warning_codes"] == "full_width_cleaned,lookup_applied,identity_checksum"


def test_warnings_of_mending_have_titles():
    assert {"full_width_cleaned", "lookup_applied"} <= WARNINGS.keys()
