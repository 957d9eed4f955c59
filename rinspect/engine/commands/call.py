"""What a handler works with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

from rinspect.engine.commands.registry import Command
from rinspect.engine.grisu2 import double_text
from rinspect.engine.keyspace import Database, Keyspace
from rinspect.engine.replies import Double, Map, Reply, SetReply, Verbatim
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.value import Value

if TYPE_CHECKING:
    from rinspect.engine.session import Session

V = TypeVar("V", bound=Value)


class Call:
    """A session's view of the engine, handed to every handler.

    `db` is the selected database; `resp` the protocol version, 2 or 3, which decides the shape of some replies.
    """

    __slots__ = ("commands", "db", "keyspace", "resp", "runtime", "session")

    def __init__(self, keyspace: Keyspace, commands: Mapping[bytes, Command], session: Session) -> None:
        self.session = session
        self.keyspace = keyspace
        self.runtime: Runtime = keyspace.runtime
        self.commands = commands
        self.db: Database = keyspace[0]
        self.resp = 2

    @property
    def now(self) -> int:
        """When this command began, in milliseconds since 1970."""
        return self.runtime.now

    def find(self, key: bytes, kind: type[V]) -> V | None:
        """The value under `key`; None if there is none, CommandError WRONGTYPE if it is of another type."""
        return self.db.find(key, kind)

    def find_write(self, key: bytes, kind: type[V]) -> V | None:
        """The same for a command that is going to change the value."""
        return self.db.find_write(key, kind)

    @property
    def propagates(self) -> bool:
        """Whether what changes is handed on: only then need it be put into words."""
        return self.runtime.propagation is not None

    def also_propagate(self, *argv: bytes) -> None:
        """Hand on something that the command does."""
        propagation = self.runtime.propagation
        if propagation is not None:
            propagation.add(self.db.number, argv)

    def double(self, value: float) -> Reply:
        """A double: its text in RESP2, a double in RESP3."""
        text = double_text(value, self.runtime.profile)
        return text if self.resp == 2 else Double(text)

    def map(self, pairs: Iterable[tuple[Reply, Reply]]) -> Reply:
        """A map, flat in RESP2."""
        if self.resp == 2:
            return [item for pair in pairs for item in pair]
        return Map(tuple(pairs))

    def set(self, members: Iterable[Reply]) -> Reply:
        """A set, an array in RESP2."""
        return list(members) if self.resp == 2 else SetReply(tuple(members))

    def text(self, text: str) -> Reply:
        """A text for people, of characters as `os.fsdecode` gives them: a bulk string in RESP2."""
        data = text.encode(errors="surrogateescape")
        return data if self.resp == 2 else Verbatim(data)
