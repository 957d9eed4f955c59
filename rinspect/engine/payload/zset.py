"""A sorted set in RDB form.

3    count, then member and score as text         before Redis 4: length and text, or FD nan, FE inf, FF -inf
5    count, then member and score as a double     a skiplist, from its last node to its first
12   a ziplist as one string
17   a listpack as one string
"""

from __future__ import annotations

from collections.abc import Callable
from math import isnan

from rinspect.engine.encodings.compact import CorruptBlob, Listpack, Ziplist
from rinspect.engine.encodings.indexedzset import Pair
from rinspect.engine.encodings.packedzset import PackedZset
from rinspect.engine.numbers import parse_double
from rinspect.engine.payload.codec import CorruptPayload, EmptyValue, Reader, Writer
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.zset import ZsetValue, loaded, packed

TEXT_SCORES, SKIPLIST, ZIPLIST, LISTPACK = 3, 5, 12, 17

_SPECIAL = {253: float("nan"), 254: float("inf"), 255: float("-inf")}


def type_byte(value: ZsetValue) -> int:
    return {"skiplist": SKIPLIST, "ziplist": ZIPLIST, "listpack": LISTPACK}[value.encoding]


def save(value: ZsetValue, out: Writer) -> None:
    if isinstance(value.body, PackedZset):
        out.string(value.body.blob.data)
        return
    out.length(len(value))
    for member, score in reversed(value.pairs()):
        out.string(member)
        out.double_le(score)


def _load_skiplist(reader: Reader, runtime: Runtime) -> ZsetValue:
    return _loaded(reader, runtime, Reader.double_le)


def _load_text_scores(reader: Reader, runtime: Runtime) -> ZsetValue:
    return _loaded(reader, runtime, _text_score)


def _text_score(reader: Reader) -> float:
    length = reader.u8()
    if length in _SPECIAL:
        return _SPECIAL[length]
    score = parse_double(reader.raw(length))
    if score is None:
        raise CorruptPayload(f"the score before offset {reader.at} is not a number")
    return score


def _loaded(reader: Reader, runtime: Runtime, read_score: Callable[[Reader], float]) -> ZsetValue:
    count = reader.length()
    if not count:
        raise EmptyValue("a sorted set without members")
    pairs: list[Pair] = []
    seen: set[bytes] = set()
    for _ in range(count):
        member = reader.string()
        score = read_score(reader)
        if isnan(score):
            raise CorruptPayload(f"the score before offset {reader.at} is NaN")
        if member in seen:
            raise CorruptPayload(f"the member before offset {reader.at} stands there twice")
        seen.add(member)
        pairs.append((member, score))
    return loaded(runtime, pairs)


def _load_blob(reader: Reader, runtime: Runtime, form: type[Listpack | Ziplist]) -> ZsetValue:
    try:
        value = packed(runtime, form.from_bytes(reader.string()))
    except CorruptBlob as error:
        raise CorruptPayload(str(error)) from None
    if not len(value):
        raise EmptyValue("a sorted set without members")
    return value


def _load_ziplist(reader: Reader, runtime: Runtime) -> ZsetValue:
    return _load_blob(reader, runtime, Ziplist)


def _load_listpack(reader: Reader, runtime: Runtime) -> ZsetValue:
    return _load_blob(reader, runtime, Listpack)


LOADERS = {
    TEXT_SCORES: _load_text_scores,
    SKIPLIST: _load_skiplist,
    ZIPLIST: _load_ziplist,
    LISTPACK: _load_listpack,
}
