"""XREAD and XREADGROUP: what has come behind an id, now or when it comes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from rinspect.engine.commands.blocking import NEGATIVE_TIMEOUT, TIMEOUT_TOO_LONG, WouldBlock
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.keyspecs import READ_OPTIONS
from rinspect.engine.commands.propagating import said_itself
from rinspect.engine.commands.registry import command
from rinspect.engine.commands.stream.delivery import deliver, history
from rinspect.engine.commands.stream.groups import consumer_of
from rinspect.engine.commands.stream.ids import parse_id
from rinspect.engine.commands.stream.replies import entry_reply, integer, no_group
from rinspect.engine.encodings.streamid import LAST_ID, id_text
from rinspect.engine.numbers import INT64_MAX
from rinspect.engine.replies import NULL_ARRAY, SYNTAX, WRONGTYPE, CommandError, Reply
from rinspect.engine.values.stream import StreamValue
from rinspect.engine.values.value import Value

NOT_A_TIMEOUT = "ERR timeout is not an integer or out of range"
ONLY_READGROUP = "ERR The {} option is only supported by XREADGROUP. You called XREAD instead."
MISSING_GROUP = "ERR Missing GROUP option for XREADGROUP"
MEANINGLESS = (
    "ERR The {0} ID is meaningless in the context of XREADGROUP: you want to read the history of this consumer by specifying"
    " a proper ID, or use the > ID to get new messages. The {0} ID would just return an empty result set."
)
ONLY_WITH_GROUP = (
    "ERR The > ID can be specified only when calling XREADGROUP using the GROUP <group> <consumer> option."
)
NOTHING_LAST = "ERR the stream last element ID is 0-0"
GROUP_GONE = "NOGROUP the consumer group this client was blocked on no longer exists"
KEY_GONE = "UNBLOCKED the stream key no longer exists"

COUNT_WHEN_WOKEN = 1000
"""So many entries, before 7.2, whoever waited without COUNT was given at the most."""


@dataclass
class Wish:
    """The words of XREAD or XREADGROUP. `ids` are words until the streams have been looked at."""

    keys: Sequence[bytes] = ()
    ids: Sequence[bytes] = ()
    count: int = 0
    """0 for any number."""
    timeout: int | None = None
    group: bytes | None = None
    consumer: bytes = b""
    noack: bool = False

    def words_for(self, key: bytes, identity: bytes) -> list[bytes]:
        """The command that asks for one of the streams, as whoever was woken by it was served before 7.2."""
        words = [b"BLOCK", b"0", b"COUNT", b"%d" % (self.count or COUNT_WHEN_WOKEN)]
        if self.group is None:
            return [b"XREAD", *words, b"STREAMS", key, identity]
        words += [b"NOACK"] * self.noack
        return [b"XREADGROUP", b"GROUP", self.group, self.consumer, *words, b"STREAMS", key, b">"]


@command(
    "XREAD", "[COUNT count:int] [BLOCK milliseconds:int] streams=(STREAMS key... id...)",
    group="stream", since="5.0.0", flags="readonly blocking movablekeys", access="RO access incomplete", raw=True,
    complexity="",
    summary="Returns messages from multiple streams with IDs greater than the ones requested. Blocks until a message is"
    " available otherwise.",
)  # fmt: skip
def xread(call: Call, *words: bytes) -> Reply:
    wish = _parse(call, words, by_group=False)
    starts = [_start(call, key, word) for key, word in zip(wish.keys, wish.ids, strict=True)]
    found: list[tuple[Reply, Reply]] = []
    for key, start in zip(wish.keys, starts, strict=True):
        stream = call.db.find(key, StreamValue)
        if stream is not None and _newest(call, stream) > start:
            entries = islice(stream.entries(start + 1), wish.count or None)
            found.append((key, [entry_reply(*entry) for entry in entries]))
    if found:
        return _by_key(call, found)
    if wish.timeout is None:
        return NULL_ARRAY
    # What `$` stands for is settled when the wait begins.
    ids = [id_text(start) if word == b"$" else word for start, word in zip(starts, wish.ids, strict=True)]
    raise WouldBlock(wish.keys, wish.timeout, NULL_ARRAY, again=_again(call, wish, ids, [b"XREAD", *words]))


def _newest(call: Call, stream: StreamValue) -> int:
    """The id that must be behind the one asked for. Before 7.2 whoever has waited is answered though the entry is gone."""
    before_7_2 = call.runtime.profile.version < (7, 2)
    return stream.last_id if before_7_2 and call.session.woken else stream.last_entry_id()


def _start(call: Call, key: bytes, word: bytes) -> int:
    """The id behind which a stream is to be read."""
    stream = call.db.find(key, StreamValue)
    if word == b"$":
        return 0 if stream is None else stream.last_id
    if word == b"+" and call.runtime.profile.version >= (7, 4):
        return 0 if stream is None else _before_last(call, stream)
    if word == b">":
        raise CommandError(ONLY_WITH_GROUP)
    return parse_id(word)


def _before_last(call: Call, stream: StreamValue) -> int:
    """The id behind which there is the last entry only: in 7.4 that of the last id, though it may be deleted."""
    if call.runtime.profile.version >= (8, 0):
        last = stream.last_entry_id()
        return last - 1 if last else stream.last_id
    if not stream.last_id:
        raise CommandError(NOTHING_LAST)
    return stream.last_id - 1


@command(
    "XREADGROUP",
    "group-block=(GROUP group consumer) [COUNT count:int] [BLOCK milliseconds:int] [NOACK] streams=(STREAMS key... id...)",
    group="stream", since="5.0.0", flags="write blocking movablekeys", access="RO access incomplete", raw=True,
    complexity="For each stream mentioned: O(M) with M being the number of elements returned. If M is constant (e.g. always"
    " asking for the first 10 elements with COUNT), you can consider it O(1). On the other side when XREADGROUP blocks, XADD"
    " will pay the O(N) time in order to serve the N clients blocked on the stream getting new data.",
    summary="Returns new or historical messages from a stream for a consumer in a group. Blocks until a message is"
    " available otherwise.",
    propagated=said_itself,
)  # fmt: skip
def xreadgroup(call: Call, *words: bytes) -> Reply:
    wish = _parse(call, words, by_group=True)
    assert wish.group is not None
    starts = [_start_in_group(call, wish.group, key, word) for key, word in zip(wish.keys, wish.ids, strict=True)]
    found: list[tuple[Reply, Reply]] = []
    for key, start in zip(wish.keys, starts, strict=True):
        stream = call.db.find(key, StreamValue)
        assert stream is not None
        group = stream.group(wish.group)
        assert group is not None
        new = start == LAST_ID and _newest(call, stream) > group.last_id
        if call.runtime.profile.version >= (7, 2) or new or start != LAST_ID:
            if wish.noack and group.consumer(wish.consumer) is None:
                call.also_propagate(b"XGROUP", b"CREATECONSUMER", key, wish.group, wish.consumer)
            consumer = consumer_of(call, key, group, wish.consumer)
            if start != LAST_ID:
                found.append((key, history(call, key, stream, consumer, start + 1, wish.count)))
            elif new:
                reader = None if wish.noack else consumer
                found.append((key, deliver(call, key, stream, group, wish.group, reader, wish.count)))
    if found:
        return _by_key(call, found)
    if wish.timeout is None:
        return NULL_ARRAY
    again = _again(call, wish, wish.ids, [b"XREADGROUP", *words])
    raise WouldBlock(wish.keys, wish.timeout, NULL_ARRAY, again=again, lost=_loss(call, wish))


def _start_in_group(call: Call, group: bytes, key: bytes, word: bytes) -> int:
    """The id behind which a consumer's history is to be read; LAST_ID for what is new."""
    stream = call.db.find(key, StreamValue)
    if stream is None or stream.group(group) is None:
        raise no_group(key, group, where=" in XREADGROUP with GROUP option")
    if word == b"$" or (word == b"+" and call.runtime.profile.version >= (7, 4)):
        raise CommandError(MEANINGLESS.format(word.decode()))
    return LAST_ID if word == b">" else parse_id(word)


def _by_key(call: Call, found: list[tuple[Reply, Reply]]) -> Reply:
    return [[key, entries] for key, entries in found] if call.resp == 2 else call.map(found)


# -- the words ------------------------------------------------------------------------------------------------------------


def _parse(call: Call, words: tuple[bytes, ...], *, by_group: bool) -> Wish:
    wish, at = Wish(), 0
    streams: Sequence[bytes] | None = None
    while at < len(words):
        word = words[at].upper()
        at += 1
        if word == b"STREAMS" and at < len(words):
            streams = words[at:]
            break
        follow = READ_OPTIONS.get(word)
        if follow is None or at + follow > len(words):
            raise CommandError(SYNTAX)
        if word == b"BLOCK":
            wish.timeout = _timeout(call, words[at])
        elif word == b"COUNT":
            wish.count = max(0, integer(words[at]))
        elif not by_group:
            raise CommandError(ONLY_READGROUP.format(word.decode()))
        elif word == b"GROUP":
            wish.group, wish.consumer = words[at : at + follow]
        else:
            wish.noack = True
        at += follow
    if streams is not None and len(streams) % 2:
        raise CommandError(_unbalanced(call, by_group=by_group))
    if streams is None:
        raise CommandError(SYNTAX)
    if by_group and wish.group is None:
        raise CommandError(MISSING_GROUP)
    half = len(streams) // 2
    wish.keys, wish.ids = streams[:half], streams[half:]
    return wish


def _unbalanced(call: Call, *, by_group: bool) -> str:
    version = call.runtime.profile.version
    name, wanted = "XREAD", "ID or '$'"
    if version >= (7, 2):
        name = "'xreadgroup'" if by_group else "'xread'"
        wanted = "ID or '>'" if by_group else "ID, '+', or '$'" if version >= (8, 0) else "ID or '$'"
    return f"ERR Unbalanced {name} list of streams: for each stream key an {wanted} must be specified."


def _timeout(call: Call, word: bytes) -> int:
    """Milliseconds, 0 for ever."""
    milliseconds = integer(word, NOT_A_TIMEOUT)
    if milliseconds < 0:
        raise CommandError(NEGATIVE_TIMEOUT)
    if call.runtime.profile.version >= (7, 2) and milliseconds > INT64_MAX - call.now:
        raise CommandError(TIMEOUT_TOO_LONG)
    return milliseconds


# -- waiting --------------------------------------------------------------------------------------------------------------


def _again(call: Call, wish: Wish, ids: Sequence[bytes], argv: list[bytes]) -> dict[bytes, Sequence[bytes]]:
    """What a client that waits asks anew, by the key that wakes it: from 7.2 on the same once more, before for that key."""
    if call.runtime.profile.version >= (7, 2):
        same = [*argv[: -len(ids)], *ids]
        return dict.fromkeys(wish.keys, same)
    asked: dict[bytes, Sequence[bytes]] = {}
    for key, identity in zip(wish.keys, ids, strict=True):
        asked.setdefault(key, wish.words_for(key, identity))  # of a key that is named twice the first id counts
    return asked


def _loss(call: Call, wish: Wish) -> Callable[[bytes, Value | None], CommandError | None]:
    """What a client is answered that waits as part of a group, when a key has no longer what it waits for."""
    version, name = call.runtime.profile.version, wish.group
    assert name is not None

    def lost(key: bytes, value: Value | None) -> CommandError | None:
        if isinstance(value, StreamValue):
            if value.group(name) is not None:
                return None
            if version < (7, 2):
                return CommandError(GROUP_GONE)
        elif version < (7, 2):
            return CommandError(KEY_GONE) if version >= (7, 0) else None
        elif value is not None:
            return CommandError(WRONGTYPE)
        return no_group(key, name, where=" in XREADGROUP with GROUP option")

    return lost
