"""The part that commands on the expiry of fields end with: FIELDS, how many, and the fields."""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.engine.commands.call import Call
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import NOT_AN_INTEGER, CommandError

NO_FIELDS_WORD = "ERR Mandatory argument FIELDS is missing or not at the right position"
NOT_A_COUNT = "ERR Number of fields must be a positive integer"
WRONG_COUNT = "ERR The `numfields` parameter must match the number of arguments"
NEGATIVE_EXPIRY = "ERR invalid expire time, must be >= 0"

MAX_MOMENT = (1 << 46) - 1
"""The latest moment that a field may be given, in milliseconds: two bits less than there is room for."""


def fields_of(words: Sequence[bytes], not_a_count: str = NOT_A_COUNT) -> Sequence[bytes]:
    """The fields of `FIELDS numfields field …`; CommandError if the words are not that. `not_a_count` is what the
    server says to a number that cannot be one."""
    if not words or words[0].upper() != b"FIELDS":
        raise CommandError(NO_FIELDS_WORD)
    count = parse_int(words[1]) if len(words) > 1 else None
    if count is None or count < 1:
        raise CommandError(not_a_count)
    if count != len(words) - 2:
        raise CommandError(WRONG_COUNT)
    return words[2:]


def moment(call: Call, command: str, word: bytes, *, seconds: bool, absolute: bool) -> int:
    """When fields are to expire, in milliseconds since 1970; CommandError for a number that is none or out of range."""
    amount = parse_int(word)
    if amount is None:
        raise CommandError(NOT_AN_INTEGER)
    if amount < 0:
        raise CommandError(NEGATIVE_EXPIRY)
    when = amount * (1000 if seconds else 1) + (0 if absolute else call.now)
    if when > MAX_MOMENT:
        raise CommandError(f"ERR invalid expire time in '{command}' command")
    return when


UNITS = {b"EX": (True, False), b"PX": (False, False), b"EXAT": (True, True), b"PXAT": (False, True)}
"""The options that give an expiry: whether they count seconds, and from 1970."""
