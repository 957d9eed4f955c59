"""skiplist: a sorted chain with express lanes. With a dict beside it, it makes the large sorted set.

    level 3   head ───────────3────────────▶ cyd ───────────2────────────▶ nil
    level 2   head ──────2───────▶ bob ─1──▶ cyd ───────────2────────────▶ nil
    level 1   head ─1──▶ ada ─1──▶ bob ─1──▶ cyd ─1──▶ dan ─1──▶ eve ─0──▶ nil
    score                1         1.5       2         2         7
    backward  nil  ◀──── ada ◀──── bob ◀──── cyd ◀──── dan ◀──── eve

Nodes are ordered by score, and by the member's bytes where scores are equal. A node is in as many levels as chance gave
it: in a second one with probability 1/4, in a third one with 1/16 … up to 32. A search starts in the head's topmost
level, goes on while the next node still lies before the goal, and descends a level where it does not.

A **span** says how many places a step goes forward, so the sum of the spans on the way is a node's rank, and a node can
be found by its rank as quickly as by its score. A step to nil has the number of nodes that are passed over for good.

In the server a node's levels are one array. Here each is an object, a **rung**, and the lowest stands for the node. Beside
what the server keeps, a rung knows the one before it in its own level, and the last one **above** that is not behind it:
the node's own, or that of the node whose step passes over it. So a search only has to find a place in the lowest level;
all steps that change when a node comes or goes lie on one climb from there:

    dan, level 1 ── above ──▶ cyd, level 2 ── above ──▶ cyd, level 3        without dan, these steps are shorter by one

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
    >>> names.rank(2, b"dan"), names.by_rank(4).member
    (3, b'eve')
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from math import nan
from typing import Protocol

from rinspect.engine.encodings.bounds import Precedes
from rinspect.engine.layout import Step, Trace

MAX_LEVEL = 32
NODE_SIZE, LEVEL_SIZE = 24, 16
"""Bytes of a node without levels, and of each level."""
HEADER_SIZE = NODE_SIZE + MAX_LEVEL * LEVEL_SIZE
STRUCT_SIZE = 32


class Chance(Protocol):
    """What levels are drawn from: a `random.Random`, for one."""

    def getrandbits(self, k: int, /) -> int: ...


class Rung:
    """A node in one of its levels: the step that begins there leads `forward`, over `span` places.

    `backward` comes before it in the same level. `below` is the node's rung in the level below, None in the lowest;
    `above` the last one in the level above that is not behind this one. `serial` is that of the lowest.
    """

    __slots__ = ("above", "backward", "below", "forward", "member", "score", "serial", "span")

    above: Rung
    backward: Rung
    forward: Rung

    def __init__(self, score: float, member: bytes, below: Rung | None = None) -> None:
        self.score = score
        self.member = member
        self.below = below
        self.span = 0
        self.serial = 0


def rungs(node: Rung) -> Iterator[Rung]:
    """A node's rungs, from the lowest to its top."""
    yield node
    while (above := node.above).below is node:
        yield above
        node = above


def node_of(rung: Rung) -> Rung:
    """The node that a rung belongs to: its lowest one."""
    while (below := rung.below) is not None:
        rung = below
    return rung


def level_of(node: Rung) -> int:
    """How many levels a node is in."""
    return sum(1 for _ in rungs(node))


def node_size(level: int) -> int:
    """Bytes that a node asks for."""
    return NODE_SIZE + LEVEL_SIZE * level


class Skiplist:
    """A skiplist whose levels are drawn from `rng`.

    In place of nil stands one node `end` whose score is NaN: neither less than nor equal to anything, it stops every
    walk by itself. Its backward pointer is the skiplist's `tail`. The first node's backward pointer is the head, for
    nil. Head and end are taller than any node was so far: nobody is without something above.
    """

    __slots__ = ("_ends", "_heads", "_rng", "end", "head", "heights", "length", "levels", "serial")

    def __init__(self, rng: Chance) -> None:
        self._rng = rng
        self.head, self.end = Rung(0.0, b""), Rung(nan, b"")
        self._heads, self._ends = [self.head], [self.end]
        _join(self.head, self.end)
        self._grow()
        self.length = 0
        self.levels = 1
        """Levels in use: the tallest node's, at least 1."""
        self.heights = [0] * (MAX_LEVEL + 1)
        """How many nodes there are of each level: what they take in all follows from it."""
        self.serial = 0

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[Rung]:
        return self.nodes()

    def nodes(self, first: int = 0) -> Iterator[Rung]:
        """The nodes from a rank on, in order."""
        node, end = self.by_rank(first), self.end
        while node is not end:
            yield node
            node = node.forward

    def nodes_backward(self, last: int) -> Iterator[Rung]:
        """The nodes from a rank on, towards the first."""
        node, head = self.by_rank(last), self.head
        while node is not head:
            yield node
            node = node.backward

    def steps(self, node: Rung) -> list[tuple[Rung | None, int]]:
        """Where a node, or the head, leads to in each of its levels, None for nil, and over how many places."""
        own = self._heads[:MAX_LEVEL] if node is self.head else rungs(node)
        steps = [
            (None if rung.forward is end else node_of(rung.forward), rung.span)
            for rung, end in zip(own, self._ends, strict=False)
        ]
        return steps + [(None, 0)] * (MAX_LEVEL - len(steps)) if node is self.head else steps

    # -- changing -----------------------------------------------------------------------------------------------------

    def _random_level(self) -> int:
        bits = self._rng.getrandbits(2 * MAX_LEVEL - 2)
        level = 1
        while not bits & 3 and level < MAX_LEVEL:
            bits >>= 2
            level += 1
        return level

    def insert(self, score: float, member: bytes) -> Rung:
        """Insert a member that is not there yet; the new node."""
        node = Rung(score, member)
        self._place(node)
        return node

    def _place(self, node: Rung) -> None:
        """Put a node that is in no level where its score says, with the level that chance gives it.

            before    ▶ b ─────────4─────────▶ f        the new node d comes after c: two behind b
            after     ▶ b ────3────▶ d ───2──▶ f        spans: 2 + 1, and what is left, 4 - 2

        Levels above the new node's only grow by one: b's step then passes over d as well.
        """
        level = self._random_level()
        levels = self.levels
        if level > levels:
            self._raise(level)
            levels = level
        before = self._before(node.score, node.member)
        node.span = before.span
        before.span = 1
        node.forward = follower = before.forward
        node.backward = before
        before.forward = follower.backward = node
        node.above = above = before.above
        for _ in range(level - 1):
            node = _stack(node, above)
            above = node.above
        for _ in range(levels - level):
            above.span += 1
            above = above.above
        self.length += 1
        self.heights[level] += 1

    def _raise(self, levels: int) -> None:
        """Use so many levels."""
        while self.levels < levels:
            self._heads[self.levels].span = self.length
            self.levels += 1
            if self.levels == len(self._heads):
                self._grow()

    def _grow(self) -> None:
        """Make head and end taller by one."""
        walk, last = self._heads[-1], self._ends[-1]
        head, end = Rung(0.0, b"", walk), Rung(nan, b"", last)
        _join(head, end)
        while walk is not last:
            walk.above = head
            walk = walk.forward
        last.above = end
        self._heads.append(head)
        self._ends.append(end)

    def delete(self, node: Rung) -> None:
        """Take a node out that is in the list."""
        level, rung = 1, node
        while True:
            before, follower, above = rung.backward, rung.forward, rung.above
            before.span += rung.span - 1
            before.forward = follower
            follower.backward = before
            if above.below is not rung:
                break
            # Who had the rung above for the last in that level now has the one before it.
            before = above.backward
            while rung.above is above:
                rung.above = before
                rung = rung.forward
            level += 1
            rung = above
        self.length -= 1
        self.heights[level] -= 1
        levels = self.levels
        if level == levels:
            self._lower()
            return
        for _ in range(levels - level):
            above.span -= 1
            above = above.above

    def _lower(self) -> None:
        """No longer use levels that nobody is in."""
        while self.levels > 1 and self._heads[self.levels - 1].forward is self._ends[self.levels - 1]:
            self.levels -= 1

    def delete_ranks(self, start: int, stop: int) -> list[Rung]:
        """Take out the nodes of ranks start … stop - 1; they are returned in order."""
        gone = list(islice(self.nodes(start), max(0, stop - start)))
        for node in gone:
            self.delete(node)
        return gone

    def update_score(self, node: Rung, score: float) -> None:
        """Give a member another score. Where its node has to move, the server frees it and makes a new one, with a new
        level; here that which stands for both may stay."""
        if (node.backward is self.head or node.backward.score < score) and not node.forward.score <= score:
            for rung in rungs(node):
                rung.score = score
            return
        self.delete(node)
        node.score = score
        node.serial = 0
        self._place(node)

    # -- finding ------------------------------------------------------------------------------------------------------

    def _before(self, score: float, member: bytes) -> Rung:
        """The last node that comes before a member with that score."""
        last = self.end.backward
        if last.score < score:
            # What is added in the order of time comes behind all others.
            return last
        walk = self._heads[self.levels - 1]
        while True:
            follower = walk.forward
            while (seen := follower.score) < score or (seen == score and follower.member < member):
                walk = follower
                follower = walk.forward
            below = walk.below
            if below is None:
                return walk
            walk = below

    def rank(self, score: float, member: bytes) -> int:
        """How many nodes come before that of a member with that score."""
        walk, rank = self._heads[self.levels - 1], 0
        while True:
            follower = walk.forward
            while (seen := follower.score) < score or (seen == score and follower.member < member):
                rank += walk.span
                walk = follower
                follower = walk.forward
            below = walk.below
            if below is None:
                return rank
            walk = below

    def by_rank(self, rank: int) -> Rung:
        """The node with so many others before it; `end` if there are not that many."""
        if rank >= self.length:
            return self.end
        if rank == self.length - 1:
            return self.end.backward
        walk, left = self._heads[self.levels - 1], rank + 1
        while True:
            # A step to nil passes over more than are left, as it does over the last node.
            while walk.span <= left:
                left -= walk.span
                walk = walk.forward
            below = walk.below
            if below is None or not left:
                return node_of(walk)
            walk = below

    def count_before(self, precedes: Precedes) -> int:
        """How many nodes lie before the first that does not precede: its rank."""
        walk, rank = self._heads[self.levels - 1], 0
        for level in range(self.levels - 1, -1, -1):
            end = self._ends[level]
            while (follower := walk.forward) is not end and precedes(follower.score, follower.member):
                rank += walk.span
                walk = follower
            walk = walk.below or walk
        return rank

    # -- showing ------------------------------------------------------------------------------------------------------

    def drawn(self) -> str:
        """The levels as lines of text, spans between the members."""
        lines = []
        for level in range(self.levels, 0, -1):
            rung, end, words = self._heads[level - 1], self._ends[level - 1], ["head"]
            while rung is not end:
                words.append(str(rung.span))
                rung = rung.forward
                words.append("nil" if rung is end else rung.member.decode("latin-1"))
            lines.append(f"level {level}  {' '.join(words)}")
        return "\n".join(lines)

    def trace_rank(self, score: float, member: bytes) -> Trace:
        """How the rank of a member with that score is found. Changes nothing."""
        steps, walk, rank = self._descent(lambda node, _: (node.score, node.member) <= (score, member))
        found = walk is not self.head and walk.member == member
        return Trace("rank", steps, _comparisons(steps), f"rank {rank - 1}" if found else "not there")

    def trace_by_rank(self, rank: int) -> Trace:
        """How the node of a rank is found. Changes nothing."""
        steps, walk, reached = self._descent(lambda _, passed: passed <= rank + 1)
        return Trace("by rank", steps, _comparisons(steps), _shown(walk) if reached == rank + 1 else "not there")

    def trace_insert(self, score: float, member: bytes) -> Trace:
        """Where a member that is not there would go, and how its place is found. Changes nothing."""
        steps, walk, rank = self._descent(lambda node, _: (node.score, node.member) < (score, member))
        after = "at the head" if walk is self.head else f"after {_shown(walk)}"
        return Trace("insert", steps, _comparisons(steps), f"{after}, rank {rank}")

    def _descent(self, goes_on: Callable[[Rung, int], bool]) -> tuple[tuple[Step, ...], Rung, int]:
        """Walk from the top level down while `goes_on(next node, its place)`: the steps, the last node, its place."""
        steps: list[Step] = []
        walk, rank = self._heads[self.levels - 1], 0
        for level in range(self.levels, 0, -1):
            while True:
                follower, span = walk.forward, walk.span
                place = "head" if walk is self._heads[level - 1] else _text(walk.member)
                if follower is self._ends[level - 1]:
                    steps.append(Step(place, "nil", "down" if level > 1 else "here", level, rank))
                    break
                serial = node_of(follower).serial or None
                if not goes_on(follower, rank + span):
                    decided = "too far: down" if level > 1 else "too far: here"
                    steps.append(Step(place, _shown(follower), decided, level, rank, serial))
                    break
                rank += span
                walk = follower
                steps.append(Step(place, _shown(follower), f"go on by {span}", level, rank, serial))
            walk = walk.below or walk
        return tuple(steps), walk, rank


def _comparisons(steps: tuple[Step, ...]) -> int:
    return sum(step.saw != "nil" for step in steps)


def _text(member: bytes) -> str:
    return member.decode("utf-8", "backslashreplace")


def _shown(node: Rung) -> str:
    return f"{_text(node.member)} ({node.score:.17g})"


def _join(before: Rung, follower: Rung) -> None:
    before.forward = follower
    follower.backward = before


def _stack(rung: Rung, before: Rung) -> Rung:
    """Give a node a rung above the one that it has, where `before` is the last in that level; the new one."""
    above = Rung(rung.score, rung.member, rung)
    walk, passed = before.below, 0
    assert walk is not None
    while walk is not rung:
        passed += walk.span
        walk = walk.forward
    above.span = before.span + 1 - passed
    before.span = passed
    above.forward = follower = before.forward
    above.backward = before
    before.forward = follower.backward = above
    above.above = before.above
    # Who had `before` for the last in that level, and comes behind.
    while rung.above is before:
        rung.above = above
        rung = rung.forward
    return above
