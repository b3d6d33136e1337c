"""Checksums of national numbers as DuckDB expressions. They warn; they never reject.

python-stdnum judges the same numbers in the tests, and both must agree. It is not asked about birth places and the
authority prefix of a social credit code: its tables lack valid ones.
"""

IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def identity(text: str) -> dict[str, str]:
    """Return the conditions under which a citizen identity number (GB 11643) deserves each warning."""
    formed = f"regexp_full_match({text}, '[0-9]{{17}}[0-9X]')"
    number = f"try_cast(left({text}, 17) as bigint)"
    total = " + ".join(f"({_digit(number, 16 - i)}) * {weight}" for i, weight in enumerate(IDENTITY_WEIGHTS))
    born = f"substr({text}, 7, 4) || '-' || substr({text}, 11, 2) || '-' || substr({text}, 13, 2)"
    return {
        "identity_format": f"not {formed}",
        "identity_birth_date": f"{formed} and try_cast({born} as date) is null",
        "identity_checksum": f"{formed} and '10X98765432'[({total}) % 11 + 1] <> right({text}, 1)",
    }


def social_credit(text: str) -> dict[str, str]:
    """Return the conditions under which a unified social credit code (GB 32100) deserves each warning."""
    formed = f"regexp_full_match({text}, '[{CREDIT_ALPHABET}]{{18}}')"
    values = (f"(instr('{CREDIT_ALPHABET}', {text}[{i}]) - 1)" for i in range(1, 18))
    total = " + ".join(f"{value} * {weight}" for value, weight in zip(values, CREDIT_WEIGHTS, strict=True))
    check = f"'{CREDIT_ALPHABET}'[(31 - ({total}) % 31) % 31 + 1]"
    return {
        "social_credit_format": f"not {formed}",
        "social_credit_checksum": f"{formed} and {check} <> right({text}, 1)",
    }


def bank_account(text: str) -> dict[str, str]:
    """Return the conditions under which a bank account or card number (Luhn) deserves each warning."""
    formed = f"regexp_full_match({text}, '[0-9]{{12,32}}')"
    halves = (f"try_cast({side}(lpad({text}, 32, '0'), 16) as bigint)" for side in ("left", "right"))
    total = " + ".join(_luhn(half) for half in halves)
    return {
        "bank_account_format": f"not {formed}",
        "bank_account_checksum": f"{formed} and ({total}) % 10 <> 0",
    }


def _digit(number: str, power: int) -> str:
    return f"{number} // {10**power} % 10"


def _luhn(number: str) -> str:
    """Return the Luhn sum of 16 digits: every second from the right is doubled, and 9 taken off what exceeds 9."""
    plain = (_digit(number, power) for power in range(0, 16, 2))
    doubled = (f"[0, 2, 4, 6, 8, 1, 3, 5, 7, 9][{_digit(number, power)} + 1]" for power in range(1, 16, 2))
    return " + ".join((*plain, *doubled))


CHECKS = {
    "identity": identity,
    "social_credit": social_credit,
    "bank_account": bank_account,
    "bank_card": bank_account,
}
