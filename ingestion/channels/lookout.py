"""Look again and again whether something complete waits for a source, without taking it."""

from ingestion.channels.collect import brought_aside
from ingestion.channels.complete import complete_files, open_transport
from ingestion.channels.declared import channel_of
from ingestion.channels.transport import Transport

FIRST_REST, LONGEST_REST = 10, 300  # seconds between looks at a channel that fails


class Lookout:
    """Looks at the arrivals of a source, and keeps its connection from one look to the next."""

    def __init__(self, source: str):
        self.source = source
        self.seconds_until_next = 0
        self._transport: Transport | None = None
        self._rest = FIRST_REST

    def look(self) -> set[str]:
        """Return the names of what is complete; raise `ChannelError`.

        `seconds_until_next` tells when to look again: later and later while the channel fails.
        """
        try:
            channel = channel_of(self.source)  # read anew: an operator may mend it while we look
            if self._transport is None or self._transport.channel != channel:
                self.close()
                self._transport = open_transport(channel)
            waiting = set(complete_files(self._transport, self._transport.files(channel.arrivals)))
        except Exception:
            self.close()
            self.seconds_until_next, self._rest = self._rest, min(self._rest * 2, LONGEST_REST)
            raise
        self.seconds_until_next, self._rest = channel.look_every_seconds, FIRST_REST
        return waiting | brought_aside(self.source)

    def close(self) -> None:
        """Let go of the connection."""
        if self._transport:
            self._transport.close()
        self._transport = None
