"""Random commands of every group, here and on real servers: the same replies, and after each the same memory."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.real.sentences import Sentences
from tests.real.servers import RealServer
from tests.real.twins import Twins

THEMES = {
    "strings": ("string", "bitmap"),
    "lists": ("list",),
    "sets": ("set",),
    "hashes": ("hash",),
    "sorted sets": ("sorted-set", "geo"),
    "all": ("string", "bitmap", "list", "set", "hash", "sorted-set", "geo"),
}
STAND_IN = {"valkey-8.1": "7.2"}
"""Valkey went its own way from 7.2 on."""

CHECKS = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]


def compare(server: RealServer, theme: str, data: st.DataObject) -> None:
    profile = STAND_IN.get(server.profile, server.profile)
    sentences = Sentences(profile, THEMES[theme], compressed_lists=server.profile != "6.2")
    resp, text = data.draw(st.sampled_from((2, 2, 3))), data.draw(sentences.texts())
    with Twins(server, profile, sentences.settings, resp=resp) as twins:
        twins.play(text)


@pytest.mark.parametrize("theme", THEMES)
@settings(max_examples=40, derandomize=True, database=None, suppress_health_check=CHECKS)
@given(data=st.data())
def test_random_commands(real_server: RealServer, theme: str, data: st.DataObject) -> None:
    compare(real_server, theme, data)


@pytest.mark.fuzz
@pytest.mark.parametrize("theme", THEMES)
@settings(suppress_health_check=CHECKS)
@given(data=st.data())
def test_more_random_commands(real_server: RealServer, theme: str, data: st.DataObject) -> None:
    compare(real_server, theme, data)
