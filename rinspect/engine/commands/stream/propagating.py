"""What groups do, as commands: these say which entry is whose, and since when, whoever is given them when."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.encodings.streamid import id_text
from rinspect.engine.values.stream_groups import Group, Nack


def propagate_pending(call: Call, key: bytes, group: Group, name: bytes, identity: int, nack: Nack) -> None:
    """That an entry is pending in the group of that name as it is now."""
    if call.propagates:
        call.also_propagate(
            b"XCLAIM", key, name, nack.consumer.name, b"0", id_text(identity),
            b"TIME", b"%d" % nack.delivery_time, b"RETRYCOUNT", b"%d" % nack.delivery_count,
            b"FORCE", b"JUSTID", b"LASTID", id_text(group.last_id),
        )  # fmt: skip


def propagate_position(call: Call, key: bytes, group: Group, name: bytes) -> None:
    """How far the group of that name has come."""
    if call.propagates:
        read = (b"ENTRIESREAD", b"%d" % group.entries_read) if call.runtime.profile.version >= (7, 0) else ()
        call.also_propagate(b"XGROUP", b"SETID", key, name, id_text(group.last_id), *read)
