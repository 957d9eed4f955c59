"""XLEN, XRANGE and XREVRANGE."""

from __future__ import annotations

from itertools import islice

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.commands.stream.ids import parse_end, parse_start
from rinspect.engine.commands.stream.replies import entry_reply, integer
from rinspect.engine.replies import NULL_ARRAY, SYNTAX, CommandError, Reply
from rinspect.engine.values.stream import StreamValue

_RANGE = (
    "O(N) with N being the number of elements {}returned. If N is constant (e.g. always asking for the first 10 elements with"
    " COUNT), you can consider it O(1)."
)


@command(
    "XLEN", "key",
    group="stream", since="5.0.0", flags="readonly fast", access="RO", raw=True,
    summary="Return the number of messages in a stream.",
)  # fmt: skip
def xlen(call: Call, key: bytes) -> Reply:
    stream = call.find(key, StreamValue)
    return 0 if stream is None else len(stream)


@command(
    "XRANGE", "key start end [COUNT count:int]",
    group="stream", since="5.0.0", flags="readonly", access="RO access", raw=True, complexity=_RANGE.format("being "),
    summary="Returns the messages from a stream within a range of IDs.",
)  # fmt: skip
def xrange(call: Call, key: bytes, start: bytes, end: bytes, *words: bytes) -> Reply:
    return _range(call, key, start, end, words, backward=False)


@command(
    "XREVRANGE", "key end start [COUNT count:int]",
    group="stream", since="5.0.0", flags="readonly", access="RO access", raw=True, complexity=_RANGE.format(""),
    summary="Returns the messages from a stream within a range of IDs in reverse order.",
)  # fmt: skip
def xrevrange(call: Call, key: bytes, end: bytes, start: bytes, *words: bytes) -> Reply:
    return _range(call, key, start, end, words, backward=True)


def _range(call: Call, key: bytes, start: bytes, end: bytes, words: tuple[bytes, ...], *, backward: bool) -> Reply:
    first, last = parse_start(start), parse_end(end)
    count: int | None = None
    for at in range(0, len(words), 2):
        if words[at].upper() != b"COUNT" or at + 1 == len(words):
            raise CommandError(SYNTAX)
        count = max(0, integer(words[at + 1]))
    stream = call.find(key, StreamValue)
    if stream is None:
        return []
    if count == 0:
        return NULL_ARRAY
    return [entry_reply(*entry) for entry in islice(stream.entries(first, last, backward=backward), count)]
