"""Publish and look up from the command line: `python -m reports statistics|statements|trace`.

Exit code 0: all well; 2: what was asked for cannot be published; 1: a fault of ours.
"""

import argparse
import sys
from pathlib import Path

from rich.console import Console


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    chosen = _parser().parse_args(arguments)
    said = Console(highlight=False, soft_wrap=True)
    try:
        if summary := chosen.run(chosen, lambda step: said.print(f"  {step}", markup=False)):
            said.print(str(summary), markup=False)
    except Exception as error:
        if getattr(error, "exit_code", None) != 2:
            raise
        print(error, file=sys.stderr)
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m reports", description="从已发布的数仓生成统计资料与权益记录单")
    commands = parser.add_subparsers(required=True, metavar="命令")
    statistics = commands.add_parser("statistics", help="社会保险基金统计：工作簿、CSV、公报")
    statistics.add_argument("--period", required=True, help="统计期：季度写作 2017Q2，年度写作 2016")
    statistics.add_argument("--out", required=True, type=Path, help="发布目录")
    statistics.set_defaults(run=_publish_statistics)
    statements = commands.add_parser("statements", help="个人权益记录单：印刷批次与清单")
    statements.add_argument("--year", required=True, type=int, help="账户年度，如 2016")
    statements.add_argument("--out", required=True, type=Path, help="发布目录")
    statements.set_defaults(run=_publish_statements)
    traced = commands.add_parser("trace", help="追溯：逐笔列出个人账户一年的来历").add_subparsers(
        required=True, metavar="对象"
    )
    person = traced.add_parser("person", help="一个人的个人账户")
    person.add_argument("person_number", metavar="个人编号")
    person.add_argument("--year", required=True, type=int, help="账户年度，如 2016")
    person.set_defaults(run=_trace_person)
    return parser


def _publish_statistics(chosen: argparse.Namespace, progress):
    from reports.fund_statistics.release import publish

    return publish(chosen.period, chosen.out, progress)


def _publish_statements(chosen: argparse.Namespace, progress):
    from reports.rights_statement.statements import publish

    return publish(chosen.year, chosen.out, progress)


def _trace_person(chosen: argparse.Namespace, _progress) -> None:
    from reports.trace.page import trace

    # Wide enough for file names when nobody's terminal says how wide it is.
    console = Console(highlight=False) if sys.stdout.isatty() else Console(highlight=False, width=240)
    trace(chosen.person_number, chosen.year, console)


if __name__ == "__main__":
    sys.exit(main())
