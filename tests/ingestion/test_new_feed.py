"""A new delimited feed is one YAML file and no Python: the README's own example, in a checkout of its own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from ingestion.settings import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of the code, to which the feed of the README is added."""
    root = tmp_path_factory.mktemp("checkout")
    for folder in ("ingestion", "dbt", "expectations"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__", "target", "logs"))
    (name,) = re.findall(r"`(ingestion/feeds/\S+\.yml)`:\n```yaml\n", README)
    (text,) = re.findall(r"```yaml\n(title: .*?)```", README, re.DOTALL)
    target = root / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def landed(checkout):
    """The home in which the README's example file was received, and what the command printed."""
    (name,) = re.findall(r"^(\S+\.txt):$", README, re.MULTILINE)
    (text,) = re.findall(r"```\n(H\|.*?)```", README, re.DOTALL)
    exchange = checkout / "files" / name
    exchange.parent.mkdir()
    exchange.write_bytes(text.encode("gb18030"))
    home = checkout / "home"
    return home, command(checkout, home, "-m", "ingestion", "receive", str(exchange))


def command(checkout: Path, home: Path, *arguments: str) -> str:
    environment = {**os.environ, "WAREHOUSE_HOME": str(home), "PYTHONPATH": str(checkout)}
    finished = subprocess.run(
        [sys.executable, *arguments],
        cwd=checkout,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, finished.stdout
    return finished.stdout


def test_the_example_of_the_readme_lands_with_one_row_kept_out(landed):
    home, printed = landed
    assert "finance_bureau/fee_refunds" in printed and "落地 1 个文件" in printed
    (batch,) = (home / "landing" / "finance_bureau" / "fee_refunds").iterdir()
    assert {path.name.split(".")[0] for path in batch.iterdir()} == {"received", "rows", "rejected", "batch"}
    rows = duckdb.sql(f"select refund_number, refund_yuan from read_parquet('{batch}/rows.parquet')").fetchall()
    assert [number for number, _ in rows] == ["T0001", "T0002"] and str(rows[0][1]) == "1200.50"


def test_it_is_audited_answered_and_listed_like_every_other_feed(checkout, landed):
    home, _ = landed
    assert "差异 0 处" in command(checkout, home, "-m", "ingestion", "audit")
    assert "unknown_code" in command(checkout, home, "-m", "ingestion", "quarantine")
    (receipt,) = (home / "outbox" / "finance_bureau").iterdir()
    assert receipt.name.startswith("HZ_")


def test_it_is_a_landing_table_of_the_warehouse(checkout, landed):
    home, _ = landed
    command(checkout, home, "dbt/build.py", "open")
    file = home / "warehouse" / "building" / "warehouse.duckdb"
    with duckdb.connect(str(file), read_only=True) as connection:
        (total,) = connection.execute("select sum(refund_yuan) from landing.finance_bureau__fee_refunds").fetchone()
    assert str(total) == "1500.50"
