"""Serve the channels without Airflow: take, receive, answer, deliver; until Ctrl-C, or once."""

import argparse
import signal
from datetime import datetime

from rich.markup import escape

from ingestion.commands.console import console

HELP = "值守通道：取来到齐的文件，接收并回执，送出待送文件"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", action="append", metavar="来源", help="只值守该来源，可重复；不写则值守全部")
    parser.add_argument("--once", action="store_true", help="只做一轮就结束（2：有文件被拒收；1：通道出错）")


def run(arguments: argparse.Namespace) -> int:
    from ingestion.channels import channel_of, sources
    from ingestion.watch import watch

    chosen = arguments.source or sources()
    for source in chosen:
        console.print(f"值守 {source}：{escape(channel_of(source).address)}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # a service is stopped like a person stops it
    try:
        return watch(chosen, _say, once=arguments.once)
    except KeyboardInterrupt:
        console.print("已停止。没有做完的下次继续，不会丢失文件。")
        return 0


def _say(source: str, what: str, text: str) -> None:
    console.print(f"{datetime.now():%H:%M:%S} {source} {what} {escape(text)}")
