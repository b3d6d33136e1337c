"""Channels that are folders of this machine, or mounted on it."""

import errno
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from ingestion.channels.transport import FileError, Seen, Transport, is_harmless
from ingestion.settings import home

_MISSING = (errno.ENOENT, errno.ENOTDIR)


class Directory(Transport):
    """Folders; the default ones are made when they are first looked at."""

    def close(self) -> None:
        pass

    def files(self, folder: PurePosixPath) -> dict[str, Seen]:
        found = {}
        with self._explained("列出", folder):
            if folder == PurePosixPath(home() / "arrivals" / self.channel.source):
                Path(folder).mkdir(parents=True, exist_ok=True)  # ours to make, unlike one that an operator named
            with os.scandir(folder) as entries:
                for entry in entries:
                    try:
                        status = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue  # taken by somebody since it was listed
                    if stat.S_ISREG(status.st_mode) and is_harmless(entry.name):
                        found[entry.name] = Seen(status.st_size, status.st_mtime_ns)
        return found

    def look_at(self, file: PurePosixPath) -> Seen | None:
        with self._explained("查看", file):
            try:
                status = Path(file).lstat()
            except FileNotFoundError:
                return None
        return Seen(status.st_size, status.st_mtime_ns)

    def fetch(self, file: PurePosixPath, target: Path) -> None:
        with self._explained("读取", file):
            # A link put in the file's place since it was listed would lead to a file of ours.
            descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as source, target.open("wb") as copy:
                shutil.copyfileobj(source, copy, 1 << 20)

    def store(self, file: Path, target: PurePosixPath) -> None:
        with self._explained("写入", target):
            Path(target).parent.mkdir(parents=True, exist_ok=True)
            with file.open("rb") as source, Path(target).open("wb") as copy:
                shutil.copyfileobj(source, copy, 1 << 20)
                copy.flush()
                os.fsync(copy.fileno())

    def touch(self, target: PurePosixPath) -> None:
        with self._explained("写入", target):
            Path(target).touch()

    def move(self, file: PurePosixPath, target: PurePosixPath) -> bool:
        with self._explained("改名", file):
            try:
                Path(file).replace(target)
            except FileNotFoundError:
                return False
        return True

    def remove(self, file: PurePosixPath) -> None:
        with self._explained("删除", file):
            Path(file).unlink(missing_ok=True)

    def dismiss(self, file: PurePosixPath) -> None:
        self.remove(file)

    @contextmanager
    def _explained(self, action: str, path: PurePosixPath) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason, next_step = error.strerror or str(error), "请检查目录的权限、磁盘空间和挂载"
            if error.errno in _MISSING:
                reason, next_step = "不存在", "请检查 channels.yml 里的路径，或挂载是否还在"
            raise self.failure(action, path, reason, next_step, FileError) from error
