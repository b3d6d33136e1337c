"""Every reason for which a file is refused, a row rejected or a row warned about, in the operator's words."""

from dataclasses import dataclass
from pathlib import Path

from ingestion.feed_spec import Feed, Field, Publisher
from ingestion.masking import printable


@dataclass(frozen=True)
class Reason:
    """Why a whole file is refused: what was found (a template), why that matters, and what to do next."""

    what: str
    why: str
    next: str


_RESEND = "请{publisher}（{contact}）核对后重新导出整个文件，用同一文件名重新发送"
_RETRANSMIT = "请重新传输该文件（二进制方式）；若再次出现，请{publisher}（{contact}）重新导出"
_PARTIAL = "数据不完整，落地会漏记人员或资金"
_UNTRUSTED = "内容不可信，入库会产生错账"

REASONS = {
    "not_found": Reason("路径不存在", "没有可接收的文件", "请检查路径后重试"),
    "unreadable": Reason("无法读取：{detail}", "读不到内容就无法核对", "请检查文件是否为普通文件以及读取权限"),
    "changed_while_reading": Reason("读取过程中文件发生变化", "对方可能仍在写入", "请等传输完成后重新接收"),
    "landed_broken": Reason(
        "此前已落地，但批次目录 {place} 不完整",
        "该批次无法使用，也不能被覆盖",
        "请从备份恢复该目录，或删除目录后重新接收本文件",
    ),
    "unknown_name": Reason(
        "文件名不符合任何接口的命名规则",
        "无法判断来源、接口和所属期",
        "请核对文件名；新增接口需先在 ingestion/feeds 下定义",
    ),
    "ours_to_send": Reason(
        "该接口的文件由我方送出，对方不应报送",
        "入库会冒充我方已送出的文件，并取代它",
        "请向对方核实来历；如确是我方此前送出的文件，由操作员用 python -m ingestion receive 接收",
    ),
    "empty_file": Reason("文件为空（0 字节）", _PARTIAL, _RETRANSMIT),
    "wrong_encoding": Reason(
        "编码不是接口规定的 {encoding}：{detail}",
        "姓名、单位名称会变成乱码",
        "请{publisher}（{contact}）按 {encoding} 编码重新导出",
    ),
    "nul_bytes": Reason("含有 NUL（0x00）字节", _UNTRUSTED, _RESEND),
    "carriage_return": Reason("行尾{detail}", "字节数与尾记录对不上", "请改用二进制方式传输，不要用文本方式"),
    "header_missing": Reason("第一行不是文件头", "无法确认文件的接口、所属期和生成日期", _RESEND),
    "header_malformed": Reason("文件头格式不对：{detail}", "无法确认文件的接口、所属期和生成日期", _RESEND),
    "header_disagrees": Reason(
        "文件头的{field}为“{found}”，按文件名应为“{expected}”", "可能错发或错改了名称，会记入错误的所属期", _RESEND
    ),
    "header_repeated": Reason("文件头在正文中再次出现，文件内容被重复或拼接", "同一笔数据会被记两次", _RESEND),
    "no_layout": Reason(
        "生成日期 {created} 没有生效的格式，最早的格式自 {earliest} 起",
        "不知道按哪一版格式解读",
        "请核对文件头的生成日期；确需接收请在接口定义的 layouts 中补上该版格式",
    ),
    "truncated": Reason("文件被截断：{detail}", _PARTIAL, _RETRANSMIT),
    "line_too_long": Reason("一行超过 {limit} 字节", _UNTRUSTED, _RESEND),
    "trailer_missing": Reason("没有尾记录", "无法核对笔数和金额，可能漏收", _RESEND),
    "trailer_not_last": Reason("尾记录之后还有内容", "尾记录的合计不含其后的数据", _RESEND),
    "trailer_repeated": Reason("尾记录在正文中再次出现", "文件可能由多个文件拼接而成", _RESEND),
    "trailer_malformed": Reason("尾记录格式不对：{detail}", "无法核对笔数和金额", _RESEND),
    "row_count_differs": Reason(
        "尾记录写明 {expected} 行，实际 {found} 行，相差 {difference} 行", "数据有多有少，入库即错账", _RESEND
    ),
    "control_totals_differ": Reason("控制合计对不上：{detail}", "金额有改动、遗漏或无法读取，入库即错账", _RESEND),
    "surplus_bytes": Reason(
        "正文比尾记录写明的多 {surplus} 字节（写明 {expected}，实际 {found}）", "文件在生成后被改动过", _RESEND
    ),
    "below_minimum_volume": Reason(
        "所属期各文件合计只有 {found} 行，少于接口规定的最少 {expected} 行",
        "极可能漏发数据",
        "请{publisher}（{contact}）确认；确属正常请调整接口定义的 volume",
    ),
    "record_length": Reason(
        "记录长度不对：应为每行 {expected} 字节，此行 {found} 字节", "定长文件错位后所有字段都会读错", _RESEND
    ),
    "record_type": Reason("记录类型不是 D", "定长文件错位后所有字段都会读错", _RESEND),
    "xml_encoding_declared": Reason(
        "XML 声明的编码为“{found}”，应为 {encoding}",
        "姓名、单位名称会变成乱码",
        "请{publisher}（{contact}）按 {encoding} 编码重新导出",
    ),
    "xml_doctype": Reason("XML 中含有 DOCTYPE 或实体定义", "可被用来读取本机文件或耗尽内存", _RESEND),
    "xml_not_well_formed": Reason("不是格式良好的 XML：{detail}", "解析结果不可信", _RESEND),
    "xml_structure": Reason("XML 结构与接口不符：{detail}", "字段会张冠李戴", _RESEND),
    "json_not_well_formed": Reason("不是合法的 JSON：{detail}", "解析结果不可信", _RESEND),
    "json_structure": Reason("JSON 结构与接口不符：{detail}", "字段会张冠李戴，金额会失真", _RESEND),
    "statement_differs": Reason(
        "账户 {account} 的流水与对账单汇总不符：{detail}", "流水有改动、遗漏或无法读取，入库即错账", _RESEND
    ),
    "statement_out_of_balance": Reason(
        "账户 {account} 的对账单不平：期初 {opening} 元加贷方 {credits} 元减借方 {debits} 元，应为期末 {expected} 元，"
        "写明 {found} 元",
        "流水有遗漏或余额有误，入库即错账",
        _RESEND,
    ),
    "spreadsheet_not_zip": Reason("不是 XLSX 工作簿", "无法读取", "请另存为 .xlsx 格式后重新发送"),
    "spreadsheet_damaged": Reason("XLSX 工作簿已损坏：{detail}", _PARTIAL, _RETRANSMIT),
    "spreadsheet_too_large": Reason("XLSX 解压后超过上限（{detail}）", "可能是压缩炸弹，会耗尽内存", _RESEND),
    "spreadsheet_labels": Reason(
        "第 2 行第 {column} 列的列名为“{found}”，应为“{expected}”", "列错位后所有字段都会读错", _RESEND
    ),
    "spreadsheet_cell_type": Reason(
        "单元格 {cell} 是{kind}，不是文本",
        "数值单元格是浮点数，金额会失真；公式结果无法核对",
        "请{publisher}（{contact}）把整张表设为文本格式后重新导出",
    ),
}

# Why one row is rejected, as said of a field's value. `{value}` is masked by whoever fills it in.
ROW_RULES = {
    "field_count": "字段个数不对，应为 {expected} 个",
    "control_character": "含有控制字符",
    "replacement_character": "含有替换字符 U+FFFD，原字已丢失",
    "cell_not_text": "单元格不是文本（数值、日期或公式）",
    "required_missing": "必填而为空",
    "not_money": "的值“{value}”不是金额，应如 {example}",
    "not_month": "的值“{value}”不是年月，应为 YYYYMM",
    "not_day": "的值“{value}”不是日期，应为 YYYYMMDD",
    "not_integer": "的值“{value}”不是整数",
    "too_long": "的值“{value}”超过 {expected} 个字符",
    "unknown_code": "的值“{value}”不在代码表 {expected} 中",
    "duplicate_key": "与第 {first_line} 行的主键（{key}）重复",
}

# The same rules in a word, for lists.
RULE_TITLES = {
    "field_count": "字段个数不对",
    "control_character": "含控制字符",
    "replacement_character": "原字已丢失",
    "cell_not_text": "单元格不是文本",
    "required_missing": "必填为空",
    "not_money": "不是金额",
    "not_month": "不是年月",
    "not_day": "不是日期",
    "not_integer": "不是整数",
    "too_long": "超长",
    "unknown_code": "代码未知",
    "duplicate_key": "主键重复",
}

WARNINGS = {
    "identity_format": "社会保障号码不是 18 位公民身份号码",
    "identity_birth_date": "社会保障号码中的出生日期不存在",
    "identity_checksum": "社会保障号码校验位不符（GB 11643）",
    "social_credit_format": "统一社会信用代码格式不符",
    "social_credit_checksum": "统一社会信用代码校验位不符（GB 32100）",
    "bank_account_format": "银行账号不是 12 至 32 位数字",
    "bank_account_checksum": "银行账号校验位不符（Luhn；旧存折可能如此）",
    "full_width_cleaned": "全角字符已按接口定义改为半角",
    "lookup_applied": "已知的错误写法已按接口定义替换",
    "volume_above_maximum": "所属期各文件合计行数超过接口规定的上限",
}


class Refused(Exception):
    """A whole file is refused: nothing of it lands. `code` is a key of REASONS; `details` fill its template."""

    exit_code = 2

    def __init__(self, code: str, *, line: int | None = None, field: str | None = None, **details):
        super().__init__(code)
        self.code, self.line, self.field, self.details = code, line, field, details

    def explain(self, file_name: str, feed: Feed | None) -> str:
        """Return the message for the operator: where, what, why it matters, what to do next."""
        place = [f"接口 {feed.source}/{feed.name}（{feed.title}）"] if feed else []
        place.append(f"文件 {printable(file_name)}")
        if self.line is not None:
            place.append(f"第 {self.line} 行")
        if self.field is not None:
            place.append(f"字段 {printable(self.field)}")
        match = feed and feed.arrives.pattern.fullmatch(file_name)
        reason, values = REASONS[self.code], self._values(feed, match and match.groupdict().get("profile"))
        return f"{'，'.join(place)}：{reason.what.format(**values)}。{reason.why}。{reason.next.format(**values)}。"

    def what(self, feed: Feed | None, profile: str | None = None) -> str:
        """Return only what was found."""
        return REASONS[self.code].what.format(**self._values(feed, profile))

    def _values(self, feed: Feed | None, profile: str | None) -> dict:
        sender = feed.sender(profile) if feed else Publisher("发送方", "联系人")
        layouts = (feed.layouts_of(profile) or feed.layouts) if feed else ()
        encoding = (layouts and layouts[-1].format.encoding) or "gb18030"
        sender = {
            "publisher": sender.name,
            "contact": sender.contact,
            "encoding": encoding.upper(),
            "field": self.field,
        }
        shown = {key: printable(value, 400) for key, value in self.details.items() if isinstance(value, str)}
        return {**sender, **self.details, **shown}


def field_title(field: Field) -> str:
    """Return how a message names a field: its Chinese name and national code."""
    return f"{field.label}（{field.source_field}）"


class InputRefused(Exception):
    """Files of an inbox were refused, after all of them were tried; the message names them and why."""

    exit_code = 2

    def __init__(self, messages: list[tuple[Path, str]]):
        super().__init__(f"拒收 {len(messages)} 个文件：\n" + "\n".join(message for _, message in messages))
