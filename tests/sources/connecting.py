"""Sources on real servers, for tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import hiredis
import pytest

from rinspect.demo import demo_commands
from rinspect.engine import Engine
from rinspect.sources.server.address import Address
from rinspect.sources.server.source import ServerSource
from tests.real.catalog import build_for
from tests.real.servers import RealServer, ServerMissing


def profile_of(server: RealServer) -> str:
    """The profile whose commands a server knows."""
    return "7.2" if server.build.brand == "valkey" else server.profile


def own_server(profile: str, *options: str) -> RealServer:
    """A server for one test alone."""
    try:
        return RealServer(build_for(profile), *options)
    except ServerMissing as missing:
        pytest.skip(str(missing))


@asynccontextmanager
async def connected(
    server: RealServer | int, *, write: bool = False, big: bool = False, **how: Any
) -> AsyncIterator[ServerSource]:
    """A source on a server, or on whatever has that port, closed in the end; `how` are fields of the address."""
    port = server if isinstance(server, int) else server.port
    source = await ServerSource.connect(replace(Address(port=port), **how), write=write, big=big)
    try:
        yield source
    finally:
        await source.close()


async def eventually(holds: Callable[[], Awaitable[bool]], within: float = 20) -> None:
    """Wait until something holds."""
    for _ in range(round(within / 0.02)):
        if await holds():
            return
        await asyncio.sleep(0.02)
    raise TimeoutError


def fill(server: RealServer) -> list[bytes]:
    """Load the demo data; the keys."""
    commands = demo_commands(profile_of(server))
    replies = server.pipeline(commands)
    assert not [reply for reply in replies if isinstance(reply, hiredis.ReplyError)]
    return demo_keys(profile_of(server))


def demo_keys(profile: str) -> list[bytes]:
    """The keys of the demo data."""
    session = Engine(profile).session()
    for argv in demo_commands(profile):
        session.execute(argv)
    return list(session.call.db.table.index)
