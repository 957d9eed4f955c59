"""The engine against fakeredis, both in this process: operations per second, and their ratio.

    python bench/engine.py [--count 10000] [--rounds 3]

Each test runs the same commands, over 10,000 keys or members, on `session.execute` and on
`FakeStrictRedis().execute_command`, one right after the other; the median of the rounds' ratios counts. Needs fakeredis.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import time
from collections.abc import Callable

import fakeredis

from rinspect.engine import Engine

Commands = list[list[bytes]]


def commands(count: int) -> dict[str, tuple[Commands, Commands]]:
    """For each test what is run first, unmeasured, and what is measured."""
    keys = [b"key:%d" % n for n in range(count)]
    members = [b"member:%d" % n for n in range(count)]
    fields = [b"field:%d" % n for n in range(20)]
    sets = [[b"SET", key, b"value"] for key in keys]
    scores = [[b"ZADD", b"zset", b"%d" % (n * 7919 % count), member] for n, member in enumerate(members)]
    return {
        "SET": ([], sets),
        "GET": (sets, [[b"GET", key] for key in keys]),
        "HSET": ([], [[b"HSET", b"hash", fields[n % 20], b"value:%d" % n] for n in range(count)]),
        "LPUSH": ([], [[b"LPUSH", b"list", member] for member in members]),
        "SADD": ([], [[b"SADD", b"set", member] for member in members]),
        "ZADD": ([], scores),
        "ZRANGE 0 9": (scores, [[b"ZRANGE", b"zset", b"0", b"9"]] * count),
    }


def timed(execute: Callable[[list[bytes]], object], first: Commands, measured: Commands) -> float:
    """Seconds that the measured commands took."""
    for argv in first:
        execute(argv)
    began = time.perf_counter()
    for argv in measured:
        execute(argv)
    return time.perf_counter() - began


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    ratios = []
    for name, (first, measured) in commands(options.count).items():
        rounds = []
        for _ in range(options.rounds):
            ours = timed(Engine().session().execute, first, measured)
            fake = fakeredis.FakeStrictRedis()
            theirs = timed(lambda argv, fake=fake: fake.execute_command(*argv), first, measured)  # type: ignore[misc]
            rounds.append((theirs / ours, ours, theirs))
        ratio, ours, theirs = sorted(rounds)[len(rounds) // 2]
        ratios.append(ratio)
        rate, other = len(measured) / ours, len(measured) / theirs
        print(f"{name:<11} {rate:>11,.0f} /s   fakeredis {other:>9,.0f} /s   ratio {ratio:6.1f}")
    mean = math.exp(statistics.fmean(math.log(ratio) for ratio in ratios))
    print(f"geometric mean of the ratios: {mean:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
