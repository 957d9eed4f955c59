"""A quicklist's node: a struct of its own that points to a blob, to a compressed blob, or to one big element."""

from __future__ import annotations

from typing import NamedTuple

from rinspect.engine.encodings import lzf
from rinspect.engine.encodings.compact import Compact
from rinspect.engine.layout import Field, Kind, Window
from rinspect.engine.runtime import Runtime

MIN_COMPRESS = 48
"""Blobs shorter than this are not tried."""
MIN_GAIN = 8
"""Compressed data is kept only if it is by more than so many bytes shorter."""

LZF = "quicklistLZF"
PLAIN = "element"


class Plain:
    """One element that takes a node by itself, without any header: the allocation is its text.

    Stands where a listpack would: `texts` and `data` as there.
    """

    encoding = "plain"
    __slots__ = ("data", "serial", "texts")

    def __init__(self, text: bytes) -> None:
        self.data = text
        self.texts = [text]
        self.serial = 0

    def __len__(self) -> int:
        return 1

    @property
    def nbytes(self) -> int:
        return len(self.data)

    def copy(self) -> Plain:
        return Plain(self.data)

    def fields(self, window: Window, names: tuple[str, ...] = ()) -> tuple[Field, ...]:
        note = f"{len(self.data)} bytes: the element itself, no header, no entry encoding"
        return (Field(0, len(self.data), "element", self.data, Kind.PAYLOAD, note, 0),)


class Measure(NamedTuple):
    """What a node's blob weighs: its kind, bytes asked for, size class, bytes charged by MEMORY USAGE."""

    kind: str
    asked: int
    size_class: int
    charged: int


class Node:
    """One node.

    `blob` holds the elements. While `compressed` is set, that is what is in memory, and `blob` is what it unpacks to,
    kept so that nobody has to. `recompress` is the mark of a node that was unpacked only to be used. `measure` is what
    the chain has last counted for it.
    """

    __slots__ = ("blob", "compressed", "measure", "next", "prev", "protected", "recompress", "serial", "_tried")

    def __init__(self, blob: Compact | Plain) -> None:
        self.blob = blob
        self.prev: Node | None = None
        self.next: Node | None = None
        self.compressed: bytes | None = None
        self.recompress = False
        self.protected = False
        """Not to be compressed for now (the `dont_compress` bit)."""
        self.serial = 0
        self.measure: Measure | None = None
        self._tried: tuple[bytes, bytes | None] | None = None

    def __len__(self) -> int:
        return len(self.blob.texts)

    @property
    def is_plain(self) -> bool:
        return isinstance(self.blob, Plain)

    @property
    def packed(self) -> Compact:
        """The blob of a node that is not plain."""
        assert not isinstance(self.blob, Plain)
        return self.blob

    def compress(self) -> bool:
        """Compress the blob if that pays; whether it did."""
        raw = self.blob.data
        size = len(raw)
        if size < MIN_COMPRESS:
            return False
        # Reading unpacks nodes and packs the same again: the last outcome is good while the bytes are the same.
        if self._tried is None or self._tried[0] != raw:
            self._tried = bytes(raw), lzf.compress(raw, size)
        compressed = self._tried[1]
        if compressed is None or len(compressed) + MIN_GAIN >= size:
            return False
        self.compressed = compressed
        self.blob.serial = 0
        return True

    def decompress(self) -> None:
        self.compressed = None
        self.blob.serial = 0

    def weigh(self, runtime: Runtime) -> Measure:
        """The measure of the blob as it is now."""
        blob, profile = self.blob, runtime.profile
        if self.compressed is not None:
            kind, length = LZF, len(self.compressed)
            asked = profile.quicklist.lzf_header + length
        else:
            kind = PLAIN if blob.encoding == "plain" else blob.encoding
            asked = length = len(blob.data)
        size_class = runtime.usable(asked)
        return Measure(kind, asked, size_class, length if profile.charges_blob_length else size_class)

    def clone(self) -> Node:
        """A node with a blob of its own and the same compression, linked nowhere and without a mark."""
        twin = Node(self.blob.copy())
        twin.compressed = self.compressed
        twin._tried = self._tried
        return twin
