"""When a file in the arrivals is complete, and what its control file and its claim are called."""

import json
import time
from pathlib import Path

from ingestion.channels.declared import Channel, DirectoryChannel
from ingestion.channels.directory import Directory
from ingestion.channels.locks import locked
from ingestion.channels.transport import Seen, Transport
from ingestion.settings import home

CONTROL, CLAIM = ".ok", ".ok.taking"
_UNFINISHED = (".part", ".tmp", ".filepart", CONTROL, CLAIM)


def open_transport(channel: Channel) -> Transport:
    """Return the way to a channel's folders, not connected yet."""
    if isinstance(channel, DirectoryChannel):
        return Directory(channel)
    from ingestion.channels.sftp import Sftp  # paramiko takes a while to import, and most channels are folders

    return Sftp(channel)


def complete_files(transport: Transport, listing: dict[str, Seen]) -> dict[str, Seen]:
    """Return the files of a listing of the arrivals that are complete, as the channel declares it, by name."""
    files = {
        name: seen
        for name, seen in sorted(listing.items())
        if not name.startswith(".") and not name.endswith(_UNFINISHED)
    }
    if transport.channel.complete == "control_file":
        return {name: seen for name, seen in files.items() if name + CONTROL in listing}
    return _stable(transport.channel, files)


def _stable(channel: Channel, files: dict[str, Seen]) -> dict[str, Seen]:
    """Return the files that have not changed for as long as is asked.

    What was seen is kept in a file, so that trigger and task, or two runs from a clock, add up. The counterpart's
    clock is never believed.
    """
    note = home() / "channels" / f"{channel.source}.seen.json"
    with locked(note.with_suffix(".lock")):
        before = _read(note)
        now = time.time()
        first_seen = {}
        for name, seen in files.items():
            size, changed_at, since = before.get(name, (None, None, now))
            is_same = (size, changed_at) == (seen.size, seen.changed_at) and since <= now
            first_seen[name] = (seen.size, seen.changed_at, since if is_same else now)
        if first_seen != before:
            _write(note, first_seen)
    return {name: files[name] for name, (*_, since) in first_seen.items() if now - since >= channel.stable_seconds}


def _read(note: Path) -> dict[str, tuple]:
    try:
        return {name: tuple(seen) for name, seen in json.loads(note.read_text()).items()}
    except (FileNotFoundError, ValueError):
        return {}  # begin to count anew


def _write(note: Path, first_seen: dict[str, tuple]) -> None:
    unfinished = note.with_suffix(".part")
    unfinished.write_text(json.dumps(first_seen))
    unfinished.replace(note)
