"""Land the units, people and declarations of `tests/warehouse/landed/base_verification.yml`: one unit for each case."""

from datetime import date
from decimal import Decimal

from tests.warehouse.situations import cases, land, person, unit

DECLARED_YEAR = 2025
CREATED_ON = date(DECLARED_YEAR, 1, 31)
AMOUNTS = {
    "person_base": "person_base_yuan",
    "unit_base": "unit_base_yuan",
    "payroll": "payroll_yuan",
    "statement": "financial_statement_yuan",
}


def unit_number(index: int) -> str:
    """Return the number of the unit of the n-th case."""
    return f"U{index:03d}"


def member(index: int, place: int) -> str:
    """Return the number of a person of the n-th case."""
    return f"M{index:03d}{place}"


def land_declarations() -> None:
    """Land every case; declarations of last year and of a first attempt come in files of their own."""
    given = [case["given"] for case in cases("base_verification")]
    land("core_system", "insured_units", "202501", [_unit(index) for index in range(len(given))], 1, CREATED_ON)
    people = [person(member(index, place)) for index, it in enumerate(given) for place in range(len(_bases(it)))]
    land("core_system", "insured_persons", "202501", people, 1, CREATED_ON)
    # The books open with the first participation file.
    spells = [spell for index, it in enumerate(given) for spell in _spells(index, it)]
    land("core_system", "participation", "202401", spells, 1, date(2024, 1, 31))
    last_year = [_declaration(i, it, 2024, it["last_year"]) for i, it in enumerate(given) if "last_year" in it]
    land("tax_bureau", "unit_declarations", "202401", last_year, 1, date(2024, 1, 31))
    before = [
        _declaration(i, it, DECLARED_YEAR, it["sent_before"]) for i, it in enumerate(given) if "sent_before" in it
    ]
    land("tax_bureau", "unit_declarations", "202501", before, 1, CREATED_ON)
    final = [_declaration(i, it, DECLARED_YEAR, it.get("declares", {})) for i, it in enumerate(given)]
    land("tax_bureau", "unit_declarations", "202501", final, 2, CREATED_ON)


def _bases(given: dict) -> list[str]:
    return [*given["bases"], *given.get("left", [])]


def _unit(index: int) -> dict:
    return {**unit(), "unit_number": unit_number(index), "unit_name": f"第{index}号单位"}


def _spells(index: int, given: dict) -> list[dict]:
    stays = len(given["bases"])
    return [
        {
            "participation_number": f"S{member(index, place)}",
            "person_number": member(index, place),
            "insurance_code": given.get("scheme", "110"),
            "unit_number": unit_number(index),
            "start_month": date(2023, 1, 1),
            "end_month": None if place < stays else date(2024, 12, 1),
            "contribution_base_yuan": Decimal(base),
            "contribution_status_code": "1",
        }
        for place, base in enumerate(_bases(given))
    ]


def _declaration(index: int, given: dict, year: int, declares: dict) -> dict:
    whole = sum(map(Decimal, given["bases"]), Decimal("0.00"))
    scheme = given.get("scheme", "110")
    return {
        "declaration_number": f"{year}{unit_number(index)}{scheme}",
        "unit_number": unit_number(index),
        "declaration_year": year,
        "insurance_code": scheme,
        "person_count": len(given["bases"]),
        **{column: Decimal(declares.get(name, whole)) for name, column in AMOUNTS.items()},
        "declared_on": date(year, 1, 20),
    }
