"""A session: Redis's client, without a connection.

It has a number, a selected database, a protocol version, perhaps a transaction, and runs commands one after the other. A
client on a socket is a session with buffers (`rinspect.engine.networking`); used alone it is the engine's interface for
programs:

    >>> session.execute([b"INCR", b"visits"])
    1
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rinspect.engine.commands.blocking import WouldBlock
from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import Command, without_subcommand
from rinspect.engine.events import CommandEnded, CommandStarted
from rinspect.engine.replies import NO_REPLY, CommandError, Push, Reply, WrongNumber, quotable
from rinspect.engine.transactions import IMMEDIATE, Transaction, Watched, discard, queue

if TYPE_CHECKING:
    from rinspect.engine.acl.user import User
    from rinspect.engine.engine import Engine
    from rinspect.engine.propagation import Propagation


_NO_SCRIPTS, _NO_REPLICATION = "(there are no scripts here)", "(there is no replication here)"
_NOT_HERE = {
    **dict.fromkeys((b"EVAL", b"EVALSHA", b"SCRIPT"), _NO_SCRIPTS),
    **dict.fromkeys((b"SYNC", b"PSYNC", b"REPLCONF", b"FAILOVER"), _NO_REPLICATION),
}
"""What every version has of commands and we have not: who sends one is told why it is unknown."""
_NEWER_NOT_HERE = dict.fromkeys((b"EVAL_RO", b"EVALSHA_RO", b"FUNCTION", b"FCALL", b"FCALL_RO"), _NO_SCRIPTS)
"""What 7.0 and later ones have besides."""


class Session:
    """See the module."""

    __slots__ = (
        "_commands", "_guards", "_runtime", "call", "command", "engine", "guarded", "id",
        "spoiled_by_watch", "transaction", "user", "watched",
    )  # fmt: skip

    def __init__(self, engine: Engine, number: int) -> None:
        self.engine = engine
        self.id = number
        self.user: User | None = None
        """Whose rights it has; without one it may do everything."""
        self.call = Call(engine.keyspace, engine.commands, self)
        self.command: Command | None = None
        """The command that ran last, or is running."""
        self.guarded = False
        """Something is out of the ordinary: each command is looked at before it runs."""
        self._guards: set[str] = set()
        self.transaction: Transaction | None = None
        self.watched: list[Watched] = []
        self.spoiled_by_watch = False
        """A watched key was touched: EXEC will run nothing."""
        self._commands = engine.commands
        self._runtime = engine.runtime

    @property
    def subscribes(self) -> bool:
        """Whether messages of channels may come between its replies."""
        return False

    def execute(self, argv: Sequence[bytes]) -> Reply:
        """Run one command, now, and return its reply; a CommandError is returned, never raised."""
        self._runtime.read_clock()
        return self.process(argv)

    def process(self, argv: Sequence[bytes]) -> Reply:
        """Run one command, if it may run, at the moment that the runtime has; afterwards the runtime has the moment at which
        it ended."""
        try:
            command = self._identified(argv)
        except CommandError as error:
            return self.refuse(argv, error)
        self.command = command
        runtime = self._runtime
        reply = self.considered(command, argv) if self.guarded or runtime.guarded else self.perform(command, argv)
        if runtime.deferred:
            self.engine.catch_up()
        return reply

    def considered(self, command: Command, argv: Sequence[bytes]) -> Reply:
        """Run a command if nothing speaks against it, with everybody told who wants to know."""
        try:
            for guard in self.engine.guards:
                answer = guard(self, command, argv)
                if answer is not None:
                    return answer
        except CommandError as error:
            return self.refuse(argv, error)
        if self.transaction is not None and command.name not in IMMEDIATE:
            return queue(self, command, argv)
        runtime = self._runtime
        if not runtime.observers:
            return self.perform(command, argv)
        words = tuple(argv)
        runtime.emit(CommandStarted(self.id, words, runtime.ustime))
        reply = self.perform(command, argv)
        runtime.emit(CommandEnded(self.id, words, runtime.ustime, isinstance(reply, CommandError)))
        return reply

    def perform(self, command: Command, argv: Sequence[bytes]) -> Reply:
        """Run a command that may run, and hand on what it changes."""
        propagation = self._runtime.propagation
        if propagation is None:
            return self._run(command, argv)
        before = self.begin(propagation, command, argv)
        try:
            reply = self._run(command, argv)
            self.hand_on(propagation, command, argv, reply, before)
        finally:
            self.end(propagation, command)
        return reply

    def begin(self, propagation: Propagation, command: Command, argv: Sequence[bytes]) -> int:
        """A command begins of which is to be handed on what it changes: how many changes there were before."""
        propagation.begin(argv)
        return self.engine.keyspace.dirty if command.across else self.call.db.dirty

    def hand_on(
        self, propagation: Propagation, command: Command, argv: Sequence[bytes], reply: Reply, before: int
    ) -> None:
        """A command has run: put what it changed into the unit that is handed on when it ends, or its transaction does."""
        db = self.call.db
        changed = (self.engine.keyspace.dirty if command.across else db.dirty) != before
        if command.replicates if changed else command.replicates_always:
            put = command.declaration.propagated
            for words in (argv,) if put is None else put(self.call, argv, reply):
                propagation.add(db.number, words)

    def end(self, propagation: Propagation, command: Command) -> None:
        """A command that began has ended, however. To hand something on takes nobody's time."""
        if propagation.end(command.name):
            self._runtime.read_clock()

    def _run(self, command: Command, argv: Sequence[bytes]) -> Reply:
        """Run a command, and keep its time."""
        runtime = self._runtime
        began = runtime.ticked
        runtime.running = argv
        try:
            reply = self._handled(command, argv)
        except (WouldBlock, CommandError) as wish:
            reply = self._unanswered(command, argv, wish)
            if reply is NO_REPLY:
                runtime.took = 0
                self._tell(command, argv)
                return reply
        ended = runtime.ticks()
        took = (ended - began) // 1000
        runtime.go_on_at(ended)
        if 0 <= took < runtime.slow:
            command.fast[took] += 1
        else:
            self._took_long(command, argv, took)
        runtime.took = took
        self._tell(command, argv)
        return reply

    def _handled(self, command: Command, argv: Sequence[bytes]) -> Reply:
        if len(argv) == command.plain or command.raw:
            return command.handler(self.call, *argv[command.own_words :])
        words = argv if command.own_words == 1 else argv[1:]
        return command.handler(self.call, *command.grammar.bind(words))

    def do_again(self, argv: Sequence[bytes]) -> None:
        """Do a command that was handed on: nobody asks whether it may run, and nobody is told of it. CommandError; WouldBlock
        if it found nothing and would wait."""
        self._runtime.read_clock()
        self._runtime.running = argv
        self._handled(self._identified(argv), argv)
        if self._runtime.deferred:
            self.engine.catch_up()

    def _tell(self, command: Command, argv: Sequence[bytes]) -> None:
        for witness in self.engine.witnesses:
            witness(self, command, argv)

    def _took_long(self, command: Command, argv: Sequence[bytes], took: int) -> None:
        command.stats.add(took)
        self.engine.was_slow(self, command, argv, took)

    def _unanswered(self, command: Command, argv: Sequence[bytes], wish: WouldBlock | CommandError) -> Reply:
        """The reply of a command that raised it: an error, or that there is nothing, unless it waits (NO_REPLY). One that
        waits has not run yet: it is counted when it need not wait any more."""
        if isinstance(wish, WouldBlock):
            return self.wait(command, argv, wish)
        command.stats.failed += 1
        reply = self._worded(argv, wish)
        self.engine.failed(reply)
        return reply

    def wait(self, command: Command, argv: Sequence[bytes], wish: WouldBlock) -> Reply:
        """A command found nothing and would wait for it. Here nobody can: it answers that there is nothing."""
        return wish.nothing

    @property
    def woken(self) -> bool:
        """Whether the command that runs is the one it waited with."""
        return False

    @property
    def is_local(self) -> bool:
        """Whether who sends the commands is on this machine."""
        return True

    @property
    def trusted(self) -> bool:
        """Whether who sends the commands has the process in their hands anyway."""
        return True

    def keeps_up(self, size: int) -> bool:
        """Whether who sends the commands may still get a reply that is so many bytes long already."""
        return True

    def defer_length(self) -> None:
        """The reply that is being made says how long it is only when that is known (KEYS, SINTER …): not for a buffer."""

    def push(self, message: Push) -> None:
        """A message for who sends the commands, which is no reply. Here nobody waits for any."""

    def guard(self, reason: str, *, on: bool) -> None:
        """Have each of its commands looked at before it runs, as long as there is a reason to."""
        (self._guards.add if on else self._guards.discard)(reason)
        self.guarded = bool(self._guards)
        self._runtime.interrupted = True

    def refuse(self, argv: Sequence[bytes], error: CommandError) -> CommandError:
        """The reply to a command that was not run. It spoils a transaction; EXEC itself ends it."""
        reply = self._worded(argv, error)
        if self.transaction is not None:
            self.transaction.spoiled = True
            if argv[0].upper() == b"EXEC":
                discard(self)
                reply = CommandError(
                    f"EXECABORT Transaction discarded because of: {reply.message.removeprefix('ERR ')}"
                )
        self._count_refusal(argv)
        self.engine.failed(reply)
        return reply

    def _count_refusal(self, argv: Sequence[bytes]) -> None:
        command = self._commands.get(argv[0].upper())
        if command is None:
            return
        if command.subcommands and len(argv) > 1:
            sub = command.subcommands.get(argv[1].upper())
            if sub is None and self.engine.profile.version >= (7, 0):
                return
            command = sub or command
        command.stats.rejected += 1

    # -- which command ----------------------------------------------------------------------------------------------------

    def _identified(self, argv: Sequence[bytes]) -> Command:
        """The command or subcommand that the first words name; CommandError if none, or with a wrong number of arguments."""
        command = self._commands.get(argv[0].upper())
        if command is None or command.subcommands:
            return self._find(command, argv)
        if not command.fits(len(argv)):
            raise WrongNumber
        return command

    def _find(self, command: Command | None, argv: Sequence[bytes]) -> Command:
        old = self.engine.profile.version < (7, 0)
        if command is None:
            name = quotable(argv[0], 128)
            shown = ""
            for word in argv[1:]:
                if len(shown) >= 128:
                    break
                text = quotable(word, 128 - len(shown))
                shown += f"`{text}`, " if old else f"'{text}' "
            quoted = f"`{name}`" if old else f"'{name}'"
            missing = (_NOT_HERE if old else _NOT_HERE | _NEWER_NOT_HERE).get(argv[0].upper(), "")
            raise CommandError(f"ERR unknown command {quoted}, with args beginning with: {shown}{missing}")
        if len(argv) == 1 and command.arity == -1:
            return command
        if len(argv) < 2:
            raise WrongNumber
        sub = command.subcommands.get(argv[1].upper())
        if sub is not None and sub.fits(len(argv)):
            return sub
        if old:
            return without_subcommand(command)
        if sub is not None:
            raise WrongNumber
        raise CommandError(f"ERR unknown subcommand '{quotable(argv[1], 128)}'. Try {command.name} HELP.")

    def _worded(self, argv: Sequence[bytes], error: CommandError) -> CommandError:
        """The error as the server words it: a wrong number of arguments is told with the command's name."""
        if not isinstance(error, WrongNumber):
            return error
        command = self._commands[argv[0].upper()]
        if command.subcommands and len(argv) > 1:
            if self.engine.profile.version < (7, 0):
                word = quotable(argv[1], 128)
                message = f"ERR Unknown subcommand or wrong number of arguments for '{word}'. Try {command.name} HELP."
                return CommandError(message)
            command = command.subcommands[argv[1].upper()]
        return CommandError(f"ERR wrong number of arguments for '{command.name.lower()}' command")
