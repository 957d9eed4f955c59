"""How commands are put when they are handed on (see `rinspect.engine.propagation`), where that is not as they were sent.

A command that is declared with one of these is given to it after it has run and changed something: what became of a key is
asked of the key.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from rinspect.engine.propagation import deletion
from rinspect.engine.replies import Reply

if TYPE_CHECKING:
    from rinspect.engine.commands.call import Call
    from rinspect.engine.commands.registry import Propagated

Argv = Sequence[bytes]


def said_itself(call: Call, argv: Argv, reply: Reply) -> Iterable[Argv]:
    """What it did, it has handed on while it did it."""
    return ()


def from_the_one(call: Call, argv: Argv, reply: Reply) -> Iterable[Argv]:
    """BLPOP and its kind, which answer with the key first: the command that takes one from there and does not wait."""
    assert isinstance(reply, list)
    key = reply[0]
    assert isinstance(key, bytes)
    yield (argv[0].upper()[1:], key)


def so_many_from_the_one(left: bytes, right: bytes) -> Propagated:
    """LMPOP, BZMPOP and their kind, which answer with the key and what they took there: the command that takes so many; `left`
    is the one for LEFT and MIN."""

    def put(call: Call, argv: Argv, reply: Reply) -> Iterable[Argv]:
        assert isinstance(reply, list)
        key, taken = reply
        assert isinstance(key, bytes)
        assert isinstance(taken, list)
        numkeys = 2 if argv[0].upper().startswith(b"B") else 1
        where = argv[numkeys + int(argv[numkeys]) + 1].upper()
        yield (left if where in (b"LEFT", b"MIN") else right, key, b"%d" % len(taken))

    return put


def expiry_of(call: Call, argv: Argv, *words: bytes) -> Argv:
    """That the key which a command named first has the expiry that it has now, or has gone because that has passed; `words` go
    behind it."""
    key = argv[1]
    when = call.db.expiry(key)
    if when is None:
        return deletion(key, lazily=call.runtime.config.lazyfree_lazy_expire)
    return (b"PEXPIREAT", key, b"%d" % when, *words)
