"""A client in one line, as CLIENT LIST and CLIENT INFO write it."""

from __future__ import annotations

from collections.abc import Iterator

from rinspect.engine.networking.client import Client
from rinspect.engine.networking.outgoing import REPLY_CHUNK

CLIENT_STRUCT = 768
"""The class of a client's struct, about the same in all versions."""


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


def memory(client: Client) -> int:
    """Bytes that a client costs: buffers, arguments, queued commands and its struct."""
    queued = 0 if client.transaction is None else client.transaction.argv_bytes
    return (
        CLIENT_STRUCT
        + REPLY_CHUNK
        + client.outgoing.list_bytes
        + client.query_buffer.allocated
        + client.argument_bytes
        + queued
    )


def facts(client: Client) -> Iterator[tuple[str, object]]:
    """What the line says, name by name, in the order of the client's version."""
    version = client.engine.profile.version
    transaction, outgoing, buffer = client.transaction, client.outgoing, client.query_buffer
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
    yield "qbuf", buffer.used
    yield "qbuf-free", buffer.allocated - buffer.used if buffer.allocated else 0
    yield "argv-mem", client.argument_bytes
    if version >= (7, 0):
        yield "multi-mem", 0 if transaction is None else transaction.argv_bytes
        yield "rbs", REPLY_CHUNK
        yield "rbp", REPLY_CHUNK
    yield "obl", outgoing.in_buffer
    yield "oll", outgoing.blocks
    yield "omem", outgoing.list_bytes
    yield "tot-mem", memory(client)
    yield "events", ("r" if mask & 1 else "") + ("w" if mask & 2 else "")
    yield "cmd", _command(client)
    yield "user", "default"
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
