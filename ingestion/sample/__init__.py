"""The sample province: synthetic exchange files of every feed, and the truth that tests compare with.

Nobody in it exists. Every person keeps a place in columns that stay in memory, everything else is made month by month
and written at once: 400 000 persons x 12 months are 3.3 GB of files, 73 seconds of one core and 0.5 GB of memory; a
whole province of 1.33 million would be about 11 GB, 4 minutes and 1.2 GB.
"""

from ingestion.sample.errors import SampleError
from ingestion.sample.province import write

__all__ = ["SampleError", "write"]
