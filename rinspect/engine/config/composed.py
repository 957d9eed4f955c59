"""Kinds of settings that are made of several words, or of letters."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from rinspect.engine.config.cnumbers import atoi, format_memory, memtoll, memtoull, strtoll, to_int32
from rinspect.engine.config.errors import BadValue
from rinspect.engine.config.kinds import Enum, Kind, Text, Version, encoded
from rinspect.engine.numbers import parse_double
from rinspect.engine.splitargs import catrepr

_EMPTY = '""'


class Composed(Kind):
    several: ClassVar[bool] = True


class Save(Composed):
    """When to write a snapshot: pairs of seconds and changes."""

    adds: ClassVar[bool] = True

    def parse(self, words: Sequence[str], current: Any, version: Version) -> tuple[tuple[int, int], ...]:
        numbers = [] if list(words) == [""] else [strtoll(word) for word in words]
        pairs = []
        for seconds, changes in zip(numbers[::2], numbers[1::2], strict=False):
            if seconds is None or changes is None or seconds < 1 or changes < 0:
                raise BadValue("Invalid save parameters")
            pairs.append((seconds, to_int32(changes)))
        if len(numbers) % 2:
            raise BadValue("Invalid save parameters")
        return tuple(pairs)

    def text(self, value: tuple[tuple[int, int], ...]) -> str:
        return " ".join(f"{seconds} {changes}" for seconds, changes in value)

    def lines(self, name: str, value: Any, default: Any, version: Version) -> list[tuple[str, bool]]:
        # Always written: without such a line a start would save at the default times.
        return [(f"{name} {seconds} {changes}", True) for seconds, changes in value] or [(f"{name} {_EMPTY}", True)]


class BufferLimit(NamedTuple):
    """Bytes of replies that may wait: more than `hard` at once, or more than `soft` for some seconds, end the client.
    0 is no limit."""

    hard: int
    soft: int
    seconds: int


class BufferLimits(NamedTuple):
    """The limits of each class of clients."""

    normal: BufferLimit
    replica: BufferLimit
    pubsub: BufferLimit


class OutputBufferLimit(Composed):
    def parse(self, words: Sequence[str], current: BufferLimits, version: Version) -> BufferLimits:
        if len(words) % 4:
            raise BadValue("Wrong number of arguments in buffer limit configuration.")
        limits = current
        for at in range(0, len(words), 4):
            name = words[at].lower().replace("slave", "replica")
            if name not in limits._fields:
                raise BadValue("Invalid client class specified in buffer limit configuration.")
            limits = limits._replace(**{name: _buffer_limit(words[at + 1 : at + 4], version)})
        return limits

    def text(self, value: BufferLimits) -> str:
        names = ("normal", "slave", "pubsub")
        return " ".join(f"{name} {hard} {soft} {time}" for name, (hard, soft, time) in zip(names, value, strict=True))

    def lines(self, name: str, value: BufferLimits, default: BufferLimits, version: Version) -> list[tuple[str, bool]]:
        return [
            (f"{name} {kind} {format_memory(limit.hard)} {format_memory(limit.soft)} {limit.seconds}", limit != usual)
            for kind, limit, usual in zip(value._fields, value, default, strict=True)
        ]


def _buffer_limit(words: Sequence[str], version: Version) -> BufferLimit:
    if version < (7, 0):
        # The seconds are checked like sizes, and then read up to their unit.
        hard, soft, checked = (memtoll(word) for word in words)
        seconds = None if checked is None else atoi(words[2])
    else:
        hard, soft, seconds = memtoull(words[0]), memtoull(words[1]), strtoll(words[2])
    if hard is None or soft is None or seconds is None or (seconds := to_int32(seconds)) < 0:
        raise BadValue("Error in hard, soft or soft_seconds setting in buffer limit configuration.")
    return BufferLimit(hard, soft, seconds)


class OomScores(Composed):
    """What is added to the process's score for the kernel's killer: as a master, as a replica, in a child."""

    def parse(self, words: Sequence[str], current: Any, version: Version) -> tuple[int, ...]:
        if len(words) != 3:
            raise BadValue("wrong number of arguments")
        values = [strtoll(word) for word in words]
        if any(value is None or not -2000 <= value <= 2000 for value in values):
            raise BadValue("Invalid oom-score-adj-values, elements must be between -2000 and 2000.")
        return tuple(value for value in values if value is not None)

    def text(self, value: tuple[int, ...]) -> str:
        return " ".join(map(str, value))


class Bind(Composed):
    """Addresses to listen on; none is none at all."""

    def parse(self, words: Sequence[str], current: Any, version: Version) -> tuple[str, ...]:
        if len(words) > 16 or (version < (7, 0) and not words):
            raise BadValue("Too many bind addresses specified.")
        return () if list(words) == [""] else tuple(words)

    def text(self, value: tuple[str, ...]) -> str:
        return " ".join(value)

    def lines(self, name: str, value: Any, default: Any, version: Version) -> list[tuple[str, bool]]:
        return [] if value == default else [(f"{name} {self.text(value) or _EMPTY}", True)]


class ReplicaOf(Composed):
    """Host and port of the master; None is none."""

    def parse(self, words: Sequence[str], current: Any, version: Version) -> tuple[str, int] | None:
        if len(words) != 2:
            raise BadValue("wrong number of arguments")
        if [word.lower() for word in words] == ["no", "one"]:
            return None
        port = strtoll(words[1])
        if port is None or not 0 <= to_int32(port) <= 65535:
            raise BadValue("Invalid master port")
        return words[0], to_int32(port)

    def text(self, value: tuple[str, int] | None) -> str:
        return "" if value is None else f"{value[0]} {value[1]}"

    def lines(self, name: str, value: Any, default: Any, version: Version) -> list[tuple[str, bool]]:
        return [] if value is None else [(f"{name} {self.text(value)}", True)]


class Percentiles(Composed):
    def parse(self, words: Sequence[str], current: Any, version: Version) -> tuple[float, ...]:
        values = []
        for word in [] if list(words) == [""] else words:
            value = parse_double(encoded(word))
            if value is None:
                raise BadValue("Invalid latency-tracking-info-percentiles parameters")
            if not 0 <= value <= 100:
                raise BadValue("latency-tracking-info-percentiles parameters should sit between [0.0,100.0]")
            values.append(value)
        return tuple(values)

    def text(self, value: tuple[float, ...]) -> str:
        return " ".join(f"{percentile:f}".rstrip("0").rstrip(".") for percentile in value)

    def lines(self, name: str, value: Any, default: Any, version: Version) -> list[tuple[str, bool]]:
        # Always written, as the server does.
        return [(f"{name} {self.text(value) or _EMPTY}", True)]


@dataclass(frozen=True, slots=True)
class Signal(Enum):
    """How to shut down on a signal: some of the choices but for the first, which stands for none of them."""

    several: ClassVar[bool] = True

    def parse(self, words: Sequence[str], current: Any, version: Version) -> tuple[str, ...]:
        if not words:
            self.choice("", version)
        chosen = {self.choice(word, version) for word in words}
        if {"save", "nosave"} <= chosen:
            raise BadValue("shutdown options SAVE and NOSAVE can't be used simultaneously")
        return tuple(word for word in self.choices[1:] if word in chosen)

    def text(self, value: tuple[str, ...]) -> str:
        return " ".join(value) or self.choices[0]


_CLASSES = "g$lshzxetdn"
_BESIDE = "KEm"


class Events(Kind):
    """Which keyspace events to publish: their letters, without the A that stands for most of them."""

    def parse(self, words: Sequence[str], current: Any, version: Version) -> str:
        classes = _classes(version)
        letters = words[0].partition("\0")[0]
        if not set(letters) <= {"A", *classes, *_BESIDE}:
            raise BadValue("Invalid event class character. Use 'Ag$lshzxeKEtmdn'.")
        letters = letters.replace("A", _ALL)
        return "".join(letter for letter in classes + _BESIDE if letter in letters)

    def text(self, value: str) -> str:
        return value.replace("n", "").replace(_ALL, "A") if set(_ALL) <= set(value) else value

    def lines(self, name: str, value: str, default: str, version: Version) -> list[tuple[str, bool]]:
        return [(f"{name} {catrepr(self.text(value).encode())}", bool(value))]


_ALL = "g$lshzxetd"


def _classes(version: Version) -> str:
    return _CLASSES if version >= (7, 0) else _ALL


class Directory(Text):
    """The folder for the server's files; "" is the one in which the process was started."""

    __slots__ = ()

    def parse(self, words: Sequence[str], current: str, version: Version) -> str:
        path = os.path.join(current, words[0].partition("\0")[0])  # noqa: PTH118 (a Path would lose the last "/.")
        try:
            os.stat(f"{path}/." if words[0] else "")  # noqa: PTH116 (asks what chdir asks: is it one, may it be entered)
        except OSError as error:
            raise BadValue(os.strerror(error.errno or 0)) from None
        return os.path.realpath(path)

    def text(self, value: str) -> str:
        return os.path.realpath(value)

    def lines(self, name: str, value: str, default: str, version: Version) -> list[tuple[str, bool]]:
        return [(f"{name} {catrepr(encoded(self.text(value)))}", True)]
