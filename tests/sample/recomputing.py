"""What the exchange files mean, worked out anew in plain Python and Decimal, one record at a time."""

import csv
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from ingestion.settings import ROOT
from tests.sample.reading import Exchange, latest

FEN = Decimal("0.01")
ACCOUNT_SCHEMES = ("110", "120")
CLOSING_ITEMS = ("200021", "300011")


def rounded(amount: Fraction) -> Decimal:
    """Round half away from zero to the fen."""
    return (Decimal(amount.numerator) / Decimal(amount.denominator)).quantize(FEN, ROUND_HALF_UP)


def times(amount: str, rate: str) -> Decimal:
    return (Decimal(amount) * Decimal(rate)).quantize(FEN, ROUND_HALF_UP)


def seed_rows(name: str) -> list[dict[str, str]]:
    with (ROOT / "dbt" / "seeds" / f"{name}.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def months_between(first: str, last: str) -> list[str]:
    """Return the months YYYYMM from first to last, both included."""
    months, month = [], first
    while month <= last:
        months.append(month)
        month = str(int(month) + 1) if month[4:] != "12" else f"{int(month[:4]) + 1}01"
    return months


def rate_row(insurance_code: str, payer: str, month: str) -> dict[str, str]:
    day = f"{month[:4]}-{month[4:]}-01"
    (row,) = (
        row
        for row in seed_rows("policy/contribution_rates")
        if (row["insurance_code"], row["payer"]) == (insurance_code, payer)
        and row["valid_from"] <= day < row["valid_to"]
    )
    return row


def contribution_months(found: dict[str, list[Exchange]], first: str, last: str) -> dict[tuple, dict]:
    """Return due, paid and the day of booking by (person, scheme, liability month)."""
    units = latest(found["insured_units"], "unit_number")
    risk_rates = {row["risk_class"]: row["base_rate"] for row in seed_rows("policy/work_injury_rate_classes")}
    rates = {
        (code, payer, month): rate_row(code, payer, month)
        for month in months_between(first, last)
        for code, payer in (
            ("110", "unit"),
            ("120", "unit"),
            ("510", "unit"),
            *((c, "person") for c in ("110", "120", "410", "510")),
        )
    }
    floating = defaultdict(list)
    for row in (row for file in found["work_injury_floating_rates"] for row in file.rows):
        floating[row["unit_number"]].append((row["start_month"], row["floating_percent"]))
    months = {}
    for spell in latest(found["participation"], "participation_number").values():
        if spell["contribution_status_code"] != "1":
            continue
        for month in months_between(max(spell["start_month"], first), min(spell["end_month"] or last, last)):
            code, base = spell["insurance_code"], spell["contribution_base_yuan"]
            unit = units[spell["unit_number"]]
            if code == "410":
                decided = [percent for start, percent in sorted(floating[spell["unit_number"]]) if start <= month]
                unit_rate = str(Decimal(risk_rates[unit["risk_class"]]) * Decimal(["100", *decided][-1]) / 100)
            else:
                unit_rate = rates[code, "unit", month]["rate"]
            person = rates[code, "person", month]
            key = spell["person_number"], code, month
            assert key not in months, "two spells cover a month"
            months[key] = {
                "unit_due": times(base, unit_rate),
                "person_due": times(base, person["rate"]),
                "credit": times(base, person["to_account_rate"]),
                "unit_paid": Decimal(0),
                "person_paid": Decimal(0),
                "booked_on": None,
            }
    in_order = defaultdict(list)
    for person, code, month in sorted(months):
        in_order[person, code].append(months[person, code, month])
    left = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for receipt in standing(receipts(found)):
        paid = Decimal(receipt["unit_paid_yuan"]), Decimal(receipt["person_paid_yuan"])
        key = receipt["person_number"], receipt["insurance_code"]
        months[*key, receipt["liability_month"]]["unit_paid"] += paid[0]
        months[*key, receipt["liability_month"]]["person_paid"] += paid[1]
        left[key] = [before + more for before, more in zip(left[key], paid, strict=True)]
        # The oldest month that is not booked takes its two parts first.
        for month in in_order[key]:
            if month["booked_on"]:
                continue
            if left[key][0] < month["unit_due"] or left[key][1] < month["person_due"]:
                break
            left[key] = [left[key][0] - month["unit_due"], left[key][1] - month["person_due"]]
            month["booked_on"] = receipt["received_on"]
    return months


def standing(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return the receipts without those taken back and the lines that take them back."""
    taken_back = {row["reversed_receipt_number"] for row in rows if row.get("reversed_receipt_number")}
    return [row for row in rows if row["receipt_number"] not in taken_back and not row.get("reversed_receipt_number")]


def receipts(found: dict[str, list[Exchange]]) -> list[dict[str, str]]:
    """Return each receipt once, in the order of payment."""
    once = {row["receipt_number"]: row for file in found["contribution_receipts"] for row in file.rows}
    return sorted(once.values(), key=lambda row: (row["received_on"], row["receipt_number"]))


def payments(found: dict[str, list[Exchange]]) -> list[dict[str, str]]:
    """Return all payments with amounts in yuan."""
    rows = []
    for row in (row for file in found["benefit_payment_returns"] for row in file.rows):
        fen = {name: Decimal(row[name]) / 100 for name in ("payment_yuan", "from_account_yuan")}
        rows.append({**row, **fen})
    return rows


def account_years(found: dict[str, list[Exchange]], months: dict[tuple, dict], last: str) -> dict[tuple, tuple]:
    """Return by (person, scheme, year): opening, principal, both interests, outflow, closing, months, all months."""
    credits, outflows, counts = defaultdict(list), defaultdict(list), defaultdict(int)
    opened, before, closed = defaultdict(Decimal), defaultdict(int), {}
    first_years: dict[tuple, int] = {}
    for (person, code, _), month in months.items():
        if code in ACCOUNT_SCHEMES and month["booked_on"]:
            credits[person, code, int(month["booked_on"][:4])].append((int(month["booked_on"][4:6]), month["credit"]))
            counts[person, code, int(month["booked_on"][:4])] += 1
    for row in (row for file in found["account_openings"] for row in file.rows):
        year = int(row["opened_month"][:4])
        key = row["person_number"], row["insurance_code"], year
        before[key] += int(row["paid_month_count"])
        first_years[key[:2]] = min(year, first_years.get(key[:2], year))
        if row["opening_kind_code"] == "1":
            opened[key] += Decimal(row["opening_balance_yuan"])
        else:
            credits[key].append((int(row["opened_month"][4:]), Decimal(row["opening_balance_yuan"])))
    for row in payments(found):
        if row["payment_status_code"] == "40" and row["insurance_code"] in ACCOUNT_SCHEMES:
            key = row["person_number"], row["insurance_code"], int(row["paid_on"][:4])
            is_closing = row["benefit_item_code"] in CLOSING_ITEMS
            outflows[key].append((int(row["paid_on"][4:6]), row["from_account_yuan"], is_closing))
            if is_closing:
                closed[key] = int(row["paid_on"][4:6])
    for person, code, year in credits:
        first_years[person, code] = min(year, first_years.get((person, code), year))
    rates = {int(row["valid_from"][:4]): Fraction(row["rate"]) for row in seed_rows("policy/bookkeeping_rates")}
    known = {int(it["valid_from"][:4]): it["announced_on"][:7] for it in seed_rows("policy/bookkeeping_rates")}
    years = {}
    for (person, code), first_year in first_years.items():
        balance, total = Decimal(0), 0
        for year in range(first_year, int(last[:4]) + 1):
            key = person, code, year
            opening = balance + opened[key]
            end = closed.get(key, 12)
            product = sum((Fraction(amount) * max(end - month + 1, 0) for month, amount in credits[key]), Fraction(0))
            product -= sum(
                Fraction(amount) * max(end - month + 1, 0)
                for month, amount, is_closing in outflows[key]
                if not is_closing
            )
            is_credited = key in closed or last >= f"{year}12"
            told = [it for it in known if it <= year and (known[it] or f"{it}-12") <= f"{year}-{end:02d}"]
            rate = rates[max(told, default=year) if key in closed else year]
            on_opening = rounded(Fraction(opening) * rate * end / 12) if is_credited else Decimal(0)
            on_current = rounded(product * rate / 12) if is_credited else Decimal(0)
            principal = sum((amount for _, amount in credits[key]), Decimal(0))
            outflow = sum((amount for _, amount, _ in outflows[key]), Decimal(0))
            balance = opening + principal + on_opening + on_current - outflow
            total += counts[key] + before[key]
            years[key] = (opening, principal, on_opening, on_current, outflow, balance, counts[key], total)
            if key in closed:
                break
    return years


def heads(found, month: str) -> dict:
    """Count heads by scheme, prefecture and kind at the end of a month; `0000` is the province."""
    current = {row["region_code"]: row["current_region_code"] for row in seed_rows("codes/prefectures")}
    persons, units = latest(found["insured_persons"], "person_number"), latest(found["insured_units"], "unit_number")
    members = defaultdict(set)

    def count(kind: str, code: str, number: str, register: dict) -> None:
        place = current[register[number]["region_code"][:4]]
        for prefecture in (place, "0000"):
            members[code, prefecture, kind].add(number)

    for spell in latest(found["participation"], "participation_number").values():
        if spell["start_month"] <= month <= (spell["end_month"] or "999999"):
            kind = {"1": "contributing_person", "2": "paused_person"}.get(spell["contribution_status_code"])
            if kind:
                count(kind, spell["insurance_code"], spell["person_number"], persons)
            if kind == "contributing_person":
                count("insured_unit", spell["insurance_code"], spell["unit_number"], units)
    for award in latest(found["benefit_awards"], "award_number").values():
        if award["benefit_start_month"] <= month <= (award["benefit_end_month"] or "999999"):
            if award["benefit_item_code"] == "100011":
                count("retired_person", award["insurance_code"], award["person_number"], persons)
            if award["benefit_item_code"] != "300011":
                count("beneficiary_person", award["insurance_code"], award["person_number"], persons)
    return {key: len(numbers) for key, numbers in members.items()}
