"""`make bench`: statements printed a second end to end, beside the page maker alone on one core, in one run."""

import os
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from rich.console import Console

from ingestion.warehouse import connect
from reports import fonts
from reports.rights_statement import records, verification
from reports.rights_statement.content import Writer
from reports.rights_statement.pages import PageMaker
from reports.rights_statement.statements import publish
from tests.reports.statement_fixtures import NOTHING_ASSUMED, YEAR, make_people, write_warehouse

PERSONS, ALONE = 20_000, 500


def main() -> None:
    console = Console(file=sys.stdout)
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        os.environ.update(WAREHOUSE_HOME=folder, WAREHOUSE_TARGET="embedded")
        write_warehouse(Path(folder), make_people(PERSONS))
        started = time.perf_counter()
        summary = publish(YEAR, Path(folder) / "statements", console.print)
        end_to_end = summary.printed / (time.perf_counter() - started)
        alone = page_maker_alone()
    console.print(f"{summary.printed} statements end to end, 2 processes: {end_to_end:.0f} pages/s")
    console.print(f"page maker alone, 1 process, one lot of {ALONE}: {alone:.0f} pages/s")
    console.print(f"ratio: {end_to_end / alone:.2f} (2.00: nothing but page making costs time)")


def page_maker_alone() -> float:
    """Return the pages a second of making one lot whose content is ready, fonts loaded and form laid out."""
    writer = Writer(YEAR, verification.load_key(), NOTHING_ASSUMED)
    pages = PageMaker(writer.form, fonts.load())
    with connect() as warehouse:
        statements = [writer.write(record) for record in islice(records.read_records(warehouse, YEAR), ALONE)]
    placed = [(statement, pages.place(statement)) for statement in statements]
    started = time.perf_counter()
    pages.make(placed, statements[0].person["data_as_of"])
    seconds = time.perf_counter() - started
    pages.close()
    return len(placed) / seconds


if __name__ == "__main__":
    main()
