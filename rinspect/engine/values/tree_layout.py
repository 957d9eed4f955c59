"""How a radix tree looks in memory: the struct, and the nodes that lead to its keys.

    rax ─▶ raxNode ─┬▶ raxNode ─▶ …
                    └▶ raxNode ─▶ what the key stands for

Each key is an element of the value, in the sense of a Window; a node belongs to the first key that is shown below it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any

from rinspect.engine.encodings.rax import HEADER, POINTER, STRUCT_SIZE, Node, Rax
from rinspect.engine.layout import Allocation, Field, Kind, Serial, Shape, Window
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.value import struct_bytes

KEY_CHARGE, NODE_CHARGE = 16, 244
"""What MEMORY USAGE takes a key and a node of a radix tree for."""
CHARGE_RULE = f"a tree is estimated: {NODE_CHARGE} bytes a node, {KEY_CHARGE} a key"
NOT_COUNTED = "not counted"


def tree_charge(tree: Rax[Any]) -> int:
    """What MEMORY USAGE counts for a radix tree: an estimate from its keys and nodes."""
    return KEY_CHARGE * tree.numele + NODE_CHARGE * tree.numnodes


class TreeLayout:
    """A view of one tree.

    `elements` are its keys' numbers among the elements of the value, `owner` that of what the tree hangs on; None for a fixed
    part. `serial_of` gives the serial of what a key stands for, which is called `what`. A tree that is not `counted` by
    MEMORY USAGE is charged nothing.
    """

    def __init__(
        self,
        tree: Rax[Any],
        runtime: Runtime,
        role: str,
        *,
        elements: Sequence[int],
        owner: int | None,
        what: str,
        serial_of: Callable[[Any], Serial],
        counted: bool,
    ) -> None:
        self.tree = tree
        self.runtime = runtime
        self.role = role
        self.elements = elements
        self.owner = owner
        self.what = what
        self.serial_of = serial_of
        self.counted = counted
        if not tree.serial:
            tree.serial = runtime.serial()

    @property
    def serial(self) -> int:
        """The rax struct's."""
        return self.tree.serial

    def keys(self, window: Window) -> Iterator[tuple[int, bytes, Any]]:
        """(element, key, value) of the window's keys."""
        first, stop = bisect_left(self.elements, window.first), bisect_left(self.elements, window.stop)
        for place, (key, value) in enumerate(islice(self.tree.items(), first, stop), first):
            yield self.elements[place], key, value

    def fixed(self) -> Iterator[Allocation]:
        """The struct, and the node where every search begins."""
        yield self._struct()
        yield self._node(self.tree.head, b"", self.owner)

    def nodes(self, keys: Iterator[tuple[int, bytes, Any]]) -> Iterator[Allocation]:
        """The other nodes on the ways to some keys."""
        drawn: set[int] = set()
        for element, key, _ in keys:
            for node, path in self.tree.way(key):
                if node is not self.tree.head and self._serial(node) not in drawn:
                    drawn.add(self._serial(node))
                    yield self._node(node, path, element)

    def _serial(self, node: Node[Any]) -> int:
        if not node.serial:
            node.serial = self.runtime.serial()
        return node.serial

    def _struct(self) -> Allocation:
        tree = self.tree
        fields = (
            Field(0, 8, "head", None, Kind.POINTER, "to the first node", target=self._serial(tree.head)),
            Field(8, 8, "numele", tree.numele, Kind.COUNT, f"{tree.numele} keys"),
            Field(16, 8, "numnodes", tree.numnodes, Kind.COUNT, f"{tree.numnodes} nodes"),
        )
        size_class = self.runtime.usable(STRUCT_SIZE)
        return Allocation(
            self.serial, self.role, "rax", STRUCT_SIZE, size_class, 0, Shape.STRUCT, fields, struct_bytes(fields),
            rule=NOT_COUNTED, summary=f"{tree.numele} keys in {tree.numnodes} nodes", element=self.owner,
        )  # fmt: skip

    def _node(self, node: Node[Any], path: bytes, element: int | None) -> Allocation:
        fields = tuple(self._fields(node))
        data = bytearray(node.asked)
        bits = node.is_key | node.is_compressed << 2 | len(node.chars) << 3
        data[: HEADER + len(node.chars)] = bits.to_bytes(HEADER, "little") + node.chars
        charged = NODE_CHARGE + KEY_CHARGE * node.is_key if self.counted else 0
        rule = CHARGE_RULE if self.counted else NOT_COUNTED
        return Allocation(
            self._serial(node), f"{self.role}/node[{path.hex()}]", "raxNode", node.asked,
            self.runtime.usable(node.asked), charged, Shape.TREE, fields, bytes(data), rule=rule,
            summary=self._summary(node), element=element,
        )  # fmt: skip

    def _summary(self, node: Node[Any]) -> str:
        if node.is_compressed:
            return f"a run of {len(node.chars)} bytes"
        if not node.chars:
            return "a key ends here" if node.is_key else "empty"
        return "one byte leads on" if len(node.chars) == 1 else f"{len(node.chars)} branches"

    def _fields(self, node: Node[Any]) -> Iterator[Field]:
        size, compressed = len(node.chars), int(node.is_compressed)
        key = "a key ends here" if node.is_key else "no key ends here"
        form = "compressed: a run to one child" if compressed else "one child for each byte"
        yield Field(
            0, HEADER, "iskey, isnull, iscompr, size", (int(node.is_key), 0, compressed, size), Kind.HEADER,
            f"1 bit: {key}; 1 bit: it has a value; 1 bit: {form}; 29 bits: {size} bytes",
        )  # fmt: skip
        at = HEADER
        if size:
            how = "all of them lead to the one child" if compressed else "each leads to a child of its own"
            yield Field(at, size, "bytes", node.chars, Kind.PAYLOAD, f"{size} bytes of keys: {how}")
            at += size
        if at % POINTER:
            yield Field(at, -at % POINTER, "padding", 0, Kind.SLACK, "fills up to a multiple of 8")
            at += -at % POINTER
        for place, child in enumerate(node.children):
            led = node.chars.hex(" ") if compressed else f"{node.chars[place]:02x}"
            yield Field(at, POINTER, "child", None, Kind.POINTER, f"where {led} leads", target=self._serial(child))
            at += POINTER
        if node.is_key:
            yield Field(at, POINTER, "value", None, Kind.POINTER, f"to the {self.what} of the key that ends here",
                        target=self.serial_of(node.value))  # fmt: skip
            at += POINTER
        if at < node.asked:
            yield Field(at, node.asked - at, "unused", 0, Kind.SLACK, "it held more, and is not made smaller")
