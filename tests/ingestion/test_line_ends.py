"""Line ends, byte order marks and encodings: what a layout declares is required, all else is refused."""

from dataclasses import replace

import pytest

from ingestion.receive import Receiver
from tests.ingestion.exchange_files import CARD, sample_of
from tests.ingestion.test_landing import rejected_of, rows_of
from tests.ingestion.test_refusals import TEXT_KINDS, parts

CRLF_KINDS = ("delimited_crlf_fen", "delimited_crlf_gbk")


def declared(kind: str, **form):
    """Return a right file of a kind whose only layout is declared with another form."""
    sample = sample_of(kind)
    layout = replace(sample.layout, format=replace(sample.layout.format, **form))
    sample.feed = replace(sample.feed, layouts=(layout,), profiles=(), lookups=())
    sample.profile = layout.profile
    return sample


@pytest.fixture
def receive(desk):
    """Return how to receive a file of a feed that is not in the folder of feeds."""

    def received(sample, content: bytes | None = None):
        feed = sample.feed
        if sample.profile:
            feed = replace(feed, profiles=((sample.profile, feed.publisher),))
        file = desk.files / sample.file_name
        file.write_bytes(sample.bytes() if content is None else content)
        with Receiver([feed]) as receiver:
            (outcome,) = receiver.receive([file])
        return outcome

    return received


@pytest.mark.parametrize("kind", [*TEXT_KINDS, "camt053"])
def test_carriage_returns_are_read_where_they_are_declared_and_only_there(desk, receive, kind):
    sample = declared(kind, line_end="crlf")
    outcome = receive(sample)
    assert outcome.status == "landed", outcome.message
    assert [row["source_line"] for row in rows_of(outcome, desk)] == list(
        range(sample.first_line, sample.first_line + 5)
    )
    assert receive(sample, sample.bytes().replace(b"\r\n", b"\n")).reason == "carriage_return"
    plain = declared(kind, line_end="lf")
    assert receive(plain).status == "landed"
    assert receive(plain, plain.bytes().replace(b"\n", b"\r\n")).reason == "carriage_return"


@pytest.mark.parametrize("kind", CRLF_KINDS)
def test_a_mixture_of_line_ends_is_refused_and_told_where(desk, kind):
    sample = sample_of(kind)
    head, body, tail = parts(sample.bytes(), kind)
    lines = body.split(b"\r\n")
    mixed = b"\r\n".join(lines[:2]) + b"\n" + b"\r\n".join(lines[2:])
    tail = tail.replace(str(len(body)).encode(), str(len(mixed)).encode())
    outcome = desk.receive(sample.file_name, head + mixed + tail)
    assert outcome.reason == "carriage_return", outcome.message
    assert "第 3 行" in outcome.message and "CR LF" in outcome.message
    mixed = body.replace(b"\r\n", b"\r\r\n", 1)[:-1]
    outcome = desk.receive(sample.file_name, head + mixed + b"\n" + tail)
    assert outcome.reason == "carriage_return" and "第 2 行" in outcome.message


@pytest.mark.parametrize("kind", CRLF_KINDS)
def test_rejected_rows_keep_their_bytes_and_place_without_the_line_end(desk, kind):
    sample = sample_of(kind)
    key = sample.feed.key
    for name in key:
        sample.rows[4][name] = sample.rows[1][name]
    sample.rows[2][next(field.name for field in sample.layout.fields if field.type == "day")] = "20160231"
    content = sample.bytes()
    outcome = desk.receive(sample.file_name, content)
    rejected = rejected_of(outcome, desk)
    assert [row["rule_code"] for row in rejected] == ["not_day", "duplicate_key"]
    for row in rejected:
        start = row["byte_offset"]
        assert content[start : start + len(row["original"]) + 2] == row["original"] + b"\r\n"
        assert content[:start].endswith(b"\r\n")


@pytest.mark.parametrize("kind", ["delimited", "fixed_width", "xml", "json_lines", "camt053"])
def test_a_mark_is_required_where_it_is_declared_and_refused_elsewhere(receive, kind):
    sample = declared(kind, bom=True)
    content = sample.bytes()
    mark = "\ufeff".encode(sample.encoding)
    assert content.startswith(mark)
    assert receive(sample).status == "landed"
    outcome = receive(sample, content.removeprefix(mark))
    assert outcome.reason == "wrong_encoding" and "BOM" in outcome.message
    assert receive(sample, mark + content).reason == "wrong_encoding"
    assert receive(declared(kind), content).reason == "wrong_encoding"


def test_a_byte_cut_from_a_mark_is_a_byte_missing(receive):
    sample = declared("json_lines", bom=True)
    outcome = receive(sample, sample.bytes()[1:])
    assert outcome.reason == "truncated" and "缺 1 字节" in outcome.message


def test_a_character_that_gbk_lacks_is_refused_where_the_layout_is_gbk(desk):
    sample = sample_of("delimited_crlf_gbk")
    right = sample.bytes()
    sample.rows[3]["person_name"] = "〇〇〇"
    content = sample.bytes()
    wide = content.replace("〇〇".encode("gbk"), "𠅤".encode("gb18030"))
    assert len(wide) == len(content)
    outcome = desk.receive(sample.file_name, wide)
    assert outcome.reason == "wrong_encoding", outcome.message
    assert "第 5 行" in outcome.message and "GBK" in outcome.message
    assert desk.receive(sample.file_name, right).status == "landed"


def test_a_body_in_gb18030_under_a_head_in_utf8_is_refused(desk):
    sample = sample_of("json_lines")
    head, body, _ = parts(sample.bytes(), "json_lines")
    body = body.decode().encode("gb18030")
    (total,) = sample.totals()
    tail = f'{{"rows":5,"totals":{{"AAE180":"{total}"}},"bytes":{len(body)}}}\n'.encode()
    outcome = desk.receive(sample.file_name, head + body + tail)
    assert outcome.reason == "wrong_encoding" and "正文是 GB 18030" in outcome.message
    assert "不是接口规定的 UTF-8" in outcome.message


def test_a_bank_that_counts_in_fen_is_read_in_yuan(desk):
    outcome = desk.receive("DZD_ABC_201601_001.txt", sample_of("delimited_crlf_fen").bytes())
    rows = rows_of(outcome, desk)
    assert str(rows[1]["entry_yuan"]) == "20000.01" and rows[1]["own_account_number"] == CARD
