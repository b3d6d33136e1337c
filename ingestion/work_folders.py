"""Folders for unfinished work under `receiving/`, each locked by its process, so that only a dead one's are cleared."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingestion.settings import home

GATE = ".lock"


class WorkFolder:
    """A folder beside the landing, on the same file system. Use as a context manager: what is left in it is removed.

    The kernel drops the lock when the process dies, however it dies.
    """

    def __init__(self, prefix: str):
        self._prefix = prefix

    def __enter__(self) -> Path:
        # Within the gate nobody clears, so a folder is never seen made but not yet locked.
        with _gate(fcntl.LOCK_SH) as parent:
            self._path = Path(tempfile.mkdtemp(prefix=self._prefix, dir=parent))
            self._lock = _locked(self._path)
        return self._path

    def __exit__(self, *_) -> None:
        shutil.rmtree(self._path, ignore_errors=True)
        os.close(self._lock)


def clear_leftovers() -> None:
    """Remove the folders that processes which died left under `receiving/`."""
    with _gate(fcntl.LOCK_EX) as parent:
        for path in parent.iterdir():
            if not path.is_dir() or path.is_symlink():
                continue
            try:
                lock = _locked(path)
            except OSError:
                continue  # its process lives, or removed it just now
            shutil.rmtree(path, ignore_errors=True)
            os.close(lock)


@contextmanager
def _gate(mode: int) -> Iterator[Path]:
    parent = home() / "receiving"
    parent.mkdir(parents=True, exist_ok=True)
    with (parent / GATE).open("a") as gate:
        fcntl.flock(gate, mode)
        yield parent


def _locked(folder: Path) -> int:
    """Open a folder and lock it; raise OSError when another process holds it."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
