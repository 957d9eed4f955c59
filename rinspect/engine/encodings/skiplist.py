"""skiplist: a sorted chain with express lanes. With a dict beside it, it makes the large sorted set.

    level 3   head ───────────3────────────▶ cyd ───────────2────────────▶ nil
    level 2   head ──────2───────▶ bob ─1──▶ cyd ───────────2────────────▶ nil
    level 1   head ─1──▶ ada ─1──▶ bob ─1──▶ cyd ─1──▶ dan ─1──▶ eve ─0──▶ nil
    score                1         1.5       2         2         7
    backward  nil  ◀──── ada ◀──── bob ◀──── cyd ◀──── dan ◀──── eve

Nodes are ordered by score, and by the member's bytes where scores are equal. A node is in as many levels as chance gave
it: in a second one with probability 1/4, in a third one with 1/16 … up to 32. A search starts in the head's topmost
level, goes on while the next node still lies before the goal, and descends a level where it does not. (What was too far
in one level often comes next in the one below as well; it need not be compared again.)

A **span** says how many places a step goes forward, so the sum of the spans on the way is a node's rank, and a node can
be found by its rank as quickly as by its score. A step to nil has the number of nodes that are passed over for good.

    zskiplist      | header | tail | length | level |                                    32 bytes
    zskiplistNode  | ele | score | backward | forward, span | forward, span | …          24 + 16 × level

    >>> from random import Random
    >>> names = Skiplist(Random(410))
    >>> for score, member in (2, b"cyd"), (1, b"ada"), (7, b"eve"), (1.5, b"bob"), (2, b"dan"):
    ...     _ = names.insert(score, member)
    >>> print(names.drawn())
    level 3  head 3 cyd 2 nil
    level 2  head 2 bob 1 cyd 2 nil
    level 1  head 1 ada 1 bob 1 cyd 1 dan 1 eve 0 nil
    >>> names.rank(2, b"dan"), names.by_rank(4)[MEMBER]
    (3, b'eve')
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import nan
from random import Random
from typing import Any

from rinspect.engine.encodings.bounds import Precedes
from rinspect.engine.layout import Step, Trace

MAX_LEVEL = 32
NODE_SIZE, LEVEL_SIZE = 24, 16
"""Bytes of a node without levels, and of each level."""
HEADER_SIZE = NODE_SIZE + MAX_LEVEL * LEVEL_SIZE
STRUCT_SIZE = 32

# A node is a plain list: the fastest thing to walk over. From FORWARD on it holds, level by level from the lowest, the
# next node and the span.
MEMBER, SCORE, BACKWARD, SERIAL, FORWARD, SPAN = range(6)
Node = list[Any]


def level_of(node: Node) -> int:
    """How many levels a node is in."""
    return (len(node) - FORWARD) // 2


def node_size(level: int) -> int:
    """Bytes that a node asks for."""
    return NODE_SIZE + LEVEL_SIZE * level


class Skiplist:
    """A skiplist whose levels are drawn from `rng`.

    In place of nil stands one node `end` whose score is NaN: neither less than nor equal to anything, it stops every
    walk by itself. Its backward pointer is the skiplist's `tail`. The first node's backward pointer is the head, for
    nil.
    """

    __slots__ = ("_rng", "end", "head", "heights", "length", "levels", "serial")

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.end: Node = [b"", nan, None, 0]
        self.head: Node = [b"", 0.0, None, 0, *(self.end, 0) * MAX_LEVEL]
        self.end[BACKWARD] = self.head
        self.length = 0
        self.levels = 1
        """Levels in use: the tallest node's, at least 1."""
        self.heights = [0] * (MAX_LEVEL + 1)
        """How many nodes there are of each level: what they take in all follows from it."""
        self.serial = 0

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[Node]:
        return self.nodes()

    def nodes(self, first: int = 0) -> Iterator[Node]:
        """The nodes from a rank on, in order."""
        node, end = self.by_rank(first), self.end
        while node is not end:
            yield node
            node = node[FORWARD]

    def nodes_backward(self, last: int) -> Iterator[Node]:
        """The nodes from a rank on, towards the first."""
        node, head = self.by_rank(last), self.head
        while node is not head:
            yield node
            node = node[BACKWARD]

    # -- changing -----------------------------------------------------------------------------------------------------

    def _random_level(self) -> int:
        bits = self._rng.getrandbits(2 * MAX_LEVEL - 2)
        level = 1
        while not bits & 3 and level < MAX_LEVEL:
            bits >>= 2
            level += 1
        return level

    def insert(self, score: float, member: bytes) -> Node:
        """Insert a member that is not there yet; the new node.

            before    ▶ b ─────────4─────────▶ f        the new node d comes after c: two behind b
            after     ▶ b ────3────▶ d ───2──▶ f        spans: 2 + 1, and what is left, 4 - 2

        Levels above the new node's only grow by one: b's step then passes over d as well.
        """
        level = self._random_level()
        if level > self.levels:
            for at in range(SPAN + 2 * self.levels, SPAN + 2 * level, 2):
                self.head[at] = self.length
            self.levels = level
        node: Node = [member, score, None, 0, *(None, 0) * level]
        above = FORWARD + 2 * level
        at = FORWARD + 2 * self.levels - 2
        walk, rank, too_far = self.head, 0, None
        passed: list[tuple[Node, int]] = []
        while at >= FORWARD:
            follower = walk[at]
            while follower is not too_far and (
                (seen := follower[SCORE]) < score or (seen == score and follower[MEMBER] < member)
            ):
                rank += walk[at + 1]
                walk = follower
                follower = walk[at]
            too_far = follower
            if at >= above:
                walk[at + 1] += 1
            else:
                passed.append((walk, rank))
            at -= 2
        at = above
        for before, reached in passed:
            at -= 2
            behind = rank - reached
            node[at] = before[at]
            node[at + 1] = before[at + 1] - behind
            before[at] = node
            before[at + 1] = behind + 1
        node[BACKWARD] = walk
        node[FORWARD][BACKWARD] = node
        self.length += 1
        self.heights[level] += 1
        return node

    def delete(self, node: Node) -> None:
        """Take a node out that is in the list."""
        score, member = node[SCORE], node[MEMBER]
        walk, too_far = self.head, None
        for at in range(FORWARD + 2 * self.levels - 2, FORWARD, -2):
            follower = walk[at]
            while follower is not too_far and (
                (seen := follower[SCORE]) < score or (seen == score and follower[MEMBER] < member)
            ):
                walk = follower
                follower = walk[at]
            too_far = follower
            if follower is node:
                walk[at] = node[at]
                walk[at + 1] += node[at + 1] - 1
            else:
                walk[at + 1] -= 1
        # Who comes before it in the lowest level it knows itself.
        before, follower = node[BACKWARD], node[FORWARD]
        before[FORWARD], before[SPAN] = follower, node[SPAN]
        follower[BACKWARD] = before
        self._gone(node)
        self._lower()

    def delete_ranks(self, start: int, stop: int) -> list[Node]:
        """Take out the nodes of ranks start … stop - 1; they are returned in order.

        Every level is cut once, from the last node before the range to the first behind it:

            ▶ b ─1▶ c ─1▶ d ─1▶ e        from c to d
            ▶ b ─────────3────▶ e        b's span: what the cut steps summed to, less the nodes that went: 1
        """
        stop = min(stop, self.length)
        if start >= stop:
            return []
        first, gone = self.by_rank(start), stop - start
        walk, rank, end = self.head, 0, self.end
        for at in range(FORWARD + 2 * self.levels - 2, FORWARD - 1, -2):
            while (follower := walk[at]) is not end and rank + walk[at + 1] <= start:
                rank += walk[at + 1]
                walk = follower
            span = walk[at + 1]
            while follower is not end and rank + span <= stop:
                span += follower[at + 1]
                follower = follower[at]
            walk[at] = follower
            walk[at + 1] = span - gone
        follower = walk[FORWARD]
        follower[BACKWARD] = walk
        nodes: list[Node] = []
        while first is not follower:
            nodes.append(first)
            self._gone(first)
            first = first[FORWARD]
        self._lower()
        return nodes

    def _gone(self, node: Node) -> None:
        self.length -= 1
        self.heights[level_of(node)] -= 1

    def _lower(self) -> None:
        while self.levels > 1 and self.head[FORWARD + 2 * self.levels - 2] is self.end:
            self.levels -= 1

    def update_score(self, node: Node, score: float) -> Node:
        """Give a member another score; its node, which is a new one with a new level if it had to move."""
        if (node[BACKWARD] is self.head or node[BACKWARD][SCORE] < score) and not node[FORWARD][SCORE] <= score:
            node[SCORE] = score
            return node
        self.delete(node)
        return self.insert(score, node[MEMBER])

    # -- finding ------------------------------------------------------------------------------------------------------

    def rank(self, score: float, member: bytes) -> int:
        """How many nodes come before that of a member with that score."""
        walk, rank = self.head, 0
        for at in range(FORWARD + 2 * self.levels - 2, FORWARD - 1, -2):
            follower = walk[at]
            while (seen := follower[SCORE]) < score or (seen == score and follower[MEMBER] < member):
                rank += walk[at + 1]
                walk = follower
                follower = walk[at]
        return rank

    def by_rank(self, rank: int) -> Node:
        """The node with so many others before it; `end` if there are not that many."""
        if rank >= self.length:
            return self.end
        if rank == self.length - 1:
            return self._tail()
        walk, left = self.head, rank + 1
        for at in range(FORWARD + 2 * self.levels - 2, FORWARD - 1, -2):
            while walk[at + 1] <= left and walk[at] is not self.end:
                left -= walk[at + 1]
                walk = walk[at]
            if not left:
                break
        return walk

    def _tail(self) -> Node:
        tail: Node = self.end[BACKWARD]
        return tail

    def count_before(self, precedes: Precedes) -> int:
        """How many nodes lie before the first that does not precede: its rank."""
        walk, rank = self.head, 0
        for at in range(FORWARD + 2 * self.levels - 2, FORWARD - 1, -2):
            while (follower := walk[at]) is not self.end and precedes(follower[SCORE], follower[MEMBER]):
                rank += walk[at + 1]
                walk = follower
        return rank

    # -- showing ------------------------------------------------------------------------------------------------------

    def drawn(self) -> str:
        """The levels as lines of text, spans between the members."""
        lines = []
        for level in range(self.levels, 0, -1):
            at = FORWARD + 2 * level - 2
            node, words = self.head, ["head"]
            while node is not self.end:
                words.append(str(node[at + 1]))
                node = node[at]
                words.append("nil" if node is self.end else node[MEMBER].decode("latin-1"))
            lines.append(f"level {level}  {' '.join(words)}")
        return "\n".join(lines)

    def trace_rank(self, score: float, member: bytes) -> Trace:
        """How the rank of a member with that score is found. Changes nothing."""
        steps, walk, rank = self._descent(lambda node, _: (node[SCORE], node[MEMBER]) <= (score, member))
        found = walk is not self.head and walk[MEMBER] == member
        return Trace("rank", steps, _comparisons(steps), f"rank {rank - 1}" if found else "not there")

    def trace_by_rank(self, rank: int) -> Trace:
        """How the node of a rank is found. Changes nothing."""
        steps, walk, reached = self._descent(lambda _, passed: passed <= rank + 1)
        return Trace("by rank", steps, _comparisons(steps), _shown(walk) if reached == rank + 1 else "not there")

    def trace_insert(self, score: float, member: bytes) -> Trace:
        """Where a member that is not there would go, and how its place is found. Changes nothing."""
        steps, walk, rank = self._descent(lambda node, _: (node[SCORE], node[MEMBER]) < (score, member))
        after = "at the head" if walk is self.head else f"after {_shown(walk)}"
        return Trace("insert", steps, _comparisons(steps), f"{after}, rank {rank}")

    def _descent(self, goes_on: Callable[[Node, int], bool]) -> tuple[tuple[Step, ...], Node, int]:
        """Walk from the top level down while `goes_on(next node, its place)`: the steps, the last node, its place."""
        steps: list[Step] = []
        walk, rank = self.head, 0
        for level in range(self.levels, 0, -1):
            at = FORWARD + 2 * level - 2
            while True:
                follower, span = walk[at], walk[at + 1]
                place = "head" if walk is self.head else _text(walk[MEMBER])
                if follower is self.end:
                    steps.append(Step(place, "nil", "down" if level > 1 else "here", level, rank))
                    break
                if not goes_on(follower, rank + span):
                    decided = "too far: down" if level > 1 else "too far: here"
                    steps.append(Step(place, _shown(follower), decided, level, rank, follower[SERIAL] or None))
                    break
                rank += span
                walk = follower
                steps.append(Step(place, _shown(follower), f"go on by {span}", level, rank, follower[SERIAL] or None))
        return tuple(steps), walk, rank


def _comparisons(steps: tuple[Step, ...]) -> int:
    return sum(step.saw != "nil" for step in steps)


def _text(member: bytes) -> str:
    return member.decode("utf-8", "backslashreplace")


def _shown(node: Node) -> str:
    return f"{_text(node[MEMBER])} ({node[SCORE]:.17g})"
