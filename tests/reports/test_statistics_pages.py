"""What a reader opens: the workbook in LibreOffice, the bulletin in Chromium with no network."""

import json
import re
import subprocess
import zipfile
from decimal import Decimal
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from lxml import etree, html

from reports.fund_statistics.charts import COLOURS
from reports.fund_statistics.declaration import load_report

REPORT = load_report()
CHROMIUM = (
    "chromium",
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--proxy-server=127.0.0.1:9",  # nobody listens there: no request gets out
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
)


class Printed:
    """A printed page file: its text, and how much of it has a colour."""

    def __init__(self, path: Path):
        with pypdfium2.PdfDocument(path) as document:
            self.text = "".join(page.get_textpage().get_text_range() for page in document)
            self.pages = [page.render(scale=1).to_numpy()[:, :, 2::-1].astype(int) for page in document]  # BGR to RGB

    def area(self, colour: str) -> int:
        """Return how many pixels of all pages have about this colour (`#rrggbb`)."""
        wanted = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)])
        return sum(int((np.abs(page - wanted).sum(axis=2) < 12).sum()) for page in self.pages)


def open_in_chromium(page: Path, directory: Path) -> tuple[Printed, list[str]]:
    """Print a page with the network off, and return it with the addresses that the page itself asked for."""
    log, pdf = directory / "net.json", directory / "page.pdf"
    arguments = (f"--user-data-dir={directory / 'profile'}", f"--log-net-log={log}", f"--print-to-pdf={pdf}")
    subprocess.run([*CHROMIUM, *arguments, page.as_uri()], check=True, capture_output=True, timeout=120)
    events = json.loads(log.read_text(encoding="utf-8"))["events"]
    # The browser asks for things of its own; those have no origin, a page's requests do.
    asked = [
        event["params"]
        for event in events
        if event.get("params", {}).get("initiator", "not an origin") != "not an origin"
    ]
    return Printed(pdf), [request.get("url", "") for request in asked]


@pytest.fixture(scope="module")
def opened(release, tmp_path_factory) -> tuple[Printed, list[str]]:
    return open_in_chromium(release / "bulletin.html", tmp_path_factory.mktemp("chromium"))


@pytest.fixture(scope="module")
def converted(release, tmp_path_factory) -> Printed:
    """The workbook as LibreOffice prints it."""
    directory = tmp_path_factory.mktemp("libreoffice")
    workbook = next(release.glob("*.xlsx"))
    command = [
        "soffice",
        "--headless",
        f"-env:UserInstallation={(directory / 'profile').as_uri()}",
        "--convert-to",
        "pdf",
    ]
    subprocess.run([*command, "--outdir", directory, workbook], check=True, capture_output=True, timeout=180)
    return Printed(directory / f"{workbook.stem}.pdf")


def test_the_bulletin_shows_its_charts_without_a_network(opened):
    shown, _ = opened
    for colour in COLOURS:
        assert shown.area(colour) > 500, colour
    for number, chart in enumerate(REPORT.charts, start=1):
        assert f"图{number}" in shown.text
        assert chart.title in shown.text
    assert "西双版纳傣族自治州" in shown.text


def test_the_bulletin_prints_every_table_on_paper(opened):
    shown, _ = opened
    for table in REPORT.tables:
        if len(table.key) == 1:
            assert table.title in shown.text
    assert shown.pages[0].shape[0] > shown.pages[0].shape[1]


def test_the_bulletin_asks_for_nothing(opened):
    _, asked = opened
    assert asked == []


def test_a_page_that_asks_for_something_is_noticed(tmp_path):
    page = tmp_path / "page.html"
    page.write_text('<!DOCTYPE html><title>asks</title><img src="http://example.invalid/picture.png">')
    _, asked = open_in_chromium(page, tmp_path)
    assert asked == ["http://example.invalid/picture.png"]


def test_the_bulletin_holds_no_script_and_no_address_outside_its_directory(release):
    page = html.fromstring((release / "bulletin.html").read_bytes())
    assert page.get("lang") == "zh-CN"
    assert not page.xpath("//script | //iframe | //object | //embed | //*[@*[starts-with(name(), 'on')]]")
    assert "default-src 'none'" in page.xpath("string(//meta[@http-equiv]/@content)")
    for address in page.xpath("//@href | //@src | //@*[name()='xlink:href']"):
        inside = address.startswith("#") or address == "data:," or (release / address).is_file()
        assert inside, address
    styles = "".join(page.xpath("//style/text()"))
    assert "url(" not in styles
    assert "@import" not in styles


def test_every_chart_keeps_its_words_as_text_and_describes_itself_in_chinese(release):
    drawings = html.fromstring((release / "bulletin.html").read_bytes()).xpath("//figure//svg")
    assert len(drawings) == len(REPORT.charts)
    for drawing, chart in zip(drawings, REPORT.charts, strict=True):
        assert drawing.get("aria-label").startswith(f"条形图：{chart.title}。")
        assert drawing.xpath(".//*[name()='text']")
        assert not [label for label in drawing.xpath(".//@aria-label") if re.search("[a-z]{3,}", label)]


def test_the_workbook_opens_in_libreoffice_with_every_sheet(converted):
    text = re.sub(r"\s", "", converted.text)
    for words in ("社会保险基金统计", "2017年第二季度", "数据截至：2017年6月30日", "目录", *REPORT.measures.values()):
        assert words in text
    for table in REPORT.tables:
        assert f"表{table.number}{table.title}" in text
        assert text.count(f"统计范围：{table.scope}") >= 1
    assert all(page.shape[1] > page.shape[0] for page in converted.pages)


def test_libreoffice_shows_each_fund_total_whole(converted, release):
    """A column too narrow would print ### in place of a figure."""
    assert "###" not in converted.text
    header, total, *_ = (release / "fund_income.csv").read_text(encoding="utf-8-sig").splitlines()
    row = dict(zip(header.split(","), total.split(","), strict=True))
    for name in ("contribution_income_yuan", "income_yuan", "same_period_income_yuan"):
        assert f"{Decimal(row[name]):,}" in converted.text


def test_the_workbook_is_well_formed_and_names_no_clock(release):
    with zipfile.ZipFile(next(release.glob("*.xlsx"))) as book:
        assert book.testzip() is None
        for name in book.namelist():
            etree.fromstring(book.read(name))
        core = book.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", core)) == {"2017-06-30T00:00:00Z"}


def test_the_links_of_the_contents_lead_to_sheets(release):
    with zipfile.ZipFile(next(release.glob("*.xlsx"))) as book:
        sheets = set(re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode()))
        targets = set(re.findall(r"location=\"'([^']+)'!A1\"", book.read("xl/worksheets/sheet2.xml").decode()))
    assert targets == {table.sheet_name for table in REPORT.tables} | {"说明"}
    assert targets < sheets
