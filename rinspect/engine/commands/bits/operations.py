"""BITOP: whole strings combined bit by bit."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.registry import command
from rinspect.engine.replies import SYNTAX, CommandError, Reply
from rinspect.engine.values.string import StringValue

NOT_OF_ONE = "ERR BITOP NOT must be called with a single source key."


@command(
    "BITOP", "operation=<AND|OR|XOR|NOT> destkey:key key...",
    group="bitmap", since="2.6.0", flags="write denyoom", access="OW update;RO access", complexity="O(N)", raw=True,
    summary="Performs bitwise operations on multiple strings, and stores the result.",
)  # fmt: skip
def bitop(call: Call, word: bytes, target: bytes, *keys: bytes) -> Reply:
    operation = word.upper()
    if operation not in (b"AND", b"OR", b"XOR", b"NOT"):
        raise CommandError(SYNTAX)
    if operation == b"NOT" and len(keys) > 1:
        raise CommandError(NOT_OF_ONE)
    values = [call.find(key, StringValue) for key in keys]
    texts = [b"" if value is None else value.bytes() for value in values]
    size = max(map(len, texts))
    if not size:
        call.db.delete(target)
        return 0
    # A shorter string counts as if it went on with zeros.
    result, *others = [int.from_bytes(text.ljust(size, b"\0")) for text in texts]
    if operation == b"NOT":
        result ^= (1 << 8 * size) - 1
    for other in others:
        if operation == b"AND":
            result &= other
        elif operation == b"OR":
            result |= other
        else:
            result ^= other
    call.db.put(target, StringValue.make_raw(call.runtime, result.to_bytes(size)))
    return size
