"""Bills of contracted providers for the injured: treatment, rehabilitation and devices, settled after the fact."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ingestion.outgoing.text import Column, encoded, joined, number_text, take
from ingestion.sample.calendar import day_numbers, month_code
from ingestion.sample.outbox import Outbox
from ingestion.sample.plan import Event, Plan
from ingestion.sample.population import Persons
from ingestion.sample.spells import Spells

_PROVIDERS = ("人民医院", "工伤康复医院", "假肢矫形中心")  # of each prefecture, for the three kinds of bill
# How many permille of the injured have a bill of the kind, so many months after the injury; yuan from and to.
_BILLS = ((1000, 2_000, 60_000), (600, 3_000, 25_000), (300, 1_500, 40_000))
_LIGHTLY_INJURED = 4_000  # of so many contributors one is treated in a month without lasting harm
_CORRECTED = 80  # permille of the bills that come again with a lower amount


@dataclass
class _Bills:
    """Bills, one position each; days are days of the month in which a bill was made."""

    rows: np.ndarray
    kind: np.ndarray
    number: pa.BinaryArray
    invoice: pa.BinaryArray
    admitted: np.ndarray
    discharged: np.ndarray
    amount: np.ndarray


class HospitalBills:
    """Month by month, the bills of those who were injured in the month or, when it left harm, the two before."""

    def __init__(self, rng: np.random.Generator, plan: Plan, persons: Persons, spells: Spells):
        self._rng, self._plan, self._persons, self._spells = rng, plan, persons, spells
        self._corrected: _Bills | None = None

    def happen(self, month: int, outbox: Outbox) -> None:
        """Write the month's bills, and those of the month before that were corrected."""
        new = self._draw(month)
        with outbox.monthly("work_injury_providers", "post_paid_settlements", month) as file:
            for bills in (self._corrected, new):
                if bills is not None:
                    file.write(self._columns(bills))
        self._corrected = self._correct(new)

    def _draw(self, month: int) -> _Bills:
        rng = self._rng
        injured = self._plan.event == Event.INJURY
        contributors = self._spells.contributors()
        lightly = rng.choice(contributors, max(1, len(contributors) // _LIGHTLY_INJURED), replace=False)
        rows, kinds = [np.sort(lightly)], [np.zeros(len(lightly), np.int64)]
        for kind, (share, _, _) in enumerate(_BILLS):
            since = np.flatnonzero(injured & (self._plan.month == month - kind))
            rows.append(since[rng.integers(0, 1000, len(since)) < share])
            kinds.append(np.full(len(rows[-1]), kind))
        rows, kind = np.concatenate(rows), np.concatenate(kinds)
        count = len(rows)
        lowest, highest = (np.array([bill[place] for bill in _BILLS])[kind] for place in (1, 2))
        admitted = rng.integers(1, 11, count)
        stay = np.where(kind == len(_BILLS) - 1, 0, rng.integers(3, 18, count))  # a device takes no stay
        code = month_code(month).encode()
        return _Bills(
            rows=rows,
            kind=kind,
            number=joined(b"JS" + code, number_text(np.arange(1, count + 1), 6).cast(pa.binary())),
            invoice=number_text((rows * 7_919 + month * 104_729 + kind) % 10**8, 8).cast(pa.binary()),
            admitted=day_numbers(np.full(count, month), admitted),
            discharged=day_numbers(np.full(count, month), admitted + stay),
            amount=rng.integers(lowest * 100, highest * 100),
        )

    def _correct(self, bills: _Bills) -> _Bills:
        """Return the bills that the provider sends again after the agency's review, with less on them."""
        chosen = np.flatnonzero(self._rng.integers(0, 1000, len(bills.rows)) < _CORRECTED)
        return _Bills(
            bills.rows[chosen],
            bills.kind[chosen],
            take(bills.number, chosen),
            take(bills.invoice, chosen),
            bills.admitted[chosen],
            bills.discharged[chosen],
            bills.amount[chosen] * self._rng.integers(700, 990, len(chosen)) // 1000,
        )

    def _columns(self, bills: _Bills) -> dict[str, Column]:
        places = self._persons.geography
        prefecture = self._persons.prefecture[bills.rows]
        names = [name + provider for provider in _PROVIDERS for name in places.prefecture_names]
        return {
            "settlement_number": bills.number,
            "provider_code": joined(
                b"YL",
                take(encoded(places.prefecture_codes, "ascii"), prefecture),
                number_text(bills.kind + 1, 2).cast(pa.binary()),
            ),
            "provider_name": take(encoded(names, "gb18030"), bills.kind * len(places.prefecture_names) + prefecture),
            "person_number": take(self._persons.number, bills.rows),
            "identity_number": take(self._persons.identity, bills.rows),
            "bill_kind_code": take(encoded("123", "ascii"), bills.kind),
            "invoice_number": bills.invoice,
            "admitted_on": bills.admitted,
            "discharged_on": bills.discharged,
            "billed_yuan": bills.amount,
        }
