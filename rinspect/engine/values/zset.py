"""zset: a few members in one blob, or a dict and a skiplist.

    ziplist, listpack   robj ─▶ | bytes | count | member | score | member | score | FF |      in ascending order
    skiplist            robj ─▶ zset ─┬▶ dict ─▶ table ─▶ entries      member to score
                                      └▶ zskiplist ─▶ nodes            in order, with ranks

A sorted set leaves the blob for good when a member more, or a longer one, would exceed zset-max-listpack-entries or
zset-max-listpack-value. Commands that store a result decide anew, by what it has become.
"""

from __future__ import annotations

from collections.abc import Iterator

from rinspect.engine.encodings.bounds import Bounds
from rinspect.engine.encodings.compact import Compact, compact_class
from rinspect.engine.encodings.hashtable import INITIAL_SIZE, Hashtable
from rinspect.engine.encodings.indexedzset import STRUCT_SIZE, IndexedZset, Pair
from rinspect.engine.encodings.packedzset import PackedZset
from rinspect.engine.encodings.sds import element_size
from rinspect.engine.encodings.skiplist import HEADER_SIZE, MAX_LEVEL, level_of, node_size
from rinspect.engine.encodings.skiplist import STRUCT_SIZE as SKIPLIST_STRUCT_SIZE
from rinspect.engine.layout import Layout, Trace, Window
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.blob_layout import blob_allocation, blob_run, trace_entries
from rinspect.engine.values.table_layout import BUCKET_SIZE, ENTRY_CHARGE, table_allocated
from rinspect.engine.values.value import ROBJ_SIZE, Value, averaged, blob_charge, robj_run
from rinspect.engine.values.zset_layout import IndexedLayout


class ZsetValue(Value):
    """A sorted set. `body` is the structure that it is in at the time."""

    type = "zset"
    __slots__ = ("body",)

    def __init__(self, runtime: Runtime, body: PackedZset | IndexedZset | None = None) -> None:
        super().__init__(runtime)
        self.body: PackedZset | IndexedZset = PackedZset(runtime.profile) if body is None else body

    @classmethod
    def starting_with(cls, runtime: Runtime, first_length: int, expected: int) -> ZsetValue:
        """An empty sorted set, as a command makes it that is about to add `expected` members, the first that long."""
        config = runtime.config
        counts = runtime.profile.zset_counts_arguments
        packed = expected <= config.zset_max_listpack_entries if counts else config.zset_max_listpack_entries > 0
        if packed and first_length <= config.zset_max_listpack_value:
            return cls(runtime)
        return cls.indexed(runtime, expected if counts else 0)

    @classmethod
    def indexed(cls, runtime: Runtime, presize: int = 0) -> ZsetValue:
        """An empty skiplist, whose dict has room for `presize` members."""
        return cls(runtime, _indexed(runtime, presize))

    # -- reading ------------------------------------------------------------------------------------------------------

    @property
    def encoding(self) -> str:
        return self.body.encoding

    @property
    def hashtable(self) -> Hashtable | None:
        return self.body.table if isinstance(self.body, IndexedZset) else None

    def __len__(self) -> int:
        return len(self.body)

    def __iter__(self) -> Iterator[bytes]:
        """The members, in ascending order."""
        return iter(self.members(0, len(self)))

    def score(self, member: bytes) -> float | None:
        """A member's score, None if it is none; in a dict that takes a step of rehashing along."""
        return self.body.score(member)

    def rank(self, member: bytes) -> tuple[int, float] | None:
        """How many come before a member, and its score; None if it is none."""
        score = self.body.score(member)
        return None if score is None else (self.body.rank(score, member), score)

    def members(self, start: int, stop: int) -> list[bytes]:
        """The members of ranks start … stop - 1, as far as they exist."""
        return self.body.members(start, stop)

    def pairs(self, start: int = 0, stop: int = 1 << 63) -> list[Pair]:
        """Member and score for ranks start … stop - 1, as far as they exist."""
        return self.body.pairs(start, stop)

    def span(self, bounds: Bounds, *, backward: bool = False) -> tuple[int, int]:
        """Ranks (first, last + 1) of the members within bounds; equal numbers for none."""
        return self.body.span(bounds, backward=backward)

    def random_pair(self) -> Pair:
        """One by chance. Not for empty sorted sets."""
        rng = self.runtime.rng
        if isinstance(self.body, IndexedZset):
            member = self.body.table.fair_entry(rng).key
            score = self.body.score(member)
            assert score is not None
            return member, score
        return self.pairs(at := rng.randrange(len(self)), at + 1)[0]

    # -- changing -----------------------------------------------------------------------------------------------------

    def insert(self, score: float, member: bytes) -> None:
        """Insert a member that is not there yet, after moving to a skiplist if it does not fit into the blob."""
        body = self.body
        if isinstance(body, PackedZset):
            config = self.runtime.config
            if len(member) > config.zset_max_listpack_value:
                reason = f"member of {len(member)} bytes > {self._name('value')} {config.zset_max_listpack_value}"
            elif len(body) >= config.zset_max_listpack_entries:
                reason = f"{len(body) + 1} members > {self._name('entries')} {config.zset_max_listpack_entries}"
            else:
                body.insert(score, member)
                return
            body = self._become_indexed(len(body) + 1, reason)
        body.insert(score, member)

    def update(self, member: bytes, score: float) -> None:
        """Give a member that is there another score. Never changes the encoding."""
        self.body.update(member, score)

    def assign(self, score: float, member: bytes) -> float | None:
        """Give a member a score, be it there or not; the one that it had."""
        before = self.body.score(member)
        if before is None:
            self.insert(score, member)
        elif score != before:
            self.body.update(member, score)
        return before

    def remove(self, member: bytes) -> bool:
        """Take a member out; False if it is not there."""
        return self.body.remove(member)

    def remove_ranks(self, start: int, stop: int) -> None:
        """Take out the members of ranks start … stop - 1."""
        if start < stop:
            self.body.remove_ranks(start, stop)

    def expect(self, count: int) -> None:
        """A command is about to add so many members: from 7.2 on too many of them make a skiplist at once."""
        limit = self.runtime.config.zset_max_listpack_entries
        if count > limit and self.runtime.profile.zset_counts_arguments and isinstance(self.body, PackedZset):
            self._become_indexed(count, f"{count} members in one command > {self._name('entries')} {limit}")

    def unpack(self, reason: str) -> None:
        """Become a skiplist, whatever the limits."""
        if isinstance(self.body, PackedZset):
            self._become_indexed(len(self), reason)

    def _name(self, what: str) -> str:
        return f"zset-max-{'listpack' if self.runtime.profile.listpack else 'ziplist'}-{what}"

    def _become_indexed(self, presize: int, reason: str) -> IndexedZset:
        before = self.encoding
        body = _indexed(self.runtime, presize if self.runtime.profile.zset_counts_arguments else 0)
        for member, score in self.pairs():
            body.insert(score, member)
        self.body = body
        self.encoding_changed(before, reason)
        return body

    def pack_if_small(self) -> None:
        """What a result goes through before it is stored: a skiplist within the limits becomes a blob."""
        config = self.runtime.config
        if isinstance(self.body, IndexedZset) and len(self) <= config.zset_max_listpack_entries:
            pairs = self.pairs()
            if all(len(member) <= config.zset_max_listpack_value for member, _ in pairs):
                body = PackedZset(self.runtime.profile)
                for member, score in pairs:
                    body.insert(score, member)
                self.body = body
                self.encoding_changed("skiplist", f"{len(pairs)} members <= {self._name('entries')}")

    def settle(self) -> ZsetValue:
        """As RESTORE: a blob is judged by its count alone; a ziplist becomes a listpack where the version has them."""
        self.pack_if_small()
        body, limit = self.body, self.runtime.config.zset_max_listpack_entries
        if isinstance(body, PackedZset):
            if len(body) > limit:
                self._become_indexed(len(body), f"{len(body)} members > {self._name('entries')} {limit}")
            elif not isinstance(body.blob, modern := compact_class(self.runtime.profile)):
                before = self.encoding
                body.blob = modern(body.blob.texts)
                self.encoding_changed(before, f"{modern.encoding} takes the place of {before} in this version")
        return self

    def copy(self) -> ZsetValue:
        body = self.body
        if isinstance(body, PackedZset):
            return ZsetValue(self.runtime, body.copy())
        twin = _indexed(self.runtime, len(body))
        # From the last to the first: each insert ends at the head at once.
        for node in body.nodes.nodes_backward(len(body) - 1):
            twin.insert(node.score, node.member)
        return ZsetValue(self.runtime, twin)

    # -- what it costs, what it looks like ----------------------------------------------------------------------------

    def charged(self, samples: int = 0) -> int:
        body = self.body
        if isinstance(body, PackedZset):
            return ROBJ_SIZE + blob_charge(self.runtime, body.blob.nbytes)[1]
        usable = self.runtime.usable
        fixed = ROBJ_SIZE + STRUCT_SIZE + SKIPLIST_STRUCT_SIZE + self.runtime.profile.dict_size
        fixed += BUCKET_SIZE * body.table.buckets + usable(HEADER_SIZE)
        count = len(body)
        if not samples or samples >= count:
            elements = body.size_class + ENTRY_CHARGE * count + self._nodes_class(body)
            return averaged(fixed, elements, count, count)
        elements = 0
        for node, _ in zip(body.nodes, range(samples), strict=False):
            elements += ENTRY_CHARGE + usable(element_size(len(node.member))) + usable(node_size(level_of(node)))
        return averaged(fixed, elements, samples, count)

    def _nodes_class(self, body: IndexedZset) -> int:
        heights, usable = body.nodes.heights, self.runtime.usable
        return sum(heights[level] * usable(node_size(level)) for level in range(1, MAX_LEVEL + 1) if heights[level])

    def allocated(self) -> int:
        body, usable = self.body, self.runtime.usable
        if isinstance(body, PackedZset):
            return usable(ROBJ_SIZE) + usable(body.blob.nbytes)
        structs = usable(ROBJ_SIZE) + usable(STRUCT_SIZE) + usable(SKIPLIST_STRUCT_SIZE) + usable(HEADER_SIZE)
        return structs + table_allocated(body.table, self.runtime) + self._nodes_class(body) + body.size_class

    def layout(self, window: Window) -> Layout:
        body = self.body
        if isinstance(body, PackedZset):
            names = ("member", "score")
            blob = blob_allocation(body.blob, self.runtime, window, names=names)
            own = (self.robj(blob.serial, pointer_note=f"to the {self.encoding}"), blob)
            facts: dict[str, object] = {"entries": len(body.blob), "bytes": body.blob.nbytes}
            own_runs = (robj_run(self.runtime), blob_run(body.blob, self.runtime))
            return Layout("zset", self.encoding, len(body.blob), window, own, own_runs, facts=facts)
        view = IndexedLayout(body, self.runtime)
        runs = (robj_run(self.runtime), *view.runs())
        rounding = self.charged() - sum(run.charged for run in runs)
        allocations = (self.robj(view.serial, pointer_note="to the zset"), *view.allocations(window))
        return Layout("zset", "skiplist", len(body), window, allocations, runs, rounding, facts=view.facts())

    def trace_find(self, member: bytes) -> Trace:
        """How the search for a member's score goes. Changes nothing."""
        body = self.body
        return body.table.trace(member) if isinstance(body, IndexedZset) else trace_entries(body.blob, member, 2)


def _indexed(runtime: Runtime, presize: int) -> IndexedZset:
    return IndexedZset(runtime.profile, runtime.allocator, runtime.hash_seed, runtime.rng, presize)


def loaded(runtime: Runtime, pairs: list[Pair]) -> ZsetValue:
    """A skiplist with these members, as a payload brings them: in any order, each once."""
    value = ZsetValue.indexed(runtime, len(pairs) if len(pairs) > INITIAL_SIZE else 0)
    for member, score in pairs:
        value.body.insert(score, member)
    return value


def packed(runtime: Runtime, blob: Compact) -> ZsetValue:
    """A sorted set in a blob as it was found; CorruptBlob if that holds no members in order with their scores."""
    return ZsetValue(runtime, PackedZset(runtime.profile, blob))
