"""What is not money of the funds: declarations, service halls, providers' bills, certifications, the annuity."""

import numpy as np

from ingestion.sample.annuity import Annuity
from ingestion.sample.base_faults import BaseFaults
from ingestion.sample.benefits import Benefits
from ingestion.sample.certifications import Certifications
from ingestion.sample.complaints import Complaints
from ingestion.sample.declarations import UnitDeclarations
from ingestion.sample.faults import Faults
from ingestion.sample.hospital_bills import HospitalBills
from ingestion.sample.institution_declarations import InstitutionDeclarations
from ingestion.sample.outbox import Outbox
from ingestion.sample.plan import Plan
from ingestion.sample.population import Persons
from ingestion.sample.spells import Spells
from ingestion.sample.units import Units
from ingestion.sample.windows import Windows

STREAMS = 6  # of random numbers, one for each part that draws


class Services:
    """All of these, month by month."""

    def __init__(
        self,
        rng: list[np.random.Generator],
        everyone: tuple[Plan, Persons, Units, Spells],
        benefits: Benefits,
        faults: Faults,
        base_faults: BaseFaults,
        first_month: int,
    ):
        plan, persons, units, spells = everyone
        windows = Windows(rng[2], units.geography.prefecture_codes, len(persons), faults)
        self._parts = (
            UnitDeclarations(rng[0], units, spells, base_faults),
            InstitutionDeclarations(rng[1], persons, units, spells, first_month),
            windows,
            Complaints(rng[3], windows.codes, len(persons), faults),
            HospitalBills(rng[4], plan, persons, spells),
            Certifications(rng[5], persons, benefits),
            Annuity(persons, units, spells),
        )

    def happen(self, month: int, outbox: Outbox) -> None:
        """Let a month pass and write its files."""
        for part in self._parts:
            part.happen(month, outbox)
