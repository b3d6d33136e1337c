"""A PostgreSQL of our own for a test: a cluster in a temporary folder, on a free port, gone afterwards."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import yaml

from ingestion.settings import ROOT

# A test's cluster is thrown away: durability costs time, and compiling queries costs more than they take.
SETTINGS = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "jit=off",
    "shared_buffers=256MB",
    "autovacuum=off",
)


def compose_settings() -> tuple[str, ...]:
    """Return the settings that docker-compose.yml starts PostgreSQL with, which benchmarks measure with."""
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    return tuple(part.removeprefix("-c") for part in services["postgres"]["command"] if part.startswith("-c"))


@contextmanager
def throwaway_postgres(settings: Sequence[str] = SETTINGS) -> Iterator[dict[str, str]]:
    """Start a cluster with one empty database; yield libpq's variables for it, set in `os.environ` meanwhile."""
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="warehouse-postgres-"))
    data, port = folder / "data", _free_port()
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    private = (f"port={port}", f"unix_socket_directories={folder}", "listen_addresses=127.0.0.1")
    options = " ".join(f"-c {setting}" for setting in (*settings, *private))
    try:
        _run(binaries / "initdb", "-D", data, "-U", "warehouse", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        _run(binaries / "pg_ctl", "-D", data, "-l", folder / "log", "-o", options, "-w", "start")
        _run(binaries / "createdb", "-h", folder, "-p", port, "-U", "warehouse", "warehouse")
        variables = {
            "PGHOST": "127.0.0.1",
            "PGPORT": str(port),
            "PGUSER": "warehouse",
            "PGPASSWORD": "",
            "PGDATABASE": "warehouse",
        }
        with _environment(variables):
            yield variables
    finally:
        _run(binaries / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop", check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    """Return the folder of the newest PostgreSQL server programs that Debian installed."""
    folders = sorted(
        (path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")), key=lambda it: int(it.parent.name)
    )
    if not folders:
        raise RuntimeError("没有找到 PostgreSQL 的服务器程序：apt-get install postgresql")
    return folders[-1]


def _run(*command: object, check: bool = True) -> None:
    """Run a server program as user postgres when we are root, which PostgreSQL refuses to run as."""
    user = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    finished = subprocess.run(
        [str(part) for part in command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE if command[-1] != "start" else subprocess.DEVNULL,  # the server would keep a pipe open
        stderr=subprocess.STDOUT,
        cwd="/",
        text=True,
        check=False,
        **user,
    )
    if check and finished.returncode:
        raise RuntimeError(f"{command[0]} 没有成功（退出码 {finished.returncode}）：\n{finished.stdout or ''}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
