"""What is typed by whole columns is what the judge's SQL makes of the same rows, and right rows never need the SQL."""

import random
from dataclasses import replace

import duckdb
import pyarrow as pa
import pytest

from ingestion.feed_spec import Lookup, all_feeds
from ingestion.formats.columns import RAW, raw_schema
from ingestion.judge import Judge, codes_of
from ingestion.plainly_right import PlainRows
from tests.ingestion.exchange_rows import RIGHT_IDENTITY, receipt

FEEDS = {f"{feed.source}/{feed.name}": feed for feed in all_feeds()}
COMMON = [
    "",
    " ",
    "A",
    "张三",
    "a\tb",
    "１２",
    "\u3000",
    "-",
    ".",
    "0",
    "0.",
    "x" * 400,
    "名" * 60,
    "x" * 16,
    "名" * 20,
]
AMOUNTS = [
    "0",
    "-0",
    "007",
    "-12",
    "1234567890",
    "123456789",
    "9" * 18,
    "-" + "9" * 18,
    "9" * 19,
    "1.00",
    "-0.00",
    ".50",
]
AMOUNTS += [
    "12.5",
    "12.505",
    "+1.00",
    "1e3",
    "0000000000000012.30",
    "1" * 16 + ".01",
    "1" * 17 + ".01",
    " 1.00",
    "1.00 ",
]
AMOUNTS += ["１.00", "1,000.00", "0x1F", "1_0", "--1.00", "nan"]
DAYS = ["20160229", "20150229", "19000229", "20000229", "18000101", "17991231", "20991231", "21000101", "20161301"]
DAYS += ["20160100", "20160132", "2016-1-1", "2016013", "201601311", "201602", "201613", "201600", "180001", "179912"]
IDENTITIES = [RIGHT_IDENTITY, RIGHT_IDENTITY[:-1] + "8", RIGHT_IDENTITY[:-1] + "x", "53010219491231002X", "1" * 15]
IDENTITIES += ["530102190002290012", "530102200002290019", "530102194913310020", "530102194912310029 ", "5" * 18]
IDENTITIES += ["11010500010101001X", "1" * 17 + "张", "张" * 6, "110105194912310021"]
NUMBERS = ["6222020200112233446", "6222020200112233447", "91530100MA6K000001", "91530000216520123X", "123456789012"]


def judge_of(feed, layout) -> Judge:
    return Judge(duckdb.connect(config={"threads": 1}), feed, layout)


def raw_table(layout, columns: list[list[str | None]], problems: list[str | None]) -> pa.Table:
    """Return raw rows of those columns, one after the other on lines of one byte."""
    count = len(problems)
    places = dict.fromkeys(RAW, [None] * count) | {"source_line": range(2, count + 2), "problem": problems}
    values = [
        *(pa.array(places[name], type_) for name, type_ in RAW.items()),
        *(pa.array(it, "string") for it in columns),
    ]
    return pa.Table.from_arrays(values, schema=raw_schema([field.name for field in layout.fields]))


def values_of(field, lookups) -> list[str]:
    """Return right and wrong texts of a field."""
    values = [*AMOUNTS, *DAYS, *IDENTITIES, *NUMBERS, *COMMON, *(entry.match for entry in lookups)]
    return values + list(codes_of(field.codes))[:8] if field.codes else values


@pytest.mark.parametrize("name", FEEDS)
def test_whole_columns_are_judged_as_each_row_is(name):
    feed, random_ = FEEDS[name], random.Random(name)
    for layout in feed.layouts:
        judge, lookups = judge_of(feed, layout), dict(feed.lookups)
        columns = [random_.choices(values_of(it, lookups.get(it.name, ())), k=600) for it in layout.fields]
        problems = random_.choices([None, "field_count", "control_character"], [40, 1, 1], k=600)
        columns = [
            [None if problem == "field_count" else text for text, problem in zip(column, problems, strict=True)]
            for column in columns
        ]
        # Column by column among right ones too, since a random row is hardly ever right as a whole.
        same(judge, raw_table(layout, columns, problems))
        for at, column in enumerate(columns):
            alone = [["1"] * 600] * at + [column] + [["1"] * 600] * (len(columns) - at - 1)
            same(judge, raw_table(layout, alone, problems))


def same(judge: Judge, raw: pa.Table) -> None:
    judged, each = judge.judge(raw), judge._judge_each(raw)
    for name in each.column_names:
        assert judged[name].to_pylist() == each[name].to_pylist(), name
    assert judged["source_line"].to_pylist() == raw["source_line"].to_pylist()


def receipts(count: int) -> list[list[str]]:
    return [list(column) for column in zip(*(receipt(index).values() for index in range(count)), strict=True)]


def test_right_rows_are_in_no_doubt_and_agree_with_the_sql():
    feed = FEEDS["tax_bureau/contribution_receipts"]
    layout = feed.layouts[0]
    raw = raw_table(layout, receipts(50), [None] * 50)
    typed, doubtful, doubted = PlainRows(feed, layout, codes_of).type(raw)
    assert not any(doubtful.to_pylist()) and not doubted
    assert [typed[name].null_count for name in typed] == [0] * len(layout.fields)
    same(judge_of(feed, layout), raw)


@pytest.mark.parametrize("at", range(12))
def test_one_wrong_text_puts_its_row_alone_in_doubt(at):
    feed = FEEDS["tax_bureau/contribution_receipts"]
    layout = feed.layouts[0]
    columns = receipts(50)
    columns[at][7] = "名" * 60
    raw = raw_table(layout, columns, [None] * 50)
    _, doubtful, doubted = PlainRows(feed, layout, codes_of).type(raw)
    assert [row for row, doubt in enumerate(doubtful.to_pylist()) if doubt] == [7]
    assert doubted == {layout.fields[at].name}
    judged = judge_of(feed, layout).judge(raw)
    assert [row for row, broken in enumerate(judged["rejection"].to_pylist()) if broken is not None] == [7]
    same(judge_of(feed, layout), raw)


def test_what_would_be_mended_is_in_doubt():
    feed = FEEDS["tax_bureau/contribution_receipts"]
    fields = tuple(replace(it, cleaning=("full_width",)) for it in feed.layouts[0].fields)
    lookups = (("insurance_code", (Lookup("210", "110", "旧代码"),)),)
    layout = replace(feed.layouts[0], fields=fields)
    feed = replace(feed, layouts=(layout,), lookups=lookups)
    columns = receipts(4)
    columns[0][1], columns[5][2] = "Ｒ１", "210"
    raw = raw_table(layout, columns, [None] * 4)
    judged = judge_of(feed, layout).judge(raw)
    assert judged["receipt_number"][1].as_py() == "R1" and judged["insurance_code"][2].as_py() == "110"
    assert judged["warning_codes"].to_pylist() == [None, "full_width_cleaned", "lookup_applied", None]
