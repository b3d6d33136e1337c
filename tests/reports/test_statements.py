"""Rights statements as the mailing and the insured person get them: pages, lists, and what is held back."""

import csv
import hashlib
import re
from collections import Counter
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp

from reports import ReportRefused
from reports.__main__ import main
from reports.formats import yuan
from reports.rights_statement import statements
from tests.reports import statement_fixtures as sample

PER_LOT = 20
KEY = "key of the tests, not of an agency"
GOLDEN = Path(__file__).with_name("statement_golden.txt")
MM = 72 / 25.4


@pytest.fixture(scope="module")
def people() -> list[dict]:
    """Fifty people, among them those whose statements go wrong most easily."""
    people = sample.make_people(50)
    people[7]["person_name"] = sample.UNPRINTABLE_NAME
    people[8]["postal_address"] = None
    people[9] |= {"postcode": None, "unit_name": None}
    people[10]["unit_name"] = sample.LONG_UNIT
    people[11] |= dict.fromkeys(sample.AMOUNTS, sample.fen(99_999_999_999))
    people[12]["person_name"] = "阿卜杜热合曼·" * 7 + "买合木"
    people[13] |= {"rate_status": "assumed", "rate_document": None, "is_interest_credited": False}
    people[13]["rule_status"] = "assumed"
    people[14]["postal_address"] = "云南省昆明市盘龙区" + "某某街道某某社区居民委员会" * 8 + "12号附3号"
    people[15]["unit_name"] = "A" * 150
    item = people[0]["months"][0] | {"payment_count": 1, "benefit_paid_yuan": sample.fen(1)}
    people[16]["benefits"] = [
        item | people[16] | {"benefit_item_code": str(code), "benefit_item_name": f"待遇项目{code}"}
        for code in range(9)
    ]
    statuses = ("opening_status", "principal_status", "rule_status", "due_status")
    people[17] |= dict.fromkeys(statuses, "assumed") | dict.fromkeys(sample.AMOUNTS, sample.fen(99_999_999_999))
    people[17]["insurance_code"] = "120"
    for row in people[17]["months"] + people[17]["benefits"]:
        row |= {"insurance_code": "120"} | ({"rule_status": "assumed"} if "month_state" in row else {})
    return people


def set_up(environment: pytest.MonkeyPatch, home: Path) -> None:
    environment.setenv("WAREHOUSE_HOME", str(home))
    environment.setenv("STATEMENT_VERIFICATION_KEY", KEY)
    for name in ("WAREHOUSE_TARGET", "WAREHOUSE_FONTS"):
        environment.delenv(name, raising=False)
    declared = statements.declared()
    environment.setattr(statements, "declared", lambda: declared | {"statements_per_lot": PER_LOT})


@pytest.fixture(scope="module")
def home(people, tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("statements_home")
    sample.write_warehouse(home, people)
    return home


@pytest.fixture
def own(home, monkeypatch) -> None:
    """Run the test's own commands on the same warehouse."""
    set_up(monkeypatch, home)


@pytest.fixture(scope="module")
def summary(home, tmp_path_factory):
    with pytest.MonkeyPatch.context() as environment:
        set_up(environment, home)
        return statements.publish(sample.YEAR, tmp_path_factory.mktemp("statements"))


def rows(out: Path, name: str) -> list[dict]:
    with (out / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def contents(out: Path) -> dict[str, str]:
    return {
        str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


def printed_pages(out: Path) -> dict[str, pypdfium2.PdfPage]:
    """Return the page of each printed statement, by its number, as the manifest says."""
    files = {row["lot"]: row["file"] for row in rows(out, "lots.csv")}
    documents = {lot: pypdfium2.PdfDocument(out / file) for lot, file in files.items()}
    return {
        row["statement_number"]: documents[row["lot"]][int(row["page"]) - 1]
        for row in rows(out, "manifest.csv")
        if row["status"] == "printed"
    }


def text(page: pypdfium2.PdfPage) -> str:
    return page.get_textpage().get_text_bounded()


def in_one_line(words: str) -> str:
    return re.sub(r"\s", "", words)


def number_of(people: list[dict], serial: int) -> str:
    return people[serial]["statement_number"]


@pytest.fixture(scope="module")
def pages(summary) -> dict[str, pypdfium2.PdfPage]:
    return printed_pages(summary.folder)


def test_every_page_names_its_person_and_closing_balance(people, pages):
    assert len(pages) == 47
    for person in people:
        if page := pages.get(person["statement_number"]):
            words = in_one_line(text(page))
            assert in_one_line(person["person_name"]) in words
            assert yuan(person["closing_balance_yuan"]) in words
            assert person["statement_number"] in words


@pytest.mark.parametrize("name", sample.RARE_NAMES)
def test_a_name_prints_as_it_is_written(name, people, pages):
    serial = sample.RARE_NAMES.index(name)
    words = in_one_line(text(pages[number_of(people, serial)]))
    assert words.count(in_one_line(name)) == 2  # in the window and in the form


def test_every_statement_of_the_year_ends_once_printed_or_held(people, summary):
    manifest = rows(summary.folder, "manifest.csv")
    assert Counter(row["statement_number"] for row in manifest) == Counter(p["statement_number"] for p in people)
    status = Counter(row["status"] for row in manifest)
    assert (status["printed"], status["held"]) == (summary.printed, summary.held) == (47, 3)
    assert [row for row in manifest if row["status"] == "held"] == rows(summary.folder, "held.csv")


def test_lots_tie_to_their_files_and_to_the_manifest(summary):
    lots = rows(summary.folder, "lots.csv")
    printed = Counter(row["lot"] for row in rows(summary.folder, "manifest.csv") if row["status"] == "printed")
    held = Counter(row["lot"] for row in rows(summary.folder, "held.csv"))
    assert len(lots) == summary.lots == 3
    for lot in lots:
        file = (summary.folder / lot["file"]).read_bytes()
        assert lot["sha256"] == hashlib.sha256(file).hexdigest()
        assert int(lot["bytes"]) == len(file)
        assert int(lot["pages"]) == printed[lot["lot"]] == len(pypdfium2.PdfDocument(file))
        assert int(lot["held"]) == held[lot["lot"]]


def test_statements_stand_in_postal_order(summary):
    order = [
        (row["prefecture_code"], row["postcode"] or "~", row["person_number"])
        for row in rows(summary.folder, "manifest.csv")
    ]
    assert order == sorted(order)


@pytest.mark.parametrize(
    ("serial", "reason"),
    [
        (7, "姓名：字体中没有字符 U+E863"),
        (15, "单位名称：文字过长，版面容纳不下"),
        (16, "待遇项目 9 项，超过版面的 8 项"),
    ],
)
def test_what_cannot_be_printed_whole_is_held_back_with_its_reason(serial, reason, people, summary):
    held = {row["statement_number"]: row for row in rows(summary.folder, "held.csv")}[number_of(people, serial)]
    assert held["reason"] == reason
    assert held["page"] == held["verification_code"] == ""


def test_a_missing_address_is_noted_and_printed(people, summary, pages):
    manifest = {row["statement_number"]: row for row in rows(summary.folder, "manifest.csv")}
    assert manifest[number_of(people, 8)]["reason"] == "缺通信地址"
    assert manifest[number_of(people, 9)]["reason"] == "缺邮政编码"
    assert "通信地址未登记" in text(pages[number_of(people, 8)])
    assert "付印，但缺通信地址：1 份" in str(summary)


def test_a_rate_that_is_not_confirmed_says_so(people, pages):
    assert "8.31%，引自二手资料，待与原文核对。依据：人社部发〔2017〕31号" in in_one_line(
        text(pages[number_of(people, 1)])
    )
    assumed = in_one_line(text(pages[number_of(people, 13)]))
    assert "暂按假定利率，公布后重新结算。依据：文件号待补" in assumed
    assert "本年度利息尚未结算" in assumed


def test_each_figure_that_rests_on_an_assumed_row_has_a_mark_and_its_document(people, pages):
    person = people[17]
    words = text(pages[person["statement_number"]])
    assert (
        words.count("※999,999,999.99") == 7
    )  # opening, principal, two interests, closing; due and arrears of the year
    for month in person["months"]:
        assert f"※{yuan(month['arrears_yuan'])}" in words
        assert f"※{yuan(month['unit_paid_yuan'])}" not in words or not month["unit_paid_yuan"]
    notes = in_one_line(words)
    assert "※所依据的参数待省局核定：个人缴费比例（国发〔2015〕2号）；以前年度结转" in notes
    assert "※所依据的参数待省局核定：费率（国发〔2015〕2号）；缴费基数上下限（国发〔2015〕2号；" in notes


def test_an_assumed_rate_marks_the_interest_and_what_holds_it_alone(people, pages):
    person = people[13]
    words = text(pages[person["statement_number"]])
    for column in ("interest_on_opening_yuan", "interest_on_current_yuan", "closing_balance_yuan"):
        assert f"※{yuan(person[column])}" in words
    for column in ("opening_balance_yuan", "principal_credited_yuan", "account_outflow_yuan", "year_due_yuan"):
        assert f"※{yuan(person[column])}" not in words
    assert "※所依据的参数待省局核定：记账利率（无文件）" in in_one_line(words)


def test_nothing_is_marked_where_every_row_has_a_source(people, pages):
    assert "※" not in text(pages[number_of(people, 3)])


def test_months_show_what_was_paid_and_owed_and_nothing(pages, people):
    person = people[1]
    states = Counter(in_one_line(text(pages[person["statement_number"]]).split("咨询电话")[1]))
    owed = sum(month["month_state"] == "owed" for month in person["months"])
    assert (states["●"], states["△"], states["－"]) == (
        len(person["months"]) - owed, owed, 12 - len(person["months"])
    )  # fmt: skip


def test_the_symbol_leads_to_the_statement_and_says_nothing_personal(people, summary, pages):
    codes = {row["statement_number"]: row["verification_code"] for row in rows(summary.folder, "manifest.csv")}
    for person in people[:12:3]:
        number = person["statement_number"]
        image = pages[number].render(scale=3, grayscale=True).to_numpy()
        assert zxingcpp.read_barcode(image).text == f"{number}:{codes[number]}"
        assert codes[number] in text(pages[number])


def test_no_output_holds_a_whole_identity_number(summary, pages):
    whole = re.compile(r"\b\d{17}[\dXx]\b")
    for page in pages.values():
        assert not whole.search(in_one_line(text(page)))
    for name in statements.LISTS:
        assert not whole.search((summary.folder / name).read_text(encoding="utf-8-sig"))


def test_only_the_address_shows_in_the_window_of_the_envelope(people, pages):
    scale = 2
    for serial in (0, 4, 12, 14):
        image = pages[number_of(people, serial)].render(scale=scale, grayscale=True).to_numpy()
        pixel = MM * scale
        around = image[round(17.5 * pixel) : round(71.5 * pixel), round(13 * pixel) : round(127 * pixel)].copy()
        around = around.reshape(around.shape[:2])
        window = around[round(14 * pixel) : round(40 * pixel), round(14 * pixel) : round(100 * pixel)]
        assert window.min() < 100
        window[:] = 255
        assert around.min() == 255


def test_a_page_reads_as_it_did(people, pages):
    words = text(pages[number_of(people, 3)]).replace("\r\n", "\n")
    assert words == GOLDEN.read_text(encoding="utf-8")


def test_the_same_warehouse_gives_the_same_bytes(own, summary, tmp_path):
    statements.publish(sample.YEAR, tmp_path)
    assert contents(tmp_path) == contents(summary.folder)


def test_a_run_cut_off_is_finished_by_the_next_and_whole_lots_are_kept(own, summary, tmp_path):
    statements.publish(sample.YEAR, tmp_path)
    first, second, third = sorted((tmp_path / "lots").glob("*.pdf"))
    second.write_bytes(second.read_bytes()[:-1])
    third.with_suffix(".json").unlink()
    (tmp_path / "lots" / "2016-00003.pdf.part").write_bytes(b"half")
    (tmp_path / "manifest.csv").unlink()
    kept, remade = first.stat().st_ino, second.stat().st_ino
    statements.publish(sample.YEAR, tmp_path)
    assert contents(tmp_path) == contents(summary.folder)
    assert first.stat().st_ino == kept
    assert second.stat().st_ino != remade


def test_a_failure_leaves_no_lists_behind(own, tmp_path, monkeypatch):
    statements.publish(sample.YEAR, tmp_path)

    def broken(warehouse, year):
        raise RuntimeError("the disk is full")
        yield

    monkeypatch.setattr(statements.records, "read_records", broken)
    with pytest.raises(RuntimeError, match="disk"):
        statements.publish(sample.YEAR, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["lots"]


def test_another_key_gives_other_codes(own, summary, tmp_path, monkeypatch):
    monkeypatch.setenv("STATEMENT_VERIFICATION_KEY", "another key of the tests")
    statements.publish(sample.YEAR, tmp_path)
    before, after = (
        {row["verification_code"] for row in rows(out, "manifest.csv") if row["verification_code"]}
        for out in (summary.folder, tmp_path)
    )
    assert len(before) == len(after) == 47
    assert not before & after


def test_the_command_tells_where_the_lots_lie(own, tmp_path, capsys):
    assert main(["statements", "--year", "2016", "--out", str(tmp_path / "out")]) == 0
    said = in_one_line(capsys.readouterr().out)
    assert "付印47份，共3批；暂缓3份" in said
    assert "manifest.csv" in said


def test_a_year_without_statements_is_refused(own, tmp_path, capsys):
    assert main(["statements", "--year", "2015", "--out", str(tmp_path / "out")]) == 2
    assert "没有 2015 年度" in capsys.readouterr().err


def test_missing_fonts_are_named_with_the_command_that_installs_them(own, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("WAREHOUSE_FONTS", str(tmp_path))
    assert main(["statements", "--year", "2016", "--out", str(tmp_path / "out")]) == 2
    assert "apt-get install -y fonts-noto-cjk fonts-hanazono" in capsys.readouterr().err


def test_a_note_too_long_for_the_page_is_refused_before_anything_is_printed(own, tmp_path, monkeypatch):
    from reports import fonts
    from reports.rights_statement.content import Writer
    from reports.rights_statement.pages import PageMaker

    form = Writer(sample.YEAR, b"key", sample.NOTHING_ASSUMED).form
    form["notes"]["lines"][0] *= 3
    with pytest.raises(ReportRefused, match="notes"):
        PageMaker(form, fonts.load())
