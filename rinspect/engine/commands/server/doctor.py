"""MEMORY DOCTOR's report.

What it looks for in the pages of an allocator and the size of a process cannot be found here: no pages are modelled, and
the process is Python's.
"""

from __future__ import annotations

from rinspect.engine.keyspace.overhead import Overhead

SMALL = 5 << 20
"""Below so many bytes the server finds nothing worth saying."""
PEAK_RATIO = 1.5
BIG_CLIENT = 200 << 10
"""Bytes of buffers for each client, on average."""

EMPTY = (
    "Hi Sam, this instance is empty or is using very little memory, my issues detector can't be used in these conditions."
    " Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be back to our programming"
    " as soon as I finished rebooting.\n"
)
HEALTHY = "Hi Sam, I can't find any memory issue in your instance. I can only account for what occurs on this base.\n"
INTRODUCTION = "Sam, I detected a few issues in this Redis instance memory implants:\n\n"
PEAK = (
    " * Peak memory: In the past this instance used more than 150% the memory that is currently using. The allocator is"
    " normally not able to release memory after a peak, so you can expect to see a big fragmentation ratio, however this is"
    " actually harmless and is only due to the memory peak, and if the Redis instance Resident Set Size (RSS) is currently"
    " bigger than expected, the memory will be used as soon as you fill the Redis instance with more data. If the memory"
    " peak was only occasional and you want to try to reclaim memory, please try the MEMORY PURGE command, otherwise the"
    " only other option is to shutdown and restart the instance.\n\n"
)
CLIENTS = (
    " * Big client buffers: The clients output buffers in this instance are greater than 200K per client (on average). This"
    " may result from different causes, like Pub/Sub clients subscribed to channels bot not receiving data fast enough, so"
    " that data piles on the Redis instance output buffer, or clients sending commands with large replies or very large"
    " sequences of commands in the same pipeline. Please use the CLIENT LIST command in order to investigate the issue if it"
    " causes problems in your instance, or to understand better why certain clients are using a big amount of memory.\n\n"
)
FAREWELL = "I'm here to keep you safe, Sam. I want to help you.\n"


def report(figures: Overhead, clients: int) -> str:
    """What is wrong, in the server's words; `clients` are those that are connected."""
    if figures.used < SMALL:
        return EMPTY
    found = ""
    if figures.peak / figures.used > PEAK_RATIO:
        found += PEAK
    if clients and figures.parts["clients.normal"] // clients > BIG_CLIENT:
        found += CLIENTS
    return INTRODUCTION + found + FAREWELL if found else HEALTHY
