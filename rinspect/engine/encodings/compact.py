"""Which compact form a version uses: listpack, or ziplist before 7.0. They answer the same calls."""

from __future__ import annotations

from rinspect.engine.encodings.entries import CorruptBlob
from rinspect.engine.encodings.listpack import Listpack
from rinspect.engine.encodings.ziplist import Ziplist
from rinspect.engine.profile import Profile

Compact = Listpack | Ziplist
"""Small values in a row, in one allocation."""


def compact_class(profile: Profile) -> type[Listpack | Ziplist]:
    """The form in which a version keeps small hashes, sorted sets and list nodes."""
    return Listpack if profile.listpack else Ziplist


__all__ = ["Compact", "CorruptBlob", "Listpack", "Ziplist", "compact_class"]
