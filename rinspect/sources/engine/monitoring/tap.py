"""Listening to one client: its requests and what it is answered, as they pass.

A client that is listened to is, for as long as that lasts, of a class of its own: the others run as ever, and pay nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from rinspect.engine.networking.client import Client
from rinspect.engine.replies import NO_REPLY, Reply, Several
from rinspect.engine.server.slowlog import shortened
from rinspect.monitoring.clients import Conversation, Said
from rinspect.sources.engine.brief import brief

KEPT = 500
"""Things said that are remembered."""


class Tap:
    """What one client and the server say to each other. `attach` and `detach` are called in the loop's thread."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._said: deque[Said] = deque(maxlen=KEPT)
        self._heard = 0
        self._known = False
        """What is gathered next was heard before it."""
        self._plain = type(client)

    def attach(self) -> None:
        plain, tap = self._plain, self

        class Tapped(plain):  # type: ignore[valid-type, misc]
            __slots__ = ()

            def process(self, argv: Sequence[bytes]) -> Reply:
                return tap.through(argv, super().process)

            def push(self, message: Reply) -> None:
                tap.hear("push", (), message)
                super().push(message)

            def reply(self, reply: Reply) -> None:
                tap.hear_unless_known(reply)
                super().reply(reply)

        self._client.__class__ = Tapped
        self._client.guard("tapped", on=True)

    def detach(self) -> None:
        self._client.guard("tapped", on=False)
        self._client.__class__ = self._plain

    def through(self, argv: Sequence[bytes], process: Callable[[Sequence[bytes]], Reply]) -> Reply:
        """A request, and its reply."""
        runtime = self._client.engine.runtime
        began, words = runtime.ustime, shortened(argv)
        # One that tries again was heard when it came.
        if self._client.retried is None:
            self.hear("request", words, None)
        self._known = False
        reply = process(argv)
        if isinstance(reply, Several):
            for message in reply.messages:
                self.hear("push", words, message)
        elif reply is not NO_REPLY:
            self.hear("reply", words, reply, max(0, runtime.ustime - began))
        return reply

    def hear_unless_known(self, reply: Reply) -> None:
        """A reply is gathered otherwise than as a request's: such as when a client that waited gets nothing."""
        if not self._known:
            self.hear("reply", (), reply)
        self._known = False

    def hear(self, kind: str, argv: tuple[bytes, ...], reply: Reply, took: int | None = None) -> None:
        self._heard += 1
        self._known = kind != "request"
        self._said.append(Said(self._client.engine.runtime.clock(), kind, argv, brief(reply), took))

    def conversation(self) -> Conversation:
        """From any thread."""
        said = tuple(self._said)
        client = self._client
        gone = client.id not in client.clients.by_id
        return Conversation(client.id, said, max(0, self._heard - len(said)), gone)
