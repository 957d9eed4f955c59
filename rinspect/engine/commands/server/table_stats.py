"""The text that DEBUG HTSTATS prints of a hashtable."""

from __future__ import annotations

from collections import Counter

from rinspect.engine.encodings.hashtable import Bucket, Hashtable
from rinspect.engine.profile import Profile

_TITLES = ("main hash table", "rehashing target")
_LONGEST = 50
"""Chains from this length on share a line."""


def stats_text(table: Hashtable, profile: Profile, *, full: bool) -> str:
    """Both tables' figures, as the server words them; before 7.2 always in full."""
    modern = profile.version >= (7, 2)
    parts = []
    for which in (0, 1) if table.rehashing else (0,):
        buckets = table.tables[which]
        if not table.used[which] and not (modern and which == 0 and buckets):
            if modern and not buckets:
                continue
            parts.append(f"Hash table {which} stats ({_TITLES[which]}):\nNo stats available for empty dictionaries\n")
            continue
        lines = [
            f"Hash table {which} stats ({_TITLES[which]}):",
            f" table size: {len(buckets)}",
            f" number of elements: {table.used[which]}",
        ]
        if full or not modern:
            lines += _chains(buckets, table.used[which])
        parts.append("\n".join(lines) + "\n")
    return "".join(parts)


def _chains(buckets: list[Bucket], used: int) -> list[str]:
    lengths: Counter[int] = Counter()
    for entry in buckets:
        length = 0
        while entry is not None:
            length += 1
            entry = entry.next
        lengths[min(length, _LONGEST - 1)] += 1
    slots = len(buckets) - lengths[0]
    counted = sum(length * count for length, count in lengths.items())
    lines = [
        f" different slots: {slots}",
        f" max chain length: {max(lengths)}",
        f" avg chain length (counted): {counted / slots if slots else 0:.2f}",
        f" avg chain length (computed): {used / slots if slots else 0:.2f}",
        " Chain length distribution:",
    ]
    for length in sorted(lengths):
        if lengths[length]:
            name = f">= {length}" if length == _LONGEST - 1 else str(length)
            lines.append(f"   {name}: {lengths[length]} ({100 * lengths[length] / len(buckets):.2f}%)")
    return lines
