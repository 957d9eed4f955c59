"""Type, encoding, size and expiry of every known key, asked on request: what lists sorted or filtered by them need.

The server counts TYPE, OBJECT, PTTL and MEMORY USAGE as hits or misses of its keyspace, so that this never begins by itself.
"""

from __future__ import annotations

import asyncio

from rinspect.sources.server.connection import Lost, ServerConnection
from rinspect.sources.server.pace import Pace
from rinspect.sources.server.survey import DUTY, PIPELINE, Survey


class Census:
    """Asks in the background, with the pauses of the walk over the keys, until all that are known are described."""

    def __init__(self, connection: ServerConnection, survey: Survey, pace: Pace) -> None:
        self._connection = connection
        self._survey = survey
        self._pace = pace
        self._task: asyncio.Task[None] | None = None

    @property
    def running(self) -> bool:
        return self._task is not None and not self._task.done()

    def start(self) -> None:
        if not self.running:
            self._task = asyncio.create_task(self._ask())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            try:
                await self._task
            except asyncio.CancelledError:
                return

    async def _ask(self) -> None:
        survey = self._survey
        try:
            while await self._pace.may_go_on():
                unknown = [key for key in survey.keys if key not in survey.details]
                if not unknown and not survey.walking:
                    return
                for start in range(0, len(unknown), PIPELINE):
                    if not await self._pace.may_go_on():
                        return
                    await survey.describe(unknown[start : start + PIPELINE])
                    survey.version += 1
                    await asyncio.sleep(self._connection.took * (1 / (DUTY * self._pace.share) - 1))
                await asyncio.sleep(1.0 if not unknown else 0)
        except Lost:
            return
