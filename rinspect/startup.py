"""From the command line's options to what runs: settings, sources, and the form that was asked for."""

from __future__ import annotations

import argparse
import asyncio
import gc
import getpass
import os
import sys
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from functools import cache
from importlib import import_module
from io import TextIOWrapper
from pathlib import Path

from rinspect.cli import NO_CONNECTION, USAGE
from rinspect.engine import Engine
from rinspect.engine.allocator import ALLOCATORS
from rinspect.engine.engine import wall_clock
from rinspect.engine.networking.listening import CannotListen
from rinspect.engine.profile import PROFILES
from rinspect.engine.server.server import monotonic_clock
from rinspect.settings import Settings, config_path, history_path, load
from rinspect.sources.engine import EngineSource
from rinspect.sources.engine.clock import StoppableClock
from rinspect.sources.server.address import Address, BadAddress, parse_url
from rinspect.sources.source import CannotConnect, Source

BUILT_IN = "built-in"
NARROWEST = 30
"""Columns below which no drawing makes sense."""

LONG_TO_READ = 10 << 20
"""Bytes of a file from which on one wonders what is going on: it takes a second or more."""


class BadUsage(Exception):
    """Options that do not go together, or do not exist; the text says what to do."""


def run(form: str, options: argparse.Namespace) -> int:
    """Run one form of the program; the exit code."""
    try:
        check(options)
        if form == "screen":
            return _screen(options)
        gc.enable()
        if isinstance(sys.stdout, TextIOWrapper):
            # Where the locale has no boxes and arrows, question marks do.
            sys.stdout.reconfigure(errors="replace")
        headless = import_module(f"rinspect.headless.{form}")
        work: Coroutine[object, object, int] = headless.run(options)
        code = asyncio.run(work)
        sys.stdout.flush()
        return code
    except (BadUsage, BadAddress) as error:
        print(f"rinspect: {error}", file=sys.stderr)
        return USAGE
    except CannotConnect as error:
        print(f"rinspect: {error}", file=sys.stderr)
        return NO_CONNECTION
    except BrokenPipeError:
        # Whoever read our output has enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def check(options: argparse.Namespace) -> None:
    """BadUsage for a profile or allocator that does not exist."""
    for value, known, what in ((options.profile, PROFILES, "profile"), (options.allocator, ALLOCATORS, "allocator")):
        if value is not None and value not in known:
            raise BadUsage(f"there is no {what} {value!r}: choose one of {', '.join(known)}")
    if getattr(options, "width", NARROWEST) < NARROWEST:
        raise BadUsage(f"--width {options.width} is too narrow: at least {NARROWEST} columns are needed")


def names_server(options: argparse.Namespace, url: str | None) -> bool:
    """Whether a URL and redis-cli's flags mean a server, and not the built-in engine."""
    return url != BUILT_IN and (url is not None or any((options.host, options.port, options.socket, options.url)))


@cache
def _warn_of_processes() -> None:
    """Said once, however many servers there are."""
    print(
        "rinspect: a password on the command line can be seen in the list of processes; REDISCLI_AUTH and --askpass cannot",
        file=sys.stderr,
    )


def address(options: argparse.Namespace, url: str | None) -> Address | None:
    """The server that a URL and redis-cli's flags mean; None if they mean the built-in engine.

    A password comes from --askpass, else the flag, else the URL, else REDISCLI_AUTH. On the command line others can read
    it in the list of processes: that is said once.
    """
    if not names_server(options, url):
        return None
    base = Address(
        host=options.host or "127.0.0.1",
        port=options.port or 6379,
        unix=options.socket or "",
        database=options.database or 0,
        username=options.user or "",
        tls=options.tls,
        insecure=options.insecure,
        sni=options.sni or "",
        cacert=options.cacert or "",
        cert=options.cert or "",
        key=options.key or "",
    )
    text = url or options.url
    found = base if text is None else parse_url(text, base)
    if options.password or (text is not None and found.password):
        _warn_of_processes()
    if options.askpass:
        return replace(found, password=getpass.getpass(f"password for {found.label}: "))
    return replace(found, password=options.password or found.password or os.environ.get("REDISCLI_AUTH", ""))


def built_in(options: argparse.Namespace, settings: Settings | None = None) -> EngineSource:
    """The built-in engine, as options and settings want it."""
    known = settings or Settings()
    clock, loop_clock = StoppableClock(wall_clock), StoppableClock(monotonic_clock)
    engine = Engine(options.profile or known.profile, options.allocator or known.allocator, clock)
    return _served(engine, options, loop_clock, (clock, loop_clock))


def _served(
    engine: Engine,
    options: argparse.Namespace,
    loop_clock: StoppableClock | None = None,
    clocks: Sequence[StoppableClock] = (),
) -> EngineSource:
    """An engine with its loop, on the port of --listen if there is one."""
    port = getattr(options, "listen", None)
    if port is not None and not 0 < port < 65536:
        raise BadUsage(f"--listen {port}: a port is a number from 1 to 65535")
    # It is there to be looked into, and nobody but this machine can reach it.
    engine.runtime.config.enable_debug_command = "local"
    try:
        return EngineSource(engine, loop_clock=loop_clock, clocks=clocks, listen=port or 0)
    except CannotListen as error:
        raise BadUsage(f"{error}: choose another port for --listen") from None


def names_file(url: str | None) -> bool:
    """Whether what stands where a URL could is the name of a file."""
    if url is None or url == BUILT_IN or "://" in url:
        return False
    try:
        path = Path(url)
        return path.suffix in (".rdb", ".aof", ".manifest") or path.exists()
    except OSError:
        return False  # no name of a file, or one that may not be looked at


def place(options: argparse.Namespace, url: str | None) -> Address | Path | None:
    """Where the keys are that a URL, a file's name and redis-cli's flags mean; None for the built-in engine."""
    return Path(url) if url is not None and names_file(url) else address(options, url)


def _of_file(path: Path, options: argparse.Namespace, settings: Settings | None = None) -> EngineSource:
    """The built-in engine with the keys of a file."""
    from rinspect.sources.engine.file import CannotRead, open_file

    if getattr(options, "listen", None) is not None:
        raise BadUsage("--listen is for an engine that goes on, and in a file time stands still")
    if path.is_file() and (size := path.stat().st_size) > LONG_TO_READ:
        print(f"rinspect: reading {path}, {size >> 20:,} MB …", file=sys.stderr)
    try:
        return open_file(path, options.profile, options.allocator or (settings or Settings()).allocator)
    except CannotRead as error:
        raise BadUsage(str(error)) from None


async def open_source(options: argparse.Namespace, url: str | None) -> Source:
    """A source, connected. CannotConnect says why not."""
    where = place(options, url)
    if where is None:
        return built_in(options)
    if isinstance(where, Path):
        return _of_file(where, options)
    from rinspect.sources.server.source import ServerSource

    return await ServerSource.connect(where, write=options.write, big=options.big)


def _screen(options: argparse.Namespace) -> int:
    from rinspect.app import RinspectApp  # (so that no other form pays for Textual)
    from rinspect.console.history import History
    from rinspect.terminal import end_with_terminal
    from rinspect.views.actions import ACTIONS

    settings = load(config_path(), {action.id: action.keys for action in ACTIONS})
    if not sys.stdin.isatty() or not sys.stdout.isatty():
        raise BadUsage("the screen needs a terminal; from a script use rinspect show, compare, explain or repl")
    where = place(options, options.source)
    other = None if options.compare is None else place(options, options.compare)
    if options.listen is not None and where is not None and (other is not None or options.compare is None):
        raise BadUsage("--listen is for the built-in engine, and there is none here")
    if where is None and isinstance(other, Address):
        source: Source = _engine_like(other, options, settings)
    else:
        source = _lazy_source(where, options, settings)
    second = None if options.compare is None else _lazy_source(other, options, settings)
    history = History(history_path() if settings.history else None)
    app = RinspectApp(source, history, settings, other=second, theme=options.theme or settings.theme)
    # The engine runs in a thread of its own: let neither wait long for the interpreter while the other computes.
    sys.setswitchinterval(0.0005)
    end_with_terminal(sys.stdin.fileno())
    app.run()
    return app.return_code or 0


def _lazy_source(where: Address | Path | None, options: argparse.Namespace, settings: Settings) -> Source:
    """A source for the screen: a server is connected to when the screen is there to say how that goes."""
    if where is None:
        return built_in(options, settings)
    if isinstance(where, Path):
        return _of_file(where, options, settings)
    from rinspect.sources.server.source import ServerSource

    return ServerSource(where, write=options.write, big=options.big)


def _engine_like(where: Address, options: argparse.Namespace, settings: Settings) -> EngineSource:
    """The built-in engine with a server's version, allocator and thresholds, unless told otherwise.

    A server that is not there yet teaches nothing: then the engine is as the settings want it.
    """
    if options.profile is not None:
        return built_in(options, settings)
    from rinspect.sources.server.source import ServerSource
    from rinspect.sources.server.xray import scratch_engine

    try:
        facts = asyncio.run(ServerSource.facts_of(where))
    except CannotConnect:
        return built_in(options, settings)
    return _served(scratch_engine(facts), options)
