"""What commands that may block have in common: how long.

Here nobody can be waited for, as inside a transaction: where there is nothing to take, such a command answers with nil
at once. Its timeout is read all the same, and refused if it is none.
"""

from __future__ import annotations

from math import inf

from rinspect.engine.commands.call import Call
from rinspect.engine.long_double import parse_long_double
from rinspect.engine.numbers import INT64_MAX
from rinspect.engine.replies import CommandError

NOT_A_TIMEOUT = "ERR timeout is not a float or out of range"
NEGATIVE_TIMEOUT = "ERR timeout is negative"
TIMEOUT_TOO_LONG = "ERR timeout is out of range"


def timeout(call: Call, word: bytes) -> int:
    """The milliseconds that a word gives in seconds, 0 for no limit; CommandError if it gives none.

    Before 7.2 a number too large for 64 bits turned out negative.
    """
    number = parse_long_double(word)
    if number is None:
        raise CommandError(NOT_A_TIMEOUT)
    if isinstance(number, float):
        milliseconds = INT64_MAX + 1 if number == inf else -1
    else:
        mantissa, exponent = number
        thousandfold = mantissa * 1000
        milliseconds = thousandfold << exponent if exponent >= 0 else -(-thousandfold >> -exponent)
    if milliseconds < 0:
        raise CommandError(NEGATIVE_TIMEOUT)
    checks = call.runtime.profile.version >= (7, 2)
    if milliseconds > (INT64_MAX - call.now if checks else INT64_MAX):
        raise CommandError(TIMEOUT_TOO_LONG if checks else NEGATIVE_TIMEOUT)
    return milliseconds
