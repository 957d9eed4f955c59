"""The grammar of a command's arguments, compiled from its notation: it is what takes a request's words apart.

COMMAND DOCS, completion and hints are read from the same tree. What a handler gets, in the grammar's order: bytes, int or
float for a positional; a list for what may come several times (tuples for groups); for an option None when it is absent,
True for a bare token, its value, or a tuple of its values; for a choice the token as str, or `(token, value)` where the
choice carries values. `count` arguments are not passed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from rinspect.engine.notation import Arg
from rinspect.engine.numbers import parse_double, parse_int
from rinspect.engine.replies import NOT_A_FLOAT, NOT_AN_INTEGER, SYNTAX, CommandError, quotable

UNCONVERTED = ("key", "string", "pattern", "number", "unix-time", "decimal")
"""Types whose words reach the handler as they are."""


def _parse_natural(word: bytes) -> int | None:
    number = parse_int(word)
    return None if number is None or number < 0 else number


CONVERTED: dict[str, Callable[[bytes], float | None]] = {
    "int": parse_int,
    "natural": _parse_natural,
    "double": parse_double,
}
"""Types whose words reach it as numbers, and what reads them: None for what is none."""


class Grammar:
    """A command's arguments, as one version of the server takes them."""

    def __init__(self, args: tuple[Arg, ...], errors: dict[str, str] | None = None) -> None:
        self.documented = args
        """The arguments as COMMAND DOCS tells them."""
        self.args = args = tuple(_opened(args))
        self._errors = errors or {}
        self.minimum = sum(arg.width for arg in args if not arg.optional)
        self.exact = not any(arg.optional or arg.multiple or arg.counted_by or _varies(arg) for arg in args)
        """Whether the number of arguments is always `minimum`."""
        lead = 0
        while lead < len(args) and args[lead].kind in (*UNCONVERTED, *CONVERTED) and _is_single(args[lead]):
            lead += 1
        self._lead = lead if all(arg.optional for arg in args[lead:]) else -1
        """With exactly this many arguments there are no options: each word is a positional's."""
        self._converted = [
            (at, CONVERTED[arg.kind], arg) for at, arg in enumerate(args[:lead]) if arg.kind in CONVERTED
        ]
        self._absent = args[lead:]
        self.plain = -1 if self._converted else self._lead
        """With exactly this many arguments all are unconverted positionals: argv can go to the handler as it is."""
        self._runs = list(_runs(args))

    def usage(self) -> str:
        return " ".join(arg.usage() for arg in self.args)

    def bind(self, argv: Sequence[bytes]) -> list[object]:
        """The handler's arguments from a whole command; CommandError where they do not fit the grammar.

        The caller has checked the number of arguments (`minimum`, `exact`).
        """
        if len(argv) - 1 == self._lead:
            words: list[object] = [*argv[1:]]
            for place, read, arg in self._converted:
                word = argv[place + 1]
                number = read(word)
                words[place] = self._convert(arg, word) if number is None else number
            if self._absent:
                words += [[] if option.gathered else None for option in self._absent]
            return words
        values: list[object] = []
        counts: dict[str, int] = {}
        at, left = 1, self.minimum
        for run in self._runs:
            if isinstance(run, _Options):
                at = self._bind_options(run, argv, at, values, counts)
                continue
            left -= run.width
            at = self._bind_positional(run, argv, at, left, values, counts)
        if at != len(argv):
            raise CommandError(self._errors.get("*", SYNTAX).replace("{}", quotable(argv[at])))
        return values

    def _bind_positional(
        self, arg: Arg, argv: Sequence[bytes], at: int, left: int, values: list[object], counts: dict[str, int]
    ) -> int:
        if arg.token and arg.kind != "token":
            if at >= len(argv) or argv[at].upper() != arg.token.encode():
                raise CommandError(self._errors.get(arg.token, SYNTAX))
            at += 1
        if arg.counted_by:
            number = counts[arg.counted_by] * arg.width
            if number > len(argv) - at:
                raise CommandError(self._errors.get(arg.counted_by + ">", SYNTAX))
            values.append(self._groups(arg, argv[at : at + number]))
            return at + number
        if arg.multiple:
            end = len(argv) - left
            values.append(self._groups(arg, argv[at:end]))
            return end
        if arg.kind == "choice":
            picked = self._pick(arg, argv, at)
            if picked is None:
                raise CommandError(self._errors.get(arg.name, SYNTAX))
            value, at = picked
            values.append(value)
            return at
        if at >= len(argv):
            raise CommandError(SYNTAX)
        if arg.kind == "token":
            if argv[at].upper() != arg.token.encode():
                raise CommandError(self._errors.get(arg.token, SYNTAX))
            return at + 1
        if arg.kind == "count":
            counts[arg.name] = self._count(arg, argv[at])
        else:
            values.append(self._convert(arg, argv[at]))
        return at + 1

    def _groups(self, arg: Arg, words: Sequence[bytes]) -> list[object]:
        if arg.kind != "block":
            return [self._convert(arg, word) for word in words] if arg.kind in ("int", "double") else list(words)
        width = len(arg.parts)
        if len(words) % width:
            raise CommandError(self._errors.get(arg.name, SYNTAX))
        columns: list[list[object]] = []
        for column, part in enumerate(arg.parts):
            cells = words[column::width]
            columns.append(
                [self._convert(part, cell) for cell in cells] if part.kind in ("int", "double") else list(cells)
            )
        return list(zip(*columns, strict=True))

    def _bind_options(
        self, run: _Options, argv: Sequence[bytes], at: int, values: list[object], counts: dict[str, int]
    ) -> int:
        base = len(values)
        values += [[] if option.gathered else None for option in run.options]
        chosen: dict[int, str] = {}
        while at < len(argv):
            found = run.tokens.get(argv[at].upper())
            bare = next((slot for slot in run.bare if slot not in chosen), len(run.options)) if run.bare else -1
            if found is not None and not 0 <= bare < found[0]:
                slot, part = found
                words, at = self._introduced(part, argv, at + 1, counts)
            elif 0 <= bare < len(run.options):
                # Without a token it takes the next word, or all words left.
                slot, part = bare, run.options[bare]
                end = len(argv) if part.multiple else at + 1
                words, at = argv[at:end], end
            else:
                break
            option = run.options[slot]
            if chosen.setdefault(slot, part.token) != part.token and not option.gathered:
                raise CommandError(SYNTAX)
            values[base + slot] = self._chosen(option, part, words, values[base + slot])
        return at

    def _introduced(
        self, part: Arg, argv: Sequence[bytes], at: int, counts: dict[str, int]
    ) -> tuple[Sequence[bytes], int]:
        """The words that a token before `at` introduces, and where to go on. Nothing is converted yet."""
        if part.kind == "token":
            return [], at
        needed = part.width - 1
        if part.counted_by:
            needed *= counts[part.counted_by]
        elif part.multiple and not part.repeated:
            needed = max(needed, len(argv) - at)
        if at + needed > len(argv):
            raise CommandError(SYNTAX)
        return argv[at : at + needed], at + needed

    def _chosen(self, option: Arg, part: Arg, words: Sequence[bytes], held: object) -> object:
        """What an option's value is with these words, where it was `held` before."""
        if part is not option:
            value = self._alternative(option, part, words)
            return [*held, value] if isinstance(held, list) else value
        if option.kind == "token":
            return True
        if isinstance(held, list):
            if option.token and not (option.repeated or option.again):
                return self._groups(option, words)
            return [*held, self._value(option, words)] if option.token else [*held, *words]
        return self._value(option, words)

    def _alternative(self, choice: Arg, part: Arg, words: Sequence[bytes]) -> object:
        """The value of a choice: the token, with its value where those of the choice carry any."""
        if part.kind != "token":
            return part.token, self._value(part, words)
        return part.token if all(other.kind == "token" for other in choice.parts) else (part.token, None)

    def _value(self, arg: Arg, words: Sequence[bytes]) -> object:
        if arg.counted_by:
            return self._groups(arg, words)
        if arg.kind == "block":
            return tuple(self._convert(part, word) for part, word in zip(arg.parts, words, strict=True))
        if arg.kind == "choice":
            picked = self._pick(arg, words, 0)
            if picked is None:
                raise CommandError(SYNTAX)
            return picked[0]
        return self._convert(arg, words[0])

    def _pick(self, choice: Arg, argv: Sequence[bytes], at: int) -> tuple[object, int] | None:
        if at < len(argv):
            word = argv[at].upper()
            for part in choice.parts:
                if part.token.encode() == word:
                    words, at = self._introduced(part, argv, at + 1, {})
                    return self._alternative(choice, part, words), at
        return None

    def _convert(self, arg: Arg, word: bytes) -> object:
        read = CONVERTED.get(arg.kind)
        if read is None:
            return self._count(arg, word) if arg.kind == "count" else word
        number = read(word)
        if number is None:
            raise CommandError(self._errors.get(arg.name, NOT_A_FLOAT if arg.kind == "double" else NOT_AN_INTEGER))
        return number

    def _count(self, arg: Arg, word: bytes) -> int:
        number = parse_int(word)
        if number is None:
            raise CommandError(self._errors.get(arg.name + "!", self._errors.get(arg.name, NOT_AN_INTEGER)))
        if number <= 0:
            raise CommandError(self._errors.get(arg.name, f"ERR {arg.name} should be greater than 0"))
        return number


def _opened(args: tuple[Arg, ...]) -> Iterator[Arg]:
    """The arguments with those groups laid open that a literal introduces and that must be there."""
    for arg in args:
        if arg.kind == "block" and arg.token and not arg.optional and not arg.multiple:
            yield Arg(arg.token.lower(), "token", token=arg.token, since=arg.since)
            yield from arg.parts
        else:
            yield arg


def _is_single(arg: Arg) -> bool:
    return not (arg.optional or arg.multiple or arg.counted_by or arg.token)


def _varies(arg: Arg) -> bool:
    """Whether an argument that must be there can have several lengths."""
    if arg.kind == "block":
        return any(part.optional or _varies(part) for part in arg.parts)
    return arg.kind == "choice" and len({part.width for part in arg.parts}) > 1


class _Options:
    """Optional arguments that stand together, in any order."""

    __slots__ = ("bare", "options", "tokens")

    def __init__(self, options: list[Arg]) -> None:
        self.options = options
        self.tokens: dict[bytes, tuple[int, Arg]] = {}
        """By token: which of them, and it or, of a choice, the part that has the token."""
        self.bare = [slot for slot, option in enumerate(options) if not option.token and option.kind != "choice"]
        """Which of them have no token."""
        for slot, option in enumerate(options):
            for part in option.parts if option.kind == "choice" and not option.token else (option,):
                if part.token:
                    self.tokens.setdefault(part.token.encode(), (slot, part))


def _runs(args: tuple[Arg, ...]) -> Iterator[Arg | _Options]:
    """The arguments in order, with optional ones that stand together joined."""
    options: list[Arg] = []
    for arg in args:
        if arg.optional:
            options.append(arg)
            continue
        if options:
            yield _Options(options)
            options = []
        yield arg
    if options:
        yield _Options(options)
