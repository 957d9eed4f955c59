"""Lists in payloads.

     1    count, then each element as a string                          linked lists, before 3.2
    10    one ziplist                                                   small ones
    14    node count, then each node's ziplist                          quicklist, 3.2 to 6.2
    18    node count, then per node 1 and an element, or 2 and a listpack   quicklist and listpack, from 7.0 on

A compressed node is written with the bytes that it has in memory.
"""

from __future__ import annotations

from collections.abc import Callable

from rinspect.engine.encodings.compact import CorruptBlob, Listpack, Ziplist
from rinspect.engine.encodings.quicklist import Plain, Quicklist
from rinspect.engine.payload.codec import CorruptPayload, EmptyValue, Reader, Writer
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.list import ListValue, configured_quicklist
from rinspect.engine.values.value import Value

STRINGS, ZIPLIST, QUICKLIST, QUICKLIST_2 = 1, 10, 14, 18
PLAIN, PACKED = 1, 2
"""What kind of node follows, in type 18."""


def type_byte(value: ListValue) -> int:
    """The RDB type of what the list is made of: a version's own lists, or those that were read as found."""
    body = value.body
    if isinstance(body, Ziplist):
        return ZIPLIST
    if isinstance(body, Quicklist) and body.head is not None and isinstance(body.head.blob, Ziplist):
        return QUICKLIST
    return QUICKLIST_2


def save(value: ListValue, out: Writer) -> None:
    """Write the body."""
    kind, body = type_byte(value), value.body
    if not isinstance(body, Quicklist):
        if kind == QUICKLIST_2:
            out.length(1)
            out.length(PACKED)
        out.string(body.data)
        return
    out.length(body.nodes_count)
    for node in body.nodes():
        if kind == QUICKLIST_2:
            out.length(PLAIN if node.is_plain else PACKED)
        if node.compressed is not None:
            out.lzf(node.compressed, node.blob.nbytes)
        else:
            out.string(node.blob.data)


def _load_strings(reader: Reader, runtime: Runtime) -> Value:
    body = configured_quicklist(runtime)
    for _ in range(reader.length()):
        body.push(reader.string())
    return _loaded(body, runtime)


def _load_ziplist(reader: Reader, runtime: Runtime) -> Value:
    blob = _blob(Ziplist, reader.string())
    if not len(blob):
        raise EmptyValue("a list without elements")
    return ListValue(runtime, blob)


def _load_quicklist(reader: Reader, runtime: Runtime) -> Value:
    body = configured_quicklist(runtime)
    for _ in range(reader.length()):
        blob = _blob(Ziplist, reader.string())
        if len(blob):
            body.append_blob(blob)
    return _loaded(body, runtime)


def _load_quicklist_2(reader: Reader, runtime: Runtime) -> Value:
    body = configured_quicklist(runtime)
    for _ in range(reader.length()):
        container = reader.length()
        data = reader.string()
        if container == PLAIN and data:
            body.append_blob(Plain(data))
        elif container == PACKED:
            blob = _blob(Listpack, data)
            if len(blob):
                body.append_blob(blob)
        else:
            raise CorruptPayload(f"a list node is plain (1) or packed (2), not {container}, and not empty")
    value = _loaded(body, runtime)
    # One packed node may have been a quicklist's last, too; a bare listpack is what it most often was.
    return value.settle() if runtime.profile.small_list_is_listpack else value


def _blob(kind: type[Listpack | Ziplist], data: bytes) -> Listpack | Ziplist:
    try:
        return kind.from_bytes(data)
    except CorruptBlob as error:
        raise CorruptPayload(str(error)) from None


def _loaded(body: Quicklist, runtime: Runtime) -> ListValue:
    if not body.count:
        raise EmptyValue("a list without elements")
    return ListValue(runtime, body)


LOADERS: dict[int, Callable[[Reader, Runtime], Value]] = {
    STRINGS: _load_strings,
    ZIPLIST: _load_ziplist,
    QUICKLIST: _load_quicklist,
    QUICKLIST_2: _load_quicklist_2,
}
