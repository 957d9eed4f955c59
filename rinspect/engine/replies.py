"""What a command answers with.

A reply is a Python object: `bytes` is a bulk string, `int` an integer, `None` the null, `list` an array, and the
classes below are what else the protocol knows. A handler that fails raises CommandError; `Session.execute` returns it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Status:
    """A simple string, such as +OK."""

    text: bytes


OK = Status(b"OK")
PONG = Status(b"PONG")


@dataclass(frozen=True, slots=True)
class Double:
    """A double (RESP3 only), in the text that the profile gives it."""

    text: bytes


@dataclass(frozen=True, slots=True)
class Map:
    """A map (RESP3 only)."""

    pairs: tuple[tuple[Reply, Reply], ...]


@dataclass(frozen=True, slots=True)
class SetReply:
    """A set (RESP3 only)."""

    members: tuple[Reply, ...]


@dataclass(frozen=True, slots=True)
class Verbatim:
    """A text for people (RESP3 only); `format` is three letters."""

    text: bytes
    format: str = "txt"


@dataclass(frozen=True, slots=True)
class BigNumber:
    """A number beyond 64 bits (RESP3 only), in decimal digits."""

    text: bytes


@dataclass(frozen=True, slots=True)
class Push:
    """A message that is no reply: of a channel, of an invalidated key. An array in RESP2."""

    items: tuple[Reply, ...]


@dataclass(frozen=True, slots=True)
class Attributed:
    """A reply with attributes, which a client may pass over (RESP3 only; in RESP2 they are left out)."""

    attributes: tuple[tuple[Reply, Reply], ...]
    reply: Reply


@dataclass(frozen=True, slots=True)
class Several:
    """Several messages in one reply's place, one after the other: what (un)subscribing answers."""

    messages: tuple[Push, ...]


class NullArray:
    """The null array, which RESP2 tells from the null bulk string."""

    def __repr__(self) -> str:
        return "NULL_ARRAY"


NULL_ARRAY = NullArray()


class NoReply:
    """In a reply's place where none is sent: all that is to be said was pushed, or the client waits for it."""

    def __repr__(self) -> str:
        return "NO_REPLY"


NO_REPLY = NoReply()


class CommandError(Exception):
    """An error reply: the code, a blank, the message, as the server words it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CommandError) and other.message == self.message

    def __hash__(self) -> int:
        return hash(self.message)


class WrongNumber(CommandError):
    """Raised by a handler that has too many or too few words; the session words it."""

    def __init__(self) -> None:
        super().__init__("ERR wrong number of arguments")


Reply = (
    bytes | int | bool | None | list["Reply"] | Status | Double | Map | SetReply | Verbatim | BigNumber | Push | Several
    | Attributed | NullArray | NoReply | CommandError
)  # fmt: skip


def quotable(word: bytes, limit: int | None = None) -> str:
    """A client's word as an error message repeats it: at most `limit` bytes, up to a NUL, on one line."""
    text, _, _ = word[:limit].partition(b"\0")
    return text.decode("latin-1").replace("\r", " ").replace("\n", " ")


WRONGTYPE = "WRONGTYPE Operation against a key holding the wrong kind of value"
SYNTAX = "ERR syntax error"
NOT_AN_INTEGER = "ERR value is not an integer or out of range"
NOT_A_FLOAT = "ERR value is not a valid float"
NO_SUCH_KEY = "ERR no such key"
OUT_OF_RANGE = "ERR index out of range"
OVERFLOW = "ERR increment or decrement would overflow"
