"""A file that cannot be proved whole and right is refused whole: each damage by its own reason, nothing landed."""

from itertools import product

import pytest

from ingestion.messages import REASONS
from tests.ingestion.exchange_files import ALL_KINDS, sample_of

TEXT_KINDS = (
    "delimited",
    "fixed_width",
    "fixed_width_yuan",
    "xml",
    "json_lines",
    "delimited_crlf_fen",
    "delimited_crlf_gbk",
)


def head_length(content: bytes, kind: str) -> int:
    lines = content.split(b"\n")
    return sum(len(line) + 1 for line in lines[: 3 if kind == "xml" else 1])


def tail_length(content: bytes, kind: str) -> int:
    lines = content.split(b"\n")[:-1]
    return sum(len(line) + 1 for line in lines[-2 if kind == "xml" else -1 :])


def parts(content: bytes, kind: str) -> tuple[bytes, bytes, bytes]:
    """Return head, body and trailer."""
    start, end = head_length(content, kind), len(content) - tail_length(content, kind)
    return content[:start], content[start:end], content[end:]


def damage_body(content: bytes, kind: str, change) -> bytes:
    head, body, tail = parts(content, kind)
    return head + change(body) + tail


def without_trailer(content: bytes, kind: str) -> bytes:
    return content[: -tail_length(content, kind)]


def recoded(encoding: str, mark: bytes = b""):
    return lambda content, kind: mark + content.decode(sample_of(kind).encoding).encode(encoding, errors="replace")


def read_wrongly(wrong: str):
    """Return the damage of text that someone read in a wrong encoding and wrote in the right one."""

    def change(content: bytes, kind: str) -> bytes:
        encoding = sample_of(kind).encoding
        other = content.decode(encoding).encode(wrong, errors="replace").decode(encoding, errors="replace")
        return other.encode(encoding, errors="replace")

    return change


def other_title(content: bytes, kind: str) -> bytes:
    title = sample_of(kind).feed.title.encode("gb18030")
    return content.replace(title, "原系统参保人员".encode("gb18030").ljust(len(title))[: len(title)], 1)


def other_amount(content: bytes, kind: str) -> bytes:
    sample = sample_of(kind)
    amount = sample.rows[2][sample.feed.control_totals[0]].encode()
    change = amount[:-1] + (b"1" if amount[-1:] != b"1" else b"2")
    return damage_body(content, kind, lambda body: body.replace(amount, change, 1))


def other_count(content: bytes, kind: str) -> bytes:
    head, body, tail = parts(content, kind)
    return head + body + tail.replace(b"5", b"6", 1)


def one_row_twice(content: bytes, kind: str) -> bytes:
    def twice(body: bytes) -> bytes:
        line = body.split(b"\n")[0] + b"\n"
        return line + body

    return damage_body(content, kind, twice)


DAMAGES = {
    "cut in the body": (
        lambda content, kind: damage_body(content, kind, lambda body: body[:40] + body[41:]),
        "truncated",
    ),
    "last newline cut": (lambda content, kind: content[:-1], "truncated"),
    "second half lost": (lambda content, kind: content[: len(content) // 2], "truncated"),
    "one amount changed": (other_amount, "control_totals_differ"),
    "trailer dropped": (without_trailer, "trailer_missing"),
    "content doubled": (lambda content, kind: content * 2, "header_repeated"),
    "sent as UTF-8": (recoded("utf-8"), "wrong_encoding"),
    "sent as UTF-8 with a mark": (recoded("utf-8-sig"), "wrong_encoding"),
    "sent as UTF-16": (recoded("utf-16"), "wrong_encoding"),
    "sent as UTF-16 without a mark": (recoded("utf-16-le"), "wrong_encoding"),
    "sent as Big5": (recoded("big5"), "wrong_encoding"),
    "sent as Latin letters": (recoded("ascii"), "wrong_encoding"),
    "GB 18030 with a mark": (recoded("gb18030", "\ufeff".encode("gb18030")), "wrong_encoding"),
    "sent as GB 18030": (recoded("gb18030"), "wrong_encoding"),
    "UTF-8 taken for GBK": (read_wrongly("utf-8"), "wrong_encoding"),
    "GBK taken for UTF-8": (read_wrongly("gb18030"), "wrong_encoding"),
    "a broken character": (
        lambda content, kind: damage_body(content, kind, lambda body: body[:30] + b"\xff" + body[31:]),
        "wrong_encoding",
    ),
    "a NUL in the body": (
        lambda content, kind: damage_body(content, kind, lambda body: body[:30] + b"\0" + body[31:]),
        "nul_bytes",
    ),
    "lines ended as on Windows": (lambda content, kind: content.replace(b"\n", b"\r\n"), "carriage_return"),
    "no bytes at all": (lambda content, kind: b"", "empty_file"),
    "header dropped": (lambda content, kind: b"".join(parts(content, kind)[1:]), "header_missing"),
    "header of another period": (
        lambda content, kind: content.replace(b"2016", b"2017", 1).replace(b"201512", b"201511", 1),
        "header_disagrees",
    ),
    "header with another sequence": (
        lambda content, kind: (lambda head, body, tail: head.replace(b"001", b"002") + body + tail)(
            *parts(content, kind)
        ),
        "header_disagrees",
    ),
    "rows after the trailer": (
        lambda content, kind: content + parts(content, kind)[1],
        "trailer_not_last",
    ),
    "trailer twice": (lambda content, kind: content + parts(content, kind)[2], "trailer_repeated"),
    "count changed": (other_count, "row_count_differs"),
    "one row twice": (one_row_twice, "row_count_differs"),
}


def damages() -> list[tuple[str, str]]:
    """Return every damage with every kind of file that it damages."""
    found = []
    for kind, damage in product(TEXT_KINDS, DAMAGES):
        sample = sample_of(kind)
        own = "UTF-8" if sample.encoding == "utf-8" else "GB"
        is_own = damage in ("sent as UTF-8", "UTF-8 taken for GBK") if own == "UTF-8" else "GBK taken" in damage
        is_own = is_own or (own == "GB" and damage == "sent as GB 18030")
        if not is_own and (damage != "one amount changed" or sample.feed.control_totals):
            found.append((damage, kind))
    return found


@pytest.mark.parametrize(("damage", "kind"), damages())
def test_a_damaged_text_file_is_refused_with_its_reason(desk, kind, damage):
    sample = sample_of(kind)
    change, reason = DAMAGES[damage]
    content = sample.bytes()
    damaged = change(content, kind)
    assert damaged != content
    outcome = desk.receive(sample.file_name, damaged)
    assert (outcome.status, outcome.reason) == ("refused", reason), outcome.message
    assert outcome.message.startswith(f"接口 {sample.feed.source}/{sample.feed.name}（{sample.feed.title}）")
    assert sample.file_name in outcome.message
    assert "请" in outcome.message and outcome.message.endswith("。")
    assert not desk.landed() and not desk.leftovers()


@pytest.mark.parametrize("kind", TEXT_KINDS)
def test_cut_bytes_are_counted(desk, kind):
    content = sample_of(kind).bytes()
    for count in (1, 7):
        cut = damage_body(content, kind, lambda body, count=count: body[:40] + body[40 + count :])
        assert f"缺 {count} 字节" in desk.receive(sample_of(kind).file_name, cut).message


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_the_day_of_creation_chooses_the_layout_or_refuses(desk, kind):
    sample = sample_of(kind)
    sample.created = "20140101"
    assert desk.receive(sample.file_name, sample.bytes()).reason == "no_layout"
    sample.created = "20160231"
    assert desk.receive(sample.file_name, sample.bytes()).reason == "header_malformed"


EMPTY_ALLOWED = [kind for kind in ALL_KINDS if sample_of(kind).feed.volume.min_rows == 0]


@pytest.mark.parametrize("kind", [kind for kind in ALL_KINDS if kind not in EMPTY_ALLOWED])
def test_fewer_rows_than_the_minimum_are_refused(desk, kind):
    sample = sample_of(kind, rows=0)
    assert desk.receive(sample.file_name, sample.bytes()).reason == "below_minimum_volume"


@pytest.mark.parametrize("kind", EMPTY_ALLOWED)
def test_no_rows_land_where_a_feed_allows_none(desk, kind):
    sample = sample_of(kind, rows=0)
    assert desk.receive(sample.file_name, sample.bytes()).rows == {"received": 0, "accepted": 0, "rejected": 0}


@pytest.mark.parametrize(
    "name", ["SBF_2016015_001.txt", "sbf_20160105_001.txt", "SBF_20160105_001.txt.bak", "数据.txt"]
)
def test_an_unknown_name_is_refused(desk, name):
    assert desk.receive(name, sample_of("delimited").bytes()).reason == "unknown_name"


def test_a_right_file_under_another_files_name_is_refused(desk):
    outcome = desk.receive("SBF_20160106_001.txt", sample_of("delimited").bytes())
    assert outcome.reason == "header_disagrees"
    assert "所属期为“20160105”，按文件名应为“20160106”" in outcome.message


def test_the_title_of_another_feed_is_a_disagreement_not_an_encoding(desk):
    content = other_title(sample_of("fixed_width").bytes(), "fixed_width")
    outcome = desk.receive("YHHP_201601_001.txt", content)
    assert outcome.reason == "header_disagrees" and "原系统参保人员" in outcome.message


def test_bytes_added_outside_money_are_surplus(desk):
    content = damage_body(sample_of("delimited").bytes(), "delimited", lambda body: body.replace(b"R00", b"R000", 1))
    outcome = desk.receive("SBF_20160105_001.txt", content)
    assert outcome.reason == "surplus_bytes" and "多 1 字节" in outcome.message


def test_a_body_in_utf8_under_a_right_header_is_refused(desk):
    sample = sample_of("delimited")
    head, body, _ = parts(sample.bytes(), "delimited")
    body = body.decode("gb18030").encode()
    content = head + body + f"T|5|{'|'.join(sample.totals())}|{len(body)}\n".encode()
    assert desk.receive(sample.file_name, content).reason == "wrong_encoding"


def test_a_line_without_end_is_refused(desk, monkeypatch):
    monkeypatch.setattr("ingestion.formats.received.LONGEST_LINE", 1000)
    monkeypatch.setattr("ingestion.formats.received.CHUNK", 500)
    sample = sample_of("delimited")
    sample.rows[1]["person_name"] = "名" * 2000
    assert desk.receive(sample.file_name, sample.bytes()).reason == "line_too_long"


def test_a_record_of_another_length_or_type_is_refused_at_its_line(desk):
    content = sample_of("fixed_width").bytes()

    def shift(body: bytes) -> bytes:
        lines = body.split(b"\n")
        return b"\n".join([lines[0], lines[1] + b" ", lines[2][:-1], *lines[3:]])

    outcome = desk.receive("YHHP_201601_001.txt", damage_body(content, "fixed_width", shift))
    assert outcome.reason == "record_length" and "第 3 行" in outcome.message
    outcome = desk.receive("YHHP_201601_001.txt", content.replace(b"\nDP000000003", b"\nEP000000003"))
    assert outcome.reason == "record_type" and "第 5 行" in outcome.message


def test_a_character_cut_by_the_width_of_its_field_is_refused(desk):
    sample = sample_of("fixed_width")
    name = sample.rows[0]["account_holder_name"].encode("gb18030").ljust(80)
    content = sample.bytes().replace(name, name[1:].rjust(79) + b"\xd5", 1)
    assert desk.receive(sample.file_name, content).reason == "wrong_encoding"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (b'encoding="GB18030"', b'encoding="UTF-8"', "xml_encoding_declared"),
        (b"<DATA>\n<HEAD>", b'<!DOCTYPE DATA [<!ENTITY a "b">]>\n<DATA>\n<HEAD>', "xml_doctype"),
        (b"K000000002", b"&name;00002", "xml_not_well_formed"),
        (b"K000000002</JZXH>", b"K000000002</JZXX>", "xml_not_well_formed"),
        (b"<JZXH>K000000002</JZXH>", b"<JZXX>K000000002</JZXX>", "xml_structure"),
        (b"<JZXH>K000000002", b"<JZXH a='1'>K0000", "xml_structure"),
        (b"<ROW><JZXH>K000000002</JZXH>", b"junk<ROW><JZXH>K00002</JZXH>", "xml_structure"),
        (b"<JZXH>K000000002</JZXH>", b"<JZXH>K000002</JZXH>junk", "xml_structure"),
        (b"K000000002</JZXH>", b"K<b>02</b></JZXH>", "xml_structure"),
        (b"<ROW><JZXH>K000000002", b"<!-- x --><ROW><JZXH>K02", "xml_structure"),
        (b"K000000002", b"K<!ENTITY>", "xml_doctype"),
    ],
)
def test_xml_that_is_not_what_it_should_be_is_refused(desk, old, new, reason):
    head, body, tail = parts(sample_of("xml").bytes(), "xml")
    head, body = head.replace(old, new, 1), body.replace(old, new, 1)
    size = parts(sample_of("xml").bytes(), "xml")[1]
    tail = tail.replace(f"<BYTES>{len(size)}<".encode(), f"<BYTES>{len(body)}<".encode())
    outcome = desk.receive("HX_ZHJZ_201601_001.xml", head + body + tail)
    assert outcome.reason == reason, outcome.message


def test_the_five_damages_of_one_file_have_five_reasons():
    five = ("cut in the body", "one amount changed", "trailer dropped", "content doubled", "sent as UTF-8")
    assert len({DAMAGES[damage][1] for damage in five}) == 5


def test_every_reason_says_what_why_and_what_next():
    for code, reason in REASONS.items():
        assert reason.what and reason.why and reason.next.startswith("请"), code
