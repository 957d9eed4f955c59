"""Loading the demo data."""

from __future__ import annotations

import pytest

from rinspect.demo import demo_commands
from tests.views.driving import ONE, exploring


async def test_demo_data_never_meets_data_of_ones_own() -> None:
    async with exploring(ONE) as driver:
        await driver.press("escape", "d")
        assert driver.explore.keys_view.total == 1
        assert any("FLUSHDB" in notice for notice in driver.notices())


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("+get", "all {} commands refused (SET, APPEND, PFADD …), the first with (error) NOPERM"),
        ("+@all -xdel", "1 of {} commands refused (XDEL), the first with (error) NOPERM"),
    ],
)
async def test_demo_data_that_one_may_not_load_is_not_called_loaded(rules: str, said: str) -> None:
    async with exploring() as driver:
        await driver.paste(f"ACL SETUSER bob on nopass ~* {rules}\nAUTH bob x\n")
        await driver.press("escape", "d")
        log = " ".join(driver.log().split())
        assert said.format(len(demo_commands("8.0"))) in log
        assert "NOPERM User bob has no permissions to run the" in log
        assert "loaded" not in log
        assert (driver.explore.keys_view.total == 0) == ("all" in said)


async def test_demo_data_in_a_transaction_waits_for_its_end() -> None:
    async with exploring() as driver:
        await driver.enter("MULTI")
        await driver.press("escape", "d")
        assert "EXEC runs them" in driver.log()
        assert driver.explore.keys_view.total == 0
