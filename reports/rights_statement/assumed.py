"""Say which parameters of the year are assumed, and by which documents, beside the figures that rest on them."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # a worker makes pages without a warehouse: it need not load the engines
    from ingestion.warehouse import Warehouse

# Section of the statement -> scheme -> what of it is assumed, in words.
Assumed = Mapping[str, Mapping[str, list[str]]]
LONGEST = 120  # characters; more does not stand beside a heading


def is_assumed(column: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Tell whether a figure of a declared column rests on an assumed row."""
    return any(values.get(status) == "assumed" for status in column.get("rests_on", ()))


def read_assumed(warehouse: "Warehouse", declared: Mapping[str, Any], year: int) -> Assumed:
    """Return what was assumed of the declared seeds at any time of a year: title and documents, each once."""
    found: dict[str, dict[str, list[str]]] = {}
    for section, seeds in declared["seeds"].items():
        found[section] = defaultdict(list)
        for seed in seeds:
            for scheme, documents in _documents(warehouse, declared, seed, year).items():
                found[section][scheme].append(f"{seed['title']}（{'、'.join(documents)}）")
    return found


def _documents(
    warehouse: "Warehouse", declared: Mapping[str, Any], seed: Mapping[str, Any], year: int
) -> dict[str, list[str]]:
    conditions = ["status = 'assumed'", "valid_from < ?", "valid_to > ?", *(f"{name} = ?" for name in seed["where"])]
    rows = warehouse.rows(
        f"select insurance_code, document from {seed['seed']} where {' and '.join(conditions)}"
        " order by insurance_code, valid_from, document",
        (date(year + 1, 1, 1), date(year, 1, 1), *seed["where"].values()),
    )
    documents: dict[str, dict[str, None]] = defaultdict(dict)
    for row in rows:
        documents[row["insurance_code"]][row["document"] or declared["no_document"]] = None
    return {scheme: list(named) for scheme, named in documents.items()}


def note(declared: Mapping[str, Any], items: list[str]) -> str:
    """Return the note on what is assumed; cut where it would not stand beside its heading."""
    text = declared["lead"] + "；".join(items)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
