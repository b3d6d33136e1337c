"""Prefectures of the province, their counties today, and the county codes that identity numbers were given.

County codes and the years they were in force come from python-stdnum's table, so that every number drawn here is one
that the table knows.
"""

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
from stdnum import numdb

from ingestion.outgoing.text import encoded
from ingestion.sample.policy import read_seed

FIRST_BIRTH_YEAR, LAST_BIRTH_YEAR = 1890, 2010
# Codes of prefectures before they became cities. They stay in the birthplace digits of identity numbers. Those of Simao
# and Lincang are in the seed as well, because registers still carry them.
_FORMER = {"5303": "5322", "5304": "5324", "5305": "5330", "5306": "5321", "5307": "5332"}
# Share of the insured, wage level in permille of the province, and first four digits of the postcode (all invented
# or rounded: plausible, not official).
_PROFILE = {
    "5301": (26, 1180, "6500"),
    "5303": (11, 1010, "6550"),
    "5304": (7, 1090, "6531"),
    "5305": (5, 900, "6780"),
    "5306": (7, 880, "6570"),
    "5307": (4, 960, "6741"),
    "5308": (5, 930, "6650"),
    "5309": (4, 890, "6770"),
    "5323": (6, 970, "6750"),
    "5325": (10, 980, "6614"),
    "5326": (5, 940, "6630"),
    "5328": (4, 950, "6661"),
    "5329": (8, 960, "6710"),
    "5331": (4, 900, "6784"),
    "5333": (2, 990, "6731"),
    "5334": (2, 1160, "6744"),
}
_INTERVAL = re.compile(r"(?:\[(\d*)-(\d*)\])?([^,\[]+)")
_NOT_A_COUNTY = {"市辖区", "市区"}


@dataclass(frozen=True)
class Geography:
    """Places as arrays. Counties are today's; `birth_*` index the codes valid in a year of birth.

    prefecture_codes, prefecture_names: the 16 prefectures, in the order of the seed
    county_prefecture: prefecture of each county (index); county_region: its six digits as bytes
    county_names: prefecture and county in GB 18030; county_postcodes
    county_legacy_region: the code before the prefecture was renamed, or the same
    birth_start, birth_count [prefecture, year - FIRST_BIRTH_YEAR]: where in birth_codes the choices lie
    """

    prefecture_codes: list[str]
    prefecture_names: list[str]
    shares: np.ndarray
    wage_levels: np.ndarray
    county_prefecture: np.ndarray
    county_region: pa.BinaryArray
    county_legacy_region: pa.BinaryArray
    county_names: pa.BinaryArray
    county_postcodes: pa.BinaryArray
    birth_codes: np.ndarray
    birth_start: np.ndarray
    birth_count: np.ndarray

    def has_legacy_code(self) -> np.ndarray:
        """Tell for each county whether registers may still carry the code it had before."""
        same = self.county_region.to_pylist(), self.county_legacy_region.to_pylist()
        return np.array([today != before for today, before in zip(*same, strict=True)])

    def birth_counties(self, rng: np.random.Generator, prefectures: np.ndarray, years: np.ndarray) -> np.ndarray:
        """Draw a county code (six digits, int64) valid in the year of birth for each prefecture given by index."""
        offsets = years - FIRST_BIRTH_YEAR
        counts = self.birth_count[prefectures, offsets]
        return self.birth_codes[self.birth_start[prefectures, offsets] + rng.integers(0, counts)]


def _spells_of(code: str) -> list[tuple[int, int, str]]:
    """Return (first year, last year, name) of a six-digit code; empty when it never was a county."""
    properties = numdb.get("cn/loc").info(code)[-1][1]
    if "county" not in properties or code.endswith("00"):
        return []
    spells = _INTERVAL.findall(properties["county"])
    return [(int(a or 0), int(b or 9999), name) for a, b, name in spells if name not in _NOT_A_COUNTY]


@cache
def _counties_of(prefecture: str) -> dict[str, list[tuple[int, int, str]]]:
    codes = (f"{prefecture}{county:02d}" for county in range(1, 100))
    return {code: spells for code in codes if (spells := _spells_of(code))}


def load(first_year: int, last_year: int) -> Geography:
    """Return the geography of the years first_year..last_year."""
    seed = read_seed("codes/prefectures")
    current = [row for row in seed if row["status"] == "current"]
    renamed = {row["current_region_code"]: row["region_code"] for row in seed if row["status"] == "legacy"}
    codes = [row["region_code"] for row in current]
    counties = [county for code in codes for county in _counties_today(code, first_year, last_year, renamed.get(code))]
    births = [_birth_codes(code, _FORMER.get(code) or renamed.get(code)) for code in codes]
    flat = [code for years in births for choices in years for code in choices]
    count = np.array([[len(choices) for choices in years] for years in births])
    prefecture_names = {row["region_code"]: row["name"] for row in current}
    return Geography(
        prefecture_codes=codes,
        prefecture_names=[row["name"] for row in current],
        shares=np.array([_PROFILE[code][0] for code in codes]),
        wage_levels=np.array([_PROFILE[code][1] for code in codes]),
        county_prefecture=np.array([codes.index(code[:4]) for code, _, _ in counties]),
        county_region=encoded([code for code, _, _ in counties], "ascii"),
        county_legacy_region=encoded([before for _, before, _ in counties], "ascii"),
        county_names=encoded([prefecture_names[code[:4]] + name for code, _, name in counties], "gb18030"),
        county_postcodes=encoded([_PROFILE[code[:4]][2] + code[4:] for code, _, _ in counties], "ascii"),
        birth_codes=np.array(flat, np.int64),
        birth_start=(np.cumsum(count.ravel()) - count.ravel()).reshape(count.shape),
        birth_count=count,
    )


def _counties_today(prefecture: str, first_year: int, last_year: int, former: str | None) -> list[tuple[str, str, str]]:
    """Return (code, former code or the same, name) of the counties in force throughout the years."""
    before = _counties_of(former) if former else {}
    code_of_name = {name: code for code, spells in before.items() for _, _, name in spells}
    seat = next(iter(before), None)  # the seat of the prefecture changed its name when it became a district
    return [
        (code, code_of_name.get(name, seat) or code, name)
        for code, spells in _counties_of(prefecture).items()
        for start, end, name in spells
        if start <= first_year and last_year <= end
    ]


def _birth_codes(prefecture: str, former: str | None) -> list[list[int]]:
    """Return for each year of birth the codes in force."""
    counties = {**_counties_of(prefecture), **(_counties_of(former) if former else {})}
    return [
        [int(code) for code, spells in counties.items() if any(start <= year <= end for start, end, _ in spells)]
        for year in range(FIRST_BIRTH_YEAR, LAST_BIRTH_YEAR + 1)
    ]
