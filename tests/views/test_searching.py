"""Searching in a value for what is far down in it."""

from __future__ import annotations

from textual.widgets import Input

from tests.views.driving import exploring, sizes


@sizes
async def test_the_entry_of_a_stream_is_scrolled_to_by_id_and_by_place(size: tuple[int, int]) -> None:
    script = "\n".join(f"XADD s {n}-1 f value-{n}" for n in range(1, 100))
    async with exploring(script, size) as driver:
        await driver.press("escape", "enter")
        for wanted, entry in (("80-1", "value-80"), ("#3", "value-4"), ("#-1", "value-99")):
            await driver.press("slash")
            box = driver.app.focused
            assert isinstance(box, Input)
            assert box.placeholder == "id, or #place from 0 on"
            await driver.fill(wanted)
            assert entry in driver.text()
        await driver.press("slash")
        await driver.fill("#99")
        assert any("No way to #99" in notice for notice in driver.notices())
