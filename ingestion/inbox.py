"""The inbox of a source: which feed's call takes which file, and where refused files go."""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from ingestion.feed_spec import Feed, feeds_of, load_feed
from ingestion.outcome import Outcome
from ingestion.safe_names import safe_name
from ingestion.settings import home

TRUTH = "truth"


def exchange_files(paths: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """Return the files to receive, directories walked, and what was left aside: truth folders and hidden files."""
    files, left = [], []
    for path in paths:
        if not path.is_dir():
            files.append(path)
            continue
        for file in sorted(path.rglob("*")):
            inside = file.relative_to(path).parts
            if file.is_dir() and file.name == TRUTH:
                left.append(file)
            elif not file.is_dir() and TRUTH not in inside[:-1]:
                hidden = any(part.startswith(".") for part in inside)
                (left if hidden else files).append(file)
    return files, left


def waiting(source: str, feed: Feed) -> list[Path]:
    """Return the files in a source's inbox that a feed's call takes; the first feed's takes the strangers too."""
    inbox = home() / "inbox" / source
    others = [load_feed(source, name) for name in feeds_of(source) if name != feed.name]
    is_first = feeds_of(source)[0] == feed.name

    def is_ours(name: str) -> bool:
        if feed.arrives.pattern.fullmatch(name):
            return True
        return is_first and not any(other.arrives.pattern.fullmatch(name) for other in others)

    files, _ = exchange_files([inbox] if inbox.is_dir() else [])
    return [file for file in files if is_ours(file.name)]


def set_aside(outcome: Outcome, source: str) -> None:
    """Move a refused file out of the inbox, its reason beside it, never over an earlier one."""
    folder = home() / "refused" / source
    folder.mkdir(parents=True, exist_ok=True)
    first = Path(safe_name(outcome.path.name))
    target, number = folder / first, 1
    while target.exists() or target.is_symlink():
        number += 1
        target = folder / f"{first.stem}.{number}{first.suffix}"
    reason = {
        # A name need not be text at all; one that is not keeps its bytes in sight.
        "file_name": os.fsencode(outcome.path.name).decode("utf-8", errors="backslashreplace"),
        "feed": outcome.feed and f"{outcome.feed.source}/{outcome.feed.name}",
        "reason": outcome.reason,
        "message": outcome.message,
    }
    text = json.dumps(reason, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
    target.with_name(target.name + ".reason.json").write_text(text, encoding="utf-8")
    outcome.path.replace(target)
