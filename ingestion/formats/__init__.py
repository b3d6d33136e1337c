"""How the bytes of an exchange file are read: one module per kind of format."""

from ingestion.feed_spec import Feed
from ingestion.formats.exchange import Exchange, Named
from ingestion.formats.received import ReceivedFile


def open_exchange(file: ReceivedFile, feed: Feed, named: Named) -> Exchange:
    """Check head and tail of a received file and return it ready to be read; raise `Refused`."""
    kind = feed.layouts_of(named.profile)[-1].format.kind
    if kind == "camt053":
        from ingestion.formats.camt053 import open_camt053

        return open_camt053(file, feed, named)
    if kind == "spreadsheet":
        from ingestion.formats.spreadsheet import open_workbook

        return open_workbook(file, feed, named)
    from ingestion.formats.text_file import open_text

    return open_text(file, feed, named)
