"""Timeouts of commands that would wait: checked, though here nobody waits."""

from __future__ import annotations

import math

from rinspect.engine.commands.call import Call
from rinspect.engine.numbers import INT64_MAX, parse_double
from rinspect.engine.replies import CommandError

NOT_A_TIMEOUT = "ERR timeout is not a float or out of range"
OUT_OF_RANGE = "ERR timeout is out of range"
NEGATIVE = "ERR timeout is negative"


def check_timeout(call: Call, text: bytes) -> None:
    """Refuse a timeout in seconds that is no number, negative, or too far off; CommandError."""
    seconds = parse_double(text)
    if seconds is None:
        raise CommandError(NOT_A_TIMEOUT)
    if seconds * 1000 > INT64_MAX:
        raise CommandError(OUT_OF_RANGE)
    if seconds < 0 and (math.isinf(seconds) or math.ceil(seconds * 1000) < 0):
        raise CommandError(NEGATIVE)
    if seconds > 0 and math.ceil(seconds * 1000) > INT64_MAX - call.now:
        raise CommandError(OUT_OF_RANGE)
