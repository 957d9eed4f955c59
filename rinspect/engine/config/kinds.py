"""Kinds of settings that hold one value: how its text is read, checked and written."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from rinspect.engine.config.cnumbers import format_memory, memtoll, memtoull, strtoll, to_int64
from rinspect.engine.config.errors import BadValue
from rinspect.engine.numbers import INT64_MAX, parse_int
from rinspect.engine.splitargs import catrepr

Version = tuple[int, int]
"""Major and minor."""

INT32_MIN, INT32_MAX = -(1 << 31), (1 << 31) - 1
UINT32_MAX = (1 << 32) - 1


def encoded(text: str) -> bytes:
    """The bytes that a text was made from, also those that are no UTF-8."""
    return text.encode(errors="surrogateescape")


def decoded(data: bytes) -> str:
    """A text that `encoded` makes the same bytes from, and that the operating system takes for a path."""
    return data.decode(errors="surrogateescape")


class Kind(ABC):
    """How the values of a setting are read and written."""

    several: ClassVar[bool] = False
    """It takes all words that follow its name."""

    adds: ClassVar[bool] = False
    """In a file, a further line adds to what earlier ones said."""

    @abstractmethod
    def parse(self, words: Sequence[str], current: Any, version: Version) -> Any:
        """The value that the words mean, where `current` is the one until now; BadValue if none."""

    @abstractmethod
    def text(self, value: Any) -> str:
        """The value as CONFIG GET shows it."""

    def lines(self, name: str, value: Any, default: Any, version: Version) -> list[tuple[str, bool]]:
        """The value as lines of a file, each with whether it must stand there even where the file has none."""
        return [(f"{name} {self.text(value)}", value != default)]


class Bool(Kind):
    __slots__ = ()

    def parse(self, words: Sequence[str], current: Any, version: Version) -> bool:
        answer = words[0].lower()
        if answer not in ("yes", "no"):
            raise BadValue("argument must be 'yes' or 'no'")
        return answer == "yes"

    def text(self, value: bool) -> str:
        return "yes" if value else "no"


class NoDefrag(Bool):
    """May only stay off: the allocators that are reproduced here give no hints on fragmentation."""

    __slots__ = ()

    def parse(self, words: Sequence[str], current: Any, version: Version) -> bool:
        if Bool.parse(self, words, current, version):
            raise BadValue(
                "Active defragmentation cannot be enabled: it requires a Redis server compiled with a modified Jemalloc "
                "like the one shipped by default with the Redis source distribution"
            )
        return False


@dataclass(frozen=True, slots=True)
class Enum(Kind):
    """One of some words; in `same`, words that stand for another."""

    choices: tuple[str, ...]
    same: tuple[tuple[str, str], ...] = ()

    def parse(self, words: Sequence[str], current: Any, version: Version) -> Any:
        return self.choice(words[0], version)

    def choice(self, word: str, version: Version) -> str:
        if word.lower() not in self.choices:
            noun = "argument" if version < (7, 0) else "argument(s)"
            raise BadValue(f"{noun} must be one of the following: {', '.join(self.choices)}")
        return dict(self.same).get(word.lower(), word.lower())

    def text(self, value: Any) -> str:
        return str(value)


@dataclass(frozen=True, slots=True)
class Integer(Kind):
    low: int = 0
    high: int = INT32_MAX

    def parse(self, words: Sequence[str], current: Any, version: Version) -> int:
        value = parse_int(encoded(words[0]))
        if value is None:
            raise BadValue("argument couldn't be parsed into an integer")
        return self.within(value)

    def within(self, value: int) -> int:
        if not self.low <= value <= self.high:
            raise BadValue(f"argument must be between {self.low} and {self.high} inclusive")
        return value

    def text(self, value: int) -> str:
        return str(value)


class Hertz(Integer):
    """A hint: what is out of the range that makes sense is brought into it."""

    __slots__ = ()

    def parse(self, words: Sequence[str], current: Any, version: Version) -> int:
        return min(max(Integer.parse(self, words, current, version), 1), 500)


@dataclass(frozen=True, slots=True)
class Memory(Integer):
    """Bytes, with units allowed. `signed` says in which kind of 64-bit number the server keeps them."""

    high: int = INT64_MAX
    signed: bool = False

    def parse(self, words: Sequence[str], current: Any, version: Version) -> int:
        value = memtoll(words[0]) if version < (7, 0) else memtoull(words[0])
        if value is None:
            raise BadValue("argument must be a memory value")
        return self.within(to_int64(value) if self.signed else value)

    def lines(self, name: str, value: int, default: int, version: Version) -> list[tuple[str, bool]]:
        return [(f"{name} {format_memory(value)}", value != default)]


@dataclass(frozen=True, slots=True)
class Backlog(Memory):
    """At least 16 KB, whatever is asked for."""

    signed: bool = True

    def parse(self, words: Sequence[str], current: Any, version: Version) -> int:
        return max(Memory.parse(self, words, current, version), 16 << 10)


@dataclass(frozen=True, slots=True)
class MemoryOrPercent(Memory):
    """Bytes or, as a number below zero, per cent."""

    signed: bool = True

    def parse(self, words: Sequence[str], current: Any, version: Version) -> int:
        value = memtoull(words[0])
        if value is not None:
            value = to_int64(value)
        elif words[0].endswith("%") and (percent := parse_int(encoded(words[0][:-1]))) is not None and percent >= 0:
            value = -percent
        else:
            raise BadValue("argument must be a memory or percent value")
        if value < -100:
            raise BadValue("percentage argument must be less or equal to 100")
        return value

    def text(self, value: int) -> str:
        return f"{-value}%" if value < 0 else str(value)

    def lines(self, name: str, value: int, default: int, version: Version) -> list[tuple[str, bool]]:
        return [(f"{name} {self.text(value) if value < 0 else format_memory(value)}", value != default)]


class Octal(Integer):
    __slots__ = ()

    def parse(self, words: Sequence[str], current: Any, version: Version) -> int:
        value = strtoll(words[0], 8)
        if value is None:
            raise BadValue("argument couldn't be parsed as an octal number")
        if not self.low <= value <= self.high:
            raise BadValue(f"argument must be between {self.low:o} and {self.high:o} inclusive")
        return value

    def text(self, value: int) -> str:
        return f"{value:o}"


@dataclass(frozen=True, slots=True)
class Text(Kind):
    """A text, which ends at a NUL. `unset`: that it is empty means that there is none; `check` raises BadValue."""

    unset: bool = False
    check: Callable[[str], None] | None = None

    def parse(self, words: Sequence[str], current: Any, version: Version) -> Any:
        text, _, _ = words[0].partition("\0")
        if self.check is not None:
            self.check(text)
        return text

    def text(self, value: Any) -> str:
        return str(value)

    def lines(self, name: str, value: Any, default: Any, version: Version) -> list[tuple[str, bool]]:
        if self.unset and not value:
            return []
        return [(f"{name} {catrepr(encoded(self.text(value)))}", value != default)]


@dataclass(frozen=True, slots=True)
class Sds(Text):
    """A text of any bytes, kept as bytes: a password."""

    unset: bool = True

    def parse(self, words: Sequence[str], current: Any, version: Version) -> bytes:
        return encoded(words[0])

    def text(self, value: bytes) -> str:
        return decoded(value)
