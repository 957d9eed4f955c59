"""The append-only file of the built-in engine: how it stands, and what is appended to it."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from pathlib import Path

from rinspect.engine.commands.registry import named
from rinspect.engine.events import Appended, Event
from rinspect.engine.redaction import redacted
from rinspect.engine.server import Server
from rinspect.engine.server.slowlog import shortened
from rinspect.monitoring.appendonly import AppendOnlyNow, File, Flow, Rewrites, Snapshot, Unseen, Written
from rinspect.sources.engine.monitoring.children import rewriting

KEPT = 200


class Appending:
    """What was appended while it collected. All of it happens in the loop's thread."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._tail: deque[Written | Unseen] = deque(maxlen=KEPT)
        self._forgotten = 0
        self._in_unit = False
        self._left = 0
        """Bytes that had been appended when it stopped."""

    def collect(self, on: bool) -> None:
        """Begin or stop to collect. What there is stays; what came meanwhile is missing, which is said."""
        engine, appended = self._server.engine, self._server.append_only.appended
        (engine.observe_keys if on else engine.unobserve)(self._observe)
        if not on:
            self._left = appended
            return
        self._in_unit = False
        if self._tail and appended > self._left:
            self._add(Unseen(engine.runtime.clock(), appended - self._left))

    def _observe(self, event: Event) -> None:
        if not isinstance(event, Appended):
            return
        asked = None
        if event.asked is not None and event.asked != event.argv:
            engine = self._server.engine
            command = named(engine.commands, event.asked)
            asked = event.asked if command is None else redacted(command, event.asked, engine.runtime.config)
            asked = shortened(asked)
        place = self._place(event.argv[0].upper())
        row = Written(event.at, event.db, shortened(event.argv), event.size, asked, event.gone, place)
        last = self._tail[-1] if self._tail else None
        if isinstance(last, Written) and _alike(last, row):
            self._tail[-1] = replace(row, size=last.size + row.size, count=last.count + 1)
        else:
            self._add(row)

    def _add(self, row: Written | Unseen) -> None:
        self._forgotten += len(self._tail) == KEPT
        self._tail.append(row)

    def _place(self, name: bytes) -> str:
        if name == b"MULTI":
            self._in_unit = True
            return "first"
        if not self._in_unit:
            return ""
        self._in_unit = name != b"EXEC"
        return "inside" if self._in_unit else "last"

    def now(self) -> AppendOnlyNow:
        server, file, runtime = self._server, self._server.append_only, self._server.engine.runtime
        config, past, now = runtime.config, file.rewriting, runtime.clock() // 1_000_000
        failure = file.failure or (file.syncer.failed if file.on else None)
        snapshots = server.snapshots
        return AppendOnlyNow(
            state=file.state.value,
            fsync=config.appendfsync,
            failure="" if failure is None else failure.strerror or str(failure),
            flow=self._flow(now) if file.appends else None,
            pending=file.syncer.pending,
            delayed=file.delayed,
            size=file.size,
            base_size=file.base_size,
            percentage=config.auto_aof_rewrite_percentage,
            min_size=config.auto_aof_rewrite_min_size,
            rewrite=rewriting(server),
            rewrites=Rewrites(past.count, past.took, past.last_failed, past.scheduled),
            snapshot=Snapshot(
                now - snapshots.last_save if snapshots.saves else None, snapshots.changes, snapshots.last_failed
            ),
            place=str(Path(file.files.place).absolute()),
            files=self._files(),
            tail=tuple(self._tail),
            forgotten=self._forgotten,
            facts={},
        )

    def _flow(self, now: int) -> Flow:
        file = self._server.append_only
        last = max(0, now - file.last_sync) if file.last_sync else None
        return Flow(len(file.buffer), file.written, file.written - file.synced, last)

    def _files(self) -> tuple[File, ...]:
        file = self._server.append_only
        existing, place = file.files.existing(waiting=file.waits and file.appends), Path(file.files.place)
        last = len(existing) - 1
        return tuple(
            File(one.name, one.kind, one.size if (place / one.name).exists() else None, file.appends and at == last)
            for at, one in enumerate(existing)
        )


def _alike(one: Written, other: Written) -> bool:
    """Whether both are of keys that went by themselves, the same way."""

    def kind(row: Written) -> tuple[str, int | None, bytes]:
        return row.gone, row.db, row.argv[0]

    by_itself = all(row.gone and row.asked is None and not row.place for row in (one, other))
    return by_itself and kind(one) == kind(other)
