"""The notation in which the arguments of a command are declared: that of Redis's own documentation, a little sharpened.

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
    [ … ]*              may be repeated, its literal each time
    [ … ]+              may come again, though it is documented to come once
    [TOKEN name...]     a literal and all that follows
    name=<A|B x>        exactly one of; name=A|B inside brackets at most one of
    name=(…), [name=…]  names what has no name of its own
    (TOKEN a b*a)       a literal and what it introduces
    name:'*'            a literal that is no word in capitals
    …@7.0               only from that version on

Types: `key`, `int` (signed 64-bit), `natural` (an int that is not negative), `count` (a positive int that counts what
follows), `double`, `pattern`, `string`, and three that the handler converts itself, because the server checks something
else first or takes other words, too: `number` and `unix-time`, integers, and `decimal`, a double.
A positional called `key` or `pattern` has that type by itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cache

Version = tuple[int, int]

_TOKENS = re.compile(r"\s*(\.\.\.|\]\*|[\[\]()<>|]|[^\s\[\]()<>|.]+(?:\.[^\s\[\]()<>|.]+)*)")


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
    repeated: bool = False
    """Where it is `multiple`, the literal that introduces it stands before each, not before all."""
    again: bool = False
    """It may come several times, which is not documented."""
    width: int = field(init=False, compare=False)
    """Arguments it takes at the least when present."""

    def __post_init__(self) -> None:
        width = 1
        if self.kind == "block":
            width = sum(part.width for part in self.parts if not part.optional)
        elif self.kind == "choice":
            width = min(part.width for part in self.parts)
        introduced = bool(self.token) and self.kind != "token"
        object.__setattr__(self, "width", width + introduced)

    @property
    def gathered(self) -> bool:
        """Whether it is a list, with one item for each time that it comes."""
        return self.multiple or self.again

    def usage(self) -> str:
        """As Redis's documentation writes it."""
        if self.kind == "block":
            text = " ".join(part.usage() for part in self.parts)
        elif self.kind == "choice":
            text = " | ".join(part.usage() for part in self.parts)
            if not self.optional:
                text = f"<{text}>"
        else:
            text = (self.token or '""') if self.kind == "token" else self.name
        introduced = f"{self.token} {text}" if self.token and self.kind != "token" else text
        if self.counted_by or (self.multiple and self.token and not self.repeated):
            text = f"{introduced} [{text} ...]"
        elif self.multiple:
            text = f"{introduced} ..." if self.optional else f"{introduced} [{introduced} ...]"
        else:
            text = introduced
        if self.optional:
            text = f"[{text}]"
        return text


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
            again = self.peek() == "+" and bool(self.take())
            since = inner.since
            if self.peek().startswith("@"):
                since = _version(self.take()[1:])
            multiple = inner.multiple or repeated
            return replace(inner, optional=True, multiple=multiple, repeated=repeated, since=since, again=again)
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
    name, quote, literal = word.partition(":'")
    if quote:
        return Arg(name, "token", token=literal[:-1], since=since)
    word, _, counted = word.partition("*")
    name, _, kind = word.partition(":")
    if name.upper() == name and not kind and not counted and any(c.isalpha() for c in name):
        return Arg(name.lower(), "token", token=name, since=since)
    return Arg(name, kind or (name if name in ("key", "pattern") else "string"), counted_by=counted, since=since)


def _joined(args: tuple[Arg, ...]) -> Arg:
    return args[0] if len(args) == 1 else Arg("-".join(arg.name for arg in args), "block", parts=args)


def _joined_option(args: tuple[Arg, ...]) -> Arg:
    """`EX seconds` becomes the argument `seconds` introduced by EX; `LIMIT offset count` a block introduced by LIMIT. A
    literal that can stand alone introduces nothing."""
    if len(args) > 1 and args[0].kind == "token" and not all(arg.optional for arg in args[1:]):
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
