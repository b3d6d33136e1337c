"""Write the bulletin: one HTML file in Chinese that needs neither network nor script."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from reports.formats import ASSUMED, FILTERS, MISSING
from reports.fund_statistics.charts import draw
from reports.fund_statistics.figures import Figures, set_out, shown_text

TEMPLATE = "bulletin.html.j2"


def write_bulletin(figures: Figures, workbook_name: str, path: Path) -> None:
    """Write the bulletin of one release; `workbook_name` is the file beside it that the page links to."""
    report = figures.report
    page = _environment(figures).get_template(TEMPLATE)
    text = page.render(
        report=report,
        figures=figures,
        tables=figures.tables,
        crosstabs={
            crosstab.name: (number, set_out(figures.tables[crosstab.table], crosstab))
            for number, crosstab in enumerate(report.crosstabs, start=1)
        },
        charts={
            # The drawing is our own renderer's output, already escaped by it.
            chart.name: (number, chart, Markup(draw(chart, figures.tables[chart.table], figures.mark)))
            for number, chart in enumerate(report.charts, start=1)
        },
        workbook_name=workbook_name,
        missing=MISSING,
        assumed=ASSUMED,
    )
    path.write_text(text, encoding="utf-8")


def _environment(figures: Figures) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(FILTERS, shown=shown_text, mark_of=figures.mark)
    return environment
