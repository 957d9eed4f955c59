"""What Explore does from time to time: TTLs go down, what others do is shown, a server is asked whether it is still there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rinspect.records import SourceInfo

if TYPE_CHECKING:
    from rinspect.views.explore import Explore

TICK = 1.0
"""Seconds between two looks at the clock."""
CHECK_EVERY = 5
"""Ticks between two questions to a server whether it is there."""
REST = 20
"""So many times as long as listing the keys took it is not done again by itself."""


class Pulse:
    """Beats once a second, while the screen is shown."""

    def __init__(self, screen: Explore) -> None:
        self._screen = screen
        self._ticks = 0
        self._rests_until = 0.0

    def start(self) -> None:
        self._screen.set_interval(TICK, self._tick)
        self._screen.ask("watch", self._watch, replace=False)

    def _tick(self) -> None:
        """Of an engine ask whether a key has changed, of a server now and then whether it is there; list what more of its keys
        was found."""
        screen = self._screen
        if not screen.is_current:
            return
        info, page = screen.browser.info, screen.browser.listed
        over = screen.keys_view.show_time(screen.browser.source.now())
        self._ticks += 1
        if info is None or any(worker.group == "check" and not worker.is_finished for worker in screen.workers):
            return
        if over:
            screen.ask("start", screen.refresh_all)
        elif info.embedded or not info.connected or self._ticks % CHECK_EVERY == 0:
            screen.ask("check", self._check, info, replace=False)
        elif page is not None and page.growing:
            screen.ask("keys", screen.ask_keys, *screen.keys_view.rows_wanted())

    async def _check(self, before: SourceInfo) -> None:
        screen = self._screen
        await screen.ask_info(screen.browser)
        info, look = screen.browser.info, screen.browser.look
        assert info is not None
        if info.connected and not before.connected:
            screen.repl.prompt.table = await screen.browser.source.commands()
        changed = (info.keys, info.notice) != (before.keys, before.notice)
        if changed or (info.database, info.version) != screen.version:
            await self._refresh()
        elif info.embedded and look is not None and look.type == "hash":
            # (Its fields may have expired.)
            await screen.ask_look()
        screen.draw_frame()

    async def _refresh(self) -> None:
        """Show what has changed. Where listing the keys takes long, as all of many in order does, that is not done again until
        it has not been for much longer."""
        screen, now = self._screen, time.monotonic()
        if now < self._rests_until:
            await screen.ask_look()
            return
        await screen.refresh_all()
        self._rests_until = time.monotonic() + REST * (time.monotonic() - now)

    async def _watch(self) -> None:
        """What other clients do to the key that is looked at."""
        async for change in self._screen.browser.source.changes():
            self._screen.browser.note(change)
            await self._screen.ask_look()
