"""What a consumer is given: new entries, which are then pending, or what is pending for it already."""

from __future__ import annotations

from itertools import islice

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.stream.propagating import propagate_pending, propagate_position
from rinspect.engine.commands.stream.replies import entry_reply, found_entry
from rinspect.engine.encodings.streamid import LAST_ID, id_text
from rinspect.engine.replies import NULL_ARRAY, Reply
from rinspect.engine.values.stream import StreamValue
from rinspect.engine.values.stream_groups import Consumer, Group, pending_ids
from rinspect.engine.values.stream_reads import count_read


def deliver(
    call: Call, key: bytes, stream: StreamValue, group: Group, name: bytes, consumer: Consumer | None, count: int
) -> Reply:
    """Up to `count` entries (0: all) that the group of that name has not been given yet; they are pending for `consumer` from
    now on, or for nobody without one."""
    entries: list[Reply] = []
    for identity, words in islice(stream.entries(group.last_id + 1), count or None):
        count_read(stream, group, identity)
        if consumer is not None:
            nack = group.deliver(identity, consumer, call.now)
            consumer.active_time = call.now
            propagate_pending(call, key, group, name, identity, nack)
        entries.append(entry_reply(identity, words))
    if entries and (consumer is None or call.runtime.profile.version >= (7, 4)):
        propagate_position(call, key, group, name)
    call.db.changed_within(key)
    return entries


def history(call: Call, key: bytes, stream: StreamValue, consumer: Consumer, start: int, count: int) -> Reply:
    """Up to `count` entries (0: all) from id `start` on that are pending for a consumer: delivered once more. One that is
    not in the stream any more is told without its fields."""
    entries: list[Reply] = []
    for identity, nack in islice(pending_ids(consumer.pel, start, LAST_ID), count or None):
        entry = found_entry(stream, identity)
        if entry is None:
            entries.append([id_text(identity), NULL_ARRAY])
            continue
        nack.delivery_time = call.now
        nack.delivery_count += 1
        entries.append(entry)
    # From 7.4 on that is no change.
    call.db.changed_within(key, 0 if call.runtime.profile.version >= (7, 4) else 1)
    return entries
