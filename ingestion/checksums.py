"""Checksums of national numbers as DuckDB expressions. They warn; they never reject.

python-stdnum judges the same numbers in the tests, and both must agree. It is not asked about birth places and the
authority prefix of a social credit code: its tables lack valid ones.
"""

from collections.abc import Callable
from dataclasses import dataclass

IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
IDENTITY_CHECKS = "10X98765432"
CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(frozen=True)
class Check:
    """How a number is checked: expressions over its text to be computed first, and the warnings' conditions.

    Both are functions of a column's name: `prepared` take the text's, the conditions that of the text and of what
    was prepared. DuckDB would compute an expression that stands 17 times in a condition 17 times.
    """

    prepared: dict[str, str]
    warnings: dict[str, str]

    def prepare(self, text: str) -> dict[str, str]:
        """Return the expressions to be computed first, by name, for a column that holds the text."""
        return {name: expression.format(text=text) for name, expression in self.prepared.items()}

    def conditions(self, text: str, column: Callable[[str], str]) -> dict[str, str]:
        """Return each warning's condition; `column` gives the column in which a prepared expression stands."""
        columns = {name: column(name) for name in self.prepared}
        return {code: condition.format(text=text, **columns) for code, condition in self.warnings.items()}


def _digit(number: str, power: int) -> str:
    return f"{number} // {10**power} % 10"


def _identity() -> Check:
    total = " + ".join(f"({_digit('{number}', 16 - i)}) * {weight}" for i, weight in enumerate(IDENTITY_WEIGHTS))
    born = "substr({text}, 7, 4) || '-' || substr({text}, 11, 2) || '-' || substr({text}, 13, 2)"
    return Check(
        prepared={
            "formed": "regexp_full_match({text}, '[0-9]{{17}}[0-9X]')",
            "number": "try_cast(left({text}, 17) as bigint)",
        },
        warnings={
            "identity_format": "not {formed}",
            "identity_birth_date": f"{{formed}} and try_cast({born} as date) is null",
            "identity_checksum": f"{{formed}} and '{IDENTITY_CHECKS}'[({total}) % 11 + 1] <> {{text}}[18]",
        },
    )


def _social_credit() -> Check:
    values = (f"(instr('{CREDIT_ALPHABET}', {{text}}[{i}]) - 1)" for i in range(1, 18))
    total = " + ".join(f"{value} * {weight}" for value, weight in zip(values, CREDIT_WEIGHTS, strict=True))
    check = f"'{CREDIT_ALPHABET}'[(31 - ({total}) % 31) % 31 + 1]"
    return Check(
        prepared={"formed": f"regexp_full_match({{text}}, '[{CREDIT_ALPHABET}]{{{{18}}}}')"},
        warnings={
            "social_credit_format": "not {formed}",
            "social_credit_checksum": f"{{formed}} and {check} <> {{text}}[18]",
        },
    )


def _bank_account() -> Check:
    total = " + ".join(map(_luhn, ("{left}", "{right}")))
    return Check(
        prepared={
            "formed": "regexp_full_match({text}, '[0-9]{{12,32}}')",
            "left": "try_cast(left(lpad({text}, 32, '0'), 16) as bigint)",
            "right": "try_cast(right(lpad({text}, 32, '0'), 16) as bigint)",
        },
        warnings={
            "bank_account_format": "not {formed}",
            "bank_account_checksum": f"{{formed}} and ({total}) % 10 <> 0",
        },
    )


def _luhn(number: str) -> str:
    """Return the Luhn sum of 16 digits: every second from the right is doubled, and 9 taken off what exceeds 9."""
    plain = (_digit(number, power) for power in range(0, 16, 2))
    # Twice the digit, less 9 from 5 up: the digit's double and the carry's digit added.
    doubled = (f"{number} // {10**power} % 10 * 2 % 10 + {number} // {5 * 10**power} % 2" for power in range(1, 16, 2))
    return " + ".join((*plain, *doubled))


CHECKS = {
    "identity": _identity(),
    "social_credit": _social_credit(),
    "bank_account": _bank_account(),
    "bank_card": _bank_account(),
}
