"""What a month's plan, as sent, has to be adjusted by, now that something else is due; by due type (AAA115).

given: planned and due, lists of `{base, unit, person}` of one person and month, with `at` where there are several
units; a due line may have no amounts, where they are not known; plan_sent false where no plan of the month was sent.
expect: a list by unit of at, due_type, unit, person, total.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from expectations.calculator.levies import Line, adjustment
from tests.rules.kinds import Case, Kind, Mutant, Row
from tests.rules.levy_rows import DUE

ADJUSTMENTS, PLANNED = "fct_levy_adjustment", "int_levy_plan__persons"


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    """Give the case a month of its own, so that the plans of others are not of its month."""
    given = case["given"]
    month = date(1000 + int(key[1:7]), 1, 1)
    another = {"base": "1000.00", "unit": "190.00", "person": "80.00", "at": "another"}
    planned = [*given.get("planned", []), *([another] if given.get("plan_sent", True) else [])]
    due = [*given.get("due", []), another]
    return {
        PLANNED: [{**_row(key, it, month), "settlement_slip_number": str(number)} for number, it in enumerate(planned)],
        DUE: [{**_row(key, it, month), "rule_status": "official"} for it in due],
    }


def _row(key: str, line: dict[str, Any], month: date) -> Row:
    at = str(line.get("at", "1"))
    return {
        "unit_number": f"{key}-{at}",
        "person_number": key,
        "insurance_code": "110",
        "liability_month": month,
        "contribution_base_yuan": line.get("base"),
        "unit_due_yuan": line.get("unit"),
        "person_due_yuan": line.get("person"),
        "batch_id": "b" * 20,
        "source_line": 1,
    }


def answer(rows: dict[str, list[Row]]) -> list[dict[str, Any]]:
    return [
        {
            "at": row["unit_number"][8:],
            "due_type": row["due_type_code"],
            "unit": row["unit_adjustment_yuan"],
            "person": row["person_adjustment_yuan"],
            "total": row["adjustment_yuan"],
        }
        for row in sorted(rows[ADJUSTMENTS], key=lambda row: row["unit_number"])
    ]


def calculate(case: Case) -> list[dict[str, Any]]:
    given, found = case["given"], []
    planned, due = given.get("planned", []), given.get("due", [])
    if not given.get("plan_sent", True):
        return []
    for at in sorted({str(it.get("at", "1")) for it in [*planned, *due]}):
        here = [it for it in due if str(it.get("at", "1")) == at]
        if any(it.get("unit") is None for it in here):
            continue
        lines = [_line(it) for it in planned if str(it.get("at", "1")) == at]
        by = adjustment(lines, _line(here[0]) if here else None)
        if by:
            found.append({"at": at, "due_type": by.due_type, "unit": by.unit, "person": by.person, "total": by.total})
    return found


def _line(line: dict[str, Any]) -> Line:
    return Line(*(Decimal(line[name]) for name in ("base", "unit", "person")))


KIND = Kind(
    models=(ADJUSTMENTS,),
    tables=tables,
    outputs={ADJUSTMENTS: "person_number"},
    answer=answer,
    calculate=calculate,
    mutants=(
        Mutant(ADJUSTMENTS, "when base_yuan <> planned_base_yuan then '34'", "when 1 = 1 then '34'"),
        Mutant(ADJUSTMENTS, "when planned_line_count = 0 then '31'", ""),
        Mutant(ADJUSTMENTS, "and sum(unknown_line_count) = 0", ""),
        Mutant(ADJUSTMENTS, "or sum(person_yuan) <> sum(planned_person_yuan)", ""),
        Mutant(ADJUSTMENTS, "< planned_unit_yuan + planned_person_yuan then '20'", "< 0 then '20'"),
    ),
)
