"""What the sample province's tax bureau and bank answer to the files that we send them."""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa

from ingestion.feed_spec import all_feeds, load_feed
from ingestion.formats import open_exchange
from ingestion.formats.exchange import Exchange, Named
from ingestion.formats.received import ReceivedFile
from ingestion.outgoing.files import ExchangeFile
from ingestion.outgoing.forms import begin_file
from ingestion.outgoing.text import Column, encoded, take
from ingestion.receive import recognise
from ingestion.sample.errors import SampleError
from ingestion.sample.policy import read_seed

_TAKEN_OVER = b"02"
_EVERY = 500  # one payment in so many comes back, the first among them


def answer(path: Path, directory: Path) -> Path:
    """Answer an outbound file of ours with the file that its reader would send; return where it lies.

    Raise `SampleError` for a file that nobody answers, `Refused` for one that cannot be read.
    """
    feed, named = recognise(path.name, all_feeds())
    if feed.name not in _ANSWERS:
        raise SampleError(f"文件 {path.name}：接口 {feed.source}/{feed.name} 没有对应的应答")
    with ReceivedFile(path) as file:
        exchange = open_exchange(file, feed, named)
        return _ANSWERS[feed.name](exchange, named, directory)


def _acknowledge(exchange: Exchange, named: Named, directory: Path) -> Path:
    """Take over every slip of a levy plan on the next day."""
    day = exchange.created + timedelta(days=1)
    reply = load_feed("tax_bureau", "levy_plan_acknowledgements")
    with begin_file(directory / reply.source, reply, named.period, day, sequence=named.sequence) as file:
        for rows in exchange.rows():
            columns = _columns(rows, exchange, file)
            file.write({**columns, "tax_status_code": _TAKEN_OVER, "acknowledged_on": np.full(len(rows), _number(day))})
    return file.path


def _pay(exchange: Exchange, named: Named, directory: Path) -> Path:
    """Pay every payment of a batch but a few, which come back with a reason."""
    year, month = int(named.period[:4]), int(named.period[4:6])
    day = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
    reply = load_feed("banks", "benefit_payment_returns")
    reasons = [row["return_reason_code"] for row in read_seed("codes/return_reasons")]
    done = 0
    with begin_file(directory / reply.source, reply, named.period, day, sequence=named.sequence) as file:
        for rows in exchange.rows():
            columns = _columns(rows, exchange, file)
            place = np.arange(done, done + len(rows))
            fails = place % _EVERY == 0
            done += len(rows)
            columns |= {
                "from_account_yuan": np.zeros(len(rows), np.int64),
                "paid_on": _numbers(rows["pay_on"]),
                "payment_status_code": take(encoded(["40", "41"], "ascii"), fails.astype(np.uint8)),
                "return_reason_code": take(
                    encoded(["", *reasons], "ascii"), np.where(fails, 1 + place // _EVERY % len(reasons), 0)
                ),
            }
            file.write(columns)
    return file.path


def _columns(rows: pa.Table, exchange: Exchange, file: ExchangeFile) -> dict[str, Column]:
    """Return the columns that an answer repeats, as the writers take them."""
    fields = {field.name: field for field in exchange.layout.fields}
    columns: dict[str, Column] = {}
    for field in file.layout.fields:
        if field.name in fields:
            texts = rows[field.name]
            if field.type in ("text", "code"):
                columns[field.name] = encoded(texts.to_pylist(), file.encoding)
            else:
                columns[field.name] = _months(texts) if field.type == "month" else _numbers(texts)
    return columns


def _numbers(texts: Iterable) -> np.ndarray:
    """Return whole numbers, days, or amounts in fen: what they have in common is that the point may be dropped."""
    return np.array([int(text.as_py().replace(".", "")) for text in texts], np.int64)


def _months(texts: Iterable) -> np.ndarray:
    return np.array([int(text.as_py()[:4]) * 12 + int(text.as_py()[4:]) - 1 for text in texts], np.int64)


def _number(day: date) -> int:
    return day.year * 10_000 + day.month * 100 + day.day


_ANSWERS = {"levy_plan": _acknowledge, "benefit_payment_batch": _pay}
