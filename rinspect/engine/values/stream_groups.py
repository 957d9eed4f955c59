"""Consumer groups of a stream: who has been given which entry, and has not acknowledged it yet.

group     last delivered id · entries read ─┬▶ rax of pending entries, by id ──────▶ NACK ─┐
                                            └▶ rax of consumers, by name ─▶ consumer ◀─────┘
consumer  seen · active · name ─▶ rax of its own pending entries, by id ─▶ the same NACKs
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rinspect.engine.encodings.rax import Rax
from rinspect.engine.encodings.streamid import id_key, id_of

UNKNOWN = -1
"""In place of the number of entries read where it cannot be told, and of the time of a consumer that was never active."""

Usable = Callable[[int], int]


class Consumer:
    """One who reads as part of a group. Times are in milliseconds since 1970."""

    __slots__ = ("active_time", "name", "name_serial", "pel", "seen_time", "serial")

    def __init__(self, name: bytes, now: int, usable: Usable) -> None:
        self.name = name
        self.seen_time = now
        """When it last tried to read or to claim; before 7.2, when it last did."""
        self.active_time = UNKNOWN
        """When it last got something (7.2+)."""
        self.pel: Rax[Nack] = Rax(usable)
        self.serial = 0
        self.name_serial = 0


class Nack:
    """An entry that was delivered and not acknowledged: streamNACK."""

    __slots__ = ("consumer", "delivery_count", "delivery_time", "serial")

    def __init__(self, consumer: Consumer, delivery_time: int, delivery_count: int = 1) -> None:
        self.consumer = consumer
        self.delivery_time = delivery_time
        self.delivery_count = delivery_count
        self.serial = 0


class Group:
    """A consumer group: streamCG. A pending entry is in the group's `pel` and in its consumer's."""

    __slots__ = ("_usable", "consumers", "entries_read", "last_id", "pel", "serial")

    def __init__(self, last_id: int, entries_read: int, usable: Usable) -> None:
        self._usable = usable
        self.last_id = last_id
        """Whoever asks for new entries gets those behind this one."""
        self.entries_read = entries_read
        """How many entries of the stream, from its first ever, are up to there; UNKNOWN if that cannot be told (7.0+)."""
        self.pel: Rax[Nack] = Rax(usable)
        self.consumers: Rax[Consumer] = Rax(usable)
        self.serial = 0

    def consumer(self, name: bytes) -> Consumer | None:
        return self.consumers.find(name)

    def add_consumer(self, name: bytes, now: int) -> Consumer:
        """A new consumer; there is none of that name."""
        consumer = Consumer(name, now, self._usable)
        self.consumers.insert(name, consumer)
        return consumer

    def drop_consumer(self, consumer: Consumer) -> int:
        """Take a consumer out, and with it what is pending for it; how much that was."""
        pending = list(consumer.pel.index)
        for key in pending:
            self.pel.remove(key)
        self.consumers.remove(consumer.name)
        return len(pending)

    def pending(self, identity: int) -> Nack | None:
        return self.pel.find(id_key(identity))

    def deliver(self, identity: int, consumer: Consumer, now: int) -> Nack:
        """An entry is given to a consumer, for the first time or, after the group was set back, once more; it is pending."""
        nack = self.pending(identity)
        if nack is None:
            nack = Nack(consumer, now)
            self.add_pending(identity, nack)
        else:
            self.assign(identity, nack, consumer)
            nack.delivery_time, nack.delivery_count = now, 1
        return nack

    def add_pending(self, identity: int, nack: Nack) -> None:
        key = id_key(identity)
        self.pel.insert(key, nack)
        nack.consumer.pel.insert(key, nack)

    def assign(self, identity: int, nack: Nack, consumer: Consumer) -> None:
        """A pending entry is another consumer's from now on."""
        if nack.consumer is not consumer:
            key = id_key(identity)
            nack.consumer.pel.remove(key)
            consumer.pel.insert(key, nack)
            nack.consumer = consumer

    def acknowledge(self, identity: int) -> bool:
        """An entry is pending no more; whether it was."""
        nack = self.pending(identity)
        if nack is None:
            return False
        key = id_key(identity)
        self.pel.remove(key)
        nack.consumer.pel.remove(key)
        return True

    def copy(self) -> Group:
        """The same with consumers and pending entries of its own, in trees without gaps."""
        twin = Group(self.last_id, self.entries_read, self._usable)
        for name, consumer in self.consumers.items():
            added = twin.add_consumer(name, consumer.seen_time)
            added.active_time = consumer.active_time
        for key, nack in self.pel.items():
            owner = twin.consumer(nack.consumer.name)
            assert owner is not None
            twin.add_pending(id_of(key), Nack(owner, nack.delivery_time, nack.delivery_count))
        return twin


def pending_ids(pel: Rax[Nack], start: int, end: int) -> Iterator[tuple[int, Nack]]:
    """What is pending from id `start` to id `end`, in order. The tree must stay as it is meanwhile."""
    for key, nack in pel.items(id_key(start)):
        identity = id_of(key)
        if identity > end:
            return
        yield identity, nack
