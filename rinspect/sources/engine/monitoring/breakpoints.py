"""Breakpoints as they are typed: `command GET key user:* client 7 longer 5ms`."""

from __future__ import annotations

from rinspect.engine.stepping import Breakpoint

FORM = "command NAME, key PATTERN, client NUMBER, longer 5ms: one or more of them"
_UNITS = {"us": 1, "µs": 1, "ms": 1000, "s": 1_000_000}


class BadBreakpoint(ValueError):
    """Words that make no breakpoint; the text says why."""


def parse_breakpoint(text: str) -> Breakpoint:
    """The breakpoint that the words mean; BadBreakpoint if they mean none."""
    words = text.split()
    if not words or len(words) % 2:
        raise BadBreakpoint(f"a breakpoint is {FORM}")
    command = key = b""
    client = longer = 0
    for what, value in zip(words[::2], words[1::2], strict=True):
        match what.lower():
            case "command":
                command = value.upper().encode()
            case "key":
                key = value.encode()
            case "client":
                if not value.isdecimal() or not int(value):
                    raise BadBreakpoint(f"client {value}: a client's number is wanted, as in CLIENT LIST")
                client = int(value)
            case "longer":
                longer = _microseconds(value)
            case _:
                raise BadBreakpoint(f"there is no {what!r}: {FORM}")
    return Breakpoint(command, key, client, longer)


def _microseconds(text: str) -> int:
    """Without a unit, milliseconds are meant."""
    for unit in sorted(_UNITS, key=len, reverse=True):
        number = text.removesuffix(unit)
        if number != text:
            break
    else:
        number, unit = text, "ms"
    try:
        found = int(float(number) * _UNITS[unit])
    except (ValueError, OverflowError):
        found = 0
    if found <= 0:
        raise BadBreakpoint(f"longer {text}: a duration is wanted, such as 500us, 5ms or 1.5s")
    return found
