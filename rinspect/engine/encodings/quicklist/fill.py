"""How much a node of a list may hold: `list-max-listpack-size`.

    -1 … -5      at most 4096, 8192, 16384, 32768, 65536 bytes; anything below is as -5
    n > 0        at most n elements, and 8192 bytes
    0            as 1

The same limits say when a small list stops being one bare listpack (7.2+).
"""

from __future__ import annotations

from functools import lru_cache

from rinspect.engine.encodings.quicklist.node import Node, Plain
from rinspect.engine.profile import Profile

NODE_SIZES = (4096, 8192, 16384, 32768, 65536)
SAFE_SIZE = 8192
"""Where only the number of elements is limited, a node's bytes still are."""
HUGE = 1 << 30
"""From here on an element gets a node of its own in 7.0 and 7.2."""
FILL_MIN, FILL_MAX = -5, (1 << 15) - 1
"""A quicklist keeps its fill in 16 bits."""
NO_LIMIT = 1 << 62


class Fill:
    """One setting's limits, under one version's rules.

    `size` and `count` are the limits in bytes and elements, NO_LIMIT where there is none. `plain_above` is the longest
    element that shares a node. Up to `sure` bytes of blob and element together, the limit in bytes is surely kept.
    """

    __slots__ = ("count", "discount", "listpack", "plain_above", "setting", "size", "sure")

    def __init__(self, setting: int, profile: Profile) -> None:
        self.setting = setting
        if setting < 0:
            self.size = NODE_SIZES[min(-setting, len(NODE_SIZES)) - 1]
            self.count = NO_LIMIT
        else:
            self.size = SAFE_SIZE
            self.count = setting or 1
        self.plain_above = {"never": NO_LIMIT, "huge": HUGE - 1, "fill": self.size}[profile.plain_nodes]
        if profile.packed_threshold is not None:
            self.plain_above = profile.packed_threshold - 1
        self.listpack = profile.listpack
        self.sure = min(self.size, self.plain_above) - (8 if profile.listpack else 10)
        self.discount = profile.quicklist.merge_discount

    def exceeded(self, size: int, count: int) -> bool:
        """Whether so many bytes, or elements, are too many for one node."""
        return size > self.size or count > self.count

    def estimate(self, length: int) -> int:
        """What an element is taken to need in a node, before it is known how it will be encoded."""
        if self.listpack:
            return length + 8
        prevlen = 1 if length < 254 else 5
        encoding = 1 if length < 64 else 2 if length < 16384 else 5
        return length + prevlen + encoding

    def accepts(self, node: Node | None, length: int) -> bool:
        """Whether an element of `length` bytes may join the node."""
        if node is None or length > self.plain_above:
            return False
        blob = node.blob
        if isinstance(blob, Plain):
            return False
        return len(blob.data) + self.estimate(length) <= self.size and len(blob.texts) < self.count

    def merges(self, left: Node | None, right: Node | None) -> bool:
        """Whether two neighbours may become one node."""
        if left is None or right is None or left.is_plain or right.is_plain:
            return False
        size = left.blob.nbytes + right.blob.nbytes - self.discount
        return size <= self.size and len(left.blob.texts) + len(right.blob.texts) <= self.count

    def fits_half(self, size: int, count: int) -> bool:
        """Whether a quicklist's last node is small enough to be a bare listpack again; half the limit, not to go to and
        fro. Where elements are counted, bytes do not matter here."""
        if self.count == NO_LIMIT:
            return size <= self.size // 2
        return count <= self.count // 2

    def fits(self, size: int, count: int) -> bool:
        """The same with the whole limit, for a list that was just built or loaded."""
        if self.count == NO_LIMIT:
            return size <= self.size
        return count <= self.count


@lru_cache(maxsize=256)
def fill_of(setting: int, profile: Profile) -> Fill:
    """The limits for a setting."""
    return Fill(setting, profile)
