"""HyperLogLogs are told from other strings."""

from __future__ import annotations

from tests.views.driving import exploring, sizes


@sizes
async def test_a_hyperloglog_is_marked_and_its_change_of_encoding_told(size: tuple[int, int]) -> None:
    async with exploring("SET other " + 60 * "x", size) as driver:
        await driver.enter("PFADD k Ada Grace")
        await driver.press("escape")
        (row,) = [line for line in driver.lines() if "▸k " in line]
        assert "raw HLL" in row
        assert driver.text().count("raw HLL") == 1
        await driver.paste("CONFIG SET hll-sparse-max-bytes 10\nPFADD k Alan\n")
        assert "HLL sparse → dense" in driver.log()
        await driver.press("escape", "5")
        assert "the HyperLogLog: sparse → dense" in driver.explore.detail.view.text()
        if size[0] > 100:
            assert "k · string · HLL dense · raw" in driver.text()
