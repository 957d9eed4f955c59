"""DEBUG PROTOCOL and ERROR: replies to order, for those who write clients."""

from __future__ import annotations

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.server.debugging import debug_command
from rinspect.engine.replies import Attributed, BigNumber, CommandError, Push, Reply, Verbatim

KINDS = "string|integer|double|bignum|null|array|set|map|attrib|push|verbatim|true|false"
BIG_NUMBER = b"1234567999999999999999999999999999999"


@debug_command("PROTOCOL", 1, 1)
def _protocol(call: Call, args: list[bytes]) -> Reply:
    kind = args[0].lower()
    plain: dict[bytes, Reply] = {
        b"string": b"Hello World",
        b"integer": 12345,
        b"double": call.double(3.141 if call.runtime.profile.version >= (7, 0) else 3.14159265359),
        b"bignum": BIG_NUMBER if call.resp == 2 else BigNumber(BIG_NUMBER),
        b"null": None,
        b"array": [0, 1, 2],
        b"set": call.set([0, 1, 2]),
        b"map": call.map([(0, False), (1, True), (2, False)]),
        b"attrib": Attributed(((b"key-popularity", [b"key:123", 90]),), b"Some real reply following the attribute"),
        b"verbatim": Verbatim(b"This is a verbatim\nstring"),
        b"true": True,
        b"false": False,
    }
    if kind in plain:
        return plain[kind]
    if kind != b"push":
        raise CommandError(f"ERR Wrong protocol type name. Please use one of the following: {KINDS}")
    if call.resp == 2:
        raise CommandError("ERR RESP2 is not supported by this command")
    call.session.push(Push((b"server-cpu-usage", 42)))
    return b"Some real reply following the push reply"


@debug_command("ERROR", 1, 1)
def _error(call: Call, args: list[bytes]) -> Reply:
    raise CommandError(args[0].decode("latin-1").replace("\r", " ").replace("\n", " "))
