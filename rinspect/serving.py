"""`rinspect serve`: the built-in engine as a server, started as redis-server is."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Sequence

from rinspect.engine import Engine
from rinspect.engine.config import ConfigFileError
from rinspect.engine.config.commandline import command_line
from rinspect.engine.config.errors import Refused
from rinspect.engine.config.reader import load
from rinspect.engine.networking.listening import CannotListen
from rinspect.engine.server import Server
from rinspect.engine.server.appendonly.files import CannotAppend
from rinspect.engine.server.appendonly.loading import load_files
from rinspect.engine.server.directives import act_on
from rinspect.engine.server.dumpfile import CannotLoad
from rinspect.engine.server.ending import end_by_signal
from rinspect.engine.server.log import check_log_file
from rinspect.engine.server.oom_score import OomScore
from rinspect.engine.server.promises import check
from rinspect.engine.server.users import CannotStart, load_at_start
from rinspect.garbage import collect_from_now_on

_OWN = ("--profile", "--allocator")


class _Usage(Exception):
    """Options of ours that are wrong; the text says what to do."""


def serve(words: Sequence[str]) -> int:
    """Serve until a signal or SHUTDOWN ends it; the exit code. `words` are those behind `rinspect serve`."""
    try:
        own, theirs = _own_options(words)
        try:
            engine = Engine(own.get("--profile", "8.0"), own.get("--allocator", "jemalloc"))
        except (ValueError, KeyError) as error:
            raise _Usage(error.args[0]) from None
        said = command_line(theirs, engine.profile.version)
        loaded = load(engine.runtime.config, said.path, sys.stdin.read() if said.stdin else "", said.options)
        declared = act_on(loaded.others, engine)
        check_log_file(engine.runtime.config, loaded.lines)
        without_effect = check(engine.runtime.config, loaded.lines)
    except _Usage as error:
        print(f"rinspect: {error}", file=sys.stderr)
        return 2
    except ConfigFileError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    config = engine.runtime.config
    if config.dir:
        os.chdir(config.dir)
    server = Server(engine)
    server.stands_alone = True
    with contextlib.suppress(Refused):  # which the log tells of
        OomScore(config, server.log).adjust()
    engine.heed_settings()
    try:
        load_at_start(engine, declared, server.log)
    except CannotStart:
        server.close()
        return 1
    server.log.notice("Server initialized")
    _heed_signals(server)
    try:
        _load(server)
    except (CannotLoad, CannotAppend) as error:
        fatal = f"Fatal error loading the DB, exiting: {error}"
        server.log.warning(fatal)
        server.close()
        return 1
    try:
        server.listen()
    except CannotListen as error:
        print(f"rinspect: {error}", file=sys.stderr)
        return 1
    if not (server.listeners.tcp or server.listeners.unix):
        server.log.warning("Configured to not listen anywhere, exiting.")
        server.close()
        return 1
    collect_from_now_on()
    for line in without_effect:
        server.log.warning(line)
    server.log.notice("Ready to accept connections")
    server.run()
    return 0


def _load(server: Server) -> None:
    """Load what there is: the append-only file where there is to be one, else the snapshot. CannotLoad, CannotAppend."""
    if not server.engine.runtime.config.appendonly:
        server.snapshots.load()
        return
    load_files(server.engine, server.append_only.files, server.log)
    server.append_only.open()


def _heed_signals(server: Server) -> None:
    """SIGTERM and SIGINT end the server; a second SIGINT does so at once. A terminal that goes away does not."""
    asked: list[int] = []

    def signalled(number: int, frame: object) -> None:
        # Python calls this between two of its own steps; the loop does what is to be done when it comes round.
        if number == signal.SIGINT in asked:
            server.log.warning("You insist... exiting now.")
            server.snapshots.file.remove_temporary(os.getpid())
            os._exit(1)
        asked.append(number)
        server.loop.submit(lambda: end_by_signal(server, signal.Signals(number).name))

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signalled)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # Whoever started this may have wanted to hear of no child: its children are to be heard of.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)


def _own_options(words: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """`--profile` and `--allocator` with their values, and the other words: those are redis-server's."""
    own: dict[str, str] = {}
    others: list[str] = []
    at = 0
    while at < len(words):
        name, equals, value = words[at].partition("=")
        if name not in _OWN:
            others.append(words[at])
            at += 1
            continue
        if not equals:
            at += 1
            if at >= len(words):
                raise _Usage(f"{name} takes a value")
            value = words[at]
        own[name] = value
        at += 1
    return own, others
