"""Write the exchange files of a sample province."""

import argparse
from pathlib import Path

from rich.markup import escape

from ingestion.commands.arguments import month
from ingestion.commands.console import console, errors

HELP = "生成样例省份的交换文件"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("directory", type=Path, metavar="目录")
    parser.add_argument("--persons", type=int, required=True, metavar="人数")
    parser.add_argument("--seed", type=int, required=True, metavar="种子")
    parser.add_argument("--from", dest="first_month", type=month, required=True, metavar="YYYY-MM")
    parser.add_argument("--to", dest="last_month", type=month, required=True, metavar="YYYY-MM")
    parser.add_argument("--faults", action="store_true", help="每种差错各造一处，列在 truth/faults.csv")


def run(arguments: argparse.Namespace) -> int:
    from ingestion import sample
    from ingestion.sample.errors import SampleError

    span = (arguments.first_month, arguments.last_month)
    try:
        with errors.status("生成样例省份") as status:
            sample.write(
                arguments.directory,
                arguments.persons,
                arguments.seed,
                *span,
                progress=status.update,
                faults=arguments.faults,
            )
    except SampleError as error:
        errors.print(escape(str(error)))
        return error.exit_code
    console.print(f"样例省份已写入 {escape(str(arguments.directory))}")
    return 0
