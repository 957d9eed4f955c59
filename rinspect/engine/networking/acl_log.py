"""ACL LOG: what was refused to whom, and which log-ins failed. The same again within a minute is counted, not told again."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import islice

from rinspect.engine.config import Config

GROUPED_WITHIN = 60_000
"""Milliseconds."""
SEARCHED = 10
"""Entries among which the same is looked for."""


@dataclass(slots=True)
class Entry:
    """Something that was refused."""

    id: int
    reason: str
    """`auth`, `command`, `key`, `channel`."""
    context: str
    """`toplevel` or `multi`."""
    object: bytes
    """The command, key or channel; for a log-in the word that it was tried with."""
    username: bytes
    client: str
    """Who tried, as CLIENT LIST writes it."""
    created: int
    """Milliseconds since 1970, as are all moments here."""
    updated: int
    count: int = 1

    def is_same(self, other: Entry) -> bool:
        return (
            (self.reason, self.context, self.object, self.username)
            == (other.reason, other.context, other.object, other.username)
        ) and abs(self.updated - other.updated) <= GROUPED_WITHIN


class AclLog:
    """The entries, the latest first: `acllog-max-len` of them."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.entries: deque[Entry] = deque()
        self.next_id = 0

    def add(self, entry: Entry) -> None:
        """Tell of something, which has `next_id`."""
        known = next((one for one in islice(self.entries, SEARCHED) if one.is_same(entry)), None)
        if known is None:
            self.next_id += 1
            self.entries.appendleft(entry)
            while len(self.entries) > self._config.acllog_max_len:
                self.entries.pop()
            return
        known.client, known.updated = entry.client, entry.updated
        known.count += 1
        self.entries.remove(known)
        self.entries.appendleft(known)
