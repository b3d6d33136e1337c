"""What we send is what the province's own books say, and what we send is answered."""

import shutil
from datetime import date

import duckdb
import pytest

from ingestion.batches import batches
from ingestion.receive import receive
from ingestion.sample.answers import answer
from ingestion.send import NotSent, outbound_feeds, send
from tests.warehouse.conftest import working_in

MONTHS = [date(2016, number, 1) for number in (1, 5, 12)] + [date(2017, 6, 1)]


@pytest.fixture(scope="module")
def sender(demo, tmp_path_factory):
    """A home with the demonstration's landing and warehouse, in which files may be sent."""
    home, _ = demo
    mine = tmp_path_factory.mktemp("sender")
    for folder in ("landing", "warehouse"):
        shutil.copytree(home / folder, mine / folder)
    with working_in(mine, "embedded"):
        yield home / "sample", mine


@pytest.mark.parametrize("month", MONTHS, ids=str)
@pytest.mark.parametrize("feed", ["levy_plan", "levy_plan_persons"])
def test_the_levy_plan_we_send_is_that_of_the_province_byte_for_byte(sender, feed, month):
    province, mine = sender
    sent = send("tax_bureau", feed, month)
    assert sent.path.parent == mine / "outbox" / "tax_bureau"
    assert sent.path.read_bytes() == (province / "tax_bureau" / sent.path.name).read_bytes()
    assert not sent.is_new and sent.replaces is None and sent.rows > 0


def test_the_payments_we_would_send_are_those_of_the_province(demo):
    """Payment numbers are ours to give; whom, how much, for when, to which account and on which day is not."""
    columns = "person_number, identity_number, account_holder_name, bank_account_number, insurance_code, "
    columns += "benefit_item_code, benefit_month, payment_yuan, pay_on"
    ours = f"select period_month, {columns} from out_banks__benefit_payment_batch"
    theirs = "select cast(substr(period_code, 1, 4) || '-' || substr(period_code, 5, 2) || '-01' as date), "
    theirs += f"{columns} from stg_banks__benefit_payment_batch"
    with duckdb.connect(str(demo[0] / "warehouse" / "warehouse.duckdb"), read_only=True) as connection:
        assert connection.execute(f"select count(*) from ({ours})").fetchone()[0] > 0
        for one, other in ((ours, theirs), (theirs, ours)):
            assert connection.execute(f"{one} except all {other}").fetchall() == []


def test_a_changed_plan_replaces_the_one_sent_before_and_says_so(sender):
    before = send("tax_bureau", "levy_plan", date(2016, 3, 1))
    again = send("tax_bureau", "levy_plan", date(2016, 3, 1), created=date(2016, 3, 15))
    assert again.is_new and again.replaces == before.batch_id
    assert {before.batch_id, again.batch_id} <= {batch.batch_id for batch in batches()}


def test_nothing_is_sent_for_a_month_without_rows_or_for_a_feed_of_others(sender):
    with pytest.raises(NotSent, match="不送空文件"):
        send("tax_bureau", "levy_plan", date(2030, 1, 1))
    with pytest.raises(NotSent, match="不由我方送出"):
        send("tax_bureau", "contribution_receipts", date(2016, 1, 1))
    assert {feed.name for feed in outbound_feeds()} == {"levy_plan", "levy_plan_persons", "benefit_payment_batch"}


def test_the_tax_bureau_answers_a_plan_as_it_answered_the_provinces_own(sender, tmp_path):
    province, _ = sender
    sent = send("tax_bureau", "levy_plan", date(2017, 6, 1))
    acknowledged = answer(sent.path, tmp_path)
    assert acknowledged.read_bytes() == (province / "tax_bureau" / acknowledged.name).read_bytes()


def test_the_bank_answers_every_payment_of_a_batch(sender, tmp_path):
    sent = send("banks", "benefit_payment_batch", date(2017, 6, 1))
    (outcome,) = receive([answer(sent.path, tmp_path)])
    assert outcome.status == "landed" and outcome.rows["accepted"] == sent.rows
    by_id = {batch.batch_id: batch for batch in batches()}
    answered, asked = by_id[outcome.batch_id], by_id[sent.batch_id]
    assert answered.control_totals["payment_yuan"] == asked.control_totals["payment_yuan"]
