"""Clients that wait: for a key that has what they want, or for a pause to end.

A command that finds nothing to take blocks its client on the keys it named; a client that comes while commands are paused
is *postponed*. Neither holds the loop: the client's next requests stay in its query buffer. When a command has written
to a key that clients wait for, then after that command, and not in its midst, they run theirs again, in the order in
which they came. Whoever finds nothing, because the one before took it, waits on; its timeout does not begin anew. Whoever
waits for something that a key must have to begin with, a stream's group, is told when it has it no longer.
"""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.engine.engine import Engine
from rinspect.engine.keyspace import Database
from rinspect.engine.networking.client import Client
from rinspect.engine.networking.waiting import Blocked
from rinspect.engine.replies import CommandError, Reply
from rinspect.engine.values.value import Value


def _for_key(blocked: Blocked, key: bytes) -> list[bytes]:
    """A command with `key` in the place of each of the keys that it waits for, which stand one behind the other."""
    argv, keys = list(blocked.argv), list(blocked.keys)
    at = next(at for at in range(1, len(argv)) if argv[at : at + len(keys)] == keys)
    argv[at : at + len(keys)] = [key] * len(keys)
    return argv


class BlockedClients:
    """Who waits for which key."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.by_key: dict[tuple[int, bytes], list[Client]] = {}
        """By database's number and key, in the order in which they came."""
        self.waiting: dict[Client, None] = {}
        """All that are blocked, postponed ones included."""
        self.unblocked: list[Client] = []
        """Those whose query buffers are to be gone on with before the loop sleeps."""
        self._ready: dict[tuple[int, bytes], None] = {}
        self._serving = False
        engine.keyspace.before_replacing(self._about_to_replace)

    def __len__(self) -> int:
        return len(self.waiting)

    @property
    def missed_keys(self) -> int:
        """For how many keys somebody waits who wants to know when they go."""
        return sum(map(self._is_missed, self.by_key))

    # -- beginning to wait ------------------------------------------------------------------------------------------------

    def block(self, client: Client, blocked: Blocked) -> None:
        """Have a client wait. One that tried again and found nothing keeps its deadline and its beginning."""
        before = client.retried
        if before is not None:
            blocked.deadline, blocked.since = before.deadline, before.since
            blocked.argv, blocked.keys, blocked.wish = before.argv, before.keys, before.wish
        client.blocked = blocked
        client.stop()
        self.waiting[client] = None
        if blocked.keys and not self.by_key:
            self._listen(on=True)
        for key in dict.fromkeys(blocked.keys):
            self.by_key.setdefault((blocked.db.number, key), []).append(client)

    def forget(self, client: Client) -> None:
        """A client waits no more, for whatever reason."""
        blocked, client.blocked = client.blocked, None
        if blocked is None:
            return
        self.waiting.pop(client, None)
        for key in dict.fromkeys(blocked.keys):
            place = (blocked.db.number, key)
            clients = self.by_key[place]
            clients.remove(client)
            if not clients:
                del self.by_key[place]
        if blocked.keys and not self.by_key:
            self._listen(on=False)
        client.stopped = client.closing or client.close_after_reply

    def _listen(self, *, on: bool) -> None:
        """Have oneself told of keys that are written to, or that clients are to look at, or no more."""
        keyspace = self._engine.keyspace
        (keyspace.listen if on else keyspace.unlisten)(self._touched)
        for db in keyspace.databases:
            (db.ready.append if on else db.ready.remove)(self._touched)

    # -- keys that are there ----------------------------------------------------------------------------------------------

    def _touched(self, db: Database, key: bytes) -> None:
        place = (db.number, key)
        if place in self.by_key and (key in db.table.index or self._is_missed(place)):
            if not self._ready and not self._serving:
                self._engine.runtime.defer(self.serve_ready)
            self._ready[place] = None

    def _is_missed(self, place: tuple[int, bytes]) -> bool:
        """Whether somebody who waits for a key wants to know that it is gone."""
        return any(one.blocked is not None and one.blocked.wish.lost is not None for one in self.by_key[place])

    def _about_to_replace(self, db: Database, other: Database | None) -> None:
        """All keys are about to go, and others may come: whoever waits for one is to find it, or to miss it."""
        if self.by_key:
            self._engine.runtime.defer(lambda: self._replaced(db))

    def _replaced(self, db: Database) -> None:
        for place in list(self.by_key):
            if place[0] == db.number:
                self._touched(db, place[1])

    def serve_ready(self) -> None:
        """Have those who wait for the keys that were touched try again; and those who wait for what they touch."""
        if self._serving:
            return
        self._serving = True
        try:
            while self._ready:
                ready, self._ready = self._ready, {}
                for place in ready:
                    self._serve_key(*place)
        finally:
            self._serving = False

    def _serve_key(self, number: int, key: bytes) -> None:
        db = self._engine.keyspace[number]
        for client in tuple(self.by_key.get((number, key), ())):
            blocked = client.blocked
            entry = db.table.index.get(key)
            value = entry.value if entry is not None and isinstance(entry.value, Value) else None
            if blocked is None:
                continue
            lost = None if blocked.wish.lost is None else blocked.wish.lost(key, value)
            if lost is not None:
                self.release(client, lost)
            elif value is not None and blocked.why == value.type:
                self.retry(client, self._asked_again(blocked, key))

    def _asked_again(self, blocked: Blocked, key: bytes) -> Sequence[bytes]:
        """What a client runs that a key has woken: from 7.2 on its command as it was sent; before, it was served from that key
        alone."""
        if blocked.wish.again is not None:
            return blocked.wish.again[key]
        return blocked.argv if self._engine.profile.version >= (7, 2) else _for_key(blocked, key)

    def retry(self, client: Client, argv: Sequence[bytes] = ()) -> None:
        """Run a waiting client's command again, or `argv` in its place."""
        blocked = client.blocked
        assert blocked is not None
        self.forget(client)
        client.retried = blocked if blocked.why != "postponed" else None
        try:
            client.run_again(argv or blocked.argv)
        finally:
            client.retried = None
        if client.blocked is None:
            self.unblocked.append(client)

    # -- giving up --------------------------------------------------------------------------------------------------------

    def time_out(self) -> int:
        """Answer those who have waited long enough; how many. A step of before sleep."""
        now = self._engine.runtime.now
        late = [one for one in self.waiting if one.blocked is not None and 0 < one.blocked.deadline <= now]
        for client in late:
            assert client.blocked is not None
            self.release(client, client.blocked.nothing)
        return len(late)

    def release(self, client: Client, reply: Reply) -> None:
        """End a client's waiting with a reply. Its command is done with that, and is counted."""
        blocked = client.blocked
        self.forget(client)
        if blocked is not None:
            blocked.command.stats.add(0)
            blocked.command.stats.failed += isinstance(reply, CommandError)
        if isinstance(reply, CommandError):
            self._engine.failed(reply)
        client.answer_late(reply)
        self.unblocked.append(client)

    def resume_postponed(self) -> None:
        """Nothing is paused any more: whoever came meanwhile is served before the loop sleeps."""
        for client in self.waiting:
            if client.blocked is not None and client.blocked.why == "postponed":
                self.unblocked.append(client)

    def go_on(self) -> int:
        """Run what stands in the query buffers of those who wait no more; how many. A step of before sleep."""
        count = 0
        while self.unblocked:
            unblocked, self.unblocked = self.unblocked, []
            for client in unblocked:
                count += 1
                if client.blocked is not None and client.blocked.why == "postponed":
                    self.retry(client)
                elif not client.stopped:
                    client.run_requests()
        return count
