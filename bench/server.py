"""The engine as a server against redis-server: throughput as a ratio, and how its cost grows.

    python bench/server.py [--rounds 3] [--pipeline 1 16] [--growth] [--python pypy3]

Each test of redis-benchmark runs on redis-server and on `rinspect serve`, one right after the other; the median of the rounds'
ratios counts. `--growth` measures the engine alone: with 1 … 10,000 clients, and with 1,000 … 1,000,000 keys. `--python` is
what runs ours: this Python, or another one. (A PyPy gets quicker for some seconds.) Needs redis-server and redis-benchmark
(Debian: redis-server, redis-tools).
"""

from __future__ import annotations

import argparse
import csv
import io
import math
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TESTS = ("set", "get", "incr", "lpush", "rpush", "lpop", "sadd", "hset", "zadd", "lrange_100", "mset")
CHECKOUT = str(Path(__file__).resolve().parents[1])
THEIRS = ("redis-server", "--save", "")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def ours(python: str) -> tuple[str, ...]:
    """What starts our server: this checkout's, whatever is installed there."""
    return ("env", f"PYTHONPATH={CHECKOUT}", python, "-m", "rinspect", "serve", "--save", "")


@contextmanager
def running(command: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """(port, process) of a server that answers."""
    port = free_port()
    process = subprocess.Popen([*command, "--port", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            if process.poll() is not None:
                raise SystemExit(f"{command[0]} ended at once")
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def rate(port: int, test: str, depth: int, count: int, clients: int = 50) -> float:
    """Operations a second, as redis-benchmark finds."""
    command = ["redis-benchmark", "-p", str(port), "-t", test, "-P", str(depth), "-c", str(clients), "-n", str(count)]
    done = subprocess.run([*command, "-r", "10000", "--csv"], capture_output=True, text=True, check=True)
    rows = [row for row in csv.reader(io.StringIO(done.stdout)) if len(row) > 2 and row[0] != "test"]
    return float([row for row in rows if "needed to benchmark" not in row[0]][-1][1])


def compare(depths: list[int], rounds: int, server: tuple[str, ...]) -> None:
    with running(THEIRS) as (theirs, _), running(server) as (own, _):
        for depth in depths:
            ratios = []
            for test in TESTS:
                count = max(2000, int(rate(own, test, depth, 2000)))
                pairs = [
                    (rate(theirs, test, depth, max(count, 20_000)), rate(own, test, depth, count))
                    for _ in range(rounds)
                ]
                ratio = statistics.median(mine / other for other, mine in pairs)
                ratios.append(ratio)
                mine = statistics.median(mine for _, mine in pairs)
                print(f"depth {depth:<3} {test:<11} ratio {ratio:.3f}   {mine:>9,.0f} /s")
            mean = math.exp(statistics.fmean(map(math.log, ratios)))
            print(f"depth {depth:<3} geometric mean {mean:.3f}")


def resident(process: int) -> int:
    """Bytes of a process in memory (Linux)."""
    with open(f"/proc/{process}/statm", encoding="ascii") as file:  # noqa: PTH123
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def growth(server: tuple[str, ...]) -> None:
    with running((*server, "--maxclients", "10100")) as (port, _):
        for clients in (1, 100, 1000, 10_000):
            # (Their connecting counts too: enough requests that it does not matter.)
            print(f"{clients:>9,} clients    GET {rate(port, 'get', 1, 20_000 + 20 * clients, clients):>9,.0f} /s")
    for keys in (1_000, 100_000, 1_000_000):
        with running(server) as (port, process), socket.create_connection(("127.0.0.1", port)) as connection:
            before, began = resident(process), time.perf_counter()
            reader = connection.makefile("rb")
            for start in range(0, keys, 1000):
                numbers = range(start, min(start + 1000, keys))
                connection.sendall(b"".join(b"SET key:%012d value\r\n" % number for number in numbers))
                for _ in numbers:
                    reader.readline()
            filled = time.perf_counter()
            cursor, found = b"0", 0
            while found == 0 or cursor != b"0":
                connection.sendall(b"SCAN %b COUNT 1000\r\n" % cursor)
                reader.readline()
                reader.readline()
                cursor = reader.readline().strip()
                for _ in range(int(reader.readline()[1:])):
                    reader.readline()
                    reader.readline()
                    found += 1
            scanned = time.perf_counter()
            print(
                f"{keys:>9,} keys       SET {keys / (filled - began):>9,.0f} /s   {(resident(process) - before) / keys:5.0f} B"
                f" of memory a key   SCAN of all {scanned - filled:6.2f} s, {found:,} found"
            )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pipeline", type=int, nargs="+", default=[1, 16])
    parser.add_argument("--growth", action="store_true", help="how the engine's cost grows, instead")
    parser.add_argument("--python", default=sys.executable)
    options = parser.parse_args()
    server = ours(options.python)
    if options.growth:
        growth(server)
    else:
        compare(options.pipeline, options.rounds, server)
    return 0


if __name__ == "__main__":
    sys.exit(main())
