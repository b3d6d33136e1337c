"""A home for the warehouse of one test."""

from pathlib import Path

import pytest


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The WAREHOUSE_HOME of an embedded warehouse that nothing was built in yet."""
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("WAREHOUSE_TARGET", "embedded")
    return tmp_path
