"""A server's key, looked at: what it costs to ask is weighed first."""

from __future__ import annotations

import time
from dataclasses import replace

from rinspect.engine import Session
from rinspect.engine.encodings import sds
from rinspect.engine.key_layout import DICT_ENTRY
from rinspect.engine.layout import Certainty, Layout, Run, Window
from rinspect.engine.payload.codec import CorruptPayload
from rinspect.engine.replies import CommandError, Reply
from rinspect.engine.values.value import Value
from rinspect.records import Look
from rinspect.sources.server import valkey
from rinspect.sources.server.connection import ServerConnection
from rinspect.sources.server.facts import ServerFacts
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


class Looker:
    """Looks at the keys of one server; keeps a copy of the last one, for reasons and traces."""

    def __init__(self, connection: ServerConnection, facts: ServerFacts, session: Session, *, big: bool) -> None:
        self._connection = connection
        self._facts = facts
        self._session = session
        self._big = big

    async def look(self, key: bytes, window: Window, *, deliberate: bool, database: int) -> Look | None:
        """The key's x-ray; without its structure, and with a notice, where fetching it would cost too much."""
        kind, encoding, left, idle = await self._connection.ask_all(
            [[b"TYPE", key], [b"OBJECT", b"ENCODING", key], [b"PTTL", key], [b"OBJECT", b"IDLETIME", key]]
        )
        if not isinstance(kind, bytes) or kind == b"none":
            return None
        elements = await self._length(kind, key)
        reported, certainty = await self._usage(key, elements)
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
            return replace(bare, notice=notice)
        data = await self._connection.ask(b"DUMP", key)
        if not isinstance(data, bytes):
            why = data.message if isinstance(data, CommandError) else "the key went meanwhile"
            return replace(bare, notice=f"not fetched: {why}")
        return self._with_payload(bare, data, window)

    async def _length(self, kind: bytes, key: bytes) -> int:
        command = _LENGTHS.get(kind)
        reply = 0 if command is None else await self._connection.ask(command, key)
        return reply if isinstance(reply, int) else 0

    async def _usage(self, key: bytes, elements: int) -> tuple[int | None, Certainty]:
        exact = elements <= EXACT_ELEMENTS
        reply = await self._connection.ask(b"MEMORY", b"USAGE", key, b"SAMPLES", b"0" if exact else b"1000")
        return (reply if isinstance(reply, int) else None), Certainty.EXACT if exact else Certainty.ESTIMATED

    def _too_dear(self, look: Look, deliberate: bool) -> str:
        """Why the value is not fetched now, and how to have it; empty if it may be."""
        if look.type not in ("string", "list", "set", "hash", "zset"):
            return f"{look.type}: no drawing for this type yet"
        size = look.reported or 0
        elements = 0 if look.type == "string" else look.elements
        if size > ASKED_BYTES and not self._big:
            return f"{size:,} bytes: not fetched; start rinspect with --big to fetch values above 16 MiB"
        if deliberate:
            return ""
        if size > FREE_BYTES or elements > FREE_ELEMENTS:
            return f"{size:,} bytes, {elements:,} elements: press enter to fetch it"
        if self._facts.profile.version < QUIET_DUMP:
            return f"press enter to fetch it: on {self._facts.version} DUMP resets the key's idle time"
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
            return replace(bare, notice=f"the payload could not be read: {error}")
        estimated = not self._facts.exact or not db.runtime.allocator.exact
        layout = xray(db, bare.key, window, estimated=estimated)
        if layout is None:
            return replace(bare, notice="it expired meanwhile")
        computed = layout.charged
        if self._facts.product == "valkey":
            charge = valkey.charge(db, bare.key, value)
            computed = layout.charged if charge is None else charge
        note = self._difference(bare, layout, value, computed)
        return replace(bare, layout=layout, computed=computed, difference=note)

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
        if value.encoding == "raw":
            return "the payload does not tell how much room the string has to grow"
        return "unexplained"
