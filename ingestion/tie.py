"""The four-way tie: what plan, tax, treasury, fiscal account and bank do not show alike, read from the warehouse."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ingestion.warehouse import connect

STEPS = """
select steps.step_code, steps.chain_code, steps.step_name, steps.left_name, steps.right_name,
    coalesce(sum(summary.left_yuan), 0) as left_yuan, coalesce(sum(summary.right_yuan), 0) as right_yuan,
    coalesce(sum(summary.matched_count), 0) as matched_count, coalesce(sum(summary.matched_yuan), 0) as matched_yuan,
    coalesce(sum(summary.unmatched_count), 0) as unmatched_count, coalesce(sum(summary.owed_yuan), 0) as owed_yuan
from tie_steps as steps
left join fct_tie_summary as summary
    on steps.step_code = summary.step_code and (cast(? as date) is null or summary.tie_month = cast(? as date))
group by steps.step_code, steps.chain_code, steps.step_name, steps.left_name, steps.right_name, steps.sort_order
order by steps.sort_order
"""
ITEMS = """
select items.*, left_batches.file_name as left_file_name, right_batches.file_name as right_file_name
from fct_tie_item as items
inner join tie_steps as steps on items.step_code = steps.step_code
left join landing.batches as left_batches on items.left_batch_id = left_batches.batch_id
left join landing.batches as right_batches on items.right_batch_id = right_batches.batch_id
where items.outcome_code <> 'owed' and (cast(? as date) is null or items.tie_month = cast(? as date))
order by steps.sort_order, items.tie_month, items.item_key
"""
# Upper ends in days of the ages that arrears are shown by.
AGES = (30, 90, 180, 365)
OWED = """
select insurance_code, age_day_count, count(*) as item_count, sum(left_yuan - right_yuan) as owed_yuan
from fct_tie_item
where outcome_code = 'owed' and (cast(? as date) is null or tie_month = cast(? as date))
group by insurance_code, age_day_count
order by insurance_code, age_day_count
"""
UNIDENTIFIED = """
select receipts.*, batches.file_name
from fct_unidentified_receipt as receipts
left join landing.batches as batches on receipts.batch_id = batches.batch_id
order by receipts.entry_on, receipts.own_account_number, receipts.statement_entry_number
"""


class NotTied(Exception):
    """Sides of the exchange differ; the message counts and names the items. Commands end with exit code 2."""

    exit_code = 2


@dataclass(frozen=True)
class Item:
    """One item that two sides do not show alike; amounts in yuan, `places` file and line of each side."""

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


@dataclass(frozen=True)
class Tie:
    """Totals by step, the items that differ, arrears by scheme and age, and receipts of nobody."""

    steps: list[dict]
    items: list[Item]
    owed: list[tuple[str, str, int, Decimal]]
    unidentified: list[dict]


def tie(month: date | None = None) -> Tie:
    """Return the tie of a month, or of all months, from the published warehouse; raise `WarehouseMissing`."""
    with connect("published") as warehouse:
        steps = warehouse.rows(STEPS, [month, month])
        rows = warehouse.rows(ITEMS, [month, month])
        owed = warehouse.rows(OWED, [month, month])
        unidentified = warehouse.rows(UNIDENTIFIED)
    by_code = {step["step_code"]: step for step in steps}
    if month:
        unidentified = [row for row in unidentified if row["entry_on"].replace(day=1) == month]
    return Tie(steps, [_item(row, by_code[row["step_code"]]) for row in rows], _by_age(owed), unidentified)


def require_tied() -> str:
    """Return a line for the operator when nothing differs in any month; raise `NotTied` otherwise."""
    found = tie()
    if found.items:
        lines = [describe(item) for item in found.items[:20]]
        more = f"\n……共 {len(found.items)} 项，全部见 python -m ingestion tie" if len(found.items) > len(lines) else ""
        raise NotTied(f"四方勾对有 {len(found.items)} 项差异：\n" + "\n".join(lines) + more)
    matched = sum(step["matched_count"] for step in found.steps)
    return f"四方勾对：{len(found.steps)} 个步骤，相符 {matched:,} 项，差异 0 项"


def describe(item: Item) -> str:
    """Return one line about an item: step, what is wrong, key, amounts, age, and where it stands."""
    return (
        f"{item.step_name}　{item.outcome}　{item.tie_month:%Y-%m}　险种 {item.insurance_code}　{item.item_key}　"
        f"左 {item.left_yuan:,.2f}　右 {item.right_yuan:,.2f}　差 {item.difference_yuan:+,.2f} 元　"
        f"账龄 {item.age_day_count} 天　{'；'.join(item.places)}"
    )


def _item(row: dict, step: dict) -> Item:
    left, right = step["left_name"], step["right_name"]
    outcomes = {"differs": "差异", "left_only": f"{left}有{right}无", "right_only": f"{right}有{left}无"}
    places = tuple(
        f"{name} {row[f'{side}_file_name']} 第 {row[f'{side}_source_line']} 行"
        for side, name in (("left", left), ("right", right))
        if row[f"{side}_batch_id"]
    )
    names = ("outcome_code", "tie_month", "insurance_code", "unit_number", "item_key")
    names += ("left_yuan", "right_yuan", "difference_yuan", "age_day_count")
    return Item(
        step_code=step["step_code"],
        step_name=step["step_name"],
        outcome=outcomes[row["outcome_code"]],
        places=places,
        **{name: row[name] for name in names},
    )


def _by_age(owed: list[dict]) -> list[tuple[str, str, int, Decimal]]:
    """Return scheme, age, items and yuan of arrears."""
    sums: dict[tuple[str, int], list] = {}
    for row in owed:
        bucket = next((place for place, end in enumerate(AGES) if row["age_day_count"] <= end), len(AGES))
        total = sums.setdefault((row["insurance_code"], bucket), [0, Decimal(0)])
        total[0] += row["item_count"]
        total[1] += row["owed_yuan"]
    names = [f"{end} 天以内" for end in AGES] + [f"超过 {AGES[-1]} 天"]
    return [(code, names[bucket], *total) for (code, bucket), total in sorted(sums.items())]
