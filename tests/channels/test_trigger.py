"""The arrival trigger: alone, and in a real Airflow where a dropped file lands within seconds."""

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from ingestion.arrival_trigger import ArrivalTrigger
from ingestion.channels import ChannelError, collect
from ingestion.channels.directory import Directory
from ingestion.settings import ROOT
from tests.channels.conftest import drop, free_port
from tests.ingestion.exchange_files import sample_of

SOURCE = "banks"
PLATFORM = "public_service_platform"  # taken in on arrival only: no clock starts a run of its own
SECONDS = 5  # within which a trigger fires: it looks every two
QUIET = 3.0


@pytest.fixture
def arrivals(home) -> Path:
    folder = home / "arrivals" / SOURCE
    folder.mkdir(parents=True)
    return folder


async def next_event(events, seconds: float = SECONDS) -> dict | None:
    """Return the payload of the next event, None when none comes in time; then the generator is at its end."""
    step = asyncio.ensure_future(anext(events))
    done, _ = await asyncio.wait([step], timeout=seconds)
    if done:
        return step.result().payload
    step.cancel()
    with suppress(asyncio.CancelledError):
        await step
    return None


def test_it_fires_within_seconds_of_a_drop_and_once_for_what_waits(arrivals):
    async def story() -> None:
        events = ArrivalTrigger(SOURCE).run()
        waiting = asyncio.ensure_future(anext(events))
        await asyncio.sleep(1)
        drop(arrivals, "half.txt", control=False)
        await asyncio.sleep(QUIET)
        assert not waiting.done()
        dropped = time.monotonic()
        for number in range(5):
            drop(arrivals, f"file{number}.txt")
        event = await asyncio.wait_for(waiting, SECONDS)
        assert time.monotonic() - dropped < SECONDS
        assert event.payload["source"] == SOURCE and 1 <= event.payload["waiting"] <= 5
        assert len(collect(SOURCE)) == 5  # the run takes all, whatever the event said
        drop(arrivals, "later.txt")
        assert (await next_event(events))["waiting"] == 1
        assert await next_event(events, QUIET) is None  # told, and still there
        await events.aclose()

    asyncio.run(story())


def test_it_survives_a_channel_that_fails_and_says_why(arrivals, monkeypatch, caplog):
    files = Directory.files
    failures = [ChannelError("通道 banks：连接不上")]

    def fail_once(transport, folder):
        if failures:
            raise failures.pop()
        return files(transport, folder)

    monkeypatch.setattr(Directory, "files", fail_once)
    monkeypatch.setattr("ingestion.channels.lookout.FIRST_REST", 1)
    drop(arrivals, "file.txt")

    async def story() -> None:
        events = ArrivalTrigger(SOURCE).run()
        assert (await next_event(events, 2 * SECONDS))["waiting"] == 1
        await events.aclose()

    asyncio.run(story())
    assert not failures


def test_it_can_be_made_again_from_what_airflow_keeps_of_it():
    path, arguments = ArrivalTrigger(SOURCE).serialize()
    module, _, name = path.rpartition(".")
    assert getattr(sys.modules[module], name)(**arguments).source == SOURCE


@pytest.mark.slow
def test_a_burst_dropped_beside_a_running_airflow_lands_and_is_answered_within_seconds(home, tmp_path):
    arrivals, departures = (home / folder / PLATFORM for folder in ("arrivals", "departures"))
    arrivals.mkdir(parents=True)
    with Airflow(home, tmp_path / "airflow.log") as airflow:
        airflow.unpause(f"ingest_{PLATFORM}")
        airflow.wait_until(lambda: any(airflow.query("select triggerer_id from trigger")), seconds=300)
        dropped = time.monotonic()
        for number in range(1, 6):
            sample = sample_of("json_lines", rows=number)
            sample.sequence = f"{number:03d}"
            sample.file_name = sample.file_name.replace("_001", f"_{number:03d}")
            (arrivals / sample.file_name).write_bytes(sample.bytes())
            (arrivals / f"{sample.file_name}.ok").touch()
        batches = home / "landing" / PLATFORM
        airflow.wait_until(lambda: len(list(batches.glob("*/*/batch.json"))) == 5, seconds=300)
        landed_after = time.monotonic() - dropped
        airflow.wait_until(lambda: len(list(departures.glob("HZ_*.ok"))) == 5, seconds=120)
        took = time.monotonic() - dropped
        runs = airflow.query(f"select run_type from dag_run where dag_id = 'ingest_{PLATFORM}'")
    landed = [json.loads(path.read_text())["sequence"] for path in batches.glob("*/*/batch.json")]
    assert sorted(landed) == [1, 2, 3, 4, 5]
    assert set(runs) == {"asset_triggered"} and len(runs) <= 3
    assert not list(arrivals.iterdir())
    print(f"五个文件自送到起 {landed_after:.1f} 秒后全部落地，{took:.1f} 秒后回执送达，{len(runs)} 次运行")


class Airflow:
    """`make up`, on a port and in a home of its own. Use as a context manager: ends every process it started."""

    def __init__(self, home: Path, log: Path):
        self.home, self.log = home / "airflow", log
        self._environment = {
            **os.environ,
            "WAREHOUSE_HOME": str(home),
            "AIRFLOW_HOME": str(self.home),
            "PYTHONPATH": str(ROOT),
            "AIRFLOW__API__PORT": str(free_port()),
            "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        }
        self._environment["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] = (
            f"http://127.0.0.1:{self._environment['AIRFLOW__API__PORT']}/execution/"
        )

    def __enter__(self) -> "Airflow":
        command = [sys.executable, str(ROOT / "dags" / "run_airflow.py")]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                command, cwd=ROOT, env=self._environment, stdout=log, stderr=log, start_new_session=True
            )
        try:
            self.wait_until(self._is_healthy, seconds=400)
            self.wait_until(lambda: f"ingest_{PLATFORM}" in self.query("select dag_id from dag"), seconds=300)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        # Its process group would not do: some of Airflow's processes leave it.
        with suppress(psutil.NoSuchProcess):
            first = psutil.Process(self._process.pid)
            mine = [first, *first.children(recursive=True)]
            first.terminate()
            for process in psutil.wait_procs(mine, timeout=15)[1]:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        self._process.wait(timeout=30)

    def _is_healthy(self) -> bool:
        with suppress(OSError):
            port = self._environment["AIRFLOW__API__PORT"]
            with urlopen(f"http://127.0.0.1:{port}/api/v2/monitor/health", timeout=10) as answer:
                health = json.load(answer)
                return all(health[part]["status"] == "healthy" for part in ("scheduler", "triggerer"))
        return False

    def query(self, statement: str) -> list:
        """Return the first column of a query to Airflow's database; nothing while it is being made."""
        if not (self.home / "airflow.db").exists():
            return []
        with suppress(sqlite3.Error):
            connection = sqlite3.connect(f"file:{self.home / 'airflow.db'}?mode=ro", uri=True, timeout=10)
            try:
                return [row[0] for row in connection.execute(statement).fetchall()]
            finally:
                connection.close()
        return []

    def unpause(self, dag_id: str) -> None:
        airflow = Path(sys.executable).parent / "airflow"
        subprocess.run(
            [airflow, "dags", "unpause", "-y", dag_id], env=self._environment, check=True, capture_output=True
        )

    def wait_until(self, is_so, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not is_so():
            assert time.monotonic() < until and self._process.poll() is None, self.log.read_text()[-5000:]
            time.sleep(0.3)
