"""Commands of the quality gate: `python -m expectations check|migration|page`."""

import argparse
import sys

from rich.console import Console
from rich.table import Table

from expectations.page import write_page
from expectations.rules import SEVERITIES, STAGES

PASSED, REFUSED = 0, 2
console = Console()


def main() -> int:
    """Run one command; return 0 when all is well, 2 when a check failed or there is nothing to check."""
    parser = argparse.ArgumentParser(prog="python -m expectations", description="数据质量门禁")
    commands = parser.add_subparsers(dest="command", required=True, metavar="命令")
    check = commands.add_parser("check", help="检验一个阶段的全部规则")
    check.add_argument("stage", choices=STAGES, help="landing 落地数据；marts 数据集市与报表")
    migration = commands.add_parser("migration", help="核对原系统与省级数仓")
    for command, default in ((check, "building"), (migration, "published")):
        command.add_argument("--database", choices=("building", "published"), default=default, help="检验哪个数仓")
    commands.add_parser("page", help="重新生成质量页")
    arguments = parser.parse_args()
    try:
        return run(arguments)
    except Exception as error:
        if getattr(error, "exit_code", None) != REFUSED:
            raise
        console.print(str(error), style="red", markup=False)
        return REFUSED


def run(arguments: argparse.Namespace) -> int:
    """Run the command that was asked for; return its exit code."""
    if arguments.command == "check":
        return check_stage(arguments.stage, arguments.database)
    if arguments.command == "migration":
        return compare_systems(arguments.database)
    say_page()
    return PASSED


def check_stage(stage: str, database: str) -> int:
    """Check a stage and show each rule that does not hold."""
    from expectations import gate  # Great Expectations takes seconds to import, and only this command wants it

    result = gate.run(stage, database)
    for rule in result.blocking + result.warnings:
        style = "red" if rule.severity == "error" else "yellow"
        console.print(f"[{style}]{SEVERITIES[rule.severity]}[/] {rule.rule_id}（{rule.table}）{rule.failing:,} 行")
        console.print(f"     {rule.title}\n     处理：{rule.remedy}", markup=False)
    console.print(result.summary, markup=False, soft_wrap=True)
    say_page()
    return PASSED if result.passed else REFUSED


def compare_systems(database: str) -> int:
    """Compare the legacy system with the warehouse and show the counts by column."""
    from expectations.migration import check_migration

    for found in check_migration(database).comparisons:
        table = Table("列", title=found.title)
        table.add_column("行数", justify="right")
        counts = {"两侧都有": found.in_both, "仅原系统": found.only_old, "仅新系统": found.only_new, **found.by_column}
        for label, count in counts.items():
            table.add_row(label, f"{count:,}")
        console.print(table)
    say_page()
    return PASSED


def say_page() -> None:
    """Write the quality page and say where it lies."""
    console.print(f"质量页：{write_page()}", markup=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
