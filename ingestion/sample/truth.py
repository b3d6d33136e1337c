"""The truth beside the exchanges: what a warehouse fed with them must find. Only tests read it."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from ingestion.outgoing.files import ExchangeFile
from ingestion.outgoing.text import encoded, take, yuan, yuan_text
from ingestion.sample.accounts import AccountYear
from ingestion.sample.calendar import as_date, month_code, month_starts_since_1970, year_and_number
from ingestion.sample.csv_file import write_csv
from ingestion.sample.fund import Fund
from ingestion.sample.population import Persons
from ingestion.sample.spells import SCHEMES

_MONEY = pa.decimal128(18, 2)
_PERSON_AND_SCHEME = [("person_number", pa.string()), ("insurance_code", pa.string())]
_CONTRIBUTIONS = pa.schema(
    [
        *_PERSON_AND_SCHEME,
        ("liability_month", pa.date32()),
        ("unit_due_yuan", _MONEY),
        ("person_due_yuan", _MONEY),
        ("unit_paid_yuan", _MONEY),
        ("person_paid_yuan", _MONEY),
        ("booked_on", pa.date32()),
    ]
)
_ACCOUNTS = pa.schema(
    [
        *_PERSON_AND_SCHEME,
        ("account_year", pa.int32()),
        ("opening_balance_yuan", _MONEY),
        ("principal_credited_yuan", _MONEY),
        ("interest_on_opening_yuan", _MONEY),
        ("interest_on_current_yuan", _MONEY),
        ("account_outflow_yuan", _MONEY),
        ("closing_balance_yuan", _MONEY),
        ("month_count", pa.int32()),
        ("cumulative_month_count", pa.int32()),
    ]
)


class _ParquetTruth:
    """A Parquet file of one row per person and something, written in groups of some hundred thousand rows."""

    _GROUP = 200_000

    def __init__(self, path: Path, schema: pa.Schema, persons: Persons):
        self._persons, self._schema = persons, schema
        path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")
        self._waiting: list[pa.Table] = []

    def _append(self, rows: np.ndarray, schemes: np.ndarray, columns: Iterable[pa.Array]) -> None:
        number = take(self._persons.number, rows).cast(pa.string())
        code = take(encoded(SCHEMES, "ascii"), schemes).cast(pa.string())
        self._waiting.append(pa.table([number, code, *columns], schema=self._schema))
        if sum(len(table) for table in self._waiting) >= self._GROUP:
            self._write_waiting()

    def _write_waiting(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.concat_tables(self._waiting))
        self._waiting = []

    def close(self) -> None:
        """Finish the file."""
        self._write_waiting()
        self._writer.close()


class ContributionTruth(_ParquetTruth):
    """contributions.parquet: one row per person, scheme and liability month that fell due."""

    def __init__(self, directory: Path, persons: Persons):
        super().__init__(directory / "contributions.parquet", _CONTRIBUTIONS, persons)

    def write(self, months: dict[str, np.ndarray], booked_on: np.ndarray) -> None:
        """Add contribution months (fields as in Outstanding) and the days they were booked on, 0 for never."""
        count = len(months["row"])
        if not count:
            return
        days, positions = np.unique(booked_on, return_inverse=True)
        dates = pa.array([as_date(int(day)) if day else None for day in days], pa.date32())
        booked = dates.take(pa.array(positions))
        amounts = (yuan(months[name]) for name in ("unit_due", "person_due", "unit_paid", "person_paid"))
        liability = pa.array(month_starts_since_1970(months["month"])).cast(pa.date32())
        self._append(months["row"], months["scheme"], (liability, *amounts, booked))


class AccountTruth(_ParquetTruth):
    """accounts.parquet: one row per account and year."""

    def __init__(self, directory: Path, persons: Persons):
        super().__init__(directory / "accounts.parquet", _ACCOUNTS, persons)

    def write(self, year: AccountYear) -> None:
        """Add the accounts of a year."""
        amounts = (
            year.opening,
            year.principal,
            year.interest_on_opening,
            year.interest_on_current,
            year.outflow,
            year.closing,
        )
        numbers = pa.array(np.full(len(year.rows), year.year, np.int32))
        months = (pa.array(counts.astype(np.int32)) for counts in (year.months, year.all_months))
        self._append(year.rows, self._persons.pension[year.rows], (numbers, *map(yuan, amounts), *months))


def completed_periods(first_month: int, last_month: int) -> list[tuple[str, range]]:
    """Return (code, months since January) of the quarters and years completed by the end of last_month."""
    periods = []
    for month in range(first_month, last_month + 1):
        year, number = year_and_number(month)
        since_january = range(year * 12, month + 1)
        if number % 3 == 0:
            periods.append((f"{year}Q{number // 3}", since_january))
        if number == 12:
            periods.append((str(year), since_january))
    return periods


class Headcounts:
    """Heads at the ends of quarters and years, by scheme and prefecture."""

    COLUMNS = (
        "contributing_person_count",
        "paused_person_count",
        "retired_person_count",
        "insured_person_count",
        "insured_unit_count",
        "beneficiary_person_count",
    )

    def __init__(self, prefecture_codes: list[str]):
        self._prefecture_codes = prefecture_codes
        self._rows: list[tuple] = []

    def count(self, period: str, insurance_code: str, places: dict[str, np.ndarray]) -> None:
        """Count places (positions of prefectures), one per contributing, paused, retired, unit and beneficiary."""
        size = len(self._prefecture_codes)
        by_place = {name: np.bincount(values, minlength=size) for name, values in places.items()}
        insured = by_place["contributing"] + by_place["paused"] + by_place["retired"]
        columns = [by_place[name] for name in ("contributing", "paused", "retired")]
        columns += [insured, by_place["unit"], by_place["beneficiary"]]
        table = np.stack(columns, axis=1)
        for code, counts in (("0000", table.sum(axis=0)), *zip(self._prefecture_codes, table, strict=True)):
            self._rows.append((period, insurance_code, code, *counts.tolist()))

    def write(self, directory: Path) -> None:
        """Write headcounts.csv."""
        head = ("period_code", "insurance_code", "prefecture_code", *self.COLUMNS)
        write_csv(directory / "headcounts.csv", head, self._rows)


_INCOME_PARTS = ("contribution_income", "arrears_income", "subsidy_income", "interest_income", "transfer_income")
_EXPENDITURE_PARTS = ("benefit_expenditure", "transfer_expenditure")


def write_fund(directory: Path, fund: Fund, first_month: int, last_month: int) -> None:
    """Write fund.csv: the balance when the year opened, flows since January, the closing balance."""
    names = ("opening_balance", *_INCOME_PARTS, "income", *_EXPENDITURE_PARTS, "expenditure", "closing_balance")
    rows = []
    for period, months in completed_periods(first_month, last_month):
        before = range(first_month, months.start)
        for code in SCHEMES:
            opening = fund.opening[code] + fund.income(before, code) - fund.expenditure(before, code)
            income, expenditure = fund.income(months, code), fund.expenditure(months, code)
            amounts = (
                opening,
                *(fund.sum(months, code, name) for name in _INCOME_PARTS),
                income,
                *(fund.sum(months, code, name) for name in _EXPENDITURE_PARTS),
                expenditure,
                opening + income - expenditure,
            )
            paid = fund.sum(months, code, "benefit_expenditure")
            count = fund.sum(months, code, "payment_count")
            rows.append((period, code, *map(yuan_text, amounts), count, yuan_text(paid)))
    head = ("period_code", "insurance_code", *(f"{name}_yuan" for name in names), "payment_count", "benefit_paid_yuan")
    write_csv(directory / "fund.csv", head, rows)


def write_payments(directory: Path, totals: dict[tuple[int, str, str, str], list[int]]) -> None:
    """Write payments.csv: payments and their sums by month, scheme, item and status."""
    head = ("paid_month", "insurance_code", "benefit_item_code", "payment_status_code")
    rows = (
        (month_code(month), *rest, count, yuan_text(amount), yuan_text(from_account))
        for (month, *rest), (count, amount, from_account) in sorted(totals.items())
        if count
    )
    write_csv(directory / "payments.csv", (*head, "payment_count", "payment_yuan", "from_account_yuan"), rows)


def write_files(directory: Path, files: list[ExchangeFile]) -> None:
    """Write files.csv: every exchange file with its rows and control totals."""
    rows = (
        (
            file.feed.source,
            file.feed.name,
            file.path.name,
            file.rows,
            ";".join(f"{name}={yuan_text(total)}" for name, total in file.totals.items()),
        )
        for file in files
    )
    write_csv(directory / "files.csv", ("source", "feed", "file", "rows", "totals"), sorted(rows))
