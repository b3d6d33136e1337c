"""Names of persons: three places in one vocabulary, so that a name is made in any encoding without converting text."""

import numpy as np
import pyarrow as pa

from ingestion.outgoing.text import encoded, joined, take

RARE_CHARACTERS = ("䶮", "㙓", "𠅤")  # none can be written in GBK; the last two take four bytes in GB 18030
_SURNAMES = (
    "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范"
    "方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文木和刀普沐阿"
)
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华建国文斌红玉萍志永林鑫波辉梅兰云海燕春生成龙翔宇浩然子轩雨涵欣怡佳琪思远"
    "俊峰凯旋晓东雪莲光荣德福美珍琼仙家富贵长青松柏正义忠信仁爱慧贤淑贞学礼维新启航锦绣山川河清江月星辰天祥瑞云峰岚静怡诗琳"
)
# Names of two parts joined by a dot, by ethnic group (GB/T 3304).
_PARTS = {
    "04": ("扎西 次仁 洛桑 格桑 尼玛 旦增 央金 卓玛 达瓦 平措", "次仁 卓玛 顿珠 曲珍 旺堆 多吉 拉姆 央宗 罗布 群培"),
    "16": ("阿奴 阿培 朗飘 阿者 批龙 然咪 阿布 飘梭", "批斗 阿们 朗者 然斗 飘奴 优嘎 阿四 朗才"),
    "17": ("岩 玉 刀 召 波 咩 陶 罕", "罕应 温香 光罕 坎旺 温叫 香叫 罕勒 应叫"),
    "21": ("岩 尼 赛 达 叶 依 安 欧", "嘎翁 三姆 洛茸 布饶 门赛 可那 块所 倒东"),
    "28": ("勒排 木然 恩孔 麻果 目瑙 排早 金木 何孔", "腊麻 诺旺 干木 锐当 弄川 麻锐 宽当 果仲"),
}
_PEOPLE = {  # permille of the insured; the rest is Han
    "07": 105,
    "14": 50,
    "16": 32,
    "08": 26,
    "17": 26,
    "06": 20,
    "03": 18,
    "20": 14,
    "24": 10,
    "21": 9,
    "27": 8,
    "04": 6,
    "13": 5,
    "28": 4,
    "34": 3,
    "33": 2,
    "39": 2,
    "56": 1,
    "38": 1,
    "41": 1,
}
_DOTTED_SHARE = 600  # permille, of the groups with two-part names


def _vocabulary() -> list[str]:
    parts = (part for first, second in _PARTS.values() for part in (*first.split(), *second.split()))
    return list(dict.fromkeys(("", "·", *_SURNAMES, *_GIVEN, *RARE_CHARACTERS, *parts)))


VOCABULARY = _vocabulary()
_POSITION = {word: position for position, word in enumerate(VOCABULARY)}


def _positions(words: str | list[str] | tuple[str, ...]) -> np.ndarray:
    return np.array([_POSITION[word] for word in words], np.uint16)


def draw_ethnic_groups(rng: np.random.Generator, count: int) -> tuple[np.ndarray, list[str]]:
    """Draw an index into the returned codes for each person."""
    codes = ["01", *_PEOPLE]
    shares = np.array([1000 - sum(_PEOPLE.values()), *_PEOPLE.values()])
    return np.searchsorted(np.cumsum(shares), rng.integers(0, 1000, count), side="right").astype(np.uint8), codes


def draw_names(rng: np.random.Generator, groups: np.ndarray, codes: list[str]) -> np.ndarray:
    """Draw names for ethnic groups: uint16 [3, persons], positions in VOCABULARY. A few carry a rare character."""
    count = len(groups)
    surnames, given = _positions(_SURNAMES), _positions(_GIVEN)
    first = rng.integers(0, len(surnames), (2, count)).min(axis=0)  # the first surnames of the list are the common ones
    words = np.stack([surnames[first], *(given[rng.integers(0, len(given), count)] for _ in range(2))])
    words[2, rng.integers(0, 1000, count) < 150] = _POSITION[""]
    dotted = rng.integers(0, 1000, count) < _DOTTED_SHARE
    for code, (ahead, behind) in _PARTS.items():
        rows = np.flatnonzero(dotted & (groups == codes.index(code)))
        for place, parts in ((0, _positions(ahead.split())), (2, _positions(behind.split()))):
            words[place, rows] = parts[rng.integers(0, len(parts), len(rows))]
        words[1, rows] = _POSITION["·"]
    _place_rare_characters(rng, words)
    return words


def _place_rare_characters(rng: np.random.Generator, words: np.ndarray) -> None:
    """Put each rare character into the given name of at least one person, and of about one in 3000."""
    plain = np.flatnonzero(words[1] != _POSITION["·"])
    each = max(1, len(plain) // 9000)
    chosen = rng.choice(plain, each * len(RARE_CHARACTERS), replace=False)
    for character, rows in zip(RARE_CHARACTERS, chosen.reshape(-1, each), strict=True):
        words[1, rows] = _POSITION[character]


def name_bytes(words: np.ndarray, encoding: str) -> pa.BinaryArray:
    """Return names in an encoding; `?` stands for what it cannot write."""
    vocabulary = encoded(VOCABULARY, encoding, errors="replace")
    return joined(*(take(vocabulary, place) for place in words))
