"""What several commands on streams answer with, and what they tell of their changes."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.encodings.streamid import id_text
from rinspect.engine.events import StreamChanged
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import NOT_AN_INTEGER, CommandError, Reply, quotable
from rinspect.engine.values.stream import StreamValue


def entry_reply(identity: int, words: list[bytes]) -> Reply:
    """An entry: its id, and fields and values in turn."""
    return [id_text(identity), [*words]]


def found_entry(stream: StreamValue, identity: int) -> Reply:
    """The entry with that id as a reply; None if there is none."""
    return next((entry_reply(*entry) for entry in stream.entries(identity, identity)), None)


def integer(word: bytes, error: str = NOT_AN_INTEGER) -> int:
    number = parse_int(word)
    if number is None:
        raise CommandError(error)
    return number


def no_group(key: bytes, name: bytes, *, where: str = "") -> CommandError:
    """There is no such key, or no such group of it."""
    return CommandError(f"NOGROUP No such key '{quotable(key)}' or consumer group '{quotable(name)}'{where}")


def wrong_subcommand(call: Call, container: str) -> CommandError:
    """A subcommand that is there, but not with these words."""
    assert call.runtime.running is not None
    unknown = "unknown" if call.runtime.profile.version >= (7, 0) else "Unknown"
    word = quotable(call.runtime.running[1], 128)
    return CommandError(f"ERR {unknown} subcommand or wrong number of arguments for '{word}'. Try {container} HELP.")


def tell(call: Call, key: bytes, what: str) -> None:
    """Tell what happened to a stream, under the name that it has in keyspace notifications."""
    if call.runtime.observers:
        call.runtime.emit(StreamChanged(call.db.number, key, what))
