"""The event loop: where it is, whom it serves, and who waits."""

from __future__ import annotations

from rinspect.drawing.line import Line, Segment, count_of, fit, show, show_word, size_text, words, wrap
from rinspect.drawing.monitor.boxes import beside, box
from rinspect.drawing.monitor.headline import headline
from rinspect.drawing.monitor.parts import Picture, time_of_day
from rinspect.drawing.monitor.times import duration
from rinspect.monitoring.loop import LoopGlance, Pending, Ready, Toll

_PARTS = ("before sleep", "poll", "after sleep", "file events", "time events")
_SHORT = {
    "before sleep": "before",
    "poll": "poll",
    "after sleep": "after",
    "file events": "files",
    "time events": "times",
}
_WIDE = 100
_LEAST_READY = 3
"""Lines of who is ready that are shown however little room there is."""
_LEFT = 48
"""Cells that the parts of an iteration and who is ready take."""


def _command(argv: tuple[bytes, ...], limit: int) -> str:
    return show(b" ".join(argv), limit)


def cycle(glance: LoopGlance, width: int) -> list[Line]:
    """The parts of an iteration in their order, the one where the loop is marked, with what each took the last time."""
    took = dict(
        zip(
            _PARTS,
            (glance.before_sleep, glance.polled, glance.after_sleep, glance.file_events, glance.time_events),
            strict=True,
        )
    )
    narrow = width < 74
    names: list[Segment] = []
    for part in _PARTS:
        name = _SHORT[part] if narrow else part
        here = part == glance.phase
        names.append(Segment(f"▌{name}▐" if here else f" {name} ", "path" if here else ""))
        names.append(Segment("→", "dim"))
    times = [
        Segment(f"{'':1}{duration(took[part]):<{len(_SHORT[part] if narrow else part) + 2}}", "dim") for part in _PARTS
    ]
    return [tuple(names[:-1]), tuple(times)]


def steps(glance: LoopGlance, width: int) -> list[Line]:
    """Before sleep's steps in their order, with how long each took the last time."""
    texts = [f"{step.name} {duration(step.took)}" for step in glance.steps]
    lines = wrap(" ▸ ".join(text.replace(" ", "\N{NO-BREAK SPACE}") for text in texts), width)
    note = "Replies leave only when the steps before them are done: so a reply can promise what they did."
    return [*lines, *wrap(note, width, "dim")]


def served(glance: LoopGlance, width: int, most: int) -> list[Line]:
    """What the last poll found ready, in the order of service: all, or `most` of them around the one that is served."""
    ready = glance.ready
    if not ready:
        return [fit(words(("nobody is ready: a time event was due", "dim")), width)]
    now = next((at for at, one in enumerate(ready) if one.state != "served"), len(ready))
    first = max(0, min(now - 1, len(ready) - most))
    shown = ready[first : first + most]
    part = f": {first + 1}–{first + len(shown)} of {len(ready):,}" if len(shown) < len(ready) else ""
    lines: list[Line] = [words((f"to be served in this order{part}", "dim"))]
    marks = {"served": ("✓", "dim"), "running": ("●", "warn"), "waits": ("○", "")}
    for number, one in enumerate(shown, first + 1):
        mark, kind = marks[one.state]
        lines.append(words((f"{number:>2} {mark} ", kind), f"{one.directions:<5} fd {one.fd:<4} ", (_who(one), "name")))
    return [fit(line, width) for line in lines]


def _who(ready: Ready) -> str:
    return ready.name or (f"client {ready.client}" if ready.client else "")


def timers(glance: LoopGlance) -> list[Line]:
    """Time events with when they are due."""
    lines: list[Line] = []
    for timer in glance.timers:
        late = timer.due_in < 0
        when = f"due {duration(-timer.due_in)} ago" if late else f"due in {duration(timer.due_in)}"
        lines.append(words(f"{timer.name} ", (when, "warn" if late else "dim")))
    return lines


def pending(glance: LoopGlance, width: int) -> list[Line]:
    """Clients with something under way: bytes on their way in and out, and how long they have been waiting. First the one
    that is running, then who waits for it, the longest first."""
    lines: list[Line] = [words((f"{'client':<12} kernel query reply  state", "dim"))]
    for client in sorted(glance.pending, key=_rank):
        name = client.name or f"client {client.client}"
        sizes = f"{size_text(client.kernel):>6} {size_text(client.query):>5} {size_text(client.outgoing):>5}"
        lines.append(words((f"{show(name.encode(), 12):<12}", "name"), f" {sizes}  ", *_state(client)))
    if len(lines) == 1:
        lines.append(words(("nobody: all is read, run and sent", "dim")))
        if glance.clients <= 1:
            lines.append(words(("press w for a workload to watch", "dim")))
    if glance.unaccepted:
        lines.append(words((f"{count_of(glance.unaccepted, 'connection')} to be accepted, in the kernel", "bad")))
    if glance.overlooked:
        lines.append(words((f"{glance.overlooked:,} more clients were not looked at", "dim")))
    return [fit(line, width) for line in lines]


def _rank(client: Pending) -> tuple[int, int]:
    return {"running": 0, "held": 0, "ready": 1}.get(client.state, 2), -(client.waits or 0)


def _state(client: Pending) -> tuple[tuple[str, str], ...]:
    waits = "" if client.waits is None else f" {duration(client.waits)}"
    kind = {"running": "warn", "held": "warn", "ready": "bad", "blocked": "dim"}.get(client.state, "")
    word = {"ready": "waits", "": "sending"}.get(client.state, client.state)
    what = f" {_command(client.parsed, 40)}" if client.parsed else ""
    return ((word + waits, kind), (what, "dim"))


def toll(glance: LoopGlance, width: int, most: int) -> list[Line]:
    """What a long command costs the others: the one that holds the loop, while it does; and the last ones, afterwards."""
    running, lines = glance.running, list[Line]()
    if running is not None:
        waiting = [client.waits for client in glance.pending if client.state == "ready" and client.waits is not None]
        complexity = running.complexity.rstrip(".") or "of unknown complexity"
        text = f"{show_word(running.argv[0]).upper()}: {complexity}"
        text += f"; the database has {count_of(running.keys, 'key')}. "
        text += f"So far {count_of(len(waiting), 'client')} waited {duration(sum(waiting))} for it."
        lines += wrap(text, width, "warn")
    for paid in glance.tolls[:most]:
        lines += wrap(_paid(paid), width, "bad" if paid.waited else "dim")[:3]
    return lines


def _paid(paid: Toll) -> str:
    """`KEYS *, 1.76 s: 2 clients waited 2.66 s in all: web-1 1.76 s, web-2 0.90 s`."""
    text = f"{time_of_day(paid.at)} {_command(paid.argv, 30)}, {duration(paid.took)}: "
    if not paid.waited:
        return text + "nobody waited"
    total = sum(one.took for one in paid.waited)
    about = "" if all(one.exact for one in paid.waited) else "at most "
    each = ", ".join(f"{one.name} {'' if one.exact else '≤ '}{duration(one.took)}" for one in paid.waited[:6])
    more = f" and {len(paid.waited) - 6:,} more" if len(paid.waited) > 6 else ""
    return f"{text}{count_of(len(paid.waited), 'client')} waited {about}{duration(total)} in all: {each}{more}"


def threads(glance: LoopGlance, width: int) -> list[Line]:
    """The threads beside the loop, each under the part in which it is handed its work, with how much that was so far."""
    names = [_SHORT[part] if width < 74 else part for part in _PARTS]
    lines: list[Line] = []
    for at, part in enumerate(_PARTS):
        handed = [f"{work.name} {work.handed:,}" for work in glance.threads if work.by == part]
        if handed:
            indent = sum(len(name) + 3 for name in names[:at]) + 1
            lines.append(fit(words(" " * indent, ("╰▶ " + " · ".join(handed), "dim")), width))
    return lines


def _explained(glance: LoopGlance, width: int) -> list[Line]:
    """What those threads do."""
    jobs = "; ".join(f"{work.name} {work.what} ({work.here})" for work in glance.threads)
    return wrap(f"Beside the loop: {jobs}.", width, "dim")


def saving(glance: LoopGlance, width: int) -> list[Line]:
    """The child that writes a snapshot, or the append-only file anew: how far it is, and what it costs."""
    child = glance.saving
    if child is None:
        return []
    text = f"child {child.pid} writes {child.file}: {child.keys:,} of {count_of(child.total, 'key')}, {child.since:,} s"
    cost = f"the fork held everybody for {duration(child.forked_in)}; pages copied since: {size_text(child.copied)}"
    return wrap(f"{text}; {cost}", width, "warn")


def breakpoints(glance: LoopGlance, width: int) -> list[Line]:
    """Listed by the number with which they are taken away."""
    if not glance.breakpoints:
        return []
    text = " · ".join(
        f"{number} {one}".replace(" ", "\N{NO-BREAK SPACE}") for number, one in enumerate(glance.breakpoints, 1)
    )
    return wrap(f"breakpoints: {text}", width, "path")


def draw_loop(glance: LoopGlance, width: int, height: int) -> Picture:
    """The whole panel. What stands still is left out first where there is little room."""
    top = headline(glance, width)
    if width < _WIDE:
        # What is past gives way to who is served where the loop is held.
        paid = toll(glance, width, 1) if glance.held is None else []
        rest = [*breakpoints(glance, width), *paid]
        room = height - len(rest) - 4
        ready, waiting = served(glance, width, max(_LEAST_READY, min(4, room // 3))), pending(glance, width)
        tight = height < 16
        return Picture(
            [
                *cycle(glance, width),
                *([] if tight else threads(glance, width)),
                *rest,
                *ready,
                *waiting,
                *timers(glance),
                *saving(glance, width),
                *toll(glance, width, 3)[len(paid) :],
                *steps(glance, width),
                *_explained(glance, width),
            ],
            head=top,
        )
    left_width = max(_LEFT, width * 2 // 5)
    right_width = width - left_width
    above = [*cycle(glance, left_width - 4), *threads(glance, left_width - 4), ()]
    under = [(), *timers(glance), *saving(glance, left_width - 4), *breakpoints(glance, left_width - 4)]
    below = [*steps(glance, width - 4), *_explained(glance, width - 4)]
    # Two rows are a box's frame; one is the first line of who is ready.
    room = height - len(below) - 2 - len(above) - len(under) - 3
    left = [*above, *served(glance, left_width - 4, max(_LEAST_READY, room)), *under]
    paid = toll(glance, right_width - 4, 3 if glance.held is None else 1)
    right = [*pending(glance, right_width - 4), (), *paid]
    rows = max(len(left) + 2, len(right) + 2, height - len(below) - 2)
    return Picture(
        [
            *beside(
                box(f"iteration {glance.iteration:,}", left, left_width, rows),
                box("clients with something pending", right, right_width, rows),
                left_width,
            ),
            *box(f"before sleep, last {duration(glance.before_sleep)}", below, width),
        ],
        head=top,
    )
