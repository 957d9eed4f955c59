"""Replies as bytes, and back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rinspect.engine.networking.replies import ReplyReader
from rinspect.engine.networking.resp import ENCODERS
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
    Several,
    Status,
    Verbatim,
)

lines = st.binary(max_size=20).filter(lambda text: b"\r" not in text and b"\n" not in text)
numbers = st.integers(-(1 << 63), (1 << 63) - 1)
simple = st.one_of(
    st.none(),
    st.booleans(),
    st.binary(max_size=30),
    st.binary(min_size=1020, max_size=1030),
    numbers,
    st.just(NULL_ARRAY),
    lines.map(Status),
    lines.map(lambda text: CommandError(text.decode("latin-1"))),
    st.floats(allow_nan=False).map(lambda number: Double(repr(number).encode())),
    st.integers().map(lambda number: BigNumber(b"%d" % number)),
    st.binary(max_size=30).map(Verbatim),
)


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, max_size=4)
    pairs = st.lists(st.tuples(inner, inner), max_size=3).map(tuple)
    return st.one_of(
        several,
        st.lists(st.binary(max_size=8), max_size=5),
        several.map(lambda items: SetReply(tuple(items))),
        several.map(lambda items: Push(tuple(items))),
        pairs.map(Map),
        st.builds(Attributed, pairs, inner),
    )


replies = st.recursive(simple, nested, max_leaves=12)


def as_read(reply: Reply, version: int) -> Any:
    """What is left of a reply when it has gone over the connection."""

    def inner(items: Any) -> list[Any]:
        return [as_read(item, version) for item in items]

    old = version == 2
    match reply:
        case bool():
            return int(reply) if old else reply
        case Double(text=text):
            return text if old else ("double", text)
        case BigNumber(text=text):
            return text if old else ("big", text)
        case Verbatim(text=text, format=name):
            return text if old else ("verbatim", name, text)
        case Status(text=text):
            return ("status", text)
        case CommandError(message=message):
            return ("error", message)
        case Map(pairs=pairs):
            flat = [item for pair in pairs for item in pair]
            return inner(flat) if old else ("map", inner(flat))
        case SetReply(members=members):
            return inner(members) if old else ("set", inner(members))
        case Push(items=items):
            return inner(items) if old else ("push", inner(items))
        case Attributed(attributes=attributes, reply=of):
            flat = [item for pair in attributes for item in pair]
            return as_read(of, version) if old else ("attributed", inner(flat), as_read(of, version))
        case list():
            return inner(reply)
        case _ if reply is NULL_ARRAY:
            return "null array" if old else None
    return reply


@pytest.mark.parametrize("version", [2, 3])
@given(sent=st.lists(replies, max_size=4), size=st.integers(1, 50))
def test_replies_survive_in_whichever_pieces(version: int, sent: list[Any], size: int) -> None:
    data = b"".join(map(ENCODERS[version].encode, sent))
    reader = ReplyReader()
    found: list[Reply] = []
    for start in range(0, len(data), size):
        reader.feed(data[start : start + size])
        found += reader.replies()
    assert [as_read(one, 3 if version == 3 else 2) for one in found] == [as_read(one, version) for one in sent]


@given(st.lists(st.binary(max_size=2), min_size=1))
def test_strings_of_one_length_and_of_several(texts: list[Reply]) -> None:
    assert ENCODERS[2].encode(texts) == b"*%d\r\n" % len(texts) + b"".join(map(ENCODERS[2].encode, texts))


@pytest.mark.parametrize("texts", [[b"aa", b"a", b"aa", b"aaa", b"aa"], [b"a", b"a" * 1024, b"a", b"a"]])
def test_strings_that_look_as_if_they_had_one_length(texts: list[Reply]) -> None:
    assert ENCODERS[2].encode(texts) == b"*%d\r\n" % len(texts) + b"".join(map(ENCODERS[2].encode, texts))


SPELLED = [
    (None, b"$-1\r\n", b"_\r\n"),
    (NULL_ARRAY, b"*-1\r\n", b"_\r\n"),
    (True, b":1\r\n", b"#t\r\n"),
    (False, b":0\r\n", b"#f\r\n"),
    (-1, b":-1\r\n", b":-1\r\n"),
    (1024, b":1024\r\n", b":1024\r\n"),
    (b"", b"$0\r\n\r\n", b"$0\r\n\r\n"),
    ([], b"*0\r\n", b"*0\r\n"),
    ([b"a", b""], b"*2\r\n$1\r\na\r\n$0\r\n\r\n", b"*2\r\n$1\r\na\r\n$0\r\n\r\n"),
    (Double(b"1.5"), b"$3\r\n1.5\r\n", b",1.5\r\n"),
    (Map(((b"a", 1),)), b"*2\r\n$1\r\na\r\n:1\r\n", b"%1\r\n$1\r\na\r\n:1\r\n"),
    (SetReply((1, 2)), b"*2\r\n:1\r\n:2\r\n", b"~2\r\n:1\r\n:2\r\n"),
    (Push((b"a",)), b"*1\r\n$1\r\na\r\n", b">1\r\n$1\r\na\r\n"),
    (Verbatim(b"hi"), b"$2\r\nhi\r\n", b"=6\r\ntxt:hi\r\n"),
    (BigNumber(b"12"), b"$2\r\n12\r\n", b"(12\r\n"),
    (Attributed(((b"a", 1),), 2), b":2\r\n", b"|1\r\n$1\r\na\r\n:1\r\n:2\r\n"),
    (Several((Push((1,)), Push((2,)))), b"*1\r\n:1\r\n*1\r\n:2\r\n", b">1\r\n:1\r\n>1\r\n:2\r\n"),
    (CommandError("ERR a"), b"-ERR a\r\n", b"-ERR a\r\n"),
]


@pytest.mark.parametrize(("reply", "old", "new"), SPELLED, ids=lambda value: str(value)[:20])
def test_each_kind_of_reply_is_spelled_so(reply: Reply, old: bytes, new: bytes) -> None:
    assert ENCODERS[2].encode(reply) == old
    assert ENCODERS[3].encode(reply) == new


@pytest.mark.parametrize("data", [b"?\r\n", b"\r\n", b":x\r\n"])
def test_bytes_that_are_no_reply(data: bytes) -> None:
    reader = ReplyReader()
    reader.feed(data)
    with pytest.raises(ValueError, match=r"begins like this|invalid literal"):
        list(reader.replies())
