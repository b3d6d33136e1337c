"""Names from outside as names of our own files: nothing in them that a path, a shell or a listing could trip over."""

import hashlib
import os
import re
from pathlib import PurePath

_ODD = re.compile(r"[^\w.()（）+=@,-]")
_LONGEST = 160  # bytes; file systems allow 255, and some names get an ending of ours


def safe_name(name: str) -> str:
    """Return the name itself when it is harmless, else one like it, with a digest that keeps two of them apart."""
    cleaned = _ODD.sub("_", name)
    if cleaned[:1] in ("", ".", "-"):
        cleaned = "_" + cleaned
    if cleaned == name and len(name.encode()) <= _LONGEST:
        return name
    digest = hashlib.sha256(os.fsencode(name)).hexdigest()[:8]
    suffix = PurePath(cleaned).suffix
    suffix = suffix if len(suffix.encode()) <= 16 else ""
    stem = cleaned.removesuffix(suffix).encode()[: _LONGEST - 32].decode(errors="ignore")
    return f"{stem}.{digest}{suffix}"
