"""Construction projects: insured at the start or not, the premium, and the share of the new ones that are insured.

given: `months`, ends of the periods (2017-06); `projects`, each {number, started, insured, contract, rate_ppm (in
millionths of the price), file: 201706 (its period; the month of the start if left out), sequence, times: how many such
there are}. Records of one number are one project, the last file counts. expect: `periods`, in the order of the months,
each {month, new, insured, share (to 4 places)}; `projects` by number, each {insured_at_start, premium}.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from expectations.calculator.construction import Project, insured_share, is_insured_at_start, latest, premium
from tests.rules.kinds import Case, Kind, Mutant, Row
from tests.rules.person_survivors import month

PROJECTS, COVERAGE = "fct_construction_project", "rpt_fund_statistics__coverage"
# What the report reads beside the projects: nobody is registered.
NOBODY = ("int_insured_persons__at_period_end", "int_person__2_survivors", "int_persons__latest")


def _day(written: Any) -> date | None:
    return date.fromisoformat(str(written)) if written else None


def _records(case: Case) -> list[Project]:
    """Return the records of a case; `times` are told apart by a number behind theirs."""
    return [
        Project(
            number=f"{line['number']}+{at}" if "times" in line else str(line["number"]),
            started=_day(line["started"]),
            insured=_day(line.get("insured")),
            contract=Decimal(str(line.get("contract", "1000000.00"))),
            rate_ppm=line.get("rate_ppm"),
            filed=(str(line.get("file", f"{_day(line['started']):%Y%m}")), line.get("sequence", 1)),
        )
        for line in case["given"]["projects"]
        for at in range(line.get("times", 1))
    ]


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    """Give the case a prefecture of its own, in which its projects lie: what is counted is that prefecture's row."""
    region = key[-4:]  # as long as the code of a prefecture, by which a region is looked up
    months = [month(written) for written in case["given"]["months"]]
    return {
        "prefectures": [{"region_code": region, "current_region_code": key, "status": "current"}],
        "int_periods__grid": [
            {
                "period_code": f"{key}-{it:%Y%m}",
                "year_start_month": it.replace(month=1),
                "period_end_month": it,
                "insurance_code": "000",
                "prefecture_code": key,
            }
            for it in months
        ],
        "stg_core_system__construction_projects": [
            {
                "project_number": f"{key}-{record.number}",
                "region_code": f"{region}01",
                "started_on": record.started,
                "insured_on": record.insured,
                "contract_yuan": record.contract,
                "premium_rate_ppm": record.rate_ppm,
                "period_code": record.filed[0],
                "sequence_number": record.filed[1],
                "batch_id": key,
                "source_line": line,
            }
            for line, record in enumerate(_records(case))
        ],
        **{name: [] for name in NOBODY},
    }


def answer(rows: dict[str, list[Row]]) -> dict[str, Any]:
    return {
        "periods": [
            {
                "month": f"{row['period_end_month']:%Y-%m}",
                "new": row["new_project_count"],
                "insured": row["insured_project_count"],
                "share": row["project_insurance_rate"],
            }
            for row in sorted(rows[COVERAGE], key=lambda row: row["period_end_month"])
        ],
        "projects": {
            row["project_number"].partition("-")[2]: {
                "insured_at_start": row["is_insured_at_start"],
                "premium": row["premium_yuan"],
            }
            for row in rows[PROJECTS]
        },
    }


def calculate(case: Case) -> dict[str, Any]:
    projects = latest(_records(case))
    periods = []
    for it in sorted(month(written) for written in case["given"]["months"]):
        new, insured, share = insured_share(list(projects.values()), it)
        periods.append({"month": f"{it:%Y-%m}", "new": new, "insured": insured, "share": share})
    return {
        "periods": periods,
        "projects": {
            number: {"insured_at_start": is_insured_at_start(project), "premium": premium(project)}
            for number, project in projects.items()
        },
    }


KIND = Kind(
    models=(PROJECTS, COVERAGE),
    tables=tables,
    outputs={PROJECTS: "project_number", COVERAGE: "prefecture_code"},
    answer=answer,
    calculate=calculate,
    mutants=(
        Mutant(PROJECTS, "records.insured_on <= records.started_on", "records.insured_on < records.started_on"),
        Mutant(PROJECTS, "period_code desc", "period_code asc"),
        Mutant(PROJECTS, "0.000001", "0.00001"),
        Mutant(COVERAGE, "when projects.insured_on <", "when projects.insured_on <="),
        Mutant(COVERAGE, "when projects.insured_on <", "when projects.started_on <"),
        Mutant(COVERAGE, "projects.started_on >= periods.year_start_month", "true"),
        Mutant(COVERAGE, "projects.started_on >= periods.year_start_month",
               "projects.started_on >= periods.period_end_month"),
    ),
)  # fmt: skip
