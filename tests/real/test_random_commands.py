"""Random commands of every group, here and on real servers: the same replies, and after each the same memory."""

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rinspect.engine import Engine
from rinspect.engine.payload import FOOTER
from rinspect.engine.payload.checksum import crc64
from rinspect.engine.profile import PROFILES
from rinspect.engine.replies import CommandError
from tests import golden
from tests.real.sentences import Payload, Sentences
from tests.real.servers import RealServer
from tests.real.twins import Twins
from tests.real.typed import TypedConnection

THEMES = {
    "strings": ("string", "bitmap"),
    "lists": ("list",),
    "sets": ("set",),
    "hashes": ("hash",),
    "sorted sets": ("sorted-set", "geo"),
    "places": ("geo", "geo", "sorted-set"),
    "sketches": ("hyperloglog", "string", "bitmap"),
    "streams": ("stream",),
    "all": ("string", "bitmap", "list", "set", "hash", "sorted-set", "geo", "hyperloglog", "stream"),
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
@settings(max_examples=60, derandomize=True, database=None, suppress_health_check=CHECKS)
@given(data=st.data())
def test_random_commands(real_server: RealServer, theme: str, data: st.DataObject) -> None:
    compare(real_server, theme, data)


REFUSED = (3, 12, 17, 15, 19, 21)
"""RDB types of sorted sets of which servers take scores that are no numbers, and members out of order; and of streams of
which they take that they have more than 2^63 entries. We do not."""

UNRELEASED = (22, 23)
"""What was never in a release."""


def restore_damaged(server: RealServer, payload: Payload, dumped: bytes) -> None:
    session, connection = Engine(server.profile, server.allocator).session(), TypedConnection(server)
    body = payload.spoil(dumped[:-FOOTER]) + dumped[-FOOTER:-8]
    words = [b"RESTORE", b"k", b"0", body + crc64(body).to_bytes(8, "little"), b"REPLACE"]
    connection.pipeline([[b"FLUSHALL"], [b"CONFIG", b"SET", b"sanitize-dump-payload", b"yes"]])
    ours, theirs = session.execute(words), connection.execute(*words)
    if ours != theirs:
        assert body[0] in REFUSED + UNRELEASED, (words, ours, theirs)
        assert isinstance(ours, CommandError)
    elif not isinstance(ours, CommandError) and body[0] not in UNRELEASED:
        questions = [[b"OBJECT", b"ENCODING", b"k"], [b"DEBUG", b"DIGEST-VALUE", b"k"], [b"DUMP", b"k"]]
        found = [(question, session.execute(question), connection.execute(*question)) for question in questions]
        # A hashtable's order is each side's own.
        for question, our, their in found[: 2 if found[0][1] == b"hashtable" else 3]:
            assert our == their, (words, question, our, their)
    connection.close()


@pytest.mark.parametrize("real_server", ["7.0", "8.0"], indirect=True)  # 6.2 can be killed so
@settings(max_examples=300, derandomize=True, database=None, suppress_health_check=CHECKS)
@given(case=st.integers(0, 1 << 20), damage=st.integers(0, 1 << 40))
def test_damaged_payloads(real_server: RealServer, case: int, damage: int) -> None:
    """What RESTORE refuses, and what becomes of what it takes."""
    dumped = payloads(real_server.profile)
    restore_damaged(real_server, Payload(b"k", damage), dumped[case % len(dumped)])


@cache
def payloads(profile: str) -> list[bytes]:
    """What that version and older ones have recorded."""
    versions = [name for name, facts in PROFILES.items() if facts.version <= PROFILES[profile].version]
    recorded = [bytes.fromhex(case.dump_hex) for name in versions for case in golden.load(name) if case.dump_hex]
    recorded += [_grouped_stream(name) for name in versions] * 20
    return [dumped for dumped in recorded if len(dumped) < 600 and dumped[0] not in UNRELEASED]


def _grouped_stream(profile: str) -> bytes:
    """A payload of what is not recorded, for the times of day in it: a stream with consumers."""
    session = Engine(profile, clock=lambda: 1_700_000_000_000_000).session()
    for line in """
        XADD k 1-1 a 1 b 2
        XADD k 1-2 a 1 c 2
        XADD k 2-1 a 5 b 6
        XGROUP CREATE k g 0
        XGROUP CREATE k h $
        XREADGROUP GROUP g al COUNT 2 STREAMS k >
        XREADGROUP GROUP g bo STREAMS k >
        XDEL k 1-2
    """.strip().splitlines():
        session.execute(line.encode().split())
    dumped = session.execute([b"DUMP", b"k"])
    assert isinstance(dumped, bytes)
    return dumped


@pytest.mark.fuzz
@pytest.mark.parametrize("real_server", ["7.0", "8.0"], indirect=True)
@settings(suppress_health_check=CHECKS)
@given(case=st.integers(0, 1 << 20), damage=st.integers(0, 1 << 40))
def test_more_damaged_payloads(real_server: RealServer, case: int, damage: int) -> None:
    dumped = payloads(real_server.profile)
    restore_damaged(real_server, Payload(b"k", damage), dumped[case % len(dumped)])


@pytest.mark.fuzz
@pytest.mark.parametrize("theme", THEMES)
@settings(suppress_health_check=CHECKS)
@given(data=st.data())
def test_more_random_commands(real_server: RealServer, theme: str, data: st.DataObject) -> None:
    compare(real_server, theme, data)
