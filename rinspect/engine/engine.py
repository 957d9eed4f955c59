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

import time
from collections.abc import Sequence
from random import Random

from rinspect.engine import commands
from rinspect.engine.allocator import Allocator
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import Command, CommandTable
from rinspect.engine.config import Config
from rinspect.engine.events import CommandEnded, CommandStarted, Observer
from rinspect.engine.keyspace import Keyspace
from rinspect.engine.profile import Profile, profile_named
from rinspect.engine.replies import CommandError, Reply, WrongNumber, quotable
from rinspect.engine.runtime import Clock, Runtime


def wall_clock() -> int:
    """Microseconds since 1970."""
    return time.time_ns() // 1000  # noqa: TID251 (the one place: the default of what is injected)


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
        self._sessions = 0

    @property
    def profile(self) -> Profile:
        return self.runtime.profile

    def session(self) -> Session:
        """A new session on database 0, speaking RESP2."""
        self._sessions += 1
        return Session(self, self._sessions)

    def observe(self, observer: Observer) -> None:
        """Have `observer` called with every event, until `unobserve`."""
        self.runtime.observers.append(observer)

    def unobserve(self, observer: Observer) -> None:
        self.runtime.observers.remove(observer)

    def cron(self) -> int:
        """What the server does beside commands: active expiry and rehashing of the key tables. Returns keys expired."""
        self.runtime.now = self.runtime.clock() // 1000
        gone = 0
        for db in self.keyspace.databases:
            gone += db.expire_cycle()
            db.expire_fields()
            for table in (db.table, db.expires):
                table.shrink_if_needed()
                if self.runtime.config.activerehashing:
                    table.rehash_step(100)
        return gone


class Session:
    """A client of the engine: the selected database, the protocol version."""

    __slots__ = ("_commands", "_compiled", "_runtime", "call", "engine", "number")

    def __init__(self, engine: Engine, number: int) -> None:
        self.engine = engine
        self.number = number
        self.call = Call(engine.keyspace, engine.commands)
        self._commands = engine.commands
        self._compiled = engine.commands.compiled
        self._runtime = engine.runtime

    def execute(self, argv: Sequence[bytes]) -> Reply:
        """Run one command and return its reply; a CommandError is returned, never raised."""
        runtime = self._runtime
        clock = runtime.clock()
        runtime.now = clock // 1000
        if runtime.observers:
            return self._observed(argv, clock)
        return self._run(argv)

    def _run(self, argv: Sequence[bytes]) -> Reply:
        try:
            command = self._compiled.get(argv[0]) or self._commands.get(argv[0].upper())
            count = len(argv)
            if command is None or command.subcommands:
                command = self._find(argv)
            if count == command.plain:
                return command.handler(self.call, *argv[command.own_words :])
            if count < command.required or (command.exact and count != command.required):
                raise WrongNumber
            if command.raw:
                return command.handler(self.call, *argv[command.own_words :])
            words = argv if command.own_words == 1 else argv[1:]
            return command.handler(self.call, *command.grammar.bind(words))  # type: ignore[arg-type]
        except WrongNumber:
            return self._wrong_number(argv)
        except CommandError as error:
            return error

    def _observed(self, argv: Sequence[bytes], at: int) -> Reply:
        runtime, words = self._runtime, tuple(argv)
        runtime.emit(CommandStarted(self.number, words, at))
        reply = self._run(argv)
        runtime.emit(CommandEnded(self.number, words, runtime.clock(), isinstance(reply, CommandError)))
        return reply

    def _find(self, argv: Sequence[bytes]) -> Command:
        """The command or subcommand that the first words name; CommandError, in the server's words, if none."""
        old = self.engine.profile.version < (7, 0)
        command = self._commands.get(argv[0].upper())
        if command is None:
            name = quotable(argv[0], 128)
            shown = ""
            for word in argv[1:]:
                if len(shown) >= 128:
                    break
                text = quotable(word, 128 - len(shown))
                shown += f"`{text}`, " if old else f"'{text}' "
            quoted = f"`{name}`" if old else f"'{name}'"
            raise CommandError(f"ERR unknown command {quoted}, with args beginning with: {shown}")
        if not command.subcommands or (len(argv) == 1 and command.arity == -1):
            return command
        if len(argv) < 2:
            raise WrongNumber
        sub = command.subcommands.get(argv[1].upper())
        if sub is not None:
            return sub
        name = quotable(argv[1], 128)
        if old:
            message = f"ERR Unknown subcommand or wrong number of arguments for '{name}'. Try {command.name} HELP."
        else:
            message = f"ERR unknown subcommand '{name}'. Try {command.name} HELP."
        raise CommandError(message)

    def _wrong_number(self, argv: Sequence[bytes]) -> CommandError:
        """The error for a command, or subcommand, that exists and has too many or too few words."""
        command = self._commands[argv[0].upper()]
        sub = command.subcommands.get(argv[1].upper()) if len(argv) > 1 else None
        if sub is None:
            return CommandError(f"ERR wrong number of arguments for '{command.name.lower()}' command")
        if self.engine.profile.version < (7, 0):
            word = quotable(argv[1], 128)
            message = f"ERR Unknown subcommand or wrong number of arguments for '{word}'. Try {command.name} HELP."
            return CommandError(message)
        return CommandError(f"ERR wrong number of arguments for '{sub.name.lower()}' command")


__all__ = ["Engine", "Session", "commands", "wall_clock"]
