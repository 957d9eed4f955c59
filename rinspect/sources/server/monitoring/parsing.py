"""What a server answers to questions about itself, as records."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping

from rinspect.engine.replies import CommandError, Reply
from rinspect.monitoring.appendonly import AppendOnlyNow, Flow, Rewrites, Snapshot
from rinspect.monitoring.clients import ClientRow
from rinspect.monitoring.keyspace import MemoryNow, Share
from rinspect.monitoring.loop import Saving
from rinspect.monitoring.slow import Durations, Series, Slow

MOST_COMMANDS = 40


def client_rows(reply: Reply, most: int) -> tuple[tuple[ClientRow, ...], int]:
    """The first clients of CLIENT LIST, and how many there were."""
    lines = reply.decode("utf-8", "replace").splitlines() if isinstance(reply, bytes) else []
    rows = []
    for line in lines[:most]:
        facts = dict(word.partition("=")[::2] for word in line.split(" "))
        number = facts.get("id", "")
        rows.append(ClientRow(int(number) if number.isdigit() else 0, facts))
    return tuple(rows), len(lines)


def slow_entries(reply: Reply) -> Iterator[Slow]:
    """SLOWLOG GET."""
    for entry in reply if isinstance(reply, list) else []:
        if not isinstance(entry, list) or len(entry) < 4:
            continue
        number, at, took, argv, *who = entry
        if isinstance(number, int) and isinstance(at, int) and isinstance(took, int) and isinstance(argv, list):
            address, name = (_text(word) for word in (*who, b"", b"")[:2])
            words = tuple(word for word in argv if isinstance(word, bytes))
            yield Slow(number, at * 1_000_000, took, words, address, name, None)


def series_of(event: str, worst: int, history: Reply) -> Series:
    """LATENCY HISTORY."""
    pairs = [item for item in history if isinstance(item, list)] if isinstance(history, list) else []
    samples = ((at, took) for at, took in pairs if isinstance(at, int) and isinstance(took, int))
    return Series(event, tuple(samples), worst)


def latest(reply: Reply) -> Iterator[tuple[str, int]]:
    """LATENCY LATEST: events and the worst of each, in milliseconds."""
    for item in reply if isinstance(reply, list) else []:
        if isinstance(item, list) and len(item) >= 4 and isinstance(item[0], bytes) and isinstance(item[3], int):
            yield item[0].decode(), item[3]


def durations_of(reply: Reply) -> tuple[Durations, ...]:
    """LATENCY HISTOGRAM: its counts are cumulated."""
    if not isinstance(reply, list):
        return ()
    found = []
    for name, about in zip(reply[::2], reply[1::2], strict=False):
        if not isinstance(name, bytes) or not isinstance(about, list) or len(about) < 4:
            continue
        calls, steps = about[1], about[3]
        if isinstance(calls, int) and isinstance(steps, list):
            found.append(Durations(name.decode().upper(), calls, tuple(_single(steps))))
    found.sort(key=lambda one: -sum(limit * calls for limit, calls in one.classes))
    return tuple(found[:MOST_COMMANDS])


def _single(steps: list[Reply]) -> Iterator[tuple[int, int]]:
    before = 0
    for limit, calls in zip(steps[::2], steps[1::2], strict=False):
        if isinstance(limit, int) and isinstance(calls, int):
            if calls > before:
                yield limit, calls - before
            before = calls


def commands_of(facts: dict[str, str]) -> Iterator[tuple[str, int, float]]:
    """INFO commandstats: name, calls, microseconds a call; the ones first that took most of the time."""
    found = []
    for name, text in facts.items():
        if name.startswith("cmdstat_"):
            parts = dict(part.partition("=")[::2] for part in text.split(","))
            calls, took = int(parts.get("calls", 0)), int(parts.get("usec", 0))
            found.append((took, name.removeprefix("cmdstat_"), calls, float(parts.get("usec_per_call", 0))))
    for _, name, calls, each in sorted(found, reverse=True):
        yield name, calls, each


_PARTS = (
    ("clients", "mem_clients_normal"), ("replicas", "mem_clients_slaves"),
    ("replication backlog", "mem_replication_backlog"), ("AOF buffer", "mem_aof_buffer"),
    ("scripts", "used_memory_scripts"), ("cluster links", "mem_cluster_links"),
)  # fmt: skip
_ALLOCATOR = (
    "used_memory_rss", "allocator_allocated", "allocator_active", "allocator_resident", "allocator_frag_ratio",
    "allocator_frag_bytes", "allocator_rss_ratio", "rss_overhead_ratio", "mem_fragmentation_ratio",
    "mem_fragmentation_bytes", "mem_allocator", "maxmemory", "maxmemory_policy", "total_system_memory",
    "lazyfree_pending_objects", "lazyfreed_objects", "active_defrag_running",
)  # fmt: skip


def memory_of(facts: dict[str, str]) -> MemoryNow:
    """INFO memory."""

    def number(name: str) -> int:
        return _count(facts, name)

    used, overhead = number("used_memory"), number("used_memory_overhead")
    startup = number("used_memory_startup")
    named = [Share(name, number(field)) for name, field in _PARTS if number(field)]
    tables = overhead - startup - sum(share.size for share in named)
    shares = (
        Share("at the start", startup, "the server without keys and clients"),
        *named,
        Share("tables of the keys, and other overhead", tables, "used_memory_overhead less the parts above"),
        Share("dataset", number("used_memory_dataset"), "what the server has not counted as overhead: keys and values"),
    )
    residual = used - sum(share.size for share in shares)
    shown = {name: facts[name] for name in _ALLOCATOR if name in facts}
    note = "the figures were not taken at one moment"
    return MemoryNow(used, number("used_memory_peak"), shares, residual, note, shown, None, 0.0)


def append_only_of(facts: dict[str, str], settings: Mapping[str, str]) -> AppendOnlyNow:
    """INFO persistence, and those settings that the server tells. Which commands were appended, and to which files, it does
    not."""

    def number(name: str) -> int:
        return _count(facts, name)

    def setting(name: str) -> int | None:
        return _count(settings, name) if settings[name] else None

    # (Where INFO is without this, as on some services, the setting says whether it is on.)
    on = facts.get("aof_enabled", "") == "1" or (settings["appendonly"] == "yes" and "aof_enabled" not in facts)
    child = None
    if number("aof_rewrite_in_progress"):
        done, total, copied = map(
            number, ("current_save_keys_processed", "current_save_keys_total", "current_cow_size")
        )
        child = Saving(0, "", done, total, copied, max(0, number("aof_current_rewrite_time_sec")), 0)
    # What began without a file counts as saved.
    saved = 0 if facts.get("rdb_saves") == "0" else number("rdb_last_save_time")
    return AppendOnlyNow(
        state="on" if on else "off",
        fsync=settings["appendfsync"],
        failure="aof_last_write_status is err" if facts.get("aof_last_write_status") == "err" else "",
        flow=Flow(number("aof_buffer_length"), None, None, None) if on else None,
        pending=number("aof_pending_bio_fsync"),
        delayed=number("aof_delayed_fsync"),
        size=number("aof_current_size"),
        base_size=number("aof_base_size"),
        percentage=setting("auto-aof-rewrite-percentage"),
        min_size=setting("auto-aof-rewrite-min-size"),
        rewrite=child,
        rewrites=Rewrites(
            number("aof_rewrites") if "aof_rewrites" in facts else None,
            number("aof_last_rewrite_time_sec") if "aof_last_rewrite_time_sec" in facts else -1,
            facts.get("aof_last_bgrewrite_status") == "err",
            number("aof_rewrite_scheduled") > 0,
        ),
        snapshot=Snapshot(
            max(0, int(time.time()) - saved) if saved else None,
            number("rdb_changes_since_last_save"),
            facts.get("rdb_last_bgsave_status") == "err",
        ),
        place="",
        files=None,
        tail=None,
        forgotten=0,
        facts={
            name: text for of in ("aof_", "rdb_", "current_") for name, text in facts.items() if name.startswith(of)
        },
    )


def _count(facts: Mapping[str, str], name: str) -> int:
    """A fact that is a number; 0 where it is not told."""
    text = facts.get(name, "0")
    return int(text) if text.lstrip("-").isdigit() else 0


def refused(reply: Reply) -> str:
    """Why a server did not answer a question; empty if it did."""
    return reply.message if isinstance(reply, CommandError) else ""


def _text(word: Reply) -> str:
    return word.decode("utf-8", "replace") if isinstance(word, bytes) else ""
