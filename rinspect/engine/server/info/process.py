"""INFO server and cpu: the process and the machine it runs on."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha1
from pathlib import Path

from rinspect.engine import lru
from rinspect.engine.server.server import Server

SECONDS_PER_DAY = 86400
RUSAGE_THREAD = 1
"""Linux's number for it. (PyPy's `resource` does not name it.)"""


def _build_id() -> str:
    """Sixteen digits that differ between what two programs were made of."""
    parts = (sys.version, platform.python_compiler())
    return sha1("".join(parts).encode(), usedforsecurity=False).hexdigest()[:16]


def server(server: Server) -> Iterator[tuple[str, object]]:
    runtime = server.engine.runtime
    config, version = runtime.config, runtime.profile.version
    uptime = (runtime.ustime - server.started) // 1_000_000
    system = platform.uname()
    yield "redis_version", ".".join(map(str, runtime.profile.server))
    yield "redis_git_sha1", "00000000"
    yield "redis_git_dirty", 0
    yield "redis_build_id", _build_id()
    yield "redis_mode", "standalone"
    yield "os", f"{system.system} {system.release} {system.machine}"
    yield "arch_bits", 64 if sys.maxsize > 1 << 32 else 32
    yield "monotonic_clock", "POSIX clock_gettime"
    yield "multiplexing_api", server.loop.multiplexer.name
    yield "process_id", os.getpid()
    yield "process_supervised", "no"
    yield "run_id", server.run_id
    yield "tcp_port", config.port
    yield "server_time_usec", runtime.ustime
    yield "uptime_in_seconds", uptime
    yield "uptime_in_days", uptime // SECONDS_PER_DAY
    yield "hz", config.hz
    yield "configured_hz", config.hz
    yield "lru_clock", lru.bits_of(runtime.now)
    yield "executable", Path(sys.argv[0] or sys.executable).absolute()
    yield "config_file", config.path or ""
    yield "io_threads_active", 0
    if version >= (7, 2):
        yield from _listeners(server)


def _listeners(server: Server) -> Iterator[tuple[str, object]]:
    config, number = server.engine.runtime.config, 0
    if server.listeners.tcp:
        bound = "".join(f",bind={address}" for address in config.bind)
        yield "listener0", f"name=tcp{bound},port={config.port}"
        number = 1
    if server.listeners.unix:
        yield f"listener{number}", f"name=unix,bind={config.unixsocket}"


def cpu(server: Server) -> Iterator[tuple[str, object]]:
    """Seconds of processor time; those of the thread where the system tells them apart."""
    times = os.times()
    own, children = (times.system, times.user), (times.children_system, times.children_user)
    thread: tuple[float, float] | None = None
    with suppress(ImportError):
        import resource  # noqa: PLC0415 (there is none on Windows)

        own, children = _times(resource.RUSAGE_SELF), _times(resource.RUSAGE_CHILDREN)
        if sys.platform == "linux":
            thread = _times(RUSAGE_THREAD)
    for suffix, spent in (("", own), ("_children", children), ("_main_thread", thread)):
        if spent is not None:
            yield f"used_cpu_sys{suffix}", f"{spent[0]:.6f}"
            yield f"used_cpu_user{suffix}", f"{spent[1]:.6f}"


def _times(who: int) -> tuple[float, float]:
    import resource  # noqa: PLC0415

    usage = resource.getrusage(who)
    return usage.ru_stime, usage.ru_utime
