"""LATENCY DOCTOR's report: the series in words, and the advice that the server has on them."""

from __future__ import annotations

from collections.abc import Iterator

from rinspect.engine.config import Config
from rinspect.engine.server.latency import LatencyMonitor, analyzed

DISABLED = (
    "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may use \"CONFIG SET"
    " latency-monitor-threshold <milliseconds>.\" in order to enable it. If we weren't in a deep space mission I'd suggest to"
    " take a look at {}.\n"
)
PAGE = "https://redis.io/topics/latency-monitor"
PAGE_OF_8 = "https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency-monitor"
"""Where 8.0 sends its reader."""
HEALTHY = (
    "Dave, no latency spike was observed during the lifetime of this Redis instance, not in the slightest bit. I honestly"
    " think you ought to sit down calmly, take a stress pill, and think things over.\n"
)
INTRODUCTION = (
    "Dave, I have observed latency spikes in this Redis instance. You don't mind talking about it, do you Dave?\n\n"
)
ADVICE = "\nI have a few advices for you:\n\n"
NO_ADVICE = (
    "\nWhile there are latency events logged, I'm not able to suggest any easy fix. Please use the Redis community to get some"
    " help, providing this report in your help request.\n"
)

SLOWLOG_OFF = (
    "- There are latency issues with potentially slow commands you are using. Try to enable the Slow Log Redis feature using"
    " the command 'CONFIG SET slowlog-log-slower-than {}'. If the Slow log is disabled Redis is not able to log slow commands"
    " execution for you.\n"
)
SLOWLOG_COARSE = (
    "- Your current Slow Log configuration only logs events that are slower than your configured latency monitor threshold."
    " Please use 'CONFIG SET slowlog-log-slower-than {}'.\n"
)
SLOWLOG_INSPECT = (
    "- Check your Slow Log to understand what are the commands you are running which are too slow to execute. Please check"
    " https://redis.io/commands/slowlog for more information.\n"
)
SCHEDULER = (
    "- The system is slow to execute Redis code paths not containing system calls. This usually means the system does not"
    " provide Redis CPU time to run for long periods. You should try to:\n"
    "  1) Lower the system load.\n"
    "  2) Use a computer / VM just for Redis if you are running other software in the same system.\n"
    '  3) Check if you have a "noisy neighbour" problem.\n'
    "  4) Check with 'redis-cli --intrinsic-latency 100' what is the intrinsic latency in your system.\n"
    "  5) Check if the problem is allocator-related by recompiling Redis with MALLOC=libc, if you are using Jemalloc. However"
    " this may create fragmentation problems.\n"
)
HZ = (
    "- In order to make the Redis keys expiring process more incremental, try to set the 'hz' configuration parameter to 100"
    " using 'CONFIG SET hz 100'.\n"
)
LARGE_OBJECTS = (
    "- Deleting, expiring or evicting (because of maxmemory policy) large objects is a blocking operation. If you have very"
    " large objects that are often deleted, expired, or evicted, try to fragment those objects into multiple smaller"
    " objects.\n"
)
MASS_EVICTION = (
    "- Sudden changes to the 'maxmemory' setting via 'CONFIG SET', or allocation of large objects via sets or sorted sets"
    " intersections, STORE option of SORT, Redis Cluster large keys migrations (RESTORE command), may create sudden memory"
    " pressure forcing the server to block trying to evict keys. \n"
)
ORDER = (SLOWLOG_OFF, SLOWLOG_COARSE, SLOWLOG_INSPECT, SCHEDULER, HZ, LARGE_OBJECTS, MASS_EVICTION)
"""The order in which advice is given."""


def report(monitor: LatencyMonitor, config: Config) -> str:
    """What the doctor says."""
    series, version = monitor.series, config.profile.version
    if not series:
        page = PAGE if version < (8, 0) else PAGE_OF_8
        return HEALTHY if config.latency_monitor_threshold else DISABLED.format(page)
    lines = [_line(number, event, monitor) for number, event in enumerate(series, 1)]
    advice = {one for event in series for one in _advice(event, config)}
    text = INTRODUCTION + "".join(lines)
    if not advice:
        return text + NO_ADVICE
    chosen = (one for one in ORDER if one in advice and not (one is HZ and config.hz >= 100))
    return text + ADVICE + "".join(one.format(config.latency_monitor_threshold * 1000) for one in chosen)


def _line(number: int, event: str, monitor: LatencyMonitor) -> str:
    series = monitor.series[event]
    found = analyzed(series, monitor.now)
    return (
        f"{number}. {event}: {found.samples} latency spikes (average {found.average}ms, mean deviation {found.deviation}ms,"
        f" period {found.period / found.samples:.2f} sec). Worst all time event {series.worst}ms.\n"
    )


def _advice(event: str, config: Config) -> Iterator[str]:
    """What is to be advised because of an event."""
    if event == "command":
        limit = config.slowlog_log_slower_than
        if limit < 0 or (not config.slowlog_max_len and config.profile.version >= (7, 4)):
            yield SLOWLOG_OFF
        elif limit // 1000 > config.latency_monitor_threshold:
            yield SLOWLOG_COARSE
        yield SLOWLOG_INSPECT
        yield LARGE_OBJECTS
    elif event == "fast-command":
        yield SCHEDULER
    elif event == "expire-cycle":
        yield HZ
        yield LARGE_OBJECTS
    elif event == "eviction-del":
        yield LARGE_OBJECTS
    elif event == "eviction-cycle":
        yield MASS_EVICTION
