"""XADD: an entry comes, at the end."""

from __future__ import annotations

from collections.abc import Iterable

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.propagating import Argv
from rinspect.engine.commands.registry import command
from rinspect.engine.commands.stream.ids import LAST_PART
from rinspect.engine.commands.stream.replies import tell
from rinspect.engine.commands.stream.trimming import Options, exactly, parse_options
from rinspect.engine.encodings.streamid import LAST_ID, id_text, make_id, ms_of, seq_of
from rinspect.engine.replies import CommandError, Reply, WrongNumber
from rinspect.engine.values.stream import MAX_NODE, StreamValue

ZERO_ID = "ERR The ID specified in XADD must be greater than 0-0"
TOO_LOW = "ERR The ID specified in XADD is equal or smaller than the target stream top item"
EXHAUSTED = "ERR The stream has exhausted the last possible ID, unable to add more items"
TOO_LARGE = "ERR Elements are too large to be stored"
WRONG_NUMBER_6_2 = "ERR wrong number of arguments for XADD"


def _propagated(call: Call, argv: Argv, reply: Reply) -> Iterable[Argv]:
    """With the id that the entry has got."""
    assert isinstance(reply, bytes)
    at = 1 + parse_options(call, tuple(argv[2:]), adding=True).length
    words = exactly(call, argv, at)
    words[at] = reply
    yield words


@command(
    "XADD",
    "key [NOMKSTREAM]@6.2"
    " [trim=(strategy=<MAXLEN|MINID@6.2> [operator=equal:'='|approximately:'~'] threshold [LIMIT count:int]@6.2)]"
    " id-selector=<auto-id:'*'|id> data=(field value)...",
    group="stream", since="5.0.0", flags="write denyoom fast", access="RW update", tips="nondeterministic_output", raw=True,
    complexity="O(1) when adding a new entry, O(N) when trimming where N being the number of entries evicted.",
    summary="Appends a new message to a stream. Creates the key if it doesn't exist.",
    propagated=_propagated,
)  # fmt: skip
def xadd(call: Call, key: bytes, *words: bytes) -> Reply:
    options = parse_options(call, words, adding=True)
    pairs = words[options.length :]
    if len(pairs) < 2 or len(pairs) % 2:
        raise WrongNumber if call.runtime.profile.version >= (7, 0) else CommandError(WRONG_NUMBER_6_2)
    if options.identity == 0 and not options.completes:
        raise CommandError(ZERO_ID)
    stream = call.db.find_write(key, StreamValue)
    if stream is None and options.nomkstream:
        return None
    new = stream is None
    if stream is None:
        stream = StreamValue(call.runtime)
    identity = _identity(call, stream, options)
    if sum(map(len, pairs)) > MAX_NODE:
        raise CommandError(TOO_LARGE)
    stream.add(identity, pairs)
    if new:
        call.db.put(key, stream, looked_up=True)
    else:
        call.db.changed(key)
    tell(call, key, "xadd")
    if options.trims and options.trim(stream):
        tell(call, key, "xtrim")
    return id_text(identity)


def _identity(call: Call, stream: StreamValue, options: Options) -> int:
    """The id that the entry gets; CommandError if there is none, or if it is not behind all others."""
    last = stream.last_id
    if last == LAST_ID:
        raise CommandError(EXHAUSTED)
    identity = options.identity
    if identity is None:
        # Where the clock has not gone on, or back, the sequence does.
        return make_id(call.now, 0) if call.now > ms_of(last) else last + 1
    if options.completes and ms_of(identity) == ms_of(last):
        if seq_of(last) == LAST_PART:
            raise CommandError(TOO_LOW if call.runtime.profile.version >= (7, 2) else TOO_LARGE)
        return last + 1
    if identity <= last:
        raise CommandError(TOO_LOW)
    return identity
