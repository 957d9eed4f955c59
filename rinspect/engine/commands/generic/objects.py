"""OBJECT: what is known of a value beside its content."""

from __future__ import annotations

from rinspect.engine import lru
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.replies import CommandError, Reply, Status
from rinspect.engine.values.string import StringValue
from rinspect.engine.values.value import Value


def _inspected(call: Call, key: bytes) -> Value | None:
    """The value, without marking it as used. 6.2 answers a missing key with null, as do the versions since."""
    return call.db.lookup_notouch(key, notify=False)


@command(
    "OBJECT|ENCODING",
    "key",
    group="generic",
    since="2.2.3",
    tips="nondeterministic_output",
    flags="readonly",
    access="RO",
    summary="Returns the internal encoding of a Redis object.",
)
def encoding(call: Call, key: bytes) -> Reply:
    value = _inspected(call, key)
    return None if value is None else value.encoding.encode()


@command(
    "OBJECT|REFCOUNT",
    "key",
    group="generic",
    since="2.2.3",
    tips="nondeterministic_output",
    flags="readonly",
    access="RO",
    summary="Returns the reference count of a value of a key.",
)
def refcount(call: Call, key: bytes) -> Reply:
    value = _inspected(call, key)
    if value is None:
        return None
    return value.refcount if isinstance(value, StringValue) else 1


@command(
    "OBJECT|IDLETIME",
    "key",
    group="generic",
    since="2.2.3",
    tips="nondeterministic_output",
    flags="readonly",
    access="RO",
    summary="Returns the time since the last access to a Redis object.",
)
def idletime(call: Call, key: bytes) -> Reply:
    value = _inspected(call, key)
    if value is None:
        return None
    if call.runtime.lfu:
        raise CommandError(
            "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when switching between"
            " policies at runtime LRU and LFU data will take some time to adjust."
        )
    return lru.idle_time(value.used, call.now) // 1000


@command(
    "OBJECT|FREQ",
    "key",
    group="generic",
    since="4.0.0",
    tips="nondeterministic_output",
    flags="readonly",
    access="RO",
    summary="Returns the logarithmic access frequency counter of a Redis object.",
)
def freq(call: Call, key: bytes) -> Reply:
    value = _inspected(call, key)
    if value is None:
        return None
    if not call.runtime.lfu:
        raise CommandError(
            "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching"
            " between policies at runtime LRU and LFU data will take some time to adjust."
        )
    return lru.frequency(value.used, call.now, call.runtime.config.lfu_decay_time)


@command(
    "OBJECT|HELP",
    group="generic",
    since="6.2.0",
    flags="loading stale",
    summary="Returns helpful text about the different subcommands.",
)
def help_(call: Call) -> Reply:
    return help_lines(call, "OBJECT")


def help_lines(call: Call, name: str) -> Reply:
    """The answer of a container's HELP, made from its subcommands' declarations."""
    lines = [f"{name} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:"]
    for word, sub in sorted(call.commands[name.encode()].subcommands.items()):
        if word != b"HELP":
            lines += [f"{word.decode()} {sub.grammar.usage()}".strip(), f"    {sub.declaration.summary}"]
    lines += ["HELP", "    Print this help."]
    return [Status(line.encode()) for line in lines]
