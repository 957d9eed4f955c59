"""A client in one line, as CLIENT LIST and CLIENT INFO write it."""

from __future__ import annotations

from collections.abc import Iterator

from rinspect.engine.networking.client import Client
from rinspect.engine.networking.memory import usage
from rinspect.engine.networking.multibulks import request_size


def flags(client: Client) -> str:
    """The letters that tell a client's state: N for none."""
    tracking = client.clients.tracking.modes.get(client)
    letters = [
        ("O", client.monitoring),
        ("P", bool(client.kind == "pubsub")),
        ("x", client.transaction is not None),
        ("b", client.blocked is not None),
        ("t", tracking is not None),
        ("R", tracking is not None and tracking.broken),
        ("B", tracking is not None and tracking.broadcast),
        ("d", client.spoiled_by_watch),
        ("c", client.close_after_reply),
        ("A", client.closing),
        ("U", client.is_unix),
        ("e", client.no_evict),
        ("T", client.no_touch),
    ]
    return "".join(letter for letter, holds in letters if holds) or "N"


def _query_buffer(client: Client) -> tuple[int, int]:
    """Bytes that stand in the query buffer, and its room. A request that is running still stands in it."""
    running = client.clients.running is client
    used = len(client.query_buffer)
    argv = client.engine.runtime.running
    if running and argv is not None:
        used += request_size(argv)
    return used, client.query_room.shown(running=running)


def _argument_bytes(client: Client) -> int:
    """Bytes of the arguments of a request that is not complete, or is running."""
    running = client.engine.runtime.running if client.clients.running is client else None
    return client.query_buffer.argv_bytes + (sum(map(len, running)) if running is not None else 0)


def facts(client: Client) -> Iterator[tuple[str, object]]:
    """What the line says, name by name, in the order of the client's version."""
    version = client.engine.profile.version
    transaction, outgoing = client.transaction, client.outgoing
    events = client.clients.loop.files.get(client.fd)
    mask = 0 if events is None else events.mask
    yield "id", client.id
    yield "addr", client.address
    yield "laddr", client.local_address
    yield "fd", client.fd
    yield "name", client.name.decode("latin-1")
    yield "age", client.age
    yield "idle", client.idle
    yield "flags", flags(client)
    yield "db", client.call.db.number
    yield "sub", len(client.subscriptions.channels)
    yield "psub", len(client.subscriptions.patterns)
    if version >= (7, 0):
        yield "ssub", len(client.subscriptions.shard_channels)
    yield "multi", -1 if transaction is None else len(transaction.queued)
    if version >= (7, 4):
        yield "watch", len(client.watched)
    used, room = _query_buffer(client)
    yield "qbuf", used
    yield "qbuf-free", max(0, room - used)
    yield "argv-mem", _argument_bytes(client)
    if version >= (7, 0):
        yield "multi-mem", 0 if transaction is None else transaction.argv_bytes
        yield "rbs", client.reply_room.size
        yield "rbp", client.reply_room.peak
    yield "obl", outgoing.in_buffer
    yield "oll", outgoing.blocks
    yield "omem", outgoing.list_bytes
    yield "tot-mem", usage(client)
    yield "events", ("r" if mask & 1 else "") + ("w" if mask & 2 else "")
    yield "cmd", _command(client)
    yield "user", client.user.name.decode("latin-1")
    tracking = client.clients.tracking.modes.get(client)
    yield "redir", -1 if tracking is None else tracking.redirect
    if version >= (7, 0):
        yield "resp", client.call.resp
    if version >= (7, 2):
        yield "lib-name", client.lib_name.decode("latin-1")
        yield "lib-ver", client.lib_ver.decode("latin-1")
    if version >= (8, 0):
        yield "io-thread", 0


def _command(client: Client) -> str:
    if client.command is None:
        return "NULL"
    name = client.command.name.lower()
    return name.partition("|")[0] if client.engine.profile.version < (7, 0) else name


def description(client: Client) -> str:
    """The line, without its end."""
    return " ".join(f"{name}={value}" for name, value in facts(client))
