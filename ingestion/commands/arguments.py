"""Arguments that several commands take."""

import argparse
from datetime import date


def month(text: str) -> date:
    """Return the first day of the month written YYYY-MM."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"月份 {text!r} 应写成 YYYY-MM") from error
