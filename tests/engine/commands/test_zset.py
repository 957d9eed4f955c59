"""Commands on sorted sets: dialogues and random sequences, against servers; and what can be said without one."""

from random import Random

import pytest

from rinspect.engine import Engine, Session
from rinspect.engine.encodings.indexedzset import IndexedZset
from rinspect.engine.profile import PROFILES
from rinspect.engine.replies import NULL_ARRAY, CommandError, Double, Reply
from rinspect.engine.values.zset import ZsetValue
from tests.engine.both import Both, versions
from tests.real.servers import RealServer

every_profile = pytest.mark.parametrize("profile", list(PROFILES))


def open_session(profile: str = "8.0", *, skiplist: bool = False) -> Session:
    session = Engine(profile).session()
    if skiplist:
        name = b"zset-max-listpack-entries" if PROFILES[profile].listpack else b"zset-max-ziplist-entries"
        session.execute([b"CONFIG", b"SET", name, b"0"])
    return session


def run(session: Session, line: str) -> Reply:
    return session.execute([word.encode() for word in line.split()])


# -- without a server -----------------------------------------------------------------------------------------------------


@every_profile
@pytest.mark.parametrize("skiplist", [False, True])
def test_a_life(profile: str, skiplist: bool) -> None:
    session = open_session(profile, skiplist=skiplist)
    assert run(session, "ZADD z 3 c 1 a 2 b") == 3
    assert run(session, "ZADD z CH 1 a 5 b 4 d") == 2
    assert run(session, "ZRANGE z 0 -1 WITHSCORES") == [b"a", b"1", b"c", b"3", b"d", b"4", b"b", b"5"]
    assert run(session, "ZRANGE z -2 -1") == [b"d", b"b"]
    assert run(session, "ZRANGE z (1 4 BYSCORE") == [b"c", b"d"]
    assert run(session, "ZRANGE z 4 1 BYSCORE REV LIMIT 1 1") == [b"c"]
    assert run(session, "ZREVRANGE z 0 1") == [b"b", b"d"]
    assert run(session, "ZRANK z d") == 2
    assert run(session, "ZREVRANK z d") == 1
    assert run(session, "ZINCRBY z -3.5 d") == b"0.5"
    assert run(session, "ZCOUNT z -inf (3") == 2
    assert run(session, "ZPOPMIN z") == [b"d", b"0.5"]
    assert run(session, "ZREM z a nobody b") == 2
    assert run(session, "ZREMRANGEBYRANK z 0 -1") == 1
    assert run(session, "EXISTS z") == 0


@every_profile
@pytest.mark.parametrize("skiplist", [False, True])
def test_names_in_order(profile: str, skiplist: bool) -> None:
    session = open_session(profile, skiplist=skiplist)
    run(session, "ZADD z 0 a 0 b 0 c 0 d 0 e")
    assert run(session, "ZRANGEBYLEX z [b (d") == [b"b", b"c"]
    assert run(session, "ZREVRANGEBYLEX z + [c LIMIT 0 2") == [b"e", b"d"]
    assert run(session, "ZLEXCOUNT z - +") == 5
    assert run(session, "ZREMRANGEBYLEX z - (c") == 2
    assert run(session, "ZRANGE z + - BYLEX REV") == [b"e", b"d", b"c"]


def test_combining_by_weight() -> None:
    session = open_session()
    run(session, "ZADD a 1 x 2 y")
    run(session, "ZADD b 10 y 20 z")
    run(session, "SADD s y z")
    assert run(session, "ZUNION 2 a b WEIGHTS 2 0.5 WITHSCORES") == [b"x", b"2", b"y", b"9", b"z", b"10"]
    assert run(session, "ZINTER 3 a b s AGGREGATE MAX WITHSCORES") == [b"y", b"10"]
    assert run(session, "ZDIFF 2 b a") == [b"z"]
    assert run(session, "ZINTERCARD 2 b s LIMIT 1") == 1
    assert run(session, "ZUNIONSTORE d 2 a s") == 3
    assert run(session, "ZRANGE d 0 -1 WITHSCORES") == [b"x", b"1", b"z", b"1", b"y", b"3"]
    assert run(session, "ZDIFFSTORE d 2 a d") == 0
    assert run(session, "EXISTS d") == 0


def test_the_shapes_of_resp3() -> None:
    session = open_session()
    session.call.resp = 3
    run(session, "ZADD z 1 a 2.5 b 3 c")
    assert run(session, "ZSCORE z b") == Double(b"2.5")
    assert run(session, "ZRANGE z 0 1 WITHSCORES") == [[b"a", Double(b"1")], [b"b", Double(b"2.5")]]
    assert run(session, "ZRANK z b WITHSCORE") == [1, Double(b"2.5")]
    assert run(session, "ZPOPMAX z") == [b"c", Double(b"3")]
    assert run(session, "ZPOPMAX z 1") == [[b"b", Double(b"2.5")]]
    assert run(session, "BZPOPMIN none z 1") == [b"z", b"a", Double(b"1")]
    assert run(session, "BZPOPMIN none z 1") is NULL_ARRAY
    assert run(session, "ZMPOP 1 z MIN") is NULL_ARRAY


@pytest.mark.parametrize("skiplist", [False, True])
def test_random_members(skiplist: bool) -> None:
    session = open_session(skiplist=skiplist)
    members = {b"m%d" % number for number in range(60)}
    session.execute([b"ZADD", b"z", *(word for member in members for word in (b"1", member))])
    for count in (1, 5, 19, 40, 60, 100):
        drawn = run(session, f"ZRANDMEMBER z {count}")
        assert isinstance(drawn, list)
        assert len(drawn) == len({*drawn} & members) == min(count, 60)
    again = run(session, "ZRANDMEMBER z -500")
    assert isinstance(again, list)
    assert (len(again), {*again}) == (500, members)


@pytest.mark.parametrize("skiplist", [False, True])
def test_a_scan_finds_every_member_once(skiplist: bool) -> None:
    session = open_session(skiplist=skiplist)
    expected = {b"m%d" % number: b"%d" % number for number in range(100)}
    session.execute([b"ZADD", b"z", *(word for member, score in expected.items() for word in (score, member))])
    found: list[Reply] = []
    cursor = b"0"
    while True:
        reply = session.execute([b"ZSCAN", b"z", cursor, b"COUNT", b"7"])
        assert isinstance(reply, list)
        following, items = reply
        assert isinstance(following, bytes)
        assert isinstance(items, list)
        cursor = following
        found += items
        if cursor == b"0":
            break
    assert dict(zip(found[::2], found[1::2], strict=True)) == expected
    assert len(found) == 200


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("ZADD s 1 a", "WRONGTYPE Operation against a key holding the wrong kind of value"),
        ("ZADD z x a", "ERR value is not a valid float"),
        ("ZADD z 1 a 2", "ERR syntax error"),
        ("ZADD z NX XX 1 a", "ERR XX and NX options at the same time are not compatible"),
        ("ZADD z INCR 1 a 2 b", "ERR INCR option supports a single increment-element pair"),
        ("ZRANGE z 0 x", "ERR value is not an integer or out of range"),
        ("ZRANGEBYSCORE z 1 x", "ERR min or max is not a float"),
        ("ZRANGEBYLEX z a b", "ERR min or max not valid string range item"),
        ("ZMPOP 0 z MIN", "ERR numkeys should be greater than 0"),
        ("ZUNION 2 z", "ERR syntax error"),
        ("BZPOPMIN z -1", "ERR timeout is negative"),
    ],
)
def test_errors(line: str, message: str) -> None:
    session = open_session()
    run(session, "SET s v")
    assert run(session, line) == CommandError(message)
    assert run(session, "EXISTS z") == 0


# -- against servers ------------------------------------------------------------------------------------------------------

DIALOGUE = """
    SET s v
    ZADD z 1 a 2 b 3 c 0.1 d
    ZADD z 1 a b
    ZADD z x a
    ZADD z CH
    ZADD z NX CH
    ZADD z NX XX 1 a
    ZADD z NX GT 1 a
    ZADD z GT LT 1 a
    ZADD z INCR 1 a 2 b
    ZADD z GT CH 0 a 5 b
    ZADD z LT CH 0 a 6 b
    ZADD z XX INCR 1 nobody
    ZADD z NX INCR 1 a
    ZADD nokey XX 1 a
    ZADD s 1 a
    ZADD z 0x1p-1 hex
    ZADD z 1e-400 tiny
    ZINCRBY z NX a
    ZINCRBY z inf i
    ZINCRBY z -inf i
    ZINCRBY z 0.2 d
    ZSCORE nokey a
    ZMSCORE nokey a b
    ZRANK z a FOO
    ZRANK z a WITHSCORE
    ZRANK z nobody WITHSCORE
    ZREVRANK z a b c d
    ZCOUNT z ( 5
    ZCOUNT z "" 5
    ZCOUNT z 0x1 5
    ZCOUNT z 1e-400 1e400
    ZCOUNT z nan 5
    ZCOUNT z 1_0 5
    ZLEXCOUNT z a b
    ZLEXCOUNT z - +
    ZRANGE z 0 -1 LIMIT 0 1
    ZRANGE z 0 -1 LIMIT 0 -1
    ZRANGE z 0 -1 BYSCORE BYLEX
    ZRANGE z - + BYLEX WITHSCORES
    ZRANGE z 5 1 BYSCORE REV WITHSCORES LIMIT 0 2
    ZRANGEBYSCORE z -inf +inf LIMIT -1 2
    ZRANGEBYSCORE z 1 2 LIMIT 0
    ZREVRANGE z 0 -1 BYSCORE
    ZREVRANGE z 0 1 WITHSCORES
    ZRANGEBYLEX z - [
    ZRANGEBYLEX z -a +
    ZRANGESTORE d z 0 -1 WITHSCORES
    ZRANGESTORE d z 0 -1 LIMIT 1 2
    ZRANGESTORE d z 0 1
    ZRANGE d 0 -1 WITHSCORES
    ZRANGESTORE d nokey 0 1
    EXISTS d
    ZUNION 0 z
    ZUNION x z
    ZUNION 2 z s
    ZUNION 2 z z WEIGHTS 1
    ZUNION 2 z z WEIGHTS 1 x
    ZUNION 2 z z WEIGHTS inf 0 WITHSCORES
    ZUNION 1 z AGGREGATE foo
    ZUNION 1 z WITHSCORES WITHSCORES AGGREGATE MAX AGGREGATE MIN
    ZUNIONSTORE d 0 z
    ZUNIONSTORE d 1 z WITHSCORES
    ZINTERSTORE d 2 z nokey
    ZDIFF 1 z WEIGHTS 1
    ZDIFFSTORE d 2 z z
    ZINTERCARD 0 z
    ZINTERCARD 1 z LIMIT -1
    ZINTERCARD 1 z LIMIT x
    ZINTERCARD 1 z LIMIT 2
    ZRANDMEMBER z x
    ZRANDMEMBER z 1 FOO
    ZRANDMEMBER z 100 WITHSCORES
    ZRANDMEMBER z -9223372036854775808
    ZRANDMEMBER z 9223372036854775807 WITHSCORES
    ZRANDMEMBER nokey
    ZRANDMEMBER nokey 2
    ZREMRANGEBYRANK z a b
    ZREMRANGEBYSCORE z a b
    ZREMRANGEBYLEX z a b
    ZPOPMIN z -1
    ZPOPMIN z x
    ZPOPMIN nokey x
    ZPOPMIN z 0
    ZPOPMIN z 1 2
    BZPOPMIN z x
    BZPOPMIN z -1
    BZPOPMIN z inf
    BZPOPMIN z 1e30
    BZPOPMIN z nan
    BZPOPMAX nokey z 1
    ZMPOP 0 z MIN
    ZMPOP x z MIN
    ZMPOP 1 z FOO
    ZMPOP 3 z MIN
    ZMPOP 1 nokey MIN
    ZMPOP 1 z MIN COUNT 0
    ZMPOP 1 z MIN COUNT x
    ZMPOP 1 z MIN COUNT 2 COUNT 3
    ZMPOP 2 nokey z MAX COUNT 2
    BZMPOP 0.01 2 nokey z MIN
    BZMPOP x 2 nokey z MIN
    ZPOPMAX z 10
    EXISTS z
"""


@versions
@pytest.mark.parametrize("resp3", [False, True])
def test_a_server_says_the_same(real_server: RealServer, resp3: bool) -> None:
    both = Both(real_server)
    if resp3:
        both.resp3()
    both.run(DIALOGUE)


class Player:
    """Makes up commands, mostly sensible ones, on a handful of keys."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)

    def key(self) -> bytes:
        return self.rng.choice([b"a", b"b", b"c", b"set"]) if self.rng.random() < 0.97 else b"none"

    def member(self) -> bytes:
        return self.rng.choice([b"m%d" % self.rng.randrange(30), b"%d" % self.rng.randrange(-3, 300), b"", b"x" * 65])

    def score(self) -> bytes:
        known = [b"inf", b"-inf", b"-0", b"0", b"0.1", b"1e17", b"3.0", b"1e-7"]
        return self.rng.choice([*known, b"%d" % self.rng.randrange(-5, 9), b"%.1f" % self.rng.uniform(-3, 9)])

    def edge(self) -> bytes:
        return self.rng.choice([b"", b"("]) + self.score()

    def place(self) -> bytes:
        return b"%d" % self.rng.choice([0, 0, 1, 2, 5, -1, -1, -2, -10, 100])

    def limit(self) -> list[bytes]:
        return [b"LIMIT", self.place(), self.place()] if self.rng.random() < 0.5 else []

    def some(self, *options: bytes) -> list[bytes]:
        return [option for option in options if self.rng.random() < 0.3]

    def keys(self) -> tuple[list[bytes], list[bytes]]:
        """Number and keys; and weights and the like for them."""
        keys = [self.key() for _ in range(self.rng.randrange(1, 4))]
        options = [b"WEIGHTS", *(self.score() for _ in keys)] if self.rng.random() < 0.5 else []
        options += [b"AGGREGATE", self.rng.choice([b"SUM", b"MIN", b"max"])] if self.rng.random() < 0.5 else []
        return [b"%d" % len(keys), *keys], options

    def command(self) -> list[bytes]:
        keys, options = self.keys()
        pairs = [word for _ in range(self.rng.randrange(1, 6)) for word in (self.score(), self.member())]
        return self.rng.choice(
            [
                [b"ZADD", self.key(), *pairs],
                [b"ZADD", self.key(), *self.some(b"NX", b"XX", b"GT", b"LT", b"CH", b"INCR"), *pairs],
                [b"ZINCRBY", self.key(), self.score(), self.member()],
                [b"ZREM", self.key(), self.member(), self.member()],
                [b"ZMSCORE", self.key(), self.member(), self.member()],
                [self.rng.choice([b"ZRANK", b"ZREVRANK"]), self.key(), self.member()],
                [b"ZCOUNT", self.key(), self.edge(), self.edge()],
                [b"ZRANGE", self.key(), self.place(), self.place(), *self.some(b"REV", b"WITHSCORES")],
                [b"ZRANGE", self.key(), self.edge(), self.edge(), b"BYSCORE", *self.some(b"REV"), *self.limit()],
                [b"ZREVRANGEBYSCORE", self.key(), self.edge(), self.edge(), *self.limit()],
                [b"ZRANGESTORE", self.key(), self.key(), self.place(), self.place(), *self.some(b"REV")],
                [self.rng.choice([b"ZPOPMIN", b"ZPOPMAX"]), self.key(), self.place()],
                [b"ZREMRANGEBYRANK", self.key(), self.place(), self.place()],
                [b"ZREMRANGEBYSCORE", self.key(), self.edge(), self.edge()],
                [self.rng.choice([b"ZUNION", b"ZINTER"]), *keys, *options, b"WITHSCORES"],
                [self.rng.choice([b"ZUNIONSTORE", b"ZINTERSTORE"]), self.key(), *keys, *options],
                [b"ZDIFF", *keys, *self.some(b"WITHSCORES")],
                [b"ZDIFFSTORE", self.key(), *keys],
                [b"ZINTERCARD", *keys],
                [b"SADD", b"set", self.member(), self.member()],
                [b"DEL", self.key()],
            ]
        )


@versions
@pytest.mark.parametrize("entries", [10, 128])
@pytest.mark.parametrize("resp3", [False, True])
def test_random_commands(real_server: RealServer, entries: int, resp3: bool) -> None:
    both = Both(real_server)
    name = b"zset-max-ziplist-entries" if real_server.profile == "6.2" else b"zset-max-listpack-entries"
    both.execute(b"CONFIG", b"SET", name, b"%d" % entries)
    if resp3:
        both.resp3()
    player = Player(entries)
    for _ in range(600):
        both.execute(*player.command())
    for key in (b"a", b"b", b"c"):
        both.encoding(key)


def _names(rng: Random) -> bytes:
    edge = rng.choice([b"-", b"+", b"[", b"("])
    return edge if edge in (b"-", b"+") else edge + rng.choice([b"", b"a", b"ab", b"b", b"c", b"zz"])


@versions
@pytest.mark.parametrize("entries", [0, 128])
def test_ranges_by_name(real_server: RealServer, entries: int) -> None:
    both = Both(real_server)
    name = b"zset-max-ziplist-entries" if real_server.profile == "6.2" else b"zset-max-listpack-entries"
    both.execute(b"CONFIG", b"SET", name, b"%d" % entries)
    rng = Random(8)
    for _ in range(300):
        members = [word for member in (b"", b"a", b"aa", b"ab", b"b", b"c", b"d") for word in (b"0", member)]
        both.execute(b"ZADD", b"z", *members)
        both.execute(b"ZLEXCOUNT", b"z", _names(rng), _names(rng))
        limit = [b"LIMIT", b"%d" % rng.randrange(-3, 5), b"%d" % rng.randrange(-1, 4)] if rng.random() < 0.5 else []
        both.execute(rng.choice([b"ZRANGEBYLEX", b"ZREVRANGEBYLEX"]), b"z", _names(rng), _names(rng), *limit)
        both.execute(b"ZREMRANGEBYLEX", b"z", _names(rng), _names(rng))


@versions
def test_the_dict_has_as_many_buckets(real_server: RealServer) -> None:
    """After conversions, unions and removals, once a rehash has ended: how many steps that takes hangs on hash seeds."""
    both = Both(real_server)

    def check(*keys: bytes) -> None:
        for key in keys:
            both.execute(b"ZMSCORE", key, *[b"?"] * 2000)
            value = both.session.call.db.peek(key)
            assert isinstance(value, ZsetValue)
            assert isinstance(value.body, IndexedZset)
            [size] = [len(table) for table in value.body.table.tables if table]
            words = [] if real_server.version < (7, 2) else ["full"]
            text = real_server.execute("DEBUG", "HTSTATS-KEY", key, *words).decode()
            assert text.count("table size: ") == 1, key
            assert f"table size: {size}\n" in text, key

    for number in range(130):
        both.execute(b"ZADD", b"grown", b"%d" % number, b"m%d" % number)
        both.execute(b"ZADD", b"other", b"%d" % number, b"m%d" % (number + 100))
    pairs = [word for number in range(300) for word in (b"1", b"n%d" % number)]
    both.execute(b"ZADD", b"atonce", *pairs)
    both.execute(b"ZUNIONSTORE", b"union", b"3", b"grown", b"other", b"atonce")
    both.execute(b"ZINTERSTORE", b"inter", b"2", b"atonce", b"union")
    both.execute(b"ZDIFFSTORE", b"diff", b"2", b"union", b"grown")
    both.execute(b"ZDIFFSTORE", b"diff4", b"5", b"other", b"union", b"atonce", b"atonce", b"grown")
    both.execute(b"ZDIFFSTORE", b"removed", b"5", b"union", b"grown", b"other", b"none", b"none")
    both.execute(b"ZRANGESTORE", b"range", b"union", b"0", b"-1")
    both.execute(b"COPY", b"union", b"copy")
    check(b"grown", b"other", b"atonce", b"union", b"inter", b"diff", b"removed", b"range", b"copy")
    both.execute(b"ZREMRANGEBYRANK", b"union", b"0", b"-20")
    both.execute(b"ZREM", b"atonce", *pairs[21::2])
    both.execute(b"ZPOPMIN", b"copy", b"420")
    check(b"union", b"atonce", b"copy")
