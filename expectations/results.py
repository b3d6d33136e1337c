"""What the last checks found, as counts, in `quality/*.json`; the page is made from these files alone."""

import json
from pathlib import Path
from typing import Any

from ingestion.settings import home


class BuildMissing(Exception):
    """No build of the warehouse was begun."""

    exit_code = 2


def quality_folder() -> Path:
    """Return the folder of the quality page and its data, made when it is not there."""
    folder = home() / "quality"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def as_of() -> str:
    """Return the day (ISO date) the figures of the current build are made for. Raise `BuildMissing` when none began."""
    path = home() / "warehouse" / "building.json"
    if not path.exists():
        raise BuildMissing("还没有打开构建：先运行 python dbt/build.py open")
    return json.loads(path.read_text(encoding="utf-8"))["as_of"]


def save_stage(stage: str, as_of: str, found: list[dict[str, Any]]) -> None:
    """Keep the results of a stage. The first stage begins a new build: what was known of the old one goes."""
    known = read("results.json") or {}
    stages = {} if stage == "landing" or known.get("as_of") != as_of else known["stages"]
    write("results.json", {"as_of": as_of, "stages": {**stages, stage: found}})


def read(name: str) -> dict[str, Any] | None:
    """Return the content of a result file, None when no check wrote it yet."""
    path = quality_folder() / name
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def write(name: str, content: dict[str, Any]) -> None:
    """Write a result file whole or not at all; the same content gives the same bytes."""
    replace(quality_folder() / name, json.dumps(content, ensure_ascii=False, indent=1) + "\n")


def replace(path: Path, text: str) -> None:
    """Put a text in the place of a file by one rename."""
    beside = path.with_name(f".{path.name}.part")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)
