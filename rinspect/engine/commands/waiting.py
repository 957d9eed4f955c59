"""Timeouts of commands that would wait: checked, though here nobody waits."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.long_double import parse_long_double
from rinspect.engine.numbers import INT64_MAX, INT64_MIN
from rinspect.engine.replies import CommandError

NOT_A_TIMEOUT = "ERR timeout is not a float or out of range"
OUT_OF_RANGE = "ERR timeout is out of range"
NEGATIVE = "ERR timeout is negative"


def check_timeout(call: Call, text: bytes) -> None:
    """Refuse a timeout in seconds that is no number, negative, or (7.2+) too far off; CommandError.

    Before 7.2 too many milliseconds overflow, and come out as negative; a moment that overflows is let pass.
    """
    seconds = parse_long_double(text)
    if seconds is None:
        raise CommandError(NOT_A_TIMEOUT)
    if isinstance(seconds, float):
        milliseconds = INT64_MAX + 1 if seconds > 0 else INT64_MIN
    elif seconds.exponent >= 0:
        milliseconds = seconds.mantissa * 1000 << seconds.exponent
    else:
        milliseconds = -(-seconds.mantissa * 1000 >> -seconds.exponent)
    checks_range = call.runtime.profile.version >= (7, 2)
    if milliseconds < 0 or (milliseconds > INT64_MAX and not checks_range):
        raise CommandError(NEGATIVE)
    if checks_range and milliseconds > INT64_MAX - call.now:
        raise CommandError(OUT_OF_RANGE)
