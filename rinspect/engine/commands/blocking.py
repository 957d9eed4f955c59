"""What commands that may block have in common: for what, and how long.

Such a command that finds nothing raises WouldBlock. A session that can wait does, and runs the command again when one of
the keys may have what it wants; one that cannot, as inside a transaction, answers that there is nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import inf

from rinspect.engine.commands.call import Call
from rinspect.engine.long_double import parse_long_double
from rinspect.engine.numbers import INT64_MAX
from rinspect.engine.replies import CommandError, Reply
from rinspect.engine.values.value import Value

NOT_A_TIMEOUT = "ERR timeout is not a float or out of range"
NEGATIVE_TIMEOUT = "ERR timeout is negative"
TIMEOUT_TOO_LONG = "ERR timeout is out of range"


Loss = Callable[[bytes, Value | None], CommandError | None]
"""Given a key and what is under it now, what a client that waits for that key is answered; None if it may wait on."""


class WouldBlock(Exception):
    """A command that found nothing in `keys` would wait for up to `timeout` milliseconds, 0 for ever.

    `nothing` is its reply if it cannot, or has waited in vain. `again` is what it asks when one of the keys wakes it, where
    that is not the same once more. `lost` says whether a key can still become what it waits for; without it any can.
    """

    def __init__(
        self,
        keys: Sequence[bytes],
        timeout: int,
        nothing: Reply,
        *,
        again: Mapping[bytes, Sequence[bytes]] | None = None,
        lost: Loss | None = None,
    ) -> None:
        super().__init__("would block")
        self.keys = keys
        self.timeout = timeout
        self.nothing = nothing
        self.again = again
        self.lost = lost


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
