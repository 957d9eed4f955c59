"""How many changes a command counts as: INFO's rdb_changes_since_last_save."""

import pytest

from rinspect.engine import Engine
from tests.engine.both import versions
from tests.real.servers import RealServer

SCRIPTS = {
    "lists": """
RPUSH l a b c
LPUSH l a b c
RPUSHX l a b
LPUSHX l a b
LPUSHX none a
LINSERT l BEFORE a z
LSET l 0 q
LREM l 0 a
LREM l 0 none
LPOP l
LPOP l 2
RPOP l 1
RPUSH l 1 2 3 4 5 6 7 8 9
LTRIM l 1 7
LTRIM l 0 -1
LMPOP 1 l LEFT COUNT 2
LMOVE l k LEFT RIGHT
BLPOP l 1
DEL l
RPUSH l 3 1 2
SORT l STORE k
SORT none STORE k
LTRIM l 5 6
""",
    "sets": """
SADD s 1 2 3
SADD s 1 2 4 5
SREM s 1 9
SREM s 9
SREM s 2 3 4 5 6
SADD s 1 2 3
SADD t 3 4 5 6
SMOVE s t 2
SMOVE s t 3
SINTERSTORE d s t
SUNIONSTORE d s t
SINTERSTORE d s none
SADD p 1 2 3 4 5 6 7 8 9 10
SPOP p
SPOP p 3
SPOP p 0
SPOP p 5
SPOP p 100
""",
    "hashes": """
HSET h a 1 b 2 c 3
HSET h a 1 b 3
HMSET h x 1 y 2
HSETNX h x 1
HSETNX h z 1
HINCRBY h n 1
HDEL h a b none
HDEL h none
""",
    "fields": """
HSET h a 1 b 2 c 3 d 4 e 5
HEXPIRE h 100 FIELDS 2 a b
HPERSIST h FIELDS 2 a b
HEXPIRE h 0 FIELDS 2 a b
""",
    "fields of 8.0": """
HSET h a 1 b 2 c 3 d 4 e 5
HGETDEL h FIELDS 2 a b
HSETEX h EX 100 FIELDS 2 q 1 w 2
HGETEX h EX 100 FIELDS 2 q w
HGETEX h PERSIST FIELDS 2 q w
HGETDEL h FIELDS 5 c d e q w
""",
    "sorted sets": """
ZADD z 1 a 2 b 3 c
ZADD z 1 a 5 b
ZADD z CH 5 a 6 b 7 c
ZINCRBY z 0 a
ZREM z a none
ZADD z 1 a 2 b 3 c 4 d 5 e 6 f 7 g
ZPOPMIN z
ZPOPMIN z 2
ZPOPMAX z 0
ZMPOP 1 z MIN COUNT 2
ZADD z 1 a 2 b 3 c 4 d 5 e 6 f 7 g
ZREMRANGEBYRANK z 0 1
ZREMRANGEBYSCORE z 100 300
ZREMRANGEBYLEX z - +
ZADD z 1 a 2 b 3 c
ZRANGESTORE y z 0 3
ZUNIONSTORE y 2 z z
ZDIFFSTORE y 1 none
GEOADD g 1 1 a 2 2 b
""",
    "places": """
GEOADD g 1 1 a 2 2 b 3 3 c
GEOADD g CH 1 1 a 4 4 d
GEOSEARCHSTORE d g FROMLONLAT 1 1 BYRADIUS 9999 km
GEOSEARCHSTORE d g FROMLONLAT 1 1 BYRADIUS 9999 km COUNT 2 STOREDIST
GEOSEARCHSTORE d g FROMLONLAT 90 80 BYRADIUS 1 m
GEOSEARCHSTORE d g FROMLONLAT 90 80 BYRADIUS 1 m
GEORADIUS g 1 1 9999 km STORE d
GEORADIUS none 1 1 9999 km STORE d
GEORADIUSBYMEMBER g a 9999 km STOREDIST d
""",
    "sketches": """
PFADD p
PFADD p a b c
PFADD p a b c
PFADD q a b c d
PFCOUNT p
PFCOUNT p
PFCOUNT p q
PFMERGE r p q
PFMERGE r
PFDEBUG DECODE p
PFDEBUG ENCODING p
PFDEBUG TODENSE p
PFDEBUG TODENSE p
PFDEBUG GETREG p
PFDEBUG GETREG q
PFADD p a b c d e f
""",
    "strings": """
SET k v
SET k v EX 100
SET k v EX 100 GET
SETEX k 100 v
PSETEX k 10000 v
GETEX k PERSIST
GETEX k EX 100
MSET a 1 b 2 c 3
MSETNX a 1 d 2
""",
    "strings over what is there": """
MSET a 1 b 2
MSET a 3 b 4 a 5
RPUSH l x
MSET a 6 l 7 b 8 l 9
MSET a 1 c 2
""",
    "one member": """
ZADD z 1 a
ZADD z 1 a
ZADD z 2 a
ZADD z 2 b
""",
    "keys": """
SET k v EX 100
SET l v
RENAME k m
RENAME m l
RENAMENX l k
MOVE k 3
SET k v EX 100
COPY k l
COPY k l REPLACE
DEL k l none
SET k v
SWAPDB 0 3
FLUSHDB
SET k v
FLUSHALL
""",
}


@versions
@pytest.mark.parametrize("name", SCRIPTS)
def test_a_server_counts_the_same(real_server: RealServer, name: str) -> None:
    session = Engine(real_server.profile).session()
    for line in SCRIPTS[name].strip().splitlines():
        ours, theirs = session.engine.keyspace.dirty, changes(real_server)
        session.execute([word.encode() for word in line.split()])
        real_server.execute(*line.split())
        assert session.engine.keyspace.dirty - ours == changes(real_server) - theirs, line


@versions
def test_restoring_is_one_change(real_server: RealServer) -> None:
    session = Engine(real_server.profile).session()
    real_server.execute("SET", "k", "v")
    payload = real_server.execute("DUMP", "k")
    for rest in ((b"0",), (b"0", b"REPLACE"), (b"10000", b"REPLACE"), (b"1", b"REPLACE", b"ABSTTL")):
        words = [b"RESTORE", b"copy", rest[0], payload, *rest[1:]]
        ours, theirs = session.engine.keyspace.dirty, changes(real_server)
        session.execute(words)
        real_server.execute(*words)
        assert session.engine.keyspace.dirty - ours == changes(real_server) - theirs, rest


def changes(server: RealServer) -> int:
    return int(server.info("persistence")["rdb_changes_since_last_save"])
