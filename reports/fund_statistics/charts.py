"""Draw the declared charts as SVG: text stays text, every mark says its figure, no script, no network.

A bar's length is geometry and may be a float; the figure printed beside it comes from the filters.
"""

from collections.abc import Callable

import altair as alt
import vl_convert
from lxml import etree

from reports.formats import scaled
from reports.fund_statistics.declaration import Chart, Column
from reports.fund_statistics.figures import FilledTable, Row, matches

FONTS = "Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, PingFang SC, SimHei, sans-serif"
# Dark, middle, light: told apart in grey print and by readers who do not see red and green.
COLOURS = ("#1F4E79", "#E0A030", "#8FB8DE")
WIDTH, BAR, GAP, LABELS = 560, 18, 12, 210
SVG = "{http://www.w3.org/2000/svg}"


def draw(chart: Chart, filled: FilledTable, sign: Callable[[Column], str]) -> str:
    """Return a chart as an SVG element; a series without any value (no year before) is left out.

    `sign` gives what stands before the figures of a column, such as that they rest on an assumed row.
    """
    rows = [row for row in filled.parts if matches(row, chart.where)]
    named = [filled.table.column(name) for name in chart.series]
    columns = [column for column in named if any(row[column.name] is not None for row in rows)]
    bars = [_mark(chart, row, column, sign, place) for row in rows for place, column in enumerate(columns)]
    ends = [_mark(chart, row, filled.table.column(chart.label), sign) for row in rows] if chart.label else bars
    spec = _specification(chart, columns, bars, ends).to_dict()
    return _accessible(vl_convert.vegalite_to_svg(spec), _description(chart, bars))


def _mark(chart: Chart, row: Row, column: Column, sign: Callable[[Column], str], place: int = 0) -> dict:
    """Return one figure as what is drawn, printed and said of it."""
    shown = scaled(row[column.name], chart.unit or column.unit)
    value = float(row[column.name] or 0)  # the length of a bar only; what is printed is `shown`
    return {
        "category": row[chart.category],
        "series": column.label,
        "place": place,
        "value": value,
        "end": max(value, 0),  # beside a bar that goes left, the figure would lie on it
        "shown": sign(column) + shown,
        "said": f"{row[chart.category]}，{column.label}：{shown}",
    }


def _specification(chart: Chart, columns: list[Column], bars: list[dict], ends: list[dict]) -> alt.LayerChart:
    grouped = chart.arrangement == "grouped"
    shared = {"y": alt.Y("category:N", sort=None, title=None, axis=_category_axis())}
    if grouped:
        shared["yOffset"] = alt.YOffset("series:N", sort=None)
    drawn = (
        alt.Chart(alt.InlineData(values=bars))
        .mark_bar()
        .encode(
            **shared,
            x=alt.X("value:Q", axis=None, stack="zero" if chart.arrangement == "stacked" else None),
            color=alt.Color("series:N", sort=None, scale=_colours(columns), legend=_legend(columns)),
            order=alt.Order("place:Q"),
            description="said:N",
        )
    )
    figures = alt.Chart(alt.InlineData(values=ends)).mark_text(align="left", dx=5, aria=False)
    figures = figures.encode(**shared, x=alt.X("end:Q", axis=None), text="shown:N")
    categories = len({bar["category"] for bar in bars})
    height = categories * ((len(columns) if grouped else 1) * BAR + GAP)
    return (drawn + figures).properties(width=WIDTH, height=height, padding=8).configure(**_look())


def _category_axis() -> alt.Axis:
    # A fixed extent keeps the layout the same whatever font measures the labels.
    return alt.Axis(minExtent=LABELS, maxExtent=LABELS, labelLimit=LABELS, ticks=False, labelPadding=8, aria=False)


def _colours(columns: list[Column]) -> alt.Scale:
    return alt.Scale(domain=[column.label for column in columns], range=list(COLOURS[: len(columns)]))


def _legend(columns: list[Column]) -> alt.Legend | None:
    if len(columns) == 1:
        return None
    return alt.Legend(orient="top", title=None, direction="horizontal", symbolType="square", aria=False, labelLimit=0)


def _look() -> dict:
    return {
        "font": FONTS,
        "background": "transparent",
        "view": alt.ViewConfig(stroke=None),
        "axis": alt.AxisConfig(labelFontSize=13, labelColor="#222", domainColor="#888"),
        "legend": alt.LegendConfig(labelFontSize=13, labelColor="#222", columnPadding=24),
        "text": alt.MarkConfig(fontSize=12, color="#222"),
    }


def _description(chart: Chart, bars: list[dict]) -> str:
    return f"条形图：{chart.title}。" + "；".join(bar["said"] for bar in bars) + "。"


def _accessible(svg: str, description: str) -> str:
    """Name the drawing for a screen reader in Chinese, and let it shrink with the page."""
    root = etree.fromstring(svg.encode())
    del root.attrib["width"], root.attrib["height"]
    root.set("role", "img")
    root.set("aria-label", description)
    for element in root.iter():
        element.attrib.pop("aria-roledescription", None)  # the renderer's are in English
    return etree.tostring(root, encoding="unicode")
