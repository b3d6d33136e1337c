"""After the spec is mended kept bytes are judged again: a changed result supersedes, an unchanged one lands nothing."""

import json
from dataclasses import replace
from datetime import date

import pytest

from ingestion import audit as audit_module
from ingestion import feed_spec, kept, quarantine
from ingestion import replay as module
from ingestion.audit import audit
from ingestion.batches import batches, current, superseded
from ingestion.feed_spec import Lookup, load_feed
from ingestion.receive import receive
from ingestion.replay import judged_by, replay
from tests.ingestion.exchange_files import sample_of
from tests.ingestion.test_landing import rejected_of, rows_of


@pytest.fixture
def mend(monkeypatch):
    """Return a function that puts another spec in the place of a feed's, as a change of its YAML would."""

    def put(feed):
        real = feed_spec.load_feed

        def load(source, name):
            return feed if (source, name) == (feed.source, feed.name) else real(source, name)

        everything = tuple(load(each.source, each.name) for each in feed_spec.all_feeds())
        for place in (module, kept, quarantine, audit_module):
            monkeypatch.setattr(place, "load_feed", load, raising=False)
            monkeypatch.setattr(place, "all_feeds", lambda: everything, raising=False)

    return put


def with_lookup(kind: str, match: str, value: str):
    """Return the feed with a lookup that mends a scheme."""
    feed = sample_of(kind).feed
    return replace(feed, lookups=(("insurance_code", (Lookup(match, value, "对方旧代码"),)),))


def with_longer_names(kind: str, length: int):
    """Return the feed with layouts that allow names of that length."""
    feed = sample_of(kind).feed
    layouts = tuple(
        replace(
            layout,
            fields=tuple(
                replace(field, max_length=length) if field.name == "person_name" else field for field in layout.fields
            ),
        )
        for layout in feed.layouts
    )
    return replace(feed, layouts=layouts)


@pytest.fixture
def landed(desk):
    """Land a file with a name that is too long and a scheme that is unknown."""
    sample = sample_of("delimited", rows=6)
    sample.rows[1]["person_name"] = "名" * 60
    sample.rows[4]["insurance_code"] = "999"
    path = desk.files / sample.file_name
    path.write_bytes(sample.bytes())
    (outcome,) = receive([path])
    assert outcome.rows == {"received": 6, "accepted": 4, "rejected": 2}
    return outcome


def test_a_mended_layout_lands_a_further_version_of_the_same_file(desk, landed, mend):
    mend(with_longer_names("delimited", 80))
    (done,) = replay("tax_bureau/contribution_receipts")
    old, new = batches()
    assert done.status == "landed" and done.new == new and old.batch_id == landed.batch_id
    assert new.business_key == old.business_key and superseded([old, new]) == {old.batch_id}
    assert (new.sha256, new.created_on, new.file_name) == (old.sha256, date(2016, 1, 5), old.file_name)
    assert new.replay_of == old.batch_id and new.rows == {"received": 6, "accepted": 5, "rejected": 1}
    assert new.received_at > old.received_at
    assert len(rows_of(new, desk)) == 5 and rows_of(new, desk)[1]["person_name"] == "名" * 60
    assert [row["rule_code"] for row in rejected_of(new, desk)] == ["unknown_code"]
    assert audit() == []
    receipt = desk.home / "outbox" / "tax_bureau" / "HZ_SBF_20160105_001.txt"
    assert f"批次 {new.batch_id}" in receipt.read_bytes().decode("gb18030")


def test_a_second_replay_and_the_same_file_again_land_nothing(desk, landed, mend):
    mend(with_longer_names("delimited", 80))
    replay("tax_bureau/contribution_receipts")
    assert [done.status for done in replay("tax_bureau/contribution_receipts")] == ["same"]
    (again,) = receive([desk.files / "SBF_20160105_001.txt"])
    assert again.status == "already_landed" and len(batches()) == 2
    assert current(batches())[0].replay_of == landed.batch_id
    assert not desk.leftovers()


def test_nothing_lands_when_the_spec_is_the_same_or_mends_something_else(desk, landed, mend):
    assert [done.status for done in replay("contribution_receipts")] == ["same"]
    mend(with_longer_names("delimited", 55))
    assert [done.status for done in replay("contribution_receipts")] == ["same"]
    assert replay("contribution_receipts", "not_money") == []
    mend(with_longer_names("delimited", 60))
    assert [done.status for done in replay("contribution_receipts", "too_long")] == ["landed"]


def test_only_the_version_that_counts_is_judged_again(desk, landed, mend):
    sample = sample_of("delimited")
    desk.receive(sample.file_name, sample.bytes())
    mend(with_longer_names("delimited", 80))
    assert replay("contribution_receipts") == []


def test_a_mended_lookup_lands_a_further_version(desk, landed, mend):
    mend(with_lookup("delimited", "999", "110"))
    (done,) = replay("contribution_receipts")
    assert done.status == "landed" and done.new.rows["rejected"] == 1
    (mended,) = [row for row in rows_of(done.new, desk) if row["source_line"] == 6]
    assert mended["insurance_code"] == "110"
    assert audit() == []


def test_going_back_to_an_earlier_spec_does_not_bring_back_its_batch(desk, landed, mend):
    mend(with_longer_names("delimited", 80))
    first = replay("contribution_receipts")[0].new
    mend(with_longer_names("delimited", 50))
    assert replay("contribution_receipts")[0].status == "landed"
    mend(with_longer_names("delimited", 80))
    (done,) = replay("contribution_receipts")
    assert (done.status, done.new.batch_id) == ("superseded", first.batch_id)


def test_a_spec_under_which_the_file_does_not_pass_changes_nothing(desk, landed, mend):
    feed = sample_of("delimited").feed
    mend(replace(feed, layouts=(replace(feed.layouts[0], effective_from=date(2016, 2, 1)),)))
    (done,) = replay("contribution_receipts")
    assert done.status == "refused" and "没有生效的格式" in done.message and len(batches()) == 1


@pytest.mark.parametrize("change", [{"sha256": "0" * 64}, {"file_name": "../x.txt"}])
def test_a_batch_that_is_not_whole_is_not_judged_again(desk, landed, mend, change):
    file = desk.landed()[0] / "batch.json"
    file.write_text(json.dumps(json.loads(file.read_text(encoding="utf-8")) | change), encoding="utf-8")
    mend(with_longer_names("delimited", 80))
    (done,) = replay("contribution_receipts")
    assert done.status == "refused" and "python -m ingestion audit" in done.message and len(batches()) == 1


def test_the_digest_tells_every_change_of_the_spec_and_nothing_else():
    feed = load_feed("tax_bureau", "contribution_receipts")
    layout = feed.layouts[0]
    renamed = replace(feed, title="另一个标题", volume=replace(feed.volume, max_rows=1))
    assert judged_by(renamed, layout) == judged_by(feed, layout)
    others = {
        judged_by(with_lookup("delimited", "999", "110"), layout),
        judged_by(feed, with_longer_names("delimited", 80).layouts[0]),
        judged_by(replace(feed, key=("person_number",)), layout),
        judged_by(feed, feed.layouts[1]),
    }
    assert len(others | {judged_by(feed, layout)}) == 5
