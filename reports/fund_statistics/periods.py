"""Which periods the published warehouse holds, and which to publish."""

from reports import ReportRefused
from reports.formats import PERIOD
from reports.fund_statistics.declaration import load_report

PERIODS = "select distinct period_code, period_kind, period_end_month from rpt_fund_statistics__fund"


def periods(warehouse) -> list[dict]:
    """Return code, kind and last month of every period in the warehouse, earliest first, quarters before years."""
    return warehouse.rows(f"{PERIODS} order by period_end_month, period_kind, period_code")


def find_period(warehouse, code: str) -> dict:
    """Return one period; raise `ReportRefused` naming those there are when the warehouse does not hold it."""
    if not PERIOD.fullmatch(code):
        kinds = load_report().period_kinds.values()
        how_to_write = "，".join(f"{kind['label']}写作 {kind['example']}" for kind in kinds)
        raise ReportRefused(f"统计期“{code}”写法不对：{how_to_write}。")
    held = periods(warehouse)
    found = next((period for period in held if period["period_code"] == code), None)
    if found is None:
        codes = "、".join(period["period_code"] for period in held) or "（一个也没有）"
        raise ReportRefused(
            f"数仓中没有统计期 {code}：该期尚未结束，或数据尚未入库。\n现有统计期：{codes}\n"
            "请改用现有的统计期，或在收齐该期的交换文件并重建数仓之后再发布。"
        )
    return found


def choose_periods(code: str | None) -> list[str]:
    """Return the period asked for, or else the latest quarter and the latest year of the published warehouse."""
    from ingestion.warehouse import connect

    with connect("published") as warehouse:
        if code:
            return [find_period(warehouse, code)["period_code"]]
        latest = {period["period_kind"]: period["period_code"] for period in periods(warehouse)}
    return [latest[kind] for kind in ("quarter", "year") if kind in latest]
