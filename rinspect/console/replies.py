"""Replies as redis-cli shows them to a person."""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.console.words import quoted
from rinspect.engine.replies import (
    NULL_ARRAY,
    Attributed,
    BigNumber,
    CommandError,
    Double,
    Map,
    Push,
    Reply,
    SetReply,
    Status,
    Verbatim,
)

MOST_LINES = 1000
"""Of a longer reply the rest is counted, not shown."""


_REPORTS = {
    b"info": (), b"lolwut": (), b"client": (b"list", b"info"), b"cluster": (b"info", b"nodes"),
    b"latency": (b"doctor", b"graph"), b"memory": (b"doctor", b"malloc-stats"), b"debug": (b"htstats", b"htstats-key"),
}  # fmt: skip
"""Commands whose replies are texts for people, with the subcommands for which that is so."""


def is_report(argv: Sequence[bytes]) -> bool:
    """Whether a command's reply is a text of many lines, to be shown as it is."""
    subcommands = _REPORTS.get(argv[0].lower())
    return subcommands is not None and (not subcommands or (argv[1:2] != [] and argv[1].lower() in subcommands))


def format_reply(reply: Reply, most: int = MOST_LINES, *, report: bool = False) -> list[str]:
    """A reply in redis-cli's format, at most `most` lines of it and one that says how many are left out."""
    lines = _lines(Verbatim(reply) if report and isinstance(reply, bytes) else reply, "")
    if len(lines) > most:
        left = len(lines) - most
        lines = [*lines[:most], f"… {left:,} more lines"]
    return lines


def format_message(message: Push) -> list[str]:
    """A message that is no reply, in redis-cli's format."""
    kind, *rest = message.items
    if kind == b"invalidate" and rest and isinstance(rest[0], list):
        return ["-> invalidate: " + ", ".join(f"'{quoted(key)[1:-1]}'" for key in rest[0] if isinstance(key, bytes))]
    return format_reply(list(message.items))


def _lines(reply: Reply, prefix: str) -> list[str]:
    if reply is None or reply is NULL_ARRAY:
        return ["(nil)"]
    if isinstance(reply, bool):
        return ["(true)" if reply else "(false)"]
    if isinstance(reply, int):
        return [f"(integer) {reply}"]
    if isinstance(reply, bytes):
        return [quoted(reply)]
    if isinstance(reply, Status):
        return [reply.text.decode("utf-8", "backslashreplace")]
    if isinstance(reply, CommandError):
        return [f"(error) {reply.message}"]
    if isinstance(reply, Double | BigNumber):
        kind = "double" if isinstance(reply, Double) else "bignum"
        return [f"({kind}) {reply.text.decode()}"]
    if isinstance(reply, Attributed):
        return _lines(reply.reply, prefix)
    if isinstance(reply, Verbatim):
        return reply.text.decode("utf-8", "backslashreplace").splitlines() or [""]
    if isinstance(reply, Map):
        return _map(reply, prefix)
    if isinstance(reply, SetReply):
        return _numbered(list(reply.members), prefix, "~", "(empty set)")
    assert isinstance(reply, list)
    return _numbered(reply, prefix, ")", "(empty array)")


def _numbered(items: list[Reply], prefix: str, mark: str, empty: str) -> list[str]:
    if not items:
        return [empty]
    width = len(str(len(items)))
    lines: list[str] = []
    for number, item in enumerate(items, 1):
        head = f"{number:>{width}}{mark} "
        inner = _lines(item, prefix + " " * len(head))
        lines.append((prefix if lines else "") + head + inner[0])
        lines += inner[1:]
    return lines


def _map(reply: Map, prefix: str) -> list[str]:
    if not reply.pairs:
        return ["(empty hash)"]
    width = len(str(len(reply.pairs)))
    lines: list[str] = []
    for number, (key, value) in enumerate(reply.pairs, 1):
        head = f"{number:>{width}}# {_lines(key, '')[0]} => "
        inner = _lines(value, prefix + " " * len(head))
        lines.append((prefix if lines else "") + head + inner[0])
        lines += inner[1:]
    return lines


def plain(reply: Reply) -> list[bytes]:
    """A reply as redis-cli writes it to a pipe: texts as they are, one a line; an empty line after an error."""
    if reply is None or reply is NULL_ARRAY:
        return [b""]
    if isinstance(reply, bool):
        return [b"true" if reply else b"false"]
    if isinstance(reply, int):
        return [b"%d" % reply]
    if isinstance(reply, bytes):
        return [reply]
    if isinstance(reply, Status | Double | BigNumber | Verbatim):
        return [reply.text]
    if isinstance(reply, Attributed):
        return plain(reply.reply)
    if isinstance(reply, CommandError):
        return [reply.message.encode(), b""]
    if isinstance(reply, Map):
        return [line for key, value in reply.pairs for line in _beside(plain(key), plain(value))] or [b""]
    items = list(reply.members) if isinstance(reply, SetReply) else reply
    assert isinstance(items, list)
    return [line for item in items for line in plain(item)] if items else [b""]


def _beside(key: list[bytes], value: list[bytes]) -> list[bytes]:
    return [*key[:-1], key[-1] + b" " + value[0], *value[1:]]
