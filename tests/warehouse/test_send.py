"""What we send is what the province's own books say; what we send is answered, received and ties."""

import shutil
from datetime import date

import duckdb
import pytest

from ingestion import warehouse
from ingestion.batches import batches
from ingestion.receive import receive
from ingestion.sample.answers import answer
from ingestion.sample.errors import SampleError
from ingestion.send import NotSent, outbound_feeds, send, send_for
from ingestion.tie import tie
from tests.conftest import run
from tests.warehouse.conftest import build, working_in
from tests.warehouse.situations import land, unit

MONTHS = [date(2016, number, 1) for number in (1, 5, 12)] + [date(2017, 6, 1)]
NEXT, AFTER_NEXT = date(2017, 7, 1), date(2017, 8, 1)  # the books of the demonstration end with June
BATCH = "out_banks__benefit_payment_batch"
OUTBOUND = ("tax_bureau/levy_plan_persons", "tax_bureau/levy_plan", "banks/benefit_payment_batch")


@pytest.fixture(scope="module")
def sender(demo, tmp_path_factory):
    """A home with the demonstration's landing and warehouse, in which files may be sent."""
    mine = copy_of(demo[0], tmp_path_factory.mktemp("sender"))
    with working_in(mine, "embedded"):
        yield demo[0] / "sample", mine


def copy_of(home, mine):
    for folder in ("landing", "warehouse"):
        shutil.copytree(home / folder, mine / folder)
    return mine


@pytest.fixture(scope="module")
def answered(demo, tmp_path_factory):
    """A home in which plan and batch of the month to come were sent, answered, received and built with all else."""
    mine = copy_of(demo[0], tmp_path_factory.mktemp("answered"))
    with working_in(mine, "embedded"):
        sent = {feed: send_for(feed) for feed in OUTBOUND}
        files = [str(path) for feed, path in sent.items() if feed != "tax_bureau/levy_plan_persons"]
        run("-m", "ingestion", "answer", *files, str(mine / "answers"), home=mine)
        outcomes = receive([mine / "answers"])
        assert [outcome.status for outcome in outcomes] == ["landed", "landed"]
        build.open_build(date(2017, 7, 31))
        wanted = ("+fct_tie_item", "+fct_tie_summary", "+fct_unidentified_receipt", "tie_steps", f"+{BATCH}")
        built = build.run_dbt("--warn-error", "build", "--select", *wanted, "--indirect-selection", "cautious")
        assert built.returncode == 0, built.stdout
        build.publish()
    return mine


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
    ours = f"select period_month, {columns} from {BATCH} where period_month < date '{NEXT}'"
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


def test_what_we_send_for_the_month_to_come_does_not_end_that_month(tmp_path):
    with working_in(tmp_path, "embedded"):
        land("core_system", "insured_units", "201701", [unit()])
        land("tax_bureau", "levy_plan", "201702", [], created_on=date(2017, 2, 1))
        assert "数据截止 2017-01-31；其中 1 个在此日之后生成，不计入" in build.open_build(None)


def test_the_plan_of_the_month_to_come_is_sent_before_it_has_begun(answered):
    with working_in(answered, "embedded"):
        made = [batch for batch in batches() if batch.period == "201707"]
    assert {f"{batch.source}/{batch.feed}" for batch in made} == {
        *OUTBOUND,
        "tax_bureau/levy_plan_acknowledgements",
        "banks/benefit_payment_returns",
    }
    assert {batch.created_on for batch in made if f"{batch.source}/{batch.feed}" in OUTBOUND} == {NEXT}


def test_what_we_sent_and_what_was_answered_tie(answered):
    with working_in(answered, "embedded"):
        found = tie(NEXT)
    steps = {step.step_code: step for step in found.steps}
    for code in ("plan_acknowledged", "plan_itemised", "award_sent", "sent_answered"):
        assert steps[code].total("matched_count") > 0, code
        assert steps[code].total("left_yuan") == steps[code].total("right_yuan") > 0
    assert sum(waiting.waiting_yuan for waiting in found.owed) == steps["plan_itemised"].total("left_yuan")
    # No statement of July has come: what the bank says it paid and returned is not yet seen on the accounts.
    assert {(item.step_code, item.outcome_code) for item in found.items} == {
        ("sent_paid", "left_only"),
        ("returned_refunded", "left_only"),
    }


def test_what_came_back_is_sent_again_the_month_after_under_a_number_of_its_own(answered):
    with working_in(answered, "embedded"), warehouse.connect() as opened:
        came_back = opened.rows("select * from int_payments__latest where not is_paid and paid_on >= date '2017-07-01'")
        again = opened.rows(f"select * from {BATCH} where period_month = ? and benefit_month < ?", [AFTER_NEXT] * 2)
        first = opened.rows(f"select * from {BATCH} where period_month = ?", [NEXT])
    what = ("person_number", "insurance_code", "benefit_item_code", "benefit_month", "payment_yuan")
    assert len(came_back) == len(again) == 1
    assert [came_back[0][name] for name in what] == [again[0][name] for name in what]
    assert again[0]["payment_number"] not in {row["payment_number"] for row in first}
    assert again[0]["pay_on"] == date(2017, 8, 7)  # the 6th is a Sunday


def test_a_payment_keeps_its_number_when_the_batch_is_made_again(answered, demo):
    """The batch of July as made on 30 June, and as made a month later, with all that has become known since."""
    sql = f"select * from {BATCH} where period_month = ? order by payment_number"
    made = []
    for home in (demo[0], answered):
        with working_in(home, "embedded"), warehouse.connect() as opened:
            made.append({row["payment_number"]: row["person_number"] for row in opened.rows(sql, [NEXT])})
    assert made[0] == made[1] and len(made[0]) > 50


def test_nobody_answers_the_persons_of_a_plan_nor_a_file_of_others(answered, tmp_path):
    persons = answered / "outbox" / "tax_bureau" / "ZJJHMX_201707_001.txt"
    with pytest.raises(SampleError, match="没有对应的应答"):
        answer(persons, tmp_path)
    refused = run("-m", "ingestion", "answer", "no_such_file.txt", str(tmp_path), home=answered, check=False)
    assert refused.returncode == 2 and "Traceback" not in refused.stdout and "命名规则" in refused.stdout
