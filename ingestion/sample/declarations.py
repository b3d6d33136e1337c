"""What units declare in January: bases by unit and scheme, with payroll and financial-statement totals."""

import numpy as np
import pyarrow as pa

from ingestion.outgoing.text import Column, encoded, joined, number_text, take
from ingestion.sample.base_faults import BaseFaults
from ingestion.sample.calendar import day_numbers
from ingestion.sample.full_width import typed_full_width
from ingestion.sample.outbox import Outbox
from ingestion.sample.spells import PENSIONS, Spells
from ingestion.sample.units import Units

_SLACK = 20  # permille: how far payroll and financial statement of an honest unit lie from its bases
_TYPED_BY_HAND = {  # every so many-th row, counted from this one, has full-width characters in these fields
    "unit_number": (50, 3),
    "person_count": (50, 3),
    "declaration_number": (50, 17),
    "declaration_year": (50, 17),
}


class UnitDeclarations:
    """The declarations of the units that have contributors in January. Amounts in fen."""

    def __init__(self, rng: np.random.Generator, units: Units, spells: Spells, faults: BaseFaults):
        self._rng, self._units, self._spells, self._faults = rng, units, spells, faults

    def happen(self, month: int, outbox: Outbox) -> None:
        """Write the declarations of the year, when it is January."""
        if month % 12:
            return
        declared = self._declared()
        with outbox.monthly("tax_bureau", "unit_declarations", month) as file:
            self._faults.spoil(month, declared, file)
            file.write(self._columns(month, declared))

    def _declared(self) -> dict[str, np.ndarray]:
        """Return what an honest unit declares, by position in units: a unit's people all have one pension scheme."""
        rows = self._spells.contributors()
        size = len(self._units.kind)
        counts = np.bincount(self._spells.unit[rows], minlength=size)
        bases = np.zeros(size, np.int64)
        np.add.at(bases, self._spells.unit[rows], self._spells.base[rows])
        unit = np.flatnonzero(counts)
        base = bases[unit]
        near = self._rng.integers(-_SLACK, _SLACK + 1, (2, len(unit)))
        return {
            "unit": unit,
            "count": counts[unit],
            "person_base": base,
            "unit_base": base.copy(),
            "payroll": base + base * near[0] // 1000,
            "statement": base + base * near[1] // 1000,
            "day": self._rng.integers(4, 26, len(unit)),
        }

    def _columns(self, month: int, declared: dict[str, np.ndarray]) -> dict[str, Column]:
        unit, year = declared["unit"], number_text(np.full(len(declared["unit"]), month // 12)).cast(pa.binary())
        number = take(self._units.number, unit)
        scheme = take(encoded(PENSIONS, "ascii"), self._units.kind[unit])
        columns = {
            "declaration_number": joined(year, number, scheme),
            "unit_number": number,
            "declaration_year": year,
            "insurance_code": scheme,
            "person_count": number_text(declared["count"]).cast(pa.binary()),
            "person_base_yuan": declared["person_base"],
            "unit_base_yuan": declared["unit_base"],
            "payroll_yuan": declared["payroll"],
            "financial_statement_yuan": declared["statement"],
            "declared_on": day_numbers(np.full(len(unit), month), declared["day"]),
        }
        for name, (step, first) in _TYPED_BY_HAND.items():
            columns[name] = typed_full_width(columns[name], np.arange(first, len(unit), step), "gb18030")
        return columns
