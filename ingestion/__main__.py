"""`python -m ingestion COMMAND`: see `ingestion/commands/`."""

import argparse
import sys
from importlib import import_module

from rich.markup import escape

from ingestion.commands import COMMANDS
from ingestion.commands.console import FAULT, errors
from ingestion.feed_spec import FeedSpecError


def parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    top = argparse.ArgumentParser(prog="python -m ingestion", description="接收、核对、送出交换文件")
    commands = top.add_subparsers(dest="command", required=True)
    for name in COMMANDS:
        module = import_module(f"ingestion.commands.{name}")
        command = commands.add_parser(name, help=module.HELP, description=module.HELP)
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    return top


def main() -> int:
    """Run a command and return its exit code: 0 well, 2 an input refused or a check failed, 1 a fault of ours."""
    arguments = parser().parse_args()
    try:
        return arguments.run(arguments)
    except FeedSpecError as error:
        errors.print(escape(str(error)))
    except OSError as error:
        errors.print(f"读写失败：{escape(str(error))}。请检查磁盘空间和权限后重试。")
    except Exception as error:
        if not hasattr(error, "exit_code"):  # what nobody foresaw keeps its traceback
            raise
        errors.print(escape(str(error)))
        return error.exit_code
    return FAULT


if __name__ == "__main__":
    sys.exit(main())
