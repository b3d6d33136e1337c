"""JSON lines: read whatever way JSON writes a text; what is no object of just the fields is refused."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ingestion.exchange_files import sample_of
from tests.ingestion.test_generated_files import generated
from tests.ingestion.test_landing import rejected_of, rows_of
from tests.ingestion.test_refusals import parts

NAME = "SBDJ_201601_001.jsonl"
ROW = b'"SBXH":"S000000001"'


def with_row(change) -> bytes:
    """Return a file whose second row was changed, with a trailer that counts the bytes as they are."""
    sample = sample_of("json_lines")
    head, body, tail = parts(sample.bytes(), "json_lines")
    lines = body.split(b"\n")
    changed = b"\n".join([lines[0], change(lines[1]), *lines[2:]])
    return head + changed + tail.replace(str(len(body)).encode(), str(len(changed)).encode())


def replaced(old: bytes, new: bytes):
    def change(line: bytes) -> bytes:
        assert old in line
        return line.replace(old, new, 1)

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (replaced(b"{", b""), "json_not_well_formed"),
        (replaced(b'":"', b'"="'), "json_not_well_formed"),
        (replaced(b"}", b"}}"), "json_not_well_formed"),
        (replaced(b'"}', b'",}'), "json_not_well_formed"),
        (replaced(ROW, b"'SBXH':'S000000001'"), "json_not_well_formed"),
        (lambda line: b"", "json_not_well_formed"),
        (lambda line: b"[" * 100_000 + b"]" * 100_000, "json_structure"),
        (lambda line: b'{"SBXH":' * 50_000 + b"1" + b"}" * 50_000, "json_structure"),
        (lambda line: b"9" * 500_000, "json_structure"),
        (replaced(b'"S000000001"', b"1" * 100_000), "json_structure"),
        (replaced(b'"3001.25"', b"3001.25"), "json_structure"),
        (replaced(b'"3001.25"', b"NaN"), "json_structure"),
        (replaced(b'"3001.25"', b"Infinity"), "json_structure"),
        (replaced(b'"3001.25"', b"null"), "json_structure"),
        (replaced(b'"3001.25"', b'["3001.25"]'), "json_structure"),
        (replaced(b'"3001.25"', b'{"a":"3001.25"}'), "json_structure"),
        (replaced(ROW, ROW + b"," + ROW), "json_structure"),
        (replaced(ROW, ROW + b',"AAC999":"x"'), "json_structure"),
        (replaced(ROW + b",", b""), "json_structure"),
        (replaced(b'"SBXH"', b'"sbxh"'), "json_structure"),
        (replaced(b'"SHZT":"1","SHRQ":"20160106"', b'"SHRQ":"20160106","SHZT":"1"'), "json_structure"),
        (lambda line: b"[" + line + b"]", "json_structure"),
        (lambda line: b'"' + b"x" * 50 + b'"', "json_structure"),
        (lambda line: b"null", "json_structure"),
    ],
)
def test_what_is_no_object_of_just_the_fields_refuses_the_file(desk, change, reason):
    outcome = desk.receive(NAME, with_row(change))
    assert outcome.reason == reason, outcome.message
    assert "第 3 行" in outcome.message
    assert not desk.landed() and not desk.leftovers()


@pytest.mark.parametrize(
    ("change", "value"),
    [
        (replaced("阿依·木".encode(), b"\\u963f\\u4f9d\\u00b7\\u6728"), "阿依·木"),
        (replaced("阿依·木".encode(), b'A \\"B\\" \\\\ \\/'), 'A "B" \\ /'),
        (replaced("阿依·木".encode(), b"\\ud840\\udd64"), "\U00020164"),
        (replaced(b'","', b'" , "'), "阿依·木"),
    ],
)
def test_a_text_is_the_same_however_json_writes_it(desk, change, value):
    outcome = desk.receive(NAME, with_row(change))
    assert outcome.rows == {"received": 5, "accepted": 5, "rejected": 0}, outcome.message
    assert rows_of(outcome, desk)[1]["person_name"] == value


@pytest.mark.parametrize(
    ("written", "rule"),
    [
        (b"a\tb", "control_character"),
        (b"a\x1fb", "control_character"),
        (b"a\\tb", "control_character"),
        (b"a\\u001fb", "control_character"),
        (b"a\\nb", "control_character"),
        (b"a\\u0000b", "control_character"),
        (b"a\\ud800b", "replacement_character"),
        (b"a\\ufffdb", "replacement_character"),
        ("a\ufffdb".encode(), "replacement_character"),
    ],
)
def test_a_character_that_cannot_be_kept_rejects_its_row_with_its_bytes(desk, written, rule):
    content = with_row(replaced("阿依·木".encode(), written))
    outcome = desk.receive(NAME, content)
    (row,) = rejected_of(outcome, desk)
    assert (row["rule_code"], row["source_line"]) == (rule, 3)
    assert content[row["byte_offset"] :].startswith(row["original"] + b"\n") and written in row["original"]
    assert len(rows_of(outcome, desk)) == 4


@generated(40)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=12), min_size=1, max_size=6), st.booleans())
def test_texts_of_every_character_are_kept_or_rejected(desk, names, escaped):
    sample = sample_of("json_lines", rows=len(names))
    head, _, _ = parts(sample.bytes(), "json_lines")
    codes = [field.source_field for field in sample.layout.fields]
    rows = []
    for index, name in enumerate(names):
        values = dict(zip(codes, sample.rows[index].values(), strict=True)) | {"AAC003": name}
        rows.append(json.dumps(values, ensure_ascii=escaped, separators=(",", ":")))
    body = "".join(row + "\n" for row in rows).encode()
    (total,) = sample.totals()
    tail = f'{{"rows":{len(names)},"totals":{{"AAE180":"{total}"}},"bytes":{len(body)}}}\n'.encode()
    outcome = desk.receive(NAME, head + body + tail)
    assert outcome.rows and outcome.rows["received"] == len(names), outcome.message
    controls = {chr(code) for code in [*range(32), 127]} | {"\ufffd"}
    kept = [name.rstrip(" ") for name in names if name.rstrip(" ") and not controls & set(name)]
    assert [row["person_name"] for row in rows_of(outcome, desk)] == kept
