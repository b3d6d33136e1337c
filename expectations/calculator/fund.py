"""A fund's accounts by month: the two-line cash flow (收支两条线), cash basis (收付实现制, 财会〔2017〕28号).

Contributions come to the treasury and are swept to the fiscal special account, which also takes subsidies, interest and
transfers in; it allots to the expense account, which pays (社会保险法 art. 68, 社会保险经办条例 art. 40).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

ZERO = Decimal("0.00")
INCOME = ("unit_contribution", "person_contribution", "subsidy", "interest", "transfer_in")
EXPENDITURE = ("benefit", "transfer_out")
# Kind of flow -> the account that it leaves, the account that it comes to; None is the world outside the fund.
WAYS = {
    "unit_contribution": (None, "treasury"),
    "person_contribution": (None, "treasury"),
    "sweep": ("treasury", "fiscal_special"),
    "subsidy": (None, "fiscal_special"),
    "interest": (None, "fiscal_special"),
    "transfer_in": (None, "fiscal_special"),
    "allotment": ("fiscal_special", "expense"),
    "benefit": ("expense", None),
    "transfer_out": ("expense", None),
}
ACCOUNTS = ("treasury", "fiscal_special", "expense")


@dataclass(frozen=True)
class Flow:
    """Money that moved on a day, in yuan: a kind of `WAYS`, or `opening` for what the fiscal account held before."""

    day: date
    kind: str
    amount: Decimal


@dataclass
class Account:
    """What an account of the fund held, took in, paid out and holds in a month, in yuan."""

    opening: Decimal
    received: Decimal = ZERO
    paid: Decimal = ZERO

    @property
    def closing(self) -> Decimal:
        return self.opening + self.received - self.paid


@dataclass
class FundMonth:
    """A month (its first day) of one fund: its accounts, what it took in and spent by kind, what it is worth."""

    month: date
    accounts: dict[str, Account]
    by_kind: dict[str, Decimal] = field(default_factory=dict)
    opens_with_last_closing: bool = True
    net_assets: Decimal = ZERO

    @property
    def income(self) -> Decimal:
        return sum((self.by_kind.get(kind, ZERO) for kind in INCOME), ZERO)

    @property
    def expenditure(self) -> Decimal:
        return sum((self.by_kind.get(kind, ZERO) for kind in EXPENDITURE), ZERO)

    @property
    def assets(self) -> Decimal:
        return sum((account.closing for account in self.accounts.values()), ZERO)

    @property
    def moved(self) -> bool:
        return any(account.received or account.paid for account in self.accounts.values())


def fund_months(flows: Sequence[Flow]) -> list[FundMonth]:
    """Return the months from the first flow to the last in which an account moved, quiet ones between them included."""
    months: list[FundMonth] = []
    held = dict.fromkeys(ACCOUNTS, ZERO)
    worth = ZERO
    month = min((flow.day.replace(day=1) for flow in flows), default=None)
    while month and month <= max(flow.day for flow in flows):
        of_month = [flow for flow in flows if flow.day.replace(day=1) == month]
        opened = sum((flow.amount for flow in of_month if flow.kind == "opening"), ZERO)
        is_first = not months
        openings = {**held, "fiscal_special": held["fiscal_special"] + opened}
        this = FundMonth(month, {kind: Account(amount) for kind, amount in openings.items()})
        this.opens_with_last_closing = is_first or not opened
        for flow in of_month:
            if flow.kind != "opening":
                _move(this, flow)
        worth += opened + this.income - this.expenditure
        this.net_assets = worth
        held = {kind: account.closing for kind, account in this.accounts.items()}
        months.append(this)
        month = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    while len(months) > 1 and not months[-1].moved:
        months.pop()
    return months


def _move(month: FundMonth, flow: Flow) -> None:
    """Let a flow leave one account and come to another."""
    source, goal = WAYS[flow.kind]
    if source:
        month.accounts[source].paid += flow.amount
    if goal:
        month.accounts[goal].received += flow.amount
    month.by_kind[flow.kind] = month.by_kind.get(flow.kind, ZERO) + flow.amount


def ledger_closing(balance_side: str, opening: Decimal, debit: Decimal, credit: Decimal) -> Decimal:
    """Return what a ledger account closes with; it grows on its own side, `debit` or `credit` (GB/T 40217 EAD011)."""
    change = debit - credit
    return opening + (change if balance_side == "debit" else -change)
