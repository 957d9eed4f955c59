"""How many entries a consumer group has read, and how many it has yet to read: its lag.

A stream knows how many entries were ever added, and a group counts those that it is given. Where entries were deleted with
XDEL among those ahead, counting no longer leads to the end; then the count is guessed from where an id lies, or unknown.
"""

from __future__ import annotations

from rinspect.engine.encodings.streamid import signed
from rinspect.engine.values.stream import StreamValue
from rinspect.engine.values.stream_groups import UNKNOWN, Group


def _is_counted(stream: StreamValue, group: Group, behind: int) -> bool:
    """Whether the group's count holds for what is behind an id: it has one, and no entry there was deleted."""
    return group.entries_read != UNKNOWN and not _has_deletions(stream, behind)


def _has_deletions(stream: StreamValue, start: int) -> bool:
    """Whether XDEL deleted something from an id on."""
    deleted = stream.max_deleted_id
    if not stream.length or not deleted:
        return False
    if stream.first_id > deleted and not stream.runtime.profile.lag_minds_deletions:
        return False
    return start <= deleted


def place_of(stream: StreamValue, identity: int) -> int:
    """How many entries, from the first ever added, are up to an id; UNKNOWN if that cannot be told."""
    added, deleted = stream.entries_added, stream.max_deleted_id
    if not added:
        return 0
    if not stream.length and identity <= stream.last_id:
        return added
    if stream.runtime.profile.lag_minds_deletions and 0 < identity < deleted:
        return UNKNOWN
    if identity == stream.last_id:
        return added
    if identity > stream.last_id or (deleted and deleted >= stream.first_id) or identity > stream.first_id:
        return UNKNOWN
    return added - stream.length + (identity == stream.first_id)


def count_read(stream: StreamValue, group: Group, identity: int) -> None:
    """The group is given the entry with that id, which is behind all that it was given before."""
    if _is_counted(stream, group, group.last_id if stream.runtime.profile.lag_minds_deletions else identity):
        group.entries_read += 1
    elif stream.entries_added:
        group.entries_read = place_of(stream, identity)
    group.last_id = identity


def lag(stream: StreamValue, group: Group) -> int | None:
    """How many entries the group has yet to read; None if that cannot be told."""
    if not stream.entries_added:
        return 0
    if stream.runtime.profile.lag_minds_deletions:
        if not stream.length:
            return 0
        if group.last_id < stream.first_id and stream.max_deleted_id < stream.first_id:
            return stream.length
    if _is_counted(stream, group, group.last_id):
        return signed(stream.entries_added - group.entries_read)
    read = place_of(stream, group.last_id)
    return None if read == UNKNOWN else signed(stream.entries_added - read)
