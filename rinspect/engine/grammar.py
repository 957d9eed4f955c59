"""The argument grammar of a command: written once, in the notation of Redis's own documentation, and compiled.

    SET      key value [condition=NX|XX] [GET@6.2] [expiration=EX seconds:int|PX milliseconds:int|KEEPTTL]
    ZADD     key [condition=NX|XX] [change=CH] data=(score:double member)...
    BLPOP    key... timeout
    LINSERT  key where=<BEFORE|AFTER> pivot element
    SINTERCARD  numkeys:count key*numkeys [LIMIT limit:int]

    name                a positional argument; `name:type` converts it (types below)
    name...             one or more; `(a b)...` one or more groups
    name*count          (or `(a b)*count`) as many as the argument `count`, given before, says
    TOKEN               words in capitals are literal, whatever the case they are typed in
    [ … ]               optional; optional parts that stand together may come in any order
    [ … ]*              may be repeated
    name=<A|B x>        exactly one of; name=A|B inside brackets at most one of
    name=(…), [name=…]  names what has no name of its own
    (TOKEN a b*a)       a literal and what it introduces
    …@7.0               only from that version on

Types: `key`, `int` (signed 64-bit), `natural` (an int that is not negative), `count` (a positive int that counts what
follows), `double`, `pattern`, `string`, and three that the handler converts itself, because the server checks something
else first or takes other words, too: `number` and `unix-time`, integers, and `decimal`, a double.
A positional called `key` or `pattern` has that type by itself.

The compiled grammar is the command's parser (`Grammar.bind`); COMMAND DOCS, completion and hints are read from the same
tree. What a handler gets, in the grammar's order: bytes, int or float for a positional; a list for a repetition (tuples
for groups); for an option None when it is absent, True for a bare token, its value, or a tuple of its values; for a
choice the token as str, or `(token, value)` where the choice carries values. `count` arguments are not passed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache

from rinspect.engine.numbers import parse_double, parse_int
from rinspect.engine.replies import NOT_A_FLOAT, NOT_AN_INTEGER, SYNTAX, CommandError, quotable

Version = tuple[int, int]

_TOKENS = re.compile(r"\s*(\.\.\.|\]\*|[\[\]()<>|]|[^\s\[\]()<>|.]+(?:\.[^\s\[\]()<>|.]+)*)")


UNCONVERTED = ("key", "string", "pattern", "number", "unix-time", "decimal")
"""Types whose words reach the handler as they are."""


@dataclass(frozen=True, slots=True)
class Arg:
    """A node of the grammar.

    `kind` is a type (`key`, `int`, `count`, `double`, `pattern`, `string` …), `token` (a literal without value), `block`
    (its `parts` in order) or `choice` (one of its `parts`). `token` is the literal that introduces it, if any.
    """

    name: str
    kind: str
    token: str = ""
    parts: tuple[Arg, ...] = ()
    optional: bool = False
    multiple: bool = False
    counted_by: str = ""
    since: Version = (0, 0)

    @property
    def width(self) -> int:
        """Arguments it takes at the least when present."""
        own = 1 if self.token and self.kind != "token" else 0
        if self.kind == "block":
            return own + sum(part.width for part in self.parts if not part.optional)
        if self.kind == "choice":
            return own + min(part.width for part in self.parts)
        return own + 1

    def usage(self) -> str:
        """As Redis's documentation writes it."""
        if self.kind == "block":
            text = " ".join(part.usage() for part in self.parts)
        elif self.kind == "choice":
            text = " | ".join(part.usage() for part in self.parts)
            if not self.optional:
                text = f"<{text}>"
        else:
            text = self.token if self.kind == "token" else self.name
        introduced = f"{self.token} {text}" if self.token and self.kind != "token" else text
        if self.counted_by:
            text = f"{introduced} [{text} ...]"
        elif self.multiple:
            text = f"{introduced} ..." if self.optional else f"{introduced} [{introduced} ...]"
        else:
            text = introduced
        if self.optional:
            text = f"[{text}]"
        return text


class Grammar:
    """A command's arguments, as one version of the server takes them."""

    def __init__(self, args: tuple[Arg, ...], errors: dict[str, str] | None = None) -> None:
        self.documented = args
        """The arguments as COMMAND DOCS tells them."""
        self.args = args = tuple(_opened(args))
        self._errors = errors or {}
        self.minimum = sum(arg.width for arg in args if not arg.optional)
        self.exact = not any(arg.optional or arg.multiple or arg.counted_by or _has_choice(arg) for arg in args)
        """Whether the number of arguments is always `minimum`."""
        lead = 0
        while lead < len(args) and args[lead].kind in UNCONVERTED and _is_single(args[lead]):
            lead += 1
        self.plain = lead if all(arg.optional for arg in args[lead:]) else -1
        """With exactly this many arguments, all are unconverted positionals: argv can go to the handler as it is."""
        self._runs = list(_runs(args))

    def usage(self) -> str:
        return " ".join(arg.usage() for arg in self.args)

    def bind(self, argv: list[bytes]) -> list[object]:
        """The handler's arguments from a whole command; CommandError where they do not fit the grammar.

        The caller has checked the number of arguments (`minimum`, `exact`).
        """
        values: list[object] = []
        counts: dict[str, int] = {}
        at, left = 1, self.minimum
        for run in self._runs:
            if isinstance(run, tuple):
                at = self._bind_options(run, argv, at, values, counts)
                continue
            left -= run.width
            at = self._bind_positional(run, argv, at, left, values, counts)
        if at != len(argv):
            raise CommandError(self._errors.get("*", SYNTAX).replace("{}", quotable(argv[at])))
        return values

    def _bind_positional(
        self, arg: Arg, argv: list[bytes], at: int, left: int, values: list[object], counts: dict[str, int]
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

    def _groups(self, arg: Arg, words: list[bytes]) -> list[object]:
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
        self, options: tuple[Arg, ...], argv: list[bytes], at: int, values: list[object], counts: dict[str, int]
    ) -> int:
        base = len(values)
        values += [[] if option.multiple else None for option in options]
        if at == len(argv):
            return at
        chosen: dict[int, str] = {}
        while at < len(argv):
            for slot, option in enumerate(options):
                if not option.token and option.kind != "choice":
                    taken = None if slot in chosen else self._take_bare(option, argv, at)
                else:
                    taken = self._take(option, argv, at, counts)
                if taken is None:
                    continue
                token, words, at = taken
                if chosen.setdefault(slot, token) != token and not option.multiple:
                    raise CommandError(SYNTAX)
                self._store(values, base + slot, option, token, words)
                break
            else:
                break
        return at

    def _take(
        self, option: Arg, argv: list[bytes], at: int, counts: dict[str, int]
    ) -> tuple[str, list[bytes], int] | None:
        """(token, its words, where to go on) if `option` begins at `at`. Nothing is converted yet."""
        if option.kind == "choice" and not option.token:
            for part in option.parts:
                taken = self._take(part, argv, at, counts)
                if taken is not None:
                    return taken
            return None
        word = argv[at].upper()
        if word != option.token.encode():
            return None
        at += 1
        if option.kind == "token":
            return option.token, [], at
        needed = option.width - 1
        if option.counted_by:
            needed *= counts[option.counted_by]
        if at + needed > len(argv):
            raise CommandError(SYNTAX)
        return option.token, argv[at : at + needed], at + needed

    def _take_bare(self, option: Arg, argv: list[bytes], at: int) -> tuple[str, list[bytes], int]:
        """An optional argument without a token takes the next word, or all words left."""
        end = len(argv) if option.multiple else at + 1
        return "", argv[at:end], end

    def _store(self, values: list[object], slot: int, option: Arg, token: str, words: list[bytes]) -> None:
        if option.kind == "choice" and not option.token:
            part = next(part for part in option.parts if part.token == token)
            bare = all(part.kind == "token" for part in option.parts)
            value = token if bare else (token, None if part.kind == "token" else self._value(part, words))
            held = values[slot]
            if isinstance(held, list):
                held.append(value)
            else:
                values[slot] = value
        elif option.kind == "token":
            values[slot] = True
        elif option.multiple:
            held = values[slot]
            assert isinstance(held, list)
            held += [self._value(option, words)] if option.token else words
        else:
            values[slot] = self._value(option, words)

    def _value(self, arg: Arg, words: list[bytes]) -> object:
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

    def _pick(self, choice: Arg, argv: list[bytes], at: int) -> tuple[object, int] | None:
        if at < len(argv):
            for part in choice.parts:
                taken = self._take(part, argv, at, {})
                if taken is not None:
                    token, words, at = taken
                    bare = all(part.kind == "token" for part in choice.parts)
                    return (token if bare else (token, self._value(part, words) if words else None)), at
        return None

    def _convert(self, arg: Arg, word: bytes) -> object:
        if arg.kind in ("int", "natural"):
            number = parse_int(word)
            if number is None or (number < 0 and arg.kind == "natural"):
                raise CommandError(self._errors.get(arg.name, NOT_AN_INTEGER))
            return number
        if arg.kind == "double":
            value = parse_double(word)
            if value is None:
                raise CommandError(self._errors.get(arg.name, NOT_A_FLOAT))
            return value
        if arg.kind == "count":
            return self._count(arg, word)
        return word

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


def _has_choice(arg: Arg) -> bool:
    return arg.kind == "choice" and len({part.width for part in arg.parts}) > 1


def _runs(args: tuple[Arg, ...]) -> Iterator[Arg | tuple[Arg, ...]]:
    """The arguments in order, with optional ones that stand together joined into one tuple."""
    options: list[Arg] = []
    for arg in args:
        if arg.optional:
            options.append(arg)
            continue
        if options:
            yield tuple(options)
            options = []
        yield arg
    if options:
        yield tuple(options)


# -- the notation ---------------------------------------------------------------------------------------------------------


@dataclass
class _Reader:
    """Recursive descent over the notation's tokens."""

    words: list[str]
    at: int = 0
    source: str = field(default="")

    def peek(self) -> str:
        return self.words[self.at] if self.at < len(self.words) else ""

    def take(self, expected: str = "") -> str:
        word = self.peek()
        if not word or (expected and word != expected):
            raise ValueError(f"grammar {self.source!r}: expected {expected or 'more'}, found {word or 'the end'}")
        self.at += 1
        return word

    def sequence(self, closers: tuple[str, ...]) -> tuple[Arg, ...]:
        args: list[Arg] = []
        while self.peek() and self.peek() not in closers:
            args.append(self.item())
        return tuple(args)

    def item(self) -> Arg:
        word = self.take()
        if word in ("]", "]*", ")", "<", ">", "|", "..."):
            raise ValueError(f"grammar {self.source!r}: {word!r} stands where an argument should")
        if word == "[":
            inner = self.alternatives(("]", "]*"))
            repeated = self.take() == "]*"
            since = inner.since
            if self.peek().startswith("@"):
                since = _version(self.take()[1:])
            return replace(inner, optional=True, multiple=inner.multiple or repeated, since=since)
        if word == "(" or (word.endswith("=") and self.peek() == "("):
            if word != "(":
                self.take("(")
            arg = _joined_option(self.sequence((")",)))
            arg = replace(arg, name=word[:-1] or arg.name)
            self.take(")")
        elif word.endswith("=") and self.peek() == "<":
            self.take("<")
            arg = replace(self.alternatives((">",)), name=word[:-1])
            self.take(">")
        else:
            arg = _word(word)
        if self.peek() == "...":
            self.take()
            arg = replace(arg, multiple=True)
        elif self.peek().startswith("*"):
            arg = replace(arg, counted_by=self.take()[1:])
        return arg

    def alternatives(self, closers: tuple[str, ...]) -> Arg:
        name = ""
        head, equals, tail = self.peek().partition("=")
        if equals and tail:
            name, self.words[self.at] = head, tail
        options = [_joined_option(self.sequence(("|", *closers)))]
        while self.peek() == "|":
            self.take()
            options.append(_joined_option(self.sequence(("|", *closers))))
        if len(options) == 1:
            return replace(options[0], name=name or options[0].name)
        return Arg(name or "choice", "choice", parts=tuple(options), since=min(option.since for option in options))


def _version(text: str) -> Version:
    major, _, minor = text.partition(".")
    return int(major), int(minor)


def _word(word: str) -> Arg:
    word, _, version = word.partition("@")
    since = _version(version) if version else (0, 0)
    word, _, counted = word.partition("*")
    name, _, kind = word.partition(":")
    if name.upper() == name and not kind and not counted and any(c.isalpha() for c in name):
        return Arg(name.lower(), "token", token=name, since=since)
    return Arg(name, kind or (name if name in ("key", "pattern") else "string"), counted_by=counted, since=since)


def _joined(args: tuple[Arg, ...]) -> Arg:
    return args[0] if len(args) == 1 else Arg("-".join(arg.name for arg in args), "block", parts=args)


def _joined_option(args: tuple[Arg, ...]) -> Arg:
    """`EX seconds` becomes the argument `seconds` introduced by EX; `LIMIT offset count` a block introduced by LIMIT."""
    if len(args) > 1 and args[0].kind == "token":
        inner = _joined(args[1:])
        name = inner.name if inner.kind != "block" else args[0].name
        return replace(inner, name=name, token=args[0].token, since=max(args[0].since, inner.since))
    return _joined(args)


@cache
def parse(source: str) -> tuple[Arg, ...]:
    """The arguments that a line of the notation describes; ValueError if it is not well formed."""
    reader = _Reader(_TOKENS.findall(source), source=source)
    args = reader.sequence(())
    if reader.at != len(reader.words):
        raise ValueError(f"grammar {source!r}: unexpected {reader.peek()!r}")
    return args


def for_version(args: tuple[Arg, ...], version: Version) -> tuple[Arg, ...]:
    """The arguments that a version of the server has."""
    kept = []
    for arg in args:
        if arg.since > version:
            continue
        if arg.parts:
            parts = for_version(arg.parts, version)
            if arg.kind == "choice" and len(parts) == 1 and arg.optional:
                arg = replace(parts[0], optional=True)
            else:
                arg = replace(arg, parts=parts)
        kept.append(arg)
    return tuple(kept)
