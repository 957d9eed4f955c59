"""What holds the event loop, in a line or two."""

from __future__ import annotations

from rinspect.drawing.line import Line, Segment, count_of, fit, show, width_of, words
from rinspect.drawing.monitor.times import duration
from rinspect.monitoring.loop import Held, LoopGlance

_LEAST = 12
"""Cells of a command that are shown however little room there is."""
_MOST = 60
_TOLD_FROM = 1_000_000
"""Microseconds that time is behind before that is told."""


def headline(glance: LoopGlance, width: int) -> list[Line]:
    """Where the loop is held and why, or what it is inside, or that it goes round and what it asks the kernel with."""
    if glance.held is not None:
        return _held(glance, glance.held, width)
    running = glance.running
    if running is not None:
        who = f" of {running.name or f'client {running.client}'}, {duration(running.since)}"
        sign = Segment(" ● inside a command ", "warn")
        left = words(sign, Segment(_command(running.argv, width - sign.width - len(who)) + who))
    elif glance.until:
        what = "thing that it does" if glance.until == "any" else glance.until
        left = words((" ▶ runs until the next ", "good"), (what, "good"), f" · {count_of(glance.clients, 'client')}")
    else:
        left = words((" ▶ running ", "good"), f"{count_of(glance.clients, 'client')}, nobody holds it")
    constants = words((f"{glance.multiplexer} · 1 thread · io-threads 1 ", "dim"))
    if glance.behind >= _TOLD_FROM:
        said = words((f" · time here is {duration(glance.behind)} behind", "dim"))
        if width_of(left) + width_of(said) + (width_of(constants) if width >= 80 else 0) <= width:
            left = (*left, *said)
    room = width - width_of(left) - width_of(constants)
    return [(*left, Segment(" " * room), *constants) if room > 0 else fit(left, width)]


def _held(glance: LoopGlance, held: Held, width: int) -> list[Line]:
    """On two lines where one is too short."""
    sign = Segment(" ■ held ", "bad")
    side, took = ("before ", "") if held.took is None else ("after ", f", took {duration(held.took)}")
    if held.argv:
        who = f" of {held.name}"
        where = side + _command(held.argv, width - sign.width - len(side + who + took)) + who + took
    else:
        where = side + held.at
    still = "time stands still" if glance.clock_stands else "time goes on, for TTLs too"
    whole = words(sign, where, (f" · {held.why} · {still}", "dim"))
    if width_of(whole) <= width:
        return [whole]
    return [fit(words(sign, where), width), fit(words((f"   {held.why} · {still}", "dim")), width)]


def _command(argv: tuple[bytes, ...], room: int) -> str:
    return show(b" ".join(argv), min(_MOST, max(_LEAST, room)))
