"""How a stream is to be cut: MAXLEN and MINID of XADD and XTRIM; and XTRIM."""

from __future__ import annotations

from dataclasses import dataclass

from rinspect.engine.commands.call import Call
from rinspect.engine.commands.propagating import Argv
from rinspect.engine.commands.registry import command
from rinspect.engine.commands.stream.ids import parse_id, parse_id_to_complete
from rinspect.engine.commands.stream.replies import integer, tell
from rinspect.engine.encodings.streamid import LAST_ID, id_text
from rinspect.engine.replies import SYNTAX, CommandError, Reply
from rinspect.engine.values.stream import StreamValue

BOTH = "ERR syntax error, MAXLEN and MINID options at the same time are not compatible"
NEGATIVE_MAXLEN = "ERR The MAXLEN argument must be >= 0."
NEGATIVE_LIMIT = "ERR The LIMIT argument must be >= 0."
LIMIT_ALONE = "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy"
LIMIT_EXACT = "ERR syntax error, LIMIT cannot be used without the special ~ option"
NO_STRATEGY = "ERR syntax error, XTRIM must be called with a trimming strategy"

NODES_AT_ONCE = 100
"""Nodes of the usual size that an approximate trimming may take away, unless LIMIT says how many entries."""
LIMIT_WITHOUT_SIZE, MOST_AT_ONCE = 10_000, 1_000_000


@dataclass
class Options:
    """The words of XADD before the fields, or of XTRIM."""

    maxlen: int | None = None
    minid: int | None = None
    approximately: bool = False
    limit: int | None = None
    nomkstream: bool = False
    identity: int | None = None
    """The id that is given for the entry; None for `*`."""
    completes: bool = False
    """Its sequence number is to be found."""
    length: int = 0
    """How many words there are up to the id, or in all."""

    @property
    def trims(self) -> bool:
        return self.maxlen is not None or self.minid is not None

    def trim(self, stream: StreamValue) -> int:
        """Cut a stream; how many entries went."""
        assert self.limit is not None
        return stream.trim(
            maxlen=self.maxlen, minid=self.minid or 0, approximately=self.approximately, limit=self.limit
        )


def parse_options(call: Call, words: tuple[bytes, ...], *, adding: bool) -> Options:
    """Read what comes before the fields of XADD, the id included, or all of XTRIM; CommandError where it is wrong."""
    options = Options()
    at, version = 0, call.runtime.profile.version
    while at < len(words):
        word, more = words[at].upper(), len(words) - 1 - at
        if adding and word == b"*":
            break
        if word in (b"MAXLEN", b"MINID") and more:
            at = _strategy(options, words, at)
        elif word == b"LIMIT" and more:
            options.limit = integer(words[at + 1])
            if options.limit < 0:
                raise CommandError(NEGATIVE_LIMIT)
            at += 1
        elif adding and word == b"NOMKSTREAM":
            options.nomkstream = True
        elif adding:
            if version >= (7, 0):
                options.identity, options.completes = parse_id_to_complete(words[at])
            else:
                options.identity = parse_id(words[at])
            break
        else:
            raise CommandError(SYNTAX)
        at += 1
    options.length = at + 1
    _settle_limit(call, options, adding=adding)
    return options


def _strategy(options: Options, words: tuple[bytes, ...], at: int) -> int:
    """Read a strategy that begins at a word; where its last word is."""
    if options.trims:
        raise CommandError(BOTH)
    by_length = words[at].upper() == b"MAXLEN"
    options.approximately = False
    if len(words) - 1 - at >= 2 and words[at + 1] in (b"~", b"="):
        options.approximately = words[at + 1] == b"~"
        at += 1
    if by_length:
        options.maxlen = integer(words[at + 1])
        if options.maxlen < 0:
            raise CommandError(NEGATIVE_MAXLEN)
    else:
        options.minid = parse_id(words[at + 1])
    return at + 1


def _settle_limit(call: Call, options: Options, *, adding: bool) -> None:
    """Hold LIMIT against the rest, and find the one that holds where none is given."""
    if options.limit and not options.trims:
        raise CommandError(LIMIT_ALONE)
    if not adding and not options.trims:
        raise CommandError(NO_STRATEGY)
    if options.limit is not None:
        # (What is handed on has it all the same.)
        if not (options.approximately or call.runtime.loading):
            raise CommandError(LIMIT_EXACT)
        return
    options.limit = 0
    if options.approximately:
        options.limit = NODES_AT_ONCE * call.runtime.config.stream_node_max_entries
        if call.runtime.profile.version >= (7, 0):
            options.limit = min(options.limit or LIMIT_WITHOUT_SIZE, MOST_AT_ONCE)


def exactly(call: Call, argv: Argv, options: int) -> list[bytes]:
    """XADD or XTRIM, with its options among the first so many words, as it is handed on: not about there, but what was cut."""
    words = [*argv]
    if b"~" not in words[2:options]:
        return words
    stream = call.db.peek(argv[1])
    assert isinstance(stream, StreamValue)
    at = words.index(b"~", 2)
    words[at] = b"="
    by_length = words[at - 1].upper() == b"MAXLEN"
    # The server's first id is that of the first entry whose place is still there.
    first = next((node.first for _, node in stream.nodes.items()), LAST_ID)
    words[at + 1] = b"%d" % stream.length if by_length else id_text(first)
    return words


@command(
    "XTRIM",
    "key trim=(strategy=<MAXLEN|MINID@6.2> [operator=equal:'='|approximately:'~'] threshold [LIMIT count:int]@6.2)",
    group="stream", since="5.0.0", flags="write", access="RW delete", tips="nondeterministic_output", raw=True,
    complexity="O(N), with N being the number of evicted entries. Constant times are very small however, since entries are"
    " organized in macro nodes containing multiple entries that can be released with a single deallocation.",
    summary="Deletes messages from the beginning of a stream.",
    propagated=lambda call, argv, reply: [exactly(call, argv, len(argv))],
)  # fmt: skip
def xtrim(call: Call, key: bytes, *words: bytes) -> Reply:
    options = parse_options(call, words, adding=False)
    stream = call.db.find_write(key, StreamValue)
    if stream is None:
        return 0
    gone = options.trim(stream)
    if gone:
        call.db.changed(key)
        call.db.dirty += gone - 1
        tell(call, key, "xtrim")
    return gone
