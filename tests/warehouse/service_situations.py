"""Land what service halls and providers would send in the autumn of 2017, with a case for each rule."""

from datetime import date
from decimal import Decimal

from tests.warehouse.situations import YEAR, land, person_number

# By number: the last day, what each file says in turn of handling and closing, and whether it is overdue at the end.
COMPLAINTS = {
    "closed on the last day": (date(YEAR, 11, 20), [(date(YEAR, 11, 15), date(YEAR, 11, 20))], False),
    "closed a day late": (date(YEAR, 11, 20), [(date(YEAR, 11, 15), date(YEAR, 11, 21))], True),
    "open on its last day": (date(YEAR, 12, 31), [(None, None)], False),
    "open a day too long": (date(YEAR, 12, 30), [(None, None)], True),
    "handled, open too long": (date(YEAR, 12, 1), [(date(YEAR, 11, 2), None)], True),
    "closed in a later file": (
        date(YEAR, 11, 20),
        [(None, None), (date(YEAR, 11, 3), None), (date(YEAR, 11, 3), date(YEAR, 11, 6))],
        False,
    ),
}
DAY = date(YEAR, 10, 16)
# Officer, then visits, cases, documents collected and scanned; B's line is sent again with other counts.
LOG = {"A": (30, 20, 40, 35), "B": (10, 5, 9, 9)}
LOG_AGAIN = {"B": (12, 6, 11, 10)}
RATINGS = ("1", "1", "2", "3", "4", "5", "5", "5")
BILLED = {"once": ["1200.50"], "corrected": ["9000.00", "7500.25"]}


def land_services() -> None:
    """Land complaints, two windows' log and ratings, and bills."""
    for place in range(3):
        land("service_windows", "complaints", f"{YEAR}{10 + place}", _complaints(place))
    land("service_windows", "daily_window_log", f"{YEAR}10", _log(LOG))
    land("service_windows", "daily_window_log", f"{YEAR}10", _log(LOG_AGAIN), 2)
    ratings = [_rating(number, "530101", "A", code) for number, code in enumerate(RATINGS)]
    land("service_windows", "service_ratings", f"{YEAR}10", [*ratings, _rating(99, "530102", "C", "2")])
    for place in range(2):
        bills = [_bill(number, amounts[place]) for number, amounts in BILLED.items() if place < len(amounts)]
        land("work_injury_providers", "post_paid_settlements", f"{YEAR}{10 + place}", bills)


def _complaints(place: int) -> list[dict]:
    return [
        {
            "complaint_number": number,
            "window_code": "530101",
            "complaint_kind_code": "2",
            "registered_on": date(YEAR, 10, 30),
            "due_on": due_on,
            "handled_on": sent[place][0],
            "closed_on": sent[place][1],
        }
        for number, (due_on, sent, _) in COMPLAINTS.items()
        if place < len(sent)
    ]


def _log(officers: dict[str, tuple[int, ...]]) -> list[dict]:
    names = ("visit_count", "accepted_case_count", "collected_document_count", "scanned_document_count")
    return [
        {
            "service_on": DAY,
            "window_code": "530101",
            "officer_code": officer,
            **dict(zip(names, counts, strict=True)),
        }
        for officer, counts in officers.items()
    ]


def _rating(number: int, window: str, officer: str, code: str) -> dict:
    return {
        "rating_number": f"R{number}",
        "rated_on": DAY,
        "window_code": window,
        "officer_code": officer,
        "rating_code": code,
    }


def _bill(number: str, amount: str) -> dict:
    return {
        "settlement_number": number,
        "provider_code": "YL530101",
        "provider_name": "昆明市人民医院",
        "person_number": person_number(0),
        "identity_number": "53010219850312002X",
        "bill_kind_code": "1",
        "invoice_number": "00000001",
        "admitted_on": date(YEAR, 10, 2),
        "discharged_on": date(YEAR, 10, 9),
        "billed_yuan": Decimal(amount),
    }
