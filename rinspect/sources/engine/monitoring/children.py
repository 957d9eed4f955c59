"""The children that write all keys to a file. From any thread."""

from __future__ import annotations

from pathlib import Path

from rinspect.engine.server import Server
from rinspect.engine.server.child import Child
from rinspect.monitoring.loop import Saving


def saving(server: Server) -> Saving | None:
    """The child that writes a snapshot, if there is one."""
    snapshots = server.snapshots
    child, name = snapshots.child, server.engine.runtime.config.dbfilename
    return None if child is None else _saving(server, child, name, snapshots.keys_to_save, snapshots.began)


def rewriting(server: Server) -> Saving | None:
    """The child that writes the append-only file anew, if there is one."""
    rewriting = server.append_only.rewriting
    child = rewriting.child
    if child is None:
        return None
    name = Path(rewriting.temporary(child.pid)).name
    return _saving(server, child, name, rewriting.keys_to_save, rewriting.began)


def _saving(server: Server, child: Child, name: str, keys: int, began: int) -> Saving:
    progress = child.progress
    progress.hear()
    since = server.engine.runtime.clock() // 1_000_000 - began
    return Saving(child.pid, name, progress.keys, keys, progress.copied, since, server.children.fork_took)
