"""Watch the channels: take what is complete, receive and so answer it, deliver what waits. For places without Airflow.

Watch a source here or let Airflow's DAG take it, not both: two receivers would race for the files of one inbox.
"""

import time
from collections.abc import Callable, Iterable
from pathlib import Path

from ingestion.channels import ChannelError, ChannelSpecError, Lookout, collect, deliver
from ingestion.channels.deliver import waits
from ingestion.feed_spec import feeds_of, load_feed
from ingestion.inbox import waiting
from ingestion.masking import printable
from ingestion.messages import InputRefused
from ingestion.settings import home

Say = Callable[[str, str, str], None]  # the source, what happened, and to which file
PAUSE = 1.0  # seconds between rounds
REST = 30.0  # seconds after a delivery that failed


def watch(sources: Iterable[str], say: Say, *, once: bool = False) -> int:
    """Serve the sources round and round, or once; return the worst exit code met, of the last round.

    Every file gets its line by `say`. A channel that fails is told of, and tried again later and later; the others go
    on. Whoever stops it, at any moment, loses nothing.
    """
    posts = [Post(source, say) for source in sources]
    try:
        while True:
            code = max((post.serve() for post in posts), default=0)
            if once:
                return code
            time.sleep(PAUSE)
    finally:
        for post in posts:
            post.lookout.close()


class Post:
    """Serves one source."""

    def __init__(self, source: str, say: Say):
        self.source, self._say_of = source, say
        self.lookout = Lookout(source)
        self._next_look = self._next_delivery = 0.0

    def serve(self) -> int:
        """Take, receive and deliver whatever is there now; return 0, or the exit code of what went wrong."""
        return max(self._take(), self._receive(), self._deliver())

    def say(self, what: str, text: str) -> None:
        self._say_of(self.source, what, text)

    def _take(self) -> int:
        if time.monotonic() < self._next_look:
            return 0
        try:
            if self.lookout.look():
                collect(
                    self.source, lambda path: self.say("取来", f"{printable(path.name)}　{path.stat().st_size:,} 字节")
                )
        except (ChannelError, ChannelSpecError, InputRefused) as error:
            return self._went_wrong(error)
        finally:
            self._next_look = time.monotonic() + self.lookout.seconds_until_next
        return 0

    def _receive(self) -> int:
        inbox = home() / "inbox" / self.source
        if not inbox.is_dir() or not any(inbox.iterdir()):
            return 0
        return max(self._receive_feed(feed) for feed in feeds_of(self.source))

    def _receive_feed(self, feed: str) -> int:
        from ingestion.receive import receive_inbox

        files = waiting(self.source, load_feed(self.source, feed))
        if not files:
            return 0
        try:
            summary = receive_inbox(self.source, feed)
        except InputRefused as error:
            self._say_landed([file for file in files if f"文件 {printable(file.name)}" not in str(error)])
            return self._went_wrong(error)
        self._say_landed(files)
        rows = f"入库 {summary['accepted_rows']:,} 行，退回 {summary['rejected_rows']:,} 行"
        self.say("接口", f"{feed}　{len(files)} 个文件，此前已落地 {summary['already_landed']} 个，{rows}")
        for name in summary["missing_files"]:
            self.say("缺号", name)
        return 0

    def _say_landed(self, files: list[Path]) -> None:
        for file in files:
            self.say("落地", printable(file.name))

    def _deliver(self) -> int:
        if time.monotonic() < self._next_delivery or not waits(self.source):
            return 0
        try:
            for name in deliver(self.source):
                self.say("送达", printable(name))
        except (ChannelError, ChannelSpecError) as error:
            self._next_delivery = time.monotonic() + REST
            return self._went_wrong(error)
        return 0

    def _went_wrong(self, error: ChannelError | ChannelSpecError | InputRefused) -> int:
        if isinstance(error, InputRefused):
            for line in str(error).splitlines()[1:]:  # the first counts them
                self.say("拒收", line)
        else:
            self.say("出错", str(error))
        return error.exit_code
