"""The four-way tie: what plan, tax, treasury, fiscal account and bank do not show alike, read from the warehouse."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby

from ingestion.masking import mask, printable
from ingestion.warehouse import connect

TOTALS = """
with
summed as (
    select step_code, insurance_code, sum(left_yuan) as left_yuan, sum(right_yuan) as right_yuan,
        sum(matched_count) as matched_count, sum(matched_yuan) as matched_yuan, sum(owed_yuan) as owed_yuan
    from fct_tie_summary
    where cast(? as date) is null or tie_month = cast(? as date)
    group by step_code, insurance_code
),
counted as (
    select step_code, insurance_code,
        sum(case when outcome_code = 'differs' then 1 else 0 end) as differs_count,
        sum(case when outcome_code = 'left_only' then 1 else 0 end) as left_only_count,
        sum(case when outcome_code = 'right_only' then 1 else 0 end) as right_only_count,
        sum(case when outcome_code = 'awaiting' then 1 else 0 end) as awaiting_count
    from fct_tie_item
    where cast(? as date) is null or tie_month = cast(? as date)
    group by step_code, insurance_code
)
select steps.step_code, steps.chain_code, steps.step_name, steps.left_name, steps.right_name, summed.insurance_code,
    summed.left_yuan, summed.right_yuan, summed.matched_count, summed.matched_yuan, summed.owed_yuan,
    coalesce(counted.differs_count, 0) as differs_count, coalesce(counted.left_only_count, 0) as left_only_count,
    coalesce(counted.right_only_count, 0) as right_only_count, coalesce(counted.awaiting_count, 0) as awaiting_count
from tie_steps as steps
left join summed on steps.step_code = summed.step_code
left join counted on summed.step_code = counted.step_code and summed.insurance_code = counted.insurance_code
order by steps.sort_order, summed.insurance_code
"""
NUMBERS = ("left_yuan", "right_yuan", "matched_count", "matched_yuan", "owed_yuan")
NUMBERS += ("differs_count", "left_only_count", "right_only_count", "awaiting_count")
ITEMS = """
select items.*, left_batches.file_name as left_file_name, right_batches.file_name as right_file_name
from fct_tie_item as items
inner join tie_steps as steps on items.step_code = steps.step_code
left join landing.batches as left_batches on items.left_batch_id = left_batches.batch_id
left join landing.batches as right_batches on items.right_batch_id = right_batches.batch_id
where items.outcome_code in ('differs', 'left_only', 'right_only')
    and (cast(? as date) is null or items.tie_month = cast(? as date))
order by steps.sort_order, items.tie_month, items.item_key
"""
# Arrears and what is under way are no differences: both are counted by age, not listed item by item.
WAITING = """
select items.step_code, items.outcome_code, items.insurance_code, items.age_day_count, count(*) as item_count,
    sum(case when items.outcome_code = 'owed' then items.left_yuan - items.right_yuan
        when items.left_yuan > items.right_yuan then items.left_yuan else items.right_yuan end) as waiting_yuan
from fct_tie_item as items
inner join tie_steps as steps on items.step_code = steps.step_code
where items.outcome_code in ('owed', 'awaiting')
    and (cast(? as date) is null or items.tie_month = cast(? as date))
group by items.step_code, items.outcome_code, items.insurance_code, items.age_day_count, steps.sort_order
order by steps.sort_order, items.insurance_code, items.age_day_count
"""
UNIDENTIFIED = """
select receipts.*, batches.file_name
from fct_unidentified_receipt as receipts
left join landing.batches as batches on receipts.batch_id = batches.batch_id
order by receipts.entry_on, receipts.own_account_number, receipts.statement_entry_number
"""
# Upper ends in days of the ages that are shown.
AGES = (30, 90, 180, 365)
AGE_NAMES = (*(f"{end} 天以内" for end in AGES), f"超过 {AGES[-1]} 天")
# Keys of bank entries that nothing claims begin with the fund's account number.
BANK_STEPS = ("fiscal_banked", "sent_paid", "returned_refunded", "allotment_received")
_NAMED = 20  # items that a failed task names; the command names all


class NotTied(Exception):
    """Sides of the exchange differ; the message counts and names the items. Commands end with exit code 2."""

    exit_code = 2


@dataclass(frozen=True)
class Step:
    """Two sides compared: their names, and totals and counts by scheme."""

    step_code: str
    chain_code: str
    step_name: str
    left_name: str
    right_name: str
    schemes: tuple[dict, ...]

    def total(self, name: str) -> Decimal | int:
        """Return one of `NUMBERS` over all schemes."""
        return sum((scheme[name] for scheme in self.schemes), Decimal(0) if name.endswith("_yuan") else 0)

    def outcome(self, outcome_code: str) -> str:
        """Return what an outcome is called between these two sides."""
        left, right = self.left_name, self.right_name
        words = {"differs": "差异", "left_only": f"{left}有{right}无", "right_only": f"{right}有{left}无"}
        return words[outcome_code]


@dataclass(frozen=True)
class Item:
    """One item that two sides do not show alike; `places` names file and line of each side that has it."""

    step_code: str
    step_name: str
    outcome: str
    outcome_code: str
    tie_month: date
    insurance_code: str
    unit_number: str
    item_key: str
    left_yuan: Decimal
    right_yuan: Decimal
    difference_yuan: Decimal
    age_day_count: int
    places: tuple[str, ...]

    @property
    def shown_key(self) -> str:
        """The key as it may be shown: without the middle of an account number."""
        head, dash, rest = self.item_key.partition("-")
        key = f"{mask(head)}{dash}{rest}" if self.step_code in BANK_STEPS and dash else self.item_key
        return "".join(character if character.isprintable() else "�" for character in key)


@dataclass(frozen=True)
class Waiting:
    """Items of a step and scheme that are no differences, by age: arrears, or what is under way."""

    step_name: str
    insurance_code: str
    age: str
    item_count: int
    waiting_yuan: Decimal


@dataclass(frozen=True)
class Tie:
    """Totals by step, the items that differ, arrears, what is under way, and receipts of nobody."""

    steps: list[Step]
    items: list[Item]
    owed: list[Waiting]
    awaiting: list[Waiting]
    unidentified: list[dict]


def tie(month: date | None = None) -> Tie:
    """Return the tie of a month, or of all months, from the published warehouse; raise `WarehouseMissing`."""
    with connect("published") as warehouse:
        totals = warehouse.rows(TOTALS, [month] * 4)
        rows = warehouse.rows(ITEMS, [month] * 2)
        waiting = warehouse.rows(WAITING, [month] * 2)
        unidentified = warehouse.rows(UNIDENTIFIED)
    steps = _steps(totals)
    by_code = {step.step_code: step for step in steps}
    if month:
        unidentified = [row for row in unidentified if row["entry_on"].replace(day=1) == month]
    return Tie(
        steps=steps,
        items=[_item(row, by_code[row["step_code"]]) for row in rows],
        owed=_by_age((row for row in waiting if row["outcome_code"] == "owed"), by_code),
        awaiting=_by_age((row for row in waiting if row["outcome_code"] == "awaiting"), by_code),
        unidentified=[_presentable(row) for row in unidentified],
    )


def require_tied() -> str:
    """Return a line for the operator when nothing differs in any month; raise `NotTied` otherwise."""
    found = tie()
    if found.items:
        lines = [describe(item) for item in found.items[:_NAMED]]
        more = f"\n……共 {len(found.items)} 项，全部见 python -m ingestion tie" if len(found.items) > len(lines) else ""
        raise NotTied(f"四方勾对有 {len(found.items)} 项差异：\n" + "\n".join(lines) + more)
    matched = sum(step.total("matched_count") for step in found.steps)
    return f"四方勾对：{len(found.steps)} 个步骤，相符 {matched:,} 项，差异 0 项"


def describe(item: Item) -> str:
    """Return one line about an item: step, what is wrong, key, amounts, age, and where it stands."""
    unit = f"单位 {item.unit_number}　" if item.unit_number else ""
    return (
        f"{item.step_name}　{item.outcome}　{item.tie_month:%Y-%m}　险种 {item.insurance_code}　{unit}"
        f"{item.shown_key}　左 {item.left_yuan:,.2f}　右 {item.right_yuan:,.2f}　差 {item.difference_yuan:+,.2f} 元　"
        f"账龄 {item.age_day_count} 天　{'；'.join(item.places)}"
    )


def _steps(totals: list[dict]) -> list[Step]:
    names = ("step_code", "chain_code", "step_name", "left_name", "right_name")
    grouped = groupby(totals, key=lambda row: tuple(row[name] for name in names))
    return [
        Step(*step, tuple({**row, **_numbers(row)} for row in rows if row["insurance_code"] is not None))
        for step, rows in grouped
    ]


def _numbers(row: dict) -> dict:
    """Return counts as whole numbers: the engines sum integers to types of their own."""
    return {name: row[name] if name.endswith("_yuan") else int(row[name]) for name in NUMBERS}


def _item(row: dict, step: Step) -> Item:
    places = tuple(
        f"{name} {row[f'{side}_file_name']} 第 {row[f'{side}_source_line']} 行"
        for side, name in (("left", step.left_name), ("right", step.right_name))
        if row[f"{side}_batch_id"]
    )
    names = ("outcome_code", "tie_month", "insurance_code", "item_key")
    names += ("left_yuan", "right_yuan", "difference_yuan", "age_day_count")
    return Item(
        step_code=step.step_code,
        step_name=step.step_name,
        outcome=step.outcome(row["outcome_code"]),
        unit_number=row["unit_number"] or "",
        places=places,
        **{name: row[name] for name in names},
    )


def _by_age(rows: Iterable[dict], by_code: dict[str, Step]) -> list[Waiting]:
    sums: dict[tuple[str, str, int], list] = {}
    for row in rows:
        age = next((place for place, end in enumerate(AGES) if row["age_day_count"] <= end), len(AGES))
        total = sums.setdefault((row["step_code"], row["insurance_code"], age), [0, Decimal(0)])
        total[0] += row["item_count"]
        total[1] += row["waiting_yuan"]
    return [
        Waiting(by_code[step_code].step_name, scheme, AGE_NAMES[age], *total)
        for (step_code, scheme, age), total in sums.items()
    ]


def _presentable(row: dict) -> dict:
    """Return a bank's credit with its texts fit to be shown; the warehouse keeps them as given."""
    texts = ("own_account_number", "counterparty_name", "entry_summary")
    return {**row, **{name: printable(row[name] or "") for name in texts}}
