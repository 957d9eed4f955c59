"""XACK and XPENDING: what was delivered and is not acknowledged."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.commands.stream.ids import parse_end, parse_id, parse_start
from rinspect.engine.commands.stream.replies import integer, no_group
from rinspect.engine.encodings.streamid import id_of, id_text, signed
from rinspect.engine.replies import NULL_ARRAY, SYNTAX, CommandError, Reply
from rinspect.engine.values.stream import StreamValue
from rinspect.engine.values.stream_groups import Group, pending_ids


@command(
    "XACK", "key group id...",
    group="stream", since="5.0.0", flags="write fast", access="RW update", raw=True,
    complexity="O(1) for each message ID processed.",
    summary="Returns the number of messages that were successfully acknowledged by the consumer group member of a stream.",
)  # fmt: skip
def xack(call: Call, key: bytes, name: bytes, *words: bytes) -> Reply:
    stream = call.find(key, StreamValue)
    group = None if stream is None else stream.group(name)
    if group is None:
        return 0
    count = sum([group.acknowledge(identity) for identity in [parse_id(word) for word in words]])
    if count:
        call.db.changed_within(key, count)
    return count


@command(
    "XPENDING", "key group [filters=([IDLE min-idle-time:int]@6.2 start end count:int [consumer])]",
    group="stream", since="5.0.0", flags="readonly", access="RO access", tips="nondeterministic_output", raw=True,
    complexity="O(N) with N being the number of elements returned, so asking for a small fixed number of entries per call is"
    " O(1). O(M), where M is the total number of entries scanned when used with the IDLE filter. When the command returns"
    " just the summary and the list of consumers is small, it runs in O(1) time; otherwise, an additional O(N) time for"
    " iterating every consumer.",
    summary="Returns the information and entries from a stream consumer group's pending entries list.",
)  # fmt: skip
def xpending(call: Call, key: bytes, name: bytes, *words: bytes) -> Reply:
    if words and not 3 <= len(words) <= 6:
        raise CommandError(SYNTAX)
    wanted = _parse(words) if words else None
    stream = call.find(key, StreamValue)
    group = None if stream is None else stream.group(name)
    if group is None:
        raise no_group(key, name)
    if wanted is None:
        return _summary(group)
    idle, start, end, count, consumer_name = wanted
    pel = group.pel
    if consumer_name is not None:
        consumer = group.consumer(consumer_name)
        if consumer is None:
            return []
        pel = consumer.pel
    entries: list[Reply] = []
    for identity, nack in pending_ids(pel, start, end):
        if len(entries) == count:
            break
        elapsed = call.now - nack.delivery_time
        if not idle or elapsed >= idle:
            entries.append([id_text(identity), nack.consumer.name, max(0, elapsed), signed(nack.delivery_count)])
    return entries


def _parse(words: tuple[bytes, ...]) -> tuple[int, int, int, int, bytes | None]:
    """How long idle, the first and the last id, how many, and whose."""
    idle = 0
    if words[0].upper() == b"IDLE":
        idle = integer(words[1])
        if len(words) < 5:
            raise CommandError(SYNTAX)
        words = words[2:]
    count = max(0, integer(words[2]))
    return idle, parse_start(words[0]), parse_end(words[1]), count, words[3] if len(words) > 3 else None


def _summary(group: Group) -> Reply:
    """How much is pending, the first and last of it, and how much for which consumer."""
    if not len(group.pel):
        return [0, None, None, NULL_ARRAY]
    first, last = next(group.pel.items())[0], next(group.pel.backward())[0]
    consumers: list[Reply] = [
        [consumer.name, b"%d" % len(consumer.pel)] for consumer in group.consumers.values() if len(consumer.pel)
    ]
    return [len(group.pel), id_text(id_of(first)), id_text(id_of(last)), consumers]
