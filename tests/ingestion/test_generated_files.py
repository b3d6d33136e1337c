"""Generated files: what is written is read back; no cut byte and no changed amount ever passes."""

from decimal import Decimal

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.formats.text_file import missing_bytes
from tests.ingestion.exchange_files import sample_of
from tests.ingestion.test_refusals import TEXT_KINDS

WITH_TOTALS = [kind for kind in TEXT_KINDS if sample_of(kind).feed.control_totals]


def generated(examples: int):
    """Return settings for so many examples, all at one desk."""
    fixtures = [HealthCheck.function_scoped_fixture]
    return settings(max_examples=examples, deadline=None, suppress_health_check=fixtures)


def encodable(character: str) -> bool:
    try:
        return character.encode("gb18030").decode("gb18030") == character
    except UnicodeError:
        return False


# No control characters, nor those of Unicode's private or unassigned ranges, nor the mark of a lost character.
names = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Co", "Cn"), exclude_characters="\ufffd|").filter(encodable),
    min_size=1,
    max_size=12,
).filter(lambda text: text.rstrip(" ") and len(text.encode("gb18030")) <= 80)
cents = st.integers(-(10**9), 10**9)


@generated(30)
@given(st.lists(st.tuples(names, cents, cents), min_size=1, max_size=8))
def test_delimited_rows_are_read_back_as_they_were_written(desk, rows):
    sample = sample_of("delimited", rows=len(rows))
    for row, (name, unit, person) in zip(sample.rows, rows, strict=True):
        row |= {"person_name": name, "unit_paid_yuan": f"{Decimal(unit) / 100:.2f}"}
        row |= {"person_paid_yuan": f"{Decimal(person) / 100:.2f}"}
    outcome = desk.receive(sample.file_name, sample.bytes())
    assert outcome.rows and outcome.rows["rejected"] == 0, outcome.message
    landed = read(desk, outcome)
    expected = [(name.rstrip(" "), Decimal(unit) / 100, Decimal(person) / 100) for name, unit, person in rows]
    assert [(row["person_name"], row["unit_paid_yuan"], row["person_paid_yuan"]) for row in landed] == expected


@generated(30)
@given(st.lists(st.tuples(names, st.integers(-(10**12), 10**13)), min_size=1, max_size=8))
def test_fixed_width_rows_are_read_back_as_they_were_written(desk, rows):
    sample = sample_of("fixed_width", rows=len(rows))
    for row, (name, fen) in zip(sample.rows, rows, strict=True):
        row |= {"account_holder_name": name, "payment_yuan": f"{fen:014d}"}
    outcome = desk.receive(sample.file_name, sample.bytes())
    assert outcome.rows and outcome.rows["rejected"] == 0, outcome.message
    landed = [(row["account_holder_name"], row["payment_yuan"]) for row in read(desk, outcome)]
    assert landed == [(name.rstrip(" "), Decimal(fen) / 100) for name, fen in rows]


@generated(30)
@given(st.lists(names, min_size=1, max_size=8))
def test_xml_rows_are_read_back_as_they_were_written(desk, rows):
    sample = sample_of("xml", rows=len(rows))
    for index, (row, name) in enumerate(zip(sample.rows, rows, strict=True)):
        row["person_number"] = f"{index}{name}"
    outcome = desk.receive(sample.file_name, sample.bytes())
    assert outcome.rows and outcome.rows["rejected"] == 0, outcome.message
    assert [row["person_number"] for row in read(desk, outcome)] == [
        f"{i}{name}".rstrip(" ") for i, name in enumerate(rows)
    ]


def read(desk, outcome) -> list[dict]:
    (folder,) = [path for path in desk.landed() if path.name == outcome.batch_id]
    return pq.read_table(folder / "rows.parquet").to_pylist()


@pytest.mark.parametrize("kind", TEXT_KINDS)
def test_every_single_byte_cut_from_a_file_is_noticed(desk, kind):
    content = sample_of(kind, rows=2).bytes()
    for at in range(0, len(content), 1 if kind == "delimited" else 5):
        outcome = desk.receive(sample_of(kind).file_name, content[:at] + content[at + 1 :])
        assert outcome.reason == "truncated", (at, outcome.message)
        assert "缺 1 字节" in outcome.message, (at, outcome.message)


@generated(100)
@given(st.sampled_from(TEXT_KINDS), st.data())
def test_any_run_of_bytes_cut_from_a_file_refuses_it(desk, kind, data):
    content = sample_of(kind).bytes()
    start = data.draw(st.integers(0, len(content) - 1))
    end = data.draw(st.integers(start + 1, len(content)))
    outcome = desk.receive(sample_of(kind).file_name, content[:start] + content[end:])
    assert outcome.status == "refused" and not desk.landed()


@generated(100)
@given(st.sampled_from(TEXT_KINDS), st.data())
def test_any_changed_byte_is_refused_or_leaves_money_and_count_as_they_were(desk, kind, data):
    sample = sample_of(kind)
    content = bytearray(sample.bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= data.draw(st.integers(1, 255))
    outcome = desk.receive(sample.file_name, bytes(content))
    if outcome.status != "refused":
        totals = {name: Decimal(0) for name in sample.feed.control_totals}
        assert outcome.rows["received"] == 5
        for row in read(desk, outcome):
            totals = {name: total + row[name] for name, total in totals.items()}
        assert outcome.rows["rejected"] or [*totals.values()] == [total_in_yuan(sample, i) for i in range(len(totals))]


def total_in_yuan(sample, index: int) -> Decimal:
    unit = sample.layout.field(sample.feed.control_totals[index]).unit
    return Decimal(sample.totals()[index]) / (100 if unit == "fen" else 1)


@generated(30)
@given(st.sampled_from(WITH_TOTALS), st.integers(0, 4), st.integers(0, 3), st.integers(1, 10**6))
def test_any_changed_amount_is_refused_as_a_total_that_differs(desk, kind, row, total, change):
    sample = sample_of(kind)
    name = sample.feed.control_totals[total % len(sample.feed.control_totals)]
    written = sample.rows[row][name]
    is_fen = sample.layout.field(name).unit == "fen"
    other = str(int(written) + change) if is_fen else f"{Decimal(written) + Decimal(change) / 100:.2f}"
    if sample.layout.format.kind == "fixed_width":
        other = other.rjust(len(written), "0")
    content = sample.bytes()
    before = sample.rows[row][sample.feed.key[-1]].encode()
    at = content.index(written.encode(), content.index(before))
    changed = content[:at] + other.encode() + content[at + len(written) :]
    assert desk.receive(sample.file_name, changed).reason == "control_totals_differ"


@given(st.binary(min_size=1, max_size=40), st.data())
def test_missing_bytes_are_counted_wherever_they_were_cut(expected, data):
    start = data.draw(st.integers(0, len(expected) - 1))
    end = data.draw(st.integers(start + 1, len(expected)))
    assert missing_bytes(expected, expected[:start] + expected[end:]) == end - start
    assert missing_bytes(expected, expected) == 0
