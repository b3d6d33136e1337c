"""Thousands of broken files: never a traceback, never half a batch, never a wrong acceptance, always a reason."""

import random
import re
from decimal import Decimal

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.batches import read_batch
from ingestion.messages import REASONS
from ingestion.outcome import Outcome
from ingestion.receipts import answer
from tests.ingestion.broken_files import BREAKS
from tests.ingestion.declared_totals import declared
from tests.ingestion.exchange_files import ALL_KINDS, CARD, RIGHT_IDENTITY, sample_of

QUICK, FULL = 400, 5000
SAMPLES = {sample_of(kind).file_name: sample_of(kind) for kind in ALL_KINDS}


@pytest.fixture(autouse=True)
def _unsynced(monkeypatch):
    # Waiting for the disk is what the kill test is about; here it would take most of the time.
    monkeypatch.setattr("os.fsync", lambda descriptor: None)


def fuzzed(examples: int):
    """Return settings that give the same examples in every run."""
    allowed = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(
        max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=allowed
    )


def check(desk, name: str, content: bytes) -> Outcome:
    """Receive a file, and require of the outcome what must hold of every file."""
    before = desk.landed()
    outcome = desk.receive(name, content)
    assert not desk.leftovers()
    receipt = answer(outcome)
    assert receipt.resolve().is_relative_to((desk.home / "outbox").resolve())
    if outcome.status == "refused":
        require_reason(outcome)
        assert desk.landed() == before
    else:
        require_tied(desk, outcome, name, content)
    # Nothing was put anywhere else, whatever the names inside the file say.
    assert {path.name for path in desk.home.parent.iterdir()} <= {"home", "files"}
    assert {path.name for path in desk.home.iterdir()} <= {"landing", "receiving", "outbox"}
    (desk.files / name).unlink()
    return outcome


def require_reason(outcome: Outcome) -> None:
    """Require a known reason, told in Chinese, that shows no number whole and nothing that cannot be printed."""
    message = outcome.message
    assert outcome.reason in REASONS and re.search("[\u4e00-\u9fff]", message) and message.endswith("。")
    assert message.isprintable() and len(message) < 2000
    assert CARD not in message and RIGHT_IDENTITY not in message
    assert "Traceback" not in message and "Error(" not in message


def require_tied(desk, outcome: Outcome, name: str, content: bytes) -> None:
    """Require a whole batch that accounts for every row and every fen that the trailer declares."""
    (folder,) = [path for path in desk.landed() if path.name == outcome.batch_id]
    assert {path.name for path in folder.iterdir()} >= {"rows.parquet", "rejected.parquet", "batch.json"}
    batch, sample = read_batch(folder), SAMPLES[name]
    accepted, rejected = pq.read_table(folder / "rows.parquet"), pq.read_table(folder / "rejected.parquet")
    rows = {"received": len(accepted) + len(rejected), "accepted": len(accepted), "rejected": len(rejected)}
    assert batch.rows == outcome.rows == rows
    declared_rows, declared_totals = declared(sample, content)
    assert rows["received"] == declared_rows
    for field, total in zip(sample.feed.control_totals, declared_totals, strict=True):
        money = {key: Decimal(text) for key, text in batch.control_totals[field].items()}
        assert money["accepted"] + money["rejected"] == money["received"] == total
        assert (pc.sum(accepted[field]).as_py() or Decimal(0)) == money["accepted"]
    assert all(rejected["original"].to_pylist()) and all(rejected["message"].to_pylist())


@fuzzed(QUICK)
@given(st.sampled_from(BREAKS), st.integers(0, 10**9))
def test_a_broken_file_is_refused_with_a_reason_or_lands_whole_and_tied(desk, broken, seed):
    check(desk, *broken(random.Random(seed)))


@pytest.mark.slow
@fuzzed(FULL)
@given(st.sampled_from(BREAKS), st.integers(0, 10**9))
def test_thousands_of_broken_files_are_refused_with_a_reason_or_land_whole_and_tied(desk, broken, seed):
    check(desk, *broken(random.Random(seed)))
