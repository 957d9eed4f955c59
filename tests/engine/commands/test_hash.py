"""Commands on hashes: dialogues and random sequences, against servers; and what can be said without one."""

from collections import Counter
from random import Random

import pytest

from rinspect.engine import Engine, Session
from rinspect.engine.profile import PROFILES
from rinspect.engine.replies import CommandError, Map, Reply
from rinspect.engine.values.hash import HashValue
from tests.engine.both import Both, plain, versions
from tests.real.servers import RealServer

ENCODINGS = [
    (profile, encoding)
    for profile, facts in PROFILES.items()
    for encoding in ("packed", "listpackex", "hashtable")
    if encoding != "listpackex" or facts.hash_field_ttl
]
every_encoding = pytest.mark.parametrize(("profile", "encoding"), ENCODINGS)
every_profile = pytest.mark.parametrize("profile", list(PROFILES))

PAIRS = {b"f%d" % number: b"%d" % (number * 7) for number in range(20)}


def run(session: Session, line: str) -> Reply:
    return session.execute([word.encode() for word in line.split()])


def with_hash(profile: str, encoding: str) -> Session:
    """A session with PAIRS in that encoding under `h`."""
    session = Engine(profile).session()
    session.execute([b"HSET", b"h", *(word for pair in PAIRS.items() for word in pair)])
    if encoding == "listpackex":
        run(session, "HEXPIRE h 100 FIELDS 1 nobody")
    if encoding == "hashtable":
        session.execute([b"HSET", b"h", b"f0", b"x" * 65])
        run(session, "HSET h f0 0")
    value = session.call.db.peek(b"h")
    assert isinstance(value, HashValue)
    assert value.encoding == (encoding if encoding != "packed" else "ziplist" if profile == "6.2" else "listpack")
    return session


def pairs(session: Session, key: bytes = b"h") -> dict[bytes, bytes]:
    reply = plain(session.execute([b"HGETALL", key]))
    return dict(zip(reply[::2], reply[1::2], strict=True))


# -- without a server -------------------------------------------------------------------------------------------------


@every_encoding
def test_fields_come_and_go(profile: str, encoding: str) -> None:
    session = with_hash(profile, encoding)
    assert run(session, "HSET h f1 new extra 1 f1 newer") == 1
    assert run(session, "HMSET h extra 2") != 1
    assert run(session, "HGET h f1") == b"newer"
    assert run(session, "HMGET h f2 nobody extra") == [b"14", None, b"2"]
    assert run(session, "HSETNX h extra 3") == 0
    assert run(session, "HSETNX h fresh 3") == 1
    assert run(session, "HEXISTS h fresh") == 1
    assert run(session, "HSTRLEN h f1") == 5
    assert run(session, "HDEL h fresh nobody f3 f3") == 2
    assert run(session, "HLEN h") == 20
    expected = {**PAIRS, b"f1": b"newer", b"extra": b"2"}
    del expected[b"f3"]
    assert pairs(session) == expected
    assert sorted(plain(run(session, "HKEYS h"))) == sorted(expected)
    assert sorted(plain(run(session, "HVALS h"))) == sorted(expected.values())
    assert session.execute([b"HDEL", b"h", *expected, b"nobody"]) == 20
    assert run(session, "EXISTS h") == 0


@every_encoding
def test_counting(profile: str, encoding: str) -> None:
    session = with_hash(profile, encoding)
    assert run(session, "HINCRBY h f1 -10") == -3
    assert run(session, "HINCRBY h fresh 5") == 5
    assert run(session, "HINCRBYFLOAT h f1 0.5") == b"-2.5"
    assert isinstance(run(session, "HINCRBY h f1 1"), CommandError)
    assert run(session, "HINCRBYFLOAT new f 3e2") == b"300"
    assert run(session, "HINCRBY new f 1") == 301


@every_encoding
def test_a_scan_gives_everything(profile: str, encoding: str) -> None:
    session = with_hash(profile, encoding)
    seen: list[bytes] = []
    cursor = b"0"
    while True:
        cursor, found = plain(session.execute([b"HSCAN", b"h", cursor, b"COUNT", b"3", b"MATCH", b"f1*"]))
        seen += found
        if cursor == b"0":
            break
    assert dict(zip(seen[::2], seen[1::2], strict=True)) == {f: v for f, v in PAIRS.items() if f.startswith(b"f1")}
    if PROFILES[profile].hash_field_ttl:
        _, fields = plain(run(session, "HSCAN h 0 COUNT 100 NOVALUES"))
        assert sorted(fields) == sorted(PAIRS)


@every_encoding
@pytest.mark.parametrize("count", [1, 2, 6, 7, 19, 20, 50])
def test_hrandfield_gives_different_ones(profile: str, encoding: str, count: int) -> None:
    session = with_hash(profile, encoding)
    drawn = plain(session.execute([b"HRANDFIELD", b"h", b"%d" % count]))
    assert len(set(drawn)) == len(drawn) == min(count, 20)
    assert set(drawn) <= set(PAIRS)
    with_values = plain(session.execute([b"HRANDFIELD", b"h", b"-%d" % count, b"WITHVALUES"]))
    assert len(with_values) == 2 * count
    assert all(PAIRS[f] == v for f, v in zip(with_values[::2], with_values[1::2], strict=True))


@every_encoding
def test_every_field_has_its_chance(profile: str, encoding: str) -> None:
    session = with_hash(profile, encoding)
    drawn = Counter(plain(run(session, "HRANDFIELD h")) for _ in range(1000))
    assert set(drawn) == set(PAIRS)
    assert max(drawn.values()) < 4 * 50


@every_profile
def test_before_70_hsetnx_converts_even_where_it_sets_nothing(profile: str) -> None:
    session = with_hash(profile, "packed")
    assert session.execute([b"HSETNX", b"h", b"f1", b"x" * 65]) == 0
    assert (run(session, "OBJECT ENCODING h") == b"hashtable") == (profile == "6.2")


@every_profile
def test_hashes_are_maps_in_resp3(profile: str) -> None:
    session = Engine(profile).session()
    run(session, "HSET h a 1 b 2")
    session.call.resp = 3
    assert run(session, "HGETALL h") == Map(((b"a", b"1"), (b"b", b"2")))
    assert run(session, "HGETALL nobody") == Map(())
    assert run(session, "HKEYS h") == [b"a", b"b"]
    assert run(session, "HRANDFIELD h 2 WITHVALUES") == [[b"a", b"1"], [b"b", b"2"]]


@every_profile
def test_field_expiry_came_with_74_and_its_combinations_with_80(profile: str) -> None:
    session = with_hash(profile, "packed")
    has_ttl, has_both = profile in ("7.4", "8.0"), profile == "8.0"
    assert isinstance(run(session, "HEXPIRE h 10 FIELDS 1 f1"), CommandError) != has_ttl
    assert isinstance(run(session, "HTTL h FIELDS 1 f1"), CommandError) != has_ttl
    assert isinstance(run(session, "HSCAN h 0 NOVALUES"), CommandError) != has_ttl
    assert isinstance(run(session, "HGETDEL h FIELDS 1 f1"), CommandError) != has_both
    assert isinstance(run(session, "HGETEX h FIELDS 1 f1"), CommandError) != has_both
    assert isinstance(run(session, "HSETEX h FIELDS 1 f1 v"), CommandError) != has_both


# -- against servers --------------------------------------------------------------------------------------------------

DIALOGUE = """
    HSET h a 1 b 2
    SET str x
    HSET h a
    HSET h a 1 b
    HMSET h a
    HMSET h a 1 b
    HSET str a 1
    HMSET str a 1
    HSETNX h a 5
    HSETNX h c 5
    HSETNX str c 5
    HGET h zz
    HGET no a
    HGET str a
    HMGET h a zz
    HMGET no a b
    HMGET str a
    HMGET h
    HGETALL h
    HGETALL no
    HGETALL str
    HKEYS h
    HKEYS no
    HVALS h
    HVALS no
    HLEN h
    HLEN no
    HLEN str
    HSTRLEN h zz
    HSTRLEN no a
    HEXISTS h zz
    HEXISTS no z
    HDEL no a
    HDEL h zz
    HDEL h c
    HDEL h
    HINCRBY h a x
    HINCRBY str a x
    HINCRBY str a 1
    HINCRBY h a 9223372036854775807
    HSET h w word e ""
    HINCRBY h w 1
    HINCRBY h e 1
    HINCRBYFLOAT h w 1
    HINCRBYFLOAT h e 1
    HINCRBYFLOAT h a 1.5
    HINCRBYFLOAT h a x
    HINCRBYFLOAT str a x
    HINCRBYFLOAT str a 1
    HINCRBYFLOAT h a inf
    HINCRBYFLOAT h a nan
    HINCRBYFLOAT h new 0.1
    HINCRBYFLOAT h new 0.2
    HSET h inf inf
    HINCRBYFLOAT h inf 1
    HRANDFIELD no
    HRANDFIELD no 1
    HRANDFIELD no 1 WITHVALUES
    HRANDFIELD h x
    HRANDFIELD str x
    HRANDFIELD str 1
    HRANDFIELD h 1 FOO
    HRANDFIELD h 1 WITHVALUES x
    HRANDFIELD h -9223372036854775808
    HRANDFIELD h -9223372036854775807 WITHVALUES
    HRANDFIELD h 4611686018427387904 WITHVALUES
    HRANDFIELD h 0
    HRANDFIELD str 0 FOO
    DEL h
    HSET h a 1 a 2 a 3
    HRANDFIELD h
    HRANDFIELD h 1 WITHVALUES
    HRANDFIELD h -2 WITHVALUES
    HRANDFIELD h 5
    HSCAN no 0 FOO
    HSCAN str 0
    HSCAN h 0
    HSCAN h 0 MATCH b*
    HSCAN h 0 NOVALUES
    HSCAN h x
    HDEL h a a
    EXISTS h
"""


@versions
@pytest.mark.parametrize("resp", [2, 3])
def test_dialogue(real_server: RealServer, resp: int) -> None:
    both = Both(real_server)
    if resp == 3:
        both.resp3()
    both.run(DIALOGUE)


def random_command(rng: Random, fields: int) -> list[bytes]:
    key = rng.choice([b"k", b"k", b"a"])

    def field() -> bytes:
        return b"f%d" % rng.randrange(fields) if rng.random() < 0.9 else text(rng)

    def words(count: int) -> list[bytes]:
        return [word for _ in range(count) for word in (field(), text(rng))]

    match rng.randrange(20):
        case 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7:
            return [b"HSET", key, *words(rng.choice([1, 1, 2, 3, fields]))]
        case 8:
            return [b"HSETNX", key, field(), text(rng)]
        case 9 | 10 | 11 | 12:
            return [b"HDEL", key, *(field() for _ in range(rng.randint(1, 3)))]
        case 13:
            return [b"HINCRBY", key, field(), b"%d" % rng.randint(-1000, 1000)]
        case 14:
            return [b"HINCRBYFLOAT", key, field(), rng.choice([b"1.5", b"0.1", b"-3"])]
        case 15:
            return [b"HMGET", key, field(), field()]
        case 16:
            return [b"COPY", key, b"a", b"REPLACE"]
        case 17:
            return [b"HSTRLEN", key, field()]
        case _:
            return [b"HLEN", key]


def text(rng: Random) -> bytes:
    match rng.randrange(5):
        case 0:
            return b"%d" % rng.randint(-(1 << 63), (1 << 63) - 1)
        case 1:
            return rng.choice([b"", b"01", b"x" * 31, b"x" * 32, b"x" * 64, b"x" * 65, b"y" * 300])
        case _:
            return b"%d" % rng.randrange(300)


def settle_and_compare_memory(both: Both, keys: list[bytes]) -> None:
    """Finish the rehashing of tables, whose steps hang on hash seeds; then the figures must agree."""
    for key in keys:
        for _ in range(100):
            both.execute(b"HMGET", key, *[b"?"] * 30)
        if both.server.allocator != "libc":
            both.execute(b"MEMORY", b"USAGE", key, b"SAMPLES", b"0")


@versions
@pytest.mark.parametrize("seed", range(12))
def test_random_commands(real_server: RealServer, seed: int) -> None:
    both, rng = Both(real_server), Random(f"hash {seed}")
    if seed % 3 == 1:
        both.execute(b"CONFIG", b"SET", b"hash-max-ziplist-entries", b"%d" % rng.choice([0, 1, 8]))
    fields = 600 if seed % 3 == 2 else 12
    for _ in range(80):
        both.execute(*random_command(rng, fields))
        for key in (b"k", b"a"):
            both.encoding(key)
    settle_and_compare_memory(both, [b"k", b"a"])
