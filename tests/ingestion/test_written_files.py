"""What our writers write for any declared feed is what our readers receive, in bytes that another writer writes too."""

from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from ingestion.feed_spec import Feed, Field, Layout, all_feeds
from ingestion.judge import codes_of
from ingestion.outgoing.files import ExchangeFile
from ingestion.outgoing.forms import begin_file
from ingestion.outgoing.text import MISSING, encoded
from ingestion.outgoing.writable import Unwritable
from tests.ingestion.exchange_files import ALL_KINDS, sample_of
from tests.ingestion.test_landing import rows_of

CREATED = date(2016, 1, 31)
LAYOUTS = [(feed, layout.profile) for feed in all_feeds() for layout in feed.layouts_of(feed.layouts[-1].profile)[-1:]]
LAYOUTS += [(feed, name) for feed in all_feeds() for name, _ in feed.profiles[:-1]]


def name_of(given) -> str:
    return given.name if isinstance(given, Feed) else str(given)


def texts(field: Field, layout: Layout, rows: int) -> list[str]:
    if field.type == "code":
        codes = codes_of(field.codes)
        return [codes[row % len(codes)] for row in range(rows)]
    if field.path == "../Acct/Id/Othr/Id":
        return [f"6222{row // 2:04d}" for row in range(rows)]
    marks = {"delimited": "&<>\"'\\", "spreadsheet": "=1+1 & <b>", "fixed_width": "|,&<>"}
    is_short = (field.width or field.max_length or 99) < 12
    text = "{}" if is_short else "甲{}" + marks.get(layout.format.kind, '&<>"|,')
    return [text.format(row) if row % 2 or field.required else "" for row in range(rows)]


def columns_of(layout: Layout, rows: int) -> dict:
    """Return whole columns, with empty values where a field is not required."""
    encoding = layout.format.encoding or "utf-8"
    columns = {}
    for field in layout.fields:
        even = np.arange(rows) % 2 == 0
        values = {"money": np.arange(rows) * 101 + 5, "month": np.arange(rows) + 2016 * 12, "integer": np.arange(rows)}
        values["day"] = np.arange(rows) + 20160101
        if field.type in values:
            empty = MISSING if not field.required else values[field.type]
            columns[field.name] = np.where(even, values[field.type], empty)
        else:
            columns[field.name] = encoded(texts(field, layout, rows), encoding)
    return columns


def begin(folder: Path, feed: Feed, profile: str | None) -> ExchangeFile:
    period = "20160131" if feed.arrives.period == "day" else "201601"
    return begin_file(folder, feed, period, CREATED, **({"profile": profile} if profile else {}))


@pytest.mark.parametrize(("feed", "profile"), LAYOUTS, ids=name_of)
def test_every_feed_is_written_and_received_with_every_value(desk, tmp_path, feed, profile):
    with begin(tmp_path, feed, profile) as file:
        columns = columns_of(file.layout, 5)
        file.write({name: column[:3] for name, column in columns.items()})
        line = file.next_line
        file.write({name: column[3:] for name, column in columns.items()})
    outcome = desk.receive(file.path.name, file.path.read_bytes())
    assert outcome.rows == {"received": 5, "accepted": 5, "rejected": 0}, outcome.message
    rows = rows_of(outcome, desk)
    assert [row["source_line"] for row in rows] == [file.line_of(row) for row in range(5)]
    assert line == rows[3]["source_line"]
    for field in file.layout.fields:
        if field.type == "text":
            expected = [value.decode(file.encoding) or None for value in columns[field.name].to_pylist()]
            assert [row[field.name] for row in rows] == expected
        if field.type == "money":
            expected = [None if fen == MISSING else fen for fen in columns[field.name].tolist()]
            assert [row[field.name] and int(row[field.name] * 100) for row in rows] == expected


@pytest.mark.parametrize(("feed", "profile"), LAYOUTS, ids=name_of)
def test_every_feed_is_written_without_rows(desk, tmp_path, feed, profile):
    with begin(tmp_path, feed, profile) as file:
        pass
    outcome = desk.receive(file.path.name, file.path.read_bytes())
    if feed.volume.min_rows:
        assert outcome.reason == "below_minimum_volume", outcome.message
    else:
        assert outcome.rows == {"received": 0, "accepted": 0, "rejected": 0}, outcome.message


@pytest.mark.parametrize("kind", [kind for kind in ALL_KINDS if not kind.startswith("spreadsheet")])
def test_the_bytes_are_those_of_an_independent_writer(tmp_path, kind):
    sample = sample_of(kind)
    sample.created = "20160131"
    key = {"profile": sample.profile} if sample.profile else {}
    with begin_file(tmp_path, sample.feed, sample.period, CREATED, **key) as file:
        if kind == "camt053":
            file.opening_fen = {sample.rows[0]["own_account_number"]: 100_000}
        file.write(
            {
                field.name: column(field, [row[field.name] for row in sample.rows], sample)
                for field in sample.layout.fields
            }
        )
    assert file.path.name == sample.file_name
    expected = sample.bytes()
    if kind == "camt053":
        expected = expected.replace(b"2016-01-28", b"2016-01-31")
    assert file.path.read_bytes() == expected


def column(field: Field, values: list[str], sample):
    """Return texts of a field as the writer wants them."""
    if field.type in ("text", "code"):
        return encoded(values, sample.encoding)
    numbers = [MISSING if not value else int(value.replace(".", "")) for value in values]
    if field.type == "month":
        numbers = [number // 100 * 12 + number % 100 - 1 for number in numbers]
    return np.array(numbers)


def account(number: str, rows: int, **changes) -> dict:
    """Return columns of a bank statement, all of one account."""
    columns = {
        "own_account_number": number.encode(),
        "statement_entry_number": encoded([f"{number}{row}" for row in range(rows)], "ascii"),
        "entry_on": np.full(rows, 20160105),
        "direction_code": encoded(["CRDT", "DBIT"] * rows, "ascii")[:rows],
        "entry_yuan": np.arange(rows) * 100 + 100,
        "reference_number": b"",
        "counterparty_name": pa.nulls(rows, pa.binary()),
        "entry_summary": "拨款".encode(),
    }
    return columns | changes


def test_statements_keep_their_balances_their_order_and_accounts_without_entries(desk, tmp_path):
    (feed,) = [feed for feed in all_feeds() if feed.name == "account_statements"]
    with begin(tmp_path, feed, "ICBC") as file:
        file.opening_fen = {"30": 77, "10": -500, "20": 1000}
        file.write(account("20", 2))
        assert file.next_line == file.line_of(1) + 1
        file.write(account("20", 1, statement_entry_number=encoded(["X"], "ascii")))
        file.write(account("25", 1))
        assert [file.line_of(row) for row in range(4)] == [8, 9, 10, 13]
    text = file.path.read_text()
    accounts = [part.split("<")[0] for part in text.split("<Othr><Id>")[1:]]
    assert accounts == ["10", "20", "25", "30"]
    outcome = desk.receive(file.path.name, file.path.read_bytes())
    assert [row["source_line"] for row in rows_of(outcome, desk)] == [8, 9, 10, 13], outcome.message
    with pytest.raises(ValueError, match="按本方账号排列"), begin(tmp_path, feed, "ICBC") as file:
        file.write(account("20", 1))
        file.write(account("10", 1))
    with pytest.raises(Unwritable, match="第 7 行，字段 借贷标志"), begin(tmp_path, feed, "ICBC") as file:
        file.write(account("20", 2, direction_code=encoded(["CRDT", "贷"], "utf-8")))


@pytest.mark.parametrize(
    ("source", "feed", "field", "value", "words"),
    [
        ("certification", "benefit_entitlement_certifications", "person_name", "𠅤小明", "无法用 GBK 写出"),
        ("certification", "benefit_entitlement_certifications", "person_name", "张,三", "含有分隔符“,”"),
        ("tax_bureau", "levy_plan_persons", "person_name", "张\n三", "含有控制字符"),
        ("tax_bureau", "levy_plan_persons", "person_name", "张\r三", "含有控制字符"),
        ("banks", "benefit_payment_batch", "account_holder_name", "名" * 41, "长于 80 字节"),
        ("public_service_platform", "institution_declarations", "person_name", b"\xd5\xc5", "无法用 UTF-8 写出"),
        ("finance_bureau", "subsidy_transfers", "document_number", "a\0b", "含有控制字符"),
    ],
)
def test_a_text_that_cannot_be_written_is_refused_with_its_place_and_leaves_no_file(
    tmp_path, source, feed, field, value, words
):
    (feed,) = [each for each in all_feeds() if (each.source, each.name) == (source, feed)]
    with pytest.raises(Unwritable) as caught, begin(tmp_path, feed, None) as file:
        columns = columns_of(file.layout, 5)
        raw = value if isinstance(value, bytes) else value.encode("gb18030" if file.encoding != "utf-8" else "utf-8")
        values = columns[field].to_pylist()
        columns[field] = pa.array([*values[:2], raw, *values[3:]], pa.binary())
        file.write(columns)
    message = str(caught.value)
    assert file.path.name in message and f"第 {file.first_line + 2} 行" in message and words in message
    assert caught.value.exit_code == 2
    assert list(tmp_path.iterdir()) == []


def test_a_character_whose_second_byte_is_the_separator_can_be_written(desk, tmp_path):
    (feed,) = [each for each in all_feeds() if each.name == "levy_plan_persons"]
    with begin(tmp_path, feed, None) as file:
        columns = columns_of(file.layout, 1)
        columns["person_name"] = encoded(["劉倈"], "gb18030")
        assert b"|" in columns["person_name"][0].as_py()
        file.write(columns)
    assert rows_of(desk.receive(file.path.name, file.path.read_bytes()), desk)[0]["person_name"] == "劉倈"


def test_amounts_below_zero_and_of_one_fen_keep_their_sign_in_every_unit(desk, tmp_path):
    for name in ("occupational_annuity_contributions", "account_balances", "contribution_receipts"):
        (feed,) = [each for each in all_feeds() if each.name == name]
        with begin(tmp_path, feed, None) as file:
            columns = columns_of(file.layout, 4)
            money = feed.control_totals[0]
            columns[money] = np.array([-1, -500, 3, 0])
            file.write(columns)
        outcome = desk.receive(file.path.name, file.path.read_bytes())
        assert outcome.rows["accepted"] == 4, outcome.message
        assert [int(row[money] * 100) for row in rows_of(outcome, desk)] == [-1, -500, 3, 0]
