"""A database's memory by kind of allocation."""

import pytest

from rinspect.engine import Engine, Session
from rinspect.engine.keyspace.composition import Part, composition
from rinspect.engine.profile import PROFILES
from tests.engine.samples import SAMPLES, SINCE


def parts_of(session: Session) -> tuple[tuple[Part, ...], int]:
    """The parts, and in how many pieces they were found."""
    walk, pieces = composition(session.call.db), 0
    while True:
        try:
            next(walk)
            pieces += 1
        except StopIteration as end:
            return end.value, pieces


@pytest.mark.parametrize("profile", PROFILES)
def test_the_parts_sum_up_to_the_ledgers_figure(profile: str) -> None:
    session = Engine(profile).session()
    for sample, commands in SAMPLES.items():
        if session.engine.profile.version >= SINCE.get(sample, (0, 0)):
            for words in commands:
                session.execute([sample.encode() if word == b"k" else word for word in words])
    for n in range(450):
        session.execute([b"SET", b"key:%d" % n, b"v", b"EX", b"100"])
    parts, pieces = parts_of(session)
    assert sum(part.size_class for part in parts) == session.engine.keyspace.ledger.keyspace()
    assert all(part.asked <= part.size_class for part in parts)
    assert [part.size_class for part in parts] == sorted((part.size_class for part in parts), reverse=True)
    assert pieces == 3
    counts = {(part.of, part.name): part.count for part in parts}
    assert counts["keys", "dictEntry"] == counts["keys", "sds"] == len(session.call.db)
    assert counts["expires", "dictEntry"] == 450
    assert {part.of for part in parts} == {"keys", "expires", "string", "list", "set", "hash", "zset", "stream"}


def test_an_empty_database_consists_of_nothing() -> None:
    assert parts_of(Engine("8.0").session()) == ((), 0)
