"""XCLAIM and XAUTOCLAIM: what is pending for one consumer is given to another.

How far a version goes to find out whether an entry is still in its stream differs: from 7.0 on one that is not is taken
off the pending ones; 6.2 claims it all the same, and answers with null in its place.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.propagating import said_itself
from rinspect.engine.commands.registry import command
from rinspect.engine.commands.stream.groups import consumer_of
from rinspect.engine.commands.stream.ids import parse_id, parse_start
from rinspect.engine.commands.stream.propagating import propagate_pending, propagate_position
from rinspect.engine.commands.stream.replies import found_entry, integer, no_group
from rinspect.engine.encodings.streamid import LAST_ID, id_text
from rinspect.engine.numbers import INT64_MAX, parse_int
from rinspect.engine.replies import SYNTAX, WRONGTYPE, CommandError, Reply, quotable
from rinspect.engine.values.stream import StreamValue
from rinspect.engine.values.stream_groups import Consumer, Group, Nack, pending_ids
from rinspect.engine.values.value import Value

NO_MEMORY = "ERR Insufficient memory, failed allocating transient memory, COUNT too high."
ATTEMPTS = 10
"""XAUTOCLAIM looks at so many times as many pending entries as it may claim."""
ID_SIZE = 16
ADDRESSES = 1 << 47
"""Nobody gets more bytes than there are addresses."""


@dataclass
class Claim:
    """Who claims in which group of which stream, and how."""

    call: Call
    key: bytes
    stream: StreamValue
    group: Group
    group_name: bytes
    name: bytes
    min_idle: int
    delivered: int
    """When what is claimed counts as delivered, in milliseconds since 1970."""
    retries: int = -1
    """How often; negative for once more than before, but for `just_ids`."""
    just_ids: bool = False
    changes: int = 0
    claimant: Consumer | None = None

    def begin(self) -> None:
        """From 7.2 on whoever tries has been seen, and exists."""
        if self.call.runtime.profile.version >= (7, 2):
            self.consumer()

    def consumer(self) -> Consumer:
        if self.claimant is None:
            self.claimant = consumer_of(self.call, self.key, self.group, self.name)
        return self.claimant

    def is_idle(self, nack: Nack) -> bool:
        return not self.min_idle or self.call.now - nack.delivery_time >= self.min_idle

    def take(self, identity: int, nack: Nack | None) -> Reply:
        """Give an entry that is pending, or is to be made so, to the claimant; the entry, or its id."""
        consumer = self.consumer()
        if nack is None:
            nack = Nack(consumer, self.delivered)
            self.group.add_pending(identity, nack)
        self.group.assign(identity, nack, consumer)
        nack.delivery_time = self.delivered
        if self.retries >= 0:
            nack.delivery_count = self.retries
        elif not self.just_ids:
            nack.delivery_count += 1
        consumer.active_time = self.call.now
        self.changes += 1
        propagate_pending(self.call, self.key, self.group, self.group_name, identity, nack)
        return id_text(identity) if self.just_ids else found_entry(self.stream, identity)

    def drop(self, identity: int, nack: Nack) -> None:
        """An entry that is not in the stream any more is not pending either. (Whoever hears that it is, finds out likewise.)"""
        propagate_pending(self.call, self.key, self.group, self.group_name, identity, nack)
        self.group.acknowledge(identity)
        self.changes += 1

    def done(self) -> None:
        if self.changes:
            self.call.db.changed_within(self.key, self.changes)


def _group(call: Call, key: bytes, value: Value | None, name: bytes) -> tuple[StreamValue, Group]:
    """The stream, which was looked up under `key`, and its group of that name."""
    if value is not None and not isinstance(value, StreamValue):
        raise CommandError(WRONGTYPE)
    group = None if value is None else value.group(name)
    if value is None or group is None:
        raise no_group(key, name)
    return value, group


@command(
    "XCLAIM",
    "key group consumer min-idle-time id... [IDLE ms:int] [TIME unix-time-milliseconds:unix-time] [RETRYCOUNT count:int]"
    " [FORCE] [JUSTID] [LASTID lastid]",
    group="stream", since="5.0.0", flags="write fast", access="RW update", tips="nondeterministic_output", raw=True,
    complexity="O(log N) with N being the number of messages in the PEL of the consumer group.",
    summary="Changes, or acquires, ownership of a message in a consumer group, as if the message was delivered a consumer group"
    " member.",
    propagated=said_itself,
)  # fmt: skip
def xclaim(call: Call, key: bytes, group_name: bytes, name: bytes, idle: bytes, *words: bytes) -> Reply:
    stream, group = _group(call, key, call.db.lookup(key), group_name)
    min_idle = max(0, integer(idle, "ERR Invalid min-idle-time argument for XCLAIM"))
    ids = _leading_ids(words)
    claim = Claim(call, key, stream, group, group_name, name, min_idle, call.now)
    force, last_id = _claim_options(claim, words[len(ids) :])
    moved = last_id > group.last_id
    if moved:
        group.last_id = last_id
    claim.begin()
    modern = call.runtime.profile.version >= (7, 0)
    entries: list[Reply] = []
    for identity in ids:
        nack = group.pending(identity)
        if modern and not stream.has(identity):
            if nack is not None:
                claim.drop(identity, nack)
        elif nack is None:
            if force and (modern or stream.has(identity)):
                entries.append(claim.take(identity, None))
        elif claim.is_idle(nack):
            entries.append(claim.take(identity, nack))
    # The new last id is a change by itself where nothing else has changed.
    if moved and not claim.changes:
        claim.changes = 1
        propagate_position(call, key, group, group_name)
    claim.done()
    return entries


def _leading_ids(words: tuple[bytes, ...]) -> list[int]:
    """The words up to the first that is no id."""
    ids: list[int] = []
    for word in words:
        try:
            ids.append(parse_id(word))
        except CommandError:
            break
    return ids


def _claim_options(claim: Claim, words: tuple[bytes, ...]) -> tuple[bool, int]:
    """FORCE, and LASTID or 0; the other options go into the claim."""
    force, last_id = False, 0
    delivered = -1
    rest = iter(enumerate(words))
    for at, word in rest:
        option = word.upper()
        if option == b"FORCE":
            force = True
            continue
        if option == b"JUSTID":
            claim.just_ids = True
            continue
        if option not in (b"IDLE", b"TIME", b"RETRYCOUNT", b"LASTID") or at + 1 == len(words):
            raise CommandError(f"ERR Unrecognized XCLAIM option '{quotable(word)}'")
        _, given = next(rest)
        if option == b"LASTID":
            last_id = parse_id(given)
            continue
        number = integer(given, f"ERR Invalid {option.decode()} option argument for XCLAIM")
        if option == b"RETRYCOUNT":
            claim.retries = number
        else:
            delivered = claim.call.now - number if option == b"IDLE" else number
    if 0 <= delivered <= claim.call.now:
        claim.delivered = delivered
    return force, last_id


@command(
    "XAUTOCLAIM", "key group consumer min-idle-time start [COUNT count:int] [JUSTID]",
    group="stream", since="6.2.0", flags="write fast", access="RW delete", tips="nondeterministic_output", raw=True,
    complexity="O(1) if COUNT is small.",
    summary="Changes, or acquires, ownership of messages in a consumer group, as if the messages were delivered to as consumer"
    " group member.",
    propagated=said_itself,
)  # fmt: skip
def xautoclaim(
    call: Call, key: bytes, group_name: bytes, name: bytes, idle: bytes, start: bytes, *words: bytes
) -> Reply:
    modern = call.runtime.profile.version >= (7, 0)
    value = call.db.lookup(key)
    min_idle = max(0, integer(idle, "ERR Invalid min-idle-time argument for XAUTOCLAIM"))
    first = parse_start(start)
    count, just_ids = _autoclaim_options(call, words)
    stream, group = _group(call, key, value, group_name)
    if modern and count * ID_SIZE >= ADDRESSES:
        raise CommandError(NO_MEMORY)
    claim = Claim(call, key, stream, group, group_name, name, min_idle, call.now, just_ids=just_ids)
    claim.begin()
    attempts = count * ATTEMPTS
    seen = list(islice(pending_ids(group.pel, first, LAST_ID), attempts + 1))
    claimed: list[Reply] = []
    deleted: list[Reply] = []
    at = 0
    while at < min(attempts, len(seen)) and len(claimed) + len(deleted) < count:
        identity, nack = seen[at]
        at += 1
        if modern and not stream.has(identity):
            claim.drop(identity, nack)
            deleted.append(id_text(identity))
        elif claim.is_idle(nack):
            claimed.append(claim.take(identity, nack))
    claim.done()
    cursor = id_text(seen[at][0] if at < len(seen) else 0)
    return [cursor, claimed, deleted] if modern else [cursor, claimed]


def _autoclaim_options(call: Call, words: tuple[bytes, ...]) -> tuple[int, bool]:
    """COUNT, 100 unless it is given, and JUSTID."""
    most = INT64_MAX // ID_SIZE if call.runtime.profile.version >= (7, 0) else INT64_MAX
    count, just_ids = 100, False
    rest = iter(words)
    for word in rest:
        option = word.upper()
        if option == b"JUSTID":
            just_ids = True
        elif option == b"COUNT" and (given := next(rest, None)) is not None:
            number = parse_int(given)
            if number is None or not 1 <= number <= most:
                raise CommandError("ERR COUNT must be > 0")
            count = number
        else:
            raise CommandError(SYNTAX)
    return count, just_ids
