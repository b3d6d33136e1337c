"""What a feed's YAML may say: typed, frozen, and strict. One file per feed under `ingestion/feeds/<source>/`."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from ingestion.settings import ROOT

FEEDS = ROOT / "ingestion" / "feeds"
KINDS = ("delimited", "fixed_width", "xml", "spreadsheet")
ENCODINGS = ("gb18030", "gbk")
TYPES = ("text", "code", "money", "month", "day", "integer")
UNITS = ("yuan", "fen")
CHECKSUMS = ("identity", "social_credit", "bank_account", "bank_card")
PERIODS = ("day", "month")
# Columns that landing adds to every row.
RESERVED = {"batch_id", "source_line", "byte_offset", "byte_length", "warning_codes", "problem", "rejection"}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,54}")
_CODE_FILE = re.compile(r"[a-z0-9_]+(/[a-z0-9_]+)*")


class FeedSpecError(Exception):
    """A feed's YAML says something that cannot be run; the message names file, field and what to write."""


class NoLayout(LookupError):
    """No layout of the feed is effective on the day asked for."""


@dataclass(frozen=True)
class CodeList:
    """A code table: a seed under `dbt/seeds/`, its column, and the equalities that select its rows."""

    file: str
    column: str
    filters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Field:
    """One field of a layout. `width` counts bytes, `max_length` characters; `unit` is that of the file."""

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


@dataclass(frozen=True)
class Format:
    """How a layout's bytes are arranged; a spreadsheet has no `encoding`, only a delimited file a `separator`."""

    kind: str
    encoding: str | None = None
    separator: str | None = None


@dataclass(frozen=True)
class Layout:
    """The fields of a file created on or after `effective_from`."""

    effective_from: date
    format: Format
    fields: tuple[Field, ...]

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
    """How a file of the feed is named (`pattern` with groups period and sequence) and what a period is."""

    pattern: re.Pattern
    period: str


@dataclass(frozen=True)
class Volume:
    """Rows a file may have: below the minimum it is refused, above the maximum it is reported."""

    min_rows: int
    max_rows: int


@dataclass(frozen=True)
class Feed:
    """A feed: who sends what, in which layouts, and what proves a file whole."""

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

    def layout_on(self, day: date) -> Layout:
        """Return the layout effective on that day; raise NoLayout when the day precedes them all."""
        for layout in reversed(self.layouts):
            if layout.effective_from <= day:
                return layout
        raise NoLayout(
            f"{self.source}/{self.name}：{day} 没有生效的格式，最早的格式自 {self.layouts[0].effective_from} 起"
        )


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):
    """A safe loader that refuses a key written twice, which YAML would let the last one win."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        repeated = {str(key) for key in keys if keys.count(key) > 1}
        if repeated:
            raise yaml.constructor.ConstructorError(
                None, None, f"键 {'、'.join(sorted(repeated))} 写了两次", node.start_mark
            )
        return super().construct_mapping(node, deep)


class _Node:
    """A mapping of the YAML and where it stands, taken apart key by key so that nothing is overlooked."""

    def __init__(self, value, file: Path, where: str = ""):
        self.file, self.where = file, where
        if not isinstance(value, dict):
            raise self.error("", "应是键值映射")
        self.rest = dict(value)

    def error(self, key: str, text: str) -> FeedSpecError:
        path = ".".join(part for part in (self.where, key) if part) or "整个文件"
        return FeedSpecError(f"接口定义 {self.file.parent.name}/{self.file.name}：{path} {text}")

    def take(self, key: str, kind: type, hint: str, *, default=..., choices: tuple = ()):
        """Remove and return a value of that type; `hint` says in Chinese what to write when it is missing or wrong."""
        if key not in self.rest:
            if default is not ...:
                return default
            raise self.error(key, f"缺失；请写 {key}: {hint}")
        value = self.rest.pop(key)
        # bool is a subclass of int, and `width: true` must not pass for a number.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.error(key, f"的值 {value!r} 不合要求；请写 {key}: {hint}")
        if choices and value not in choices:
            raise self.error(key, f"的值 {value!r} 不认识；可用的值：{'、'.join(choices)}")
        return value

    def child(self, key: str, hint: str) -> "_Node":
        return _Node(self.take(key, dict, hint), self.file, f"{self.where}.{key}".lstrip("."))

    def children(self, key: str, hint: str) -> list["_Node"]:
        items = self.take(key, list, hint)
        if not items:
            raise self.error(key, f"为空；请写 {key}: {hint}")
        return [_Node(item, self.file, f"{self.where}.{key}[{i}]".lstrip(".")) for i, item in enumerate(items)]

    def close(self) -> None:
        """Raise when keys are left that nothing asked for."""
        if self.rest:
            raise self.error("、".join(map(str, self.rest)), "不认识；请删除或改正键名")


def _codes(node: _Node) -> CodeList:
    file = node.take("file", str, "dbt/seeds 下的文件，如 codes/code_lists")
    if not _CODE_FILE.fullmatch(file):
        raise node.error("file", f"的值 {file!r} 不合要求；只用小写字母、数字、下划线和 /，不带扩展名")
    column = node.take("column", str, "代码所在的列名")
    filters = tuple(sorted(node.rest.items()))
    for key, value in filters:
        if not isinstance(value, str):
            raise node.error(str(key), f"的值 {value!r} 应是文本；请加引号")
    return CodeList(file, column, filters)


def _field(node: _Node, kind: str) -> Field:
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
    )
    if not re.fullmatch(r"[A-Z][A-Z0-9]*", field.source_field):
        raise node.error("source_field", f"的值 {field.source_field!r} 不合要求；只用大写字母和数字")
    for key in ("max_length", "width"):
        if getattr(field, key) is not None and getattr(field, key) < 1:
            raise node.error(key, "应大于 0")
    node.close()
    return field


def _layout(node: _Node) -> Layout:
    effective_from = node.take("effective_from", date, "生效日期，如 2015-01-01")
    shape = node.child("format", "{kind: …, encoding: …}")
    kind = shape.take("kind", str, "|".join(KINDS), choices=KINDS)
    encoding = separator = None
    if kind != "spreadsheet":
        encoding = shape.take("encoding", str, "gb18030 或 gbk", choices=ENCODINGS)
    if kind == "delimited":
        separator = shape.take("separator", str, "一个 ASCII 标点，如 '|'")
        if not re.fullmatch(r"[!-,:-@\[-`{-~\t]", separator):
            raise shape.error("separator", f"的值 {separator!r} 不能作分隔符；请用一个不出现在数字里的 ASCII 标点")
    shape.close()
    fields = tuple(_field(item, kind) for item in node.children("fields", "字段列表"))
    node.close()
    for attribute in ("name", "source_field"):
        values = [getattr(field, attribute) for field in fields]
        repeated = sorted({value for value in values if values.count(value) > 1})
        if repeated:
            raise node.error("fields", f"中 {attribute} {'、'.join(repeated)} 重复；每个字段只写一次")
    return Layout(effective_from, Format(kind, encoding, separator), fields)


def _arrival(node: _Node) -> Arrival:
    text = node.take("pattern", str, "文件名的正则表达式，含命名组 period 和 sequence")
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise node.error("pattern", f"不是正则表达式：{error}") from error
    if not {"period", "sequence"} <= set(pattern.groupindex):
        raise node.error("pattern", "缺少命名组；请写 (?P<period>…) 和 (?P<sequence>…)")
    period = node.take("period", str, "day 或 month", choices=PERIODS)
    node.close()
    return Arrival(pattern, period)


def _names(node: _Node, key: str, hint: str) -> tuple[str, ...]:
    values = node.take(key, list, hint)
    if any(not isinstance(value, str) for value in values) or len(set(values)) != len(values):
        raise node.error(key, f"应是不重复的列名列表；请写 {key}: {hint}")
    return tuple(values)


def _check_references(node: _Node, layouts: tuple[Layout, ...], key: tuple[str, ...], totals: tuple[str, ...]) -> None:
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


def parse_feed(text: str, file: Path) -> Feed:
    """Build the feed that the YAML text describes; `file` gives its source and name. Raise FeedSpecError."""
    try:
        document = yaml.load(text, Loader=_Loader)
    except yaml.YAMLError as error:
        raise FeedSpecError(f"接口定义 {file.parent.name}/{file.name}：不是 YAML：{error}") from error
    node = _Node(document, file)
    title = node.take("title", str, "文件的中文标题（也写在文件头里）")
    description = node.take("description", str, "一行代表什么")
    publisher = node.child("publisher", "{name: 单位, contact: 联系处}")
    sender = Publisher(publisher.take("name", str, "单位"), publisher.take("contact", str, "联系处"))
    publisher.close()
    arrives = _arrival(node.child("arrives", "{pattern: …, period: …}"))
    layouts = tuple(_layout(item) for item in node.children("layouts", "[{effective_from: …, format: …, fields: …}]"))
    days = [layout.effective_from for layout in layouts]
    if days != sorted(set(days)):
        raise node.error("layouts", "应按 effective_from 从早到晚排列，且日期不重复")
    key = _names(node, "key", "[列名]")
    totals = _names(node, "control_totals", "[金额列名] 或 []")
    volume = node.child("volume", "{min_rows: …, max_rows: …}")
    rows = Volume(volume.take("min_rows", int, "最少行数"), volume.take("max_rows", int, "最多行数"))
    volume.close()
    if not 0 <= rows.min_rows <= rows.max_rows:
        raise volume.error("", "应满足 0 <= min_rows <= max_rows")
    node.close()
    _check_references(node, layouts, key, totals)
    return Feed(file.parent.name, file.stem, title, description, sender, arrives, layouts, key, totals, rows)


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
