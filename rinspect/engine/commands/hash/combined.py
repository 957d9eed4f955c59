"""Reading or setting fields and their expiry at once: HGETDEL, HGETEX and HSETEX. From 8.0 on."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.hash.lookup import fetch, leave, store
from rinspect.engine.commands.hash.propagating import getdel_propagated, getex_propagated, setex_propagated
from rinspect.engine.commands.hash.words import UNITS, fields_of, moment
from rinspect.engine.commands.registry import command
from rinspect.engine.numbers import parse_int
from rinspect.engine.replies import CommandError, Reply
from rinspect.engine.values.hash import ExpiryChange, HashValue

WRONG_NUMBER = "ERR wrong number of arguments for '%s' command"
NOT_A_COUNT = "ERR invalid number of fields"
TWO_CONDITIONS = "ERR Only one of FXX or FNX arguments can be specified"
TWO_EXPIRIES = "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified"

_EXPIRY = "EX seconds:int|PX milliseconds:int|EXAT unix-time-seconds:unix-time|PXAT unix-time-milliseconds:unix-time"
_COMPLEXITY = "O(N) where N is the number of specified fields"


@command(
    "HGETDEL", "key (FIELDS numfields:count field*numfields)", raw=True,
    group="hash", since="8.0.0", flags="write fast", access="RW access delete", complexity=_COMPLEXITY,
    summary="Returns the value of a field and deletes it from the hash.",
    propagated=getdel_propagated,
)  # fmt: skip
def hgetdel(call: Call, key: bytes, *words: bytes) -> Reply:
    value = call.db.find_write(key, HashValue)
    fields = fields_of(words)
    if value is None:
        return [None] * len(fields)
    answers: list[Reply] = []
    removed = 0
    for field in fields:
        text = fetch(call, key, value, field) if len(value) else None
        answers.append(text)
        if text is not None:
            removed += value.delete(field)
    if removed:
        leave(call, key, value, removed)
    return answers


@command(
    "HGETEX", f"key [expiration={_EXPIRY}|PERSIST] (FIELDS numfields:count field*numfields)", raw=True,
    group="hash", since="8.0.0", flags="write fast", access="RW access update", complexity=_COMPLEXITY,
    summary="Get the value of one or more fields of a given hash key, and optionally set their expiration.",
    propagated=getex_propagated,
)  # fmt: skip
def hgetex(call: Call, key: bytes, *words: bytes) -> Reply:
    value = call.db.find_write(key, HashValue)
    option, taken, when = words[0].upper(), 0, None
    if option in UNITS:
        seconds, absolute = UNITS[option]
        when = moment(call, "hgetex", words[1], seconds=seconds, absolute=absolute)
        taken = 2
    elif option == b"PERSIST":
        taken = 1
    if len(words) < taken + 2:
        raise CommandError(WRONG_NUMBER % "hgetex")
    fields = fields_of(words[taken:])
    if value is None:
        return [None] * len(fields)
    if not taken:
        return [fetch(call, key, value, field) for field in fields]
    change, changed = ExpiryChange(value), 0
    answers: list[Reply] = []
    for field in fields:
        text = fetch(call, key, value, field) if len(value) else None
        answers.append(text)
        if text is not None and when is not None:
            change.expire(field, when)
            changed += 1
        elif text is not None:
            changed += value.persist(field)
    change.done()
    if changed:
        leave(call, key, value, changed)
    return answers


@command(
    "HSETEX", f"key [condition=FNX|FXX] [expiration={_EXPIRY}|KEEPTTL] (FIELDS numfields:count data=(field value)*numfields)",
    raw=True,
    group="hash", since="8.0.0", flags="write denyoom fast", access="RW update",
    complexity="O(N) where N is the number of fields being set.",
    summary="Set the value of one or more fields of a given hash key, and optionally set their expiration.",
    propagated=setex_propagated,
)  # fmt: skip
def hsetex(call: Call, key: bytes, *words: bytes) -> Reply:
    condition, when, keep, pairs = _hsetex_words(call, words)
    value = call.db.find_write(key, HashValue)
    if condition:
        there = [value is not None and fetch(call, key, value, field) is not None for field in pairs[::2]]
        if not all(present == (condition == b"FXX") for present in there):
            return 0
    if value is None or not len(value):
        value = HashValue(call.runtime)
    value.prepare(pairs)
    change = None if when is None else ExpiryChange(value)
    texts = iter(pairs)
    for field, text in zip(texts, texts, strict=True):
        value.set(field, text, keep_expiry=keep or change is not None)
        if change is not None and when is not None:
            change.expire(field, when)
    if change is not None:
        change.done()
    if len(value) or call.db.peek(key) is value:
        store(call, key, value, len(pairs) // 2)
    return 1


def _hsetex_words(call: Call, words: tuple[bytes, ...]) -> tuple[bytes, int | None, bool, tuple[bytes, ...]]:
    """Condition, moment, whether expiries stay, fields and values in turn; CommandError at the first wrong word."""
    condition, when, keep = b"", None, False
    at = 0
    while at < len(words):
        option = words[at].upper()
        if option == b"FIELDS":
            count = parse_int(words[at + 1]) if at + 1 < len(words) else None
            pairs = words[at + 2 :]
            if not pairs:
                break
            if count is None or not 1 <= count < 1 << 31:
                raise CommandError(NOT_A_COUNT)
            if len(pairs) != 2 * count:
                break
            return condition, when, keep, pairs
        if option in (b"FNX", b"FXX"):
            if condition:
                raise CommandError(TWO_CONDITIONS)
            condition = option
        elif option in UNITS or option == b"KEEPTTL":
            if when is not None or keep:
                raise CommandError(TWO_EXPIRIES)
            if option == b"KEEPTTL":
                keep = True
            elif at + 1 == len(words):
                break
            else:
                at += 1
                seconds, absolute = UNITS[option]
                when = moment(call, "hsetex", words[at], seconds=seconds, absolute=absolute)
        else:
            raise CommandError(f"ERR unknown argument: {words[at].decode('latin-1')}")
        at += 1
    raise CommandError(WRONG_NUMBER % "hsetex")
