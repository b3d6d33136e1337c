"""A real SSH server of the test's own, and files to drop."""

import contextlib
import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

SSHD = "/usr/sbin/sshd"
LINES = "行一\n行二\n"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    """Give each test a home of its own."""
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def drop(folder: Path, name: str, content: str = LINES, *, control: bool = True) -> Path:
    """Drop a file as a counterpart does: its bytes, then its control file."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(content)
    if control:
        (folder / f"{name}.ok").touch()
    return folder / name


def names(folder: Path) -> list[str]:
    """Return the names of the files in a folder, none when it is not there."""
    return sorted(path.name for path in folder.iterdir() if path.is_file()) if folder.is_dir() else []


def free_port() -> int:
    """Return a port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Server:
    """An sshd with a configuration, a host key and an authorized key of its own, and the folders it serves."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen | None = None

    def __post_init__(self):
        for name in ("out", "in"):
            (self.folder / name).mkdir(parents=True)
        for name in ("host_key", "client_key", "other_key"):
            self.make_key(name)
        shutil.copyfile(self.folder / "client_key.pub", self.folder / "authorized_keys")
        self.expect("host_key")
        self.configure("Subsystem sftp internal-sftp")

    def configure(self, *more: str) -> None:
        """Write the server's configuration, with some lines of the test's own."""
        lines = (
            f"Port {self.port}",
            "ListenAddress 127.0.0.1",
            f"HostKey {self.folder}/host_key",
            f"PidFile {self.folder}/sshd.pid",
            f"AuthorizedKeysFile {self.folder}/authorized_keys",
            "PasswordAuthentication no",
            "KbdInteractiveAuthentication no",
            "UsePAM no",
            "StrictModes no",
            *more,
        )
        (self.folder / "sshd_config").write_text("\n".join(lines) + "\n")

    def make_key(self, name: str) -> None:
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(self.folder / name)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def expect(self, key: str) -> None:
        """Let known_hosts say that the server has this key."""
        kind, public = (self.folder / f"{key}.pub").read_text().split()[:2]
        (self.folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {kind} {public}\n")

    def start(self) -> None:
        if os.geteuid() == 0:
            Path("/run/sshd").mkdir(exist_ok=True)
        command = [SSHD, "-D", "-e", "-f", str(self.folder / "sshd_config")]
        log = (self.folder / "sshd.log").open("ab")
        self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError((self.folder / "sshd.log").read_text())

    def stop(self) -> None:
        """End the server and every connection to it, as a power cut does."""
        if self.process:
            served = psutil.Process(self.process.pid).children(recursive=True)
            self.process.kill()
            self.process.wait()
            for connection in served:
                with contextlib.suppress(psutil.NoSuchProcess):
                    connection.kill()
        self.process = None

    def declare(self, home: Path, source: str = "banks", **changes) -> None:
        """Write channels.yml so that the source's channel leads here."""
        values = {
            "kind": "sftp",
            "host": "127.0.0.1",
            "port": self.port,
            "user": os.environ.get("USER") or "root",
            "known_hosts": self.folder / "known_hosts",
            "key_file": self.folder / "client_key",
            "arrivals": self.folder / "out",
            "departures": self.folder / "in",
            **changes,
        }
        lines = [f"  {key}: {value}" for key, value in values.items() if value is not None]
        (home / "channels.yml").write_text("\n".join([f"{source}:", *lines]) + "\n")


@pytest.fixture
def server(tmp_path):
    """Return a running SSH server of this test's own."""
    if not Path(SSHD).exists():
        pytest.fail("没有 /usr/sbin/sshd：请安装 openssh-server（make test 会装）")
    one = Server(tmp_path / "server")
    one.start()
    yield one
    one.stop()
