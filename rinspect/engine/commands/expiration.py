"""How a command's expiration argument becomes a moment."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.numbers import INT64_MAX, INT64_MIN
from rinspect.engine.replies import CommandError

Expiration = tuple[str, bytes | None]
"""What the grammar gives: the option's token and its number, such as `("EX", b"10")`."""


def moment(call: Call, command: str, unit: str, amount: int, *, positive: bool = False) -> int:
    """Milliseconds since 1970 that `amount` means in `unit`: EX, PX (from now), EXAT, PXAT (since 1970).

    CommandError if the sum leaves 64 bits, or the amount must be `positive` and is not.
    """
    fits = amount > 0 or not positive
    if unit.startswith("EX"):
        fits = fits and -(-INT64_MIN // 1000) <= amount <= INT64_MAX // 1000
        amount *= 1000
    if not unit.endswith("AT"):
        amount += call.now
        fits = fits and amount <= INT64_MAX
    if not fits:
        raise CommandError(f"ERR invalid expire time in {quoted(call, command)}")
    return amount


def quoted(call: Call, command: str) -> str:
    """A command's name as an error text names it: in quotes since 7.0."""
    return f"'{command}' command" if call.runtime.profile.version >= (7, 0) else command
