"""Insured units: enterprises and institutions, where they are, what they do and what they pay."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ingestion.outgoing.text import Column, encoded, joined, numbered, take
from ingestion.sample.calendar import day_numbers
from ingestion.sample.geography import Geography
from ingestion.sample.identities import social_credit_codes

ENTERPRISE, INSTITUTION = 0, 1
_TYPE_CODES = ("10", "55")
_FULLY_FUNDED = "55"
_CONSTRUCTION = "E47"
_AUTHORITIES = ("91", "12")  # registration authority and kind in the unified social credit code
# Industry (GB/T 4754 division), work-injury risk class, wage level in permille, what names of such units end in.
_ENTERPRISES = (
    ("C15", 2, 980, "酒业有限公司 茶业有限公司 乳业有限公司"),
    ("C25", 6, 1060, "化工有限责任公司 橡胶有限公司 水泥有限公司"),
    ("B06", 8, 1080, "矿业有限公司 煤业有限责任公司 矿冶集团"),
    ("D44", 4, 1250, "供电有限公司 水电开发有限公司"),
    ("E47", 6, 930, "建筑工程有限公司 路桥建设有限公司"),
    ("F52", 1, 820, "商贸有限公司 超市有限公司 药业连锁有限公司"),
    ("G54", 4, 910, "汽车运输有限公司 物流有限公司"),
    ("H61", 1, 760, "大酒店有限公司 餐饮管理有限公司"),
    ("I65", 1, 1420, "信息技术有限公司 软件有限公司"),
    ("J66", 1, 1510, "农村商业银行 投资担保有限公司"),
    ("A01", 2, 800, "农业科技有限公司 花卉有限公司"),
)
_INSTITUTIONS = (
    ("P82", 1, 1040, "第一中学 第三小学 职业技术学校 中心幼儿园"),
    ("Q83", 1, 1100, "人民医院 中医医院 疾病预防控制中心"),
    ("N77", 2, 960, "环境监测站 林业工作站 水务局水文站"),
    ("R86", 1, 950, "广播电视台 图书馆 文化馆"),
)
_WORDS = "滇云昆华兴盛茂源鑫瑞宏远恒泰通达安康福祥隆昌天宇金星山河彩虹翠湖玉龙苍山澜沧怒江丽水长青嘉禾文锦东方新世纪"
_NEW_UNITS = 40  # one unit in so many opens its books during the span
PERSONS_PER_UNIT = 16


@dataclass
class Units:
    """Units as columns, one position per unit.

    kind: ENTERPRISE or INSTITUTION; county, industry: positions; opened: month the unit enters the register;
    renamed: whether its name was changed since. weights: how many persons to expect, relatively.
    """

    number: pa.BinaryArray
    credit_code: pa.BinaryArray
    kind: np.ndarray
    county: np.ndarray
    industry: np.ndarray
    insured_on: np.ndarray
    opened: np.ndarray
    weights: np.ndarray
    words: np.ndarray
    renamed: np.ndarray
    geography: Geography

    @property
    def prefecture(self) -> np.ndarray:
        """Return the position of each unit's prefecture."""
        return self.geography.county_prefecture[self.county]

    @property
    def risk_class(self) -> np.ndarray:
        """Return the work-injury risk class 1..8 of each unit."""
        return np.array([industry[1] for industry in _INDUSTRIES])[self.industry]

    @property
    def is_builder(self) -> np.ndarray:
        """Tell which units are construction enterprises."""
        return np.array([industry[0] == _CONSTRUCTION for industry in _INDUSTRIES])[self.industry]

    @property
    def wage_level(self) -> np.ndarray:
        """Return the wage level of each unit's place and industry in permille of the province."""
        industries = np.array([industry[2] for industry in _INDUSTRIES])
        return self.geography.wage_levels[self.prefecture] * industries[self.industry] // 1000

    @property
    def is_fully_funded(self) -> np.ndarray:
        """Tell which units live on the budget alone."""
        return np.array([code == _FULLY_FUNDED for code in _TYPE_CODES])[self.kind]

    def register_columns(self, rows: np.ndarray) -> dict[str, Column]:
        """Return the columns of the register file for the units at `rows`."""
        return {
            "unit_number": take(self.number, rows),
            "unit_name": self._names(rows),
            "unified_social_credit_code": take(self.credit_code, rows),
            "unit_type_code": take(encoded(_TYPE_CODES, "ascii"), self.kind[rows]),
            "industry_code": take(encoded([industry[0] for industry in _INDUSTRIES], "ascii"), self.industry[rows]),
            "region_code": take(self.geography.county_region, self.county[rows]),
            "agency_code": joined(take(self.geography.county_region, self.county[rows]), b"01"),
            "risk_class": self.risk_class[rows],
            "insured_on": self.insured_on[rows],
            "unit_status_code": b"1",
        }

    def _names(self, rows: np.ndarray) -> pa.BinaryArray:
        words = encoded(list(_WORDS), "gb18030")
        endings, first_ending, _ = _endings()
        renamed = encoded(["", "（集团）"], "gb18030")
        return joined(
            take(self.geography.county_names, self.county[rows]),
            take(words, self.words[0, rows]),
            take(words, self.words[1, rows]),
            take(renamed, self.renamed[rows].astype(np.uint8)),
            take(encoded(endings, "gb18030"), first_ending[self.industry[rows]] + self.words[2, rows]),
        )


_INDUSTRIES = (*_ENTERPRISES, *_INSTITUTIONS)


def _endings() -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return all endings of names, where those of each industry begin, and how many it has."""
    choices = [industry[3].split() for industry in _INDUSTRIES]
    counts = np.array([len(endings) for endings in choices])
    return [ending for endings in choices for ending in endings], np.cumsum(counts) - counts, counts


def draw_units(
    rng: np.random.Generator, geography: Geography, persons: int, first_month: int, last_month: int
) -> Units:
    """Draw the units that employ `persons` people; every prefecture has one that was there from the beginning."""
    prefectures = len(geography.prefecture_codes)
    count = max(prefectures + 4, persons // PERSONS_PER_UNIT)
    place = np.concatenate([np.arange(prefectures), _draw_shares(rng, geography.shares, count - prefectures)])
    by_prefecture = [np.flatnonzero(geography.county_prefecture == number) for number in range(prefectures)]
    county = np.empty(count, np.int64)
    for number, counties in enumerate(by_prefecture):
        here = np.flatnonzero(place == number)
        county[here] = counties[rng.integers(0, len(counties), len(here))]
    kind = (rng.integers(0, 100, count) < 30).astype(np.uint8)
    kind[:4] = (ENTERPRISE, INSTITUTION, ENTERPRISE, INSTITUTION)
    industry = np.where(
        kind == ENTERPRISE,
        rng.integers(0, len(_ENTERPRISES), count),
        len(_ENTERPRISES) + rng.integers(0, len(_INSTITUTIONS), count),
    )
    opened = np.full(count, first_month)
    new = np.arange(prefectures, count)[::_NEW_UNITS]
    half = (last_month - first_month) // 2  # early enough for somebody to join them
    opened[new] = first_month + rng.integers(1, max(half, 1) + 1, len(new))
    insured = np.where(opened > first_month, opened, first_month - rng.integers(1, 240, count))
    _, _, endings = _endings()
    return Units(
        number=numbered("53", np.arange(count) + 1, 8),
        credit_code=social_credit_codes(
            rng,
            [_AUTHORITIES[number] for number in kind],
            [geography.county_region[number].as_py().decode() for number in county],
        ),
        kind=kind,
        county=county,
        industry=industry,
        insured_on=day_numbers(insured, rng.integers(1, 29, count)),
        opened=opened,
        weights=(rng.integers(2, 40, count) * rng.integers(2, 40, count)),
        words=np.stack([*(rng.integers(0, len(_WORDS), count) for _ in range(2)), rng.integers(0, endings[industry])]),
        renamed=np.zeros(count, bool),
        geography=geography,
    )


def _draw_shares(rng: np.random.Generator, shares: np.ndarray, count: int) -> np.ndarray:
    """Draw positions with probabilities in proportion to whole numbers."""
    bounds = np.cumsum(shares)
    return np.searchsorted(bounds, rng.integers(0, bounds[-1], count), side="right")
