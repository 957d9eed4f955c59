"""INFO keyspace and keysizes: how many keys there are, and how large their values."""

from __future__ import annotations

from collections.abc import Iterator

from rinspect.engine.server.server import Server

Fields = Iterator[tuple[str, object]]


def keyspace(server: Server) -> Fields:
    version = server.engine.profile.version
    for db in server.engine.keyspace.databases:
        if len(db):
            text = f"keys={len(db)},expires={len(db.expires)},avg_ttl={db.avg_ttl}"
            if version >= (7, 4):
                text += f",subexpiry={len(db.field_expiry)}"
            yield f"db{db.number}", text


def keysizes(server: Server) -> Fields:
    for number, histograms in server.key_sizes.histograms():
        for kind, histogram in histograms.items():
            bins = ",".join(f"{_label(size)}={count}" for size, count in sorted(histogram.items()))
            yield f"db{number}_distrib_{kind}", bins


def _label(size: int) -> str:
    """A power of two as the server writes it: `512`, `4K`, `2M`."""
    for shift, unit in ((60, "E"), (50, "P"), (40, "T"), (30, "G"), (20, "M"), (10, "K")):
        if size >= 1 << shift:
            return f"{size >> shift}{unit}"
    return str(size)
