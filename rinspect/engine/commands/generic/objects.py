"""OBJECT: what is known of a value beside its content."""

from __future__ import annotations

from rinspect.engine import lru
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.helptext import help_text
from rinspect.engine.commands.registry import command
from rinspect.engine.replies import CommandError, Reply
from rinspect.engine.values.string import StringValue
from rinspect.engine.values.value import Value

_HELP = """\
ENCODING <key>
    Return the kind of internal representation used in order to store the value
    associated with a <key>.
FREQ <key>
    Return the access frequency index of the <key>. The returned integer is
    proportional to the logarithm of the recent access frequency of the key.
IDLETIME <key>
    Return the idle time of the <key>, that is the approximated number of
    seconds elapsed since the last access to the key.
REFCOUNT <key>
    Return the number of references of the value associated with the specified
    <key>."""


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
    return help_text(call, "OBJECT", _HELP)
