"""Judge raw rows by their layout: accepted, perhaps mended or with warnings, or rejected by the first rule broken.

The rules are SQL that is generated from the feed's spec and run by DuckDB, on the rows that are not plainly right.
"""

import csv
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from ingestion.checksums import CHECKS
from ingestion.feed_spec import CodeList, Feed, Field, Layout, Lookup
from ingestion.masking import mask_values
from ingestion.messages import ROW_RULES, field_title
from ingestion.plainly_right import PlainRows
from ingestion.settings import ROOT

ARROW_TYPES = {
    "text": pa.string(),
    "code": pa.string(),
    "money": pa.decimal128(18, 2),
    "month": pa.date32(),
    "day": pa.date32(),
    "integer": pa.int32(),
}
MORSEL = 20_000
# U+FF01 to U+FF5E are the visible characters of ASCII in full width, U+3000 is the blank.
FULL_WIDTH = "".join(map(chr, (*range(0xFF01, 0xFF5F), 0x3000)))
HALF_WIDTH = "".join(map(chr, (*range(0x21, 0x7F), 0x20)))
REJECTED = pa.schema(
    [
        ("batch_id", pa.string()),
        ("source_line", pa.int64()),
        ("byte_offset", pa.int64()),
        ("rule_code", pa.string()),
        ("field_name", pa.string()),
        ("message", pa.string()),
        ("original", pa.binary()),
    ]
)


def landed_schema(layout: Layout) -> pa.Schema:
    """Return the schema of a layout's landed rows."""
    fields = ((field.name, ARROW_TYPES[field.type]) for field in layout.fields)
    return pa.schema([("batch_id", pa.string()), ("source_line", pa.int64()), *fields, ("warning_codes", pa.string())])


@dataclass(frozen=True)
class Rule:
    """A reason to reject a row: its code, the field it is about, and the SQL condition that finds it."""

    code: str
    field: Field | None
    condition: str


def literal(text: str) -> str:
    """Return the text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


@cache
def codes_of(codes: CodeList) -> tuple[str, ...]:
    """Return the codes that a code list admits, read from its seed."""
    with (ROOT / "dbt" / "seeds" / f"{codes.file}.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if all(row[key] == value for key, value in codes.filters)]
    return tuple(dict.fromkeys(row[codes.column] for row in rows))


def _full_width(text: str) -> str:
    """Return the expression of a text whose full-width characters became those of ASCII."""
    mended = f"rtrim(translate({text}, {literal(FULL_WIDTH)}, {literal(HALF_WIDTH)}), ' ')"
    # A text of ASCII alone, which has as many bytes as characters, has none.
    return f"case when strlen({text}) = length({text}) then {text} else {mended} end"


def _looked_up(text: str, entries: tuple[Lookup, ...]) -> str:
    cases = " ".join(f"when {literal(entry.match)} then {literal(entry.value)}" for entry in entries)
    return f"case {text} {cases} else {text} end"


def _mending(feed: Feed, layout: Layout) -> tuple[str, str]:
    """Return the queries that give the texts to be judged: first cleaned, then looked up; empty texts are null.

    They also say of each row whether it was `full_width_cleaned` and whether a `lookup_applied`.
    """
    lookups = dict(feed.lookups)
    cleaned, cleaned_if, texts, looked_up_if = [], ["false"], [], ["false"]
    for field in layout.fields:
        text = f'"{field.name}"'
        if "full_width" in field.cleaning:
            cleaned_if.append(f"{_full_width(text)} <> {text}")
            cleaned.append(f"{_full_width(text)} as {text}")
        else:
            cleaned.append(text)
        text = f"cleaned.{text}"
        if entries := lookups.get(field.name):
            looked_up_if.append(f"{text} in ({', '.join(literal(entry.match) for entry in entries)})")
            text = _looked_up(text, entries)
        texts.append(f"""nullif({text}, '') as "{field.name}\"""")
    place = "source_line, problem, problem_field"
    return (
        f"select {place}, {', '.join(cleaned)}, {' or '.join(cleaned_if)} as full_width_cleaned from raw",
        f"select {place}, {', '.join(texts)}, full_width_cleaned, {' or '.join(looked_up_if)} as lookup_applied "
        "from cleaned",
    )


def _typed(field: Field) -> str:
    """Return the expression of a field's typed value: null when the text is empty or not of the type."""
    text = f'text."{field.name}"'
    if field.type in ("text", "code"):
        return text
    if field.type == "integer":
        return f"case when regexp_full_match({text}, '-?[0-9]{{1,9}}') then cast({text} as integer) end"
    if field.type == "money" and field.unit == "yuan":
        money = "'-?[0-9]{1,16}[.][0-9]{2}'"
        return f"case when regexp_full_match({text}, {money}) then cast({text} as decimal(18,2)) end"
    if field.type == "money":
        # Multiplied, since DuckDB divides decimals as floating point numbers.
        fen = f"cast(cast({text} as decimal(18,0)) * cast(0.01 as decimal(3,2)) as decimal(18,2))"
        return f"case when regexp_full_match({text}, '-?[0-9]{{1,18}}') then {fen} end"
    day = "'01'" if field.type == "month" else f"substr({text}, 7, 2)"
    digits = 6 if field.type == "month" else 8
    date = f"try_cast(substr({text}, 1, 4) || '-' || substr({text}, 5, 2) || '-' || {day} as date)"
    return f"case when regexp_full_match({text}, '(18|19|20)[0-9]{{{digits - 2}}}') then {date} end"


def _rules(layout: Layout) -> list[Rule]:
    rules = [Rule(code, None, f"problem = {literal(code)}") for code in ("field_count", "control_character")]
    rules.append(Rule("replacement_character", None, "problem = 'replacement_character'"))
    for field in layout.fields:
        text, typed = f'typed."{field.name}"', f'"typed {field.name}"'
        rules.append(
            Rule("cell_not_text", field, f"problem = 'cell_not_text' and problem_field = {literal(field.name)}")
        )
        if field.required:
            rules.append(Rule("required_missing", field, f"{text} is null"))
        if field.type in ("money", "month", "day", "integer"):
            rules.append(Rule(f"not_{field.type}", field, f"{text} is not null and {typed} is null"))
        if field.codes:
            admitted = ", ".join(map(literal, codes_of(field.codes)))
            rules.append(Rule("unknown_code", field, f"{text} not in ({admitted})"))
        if field.max_length:
            rules.append(Rule("too_long", field, f"length({text}) > {field.max_length}"))
    return rules


def _warnings(layout: Layout) -> tuple[list[str], str]:
    """Return the columns to be computed first, and the expression of a row's warning codes."""
    prepared, conditions = [], {"full_width_cleaned": ["full_width_cleaned"], "lookup_applied": ["lookup_applied"]}
    for field in layout.fields:
        if field.checksum:
            check = CHECKS[field.checksum]
            named = partial('"{1} {0}"'.format, field.name)
            texts = check.prepare(f'text."{field.name}"')
            prepared += [f"{expression} as {named(name)}" for name, expression in texts.items()]
            for code, condition in check.conditions(f'typed."{field.name}"', named).items():
                conditions.setdefault(code, []).append(condition)
    cases = (f"case when {' or '.join(each)} then {literal(code)} end" for code, each in conditions.items())
    return prepared, f"nullif(concat_ws(',', {', '.join(cases)}), '')"


def _replaced(table: pa.Table, chosen: pa.BooleanArray, rows: pa.Table) -> pa.Table:
    """Return the table with the values of other rows, in the columns that these have, in its chosen rows."""
    for name in rows.column_names:
        values = pc.replace_with_mask(table[name], chosen, rows[name].combine_chunks())
        table = table.set_column(table.column_names.index(name), table.field(name), values)
    return table


class Judge:
    """The rules of one layout, ready to run on any number of raw tables."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, feed: Feed, layout: Layout):
        self._connection, self._feed, self._layout = connection, feed, layout
        self.rules = _rules(layout)
        self._plain = PlainRows(feed, layout, codes_of)
        self._relations: dict[str, duckdb.DuckDBPyRelation] = {}
        names = [field.name for field in layout.fields]
        types = (ARROW_TYPES[field.type] for field in layout.fields)
        self._schema = pa.schema(
            [*zip(names, types, strict=True), ("warning_codes", pa.string()), ("rejection", pa.int32())]
        )

    def _sql(self) -> str:
        fields = self._layout.fields
        cleaned, text = _mending(self._feed, self._layout)
        prepared, warnings = _warnings(self._layout)
        computed = ", ".join([*(f'{_typed(it)} as "typed {it.name}"' for it in fields), *prepared])
        broken = " ".join(f"when {rule.condition} then {number}" for number, rule in enumerate(self.rules))
        landed = ", ".join(f'"typed {it.name}" as "{it.name}"' for it in fields)
        return (
            f"with cleaned as ({cleaned}), text as ({text}), typed as (select text.*, {computed} from text) "
            f"select {landed}, {warnings} as warning_codes, case {broken} end as rejection from typed"
        )

    def judge(self, raw: pa.Table) -> pa.Table:
        """Return, row by row, source_line, the typed fields, warning_codes, key_hash and `rejection`.

        `rejection` is the number of the first rule broken, null for an accepted row. Rows that are plainly right are
        told from the others first, since judging them one by one by SQL takes longer than all else.
        """
        typed, doubtful, doubted = self._plain.type(raw)
        if pc.all(doubtful).as_py():
            judged = self._judge_each(raw)
        else:
            none = {name: pa.nulls(len(raw), self._schema.field(name).type) for name in ("warning_codes", "rejection")}
            judged = pa.table({**typed, **none}, schema=self._schema)
            if pc.any(doubtful).as_py():
                rows = self._judge_each(raw.filter(doubtful))
                judged = _replaced(judged, doubtful, rows.select([*doubted, *none]))
        return judged.append_column("source_line", raw["source_line"]).append_column("key_hash", self._hashes(judged))

    def _judge_each(self, raw: pa.Table) -> pa.Table:
        return self._run("raw", raw, self._sql).cast(self._schema)

    def _hashes(self, judged: pa.Table) -> pa.ChunkedArray:
        """Return a hash of each row's key."""
        key = [*self._feed.key]
        query = f"""select hash({", ".join(f'"{name}"' for name in key)}) as key_hash from keys"""
        return self._run("keys", judged.select(key), lambda: query)["key_hash"]

    def _run(self, name: str, table: pa.Table, sql: Callable[[], str]) -> pa.Table:
        # Batches of a size that several threads can share.
        self._connection.register(name, pa.Table.from_batches(table.to_batches(MORSEL), table.schema))
        if name not in self._relations:
            self._relations[name] = self._connection.sql(sql())
        return self._relations[name].to_arrow_table()

    def explain(self, raw: pa.Table, rejection: pa.Array) -> pa.Table:
        """Return rule_code, field_name and message of rejected raw rows, in their order."""
        indexes, parts = pa.array(range(len(raw))), []
        for number in pc.unique(rejection).to_pylist():
            chosen = indexes.filter(pc.equal(rejection, number))
            rule = self.rules[number]
            parts.append(
                pa.table(
                    {
                        "index": chosen,
                        "rule_code": pa.repeat(rule.code, len(chosen)),
                        "field_name": pa.repeat(pa.scalar(rule.field and rule.field.name, pa.string()), len(chosen)),
                        "message": self._messages(rule, raw.take(chosen)),
                    }
                )
            )
        return pa.concat_tables(parts).sort_by("index").drop_columns("index")

    def _messages(self, rule: Rule, raw: pa.Table) -> pa.Array:
        expected = {
            "field_count": str(len(self._layout.fields)),
            "too_long": str(rule.field and rule.field.max_length),
            "unknown_code": str(rule.field and rule.field.codes and rule.field.codes.file),
        }.get(rule.code, "")
        example = "1234.50（元，两位小数）" if rule.field and rule.field.unit == "yuan" else "123450（分，整数）"
        text = ROW_RULES[rule.code].replace("{expected}", expected).replace("{example}", example)
        before, _, after = text.partition("{value}")
        before = f"：字段 {field_title(rule.field)}{before}" if rule.field else f"：{before}"
        lines = raw["source_line"].cast(pa.string())
        if not after:
            return pc.binary_join_element_wise("第 ", lines, f" 行{before}", "")
        is_number = rule.field.checksum is not None
        values = mask_values(raw[rule.field.name], is_number=is_number)
        return pc.binary_join_element_wise("第 ", lines, f" 行{before}", values, after, "")
