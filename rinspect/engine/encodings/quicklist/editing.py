"""Elements beside elements: where one goes whose node is full, splitting, merging, replacing."""

from __future__ import annotations

from enum import StrEnum

from rinspect.engine.encodings.compact import compact_class
from rinspect.engine.encodings.quicklist.chain import Chain
from rinspect.engine.encodings.quicklist.fill import FILL_MAX, FILL_MIN, fill_of
from rinspect.engine.encodings.quicklist.node import Node, Plain
from rinspect.engine.events import NodeSplit
from rinspect.engine.layout import Step
from rinspect.engine.runtime import Runtime


class Place(StrEnum):
    """Where an element goes that is to stand beside another."""

    INSIDE = "inside"
    """Into the same node, which has room."""
    NEIGHBOUR = "neighbour"
    """Its node is full, and it would stand at the node's edge: into the node next to it."""
    NEW = "new"
    """As before, but the neighbour has no room either: into a new node between them."""
    SPLIT = "split"
    """Its node is full: the node is split there, and the element joins the part that was split off."""
    PLAIN = "plain"
    """It is too big for any node: a plain node between two nodes."""
    PLAIN_SPLIT = "plain split"
    """It is too big for any node: a plain node, for which its neighbour's node is split."""


def next_match(texts: list[bytes], text: bytes, at: int, backwards: bool = False) -> int:
    """Index of the next entry from `at` on, in that direction, that equals `text`; -1 if there is none."""
    if backwards:
        while at >= 0 and texts[at] != text:
            at -= 1
        return at
    try:
        return texts.index(text, at)
    except ValueError:
        return -1


class EditableChain(Chain):
    """A chain whose nodes keep within their fill while elements are put between others.

    `fill` and `depth` are the settings at its creation; later changes of the settings do not reach it.
    """

    __slots__ = ("blob_class", "fill", "owner", "steps")

    def __init__(self, runtime: Runtime, fill: int, depth: int) -> None:
        super().__init__(runtime, depth)
        self.fill = fill_of(min(max(fill, FILL_MIN), FILL_MAX), runtime.profile)
        self.blob_class = compact_class(runtime.profile)
        self.owner = 0
        """Serial of the value, as the records of splits name it."""
        self.steps: list[Step] | None = None
        """What merges are tried, while somebody traces."""

    def _new_node(self, text: bytes) -> Node:
        if len(text) > self.fill.plain_above:
            return Node(Plain(text))
        return Node(self.blob_class((text,)))

    def _delete_entry(self, node: Node, index: int) -> bool:
        """Delete one entry of a raw node; whether the node went with it."""
        if len(node) == 1:
            self.unlink(node)
            return True
        node.packed.delete(index)
        self.count -= 1
        if node is not self.head and node is not self.tail:
            self.recount(node)
        return False

    # -- inserting ----------------------------------------------------------------------------------------------------

    def insert_beside(self, pivot: bytes, text: bytes, *, after: bool) -> Place | None:
        """Put an element after or before the first one that equals `pivot`: where it went, or None without a pivot."""
        node = self.head
        while node is not None:
            self.use(node)
            offset = next_match(node.blob.texts, pivot, 0)
            if offset >= 0:
                place = self.insert(node, offset, text, after=after)
                # Inserting ends the search's iterator, but for big elements: that one is still to end.
                if place in (Place.PLAIN, Place.PLAIN_SPLIT):
                    self.leave(node)
                return place
            self.release(node)
            node = node.next
        return None

    def place(self, node: Node, offset: int, length: int, *, after: bool) -> Place:
        """Where an element of `length` bytes beside the one at `offset` of a node goes."""
        neighbour = node.next if after else node.prev
        at_edge = offset == (len(node) - 1 if after else 0)
        if length > self.fill.plain_above:
            return Place.PLAIN if node.is_plain or at_edge else Place.PLAIN_SPLIT
        if self.fill.accepts(node, length):
            return Place.INSIDE
        if not at_edge or (self.rules.edges_split and (after or neighbour is None)):
            return Place.SPLIT
        return Place.NEIGHBOUR if self.fill.accepts(neighbour, length) else Place.NEW

    def insert(self, node: Node, offset: int, text: bytes, *, after: bool) -> Place:
        """Put an element after or before the one at `offset` of a node."""
        place = self.place(node, offset, len(text), after=after)
        self.count += 1
        if place is Place.INSIDE:
            self.use(node)
            node.packed.insert(offset + after, text)
            self.recount(node)
            self.release_marked(node)
        elif place is Place.NEIGHBOUR:
            neighbour = node.next if after else node.prev
            assert neighbour is not None
            self.use(neighbour)
            neighbour.packed.insert(0 if after else len(neighbour), text)
            self.recount(neighbour)
            self.release_marked(neighbour)
            if self.rules.iterators_release:
                self.release_marked(node)
        elif place in (Place.NEW, Place.PLAIN):
            self.link(self._new_node(text), node, after=after)
        elif place is Place.PLAIN_SPLIT:
            self.use(node)
            rest = self._split(node, offset + after, after=after)
            alone = Node(Plain(text))
            self.link(alone, node, after=after)
            self.link(rest, alone, after=after)
        else:
            self.use(node)
            rest = self._split(node, offset + after, after=after)
            rest.packed.insert(0 if after else len(rest), text)
            self.link(rest, node, after=after)
            self._merge_around(node)
        return place

    def _split(self, node: Node, at: int, *, after: bool) -> Node:
        """Split a node before entry `at`. It keeps one part and the other is returned, not yet linked.

        [ a b c d ]  at 2      after    [ a b ] stays, [ c d ] is returned
                               before   [ c d ] stays, [ a b ] is returned
        """
        if self.runtime.observers:
            self.runtime.emit(NodeSplit(self.owner, self.position(node), at))
        blob = node.packed
        rest = blob.copy()
        upper, lower = (blob, rest) if after else (rest, blob)
        upper.delete(at, len(upper) - at)
        lower.delete(0, at)
        self.recount(node)
        return Node(rest)

    # -- merging ------------------------------------------------------------------------------------------------------

    def _merge_around(self, center: Node) -> Node:
        """Merge neighbours near a node, where the limits allow it; the node that now holds the centre's elements.

        [ prev-prev  prev ]  centre  [ next  next-next ]       first the outer pairs,
             [ prev  centre ]                                  then the centre with what is before it,
                   [ centre  next ]                            then with what is behind it
        """
        prev, behind = center.prev, center.next
        if prev is not None:
            self._try_merge(prev.prev, prev)
        if behind is not None:
            self._try_merge(behind, behind.next)
        center = self._try_merge(center.prev, center) or center
        return self._try_merge(center, center.next) or center

    def _try_merge(self, left: Node | None, right: Node | None) -> Node | None:
        """Merge two neighbours if they fit into one node: the node that is kept, or None."""
        if left is None or right is None:
            return None
        merges = self.fill.merges(left, right)
        if self.steps is not None:
            self.steps.append(self._merge_step(left, right, merges))
        if not merges:
            return None
        self.unpack(left)
        self.unpack(right)
        front, back = left.packed, right.packed
        # The larger one is extended in place: by bytes for listpacks, by entries for ziplists.
        larger = front.nbytes >= back.nbytes if self.fill.listpack else len(front) >= len(back)
        keep, gone = (left, right) if larger else (right, left)
        joined = front.copy()
        joined.join(back)
        joined.serial = keep.blob.serial
        keep.blob = joined
        gone.blob = self.blob_class()
        if self.rules.merge_drops_mark:
            keep.recompress = False
        self.recount(keep)
        self.unlink(gone)
        self.release(keep)
        return keep

    def _merge_step(self, left: Node, right: Node, merges: bool) -> Step:
        number = self.position(left)
        at = f"nodes {number} and {number + 1}"
        if left.is_plain or right.is_plain:
            return Step(at, "a plain node", "stays by itself")
        size = left.blob.nbytes + right.blob.nbytes - self.fill.discount
        elements = len(left) + len(right)
        saw = f"{len(left)} and {len(right)} elements, {size} bytes together"
        if merges:
            return Step(at, saw, f"one node of {elements}")
        if size > self.fill.size:
            return Step(at, saw, f"too much for one node: {size} > {self.fill.size} bytes")
        return Step(at, saw, f"too much for one node: {elements} > {self.fill.count} elements")

    # -- replacing ----------------------------------------------------------------------------------------------------

    def replace(self, index: int, text: bytes) -> bool:
        """Put `text` in the place of element `index`; whether there is one. Inside a node its size is not looked at."""
        found = self.locate(index)
        if found is None:
            return False
        node, offset = found
        self.use(node)
        large = len(text) > self.fill.plain_above
        if not node.is_plain and not large:
            node.packed.replace(offset, text)
            self.recount(node)
            self.release(node)
        elif node.is_plain and large:
            node.blob = Plain(text)
            self.recount(node)
            self.release(node)
        elif node.is_plain:
            self.insert(node, 0, text, after=True)
            self.unlink(node)
        else:
            self._replace_by_plain(node, offset, text)
        return True

    def _replace_by_plain(self, node: Node, offset: int, text: bytes) -> None:
        """A big element takes the place of one in a packed node.

        [ a b c d ]      LSET 1 big
        [ a b ]  [ c d ]
        [ a b ]  | big |  [ c d ]
        [ a ]  | big |  [ c d ]
        """
        node.protected = True
        rest = self._split(node, offset + 1, after=True) if offset < len(node) - 1 else None
        alone = Node(Plain(text))
        self.link(alone, node, after=True)
        if rest is not None:
            self.link(rest, alone, after=True)
        self.count += 1
        if len(node) == 1:
            self.unlink(node)
            return
        self._delete_entry(node, len(node) - 1)
        node.protected = False
        alone = self._merge_around(alone)
        self.release(alone)
        if alone.prev is not None:
            self.release(alone.prev)
        if alone.next is not None:
            self.release(alone.next)
