"""Land a case for each step and outcome of the tie, in January and February of 2017, with what must come of it."""

from datetime import date
from decimal import Decimal

from tests.warehouse.situations import land, person, unit

END, MIDDLE, EARLY = date(2017, 2, 28), date(2017, 2, 15), date(2017, 1, 5)
JANUARY, FEBRUARY = date(2017, 1, 1), date(2017, 2, 1)
FISCAL = {scheme: f"2502010000000000{scheme}" for scheme in ("110", "120", "410", "510")}
EXPENSE = {scheme: f"2410010000000000{scheme}" for scheme in FISCAL}
PAY_DAYS = {JANUARY: date(2017, 1, 12), FEBRUARY: date(2017, 2, 6)}

# What each unit's slip says and what tax says to it, in yuan; None: it says nothing.
SLIPS = {"U1": (100, 100), "U2": (100, None), "U3": (100, 99), "U4": (101, 101), "U5": (100, 100), "UA": (100, 100)}
SLIPS |= {"U9": (None, 50)}
PLANNED = ("U1", "U2", "U3", "U4", "U5", "U6")  # units with one person each, U1 with P1, of whom 70 + 30 are due

# Number: unit, person, scheme, liability month, day, unit part, person part, what it takes back.
RECEIPTS = {
    "R1": ("U1", "P1", "110", JANUARY, date(2017, 1, 10), 70, 30, None),
    "R2": ("U2", "P2", "110", JANUARY, date(2017, 1, 10), 35, 15, None),
    "R3": ("U3", "P3", "110", JANUARY, date(2017, 1, 10), 35, 15, None),
    "R3b": ("U3", "P3", "110", JANUARY, date(2017, 2, 20), 35, 15, None),
    "R4": ("U4", "P4", "110", JANUARY, date(2017, 1, 10), 70, 35, None),
    "R5": ("U5", "P5", "110", JANUARY, date(2017, 1, 10), 70, 30, None),
    "R5b": ("U5", "P5", "110", JANUARY, date(2017, 1, 11), 70, 30, None),
    "R5c": ("U5", "P5", "110", JANUARY, date(2017, 2, 5), -70, -30, "R5b"),
    "R7": ("U7", "P7", "110", JANUARY, date(2017, 1, 10), 40, 20, None),
    "R9": ("U7", "P9", "110", JANUARY, date(2017, 1, 11), 40, 0, None),
    "R9b": ("U7", "P9", "110", JANUARY, date(2017, 2, 5), -40, 0, None),
    "R8": ("U8", "P8", "110", date(2016, 12, 1), date(2017, 1, 10), 10, 0, None),
    "R8b": ("U1", "P1", "410", date(2016, 12, 1), date(2017, 1, 10), 20, 0, None),
}
# By day: unit, scheme, yuan.
TREASURY = {
    date(2017, 1, 10): [
        ("U1", "110", 100), ("U3", "110", 60), ("U4", "110", 1), ("U5", "110", 100), ("U7", "110", 60),
        ("U8", "110", 10), ("U9", "110", 77), ("U1", "410", 20),
    ],
    date(2017, 1, 11): [("U5", "110", 100), ("U7", "110", 40)],
    date(2017, 2, 5): [("U5", "110", -100), ("U7", "110", -40)],
    date(2017, 2, 20): [("U3", "110", 50)],
}  # fmt: skip
# Number: scheme, day, kind, yuan.
FISCAL_ENTRIES = {
    "F1": ("110", date(2017, 1, 31), "01", 652),
    "F2": ("110", date(2017, 2, 28), "01", 5),
    "F3": ("510", date(2017, 1, 31), "01", 30),
    "S1": ("110", date(2017, 1, 31), "02", 100),
    "S3": ("110", date(2017, 1, 31), "02", 25),
    "S4": ("110", date(2017, 1, 31), "02", 10),
    "A1": ("110", date(2017, 1, 10), "04", 500),
    "A2": ("120", date(2017, 1, 10), "04", 50),
    "A3": ("410", date(2017, 1, 10), "04", 60),
    "I1": ("110", date(2017, 1, 31), "03", 7),
    "N1": ("120", date(2017, 1, 31), "05", 9),
    "O1": ("110", date(2017, 1, 3), "00", 1000),
}
TRANSFERS = {"S1": (70, 30), "S2": (40,), "S4": (8,)}
# Number: account, day, direction, yuan, reference.
BANK = {
    "B01": (FISCAL["110"], date(2017, 1, 31), "CRDT", 652, "F1"),
    "B02": (FISCAL["110"], date(2017, 2, 28), "CRDT", 5, "F2"),
    "B03": (FISCAL["110"], date(2017, 1, 31), "CRDT", 100, "S1"),
    "B04": (FISCAL["110"], date(2017, 1, 31), "CRDT", 26, "S3"),
    "B05": (FISCAL["110"], date(2017, 1, 31), "CRDT", 10, "S4"),
    "B06": (FISCAL["110"], date(2017, 1, 10), "DBIT", 500, "A1"),
    "B07": (FISCAL["120"], date(2017, 1, 10), "CRDT", 50, "A2"),
    "B08": (FISCAL["410"], date(2017, 1, 10), "DBIT", 60, "A3"),
    "B09": (FISCAL["120"], date(2017, 1, 31), "CRDT", 7, "I1"),
    "B10": (FISCAL["120"], date(2017, 1, 31), "CRDT", 9, "N1"),
    "B11": (FISCAL["110"], date(2017, 1, 20), "CRDT", Decimal("12.34"), None),
    "B12": (FISCAL["110"], date(2017, 1, 20), "DBIT", 3, None),
    "B20": (EXPENSE["110"], date(2017, 1, 10), "CRDT", 500, "A1"),
    "B21": (EXPENSE["410"], date(2017, 1, 10), "CRDT", 60, "A3"),
    "B22": (EXPENSE["410"], date(2017, 1, 11), "CRDT", 60, "A3"),
    "B23": (EXPENSE["110"], date(2017, 1, 12), "DBIT", 690, "YHBP-201701-110-20170112"),
    "B24": (EXPENSE["110"], date(2017, 1, 12), "DBIT", 30, "YHBP-201701-120-20170112"),
    "B25": (EXPENSE["110"], date(2017, 2, 6), "DBIT", 299, "YHBP-201702-110-20170206"),
    "B26": (EXPENSE["110"], date(2017, 1, 20), "DBIT", 5, None),
    "B27": (EXPENSE["110"], date(2017, 1, 12), "CRDT", 100, "Y6"),
    "B28": (EXPENSE["110"], date(2017, 1, 12), "CRDT", 95, "Y8"),
    "B29": (EXPENSE["110"], date(2017, 2, 6), "CRDT", 100, "Y8b"),
    "B30": (EXPENSE["110"], date(2017, 1, 20), "CRDT", 8, None),
}
# Person, scheme, item, yuan, last month.
AWARDS = [
    ("Q1", "110", "100011", 80, JANUARY),
    ("Q1", "110", "100021", 20, JANUARY),
    ("Q2", "410", "410011", 50, JANUARY),
    ("Q3", "110", "100011", 100, JANUARY),
    *((person_number, "110", "100011", 100, JANUARY) for person_number in ("Q5", "Q6", "Q7", "Q8")),
    ("Q9", "110", "100011", 100, FEBRUARY),
]
# Number: month of the batch, person, scheme, yuan; all for January.
SENT = {
    "Y1": (JANUARY, "Q1", "110", 100),
    "Y3": (JANUARY, "Q3", "110", 90),
    "Y4": (JANUARY, "Q4", "120", 30),
    "Y5": (JANUARY, "Q5", "110", 100),
    "Y6": (JANUARY, "Q6", "110", 100),
    "Y7": (JANUARY, "Q7", "110", 100),
    "Y8": (JANUARY, "Q8", "110", 100),
    "Y9": (JANUARY, "Q9", "110", 100),
    "Y5b": (FEBRUARY, "Q5", "110", 100),
    "Y6b": (FEBRUARY, "Q6", "110", 100),
    "Y8b": (FEBRUARY, "Q8", "110", 100),
}
UNANSWERED, RETURNED = {"Y3"}, {"Y6", "Y7", "Y8", "Y8b"}
ANSWERED_OTHERWISE = {"Y4": 31}

# What the tie must list at the end of February: outcome and difference by step and item. Nothing else.
ITEMS = {
    ("plan_acknowledged", "201701U211010"): ("left_only", -100),
    ("plan_acknowledged", "201701U311010"): ("differs", -1),
    ("plan_acknowledged", "201701U911010"): ("right_only", 50),
    ("plan_itemised", "201701U411010"): ("differs", -1),
    ("plan_itemised", "201701UA11010"): ("left_only", -100),
    ("plan_itemised", "201701U611010"): ("right_only", 100),
    ("plan_received", "P2-110-201701"): ("owed", -50),
    ("plan_received", "P4-110-201701"): ("differs", 5),
    ("plan_received", "P6-110-201701"): ("owed", -100),
    ("plan_received", "R7"): ("right_only", 60),
    ("received_booked", "U2-110-20170110"): ("left_only", -50),
    ("received_booked", "U3-110-20170110"): ("differs", 10),
    ("received_booked", "U9-110-20170110"): ("right_only", 77),
    ("treasury_swept", "410-201701"): ("left_only", -20),
    ("treasury_swept", "510-201701"): ("right_only", 30),
    ("treasury_swept", "110-201702"): ("differs", 95),
    ("subsidy_transferred", "S2"): ("left_only", -40),
    ("subsidy_transferred", "S3"): ("right_only", 25),
    ("subsidy_transferred", "S4"): ("differs", 2),
    ("fiscal_banked", "F3"): ("left_only", -30),
    ("fiscal_banked", "S3"): ("differs", 1),
    ("fiscal_banked", "A2"): ("differs", 100),
    ("fiscal_banked", "I1"): ("left_only", -7),
    ("fiscal_banked", f"{FISCAL['120']}-B09"): ("right_only", 7),
    ("fiscal_banked", f"{FISCAL['110']}-B11"): ("right_only", Decimal("12.34")),
    ("fiscal_banked", f"{FISCAL['110']}-B12"): ("right_only", -3),
    ("award_sent", "Q2-410-410011-201701"): ("left_only", -50),
    ("award_sent", "Q3-110-100001-201701"): ("differs", -10),
    ("award_sent", "Q4-120-100001-201701"): ("right_only", 30),
    ("award_sent", "Q5-110-100001-201701"): ("differs", 100),
    ("award_sent", "Q7-110-100001-201701"): ("awaiting", 0),
    ("award_sent", "Q8-110-100001-201701"): ("awaiting", 0),
    ("award_sent", "Q9-110-100001-201702"): ("left_only", -100),
    ("sent_answered", "Y3"): ("left_only", -90),
    ("sent_answered", "Y4"): ("differs", 1),
    ("sent_answered", "YX"): ("right_only", 66),
    ("sent_paid", "YHBP-201701-120-20170112"): ("left_only", -30),
    ("sent_paid", f"{EXPENSE['110']}-B24"): ("right_only", 30),
    ("sent_paid", "YHBP-201702-110-20170206"): ("differs", -1),
    ("sent_paid", f"{EXPENSE['110']}-B26"): ("right_only", 5),
    ("returned_refunded", "Y7"): ("left_only", -100),
    ("returned_refunded", "Y8"): ("differs", -5),
    ("returned_refunded", f"{EXPENSE['110']}-B30"): ("right_only", 8),
    ("allotment_received", "A2"): ("left_only", -50),
    ("allotment_received", "A3"): ("differs", 60),
}
MATCHED = {
    "plan_acknowledged": 4, "plan_itemised": 4, "plan_received": 4, "received_booked": 11, "treasury_swept": 1,
    "subsidy_transferred": 1, "fiscal_banked": 7, "award_sent": 3, "sent_answered": 9, "sent_paid": 1,
    "returned_refunded": 2, "allotment_received": 1,
}  # fmt: skip
# What was otherwise known in the middle of February: its other sides come at its end.
ITEMS_IN_THE_MIDDLE = {
    **{key: found for key, found in ITEMS.items() if not any(part in key[1] for part in ("201702", "Q5", "Q8"))},
    ("plan_received", "P3-110-201701"): ("owed", -50),
    ("treasury_swept", "110-201702"): ("awaiting", 140),
    ("award_sent", "Q5-110-100001-201701"): ("differs", 100),
    ("award_sent", "Q9-110-100001-201702"): ("awaiting", -100),
    **{("sent_answered", number): ("awaiting", -100) for number in ("Y5b", "Y6b", "Y8b")},
    ("sent_paid", "YHBP-201702-110-20170206"): ("awaiting", -300),
}


def land_tie() -> None:
    """Land everything; each file is made on the day that a sender would make it."""
    land("core_system", "insured_units", "201701", [unit()], created_on=JANUARY)
    land("core_system", "insured_persons", "201701", [person("P1")], created_on=JANUARY)
    land("core_system", "participation", "201701", [_spell()], created_on=JANUARY)
    land("core_system", "benefit_awards", "201701", [_award(*award) for award in AWARDS], created_on=JANUARY)
    _land_plan()
    _land_receipts()
    for month, last in ((JANUARY, date(2017, 1, 31)), (FEBRUARY, date(2017, 2, 28))):
        _land_month(f"{month:%Y%m}", month, last)


def _land_plan() -> None:
    planned = [{**_slip(number), "total_due_yuan": said} for number, (said, _) in SLIPS.items() if said]
    land("tax_bureau", "levy_plan", "201701", planned, created_on=JANUARY)
    persons = [
        {**_slip(number), "person_number": number.replace("U", "P"), "unit_due_yuan": 70, "person_due_yuan": 30}
        for number in PLANNED
    ]
    land("tax_bureau", "levy_plan_persons", "201701", persons, created_on=JANUARY)
    second = date(2017, 1, 2)
    taken = [
        {**_slip(number), "total_due_yuan": answer, "acknowledged_on": second}
        for number, (_, answer) in SLIPS.items()
        if answer
    ]
    land("tax_bureau", "levy_plan_acknowledgements", "201701", taken, created_on=second)


def _slip(number: str) -> dict:
    return {
        "settlement_slip_number": f"201701{number}11010",
        "unit_number": number,
        "insurance_code": "110",
        "due_type_code": "10",
        "settlement_month": JANUARY,
        "liability_month": JANUARY,
    }


def _land_receipts() -> None:
    for day, booked in TREASURY.items():
        period = f"{day:%Y%m%d}"
        received = [_receipt(number, *said) for number, said in RECEIPTS.items() if said[4] == day]
        land("tax_bureau", "contribution_receipts", period, received, created_on=day)
        lines = [_booked(day, place, *line) for place, line in enumerate(booked)]
        land("finance_bureau", "treasury_receipts", period, lines, created_on=day)
    # A receipt is sent again: it is the same money. A treasury line is sent again: it is corrected.
    day = date(2017, 1, 11)
    land("tax_bureau", "contribution_receipts", "20170111", [_receipt("R1", *RECEIPTS["R1"])], 2, day)
    land("finance_bureau", "treasury_receipts", "20170111", [_booked(date(2017, 1, 10), 2, "U4", "110", 105)], 2, day)


def _land_month(period: str, month: date, last: date) -> None:
    lines = [_payment(number, *said) for number, said in SENT.items() if said[0] == month]
    land("banks", "benefit_payment_batch", period, lines, created_on=month)
    answers = [_answer(line) for line in lines if line["payment_number"] not in UNANSWERED]
    if month == JANUARY:
        answers.append(_answer(_payment("YX", JANUARY, "Q1", "110", 66)))
    land("banks", "benefit_payment_returns", period, answers, created_on=last)
    entries = [
        {"entry_number": number, "insurance_code": scheme, "entry_on": day, "entry_kind_code": kind, "entry_yuan": yuan}
        for number, (scheme, day, kind, yuan) in FISCAL_ENTRIES.items()
        if day.replace(day=1) == month
    ]
    land("finance_bureau", "fiscal_account_entries", period, entries, created_on=last)
    if month == JANUARY:
        land("finance_bureau", "subsidy_transfers", period, _transfers(last), created_on=last)
    for profile, accounts in (("ICBC", FISCAL), ("ABC", EXPENSE)):
        rows = [
            {
                "own_account_number": account,
                "statement_entry_number": number,
                "entry_on": day,
                "direction_code": direction,
                "entry_yuan": yuan,
                "reference_number": reference,
                "counterparty_name": "某公司 6217003860001234564",
            }
            for number, (account, day, direction, yuan, reference) in BANK.items()
            if account in accounts.values() and day.replace(day=1) == month
        ]
        land("banks", "account_statements", period, rows, created_on=last, profile=profile)


def _spell() -> dict:
    return {
        "participation_number": "S1",
        "person_number": "P1",
        "insurance_code": "110",
        "unit_number": "U1",
        "start_month": JANUARY,
        "contribution_base_yuan": Decimal(1000),
        "contribution_status_code": "1",
    }


def _award(person_number: str, scheme: str, item: str, yuan: int, last_month: date) -> dict:
    return {
        "award_number": f"{person_number}-{item}",
        "person_number": person_number,
        "insurance_code": scheme,
        "benefit_item_code": item,
        "benefit_yuan": yuan,
        "benefit_start_month": date(2016, 1, 1),
        "benefit_end_month": last_month,
    }


def _receipt(number: str, unit_number, person_number, scheme, month, day, unit_paid, person_paid, taken_back) -> dict:
    return {
        "receipt_number": number,
        "unit_number": unit_number,
        "person_number": person_number,
        "insurance_code": scheme,
        "liability_month": month,
        "due_type_code": "10",
        "unit_paid_yuan": unit_paid,
        "person_paid_yuan": person_paid,
        "received_on": day,
        "reversed_receipt_number": taken_back,
    }


def _booked(day: date, place: int, unit_number: str, scheme: str, yuan: int) -> dict:
    return {
        "treasury_receipt_number": f"{day:%Y%m%d}{place}",
        "unit_number": unit_number,
        "insurance_code": scheme,
        "collected_on": day,
        "entry_on": day,
        "treasury_yuan": yuan,
    }


def _transfers(day: date) -> list[dict]:
    return [
        {
            "transfer_number": f"{entry}{level}",
            "insurance_code": "110",
            "subsidy_level_code": str(level),
            "entry_number": entry,
            "transferred_on": day,
            "transfer_yuan": yuan,
        }
        for entry, shares in TRANSFERS.items()
        for level, yuan in enumerate(shares, 3)
    ]


def _payment(number: str, month: date, person_number: str, scheme: str, yuan: int) -> dict:
    return {
        "payment_number": number,
        "person_number": person_number,
        "insurance_code": scheme,
        "benefit_item_code": "100001",
        "benefit_month": JANUARY,
        "payment_yuan": yuan,
        "pay_on": PAY_DAYS[month],
    }


def _answer(line: dict) -> dict:
    number = line["payment_number"]
    return {
        **line,
        "payment_yuan": ANSWERED_OTHERWISE.get(number, line["payment_yuan"]),
        "from_account_yuan": 0,
        "paid_on": line["pay_on"],
        "payment_status_code": "41" if number in RETURNED else "40",
        "return_reason_code": "AC01" if number in RETURNED else None,
    }
