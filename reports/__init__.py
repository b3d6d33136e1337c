"""Turn `rpt_` rows into what people read. No arithmetic on data happens here: the models did it."""


class ReportRefused(Exception):
    """Say that what was asked for cannot be published; the message (Chinese) tells what to do instead."""

    exit_code = 2
