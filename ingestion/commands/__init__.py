"""The commands of `python -m ingestion`: one module each, with `HELP`, `add_arguments(parser)` and `run(arguments)`."""

COMMANDS = (
    "sample",
    "receive",
    "watch",
    "batches",
    "audit",
    "quarantine",
    "replay",
    "history",
    "tie",
    "bases",
    "send",
    "answer",
)
