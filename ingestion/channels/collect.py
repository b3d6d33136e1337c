"""Bring complete files from a source's channel into its inbox: each once, whole, whoever is killed when.

How far a file has come is told by folders under `collecting/<source>/`, never by memory:

1. `names/` notes the file's name in the arrivals; its control file is claimed by renaming it;
2. `partial/` holds the copy while it is fetched;
3. `whole/` holds it once size and disk are sure, stamped with the time of change it had in the arrivals;
4. the counterpart's file is dismissed, and the copy renamed into the inbox.

A collector starts by finishing, or taking back, what a dead one left. A lock keeps two of one home apart, the claim
two homes that share one server.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingestion import inbox
from ingestion.channels.complete import CLAIM, CONTROL, complete_files, open_transport
from ingestion.channels.declared import channel_of
from ingestion.channels.locks import locked
from ingestion.channels.transport import NANOSECONDS, FileError, Seen, Transport
from ingestion.feed_spec import Feed, feeds_of, load_feed
from ingestion.messages import InputRefused, Refused
from ingestion.outcome import Outcome
from ingestion.safe_names import safe_name
from ingestion.settings import home


def collect(source: str, progress: Callable[[Path], None] = lambda _: None) -> list[Path]:
    """Bring the complete arrivals of a source into `inbox/<source>/` and return them there, `progress` with each.

    A file whose name still waits in the inbox stays where it is until that one has been received. Raise
    `ChannelError` when the channel fails, and once all else is brought, `InputRefused` when a file is named like one
    of ours and `FileError` when one cannot be read; what was brought stays brought.
    """
    channel = channel_of(source)
    with locked(home() / "channels" / f"{source}.collect.lock"), open_transport(channel) as transport:
        collector = _Collector(transport, progress)
        brought = collector.collect()
    if collector.refusals:
        raise InputRefused(collector.refusals)  # first: it is told once, while a file that failed fails again
    if collector.failures:
        raise collector.failures[0]
    return brought


def brought_aside(source: str) -> set[str]:
    """Return the names of files that were fetched and are still to be put into the inbox."""
    whole = home() / "collecting" / source / "whole"
    return {path.name for path in whole.iterdir()} if whole.is_dir() else set()


@dataclass
class _Collector:
    transport: Transport
    progress: Callable[[Path], None]

    def __post_init__(self):
        channel = self.transport.channel
        self.refusals: list[tuple[Path, str]] = []
        self.failures: list[FileError] = []
        self._arrivals = channel.arrivals
        self._is_controlled = channel.complete == "control_file"
        self._inbox = home() / "inbox" / channel.source
        work = home() / "collecting" / channel.source
        self._names, self._partial, self._whole = (work / name for name in ("names", "partial", "whole"))
        for folder in (self._inbox, self._names, self._partial, self._whole):
            folder.mkdir(parents=True, exist_ok=True)

    def collect(self) -> list[Path]:
        listing = self.transport.files(self._arrivals)
        if any(self._names.iterdir()):
            brought = self._finish(listing)
            listing = self.transport.files(self._arrivals)
        else:
            brought = []
        for name, seen in complete_files(self.transport, listing).items():
            with self._others_go_on():
                brought.append(self._take(name, seen, listing))
        return [path for path in brought if path]

    @contextmanager
    def _others_go_on(self) -> Iterator[None]:
        """Keep the failure of one file for the end. What it left half done the next collector finishes."""
        try:
            yield
        except FileError as error:
            self.failures.append(error)

    def _finish(self, listing: dict[str, Seen]) -> list[Path | None]:
        """Finish what a dead collector fetched, and take back its claims on what it did not."""
        brought = []
        for note in sorted(self._names.iterdir()):
            with self._others_go_on():
                brought.append(self._finish_one(note, listing))
        return brought

    def _finish_one(self, note: Path, listing: dict[str, Seen]) -> Path | None:
        name = os.fsdecode(note.read_bytes())
        (self._partial / note.name).unlink(missing_ok=True)
        if (self._whole / note.name).exists():
            return self._settle(name, listing)
        if name and name + CLAIM in listing:
            self.transport.move(self._arrivals / (name + CLAIM), self._arrivals / (name + CONTROL))
        note.unlink()
        return None

    def _take(self, name: str, seen: Seen, listing: dict[str, Seen]) -> Path | None:
        """Bring one file; None when its name still waits here, or somebody else took it, or it changed meanwhile."""
        ours = safe_name(name)
        if (self._inbox / ours).exists() or (self._whole / ours).exists() or name + CLAIM in listing:
            return None
        (self._names / ours).write_bytes(os.fsencode(name))
        control, claim = (self._arrivals / (name + suffix) for suffix in (CONTROL, CLAIM))
        if self._is_controlled and not self.transport.move(control, claim):
            (self._names / ours).unlink()
            return None
        if self._fetch(name, seen):
            return self._settle(name, {name: seen, claim.name: seen})
        if self._is_controlled:
            self.transport.move(claim, control)
        (self._names / ours).unlink()
        return None

    def _fetch(self, name: str, seen: Seen) -> bool:
        """Copy a file to `whole/`, on disk for sure; False when it changed meanwhile."""
        partial = self._partial / safe_name(name)
        try:
            self.transport.fetch(self._arrivals / name, partial)
            if self.transport.look_at(self._arrivals / name) != seen:
                return False
            if (size := partial.stat().st_size) != seen.size:
                why = f"收到 {size} 字节，应为 {seen.size} 字节"
                next_step = "若再次出现，请对方检查其服务器"
                raise self.transport.failure("取文件", self._arrivals / name, why, next_step, FileError)
            os.utime(partial, ns=(seen.changed_at, seen.changed_at))
            _sync(partial)
            partial.replace(self._whole / partial.name)
        finally:
            partial.unlink(missing_ok=True)
        _sync(self._whole)
        return True

    def _settle(self, name: str, listing: dict[str, Seen]) -> Path | None:
        """Dismiss a fetched file, unless another has come under its name, and put the copy into the inbox."""
        ours = safe_name(name)
        whole, target = self._whole / ours, self._inbox / ours
        status = whole.stat()
        now_there = listing.get(name)
        # By whole seconds: our disk may keep times less finely than theirs.
        if now_there and (now_there.size, now_there.changed_at // NANOSECONDS) == (
            status.st_size,
            status.st_mtime_ns // NANOSECONDS,
        ):
            self.transport.dismiss(self._arrivals / name)
        if name + CLAIM in listing:
            self.transport.remove(self._arrivals / (name + CLAIM))
        if target.exists():
            return None
        feed = _ours_to_send(self._inbox.name, ours)
        if feed:
            self._refuse(whole, feed)
        else:
            whole.replace(target)
            self.progress(target)
        (self._names / ours).unlink()
        return None if feed else target

    def _refuse(self, whole: Path, feed: Feed) -> None:
        """Set a file aside that would pass for one of ours: in the inbox it would supersede what we sent."""
        message = Refused("ours_to_send").explain(whole.name, feed)
        inbox.set_aside(Outcome(whole, "refused", feed, reason="ours_to_send", message=message), feed.source)
        self.refusals.append((whole, message))


def _ours_to_send(source: str, name: str) -> Feed | None:
    """Return the outbound feed of the source that the name is of."""
    feeds = (load_feed(source, feed) for feed in feeds_of(source))
    return next((feed for feed in feeds if feed.direction == "outbound" and feed.arrives.pattern.fullmatch(name)), None)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
