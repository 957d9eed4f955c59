"""Pub/Sub and keys' events: who listens, and what flows."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from rinspect.drawing.line import Line, Segment, count_of, fit, show, words, wrap
from rinspect.drawing.monitor.boxes import beside, box
from rinspect.drawing.monitor.parts import Picture, heading, left_out, padded, time_of_day
from rinspect.monitoring.pubsub import Channel, KeyEvent, Message, PubSubNow

_WIDE = 100
_LEAST = 8
"""Cells of a column of names."""


def draw_pubsub(now: PubSubNow, width: int, height: int) -> Picture:
    """Channels and messages on the left, what happens to keys on the right; one above the other where it is narrow."""
    if width < _WIDE:
        rows = max(3, (height - 6) // 3)
        return Picture(
            [
                heading("channels and patterns", count_of(now.total, "in all", "in all")),
                *_channels(now, width)[:rows],
                heading("messages, newest first"),
                *_messages(now, width)[: None if now.messages is None else rows],
                heading("keys' events, newest first", _notify(now, short=True)),
                *_events(now, width),
            ]
        )
    left, right = width * 55 // 100, width - width * 55 // 100
    channels = _channels(now, left - 4)[: max(4, height // 2 - 4)]
    messages = _messages(now, left - 4)[: max(4, height - len(channels) - 5)]
    upper = box(f"channels and patterns: {now.total:,}", channels, left)
    lower = box("messages, newest first", messages, left, height - len(upper))
    events = [*wrap(_notify(now, short=False), right - 4, "dim"), (), *_events(now, right - 4)]
    rows = len(upper) + len(lower)
    return Picture(beside([*upper, *lower], box("keys' events", events[: rows - 2], right, rows), left))


def _notify(now: PubSubNow, *, short: bool) -> str:
    if now.notify:
        return f"notify-keyspace-events {now.notify}"
    return "not published" if short else "Not published: notify-keyspace-events is empty, which is the default."


def _channels(now: PubSubNow, width: int) -> list[Line]:
    if not now.channels:
        # What is published on somebody's server others may take for real.
        advice = "" if now.messages is None else " SUBSCRIBE news, in another client, and PUBLISH news hello here."
        return wrap("Nobody listens." + advice, width, "dim")
    cells = _cells([show(one.name) for one in now.channels], width // 2)
    return [
        *(fit(_channel(one, cells), width) for one in now.channels),
        *left_out(len(now.channels), now.total, "of them"),
    ]


def _channel(channel: Channel, cells: int) -> Line:
    kind = {"pattern": "pattern ", "shard channel": "shard "}.get(channel.kind, "")
    who = ", ".join(channel.subscribers)
    count = "" if channel.count is None else f"{channel.count:,} "
    more = "" if channel.count is None or not who or channel.count <= len(channel.subscribers) else " …"
    return words(
        (kind, "dim"), padded(show(channel.name, cells), cells, "name"), (count, "number"), (who + more, "dim")
    )


def _messages(now: PubSubNow, width: int) -> list[Line]:
    if now.messages is None:
        return wrap("A server tells them only to who subscribes: that would take this one connection.", width, "dim")
    if not now.messages:
        return [words(("none since this panel is open", "dim"))]
    cells = _cells([show(one.channel) for one in now.messages], (width - 15) * 3 // 5)
    return [fit(_message(one, cells), width) for one in now.messages]


def _cells(texts: Sequence[str], most: int) -> int:
    """Of a column: as many as its longest text takes, if there are so many."""
    return max(_LEAST, min(most, max(map(cell_len, texts), default=0)))


def _message(message: Message, cells: int) -> Line:
    return (
        Segment(time_of_day(message.at) + " ", "dim"),
        padded(show(message.channel, cells), cells, "name"),
        Segment(f"→ {message.receivers:<3} ", "number" if message.receivers else "dim"),
        Segment(show(message.text, 200)),
    )


def _events(now: PubSubNow, width: int) -> list[Line]:
    if now.events is None:
        text = "A server publishes them as messages, if notify-keyspace-events says so: see which in CONFIG GET."
        return wrap(text, width, "dim")
    if not now.events:
        return [words(("none since this panel is open", "dim"))]
    # What happened is never cut.
    room = width - 10 - max(len(one.what) for one in now.events)
    cells = _cells([_key(one) for one in now.events], room)
    return [fit(_event(one, cells), width) for one in now.events]


def _key(event: KeyEvent) -> str:
    place = f"db{event.db} " if event.db > 0 else ""
    return place + show(event.key)


def _event(event: KeyEvent, cells: int) -> Line:
    kind = "bad" if event.what.startswith("evicted") else "warn" if event.what.startswith("expired") else ""
    return (
        Segment(time_of_day(event.at) + " ", "dim"),
        padded(_key(event), cells, "name"),
        Segment(event.what, kind or "dim"),
    )
