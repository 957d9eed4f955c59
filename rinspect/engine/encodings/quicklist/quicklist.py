"""The quicklist itself: elements in and out at the ends, reading, deleting, copying."""

from __future__ import annotations

from rinspect.engine.encodings.compact import Compact
from rinspect.engine.encodings.quicklist.editing import EditableChain, next_match
from rinspect.engine.encodings.quicklist.node import Node, Plain


class Quicklist(EditableChain):
    """A chain of nodes that elements are put into and taken from."""

    encoding = "quicklist"
    __slots__ = ()

    # -- the ends -----------------------------------------------------------------------------------------------------
    # An end is raw, but for a slip of 6.2: after LPOP with a count, say, a marked node that has become the head is
    # compressed. That server then takes the compressed bytes for a ziplist; here the node is unpacked.

    def push(self, text: bytes, head: bool = False) -> None:
        """Add an element behind the last one, or before the first."""
        end, fill = self.head if head else self.tail, self.fill
        if end is not None:
            blob = end.blob
            sure = len(blob.data) + len(text) <= fill.sure and len(blob.texts) < fill.count
            if (sure and blob.__class__ is not Plain) or fill.accepts(end, len(text)):
                if end.compressed is not None:
                    self.unpack(end)
                if head:
                    blob.prepend(text)  # type: ignore[union-attr]
                else:
                    blob.append(text)  # type: ignore[union-attr]
                self.count += 1
                return
        self.link(self._new_node(text), end, after=not head)
        self.count += 1

    def append_blob(self, blob: Compact | Plain) -> None:
        """Link a ready blob in as the last node (loading)."""
        self.link(Node(blob), self.tail, after=True)
        self.count += len(blob)

    def pop(self, *, head: bool) -> bytes:
        """Take the first or the last element; there must be one."""
        node = self.head if head else self.tail
        assert node is not None
        if node.compressed is not None:
            self.unpack(node)
        blob = node.blob
        if len(blob.texts) == 1:
            self.unlink(node)
            return blob.texts[0]
        self.count -= 1
        return blob.pop_first() if head else blob.pop_last()  # type: ignore[union-attr]

    # -- reading ------------------------------------------------------------------------------------------------------

    def at(self, index: int) -> bytes | None:
        """Element `index` (negative: from the end); None if there is none."""
        found = self.locate(index)
        if found is None:
            return None
        node, offset = found
        self.use(node)
        self.leave(node)
        return node.blob.texts[offset]

    def slice(self, first: int, count: int, *, backwards: bool = False) -> list[bytes]:
        """`count` elements from `first` on, forwards or backwards, or as many as there are."""
        found = self.locate(first)
        if found is None:
            return []
        node: Node | None
        node, offset = found
        texts: list[bytes] = []
        while node is not None and count > 0:
            self.use(node)
            here = node.blob.texts
            if backwards:
                here = here[: offset + 1][::-1]
                offset = 0
            part = here[offset : offset + count]
            texts += part
            count -= len(part)
            if not count:
                self.leave(node)
                break
            self.release(node)
            node = node.prev if backwards else node.next
            offset = len(node) - 1 if backwards and node is not None else 0
        return texts

    # -- deleting -----------------------------------------------------------------------------------------------------

    def delete(self, start: int, count: int) -> None:
        """Delete `count` elements from `start` (negative: from the end) on, or as many as there are."""
        found = self.locate(start)
        if count <= 0 or found is None:
            return
        node: Node | None
        node, offset = found
        if self.depth:
            if self.rules.iterators_release:
                self.release(node)
            else:
                self.use(node)
        while count > 0 and node is not None:
            behind = node.next
            gone = min(len(node) - offset, count)
            if gone == len(node):
                self.unlink(node)
            else:
                self.use(node)
                node.packed.delete(offset, gone)
                self.count -= gone
                self.recount(node)
                self.release_marked(node)
            count -= gone
            offset = 0
            node = behind

    def remove(self, text: bytes, limit: int, *, backwards: bool = False) -> int:
        """Delete the first `limit` elements (0: all) that equal `text`, from one end on; how many there were."""
        removed = 0
        node = self.tail if backwards else self.head
        while node is not None:
            self.use(node)
            behind = node.prev if backwards else node.next
            at = len(node) - 1 if backwards else 0
            while (at := next_match(node.blob.texts, text, at, backwards)) >= 0:
                removed += 1
                if self._delete_entry(node, at):
                    break
                if removed == limit:
                    break
                at -= backwards
            current = node if self.holds(node) else behind
            if removed and removed == limit:
                if current is not None:
                    self.leave(current)
                break
            if current is node:
                self.release(node)
            node = behind
        return removed

    # -- copying ------------------------------------------------------------------------------------------------------

    def copy(self) -> Quicklist:
        """As COPY makes it: node by node, compressed ones as they are; linking them may compress more."""
        twin = Quicklist(self.runtime, self.fill.setting, self.depth)
        for node in self.nodes():
            twin.link(node.clone(), twin.tail, after=True)
            twin.count += len(node)
        return twin
