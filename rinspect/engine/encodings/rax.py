"""rax: a radix tree, in which streams keep their nodes by id, groups by name and pending entries by id.

Keys that begin alike share the nodes of their beginning. A run of bytes without a branch is one node, which is called
*compressed*. A node holds the bytes that lead on from it; where a key ends there is a node too:

    foo, foobar, footer:      "foo" ─▶ [b t]* ┬▶ "ar" ─▶ ()*        6 nodes; a key ends at those with a star
                                              └▶ "er" ─▶ ()*

    node = | iskey 1 bit, isnull 1, iscompr 1, size 29 | size bytes | padding | child pointers | value pointer |

There is one child pointer for each byte, in a compressed node one for all; the value pointer is only in a node at which a
key ends. The padding fills up to a multiple of eight.

    >>> tree = Rax()
    >>> for key in (b"foo", b"foobar", b"footer"):
    ...     _ = tree.insert(key, len(key))
    >>> tree.numele, tree.numnodes
    (3, 6)
    >>> [key for key, _ in tree.items(b"foob")], [key for key, _ in tree.backward(b"foob")]
    ([b'foobar', b'footer'], [b'foo'])
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

V = TypeVar("V")

STRUCT_SIZE = 24
"""sizeof rax: head, numele, numnodes."""
HEADER = 4
"""Bytes of a node before its own."""
POINTER = 8


class Node(Generic[V]):
    """A node. `chars` are the bytes that lead on: one for each of the children, in order, or, of a compressed node, a run of
    them to the one child."""

    __slots__ = ("asked", "chars", "children", "is_compressed", "is_key", "serial", "value")

    def __init__(self, chars: bytes = b"", children: list[Node[V]] | None = None) -> None:
        self.chars = chars
        self.children = children or []
        # A run of one byte is like a node with one child.
        self.is_compressed = len(chars) > 1
        self.is_key = False
        self.value: V | None = None
        self.asked = 0
        """Bytes it was allocated with; a node that only loses something stays as large as it was."""
        self.serial = 0

    @property
    def size(self) -> int:
        """Bytes that it takes as it is."""
        used = HEADER + len(self.chars)
        return used + -used % 8 + POINTER * (len(self.children) + self.is_key)


class Rax(Generic[V]):
    """A radix tree of byte strings with their values.

    `index` is a cache beside the tree, for look-ups. `asked` and `size_class` are running totals of the nodes' bytes, the
    struct not among them; `usable` is the allocator's.
    """

    __slots__ = ("_usable", "asked", "head", "index", "numnodes", "serial", "size_class")

    def __init__(self, usable: Callable[[int], int] = lambda size: size) -> None:
        self._usable = usable
        self.index: dict[bytes, V] = {}
        self.numnodes = 0
        self.asked = 0
        self.size_class = 0
        self.serial = 0
        self.head: Node[V] = self._made(Node())

    @property
    def numele(self) -> int:
        """How many keys there are."""
        return len(self.index)

    def __len__(self) -> int:
        return len(self.index)

    def find(self, key: bytes) -> V | None:
        """A key's value; None if it is not there."""
        return self.index.get(key)

    # -- in order -----------------------------------------------------------------------------------------------------

    def items(self, start: bytes = b"") -> Iterator[tuple[bytes, V]]:
        """Keys and values from the first key that is not before `start` on. The tree must stay as it is meanwhile."""
        # Children are looked at one by one: a branch has up to 256, and mostly few keys are wanted.
        left = [iter([(self.head, b"")])]
        while left:
            for node, path in left[-1]:
                if path < start[: len(path)]:
                    continue
                if node.is_key and path >= start:
                    yield path, node.value  # type: ignore[misc]
                if node.children:
                    left.append(_steps(node, path, _parting(node, path, start) or 0, 1))
                    break
            else:
                left.pop()

    def backward(self, start: bytes | None = None) -> Iterator[tuple[bytes, V]]:
        """The same backwards, from the last key that is not behind `start`, or the last of all."""
        # What is below a node comes behind the key that ends in it.
        left = [(self.head, b"", _steps_back(self.head, b"", start))]
        while left:
            above, way, steps = left[-1]
            for node, path in steps:
                if start is not None and path > start:
                    continue
                if node.children:
                    left.append((node, path, _steps_back(node, path, start)))
                    break
                if node.is_key:
                    yield path, node.value  # type: ignore[misc]
            else:
                left.pop()
                if above.is_key:
                    yield way, above.value  # type: ignore[misc]

    def keys(self) -> Iterator[bytes]:
        """All keys, in order."""
        return (key for key, _ in self.items())

    def values(self) -> Iterator[V]:
        """The values of all keys, in their order."""
        return (value for _, value in self.items())

    def last(self) -> V | None:
        """The last key's value; None in an empty tree."""
        node = self.head
        while node.children:
            node = node.children[-1]
        return node.value

    def nodes(self) -> Iterator[tuple[Node[V], bytes, int]]:
        """All nodes, each before those below it: node, the bytes that lead to it, how many nodes are above it."""
        left = [(self.head, b"", 0)]
        while left:
            node, path, depth = left.pop()
            yield node, path, depth
            left += [(child, way, depth + 1) for child, way in _steps(node, path, len(node.children) - 1, -1)]

    def way(self, key: bytes) -> list[tuple[Node[V], bytes]]:
        """The nodes from the first to that of a key that is there, each with the bytes that lead to it."""
        node, _, _, above = self._walk(key)
        path, found = b"", []
        for passed in (*above, node):
            found.append((passed, path))
            path = key[: len(path) + (len(passed.chars) if passed.is_compressed else 1)]
        return found

    # -- inserting ----------------------------------------------------------------------------------------------------

    def insert(self, key: bytes, value: V) -> bool:
        """Give a key a value; whether it is new."""
        new = key not in self.index
        self.index[key] = value
        node, at, inside, above = self._walk(key)
        if at == len(key) and inside:
            node = self._end_inside(node, inside, above)
        elif at < len(key) and node.is_compressed:
            node = self._branch_inside(node, inside, above)
        while at < len(key):
            # A node without children takes the rest as a run, any other one a byte more.
            step = 1 if node.children else len(key) - at
            node = self._grown(node, key[at : at + step])
            at += step
        node.is_key, node.value = True, value
        if new:
            self._resize(node)
        return new

    def _walk(self, key: bytes) -> tuple[Node[V], int, int, list[Node[V]]]:
        """How far a key leads: the node where it stops, how many of its bytes led there or into it, how many of these are
        the node's own, and the nodes above it."""
        node, at = self.head, 0
        above: list[Node[V]] = []
        while at < len(key) and node.children:
            chars = node.chars
            if node.is_compressed:
                if not key.startswith(chars, at):
                    inside = _shared(chars, key[at:])
                    return node, at + inside, inside, above
                at += len(chars)
                child = node.children[0]
            else:
                place = chars.find(key[at])
                if place < 0:
                    break
                at += 1
                child = node.children[place]
            above.append(node)
            node = child
        return node, at, 0, above

    def _grown(self, node: Node[V], chars: bytes) -> Node[V]:
        """The new child to which `chars` lead from a node."""
        child: Node[V] = self._made(Node())
        if not node.children:
            node.chars, node.children, node.is_compressed = chars, [child], len(chars) > 1
        else:
            place = bisect_left(node.chars, chars[0])
            node.chars = node.chars[:place] + chars + node.chars[place:]
            node.children.insert(place, child)
        self._resize(node)
        return child

    def _end_inside(self, node: Node[V], inside: int, above: list[Node[V]]) -> Node[V]:
        """Cut a run in two, so that a key can end between them: the second."""
        rest = self._made(Node(node.chars[inside:], node.children))
        self._replace(node, Node(node.chars[:inside], [rest]), above)
        return rest

    def _branch_inside(self, node: Node[V], inside: int, above: list[Node[V]]) -> Node[V]:
        """Cut a run in three, so that its byte `inside` can have others beside it: the node with that byte."""
        after, child = node.chars[inside + 1 :], node.children[0]
        if after:
            child = self._made(Node(after, [child]))
        branch: Node[V] = Node(node.chars[inside : inside + 1], [child])
        if inside:
            self._replace(node, Node(node.chars[:inside], [self._made(branch)]), above)
        else:
            self._replace(node, branch, above)
        return branch

    # -- removing -----------------------------------------------------------------------------------------------------

    def remove(self, key: bytes) -> bool:
        """Take a key out; whether it was there."""
        if self.index.pop(key, None) is None:
            return False
        node, _, _, above = self._walk(key)
        node.is_key, node.value = False, None
        if node.children:
            # A run of several bytes is not joined to the one before it, though it could be.
            if len(node.chars) == 1:
                self._join(node, above)
            return True
        child = None
        while above and not node.is_key and len(node.children) < 2:
            child = node
            self._freed(child)
            node = above.pop()
        if child is not None:
            self._unlink(node, child)
            if len(node.chars) == 1 and not node.is_key:
                self._join(node, above)
        return True

    def _unlink(self, node: Node[V], child: Node[V]) -> None:
        """Take a child away from its parent; a compressed node keeps its size without it."""
        if node.is_compressed:
            node.chars, node.children, node.is_compressed = b"", [], False
            return
        place = node.children.index(child)
        node.chars = node.chars[:place] + node.chars[place + 1 :]
        del node.children[place]
        self._resize(node)

    def _join(self, node: Node[V], above: list[Node[V]]) -> None:
        """Make one run of a node and those before and behind it that do not branch and end no key."""
        while above and _is_passed(above[-1]):
            node = above.pop()
        joined = [node]
        while _is_passed(child := joined[-1].children[0]):
            joined.append(child)
        if len(joined) > 1:
            for passed in joined[1:]:
                self._freed(passed)
            self._replace(node, Node(b"".join(passed.chars for passed in joined), joined[-1].children), above)

    # -- allocations --------------------------------------------------------------------------------------------------

    def _made(self, node: Node[V]) -> Node[V]:
        self.numnodes += 1
        self._resize(node)
        return node

    def _resize(self, node: Node[V]) -> None:
        """Allocate a node anew, as large as it has become."""
        before, node.asked = node.asked, node.size
        self.asked += node.asked - before
        self.size_class += self._usable(node.asked) - self._usable(before)

    def _freed(self, node: Node[V]) -> None:
        self.numnodes -= 1
        self.asked -= node.asked
        self.size_class -= self._usable(node.asked)

    def _replace(self, node: Node[V], other: Node[V], above: list[Node[V]]) -> None:
        """Put a new node in another one's place, with the value of a key that ends there."""
        self._freed(node)
        other.is_key, other.value = node.is_key, node.value
        self._made(other)
        if above:
            siblings = above[-1].children
            siblings[siblings.index(node)] = other
        else:
            self.head = other


def _steps(node: Node[V], path: bytes, place: int, direction: int) -> Iterator[tuple[Node[V], bytes]]:
    """A node's children from one on, forward (1) or backward (-1), each with the bytes that lead to it; `path` leads to the
    node."""
    children, chars = node.children, node.chars
    if node.is_compressed:
        yield children[0], path + chars
        return
    for at in range(place, len(children) if direction > 0 else -1, direction):
        yield children[at], path + chars[at : at + 1]


def _steps_back(node: Node[V], path: bytes, start: bytes | None) -> Iterator[tuple[Node[V], bytes]]:
    """Backward from the last child that is not behind `start`, or the last of all."""
    last = len(node.children) - 1
    place = None if start is None else _parting(node, path, start)
    return _steps(node, path, last if place is None else min(place, last), -1)


def _parting(node: Node[V], path: bytes, start: bytes) -> int | None:
    """The place of the child on the way to `start`, or where it would be; None if that way does not lead on from the node."""
    if node.is_compressed or len(path) >= len(start) or not start.startswith(path):
        return None
    return bisect_left(node.chars, start[len(path)])


def _is_passed(node: Node[V]) -> bool:
    """Whether there is one way on from a node, and no key ends at it."""
    return len(node.children) == 1 and not node.is_key


def _shared(one: bytes, other: bytes) -> int:
    """How many bytes two texts have in common at their beginning."""
    same, end = 0, min(len(one), len(other))
    # By slices, because texts can be megabytes long: up to `same` they agree, and no more than up to `end`.
    while same < end:
        middle = (same + end + 1) // 2
        if one[same:middle] == other[same:middle]:
            same = middle
        else:
            end = middle - 1
    return same
