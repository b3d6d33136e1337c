"""Publish the rights statements of a year: print lots, and lists that account for every person.

lots/<year>-<lot>.pdf    one page for each statement, in postal order; beside it the lot's summary (.json)
lots.csv                 one row a lot: pages, held back, bytes, SHA-256
held.csv                 statements held back, with the reason
manifest.csv             one row a statement: lot, page, code, hash, printed or held; it appears last
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from itertools import islice
from pathlib import Path
from typing import IO

from ingestion.warehouse import Warehouse, connect
from reports import ReportRefused, fonts
from reports.rights_statement import records, verification
from reports.rights_statement.assumed import read_assumed
from reports.rights_statement.content import declared
from reports.rights_statement.lots import HELD, PRINTED, Entry, Lot, Setup, lot_files
from reports.rights_statement.records import Record
from reports.rights_statement.workers import Workers

LISTS = {"lots.csv": Lot, "held.csv": Entry, "manifest.csv": Entry}  # in the order they appear
ENCODING = "utf-8-sig"  # the mailing opens these in a spreadsheet, which needs the mark to read Chinese


@dataclass(frozen=True)
class Summary:
    """What a run published. Printed and held together are all statements of the year."""

    year: int
    folder: Path
    lots: int
    printed: int
    held: int
    reasons: dict[str, int]  # of held statements, and remarks on printed ones

    def __str__(self) -> str:
        reasons = "".join(f"\n  {reason}：{count} 份" for reason, count in self.reasons.items())
        return (
            f"{self.year} 年度个人权益记录单：付印 {self.printed} 份，共 {self.lots} 批；暂缓 {self.held} 份{reasons}\n"
            f"清单：{self.folder / 'manifest.csv'}"
        )


def publish(year: int, out: Path, progress: Callable[[str], None] | None = None) -> Summary:
    """Print the statements of `year` into the folder `out`, and account for each; tell `progress` how far it is.

    The same warehouse, key and fonts give the same bytes; lots that are there and whole are kept. `manifest.csv`
    appears last, so a folder without it is unfinished. Raises `ReportRefused` when the year has no statements or a
    font is missing.
    """
    with connect("published") as warehouse:
        total = _count(warehouse, year)
        folder = out / "lots"
        folder.mkdir(parents=True, exist_ok=True)
        for name in LISTS:
            (out / name).unlink(missing_ok=True)
        assumed = read_assumed(warehouse, declared()["assumed"], year)
        setup = Setup(year, folder, verification.load_key(), fonts.load(), assumed)
        found, files = Counter(), set()
        with Workers(setup) as workers, _lists(out) as write:
            for lot, entries in workers.make(_cut(records.read_records(warehouse, year))):
                files |= lot_files(lot, folder)
                write("lots.csv", [lot])
                write("manifest.csv", entries)
                write("held.csv", [entry for entry in entries if entry.status == HELD])
                done = found.total()
                found.update((entry.status, entry.reason) for entry in entries)
                if progress and done * 10 // total < found.total() * 10 // total:
                    progress(f"权益记录单 {found.total():,} / {total:,} 份")
            if found.total() != total:
                raise RuntimeError(f"{total} statements to make, {found.total()} accounted for")
    for stale in set(folder.iterdir()) - files:
        stale.unlink()
    return _summary(year, out, len(files) // 2, found)


def choose_year(year: int | None) -> int:
    """Return the year asked for, else the latest account year of the published warehouse; refuse when it is absent."""
    with connect("published") as warehouse:
        chosen = year or max(records.years(warehouse), default=0)
        _count(warehouse, chosen)
    return chosen


def _count(warehouse: Warehouse, year: int) -> int:
    total = records.count_statements(warehouse, year)
    if not total:
        there = "、".join(map(str, records.years(warehouse))) or "无"
        raise ReportRefused(
            f"已发布的数仓中没有 {year} 年度的个人账户记录（已有年度：{there}）。"
            "年度结束、该年数据到齐并重新构建数仓后才能出具记录单"
        )
    return total


def _cut(them: Iterator[Record]) -> Iterator[tuple[int, list[Record]]]:
    """Cut the records into numbered lots."""
    size, number = declared()["statements_per_lot"], 0
    while lot := list(islice(them, size)):
        number += 1
        yield number, lot


@contextmanager
def _lists(out: Path) -> Iterator[Callable[[str, Iterable], None]]:
    """Yield a function that adds rows to a list; the lists appear under their names only when all went well."""
    parts = {name: out / f"{name}.part" for name in LISTS}
    files: dict[str, IO[str]] = {}
    writers = {}
    try:
        for name, row in LISTS.items():
            files[name] = parts[name].open("w", encoding=ENCODING, newline="")
            writers[name] = csv.DictWriter(files[name], [field.name for field in fields(row)])
            writers[name].writeheader()
        yield lambda name, rows: writers[name].writerows(map(asdict, rows))
        for file in files.values():
            file.close()
    except BaseException:
        for part in parts.values():
            part.unlink(missing_ok=True)
        raise
    for name, part in parts.items():
        part.replace(out / name)


def _summary(year: int, out: Path, lots: int, found: Counter) -> Summary:
    counts = Counter()
    for (status, _), count in found.items():
        counts[status] += count
    wording = {HELD: "暂缓，", PRINTED: "付印，但"}
    reasons = {f"{wording[status]}{reason}": count for (status, reason), count in sorted(found.items()) if reason}
    return Summary(year, out, lots, counts[PRINTED], counts[HELD], reasons)
