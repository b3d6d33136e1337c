"""The sample province: synthetic exchange files of every feed, and the truth that tests compare with.

Nobody in it exists. Every person keeps a place in columns that stay in memory, everything else is made month by month
and written at once: 1.33 million persons x 12 months are 6.1 GB of files, 105 seconds of one core and 0.9 GB of memory.
"""

from ingestion.sample.errors import SampleError
from ingestion.sample.province import write

__all__ = ["SampleError", "write"]
