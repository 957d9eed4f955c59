"""MEMORY: what a key costs, and where the memory of all goes."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.commands.server.doctor import report
from rinspect.engine.key_layout import key_charge
from rinspect.engine.keyspace.report import Stat, allocator_name, memory_overhead, memory_stats
from rinspect.engine.replies import OK, SYNTAX, CommandError, Reply, Status, Verbatim

DEFAULT_SAMPLES = 5


@command(
    "MEMORY|USAGE",
    "key [SAMPLES count:int]",
    group="server",
    since="4.0.0",
    flags="readonly",
    access="RO",
    complexity="O(N) where N is the number of samples.",
    summary="Estimates the memory usage of a key.",
)
def usage(call: Call, key: bytes, samples: int | None = None) -> Reply:
    if samples is not None and samples < 0:
        raise CommandError(SYNTAX)
    value = call.db.peek(key)
    if value is None:
        return None
    return key_charge(call.runtime, key) + value.charged(DEFAULT_SAMPLES if samples is None else samples)


@command(
    "MEMORY|STATS",
    group="server",
    since="4.0.0",
    tips="nondeterministic_output request_policy:all_shards response_policy:special",
    summary="Returns details about memory usage.",
)
def stats(call: Call) -> Reply:
    return call.map((name.encode(), _figure(call, figure)) for name, figure in memory_stats(call.keyspace).items())


def _figure(call: Call, figure: Stat) -> Reply:
    if isinstance(figure, dict):
        return call.map((name.encode(), size) for name, size in figure.items())
    return call.double(figure) if isinstance(figure, float) else figure


@command(
    "MEMORY|DOCTOR",
    group="server",
    since="4.0.0",
    tips="nondeterministic_output request_policy:all_shards response_policy:special",
    summary="Outputs a memory problems report.",
)
def doctor(call: Call) -> Reply:
    clients = call.keyspace.ledger.clients()
    return _verbatim(call, report(memory_overhead(call.keyspace), clients))


@command(
    "MEMORY|PURGE",
    group="server",
    since="4.0.0",
    tips="request_policy:all_shards response_policy:all_succeeded",
    complexity="Depends on how much memory is allocated, could be slow",
    summary="Asks the allocator to release memory.",
)
def purge(call: Call) -> Reply:
    return OK


@command(
    "MEMORY|MALLOC-STATS",
    group="server",
    since="4.0.0",
    tips="nondeterministic_output request_policy:all_shards response_policy:special",
    complexity="Depends on how much memory is allocated, could be slow",
    summary="Returns the allocator statistics.",
)
def malloc_stats(call: Call) -> Reply:
    """Of jemalloc's report the two figures that the model has."""
    runtime, used = call.runtime, call.keyspace.ledger.used()
    name = allocator_name(runtime.allocator.name, runtime.profile.name)
    if name == "libc":
        return b"Stats not supported for the current allocator"
    version = name.partition("-")[2]
    return _verbatim(
        call,
        f'___ Begin jemalloc statistics ___\nVersion: "{version}"\nAllocated: {used}, active: {used}\n'
        "--- End jemalloc statistics ---\n",
    )


def _verbatim(call: Call, text: str) -> Reply:
    return text.encode() if call.resp == 2 else Verbatim(text.encode())


@command(
    "MEMORY|HELP",
    group="server",
    since="4.0.0",
    flags="loading stale",
    summary="Returns helpful text about the different subcommands.",
)
def memory_help(call: Call) -> Reply:
    version = call.runtime.profile.version
    # 6.2 lacks a comma between two lines.
    malloc = ("MALLOC-STATS", "    Return internal statistics report from the memory allocator.")
    lines = (
        "MEMORY <subcommand> [<arg> [value] [opt] ...]. Subcommands are:",
        "DOCTOR",
        "    Return memory problems reports.",
        *(("".join(malloc),) if version < (7, 0) else malloc),
        "PURGE",
        "    Attempt to purge dirty pages for reclamation by the allocator.",
        "STATS",
        "    Return information about the memory usage of the server.",
        "USAGE <key> [SAMPLES <count>]",
        "    Return memory in bytes used by <key> and its value. Nested values are",
        f"    sampled up to <count> times (default: 5{'' if version < (7, 0) else ', 0 means sample all'}).",
        "HELP",
        f"    Print{'s' if version < (7, 2) else ''} this help.",
    )
    return [Status(line.encode()) for line in lines]
