"""Rounding to the fen."""

from decimal import ROUND_HALF_UP, Context, Decimal

FEN = Decimal("0.01")
# Wide enough that nothing is rounded before the rule rounds.
EXACT = Context(prec=60)


def yuan(amount: Decimal) -> Decimal:
    """Return an amount in yuan to the fen, half away from zero (no official rule was found: a project policy)."""
    return amount.quantize(FEN, ROUND_HALF_UP, EXACT)


def times(*factors: Decimal) -> Decimal:
    """Return an exact product."""
    product = Decimal(1)
    for factor in factors:
        product = EXACT.multiply(product, factor)
    return product


def quotient(numerator: Decimal, divisor: Decimal) -> Decimal:
    """Return a quotient to 60 digits: rounding it to the fen rounds once."""
    return EXACT.divide(numerator, divisor)
