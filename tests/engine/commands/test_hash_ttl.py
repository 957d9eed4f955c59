"""Expiry of hash fields: dialogues and random sequences, against a server; and what goes by the clock, without one."""

from collections.abc import Callable
from random import Random

import pytest

from rinspect.engine import Engine, Session
from rinspect.engine.events import Event, KeyChanged
from rinspect.engine.replies import Reply
from tests.engine.both import Both, plain
from tests.engine.commands.test_hash import random_command, settle_and_compare_memory, text
from tests.real.servers import RealServer

every_encoding = pytest.mark.parametrize(
    ("profile", "encoding"), [(p, e) for p in ("7.4", "8.0") for e in ("listpackex", "hashtable")]
)
newest = pytest.mark.parametrize("real_server", ["8.0"], indirect=True)


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_700_000_000_000_000

    def __call__(self) -> int:
        return self.now

    def sleep(self, milliseconds: int) -> None:
        self.now += milliseconds * 1000


Run = Callable[[str], object]


def start(profile: str, encoding: str) -> tuple[Clock, Session, Run]:
    """A clock, a session, and a way to run lines in it: with fields a, b and c under `h`."""
    clock = Clock()
    session = Engine(profile, clock=clock).session()

    def run(line: str) -> object:
        return plain(session.execute([word.encode() for word in line.split()]))

    run("HSET h a 1 b 2 c 3")
    run("HPERSIST h FIELDS 1 a")
    run("HEXPIRE h 100 FIELDS 1 nobody")
    if encoding == "hashtable":
        session.execute([b"HSET", b"h", b"a", b"x" * 65])
        run("HSET h a 1")
    assert run("OBJECT ENCODING h") == encoding.encode()
    return clock, session, run


# -- by the clock -----------------------------------------------------------------------------------------------------


@every_encoding
def test_how_long_a_field_lives(profile: str, encoding: str) -> None:
    clock, _, run = start(profile, encoding)
    assert run("HEXPIRE h 10 FIELDS 2 a b") == [1, 1]
    assert run("HTTL h FIELDS 4 a b c nobody") == [10, 10, -1, -2]
    clock.sleep(1500)
    assert run("HTTL h FIELDS 1 a") == [9]
    assert run("HPTTL h FIELDS 1 a") == [8500]
    assert run("HEXPIRETIME h FIELDS 2 a c") == [1_700_000_010, -1]
    assert run("HPEXPIRETIME h FIELDS 1 a") == [1_700_000_010_000]
    assert run("HPEXPIREAT h 1700000020001 FIELDS 1 a") == [1]
    assert run("HEXPIRETIME h FIELDS 1 a") == [1_700_000_021]
    assert run("HPERSIST h FIELDS 3 a c nobody") == [1, -1, -2]
    assert run("HTTL h FIELDS 1 a") == [-1]
    clock.sleep(10_000)
    assert run("HMGET h a b c") == [b"1", None, b"3"]


@every_encoding
@pytest.mark.parametrize(
    ("line", "reply", "left"),
    [
        ("HGET h a", None, 2),
        ("HEXISTS h a", 0, 2),
        ("HSTRLEN h a", 0, 2),
        ("HMGET h a c b", [None, b"3", None], 1),
        ("HSETNX h a 9", 1, 3),
        ("HINCRBY h a 5", 5, 3),
        ("HINCRBYFLOAT h a 5", b"5", 3),
        ("HDEL h a", 1, 2),
        ("HSET h a 9", 0, 3),
        ("HGETALL h", [b"c", b"3"], 3),
        ("HKEYS h", [b"c"], 3),
        ("HVALS h", [b"3"], 3),
        ("HSCAN h 0", [b"0", [b"c", b"3"]], 3),
        ("HSCAN h 0 NOVALUES", [b"0", [b"c"]], 3),
        ("HLEN h", 3, 3),
        ("HTTL h FIELDS 2 a c", [-2, -1], 3),
        ("HPERSIST h FIELDS 1 a", [-2], 3),
        ("HRANDFIELD h 5", [b"c"], 1),
        ("HEXPIRE h 5 FIELDS 1 a", [1], 3),
    ],
)
def test_what_commands_make_of_an_expired_field(
    profile: str, encoding: str, line: str, reply: object, left: int
) -> None:
    clock, _, run = start(profile, encoding)
    run("HPEXPIRE h 10 FIELDS 2 a b")
    clock.sleep(11)
    assert run(line) == reply
    assert run("HLEN h") == left


@pytest.mark.parametrize("encoding", ["listpackex", "hashtable"])
@pytest.mark.parametrize(
    ("line", "reply", "left"),
    [
        ("HGETDEL h FIELDS 2 a c", [None, b"3"], 1),
        ("HGETEX h FIELDS 2 a c", [None, b"3"], 2),
        ("HGETEX h PERSIST FIELDS 1 a", [None], 2),
        ("HGETEX h EX 10 FIELDS 3 a b c", [None, None, b"3"], 1),
        ("HSETEX h FXX FIELDS 1 a 9", 0, 2),
        ("HSETEX h FNX EX 10 FIELDS 1 a 9", 1, 3),
    ],
)
def test_what_the_commands_of_80_make_of_it(encoding: str, line: str, reply: object, left: int) -> None:
    clock, _, run = start("8.0", encoding)
    run("HPEXPIRE h 10 FIELDS 2 a b")
    clock.sleep(11)
    assert run(line) == reply
    assert run("HLEN h") == left


@every_encoding
@pytest.mark.parametrize("line", ["HGET h a", "HMGET h a b c a", "HRANDFIELD h", "HEXISTS h a"])
def test_a_hash_goes_with_its_last_field(profile: str, encoding: str, line: str) -> None:
    clock, _, run = start(profile, encoding)
    run("HPEXPIRE h 10 FIELDS 3 a b c")
    run("HDEL h b c")
    clock.sleep(11)
    assert run("EXISTS h") == 1
    run(line)
    assert run("EXISTS h") == 0


@every_encoding
def test_counting_on_in_a_hash_whose_last_field_expired(profile: str, encoding: str) -> None:
    clock, _, run = start(profile, encoding)
    run("HDEL h b c")
    run("HPEXPIRE h 10 FIELDS 1 a")
    clock.sleep(11)
    assert run("HINCRBY h a 5") == 5
    assert run("HTTL h FIELDS 1 a") == [-1]
    assert run("OBJECT ENCODING h") == b"listpack"


@every_encoding
def test_the_cron_removes_what_nobody_comes_across(profile: str, encoding: str) -> None:
    clock, session, run = start(profile, encoding)
    seen: list[Event] = []
    run("HPEXPIRE h 10 FIELDS 1 a")
    run("HPEXPIRE h 20000 FIELDS 1 b")
    session.engine.observe(seen.append)
    session.engine.cron()
    assert seen == []
    clock.sleep(11)
    session.engine.cron()
    assert seen == [KeyChanged(0, b"h")]
    assert run("HLEN h") == 2
    clock.sleep(20_000)
    session.engine.cron()
    assert run("HKEYS h") == [b"c"]
    run("HPEXPIRE h 10 FIELDS 1 c")
    clock.sleep(11)
    session.engine.cron()
    assert run("EXISTS h") == 0
    assert len(session.call.db.field_expiry) == 0


@every_encoding
@pytest.mark.parametrize(
    ("line", "where"),
    [
        ("RENAME h other", ("0", "other")),
        ("COPY h other", ("0", "other")),
        ("MOVE h 3", ("3", "h")),
        ("SWAPDB 0 5", ("5", "h")),
    ],
)
def test_the_cron_finds_hashes_wherever_they_went(
    profile: str, encoding: str, line: str, where: tuple[str, str]
) -> None:
    clock, session, run = start(profile, encoding)
    run("HPEXPIRE h 10 FIELDS 2 a b")
    run(line)
    clock.sleep(11)
    session.engine.cron()
    run(f"SELECT {where[0]}")
    assert run(f"HLEN {where[1]}") == 1


@every_encoding
def test_the_cron_finds_a_restored_hash(profile: str, encoding: str) -> None:
    clock, session, run = start(profile, encoding)
    run("HPEXPIRE h 10000 FIELDS 2 a b")
    payload = session.execute([b"DUMP", b"h"])
    assert isinstance(payload, bytes)
    run("FLUSHALL")
    assert plain(session.execute([b"RESTORE", b"again", b"0", payload])) == b"OK"
    clock.sleep(10_001)
    session.engine.cron()
    assert run("HLEN again") == 1


def test_the_cron_does_a_thousand_fields_at_a_time() -> None:
    clock = Clock()
    session = Engine("8.0", clock=clock).session()
    fields = [b"f%d" % number for number in range(2500)]
    session.execute([b"HSET", b"h", b"stays", b"v", *(word for field in fields for word in (field, b"v"))])
    session.execute([b"HPEXPIRE", b"h", b"10", b"FIELDS", b"2500", *fields])
    clock.sleep(11)
    left: list[Reply] = []
    for _ in range(3):
        session.engine.cron()
        left.append(session.execute([b"HLEN", b"h"]))
    assert left == [1501, 501, 1]


# -- against a server -------------------------------------------------------------------------------------------------

EXPIRY = """
    SET str x
    HSET h a 1 b 2 c 3
    HEXPIRE h 100
    HEXPIRE h 100 FIELDS 1
    HEXPIRE h 100 FIELDS 2 a
    HEXPIRE h 100 FIELDS 1 a b
    HEXPIRE h 100 FIELDS 0 a
    HEXPIRE h 100 FIELDS x a
    HEXPIRE h x FIELDS 1 a
    HEXPIRE h x FOO 1 a
    HEXPIRE str x FIELDS 1 a
    HEXPIRE h -1 FIELDS 1 a
    HEXPIRE h 100 FOO 1 a
    HEXPIRE h 100 NX FOO 1 a
    HEXPIRE h 100 NX XX FIELDS 1 a
    HEXPIRE h 100 NX FIELDS 1
    HEXPIRE h 100 fields 1 a
    HEXPIRE h 100 nx FIELDS 1 a
    HEXPIRE h 100 XX FIELDS 2 a b
    HEXPIRE h 50 GT FIELDS 2 a b
    HEXPIRE h 50 LT FIELDS 3 a b zz
    HEXPIRE no 50 FIELDS 2 a b
    HEXPIRE no x FIELDS 2 a b
    HEXPIRE no 50 FIELDS 3 a b
    HEXPIRE h 99999999999999 FIELDS 1 a
    HEXPIRE h 9223372036854775807 FIELDS 1 a
    HPEXPIREAT h 70368744177663 FIELDS 1 c
    HPEXPIREAT h 70368744177664 FIELDS 1 c
    HEXPIREAT h 70368744177 FIELDS 1 c
    HEXPIREAT h 70368744178 FIELDS 1 c
    HPEXPIRE h 70368744177663 FIELDS 1 c
    HTTL h FIELDS 3 a b zz
    HPEXPIRETIME h FIELDS 1 c
    HEXPIRETIME h FIELDS 2 c zz
    HPTTL no FIELDS 2 a b
    HTTL h FIELDS 1
    HTTL h FIELDS 2 a
    HTTL h FIELDS 0 a
    HTTL h FOO 1 a
    HTTL str FOO 1 a
    HPERSIST h FIELDS 2 a
    HPERSIST h FOO 1 a
    HPERSIST no FIELDS 2 a b
    HPERSIST str FIELDS 2 a b
    HPERSIST h FIELDS 3 a a zz
    HEXPIRE h 0 FIELDS 1 b
    HPEXPIREAT h 1 FIELDS 2 a c
    EXISTS h
"""

COMBINED = """
    SET str x
    HSET h a 1 b 2 c 3
    HGETDEL h FIELDS 1
    HGETDEL h FOO 1 a
    HGETDEL h FIELDS 0 a
    HGETDEL h FIELDS 2 a
    HGETDEL str FOO 1 a
    HGETDEL no FIELDS 0 a
    HGETDEL no FIELDS 2 a b
    HGETDEL h FIELDS 2 a zz
    OBJECT ENCODING h
    HGETDEL h FIELDS 3 b c b
    EXISTS h
    HSET h a 1 b 2 c 3
    HGETEX h FIELDS 1
    HGETEX h FIELDS 1 a
    OBJECT ENCODING h
    HGETEX h PERSIST FIELDS 1 a
    OBJECT ENCODING h
    HGETEX h FOO 1 a
    HGETEX h EX 1 FIELDS
    HGETEX h EX x FOO 1 a
    HGETEX h EX -1 FIELDS 0 a
    HGETEX h EX 10 PX 10 FIELDS 1 a
    HGETEX h KEEPTTL FIELDS 1 a
    HGETEX h EX 10 FIELDS 2 a
    HGETEX h EX 10 FIELDS x a
    HGETEX str EX x FIELDS 0 a
    HGETEX no EX x FIELDS 1 a
    HGETEX no EX 10 FIELDS 2 a b
    HGETEX h PXAT 70368744177664 FIELDS 1 a
    HGETEX h EX 9223372036854775807 FIELDS 1 a
    HGETEX h EX 100 FIELDS 3 a zz a
    HTTL h FIELDS 2 a b
    HGETEX h EX 0 FIELDS 2 a a
    HKEYS h
    HSETEX h FIELDS 1 a
    HSETEX h FIELDS 1 a 2
    HSETEX h FIELDS 2 a 2
    HSETEX h FIELDS 1 a 2 b 3
    HSETEX h FIELDS 0 a 2
    HSETEX h FIELDS 1 a 2 EX 10
    HSETEX h EX 100 FIELDS 2 a 1 a 2
    HTTL h FIELDS 1 a
    HSETEX h KEEPTTL FIELDS 1 a 3
    HTTL h FIELDS 1 a
    HSETEX h FXX FIELDS 2 a 2 zz 3
    HSETEX h FNX FIELDS 2 yy 2 zz 3
    HSETEX h FNX FXX FIELDS 1 a 2
    HSETEX h FNX FNX FIELDS 1 a 2
    HSETEX h EX 10 KEEPTTL FOO FIELDS 1 a 2
    HSETEX h EX 1 EX 1 FIELDS 1 a 2
    HSETEX h PERSIST FIELDS 1 a 2
    HSETEX h EX x FOO FIELDS 1 a 2
    HSETEX h FOO EX x FIELDS 1 a 2
    HSETEX h EX -1 FIELDS 0 a 2
    HSETEX h EX
    HSETEX h FNX EX 10 FIELDS 1
    HSETEX h FIELDS FNX 1 a 2
    HSETEX h FIELDS 99999999999 a 2
    HSETEX h EX 9223372036854775807 FIELDS 1 a b
    HSETEX str FIELDS 0 a 2
    HSETEX str FIELDS 1 a 2
    HSETEX h PXAT 1 FIELDS 1 a 2
    HGETALL h
    HSETEX new FXX FIELDS 1 a 2
    EXISTS new
    HSETEX new FNX FIELDS 1 a 2
    OBJECT ENCODING new
    HSETEX new2 PXAT 1 FIELDS 1 a 2
    EXISTS new2
"""


@newest
@pytest.mark.parametrize("script", [EXPIRY, COMBINED])
@pytest.mark.parametrize("resp", [2, 3])
def test_dialogue(real_server: RealServer, script: str, resp: int) -> None:
    both = Both(real_server)
    if resp == 3:
        both.resp3()
    both.run(script)


def random_expiry(rng: Random, fields: int) -> list[bytes]:
    key = rng.choice([b"k", b"k", b"a"])
    names = [b"f%d" % rng.randrange(fields) for _ in range(rng.randint(1, 3))]
    tail = [b"FIELDS", b"%d" % len(names), *names]
    # Around the tolerance of what is registered for the hash, which DUMP shows.
    moment = b"%d" % (4_000_000_000_000 + rng.choice([0, 1, 1000, 3999, 4000, 4001, rng.randrange(100_000)]))
    at = [b"PXAT", moment if rng.random() < 0.9 else b"1"]
    match rng.randrange(10):
        case 0 | 1 | 2 | 3:
            condition = [rng.choice([b"NX", b"XX", b"GT", b"LT"])] if rng.random() < 0.4 else []
            return [b"HPEXPIREAT", key, at[1], *condition, *tail]
        case 4:
            return [b"HPERSIST", key, *tail]
        case 5:
            return [b"HPEXPIRETIME", key, *tail]
        case 6:
            return [b"HGETDEL", key, *tail]
        case 7:
            return [b"HGETEX", key, *rng.choice([[], [b"PERSIST"], at]), *tail]
        case _:
            pairs = [word for name in names for word in (name, text(rng))]
            condition = rng.choice([[], [], [b"FNX"], [b"FXX"]])
            return [b"HSETEX", key, *condition, *rng.choice([[], [b"KEEPTTL"], at]), *tail[:2], *pairs]


@newest
@pytest.mark.parametrize("seed", range(16))
def test_random_commands(real_server: RealServer, seed: int) -> None:
    both, rng = Both(real_server), Random(f"expiry {seed}")
    fields = 600 if seed % 4 == 3 else 12
    if seed % 4 == 2:
        both.execute(b"CONFIG", b"SET", b"hash-max-listpack-entries", b"8")
    for _ in range(100):
        both.execute(*(random_expiry if rng.random() < 0.4 else random_command)(rng, fields))
        for key in (b"k", b"a"):
            both.encoding(key)
    settle_and_compare_memory(both, [b"k", b"a"])
