"""One database: its keys with their values, and their expiry.

A database is two dicts: the keys with their values, and `expires` with the moment (milliseconds since 1970) for the keys
that have one. A key is expired **lazily**, when a command looks it up too late, or **actively**, by the cycle that samples
`expires`. Fields of hashes that expire are a third matter: `field_expiry` knows which hash to look at next.

How a command looks a key up decides what that leaves behind:

    lookup            it reads the value: counts as a use, and as a hit or miss
    lookup_write      it will write: counts as a use only
    lookup_notouch    it asks about the key (TTL, TYPE …): counts as a hit or miss only
    peek              neither: for what is no look-up in the server either, and for the program's own use
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from rinspect.engine import lru
from rinspect.engine.encodings.hashtable import Entry
from rinspect.engine.events import Flushed, KeyChanged, KeyCreated, KeyExpired, KeyMissed
from rinspect.engine.keyspace.account import Account
from rinspect.engine.keyspace.field_expiry import FieldExpiry
from rinspect.engine.keyspace.keytable import KeyTable
from rinspect.engine.keyspace.lazyfree import free_lazily, free_tables_lazily
from rinspect.engine.propagation import deletion
from rinspect.engine.replies import WRONGTYPE, CommandError
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.hash import HashValue
from rinspect.engine.values.string import StringValue
from rinspect.engine.values.value import Value

V = TypeVar("V", bound=Value)

Listener = Callable[["Database", bytes], None]
Replacing = Callable[["Database", "Database | None"], None]


class Database:
    """One numbered database."""

    __slots__ = (
        "account", "avg_ttl", "dirty", "expires", "expires_cursor", "field_expiry", "listeners", "number", "ready",
        "replacing", "runtime", "table", "within",
    )  # fmt: skip

    def __init__(self, number: int, runtime: Runtime) -> None:
        self.number = number
        self.runtime = runtime
        self.table = KeyTable(runtime)
        self.expires = KeyTable(runtime)
        self.field_expiry = FieldExpiry()
        self.listeners: list[Listener] = []
        """Called with each key that is written to, deleted or expired."""
        self.within: list[Listener] = []
        """Called with each key in which something changes that is no write to it."""
        self.ready: list[Listener] = []
        """Called with each key of which those who wait for it are to know although it was not written to."""
        self.replacing: list[Replacing] = []
        """Called before all keys go, with the database whose keys come in their place, if any."""
        self.dirty = 0
        """Changes made so far, as INFO's rdb_changes_since_last_save counts them: what follows is done for each key once, so a
        command that changed several elements of one adds the others itself."""
        self.account: Account | None = None
        """What the keys take in memory, while somebody wants to know."""
        self.expires_cursor = 0
        """Where in `expires` the next expire cycle goes on."""
        self.avg_ttl = 0
        """Mean of the TTLs that expire cycles came across, in milliseconds; a running one."""

    def __len__(self) -> int:
        return len(self.table)

    # -- looking up ---------------------------------------------------------------------------------------------------

    def lookup(self, key: bytes) -> Value | None:
        """The value under `key` for a command that reads it."""
        runtime, table = self.runtime, self.table
        # What `peek` does, without the call: most commands that read come this way.
        if table.rehashidx >= 0:
            table.find(key)
        entry = table.index.get(key)
        if entry is None or (self.expires.index and self._expire_if_due(key)):
            runtime.stats.keyspace_misses += 1
            if runtime.observers:
                runtime.emit(KeyMissed(self.number, key))
            return None
        runtime.stats.keyspace_hits += 1
        value: Value = entry.value  # type: ignore[assignment]
        if runtime.attentive:
            self._used(key, value)
        else:
            value.used = runtime.now
        return value

    def lookup_write(self, key: bytes) -> Value | None:
        """The value under `key` for a command that is going to change or replace it."""
        value = self.peek(key)
        if value is not None:
            if self.runtime.attentive:
                self._used(key, value)
            else:
                value.used = self.runtime.now
        return value

    def lookup_source(self, key: bytes) -> Value | None:
        """The value under `key` for a command that reads it to store something under another: in 6.2 no read."""
        return self.lookup(key) if self.runtime.profile.sources_are_read else self.lookup_write(key)

    def lookup_notouch(self, key: bytes, *, notify: bool = True) -> Value | None:
        """The value under `key` for a command that asks about it. With `notify` False a miss is no event."""
        value = self.peek(key)
        runtime = self.runtime
        if value is not None:
            runtime.stats.keyspace_hits += 1
        else:
            runtime.stats.keyspace_misses += 1
            if notify and runtime.observers:
                runtime.emit(KeyMissed(self.number, key))
        return value

    def peek(self, key: bytes) -> Value | None:
        """The value under `key`, which is expired if it is due; leaves nothing else behind."""
        table = self.table
        if table.rehashidx >= 0:
            table.find(key)
        entry = table.index.get(key)
        if entry is None or (self.expires.index and self._expire_if_due(key)):
            return None
        value = entry.value
        assert isinstance(value, Value)
        return value

    def find(self, key: bytes, kind: type[V]) -> V | None:
        """What `lookup` gives if it is of that type, None if there is none; CommandError WRONGTYPE otherwise."""
        value = self.lookup(key)
        if value is None or isinstance(value, kind):
            return value
        raise CommandError(WRONGTYPE)

    def find_write(self, key: bytes, kind: type[V]) -> V | None:
        """The same with `lookup_write`."""
        runtime, table = self.runtime, self.table
        # What that does, without the call: most commands that write come this way.
        if table.rehashidx >= 0:
            table.find(key)
        entry = table.index.get(key)
        if entry is None or (self.expires.index and self._expire_if_due(key)):
            return None
        value = entry.value
        if runtime.attentive:
            self._used(key, value)  # type: ignore[arg-type]
        else:
            value.used = runtime.now  # type: ignore[attr-defined]
        if value.__class__ is kind:
            return value
        raise CommandError(WRONGTYPE)

    def find_source(self, key: bytes, kind: type[V]) -> V | None:
        """The same with `lookup_source`."""
        value = self.lookup_source(key)
        if value is None or isinstance(value, kind):
            return value
        raise CommandError(WRONGTYPE)

    def _used(self, key: bytes, value: Value) -> None:
        """A use of a value where more than its moment is to be noted."""
        runtime = self.runtime
        if value.__class__ is not StringValue:
            # Reading may move buckets of a value's table, or unpack a list's nodes.
            self.reweigh(key)
        if runtime.no_touch:
            return
        if runtime.lfu:
            config, now = runtime.config, runtime.now
            counter = lru.frequency(value.used, now, config.lfu_decay_time)
            value.used = lru.counted(lru.incremented(counter, config.lfu_log_factor, runtime.rng), now)
        else:
            value.used = runtime.now

    def reweigh(self, key: bytes) -> None:
        """The value under `key` may take more or less memory than before, although it is the same."""
        if self.account is not None:
            self.account.marks.add(key)
            self.runtime.memory_moved.add(self.number)

    # -- changing -----------------------------------------------------------------------------------------------------

    def put(self, key: bytes, value: Value, *, keep_ttl: bool = False, looked_up: bool = False) -> None:
        """Store a value under a key, in place of whatever is there; its TTL goes unless it is to be kept. That counts as a
        use of the key unless the command has looked it up itself."""
        if self.expires.index and not self._expire_if_due(key) and not keep_ttl:
            self.expires.delete(key)
        table = self.table
        entry = table.index.get(key) if table.rehashidx < 0 else table.find(key)
        if self.runtime.inheriting:
            self._inherit(key, entry, value, looked_up=looked_up)
        if entry is None:
            table.add(key, value)
            if self.runtime.observers:
                self.runtime.emit(KeyCreated(self.number, key))
        else:
            entry.value = value
        if value.__class__ is HashValue and value.registered:
            self.field_expiry.register(key, value.registered)
        self.changed(key)

    def load(self, key: bytes, value: Value, when: int | None) -> None:
        """Put in a key that is not there, as it was saved: only who keeps account of keys is told."""
        self.table.add(key, value)
        if when is not None:
            self.expires.add(key, when)
        if isinstance(value, HashValue) and value.registered:
            self.field_expiry.register(key, value.registered)
        for listener in self.listeners:
            listener(self, key)

    def put_text(self, key: bytes, text: bytes) -> None:
        """Store a string under a key, as SET does without options."""
        runtime, table = self.runtime, self.table
        entry = table.index.get(key) if table.rehashidx < 0 else table.find(key)
        value = None if entry is None else entry.value
        if value.__class__ is not StringValue or self.expires.index or runtime.inheriting:
            self.put(key, StringValue(runtime, text))
            return
        # The server makes a new object and frees the old one; here that which stands for them may stay.
        value.data = text
        value.buffer = None
        value.textual = False
        value.serial = 0
        value.used = runtime.now
        self.dirty += 1
        if self.listeners or runtime.observers:
            self._tell_of_change(key)

    def put_texts(self, words: Sequence[bytes]) -> None:
        """Store strings under keys, given in turn."""
        runtime, table = self.runtime, self.table
        entries = [*map(table.index.get, words[::2])]
        observed = self.listeners or runtime.observers
        if table.rehashidx >= 0 or self.expires.index or runtime.inheriting or observed or not all(entries):
            for at in range(0, len(words), 2):
                self.put_text(words[at], words[at + 1])
            return
        # What that does for each, with what is the same for all looked at once.
        now, at = runtime.now, 1
        for entry in entries:
            value = entry.value  # type: ignore[union-attr]
            if value.__class__ is StringValue:
                value.data = words[at]
                value.buffer = None
                value.textual = False
                value.serial = 0
                value.used = now
            else:
                self.put_text(words[at - 1], words[at])
                self.dirty -= 1
            at += 2
        self.dirty += len(entries)

    def _inherit(self, key: bytes, entry: Entry | None, value: Value, *, looked_up: bool) -> None:
        """What a new value takes over from the old one, and what becomes of that, where this is more than nothing."""
        runtime = self.runtime
        old = None if entry is None else entry.value
        assert old is None or isinstance(old, Value)
        by_key = runtime.profile.keys_have_lru
        if old is None:
            if runtime.lfu and (by_key or value.used >= 0):
                value.used = lru.counted(lru.COUNTER_START, runtime.now)
            elif by_key:
                value.used = runtime.now
        elif old is not value and (runtime.lfu or by_key):
            if not looked_up:
                self._used(key, old)
            value.used = old.used
        if old is not None and old is not value and runtime.config.lazyfree_lazy_server_del:
            free_lazily(runtime, self.number, key, old)

    def delete(self, key: bytes, *, lazily: bool | None = None) -> bool:
        """Remove a key with its TTL; whether it was there. `lazily` says whether a large value is left to the thread that
        frees; None that `lazyfree-lazy-server-del` decides."""
        entry = self.table.delete(key)
        if entry is None:
            return False
        if self.expires.index:
            self.expires.delete(key)
        if self.runtime.config.lazyfree_lazy_server_del if lazily is None else lazily:
            self._free_lazily(key, entry)
        self.changed(key)
        return True

    def _free_lazily(self, key: bytes, entry: Entry) -> None:
        assert isinstance(entry.value, Value)
        free_lazily(self.runtime, self.number, key, entry.value)

    def changed(self, key: bytes) -> None:
        """Every write ends here: a command that changed the value under `key` says so."""
        self.dirty += 1
        if self.listeners or self.runtime.observers:
            self._tell_of_change(key)

    def changed_within(self, key: bytes, count: int = 1) -> None:
        """The same, `count` times, for what a value keeps beside its content, a stream's groups: for those who watch the
        key it has not changed."""
        self.dirty += count
        for listener in self.within:
            listener(self, key)
        if self.runtime.observers:
            self.runtime.emit(KeyChanged(self.number, key))

    def signal_ready(self, key: bytes) -> None:
        """Those who wait for a key are to look at it."""
        for listener in self.ready:
            listener(self, key)

    def _tell_of_change(self, key: bytes) -> None:
        for listener in self.listeners:
            listener(self, key)
        if self.runtime.observers:
            self.runtime.emit(KeyChanged(self.number, key))

    def clear(self, *, lazily: bool = False) -> int:
        """Remove all keys; how many there were. `lazily` leaves the freeing to the thread."""
        count = len(self.table)
        for about_to in self.replacing:
            about_to(self, None)
        if lazily:
            free_tables_lazily(self.runtime, self.number, count)
        self.field_expiry.clear()
        self.table.clear()
        self.expires.clear()
        self.expires_cursor = self.avg_ttl = 0
        if self.account is not None:
            self.account.clear()
            self.runtime.memory_moved.add(self.number)
        self.dirty += count
        if self.runtime.observers:
            self.runtime.emit(Flushed(self.number))
        return count

    def random_key(self) -> Entry | None:
        """A key by chance that is not due; None if the database is empty."""
        tries = 100
        while len(self.table):
            entry = self.table.random_entry(self.runtime.rng)
            tries -= 1
            # Where nothing may be deleted, all keys that are left may be due: then one of them will have to do.
            if not self._expire_if_due(entry.key) or (self.runtime.keys_frozen and not tries):
                return entry
        return None

    # -- expiry -------------------------------------------------------------------------------------------------------

    def expiry(self, key: bytes) -> int | None:
        """When the key expires, in milliseconds since 1970; None if it does not. The key must be there."""
        entry = self.expires.index.get(key)
        if entry is None:
            return None
        assert isinstance(entry.value, int)
        return entry.value

    def expire_at(self, key: bytes, when: int) -> None:
        """Give a key that is there a moment to expire at, or another one."""
        if self.expires.add(key, when) is None:
            self.expires.index[key].value = when
        self.changed(key)

    def persist(self, key: bytes) -> bool:
        """Take a key's expiry away; whether it had one."""
        if self.expires.delete(key) is None:
            return False
        self.changed(key)
        return True

    def is_due(self, key: bytes) -> bool:
        """Whether a key's time is over, though it may still be there."""
        entry = self.expires.index.get(key)
        return entry is not None and self.runtime.now > entry.value and not self.runtime.loading  # type: ignore[operator]

    def _expire_if_due(self, key: bytes) -> bool:
        # What `is_due` says, without another call: each look-up comes by here.
        entry = self.expires.index.get(key)
        if entry is None or self.runtime.now <= entry.value or self.runtime.loading:  # type: ignore[operator]
            return False
        if not self.runtime.keys_frozen:
            self.expire(key, lazily=True)
        return True

    def expire(self, key: bytes, *, lazily: bool) -> None:
        """Delete a key because its moment has come; `lazily` if a command came across it, and not the cycle."""
        runtime = self.runtime
        if runtime.took_time is None:
            self._expire(key, lazily)
            return
        began = runtime.clock()
        self._expire(key, lazily)
        runtime.took_time("expire-del", runtime.clock() - began)

    def _expire(self, key: bytes, lazily: bool) -> None:
        runtime = self.runtime
        entry = self.table.delete(key)
        assert entry is not None
        self.expires.delete(key)
        if runtime.config.lazyfree_lazy_expire:
            self._free_lazily(key, entry)
        runtime.stats.expired_keys += 1
        runtime.unasked = True
        for listener in self.listeners:
            listener(self, key)
        runtime.unasked = False
        self.propagate_deletion(key, "expired", lazily=runtime.config.lazyfree_lazy_expire)
        if runtime.observers:
            runtime.emit(KeyExpired(self.number, key, lazily))

    def propagate_deletion(self, key: bytes, gone: str, *, lazily: bool) -> None:
        """Hand on that a key has gone that no client has deleted: `expired` or `evicted`."""
        if self.runtime.propagation is not None:
            self.runtime.propagation.add(self.number, deletion(key, lazily=lazily), gone)

    def expire_fields(self, limit: int = 1000) -> int:
        """Delete up to `limit` fields that have expired, and hashes left without fields; how many fields went."""
        now, gone, dirty = self.runtime.now, 0, self.dirty
        while gone < limit:
            key = self.field_expiry.pop_due(now)
            if key is None:
                break
            entry = self.table.index.get(key)
            value = None if entry is None else entry.value
            if not isinstance(value, HashValue) or not value.registered:
                continue
            went = self.drop_due_fields(key, value, now, limit - gone)
            gone += went
            if not len(value):
                self.delete(key)
                continue
            if value.registered:
                self.field_expiry.register(key, value.registered)
            if went:
                self.changed(key)
        self.runtime.stats.expired_subkeys += gone
        self.dirty = dirty  # nobody has asked for it: no change that counts
        return gone

    def drop_due_fields(self, key: bytes, value: HashValue, now: int, limit: int) -> int:
        """Delete up to `limit` fields of a hash that have expired by `now`; how many went. The hash stays, perhaps empty."""
        gone = value.expire_fields(now, limit)
        if self.runtime.propagation is not None:
            for field in gone:
                self.runtime.propagation.add(self.number, (b"HDEL", key, field), "expired")
        return len(gone)
