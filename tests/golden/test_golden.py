"""The recordings are whole and say what their README says."""

import pytest

from tests import golden

# Cases in each file. A recording that shrinks would let its tests pass by comparing less.
CASES = {"6.2": 943, "7.0": 944, "7.2": 950, "7.4": 1006, "8.0": 1012}


@pytest.mark.parametrize("profile", golden.RECORDED)
def test_cases_load(profile: str) -> None:
    cases = golden.load(profile)
    assert len({case.name for case in cases}) == len(cases) == CASES[profile]
    for case in cases:
        assert case.commands
        assert all(case.commands), case
        assert {name for name in case.unstable if getattr(case, name) is not None} == set()
        assert case.dump_hex is None or len(bytes.fromhex(case.dump_hex)) > 10


def test_arguments_are_bytes() -> None:
    arguments = {byte for case in golden.load("7.2") for command in case.commands for arg in command for byte in arg}
    assert arguments == set(range(256))


@pytest.mark.parametrize("profile", golden.RECORDED)
def test_snapshots_load(profile: str) -> None:
    assert golden.rdb(profile)[:5] == b"REDIS"
