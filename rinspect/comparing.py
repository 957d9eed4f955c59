"""One key on two sources, line by line; and one command run on both."""

from __future__ import annotations

import time
from collections.abc import Sequence

from rinspect.engine.layout import Certainty, Window
from rinspect.engine.replies import CommandError
from rinspect.records import Both, Comparison, Look, Outcome, Row, SourceInfo
from rinspect.sources.source import Refused, Source

TTL_TOLERANCE = 2_000
"""Milliseconds by which two expiries may differ and still count as the same: the time between the two questions."""

SEEDED = ("hashtable", "skiplist")
"""Encodings whose payloads follow the order in a table, which depends on its seed."""


async def compare_key(left: Source, right: Source, key: bytes) -> Comparison:
    """Compare a key. Its payload is asked for with DUMP, as far as both sides allow it."""
    infos = await left.info(), await right.info()
    looks = await left.look(key, Window(), deliberate=True), await right.look(key, Window(), deliberate=True)
    left_dump = None if looks[0] is None else await _payload(left, key)
    right_dump = None if looks[1] is None else await _payload(right, key)
    rows = _rows(*looks, left_dump, right_dump, _versions(*infos))
    return Comparison(key, *looks, tuple(rows), tuple(setting_rows(*infos)))


async def _payload(source: Source, key: bytes) -> bytes | None:
    try:
        reply = (await source.execute([b"DUMP", key])).reply
    except Refused:
        return None
    return reply if isinstance(reply, bytes) else None


def _rows(left: Look | None, right: Look | None, dump: bytes | None, other: bytes | None, versions: str) -> list[Row]:
    if left is None or right is None:
        here, there = ("there" if look is not None else "no such key" for look in (left, right))
        return [Row("key", here, there, left is None and right is None)]
    contents = _contents(left, right, None if versions else (dump, other))
    rows = [
        _plain("TYPE", left.type, right.type),
        _plain("OBJECT ENCODING", left.encoding, right.encoding),
        _plain("elements" if left.type != "string" else "STRLEN", f"{left.elements:,}", f"{right.elements:,}"),
        _memory(left, right, contents, versions),
        _ttl(left, right),
    ]
    if dump is not None and other is not None:
        rows.append(_payload_row(left, dump, other))
    return rows


def _plain(name: str, left: str, right: str) -> Row:
    return Row(name, left, right, left == right)


def _versions(left: SourceInfo, right: SourceInfo) -> str:
    """How two versions are called together; empty if they are the same."""
    return "" if left.profile == right.profile else f"{left.profile} and {right.profile}"


def _contents(left: Look, right: Look, dumps: tuple[bytes | None, bytes | None] | None) -> str:
    """In what the two hold other things, as far as that can be seen; empty for nothing. `dumps` are None where versions
    write the same in different ways."""
    if left.type != right.type:
        return f"other contents: a {left.type} here, a {right.type} there"
    if left.elements != right.elements:
        unit = "byte" if left.type == "string" else "element"
        counts = [f"{n:,} {unit}{'' if n == 1 else 's'}" for n in (left.elements, right.elements)]
        return f"other contents: {counts[0]} here, {counts[1]} there"
    if dumps is None or left.encoding != right.encoding or None in dumps or left.encoding in SEEDED:
        return ""
    one, other = (dump[:-10] for dump in dumps if dump is not None)
    return "" if one == other else "other contents, or the same in another order: the payloads differ"


def _memory(left: Look, right: Look, contents: str, versions: str) -> Row:
    figures = [look.reported if look.reported is not None else look.computed for look in (left, right)]
    words = []
    for look, figure in zip((left, right), figures, strict=True):
        origin = "reported" if look.reported is not None else str(look.layout.certainty)
        words.append(f"{figure:,} {origin}")
    note = ""
    if figures[0] != figures[1]:
        unlike = next((look.difference for look in (left, right) if look.difference), "")
        note = contents or unlike or _size_note(left, right, versions)
    return Row("MEMORY USAGE", words[0], words[1], figures[0] == figures[1], note)


def _size_note(left: Look, right: Look, versions: str) -> str:
    """Why figures differ of what holds the same, as far as can be seen."""
    if left.encoding != right.encoding:
        return f"{left.encoding} here, {right.encoding} there"
    blocks = [[(run.name, run.count, run.asked) for run in look.layout.runs] for look in (left, right)]
    classes = [[run.size_class for run in look.layout.runs] for look in (left, right)]
    if blocks[0] == blocks[1] and classes[0] != classes[1]:
        return "the same blocks: the allocators' size classes differ"
    if versions:
        return f"{versions} count differently"
    if left.encoding in SEEDED:
        return "unless the elements differ: table sizes and tower heights differ by history and chance"
    if Certainty.ESTIMATED in (left.layout.certainty, right.layout.certainty):
        return "one side's figure is an estimate"
    return "another allocator or version counts differently"


def _ttl(left: Look, right: Look) -> Row:
    if left.expires_at is None or right.expires_at is None:
        here, there = _time_left(left.expires_at), _time_left(right.expires_at)
        return Row("TTL", here, there, left.expires_at == right.expires_at)
    close = abs(left.expires_at - right.expires_at) <= TTL_TOLERANCE
    return Row("TTL", _time_left(left.expires_at), _time_left(right.expires_at), same=close)


def _time_left(expires_at: int | None) -> str:
    if expires_at is None:
        return "none"
    return f"{max(0, expires_at - time.time_ns() // 1_000_000) / 1000:,.0f} s"


def _payload_row(look: Look, dump: bytes, other: bytes) -> Row:
    """Payloads without their footers: the version in it differs between versions, and the CRC with it."""
    same = dump[:-10] == other[:-10]
    note = ""
    if not same and look.encoding in SEEDED:
        note = "the order in a hashtable depends on its seed"
        return Row("DUMP", f"{len(dump):,} bytes", f"{len(other):,} bytes", None, note)
    if same and dump != other:
        note = f"RDB version {int.from_bytes(dump[-10:-8], 'little')} and {int.from_bytes(other[-10:-8], 'little')}"
    return Row("DUMP", f"{len(dump):,} bytes", f"{len(other):,} bytes", same, note)


def setting_rows(left: SourceInfo, right: SourceInfo) -> list[Row]:
    """Thresholds on both sides, under today's names; only those that differ, if any does."""
    mine, theirs = _modern(left.settings), _modern(right.settings)
    rows = [
        Row(name, mine[name], theirs[name], mine[name] == theirs[name]) for name in sorted(mine.keys() & theirs.keys())
    ]
    differing = [row for row in rows if not row.same]
    return differing or rows


def _modern(settings: dict[str, str]) -> dict[str, str]:
    return {
        name.replace("ziplist", "listpack"): value
        for name, value in settings.items()
        if "-max-listpack" in name or "-max-ziplist" in name or name in OTHER_THRESHOLDS
    }


OTHER_THRESHOLDS = (
    "set-max-intset-entries", "list-compress-depth", "stream-node-max-bytes", "stream-node-max-entries",
    "hll-sparse-max-bytes",
)  # fmt: skip
"""Beside those of listpacks and ziplists."""


async def run_both(left: Source, right: Source, argv: Sequence[bytes]) -> Both:
    """Run a command on both sides, or on neither if one of them refuses it."""
    for source in (left, right):
        reason = await source.refusal(argv)
        if reason:
            return Both(tuple(argv), None, None, reason)
    return Both(tuple(argv), await source_outcome(left, argv), await source_outcome(right, argv))


async def run_allowed(left: Source, right: Source, argv: Sequence[bytes]) -> Both:
    """Run a command on the side that does not refuse it."""
    outcomes: list[Outcome | None] = []
    refused = ""
    for source in (left, right):
        reason = await source.refusal(argv)
        refused = refused or reason
        outcomes.append(None if reason else await source_outcome(source, argv))
    return Both(tuple(argv), outcomes[0], outcomes[1], refused)


async def source_outcome(source: Source, argv: Sequence[bytes]) -> Outcome:
    """Run a command on one side; a side that cannot run it now answers with an error that says so."""
    try:
        return await source.execute(argv)
    except Refused as refusal:
        return Outcome(tuple(argv), CommandError(f"ERR {refusal}"), None, 0.0)


async def copy_key(source: Source, target: Source, key: bytes) -> str:
    """Copy a key by DUMP and RESTORE, replacing what the target has; empty, or why it could not be."""
    payload = await _payload(source, key)
    if payload is None:
        return "the key is not there, or its payload is not to be had"
    look = await source.look(key, Window(), deliberate=True)
    expires_at = 0 if look is None or look.expires_at is None else look.expires_at
    argv = [b"RESTORE", key, b"%d" % expires_at, payload, b"REPLACE", b"ABSTTL"]
    reason = await target.refusal(argv)
    if reason:
        return reason
    reply = (await target.execute(argv)).reply
    return reply.message if isinstance(reply, CommandError) else ""
