"""`rinspect load`: clients that keep a server busy, so that there is something to watch."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from contextlib import suppress

from rinspect import workload as workloads
from rinspect.startup import BadUsage, address
from rinspect.workload import Mix, Workload

MIXES = {mix.name: mix for mix in Mix.ALL}


async def run(options: argparse.Namespace) -> int:
    """Load a server until it is enough; the exit code."""
    where = address(options, options.source)
    if where is None:
        raise BadUsage("rinspect load needs a server: rinspect load redis://localhost:6379 --write")
    if not options.write:
        raise BadUsage(f"load writes thousands of keys named load:… into {where.label}: if you mean it, add --write")
    if options.mix not in MIXES:
        raise BadUsage(f"there is no mix {options.mix!r}: choose one of {', '.join(MIXES)}")
    workload = Workload(
        mix=MIXES[options.mix],
        clients=options.clients,
        pipeline=options.pipeline,
        keys=options.keys,
        skew=options.skew,
        rate=options.rate,
        slow_every=options.slow,
        seed=options.seed,
    )
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert task is not None
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    seconds = operations = 0
    with suppress(asyncio.CancelledError, TimeoutError):
        async with asyncio.timeout(options.seconds or None):
            async for second in workloads.run(workload, where):
                seconds, operations = seconds + 1, operations + second.operations
                sys.stdout.write(f"{second.operations:>9,} operations/s   slowest {second.slowest * 1000:8.1f} ms\n")
                sys.stdout.flush()
    print(
        f"rinspect: {operations:,} operations in {seconds} s. Their keys, load:…, are still there: redis-cli --scan"
        " --pattern 'load:*' | xargs redis-cli UNLINK",
        file=sys.stderr,
    )
    return 0
