"""Parts of a rights statement on their own: codes, symbols, fonts, wording."""

import stat
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import ReportRefused, fonts
from reports.rights_statement import verification
from reports.rights_statement.content import Writer
from reports.rights_statement.records import Record
from tests.reports import statement_fixtures as sample

MONEY = st.decimals(min_value=0, max_value=10**12, places=2)


def a_record(serial: int = 1) -> Record:
    person = sample.make_people(serial + 1)[serial]
    return Record(person, person.pop("months"), person.pop("benefits"))


@pytest.fixture(scope="module")
def our_fonts():
    return fonts.load()


@pytest.mark.parametrize("character", [*"䶮㙓𠅤·ＡA1（）●△－⑥〔", "\U0002ebd9"])
def test_our_fonts_print_what_names_and_forms_need(character, our_fonts):
    assert our_fonts.missing(character) == []


@pytest.mark.parametrize("character", ["\ue863", "\U000f0001", "\x07", "\n", "\U000e0100", "ก"])
def test_what_would_print_as_a_box_or_by_chance_is_missing(character, our_fonts):
    assert our_fonts.missing(f"王{character}{character}明") == [character]


@given(MONEY, MONEY)
def test_a_changed_amount_changes_the_code(one, other):
    codes = {verification.verification_code(b"key", "2016-110-1", {"amount": amount}) for amount in (one, other)}
    assert len(codes) == len({one, other})


def test_the_code_covers_months_benefits_and_the_number():
    record = a_record()
    changed = record._replace(months=[record.months[0] | {"arrears_yuan": Decimal("0.01")}, *record.months[1:]])
    codes = {
        verification.verification_code(b"key", "2016-110-1", record),
        verification.verification_code(b"key", "2016-110-2", record),
        verification.verification_code(b"key", "2016-110-1", changed),
        verification.verification_code(b"key", "2016-110-1", record._replace(benefits=[{"payment_count": 1}])),
        verification.verification_code(b"other key", "2016-110-1", record),
    }
    assert len(codes) == 5


@given(st.text())
def test_a_code_is_four_groups_of_signs_that_nobody_confuses(number):
    code = verification.verification_code(b"key", number.encode("utf-8", "replace").decode(), [])
    groups = code.split("-")
    assert [len(group) for group in groups] == [4, 4, 4, 4]
    assert not set("01IO") & set(code)


def test_rewording_a_note_leaves_the_code_valid():
    writer = Writer(sample.YEAR, b"key", sample.NOTHING_ASSUMED)
    before = writer.write(a_record())
    writer.declared["envelope"]["suffix"] = "启"
    after = writer.write(a_record())
    assert before.code == after.code
    assert before.content_hash != after.content_hash


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path, monkeypatch):
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path))
    monkeypatch.delenv("STATEMENT_VERIFICATION_KEY", raising=False)
    key = verification.load_key()
    assert stat.S_IMODE((tmp_path / "verification.key").stat().st_mode) == 0o600
    assert verification.load_key() == key
    assert len(key) == 64


@pytest.mark.parametrize("given_key", ["", "short"])
def test_a_short_key_is_refused(given_key, monkeypatch):
    monkeypatch.setenv("STATEMENT_VERIFICATION_KEY", given_key)
    with pytest.raises(ReportRefused, match="太短"):
        verification.load_key()


def test_an_empty_key_file_is_not_replaced_in_silence(tmp_path, monkeypatch):
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path))
    monkeypatch.delenv("STATEMENT_VERIFICATION_KEY", raising=False)
    (tmp_path / "verification.key").touch()
    with pytest.raises(ReportRefused, match="备份"):
        verification.load_key()


def test_the_year_stands_in_the_title():
    assert Writer(2017, b"key", sample.NOTHING_ASSUMED).form["title"] == "社会保险个人权益记录单（2017年度）"


def test_twelve_months_are_shown_whatever_was_due():
    record = a_record()
    march = record.months[0] | {
        "liability_month": date(2016, 3, 1),
        "month_state": "paid",
        "booked_on": date(2017, 2, 9),
    }
    months = Writer(2016, b"key", sample.NOTHING_ASSUMED).write(record._replace(months=[march])).printed["months"]
    assert [month[0] for month in months] == [f"{number}月" for number in range(1, 13)]
    assert months[2][-2:] == ["●", "2017年2月"]
    assert months[3] == ["4月", "—", "—", "—", "—", "－", "—"]
