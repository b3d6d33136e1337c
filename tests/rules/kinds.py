"""Cases of the law: a YAML list of `{name, kind, given, expect}`, each answered by SQL on two engines and by Python.

A *kind* is a module `tests/rules/<kind>.py` with `KIND = Kind(...)`: which models hold the rule, the rows they read for
a case, what they answered, and what the calculator answers. Case number 12 has the key `C000012`: give it, or texts
that begin with it (`C000012-2`), to whatever identifies rows (person, unit, scheme numbers), so that all cases lie side
by side in the same tables and the models run once for all of them. Seeds that a kind does not give rows for are the
project's own; a case that overrides a rate gets a scheme or unit of its own, named by its key.
"""

import csv
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import yaml

from ingestion.settings import ROOT

CASES = ROOT / "tests" / "cases"
Row = dict[str, Any]
Case = dict[str, Any]


@dataclass(frozen=True)
class Mutant:
    """A wrong variant of a model: `find` is replaced by `replace` in its compiled SQL; the cases must catch it."""

    model: str
    find: str
    replace: str


@dataclass(frozen=True)
class Kind:
    """How a rule is asked. `Row`s are dicts by column; values are str, int, bool, date, Decimal or None.

    models: those that hold the rule, in the order they are built. What else they read is in `tables` or a seed.
    tables: (case, key) -> rows by model or seed name; tables named for no case at all must be given as empty lists.
    outputs: model -> the column that begins with the key of the case; the rows of these models are handed to `answer`.
    answer: rows by output model (of one case, in no order) -> what the case expects, in the same shape.
    calculate: case -> the same, by the independent calculator in `expectations/calculator/`.
    mutants: deliberately wrong variants, at least one for each rule.
    """

    models: tuple[str, ...]
    tables: Callable[[Case, str], dict[str, list[Row]]]
    outputs: dict[str, str]
    answer: Callable[[dict[str, list[Row]]], Any]
    calculate: Callable[[Case], Any]
    mutants: tuple[Mutant, ...]


def key_of(number: int) -> str:
    """Return the key of the n-th case of a run."""
    return f"C{number:06d}"


def load_cases(folder: Path) -> list[Case]:
    """Return the cases of all `*.yml` under a folder, in order; raise ValueError for one without name or known kind."""
    found = []
    for path in sorted(folder.rglob("*.yml")):
        for number, case in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")) or [], start=1):
            if not {"name", "kind", "expect"} <= set(case):
                raise ValueError(f"{path.name}，第 {number} 例：要有 name、kind、expect")
            if case["kind"] not in kind_names():
                raise ValueError(f"{path.name}，第 {number} 例（{case['name']}）：没有 kind {case['kind']}，"
                                 f"只有 {'、'.join(kind_names())}")  # fmt: skip
            found.append(case)
    return found


def kind_names() -> list[str]:
    """Return the names of all kinds."""
    modules = Path(__file__).parent.glob("*.py")
    return sorted(path.stem for path in modules if "\nKIND = Kind(" in path.read_text(encoding="utf-8"))


def kind(name: str) -> Kind:
    """Return a kind by its name."""
    return importlib.import_module(f"tests.rules.{name}").KIND


def seed(name: str) -> list[dict[str, str]]:
    """Return the rows of `dbt/seeds/<name>.csv`, for a calculator whose case leaves a rate to the seed."""
    with (ROOT / "dbt" / "seeds" / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def differences(expected: Any, found: Any, where: str = "") -> list[str]:
    """Return where `found` is not what is expected; keys that `expected` leaves out are not looked at."""
    if isinstance(expected, dict) and isinstance(found, dict):
        missing = [f"{where}.{key}: no such answer" for key in expected if key not in found]
        inner = [differences(expected[key], found[key], f"{where}.{key}") for key in expected if key in found]
        return missing + [line for lines in inner for line in lines]
    if isinstance(expected, list) and isinstance(found, list):
        if len(expected) != len(found):
            return [f"{where}: {len(found)} rows, expected {len(expected)}: {found}"]
        pairs = zip(expected, found, strict=True)
        return [line for at, pair in enumerate(pairs) for line in differences(*pair, f"{where}[{at}]")]
    return [] if _plain(expected) == _plain(found) else [f"{where}: {found}, expected {expected}"]


def _plain(value: Any) -> Any:
    """Return a value so that 1, "1" and Decimal("1.00") are the same, and a date is its ISO text."""
    if value is None or isinstance(value, bool):
        return value
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return str(value)
