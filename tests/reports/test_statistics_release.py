"""A release: the warehouse, the workbook, the CSV twins and the bulletin say the same, to the fen."""

import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import duckdb
import pytest
from lxml import etree, html

from ingestion.settings import ROOT
from reports import ReportRefused
from reports.formats import ASSUMED, MISSING
from reports.fund_statistics.declaration import load_report
from reports.fund_statistics.periods import choose_periods
from reports.fund_statistics.release import publish
from reports.fund_statistics.workbook import FIRST_ROW

REPORT = load_report()
TABLES = {table.name: table for table in REPORT.tables}
SHEETS = {"s": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
every_table = pytest.mark.parametrize("name", TABLES)


def model_rows(home: Path, period: str, table) -> list[dict]:
    """Read what the warehouse holds for a table, by hand."""
    conditions = "".join(f" and {name} = '{value}'" for name, value in table.where.items())
    with duckdb.connect(str(home / "warehouse" / "warehouse.duckdb"), read_only=True) as connection:
        query = f"select * from {table.model} where period_code = '{period}'{conditions} order by sort_order"
        rows = connection.execute(query)
        names = [column[0] for column in rows.description]
        return [dict(zip(names, row, strict=True)) for row in rows.fetchall()]


def twin_rows(directory: Path, name: str) -> list[dict[str, str]]:
    with (directory / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def sheet_rows(directory: Path, table) -> list[dict[str, str]]:
    """Return the body of a table's sheet as the text that the file holds."""
    with zipfile.ZipFile(next(directory.glob("*.xlsx"))) as book:
        strings = [
            "".join(text.text or "" for text in item.iter(f"{{{SHEETS['s']}}}t"))
            for item in etree.fromstring(book.read("xl/sharedStrings.xml"))
        ]
        sheet = etree.fromstring(book.read(f"xl/worksheets/sheet{table.number + 2}.xml"))
    rows = []
    for row in sheet.findall("s:sheetData/s:row", SHEETS)[FIRST_ROW:]:
        values = [
            strings[int(cell.findtext("s:v", namespaces=SHEETS))]
            if cell.get("t") == "s"
            else cell.findtext("s:v", namespaces=SHEETS)
            for cell in row
        ]
        if len(values) == len(table.columns):
            rows.append(dict(zip([column.name for column in table.columns], values, strict=True)))
    return rows


def bulletin(directory: Path) -> etree._Element:
    return html.fromstring((directory / "bulletin.html").read_bytes())


def printed(text: str) -> Decimal:
    return Decimal(text.strip().removeprefix(ASSUMED).replace(",", ""))


@every_table
def test_the_twin_holds_the_exact_values_of_the_model(name, release, statistics_home):
    rows = model_rows(statistics_home, "2017Q2", TABLES[name])
    assert rows
    for held, written in zip(rows, twin_rows(release, name), strict=True):
        for column, text in written.items():
            assert text == ("" if held[column] is None else str(held[column]))


@every_table
def test_the_sheet_holds_the_exact_values_of_the_twin(name, release):
    table = TABLES[name]
    for drawn, written in zip(sheet_rows(release, table), twin_rows(release, name), strict=True):
        for column in table.columns:
            assert drawn[column.name] == (written[column.name] or MISSING)


@every_table
def test_where_there_is_no_same_period_the_sheet_shows_a_dash_and_the_twin_nothing(name, annual_release):
    compared = [column.name for column in TABLES[name].columns if column.measure == "comparison"]
    assert compared
    for drawn, written in zip(sheet_rows(annual_release, TABLES[name]), twin_rows(annual_release, name), strict=True):
        for column in compared:
            assert (drawn[column], written[column]) == (MISSING, "")


@every_table
def test_the_parts_of_a_sheet_add_to_its_totals(name, release):
    """Within a scheme the prefectures add to the province; without prefectures the schemes add to the total."""
    table = TABLES[name]
    twins = twin_rows(release, name)
    outer = table.key[:-1]
    for _, group in groupby(
        zip(twins, sheet_rows(release, table), strict=True), lambda pair: [pair[0][k] for k in outer]
    ):
        pairs = list(group)
        is_total = [all(twin[k] == v for k, v in table.total_rows.items()) for twin, _ in pairs]
        assert is_total.count(True) == 1
        for column in additive(table):
            parts = sum(Decimal(row[column]) for (_, row), total in zip(pairs, is_total, strict=True) if not total)
            assert parts == Decimal(pairs[is_total.index(True)][1][column])


def additive(table) -> list[str]:
    return [column.name for column in table.columns if column.measure in ("stock", "opening_stock", "year_to_date")]


def test_the_parts_that_the_bulletin_prints_add_to_the_totals_it_prints(release):
    page = bulletin(release)
    checked = 0
    for table in page.xpath("//table[caption]"):
        turned = not table.xpath(".//tr[@class='total']")
        rows = [list(row.xpath("td")) for row in table.xpath(".//tbody/tr")]
        lines = rows if turned else list(zip(*rows, strict=True))
        for line in lines:
            figures = [
                (cell.text_content(), "total" in (cell.get("class") + (cell.getparent().get("class") or "")))
                for cell in line
            ]
            if figures[0][0].endswith("%"):
                continue
            (total,) = [printed(text) for text, is_total in figures if is_total]
            assert sum(printed(text) for text, is_total in figures if not is_total) == total
            checked += 1
    assert checked > 40


def test_the_bulletin_and_the_sheet_print_the_same_figures(release):
    page = bulletin(release)
    for crosstab in REPORT.crosstabs:
        (table,) = page.xpath(f"//table[@id='crosstab_{crosstab.name}']")
        headings = [cell.text_content() for cell in table.xpath(".//thead//th")][1:]
        shown = {
            (row.xpath("string(th)"), heading): printed(cell.text_content())
            for row in table.xpath(".//tbody/tr")
            for heading, cell in zip(headings, row.xpath("td"), strict=True)
        }
        drawn = {
            (row["prefecture_name"], row["insurance_name"]): Decimal(row[crosstab.value])
            for row in sheet_rows(release, TABLES[crosstab.table])
        }
        assert shown == drawn


def test_the_charts_say_the_figures_of_the_model(release, statistics_home):
    page = bulletin(release)
    fund = model_rows(statistics_home, "2017Q2", TABLES["fund_balance"])
    (figure,) = page.xpath("//figure[@id='chart_fund_flows']")
    said = set(figure.xpath(".//@aria-label"))
    for row in fund[1:]:
        assert f"{row['insurance_name']}，基金收入：{row['income_yuan'] / 10**8:,.2f}亿元" in said
    assert len(page.xpath("//figure//svg[@role='img']")) == len(REPORT.charts)


def test_stocks_and_year_to_date_flows_are_marked_in_every_form(release):
    package = json.loads((release / "datapackage.json").read_text(encoding="utf-8"))
    for resource, table in zip(package["resources"], REPORT.tables, strict=True):
        measures = {
            field["name"]: field["measureTitle"] for field in resource["schema"]["fields"] if "measure" in field
        }
        assert measures == {c.name: REPORT.measures[c.measure] for c in table.columns if c.measure}
    marks = set(bulletin(release).xpath("//table[@id='beneficiaries_by_scheme']//*[@class='mark']/text()"))
    assert marks == {"人，期末时点数", "%，同期比较", "笔，本年累计", "元，本年累计"}
    with zipfile.ZipFile(next(release.glob("*.xlsx"))) as book:
        strings = book.read("xl/sharedStrings.xml").decode()
    assert all(f"<t>{mark}</t>" in strings for mark in REPORT.measures.values())


def test_every_unconfirmed_parameter_in_force_is_printed(release):
    package = json.loads((release / "datapackage.json").read_text(encoding="utf-8"))
    contents = [entry["content"] for group in package["assumptions"] for entry in group["entries"]]
    assert "险种代码 110；缴费方 单位；起始日 2016年5月1日；费率 19.00%" in contents  # assumed, in force in 2017
    assert not any("2006年1月1日" in content for content in contents)  # ended in 2016, or official
    assert not any("ANN" in content for content in contents)  # no fund of that scheme is published
    assert any("100021" in content for content in contents)
    assert not any("100011" in content for content in contents)  # official
    text = bulletin(release).text_content()
    with zipfile.ZipFile(next(release.glob("*.xlsx"))) as book:
        strings = book.read("xl/sharedStrings.xml").decode()
    for content in contents:
        assert content in text
        assert content in strings
    assert "待省局核定" in text


def test_a_rate_that_changed_within_the_year_is_printed_with_both_values(annual_release):
    package = json.loads((annual_release / "datapackage.json").read_text(encoding="utf-8"))
    contents = [entry["content"] for group in package["assumptions"] for entry in group["entries"]]
    assert "险种代码 110；缴费方 单位；起始日 2006年1月1日；费率 20.00%" in contents
    assert "险种代码 110；缴费方 单位；起始日 2016年5月1日；费率 19.00%" in contents


def test_every_indicator_is_defined_in_the_notes(release):
    text = bulletin(release).text_content()
    with zipfile.ZipFile(next(release.glob("*.xlsx"))) as book:
        strings = book.read("xl/sharedStrings.xml").decode()
    for table in REPORT.tables:
        for column in table.columns:
            if column.measure:
                assert column.definition in text
                assert column.definition in strings


def test_the_metadata_describes_the_twins_as_they_are(release):
    package = json.loads((release / "datapackage.json").read_text(encoding="utf-8"))
    assert package["dataAsOf"] == "2017-06-30"
    for resource in package["resources"]:
        written = (release / resource["path"]).read_bytes()
        rows = list(csv.reader(written.decode("utf-8-sig").splitlines()))
        assert written.startswith(b"\xef\xbb\xbf")
        assert resource["bytes"] == len(written)
        assert resource["hash"] == f"sha256:{hashlib.sha256(written).hexdigest()}"
        assert resource["rowCount"] == len(rows) - 1
        assert rows[0] == [field["name"] for field in resource["schema"]["fields"]]
        key = [rows[0].index(name) for name in resource["schema"]["primaryKey"]]
        assert len({tuple(row[place] for place in key) for row in rows[1:]}) == len(rows) - 1


def test_a_reader_of_csv_drops_the_byte_order_mark(release):
    rows = duckdb.sql(f"select * from read_csv('{release / 'fund_balance.csv'}', all_varchar = true)")
    assert rows.columns[0] == "period_code"


def test_the_manifest_lists_every_other_file_with_its_hash(release):
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["period"], manifest["data_as_of"]) == ("2017Q2", "2017-06-30")
    listed = {file["path"]: file["sha256"] for file in manifest["files"]}
    assert listed == {name: digest for name, digest in digests(release).items() if name != "manifest.json"}


def digests(directory: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in directory.iterdir()}


def reports(*arguments: str, home: Path) -> subprocess.CompletedProcess:
    environment = {**os.environ, "WAREHOUSE_HOME": str(home), "PYTHONHASHSEED": "1"}
    environment.pop("WAREHOUSE_TARGET", None)
    command = [sys.executable, "-m", "reports", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_the_command_gives_the_same_bytes_in_another_process(release, statistics_home, tmp_path):
    finished = reports("statistics", "--period", "2017Q2", "--out", str(tmp_path / "again"), home=statistics_home)
    assert finished.returncode == 0, finished.stderr
    assert digests(tmp_path / "again") == digests(release)


def test_a_period_that_the_warehouse_does_not_hold_ends_with_2_and_names_those_it_holds(statistics_home, tmp_path):
    finished = reports("statistics", "--period", "2018Q1", "--out", str(tmp_path / "none"), home=statistics_home)
    assert finished.returncode == 2
    assert "2016Q1、2016Q2、2016Q4、2016、2017Q1、2017Q2" in finished.stderr
    assert "Traceback" not in finished.stderr
    assert not list(tmp_path.iterdir())


def test_without_a_published_warehouse_the_command_ends_with_2(tmp_path):
    finished = reports("statistics", "--period", "2017Q2", "--out", str(tmp_path / "none"), home=tmp_path / "home")
    assert finished.returncode == 2
    assert "还没有已发布的数仓" in finished.stderr


@pytest.mark.parametrize("period", ["2017Q5", "2017-06", "", "2017Q2; drop table x"])
def test_a_period_that_is_none_is_refused(period, statistics_warehouse, tmp_path):
    with pytest.raises(ReportRefused, match="写法不对"):
        publish(period, tmp_path / "none")


def test_the_latest_quarter_and_year_are_chosen_when_none_is_asked_for(statistics_warehouse):
    assert choose_periods(None) == ["2017Q2", "2016"]
    assert choose_periods("2016Q1") == ["2016Q1"]


def test_publishing_again_leaves_the_release_untouched(statistics_warehouse, tmp_path):
    first = publish("2017Q1", tmp_path / "out")
    before = {path: path.stat().st_ino for path in first.directory.iterdir()}
    again = publish("2017Q1", tmp_path / "out")
    assert (first.is_new, again.is_new) == (True, False)
    assert {path: path.stat().st_ino for path in again.directory.iterdir()} == before


def test_another_period_takes_the_place_of_a_release_whole(statistics_warehouse, tmp_path):
    publish("2017Q1", tmp_path / "out")
    publish("2017Q2", tmp_path / "out")
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert [path.name for path in (tmp_path / "out").glob("*.xlsx")] == ["fund_statistics_2017Q2.xlsx"]


def test_a_failure_halfway_leaves_the_earlier_release_as_it_was(statistics_warehouse, tmp_path, monkeypatch):
    publish("2017Q1", tmp_path / "out")
    before = digests(tmp_path / "out")

    def fail(*arguments):
        raise OSError("no space left")

    monkeypatch.setattr("reports.fund_statistics.release.write_bulletin", fail)
    with pytest.raises(OSError, match="no space"):
        publish("2017Q2", tmp_path / "out")
    assert digests(tmp_path / "out") == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_directory_with_other_files_is_not_replaced(statistics_warehouse, tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "letter.txt").write_text("keep me")
    with pytest.raises(ReportRefused, match=r"letter\.txt"):
        publish("2017Q1", tmp_path / "letters")
    assert (tmp_path / "letters" / "letter.txt").read_text() == "keep me"


def marked_columns(table, parameters) -> set[str]:
    return {column.name for column in table.columns} & {name for it in parameters for name in it.marks}


def test_every_figure_that_rests_on_an_assumed_row_has_its_mark_in_sheet_and_bulletin(release):
    """Fiscal entry kinds, postings and most benefit items are assumed; contributions are what was received."""
    page = bulletin(release)
    for table in REPORT.tables:
        expected = marked_columns(table, REPORT.parameters)
        assert formats_with_a_mark(release, table) == expected
        notes = page.xpath(f"//table[@id='{table.name}']/following-sibling::ul/li/text()")
        if notes:
            assert any(ASSUMED in note and "项目约定" in note for note in notes) == bool(expected)
            figures = page.xpath(f"//table[@id='{table.name}']//td/text()")
            assert any(text.startswith(ASSUMED) for text in figures) == bool(expected)
    (row,) = page.xpath("//table[@id='fund_income']//tr[starts-with(th, '社会保险费收入')]")
    assert not any(text.startswith(ASSUMED) for text in row.xpath("td/text()"))
    (row,) = page.xpath("//table[@id='fund_income']//tr[starts-with(th, '利息收入')]")
    assert all(text.startswith(ASSUMED) for text in row.xpath("td/text()"))


def formats_with_a_mark(directory: Path, table) -> set[str]:
    """Return the columns whose numbers a spreadsheet shows with the mark; they are numbers all the same."""
    with zipfile.ZipFile(next(directory.glob("*.xlsx"))) as book:
        styles = etree.fromstring(book.read("xl/styles.xml"))
        sheet = etree.fromstring(book.read(f"xl/worksheets/sheet{table.number + 2}.xml"))
    marked = {it.get("numFmtId") for it in styles.iter(f"{{{SHEETS['s']}}}numFmt") if ASSUMED in it.get("formatCode")}
    uses = [it.get("numFmtId") in marked for it in styles.findall("s:cellXfs/s:xf", SHEETS)]
    first = sheet.findall("s:sheetData/s:row", SHEETS)[FIRST_ROW]
    return {column.name for column, cell in zip(table.columns, first, strict=True) if uses[int(cell.get("s"))]}


def test_nothing_is_marked_once_the_rows_are_confirmed(statistics_home, tmp_path, monkeypatch):
    confirmed = tmp_path / "home" / "warehouse"
    confirmed.mkdir(parents=True)
    shutil.copy(statistics_home / "warehouse" / "warehouse.duckdb", confirmed)
    with duckdb.connect(str(confirmed / "warehouse.duckdb")) as connection:
        for seed in ("fiscal_entry_kinds", "benefit_items", "fund_postings"):
            connection.execute(f"update {seed} set status = 'official'")
    monkeypatch.setenv("WAREHOUSE_HOME", str(tmp_path / "home"))
    directory = publish("2017Q2", tmp_path / "out").directory
    assert not any(formats_with_a_mark(directory, table) for table in REPORT.tables)
    assert not [text for text in bulletin(directory).xpath("//td/text()") if text.startswith(ASSUMED)]
