"""Print an account year step by step, in Chinese."""

from datetime import date
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table

from ingestion.warehouse import connect
from reports.formats import ASSUMED, percent, yuan
from reports.trace.records import AccountYear, Row, account_years, find_person

BOOKING_RULE = "劳办发〔1997〕116号：足额到账才记账，先补最早欠费；记账月起计息"
STATUSES = {"official": "正式文件", "secondary": "二手资料", "assumed": f"{ASSUMED}待核定"}


def trace(person_number: str, year: int, console: Console) -> None:
    """Print every account that a person has in a year; raise `NothingToTrace` when there is none."""
    with connect() as warehouse:
        person = find_person(warehouse, person_number)
        found = account_years(warehouse, person["person_number"], year)
    identity = person["identity_number"]
    masked = f"{identity[:6]}********{identity[-4:]}"
    console.print(f"{person['person_name']}　个人编号 {person['person_number']}　社会保障号码 {masked}")
    if person["person_number"] != person_number:
        console.print(f"编号 {person_number} 已并入 {person['person_number']}（同一社会保障号码），以下按后者列示")
    for it in found:
        _print_account(it, console)


def _print_account(it: AccountYear, console: Console) -> None:
    account = it.account
    console.print(f"\n[bold]{account['insurance_name']}个人账户　{account['account_year']} 年[/bold]")
    carried = [row for row in it.openings if row["opening_kind_code"] == "1"]
    console.print(f"① 上年末储存额 {yuan(account['opening_balance_yuan'])}")
    for row in carried:
        console.print(f"   建账结转 {yuan(row['opening_balance_yuan'])}　来源 {_place(row)}")
    if not carried:
        console.print("   上年年末储存额结转" if account["opening_balance_yuan"] else "   本年新建账户")
    product = _print_bookings(it, console) + _print_payments(it, console)
    _print_interest(it, product, console)


def _print_bookings(it: AccountYear, console: Console) -> Decimal:
    """Print what was booked, and return its month product."""
    console.print(f"② 本年记账本金 {yuan(it.account['principal_credited_yuan'])}　规则：{BOOKING_RULE}")
    table = Table(
        "记账年月", "费款所属期", "缴费基数", "应缴（单位＋个人）", "记入账户", "计息月数", "月积数", "规则", "来源"
    )
    product = Decimal("0.00")
    for row in it.bookings:
        months = _interest_months(it, row["booked_on"])
        product += row["account_credit_yuan"] * months
        receipts = [
            receipt
            for receipt in it.receipts
            if row["liability_month"] == receipt["liability_month"] or row["booked_on"] == receipt["received_on"]
        ]
        table.add_row(
            f"{row['booked_on']:%Y-%m}",
            f"{row['liability_month']:%Y-%m}",
            yuan(row["contribution_base_yuan"]),
            f"{yuan(row['unit_due_yuan'])}＋{yuan(row['person_due_yuan'])}",
            yuan(row["account_credit_yuan"]),
            str(months),
            yuan(row["account_credit_yuan"] * months),
            f"基数×{percent(row['to_account_rate'])}，{_document(row['document'], row['status'])}",
            "\n".join([f"参保 {_place(row)}", *(_receipt(receipt) for receipt in receipts)]),
        )
    for row in it.openings:
        if row["opening_kind_code"] == "2":
            months, amount = _interest_months(it, row["opened_month"]), row["opening_balance_yuan"]
            product += amount * months
            table.add_row(
                f"{row['opened_month']:%Y-%m}", "转入", "", "", yuan(amount), str(months), yuan(amount * months),
                "国办发〔2009〕66号：账户储存额随同转移", _place(row),
            )  # fmt: skip
    console.print(table if table.row_count else "   本年没有记账")
    return product


def _print_payments(it: AccountYear, console: Console) -> Decimal:
    """Print what was paid out, and return its month product, negative."""
    console.print(f"③ 本年支出额 {yuan(it.account['account_outflow_yuan'])}")
    table = Table("支付日期", "项目", "支付金额", "其中由账户支出", "计息月数", "月积数", "规则", "来源")
    product = Decimal("0.00")
    for row in it.payments:
        months = 0 if row["closes_account"] else _interest_months(it, row["paid_on"])
        product -= row["from_account_yuan"] * months
        table.add_row(
            f"{row['paid_on']}", row["benefit_item_name"], yuan(row["payment_yuan"]), yuan(row["from_account_yuan"]),
            str(months or ""), yuan(0 - row["from_account_yuan"] * months),
            "终结账户" if row["closes_account"] else "支付当月起减息（劳办发〔1997〕116号附件3）", _place(row),
        )  # fmt: skip
    console.print(table if table.row_count else "   本年没有支出")
    return product


def _print_interest(it: AccountYear, product: Decimal, console: Console) -> None:
    account, rate = it.account, it.account["bookkeeping_rate"]
    months = account["closed_month"].month if account["closed_month"] else 12
    basis = _document(it.rate["settled_document"], account["rate_status"])
    kept = "；结息时本年利率尚未公布，暂按此率" if account["is_rate_provisional"] else ""
    console.print(f"④ 记账利率 {percent(rate)}　依据 {basis}{kept}　计息方法：{account['method_name']}")
    if product != account["month_product_yuan"]:
        raise AssertionError(f"月积数逐笔合计 {product} 与年度 {account['month_product_yuan']} 不符")
    if not account["is_interest_credited"]:
        console.print("   年度未结束，尚未计息")
    else:
        console.print(
            f"⑤ 上年结余利息 {yuan(account['opening_balance_yuan'])} × {percent(rate)} × {months}/12"
            f" = {yuan(account['interest_on_opening_yuan'])}"
        )
        how = (
            f"月积数 {yuan(product)} × {percent(rate)} ÷ 12" if it.rate["equal_booking_share"] is None else "年度计算法"
        )
        console.print(f"⑥ 当年利息 {how} = {yuan(account['interest_on_current_yuan'])}　（各项分别四舍五入到分）")
    console.print(
        f"⑦ 年末储存额 {yuan(account['opening_balance_yuan'])} + {yuan(account['principal_credited_yuan'])}"
        f" + {yuan(account['interest_credited_yuan'])} - {yuan(account['account_outflow_yuan'])}"
        f" = [bold]{yuan(account['closing_balance_yuan'])}[/bold]"
    )


def _interest_months(it: AccountYear, booked: date) -> int:
    """Return the months a movement counts: from its month to the last of the year, or that of the closing."""
    closed = it.account["closed_month"]
    return max((closed.month if closed else 12) - booked.month + 1, 0)


def _receipt(row: Row) -> str:
    return f"到账 {row['received_on']}（{row['liability_month']:%Y-%m}）{_place(row)}"


def _document(document: str | None, status: str) -> str:
    return f"{document or '文件号待补'}（{STATUSES[status]}）"


def _place(row: dict[str, Any]) -> str:
    return f"{row['file_name']} 第 {row['source_line']} 行"
