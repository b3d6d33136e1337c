"""The occupational annuity of institutions' staff, as its trustee reports it."""

import numpy as np

from ingestion.outgoing.text import chunks, joined, take
from ingestion.sample.calendar import month_code, working_day_from
from ingestion.sample.outbox import Outbox
from ingestion.sample.policy import apply_rate, contribution_rate
from ingestion.sample.population import Persons
from ingestion.sample.spells import Spells
from ingestion.sample.units import INSTITUTION, Units

_SCHEME = "ANN"


class Annuity:
    """Contributions of each month, on the base of the pension scheme 120."""

    def __init__(self, persons: Persons, units: Units, spells: Spells):
        self._persons, self._units, self._spells = persons, units, spells

    def happen(self, month: int, outbox: Outbox) -> None:
        """Write the contributions of a month."""
        rows = self._spells.contributors()
        rows = rows[self._persons.pension[rows] == INSTITUTION]
        rates = [contribution_rate(_SCHEME, payer, month) for payer in ("unit", "person")]
        received_on = working_day_from(month, 18)
        with outbox.monthly("annuity", "occupational_annuity_contributions", month) as file:
            for part in chunks(rows):
                base, unit = self._spells.base[part], self._spells.unit[part]
                unit_part, person_part = (apply_rate(base, rate) for rate in rates)
                # The treasury pays the unit's part of a fully funded unit only when its people retire.
                is_notional = self._units.is_fully_funded[unit]
                number = take(self._persons.number, part)
                file.write(
                    {
                        "annuity_number": joined(month_code(month).encode(), number),
                        "unit_number": take(self._units.number, unit),
                        "person_number": number,
                        "liability_month": np.full(len(part), month),
                        "contribution_base_yuan": base,
                        "unit_funded_yuan": np.where(is_notional, 0, unit_part),
                        "unit_notional_yuan": np.where(is_notional, unit_part, 0),
                        "person_funded_yuan": person_part,
                        "received_on": np.full(len(part), received_on),
                    }
                )
