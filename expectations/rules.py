"""Read the rules: one YAML file per table under `suites/`, one entry per rule.

An entry says what must hold in exactly one way (its *kind*, see `kinds.py`). Everything else is made from it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from expectations.kinds import KINDS

SUITES = Path(__file__).parent / "suites"
STAGES = {"landing": "落地数据", "marts": "数据集市与报表"}
SEVERITIES = {"error": "阻断", "warning": "警告"}
_ENTRY = {"id", "title", "severity", "remedy"}


class DeclarationError(ValueError):
    """A suite file says something that no rule can mean."""


def checked_sql(stage: str, table: str, excluded: Sequence[str]) -> str:
    """Return the query of the rows a stage looks at: all, but of what landed not those of the excluded batches."""
    if stage != "landing":
        return f"select * from {table}"
    ids = ", ".join(f"'{batch_id}'" for batch_id in excluded)
    return f"select * from landing.{table}" + (f" where batch_id not in ({ids})" if ids else "")


@dataclass(frozen=True)
class Rule:
    """One quality rule. `stage`, `table` and `kind` are keys of `STAGES`, a table's own name, and a key of `KINDS`."""

    id: str
    stage: str
    table: str
    title: str
    severity: str
    remedy: str
    kind: str
    declared: Mapping[str, Any] = field(hash=False)

    def failing_sql(self, excluded: Sequence[str]) -> str:
        """Return the query whose rows are all the rows that break the rule, apart from those of excluded batches."""
        return KINDS[self.kind].failing_sql(f"({checked_sql(self.stage, self.table, excluded)})", self.declared)

    @property
    def expectation(self) -> tuple[str, dict[str, Any]] | None:
        """Return the name and arguments of Great Expectations' own expectation, None where only SQL says it."""
        return KINDS[self.kind].expectation(self.declared)


@dataclass(frozen=True)
class Suite:
    """All rules of one table."""

    stage: str
    table: str
    title: str
    rules: tuple[Rule, ...]


def load_suite(path: Path) -> Suite:
    """Read one suite file. Raise `DeclarationError` naming the file and the rule that cannot be understood."""
    declared = yaml.safe_load(path.read_text(encoding="utf-8"))
    if set(declared) != {"stage", "title", "rules"} or declared["stage"] not in STAGES:
        raise DeclarationError(f"{path.name}：须且只须声明 stage（{'、'.join(STAGES)}）、title、rules")
    rules = tuple(_rule(path, declared["stage"], entry) for entry in declared["rules"])
    return Suite(declared["stage"], path.stem, declared["title"], rules)


@cache
def all_suites() -> tuple[Suite, ...]:
    """Read every suite in the order of the stages, then of the tables. Raise `DeclarationError` on a repeated id."""
    suites = [load_suite(path) for path in sorted(SUITES.glob("*.yml"))]
    ids = [rule.id for suite in suites for rule in suite.rules]
    if repeated := sorted({rule_id for rule_id in ids if ids.count(rule_id) > 1}):
        raise DeclarationError(f"规则编号重复：{'、'.join(repeated)}")
    return tuple(sorted(suites, key=lambda suite: (list(STAGES).index(suite.stage), suite.table)))


def suites_of(stage: str) -> tuple[Suite, ...]:
    """Return the suites of one stage."""
    if stage not in STAGES:
        raise DeclarationError(f"检验阶段 {stage!r} 不认识；可用的值：{'、'.join(STAGES)}")
    return tuple(suite for suite in all_suites() if suite.stage == stage)


def _rule(path: Path, stage: str, entry: dict[str, Any]) -> Rule:
    where = f"{path.name} 规则 {entry.get('id', '?')}"
    kinds = [key for key in entry if key in KINDS]
    if len(kinds) != 1 or set(entry) != _ENTRY | set(kinds):
        raise DeclarationError(f"{where}：须有 {'、'.join(sorted(_ENTRY))} 和恰好一种要求（{'、'.join(KINDS)}）")
    if entry["severity"] not in SEVERITIES:
        raise DeclarationError(f"{where}：severity 只能是 {'、'.join(SEVERITIES)}")
    kind = KINDS[kinds[0]]
    try:
        declared = kind.read(entry[kinds[0]])
    except (KeyError, TypeError, ValueError) as problem:
        raise DeclarationError(f"{where}：{kinds[0]} 的写法不对：{problem}") from problem
    return Rule(
        id=entry["id"],
        stage=stage,
        table=path.stem,
        title=entry["title"],
        severity=entry["severity"],
        remedy=entry["remedy"],
        kind=kinds[0],
        declared=declared,
    )
