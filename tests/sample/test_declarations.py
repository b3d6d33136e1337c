"""What units declare: bases worked out anew from participation, the staff of institutions, and the seeded faults."""

import csv
import unicodedata
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest

from ingestion import sample
from tests.sample.conftest import QUICK_SEEDS
from tests.sample.reading import Exchange, latest, read_exchanges
from tests.sample.recomputing import months_between, seed_rows

TOLERANCE = Decimal("0.05")
PENSIONS = ("110", "120")


@pytest.fixture(scope="module", params=QUICK_SEEDS)
def found(exchanges, request):
    return exchanges(500, request.param)


@pytest.fixture(scope="module", params=[(date(2016, 1, 1), date(2017, 3, 31)), (date(2025, 1, 1), date(2025, 6, 30))])
def faulty(request, tmp_path_factory):
    """A faulty province: of years whose wage is not known, then of one whose wage is."""
    directory = tmp_path_factory.mktemp("faulty")
    sample.write(directory, 500, 2, *request.param, faults=True)
    with (directory / "truth" / "faults.csv").open(encoding="utf-8") as lines:
        return read_exchanges(directory), list(csv.DictReader(lines))


def contributors(found: dict[str, list[Exchange]], month: str) -> dict[tuple[str, str], tuple[str, Decimal]]:
    """Return (unit, base) by person and pension scheme in a month."""
    spells = latest(found["participation"], "participation_number").values()
    return {
        (row["person_number"], row["insurance_code"]): (row["unit_number"], Decimal(row["contribution_base_yuan"]))
        for row in spells
        if row["insurance_code"] in PENSIONS
        and row["contribution_status_code"] == "1"
        and row["start_month"] <= month <= (row["end_month"] or "999912")
    }


def bases_of_units(found: dict[str, list[Exchange]], month: str) -> dict[tuple[str, str], list[Decimal]]:
    bases = defaultdict(list)
    for (_, code), (unit, base) in contributors(found, month).items():
        bases[unit, code].append(base)
    return bases


def declarations(found: dict[str, list[Exchange]]) -> dict[tuple[str, str, str], dict]:
    """Return declarations by year, unit and scheme, with numbers as numbers and full width mended."""
    declared = {}
    for row in (row for file in found["unit_declarations"] for row in file.rows):
        row = {name: unicodedata.normalize("NFKC", value) for name, value in row.items()}
        key = row["declaration_year"], row["unit_number"], row["insurance_code"]
        assert key not in declared and row["declaration_number"] == "".join(key)
        amounts = {name: Decimal(value) for name, value in row.items() if name.endswith("_yuan")}
        declared[key] = {**row, **amounts, "person_count": int(row["person_count"])}
    return declared


def findings(found: dict[str, list[Exchange]]) -> set[tuple[str, str, str]]:
    """Return (rule, year, unit or person) for what the rules of base verification find, worked out plainly."""
    declared, wrong = declarations(found), set()
    for (year, unit, code), row in declared.items():
        bases = bases_of_units(found, f"{year}01")[unit, code]
        base, before = row["person_base_yuan"], declared.get((str(int(year) - 1), unit, code))
        checks = {
            "payroll_differs": abs(row["payroll_yuan"] - base) > TOLERANCE * base,
            "financial_statement_differs": abs(row["financial_statement_yuan"] - base) > TOLERANCE * base,
            "parts_differ": sum(bases) != base,
            "unit_base_differs": row["unit_base_yuan"] != base,
            "everyone_at_floor": len(bases) >= 3 and len(set(bases)) == 1,
            "unchanged_while_payroll_rises": before is not None
            and base <= before["person_base_yuan"]
            and row["payroll_yuan"] > (1 + TOLERANCE) * before["payroll_yuan"],
        }
        wrong |= {(rule, year, unit) for rule, is_broken in checks.items() if is_broken}
    for year in {year for year, _, _ in declared}:
        for bound in seed_rows("policy/contribution_base_bounds"):
            if bound["valid_from"].startswith(year) and bound["average_monthly_wage_yuan"]:
                wage = Decimal(bound["average_monthly_wage_yuan"])
                floor, ceiling = wage * Decimal(bound["floor_share"]), wage * Decimal(bound["ceiling_share"])
                for (person, code), (_, base) in contributors(found, f"{year}01").items():
                    if code == bound["insurance_code"] and not floor <= base <= ceiling:
                        wrong.add(("below_floor" if base < floor else "above_ceiling", year, person))
    return wrong


def test_units_declare_each_january_what_their_people_add_to(found):
    assert [file.period for file in found["unit_declarations"]] == ["201601", "201701"]
    declared = declarations(found)
    for year in ("2016", "2017"):
        expected = {
            (year, unit, code): (len(bases), sum(bases), sum(bases))
            for (unit, code), bases in bases_of_units(found, f"{year}01").items()
        }
        said = {
            key: (row["person_count"], row["person_base_yuan"], row["unit_base_yuan"])
            for key, row in declared.items()
            if key[0] == year
        }
        assert said == expected
    assert findings(found) == set()


def test_some_numbers_are_typed_in_full_width_and_no_amount_is(found):
    rows = [row for file in found["unit_declarations"] for row in file.rows]
    for name in ("declaration_number", "unit_number", "declaration_year", "person_count"):
        typed = [row[name] for row in rows if not row[name].isascii()]
        assert 0 < len(typed) < len(rows) // 10
        assert all(0xFF01 <= ord(sign) <= 0xFF5E for value in typed for sign in value)
    assert all(value.isascii() for row in rows for name, value in row.items() if name.endswith(("_yuan", "_on")))


def test_each_rule_of_base_verification_has_its_fault_and_finds_nothing_else(faulty):
    found, faults = faulty
    seeded = {(row["step_code"], row["tie_month"][:4], row["item_key"]) for row in faults if row["found_by"] == "bases"}
    assert seeded == findings(found)
    by_wage = {"below_floor", "above_ceiling"} if "2025" in {year for _, year, _ in seeded} else set()
    later = {"unchanged_while_payroll_rises"} if len(found["unit_declarations"]) > 1 else set()
    at_once = {
        "payroll_differs", "financial_statement_differs", "parts_differ", "unit_base_differs", "everyone_at_floor"
    }  # fmt: skip
    assert Counter(rule for rule, _, _ in seeded) == Counter(at_once | by_wage | later)


def test_a_fault_of_a_declaration_is_on_the_line_it_names(faulty):
    found, faults = faulty
    files = {file.path.name: file for file in found["unit_declarations"]}
    placed = [row for row in faults if row["found_by"] == "bases" and row["file_name"]]
    assert len(placed) >= 5
    for fault in placed:
        row = files[fault["file_name"]].rows[int(fault["source_line"]) - 2]
        assert unicodedata.normalize("NFKC", row["unit_number"]) == fault["item_key"]
        assert row["insurance_code"] == fault["insurance_code"]
        assert Decimal(fault["difference_yuan"]) == differences(found, fault)[fault["step_code"]]


def differences(found: dict[str, list[Exchange]], fault: dict[str, str]) -> dict[str, Decimal]:
    """Return by rule what a unit declared less what that is compared with."""
    declared, year, unit = declarations(found), int(fault["tie_month"][:4]), fault["item_key"]
    row = declared[str(year), unit, fault["insurance_code"]]
    before = declared.get((str(year - 1), unit, fault["insurance_code"]), row)
    base = row["person_base_yuan"]
    return {
        "payroll_differs": base - row["payroll_yuan"],
        "financial_statement_differs": base - row["financial_statement_yuan"],
        "parts_differ": base - sum(bases_of_units(found, f"{year}01")[unit, fault["insurance_code"]]),
        "unit_base_differs": row["unit_base_yuan"] - base,
        "unchanged_while_payroll_rises": row["payroll_yuan"] - before["payroll_yuan"],
        "everyone_at_floor": Decimal(0),
    }


def test_institutions_declare_their_staff_once_most_in_the_first_months(found):
    files = found["institution_declarations"]
    first = {row["declaration_number"]: file.period for file in reversed(files) for row in file.rows}
    persons = {row["declaration_number"]: row["person_number"] for file in files for row in file.rows}
    assert len(set(persons.values())) == len(persons)
    assert all(number == period + persons[number] for number, period in first.items())
    months = months_between("201601", "201706")
    for month in months[2:]:
        staff = {person for person, code in contributors(found, month) if code == "120"}
        assert staff <= {persons[number] for number, period in first.items() if period <= month}
    counts = Counter(first.values())
    assert sum(counts[month] for month in months[:3]) > 5 * sum(counts[month] for month in months[3:]) > 0


def test_what_waits_or_was_returned_passes_a_month_later(found):
    files = found["institution_declarations"]
    states = Counter(row["review_state_code"] for file in files for row in file.rows)
    assert states["1"] > states["0"] > 0 and states["2"] > 0
    for file, following in pairwise(files):
        for row in file.rows:
            assert bool(row["reviewed_on"]) == (row["review_state_code"] != "0")
            assert not row["reviewed_on"] or row["declared_on"] <= row["reviewed_on"] <= f"{file.period}31"
        open_numbers = {row["declaration_number"] for row in file.rows if row["review_state_code"] != "1"}
        passed = {row["declaration_number"] for row in following.rows if row["review_state_code"] == "1"}
        assert open_numbers <= passed


def test_staff_is_declared_with_the_base_and_the_name_of_the_registers(found):
    register = latest(found["insured_persons"], "person_number")
    rows = [(file.period, row) for file in found["institution_declarations"] for row in file.rows]
    typed = [row for _, row in rows if not row["identity_number"].isascii()]
    assert 0 < len(typed) < len(rows) / 10
    for period, row in rows:
        person = register[row["person_number"]]
        assert unicodedata.normalize("NFKC", row["identity_number"]) == person["identity_number"]
        assert (row["person_name"], row["started_work_on"]) == (person["person_name"], person["started_work_on"])
        staff = contributors(found, period).get((row["person_number"], "120"))
        if row["declaration_number"].startswith(period):
            assert staff == (row["unit_number"], Decimal(row["contribution_base_yuan"]))
