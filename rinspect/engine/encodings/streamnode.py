"""A stream's node: a listpack of entries, whose ids are told as differences to the first one's.

At its beginning stands the *master entry*: what the node says of itself, and the fields of its first entry. An entry with
the same fields in the same order leaves them out.

    master   | count | deleted | fields | field … | 0 |
    entry    | flags | ms | seq | value … | lp-count |                                 flags 2: the master's fields
             | flags | ms | seq | fields | field | value … | lp-count |                flags 0: fields of its own

`ms` and `seq` are what is to be added to the id under which the radix tree has the node. `lp-count` says how many elements
of the listpack the entry has before it, so that one can walk backwards; the master entry's is 0. A deleted entry stays
where it is, with 1 added to its flags, until the last one of the node goes.

    >>> node = StreamNode.begun(make_id(1700000000000, 0), [b"t", b"21"], 4096, lambda size: size)
    >>> node.append(make_id(1700000000005, 1), [b"t", b"22"])
    >>> node.append(make_id(1700000000009, 0), [b"door", b"open"])
    >>> b" ".join(node.pack)
    b'3 0 1 t 0 2 0 0 21 4 2 5 1 22 4 0 9 0 1 door open 6'

A node is allocated with room for what is to come, and cut to measure when the next one is begun.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence

from rinspect.engine.encodings.entries import CorruptBlob
from rinspect.engine.encodings.listpack import EMPTY, Listpack
from rinspect.engine.encodings.streamid import LAST_ID, make_id, ms_of, seq_of, signed
from rinspect.engine.layout import Allocation
from rinspect.engine.numbers import parse_int

DELETED, SAME_FIELDS = 1, 2
COUNT, DELETED_COUNT, FIELDS, FIRST_FIELD = range(4)
"""Where the master entry's parts stand."""


class StreamNode:
    """A node. `first` is the id that the radix tree has it under, `room` what the allocator gave for its listpack; `starts`
    are the places of the entries' flags among the listpack's elements: a cache."""

    __slots__ = ("_usable", "drawn", "first", "pack", "room", "starts")

    def __init__(self, first: int, pack: Listpack, starts: list[int], room: int, usable: Callable[[int], int]) -> None:
        self.first = first
        self.pack = pack
        self.starts = starts
        self.room = room
        self._usable = usable
        self.drawn: tuple[object, Allocation] | None = None
        """What it looked like when it was last looked at, and all that depends on: most nodes never change again."""

    @classmethod
    def begun(cls, identity: int, words: Sequence[bytes], room: int, usable: Callable[[int], int]) -> StreamNode:
        """A node with its first entry, of fields and values in turn; `room` bytes are asked for."""
        fields = words[::2]
        node = cls(identity, Listpack(), [], usable(max(room, EMPTY)), usable)
        node.pack.extend([b"0", b"0", b"%d" % len(fields), *fields, b"0"])
        node.append(identity, words)
        return node

    @classmethod
    def found(cls, first: int, pack: Listpack, usable: Callable[[int], int]) -> StreamNode:
        """A node as it was stored; CorruptBlob if its listpack is none."""
        return cls(first, pack, _checked(pack.texts), usable(pack.nbytes), usable)

    def copy(self) -> StreamNode:
        """The same, allocated to measure."""
        return StreamNode(self.first, self.pack.copy(), self.starts[:], self._usable(self.pack.nbytes), self._usable)

    # -- reading ------------------------------------------------------------------------------------------------------

    @property
    def nbytes(self) -> int:
        return len(self.pack.data)

    @property
    def count(self) -> int:
        """Entries that are not deleted, as the master entry says."""
        return int(self.pack.texts[COUNT])

    @property
    def deleted(self) -> int:
        """Entries that are."""
        return int(self.pack.texts[DELETED_COUNT])

    def id_at(self, start: int) -> int:
        """The id of the entry whose flags are element `start`."""
        texts = self.pack.texts
        return make_id(ms_of(self.first) + int(texts[start + 1]), seq_of(self.first) + int(texts[start + 2]))

    def is_deleted(self, start: int) -> bool:
        return bool(int(self.pack.texts[start]) & DELETED)

    def words_at(self, start: int) -> list[bytes]:
        """An entry's fields and values, in turn."""
        texts = self.pack.texts
        at = start + 3
        if not int(texts[start]) & SAME_FIELDS:
            return texts[at + 1 : at + 1 + 2 * int(texts[at])]
        count = int(texts[FIELDS])
        words = [b""] * (2 * count)
        words[::2], words[1::2] = texts[FIRST_FIELD : FIRST_FIELD + count], texts[at : at + count]
        return words

    def entries(self, first: int = 0, last: int = LAST_ID, *, backward: bool = False) -> Iterator[tuple[int, int]]:
        """(id, place of the flags) of the entries from id `first` to id `last`, both included, that are not deleted."""
        starts = self.starts
        begin = bisect_left(starts, first, key=self.id_at) if first > self.first else 0
        end = bisect_right(starts, last, key=self.id_at) if last < LAST_ID else len(starts)
        for at in range(end - 1, begin - 1, -1) if backward else range(begin, end):
            start = starts[at]
            if not self.is_deleted(start):
                yield self.id_at(start), start

    def last_id(self) -> int:
        """The id of the last entry, deleted or not; 0 without any."""
        return self.id_at(self.starts[-1]) if self.starts else 0

    # -- changing -----------------------------------------------------------------------------------------------------

    def append(self, identity: int, words: Sequence[bytes]) -> None:
        """Add an entry of fields and values in turn, with an id behind all others."""
        texts, fields = self.pack.texts, words[::2]
        self._set(COUNT, self.count + 1)
        ms, seq = signed(ms_of(identity) - ms_of(self.first)), signed(seq_of(identity) - seq_of(self.first))
        if texts[FIELDS] == b"%d" % len(fields) and texts[FIRST_FIELD : FIRST_FIELD + len(fields)] == list(fields):
            flags, rest = SAME_FIELDS, words[1::2]
        else:
            flags, rest = 0, [b"%d" % len(fields), *words]
        self.starts.append(len(texts))
        before = self.nbytes
        self.pack.extend([b"%d" % flags, b"%d" % ms, b"%d" % seq, *rest, b"%d" % (3 + len(rest))])
        self._fit(before)

    def delete(self, start: int) -> None:
        """Mark an entry as deleted, and count it as such."""
        self._mark(start, self.pack.offset(start))
        self._set(COUNT, self.count - 1)
        self._set(DELETED_COUNT, self.deleted + 1)

    def trim(self, goes: Callable[[int, int], bool]) -> int:
        """Mark entries from the first on as deleted while `goes`, given an entry's id and how many have been marked, says so;
        how many are marked now that were not."""
        marked, sizes = 0, self.pack.sizes
        offset = place = 0
        for start in self.starts:
            if not goes(self.id_at(start), marked):
                break
            if not self.is_deleted(start):
                offset += sum(sizes[place:start])
                place = start
                self._mark(start, self.pack.HEADER + offset)
                marked += 1
        self._set(COUNT, self.count - marked)
        self._set(DELETED_COUNT, self.deleted + marked)
        return marked

    def shrink(self) -> None:
        """Give back the room that is not used."""
        self.room = self._usable(self.nbytes)

    def _mark(self, start: int, offset: int) -> None:
        """Set the deleted flag of the entry whose flags are element `start`, at `offset`."""
        flags, data = int(self.pack.texts[start]) | DELETED, self.pack.data
        if data[offset] < 0x80:
            # The byte itself is the number, and stays one: nothing moves.
            data[offset] = flags
            self.pack.texts[start] = b"%d" % flags
        else:
            self._set(start, flags)

    def _set(self, place: int, number: int) -> None:
        before = self.nbytes
        self.pack.replace(place, b"%d" % number)
        self._fit(before)

    def _fit(self, before: int) -> None:
        """What has outgrown its room is moved to a larger one, and what has become shorter gives back all that is left."""
        if self.nbytes > self.room or self.nbytes < before:
            self.room = self._usable(self.nbytes)


def _checked(texts: Sequence[bytes]) -> list[int]:
    """Where the entries begin; CorruptBlob if the elements are no master entry with as many entries as it says."""
    rest = _Elements(texts)
    left = rest.number() + rest.number()
    master = rest.number()
    rest.skip(master)
    if rest.number():
        raise CorruptBlob("stream node: the master entry does not end with 0")
    starts = []
    while left > 0:
        left -= 1
        starts.append(rest.at)
        flags = rest.number()
        rest.number()
        rest.number()
        count = master if flags & SAME_FIELDS else 1 + 2 * rest.peek()
        rest.skip(count)
        if rest.number() != 3 + count:
            raise CorruptBlob(f"stream node: the entry at element {starts[-1]} has another length than it says")
    if rest.at < len(texts):
        raise CorruptBlob("stream node: there are more entries than the master entry says")
    return starts


class _Elements:
    """Walks over a listpack's elements; CorruptBlob where they end too soon, or are not what they should be."""

    def __init__(self, texts: Sequence[bytes]) -> None:
        self.texts = texts
        self.at = 0

    def peek(self) -> int:
        number = parse_int(self.texts[self.at]) if self.at < len(self.texts) else None
        if number is None:
            raise CorruptBlob(f"stream node: element {self.at} is not a number")
        return number

    def number(self) -> int:
        number = self.peek()
        self.at += 1
        return number

    def skip(self, count: int) -> None:
        if not 0 <= count <= len(self.texts) - self.at:
            raise CorruptBlob(f"stream node: no {count} elements follow element {self.at}")
        self.at += count
