"""How registered living persons stand in the pension schemes in a month (全民参保).

given: `month: 2017-12`; `persons` as in person_survivors, and `died: 2017-03-20`; `spells`, each {person, scheme (110
if left out), start, end, status: contributing, paused or ended}; `pensions`, each {person, scheme, start, end}, paid
to the retired. Expected: registered, contributing, paused, retired, uncovered, and share (to 6 places).
"""

from datetime import date
from typing import Any

from expectations.calculator.participation import Person, Spell
from expectations.calculator.participation import coverage as covered
from tests.rules.kinds import Case, Kind, Mutant, Row, seed
from tests.rules.person_survivors import SURVIVORS, month
from tests.rules.person_survivors import tables as person_tables

INSURED, COVERAGE = "int_insured_persons__at_period_end", "rpt_fund_statistics__coverage"
STATUSES = {"contributing": "1", "paused": "2", "ended": "3"}


def _day(written: Any) -> date | None:
    return date.fromisoformat(str(written)) if written else None


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    """Give the case a prefecture of its own: what it counts is that prefecture's row."""
    given = case["given"]
    persons = person_tables(case, key)["int_persons__latest"]
    persons = [
        {**row, "prefecture_code": key, "died_on": _day(line.get("died"))}
        for row, line in zip(persons, given["persons"], strict=True)
    ]
    spells, pensions = (
        [
            {"person_number": f"{key}-{line['person']}", "insurance_code": str(line.get("scheme", "110")),
             **columns(line)}
            for line in given.get(part, [])
        ]
        for part, columns in (
            ("spells", lambda line: {
                "start_month": month(line["start"]), "end_month": month(line.get("end")),
                "contribution_status_code": STATUSES[line.get("status", "contributing")]}),
            ("pensions", lambda line: {
                "benefit_start_month": month(line["start"]), "benefit_end_month": month(line.get("end")),
                "benefit_item_code": "100011"}),
        )
    )  # fmt: skip
    end = month(given["month"])
    period = {"period_code": key, "year_start_month": end.replace(month=1), "period_end_month": end}
    return {
        "int_persons__latest": persons,
        "int_participation__latest": spells,
        "int_awards__latest": pensions,
        "int_periods__completed": [period],
        "int_periods__grid": [{**period, "insurance_code": "000", "prefecture_code": key}],
        "fct_construction_project": [],
    }


def answer(rows: dict[str, list[Row]]) -> dict[str, Any]:
    (row,) = rows[COVERAGE]
    names = ("registered", "contributing", "paused", "retired", "uncovered")
    return {**{name: row[f"{name}_person_count"] for name in names}, "share": row["pension_coverage_rate"]}


def calculate(case: Case) -> dict[str, Any]:
    given = case["given"]
    persons = [
        Person(str(line["number"]), line.get("identity"), month(line.get("first_insured")), _day(line.get("died")))
        for line in given["persons"]
    ]
    spells = [
        Spell(str(line["person"]), str(line.get("scheme", "110")), month(line["start"]), month(line.get("end")), status)
        for part, fixed in (("spells", None), ("pensions", "retired"))
        for line in given.get(part, [])
        for status in [fixed or line.get("status", "contributing")]
    ]
    schemes = [
        row["insurance_code"] for row in seed("codes/insurance_schemes") if row["has_personal_account"] == "true"
    ]
    return dict(covered(persons, spells, schemes, month(given["month"])))


KIND = Kind(
    models=(SURVIVORS, INSURED, COVERAGE),
    tables=tables,
    outputs={COVERAGE: "prefecture_code"},
    answer=answer,
    calculate=calculate,
    mutants=(
        Mutant(COVERAGE, "case when statuses.is_retired = 0 then statuses.is_contributing else 0 end",
               "statuses.is_contributing"),
        Mutant(COVERAGE, "cohorts.died_month > periods", "cohorts.died_month >= periods"),
        Mutant(COVERAGE, "inner join pensions on insured.insurance_code = pensions.insurance_code", ""),
        Mutant(INSURED, "coalesce(merged.surviving_person_number, covering.person_number)", "covering.person_number"),
    ),
)  # fmt: skip
