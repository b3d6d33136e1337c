"""Bring the files of a source's outbox to the counterpart, each once; `outbox/<source>/delivered/` remembers them.

A file on its way lies in `delivering/`: what is written under its name meanwhile is a file of its own, and goes next.
"""

import filecmp
from pathlib import Path

from ingestion.channels.complete import CONTROL, open_transport
from ingestion.channels.declared import channel_of
from ingestion.channels.locks import locked
from ingestion.channels.transport import Transport
from ingestion.settings import home

DELIVERING, DELIVERED = "delivering", "delivered"


def deliver(source: str) -> list[str]:
    """Put what waits in `outbox/<source>/` into the counterpart's folder and return the names.

    Each is uploaded under another name, renamed, and followed by its control file. The same bytes under the same name
    go once; other bytes go again. Killed in between, a file may go twice, the same to the byte. Raise `ChannelError`.
    """
    channel = channel_of(source)
    outbox = home() / "outbox" / source
    under_way, delivered = outbox / DELIVERING, outbox / DELIVERED
    with locked(home() / "channels" / f"{source}.deliver.lock"), open_transport(channel) as transport:
        names = []
        for file in _waiting(outbox):
            file = file.replace(_made(under_way) / file.name)
            if _is_same(file, delivered / file.name):
                file.unlink()
                continue
            _upload(transport, file)
            _remember(file, delivered)
            names.append(file.name)
    return names


def waits(source: str) -> bool:
    """Tell whether anything is to be delivered."""
    return bool(_waiting(home() / "outbox" / source))


def _waiting(outbox: Path) -> list[Path]:
    """Return what is to be delivered: first what is under way since an earlier attempt."""
    return [*_files(outbox / DELIVERING), *_files(outbox)]


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(
        path for path in folder.iterdir() if path.is_file() and not path.is_symlink() and not path.name.startswith(".")
    )


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder


def _is_same(file: Path, delivered: Path) -> bool:
    return delivered.exists() and filecmp.cmp(file, delivered, shallow=False)


def _upload(transport: Transport, file: Path) -> None:
    folder = transport.channel.departures
    unfinished = folder / f".{file.name}.part"
    transport.store(file, unfinished)
    if not transport.move(unfinished, folder / file.name):
        why, next_step = "上传后的文件不见了", "请确认没有别的程序清理该目录"
        raise transport.failure("改名", folder / file.name, why, next_step)
    transport.touch(folder / (file.name + CONTROL))


def _remember(file: Path, delivered: Path) -> None:
    """Move a file to those delivered; an earlier one of its name gets a number."""
    target, number = _made(delivered) / file.name, 1
    if target.exists():
        earlier = target
        while earlier.exists():
            number += 1
            earlier = delivered / f"{target.stem}.{number}{target.suffix}"
        target.replace(earlier)
    file.replace(target)
