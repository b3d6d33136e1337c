"""Where a run keeps its files, and which engine holds the warehouse."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TARGETS = ("embedded", "postgres")


def home() -> Path:
    """Return the folder that holds everything a run makes (`WAREHOUSE_HOME`, else `.warehouse/`)."""
    return Path(os.environ.get("WAREHOUSE_HOME") or ROOT / ".warehouse").resolve()


def target() -> str:
    """Return the engine of the warehouse (`WAREHOUSE_TARGET`): `embedded` or `postgres`."""
    name = os.environ.get("WAREHOUSE_TARGET") or "embedded"
    if name not in TARGETS:
        raise ValueError(f"WAREHOUSE_TARGET={name!r} 不认识；可用的值：{'、'.join(TARGETS)}")
    return name
