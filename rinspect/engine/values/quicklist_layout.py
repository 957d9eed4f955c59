"""How a quicklist looks in memory: the struct, the nodes, and what the nodes hold."""

from __future__ import annotations

from collections.abc import Iterator

from rinspect.engine.encodings.quicklist import Node, Plain, Quicklist
from rinspect.engine.encodings.quicklist.chain import QUICKLIST_SIZE
from rinspect.engine.encodings.quicklist.fill import NO_LIMIT
from rinspect.engine.encodings.sds import visible
from rinspect.engine.layout import Allocation, Field, Kind, Run, Serial, Shape, Window
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.blob_layout import blob_allocation, entries_touched
from rinspect.engine.values.value import struct_allocation

RAW, LZF = 1, 2
PLAIN, PACKED = 1, 2
BLOB_RULE = "6.2 charges a blob by its length"
LZF_RULE = "6.2 charges a compressed node's data only, by its length"


class QuicklistLayout:
    """A view of one quicklist. Elements, in the sense of a Window, are nodes; of a node's blob those entries are shown
    that the window's bytes touch."""

    def __init__(self, quicklist: Quicklist, runtime: Runtime) -> None:
        self.quicklist = quicklist
        self.runtime = runtime
        self.node_size = runtime.profile.quicklist_node_size
        if not quicklist.serial:
            quicklist.serial = runtime.serial()

    @property
    def serial(self) -> int:
        """The quicklist struct's."""
        return self.quicklist.serial

    def facts(self) -> dict[str, object]:
        """Figures that drawings name."""
        quicklist = self.quicklist
        facts: dict[str, object] = {
            "nodes": quicklist.nodes_count,
            "elements": quicklist.count,
            "fill": quicklist.fill.setting,
            "compress": quicklist.depth,
            "limit": quicklist.fill.size,
        }
        if quicklist.fill.count != NO_LIMIT:
            facts["elements_limit"] = quicklist.fill.count
        return facts

    def runs(self) -> Iterator[Run]:
        """Totals of all allocations."""
        quicklist, usable = self.quicklist, self.runtime.usable
        yield Run("quicklist", 1, QUICKLIST_SIZE, usable(QUICKLIST_SIZE), QUICKLIST_SIZE)
        count, size = quicklist.nodes_count, self.node_size
        yield Run("quicklistNode", count, count * size, count * usable(size), count * size)
        for kind, totals in sorted(quicklist.totals().items()):
            rule = self._rule(kind == "quicklistLZF")
            yield Run(kind, totals.count, totals.asked, totals.size_class, totals.charged, rule)

    def allocations(self, window: Window) -> Iterator[Allocation]:
        """The struct, and the window's nodes, each followed by its blob."""
        yield self._struct()
        node = self.quicklist.node_at(window.first)
        index = window.first
        while node is not None and index < window.stop:
            yield self._node(node, index)
            yield self._blob(node, index, window)
            node, index = node.next, index + 1

    def _serial_of(self, node: Node | None) -> int | None:
        if node is None:
            return None
        if not node.serial:
            node.serial = self.runtime.serial()
        return node.serial

    def _blob_serial(self, node: Node) -> int:
        if not node.blob.serial:
            node.blob.serial = self.runtime.serial()
        return node.blob.serial

    def _rule(self, compressed: bool) -> str:
        if not self.runtime.profile.charges_blob_length:
            return ""
        return LZF_RULE if compressed else BLOB_RULE

    def _struct(self) -> Allocation:
        quicklist = self.quicklist
        fill, depth = quicklist.fill, quicklist.depth
        limits = f"at most {fill.size} bytes a node"
        if fill.count != NO_LIMIT:
            limits = f"at most {fill.count} elements a node, and {fill.size} bytes"
        deep = f"the {depth} outer nodes at each end stay raw" if depth else "no node is compressed"
        fields = (
            _pointer(0, "head", self._serial_of(quicklist.head), "to the first node"),
            _pointer(8, "tail", self._serial_of(quicklist.tail), "to the last node"),
            Field(16, 8, "count", quicklist.count, Kind.COUNT, f"{quicklist.count} elements in all nodes"),
            Field(24, 8, "len", quicklist.nodes_count, Kind.COUNT, f"{quicklist.nodes_count} nodes"),
            Field(32, 2, "fill", fill.setting, Kind.INTEGER, f"16 bits: {limits}"),
            Field(34, 2, "compress", depth, Kind.INTEGER, f"16 bits: {deep}"),
            Field(36, 4, "bookmark_count", 0, Kind.COUNT, "4 bits: no bookmarks; the rest is padding"),
        )
        data = bytes(16) + quicklist.count.to_bytes(8, "little") + quicklist.nodes_count.to_bytes(8, "little")
        data += fill.setting.to_bytes(2, "little", signed=True) + depth.to_bytes(2, "little") + bytes(4)
        size_class = self.runtime.usable(QUICKLIST_SIZE)
        return struct_allocation(self.serial, "value/quicklist", "quicklist", data, fields, size_class=size_class)

    def _node(self, node: Node, index: int) -> Allocation:
        long = self.node_size == 40
        size_width = 8 if long else 4
        size, count = node.blob.nbytes, len(node)
        encoding = RAW if node.compressed is None else LZF
        container = PLAIN if node.is_plain else PACKED
        bits = encoding | container << 2 | node.recompress << 4 | node.protected << 6
        what = "a plain element" if node.is_plain else f"a {node.blob.encoding}"
        entry = "to the compressed data" if encoding == LZF else f"to {what}"
        state = f"LZF (2): {what}, compressed" if encoding == LZF else f"RAW (1): {what}"
        mark = "; marked to be compressed again" if node.recompress else ""
        fields = [
            _pointer(0, "prev", self._serial_of(node.prev), "to the node before"),
            _pointer(8, "next", self._serial_of(node.next), "to the next node"),
            _pointer(16, "entry" if long else "zl", self._blob_serial(node), entry),
            Field(24, size_width, "sz", size, Kind.LENGTH, f"{size} bytes, uncompressed"),
            Field(24 + size_width, 2, "count", count, Kind.COUNT, f"16 bits: {count} elements in this node"),
            Field(26 + size_width, 2, "encoding, container", (encoding, container), Kind.FLAGS,
                  f"2 bits: {state}; 2 bits: container {container}{mark}"),
        ]  # fmt: skip
        data = bytes(24) + size.to_bytes(size_width, "little") + (count & 0xFFFF).to_bytes(2, "little")
        data += bits.to_bytes(2, "little")
        if long:
            fields.append(Field(36, 4, "padding", None, Kind.SLACK, "to a multiple of eight"))
            data += bytes(4)
        size_class = self.runtime.usable(self.node_size)
        allocation = struct_allocation(
            self._serial_of(node) or 0, f"value/node[{index}]", "quicklistNode", data, tuple(fields),
            size_class=size_class, element=index,
        )  # fmt: skip
        compressed = ", compressed" if node.compressed is not None else ""
        elements = "1 element" if count == 1 else f"{count} elements"
        return allocation._replace(shape=Shape.CHAIN, summary=f"{elements}, {size} bytes{compressed}")

    def _blob(self, node: Node, index: int, window: Window) -> Allocation:
        role = f"value/node[{index}]"
        serial = self._blob_serial(node)
        if node.compressed is not None:
            return self._compressed(node, node.compressed, serial, f"{role}/lzf", index, window)
        blob = node.blob
        if isinstance(blob, Plain):
            shown = blob.data[window.start : window.start + window.size]
            fields = visible(blob.fields(window), window)
            measure = node.weigh(self.runtime)
            return Allocation(
                serial, f"{role}/element", "element", blob.nbytes, measure.size_class, measure.charged, Shape.BLOB,
                fields, shown, window.start, self._rule(False), f"one element of {blob.nbytes} bytes", index,
            )  # fmt: skip
        entries = entries_touched(blob, window)
        allocation = blob_allocation(blob, self.runtime, entries, role=f"{role}/{blob.encoding}", names=("element",))
        return allocation._replace(element=index)

    def _compressed(self, node: Node, data: bytes, serial: int, role: str, index: int, window: Window) -> Allocation:
        width = self.runtime.profile.quicklist.lzf_header
        measure = node.weigh(self.runtime)
        plain = node.blob.nbytes
        fields: tuple[Field, ...] = (
            Field(0, width, "sz", len(data), Kind.LENGTH, f"{len(data)} bytes of compressed data follow"),
            Field(width, len(data), "compressed", data, Kind.PAYLOAD,
                  f"LZF: unpacks to the node's {node.blob.encoding} of {plain} bytes"),
        )  # fmt: skip
        shown = (len(data).to_bytes(width, "little") + data)[window.start : window.start + window.size]
        return Allocation(
            serial, role, "quicklistLZF", measure.asked, measure.size_class, measure.charged, Shape.BLOB,
            visible(fields, window), shown, window.start, self._rule(True),
            f"{plain} bytes compressed to {len(data)}", index,
        )  # fmt: skip


def _pointer(offset: int, name: str, target: Serial | None, note: str) -> Field:
    return Field(offset, 8, name, None, Kind.POINTER, note if target is not None else "nil", target=target)
