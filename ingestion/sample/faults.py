"""Seeded faults: what is made wrong on purpose in a faulty province, and where, so that every check can be tried."""

from dataclasses import dataclass, field
from pathlib import Path

from ingestion.outgoing.files import ExchangeFile
from ingestion.outgoing.text import yuan_text
from ingestion.sample.calendar import month_code
from ingestion.sample.csv_file import write_csv

HEAD = (
    "fault_code", "found_by", "step_code", "outcome_code", "tie_month", "insurance_code", "item_key",
    "difference_yuan", "source", "feed", "file_name", "source_line",
)  # fmt: skip
# In which month of the span, counted from 0, each fault lies; two faults of one step never share a month.
MONTHS = {
    "slip_not_acknowledged": 1,
    "acknowledged_amount_differs": 2,
    "acknowledged_unknown_slip": 3,
    "slip_total_differs": 4,
    "receipt_without_plan": 1,
    "overpaid": 2,
    "treasury_missing": 1,
    "treasury_amount_differs": 2,
    "treasury_unknown": 3,
    "sweep_differs": 4,
    "subsidy_not_transferred": 1,
    "entry_not_banked": 1,
    "bank_amount_differs": 2,
    "unidentified_receipt": 3,
    "award_not_sent": 1,
    "sent_without_award": 2,
    "sent_amount_differs": 3,
    "sent_twice": 4,
    "result_missing": 1,
    "result_amount_differs": 2,
    "result_unknown": 3,
    "payment_not_debited": 1,
    "unknown_debit": 2,
    "refund_missing": 3,
    "allotment_not_received": 4,
    "sequence_gap": 2,
    "missing_period": 3,
}
FEWEST_MONTHS = max(MONTHS.values()) + 2  # the last month has no fault: what is late in it is none yet


def left_out(months: int) -> list[str]:
    """Return the faults for which a span of so many months has no room."""
    return [fault_code for fault_code, place in MONTHS.items() if place >= months - 1]


@dataclass
class Faults:
    """The faults of a province: whether they are wanted, from which month on, and those made so far."""

    wanted: bool
    first_month: int
    rows: list[tuple] = field(default_factory=list)

    def due(self, fault_code: str, month: int) -> bool:
        """Tell whether a fault is to be made in a month and was not made yet."""
        is_month = month == self.first_month + MONTHS[fault_code]
        return self.wanted and is_month and not any(row[0] == fault_code for row in self.rows)

    def add(
        self,
        fault_code: str,
        *,
        step_code: str,
        outcome_code: str,
        month: int,
        item_key: str,
        found_by: str = "tie",
        insurance_code: str = "",
        difference: int | None = None,
        file: ExchangeFile | None = None,
        line: int | None = None,
    ) -> None:
        """Write a fault down; `difference` in fen is the right side less the left, `line` that of the line at fault."""
        place = (file.feed.source, file.feed.name, file.path.name) if file else ("", "", "")
        code = month_code(month)
        amount = "" if difference is None else yuan_text(difference)
        key = (fault_code, found_by, step_code, outcome_code, f"{code[:4]}-{code[4:]}", insurance_code, item_key)
        self.rows.append((*key, amount, *place, "" if line is None else line))

    def write(self, directory: Path) -> None:
        """Write faults.csv; without faults it has a head only."""
        write_csv(directory / "faults.csv", HEAD, sorted(self.rows))
