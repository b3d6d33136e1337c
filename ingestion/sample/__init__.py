"""The sample province: synthetic exchange files of every feed, and the truth that tests compare with."""

from ingestion.sample.errors import SampleError
from ingestion.sample.province import write

__all__ = ["SampleError", "write"]
