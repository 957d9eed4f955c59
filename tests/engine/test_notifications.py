"""Keyspace notifications: each form of each command that writes, with the events that the servers send for it."""

import pytest

from tests.engine.both import versions
from tests.engine.networking.dialogue import agree
from tests.engine.server.hosted import Hosted
from tests.real.servers import RealServer

FORMS = """
SET k v | SET k w | SET k v EX 100 | SET k v PX 100000 | SET k v KEEPTTL | SET k v XX GET | SET k v NX | SET k v EXAT 1
GETSET k v | SETNX k v | SETNX new v | SETEX k 100 v | PSETEX k 100000 v | MSET k v new w | MSETNX a v b w | MSETNX a v c w
GETDEL k | GETDEL k | GETEX a EX 100 | GETEX a PERSIST | GETEX a | GETEX a PERSIST | GETEX b EXAT 1 | GET nothing
APPEND k a | SETRANGE k 3 b | SETRANGE k 3 "" | SETBIT k 9 1 | BITFIELD k SET u8 0 1 | BITFIELD k GET u8 0
BITOP AND dest k k | BITOP NOT dest nothing | BITOP NOT dest nothing
INCR n | DECR n | INCRBY n 5 | DECRBY n 5 | INCRBYFLOAT n 1.5 | INCR k
DEL k n | DEL nothing | UNLINK a | EXPIRE new 100 | EXPIRE new 100 NX | PERSIST new | PERSIST new | PEXPIRE new 100000
EXPIREAT new 1 | SET k v | PEXPIREAT k 1 | EXPIRE k 100 | SET k v | EXPIRE k -1 | TOUCH k
SET k v | RENAME k other | RENAMENX other k | SET other x | RENAMENX k other | RENAME k other | RENAME other other
COPY other copied | COPY other copied | COPY other copied REPLACE | MOVE copied 1 | MOVE copied 1 | DEL other
LPUSH l 1 | RPUSH l 2 3 | LPUSHX l 0 | RPUSHX l 4 | LPUSHX no 1 | RPUSHX no 1 | LINSERT l BEFORE 1 x | LINSERT l AFTER no x
LSET l 0 y | LTRIM l 0 3 | LREM l 1 x | LREM l 1 no | LPOP l | RPOP l | LPOP l 0 | LPOP nothing | RPOP l 9
RPUSH l 1 2 3 | LMOVE l m LEFT RIGHT | LMOVE l l LEFT RIGHT | LMOVE l m RIGHT LEFT | RPOPLPUSH l m | RPOPLPUSH m m
RPUSH l 1 | RPOPLPUSH l m | BLPOP m 0 | BRPOP m 0 | BLMOVE m l LEFT LEFT 0 | BRPOPLPUSH l m 0 | LTRIM m 9 9
SADD s a b c | SADD s a | SREM s a | SREM s no | SMOVE s t zzz | SPOP s 0 | SADD s b c d | SMOVE s t a | SMOVE s t a
SINTERSTORE d s s | SUNIONSTORE d s t | SDIFFSTORE d s s | SDIFFSTORE d s s | SREM s b c | SPOP s | SREM t a | SMOVE s t no
SADD s x | SMOVE s t x | SMOVE t t x
HSET h a 1 b 2 | HSET h a 2 | HMSET h a 3 | HSETNX h c 1 | HSETNX h c 1 | HINCRBY h n 1 | HINCRBYFLOAT h n 1.5 | HDEL h a
HDEL h no | HDEL h b c n
ZADD z 1 a 2 b 3 c | ZADD z 1 a | ZADD z XX 5 no | ZADD z INCR 1 a | ZADD z CH 9 a | ZINCRBY z 1 a | ZREM z a | ZREM z no
ZPOPMIN z | ZPOPMAX z | ZPOPMIN z | ZADD z 1 a 2 b 3 c 4 d | ZREMRANGEBYRANK z 0 0 | ZREMRANGEBYSCORE z 2 2 | ZADD z 0 x
ZREMRANGEBYLEX z [x [x | ZRANGESTORE y z 0 -1 | ZUNIONSTORE y 1 z | ZINTERSTORE y 2 z nothing | ZDIFFSTORE y 1 z
ZRANGESTORE y z 9 9 | ZRANGESTORE y z 9 9 | BZPOPMIN z 0 | BZPOPMAX z 0 | ZREM z c d | ZADD z 1 a | ZREMRANGEBYRANK z 0 -1
GEOADD g 1 1 a 2 2 b | GEOADD g XX CH 3 3 b | GEOADD g 3 3 b | GEORADIUS g 1 1 1 m | GEORADIUS g 1 1 1 km STORE d
GEOSEARCHSTORE d g FROMMEMBER a BYRADIUS 1 m | GEOSEARCHSTORE d g FROMLONLAT 9 9 BYRADIUS 1 m | GEORADIUS no 1 1 1 m STORE d
GEORADIUSBYMEMBER g a 1 m STOREDIST d | GEORADIUSBYMEMBER no a 1 m STORE d | GEORADIUS g 9 9 1 m STOREDIST d
PFADD p | PFADD p a b | PFADD p a b | PFCOUNT p | PFMERGE q p | PFMERGE q | PFCOUNT p q | PFDEBUG TODENSE p | DEL p q
RPUSH l 2 1 | SORT l STORE sorted | SORT nothing STORE sorted | SORT nothing STORE sorted
SETRANGE x 0 "" | SETRANGE x 0 a | APPEND x "" | LREM l 0 2 | LREM l 0 1 | GETSET x y
SET e v PX 1 | FLUSHDB | FLUSHALL | SWAPDB 0 1 | SWAPDB 0 1
"""

SINCE_7 = """
RPUSH l 1 2 3 | LMPOP 1 l LEFT | LMPOP 1 l RIGHT COUNT 9 | RPUSH l 1 | BLMPOP 0 1 l LEFT | LMPOP 1 l LEFT
ZADD z 1 a 2 b 3 c | ZMPOP 1 z MIN | ZMPOP 1 z MAX COUNT 9 | ZADD z 1 a | BZMPOP 0 1 z MAX | ZMPOP 1 z MIN
SET k v | EXPIRE k 100 GT | EXPIRE k 100 LT | EXPIRE k 50 LT | EXPIRE k 100 NX | EXPIRE k 100 XX
"""

SINCE_8 = """
HSET h a 1 b 2 c 3 d 4 | HEXPIRE h 100 FIELDS 1 a | HPEXPIRE h 100000 FIELDS 1 no | HPERSIST h FIELDS 1 a
HPERSIST h FIELDS 1 a | HEXPIRE h 0 FIELDS 1 a | HEXPIREAT h 1 FIELDS 1 b | HPEXPIREAT h 9999999999999 FIELDS 1 c
HEXPIRE h 0 FIELDS 2 c d | HSETEX h EX 100 FIELDS 1 a 1 | HSETEX h FIELDS 1 a 1 | HSETEX h FNX FIELDS 1 a 1
HGETEX h EX 100 FIELDS 1 a | HGETEX h PERSIST FIELDS 1 a | HGETEX h PERSIST FIELDS 1 a | HGETEX h FIELDS 1 a
HGETDEL h FIELDS 1 no | HGETDEL h FIELDS 1 a | HGETDEL h FIELDS 1 a | HSET h a 1 b 2 | HGETEX h PX 0 FIELDS 1 a
HSETEX h EXAT 1 FIELDS 1 b 1
"""


def script(forms: str, letters: str) -> str:
    """Each form said by W, with S told of it. The lists that a command waits for are there, so that it need not."""
    lines = [form.strip() for line in forms.strip().splitlines() for form in line.split("|")]
    begin = f"W: CONFIG SET notify-keyspace-events {letters}\nS: PSUBSCRIBE __key*\n"
    return begin + "\n".join(f"W: {line}" for line in lines)


@versions
@pytest.mark.parametrize("letters", ["KEA", "E$m", "Kg"])
def test_events_are_those_of_the_server(real_server: RealServer, letters: str) -> None:
    agree(script(FORMS, letters), real_server)


@pytest.mark.parametrize("real_server", ["7.0", "8.0"], indirect=True)
def test_events_of_commands_since_7(real_server: RealServer) -> None:
    agree(script(SINCE_7, "KEAnm"), real_server)


@pytest.mark.parametrize("real_server", ["8.0"], indirect=True)
def test_events_of_fields(real_server: RealServer) -> None:
    agree(script(SINCE_8, "KEA"), real_server)


def test_nothing_is_looked_at_where_nothing_is_wanted() -> None:
    with Hosted() as hosted:
        runtime = hosted.engine.runtime
        looked_at = []
        for letters in ("KEA", "", "KEA", "K", "KEA", "g"):
            hosted.execute("CONFIG", "SET", "notify-keyspace-events", letters)
            looked_at.append((runtime.guarded, bool(runtime.observers)))
        assert looked_at == [(True, True), (False, False)] * 3


def test_a_key_that_expires_is_told_of() -> None:
    with Hosted() as hosted:
        hosted.execute("CONFIG", "SET", "notify-keyspace-events", "Ex")
        listener = hosted.another()
        listener.execute("PSUBSCRIBE", "*")
        hosted.execute("SET", "k", "v", "PX", "10")
        hosted.clock.advance(11)
        hosted.execute("GET", "k")
        assert list(listener.all()) == [[b"pmessage", b"*", b"__keyevent@0__:expired", b"k"]]
