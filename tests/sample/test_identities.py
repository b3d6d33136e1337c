"""Numbers with check digits are right, and say the same as the fields beside them."""

from collections import Counter

import pytest
from stdnum import luhn
from stdnum.cn import ric, uscc

from tests.sample.reading import latest


@pytest.fixture(params=(1, 2))
def province(exchanges, request):
    return exchanges(500, request.param)


def test_every_identity_number_is_valid_unique_and_agrees_with_birth_and_sex(province):
    persons = latest(province["insured_persons"], "person_number").values()
    for person in persons:
        number = person["identity_number"]
        assert ric.is_valid(number)
        assert number[6:14] == person["born_on"]
        assert int(number[16]) % 2 == int(person["sex_code"]) % 2
    assert len({person["identity_number"] for person in persons}) == len(persons)


def test_some_older_people_were_born_where_the_prefecture_had_another_code(province):
    births = {row["identity_number"][:4] for file in province["insured_persons"] for row in file.rows}
    assert births & {"5327", "5335"}
    assert all(code.startswith("53") for code in births)


def test_every_unit_has_a_valid_credit_code_of_its_own(province):
    units = latest(province["insured_units"], "unit_number").values()
    assert all(uscc.is_valid(unit["unified_social_credit_code"]) for unit in units)
    assert len({unit["unified_social_credit_code"] for unit in units}) == len(units)
    assert {unit["unit_type_code"] for unit in units} == {"10", "55"}
    assert len({unit["region_code"][:4] for unit in units}) == 16


def test_most_bank_accounts_are_cards_with_their_luhn_digit_and_a_few_are_passbooks(province):
    accounts = {row["bank_account_number"] for file in province["benefit_payment_returns"] for row in file.rows}
    cards = {account for account in accounts if len(account) == 19}
    assert all(luhn.is_valid(card) for card in cards)
    assert 0 < len(accounts - cards) < len(cards) / 10


def test_receipts_and_payments_carry_the_registered_identity(province):
    registered = {
        row["person_number"]: row["identity_number"] for file in province["insured_persons"] for row in file.rows
    }
    for feed in ("contribution_receipts", "benefit_payment_returns"):
        assert all(
            registered[row["person_number"]] == row["identity_number"] for file in province[feed] for row in file.rows
        )


def test_dates_of_a_life_are_in_order(province):
    for person in latest(province["insured_persons"], "person_number").values():
        assert person["born_on"] < person["started_work_on"]
        assert person["started_work_on"][:6] <= person["first_insured_month"]
        assert not person["retired_on"] or person["retired_on"] > person["started_work_on"]
        assert not person["died_on"] or person["died_on"][:6] >= person["first_insured_month"]


def test_names_hold_rare_characters_and_two_part_names_of_minorities(province):
    names = Counter(
        "".join(row["person_name"] for row in latest(province["insured_persons"], "person_number").values())
    )
    for character in "䶮㙓𠅤·":
        assert names[character] >= 1
