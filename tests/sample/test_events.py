"""Every kind of event occurs in any province of 500 persons: what the warehouse must be able to digest."""

from collections import Counter, defaultdict
from itertools import pairwise

import pytest
from stdnum.cn import ric

from tests.sample.conftest import QUICK_SEEDS
from tests.sample.reading import latest
from tests.sample.recomputing import contribution_months, payments, receipts

FIRST = "201601"


@pytest.fixture(scope="module", params=QUICK_SEEDS)
def found(exchanges, request):
    return exchanges(500, request.param)


@pytest.fixture(scope="module")
def spells(found):
    """Return the spells of pension schemes by person, in order."""
    by_person = defaultdict(list)
    for row in latest(found["participation"], "participation_number").values():
        if row["insurance_code"] in ("110", "120"):
            by_person[row["person_number"]].append(row)
    return {person: sorted(rows, key=lambda row: row["start_month"]) for person, rows in by_person.items()}


def statuses(rows: list[dict]) -> str:
    return "".join(row["contribution_status_code"] for row in rows)


def test_roles_have_their_shares(found):
    persons = latest(found["insured_persons"], "person_number")
    awards = latest(found["benefit_awards"], "award_number").values()
    retired = {row["person_number"] for row in awards if row["benefit_item_code"] == "100011"}
    assert len(persons) == 500 and 0.25 < len(retired) / 500 < 0.32


def test_spells_pause_resume_change_unit_change_base_and_end(spells):
    kinds = Counter(statuses(rows) for rows in spells.values())
    assert any("121" in kind for kind in kinds), "left with a pause and came back"
    assert any(kind.endswith("12") for kind in kinds), "paused"
    assert any(kind.endswith("13") for kind in kinds), "left without a pause"
    assert any(kind == "21" or kind == "211" for kind in kinds), "came back from an old pause"
    pairs = [(a, b) for rows in spells.values() for a, b in pairwise(rows)]
    contributing = [pair for pair in pairs if {row["contribution_status_code"] for row in pair} == {"1"}]
    assert any(a["unit_number"] != b["unit_number"] for a, b in contributing)
    raised = [b for a, b in contributing if a["contribution_base_yuan"] != b["contribution_base_yuan"]]
    assert raised and {row["start_month"] for row in raised} == {"201701"}


def test_spells_of_a_person_follow_each_other_without_gap_or_overlap(spells):
    for rows in spells.values():
        for before, after in pairwise(rows):
            year, month = int(before["end_month"][:4]), int(before["end_month"][4:])
            assert after["start_month"] == (f"{year}{month + 1:02d}" if month < 12 else f"{year + 1}01")
        assert rows[-1]["end_month"] == ""


def test_only_contributing_spells_have_a_base_and_some_began_before_the_books_opened(spells):
    for row in (row for rows in spells.values() for row in rows):
        assert bool(row["contribution_base_yuan"]) == (row["contribution_status_code"] == "1")
    old = [row for rows in spells.values() for row in rows if row["start_month"] < FIRST]
    assert {row["contribution_status_code"] for row in old} == {"1", "2", "3"}


def test_people_join_transfer_in_retire_and_die(found):
    joined = {row["person_number"] for file in found["insured_persons"][1:] for row in file.rows}
    joined -= {row["person_number"] for row in found["insured_persons"][0].rows}
    assert joined
    later = [row for file in found["account_openings"][1:] for row in file.rows]
    assert later and {row["opening_kind_code"] for row in later} == {"2"}
    assert all(float(row["opening_balance_yuan"]) > 0 and float(row["pooled_yuan"]) > 0 for row in later)
    persons = latest(found["insured_persons"], "person_number").values()
    assert any(row["retired_on"][:6] >= FIRST for row in persons if row["retired_on"])
    deaths = {bool(row["retired_on"]) for row in persons if row["died_on"]}
    assert deaths == {True, False}, "of the retired and of contributors"


def test_benefits_of_every_item_are_paid(found):
    items = Counter(row["benefit_item_code"] for row in payments(found))
    assert set(items) == {"100001", "200011", "200021", "300011", "410011", "510011"}


def test_pensions_come_from_full_from_exhausted_and_from_no_accounts(found):
    parts = defaultdict(list)
    for row in payments(found):
        if row["benefit_item_code"] == "100001":
            parts[row["person_number"]].append(row["from_account_yuan"])
    with_part = {
        row["person_number"]
        for row in latest(found["benefit_awards"], "award_number").values()
        if row["benefit_item_code"] == "100021"
    }
    assert any(not any(amounts) and person not in with_part for person, amounts in parts.items()), "no account"
    assert any(not any(amounts) and person in with_part for person, amounts in parts.items()), "exhausted before"
    assert any(amounts[0] > 0 and 0 in amounts for amounts in parts.values()), "runs out"
    opened = {row["opening_balance_yuan"] for row in found["account_openings"][0].rows}
    assert "0.00" in opened


def test_payments_return_with_a_reason_and_are_sent_again_next_month(found):
    rows = payments(found)
    failed = [row for row in rows if row["payment_status_code"] == "41"]
    assert failed and all((row["payment_status_code"] == "41") == bool(row["return_reason_code"]) for row in rows)
    assert {row["benefit_item_code"] for row in failed} == {"100001"}
    paid = {(row["person_number"], row["benefit_month"]): row for row in rows if row["payment_status_code"] == "40"}
    for row in (row for row in failed if row["benefit_month"] < "201706"):
        again = paid[row["person_number"], row["benefit_month"]]
        assert again["paid_on"][:6] > row["paid_on"][:6] and again["payment_yuan"] == row["payment_yuan"]


def test_months_are_owed_for_ever_paid_late_in_part_and_completed_later(found):
    months = contribution_months(found, FIRST, "201706")
    owed = [month for month in months.values() if not month["booked_on"]]
    assert any(month["unit_paid"] == 0 for month in owed) and any(month["unit_paid"] > 0 for month in owed)
    counts = Counter((row["person_number"], row["insurance_code"], row["liability_month"]) for row in receipts(found))
    assert any(count == 2 and months[key]["booked_on"] for key, count in counts.items()), "completed later"
    late = {key: m for key, m in months.items() if m["booked_on"] and m["booked_on"][:6] > key[2]}
    assert late and any(month["booked_on"][:4] > key[2][:4] for key, month in late.items()), "across the year"
    types = {row["due_type_code"] for row in receipts(found)}
    assert types == {"10", "31"}


def test_a_few_receipts_are_sent_again_in_the_next_file(found):
    files = found["contribution_receipts"]
    seen = defaultdict(list)
    for place, file in enumerate(files):
        for row in file.rows:
            seen[row["receipt_number"]].append((place, row))
    again = [entries for entries in seen.values() if len(entries) > 1]
    assert again
    for (first, row), (second, copy) in again:
        assert second == first + 1 and row == copy


def test_registers_change_units_are_renamed_and_some_keep_an_old_region_code(found):
    names = defaultdict(set)
    for row in (row for file in found["insured_units"] for row in file.rows):
        names[row["unit_number"]].add(row["unit_name"])
    assert any(len(both) == 2 for both in names.values())
    addresses = defaultdict(set)
    for row in (row for file in found["insured_persons"] for row in file.rows):
        addresses[row["person_number"]].add(row["postal_address"])
    assert any(len(both) > 1 for both in addresses.values())
    regions = {row["region_code"][:4] for file in found["insured_persons"] for row in file.rows}
    assert regions & {"5327", "5335"} and regions & {"5308", "5309"}
    insured = {row["insured_on"][:6] >= FIRST for file in found["insured_units"] for row in file.rows}
    assert insured == {True, False}


def test_the_legacy_system_has_every_kind_of_fault(found):
    persons = latest(found["insured_persons"], "person_number")
    old = {row["person_number"]: row for file in found["legacy_persons"] for row in file.rows}
    assert old.keys() - persons.keys() and persons.keys() - old.keys()
    numbers = [row["identity_number"] for row in old.values()]
    assert any(len(number) == 15 for number in numbers)
    assert any(len(number) == 18 and not ric.is_valid(number) for number in numbers)
    both = [(old[key], persons[key]) for key in old.keys() & persons.keys()]
    for name in ("sex_code", "born_on", "region_code"):
        assert any(a[name] != b[name] for a, b in both), name
    assert any("?" in a["person_name"] and "?" not in b["person_name"] for a, b in both)
    moved = [(a["region_code"][:4], b["region_code"][:4]) for a, b in both if a["region_code"] != b["region_code"]]
    assert set(moved) <= {("5327", "5308"), ("5335", "5309")}
    wrong = sum(any(a[name] != b[name] for name in a) for a, b in both) / len(both)
    assert wrong < 0.03
