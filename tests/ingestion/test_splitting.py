"""Lines split before they are decoded give what decoding them first gives, whatever their second bytes are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingestion.formats.columns import split, split_encoded
from tests.ingestion.exchange_files import sample_of
from tests.ingestion.test_landing import rejected_of, rows_of

SEPARATORS = "|^~@\\`{,;"
NAMES = ["first", "second", "third"]


def _with_second_byte(character: str) -> str:
    """Return a character of two bytes, the second of which is the given one."""
    return bytes([0x82, ord(character)]).decode("gb18030")


# With four bytes (㙓, 𠅤), two high ones (张), and every separator as second byte.
ALPHABET = "a1 张㙓𠅤é" + SEPARATORS + "".join(_with_second_byte(each) for each in SEPARATORS if ord(each) >= 0x40)
LINES = st.lists(st.text(ALPHABET, max_size=12), min_size=1, max_size=8)


@settings(max_examples=300, deadline=None)
@given(lines=LINES, separator=st.sampled_from(SEPARATORS), encoding=st.sampled_from(["gb18030", "utf-8"]))
def test_splitting_first_gives_what_decoding_first_gives(lines, separator, encoding):
    lines = [line if line.count(separator) else separator.join([line, line[::-1], "x"]) for line in lines]
    text = "".join(line + "\n" for line in lines)
    expected, wrong = split(text, NAMES, separator)
    decoded = []

    def decode(part: bytes) -> str:
        decoded.append(part)
        return part.decode(encoding)

    found, found_wrong = split_encoded(text.encode(encoding), NAMES, separator, encoding, decode)
    assert found_wrong == wrong
    assert found.to_pydict() == expected.to_pydict()
    not_ascii = sum(byte >= 0x80 for byte in text.encode(encoding))
    assert sum(byte >= 0x80 for part in decoded for byte in part) == not_ascii


@pytest.mark.parametrize("broken", [b"\xff", b"\x81 ", b"\x81\x30", b"\x81\x30\x81", b"\x82|\xff"])
@pytest.mark.parametrize("place", [b"%b|x|y\n", b"x|%b|y\n", b"x|y|%b\n", b"x|%b\n"])
def test_what_is_not_in_the_encoding_is_found_in_every_column_and_wrong_line(broken, place):
    piece = "张|张|张\n倈|倈|a\n".encode("gb18030") + place % broken
    with pytest.raises(UnicodeDecodeError):
        split_encoded(piece, NAMES, "|", "gb18030", lambda part: part.decode("gb18030"))


def test_only_columns_with_other_than_ascii_are_decoded():
    piece, decoded = "1|张|x\n2|倈|y\n".encode("gb18030"), []
    table, wrong = split_encoded(
        piece, NAMES, "|", "gb18030", lambda part: decoded.append(part) or part.decode("gb18030")
    )
    assert decoded == ["张\n倈\n".encode("gb18030")] and wrong == []
    assert table.to_pydict() == {"first": ["1", "2"], "second": ["张", "倈"], "third": ["x", "y"]}


def test_repeated_keys_are_found_on_disk_when_their_hashes_are_too_many_for_memory(desk, monkeypatch):
    sample = sample_of("delimited", rows=9)
    sample.rows[7]["receipt_number"] = sample.rows[2]["receipt_number"]
    monkeypatch.setattr("ingestion.prove.HASHES_IN_MEMORY", 4)
    outcome = desk.receive(sample.file_name, sample.bytes())
    assert outcome.rows == {"received": 9, "accepted": 8, "rejected": 1}
    assert [(row["rule_code"], row["source_line"]) for row in rejected_of(outcome, desk)] == [("duplicate_key", 9)]
    assert np.all(np.diff([row["source_line"] for row in rows_of(outcome, desk)]) > 0)
