"""The levy plan that we send to the tax bureau, by unit and by person, and the tax bureau's acknowledgements."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from ingestion.outgoing.text import Column, encoded, joined, take
from ingestion.sample.calendar import day_number, first_day, month_code
from ingestion.sample.contributions import Contributions
from ingestion.sample.faults import Faults
from ingestion.sample.outbox import Outbox
from ingestion.sample.population import Persons
from ingestion.sample.spells import SCHEMES, Spells
from ingestion.sample.units import Units

_CHUNK = 100_000  # persons whose lines are made at once
_NORMAL = b"10"
_TAKEN_OVER = b"02"
_AMOUNTS = ("base", "unit_due", "person_due")
_UNKNOWN_UNIT = b"5399999999"


class LevyPlan:
    """What is to be levied for a month: a line per person, and a slip per unit and scheme."""

    def __init__(self, persons: Persons, units: Units, spells: Spells, contributions: Contributions, faults: Faults):
        self._persons, self._units, self._spells = persons, units, spells
        self._contributions, self._faults = contributions, faults

    def send(self, month: int, outbox: Outbox) -> None:
        """Write the plan of a month on its first day, and the acknowledgements on its second."""
        sent_on = first_day(month)
        slips = []
        with outbox.monthly("tax_bureau", "levy_plan_persons", month, created=sent_on) as file:
            for lines in self._lines(month):
                file.write(self._person_columns(month, lines))
                slips.append(_slips(lines))
        plan = {name: np.concatenate([part[name] for part in slips]) for name in slips[0]} if slips else _slips(None)
        plan["total"] = plan["unit_due"] + plan["person_due"]
        with outbox.monthly("tax_bureau", "levy_plan", month, created=sent_on) as file:
            self._spoil_plan(month, plan, file)
            file.write({**self._slip_columns(month, plan), **_plan_amounts(plan)})
        self._acknowledge(month, plan, outbox)

    def _lines(self, month: int) -> Iterator[dict[str, np.ndarray]]:
        """Yield what is due by person and scheme, ordered by unit, scheme and person; a unit is never cut in two."""
        rows = self._spells.contributors()
        units = self._spells.unit[rows]
        rows = rows[np.lexsort((rows, units))]
        units = self._spells.unit[rows]
        start = 0
        while start < len(rows):
            end = np.searchsorted(units, units[min(start + _CHUNK, len(rows)) - 1], side="right")
            part = rows[start:end]
            dues = [
                self._contributions.due(part[chosen], scheme, month)
                for scheme, chosen in self._spells.schemes_of(part)
                if len(chosen)
            ]
            lines = {name: np.concatenate([due[name] for due in dues]) for name in ("row", "scheme", "unit", *_AMOUNTS)}
            order = np.lexsort((lines["row"], lines["scheme"], lines["unit"]))
            yield {name: values[order] for name, values in lines.items()}
            start = end

    def _slip_columns(self, month: int, lines: dict[str, np.ndarray]) -> dict[str, Column]:
        """Return the columns that a slip and its persons' lines share."""
        unit = take(self._units.number, lines["unit"])
        scheme = take(encoded(SCHEMES, "ascii"), lines["scheme"])
        return {
            "settlement_slip_number": joined(month_code(month).encode(), unit, scheme, _NORMAL),
            "unit_number": unit,
            "insurance_code": scheme,
            "settlement_month": np.full(len(lines["unit"]), month),
            "liability_month": np.full(len(lines["unit"]), month),
            "due_type_code": _NORMAL,
        }

    def _person_columns(self, month: int, lines: dict[str, np.ndarray]) -> dict[str, Column]:
        return {
            **self._slip_columns(month, lines),
            "person_number": take(self._persons.number, lines["row"]),
            "identity_number": take(self._persons.identity, lines["row"]),
            "person_name": take(self._persons.name, lines["row"]),
            "contribution_base_yuan": lines["base"],
            "unit_due_yuan": lines["unit_due"],
            "person_due_yuan": lines["person_due"],
        }

    def _spoil_plan(self, month: int, plan: dict[str, np.ndarray], file) -> None:
        if self._faults.due("slip_total_differs", month):
            slip = len(plan["total"]) // 3
            plan["total"][slip] += 1370
            self._note("slip_total_differs", "plan_itemised", "differs", month, plan, slip, -1370, file)

    def _acknowledge(self, month: int, plan: dict[str, np.ndarray], outbox: Outbox) -> None:
        day = first_day(month) + timedelta(days=1)
        taken, rest = {name: values.copy() for name, values in plan.items()}, np.ones(len(plan["unit"]), bool)
        with outbox.monthly("tax_bureau", "levy_plan_acknowledgements", month, created=day) as file:
            if self._faults.due("slip_not_acknowledged", month):
                missing = len(rest) // 2
                rest[missing] = False
                amount = -int(plan["total"][missing])
                plan_file = outbox.latest("tax_bureau", "levy_plan")
                self._note(
                    "slip_not_acknowledged", "plan_acknowledged", "left_only", month, plan, missing, amount, plan_file
                )
            if self._faults.due("acknowledged_amount_differs", month):
                other = len(rest) // 2
                taken["total"][other] -= 4400
                self._note(
                    "acknowledged_amount_differs", "plan_acknowledged", "differs", month, plan, other, -4400, file
                )
            chosen = {name: values[rest] for name, values in taken.items()}
            columns = {**self._slip_columns(month, chosen), **_acknowledged(chosen, day_number(day))}
            file.write(columns)
            if self._faults.due("acknowledged_unknown_slip", month):
                self._acknowledge_unknown(month, columns, file)

    def _acknowledge_unknown(self, month: int, columns: dict[str, Column], file) -> None:
        slip = month_code(month).encode() + _UNKNOWN_UNIT + b"110" + _NORMAL
        one = {name: column[:1] if not isinstance(column, bytes) else column for name, column in columns.items()}
        one |= {
            "settlement_slip_number": encoded([slip.decode()], "ascii"),
            "unit_number": _UNKNOWN_UNIT,
            "insurance_code": b"110",
            "total_due_yuan": np.array([98_765]),
        }
        self._faults.add(
            "acknowledged_unknown_slip",
            step_code="plan_acknowledged",
            outcome_code="right_only",
            month=month,
            insurance_code="110",
            item_key=slip.decode(),
            difference=98_765,
            file=file,
            line=file.next_line,
        )
        file.write(one)

    def _note(
        self,
        fault_code: str,
        step_code: str,
        outcome_code: str,
        month: int,
        plan: dict[str, np.ndarray],
        slip: int,
        difference: int,
        file,
    ) -> None:
        one = {name: values[slip : slip + 1] for name, values in plan.items()}
        self._faults.add(
            fault_code,
            step_code=step_code,
            outcome_code=outcome_code,
            month=month,
            insurance_code=SCHEMES[int(one["scheme"][0])],
            item_key=self._slip_columns(month, one)["settlement_slip_number"][0].as_py().decode(),
            difference=difference,
            file=file,
            line=file.line_of(slip),
        )


def _slips(lines: dict[str, np.ndarray] | None) -> dict[str, np.ndarray]:
    """Add the lines of each unit and scheme, which stand together, to one slip."""
    if lines is None:
        return {name: np.zeros(0, np.int64) for name in ("unit", "scheme", "count", *_AMOUNTS)}
    key = lines["unit"] * len(SCHEMES) + lines["scheme"]
    starts = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1]]))
    return {
        "unit": lines["unit"][starts],
        "scheme": lines["scheme"][starts],
        "count": np.diff(np.append(starts, len(key))),
        **{name: np.add.reduceat(lines[name], starts) for name in _AMOUNTS},
    }


def _plan_amounts(plan: dict[str, np.ndarray]) -> dict[str, Column]:
    return {
        "person_count": plan["count"],
        "person_base_yuan": plan["base"],
        "unit_base_yuan": plan["base"],
        "unit_due_yuan": plan["unit_due"],
        "person_due_yuan": plan["person_due"],
        "total_due_yuan": plan["total"],
    }


def _acknowledged(plan: dict[str, np.ndarray], day: int) -> dict[str, Column]:
    return {
        "tax_status_code": _TAKEN_OVER,
        "person_count": plan["count"],
        "total_due_yuan": plan["total"],
        "acknowledged_on": np.full(len(plan["unit"]), day),
    }
