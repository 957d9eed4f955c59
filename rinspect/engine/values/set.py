"""set: integers in an intset, a few members in a listpack, the rest in a hashtable.

    intset     robj ─▶ | width | count | values in order |           only canonical 64-bit integers
    listpack   robj ─▶ | bytes | count | member | member | FF |      from 7.2 on: few and short, in order of arrival
    hashtable  robj ─▶ dict ─▶ table ─▶ entries ─▶ members           an sds each

A set starts as small as its first member and the number of arguments allow, and only ever moves down that list. Which
rules that move follows is in `add` and the methods below it.
"""

from __future__ import annotations

from collections.abc import Iterator

from rinspect.engine.encodings.compact import Listpack
from rinspect.engine.encodings.hashtable import INITIAL_SIZE, Entry, Hashtable
from rinspect.engine.encodings.intset import Intset
from rinspect.engine.encodings.membertable import MemberTable
from rinspect.engine.encodings.sds import element_size
from rinspect.engine.layout import Layout, Run, Trace, Window
from rinspect.engine.numbers import parse_int
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.blob_layout import blob_allocation, blob_run, trace_entries
from rinspect.engine.values.table_layout import (
    BARE_RULE,
    BUCKET_SIZE,
    ENTRY_CHARGE,
    Held,
    TableLayout,
    key_serial,
    table_allocated,
    text_allocation,
)
from rinspect.engine.values.value import ROBJ_SIZE, Value, averaged, blob_charge, robj_run

INTSET_LIMIT = 1 << 30
"""More integers than this no intset holds, whatever set-max-intset-entries says."""

Body = Intset | Listpack | MemberTable


class SetValue(Value):
    """A set. `body` is the structure that it is in at the time.

    While that is a hashtable, `asked` and `classed` are the sums over its members' sds: bytes asked of the allocator,
    and what it gave.
    """

    type = "set"
    __slots__ = ("asked", "body", "classed")

    def __init__(self, runtime: Runtime, body: Body | None = None) -> None:
        super().__init__(runtime)
        self.body: Body = Intset() if body is None else body
        self.asked = 0
        self.classed = 0
        if isinstance(body, MemberTable):
            for member in body.index:
                self._count(len(member), 1)

    @classmethod
    def starting_with(cls, runtime: Runtime, first: bytes, expected: int) -> SetValue:
        """An empty set, as a command creates it that is about to add `expected` members, `first` among them."""
        config = runtime.config
        is_int = parse_int(first) is not None
        if not runtime.profile.small_set_is_listpack:
            return cls(runtime) if is_int else cls.empty_table(runtime)
        if is_int and expected <= config.set_max_intset_entries:
            return cls(runtime)
        if expected <= config.set_max_listpack_entries:
            return cls(runtime, Listpack())
        return cls.empty_table(runtime, expected)

    @classmethod
    def empty_table(cls, runtime: Runtime, presize: int = 0) -> SetValue:
        """An empty hashtable with room for `presize` members."""
        return cls(runtime, MemberTable(runtime.profile, runtime.hash_seed, presize))

    # -- reading ------------------------------------------------------------------------------------------------------

    @property
    def encoding(self) -> str:
        return self.body.encoding

    @property
    def hashtable(self) -> Hashtable | None:
        return self.body if isinstance(self.body, MemberTable) else None

    def __len__(self) -> int:
        return len(self.body)

    def __iter__(self) -> Iterator[bytes]:
        """The members in the order in which the structure has them."""
        body = self.body
        if isinstance(body, MemberTable):
            return (entry.key for entry in body)
        if isinstance(body, Intset):
            return (b"%d" % number for number in body.values)
        return iter(body.texts)

    def has(self, member: bytes) -> bool:
        """Whether it is a member, as a command finds out: in a hashtable that takes a step of rehashing along."""
        body = self.body
        if isinstance(body, MemberTable):
            return body.find(member) is not None
        if isinstance(body, Intset):
            number = parse_int(member)
            return number is not None and number in body
        return member in body.texts

    def random_member(self) -> bytes:
        """One by chance. Not for empty sets."""
        body, rng = self.body, self.runtime.rng
        if isinstance(body, MemberTable):
            return body.fair_entry(rng).key
        at = rng.randrange(len(body))
        return b"%d" % body.values[at] if isinstance(body, Intset) else body.texts[at]

    def trace_find(self, member: bytes) -> Trace:
        """How the search for a member goes. Changes nothing."""
        if isinstance(self.body, Intset):
            number = parse_int(member)
            return Trace("find", (), 0, "not an integer: not there") if number is None else self.body.trace(number)
        if isinstance(self.body, MemberTable):
            return self.body.trace(member)
        return trace_entries(self.body, member)

    # -- adding and removing ------------------------------------------------------------------------------------------

    def add(self, member: bytes) -> bool:
        """Add a member, and move to another encoding if it does not fit into this one; False if it is there already."""
        body = self.body
        if body.__class__ is MemberTable:
            if body.add(member) is None:
                return False
            size = len(member)
            asked = size + 2 if 0 < size < 32 else element_size(size)
            self.asked += asked
            self.classed += self.runtime.usable(asked)
            return True
        if isinstance(body, Intset):
            number = parse_int(member)
            if number is None:
                self._leave_intset(member)
                return True
            return self._add_integer(body, number)
        return self._add_to_listpack(body, member)  # type: ignore[arg-type]

    def _add_integer(self, body: Intset, number: int) -> bool:
        if not body.add(number):
            return False
        limit = self.runtime.config.set_max_intset_entries
        if len(body.values) > limit or len(body.values) > INTSET_LIMIT:
            self._become_table(len(body), f"{len(body)} integers > set-max-intset-entries {limit}")
        return True

    def _leave_intset(self, member: bytes) -> None:
        """Add what is no integer: to a listpack, if the version has that for sets and everything fits, or a table."""
        config, count = self.runtime.config, len(self.body)
        shown = f"{member[:20].decode('latin-1')!r} is no 64-bit integer"
        if not self.runtime.profile.small_set_is_listpack:
            self._become_table(count, shown)
            self.add(member)
            return
        longest = max((len(text) for text in (*_ends(self), member)), default=0)
        if count >= config.set_max_listpack_entries:
            limit = config.set_max_listpack_entries
            self._become_table(count + 1, f"{shown}, and {count + 1} members > set-max-listpack-entries {limit}")
        elif longest > config.set_max_listpack_value:
            limit = config.set_max_listpack_value
            self._become_table(count + 1, f"{shown}, and {longest} bytes > set-max-listpack-value {limit}")
        else:
            self.body = Listpack(self)
            self.encoding_changed("intset", shown)
        self.add(member)

    def _add_to_listpack(self, body: Listpack, member: bytes) -> bool:
        if member in body.texts:
            return False
        config, count = self.runtime.config, len(body)
        if count < config.set_max_listpack_entries and len(member) <= config.set_max_listpack_value:
            body.append(member)
            return True
        if count >= config.set_max_listpack_entries:
            why = f"{count + 1} members > set-max-listpack-entries {config.set_max_listpack_entries}"
        else:
            why = f"member of {len(member)} bytes > set-max-listpack-value {config.set_max_listpack_value}"
        self._become_table(count + 1, why)
        return self.add(member)

    def expect(self, arguments: int) -> None:
        """Be told that a command is about to add so many members: from 7.2 on more than a blob may hold make it a table
        at once, sized for them, though some of them may be there already."""
        config = self.runtime.config
        if isinstance(self.body, MemberTable) or not self.runtime.profile.small_set_is_listpack:
            return
        name = "set-max-intset-entries" if isinstance(self.body, Intset) else "set-max-listpack-entries"
        limit = config.set_max_intset_entries if isinstance(self.body, Intset) else config.set_max_listpack_entries
        if arguments > limit:
            self._become_table(arguments, f"{arguments} arguments > {name} {limit}")

    def remove(self, member: bytes) -> bool:
        """Take a member out; whether it was one. The encoding stays."""
        body = self.body
        if isinstance(body, MemberTable):
            if body.remove(member) is None:
                return False
            self._count(len(member), -1)
            return True
        if isinstance(body, Intset):
            number = parse_int(member)
            return number is not None and body.remove(number)
        at = body.find(member)
        if at < 0:
            return False
        body.delete(at)
        return True

    def become_intset(self) -> None:
        """Make a set of integers an intset, if there are not too many: SINTERSTORE and its kind, from 7.2 on."""
        limit = min(self.runtime.config.set_max_intset_entries, INTSET_LIMIT)
        if isinstance(self.body, Intset) or len(self.body) > limit:
            return
        before = self.encoding
        self.body = Intset(map(int, self))
        self.asked = self.classed = 0
        self.encoding_changed(before, "the result has only integers")

    def _become_table(self, presize: int, reason: str) -> None:
        before = self.encoding
        self._to_table(presize)
        self.encoding_changed(before, reason)

    def _to_table(self, presize: int) -> MemberTable:
        members = list(self)
        self.body = table = MemberTable(self.runtime.profile, self.runtime.hash_seed, presize)
        for member in members:
            table.add(member)
            self._count(len(member), 1)
        return table

    def _count(self, length: int, by: int) -> None:
        asked = element_size(length)
        self.asked += by * asked
        self.classed += by * self.runtime.usable(asked)

    # -- whole values -------------------------------------------------------------------------------------------------

    def copy(self) -> SetValue:
        if not isinstance(self.body, MemberTable):
            return SetValue(self.runtime, self.body.copy())
        twin = SetValue.empty_table(self.runtime, len(self))
        for member in self:
            twin.add(member)
        return twin

    def settle(self) -> SetValue:
        """A blob stays unless it holds too many. The members of a table, in the order in which they were read, are put
        where they fit: first an intset, then a listpack, then a table for all of them."""
        config, body = self.runtime.config, self.body
        if isinstance(body, MemberTable):
            return self._gathered(list(body.index))
        if not isinstance(body, Intset) and not self.runtime.profile.small_set_is_listpack:
            return self._gathered(body.texts)
        if len(body) > (config.set_max_intset_entries if isinstance(body, Intset) else config.set_max_listpack_entries):
            self._to_table(len(body))
        return self

    def _gathered(self, members: list[bytes]) -> SetValue:
        config, has_listpack = self.runtime.config, self.runtime.profile.small_set_is_listpack
        total = len(members)
        if total > min(config.set_max_intset_entries, INTSET_LIMIT):
            value = SetValue.empty_table(self.runtime, total if total > INITIAL_SIZE else 0)
        else:
            value = SetValue(self.runtime)
        longest = 0
        for count, member in enumerate(members):
            longest = max(longest, len(member))
            if not isinstance(value.body, MemberTable):
                # From 7.2 on the length of integers counts too, once there is something else.
                fits = has_listpack and count < config.set_max_listpack_entries
                fits = fits and longest <= config.set_max_listpack_value
                if isinstance(value.body, Intset) and parse_int(member) is None and fits:
                    value.body = Listpack(value)
                elif not fits and not (isinstance(value.body, Intset) and parse_int(member) is not None):
                    value._to_table(total if has_listpack else count).expand(total)
            value.add(member)
        return value

    # -- what it costs, what it looks like ----------------------------------------------------------------------------

    def charged(self, samples: int = 0) -> int:
        body = self.body
        if not isinstance(body, MemberTable):
            return ROBJ_SIZE + blob_charge(self.runtime, body.nbytes)[1]
        fixed = ROBJ_SIZE + self.runtime.profile.dict_size + BUCKET_SIZE * body.buckets
        count = len(body)
        if not samples or samples >= count:
            return averaged(fixed, ENTRY_CHARGE * count + self.classed, count, count)
        usable, sampled = self.runtime.usable, 0
        for _, member in zip(range(samples), self, strict=False):
            sampled += ENTRY_CHARGE + usable(element_size(len(member)))
        return averaged(fixed, sampled, samples, count)

    def allocated(self) -> int:
        body, runtime = self.body, self.runtime
        if isinstance(body, MemberTable):
            return runtime.usable(ROBJ_SIZE) + table_allocated(body, runtime) + self.classed
        return runtime.usable(ROBJ_SIZE) + runtime.usable(body.nbytes)

    def layout(self, window: Window) -> Layout:
        body = self.body
        own = robj_run(self.runtime)
        if isinstance(body, MemberTable):
            return self._table_layout(body, window, own)
        blob = blob_allocation(body, self.runtime, window, names=() if isinstance(body, Intset) else ("member",))
        robj = self.robj(blob.serial, pointer_note=f"to the {body.encoding}")
        facts: dict[str, object] = {"width": body.width} if isinstance(body, Intset) else {}
        runs = (own, blob_run(body, self.runtime))
        return Layout("set", body.encoding, len(body), window, (robj, blob), runs, facts=facts)

    def _table_layout(self, table: MemberTable, window: Window, own: Run) -> Layout:
        def hold(entry: Entry, role: str, element: int) -> Held:
            bare = 0 if entry.value else ENTRY_CHARGE
            text = text_allocation(
                entry.key, key_serial(entry, self.runtime), f"{role}/member", self.runtime, window,
                what="member", element=element, extra_charge=bare, rule=BARE_RULE if bare else "",
            )  # fmt: skip
            return Held(text.serial, None, (text,))

        view = TableLayout(table, self.runtime, hold)
        bare = len(table) - table.allocated
        rule = BARE_RULE if bare else ""
        members = Run("sds", len(table), self.asked, self.classed, self.classed + ENTRY_CHARGE * bare, rule)
        runs = (own, *view.runs(), members)
        robj = self.robj(view.serial, pointer_note="to the dict")
        rounding = self.charged() - sum(run.charged for run in runs)
        allocations = (robj, *view.allocations(window))
        return Layout("set", "hashtable", table.buckets, window, allocations, runs, rounding, facts=view.facts())


def _ends(value: SetValue) -> tuple[bytes, ...]:
    """The least and the greatest integer of an intset: none of the others is a longer text."""
    numbers = value.body.values if isinstance(value.body, Intset) else []
    return (b"%d" % numbers[0], b"%d" % numbers[-1]) if numbers else ()
