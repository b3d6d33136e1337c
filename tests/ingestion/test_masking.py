"""Long numbers never leave whole, and Python and Arrow mask them alike."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.masking import mask, mask_values, printable


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("530102199001011234", "530102********1234"),
        ("身份证53010219900101123X，张三", "身份证530102********123X，张三"),
        ("6222 0202 0011 2233 440", "6222 02********3 440"),
        ("5301020011", "5301020011"),
        ("１２３４５６１９９００１０１１２３４", "１２３４５６********１２３４"),
    ],
)
def test_long_numbers_lose_their_middle(text, masked):
    assert mask(text) == masked


@given(st.text("0123456789 -xX张０１", max_size=40))
def test_python_and_arrow_mask_alike(text):
    (shown,) = mask_values(pa.array([text]), is_number=False).to_pylist()
    assert shown == mask(text)[:60]


@given(st.text(min_size=11, max_size=40).filter(lambda text: text.isprintable()))
def test_a_number_field_is_masked_by_position_whatever_it_holds(text):
    (shown,) = mask_values(pa.array([text]), is_number=True).to_pylist()
    assert shown == f"{text[:6]}********{text[-4:]}"


def test_shown_text_has_no_control_characters_and_an_end():
    assert printable("a\x1b[31m\n") == "a�[31m�"
    assert len(printable("x" * 1000)) == 61
