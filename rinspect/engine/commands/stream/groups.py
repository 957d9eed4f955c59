"""XGROUP: consumer groups and their consumers come and go."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.helptext import help_text
from rinspect.engine.commands.registry import command
from rinspect.engine.commands.stream.ids import parse_bound, parse_id
from rinspect.engine.commands.stream.replies import integer, tell, wrong_subcommand
from rinspect.engine.replies import OK, CommandError, Reply, quotable
from rinspect.engine.values.stream import StreamValue
from rinspect.engine.values.stream_groups import UNKNOWN, Consumer, Group

NO_KEY = (
    "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to"
    " create an empty stream automatically."
)
BUSY = "BUSYGROUP Consumer Group name already exists"
NEGATIVE_READ = "ERR value for ENTRIESREAD must be positive or -1"

_MOST_OPTIONS = 3
"""Words that CREATE takes behind the id: no more than each option once, although one of them may come several times."""

_HELP = """\
CREATE <key> <groupname> <id|$> [option]
    Create a new consumer group. Options are:
    * MKSTREAM
      Create the empty stream if it does not exist.
    * ENTRIESREAD entries_read
      Set the group's entries_read counter (internal use).
CREATECONSUMER <key> <groupname> <consumer>
    Create a new consumer in the specified group.
DELCONSUMER <key> <groupname> <consumer>
    Remove the specified consumer.
DESTROY <key> <groupname>
    Remove the specified group.
SETID <key> <groupname> <id|$> [ENTRIESREAD entries_read]
    Set the current group ID and entries_read counter."""
_HELP_6_2 = """\
CREATE <key> <groupname> <id|$> [option]
    Create a new consumer group. Options are:
    * MKSTREAM
      Create the empty stream if it does not exist.
CREATECONSUMER <key> <groupname> <consumer>
    Create a new consumer in the specified group.
DELCONSUMER <key> <groupname> <consumer>
    Remove the specified consumer.
DESTROY <key> <groupname>    Remove the specified group.
SETID <key> <groupname> <id|$>
    Set the current group ID."""


@command(
    "XGROUP|CREATE", "key group id-selector=<id|new-id:'$'> [MKSTREAM] [ENTRIESREAD entriesread:int]@7.0",
    group="stream", since="5.0.0", flags="write denyoom", access="RW insert", raw=True,
    summary="Creates a consumer group.",
)  # fmt: skip
def create(call: Call, key: bytes, name: bytes, start: bytes, *words: bytes) -> Reply:
    if len(words) > 1 and call.runtime.profile.version < (7, 0):
        # There the key was looked at before it was seen that these are too many.
        _stream(call, key)
        raise wrong_subcommand(call, "XGROUP")
    makes, entries_read = _options(call, words, creating=True)
    stream = call.find_write(key, StreamValue)
    if stream is None and not makes:
        raise CommandError(NO_KEY)
    if len(words) > _MOST_OPTIONS:
        raise wrong_subcommand(call, "XGROUP")
    last_id = (stream.last_id if stream is not None else 0) if start == b"$" else parse_id(start)
    if stream is None:
        stream = StreamValue(call.runtime)
        stream.add_group(name, last_id, entries_read)
        call.db.put(key, stream, looked_up=True)
    elif stream.group(name) is not None:
        raise CommandError(BUSY)
    else:
        stream.add_group(name, last_id, entries_read)
        call.db.changed_within(key)
    tell(call, key, "xgroup-create")
    return OK


@command(
    "XGROUP|SETID", "key group id-selector=<id|new-id:'$'> [ENTRIESREAD entriesread:int]@7.0",
    group="stream", since="5.0.0", flags="write", access="RW update", raw=True,
    summary="Sets the last-delivered ID of a consumer group.",
)  # fmt: skip
def setid(call: Call, key: bytes, name: bytes, start: bytes, *words: bytes) -> Reply:
    _, entries_read = _options(call, words, creating=False)
    stream, group = _found(call, key, name)
    if len(words) > 2:
        raise wrong_subcommand(call, "XGROUP")
    group.last_id = stream.last_id if start == b"$" else parse_bound(start)
    group.entries_read = entries_read
    call.db.changed_within(key)
    tell(call, key, "xgroup-setid")
    return OK


@command(
    "XGROUP|DESTROY", "key group",
    group="stream", since="5.0.0", flags="write", access="RW delete", raw=True,
    complexity="O(N) where N is the number of entries in the group's pending entries list (PEL).",
    summary="Destroys a consumer group.",
)  # fmt: skip
def destroy(call: Call, key: bytes, name: bytes) -> Reply:
    stream = _stream(call, key)
    if stream.groups is None or not stream.groups.remove(name):
        return 0
    call.db.changed_within(key)
    tell(call, key, "xgroup-destroy")
    # Whoever waits as part of it waits for nothing.
    call.db.signal_ready(key)
    return 1


@command(
    "XGROUP|CREATECONSUMER", "key group consumer",
    group="stream", since="6.2.0", flags="write denyoom", access="RW insert", raw=True,
    summary="Creates a consumer in a consumer group.",
)  # fmt: skip
def createconsumer(call: Call, key: bytes, name: bytes, consumer: bytes) -> Reply:
    _, group = _found(call, key, name)
    if group.consumer(consumer) is not None:
        return 0
    add_consumer(call, key, group, consumer)
    return 1


@command(
    "XGROUP|DELCONSUMER", "key group consumer",
    group="stream", since="5.0.0", flags="write", access="RW delete", raw=True,
    summary="Deletes a consumer from a consumer group.",
)  # fmt: skip
def delconsumer(call: Call, key: bytes, name: bytes, consumer: bytes) -> Reply:
    _, group = _found(call, key, name)
    found = group.consumer(consumer)
    pending = 0 if found is None else group.drop_consumer(found)
    # 6.2 tells of it even if there was none.
    if found is not None or call.runtime.profile.version < (7, 0):
        call.db.changed_within(key)
        tell(call, key, "xgroup-delconsumer")
    return pending


@command(
    "XGROUP|HELP", group="stream", since="5.0.0", flags="loading stale", raw=True,
    summary="Returns helpful text about the different subcommands.",
)  # fmt: skip
def help_(call: Call) -> Reply:
    return help_text(call, "XGROUP", _HELP if call.runtime.profile.version >= (7, 0) else _HELP_6_2)


def _options(call: Call, words: tuple[bytes, ...], *, creating: bool) -> tuple[bool, int]:
    """MKSTREAM, and ENTRIESREAD."""
    makes, entries_read = False, UNKNOWN
    rest = iter(words)
    for word in rest:
        option = word.upper()
        if creating and option == b"MKSTREAM":
            makes = True
        elif (
            option == b"ENTRIESREAD"
            and call.runtime.profile.version >= (7, 0)
            and (given := next(rest, None)) is not None
        ):
            entries_read = integer(given)
            if entries_read < UNKNOWN:
                raise CommandError(NEGATIVE_READ)
        else:
            raise wrong_subcommand(call, "XGROUP")
    return makes, entries_read


def _stream(call: Call, key: bytes) -> StreamValue:
    stream = call.find_write(key, StreamValue)
    if stream is None:
        raise CommandError(NO_KEY)
    return stream


def _found(call: Call, key: bytes, name: bytes) -> tuple[StreamValue, Group]:
    stream = _stream(call, key)
    return stream, group_of(stream, key, name)


def group_of(stream: StreamValue, key: bytes, name: bytes) -> Group:
    group = stream.group(name)
    if group is None:
        raise CommandError(f"NOGROUP No such consumer group '{quotable(name)}' for key name '{quotable(key)}'")
    return group


def add_consumer(call: Call, key: bytes, group: Group, name: bytes) -> Consumer:
    """A new consumer of the group of a stream under `key`."""
    consumer = group.add_consumer(name, call.now)
    call.db.changed_within(key)
    tell(call, key, "xgroup-createconsumer")
    return consumer


def consumer_of(call: Call, key: bytes, group: Group, name: bytes) -> Consumer:
    """The consumer that does something now; it comes if it is not there, of which 6.2 does not tell."""
    consumer = group.consumer(name)
    if consumer is None:
        tells = call.runtime.profile.version >= (7, 0)
        consumer = add_consumer(call, key, group, name) if tells else group.add_consumer(name, call.now)
    consumer.seen_time = call.now
    return consumer
