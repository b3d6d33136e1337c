"""The SQL checksums judge every number as python-stdnum does."""

from datetime import date

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric, uscc
from stdnum.exceptions import ValidationError

from ingestion.checksums import CHECKS, CREDIT_ALPHABET


def warnings_of(kind: str, numbers: list[str]) -> list[set[str]]:
    """Return the warnings that the SQL gives each number."""
    check = CHECKS[kind]
    prepared = ", ".join(f'{expression} as "{name}"' for name, expression in check.prepare("text").items())
    conditions = check.conditions("text", '"{}"'.format)
    cases = ", ".join(f"case when {condition} then '{code}' end" for code, condition in conditions.items())
    with duckdb.connect() as connection:
        connection.execute("create table numbers (place integer, text varchar)")
        connection.executemany("insert into numbers values (?, ?)", list(enumerate(numbers)))
        query = f"select {cases} from (select *, {prepared} from numbers) order by place"
        return [{code for code in row if code} for row in connection.execute(query).fetchall()]


def stdnum_accepts(module, number: str) -> bool:
    try:
        return module.validate(number) == number
    except ValidationError:
        return False


def digits(count: int):
    """Return a strategy of that many digits."""
    return st.integers(0, 10**count - 1).map(lambda number: str(number).zfill(count))


identities = st.builds(
    lambda day, sequence, check: f"530102{day:%Y%m%d}{sequence}{check}",
    st.dates(min_value=date(1900, 1, 1), max_value=date(2020, 1, 1)),
    digits(3),
    st.sampled_from("0123456789X"),
)


@settings(max_examples=10, deadline=None)
@given(st.lists(identities, min_size=20, max_size=60))
def test_identity_numbers_are_judged_as_stdnum_does(numbers):
    expected = [number[-1] == ric.calc_check_digit(number) for number in numbers]
    assert [not warned for warned in warnings_of("identity", numbers)] == expected


def test_every_check_digit_of_an_identity_number_is_accepted_once():
    numbers = [f"3604261991010100{rest}{digit}" for rest in range(3) for digit in "0123456789X"]
    accepted = [number for number, warned in zip(numbers, warnings_of("identity", numbers), strict=True) if not warned]
    assert accepted == [number for number in numbers if stdnum_accepts(ric, number)]
    assert len(accepted) == 3


@pytest.mark.parametrize(
    ("number", "warning"),
    [
        ("530102491231002", "identity_format"),
        ("53010219491231002x", "identity_format"),
        ("53010219491231００29", "identity_format"),
        ("A30102194912310029", "identity_format"),
        ("530102194913310026", "identity_birth_date"),
        ("530102190102290020", "identity_birth_date"),
    ],
)
def test_what_is_no_identity_number_or_no_day_of_birth_is_told(number, warning):
    assert warning in warnings_of("identity", [number])[0]
    assert not stdnum_accepts(ric, number)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.text(CREDIT_ALPHABET, min_size=18, max_size=18), min_size=5, max_size=20))
def test_social_credit_codes_are_judged_as_stdnum_does(codes):
    right = [code[:17] + uscc.calc_check_digit(code[:17]) for code in codes]
    judged = warnings_of("social_credit", codes + right)
    assert [not warned for warned in judged] == [code[-1] == uscc.calc_check_digit(code[:17]) for code in codes + right]


@pytest.mark.parametrize("code", ["9111000060003734I5", "91110000600037341", "91110000600037341l"])
def test_letters_outside_the_alphabet_are_no_social_credit_code(code):
    assert warnings_of("social_credit", [code]) == [{"social_credit_format"}]


@settings(max_examples=10, deadline=None)
@given(st.lists(st.integers(12, 32).flatmap(digits), min_size=5, max_size=40))
def test_bank_numbers_are_judged_as_stdnum_does(numbers):
    right = [number[:-1] + luhn.calc_check_digit(number[:-1]) for number in numbers]
    judged = warnings_of("bank_account", numbers + right)
    assert [not warned for warned in judged] == [luhn.is_valid(number) for number in numbers + right]


def test_what_is_no_bank_number_is_told():
    assert warnings_of("bank_account", ["62220202", "6222-0202-0011-2233"]) == [{"bank_account_format"}] * 2


def test_an_absent_number_is_not_warned_about():
    assert all(warnings_of(kind, [None]) == [set()] for kind in CHECKS)
