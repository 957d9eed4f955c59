"""A server's key, looked at: what it costs to ask is weighed first."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from rinspect.engine import Session
from rinspect.engine.encodings import sds
from rinspect.engine.encodings.indexedzset import IndexedZset
from rinspect.engine.key_layout import DICT_ENTRY, key_charge
from rinspect.engine.layout import Certainty, Layout, Run, Window
from rinspect.engine.payload.codec import CorruptPayload
from rinspect.engine.replies import CommandError, Reply
from rinspect.engine.values.set import SetValue
from rinspect.engine.values.stream import StreamValue
from rinspect.engine.values.string import StringValue
from rinspect.engine.values.value import ROBJ_SIZE, Value
from rinspect.engine.values.zset import ZsetValue
from rinspect.records import Look
from rinspect.sources.server import valkey
from rinspect.sources.server.connection import ServerConnection
from rinspect.sources.server.facts import ServerFacts
from rinspect.sources.server.measuring import Buckets, bucket_order, table_size, tower_heights
from rinspect.sources.server.xray import adopt, as_there, xray

_LENGTHS = {
    b"string": b"STRLEN", b"list": b"LLEN", b"set": b"SCARD", b"hash": b"HLEN", b"zset": b"ZCARD", b"stream": b"XLEN",
}  # fmt: skip

FREE_BYTES, FREE_ELEMENTS = 256 << 10, 4_000
"""Values up to these are fetched while the cursor passes by."""
ASKED_BYTES = 16 << 20
"""Up to here, when the user asks for the key; beyond only with --big."""
EXACT_ELEMENTS = 10_000
"""Up to here MEMORY USAGE counts every element; beyond it samples 1,000."""
QUIET_DUMP = (7, 2)
"""From this version on the connection can ask without touching the keys (CLIENT NO-TOUCH)."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """How a value's parts lie, as measured for a payload: the chains of its table, and its towers' heights."""

    payload: bytes
    buckets: Buckets
    heights: tuple[int, ...] = ()

    def apply(self, value: Value) -> None:
        """Lay a copy of that value out in this way."""
        if isinstance(value, ZsetValue) and isinstance(value.body, IndexedZset):
            value.body.arrange(self.heights)
        if value.hashtable is not None:
            value.hashtable.arrange(self.buckets)


class Looker:
    """Looks at the keys of one server; keeps a copy of the last one, for reasons and traces."""

    def __init__(self, connection: ServerConnection, facts: ServerFacts, session: Session, *, big: bool) -> None:
        self._connection = connection
        self._facts = facts
        self._session = session
        self._big = big
        self._payload = b""
        """That of the last key looked at."""
        self._arrangements: dict[bytes, Arrangement] = {}
        """What was measured of keys; it holds while their payload is the same."""

    async def look(self, key: bytes, window: Window, *, deliberate: bool, database: int) -> Look | None:
        """The key's x-ray; without its structure, and with a notice, where fetching it would cost too much."""
        kind, encoding, left, idle = await self._connection.ask_all(
            [[b"TYPE", key], [b"OBJECT", b"ENCODING", key], [b"PTTL", key], [b"OBJECT", b"IDLETIME", key]]
        )
        if isinstance(kind, CommandError):
            return self._not_allowed(key, kind, window, database)
        if not isinstance(kind, bytes) or kind == b"none":
            return None
        # To ask how long a value is, is to use it, where the connection cannot be told apart from others.
        asks = deliberate or self._facts.profile.version >= QUIET_DUMP
        elements = await self._length(kind, key) if asks else 0
        reported, certainty = await self._usage(kind, key, elements if asks else None)
        expires_at = time.time_ns() // 1_000_000 + left if isinstance(left, int) and left >= 0 else None
        bare = Look(
            key=key,
            database=database,
            type=kind.decode(),
            encoding=encoding.decode() if isinstance(encoding, bytes) else "?",
            elements=elements,
            expires_at=expires_at,
            layout=self._unfetched(key, kind, encoding, reported or 0, window),
            uncounted=(),
            computed=reported or 0,
            reported=reported,
            reported_certainty=certainty,
            idle=idle if isinstance(idle, int) else None,
        )
        notice = self._too_dear(bare, deliberate)
        if notice:
            return bare._replace(notice=notice)
        data = await self._connection.ask(b"DUMP", key)
        if not isinstance(data, bytes):
            why = data.message if isinstance(data, CommandError) else "the key went meanwhile"
            return bare._replace(notice=f"not fetched: {why}")
        return self._with_payload(bare, data, window)

    def _not_allowed(self, key: bytes, error: CommandError, window: Window, database: int) -> Look:
        """A key of which not even the type is told."""
        layout = Layout("?", "?", 0, window, (), (), certainty=Certainty.ESTIMATED)
        advice = "log in as a user who may read it (--user)" if error.message.startswith("NOPERM") else ""
        return Look(
            key, database, "?", "?", 0, None, layout, (), 0, notice="; ".join(filter(None, (error.message, advice)))
        )

    async def measure(self, key: bytes, *, database: int) -> str:
        """Find out what the key's payload does not carry, and keep it for the looks that follow; empty, or why not."""
        look = await self.look(key, Window(), deliberate=True, database=database)
        if look is None or look.notice:
            return "the key is not there" if look is None else look.notice
        if look.layout.certainty is not Certainty.RECONSTRUCTED or look.encoding == "raw":
            return f"a {look.encoding} has nothing to measure: its payload holds every byte, or no reading tells more"
        value = self._session.call.db.peek(key)
        if value is None or look.reported is None or value.hashtable is None:
            return "the server's MEMORY USAGE is not to be had"
        found = await self._measured_zset(key, value, look) if isinstance(value, ZsetValue) else None
        if found is None and not isinstance(value, ZsetValue):
            found = await self._measured_table(key, value, look, look.reported)
        if found is None:
            return "it could not be measured: a rehash is running, it changed meanwhile, or it is too large"
        self._arrangements[key] = found
        return ""

    async def _measured_table(self, key: bytes, value: Value, look: Look, reported: int) -> Arrangement | None:
        table = value.hashtable
        assert table is not None
        size = table_size(table.buckets, look.computed, reported)
        if size is None:
            return None
        command, pairs = (b"SSCAN", False) if isinstance(value, SetValue) else (b"HSCAN", True)
        buckets = await bucket_order(self._connection, command, key, size, len(table), pairs=pairs)
        return None if buckets is None else Arrangement(self._payload, buckets)

    async def _measured_zset(self, key: bytes, value: ZsetValue, look: Look) -> Arrangement | None:
        body, runtime = value.body, self._session.engine.runtime
        if not isinstance(body, IndexedZset):
            return None
        names = ("zskiplistNode", "sds", "dictEntry")
        fixed = sum(run.charged for run in look.layout.runs if run.name not in names)
        found = await tower_heights(self._connection, key, runtime, body, fixed, body.table.buckets)
        if found is None:
            return None
        heights, size = found
        buckets = await bucket_order(self._connection, b"ZSCAN", key, size, len(body), pairs=True)
        return None if buckets is None else Arrangement(self._payload, buckets, tuple(heights))

    async def _length(self, kind: bytes, key: bytes) -> int:
        command = _LENGTHS.get(kind)
        reply = 0 if command is None else await self._connection.ask(command, key)
        return reply if isinstance(reply, int) else 0

    async def _usage(self, kind: bytes, key: bytes, elements: int | None) -> tuple[int | None, Certainty]:
        """MEMORY USAGE, of all elements if they are few: of so many, or of None as long as that was not asked."""
        exact = kind == b"string" or (elements is not None and elements <= EXACT_ELEMENTS)
        samples = b"0" if exact else b"1000" if elements is not None else b"5"
        reply = await self._connection.ask(b"MEMORY", b"USAGE", key, b"SAMPLES", samples)
        return (reply if isinstance(reply, int) else None), Certainty.EXACT if exact else Certainty.ESTIMATED

    def _too_dear(self, look: Look, deliberate: bool) -> str:
        """Why the value is not fetched now, and how to have it; empty if it may be."""
        if look.type not in ("string", "list", "set", "hash", "zset", "stream"):
            return f"{look.type}: no drawing for this type yet"
        elements = 0 if look.type == "string" else look.elements
        size = look.reported if look.reported is not None else look.elements if look.type == "string" else None
        if size is None and not deliberate:
            return f"{elements:,} elements, and MEMORY USAGE is refused: press enter to fetch it"
        size = size or 0
        if size > ASKED_BYTES and not self._big:
            return f"{size:,} bytes: not fetched; start rinspect with --big to fetch values above 16 MiB"
        if deliberate:
            return ""
        if self._facts.profile.version < QUIET_DUMP:
            return f"press enter to fetch it: on {self._facts.version} DUMP resets the key's idle time"
        if size > FREE_BYTES or elements > FREE_ELEMENTS:
            return f"{size:,} bytes, {elements:,} elements: press enter to fetch it"
        return ""

    def _unfetched(self, key: bytes, kind: bytes, encoding: Reply, reported: int, window: Window) -> Layout:
        """The sums that are known without the value: entry, name, and the rest in one."""
        usable = self._session.engine.runtime.usable
        asked = sds.sds_size(len(key))
        rest = max(0, reported - DICT_ENTRY - usable(asked))
        name = encoding.decode() if isinstance(encoding, bytes) else "?"
        runs = (
            Run("dictEntry (key)", 1, DICT_ENTRY, usable(DICT_ENTRY), DICT_ENTRY),
            Run("sds (key)", 1, asked, usable(asked), usable(asked)),
            Run("value, not fetched", 1, rest, rest, rest),
        )
        return Layout(kind.decode(), name, 0, window, (), runs, certainty=Certainty.ESTIMATED)

    def _with_payload(self, bare: Look, data: bytes, window: Window) -> Look:
        db = self._session.call.db
        db.runtime.now = db.runtime.clock() // 1000
        db.clear()
        try:
            value = as_there(db, bare.key, adopt(db, bare.key, data, bare.expires_at), bare.encoding)
        except CorruptPayload as error:
            return bare._replace(notice=f"the payload could not be read: {error}")
        self._payload = data
        room_known = self._find_room(bare, value)
        arrangement = self._arrangements.get(bare.key)
        measured = room_known or (arrangement is not None and arrangement.payload == data)
        if arrangement is not None and arrangement.payload == data:
            arrangement.apply(value)
        estimated = not self._facts.exact or not db.runtime.allocator.exact
        layout = xray(db, bare.key, window, estimated=estimated)
        if layout is None:
            return bare._replace(notice="it expired meanwhile")
        if measured and layout.certainty is Certainty.RECONSTRUCTED:
            layout = replace(layout, certainty=Certainty.MEASURED)
        computed = layout.charged
        if self._facts.product == "valkey":
            charge = valkey.charge(db, bare.key, value)
            computed = layout.charged if charge is None else charge
        note = self._difference(bare, layout, value, computed)
        return bare._replace(layout=layout, computed=computed, difference=note)

    def _find_room(self, bare: Look, value: Value) -> bool:
        """Give a raw string, or a stream's last node, the room that the server's figure leaves for it; whether that told it."""
        if value.encoding not in ("raw", "stream"):
            return False
        if bare.reported is None or bare.reported_certainty is not Certainty.EXACT:
            return False
        valkeys = self._facts.product == "valkey"
        charged = bare.reported - (0 if valkeys else key_charge(self._session.engine.runtime, bare.key))
        if isinstance(value, StreamValue):
            own = valkey.charge(self._session.call.db, bare.key, value) if valkeys else value.charged()
            return own is not None and value.widen_last(charged - own)
        return isinstance(value, StringValue) and value.lie_in(charged - ROBJ_SIZE)

    def _difference(self, bare: Look, layout: Layout, value: Value, computed: int) -> str:
        """Why our figure is not the server's; "unexplained" where no cause is known."""
        if bare.reported is None or bare.reported == computed:
            return ""
        if bare.reported_certainty is not Certainty.EXACT:
            return "the server sampled 1,000 elements"
        if value.encoding != bare.encoding:
            return f"the value changed meanwhile, from {bare.encoding} to {value.encoding}"
        if not self._session.engine.runtime.allocator.exact:
            return f"{self._facts.allocator_text}: its chunk sizes are not a pure function of what was asked"
        if self._facts.product == "valkey" and value.encoding in valkey.SEEDED:
            return "Valkey's hashtable depends on a random seed; the figure here is Redis 7.2's"
        if not self._facts.exact:
            return f"no profile describes {self._facts.name}; computed as {self._facts.profile.name}"
        if value.encoding == "skiplist":
            return (
                "the payload does not tell how tall the towers are, nor the dict's size; a fresh copy differs by chance"
            )
        if value.encoding == "hashtable":
            return "the payload does not tell how large the tables are, nor what room fields keep for a TTL"
        if value.encoding == "stream":
            return "the payload does not tell how much room the last node has to grow"
        if value.encoding == "raw":
            return "the payload does not tell how much room the string has to grow"
        return "unexplained"
