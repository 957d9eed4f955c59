"""The chain of nodes: linking, totals, and which nodes are compressed.

Compression is kept up by events, not by a rule that always holds. With depth d the d outer nodes at each end are raw,
and the inner ones are tried when something happens nearby:

    a node is linked in       its old neighbour is released, and the new node with it
    a node is unlinked        `settle(None)`
    an inner node is used     it is unpacked and marked; when released it is compressed again, it alone
    an unmarked node is used  `settle(node)` when released

So a raw inner node that did not pay when it was last tried may stay raw after it has grown, until something settles.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import islice

from rinspect.engine.encodings.quicklist.node import Measure, Node
from rinspect.engine.runtime import Runtime

QUICKLIST_SIZE = 40
DEPTH_MAX = (1 << 16) - 1


class Totals:
    """Sums over all blobs of one kind."""

    __slots__ = ("asked", "charged", "count", "size_class")

    def __init__(self) -> None:
        self.count = self.asked = self.size_class = self.charged = 0

    def add(self, measure: Measure, sign: int) -> None:
        self.count += sign
        self.asked += sign * measure.asked
        self.size_class += sign * measure.size_class
        self.charged += sign * measure.charged


class Chain:
    """Nodes linked in both directions, with `count` elements in all.

    What the blobs weigh is counted when a node has changed, except at the two ends: they change all the time, so they
    are weighed when somebody asks.
    """

    __slots__ = ("_totals", "count", "depth", "head", "nodes_count", "rules", "runtime", "serial", "tail")

    def __init__(self, runtime: Runtime, depth: int) -> None:
        self.runtime = runtime
        self.rules = runtime.profile.quicklist
        self.depth = min(max(depth, 0), DEPTH_MAX)
        """Nodes at each end that are never compressed; 0 for no compression at all."""
        self.head: Node | None = None
        self.tail: Node | None = None
        self.nodes_count = 0
        self.count = 0
        self.serial = 0
        self._totals: dict[str, Totals] = {}

    def __len__(self) -> int:
        return self.count

    def nodes(self) -> Iterator[Node]:
        """All nodes, as they are."""
        node = self.head
        while node is not None:
            yield node
            node = node.next

    # -- totals -------------------------------------------------------------------------------------------------------

    def recount(self, node: Node) -> None:
        """Count a node's blob anew, after it has changed."""
        if node.measure is not None:
            self._totals[node.measure.kind].add(node.measure, -1)
        node.measure = measure = node.weigh(self.runtime)
        self._totals.setdefault(measure.kind, Totals()).add(measure, 1)

    def totals(self) -> dict[str, Totals]:
        """Sums over all blobs, by kind."""
        for end in (self.head, self.tail):
            if end is not None:
                self.recount(end)
        return {kind: totals for kind, totals in self._totals.items() if totals.count}

    def charged(self) -> int:
        """What MEMORY USAGE sees of all nodes, blobs included."""
        blobs = sum(totals.charged for totals in self.totals().values())
        return self.nodes_count * self.runtime.profile.quicklist_node_size + blobs

    def charged_first(self, nodes: int) -> int:
        """The same for the first nodes only."""
        self.totals()
        size = self.runtime.profile.quicklist_node_size
        return sum(size + node.measure.charged for node in islice(self.nodes(), nodes) if node.measure is not None)

    def count_first(self, nodes: int) -> int:
        """How many elements the first nodes have."""
        return sum(len(node) for node in islice(self.nodes(), nodes))

    # -- linking ------------------------------------------------------------------------------------------------------

    def link(self, node: Node, beside: Node | None, *, after: bool) -> None:
        """Link a node in, after or before `beside` (None: the chain is empty). Elements are counted by the caller."""
        if beside is None:
            self.head = self.tail = node
        elif after:
            node.prev, node.next = beside, beside.next
            if beside.next is None:
                self.tail = node
            else:
                beside.next.prev = node
            beside.next = node
        else:
            node.prev, node.next = beside.prev, beside
            if beside.prev is None:
                self.head = node
            else:
                beside.prev.next = node
            beside.prev = node
        self.nodes_count += 1
        if beside is not None:
            self.recount(beside)
        self.recount(node)
        if self.depth:
            if beside is not None:
                self.release(beside)
            if self.rules.tries_new_node:
                self.release(node)

    def unlink(self, node: Node) -> None:
        """Take a node out, with the elements that it still has."""
        if node.prev is None:
            self.head = node.next
        else:
            node.prev.next = node.next
        if node.next is None:
            self.tail = node.prev
        else:
            node.next.prev = node.prev
        node.prev = node.next = None
        self.nodes_count -= 1
        self.count -= len(node)
        if node.measure is not None:
            self._totals[node.measure.kind].add(node.measure, -1)
            node.measure = None
        if self.depth:
            self.settle(None)

    def holds(self, node: Node) -> bool:
        """Whether the node is (still) linked."""
        return node.measure is not None

    # -- compression --------------------------------------------------------------------------------------------------

    def use(self, node: Node) -> None:
        """Unpack a node to read or change it, and mark it to be compressed again on release."""
        if node.compressed is not None:
            self._decompress(node)
            node.recompress = True

    def release(self, node: Node) -> None:
        """The node is no longer used: compress it again if it is marked, else see to the chain."""
        if node.recompress:
            self._compress(node)
        elif self.depth:
            self.settle(node)

    def leave(self, node: Node) -> None:
        """An iterator ends at this node, which it has used."""
        if self.depth and self.rules.iterators_release:
            self.release(node)

    def release_marked(self, node: Node) -> None:
        """The same where an unmarked node is left alone."""
        if node.recompress:
            self._compress(node)

    def settle(self, node: Node | None) -> None:
        """Unpack the outer nodes, try `node` if it lies deeper, and try the two nodes just below the depth."""
        if self.nodes_count < self.depth * 2 or self.head is None or self.tail is None:
            return
        forward: Node | None = self.head
        reverse: Node | None = self.tail
        inner = True
        for _ in range(self.depth):
            assert forward is not None
            assert reverse is not None
            self._decompress(forward)
            self._decompress(reverse)
            if forward is node or reverse is node:
                inner = False
            if forward is reverse or forward.next is reverse:
                return  # the two ends meet: nothing lies deeper
            forward, reverse = forward.next, reverse.prev
        if inner and node is not None:
            self._compress(node)
        assert forward is not None
        assert reverse is not None
        self._compress(forward)
        self._compress(reverse)

    def unpack(self, node: Node) -> None:
        """Unpack a node for good, as before a merge."""
        self._decompress(node)

    def _compress(self, node: Node) -> None:
        if node.compressed is not None or node.protected:
            return
        if self.rules.attempt_drops_mark:
            node.recompress = False
        if node.compress():
            node.recompress = False
            self.recount(node)

    def _decompress(self, node: Node) -> None:
        if node.compressed is None:
            return
        if self.rules.attempt_drops_mark:
            node.recompress = False
        node.decompress()
        self.recount(node)

    # -- finding ------------------------------------------------------------------------------------------------------

    def locate(self, index: int) -> tuple[Node, int] | None:
        """The node that holds element `index` (negative: from the end), and where in it; None if there is none."""
        count = self.count
        if index < 0:
            index += count
        if not 0 <= index < count:
            return None
        if index * 2 <= count:
            node = self.head
            while node is not None:
                here = len(node.blob.texts)
                if index < here:
                    return node, index
                index -= here
                node = node.next
        else:
            left = count - index
            node = self.tail
            while node is not None:
                here = len(node.blob.texts)
                if left <= here:
                    return node, here - left
                left -= here
                node = node.prev
        raise AssertionError("the nodes hold fewer elements than were counted")

    def node_at(self, position: int) -> Node | None:
        """The node number `position`, from 0; found from the nearer end."""
        if position * 2 <= self.nodes_count:
            node = self.head
            while node is not None and position:
                node, position = node.next, position - 1
            return node
        back = self.nodes_count - 1 - position
        node = self.tail
        while node is not None and back > 0:
            node, back = node.prev, back - 1
        return node if back == 0 else None

    def position(self, node: Node) -> int:
        """Which node it is, from 0."""
        position = 0
        while node.prev is not None:
            node, position = node.prev, position + 1
        return position

    def walk(self, node: Node | None = None, *, backwards: bool = False) -> Generator[Node]:
        """The nodes from `node` (or an end) on, each used while the caller has it and released when it goes on."""
        if node is None:
            node = self.tail if backwards else self.head
        while node is not None:
            self.use(node)
            try:
                yield node
            except GeneratorExit:
                self.leave(node)
                raise
            self.release(node)
            node = node.prev if backwards else node.next
