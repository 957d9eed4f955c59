"""Expiry and eviction: how long keys have, what the cycles do, and who had to go."""

from __future__ import annotations

from collections.abc import Sequence

from rinspect.drawing.line import Line, Segment, count_of, fit, show, size_text, words, wrap
from rinspect.drawing.monitor.boxes import beside, box
from rinspect.drawing.monitor.parts import Picture, bar, heading, padded, time_of_day
from rinspect.drawing.monitor.times import duration, whole_seconds
from rinspect.engine.events import Candidate, ExpireCycleEnded, KeyEvicted
from rinspect.monitoring.keyspace import Eviction, ExpiryNow, Spread

_WIDE = 100
_WHY_LEFT = {
    "seen": "all keys with a TTL were seen",
    "fresh": "few of the last sample were due",
    "sparse": "the table is nearly empty",
    "time": "its time was up",
}
_WHY_ENDED = {
    "enough": "memory is within the limit",
    "time": "its time was up; the rest is for later",
    "nothing": "there was nothing left to evict",
}
_UINT64_MAX = (1 << 64) - 1


def draw_expiry(now: ExpiryNow, width: int, height: int) -> Picture:
    """Expiry on the left, eviction on the right; one above the other where it is narrow."""
    if width < _WIDE:
        return Picture(
            [
                heading("expiry"),
                *_expiry(now, width, 3),
                heading("eviction"),
                *_eviction(now, width),
                *_rest(now, width),
            ]
        )
    left, right = width // 2, width - width // 2
    expiry = [*_expiry(now, left - 4, 6), *_rest(now, left - 4)]
    eviction = _eviction(now, right - 4)
    rows = max(height, min(max(len(expiry), len(eviction)), 200) + 2)
    return Picture(beside(box("expiry", expiry, left, rows), box("eviction", eviction, right, rows), left))


def _expiry(now: ExpiryNow, width: int, most: int) -> list[Line]:
    """How long keys have, and at most so many cycles."""
    lines = _spread(now.spread, width) if now.spread is not None else []
    if now.cycles is None:
        return [*lines, *wrap("A server tells of its cycles only in counters:", width, "dim"), *_counters(now, width)]
    lines += [words(("collected only while this panel is open", "warn")), words(("active cycles, newest first", "dim"))]
    if not now.cycles:
        lines.append(words(("none had anything to look at so far", "dim")))
    lines += _cycles(now.cycles[:most], width)
    return lines


def _rest(now: ExpiryNow, width: int) -> list[Line]:
    """The keys that went, by their moment."""
    if now.expired is None:
        return []
    lines: list[Line] = [words(("keys that expired, newest first", "dim"))]
    cells = max(8, min(28, width - 24))
    for one in now.expired[:12]:
        how = "on access" if one.lazily else "by the cycle"
        at, key = Segment(time_of_day(one.at) + " ", "dim"), padded(show(one.key, cells), cells, "name")
        lines.append(fit((at, key, Segment(how, "dim")), width))
    return [*lines, *([] if now.expired else [words(("none so far", "dim"))]), *_counters(now, width)]


def _spread(spread: Spread, width: int) -> list[Line]:
    share = f"{spread.with_ttl:,} of {count_of(spread.keys, 'key')} have a TTL"
    sample = f"; {spread.sampled:,} of them were looked at" if spread.sampled < spread.with_ttl else ""
    lines = wrap(share + sample, width)
    most = max((count for _, count in spread.steps), default=0)
    cells = min(30, width - 20)
    used = max((at for at, (_, count) in enumerate(spread.steps, 1) if count), default=0)
    for name, count in spread.steps[:used]:
        lines.append(
            (
                padded(f"≤ {name}" if name != "longer" else name, 8, "dim"),
                *bar(count, most, cells),
                Segment(f" {count:,}"),
            )
        )
    return lines


def _cycles(cycles: Sequence[ExpireCycleEnded], width: int) -> list[Line]:
    lines: list[Line] = []
    cells = 10 if width >= 56 else 5
    for cycle in cycles:
        sampled = sum(one.sampled for one in cycle.databases)
        expired = sum(one.expired for one in cycle.databases)
        lines.append(
            fit(
                (
                    Segment(f"{time_of_day(cycle.at)} {'fast' if cycle.fast else 'slow'} ", "dim"),
                    *bar(cycle.microseconds, cycle.limit, cells),
                    Segment(
                        f" {duration(cycle.microseconds)} of {duration(cycle.limit)}", "bad" if cycle.timed_out else ""
                    ),
                    Segment(f" · {expired:,} of {sampled:,} due", "number" if expired else "dim"),
                ),
                width,
            )
        )
        if cycle.databases:
            last = cycle.databases[-1]
            lines.append(fit(words((f"  left db{last.db}: {_WHY_LEFT[last.why]}", "dim")), width))
    return lines


def _counters(now: ExpiryNow, width: int) -> list[Line]:
    return wrap(
        " · ".join(f"{name} {value}".replace(" ", "\N{NO-BREAK SPACE}") for name, value in now.counters.items()),
        width,
        "dim",
    )


def _eviction(now: ExpiryNow, width: int) -> list[Line]:
    lines: list[Line]
    if not now.maxmemory:
        lines = wrap("maxmemory is 0: nothing is ever evicted." + _advice(now), width, "dim")
    else:
        used = now.used or 0
        share = f" {size_text(used)} of {size_text(now.maxmemory)} "
        kind = "bad" if used > now.maxmemory else ""
        lines = [(*bar(used, now.maxmemory, min(24, width - 16)), Segment(share, kind))]
        samples = f", {now.samples} samples a database" if now.samples else ""
        lines += wrap(f"maxmemory-policy {now.policy}{samples}", width)
        if used > now.maxmemory and now.policy == "noeviction":
            lines += wrap("Writes that need memory are refused, with an OOM error.", width, "bad")
    if now.evictions is None:
        text = "Who is evicted a server tells only as events, where notify-keyspace-events has E and e, which costs it time."
        return [*lines, *wrap(text, width, "dim")]
    lines += _rounds(now.evictions[:5], width)
    lines += _evicted(now.evicted or (), width)
    return [*lines, *_pool(now.pool or (), now.policy, width)]


def _advice(now: ExpiryNow) -> str:
    """How to see something; for the built-in engine only: somebody's server would lose its keys, or refuse writes."""
    if now.evictions is None:
        return ""
    policy = ", and CONFIG SET maxmemory-policy allkeys-lru who may go" if now.policy == "noeviction" else ""
    return f" CONFIG SET maxmemory 2mb sets a limit{policy}."


def _rounds(rounds: Sequence[Eviction], width: int) -> list[Line]:
    lines: list[Line] = [words(("rounds, newest first, and who waited for them", "dim"))] if rounds else []
    for one in rounds:
        ended = one.ended
        freed = f"{duration(ended.microseconds)}, {count_of(ended.keys, 'key')}, {size_text(ended.freed)}"
        whose = f" of {one.client}"
        room = max(8, min(30, width - 12 - len(freed + whose)))
        who = f" · {show(b' '.join(one.argv), room) or 'a command'}{whose}" if one.client else " · from a timer"
        head = Segment(time_of_day(ended.at) + " ", "dim")
        lines.append(fit((head, Segment(freed), Segment(who, "warn" if one.client else "dim")), width))
        if ended.why != "enough":
            lines.append(words((f"  ended: {_WHY_ENDED[ended.why]}", "bad")))
    return lines


def _evicted(evicted: Sequence[KeyEvicted], width: int) -> list[Line]:
    lines: list[Line] = [words(("evicted, newest first, and why", "dim"))] if evicted else []
    cells = max(8, min(20, width - 31))
    for one in evicted[:8]:
        why = "by chance" if one.score is None else reason(one.policy, one.score)
        beaten = len(one.pool) - 1
        rest = f", best of {len(one.pool)}" if beaten > 0 else ""
        lines.append(
            fit(
                (
                    padded(show(one.key, cells), cells, "name"),
                    Segment(f"{size_text(one.freed):>5} "),
                    Segment(why + rest, "dim"),
                ),
                width,
            )
        )
    return lines


def _pool(pool: Sequence[Candidate], policy: str, width: int) -> list[Line]:
    # It is filled by those policies alone that compare; what is in it under another one is of before.
    if not pool or not policy.endswith(("lru", "lfu", "ttl")):
        return []
    lines: list[Line] = [words(("the pool, who is next first", "dim"))]
    for number, one in enumerate(pool, 1):
        lines.append(
            fit(
                (
                    Segment(f"{number:>2} ", "dim"),
                    padded(show(one.key, 20), 20, "name"),
                    Segment(reason(policy, one.score), "dim"),
                ),
                width,
            )
        )
    return lines


def reason(policy: str, score: int) -> str:
    """What a candidate's score says. The LRU clock goes by whole seconds."""
    if policy.endswith("lru"):
        return f"unused {whole_seconds(score // 1000)}" if score >= 1000 else "unused < 1 s"
    if policy.endswith("lfu"):
        return f"frequency {255 - score}"
    if policy.endswith("ttl"):
        return f"due {time_of_day((_UINT64_MAX - score) * 1000)}"
    return "by chance"
