"""Give each statement a code that only the agency can make, and the QR symbol that carries it.

The code is a keyed hash (HMAC-SHA256) of the statement's number and of every figure on it, so a changed figure no
longer matches. It is made from the rows of the warehouse, not from their wording: a reworded note leaves issued codes
valid.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

import zxingcpp

from ingestion.settings import home
from reports import ReportRefused

KEY_VARIABLE = "STATEMENT_VERIFICATION_KEY"
SHORTEST_KEY = 16  # characters
CODE_LENGTH, GROUP = 16, 4  # 80 bits, written in groups
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_READABLE = str.maketrans(_BASE32, "23456789ABCDEFGHJKLMNPQRSTUVWXYZ")  # no 0, 1, I or O to be taken for one another


def load_key() -> bytes:
    """Return the key of the codes: from the environment, else from `verification.key`, created once for its owner only.

    Raises `ReportRefused` when the key given is too short to protect anything.
    """
    given = os.environ.get(KEY_VARIABLE)
    if given is None:
        return _key_file(home() / "verification.key")
    if len(given) < SHORTEST_KEY:
        raise ReportRefused(f"环境变量 {KEY_VARIABLE} 太短：核验密钥至少要 {SHORTEST_KEY} 个字符")
    return given.encode()


def _key_file(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32))
    key = path.read_text().strip()
    if len(key) < SHORTEST_KEY:
        raise ReportRefused(f"核验密钥文件 {path} 是空的或不完整；已发记录单的核验离不开原来的密钥，请从备份恢复")
    return key.encode()


def canonical(value: Any) -> bytes:
    """Return the one way of writing a value down: sorted keys, no blanks, money and dates as their text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str).encode()


def verification_code(key: bytes, statement_number: str, rows: Any) -> str:
    """Return the code of a statement, such as `7KQ2-M9XD-…`: 16 characters without 0, 1, I, O in groups of four."""
    digest = hmac.new(key, statement_number.encode() + b"\n" + canonical(rows), hashlib.sha256).digest()
    letters = base64.b32encode(digest).decode().translate(_READABLE)[:CODE_LENGTH]
    return "-".join(letters[start : start + GROUP] for start in range(0, CODE_LENGTH, GROUP))


def qr_payload(statement_number: str, code: str) -> str:
    """Return what the QR symbol says: the statement's number, which begins with the year, and the code."""
    return f"{statement_number}:{code}"


def qr_pixels(payload: str) -> tuple[int, bytes]:
    """Return a QR symbol as its side in modules and one byte a module: 0 is black, 255 white."""
    symbol = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    pixels = memoryview(symbol.to_image(scale=1, add_quiet_zones=False))
    return pixels.shape[0], pixels.tobytes()
