"""One key on two sources, and one command on both."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from rinspect.comparing import compare_key, copy_key, run_allowed, run_both, setting_rows
from rinspect.console.words import split
from rinspect.engine import Engine
from rinspect.engine.replies import CommandError
from rinspect.records import Comparison, Outcome, Row
from rinspect.sources.engine import EngineSource
from rinspect.sources.source import Refused
from tests.real.servers import RealServer
from tests.sources.connecting import connected, profile_of

MOMENT = 1_800_000_000_000_000


class ReadOnly(EngineSource):
    """An engine that takes no writes, as a server does without --write."""

    async def refusal(self, argv: Sequence[bytes]) -> str:
        command = self.engine.commands.get(argv[0].upper())
        writes = command is None or "write" in command.declaration.flags
        return f"{argv[0].decode()} may change the server" if writes else ""

    async def execute(self, argv: Sequence[bytes]) -> Outcome:
        if reason := await self.refusal(argv):
            raise Refused(reason)
        return await super().execute(argv)

    async def fill(self, script: str) -> None:
        for line in script.splitlines():
            await super().execute(split(line))


@asynccontextmanager
async def two(
    script: str, right: str = "", *, left_profile: str = "8.0", right_profile: str = "8.0", allocator: str = "jemalloc"
) -> AsyncIterator[tuple[EngineSource, ReadOnly]]:
    """Two engines: `script` was run on both, or `right` on the other."""
    one = EngineSource(Engine(left_profile, clock=lambda: MOMENT))
    other = ReadOnly(Engine(right_profile, allocator, clock=lambda: MOMENT), label="staging:6379")
    try:
        for line in script.splitlines():
            await one.execute(split(line))
        await other.fill(right or script)
        yield one, other
    finally:
        await one.close()
        await other.close()


def row(found: Comparison, name: str) -> Row:
    return next(row for row in found.rows if row.name == name)


async def test_the_same_on_both() -> None:
    async with two("HSET k name Ada born 1815") as (one, other):
        found = await compare_key(one, other, b"k")
    assert found.same
    assert [r.name for r in found.rows] == ["TYPE", "OBJECT ENCODING", "elements", "MEMORY USAGE", "TTL", "DUMP"]
    assert all(r.same for r in found.rows)
    assert row(found, "MEMORY USAGE").left == row(found, "MEMORY USAGE").right == "80 exact"
    assert all(r.same for r in found.settings)


async def test_versions_differ() -> None:
    async with two("HSET k name Ada", left_profile="6.2") as (one, other):
        found = await compare_key(one, other, b"k")
    assert not found.same
    assert (row(found, "OBJECT ENCODING").left, row(found, "OBJECT ENCODING").right) == ("ziplist", "listpack")
    assert "ziplist here, listpack there" in row(found, "MEMORY USAGE").note
    assert row(found, "elements").same
    limits = next(r for r in found.settings if r.name == "list-max-listpack-size")
    assert limits.same


async def test_allocators_differ() -> None:
    async with two("SET k v", allocator="system-jemalloc") as (one, other):
        found = await compare_key(one, other, b"k")
    assert (row(found, "MEMORY USAGE").same, row(found, "DUMP").same) == (False, True)
    assert "size classes differ" in row(found, "MEMORY USAGE").note


@pytest.mark.parametrize(
    ("left", "right", "note"),
    [
        ("HSET k a 1 b 2 c " + "x" * 40, "HSET k a 1 b 2", "other contents: 3 elements here, 2 elements there"),
        ("SET k " + "x" * 60, "SET k x", "other contents: 60 bytes here, 1 byte there"),
        ("SET k v", "LPUSH k v", "other contents: a string here, a list there"),
        ("RPUSH k " + "x" * 60, "RPUSH k y", "other contents, or the same in another order: the payloads differ"),
    ],
)
@pytest.mark.parametrize("allocator", ["jemalloc", "system-jemalloc"])
async def test_other_contents_are_why_sizes_differ(left: str, right: str, note: str, allocator: str) -> None:
    async with two(left, right, allocator=allocator) as (one, other):
        found = await compare_key(one, other, b"k")
    assert row(found, "MEMORY USAGE").same is False
    assert row(found, "MEMORY USAGE").note == note


async def test_payloads_of_two_versions_may_be_the_same_but_for_their_footer() -> None:
    async with two("SET k v", right_profile="7.0") as (one, other):
        found = await compare_key(one, other, b"k")
    assert row(found, "DUMP").same
    assert row(found, "DUMP").note == "RDB version 12 and 10"


async def test_the_order_of_a_hashtable_is_no_difference() -> None:
    members = [f"m{n}" for n in range(140)]
    async with two("SADD k " + " ".join(members), "SADD k " + " ".join(reversed(members))) as (one, other):
        found = await compare_key(one, other, b"k")
    assert row(found, "DUMP").same is None
    assert "order" in row(found, "DUMP").note
    assert found.same


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("", "", True),
        ("EX 100", "", False),
        ("EX 100", "EX 101", True),
        ("EX 100", "EX 200", False),
        ("", "EX 1", False),
    ],
)
async def test_expiries_may_be_seconds_apart(left: str, right: str, same: bool) -> None:
    async with two(f"SET k v {left}", f"SET k v {right}") as (one, other):
        found = await compare_key(one, other, b"k")
    assert row(found, "TTL").same is same


async def test_a_key_that_is_on_one_side_only_or_on_none() -> None:
    async with two("SET k v", "SET other v") as (one, other):
        (here,) = (await compare_key(one, other, b"k")).rows
        assert (here.left, here.right, here.same) == ("there", "no such key", False)
        (there,) = (await compare_key(one, other, b"other")).rows
        assert (there.left, there.right) == ("no such key", "there")
        nowhere = await compare_key(one, other, b"none")
        assert nowhere.same


async def test_thresholds_that_differ_come_alone_and_under_todays_names() -> None:
    async with two("CONFIG SET hash-max-ziplist-entries 7", "PING", left_profile="6.2") as (one, other):
        rows = setting_rows(await one.info(), await other.info())
    assert [(r.name, r.left, r.right) for r in rows] == [("hash-max-listpack-entries", "7", "512")]


@pytest.mark.parametrize("name", ["stream-node-max-bytes", "stream-node-max-entries", "hll-sparse-max-bytes"])
async def test_thresholds_of_streams_and_hyperloglogs_are_compared(name: str, real_server: RealServer) -> None:
    real_server.execute("CONFIG", "SET", name, "77")
    async with two("PING", "PING", left_profile=profile_of(real_server)) as (one, _), connected(real_server) as other:
        differing = [row.name for row in setting_rows(await one.info(), await other.info())]
    assert name in differing


async def test_a_command_on_both() -> None:
    async with two("SET k v") as (one, other):
        both = await run_both(one, other, [b"GET", b"k"])
        assert both.same
        assert both.left is not None
        assert both.left.reply == b"v"
        await one.execute([b"SET", b"k", b"w"])
        assert (await run_both(one, other, [b"GET", b"k"])).same is False


async def test_a_write_runs_on_neither_and_then_on_the_side_that_allows_it() -> None:
    async with two("SET k v") as (one, other):
        both = await run_both(one, other, [b"SET", b"k", b"x"])
        assert (both.left, both.right) == (None, None)
        assert "may change the server" in both.refused
        assert both.same is None
        assert (await one.execute([b"GET", b"k"])).reply == b"v"
        allowed = await run_allowed(one, other, [b"SET", b"k", b"x"])
        assert allowed.left is not None
        assert allowed.right is None
        assert (await one.execute([b"GET", b"k"])).reply == b"x"
        assert (await other.execute([b"GET", b"k"])).reply == b"v"


async def test_a_side_that_goes_away_answers_with_an_error() -> None:
    class Gone(EngineSource):
        async def execute(self, argv: Sequence[bytes]) -> Outcome:
            raise Refused("the connection broke")

    async with two("SET k v") as (one, _):
        gone = Gone(Engine("8.0"))
        both = await run_both(one, gone, [b"GET", b"k"])
        await gone.close()
    assert both.right is not None
    assert both.right.reply == CommandError("ERR the connection broke")
    assert both.same is False


async def test_copying_a_key() -> None:
    async with two("SET other 1", "HSET k a b\nEXPIRE k 100") as (one, other):
        assert await copy_key(other, one, b"k") == ""
        found = await compare_key(one, other, b"k")
        assert found.same
        assert "may change" in await copy_key(one, other, b"k")
        assert "not there" in await copy_key(other, one, b"none")
