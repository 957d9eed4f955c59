"""Doing the commands of an append-only file again."""

from __future__ import annotations

from dataclasses import dataclass, field

from rinspect.engine.commands.blocking import WouldBlock
from rinspect.engine.engine import Engine
from rinspect.engine.persistence.appendonly import CutOff, commands
from rinspect.engine.persistence.loading import Loaded, load
from rinspect.engine.persistence.opcodes import MAGIC
from rinspect.engine.replies import CommandError, quotable
from rinspect.engine.session import Session

NOBODY = -1
"""The number of who does the commands again: no client's."""


class UnknownCommand(ValueError):
    """The text is its name."""


@dataclass(slots=True)
class Replayed:
    """What became of a file."""

    loaded: Loaded | None = None
    """What was in the RDB file that it begins with; None without one."""
    whole: int = 0
    """Where what was done ends: a transaction is done when it has ended. (What is behind an RDB file may be no command.)"""
    cut_off: bool = False
    """The file ends behind that, in the midst of something."""
    count: int = 0
    """Commands that were done."""
    failures: list[CommandError] = field(default_factory=list)
    """What was done once can be done again: where not, the file is not as it was written."""


def replay(engine: Engine, data: bytes, *, without_modules: bool = False, as_found: bool = False) -> Replayed:
    """Load the RDB file that the data begin with, if there is one, as `load` does, and do the commands behind it again. Nothing
    expires meanwhile, and nobody is told. BadFile, BadFormat; UnknownCommand at one that is none here."""
    runtime, found = engine.runtime, Replayed()
    propagation, runtime.propagation = runtime.propagation, None
    runtime.loading = True
    try:
        if data.startswith(MAGIC):
            found.loaded = load(data, engine.keyspace, without_modules=without_modules, as_found=as_found)
            found.whole = found.loaded.size
        if found.loaded is None or data[found.whole : found.whole + 1] in (b"*", b"#"):
            _do_again(Session(engine, NOBODY), data, found)
    except CutOff:
        found.cut_off = True
    finally:
        runtime.loading, runtime.propagation = False, propagation
    return found


def _do_again(session: Session, data: bytes, found: Replayed) -> None:
    unit: list[list[bytes]] | None = None
    for argv, end in commands(data, found.whole):
        name = argv[0].upper()
        if name not in session.call.commands:
            raise UnknownCommand(quotable(argv[0]))
        if name == b"MULTI":
            unit = []
        elif name != b"EXEC" and unit is not None:
            unit.append(argv)
        else:
            for one in [argv] if unit is None else unit:
                try:
                    session.do_again(one)
                except CommandError as error:
                    found.failures.append(error)
                except WouldBlock:
                    pass  # nobody is there who could wait
                found.count += 1
            unit, found.whole = None, end
    if unit is not None:
        raise CutOff
    found.whole = len(data)  # behind the last command there may be annotations
