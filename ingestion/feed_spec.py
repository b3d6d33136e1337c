"""What a feed's YAML may say: typed, frozen, and strict. One file per feed under `ingestion/feeds/<source>/`."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from ingestion.settings import ROOT
from ingestion.strict_yaml import FeedSpecError, Node, StrictLoader

FEEDS = ROOT / "ingestion" / "feeds"
KINDS = ("delimited", "fixed_width", "xml", "spreadsheet", "json_lines", "camt053")
ENCODINGS = ("gb18030", "gbk", "utf-8")
LINE_ENDS = ("lf", "crlf")
DIRECTIONS = ("inbound", "outbound")
CLEANINGS = ("full_width",)
TYPES = ("text", "code", "money", "month", "day", "integer")
UNITS = ("yuan", "fen")
CHECKSUMS = ("identity", "social_credit", "bank_account", "bank_card")
PERIODS = ("day", "month", "year")
# Columns that landing adds to every row.
RESERVED = {"batch_id", "source_line", "byte_offset", "byte_length", "warning_codes", "problem", "rejection"}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,54}")
_CODE_FILE = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+)*")


class NoLayout(LookupError):
    """No layout of the feed is effective on the day asked for."""


@dataclass(frozen=True)
class CodeList:
    """A code table: a seed under `dbt/seeds/`, its column, and the equalities that select its rows."""

    file: str
    column: str
    filters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Lookup:
    """A value that a sender is known to write wrongly (`match`), what it stands for, and why that is known."""

    match: str
    value: str
    reason: str


@dataclass(frozen=True)
class Field:
    """One field of a layout. `width` counts bytes, `max_length` characters; `unit` is that of the file.

    `path` is where a camt.053 entry holds it; `cleaning` names what is mended before judging, and warned about.
    """

    name: str
    source_field: str
    label: str
    type: str
    required: bool = False
    max_length: int | None = None
    width: int | None = None
    unit: str | None = None
    codes: CodeList | None = None
    checksum: str | None = None
    path: str | None = None
    cleaning: tuple[str, ...] = ()


@dataclass(frozen=True)
class Format:
    """How a layout's bytes are arranged; a spreadsheet has no `encoding`, only a delimited file a `separator`.

    `bom`: the file starts with a byte order mark. `line_end`: how every line ends. All else is refused.
    """

    kind: str
    encoding: str | None = None
    separator: str | None = None
    bom: bool = False
    line_end: str = "lf"


@dataclass(frozen=True)
class Layout:
    """The fields of a file created on or after `effective_from`; of one sender's `profile` where a feed has several."""

    effective_from: date
    format: Format
    fields: tuple[Field, ...]
    profile: str | None = None

    @property
    def record_length(self) -> int:
        """Bytes of a fixed-width data record: its type byte and its fields, without the newline."""
        return 1 + sum(field.width or 0 for field in self.fields)

    def field(self, name: str) -> Field:
        """Return the field of that name; raise KeyError when there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)


@dataclass(frozen=True)
class Publisher:
    """Who sends the file, and whom to call about it."""

    name: str
    contact: str


@dataclass(frozen=True)
class Arrival:
    """How a file of the feed is named (`pattern` with groups period, sequence, perhaps profile); what a period is."""

    pattern: re.Pattern
    period: str


@dataclass(frozen=True)
class Volume:
    """Rows a period may have over its files: below the minimum a file is refused, above the maximum it is reported."""

    min_rows: int
    max_rows: int


@dataclass(frozen=True)
class Feed:
    """A feed: who sends what, in which layouts, and what proves a file whole.

    direction: `outbound` files are made by us. profiles: the senders of a feed that each have layouts of their own.
    lookups: by field, values that are mended. reversed_key: the field that names the row which a row reverses (冲正).
    """

    source: str
    name: str
    title: str
    description: str
    publisher: Publisher
    arrives: Arrival
    layouts: tuple[Layout, ...]
    key: tuple[str, ...]
    control_totals: tuple[str, ...]
    volume: Volume
    direction: str = "inbound"
    profiles: tuple[tuple[str, Publisher], ...] = ()
    lookups: tuple[tuple[str, tuple[Lookup, ...]], ...] = ()
    reversed_key: str | None = None

    def layouts_of(self, profile: str | None = None) -> tuple[Layout, ...]:
        """Return the layouts of a profile, earliest first; of a feed without profiles, all."""
        return tuple(layout for layout in self.layouts if layout.profile == profile)

    def layout_on(self, day: date, profile: str | None = None) -> Layout:
        """Return the layout effective on that day; raise NoLayout when the day precedes them all."""
        layouts = self.layouts_of(profile)
        for layout in reversed(layouts):
            if layout.effective_from <= day:
                return layout
        earliest = layouts[0].effective_from if layouts else None
        raise NoLayout(f"{self.source}/{self.name}：{day} 没有生效的格式，最早的格式自 {earliest} 起")

    def sender(self, profile: str | None = None) -> Publisher:
        """Return whom to call about a file: the publisher of its profile, else the feed's."""
        return dict(self.profiles).get(profile, self.publisher)


def _codes(node: Node) -> CodeList:
    file = node.take("file", str, "dbt/seeds 下的文件，如 codes/code_lists")
    if not _CODE_FILE.fullmatch(file):
        raise node.error("file", f"的值 {file!r} 不合要求；只用小写字母、数字、下划线和 /，不带扩展名")
    column = node.take("column", str, "代码所在的列名")
    filters = tuple(sorted(node.rest.items()))
    for key, value in filters:
        if not isinstance(value, str):
            raise node.error(str(key), f"的值 {value!r} 应是文本；请加引号")
    return CodeList(file, column, filters)


def _field(node: Node, kind: str) -> Field:
    name = node.take("name", str, "列名，如 person_number")
    if not _NAME.fullmatch(name) or name in RESERVED:
        raise node.error("name", f"的值 {name!r} 不能用作列名；只用小写字母、数字和下划线，且不与落地列重名")
    type_ = node.take("type", str, "|".join(TYPES), choices=TYPES)
    field = Field(
        name=name,
        source_field=node.take("source_field", str, "国家标准代码，如 AAC001"),
        label=node.take("label", str, "中文名"),
        type=type_,
        required=node.take("required", bool, "true 或 false", default=False),
        max_length=node.take("max_length", int, "最多字符数", default=None),
        width=node.take("width", int, "字节数") if kind == "fixed_width" else None,
        unit=node.take("unit", str, "yuan 或 fen", choices=UNITS) if type_ == "money" else None,
        codes=_codes(node.child("codes", "{file: codes/…, column: …}")) if type_ == "code" else None,
        checksum=node.take("checksum", str, "|".join(CHECKSUMS), default=None, choices=CHECKSUMS)
        if type_ == "text"
        else None,
        path=node.take("path", str, "记录内的路径，如 Amt 或 ../Acct/Id/Othr/Id") if kind == "camt053" else None,
        cleaning=_cleaning(node),
    )
    if not re.fullmatch(r"[A-Z][A-Z0-9]*", field.source_field):
        raise node.error("source_field", f"的值 {field.source_field!r} 不合要求；只用大写字母和数字")
    for key in ("max_length", "width"):
        if getattr(field, key) is not None and getattr(field, key) < 1:
            raise node.error(key, "应大于 0")
    node.close()
    return field


def _cleaning(node: Node) -> tuple[str, ...]:
    names = node.take("cleaning", list, "[full_width]", default=[])
    if unknown := [name for name in names if name not in CLEANINGS]:
        raise node.error("cleaning", f"里的 {unknown[0]!r} 不认识；可用的值：{'、'.join(CLEANINGS)}")
    return tuple(names)


def _layout(node: Node) -> Layout:
    effective_from = node.take("effective_from", date, "生效日期，如 2015-01-01")
    profile = node.take("profile", str, "profiles 里的一个名字", default=None)
    shape = node.child("format", "{kind: …, encoding: …}")
    kind = shape.take("kind", str, "|".join(KINDS), choices=KINDS)
    encoding = separator = None
    if kind != "spreadsheet":
        encoding = shape.take("encoding", str, "|".join(ENCODINGS), choices=ENCODINGS)
    if kind == "delimited":
        separator = shape.take("separator", str, "一个 ASCII 标点，如 '|'")
        if not re.fullmatch(r"[!-,:-@\[-`{-~\t]", separator):
            raise shape.error("separator", f"的值 {separator!r} 不能作分隔符；请用一个不出现在数字里的 ASCII 标点")
    bom = shape.take("bom", bool, "true 或 false", default=False)
    if bom and encoding == "gbk":
        raise shape.error("bom", "不能与 gbk 同用；GBK 没有字节序标记")
    line_end = shape.take("line_end", str, "|".join(LINE_ENDS), default="lf", choices=LINE_ENDS)
    shape.close()
    fields = tuple(_field(item, kind) for item in node.children("fields", "字段列表"))
    node.close()
    for attribute in ("name", "source_field"):
        values = [getattr(field, attribute) for field in fields]
        repeated = sorted({value for value in values if values.count(value) > 1})
        if repeated:
            raise node.error("fields", f"中 {attribute} {'、'.join(repeated)} 重复；每个字段只写一次")
    return Layout(effective_from, Format(kind, encoding, separator, bom, line_end), fields, profile)


def _arrival(node: Node) -> Arrival:
    text = node.take("pattern", str, "文件名的正则表达式，含命名组 period 和 sequence")
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise node.error("pattern", f"不是正则表达式：{error}") from error
    if not {"period", "sequence"} <= set(pattern.groupindex):
        raise node.error("pattern", "缺少命名组；请写 (?P<period>…) 和 (?P<sequence>…)")
    period = node.take("period", str, "|".join(PERIODS), choices=PERIODS)
    node.close()
    return Arrival(pattern, period)


def _publisher(node: Node) -> Publisher:
    publisher = Publisher(node.take("name", str, "单位"), node.take("contact", str, "联系处"))
    node.close()
    return publisher


def _profiles(node: Node) -> tuple[tuple[str, Publisher], ...]:
    if "profiles" not in node.rest:
        return ()
    profiles = node.child("profiles", "{名字: {name: 单位, contact: 联系处}}")
    return tuple((name, _publisher(profiles.child(name, "{name: 单位, contact: 联系处}"))) for name in [*profiles.rest])


def _check_profiles(node: Node, layouts: tuple[Layout, ...], profiles: tuple, arrives: Arrival) -> None:
    """Require layouts of every profile, in the order of their days, and a name that tells the profile."""
    names = [name for name, _ in profiles] or [None]
    for layout in layouts:
        if layout.profile not in names:
            raise node.error("layouts", f"里的 profile {layout.profile!r} 不在 profiles 里")
    for name in names:
        days = [layout.effective_from for layout in layouts if layout.profile == name]
        if not days or days != sorted(set(days)):
            raise node.error("layouts", "应按 effective_from 从早到晚排列，日期不重复，且每个 profile 都有")
    if bool(profiles) != ("profile" in arrives.pattern.groupindex):
        raise node.error("arrives.pattern", "与 profiles 应同时有或没有命名组 (?P<profile>…)")


def _lookups(node: Node, layouts: tuple[Layout, ...]) -> tuple[tuple[str, tuple[Lookup, ...]], ...]:
    if "lookups" not in node.rest:
        return ()
    fields = node.child("lookups", "{列名: [{match: …, value: …, reason: …}]}")
    found = []
    for name in [*fields.rest]:
        if not any(field.name == name for layout in layouts for field in layout.fields):
            raise fields.error(name, "不是任何格式里的列名")
        entries = []
        for entry in fields.children(name, "[{match: …, value: …, reason: …}]"):
            values = (entry.take(key, str, "文本，加引号") for key in ("match", "value", "reason"))
            entries.append(Lookup(*values))
            entry.close()
        found.append((name, tuple(entries)))
    return tuple(found)


def _names(node: Node, key: str, hint: str) -> tuple[str, ...]:
    values = node.take(key, list, hint)
    if any(not isinstance(value, str) for value in values) or len(set(values)) != len(values):
        raise node.error(key, f"应是不重复的列名列表；请写 {key}: {hint}")
    return tuple(values)


def _check_references(node: Node, layouts: tuple[Layout, ...], key: tuple[str, ...], totals: tuple[str, ...]) -> None:
    if not key:
        raise node.error("key", "为空；请写 key: [唯一标识一行的列名]")
    for layout in layouts:
        fields = {field.name: field for field in layout.fields}
        for name in key:
            if name not in fields or not fields[name].required:
                raise node.error("key", f"里的 {name} 在 {layout.effective_from} 的格式里不存在或不是必填")
        for name in totals:
            if name not in fields or fields[name].type != "money":
                raise node.error("control_totals", f"里的 {name} 在 {layout.effective_from} 的格式里不是金额字段")
            if layout.format.kind == "camt053" and fields[name].path != "Amt":
                raise node.error("control_totals", f"里的 {name} 不是 camt053 的 Amt；对账单只有 Amt 有合计")


def parse_feed(text: str, file: Path) -> Feed:
    """Build the feed that the YAML text describes; `file` gives its source and name. Raise FeedSpecError."""
    try:
        document = yaml.load(text, Loader=StrictLoader)
    except yaml.YAMLError as error:
        raise FeedSpecError(f"接口定义 {file.parent.name}/{file.name}：不是 YAML：{error}") from error
    node = Node(document, file)
    title = node.take("title", str, "文件的中文标题（也写在文件头里）")
    description = node.take("description", str, "一行代表什么")
    direction = node.take("direction", str, "|".join(DIRECTIONS), default="inbound", choices=DIRECTIONS)
    sender = _publisher(node.child("publisher", "{name: 单位, contact: 联系处}"))
    profiles = _profiles(node)
    arrives = _arrival(node.child("arrives", "{pattern: …, period: …}"))
    layouts = tuple(_layout(item) for item in node.children("layouts", "[{effective_from: …, format: …, fields: …}]"))
    _check_profiles(node, layouts, profiles, arrives)
    key = _names(node, "key", "[列名]")
    totals = _names(node, "control_totals", "[金额列名] 或 []")
    volume = node.child("volume", "{min_rows: …, max_rows: …}")
    rows = Volume(volume.take("min_rows", int, "最少行数"), volume.take("max_rows", int, "最多行数"))
    volume.close()
    lookups = _lookups(node, layouts)
    reversed_key = node.take("reversed_key", str, "写明被冲正记录主键的列名", default=None)
    if not 0 <= rows.min_rows <= rows.max_rows:
        raise volume.error("", "应满足 0 <= min_rows <= max_rows")
    node.close()
    _check_references(node, layouts, key, totals)
    if reversed_key and not any(field.name == reversed_key for field in layouts[-1].fields):
        raise node.error("reversed_key", f"里的 {reversed_key} 在最新的格式里不存在")
    return Feed(
        file.parent.name,
        file.stem,
        title,
        description,
        sender,
        arrives,
        layouts,
        key,
        totals,
        rows,
        direction,
        profiles,
        lookups,
        reversed_key,
    )


def feed_files() -> list[Path]:
    """Return the feed files, ordered by source and name."""
    return sorted(FEEDS.glob("*/*.yml"))


@cache
def load_feed(source: str, feed: str) -> Feed:
    """Return the feed declared in `feeds/<source>/<feed>.yml`; raise FeedSpecError when it is missing or wrong."""
    for file in feed_files():
        if (file.parent.name, file.stem) == (source, feed):
            return parse_feed(file.read_text(encoding="utf-8"), file)
    raise FeedSpecError(f"没有接口 {source}/{feed}；已定义的接口见 ingestion/feeds")


def all_feeds() -> tuple[Feed, ...]:
    """Return every declared feed, ordered by source and name."""
    return tuple(load_feed(file.parent.name, file.stem) for file in feed_files())


def feeds_of(source: str) -> list[str]:
    """Return the names of a source's feeds, in alphabetical order."""
    return [file.stem for file in feed_files() if file.parent.name == source]
