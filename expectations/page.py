"""The quality page: what landed, what was refused, which rules hold, where old and new differ. Counts, never rows.

Great Expectations' own Data Docs load fifteen files from public networks and show nothing without them, so the page is
ours: one HTML file, made from `quality/*.json` and the reasons beside refused files, without a clock.
"""

import json
from itertools import groupby
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from expectations import results
from expectations.rules import SEVERITIES, STAGES
from ingestion.masking import mask
from ingestion.messages import WARNINGS
from ingestion.settings import home

SOURCES = {
    "tax_bureau": "税务",
    "finance_bureau": "财政",
    "banks": "银行",
    "core_system": "核心系统",
    "legacy_system": "原系统",
}


def write_page() -> Path:
    """Write `quality/index.html` from what the last checks found, and return its path."""
    path = results.quality_folder() / "index.html"
    results.replace(path, _environment().get_template("page.html.j2").render(_content()))
    return path


def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "number": "{:,}".format,
        "masked": mask,
        "warning_name": WARNINGS.__getitem__,
        "source_name": SOURCES.__getitem__,
    }
    return environment


def _content() -> dict[str, Any]:
    known = results.read("results.json") or {"as_of": "", "stages": {}}
    feeds = (results.read("feeds.json") or {"feeds": []})["feeds"]
    comparisons = (results.read("migration.json") or {"comparisons": []})["comparisons"]
    rules = [rule for stage in STAGES for rule in known["stages"].get(stage, [])]
    failing = sorted((rule for rule in rules if rule["failing"]), key=lambda rule: rule["severity"] != "error")
    refused = _refused()
    return {
        "as_of": known["as_of"],
        "banner": _banner(known["stages"], failing),
        "figures": [
            ("规则", len(rules)),
            ("通过", len(rules) - len(failing)),
            ("警告", sum(rule["severity"] == "warning" for rule in failing)),
            ("阻断", sum(rule["severity"] == "error" for rule in failing)),
            ("拒收行", sum(feed["rejected"] for feed in feeds)),
            ("拒收文件", len(refused)),
        ],
        "failing": failing,
        "feeds": feeds,
        "refused": refused,
        "stages": [
            {"title": title, "tables": _tables(known["stages"][stage])}
            for stage, title in STAGES.items()
            if stage in known["stages"]
        ],
        "severities": SEVERITIES,
        "comparisons": comparisons,
    }


def _banner(stages: dict[str, Any], failing: list[dict[str, Any]]) -> dict[str, str]:
    blocking = [rule["title"] for rule in failing if rule["severity"] == "error"]
    if blocking:
        text = f"不符合的阻断级规则：{'；'.join(blocking)}。上一版已发布的数据不变。"
        return {"state": "bad", "title": "质量门禁未通过，停止发布", "text": text}
    unchecked = [title for stage, title in STAGES.items() if stage not in stages]
    if unchecked:
        return {"state": "open", "title": "检验尚未完成", "text": f"尚未检验：{'、'.join(unchecked)}。"}
    text = f"阻断级规则全部通过；另有 {len(failing)} 条警告。" if failing else "全部规则通过。"
    return {"state": "good", "title": "质量门禁通过，可以发布", "text": text}


def _tables(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"name": name, "title": title, "rules": list(of_table)}
        for (name, title), of_table in groupby(rules, key=lambda rule: (rule["table"], rule["table_title"]))
    ]


def _refused() -> list[dict[str, str]]:
    """Return source, name and reason of each file that was refused whole."""
    return [
        {
            "source": path.parent.name,
            "name": path.name.removesuffix(".reason.json"),
            "reason": json.loads(path.read_text(encoding="utf-8"))["message"],
        }
        for path in sorted((home() / "refused").glob("*/*.reason.json"))
    ]
