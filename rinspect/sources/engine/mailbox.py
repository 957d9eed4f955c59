"""What the engine says to the prompt besides replies: messages of channels, keys that are no longer valid.

On the wire the prompt, in RESP2, could not tell a message from a reply. So it is put here, by the loop, and taken from here a
few times a second, however many there are: what comes faster than anybody reads is only counted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from rinspect.engine.replies import Push
from rinspect.records import Heard
from rinspect.sources.engine.brief import brief

MOST_HEARD = 100
"""Messages that are kept until somebody takes them."""


class Mailbox:
    """See the module. All but `listener` is for the loop's thread."""

    def __init__(self) -> None:
        self._messages: deque[Push] = deque(maxlen=MOST_HEARD)
        self._came = 0
        self.listener: Callable[[], None] | None = None
        """Called when the first message after the last taking has come."""

    def put(self, message: Push) -> None:
        self._messages.append(Push(tuple(map(brief, message.items))))
        self._came += 1
        if self._came == 1 and self.listener is not None:
            self.listener()

    def take(self) -> Heard:
        """What has come since the last time: the newest of it."""
        heard = Heard(tuple(self._messages), self._came - len(self._messages))
        self._messages.clear()
        self._came = 0
        return heard
