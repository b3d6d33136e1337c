"""A small published warehouse with figures of a whole province, so that reports are tested without building one."""

import csv
import random
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from tests.reports.seeds import SEEDS, copy_seed

SCHEMES = {
    "000": "合计",
    "110": "企业职工基本养老保险",
    "120": "机关事业单位基本养老保险",
    "410": "工伤保险",
    "510": "生育保险",
}
PERIODS = {
    "2016Q1": ("quarter", date(2016, 3, 1), None),
    "2016Q2": ("quarter", date(2016, 6, 1), None),
    "2016Q4": ("quarter", date(2016, 12, 1), None),
    "2016": ("year", date(2016, 12, 1), None),
    "2017Q1": ("quarter", date(2017, 3, 1), "2016Q1"),
    "2017Q2": ("quarter", date(2017, 6, 1), "2016Q2"),
}
ABSENT = {("410", "retired_person_count"), ("510", "retired_person_count")}  # nobody retires under these schemes
MONEY, RATE = pa.decimal128(18, 2), pa.decimal128(18, 6)
SEED_TYPES = {
    "policy/contribution_rates": {"valid_from": "date", "valid_to": "date", "rate": "decimal(9,6)"},
    "policy/work_injury_rate_classes": {"valid_from": "date", "base_rate": "decimal(9,6)"},
    "codes/benefit_items": {},
    "codes/fiscal_entry_kinds": {},
    "codes/fund_postings": {},
}


@pytest.fixture(scope="session")
def statistics_home(tmp_path_factory) -> Path:
    """The home of a published warehouse: `rpt_fund_statistics__*` for six periods, and the seeds they rest on."""
    home = tmp_path_factory.mktemp("statistics_home")
    (home / "warehouse").mkdir()
    with duckdb.connect(str(home / "warehouse" / "warehouse.duckdb")) as connection:
        for name, table in report_tables().items():
            connection.register("made", table)
            connection.execute(f"create table rpt_{name} as select * from made")
            connection.unregister("made")
        for path, types in SEED_TYPES.items():
            copy_seed(connection, path, types)
    return home


@pytest.fixture
def statistics_warehouse(statistics_home, monkeypatch) -> Path:
    """The same warehouse as the one that commands called in this test find."""
    monkeypatch.setenv("WAREHOUSE_HOME", str(statistics_home))
    monkeypatch.delenv("WAREHOUSE_TARGET", raising=False)
    return statistics_home


def prefectures() -> dict[str, str]:
    with (SEEDS / "codes" / "prefectures.csv").open(encoding="utf-8") as file:
        current = {row["region_code"]: row["name"] for row in csv.DictReader(file) if row["status"] == "current"}
    return {"0000": "全省", **current}


def report_tables() -> dict[str, pa.Table]:
    rng = random.Random(20170630)
    persons = ("contributing_person_count", "paused_person_count", "retired_person_count")
    insured = grid(rng, dict.fromkeys(persons, 90000))
    for row in insured:
        row["insured_person_count"] = sum(row[name] for name in persons)
    units = grid(rng, {"insured_unit_count": 3_000})
    benefits = grid(
        rng, {"beneficiary_person_count": 60_000, "payment_count": 400_000, "benefit_paid_yuan": 9_000_000_000_00}
    )
    return {
        **account_tables(rng),
        "fund_statistics__coverage": as_table(
            coverage(random.Random(9995)), {"covered_person_count": "covered_person"}
        ),
        "fund_statistics__insured_persons": as_table(insured, {"insured_person_count": "insured_person"}),
        "fund_statistics__insured_units": as_table(units, {"insured_unit_count": "insured_unit"}),
        "fund_statistics__beneficiaries": as_table(
            benefits, {"beneficiary_person_count": "beneficiary_person", "benefit_paid_yuan": "benefit_paid"}
        ),
        "fund_statistics__fund": as_table(
            fund(rng),
            {"income_yuan": "income", "expenditure_yuan": "expenditure", "closing_balance_yuan": "closing_balance"},
        ),
    }


def grid(rng: random.Random, ceilings: dict[str, int]) -> list[dict]:
    """Draw figures for every period, scheme and prefecture, and add up the totals."""
    rows = []
    names = prefectures()
    for period in PERIODS:
        drawn = {
            (scheme, prefecture): {
                name: 0 if (scheme, name) in ABSENT else rng.randrange(ceiling) for name, ceiling in ceilings.items()
            }
            for scheme in SCHEMES
            for prefecture in names
        }
        place = 0
        for scheme, scheme_name in SCHEMES.items():
            for prefecture, prefecture_name in names.items():
                place += 1
                parts = [
                    figures
                    for (of_scheme, of_prefecture), figures in drawn.items()
                    if of_scheme != "000"
                    and of_prefecture != "0000"
                    and scheme in ("000", of_scheme)
                    and prefecture in ("0000", of_prefecture)
                ]
                rows.append(
                    {
                        "period_code": period,
                        "insurance_code": scheme,
                        "insurance_name": scheme_name,
                        "prefecture_code": prefecture,
                        "prefecture_name": prefecture_name,
                        "sort_order": place,
                        "is_total": scheme == "000" or prefecture == "0000",
                        **{name: sum(part[name] for part in parts) for name in ceilings},
                    }
                )
    return rows


def coverage(rng: random.Random) -> list[dict]:
    """Draw persons covered and projects insured by prefecture; the last prefecture has no project."""
    rows, names = [], prefectures()
    for period in PERIODS:
        drawn = {}
        for prefecture in list(names)[1:]:
            registered, new = rng.randrange(1, 90_000), rng.randrange(1, 900)
            covered = rng.randrange(registered)
            drawn[prefecture] = {
                "registered_person_count": registered,
                "covered_person_count": covered,
                "uncovered_person_count": registered - covered,
                "new_project_count": new,
                "insured_project_count": new - rng.randrange(2),
            }
        drawn[prefecture] |= {"new_project_count": 0, "insured_project_count": 0}
        drawn["0000"] = {name: sum(figures[name] for figures in drawn.values()) for name in drawn["5301"]}
        for place, (prefecture, name) in enumerate(names.items(), start=1):
            figures = drawn[prefecture]
            labels = {"period_code": period, "prefecture_code": prefecture, "prefecture_name": name}
            rates = {
                "pension_coverage_rate": share(figures["covered_person_count"], figures["registered_person_count"], 6),
                "project_insurance_rate": share(figures["insured_project_count"], figures["new_project_count"], 4),
            }
            rows.append({**labels, "sort_order": place, "is_total": prefecture == "0000", **figures, **rates})
    return rows


def share(part: int, whole: int, places: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP) if whole else None


def account_tables(rng: random.Random) -> dict[str, pa.Table]:
    """Draw balance sheets, and income and expenditure by line, that add up over the schemes."""
    accounts = ("closing_treasury_yuan", "closing_fiscal_special_yuan", "closing_expense_yuan")
    sheets, lines = [], []
    for period in PERIODS:
        drawn = {}
        for scheme in list(SCHEMES)[1:]:
            drawn[scheme] = {name: rng.randrange(10**13) for name in (*accounts, "opening_asset_yuan")}
            drawn[scheme]["closing_asset_yuan"] = sum(drawn[scheme][name] for name in accounts)
            drawn[scheme] |= {
                "closing_liability_yuan": 0,
                "closing_net_asset_yuan": drawn[scheme]["closing_asset_yuan"],
            }
            for name in ("income", "expenditure"):
                drawn[scheme] |= {f"{name}_period": rng.randrange(10**12), f"{name}_year": rng.randrange(10**13)}
        drawn["000"] = {name: sum(figures[name] for figures in drawn.values()) for name in drawn["110"]}
        for place, (scheme, scheme_name) in enumerate(SCHEMES.items(), start=1):
            labels = {"period_code": period, "insurance_code": scheme, "insurance_name": scheme_name}
            figures = {name: fen for name, fen in drawn[scheme].items() if name.endswith("_yuan")}
            sheets.append({**labels, "sort_order": place, "is_total": scheme == "000", **figures})
            for number, name in enumerate(("income", "expenditure")):
                amounts = {
                    "period_yuan": drawn[scheme][f"{name}_period"],
                    "year_to_date_yuan": drawn[scheme][f"{name}_year"],
                }
                line = {"line_code": name, "line_name": name, "sort_order": number * len(SCHEMES) + place}
                lines.append({**labels, **line, "is_total": scheme == "000", **amounts})
    return {
        "fund_accounts__balance_sheet": as_table(sheets, {"closing_asset_yuan": "closing_asset"}),
        "fund_accounts__income_expenditure": as_table(lines, {"year_to_date_yuan": "year_to_date"}),
    }


def fund(rng: random.Random) -> list[dict]:
    incomes = ("contribution_income_yuan", "subsidy_income_yuan", "interest_income_yuan", "transfer_income_yuan")
    expenditures = ("benefit_expenditure_yuan", "transfer_expenditure_yuan")
    rows = []
    for period in PERIODS:
        drawn = {}
        for scheme in list(SCHEMES)[1:]:
            figures = {
                name: rng.randrange(40_000_000_000_00) for name in ("opening_balance_yuan", *incomes, *expenditures)
            }
            figures["arrears_income_yuan"] = figures["contribution_income_yuan"] // 7
            figures["income_yuan"] = sum(figures[name] for name in incomes)
            figures["expenditure_yuan"] = sum(figures[name] for name in expenditures)
            figures["closing_balance_yuan"] = (
                figures["opening_balance_yuan"] + figures["income_yuan"] - figures["expenditure_yuan"]
            )
            drawn[scheme] = figures
        drawn["000"] = {name: sum(figures[name] for figures in drawn.values()) for name in drawn["110"]}
        for place, (scheme, scheme_name) in enumerate(SCHEMES.items(), start=1):
            labels = {"period_code": period, "insurance_code": scheme, "insurance_name": scheme_name}
            rows.append({**labels, "sort_order": place, "is_total": scheme == "000", **drawn[scheme]})
    return rows


def as_table(rows: list[dict], compared: dict[str, str]) -> pa.Table:
    """Add the period columns and the comparison with the same period of last year, and type the columns."""
    keyed = {(row["period_code"], *place_of(row)): row for row in rows}
    completed = []
    for row in rows:
        kind, end_month, same_period = PERIODS[row["period_code"]]
        before = keyed.get((same_period, *place_of(row)))
        row = {**row, "period_kind": kind, "period_end_month": end_month}
        for column, stem in compared.items():
            row[f"same_period_{column}"] = before[column] if before else None
            row[f"{stem}_change_rate"] = change_rate(row[column], before[column]) if before else None
        completed.append(row)
    return pa.table({name: as_column(name, [row[name] for row in completed]) for name in completed[0]})


def place_of(row: dict) -> tuple:
    """Return what a row is about, but for its period."""
    return row.get("insurance_code"), row.get("prefecture_code"), row.get("line_code")


def as_column(name: str, values: list) -> pa.Array:
    if name.endswith("_yuan"):
        return pa.array([None if fen is None else Decimal(fen).scaleb(-2) for fen in values], MONEY)
    if name.endswith("_rate"):
        return pa.array(values, RATE)
    return pa.array(values, pa.int32()) if name.endswith("_count") else pa.array(values)


def change_rate(now: int, before: int) -> Decimal:
    return (Decimal(now - before) / before).quantize(Decimal("0.000001"), ROUND_HALF_UP)


@pytest.fixture(scope="session")
def release(statistics_home, tmp_path_factory) -> Path:
    """The release of the second quarter of 2017, which has a same period of last year."""
    return published(statistics_home, "2017Q2", tmp_path_factory)


@pytest.fixture(scope="session")
def annual_release(statistics_home, tmp_path_factory) -> Path:
    """The release of 2016, the first year of the warehouse: nothing to compare it with."""
    return published(statistics_home, "2016", tmp_path_factory)


def published(home: Path, period: str, tmp_path_factory) -> Path:
    from reports.fund_statistics.release import publish

    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("WAREHOUSE_HOME", str(home))
        environment.delenv("WAREHOUSE_TARGET", raising=False)
        return publish(period, tmp_path_factory.mktemp("releases") / period).directory
