"""Where a command's keys stand, as COMMAND INFO tells it: three numbers, and since 7.0 key specifications.

Both are read off the grammar.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rinspect.engine.commands.registry import Command
from rinspect.engine.notation import Arg, Version
from rinspect.engine.numbers import parse_int


@dataclass(frozen=True, slots=True)
class KeySpec:
    """One group of keys.

    It begins at word `index`, or behind `keyword`, wherever that stands from there on (backwards from a negative one).
    `last` and `step` are as in the old triple; where a number says how many keys follow, `keynum` is True. `unknown` is what
    an option names, or the elements of the sorted value. Of what follows, the keys are the first half if they are `halved`.
    """

    flags: tuple[str, ...]
    index: int
    last: int
    step: int
    keynum: bool = False
    unknown: bool = False
    keyword: str = ""
    halved: bool = False


def key_specs(command: Command) -> list[KeySpec]:
    """The key specifications of a command, in the grammar's order."""
    if command.key_specs is None:
        command.key_specs = _made(command)
    return command.key_specs


def _made(command: Command) -> list[KeySpec]:
    access = [tuple(part.split()) for part in command.declaration.access.split(";")] or [()]
    specs: list[KeySpec] = []
    at = command.required - command.grammar.minimum
    args = command.grammar.args
    for place, arg in enumerate(args):
        flags = access[min(len(specs), len(access) - 1)]
        if arg.kind == "key" and arg.optional and arg.token and arg.multiple:
            specs.append(KeySpec(flags, -2, -1, 1, keyword=arg.token))
        elif arg.kind == "key" and arg.optional and not arg.multiple:
            specs.append(KeySpec(flags, 0, 0, 1, unknown=True))
        elif arg.name == "by-pattern":
            specs.append(KeySpec(access[0], 0, 0, 1, unknown=True))
        elif arg.kind == "key" and arg.counted_by:
            specs.append(KeySpec(flags, at - 1, 0, 1, keynum=True))
        elif arg.kind == "key" and arg.multiple and place and args[place - 1].kind == "token":
            specs.append(KeySpec(flags, at - 1, -1, 1, keyword=args[place - 1].token, halved=True))
        elif arg.kind == "key" and arg.multiple:
            specs.append(KeySpec(flags, at, -1 - _width(args[place + 1 :]), 1))
        elif arg.kind == "key":
            if not (specs and _adjacent(specs[-1], at) and len(access) == 1):
                specs.append(KeySpec(flags, at, 0, 1))
            else:
                before = specs.pop()
                specs.append(KeySpec(before.flags, before.index, at - before.index, 1))
        elif arg.kind == "block" and arg.multiple and arg.parts[0].kind == "key":
            specs.append(KeySpec(flags, at, -1, len(arg.parts)))
        elif arg.kind == "choice" and not arg.optional and arg.parts[0].kind == "key":
            specs.append(KeySpec(flags, at, 0, 1))
        elif arg.kind == "choice" and arg.optional:
            specs += [KeySpec(flags, at, 0, 1, keyword=part.token) for part in arg.parts if part.kind == "key"]
        if not arg.optional:
            at += arg.width
    return specs


def _adjacent(spec: KeySpec, at: int) -> bool:
    return not spec.keynum and not spec.unknown and spec.last >= 0 and spec.index + spec.last + 1 == at


def _width(args: tuple[Arg, ...]) -> int:
    return sum(arg.width for arg in args if not arg.optional)


def key_triple(command: Command) -> tuple[int, int, int]:
    """First key, last key (negative: from the end) and step; zeros where the numbers cannot say it."""
    specs = [spec for spec in key_specs(command) if not (spec.keynum or spec.unknown or spec.keyword)]
    if not specs:
        return 0, 0, 0
    first = specs[0]
    last = first.last if first.last < 0 else first.index + first.last
    for spec in specs[1:]:
        last = spec.last if spec.last < 0 else spec.index + spec.last
    return first.index, last, first.step


_TAKE_WORDS = {b"LIMIT": 2, b"GET": 1, b"BY": 1, b"STORE": 1}
"""Words that follow an option of SORT."""


CONTAINERS_WITH_KEYS = ("OBJECT", "XGROUP", "XINFO")
"""Those of which 6.2, which calls containers, takes the third word for a key, whatever the subcommand."""

Uses = list[tuple[int, tuple[str, ...]]]
"""Where keys stand in a command, and what it does with each."""


def key_uses(command: Command, argv: list[bytes], version: Version) -> Uses | None:
    """Where in a whole command its keys stand, as a version finds them; None if there are not as many words as keys are said
    to be.

    What comes behind the keys is not looked at. Before 7.0 counted keys come before the one they are stored in, and keys of
    which there may be none may be left out (PFMERGE's sources; later that is an error here, though not to the command). From
    then on and before 8.0 a keyword is the first word that reads like it, though it may as well be a group of that name.
    """
    if command.name == "MIGRATE":
        return _of_migrate(argv)
    if command.name in CONTAINERS_WITH_KEYS:
        return [(2, ())] if len(argv) > 2 else []
    uses: Uses = []
    before_7 = version < (7, 0)
    for spec in key_specs(command):
        places: list[int] = []
        if spec.keynum:
            count = parse_int(argv[spec.index])
            if count is None or not 1 <= count < len(argv) - spec.index:
                return None
            places = list(range(spec.index + 1, spec.index + 1 + count))
        elif spec.keyword:
            places = _behind(spec, argv) if (7, 0) <= version < (8, 0) else []
            if spec.halved:
                places = places or _streams_read(argv)
                if not places:
                    return None
        elif not spec.unknown:
            end = len(argv) + spec.last if spec.last < 0 else spec.index + spec.last
            places = list(range(spec.index, end + 1, spec.step))
            if not places and not before_7:
                return None
        flags = tuple(flag for flag in _actual_flags(command, spec.flags, argv) if flag != INCOMPLETE)
        here = [(place, flags) for place in places]
        uses = here + uses if spec.keynum and before_7 else uses + here
    if command.name == "SORT":
        uses += [(place, ("OW", "update")) for place in _stored_at(argv)]
    elif command.name in ("GEORADIUS", "GEORADIUSBYMEMBER") and not (7, 0) <= version < (8, 0):
        start = 6 if command.name == "GEORADIUS" and not before_7 else 5
        uses += [(place, ("OW", "update")) for place in _last_store(argv, start)]
    return uses


def _behind(spec: KeySpec, argv: Sequence[bytes]) -> list[int]:
    """The places of the keys behind the first of a keyword, which the last word is not taken for."""
    words = (place for place in range(spec.index, len(argv) - 1) if argv[place].upper() == spec.keyword.encode())
    at = next(words, None)
    if at is None:
        return []
    return list(range(at + 1, at + 1 + ((len(argv) - at - 1) // 2 if spec.halved else 1)))


READ_OPTIONS = {b"BLOCK": 1, b"COUNT": 1, b"GROUP": 2, b"NOACK": 0}
"""How many words follow an option of XREAD or XREADGROUP."""


def _streams_read(argv: Sequence[bytes]) -> list[int]:
    """The keys of XREAD, found by reading its options."""
    at = 1
    while at < len(argv) and (skipped := READ_OPTIONS.get(argv[at].upper())) is not None:
        at += 1 + skipped
    left = len(argv) - at - 1
    if at >= len(argv) or argv[at].upper() != b"STREAMS" or left % 2:
        return []
    return list(range(at + 1, at + 1 + left // 2))


def _last_store(argv: list[bytes], at: int) -> list[int]:
    """The place behind GEORADIUS's last STORE or STOREDIST, from word `at` on."""
    found: list[int] = []
    while at < len(argv) - 1:
        if argv[at].upper() in (b"STORE", b"STOREDIST"):
            found = [at + 1]
            at += 1
        at += 1
    return found


def sort_options(argv: Sequence[bytes]) -> Iterator[tuple[bytes, int]]:
    """The options of SORT in capitals, each with the place of what is behind it, if there is anything."""
    at = 2
    while at < len(argv):
        option = argv[at].upper()
        at += 1
        if at < len(argv):
            yield option, at
        at += _TAKE_WORDS.get(option, 0)


def _stored_at(argv: Sequence[bytes]) -> list[int]:
    """The place behind SORT's last STORE."""
    return [place for option, place in sort_options(argv) if option == b"STORE"][-1:]


INCOMPLETE = "incomplete"
"""Said of a specification that may not find all keys, not of what is done with them."""

MIGRATE_OPTIONS = {b"COPY": 0, b"REPLACE": 0, b"AUTH": 1, b"AUTH2": 2}
"""How many words follow an option of MIGRATE; behind KEYS come all that are left."""


def _of_migrate(argv: list[bytes]) -> Uses | None:
    """The keys behind KEYS, or the one in its place; None where there are both."""
    places = range(3, 4)
    at = 6
    while at < len(argv):
        option = argv[at].upper()
        if option == b"KEYS":
            if argv[3]:
                return None
            places = range(at + 1, len(argv))
            break
        at += 1 + MIGRATE_OPTIONS.get(option, 0)
    return [(place, ("RW", "access", "delete")) for place in places] or None


NOT_A_KEY = "not_key"
"""What stands in a key's place, for a cluster to find its node, and is none."""


def _actual_flags(command: Command, flags: tuple[str, ...], argv: list[bytes]) -> tuple[str, ...]:
    """What a command does with a key where that depends on its other words: SET with GET, BITFIELD that only reads."""
    if "variable_flags" not in flags:
        return flags
    if command.name == "SET":
        options = {word.upper() for word in argv[3:]}
        return ("RW", "access", "update") if b"GET" in options else ("OW", "update")
    words = {word.upper() for word in argv[2:]}
    return ("RW", "access", "update") if words & {b"SET", b"INCRBY"} else ("RO", "access")
