"""What a command's look-ups leave behind: hits, misses, and uses, which an LFU policy without chance counts exactly."""

from rinspect.engine import Engine
from rinspect.engine.events import KeyCreated, KeyMissed
from tests.engine.both import Both, plain, versions
from tests.real.servers import RealServer

SETUP = """
    SET s value
    SET n 10
    RPUSH l a b c
    SADD t 1 2 3
    SADD u 2 3 word
    ZADD z 1 a 2 b 3 c
    HSET h f 1 g 2
    GEOADD g 13.361389 38.115556 Palermo
    PFADD p a b
    SET e v EX 1000
"""
KEYS = (b"s", b"n", b"l", b"t", b"u", b"z", b"h", b"g", b"p", b"e", b"d")

COMMANDS = """
    GET s|GET no|GET l|MGET s no n|GETRANGE s 0 1|STRLEN s|STRLEN no|LCS s n|LCS s no
    SET s x|SET no x|SET s x NX|SET no x NX|SET s x XX|SET no x XX|SET s x GET|SET s x KEEPTTL|SETNX s x|SETNX no x
    SETEX s 10 x|PSETEX s 10000 x|GETSET s x|GETSET no x|GETDEL s|GETDEL no|GETEX s|GETEX no|GETEX s EX 10|GETEX e PERSIST
    MSET s x no y|MSETNX s x no y|MSETNX no x yes y|APPEND s x|APPEND no x|SETRANGE s 1 x|SETRANGE no 1 x
    INCR n|INCR no|INCRBYFLOAT n 1|DECRBY no 2|SETBIT s 1 1|SETBIT no 1 1|GETBIT s 1|GETBIT no 1|BITCOUNT s|BITCOUNT no
    BITCOUNT s 0 1|BITPOS s 1|BITPOS no 1|BITOP AND d s n|BITOP OR d s no|BITFIELD s GET u4 0|BITFIELD s SET u4 0 1
    BITFIELD no GET u4 0|BITFIELD_RO s GET u4 0
    LPUSH l x|LPUSH no x|LPUSHX l x|LPUSHX no x|RPUSH l x|LPOP l|LPOP no|RPOP l 2|LPOP no 2|LLEN l|LLEN no|LINDEX l 0
    LRANGE l 0 -1|LRANGE no 0 1|LPOS l a|LSET l 0 x|LSET no 0 x|LINSERT l BEFORE a x|LINSERT no BEFORE a x|LREM l 0 a
    LTRIM l 0 1|LTRIM no 0 1|RPOPLPUSH l d|RPOPLPUSH no d|LMOVE l l LEFT RIGHT|BLPOP l 1|LMPOP 2 no l LEFT
    SADD t 9|SADD no 9|SREM t 1|SREM no 1|SISMEMBER t 1|SISMEMBER no 1|SMISMEMBER t 1 9|SCARD t|SCARD no|SMEMBERS t
    SMOVE t u 1|SMOVE no u 1|SMOVE t no 1|SPOP t|SPOP no|SPOP t 2|SRANDMEMBER t|SRANDMEMBER no|SRANDMEMBER t 2
    SINTER t u|SINTER t no|SUNION t no|SDIFF t u|SINTERSTORE d t u|SINTERSTORE d t no|SUNIONSTORE d t u|SDIFFSTORE d t no
    SINTERCARD 2 t u|SSCAN t 0
    ZADD z 9 x|ZADD no 9 x|ZADD z XX CH 9 a|ZADD z INCR 1 a|ZINCRBY z 1 a|ZINCRBY no 1 a|ZREM z a|ZREM no a|ZCARD z
    ZCARD no|ZSCORE z a|ZSCORE no a|ZMSCORE z a b|ZRANK z a|ZREVRANK no a|ZRANGE z 0 -1|ZRANGE z 0 9 BYSCORE
    ZRANGE no 0 1|ZRANGEBYSCORE z 0 9|ZRANGESTORE d z 0 -1|ZRANGESTORE d no 0 -1|ZCOUNT z 0 9|ZLEXCOUNT z - +
    ZREMRANGEBYRANK z 0 1|ZREMRANGEBYSCORE z 0 1|ZREMRANGEBYSCORE no 0 1|ZPOPMIN z|ZPOPMAX no|ZPOPMIN z 2|BZPOPMIN z 1
    ZMPOP 2 no z MIN|ZRANDMEMBER z|ZRANDMEMBER no|ZRANDMEMBER z 2|ZUNION 2 z no|ZINTER 2 z t|ZDIFF 2 z t
    ZUNIONSTORE d 2 z no|ZINTERSTORE d 2 z t|ZDIFFSTORE d 2 z t|ZINTERCARD 2 z t|ZSCAN z 0
    HSET h f 2|HSET no f 2|HMSET h f 2|HSETNX h f 2|HSETNX no f 2|HGET h f|HGET no f|HMGET h f x|HMGET no f|HDEL h f|HDEL no f
    HLEN h|HLEN no|HSTRLEN h f|HEXISTS h f|HKEYS h|HVALS no|HGETALL h|HINCRBY h f 1|HINCRBY no f 1|HINCRBYFLOAT h f 1
    HRANDFIELD h|HRANDFIELD no|HRANDFIELD h 2|HSCAN h 0|HEXPIRE h 100 FIELDS 1 f|HEXPIRE no 100 FIELDS 1 f
    HTTL h FIELDS 1 f|HTTL no FIELDS 1 f|HPERSIST h FIELDS 1 f|HGETDEL h FIELDS 1 f|HGETEX h FIELDS 1 f
    HSETEX h FIELDS 1 f v|HSETEX no FIELDS 1 f v
    GEOADD g 15.087269 37.502669 Catania|GEOPOS g Palermo|GEODIST g Palermo Palermo|GEOHASH g Palermo|GEOPOS no x
    GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km|GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 200 km
    GEOSEARCH no FROMMEMBER x BYRADIUS 200 km|GEORADIUS g 15 37 200 km STORE d|GEORADIUSBYMEMBER_RO no x 200 km
    PFADD p c|PFADD no c|PFCOUNT p|PFCOUNT no|PFCOUNT p no|PFMERGE d p|PFMERGE p no|PFDEBUG TODENSE p|PFDEBUG DECODE no
    DEL s|DEL no|UNLINK s no|EXISTS s no s|TYPE s|TYPE no|TTL s|TTL no|PTTL e|EXPIRETIME e|TOUCH s no n|OBJECT ENCODING s
    OBJECT FREQ s|OBJECT REFCOUNT no|EXPIRE s 100|EXPIRE no 100|EXPIRE s 100 NX|PERSIST e|PERSIST s|PERSIST no
    RENAME s d|RENAME no d|RENAME s n|RENAMENX s d|RENAMENX s n|RENAMENX no n|MOVE s 1|MOVE no 1|COPY s d|COPY no d|COPY s n
    COPY s n REPLACE|DUMP s|DUMP no|RANDOMKEY|DBSIZE|SCAN 0 COUNT 100|SCAN 0 COUNT 100 TYPE string|KEYS *|SORT l ALPHA
    SORT no|SORT l ALPHA STORE d|SORT t BY x* GET s*|SORT_RO l ALPHA|MEMORY USAGE s|DEBUG OBJECT s
"""


def left_behind(both: Both, line: str) -> tuple[object, object]:
    """(hits, misses, LFU counters of the keys) after the command: the engine's and the server's."""
    both.run("FLUSHALL" + SETUP)
    stats = both.session.engine.runtime.stats
    before, real_before = (stats.keyspace_hits, stats.keyspace_misses), hits_and_misses(both.server)
    words = [word.encode() for word in line.split()]
    both.session.execute(words)
    both.server.execute(*words)
    after, real_after = (stats.keyspace_hits, stats.keyspace_misses), hits_and_misses(both.server)
    asked = [(b"OBJECT", b"FREQ", key) for key in KEYS]
    ours = [plain(both.session.execute(question)) for question in asked]
    theirs = [plain(both.server.execute(*question)) for question in asked]
    return (
        (after[0] - before[0], after[1] - before[1], *ours),
        (real_after[0] - real_before[0], real_after[1] - real_before[1], *theirs),
    )


def hits_and_misses(server: RealServer) -> tuple[int, int]:
    stats = server.info("stats")
    return int(stats["keyspace_hits"]), int(stats["keyspace_misses"])


@versions
def test_hits_misses_and_uses_are_the_servers(real_server: RealServer) -> None:
    both = Both(real_server)
    # (Without decay, which would come at a full minute.)
    both.run("CONFIG SET maxmemory-policy allkeys-lfu\nCONFIG SET lfu-log-factor 0\nCONFIG SET lfu-decay-time 0")
    both.run("CONFIG SET maxmemory 1gb")  # small integers are not shared then
    known = both.session.engine.commands
    lines = [line for part in COMMANDS.splitlines() for line in part.strip().split("|")]
    lines = [line for line in lines if line and line.split()[0].encode() in known]
    different = {}
    for line in lines:
        ours, theirs = left_behind(both, line)
        if ours != theirs:
            different[line] = ours, theirs
    assert different == {}
    assert len(lines) > 150


def test_misses_and_new_keys_are_told() -> None:
    session = Engine("8.0").session()
    events: list[object] = []
    session.engine.observe(events.append)
    for line in ("GET k", "SET k 1", "SET k 2", "INCR n", "OBJECT ENCODING no", "TTL no"):
        session.execute([word.encode() for word in line.split()])
    told = [event for event in events if isinstance(event, KeyMissed | KeyCreated)]
    assert told == [KeyMissed(0, b"k"), KeyCreated(0, b"k"), KeyCreated(0, b"n"), KeyMissed(0, b"no")]
