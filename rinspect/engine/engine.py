"""The engine: a Redis in the process, without I/O.

    >>> engine = Engine(profile="8.0")
    >>> session = engine.session()
    >>> session.execute([b"RPUSH", b"k", b"a", b"b"])
    2
    >>> session.execute([b"OBJECT", b"ENCODING", b"k"])
    b'listpack'

Single-threaded and deterministic: the same profile, clock, seed and commands give the same memory, byte for byte.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random

from rinspect.engine import commands
from rinspect.engine.acl.users import Users
from rinspect.engine.allocator import Allocator
from rinspect.engine.commands.registry import Command, CommandTable
from rinspect.engine.commandstats import FAST
from rinspect.engine.config import Config
from rinspect.engine.events import Observer
from rinspect.engine.histograms import Histograms
from rinspect.engine.keyspace import Keyspace
from rinspect.engine.maxmemory import within_memory
from rinspect.engine.profile import Profile, profile_named
from rinspect.engine.replies import CommandError, Reply
from rinspect.engine.runtime import Clock, Runtime, wall_clock
from rinspect.engine.session import Session
from rinspect.engine.transactions import WatchedKeys

Guard = Callable[[Session, Command, Sequence[bytes]], Reply]
"""Looks at a command before it runs: None if it may, its answer if it is not to run; raises CommandError to refuse it."""
Witness = Callable[[Session, Command, Sequence[bytes]], None]
"""Is told of a command that has run, or has begun to wait."""
SlowListener = Callable[[Session, Command, Sequence[bytes], int], None]
"""Is told of a command that took long, and how long: microseconds."""


CODE_LIMIT = 31
"""An error whose code is longer is counted as ERR."""


class Engine:
    """A keyspace with the commands of one version.

    `profile` and `allocator` are names (see PROFILES, ALLOCATORS) or, for the profile, a Profile. `clock` gives microseconds
    since 1970, `rng` the chance for skiplist levels, hash seed, sampling.
    """

    def __init__(
        self,
        profile: str | Profile = "8.0",
        allocator: str = "jemalloc",
        clock: Clock = wall_clock,
        rng: Random | None = None,
    ) -> None:
        facts = profile if isinstance(profile, Profile) else profile_named(profile)
        self.runtime = Runtime(facts, Allocator(allocator), Config(facts), clock, rng or Random(0))
        self.keyspace = Keyspace(self.runtime)
        self.commands = CommandTable(facts)
        if facts.version >= (7, 0):
            self.keyspace.ledger.contributors["latency histograms"] = Histograms(self.commands, self.runtime).size
        self.watched_keys = WatchedKeys(self.keyspace)
        self.users = Users(facts, self.runtime.config)
        self.guards: list[Guard] = [within_memory]
        """Asked, in order, about each command that a guarded session, or engine, is to run."""
        self.rechecks: list[Guard] = []
        """Asked again about each command of a transaction when it is executed: what a session may do can have changed."""
        self.witnesses: list[Witness] = []
        """Told, in order, of each command that a guarded session, or engine, has run."""
        self.error_counts: dict[str, int] = {}
        """Error replies by their first word."""
        self.host: object = None
        """What it runs in, for commands that ask about that: the server."""
        self._command_observers: list[Observer] = []
        """Those of the observers that are to be told of every command."""
        self._slow_listeners: dict[SlowListener, int] = {}
        """Microseconds from which on each wants to know of a command."""
        self._sessions = 0
        self.runtime.config.on_change("maxmemory", self._heed_maxmemory)

    def heed_settings(self) -> None:
        """Act on settings that were not set by CONFIG SET: read from a file, or taken over."""
        self.runtime.heed_settings()
        self.users.heed_requirepass()
        self._heed_maxmemory()

    def _heed_maxmemory(self) -> None:
        limited = self.runtime.config.maxmemory > 0
        self.runtime.guard("maxmemory", on=limited)
        if limited:
            self.keyspace.evictor.on_running()

    @property
    def profile(self) -> Profile:
        return self.runtime.profile

    def session(self) -> Session:
        """A new session on database 0, speaking RESP2."""
        return Session(self, self.next_id())

    def next_id(self) -> int:
        """A number for a session, never given twice."""
        self._sessions += 1
        return self._sessions

    def observe(self, observer: Observer) -> None:
        """Have `observer` called with every event, until `unobserve`."""
        self._command_observers.append(observer)
        self.observe_keys(observer)
        self.runtime.guard("observers", on=True)

    def observe_keys(self, observer: Observer) -> None:
        """The same for who cares for keys only: that commands begin and end is told where somebody else has them looked at,
        and is no reason to."""
        self.runtime.observers.append(observer)

    def unobserve(self, observer: Observer) -> None:
        self.runtime.observers.remove(observer)
        if observer in self._command_observers:
            self._command_observers.remove(observer)
        self.runtime.guard("observers", on=bool(self._command_observers))

    def failed(self, error: CommandError) -> None:
        """Count an error reply."""
        code, blank, _ = error.message[:CODE_LIMIT].partition(" ")
        code = code if blank else "ERR"
        self.error_counts[code] = self.error_counts.get(code, 0) + 1

    def reset_stats(self) -> None:
        """Count everything from none again."""
        self.runtime.stats.reset()
        self.commands.clear_stats()
        self.error_counts.clear()

    def heed_slow(self, listener: SlowListener, threshold: int | None) -> None:
        """Have `listener` told of each command that takes so many microseconds or more; with None of none any more."""
        if threshold is None:
            self._slow_listeners.pop(listener, None)
        else:
            self._slow_listeners[listener] = threshold
        self.runtime.slow = min([FAST, *self._slow_listeners.values()])
        self.runtime.interrupted = True

    def was_slow(self, session: Session, command: Command, argv: Sequence[bytes], took: int) -> None:
        """A command took as long as somebody may want to know of."""
        for listener, threshold in tuple(self._slow_listeners.items()):
            if took >= threshold:
                listener(session, command, argv, took)

    def catch_up(self) -> None:
        """Do what had to wait until a command, or transaction, was over."""
        deferred = self.runtime.deferred
        while deferred:
            deferred.pop(0)()

    def cron(self) -> int:
        """What the server does beside commands: active expiry and rehashing of the key tables. How many keys and fields
        expired."""
        self.runtime.read_clock()
        gone = self.keyspace.expire_cycle.slow()
        for db in self.keyspace.databases:
            for table in (db.table, db.expires):
                table.shrink_if_needed()
                if self.runtime.config.activerehashing:
                    table.rehash_step(100)
        self.keyspace.ledger.all_moved()
        return gone


__all__ = ["Engine", "Session", "commands", "wall_clock"]
