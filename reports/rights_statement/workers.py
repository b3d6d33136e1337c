"""Make lots in processes of their own, and give the results back in order.

Typst hangs in a process forked after it compiled, and never frees what it has laid out. So workers are fresh
interpreters, the caller's own process never compiles, and a worker is replaced after a few lots. They are plain
subprocesses, not `multiprocessing`: nothing of the caller's `__main__` is run again, and a daemon may use them.
"""

import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from ingestion.settings import ROOT
from reports import ReportRefused
from reports.rights_statement.lots import Entry, Lot, LotMaker, Setup
from reports.rights_statement.records import Record

LOTS_PER_WORKER = 4  # about 0.8 GB at 500 statements a lot


class Workers:
    """As many workers as this process may use cores; closing ends them."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._count = len(os.sched_getaffinity(0))
        self._threads = ThreadPoolExecutor(self._count)  # each waits for one worker
        self._own = threading.local()
        self._running: set[_Worker] = set()

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *exception: Any) -> None:
        self._threads.shutdown(cancel_futures=True)  # a lot in the making takes seconds
        for worker in self._running:
            worker.stop()

    def make(self, lots: Iterable[tuple[int, list[Record]]]) -> Iterator[tuple[Lot, list[Entry]]]:
        """Yield each lot as it was made, in the order given; only a few lots are read ahead."""
        waiting: deque[Future] = deque()
        for number, records in lots:
            waiting.append(self._threads.submit(self._make_one, number, records))
            if len(waiting) > self._count + 1:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _make_one(self, number: int, records: list[Record]) -> tuple[Lot, list[Entry]]:
        worker = getattr(self._own, "worker", None)
        if worker is None or worker.lots_made >= LOTS_PER_WORKER:
            if worker:
                self._running.discard(worker)
                worker.stop()
            worker = self._own.worker = _Worker(self._setup)
            self._running.add(worker)
        return worker.make(number, records)


class _Worker:
    """One interpreter that makes lots."""

    def __init__(self, setup: Setup) -> None:
        self.lots_made = 0
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            # Two workers on two cores gain nothing from threads of their own.
            env=os.environ | {"RAYON_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)},
        )
        self._send(setup)

    def make(self, number: int, records: list[Record]) -> tuple[Lot, list[Entry]]:
        self.lots_made += 1
        try:
            self._send((number, records))
            made, outcome = pickle.load(self._process.stdout)
        except (EOFError, BrokenPipeError, pickle.UnpicklingError):
            raise RuntimeError(f"制版进程意外结束，退出码 {self._process.wait()}；再次运行会接着做") from None
        if made:
            return outcome
        if isinstance(outcome, ReportRefused):
            raise outcome
        raise RuntimeError(f"第 {number} 批制版出错：\n{outcome}")

    def stop(self) -> None:
        """Let the worker clean up and end: it does so when nobody speaks to it any more."""
        with suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def _send(self, message: Any) -> None:
        pickle.dump(message, self._process.stdin, pickle.HIGHEST_PROTOCOL)
        self._process.stdin.flush()


def main() -> None:
    """Make the lots that come in on standard input until it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller decides when to stop
    orders, results = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nothing a library prints may get between the results
    maker = None
    with suppress(EOFError, BrokenPipeError):
        setup = pickle.load(orders)
        while True:
            number, records = pickle.load(orders)
            try:
                maker = maker or LotMaker(setup)
                answer = True, maker.make(number, records)
            except ReportRefused as refused:
                answer = False, refused
            except Exception:
                answer = False, traceback.format_exc()
            pickle.dump(answer, results, pickle.HIGHEST_PROTOCOL)
            results.flush()
    if maker:
        maker.close()


if __name__ == "__main__":
    main()
