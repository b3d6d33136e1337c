"""The audit proves a batch from its files alone, and names whatever was tampered with."""

import gzip
import json
import shutil
from decimal import Decimal

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from ingestion.audit import AuditFailed, audit, audit_feeds, require_clean
from tests.conftest import run
from tests.ingestion.exchange_files import ALL_KINDS, sample_of


def spoil(sample, row: int) -> str:
    """Put a value into a row for which it is rejected; return the field."""
    wrong = {"code": "999", "day": "20160230"}
    for kind in wrong:
        for field in sample.layout.fields:
            if field.type == kind and field.required and field.name != "direction_code":
                sample.rows[row][field.name] = wrong[kind]
                return field.name
    raise AssertionError(sample.feed.name)


def land(desk, kind: str, *, reject: bool = True):
    """Land a file with a wrong value and a key that comes again; return its folder."""
    sample = sample_of(kind, rows=8)
    if reject:
        spoil(sample, 1)
        for name in sample.feed.key:
            sample.rows[6][name] = sample.rows[2][name]
    outcome = desk.receive(sample.file_name, sample.bytes())
    assert outcome.rows["rejected"] == (2 if reject else 0), outcome.message
    (folder,) = [path for path in desk.landed() if path.name == outcome.batch_id]
    return folder


def rewrite(file, change) -> None:
    table = change(pq.read_table(file))
    pq.write_table(table, file)


def put(column: str, index: int, value):
    """Return a change of one value of a table."""

    def change(table: pa.Table) -> pa.Table:
        values = table[column].to_pylist()
        values[index] = value(values[index])
        position = table.schema.get_field_index(column)
        return table.set_column(position, table.schema.field(column), pa.array(values, table.schema.field(column).type))

    return change


def edit(file, **changes) -> None:
    """Put values into batch.json, by dotted keys."""
    facts = json.loads(file.read_text(encoding="utf-8"))
    for path, value in changes.items():
        *parents, last = path.split("__")
        place = facts
        for parent in parents:
            place = place[parent]
        place[last] = value
    file.write_text(json.dumps(facts), encoding="utf-8")


def found(desk) -> str:
    return "\n".join(difference.message for difference in audit())


@pytest.mark.parametrize("reject", [True, False])
def test_what_landed_whole_is_clean(desk, reject):
    for kind in ALL_KINDS:
        land(desk, kind, reject=reject)
    seen = []
    assert audit(seen.append) == [] and len(seen) == len(ALL_KINDS)
    assert f"{len(ALL_KINDS)} 个批次" in require_clean()
    for each in audit_feeds():
        rows = (each.accepted.rows, each.rejected.rows)
        assert rows == ((6 * each.batches, 2 * each.batches) if reject else (8 * each.batches, 0))
        folders = [path for path in seen if path.parts[-2] == each.feed]
        facts = [json.loads((folder / "batch.json").read_text(encoding="utf-8")) for folder in folders]
        for name, amount in each.accepted.totals.items():
            for key, measured in (("accepted", amount), ("rejected", each.rejected.totals[name])):
                assert measured == sum(Decimal(it["control_totals"][name][key]) for it in facts)
    assert not list((desk.home / "receiving").glob("*-*"))


@pytest.mark.parametrize("kind", ["delimited", "spreadsheet", "json_lines", "camt053"])
@pytest.mark.parametrize(
    ("file", "change", "words"),
    [
        ("rows", lambda table: table.slice(1), "不等于文件尾记录"),
        ("rows", lambda table: pa.concat_tables([table, table.slice(0, 1)]), "1 个行号重复"),
        ("rows", put("source_line", 0, lambda line: line + 900), "不是原始文件的全部行"),
        ("rows", put("batch_id", 0, lambda _: "x"), "1 行的批次号不是本批次"),
        ("rejected", lambda table: table.slice(1), "不等于文件尾记录"),
        ("rejected", lambda table: table.slice(0, 0), "不等于文件尾记录"),
        ("rejected", put("original", 0, lambda text: text[:-1] + b"?"), "1 行的行号、位置或原文"),
        ("rejected", put("source_line", 0, lambda line: line + 1), "行号重复"),
        ("rejected", put("source_line", 1, lambda line: line + 900), "行的行号、位置或原文"),
    ],
)
def test_a_table_that_was_tampered_with_is_named(desk, kind, file, change, words):
    folder = land(desk, kind)
    rewrite(folder / f"{file}.parquet", change)
    message = found(desk)
    assert words in message and folder.name in message and "/".join(folder.parts[-3:-1]) in message


@pytest.mark.parametrize("kind", ALL_KINDS)
@pytest.mark.parametrize("by", [1, -1])
def test_lines_that_were_shifted_are_named_also_where_nothing_was_rejected(desk, kind, by):
    folder = land(desk, kind, reject=False)

    def shift(table: pa.Table) -> pa.Table:
        lines = pc.add(table["source_line"], by)
        return table.set_column(table.schema.get_field_index("source_line"), table.schema.field("source_line"), lines)

    rewrite(folder / "rows.parquet", shift)
    assert "不是原始文件的全部行" in found(desk)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_fen_that_moved_is_named(desk, kind):
    if not (names := sample_of(kind).feed.control_totals):
        pytest.skip("a file without money")
    folder, name = land(desk, kind), names[0]
    cent = pc.cast(pa.scalar("0.01"), pa.decimal128(18, 2)).as_py()
    rewrite(folder / "rows.parquet", put(name, 0, lambda amount: amount + cent))
    message = found(desk)
    assert "控制合计对不上" in message and "差 +0.01 元" in message and "batch.json 的 " in message


@pytest.mark.parametrize("kind", [kind for kind in ALL_KINDS if kind != "spreadsheet"])
def test_a_rejected_row_that_does_not_stand_where_it_says_is_named(desk, kind):
    folder = land(desk, kind)
    rewrite(folder / "rejected.parquet", put("byte_offset", 0, lambda offset: offset + 1))
    assert "1 行的原文不在所写的字节位置，首见于第" in found(desk)


def test_received_bytes_that_changed_are_named(desk):
    folder = land(desk, "delimited")
    (packed,) = folder.glob("received.*")
    whole = packed.read_bytes()
    content = gzip.decompress(whole)
    packed.write_bytes(gzip.compress(content.replace("张三".encode("gb18030"), "李四".encode("gb18030"))))
    message = found(desk)
    assert "SHA-256" in message and "批次号不是由原始字节得出的" in message
    packed.write_bytes(gzip.compress(content[:-1]))
    assert "尾记录缺 1 字节" in found(desk)
    packed.write_bytes(whole[:-10])
    assert "压缩数据已损坏" in found(desk)
    packed.write_bytes(whole[:60] + bytes([whole[60] ^ 255]) + whole[61:])
    assert "压缩数据已损坏" in found(desk)
    packed.write_bytes(whole)
    assert found(desk) == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rows__accepted": 7, "rows__received": 9}, "batch.json 的行数是 接收 9、入库 7、退回 2，实有 接收 8、入库 6"),
        ({"rows": {}}, "接收 （无）"),
        ({"control_totals__unit_paid_yuan__rejected": "0.01"}, "退回 0.01，实有"),
        ({"control_totals": {}}, "控制合计项目"),
        ({"sha256": "0" * 64}, "SHA-256"),
        ({"batch_id": "x"}, "所在目录不符"),
        ({"source": "banks"}, "所在目录不符"),
        ({"file_name": "SBF_20160106_001.txt"}, "文件名与所属期、序号不符"),
        ({"file_name": "../x", "period": "20160105"}, "文件名与所属期、序号不符"),
        ({"period": "20160106", "file_name": "SBF_20160106_001.txt"}, "不再通过核对：文件头的所属期"),
        ({"sequence": 2}, "文件名与所属期、序号不符"),
        ({"created_on": "2016-01-06"}, "created_on 是 2016-01-06，原始文件是 2016-01-05"),
        ({"layout_effective_from": "2014-01-01"}, "没有该批次所用的格式"),
        ({"byte_count": 1}, "byte_count 是 1"),
        ({"encoding": "gbk"}, "encoding 是 gbk"),
        ({"judged_by": "x"}, "批次号不是由原始字节得出的"),
        ({"unheard_of": 1}, "内容不完整或被改动"),
    ],
)
def test_a_record_that_says_otherwise_is_named(desk, changes, words):
    folder = land(desk, "delimited")
    edit(folder / "batch.json", **changes)
    assert words in found(desk)


def test_missing_broken_and_stray_files_are_named_and_the_other_batches_still_proved(desk):
    kinds = ("fixed_width", "xml", "spreadsheet", "delimited")
    folders = {kind: land(desk, kind) for kind in kinds}
    sample = sample_of("delimited")
    sample.sequence, sample.file_name = "002", "SBF_20160105_002.txt"
    desk.receive(sample.file_name, sample.bytes())
    (folders["fixed_width"] / "rows.parquet").write_bytes(b"PAR1")
    (folders["xml"] / "batch.json").unlink()
    (folders["spreadsheet"] / "rejected.parquet").unlink()
    (folders["spreadsheet"] / "note.txt").write_bytes(b"x")
    content = (folders["delimited"] / "rows.parquet").read_bytes()
    (folders["delimited"] / "rows.parquet").write_bytes(content[:-20])
    differences = audit()
    by_batch = {}
    for difference in differences:
        by_batch.setdefault(difference.batch_id, []).append(difference.message)
    assert set(by_batch) == {folder.name for folder in folders.values()}
    assert "rows.parquet 已损坏" in by_batch[folders["fixed_width"].name][0]
    assert "batch.json 无法读取" in by_batch[folders["xml"].name][0]
    assert "rows.parquet 已损坏" in by_batch[folders["delimited"].name][0]
    texts = "\n".join(by_batch[folders["spreadsheet"].name])
    assert "缺少文件 rejected.parquet" in texts and "多出文件 note.txt" in texts
    with pytest.raises(AuditFailed) as caught:
        require_clean()
    assert caught.value.exit_code == 2 and all(folder.name in str(caught.value) for folder in folders.values())


def test_a_batch_under_another_feed_or_a_feed_that_is_not_declared_is_named(desk):
    folder = land(desk, "delimited")
    stranger = folder.parents[1] / "unknown_feed" / folder.name
    shutil.copytree(folder, stranger)
    shutil.move(folder, folder.parents[1] / "levy_plan" / folder.name)
    messages = found(desk)
    assert "没有这个接口的定义" in messages and "所在目录不符" in messages


def test_a_missing_file_is_named_with_the_name_it_should_have(desk):
    for number in ("001", "003"):
        sample = sample_of("delimited", rows=int(number))
        sample.sequence, sample.file_name = number, f"SBF_20160105_{number}.txt"
        desk.receive(sample.file_name, sample.bytes())
    (difference,) = audit()
    assert difference.key == "tax_bureau/contribution_receipts/20160105/002"
    assert difference.file_name == "SBF_20160105_002.txt" and "SBF_20160105_002.txt" in difference.message


def test_the_command_prints_a_table_and_exits_by_what_it_found(tmp_path):
    files = tmp_path / "files"
    files.mkdir()
    sample = sample_of("delimited")
    sample.rows[0]["insurance_code"] = "999"
    (files / sample.file_name).write_bytes(sample.bytes())
    run("-m", "ingestion", "receive", str(files), home=tmp_path / "home")
    clean = run("-m", "ingestion", "audit", home=tmp_path / "home")
    assert "差异 0 处" in clean.stdout and "tax_bureau/contribution_receipts" in clean.stdout
    assert "单位实缴" in clean.stdout and "3,011.25" in clean.stdout
    (folder,) = (tmp_path / "home" / "landing").glob("*/*/*")
    edit(folder / "batch.json", rows__accepted=5)
    dirty = run("-m", "ingestion", "audit", home=tmp_path / "home", check=False)
    assert dirty.returncode == 2 and "差异 1 处" in dirty.stdout and "请从备份恢复" in dirty.stdout
