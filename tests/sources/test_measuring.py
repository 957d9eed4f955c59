"""What a payload does not carry, found out by reading: against real servers."""

from __future__ import annotations

import pytest

from rinspect.engine.layout import Certainty, Window
from rinspect.records import Look
from rinspect.sources.server.address import Address
from rinspect.sources.server.measuring import table_size
from rinspect.sources.server.source import ServerSource
from tests.real.servers import RealServer

recent = pytest.mark.parametrize("real_server", ["7.0", "8.0"], indirect=True)


async def measured(server: RealServer, key: bytes) -> tuple[Look, Look]:
    """The key's look before and after it was measured."""
    source = await ServerSource.connect(Address(port=server.port))
    try:
        before = await source.look(key, Window(), deliberate=True)
        assert await source.measure(key) == ""
        after = await source.look(key, Window(0, 1 << 20), deliberate=True)
    finally:
        await source.close()
    assert before is not None
    assert after is not None
    return before, after


def settle(server: RealServer, command: str, key: str) -> None:
    """Touch a value until no rehash of its table is left."""
    for _ in range(600):
        server.execute(command, key, "?")


@recent
async def test_a_skiplist_with_its_heights_and_buckets(real_server: RealServer) -> None:
    for number in range(150):
        real_server.execute("ZADD", "board", str(number * 37 % 151), f"player:{number:03}")
    settle(real_server, "ZSCORE", "board")
    before, after = await measured(real_server, b"board")
    assert before.layout.certainty is Certainty.RECONSTRUCTED
    assert after.layout.certainty is Certainty.MEASURED
    assert after.layout.charged == after.computed == after.reported


@recent
async def test_a_sets_buckets(real_server: RealServer) -> None:
    for number in range(200):
        real_server.execute("SADD", "tags", f"tag:{number}")
    settle(real_server, "SISMEMBER", "tags")
    _, after = await measured(real_server, b"tags")
    assert after.layout.certainty is Certainty.MEASURED
    assert after.computed == after.reported
    # The server itself says how many of its buckets are in use, and how long the longest chain is.
    words = ("DEBUG", "HTSTATS-KEY", "tags") + (() if real_server.profile == "7.0" else ("full",))
    stats = real_server.execute(*words)
    assert isinstance(stats, bytes)
    chains: dict[int, int] = {}
    for allocation in after.layout.allocations:
        if allocation.name == "sds" and allocation.element is not None:
            chains[allocation.element] = chains.get(allocation.element, 0) + 1
    assert f"different slots: {len(chains)}\n" in stats.decode()
    assert f"max chain length: {max(chains.values())}\n" in stats.decode()


@recent
async def test_what_has_nothing_to_measure_says_so(real_server: RealServer) -> None:
    real_server.execute("SET", "greeting", "hello")
    source = await ServerSource.connect(Address(port=real_server.port))
    try:
        assert "nothing to measure" in await source.measure(b"greeting")
        assert "not there" in await source.measure(b"nobody")
    finally:
        await source.close()


def test_two_tables_have_no_one_size() -> None:
    assert table_size(256, 1000, 1000) == 256
    assert table_size(256, 1000, 1000 + 8 * 256) == 512
    assert table_size(256, 1000, 1000 + 8 * 128) is None
    assert table_size(256, 1000, 1003) is None
