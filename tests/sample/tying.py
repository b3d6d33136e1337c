"""What the sides of each exchange do not show alike, worked out anew in plain Python from the exchange files."""

from collections.abc import Iterable
from decimal import Decimal

from tests.sample.reading import Exchange, latest
from tests.sample.recomputing import months_between, payments, receipts, seed_rows

Found = dict[str, list[Exchange]]
Line = tuple[str, str, str, Decimal]  # item key, day or month, scheme, yuan
PENSION_PARTS = ("100011", "100021")


def differences(found: Found) -> dict[tuple, Decimal]:
    """Return right side less left by (step, outcome, month YYYY-MM, scheme, item key) of all that is not alike."""
    differing = {}
    for step, (left, right) in {**contribution_sides(found), **payment_sides(found)}.items():
        ours, theirs = summed(left), summed(right)
        for key in ours.keys() | theirs.keys():
            month, scheme, _ = ours.get(key) or theirs[key]
            left_yuan, right_yuan = (side[key][2] if key in side else Decimal(0) for side in (ours, theirs))
            is_owed = step == "plan_received" and key in ours and right_yuan < left_yuan
            if left_yuan == right_yuan or is_owed:
                continue
            outcome = "left_only" if key not in theirs else "right_only" if key not in ours else "differs"
            differing[step, outcome, f"{month[:4]}-{month[4:6]}", scheme, key] = right_yuan - left_yuan
    return differing


def summed(lines: Iterable[Line]) -> dict[str, tuple[str, str, Decimal]]:
    """Return first month, scheme and sum by item."""
    items: dict[str, tuple[str, str, Decimal]] = {}
    for key, day, scheme, amount in lines:
        month, _, total = items.get(key, (day[:6], scheme, Decimal(0)))
        items[key] = min(month, day[:6]), scheme, total + amount
    return items


def rows(found: Found, feed: str) -> list[dict[str, str]]:
    return [{**row, "period": file.period} for file in found[feed] for row in file.rows]


def amount(row: dict[str, str], *names: str) -> Decimal:
    return sum((Decimal(row[name]) for name in names), Decimal(0))


def contribution_sides(found: Found) -> dict[str, tuple[list[Line], list[Line]]]:
    """Return both sides of each step from the plan to the bank."""
    persons, treasury = rows(found, "levy_plan_persons"), rows(found, "treasury_receipts")
    entries = rows(found, "fiscal_account_entries")
    slips, acknowledged = (
        [
            (
                row["settlement_slip_number"],
                row["settlement_month"],
                row["insurance_code"],
                amount(row, "total_due_yuan"),
            )
            for row in rows(found, feed)
        ]
        for feed in ("levy_plan", "levy_plan_acknowledgements")
    )
    due = [(row, amount(row, "unit_due_yuan", "person_due_yuan")) for row in persons]
    received = [(row, amount(row, "unit_paid_yuan", "person_paid_yuan")) for row in receipts(found)]
    planned = [(by_person(row), row["liability_month"], row["insurance_code"], yuan) for row, yuan in due]
    keys = {line[0] for line in planned}
    swept, subsidies = (
        [
            (key(row), row["entry_on"], row["insurance_code"], amount(row, "entry_yuan"))
            for row in entries
            if row["entry_kind_code"] == kind
        ]
        for kind, key in (("01", by_month), ("02", lambda row: row["entry_number"]))
    )
    return {
        "plan_acknowledged": (slips, acknowledged),
        "plan_itemised": (
            slips,
            [
                (row["settlement_slip_number"], row["settlement_month"], row["insurance_code"], yuan)
                for row, yuan in due
            ],
        ),
        "plan_received": (
            planned,
            [
                (by_person(row), row["liability_month"], row["insurance_code"], yuan)
                if by_person(row) in keys
                else (row["receipt_number"], row["received_on"], row["insurance_code"], yuan)
                for row, yuan in not_reversed(received)
            ],
        ),
        "received_booked": (
            [(by_unit(row, "received_on"), row["received_on"], row["insurance_code"], yuan) for row, yuan in received],
            [
                (by_unit(row, "collected_on"), row["collected_on"], row["insurance_code"], amount(row, "treasury_yuan"))
                for row in treasury
            ],
        ),
        "treasury_swept": (
            [(by_month(row), row["entry_on"], row["insurance_code"], amount(row, "treasury_yuan")) for row in treasury],
            swept,
        ),
        "subsidy_transferred": (
            [
                (row["entry_number"], row["transferred_on"], row["insurance_code"], amount(row, "transfer_yuan"))
                for row in rows(found, "subsidy_transfers")
            ],
            subsidies,
        ),
        "fiscal_banked": (
            [
                (
                    row["entry_number"],
                    row["entry_on"],
                    row["insurance_code"],
                    amount(row, "entry_yuan") * (-1 if row["entry_kind_code"] == "04" else 1),
                )
                for row in entries
                if row["entry_kind_code"] != "00"
            ],
            [
                (key if key in {row["entry_number"] for row in entries} else place, day, scheme, yuan)
                for key, place, day, scheme, yuan in bank(found, "fiscal_special")
            ],
        ),
    }


def by_person(row: dict[str, str]) -> str:
    return f"{row['person_number']}-{row['insurance_code']}-{row['liability_month']}"


def by_unit(row: dict[str, str], day: str) -> str:
    return f"{row['unit_number']}-{row['insurance_code']}-{row[day]}"


def by_month(row: dict[str, str]) -> str:
    return f"{row['insurance_code']}-{row['entry_on'][:6]}"


def not_reversed(received: list[tuple[dict, Decimal]]) -> list[tuple[dict, Decimal]]:
    """Leave out what was taken back, and what takes it back."""
    taken_back = {row.get("reversed_receipt_number") for row, _ in received} - {None, ""}
    return [
        (row, yuan)
        for row, yuan in received
        if not row.get("reversed_receipt_number") and row["receipt_number"] not in taken_back
    ]


def bank(found: Found, kind: str) -> list[tuple[str, str, str, str, Decimal]]:
    """Return the entries of accounts of a kind: reference, account and number, day, scheme, yuan (debits negative)."""
    schemes = {
        row["bank_account_number"]: row["insurance_code"]
        for row in seed_rows("codes/fund_accounts")
        if row["account_kind_code"] == kind
    }
    entries = []
    for file in found["account_statements"]:
        unit = Decimal(100) if next(field for field in file.fields if field["type"] == "money")["unit"] == "fen" else 1
        for row in file.rows:
            if row["own_account_number"] in schemes:
                sign = {"CRDT": 1, "贷": 1, "DBIT": -1, "借": -1}[row["direction_code"]]
                place = f"{row['own_account_number']}-{row['statement_entry_number']}"
                values = (row["entry_on"], schemes[row["own_account_number"]], sign * Decimal(row["entry_yuan"]) / unit)
                entries.append((row["reference_number"], place, *values))
    return entries


def payment_sides(found: Found) -> dict[str, tuple[list[Line], list[Line]]]:
    """Return both sides of each step from the award to the bank."""
    batch = [(row, Decimal(row["payment_yuan"]) / 100) for row in rows(found, "benefit_payment_batch")]
    answers = payments(found)
    returned = {row["payment_number"] for row in answers if row["payment_status_code"] == "41"}
    debits = [
        (f"YHBP-{row['period']}-{row['insurance_code']}-{row['pay_on']}", row["pay_on"], row["insurance_code"], yuan)
        for row, yuan in batch
    ]
    allotments = [
        (row["entry_number"], row["entry_on"], row["insurance_code"], amount(row, "entry_yuan"))
        for row in rows(found, "fiscal_account_entries")
        if row["entry_kind_code"] == "04"
    ]
    known = {"debit": {line[0] for line in debits}, "allotment": {line[0] for line in allotments}}
    moved: dict[str, list[Line]] = {"debit": [], "allotment": [], "refund": []}
    for reference, place, day, scheme, yuan in bank(found, "expense"):
        kind = "debit" if yuan < 0 else "allotment" if reference in known["allotment"] else "refund"
        is_known = reference in known.get(kind, returned)
        moved[kind].append((reference if is_known else place, day, scheme, abs(yuan)))
    return {
        "award_sent": (awarded(found), sent(batch, returned)),
        "sent_answered": (
            [(row["payment_number"], row["period"], row["insurance_code"], yuan) for row, yuan in batch],
            [
                (row["payment_number"], row["payment_number"], row["insurance_code"], row["payment_yuan"])
                for row in answers
            ],
        ),
        "sent_paid": (debits, moved["debit"]),
        "returned_refunded": (
            [
                (row["payment_number"], row["paid_on"], row["insurance_code"], row["payment_yuan"])
                for row in answers
                if row["payment_number"] in returned
            ],
            moved["refund"],
        ),
        "allotment_received": (allotments, moved["allotment"]),
    }


def awarded(found: Found) -> list[Line]:
    """Return what is to be paid to each person for each month; the two parts of a pension are paid as one."""
    months = [file.period for file in found["benefit_payment_batch"]]
    lines = []
    for row in latest(found["benefit_awards"], "award_number").values():
        item = "100001" if row["benefit_item_code"] in PENSION_PARTS else row["benefit_item_code"]
        first, last = (
            max(row["benefit_start_month"], min(months)),
            min(row["benefit_end_month"] or "999999", max(months)),
        )
        for month in months_between(first, last):
            key = f"{row['person_number']}-{row['insurance_code']}-{item}-{month}"
            lines.append((key, month, row["insurance_code"], amount(row, "benefit_yuan")))
    return lines


def sent(batch: list[tuple[dict, Decimal]], returned: set[str]) -> list[Line]:
    """Return what was sent to the bank; what came back counts only when it was sent last."""
    by_item: dict[str, list[tuple[dict, Decimal]]] = {}
    for row, yuan in batch:
        key = "-".join(row[name] for name in ("person_number", "insurance_code", "benefit_item_code", "benefit_month"))
        by_item.setdefault(key, []).append((row, yuan))
    lines = []
    for key, mine in by_item.items():
        *before, last = mine
        counted = [line for line in before if line[0]["payment_number"] not in returned] + [last]
        lines += [(key, row["period"], row["insurance_code"], yuan) for row, yuan in counted]
    return lines
