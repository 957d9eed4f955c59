"""hash: a few fields packed into one blob, many or long ones in a hashtable.

    listpack     robj ─▶ | bytes | count | field | value | field | value | FF |        a ziplist before 7.0
    listpackex   robj ─▶ struct ─▶ the same with an expiry after each value            from 7.4 on
    hashtable    robj ─▶ dict ─▶ table ─▶ entries ─▶ field, value                      a text each

A hash starts packed. The first command that is about expiry turns a listpack into a listpackex. A field or value that
is too long, or one field too many, makes it a hashtable. There is no way back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rinspect.engine.encodings.compact import Listpack, compact_class
from rinspect.engine.encodings.hashtable import INITIAL_SIZE, Hashtable
from rinspect.engine.encodings.listpackex import MAX_EXPIRY, ListpackEx, Triple
from rinspect.engine.layout import Layout, Trace, Window
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.blob_layout import trace_entries
from rinspect.engine.values.hash_fields import Fields, PackedFields, TableFields, TimedFields, value_of
from rinspect.engine.values.hash_layout import allocated, charged, layout
from rinspect.engine.values.value import Value

NO_SUCH_FIELD, CONDITION_NOT_MET, EXPIRY_SET, DELETED = -2, 0, 1, 2
"""What became of a field that was to be given an expiry, as HEXPIRE answers."""

REGISTER_TOLERANCE = 4000
"""Milliseconds by which the registered expiry may be off before it is corrected."""


class HashValue(Value):
    """A hash. `fields` is the form that it has at the time.

    `registered` is the moment at which the keyspace looks for expired fields, 0 for never: the next expiry, as far as
    that was kept up to date. A listpackex is saved with it.
    """

    type = "hash"
    __slots__ = ("fields", "registered")

    def __init__(self, runtime: Runtime, fields: Fields | None = None) -> None:
        super().__init__(runtime)
        self.fields: Fields = PackedFields(compact_class(runtime.profile)()) if fields is None else fields
        self.registered = 0

    @property
    def encoding(self) -> str:
        return self.fields.encoding

    @property
    def hashtable(self) -> Hashtable | None:
        return self.fields.table if isinstance(self.fields, TableFields) else None

    def __len__(self) -> int:
        """How many fields there are, with those that have expired and are still there."""
        return len(self.fields)

    # -- reading ------------------------------------------------------------------------------------------------------

    def get(self, field: bytes) -> bytes | None:
        """A field's value; None if it is not there, or has expired."""
        value = self.fields.find(field)
        return None if value is None or self.is_due(field) else value

    def is_due(self, field: bytes) -> bool:
        """Whether a field that is there has expired."""
        return self.fields.timed and 0 < self.fields.expiry(field) < self.runtime.now and not self.runtime.loading

    def items(self) -> Iterator[Triple]:
        """Field, value and expiry of all that have not expired, in the order in which the structure has them."""
        if not self.fields.timed or self.runtime.loading:
            return iter(self.fields)
        now = self.runtime.now
        return (triple for triple in self.fields if not 0 < triple[2] < now)

    def trace_find(self, field: bytes) -> Trace:
        """How the search for a field goes. Changes nothing."""
        if isinstance(self.fields, TableFields):
            return self.fields.table.trace(field)
        assert isinstance(self.fields, PackedFields | TimedFields)
        return trace_entries(self.fields.pack, field, 3 if self.fields.timed else 2)

    # -- writing ------------------------------------------------------------------------------------------------------

    def prepare(self, words: Sequence[bytes]) -> None:
        """Be told the fields and values, in turn, that a command is about to set: become a hashtable at once if there
        are too many of them (from 7.2 on, and with room for them all) or one is too long."""
        if self.fields.__class__ is TableFields:
            return
        config, pairs = self.runtime.config, len(words) // 2
        if pairs > config.hash_max_listpack_entries and self.runtime.profile.hash_sized_by_arguments:
            table = self._become_table(f"{pairs} pairs > {self._limit('entries')}")
            table.table.expand(pairs)
            return
        longest = max(map(len, words))
        if longest > config.hash_max_listpack_value:
            self._become_table(f"field or value of {longest} bytes > {self._limit('value')}")

    def set(self, field: bytes, value: bytes, *, keep_expiry: bool = False) -> bool:
        """Set a field; whether it is new."""
        if self.fields.__class__ is TableFields:
            return self.fields.put(field, value, keep_expiry=keep_expiry)
        config = self.runtime.config
        longest = max(len(field), len(value))
        if longest > config.hash_max_listpack_value and self.runtime.profile.hash_increment_checked:
            self._become_table(f"field or value of {longest} bytes > {self._limit('value')}")
        created = self.fields.put(field, value, keep_expiry=keep_expiry)
        if len(self.fields) > config.hash_max_listpack_entries and not isinstance(self.fields, TableFields):
            self._become_table(f"{len(self.fields)} fields > {self._limit('entries')}")
        return created

    def delete(self, *fields: bytes) -> int:
        """Remove fields, expired or not, until none is left; how many were there. The encoding stays.

        When the last one with an expiry goes, what is registered goes with it from 8.0 on.
        """
        expiring = self.fields.timed and self.fields.minimum()
        removed = 0
        for field in fields:
            if self.fields.delete(field):
                removed += 1
                if not len(self.fields):
                    break
        if expiring and self.runtime.profile.hash_last_expiry_unregisters and not self.fields.minimum():
            self.registered = 0
        return removed

    def _limit(self, what: str) -> str:
        """A limit's name and figure, for a reason."""
        kind = "listpack" if self.runtime.profile.listpack else "ziplist"
        config = self.runtime.config
        figure = config.hash_max_listpack_entries if what == "entries" else config.hash_max_listpack_value
        return f"hash-max-{kind}-{what} {figure}"

    def _become_table(self, reason: str) -> TableFields:
        before = self.encoding
        table = self._to_table(len(self) if self.runtime.profile.hash_conversion_presized else 0)
        self.encoding_changed(before, reason)
        return table

    def _to_table(self, presize: int) -> TableFields:
        table = TableFields(self.runtime, presize)
        table.timed = self.fields.timed
        for field, value, expiry in self.fields:
            table.insert(field, value, expiry)
        self.fields = table
        return table

    # -- expiry -------------------------------------------------------------------------------------------------------

    def make_timed(self) -> None:
        """Become a hash whose fields can expire: what every command does that gives out expiries, even in vain."""
        if isinstance(self.fields, TableFields):
            self.fields.timed = True
        elif isinstance(self.fields, PackedFields):
            before = self.encoding
            assert isinstance(self.fields.pack, Listpack)
            self.fields = TimedFields(ListpackEx.from_pairs(self.fields.pack))
            self.encoding_changed(before, "its fields may expire: each gets a place for that")

    def expire(self, fields: Sequence[bytes], when: int, condition: str | None = None) -> list[int]:
        """Let fields expire at `when` (milliseconds since 1970); what became of each. See ExpiryChange."""
        change = ExpiryChange(self)
        outcomes = [change.expire(field, when, condition) for field in fields]
        change.done()
        return outcomes

    def persist(self, field: bytes) -> bool:
        """Take a field's expiry away; whether it had one. What is registered stays."""
        if not self.fields.timed or not self.fields.expiry(field):
            return False
        self.fields.expire(field, 0)
        return True

    def expire_fields(self, now: int, limit: int) -> list[bytes]:
        """Delete up to `limit` fields that have expired by `now`, and register the next expiry; which went."""
        gone = self.fields.drop_due(now, limit)
        self.registered = self.fields.minimum()
        return gone

    # -- whole values -------------------------------------------------------------------------------------------------

    def copy(self) -> HashValue:
        if isinstance(self.fields, PackedFields):
            return HashValue(self.runtime, PackedFields(self.fields.pack.copy()))
        if isinstance(self.fields, TimedFields):
            twin = HashValue(self.runtime, TimedFields(self.fields.triples.copy()))
        else:
            # From its own pairs into a table with room for all of them: as if it were converted.
            twin = HashValue(self.runtime, self.fields)
            twin._to_table(len(self))
        twin.registered = self.registered
        return twin

    def settle(self) -> HashValue:
        """A blob stays, as a listpack where the version has that, unless it holds too many fields. The fields of a
        table, in the order in which they were read, are packed while they fit, else go to a table."""
        config = self.runtime.config
        if isinstance(self.fields, TableFields):
            return self._gathered()
        wanted = compact_class(self.runtime.profile)
        if isinstance(self.fields, PackedFields):
            if not isinstance(self.fields.pack, wanted):
                self.fields = PackedFields(wanted(self.fields.pack))
        elif not self.runtime.profile.hash_field_ttl:
            self.fields = PackedFields(wanted(text for triple in self.fields for text in triple[:2]))
        if len(self.fields) > config.hash_max_listpack_entries:
            self._to_table(len(self) if self.runtime.profile.hash_conversion_presized else 0)
        self.registered = self.fields.minimum()
        return self

    def _gathered(self) -> HashValue:
        assert isinstance(self.fields, TableFields)
        config, table = self.runtime.config, self.fields
        left, timed = len(table), table.timed and self.runtime.profile.hash_field_ttl
        value = HashValue(self.runtime)
        if timed:
            value.make_timed()
        if left > config.hash_max_listpack_entries:
            made = value._to_table(0)
            # With expiry there is nothing that makes room beforehand.
            if left > INITIAL_SIZE and not timed:
                made.table.expand(left)
        for field, entry in table.table.index.items():
            text = value_of(entry)
            left -= 1
            long = max(len(field), len(text)) > config.hash_max_listpack_value
            if long and not isinstance(value.fields, TableFields):
                made = value._to_table(len(value) if self.runtime.profile.hash_conversion_presized else 0)
                # Room is made for the fields behind this one, before it is added or, without expiry, after.
                if left > INITIAL_SIZE and timed:
                    made.table.expand(left)
                made.insert(field, text)
                if left > INITIAL_SIZE and not timed:
                    made.table.expand(left)
            elif isinstance(value.fields, TableFields):
                value.fields.insert(field, text)
            else:
                value.fields.put(field, text)
            if timed and (expiry := table.expiry(field)):
                value.fields.expire(field, expiry)
        value.registered = value.fields.minimum()
        return value

    # -- what it costs, what it looks like ----------------------------------------------------------------------------

    def charged(self, samples: int = 0) -> int:
        return charged(self.fields, self.runtime, samples)

    def allocated(self) -> int:
        return allocated(self.fields, self.runtime)

    def layout(self, window: Window) -> Layout:
        return layout(self, self.fields, self.registered, window)


class ExpiryChange:
    """The expiries that one command gives to fields of a hash. `done` ends it and, once, corrects what is registered."""

    def __init__(self, value: HashValue) -> None:
        value.make_timed()
        self.value = value
        self.changed = False
        """Whether a field got an expiry or was deleted."""
        self._concerned: list[int] = []
        """Expiries that went or came."""

    def expire(self, field: bytes, when: int, condition: str | None = None) -> int:
        """Let a field expire at `when`; what became of it. A moment that has come deletes the field.

        `condition` is NX, XX, GT or LT, as of EXPIRE; no expiry counts as later than any, but not as one to be beaten.
        """
        fields = self.value.fields
        if fields.find(field) is None:
            return NO_SUCH_FIELD
        before = fields.expiry(field)
        if before:
            refused = {"NX": True, "GT": before >= when, "LT": before <= when}
            if condition and refused.get(condition):
                return CONDITION_NOT_MET
            self._concerned.append(before)
        elif condition in ("XX", "GT"):
            return CONDITION_NOT_MET
        self.changed = True
        if when <= self.value.runtime.now and not self.value.runtime.loading:
            fields.delete(field)
            return DELETED
        self._concerned.append(when)
        fields.expire(field, when)
        return EXPIRY_SET

    def done(self) -> None:
        """Correct the registered moment, unless it is before all expiries that went or came, or off by little: to be
        woken in vain costs the keyspace less than to keep its index exact."""
        value = self.value
        if not self.changed or not len(value.fields):
            return
        if value.registered and (not self._concerned or value.registered < min(self._concerned)):
            return
        never = MAX_EXPIRY + 1
        minimum = value.fields.minimum()
        if abs((value.registered or never) - (minimum or never)) >= REGISTER_TOLERANCE:
            value.registered = minimum
