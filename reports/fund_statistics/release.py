"""Publish the release of one period: every file of it, or none."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from reports import ReportRefused
from reports.formats import period_name
from reports.fund_statistics.bulletin import write_bulletin
from reports.fund_statistics.declaration import load_report
from reports.fund_statistics.figures import Figures, read_figures
from reports.fund_statistics.twins import write_twins
from reports.fund_statistics.workbook import write_workbook

MANIFEST = "manifest.json"
BULLETIN = "bulletin.html"


@dataclass(frozen=True)
class Published:
    """What was published, and where."""

    period_code: str
    directory: Path
    table_count: int
    file_count: int
    is_new: bool

    def __str__(self) -> str:
        state = "已发布" if self.is_new else "与已发布的版本逐字节相同，保持不变"
        return (
            f"{period_name(self.period_code)}社会保险基金统计{state}："
            f"{self.table_count} 张表，{self.file_count} 个文件，{self.directory}"
        )


def publish(period: str, out: Path, progress: Callable[[str], None] | None = None) -> Published:
    """Publish a period of the published warehouse into the directory `out`.

    The files are made beside `out` and take its place by renaming, so a half release is never seen; when an earlier
    release there has the same bytes it stays. Raise `ReportRefused` when the warehouse does not hold the period, or
    when `out` holds something that is not a release.
    """
    from ingestion.warehouse import connect

    say = progress or (lambda step: None)
    out = out.resolve()
    _refuse_foreign(out)
    report = load_report()
    with connect("published") as warehouse:
        say("读取统计数据")
        figures = read_figures(warehouse, report, period)
    making = out.with_name(f".{out.name}.partial")
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir(parents=True)
    try:
        _write_files(figures, making, say)
        is_new = _take_place(making, out)
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return Published(period, out, len(figures.tables), len(list(out.iterdir())), is_new)


def _write_files(figures: Figures, directory: Path, say: Callable[[str], None]) -> None:
    workbook_name = f"{figures.report.name}_{figures.period_code}.xlsx"
    say("写工作簿")
    write_workbook(figures, directory / workbook_name)
    say("写 CSV 与元数据")
    write_twins(figures, directory)
    say("写公报")
    write_bulletin(figures, workbook_name, directory / BULLETIN)
    _write_manifest(figures, directory)


def _write_manifest(figures: Figures, directory: Path) -> None:
    manifest = {
        "report": figures.report.name,
        "title": figures.report.title,
        "publisher": figures.report.publisher,
        "period": figures.period_code,
        "period_kind": figures.period_kind,
        "data_as_of": figures.as_of.isoformat(),
        "files": [
            {"path": path.name, "bytes": path.stat().st_size, "sha256": _digest(path)}
            for path in sorted(directory.iterdir())
        ],
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"
    (directory / MANIFEST).write_text(text, encoding="utf-8")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _refuse_foreign(out: Path) -> None:
    """Stop before anything is replaced that is not a release of ours."""
    if not out.exists():
        return
    if not out.is_dir():
        raise ReportRefused(f"输出位置 {out} 是一个文件；请另给一个目录。")
    foreign = sorted({path.name for path in out.iterdir()} - _listed_files(out))
    if foreign:
        raise ReportRefused(f"输出目录 {out} 中有不属于统计发布的文件（{foreign[0]} 等）；为免覆盖，请另给一个目录。")


def _listed_files(out: Path) -> set[str]:
    manifest = out / MANIFEST
    if not manifest.is_file():
        return set()
    return {MANIFEST, *(file["path"] for file in json.loads(manifest.read_text(encoding="utf-8"))["files"])}


def _take_place(made: Path, out: Path) -> bool:
    """Put the new release in the place of the old one; tell whether anything changed."""
    if _same_files(made, out):
        return False
    retired = out.with_name(f".{out.name}.retired")
    shutil.rmtree(retired, ignore_errors=True)
    if out.exists():
        out.rename(retired)
    made.rename(out)
    shutil.rmtree(retired, ignore_errors=True)
    return True


def _same_files(made: Path, out: Path) -> bool:
    if not out.is_dir():
        return False
    digests = ({path.name: _digest(path) for path in sorted(folder.iterdir())} for folder in (made, out))
    return next(digests) == next(digests)
