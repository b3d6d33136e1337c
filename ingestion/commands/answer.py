"""Let the sample province answer files of our outbox."""

import argparse
from pathlib import Path

from rich.markup import escape

from ingestion.commands.console import REFUSED, console, errors

HELP = "由样例省份的税务局、银行应答我方送出的文件"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", type=Path, nargs="+", metavar="送出的文件")
    parser.add_argument("directory", type=Path, metavar="目录", help="应答文件写到这里")


def run(arguments: argparse.Namespace) -> int:
    from ingestion.messages import Refused
    from ingestion.sample.answers import answer

    for path in arguments.files:
        try:
            console.print(escape(str(answer(path, arguments.directory))))
        except Refused as refused:
            errors.print(escape(refused.explain(path.name, None)))
            return REFUSED
    return 0
