"""Commands are declared once, next to their handlers; everything else about them is read from that record.

    @command("LINSERT", "key where=<BEFORE|AFTER> pivot element", since="2.2.0", flags="write denyoom",
             complexity="O(N) …", summary="Inserts an element before or after another element in a list.",
             access="RW insert")
    def linsert(call: Call, key: bytes, where: str, pivot: bytes, element: bytes) -> Reply: …

Dispatch, arity, COMMAND, ACL categories, key positions, completion, hints and help are views of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from rinspect.engine.commandstats import CommandStats
from rinspect.engine.grammar import Grammar
from rinspect.engine.notation import for_version, parse
from rinspect.engine.profile import Profile
from rinspect.engine.replies import Reply, WrongNumber

if TYPE_CHECKING:
    from rinspect.engine.commands.call import Call
    from rinspect.engine.commands.keyspecs import KeySpec

Handler = Callable[..., Reply]
Propagated = Callable[["Call", Sequence[bytes], Reply], Iterable[Sequence[bytes]]]
MANY = 5
"""From this many words on a request is one of many words."""


class Declaration(NamedTuple):
    """What is said of a command.

    `name` is in capitals, a subcommand's `OBJECT|ENCODING`. `since` is when the command came (`"2.2.0"`). `flags` are the
    words of COMMAND INFO, `tips` its tips. `access` tells for the keys what the command does with them, in the words of its key
    specification (`RO access`, `RW update`, `OW insert`); the categories of ACL follow from flags and group, but for
    those in `acl`. `errors` gives the server's own words for an argument that does not fit: the argument's name to
    the message; `count>` when there are fewer arguments than the one called `count` says; `*` for a word that fits
    nowhere, which the message may name as `{}`. A `raw` handler gets all words as they are, for the server looks at
    the key before it looks at options, or because nothing is to be converted; the grammar then only documents them.
    `propagated` says how it is put when it is handed on, None for as it was sent: see `commands.propagating`.
    """

    name: str
    notation: str
    """The arguments, in the notation of `rinspect.engine.grammar`."""
    handler: Handler
    group: str
    since: str
    flags: frozenset[str]
    complexity: str
    summary: str
    access: str
    acl: frozenset[str]
    errors: dict[str, str]
    until: tuple[int, int] | None
    arity: int | None
    raw: bool = False
    tips: tuple[str, ...] = ()
    propagated: Propagated | None = None

    @property
    def version(self) -> tuple[int, int]:
        major, minor, *_ = self.since.split(".")
        return int(major), int(minor)


ACROSS = frozenset({"COPY", "SWAPDB", "FLUSHALL"})
"""What may change another database than the selected one, and not that."""
ALWAYS = frozenset({"FLUSHALL", "FLUSHDB"})
"""What is handed on though there was nothing to change, from 7.0 on: replicas may have more."""
DECLARATIONS: list[Declaration] = []


def command(
    name: str,
    grammar: str = "",
    *,
    group: str,
    since: str,
    flags: str = "",
    complexity: str = "O(1)",
    summary: str = "",
    access: str = "",
    acl: str = "",
    errors: dict[str, str] | None = None,
    until: tuple[int, int] | None = None,
    arity: int | None = None,
    raw: bool = False,
    tips: str = "",
    propagated: Propagated | None = None,
) -> Callable[[Handler], Handler]:
    """Declare the decorated function as the handler of a command.

    `until` is the first version that no longer has the command in this form: two declarations may share a name. `arity`
    is for the few commands whose number in COMMAND is not what their grammar says.
    """

    def declare(handler: Handler) -> Handler:
        words = frozenset(flags.split())
        DECLARATIONS.append(
            Declaration(
                name,
                grammar,
                handler,
                group,
                since,
                words,
                complexity,
                summary,
                access,
                frozenset(acl.split()),
                errors or {},
                until,
                arity,
                raw,
                tuple(tips.split()),
                propagated,
            )
        )
        return handler

    return declare


@dataclass(slots=True)
class Command:
    """A command as one profile has it: declaration and compiled grammar."""

    declaration: Declaration
    grammar: Grammar
    handler: Handler
    required: int
    """Arguments at the least, the command's own words included."""
    exact: bool
    plain: int
    """With exactly this many words all arguments go to the handler as they are; -1 for never."""
    raw: bool = False
    """The handler takes any number of words, from `required` on, as they are."""
    own_words: int = 1
    """How many words name it: 2 for a subcommand."""
    subcommands: dict[bytes, Command] = field(default_factory=dict)
    key_specs: list[KeySpec] | None = None
    """Kept by `keyspecs`, which makes them when they are first asked for."""
    stats: CommandStats = field(default_factory=CommandStats)
    fast: list[int] = field(init=False)
    """Its counts of durations, which each call touches."""

    replicates: bool = field(init=False)
    """What it changes is handed on. What is changed for debugging is not."""
    replicates_always: bool = False
    """It is handed on though it changed nothing."""
    across: bool = field(init=False)
    """As `ACROSS` says."""

    def __post_init__(self) -> None:
        self.fast = self.stats.fast
        self.replicates = not self.declaration.flags.isdisjoint(("write", "may_replicate"))
        self.across = self.declaration.name in ACROSS

    @property
    def name(self) -> str:
        return self.declaration.name

    @property
    def arity(self) -> int:
        """As COMMAND INFO gives it: negative for "at least"."""
        if self.declaration.arity is not None:
            return self.declaration.arity
        return self.required if self.exact else -self.required

    def fits(self, count: int) -> bool:
        """Whether a request of so many words may be one of it."""
        return count == self.required or (count > self.required and not self.exact) or count == self.plain

    @property
    def is_container(self) -> bool:
        return bool(self.subcommands)


def no_subcommand(call: Call) -> Reply:
    """Stands in as the handler of a container, which has only subcommands."""
    raise AssertionError("a container is never called itself")


def without_subcommand(container: Command) -> Command:
    """A container as 6.2 runs it when none of its subcommands takes the words: only then it finds out, if it looks."""
    return container if container.raw else replace(container, handler=_not_understood, raw=True)


def _not_understood(call: Call, *words: bytes) -> Reply:
    raise WrongNumber


class CommandTable(Mapping[bytes, Command]):
    """All commands that a version has, by name in capitals; subcommands hang on their containers.

    A grammar is compiled when its command is first asked for: most programs never use most commands.
    """

    def __init__(self, profile: Profile) -> None:
        self._version = profile.version
        self._declared: dict[bytes, list[Declaration]] = {}
        for declaration in DECLARATIONS:
            until = declaration.until
            if declaration.version <= profile.version and (until is None or profile.version < until):
                name = declaration.name.partition("|")[0].encode()
                self._declared.setdefault(name, []).append(declaration)
        self.compiled: dict[bytes, Command] = {}
        """Those that were asked for so far."""
        self.short: list[dict[bytes, Command]] = [{} for _ in range(MANY + 1)]
        """Of these, by number of words (MANY and more in one), those whose handlers take so many as they are: by name in
        capitals, and in small letters. The first question of whoever runs commands quickly."""
        self.bound: dict[bytes, Command] = {}
        """Those whose words their grammar takes apart, likewise. The second question."""

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._declared)

    def __len__(self) -> int:
        return len(self._declared)

    def __getitem__(self, name: bytes) -> Command:
        command = self.compiled.get(name)
        if command is None:
            command = self.compiled[name] = self._compile(self._declared[name])
            self._shorten(name, command)
        return command

    def _shorten(self, name: bytes, command: Command) -> None:
        for words, table in enumerate(self.short):
            if command.raw and not command.exact:
                takes = command.required <= words
            else:
                takes = words < MANY and words == (command.required if command.raw else command.plain)
            if takes:
                table[name] = table[name.lower()] = command
        if not (command.raw or command.subcommands):
            self.bound[name] = self.bound[name.lower()] = command

    def rename(self, old: bytes, new: bytes) -> None:
        """Have a command answer to another name only, or, if that is empty, to none. Both in capitals."""
        declared = self._declared.pop(old)
        self.compiled.pop(old, None)
        for table in (*self.short, self.bound):
            table.pop(old, None)
            table.pop(old.lower(), None)
        if new:
            self._declared[new] = declared

    def used(self) -> Iterator[Command]:
        """The commands and subcommands that somebody has called, or tried to."""
        for command in tuple(self.compiled.values()):
            for one in (command, *command.subcommands.values()):
                if one.stats.rejected or one.stats.failed or one.stats.calls:
                    yield one

    @property
    def histograms(self) -> int:
        """How many of them have a histogram of durations."""
        commands = (one for command in self.compiled.values() for one in (command, *command.subcommands.values()))
        return sum(one.stats.has_histogram for one in commands)

    @property
    def processed(self) -> int:
        """How many commands have run since the start, or since their statistics were cleared."""
        return sum(command.stats.calls for command in self.used())

    def clear_stats(self) -> None:
        for command in self.used():
            command.stats.clear()

    def _compile(self, declarations: list[Declaration]) -> Command:
        """The command that these declare: itself, its subcommands, or both."""
        own = next((self._one(declaration) for declaration in declarations if "|" not in declaration.name), None)
        command = own or _container(declarations)
        for declaration in declarations:
            sub = declaration.name.partition("|")[2]
            if sub:
                command.subcommands[sub.encode()] = self._one(declaration)
        return command

    def _one(self, declaration: Declaration) -> Command:
        grammar = Grammar(for_version(parse(declaration.notation), self._version), declaration.errors)
        words = 2 if "|" in declaration.name else 1
        return Command(
            declaration,
            grammar,
            declaration.handler,
            grammar.minimum + words,
            grammar.exact,
            grammar.plain + words if grammar.plain >= 0 else -1,
            declaration.raw,
            words,
            replicates_always=declaration.name in ALWAYS and self._version >= (7, 0),
        )


def named(commands: Mapping[bytes, Command], argv: Sequence[bytes]) -> Command | None:
    """The command, or the container's subcommand, that words begin with; None for what is none."""
    command = commands.get(argv[0].upper()) if argv else None
    if command is not None and command.subcommands and len(argv) > 1:
        command = command.subcommands.get(argv[1].upper(), command)
    return command


def complexity_of(commands: Mapping[bytes, Command], argv: Sequence[bytes]) -> str:
    """What is documented of a command's complexity; empty for what is none."""
    command = named(commands, argv)
    return "" if command is None else command.declaration.complexity


_ABOUT = {
    "ACL": "Access List Control", "CLIENT": "client connection", "CLUSTER": "Redis Cluster", "CONFIG": "server configuration",
    "FUNCTION": "function", "LATENCY": "latency diagnostics",
    "MEMORY": "memory diagnostics", "OBJECT": "object introspection", "PUBSUB": "Pub/Sub", "SLOWLOG": "slow log",
    "XGROUP": "consumer groups", "XINFO": "stream introspection",
}  # fmt: skip
"""What the subcommands of a container are about."""


def _release(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _container(declarations: list[Declaration]) -> Command:
    """What stands for a command that has nothing but subcommands: these."""
    first = declarations[0]
    name = first.name.partition("|")[0]
    declaration = first._replace(
        name=name,
        since=min((one.since for one in declarations), key=_release),
        notation="",
        handler=no_subcommand,
        flags=frozenset(),
        complexity="Depends on subcommand.",
        summary=f"A container for {_ABOUT[name]} commands.",
        access="",
        acl=frozenset(),
        errors={},
        until=None,
        arity=-2,
        raw=False,
        tips=(),
        propagated=None,
    )
    return Command(declaration, Grammar(()), no_subcommand, 2, False, -1)
