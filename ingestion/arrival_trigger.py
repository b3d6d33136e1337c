"""The trigger by which Airflow starts a source's ingest DAG when something complete has arrived."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from airflow.triggers.base import BaseEventTrigger, TriggerEvent

if TYPE_CHECKING:
    from ingestion.channels import Lookout

TELL_AGAIN_AFTER = 300  # seconds: a run may have failed, and not every source has a clock


class ArrivalTrigger(BaseEventTrigger):
    """Fires when complete files wait that it has not told of yet. The run takes whatever is complete by then.

    It only looks and never takes: what is lost between an event and a run is told again.
    """

    def __init__(self, source: str):
        super().__init__()
        self.source = source

    def serialize(self) -> tuple[str, dict[str, str]]:
        """Return what Airflow needs to make the trigger again elsewhere."""
        return f"{type(self).__module__}.{type(self).__qualname__}", {"source": self.source}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Look for ever, and yield an event whenever something new is complete. Looking waits in a thread."""
        lookout, told = await asyncio.to_thread(self._lookout), {}
        try:
            while True:
                waiting = await asyncio.to_thread(self._look, lookout)
                now = time.monotonic()
                told = {name: at for name, at in told.items() if name in waiting}
                if any(now - told.get(name, -TELL_AGAIN_AFTER) >= TELL_AGAIN_AFTER for name in waiting):
                    told = dict.fromkeys(waiting, now)
                    yield TriggerEvent({"source": self.source, "waiting": len(waiting)})  # names may be personal
                await asyncio.sleep(lookout.seconds_until_next)
        finally:
            lookout.close()

    def _lookout(self) -> "Lookout":
        from ingestion.channels import Lookout  # not at the top: every DAG file that is parsed would pay for it

        return Lookout(self.source)

    def _look(self, lookout: "Lookout") -> set[str]:
        from ingestion.channels import ChannelError
        from ingestion.feed_spec import FeedSpecError

        try:
            return lookout.look()
        except (ChannelError, FeedSpecError, OSError) as error:
            # A trigger that ends in an error is not started again, and then nothing is ever announced.
            self.log.warning("%s", error)
            return set()
