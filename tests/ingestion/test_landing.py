"""A right file lands whole: typed rows, totals that tie, the bytes as received; again, it changes nothing."""

import gzip
import hashlib
import json
from datetime import date
from decimal import Decimal

import pyarrow.parquet as pq
import pytest

from ingestion.batches import batches, superseded
from tests.ingestion.exchange_files import ALL_KINDS, NAMES, sample_of


def rows_of(outcome, desk) -> list[dict]:
    (folder,) = [path for path in desk.landed() if path.name == outcome.batch_id]
    return pq.read_table(folder / "rows.parquet").to_pylist()


def rejected_of(outcome, desk) -> list[dict]:
    (folder,) = [path for path in desk.landed() if path.name == outcome.batch_id]
    return pq.read_table(folder / "rejected.parquet").to_pylist()


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_right_file_lands_with_every_row_typed(desk, kind):
    sample = sample_of(kind)
    content = sample.bytes()
    outcome = desk.receive(sample.file_name, content)
    assert (outcome.status, outcome.message) == ("landed", None)
    assert outcome.rows == {"received": 5, "accepted": 5, "rejected": 0}
    (folder,) = desk.landed()
    assert folder.name == hashlib.sha256(content).hexdigest()[:20]
    assert folder.parts[-3:-1] == (sample.feed.source, sample.feed.name)
    received, names = f"received.{sample.file_name.split('.')[1]}.gz", {path.name for path in folder.iterdir()}
    assert names == {received, "rows.parquet", "rejected.parquet", "batch.json"}
    assert gzip.decompress((folder / received).read_bytes()) == content
    schema = pq.read_schema(folder / "rows.parquet")
    fields = [field.name for field in sample.layout.fields]
    assert schema.names == ["batch_id", "source_line", *fields, "warning_codes"]
    for field in sample.layout.fields:
        kinds = {"money": "decimal128(18, 2)", "month": "date32[day]", "day": "date32[day]", "integer": "int32"}
        assert str(schema.field(field.name).type) == kinds.get(field.type, "string")
    first = sample.first_line
    assert [row["source_line"] for row in rows_of(outcome, desk)] == list(range(first, first + 5))
    assert not desk.leftovers()


def test_values_keep_their_characters_money_its_fen_and_months_their_first_day(desk):
    rows = rows_of(desk.receive("SBF_20160105_001.txt", sample_of("delimited").bytes()), desk)
    assert [row["person_name"] for row in rows] == NAMES
    assert rows[3]["unit_paid_yuan"] == Decimal("603.25")
    assert rows[0]["liability_month"] == date(2015, 12, 1)
    assert rows[0]["received_on"] == date(2016, 1, 5)
    payments = rows_of(desk.receive("YHHP_201601_001.txt", sample_of("fixed_width").bytes()), desk)
    assert [row["account_holder_name"] for row in payments] == NAMES
    assert payments[1]["payment_yuan"] == Decimal("1234.57")
    assert payments[0]["return_reason_code"] is None
    entries = rows_of(desk.receive("CZZH_201601_001.xlsx", sample_of("spreadsheet").bytes()), desk)
    assert entries[4]["entry_yuan"] == Decimal("10004.50")


def test_negative_money_ties_in_every_unit(desk):
    for kind, field, amount in (
        ("delimited", "unit_paid_yuan", "-9000.25"),
        ("fixed_width", "payment_yuan", "-0000009000025"),
        ("fixed_width_yuan", "opening_balance_yuan", "-000000009000.25"),
        ("xml", "opening_balance_yuan", "-9000.25"),
        ("spreadsheet", "entry_yuan", "-99999.25"),
    ):
        sample = sample_of(kind)
        sample.rows[1][field] = amount
        outcome = desk.receive(sample.file_name, sample.bytes())
        assert outcome.status == "landed", outcome.message
        assert rows_of(outcome, desk)[1][field] < 0


def test_the_batch_says_what_it_holds(desk):
    sample = sample_of("delimited")
    desk.receive(sample.file_name, sample.bytes())
    text = (desk.landed()[0] / "batch.json").read_text(encoding="utf-8")
    facts = json.loads(text)
    assert list(facts) == sorted(facts)
    assert facts["period"] == "20160105" and facts["sequence"] == 1 and facts["created_on"] == "2016-01-05"
    assert facts["encoding"] == "gb18030" and facts["layout_effective_from"] == "2015-01-01"
    assert facts["byte_count"] == len(sample.bytes())
    assert facts["control_totals"]["unit_paid_yuan"] == {
        "received": "3011.25",
        "accepted": "3011.25",
        "rejected": "0.00",
    }
    (batch,) = batches()
    assert batch.business_key == ("tax_bureau", "contribution_receipts", "", "20160105", 1)
    assert batch.received_at.tzinfo is None


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_the_same_bytes_again_change_nothing(desk, kind):
    sample = sample_of(kind)
    content = sample.bytes()
    first = desk.receive(sample.file_name, content)
    before = {path: path.read_bytes() for path in desk.landed()[0].iterdir()}
    again = desk.receive(sample.file_name, content)
    assert (again.status, again.batch_id) == ("already_landed", first.batch_id)
    assert {path: path.read_bytes() for path in desk.landed()[0].iterdir()} == before


def test_other_bytes_with_the_same_key_supersede(desk):
    sample = sample_of("delimited")
    first = desk.receive(sample.file_name, sample.bytes())
    sample.rows.pop()
    second = desk.receive(sample.file_name, sample.bytes())
    assert second.status == "landed"
    assert [batch.batch_id for batch in batches()] == [first.batch_id, second.batch_id]
    assert superseded(batches()) == {first.batch_id}


def test_a_batch_that_another_process_landed_meanwhile_is_left_as_it_is(desk, monkeypatch):
    from ingestion.land import Aside

    sample, land = sample_of("delimited"), Aside.land

    def late(aside, folder):
        folder.mkdir(parents=True)
        (folder / "batch.json").write_bytes((aside.folder / "batch.json").read_bytes())
        return land(aside, folder)

    monkeypatch.setattr(Aside, "land", late)
    assert desk.receive(sample.file_name, sample.bytes()).status == "already_landed"
    assert [path.name for path in desk.landed()[0].iterdir()] == ["batch.json"]
    assert not desk.leftovers()


def test_rejected_rows_keep_rule_line_offset_and_bytes_and_their_money_still_counts(desk):
    sample = sample_of("delimited")
    sample.rows[1]["insurance_code"] = "999"
    sample.rows[3]["person_name"] = ""
    content = sample.bytes()
    outcome = desk.receive(sample.file_name, content)
    assert outcome.rows == {"received": 5, "accepted": 3, "rejected": 2}
    first, second = rejected_of(outcome, desk)
    assert (first["rule_code"], first["field_name"], first["source_line"]) == ("unknown_code", "insurance_code", 3)
    assert (second["rule_code"], second["field_name"]) == ("required_missing", "person_name")
    for row in (first, second):
        lines = content.split(b"\n")
        assert row["original"] == lines[row["source_line"] - 1]
        assert content[row["byte_offset"] :].startswith(row["original"])
    assert "险种类型（AAE140）" in first["message"] and "999" in first["message"]
    totals = batches()[0].control_totals["unit_paid_yuan"]
    assert Decimal(totals["accepted"]) + Decimal(totals["rejected"]) == Decimal(totals["received"])
    assert totals["rejected"] == "1204.50"


@pytest.mark.parametrize(
    ("kind", "field", "value", "rule"),
    [
        ("delimited", "liability_month", "201513", "not_month"),
        ("delimited", "received_on", "20160230", "not_day"),
        ("fixed_width_yuan", "principal_credited_yuan", "00000000003000.5", "not_money"),
        ("fixed_width_yuan", "principal_credited_yuan", "000000003,000.50", "not_money"),
        ("fixed_width_yuan", "principal_credited_yuan", "０００００.50", "not_money"),
        ("delimited", "person_name", "名" * 51, "too_long"),
        ("delimited", "person_name", "张\t三", "control_character"),
        ("delimited", "person_name", "张\ufffd", "replacement_character"),
        ("delimited", "received_on", "", "required_missing"),
        ("delimited", "insurance_code", "   ", "required_missing"),
        ("fixed_width", "return_reason_code", "ZZ99", "unknown_code"),
        ("fixed_width", "account_holder_name", "张\x1f三", "control_character"),
        ("fixed_width_yuan", "account_year", "20x5", "not_integer"),
        ("xml", "deemed_month_count", "1.5", "not_integer"),
        ("xml", "opening_kind_code", "<&>", "unknown_code"),
        ("xml", "person_number", "张\ufffd", "replacement_character"),
        ("spreadsheet", "entry_on", "2016-01-31", "not_day"),
        ("spreadsheet", "entry_summary", "补\x01贴", "control_character"),
        ("spreadsheet", "entry_summary", "补" * 101, "too_long"),
    ],
)
def test_one_wrong_value_rejects_its_row_alone(desk, kind, field, value, rule):
    sample = sample_of(kind)
    sample.rows[2][field] = value
    outcome = desk.receive(sample.file_name, sample.bytes())
    assert outcome.status == "landed", outcome.message
    assert outcome.rows == {"received": 5, "accepted": 4, "rejected": 1}
    (row,) = rejected_of(outcome, desk)
    assert row["rule_code"] == rule
    assert row["field_name"] == (None if rule.endswith("_character") else field)


@pytest.mark.parametrize("value", ["3000.5", "３０００.50", "3000"])
def test_an_amount_of_a_control_total_that_cannot_be_read_refuses_the_file(desk, value):
    sample = sample_of("delimited")
    content = sample.bytes()
    sample.rows[2]["contribution_base_yuan"] = value
    outcome = desk.receive(sample.file_name, sample.bytes())
    assert sample.bytes() != content
    assert outcome.reason == "control_totals_differ"
    assert "缴费基数" in outcome.message and "首见于第 4 行" in outcome.message


@pytest.mark.parametrize("unit_paid", ["0.00", "1.00"])
def test_a_row_with_a_field_too_many_is_rejected_and_the_file_refused_if_money_was_in_it(desk, unit_paid):
    sample = sample_of("delimited")
    sample.rows[2] |= {"contribution_base_yuan": "0.00", "unit_paid_yuan": unit_paid, "person_paid_yuan": "0.00"}
    sample.rows[2] |= {"one_more": ""}
    outcome = desk.receive(sample.file_name, sample.bytes())
    if unit_paid == "0.00":
        (row,) = rejected_of(outcome, desk)
        assert (row["rule_code"], row["source_line"]) == ("field_count", 4)
    else:
        assert outcome.reason == "control_totals_differ"
        assert "1 行的该金额无法读取，首见于第 4 行" in outcome.message


def test_an_empty_line_is_a_row_without_fields(desk):
    content = sample_of("delimited").bytes()
    head, body, tail = content.split(b"\n", 1)[0], content.split(b"\n", 1)[1].rsplit(b"\nT|", 1)[0], content[-40:]
    counted = tail.rsplit(b"\nT|5|", 1)[1].rsplit(b"|", 1)[0]
    body = body.replace(b"\n", b"\n\n", 1) + b"\n"
    outcome = desk.receive("SBF_20160105_001.txt", b"%b\n%bT|6|%b|%d\n" % (head, body, counted, len(body)))
    assert outcome.rows == {"received": 6, "accepted": 5, "rejected": 1}, outcome.message
    assert rejected_of(outcome, desk)[0]["rule_code"] == "field_count"


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_key_that_comes_again_in_the_file_is_rejected_and_says_where_it_came_first(desk, kind):
    sample = sample_of(kind)
    for name in sample.feed.key:
        sample.rows[4][name] = sample.rows[1][name]
    content = sample.bytes()
    outcome = desk.receive(sample.file_name, content)
    assert outcome.rows == {"received": 5, "accepted": 4, "rejected": 1}
    (row,) = rejected_of(outcome, desk)
    first_line = rows_of(outcome, desk)[1]["source_line"]
    assert row["rule_code"] == "duplicate_key" and row["source_line"] == first_line + 3
    assert f"与第 {first_line} 行" in row["message"]
    assert kind == "spreadsheet" or content[row["byte_offset"] :].startswith(row["original"])
    for name, each in batches()[0].control_totals.items():
        assert Decimal(each["accepted"]) == sum(row[name] for row in rows_of(outcome, desk))
        assert Decimal(each["accepted"]) + Decimal(each["rejected"]) == Decimal(each["received"])


def test_wrong_checksums_warn_and_do_not_reject(desk):
    sample = sample_of("fixed_width")
    sample.rows[0]["identity_number"] = "530102194912310021"
    sample.rows[1]["identity_number"] = "530102491231002"
    sample.rows[2]["bank_account_number"] = "6222020200112233447"
    sample.rows[2]["identity_number"] = "530102194913310020"
    outcome = desk.receive(sample.file_name, sample.bytes())
    assert outcome.rows["rejected"] == 0
    warned = [row["warning_codes"] for row in rows_of(outcome, desk)]
    assert warned[:2] == ["identity_checksum", "identity_format"]
    assert set(warned[2].split(",")) >= {"identity_birth_date", "bank_account_checksum"}
    assert warned[3] is None
    assert outcome.warnings["identity_format"] == 1


def test_no_message_shows_a_whole_identity_or_bank_number(desk):
    sample = sample_of("delimited")
    sample.rows[0]["identity_number"] = "53010219491231002X99"
    sample.rows[1]["person_name"] = "张三53010219491231002X" * 3
    sample.rows[2]["insurance_code"] = "6222020200112233440"
    sample.rows[3]["liability_month"] = "6222 0202 0011 2233 440"
    outcome = desk.receive(sample.file_name, sample.bytes())
    messages = [row["message"] for row in rejected_of(outcome, desk)]
    assert len(messages) == 4
    assert all("*" in message for message in messages)
    assert not any("19491231" in message or "0011223" in message or "0011 223" in message for message in messages)


@pytest.mark.parametrize("kind", [kind for kind in ALL_KINDS if kind != "spreadsheet"])
def test_a_file_read_in_many_pieces_lands_as_one_read_at_once(desk, monkeypatch, kind):
    sample = sample_of(kind, rows=60)
    wrong = {"code": ("999", "unknown_code"), "day": ("20160231", "not_day"), "month": ("201613", "not_month")}
    # A bank statement's code of direction is part of its proof.
    spoiled = next(it for it in sample.layout.fields if it.type in wrong and it.path != "CdtDbtInd")
    sample.rows[31][spoiled.name], rule = wrong[spoiled.type]
    for name in sample.feed.key:
        sample.rows[47][name] = sample.rows[12][name]
    content = sample.bytes()
    whole = desk.receive(sample.file_name, content)
    rows, rejected = rows_of(whole, desk), rejected_of(whole, desk)
    monkeypatch.setenv("WAREHOUSE_HOME", str(desk.home.with_name("pieces")))
    desk.home = desk.home.with_name("pieces")
    monkeypatch.setattr("ingestion.formats.received.CHUNK", 700)
    monkeypatch.setattr("ingestion.receive.SMALL", 0)
    monkeypatch.setattr("ingestion.land.ROW_GROUP", 10)
    pieces = desk.receive(sample.file_name, content)
    assert pieces.rows == {"received": 60, "accepted": 58, "rejected": 2}
    assert (rows_of(pieces, desk), rejected_of(pieces, desk)) == (rows, rejected)
    assert {row["rule_code"] for row in rejected} == {rule, "duplicate_key"}
    assert desk.receive(sample.file_name, content[:-1]).reason == "truncated"
    assert desk.receive(sample.file_name, content * 2).reason == "header_repeated"
