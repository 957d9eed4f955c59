"""XINFO: what is known of a stream, its groups and their consumers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.helptext import help_text
from rinspect.engine.commands.registry import command
from rinspect.engine.commands.stream.groups import group_of
from rinspect.engine.commands.stream.replies import entry_reply, integer, wrong_subcommand
from rinspect.engine.encodings.rax import Rax
from rinspect.engine.encodings.streamid import id_of, id_text, signed
from rinspect.engine.replies import NO_SUCH_KEY, CommandError, Reply
from rinspect.engine.values.stream import StreamValue
from rinspect.engine.values.stream_groups import UNKNOWN, Consumer, Group, Nack
from rinspect.engine.values.stream_reads import lag

DEFAULT_COUNT = 10

_HELP = """\
CONSUMERS <key> <groupname>
    Show consumers of <groupname>.
GROUPS <key>
    Show the stream consumer groups.
STREAM <key> [FULL [COUNT <count>]
    Show information about the stream."""

Pairs = Iterator[tuple[Reply, Reply]]


def _found(call: Call, key: bytes) -> StreamValue:
    stream = call.find(key, StreamValue)
    if stream is None:
        raise CommandError(NO_SUCH_KEY)
    return stream


@command(
    "XINFO|STREAM", "key [full-block=(FULL [COUNT count:int])]",
    group="stream", since="5.0.0", flags="readonly", access="RO access", raw=True,
    summary="Returns information about a stream.",
)  # fmt: skip
def stream_(call: Call, key: bytes, *words: bytes) -> Reply:
    stream = _found(call, key)
    if not words:
        return call.map([*_figures(call, stream), *_ends(stream)])
    options = [word.upper() for word in words]
    if len(words) not in (1, 3) or options[0] != b"FULL" or options[1:2] not in ([], [b"COUNT"]):
        raise wrong_subcommand(call, "XINFO")
    count = integer(words[2]) if len(words) == 3 else DEFAULT_COUNT
    if count < 0:
        count = DEFAULT_COUNT
    entries: list[Reply] = [entry_reply(*entry) for entry in islice(stream.entries(), count or None)]
    groups: list[Reply] = [
        call.map(_full_group(call, stream, name, group, count)) for name, group in stream.named_groups()
    ]
    return call.map([*_figures(call, stream), (b"entries", entries), (b"groups", groups)])


def _figures(call: Call, stream: StreamValue) -> Pairs:
    yield b"length", stream.length
    yield b"radix-tree-keys", stream.nodes.numele
    yield b"radix-tree-nodes", stream.nodes.numnodes
    yield b"last-generated-id", id_text(stream.last_id)
    if call.runtime.profile.version >= (7, 0):
        yield b"max-deleted-entry-id", id_text(stream.max_deleted_id)
        yield b"entries-added", signed(stream.entries_added)
        yield b"recorded-first-entry-id", id_text(stream.first_id)


def _ends(stream: StreamValue) -> Pairs:
    yield b"groups", 0 if stream.groups is None else len(stream.groups)
    for name, backward in ((b"first-entry", False), (b"last-entry", True)):
        entry = next(stream.entries(backward=backward), None)
        yield name, None if entry is None else entry_reply(*entry)


def _reads(call: Call, stream: StreamValue, group: Group) -> Pairs:
    if call.runtime.profile.version >= (7, 0):
        yield b"entries-read", None if group.entries_read == UNKNOWN else group.entries_read
        yield b"lag", lag(stream, group)


def _full_group(call: Call, stream: StreamValue, name: bytes, group: Group, count: int) -> Pairs:
    yield b"name", name
    yield b"last-delivered-id", id_text(group.last_id)
    yield from _reads(call, stream, group)
    yield b"pel-count", len(group.pel)
    yield (
        b"pending",
        [
            [id_text(identity), nack.consumer.name, nack.delivery_time, signed(nack.delivery_count)]
            for identity, nack in _pending(group.pel, count)
        ],
    )
    yield b"consumers", [call.map(_full_consumer(call, consumer, count)) for consumer in group.consumers.values()]


def _full_consumer(call: Call, consumer: Consumer, count: int) -> Pairs:
    yield b"name", consumer.name
    yield b"seen-time", consumer.seen_time
    if call.runtime.profile.version >= (7, 2):
        yield b"active-time", consumer.active_time
    yield b"pel-count", len(consumer.pel)
    yield (
        b"pending",
        [
            [id_text(identity), nack.delivery_time, signed(nack.delivery_count)]
            for identity, nack in _pending(consumer.pel, count)
        ],
    )


def _pending(pel: Rax[Nack], count: int) -> Iterator[tuple[int, Nack]]:
    return ((id_of(key), nack) for key, nack in islice(pel.items(), count or None))


@command(
    "XINFO|GROUPS", "key",
    group="stream", since="5.0.0", flags="readonly", access="RO access", raw=True,
    summary="Returns a list of the consumer groups of a stream.",
)  # fmt: skip
def groups(call: Call, key: bytes) -> Reply:
    stream = _found(call, key)
    return [call.map(_group(call, stream, name, group)) for name, group in stream.named_groups()]


def _group(call: Call, stream: StreamValue, name: bytes, group: Group) -> Pairs:
    yield b"name", name
    yield b"consumers", len(group.consumers)
    yield b"pending", len(group.pel)
    yield b"last-delivered-id", id_text(group.last_id)
    yield from _reads(call, stream, group)


@command(
    "XINFO|CONSUMERS", "key group",
    group="stream", since="5.0.0", flags="readonly", access="RO access", tips="nondeterministic_output", raw=True,
    summary="Returns a list of the consumers in a consumer group.",
)  # fmt: skip
def consumers(call: Call, key: bytes, name: bytes) -> Reply:
    group = group_of(_found(call, key), key, name)
    return [call.map(_consumer(call, consumer)) for consumer in group.consumers.values()]


def _consumer(call: Call, consumer: Consumer) -> Pairs:
    yield b"name", consumer.name
    yield b"pending", len(consumer.pel)
    yield b"idle", max(0, call.now - consumer.seen_time)
    if call.runtime.profile.version >= (7, 2):
        yield b"inactive", UNKNOWN if consumer.active_time == UNKNOWN else call.now - consumer.active_time


@command(
    "XINFO|HELP", group="stream", since="5.0.0", flags="loading stale", raw=True,
    summary="Returns helpful text about the different subcommands.",
)  # fmt: skip
def help_(call: Call) -> Reply:
    return help_text(call, "XINFO", _HELP)
