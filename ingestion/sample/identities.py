"""Numbers with check digits, drawn by whole columns: citizens (GB 11643), units (GB 32100), bank cards (Luhn)."""

import numpy as np
import pyarrow as pa

from ingestion.outgoing.text import encoded, joined, number_text, take

_CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CITIZEN_CHECKS = "10X98765432"
_UNIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_UNIT_WEIGHTS = np.array((1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28))
_ORGANISATION_WEIGHTS = np.array((3, 7, 9, 10, 5, 8, 4, 2))


def draw_citizen_bodies(
    rng: np.random.Generator, counties: np.ndarray, born_on: np.ndarray, sexes: np.ndarray
) -> np.ndarray:
    """Draw the first 17 digits as int64, no two alike. Sexes: 1 male (odd order number), 2 female (even)."""
    places = (counties * 10**8 + born_on) * 1000
    parities = sexes % 2
    bodies = places + rng.integers(0, 500, len(places)) * 2 + parities
    while True:
        order = np.argsort(bodies, kind="stable")
        repeated = np.zeros(len(bodies), bool)
        repeated[order[1:]] = bodies[order[1:]] == bodies[order[:-1]]
        if not repeated.any():
            return bodies
        bodies[repeated] = places[repeated] + rng.integers(0, 500, repeated.sum()) * 2 + parities[repeated]


def citizen_checks(bodies: np.ndarray) -> np.ndarray:
    """Return the position (0..10) of the check character of 17-digit bodies in `10X98765432`."""
    total = np.zeros(len(bodies), np.int64)
    rest = bodies.copy()
    for weight in reversed(_CITIZEN_WEIGHTS):
        rest, digit = np.divmod(rest, 10)
        total += digit * weight
    return total % 11


def citizen_numbers(bodies: np.ndarray, checks: np.ndarray | None = None) -> pa.BinaryArray:
    """Return the 18 characters of each number; other `checks` than the right ones make a wrong number."""
    checks = citizen_checks(bodies) if checks is None else checks
    return joined(number_text(bodies).cast(pa.binary()), take(encoded(_CITIZEN_CHECKS, "ascii"), checks))


def social_credit_codes(rng: np.random.Generator, authorities: list[str], regions: list[str]) -> pa.BinaryArray:
    """Draw unified social credit codes: two digits of authority and kind, six of region, organisation code, check."""
    count = len(regions)
    heads = np.array(
        [[int(digit) for digit in head + region] for head, region in zip(authorities, regions, strict=True)]
    )
    ordinals = rng.permutation(count) + 10_000_000
    digits = np.array([[int(digit) for digit in str(ordinal)] for ordinal in ordinals.tolist()])
    checks = 11 - (digits @ _ORGANISATION_WEIGHTS) % 11
    letters = np.select([checks == 10, checks == 11], [_UNIT_ALPHABET.index("X"), 0], checks)
    body = np.hstack([heads, digits, letters[:, None]])
    last = (31 - (body @ _UNIT_WEIGHTS) % 31) % 31
    codes = np.hstack([body, last[:, None]])
    return encoded(["".join(_UNIT_ALPHABET[symbol] for symbol in row) for row in codes.tolist()], "ascii")


def bank_accounts(rows: np.ndarray) -> pa.BinaryArray:
    """Return a bank account for each person given by index: a card with its Luhn digit, for one in 23 a passbook."""
    cards = 621_700 * 10**12 + (rows.astype(np.int64) * 104_729 + 53_871) % 10**12
    total = np.zeros(len(rows), np.int64)
    rest = cards.copy()
    for position in range(18):
        rest, digit = np.divmod(rest, 10)
        doubled = digit * 2
        total += np.where(position % 2 == 0, doubled - 9 * (doubled > 9), digit)
    numbers = cards * 10 + (10 - total % 10) % 10
    passbooks = 53 * 10**15 + cards % 10**12
    return number_text(np.where(rows % 23 == 22, passbooks, numbers)).cast(pa.binary())
