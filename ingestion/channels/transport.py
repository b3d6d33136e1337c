"""What every channel can do with the counterpart's folders, and how its failures are told."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ingestion.channels.declared import Channel
from ingestion.masking import printable

NANOSECONDS = 1_000_000_000


@dataclass(frozen=True)
class Seen:
    """A file as it stood when it was looked at; `changed_at` in nanoseconds, or in whole seconds' worth of them."""

    size: int
    changed_at: int


class ChannelError(Exception):
    """Files could not be fetched or delivered; the message says what, where, why it matters and what is next."""

    exit_code = 1


class FileError(ChannelError):
    """One file could not be fetched or delivered; the channel itself is well, so the others can."""


class Transport(ABC):
    """An open way to the counterpart's folders. Use as a context manager. Every failure is a `ChannelError`."""

    def __init__(self, channel: Channel):
        self.channel = channel

    def __enter__(self) -> "Transport":
        return self

    def __exit__(self, *_) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Let go of whatever connection there is."""

    @abstractmethod
    def files(self, folder: PurePosixPath) -> dict[str, Seen]:
        """Return the regular files of a folder by name, no links among them."""

    @abstractmethod
    def look_at(self, file: PurePosixPath) -> Seen | None:
        """Return one file as it stands now, None when it is not there."""

    @abstractmethod
    def fetch(self, file: PurePosixPath, target: Path) -> None:
        """Copy a file's bytes here."""

    @abstractmethod
    def store(self, file: Path, target: PurePosixPath) -> None:
        """Copy a file's bytes there, and write them to disk where the other side can be told to."""

    @abstractmethod
    def touch(self, target: PurePosixPath) -> None:
        """Make an empty file."""

    @abstractmethod
    def move(self, file: PurePosixPath, target: PurePosixPath) -> bool:
        """Give a file another name, over one that has it; False when the file is not there (any more)."""

    @abstractmethod
    def remove(self, file: PurePosixPath) -> None:
        """Remove a file; one that is not there is well."""

    @abstractmethod
    def dismiss(self, file: PurePosixPath) -> None:
        """Take a file that has been fetched out of the arrivals."""

    def failure(
        self,
        action: str,
        file: PurePosixPath | None,
        why: str,
        next_step: str,
        kind: type[ChannelError] = ChannelError,
    ) -> ChannelError:
        """Return the error that says what could not be done, with numbers in names masked."""
        what = f"{action} {printable(str(file), 200)}" if file else action
        place = f"通道 {self.channel.source}（{self.channel.address}）"
        return kind(f"{place}：{what}失败：{why}。文件没有丢失，下次继续。{next_step}。")


def is_harmless(name: str) -> bool:
    """Tell whether a name from a listing is a name at all, and not a path or something a path trips over."""
    return name not in ("", ".", "..") and not any(mark in name for mark in "/\\\0")
