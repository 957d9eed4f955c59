"""What is said to the prompt besides replies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rinspect.engine.replies import OK, PONG, Push, Reply
from rinspect.records import Heard
from rinspect.sources.engine.brief import MOST_BYTES, MOST_ITEMS
from rinspect.sources.engine.mailbox import MOST_HEARD, Mailbox
from tests.sources.monitoring_of import PATIENCE, Watched, watched
from tests.sources.test_engine_source import run


class Listening(Watched):
    """Somebody listens to what the prompt is told."""

    heard: AsyncIterator[Heard]

    async def next(self) -> list[tuple[Reply, ...]]:
        """The messages that come next, all at once."""
        heard = await asyncio.wait_for(anext(self.heard), PATIENCE)
        return [message.items for message in heard.messages]


@asynccontextmanager
async def listening() -> AsyncIterator[Listening]:
    async with watched() as here:
        made = Listening(here.source)
        made.heard = here.source.messages()
        yield made
        for caller in made.callers:
            caller.socket.close()


async def test_messages_of_all_kinds_of_channels() -> None:
    async with listening() as here:
        one = await here.caller("one")
        await run(here.source, "SUBSCRIBE news\nPSUBSCRIBE n*\nSSUBSCRIBE part")
        await one.execute("PUBLISH", "news", "hello")
        await one.execute("SPUBLISH", "part", "piece")
        assert await here.next() == [
            (b"message", b"news", b"hello"),
            (b"pmessage", b"n*", b"news", b"hello"),
            (b"smessage", b"part", b"piece"),
        ]


async def test_in_resp3_they_are_not_taken_for_replies() -> None:
    async with listening() as here:
        one = await here.caller("one")
        await run(here.source, "SET k 1\nHELLO 3\nSUBSCRIBE news\nCLIENT TRACKING ON\nGET k")
        await one.execute("SET", "k", "2")
        await one.execute("PUBLISH", "news", "hello")
        assert await run(here.source, "GET k\nPUBLISH news again\nSET k 3\nPING") == [b"2", 1, OK, PONG]
        assert await here.next() == [
            (b"invalidate", [b"k"]),
            (b"message", b"news", b"hello"),
            (b"message", b"news", b"again"),
            (b"invalidate", [b"k"]),
        ]
        await one.execute("FLUSHALL")
        assert await here.next() == [(b"invalidate", None)]


async def test_in_resp2_the_prompt_may_be_told_in_the_place_of_another() -> None:
    async with listening() as here:
        one = await here.caller("one")
        number, _ = await run(here.source, "CLIENT ID\nSUBSCRIBE __redis__:invalidate")
        await one.execute("CLIENT", "TRACKING", "ON", "REDIRECT", str(number))
        await one.execute("GET", "k")
        await one.execute("SET", "k", "1")
        assert await here.next() == [(b"message", b"__redis__:invalidate", [b"k"])]
        assert await run(here.source, "PING") == [[b"pong", b""]]


async def test_a_connection_that_is_made_anew_is_heard_as_well() -> None:
    async with listening() as here:
        one = await here.caller("one")
        waiting = asyncio.create_task(here.source.execute([b"BLPOP", b"nobody", b"0"]))
        await here.until(lambda: here.source._repl.client.blocked is not None)
        waiting.cancel()
        await run(here.source, "SUBSCRIBE news")
        await one.execute("PUBLISH", "news", "hello")
        assert await here.next() == [(b"message", b"news", b"hello")]


def test_of_a_flood_the_newest_are_kept_and_the_others_counted() -> None:
    box, told = Mailbox(), 0

    def tell() -> None:
        nonlocal told
        told += 1

    box.listener = tell
    for round_ in range(2):
        for number in range(10 * MOST_HEARD):
            box.put(Push((b"message", b"news", b"%d" % number)))
        heard = box.take()
        assert [message.items[2] for message in heard.messages] == [
            b"%d" % n for n in range(9 * MOST_HEARD, 10 * MOST_HEARD)
        ]
        assert heard.left_out == 9 * MOST_HEARD
        assert told == round_ + 1
    assert box.take() == Heard((), 0)


def test_what_is_long_is_cut() -> None:
    box = Mailbox()
    box.put(Push((b"message", b"news", b"x" * 1_000_000)))
    box.put(Push((b"invalidate", [b"%d" % n for n in range(10_000)])))
    text, keys = (message.items for message in box.take().messages)
    assert isinstance(text[2], bytes)
    assert len(text[2]) < MOST_BYTES + 40
    assert isinstance(keys[1], list)
    assert len(keys[1]) == MOST_ITEMS + 1
