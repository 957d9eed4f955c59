"""The append-only file: the commands that made the keys what they are, as clients send them, one behind the other.

    *2 CRLF $6 CRLF SELECT CRLF $1 CRLF 0 CRLF
    *3 CRLF $3 CRLF set CRLF $1 CRLF k CRLF $1 CRLF v CRLF
    #TS:1795690316 CRLF                                     when that was (aof-timestamp-enabled)

An RDB file may stand before them. Whoever does them again, in order, has the keys again. The end may be missing: the server, or
the machine, stopped while it was written.

    >>> [argv for argv, end in commands(b"*2\\r\\n$3\\r\\nDEL\\r\\n$1\\r\\nk\\r\\n#TS:1\\r\\n*1\\r\\n$4\\r\\nEXEC\\r\\n")]
    [[b'DEL', b'k'], [b'EXEC']]
"""

from __future__ import annotations

from collections.abc import Iterator

from rinspect.engine.numbers import parse_int
from rinspect.engine.splitargs import catrepr


class CutOff(ValueError):
    """The file ends in the midst of a command."""


class BadFormat(ValueError):
    """What stands there is no command; the text says where."""


def commands(data: bytes, at: int = 0) -> Iterator[tuple[list[bytes], int]]:
    """Each command from a place on, with the place where it ends. CutOff, BadFormat."""
    while at < len(data):
        if data.startswith(b"#", at):
            _, at = _line(data, at)
            continue
        count, end = _number(b"*", data, at)
        if count < 1:
            raise BadFormat(f"a command without words at offset {at}")
        argv = []
        for _ in range(count):
            length, start = _number(b"$", data, end)
            end = start + length
            if end + 2 > len(data):
                raise CutOff
            argv.append(data[start:end])
            end += 2
        yield argv, end
        at = end


def _line(data: bytes, at: int) -> tuple[bytes, int]:
    """The line at a place, without its end, and where the next begins."""
    end = data.find(b"\n", at)
    if end < 0:
        raise CutOff
    return data[at:end].removesuffix(b"\r"), end + 1


def _number(mark: bytes, data: bytes, at: int) -> tuple[int, int]:
    """The number in the line at a place, behind its mark, and where the next line begins. What begins otherwise is no end that
    is missing: it is something else."""
    if at < len(data) and not data.startswith(mark, at):
        raise BadFormat(_other(mark, data, at))
    line, end = _line(data, at)
    number = parse_int(line[1:])
    if number is None or number < 0:
        raise BadFormat(_other(mark, data, at))
    return number, end


def _other(mark: bytes, data: bytes, at: int) -> str:
    what = (
        "a command should begin, with * and how many words it has"
        if mark == b"*"
        else "a word's length should be, behind $"
    )
    return f"at offset {at}, where {what}, stands {catrepr(data[at : at + 16])}"
