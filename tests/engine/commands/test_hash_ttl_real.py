"""Expiry of hash fields: dialogues and random sequences, against a server."""

from random import Random

import pytest

from tests.engine.both import Both
from tests.engine.commands.test_hash import random_command, settle_and_compare_memory, text
from tests.real.servers import RealServer

newest = pytest.mark.parametrize("real_server", ["8.0"], indirect=True)

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
