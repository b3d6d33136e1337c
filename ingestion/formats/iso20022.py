"""What an ISO 20022 bank statement (camt.053) is made of, for those who read it and those who write it."""

from ingestion.feed_spec import Feed, Field, Layout

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"
CURRENCY = "CNY"
CREDIT, DEBIT = "CRDT", "DBIT"
OPENING, CLOSING = "OPBD", "CLBD"
BOOKED = "BOOK"
# Where an entry holds what a statement's proof needs; the account stands in the statement around it.
ACCOUNT, AMOUNT, DIRECTION, STATUS = "../Acct/Id/Othr/Id", "Amt", "CdtDbtInd", "Sts"


def message_id(feed: Feed, period: str, sequence: str, profile: str | None) -> str:
    """Return the identification of the message, as its group header holds it."""
    return "-".join(part for part in (feed.name, profile, period, sequence) if part)


def statement_id(period: str, sequence: str, number: int) -> str:
    """Return the identification of the message's n-th statement, counted from 1, so that none can be lost unseen."""
    return f"{period}-{sequence}-{number:04d}"


def field_at(layout: Layout, path: str) -> Field:
    """Return the field of a layout that stands at the path; raise KeyError when there is none."""
    for field in layout.fields:
        if field.path == path:
            return field
    raise KeyError(path)
