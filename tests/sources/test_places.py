"""Ways through structures to a place."""

from __future__ import annotations

from tests.sources.test_engine_source import opened, run


async def test_the_way_to_an_entry_of_a_stream_by_its_place() -> None:
    async with opened() as source:
        await run(source, "CONFIG SET stream-node-max-entries 2")
        await run(source, "\n".join(f"XADD s {n}-1 f v" for n in range(1, 8)) + "\nXDEL s 2-1")
        for place, result in ((b"0", "node 0, entry 0"), (b"1", "node 1, entry 0"), (b"-1", "node 3, entry 0")):
            trace = await source.trace(b"s", "byrank", place)
            assert trace is not None
            assert trace.result == result
        for place in (b"6", b"-7", b"x"):
            assert await source.trace(b"s", "byrank", place) is None
