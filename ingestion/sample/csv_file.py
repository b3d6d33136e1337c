"""The CSV files of the truth."""

import csv
from collections.abc import Iterable
from pathlib import Path


def write_csv(path: Path, head: tuple[str, ...], rows: Iterable[tuple]) -> None:
    """Write a CSV file with a header, in UTF-8."""
    with path.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, lineterminator="\n")
        writer.writerow(head)
        writer.writerows(rows)
