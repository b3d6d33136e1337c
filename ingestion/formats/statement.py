"""The elements of a bank statement message as they stream by: what each may hold, and the proof of each statement.

Whatever the message holds is a field of the layout, part of the proof, or ignored by name; all else is refused, since
an element that nobody reads (a reversal mark, a second transaction) may turn the meaning of those that are read.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from ingestion.feed_spec import Field, Layout
from ingestion.formats import iso20022 as iso
from ingestion.formats.exchange import Named
from ingestion.messages import Refused

GROUP_HEADER = "Document/BkToCstmrStmt/GrpHdr"
STATEMENT = "Document/BkToCstmrStmt/Stmt"
BALANCE = f"{STATEMENT}/Bal"
DEEPEST = 16  # elements within each other; the parser itself would take any number
ONE_A_LINE = "不是每行恰好一笔 <Ntry>"
# What a bank may tell of an entry without our reading it.
IGNORED = ("BkTxCd/Prtry/Cd", "BkTxCd/Prtry/Issr", "BkTxCd/Domn/Cd", "BkTxCd/Domn/Fmly/Cd")
IGNORED += ("BkTxCd/Domn/Fmly/SubFmlyCd", "ValDt/Dt", "AcctSvcrRef")
SUMMARIES = {"TtlNtries": None, "TtlCdtNtries": iso.CREDIT, "TtlDbtNtries": iso.DEBIT}
_ACCOUNT = iso.ACCOUNT.removeprefix("../")
_SUMMED = {f"TxsSummry/{tag}/{part}" for tag in SUMMARIES for part in ("NbOfNtries", "Sum")}
_NAMES = {iso.CREDIT: "贷方", iso.DEBIT: "借方"}
_AMOUNT = re.compile(r"[0-9]{1,16}\.[0-9]{2}", re.ASCII)
_COUNT = re.compile("[0-9]{1,9}", re.ASCII)
_DATES = {"day": re.compile("([0-9]{4})-([0-9]{2})-([0-9]{2})", re.ASCII), "month": re.compile("([0-9]{4})-([0-9]{2})")}
_CONTROL = re.compile("[\x00-\x1f\x7f]")


def structure(line: int | None, detail: str) -> Refused:
    """Return the refusal of a message whose elements are not those of the feed."""
    return Refused("xml_structure", line=line, detail=detail)


def yuan(fen: int) -> str:
    """Return fen as yuan for a message."""
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


@dataclass
class Sums:
    """Number and amount in fen of entries."""

    count: int = 0
    fen: int = 0

    def __str__(self) -> str:
        return f"{self.count} 笔 {yuan(self.fen)} 元"


def _directions() -> dict[str, Sums]:
    return {iso.CREDIT: Sums(), iso.DEBIT: Sums()}


@dataclass
class Statement:
    """One account's statement: what stands before its entries, and what was found in them."""

    line: int
    values: dict[str, str] = field(default_factory=dict)
    balances: dict[str, int] = field(default_factory=dict)
    declared: dict[str, Sums] = field(default_factory=dict)
    found: dict[str, Sums] = field(default_factory=_directions)
    unread: list[int] = field(default_factory=list)

    @property
    def account(self) -> str:
        return self.values[_ACCOUNT]

    def require_balance(self) -> None:
        """Raise `Refused` unless the summary adds up, and opening + credits - debits = closing."""
        total, credits, debits = (self._sums(tag) for tag in SUMMARIES)
        self.declared = {iso.CREDIT: credits, iso.DEBIT: debits}
        both = Sums(credits.count + debits.count, credits.fen + debits.fen)
        if total != both:
            detail = f"总计写明 {total}，借贷方合计 {both}"
            raise Refused("statement_differs", line=self.line, account=self.account, detail=detail)
        if set(self.balances) != {iso.OPENING, iso.CLOSING}:
            raise structure(self.line, "<Stmt> 应有期初（OPBD）和期末（CLBD）余额各一")
        opening, closing = self.balances[iso.OPENING], self.balances[iso.CLOSING]
        expected = opening + credits.fen - debits.fen
        if closing != expected:
            amounts = {"opening": opening, "credits": credits.fen, "debits": debits.fen, "expected": expected}
            shown = {name: yuan(fen) for name, fen in amounts.items()}
            raise Refused(
                "statement_out_of_balance", line=self.line, account=self.account, found=yuan(closing), **shown
            )

    def _sums(self, tag: str) -> Sums:
        count, amount = (self.values.get(f"TxsSummry/{tag}/{part}", "") for part in ("NbOfNtries", "Sum"))
        if not _COUNT.fullmatch(count) or not _AMOUNT.fullmatch(amount):
            raise Refused("trailer_malformed", line=self.line, detail=f"{tag} 写明“{count}”笔“{amount}”元")
        return Sums(int(count), fen_of(amount))

    def require_entries(self, line: int) -> None:
        """Raise `Refused` unless the entries are those of the summary."""
        parts = [
            f"{_NAMES[direction]}写明 {declared}，实际 {self.found[direction]}"
            for direction, declared in self.declared.items()
            if declared != self.found[direction]
        ]
        if self.unread:
            parts.append(f"{len(self.unread)} 笔的金额无法读取，首见于第 {self.unread[0]} 行")
        if parts:
            raise Refused("statement_differs", line=line, account=self.account, detail="；".join(parts))


def fen_of(text: str) -> int:
    """Return an amount with two decimals in fen."""
    return int(text.replace(".", ""))


class Message:
    """The target of an XML parser: it is told of elements and texts, and keeps no more than the present entry.

    `line` is set by whoever feeds the parser. `header` holds the group header once it was read, `entries` the rows
    since they were last taken: line, problem, and the fields' texts in the order of the layout.
    """

    def __init__(self, layout: Layout, named: Named):
        self._layout, self._named = layout, named
        self.line = 1
        self.header: dict[str, str] | None = None
        self.entries: list[tuple] = []
        self.declared = Sums()
        self._statement: Statement | None = None
        self._accounts: set[str] = set()
        self._values: dict[str, dict[str, str]] = {}  # of the sections that are open, by path
        self._plan = _plan(layout)
        self._paths: list[str] = []
        self._texts: list[list[str]] = []  # in parts, as they come
        self._is_parent: list[bool] = []
        self._admitted = {
            GROUP_HEADER: {"MsgId", "CreDtTm", "AddtlInf"},
            STATEMENT: {"Id", "CreDtTm", _ACCOUNT, *_SUMMED},
            BALANCE: {"Tp/CdOrPrtry/Cd", "Amt", "CdtDbtInd", "Dt/Dt"},
        }
        self._ends: dict[str, Callable[[dict[str, str]], None]] = {
            GROUP_HEADER: self._end_header,
            STATEMENT: self._end_statement,
            BALANCE: self._end_balance,
        }

    def start(self, tag: str, attributes) -> None:
        """Take the beginning of an element."""
        namespace, _, name = tag[1:].rpartition("}")
        if namespace != iso.NAMESPACE:
            if not self._paths:
                shown = namespace or tag
                raise Refused("header_disagrees", line=self.line, field="报文版本", found=shown, expected=iso.NAMESPACE)
            raise structure(self.line, f"<{name or tag}> 不在报文的命名空间里")
        if dict(attributes) != ({"Ccy": iso.CURRENCY} if name == "Amt" else {}):
            raise structure(self.line, f"<{name}> 的属性不合规定；金额应写 Ccy=“{iso.CURRENCY}”，其余元素没有属性")
        path = name
        if len(self._paths) == DEEPEST:
            raise structure(self.line, "嵌套过深")
        if self._paths:
            self._require_blank()
            self._is_parent[-1] = True
            path = f"{self._paths[-1]}/{name}"
        self._paths.append(path)
        self._is_parent.append(False)
        self._texts.append([])
        if path in self._admitted:
            self._begin(path)

    def data(self, text: str) -> None:
        """Take text."""
        self._texts[-1].append(text)

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        is_parent = self._is_parent.pop()
        if is_parent:
            self._require_blank()
        path, text = self._paths.pop(), "".join(self._texts.pop())
        if path in self._values:
            self._ends[path](self._values.pop(path))
        elif not is_parent:
            self._take(path, text)

    def comment(self, text: str) -> None:
        """Refuse a comment, which would part a text in two."""
        raise structure(self.line, "含有注释")

    def pi(self, target: str, data: str | None = None) -> None:
        """Refuse a processing instruction."""
        raise structure(self.line, "含有处理指令")

    def doctype(self, *_) -> None:
        """Refuse a document type, which can define entities."""
        raise Refused("xml_doctype", line=self.line)

    def close(self) -> None:
        """Do nothing: the parser calls it at the end."""

    def _require_blank(self) -> None:
        if any(map(str.strip, self._texts[-1])):
            raise structure(self.line, f"<{self._paths[-1].rpartition('/')[2]}> 里夹有文字")
        self._texts[-1].clear()

    def _begin(self, path: str) -> None:
        if path == GROUP_HEADER and self.header is not None:
            raise Refused("header_repeated", line=self.line)
        if path != GROUP_HEADER and self.header is None:
            raise Refused("header_missing", line=self.line)
        if path == STATEMENT:
            self._statement = Statement(self.line)
        self._values[path] = {}

    def _take(self, path: str, text: str) -> None:
        """Take the text of an element without children."""
        section = next((name for name in reversed(self._values) if path.startswith(f"{name}/")), "Document")
        name = path[len(section) + 1 :]
        if name not in self._admitted.get(section, ()):
            raise structure(self.line, f"<{section.rpartition('/')[2]}> 里的 {name or path} 不是接口的字段")
        if section == STATEMENT and self._statement.declared:
            raise structure(self.line, f"{name} 应在流水之前")
        if name in self._values[section]:
            raise structure(self.line, f"<{section.rpartition('/')[2]}> 里的 {name} 出现两次")
        self._values[section][name] = text

    def _end_header(self, values: dict[str, str]) -> None:
        if missing := self._admitted[GROUP_HEADER] - set(values):
            raise Refused("header_malformed", line=self.line, detail=f"<GrpHdr> 缺少 {'、'.join(sorted(missing))}")
        self.header = values

    def _end_balance(self, values: dict[str, str]) -> None:
        code, amount = values.get("Tp/CdOrPrtry/Cd", ""), values.get("Amt", "")
        direction, day = values.get("CdtDbtInd", ""), values.get("Dt/Dt", "")
        if self._statement.declared or code in self._statement.balances:
            raise structure(self.line, f"余额 {code} 出现两次，或不在流水之前")
        if not (_AMOUNT.fullmatch(amount) and direction in _NAMES and _DATES["day"].fullmatch(day)):
            raise structure(self.line, f"余额 {code} 的金额“{amount}”、借贷标志“{direction}”或日期“{day}”不合规定")
        self._statement.balances[code] = fen_of(amount) * (1 if direction == iso.CREDIT else -1)

    def _open_statement(self) -> None:
        """Check what stands before the entries of a statement, once; raise `Refused`."""
        statement = self._statement
        if statement.declared:
            return
        statement.values = values = self._values[STATEMENT]
        number = len(self._accounts) + 1
        expected = {"Id": iso.statement_id(self._named.period, self._named.sequence, number)}
        expected["CreDtTm"] = self.header["CreDtTm"]
        for name, text in expected.items():
            if values.get(name) != text:
                found = values.get(name, "")
                raise Refused(
                    "header_disagrees", line=statement.line, field=f"<Stmt> {name}", found=found, expected=text
                )
        account = values.get(_ACCOUNT, "")
        if not account.strip() or account in self._accounts:
            raise structure(statement.line, f"第 {number} 个 <Stmt> 没有账号，或账号 {account} 已有一个 <Stmt>")
        self._accounts.add(account)
        statement.require_balance()

    def _end_statement(self, values: dict[str, str]) -> None:
        self._values[STATEMENT] = values
        self._open_statement()
        del self._values[STATEMENT]
        self._statement.require_entries(self.line)
        for sums in self._statement.declared.values():
            self.declared.count += sums.count
            self.declared.fen += sums.fen

    def take_entries(self, entries: etree._Element, first_line: int) -> None:
        """Take entries that stand one a line, as the children of an element; raise `Refused`."""
        self.line = first_line
        if not self._paths or self._paths[-1] != STATEMENT:
            raise structure(first_line, "<Ntry> 不在 <Stmt> 里")
        self._open_statement()
        if entries.xpath("count(//@*)") != len(entries):
            raise structure(first_line, "自此行起，<Ntry> 里有金额币种以外的属性")
        for line, entry in enumerate(entries, first_line):
            self.line = line
            if entry.tag != f"{{{iso.NAMESPACE}}}Ntry" or entry.tail != "\n":
                raise structure(line, ONE_A_LINE)
            values: dict[str, str] = {}
            self._collect(entry, self._plan, values)
            self._add(values)

    def _collect(self, element: etree._Element, plan: dict, values: dict[str, str]) -> None:
        """Put the texts of the elements within an element into `values` by their paths; raise `Refused`."""
        if (element.text or "").strip():
            raise structure(self.line, "<Ntry> 里夹有文字")
        for child in element:
            path = plan.get(child.tag)
            if path is None:
                name = child.tag.rpartition("}")[2] if isinstance(child.tag, str) else "注释"
                raise structure(self.line, f"<Ntry> 里的 {name} 不是接口的字段")
            if (child.tail or "").strip():
                raise structure(self.line, "<Ntry> 里夹有文字")
            if isinstance(path, dict):
                self._collect(child, path, values)
            elif len(child) or path in values:
                raise structure(self.line, f"<Ntry> 里的 {path} 出现两次，或里面还有元素")
            elif path == iso.AMOUNT and child.get("Ccy") != iso.CURRENCY:
                raise structure(self.line, f"金额的币种不是 {iso.CURRENCY}")
            else:
                values[path] = child.text or ""

    def _add(self, values: dict[str, str]) -> None:
        """Count an entry and keep its row."""
        amount, direction = values.get(iso.AMOUNT, ""), values.get(iso.DIRECTION, "")
        if direction not in _NAMES or values.get(iso.STATUS) != iso.BOOKED or amount.startswith("-"):
            raise structure(self.line, f"<Ntry> 的借贷标志应为 CRDT 或 DBIT，状态应为 {iso.BOOKED}，金额不得为负")
        sums = self._statement.found[direction]
        sums.count += 1
        if _AMOUNT.fullmatch(amount):
            sums.fen += fen_of(amount)
        else:
            self._statement.unread.append(self.line)
        values[iso.ACCOUNT] = self._statement.account
        texts = [self._text(item, values.get(item.path, "")) for item in self._layout.fields]
        self.entries.append((self.line, _problem(texts), *texts))

    def _text(self, item: Field, text: str) -> str:
        """Return the text of a field as other kinds of files write it: without trailing blanks, days as YYYYMMDD."""
        if item.type not in _DATES or not text:
            return text.rstrip(" ")
        if match := _DATES[item.type].fullmatch(text):
            return "".join(match.groups())
        raise structure(self.line, f"{item.path} 的“{text}”不是 ISO 日期（YYYY-MM-DD）")


def _plan(layout: Layout) -> dict:
    """Return where an entry's elements lead to: by qualified names, to their paths."""
    paths = {item.path for item in layout.fields} - {iso.ACCOUNT}
    plan: dict = {}
    for path in sorted({*paths, *IGNORED, iso.STATUS, iso.AMOUNT, iso.DIRECTION}):
        *parents, last = (f"{{{iso.NAMESPACE}}}{name}" for name in path.split("/"))
        node = plan
        for parent in parents:
            node = node.setdefault(parent, {})
        node[last] = path
    return plan


def _problem(texts: list[str]) -> str | None:
    """Return the code of what is wrong with the characters of a row, if anything."""
    whole = "".join(texts)
    if _CONTROL.search(whole):
        return "control_character"
    return "replacement_character" if "\ufffd" in whole else None
