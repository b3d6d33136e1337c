"""Months and days as numbers: a month is year x 12 + month - 1, a day is YYYYMMDD."""

import calendar as _calendar
from datetime import date

import numpy as np


def month_of(day: date) -> int:
    """Return the number of the month a date lies in."""
    return day.year * 12 + day.month - 1


def year_and_number(month: int) -> tuple[int, int]:
    """Return (year, 1..12) of a month."""
    return month // 12, month % 12 + 1


def first_day(month: int) -> date:
    """Return the first day of a month as a date."""
    year, number = year_and_number(month)
    return date(year, number, 1)


def last_day(month: int) -> date:
    """Return the last day of a month as a date."""
    year, number = year_and_number(month)
    return date(year, number, _calendar.monthrange(year, number)[1])


def month_code(month: int) -> str:
    """Return a month as YYYYMM."""
    year, number = year_and_number(month)
    return f"{year:04d}{number:02d}"


def day_number(day: date) -> int:
    """Return a date as the number YYYYMMDD."""
    return day.year * 10000 + day.month * 100 + day.day


def as_date(day: int) -> date:
    """Return the date of a number YYYYMMDD."""
    return date(day // 10000, day // 100 % 100, day % 100)


def working_days(month: int) -> list[int]:
    """Return the Mondays to Fridays of a month as YYYYMMDD. Public holidays are not known here."""
    year, number = year_and_number(month)
    last = last_day(month).day
    return [day_number(date(year, number, day)) for day in range(1, last + 1) if date(year, number, day).weekday() < 5]


def working_day_from(month: int, earliest: int) -> int:
    """Return the first working day of a month on or after the day `earliest` (1..28), as YYYYMMDD."""
    return next(day for day in working_days(month) if day % 100 >= earliest)


def days_in_month(months: np.ndarray) -> np.ndarray:
    """Return the number of days of each month."""
    starts = (months - 1970 * 12).astype("datetime64[M]")
    return ((starts + 1).astype("datetime64[D]") - starts.astype("datetime64[D]")).astype(np.int64)


def day_numbers(months: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Return YYYYMMDD of months and days of the month, as int64."""
    months = months.astype(np.int64)
    return (months // 12) * 10000 + (months % 12 + 1) * 100 + days


def month_starts_since_1970(months: np.ndarray) -> np.ndarray:
    """Return the first day of each month as days since 1970-01-01, int32."""
    return (months - 1970 * 12).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64).astype(np.int32)


def month_of_day(day: int) -> int:
    """Return the number of the month that a day YYYYMMDD lies in."""
    return day // 10000 * 12 + day // 100 % 100 - 1
