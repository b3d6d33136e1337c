"""Land the situations of `tests/warehouse/landed/account_years.yml` as the exchange files of 2017 would bring them."""

import hashlib
import json
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from ingestion.feed_spec import load_feed
from ingestion.settings import ROOT, home

YEAR = 2017
UNIT_RATE, PERSON_RATE = Decimal("0.19"), Decimal("0.08")
FEN = Decimal("0.01")
ARROW_TYPES = {
    "text": pa.string(),
    "code": pa.string(),
    "money": pa.decimal128(18, 2),
    "month": pa.date32(),
    "day": pa.date32(),
    "integer": pa.int32(),
}


def cases(name: str) -> list[dict[str, Any]]:
    """Return the cases of a file under `tests/warehouse/landed/`."""
    return yaml.safe_load((ROOT / "tests" / "warehouse" / "landed" / f"{name}.yml").read_text(encoding="utf-8"))


def person_number(index: int) -> str:
    """Return the number of the person of the n-th situation."""
    return f"P{index:03d}"


def land(
    source: str,
    feed: str,
    period: str,
    rows: list[dict],
    sequence: int = 1,
    created_on: date = date(YEAR, 1, 31),
    profile: str | None = None,
) -> str:
    """Write a batch as ingestion would; return its id."""
    layout = load_feed(source, feed).layout_on(created_on, profile)
    fields = [(field.name, ARROW_TYPES[field.type]) for field in layout.fields]
    content = repr((source, feed, profile, period, sequence, created_on, rows)).encode()
    batch_id = hashlib.sha256(content).hexdigest()[:20]
    folder = home() / "landing" / source / feed / batch_id
    folder.mkdir(parents=True)
    lines = {"batch_id": [batch_id] * len(rows), "source_line": range(2, len(rows) + 2)}
    values = {name: [row.get(name) for row in rows] for name, _ in fields}
    schema = pa.schema(
        [("batch_id", pa.string()), ("source_line", pa.int64()), *fields, ("warning_codes", pa.string())]
    )
    pq.write_table(pa.table({**lines, **values, "warning_codes": [None] * len(rows)}, schema), folder / "rows.parquet")
    pq.write_table(_no_rejected(), folder / "rejected.parquet")
    facts = {
        "batch_id": batch_id,
        "sha256": hashlib.sha256(content).hexdigest(),
        "source": source,
        "feed": feed,
        "profile": profile,
        "period": period,
        "sequence": sequence,
        "created_on": created_on.isoformat(),
        "layout_effective_from": layout.effective_from.isoformat(),
        "file_name": f"{feed}_{period}_{sequence:03d}",
        "encoding": "gb18030",
        "received_at": f"{created_on.isoformat()}T00:00:00+00:00",
        "rows": {"received": len(rows), "accepted": len(rows), "rejected": 0},
        "control_totals": {},
        "warnings": {},
        "byte_count": len(content),
    }
    (folder / "batch.json").write_text(json.dumps(facts), encoding="utf-8")
    return batch_id


def _no_rejected() -> pa.Table:
    names = ("batch_id", "source_line", "byte_offset", "rule_code", "field_name", "message", "original")
    types = (pa.string(), pa.int64(), pa.int64(), pa.string(), pa.string(), pa.string(), pa.binary())
    return pa.schema(list(zip(names, types, strict=True))).empty_table()


def land_situations() -> None:
    """Land every situation: one person each, in the enterprise pension scheme, for the twelve months of 2017."""
    situations = [(person_number(index), case["given"]) for index, case in enumerate(cases("account_years"))]
    land("core_system", "insured_units", "201701", [unit()])
    land("core_system", "insured_persons", "201701", [person(number) for number, _ in situations])
    land("core_system", "participation", "201701", [_spell(number, it) for number, it in situations if "base" in it])
    openings = [row for number, given in situations for row in _openings(number, given)]
    # The file was first sent with other balances; the one created in February takes its place.
    wrong = [{**row, "opening_balance_yuan": Decimal("1.00")} for row in openings]
    land("core_system", "account_openings", "201701", wrong)
    land("core_system", "account_openings", "201701", openings, created_on=date(YEAR, 2, 15))
    receipts = [row for number, given in situations for row in _receipts(number, given)]
    payments = [row for number, given in situations for row in _payments(number, given)]
    for month in range(1, 13):
        created_on = date(YEAR, month, 28) if month < 12 else date(YEAR, 12, 31)
        received = [row for row in receipts if row["received_on"].month == month]
        land("tax_bureau", "contribution_receipts", f"{YEAR}{month:02d}28", received, created_on=created_on)
        paid = [row for row in payments if row["paid_on"].month == month]
        land("banks", "benefit_payment_returns", f"{YEAR}{month:02d}", paid, created_on=created_on)
        swept = sum((row["unit_paid_yuan"] + row["person_paid_yuan"] for row in received), Decimal(0))
        land("finance_bureau", "fiscal_account_entries", f"{YEAR}{month:02d}", [_sweep(month, swept)], 1, created_on)
    resent = [row for row in receipts if row["resent"]]
    land("tax_bureau", "contribution_receipts", f"{YEAR}1228", resent, 2, date(YEAR, 12, 31))


def unit() -> dict:
    return {
        "unit_number": "U1",
        "unit_name": "测试单位",
        "unified_social_credit_code": "12530000431200000M",
        "unit_type_code": "10",
        "region_code": "530102",
        "agency_code": "5301",
        "risk_class": 1,
        "insured_on": date(2001, 1, 1),
        "unit_status_code": "1",
    }


def identity(number: str) -> str:
    """Return an identity number of a person's own: numbers of one identity are one person."""
    return f"530102{int(hashlib.sha256(number.encode()).hexdigest(), 16) % 10**8:08d}002X"


def person(number: str) -> dict:
    return {
        "person_number": number,
        "identity_number": identity(number),
        "person_name": "测试",
        "sex_code": "2",
        "ethnic_group_code": "01",
        "born_on": date(1985, 3, 12),
        "first_insured_month": date(2005, 1, 1),
        "region_code": "532701",
    }


def _spell(number: str, given: dict) -> dict:
    return {
        "participation_number": f"S{number}",
        "person_number": number,
        "insurance_code": "110",
        "unit_number": "U1",
        "start_month": date(2010, 1, 1),
        "contribution_base_yuan": Decimal(given["base"]),
        "contribution_status_code": "1",
    }


def _openings(number: str, given: dict) -> list[dict]:
    """Return the opening record of a situation that has one: carried over in January, or transferred in."""
    if "opening" in given:
        kind, month, balance, months = "1", 1, given["opening"], 60
    elif "transfer_in" in given:
        transfer = given["transfer_in"]
        kind, month, balance, months = "2", transfer["month"], transfer["balance"], transfer["months"]
    else:
        return []
    opening = {
        "opening_number": f"O{number}",
        "person_number": number,
        "insurance_code": "110",
        "opening_kind_code": kind,
        "opened_month": date(YEAR, month, 1),
        "opening_balance_yuan": Decimal(balance),
        "pooled_yuan": Decimal("0.00"),
        "deemed_month_count": 0,
        "paid_month_count": months,
    }
    return [opening]


def _receipts(number: str, given: dict) -> list[dict]:
    if "base" not in given:
        return []
    base = Decimal(given["base"])
    unit_due, person_due = ((base * rate).quantize(FEN, ROUND_HALF_UP) for rate in (UNIT_RATE, PERSON_RATE))
    return [
        {
            "receipt_number": _receipt_number(number, month, part),
            "unit_number": "U1",
            "person_number": number,
            "identity_number": identity(number),
            "person_name": "测试",
            "insurance_code": "110",
            "liability_month": date(YEAR, month, 1),
            "due_type_code": "10",
            "contribution_base_yuan": base,
            "unit_paid_yuan": sign * (unit_due - Decimal(paid.get("unit_short", 0))),
            "person_paid_yuan": sign * (person_due - Decimal(paid.get("person_short", 0))),
            "received_on": date(YEAR, paid["month"], 20),
            "reversed_receipt_number": _reversed_number(number, month, paid),
            "resent": given.get("resent_month") == month,
        }
        for month in range(1, 13)
        for part, paid in enumerate(given.get("paid", {}).get(month, [{"month": month}]))
        for sign in [-1 if "reverses" in paid else 1]
    ]


def _receipt_number(number: str, month: int, part: int) -> str:
    return f"R{number}{month:02d}{part}"


def _reversed_number(number: str, month: int, paid: dict) -> str | None:
    """Return the number of the receipt that a line takes back, None for a line that takes none back."""
    if "reverses" not in paid:
        return None
    whose = person_number(paid["of_person"]) if "of_person" in paid else number
    return _receipt_number(whose, paid.get("of_month", month), paid["reverses"])


def _payments(number: str, given: dict) -> list[dict]:
    return [
        {
            "payment_number": f"Y{number}{month:02d}",
            "person_number": number,
            "identity_number": identity(number),
            "account_holder_name": "测试",
            "bank_account_number": "6217003860001234564",
            "insurance_code": "110",
            "benefit_item_code": paid["item"],
            "benefit_month": date(YEAR, month, 1),
            "payment_yuan": Decimal(paid["payment"]),
            "from_account_yuan": Decimal(paid["from_account"]),
            "paid_on": date(YEAR, month, 20),
            "payment_status_code": "41" if month in paid.get("failed_months", []) else "40",
            "return_reason_code": "AC01" if month in paid.get("failed_months", []) else None,
        }
        for months, paid in given.get("payments", {}).items()
        for month in _months(months)
    ]


def _months(written: int | str) -> range:
    """Return the months of `6` or `1-12`."""
    first, _, last = str(written).partition("-")
    return range(int(first), int(last or first) + 1)


def _sweep(month: int, swept: Decimal) -> dict:
    return {
        "entry_number": f"F{month:02d}",
        "insurance_code": "110",
        "entry_on": date(YEAR, month, 28),
        "entry_kind_code": "01",
        "entry_yuan": swept,
    }
