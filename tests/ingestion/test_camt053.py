"""Bank statements in ISO 20022: every rule that proves the message is tried, and each broken one refuses it."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ingestion.exchange_files import CARD, NAMES, sample_of
from tests.ingestion.test_generated_files import generated
from tests.ingestion.test_landing import rejected_of, rows_of

NAME = "DZD_ICBC_201601_001.xml"
OTHER = "6222020200112233453"


def two_accounts():
    """Return a right message of two accounts, the second with two entries."""
    sample = sample_of("camt053")
    for row in sample.rows[3:]:
        row["own_account_number"] = OTHER
    sample.overrides = {OTHER: "-500.00"}
    return sample


def test_every_entry_has_the_account_of_its_statement_and_days_are_days(desk):
    outcome = desk.receive(NAME, two_accounts().bytes())
    assert outcome.rows == {"received": 5, "accepted": 5, "rejected": 0}, outcome.message
    rows = rows_of(outcome, desk)
    assert [row["own_account_number"] for row in rows] == [CARD] * 3 + [OTHER] * 2
    assert [row["source_line"] for row in rows] == [6, 7, 8, 11, 12]
    assert [row["counterparty_name"] for row in rows] == NAMES
    assert rows[1]["reference_number"] is None and rows[2]["reference_number"] == "E000000002"
    assert rows[0]["entry_on"] == date(2016, 1, 5) and rows[0]["entry_yuan"] == Decimal("20000.25")
    assert rows[0]["entry_summary"] == "拨款 <待查> & 其他"
    assert outcome.warnings == {}


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        # the message
        ("camt.053.001.02", "camt.053.001.08", "header_disagrees"),
        ("camt.053.001.02", "camt.054.001.02", "header_disagrees"),
        ("account_statements-ICBC-201601-001<", "account_statements-ICBC-201602-001<", "header_disagrees"),
        ("account_statements-ICBC-201601-001<", "account_statements-ABC-201601-001<", "header_disagrees"),
        ("account_statements-ICBC-201601-001<", "account_statements-ICBC-201601-002<", "header_disagrees"),
        (
            "<CreDtTm>2016-01-05T00:00:00</CreDtTm><Add",
            "<CreDtTm>2016-01-32T00:00:00</CreDtTm><Add",
            "header_malformed",
        ),
        ("<CreDtTm>2016-01-05T00:00:00</CreDtTm><Add", "<CreDtTm>2014-01-05T00:00:00</CreDtTm><Add", "no_layout"),
        ("<CreDtTm>2016-01-05T00:00:00</CreDtTm><Add", "<Add", "header_malformed"),
        ("社会保险基金银行账户对账单", "社会保险费到账明细", "header_disagrees"),
        ("社会保险基金银行账户对账单", "????????", "wrong_encoding"),
        ('encoding="UTF-8"', 'encoding="GB18030"', "xml_encoding_declared"),
        ("<?xml", "<!DOCTYPE a><?xml", "header_missing"),
        ('<Document xmlns="', '<!DOCTYPE Document [<!ENTITY a "b">]>\n<Document xmlns="', "xml_doctype"),
        ('<Document xmlns="', '<!DOCTYPE Document SYSTEM "file:///etc/passwd">\n<Document xmlns="', "xml_doctype"),
        ("</GrpHdr>", "<MsgRcpt/></GrpHdr>", "xml_structure"),
        # the statement
        ("201601-001-0001", "201601-001-0002", "header_disagrees"),
        ("201601-001-0002", "201601-001-0003", "header_disagrees"),
        (OTHER, CARD, "xml_structure"),
        (CARD, " ", "xml_structure"),
        ("<NbOfNtries>3</NbOfNtries>", "<NbOfNtries>4</NbOfNtries>", "statement_differs"),
        ("<NbOfNtries>2</NbOfNtries>", "<NbOfNtries>1</NbOfNtries>", "statement_differs"),
        ("<NbOfNtries>3</NbOfNtries>", "<NbOfNtries>three</NbOfNtries>", "trailer_malformed"),
        ("<Sum>60003.75</Sum>", "<Sum>60003.76</Sum>", "statement_differs"),
        ("<Sum>60003.75</Sum>", "<Sum>60003.750</Sum>", "trailer_malformed"),
        ("<Sum>60003.75</Sum>", "", "trailer_malformed"),
        (">1000.00<", ">1000.01<", "statement_out_of_balance"),
        (">21001.25<", ">21001.24<", "statement_out_of_balance"),
        (
            "500.00</Amt><CdtDbtInd>DBIT</CdtDbtInd>",
            "500.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>",
            "statement_out_of_balance",
        ),
        ("<Cd>CLBD</Cd>", "<Cd>CLAV</Cd>", "xml_structure"),
        ("<Cd>CLBD</Cd>", "<Cd>OPBD</Cd>", "xml_structure"),
        ("<Dt>2016-01-28</Dt>", "<Dt>20160128</Dt>", "xml_structure"),
        ('Ccy="CNY">1000.00', 'Ccy="USD">1000.00', "xml_structure"),
        (">1000.00<", ">-1000.00<", "xml_structure"),
        # the entries
        (">20001.25</Amt>", ">20001.26</Amt>", "statement_differs"),
        (">20001.25</Amt>", ">20001,25</Amt>", "statement_differs"),
        (">20001.25</Amt>", ">-20001.25</Amt>", "xml_structure"),
        ('Ccy="CNY">20001.25', 'Ccy="USD">20001.25', "xml_structure"),
        (' Ccy="CNY">20001.25', ">20001.25", "xml_structure"),
        ("<CdtDbtInd>DBIT</CdtDbtInd><Sts>", "<CdtDbtInd>CRDT</CdtDbtInd><Sts>", "statement_differs"),
        ("<CdtDbtInd>DBIT</CdtDbtInd><Sts>", "<CdtDbtInd>D</CdtDbtInd><Sts>", "xml_structure"),
        ("<Sts>BOOK</Sts>", "<Sts>PDNG</Sts>", "xml_structure"),
        ("<Sts>BOOK</Sts>", "", "xml_structure"),
        ("<Sts>BOOK</Sts>", "<RvslInd>true</RvslInd><Sts>BOOK</Sts>", "xml_structure"),
        ("<Sts>BOOK</Sts>", "<Sts>BOOK</Sts><Sts>BOOK</Sts>", "xml_structure"),
        ("<Sts>BOOK</Sts>", "<!-- --><Sts>BOOK</Sts>", "xml_structure"),
        ("<Sts>BOOK</Sts>", "<?x y?><Sts>BOOK</Sts>", "xml_structure"),
        ("<Sts>BOOK</Sts>", '<Sts id="1">BOOK</Sts>', "xml_structure"),
        ("<Sts>BOOK</Sts>", "junk<Sts>BOOK</Sts>", "xml_structure"),
        ("<Sts>BOOK</Sts>", '<Sts xmlns="urn:x">BOOK</Sts>', "xml_structure"),
        ("</TxDtls>", "</TxDtls><TxDtls><Refs><EndToEndId>X</EndToEndId></Refs></TxDtls>", "xml_structure"),
        ("<Dt>2016-01-05</Dt></BookgDt>", "<Dt>20160105</Dt></BookgDt>", "xml_structure"),
        ("L000000001", "&name;", "xml_not_well_formed"),
        ("L000000001<", "L<", "landed"),
        ("</Ntry>\n<Ntry>", "</Ntry><Ntry>", "xml_structure"),
        ("<Ntry>", "\n<Ntry>", "xml_structure"),
        ("<Ntry>", "junk<Ntry>", "xml_structure"),
        ("<Ntry>", "<Ntry>\n", "xml_not_well_formed"),
        ("</Ntry>\n", "</Ntry>\n<!--\n-->\n", "xml_structure"),
        ("</Ntry>\n", "</Ntry>\n<![CDATA[\n]]>\n", "xml_structure"),
        ("</Stmt>\n", "", "xml_structure"),
        ("</Stmt>\n", "</Stmt>\nmore\n", "xml_structure"),
        ("</Stmt>\n", "</Stmt\n>\n", "xml_structure"),
        # the end
        ("</Document>\n", "</Document>", "truncated"),
        ("</Document>\n", "</Document>\n\n", "xml_structure"),
        ("</Document>\n", "</Document>\n<a/>\n", "trailer_not_last"),
        ("</Document>\n", "", "truncated"),
    ],
)
def test_a_message_that_breaks_a_rule_is_refused(desk, old, new, reason):
    text = two_accounts().bytes().decode()
    assert old in text
    outcome = desk.receive(NAME, text.replace(old, new, 1).encode())
    assert (outcome.reason or outcome.status) == reason, outcome.message
    if outcome.status == "refused":
        assert not desk.landed() and not desk.leftovers()
        assert not re.search(f"{CARD}|{OTHER}", outcome.message)


def test_a_lost_or_repeated_part_is_noticed(desk):
    content = two_accounts().bytes()
    lines = content.splitlines(keepends=True)
    second = next(index for index, line in enumerate(lines) if b"0002</Id>" in line)

    def refused(changed: list[bytes]) -> str:
        outcome = desk.receive(NAME, b"".join(changed))
        assert outcome.status == "refused", outcome
        return outcome.reason

    assert refused(lines[:6] + lines[7:]) == "statement_differs"
    assert refused([*lines[:6], lines[5], *lines[6:]]) == "statement_differs"
    assert refused(lines[:4] + lines[second:]) == "header_disagrees"
    assert refused([*lines[:second], *lines[4:second], *lines[second:]]) == "header_disagrees"
    assert refused(lines[: len(lines) // 2]) == "truncated"
    assert refused(lines + lines) == "header_repeated"
    assert refused([*lines[:4], lines[3], *lines[4:]]) == "header_repeated"
    assert refused(lines[:3] + lines[4:]) == "header_missing"
    assert refused(lines[:4] + lines[5:]) == "xml_structure"


def test_a_balance_says_what_it_should_be(desk):
    text = two_accounts().bytes().decode().replace(">21001.25<", ">21001.24<")
    message = desk.receive(NAME, text.encode()).message
    assert "第 5 行" in message and "622202********3446" in message
    assert "期初 1,000.00 元加贷方 40,002.50 元减借方 20,001.25 元，应为期末 21,001.25 元，写明 21,001.24 元" in message


def test_a_rejected_entry_keeps_its_line_as_received(desk):
    sample = two_accounts()
    sample.rows[1]["entry_on"] = "20160231"
    sample.rows[4]["statement_entry_number"] = ""
    content = sample.bytes()
    outcome = desk.receive(NAME, content)
    assert outcome.rows == {"received": 5, "accepted": 3, "rejected": 2}
    rejected = rejected_of(outcome, desk)
    assert [(row["rule_code"], row["source_line"]) for row in rejected] == [("not_day", 7), ("required_missing", 12)]
    for row in rejected:
        assert row["original"].startswith(b"<Ntry>") and row["original"].endswith(b"</Ntry>")
        assert content[row["byte_offset"] :].startswith(row["original"] + b"\n")


def test_a_message_without_statements_or_entries_lands_empty(desk):
    sample = sample_of("camt053", rows=0)
    assert desk.receive(NAME, sample.bytes()).rows == {"received": 0, "accepted": 0, "rejected": 0}


@generated(150)
@given(st.data())
def test_a_byte_cut_or_changed_never_changes_money_or_count(desk, data):
    content = bytearray(two_accounts().bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        del content[at]
    else:
        content[at] ^= data.draw(st.integers(1, 255))
    outcome = desk.receive(NAME, bytes(content))
    if outcome.status != "refused":
        assert outcome.rows["received"] == 5
        assert outcome.rows["rejected"] or sum(row["entry_yuan"] for row in rows_of(outcome, desk)) == Decimal(
            "100011.25"
        )


@generated(30)
@given(st.lists(st.tuples(st.sampled_from(["CRDT", "DBIT"]), st.integers(0, 10**12)), max_size=9))
def test_entries_are_read_back_as_they_were_written(desk, entries):
    sample = sample_of("camt053", rows=len(entries))
    for row, (direction, fen) in zip(sample.rows, entries, strict=True):
        row |= {"direction_code": direction, "entry_yuan": f"{Decimal(fen) / 100:.2f}"}
    outcome = desk.receive(NAME, sample.bytes())
    assert outcome.rows and outcome.rows["rejected"] == 0, outcome.message
    read = [(row["direction_code"], row["entry_yuan"]) for row in rows_of(outcome, desk)]
    assert read == [(direction, Decimal(fen) / 100) for direction, fen in entries]
