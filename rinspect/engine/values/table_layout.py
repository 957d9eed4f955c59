"""How a dict looks in memory: shared by sets, hashes, sorted sets and the keyspace.

    dict (struct) ─▶ table 0 ─▶ entry ─▶ entry …        each entry with what it holds: a key, maybe a value
                  └▶ table 1                            only while rehashing

Its elements, in the sense of a Window, are buckets: those of table 0, then those of table 1.

The dict does not know what its entries hold. Whoever owns it says so, for one entry at a time, with a function that
makes a `Held`: where the entry's pointers lead, and the allocations behind them (for a set the member's sds, for a hash
field and value). So a value's layout is

    view = TableLayout(table, runtime, hold, role="value/dict")
    allocations = (self.robj(view.serial, …), *view.allocations(window))
    runs = (robj_run(runtime), *view.runs(), Run("sds", …))          # the owner sums up what the entries hold
    Layout("set", "hashtable", table.buckets, window, allocations, runs, rounding, facts=view.facts())
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from rinspect.engine.encodings import sds
from rinspect.engine.encodings.hashtable import Bucket, Entry, Hashtable, chain
from rinspect.engine.encodings.membertable import MemberTable
from rinspect.engine.layout import Allocation, Field, Kind, Run, Serial, Shape, Window
from rinspect.engine.runtime import Runtime

BUCKET_SIZE = 8
ENTRY_CHARGE = 24
"""What MEMORY USAGE charges for an entry, whatever it really takes."""
MEMBER_RULE = "24 bytes are charged for the entry, which takes 16"
BARE_RULE = "24 bytes more are charged, for an entry that a lone member of a bucket does not have"


class Held(NamedTuple):
    """What one entry holds. `value` is the field for the value pointer, at offset 8; None in the table of a set."""

    key: Serial
    value: Field | None
    allocations: tuple[Allocation, ...]


Hold = Callable[[Entry, str, int], Held]
"""(entry, its role, index of its bucket) to what it holds. Roles of what is held continue the entry's: `…/key`."""


class TableLayout:
    """A view of one dict. `metadata` are bytes at the struct's end for a hash with field TTL, and `metadata_fields` say
    what they are; MEMORY USAGE leaves them out."""

    def __init__(
        self,
        table: Hashtable,
        runtime: Runtime,
        hold: Hold,
        *,
        role: str = "value/dict",
        metadata_fields: tuple[Field, ...] = (),
    ) -> None:
        self.table = table
        self.runtime = runtime
        self.hold = hold
        self.role = role
        self.metadata_fields = metadata_fields
        self.metadata = sum(field.size for field in metadata_fields)
        self.members = isinstance(table, MemberTable)
        self.entry_size = runtime.profile.set_entry_size if self.members else ENTRY_CHARGE
        for slot in range(3):
            if not table.serials[slot] and (slot == 0 or table.tables[slot - 1]):
                table.serials[slot] = runtime.serial()

    @property
    def serial(self) -> int:
        """The dict struct's."""
        return self.table.serials[0]

    def allocations(self, window: Window) -> Iterator[Allocation]:
        """The struct, the tables (their bytes as far as the window's buckets go), and the chains of these buckets."""
        yield self._struct()
        before = 0
        for which, table in enumerate(self.table.tables):
            if table:
                first = min(max(window.first - before, 0), len(table))
                stop = min(max(window.stop - before, 0), len(table))
                yield self._table(which, table, first, stop)
                for at in range(first, stop):
                    yield from self._chain(table[at], f"{self.role}/table[{which}]/bucket[{at}]", before + at)
                before += len(table)

    def entry_of(self, key: bytes, element: int) -> Iterator[Allocation]:
        """The entry of one key that is there, wherever its bucket is, and what it holds: for values that are not drawn
        in the order of their table."""
        entry = self.table.index[key]
        which, at = self.table.bucket_of(key)
        place = chain(self.table.tables[which][at]).index(entry)
        role = f"{self.role}/table[{which}]/bucket[{at}]/entry[{place}]"
        held = self.hold(entry, role, element)
        yield self._entry(entry, held, role, element)
        yield from held.allocations

    def runs(self) -> tuple[Run, ...]:
        """Sums of struct, tables and entries; what the entries hold is the owner's to sum up."""
        usable, struct = self.runtime.usable, self.runtime.profile.dict_size
        sizes = [BUCKET_SIZE * len(table) for table in self.table.tables if table]
        count = self.table.allocated if isinstance(self.table, MemberTable) else len(self.table)
        return (
            Run("dict", 1, struct + self.metadata, usable(struct + self.metadata), struct, self._struct_rule()),
            Run("dict table", len(sizes), sum(sizes), sum(map(usable, sizes)), sum(sizes)),
            Run("dictEntry", count, count * self.entry_size, count * usable(self.entry_size), count * ENTRY_CHARGE,
                self._entry_rule()),
        )  # fmt: skip

    def facts(self) -> dict[str, object]:
        """The figures that a drawing of the table names."""
        table = self.table
        return {
            "size0": len(table.tables[0]),
            "size1": len(table.tables[1]),
            "used0": table.used[0],
            "used1": table.used[1],
            "rehashidx": table.rehashidx,
        }

    # -- the pieces ---------------------------------------------------------------------------------------------------

    def _struct_rule(self) -> str:
        return f"the {self.metadata} bytes for field expiry are not counted" if self.metadata else ""

    def _entry_rule(self) -> str:
        return MEMBER_RULE if self.entry_size != ENTRY_CHARGE else ""

    def _struct(self) -> Allocation:
        fields = tuple(self._struct_fields()) + self.metadata_fields
        data = bytearray()
        for field in fields:
            number = field.value if isinstance(field.value, int) else 0
            data += (number & (1 << 8 * field.size) - 1).to_bytes(field.size, "little")
        charged = self.runtime.profile.dict_size
        return Allocation(
            self.serial, self.role, "dict", len(data), self.runtime.usable(len(data)), charged, Shape.STRUCT, fields,
            bytes(data), rule=self._struct_rule(), summary=self._summary(),
        )  # fmt: skip

    def _summary(self) -> str:
        table = self.table
        first, second = map(len, table.tables)
        moving = f", moving to {second}: bucket {table.rehashidx} is next" if table.rehashing else ""
        return f"{len(table)} entries in {first} buckets{moving}"

    def _struct_fields(self) -> Iterator[Field]:
        table, profile = self.table, self.runtime.profile
        yield Field(0, 8, "type", "dictType", Kind.POINTER, "to the functions that hash, compare and free the keys")
        if profile.version < (7, 0):
            yield Field(8, 8, "privdata", None, Kind.POINTER, "argument for these functions; unused")
            for which in (0, 1):
                at, size = 16 + 32 * which, len(table.tables[which])
                yield self._table_pointer(at, which)
                yield Field(at + 8, 8, f"ht[{which}].size", size, Kind.LENGTH, f"{size} buckets")
                mask = max(size - 1, 0)
                yield Field(at + 16, 8, f"ht[{which}].sizemask", mask, Kind.LENGTH, f"bucket = hash & {mask}")
                yield self._used(at + 24, which)
            yield self._rehashidx(80)
            yield Field(88, 2, "pauserehash", 0, Kind.COUNT, "iterators that forbid rehashing meanwhile")
            yield Field(90, 6, "padding", 0, Kind.SLACK, "fills up to a multiple of 8")
            return
        for which in (0, 1):
            yield self._table_pointer(8 + 8 * which, which)
        for which in (0, 1):
            yield self._used(24 + 8 * which, which)
        yield self._rehashidx(40)
        if profile.version < (7, 4):
            yield Field(48, 2, "pauserehash", 0, Kind.COUNT, "iterators that forbid rehashing meanwhile")
        else:
            note = "15 bits: iterators that forbid rehashing meanwhile; 1 bit: how keys are being compared"
            yield Field(48, 2, "pauserehash, useStoredKeyApi", 0, Kind.COUNT, note)
        for which in (0, 1):
            size = len(table.tables[which])
            exponent = size.bit_length() - 1
            note = f"2^{exponent} = {size} buckets" if size else "-1: there is no such table"
            yield Field(50 + which, 1, f"size exponent {which}", exponent, Kind.LENGTH, note)
        if profile.version < (7, 4):
            yield Field(52, 4, "padding", 0, Kind.SLACK, "fills up to a multiple of 8")
        else:
            paused = int(table.pause_shrink)
            yield Field(52, 2, "pauseAutoResize", paused, Kind.COUNT, "whether resizing is put off meanwhile")
            yield Field(54, 2, "padding", 0, Kind.SLACK, "fills up to a multiple of 8")

    def _table_pointer(self, at: int, which: int) -> Field:
        serial = self.table.serials[1 + which] or None
        note = ("the table", "the table that entries are moving to")[which] if serial else "no table"
        return Field(at, 8, f"table {which}", None, Kind.POINTER, note, target=serial)

    def _used(self, at: int, which: int) -> Field:
        used = self.table.used[which]
        return Field(at, 8, f"used {which}", used, Kind.COUNT, f"{used} entries in table {which}")

    def _rehashidx(self, at: int) -> Field:
        index = self.table.rehashidx
        note = "-1: no rehash is running" if index < 0 else f"bucket {index} of table 0 is the next to move"
        return Field(at, 8, "rehashidx", index, Kind.COUNT, note)

    def _table(self, which: int, table: list[Bucket], first: int, stop: int) -> Allocation:
        fields = tuple(self._bucket(table[at], at) for at in range(first, stop))
        size = BUCKET_SIZE * len(table)
        return Allocation(
            self.table.serials[1 + which], f"{self.role}/table[{which}]", "dict table", size, self.runtime.usable(size),
            size, Shape.TABLE, fields, bytes(BUCKET_SIZE * len(fields)), BUCKET_SIZE * first,
            summary=f"{len(table)} buckets, {self.table.used[which]} entries",
        )  # fmt: skip

    def _bucket(self, entry: Bucket, at: int) -> Field:
        if entry is None:
            return Field(BUCKET_SIZE * at, BUCKET_SIZE, f"bucket {at}", None, Kind.POINTER, "empty", at)
        note = "to the chain's first entry" if self._has_entry(entry) else "to the member itself: there is no entry"
        return Field(BUCKET_SIZE * at, BUCKET_SIZE, f"bucket {at}", None, Kind.POINTER, note, at, self._target(entry))

    def _has_entry(self, entry: Entry) -> bool:
        return not self.members or bool(entry.value)

    def _target(self, entry: Entry) -> int:
        """What a pointer to the entry points to: the entry, or the member where that stands by itself."""
        if not self._has_entry(entry):
            return key_serial(entry, self.runtime)
        if not entry.serial:
            entry.serial = self.runtime.serial()
        return entry.serial

    def _chain(self, entry: Bucket, role: str, element: int) -> Iterator[Allocation]:
        place = 0
        while entry is not None:
            own_role = f"{role}/entry[{place}]"
            held = self.hold(entry, own_role, element)
            if self._has_entry(entry):
                yield self._entry(entry, held, own_role, element)
            yield from held.allocations
            entry = entry.next
            place += 1

    def _entry(self, entry: Entry, held: Held, role: str, element: int) -> Allocation:
        fields = [Field(0, 8, "key", None, Kind.POINTER, "the key's text", target=held.key)]
        if self.entry_size == ENTRY_CHARGE:
            nothing = Field(8, 8, "value", None, Kind.POINTER, "a set's entries have no value")
            fields.append(held.value or nothing)
        follower = None if entry.next is None else self._target(entry.next)
        note = "the chain ends here" if follower is None else "the next entry in this bucket"
        fields.append(Field(self.entry_size - 8, 8, "next", None, Kind.POINTER, note, target=follower))
        return Allocation(
            self._target(entry), role, "dictEntry", self.entry_size, self.runtime.usable(self.entry_size), ENTRY_CHARGE,
            Shape.STRUCT, tuple(fields), bytes(self.entry_size), rule=self._entry_rule(), element=element,
        )  # fmt: skip


def table_allocated(table: Hashtable, runtime: Runtime, metadata: int = 0) -> int:
    """What the allocator gave for a dict without what its entries hold: the sum of the runs' classes."""
    usable, profile = runtime.usable, runtime.profile
    first, second = table.tables
    size = usable(profile.dict_size + metadata) + usable(BUCKET_SIZE * len(first)) + usable(BUCKET_SIZE * len(second))
    if isinstance(table, MemberTable):
        return size + table.allocated * usable(profile.set_entry_size)
    return size + len(table) * usable(ENTRY_CHARGE)


def key_serial(entry: Entry, runtime: Runtime) -> int:
    """The number of the allocation that holds the entry's key, drawn now if it has none yet."""
    if not entry.key_serial:
        entry.key_serial = runtime.serial()
    return entry.key_serial


def text_allocation(
    text: bytes,
    serial: Serial,
    role: str,
    runtime: Runtime,
    window: Window,
    *,
    what: str,
    element: int | None = None,
    extra_charge: int = 0,
    rule: str = "",
) -> Allocation:
    """An sds that holds a key, field, value or member: made to measure, and never changed in place.

    `what` names the payload. Of a long text the layout has the window's bytes. `extra_charge` is counted with it
    beyond what it takes, and `rule` says why.
    """
    asked = sds.element_size(len(text))
    size_class = runtime.usable(asked)
    header = asked - len(text) - 1
    alloc = len(text) if header == 1 else sds.capacity(header, size_class)
    fields = sds.visible(sds.describe(len(text), alloc, what=what, header=header), window)
    start = min(window.start, size_class)
    data = sds.encode(text, alloc, header)[start : start + window.size]
    return Allocation(
        serial, role, "sds", asked, size_class, size_class + extra_charge, Shape.BLOB, fields, data, start,
        rule=rule, summary=f"{what}: {len(text)} bytes", element=element,
    )  # fmt: skip
