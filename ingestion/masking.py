"""Mask identity and bank numbers in everything that a message, log or report may show."""

import re

import pyarrow as pa
import pyarrow.compute as pc

# Eleven digits or more, also half or full width or with blanks or hyphens between, and an identity number's final X.
# Python and Arrow (RE2) read these patterns alike.
_DIGIT = "[0-9０-９]"
NUMBER = f"((?:{_DIGIT}[ -]?){{6}})(?:{_DIGIT}[ -]?)+((?:{_DIGIT}[ -]?){{3}}[0-9０-９XxＸｘ])"
# A field declared to hold such a number is masked by position, whatever stands in it.
WHOLE = r"(?s)^(.{6}).+(.{4})$"
MASKED = r"\1********\2"
_SHOWN = 60


def mask(text: str) -> str:
    """Return the text with every long number reduced to its first 6 and last 4 digits."""
    return re.sub(NUMBER, MASKED, text)


def mask_values(values: pa.Array, *, is_number: bool) -> pa.Array:
    """Return the texts fit to be shown; `is_number`: the field holds identity or bank numbers, right or wrong."""
    shown = pc.replace_substring_regex(values, pattern=NUMBER, replacement=MASKED)
    if is_number:
        shown = pc.replace_substring_regex(values, pattern=WHOLE, replacement=MASKED)
    shown = pc.replace_substring_regex(shown, pattern=r"\pC", replacement="�")
    return pc.utf8_slice_codeunits(shown, 0, _SHOWN)


def printable(text: str, limit: int = _SHOWN) -> str:
    """Return what a message may show of a text from outside: masked, no control characters, not too long."""
    shown = "".join(character if character.isprintable() else "�" for character in mask(text))
    return shown if len(shown) <= limit else shown[:limit] + "…"
