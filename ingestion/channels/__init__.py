"""Channels: how exchange files come from a counterpart into the inbox, and how ours reach it."""

from ingestion.channels.collect import collect
from ingestion.channels.declared import ChannelSpecError, channel_of, sources
from ingestion.channels.deliver import deliver
from ingestion.channels.lookout import Lookout
from ingestion.channels.transport import ChannelError

__all__ = ["ChannelError", "ChannelSpecError", "Lookout", "channel_of", "collect", "deliver", "sources"]
