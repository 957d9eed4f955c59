"""DEBUG's switches: what tests turn off or make smaller in order to see something."""

from __future__ import annotations

from dataclasses import replace

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.server.debugging import debug_command
from rinspect.engine.config.cnumbers import atoi, memtoull
from rinspect.engine.encodings.quicklist.fill import HUGE, fill_of
from rinspect.engine.encodings.quicklist.quicklist import Quicklist
from rinspect.engine.replies import OK, CommandError, Reply
from rinspect.engine.values.list import ListValue

LARGEST_THRESHOLD = (1 << 32) - (1 << 20)


def switched_on(word: bytes) -> bool:
    """What C's atoi makes of a word: any number but 0 is on."""
    return atoi(word.decode("latin-1")) != 0


@debug_command("SET-ACTIVE-EXPIRE", 1, 1)
def _set_active_expire(call: Call, args: list[bytes]) -> Reply:
    call.keyspace.expire_cycle.enabled = switched_on(args[0])
    return OK


@debug_command("SET-SKIP-CHECKSUM-VALIDATION", 1, 1)
def _set_skip_checksum_validation(call: Call, args: list[bytes]) -> Reply:
    call.runtime.skip_checksums = switched_on(args[0])
    return OK


@debug_command("QUICKLIST-PACKED-THRESHOLD", 1, 1, since=(7, 0))
def _quicklist_packed_threshold(call: Call, args: list[bytes]) -> Reply:
    """It holds for the lists that are there, too. 0 is the version's own rule again."""
    size = memtoull(args[0].decode("latin-1"))
    if size is None or size > LARGEST_THRESHOLD:
        raise CommandError("ERR argument must be a memory value bigger than 1 and smaller than 4gb")
    profile = call.runtime.profile
    huge = HUGE if profile.plain_nodes == "huge" else None
    profile = call.runtime.profile = replace(profile, packed_threshold=size or huge)
    for db in call.keyspace.databases:
        for entry in db.table:
            value = entry.value
            if isinstance(value, ListValue) and isinstance(value.body, Quicklist):
                value.body.fill = fill_of(value.body.fill.setting, profile)
    return OK
