"""A feed's YAML is strict: what is unknown, missing or wrong is named with its place and what to write."""

from datetime import date

import pytest

from ingestion.feed_spec import FEEDS, FeedSpecError, NoLayout, all_feeds, feeds_of, load_feed, parse_feed

FILE = FEEDS / "tax_bureau" / "contribution_receipts.yml"
TEXT = FILE.read_text(encoding="utf-8")


def test_every_declared_feed_can_be_read():
    feeds = {(feed.source, feed.name) for feed in all_feeds()}
    assert ("tax_bureau", "contribution_receipts") in feeds
    assert feeds_of("core_system") == sorted(feed for source, feed in feeds if source == "core_system")


def test_a_feed_that_is_not_declared_is_named():
    with pytest.raises(FeedSpecError, match="没有接口 tax_bureau/nothing"):
        load_feed("tax_bureau", "nothing")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("title: 社", "titel: 社", "title 缺失；请写 title: "),
        ("volume:", "colour: red\nvolume:", "colour 不认识"),
        ("required: true, max_length: 16", "requird: true, max_length: 16", "fields[1].requird 不认识"),
        ("label: 单位编号, ", "", "layouts[0].fields[1].label 缺失；请写 label: 中文名"),
        ("max_length: 16", "max_length: '16'", "fields[1].max_length 的值 '16' 不合要求；请写 max_length: 最多字符数"),
        ("max_length: 16", "max_length: true", "fields[1].max_length 的值 True 不合要求"),
        ("max_length: 16", "max_length: 0", "fields[1].max_length 应大于 0"),
        ("max_length: 16", "max_length: 16, max_length: 17", "键 max_length 写了两次"),
        ("max_length: 16", "width: 16", "fields[1].width 不认识"),
        ("type: day", "type: date", "type 的值 'date' 不认识；可用的值：text、code、money"),
        ("unit: yuan", "unit: cent", "unit 的值 'cent' 不认识；可用的值：yuan、fen"),
        (", unit: yuan", "", "unit 缺失；请写 unit: yuan 或 fen"),
        ("name: unit_number", "name: batch_id", "name 的值 'batch_id' 不能用作列名"),
        ("name: unit_number", "name: 'a\"; drop table x; --'", "不能用作列名"),
        ("name: unit_number", "name: receipt_number", "name receipt_number 重复"),
        ("source_field: AAB001", "source_field: aab001", "source_field 的值 'aab001' 不合要求"),
        ("checksum: identity", "checksum: luhn", "checksum 的值 'luhn' 不认识"),
        ("file: codes/insurance_schemes", "file: ../secret", "codes.file 的值 '../secret' 不合要求"),
        ("field_code: AAA115", "field_code: 1", "codes.field_code 的值 1 应是文本；请加引号"),
        ("separator: '|'", "separator: '1'", "format.separator 的值 '1' 不能作分隔符"),
        (", separator: '|'", "", "format.separator 缺失"),
        ("encoding: gb18030", "encoding: big5", "format.encoding 的值 'big5' 不认识"),
        ("kind: delimited", "kind: csv", "format.kind 的值 'csv' 不认识"),
        ("effective_from: 2015-01-01", "effective_from: soon", "effective_from 的值 'soon' 不合要求"),
        ("(?P<sequence>", "(?P<number>", "arrives.pattern 缺少命名组"),
        ("(?P<sequence>", "(?P<sequence", "arrives.pattern 不是正则表达式"),
        ("key: [receipt_number]", "key: [number]", "key 里的 number"),
        ("key: [receipt_number]", "key: []", "key 为空"),
        (
            "control_totals: [contribution_base_yuan,",
            "control_totals: [person_name,",
            "control_totals 里的 person_name",
        ),
        ("min_rows: 1", "min_rows: 99999999", "0 <= min_rows <= max_rows"),
        ("title: 社", "- title: 社", "不是 YAML"),
        ("encoding: gb18030}", "encoding: gbk, bom: true}", "GBK 没有字节序标记"),
        ("type: month, required: true}", "type: month, cleaning: [half_width]}", "可用的值：full_width"),
        ("volume:", "direction: sideways\nvolume:", "可用的值：inbound、outbound"),
        ("volume:", "lookups: {nobody: [{match: '1', value: '2', reason: x}]}\nvolume:", "不是任何格式里的列名"),
        ("volume:", "profiles: {ICBC: {name: 银行, contact: 处}}\nvolume:", "profile"),
        ("reversed_key: reversed_receipt_number", "reversed_key: nothing", "在最新的格式里不存在"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_what_to_write(old, new, message):
    assert old in TEXT
    with pytest.raises(FeedSpecError) as caught:
        parse_feed(TEXT.replace(old, new, 1), FILE)
    assert str(caught.value).startswith("接口定义 tax_bureau/contribution_receipts.yml：")
    assert message in str(caught.value)


def test_the_layout_is_the_latest_one_not_after_the_day():
    start = TEXT.index("  - effective_from")
    end = TEXT.index("  - effective_from", start + 1)
    later = TEXT[start:end].replace("2015-01-01", "2016-07-01")
    feed = parse_feed(TEXT[:end] + later + TEXT[end:], FILE)
    assert feed.layout_on(date(2016, 6, 30)).effective_from == date(2015, 1, 1)
    assert feed.layout_on(date(2016, 7, 1)).effective_from == date(2016, 7, 1)
    with pytest.raises(NoLayout, match="2015-01-01"):
        feed.layout_on(date(2014, 12, 31))
    with pytest.raises(FeedSpecError, match="从早到晚"):
        parse_feed(TEXT[:end] + TEXT[start:end] + TEXT[end:], FILE)
