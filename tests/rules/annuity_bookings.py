"""What a contribution of the occupational annuity books, funded and notional apart, and what was due on its base.

given: `contributions`, each `{number, month: 2017-03, received: 2017-03-20, base, unit, person, unit_type}`; the unit's
money is reported in cash unless `reported: notional`; a number that comes again replaces what came before; `unit_type`
left out is a unit nobody knows. Rates are those of the seed. Expected per contribution by number: booked (month),
funded, notional, unit_due, person_due.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from expectations.calculator.annuity import contribution
from tests.rules.kinds import Case, Kind, Mutant, Row, seed

BOOKINGS = "int_annuity__1_bookings"


def _month(written: str) -> date:
    return date.fromisoformat(f"{written}-01")


def _lines(case: Case) -> list[dict[str, Any]]:
    return [{"number": str(at), **line} for at, line in enumerate(case["given"]["contributions"], start=1)]


def tables(case: Case, key: str) -> dict[str, list[Row]]:
    units, records = [], []
    for at, line in enumerate(_lines(case), start=1):
        units.append({"unit_number": f"{key}-{at}", "unit_type_code": line["unit_type"]} if "unit_type" in line else {})
        reported = line.get("reported", "funded")
        records.append(
            {
                "annuity_number": f"{key}-{line['number']}",
                "person_number": key,
                "unit_number": f"{key}-{at}",
                "liability_month": _month(line["month"]),
                "received_on": line["received"],
                "contribution_base_yuan": line["base"],
                "unit_funded_yuan": line["unit"] if reported == "funded" else 0,
                "unit_notional_yuan": line["unit"] if reported == "notional" else 0,
                "person_funded_yuan": line["person"],
                "period_code": f"{at:06d}",
                "sequence_number": 1,
                "batch_id": key,
                "source_line": at,
            }
        )
    return {
        "stg_annuity__occupational_annuity_contributions": records,
        "int_units__latest": [unit for unit in units if unit],
        "int_person__2_survivors": [],
    }


def answer(rows: dict[str, list[Row]]) -> list[dict[str, Any]]:
    return [
        {
            "number": row["annuity_number"].partition("-")[2],
            "booked": f"{row['booked_month']:%Y-%m}",
            "funded": row["funded_yuan"],
            "notional": row["notional_yuan"],
            "unit_due": row["unit_due_yuan"],
            "person_due": row["person_due_yuan"],
        }
        for row in sorted(rows[BOOKINGS], key=lambda row: row["annuity_number"])
    ]


def calculate(case: Case) -> list[dict[str, Any]]:
    found = []
    for line in sorted({line["number"]: line for line in _lines(case)}.values(), key=lambda line: line["number"]):
        day = f"{line['month']}-01"
        rates = [
            Decimal(row["rate"])
            for payer in ("unit", "person")
            for row in seed("policy/contribution_rates")
            if (row["insurance_code"], row["payer"]) == ("ANN", payer) and row["valid_from"] <= day < row["valid_to"]
        ]
        notional_types = {
            row["unit_type_code"]
            for row in seed("policy/annuity_notional_unit_types")
            if row["valid_from"] <= day < row["valid_to"]
        }
        is_notional = line["unit_type"] in notional_types if "unit_type" in line else line.get("reported") == "notional"
        parts = (Decimal(line[name]) for name in ("base", "unit", "person"))
        booked = contribution(*parts, is_notional, *rates)
        found.append({"number": line["number"], "booked": str(line["received"])[:7], "funded": booked.funded,
                      "notional": booked.notional, "unit_due": booked.unit_due,
                      "person_due": booked.person_due})  # fmt: skip
    return found


KIND = Kind(
    models=(BOOKINGS,),
    tables=tables,
    outputs={BOOKINGS: "person_number"},
    answer=answer,
    calculate=calculate,
    mutants=(
        Mutant(BOOKINGS, "records.unit_funded_yuan + records.unit_notional_yuan", "records.unit_funded_yuan"),
        Mutant(BOOKINGS, "payer = 'unit'", "payer = 'person'"),
        Mutant(BOOKINGS, "records.received_on", "records.liability_month"),
    ),
)
