"""SLOWLOG: what is kept of a command that took long, and what is not."""

import pytest

from rinspect.engine.server.extent import Extent
from rinspect.engine.server.slowlog import MAX_NEIGHBOURS, SlowEntry
from tests.engine.both import plain, versions
from tests.engine.server.hosted import Hosted
from tests.real.servers import RealServer

SECRETS = """
AUTH a b c d
AUTH a b
HELLO 2 AUTH a b
HELLO 2 AUTH a
HELLO 2 AUTH AUTH AUTH
HELLO 2 SETNAME x AUTH a b
HELLO 3 FOO AUTH a b
CONFIG SET masterauth x
CONFIG SET MasterUser x
CONFIG SET foo bar
MIGRATE 127.0.0.1 1 nothing 0 1 AUTH a
MIGRATE 127.0.0.1 1 nothing 0 1 COPY AUTH2 a b REPLACE
MIGRATE 127.0.0.1 1 k 0 1 AUTH2 a AUTH b
MIGRATE 127.0.0.1 1 AUTH 0 1 FOO AUTH b
MIGRATE 127.0.0.1 1 nothing 0 1 KEYS AUTH b
SADD k 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28
SADD k 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29
SADD k 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30
SADD k 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
MULTI
INCR n
EXEC
PING
"""


@versions
def test_entries_are_the_servers(real_server: RealServer) -> None:
    lines = [line.split() for line in SECRETS.strip().splitlines()]
    lines += [["SET", "k", "v" * length] for length in (127, 128, 129, 5000)]
    with Hosted(real_server.profile) as hosted:
        for side in (hosted, real_server):
            side.execute("SLOWLOG", "RESET")
            side.execute("CONFIG", "SET", "slowlog-log-slower-than", 0)
            for line in lines:
                side.execute(*line)
            side.execute("CONFIG", "SET", "slowlog-log-slower-than", -1)
            side.execute("AUTH", "wrong")
        ours, theirs = hosted.execute("SLOWLOG", "GET", -1), real_server.execute("SLOWLOG", "GET", -1)
        assert [entry[3] for entry in ours] == [entry[3] for entry in theirs]
        assert len(ours) == hosted.execute("SLOWLOG", "LEN") > len(lines) - 2
        assert [entry[0] for entry in ours] == list(reversed(range(len(ours))))


@versions
def test_answers_are_the_servers(real_server: RealServer) -> None:
    with Hosted(real_server.profile) as hosted:
        for line in ("HELP", "GET -5", "GET x", "GET 1 2", "FOO", "LEN", "LEN x", "GET 0", "RESET", "GET"):
            words = ["SLOWLOG", *line.split()]
            assert plain(hosted.execute(*words)) == plain(real_server.execute(*words)), line


def test_an_entry_tells_who_and_how_long() -> None:
    with Hosted() as hosted:
        hosted.execute("CLIENT", "SETNAME", "slow one")
        hosted.execute("CLIENT", "SETNAME", "me")
        hosted.execute("CONFIG", "SET", "slowlog-log-slower-than", 100_000)
        hosted.execute("PING")
        assert hosted.execute("SLOWLOG", "LEN") == 0
        take(hosted, 100)
        assert hosted.execute("SLOWLOG", "GET") == [
            [0, 1_700_000_000, 100_000, [b"PING"], hosted.user.client.address.encode(), b"me"]
        ]


def take(hosted: Hosted, milliseconds: int) -> None:
    """Have a PING take so long."""
    command = hosted.engine.commands[b"PING"]
    quick = command.handler

    def slow(*words: object) -> object:
        hosted.clock.advance(milliseconds)
        return quick(*words)

    command.handler = slow  # type: ignore[assignment]
    hosted.execute("PING")
    command.handler = quick


def test_the_length_is_kept() -> None:
    with Hosted() as hosted:
        hosted.execute("CONFIG", "SET", "slowlog-log-slower-than", 0, "slowlog-max-len", 10)
        for _ in range(20):
            hosted.execute("PING")
        assert hosted.execute("SLOWLOG", "LEN") == 10
        assert len(hosted.execute("SLOWLOG", "GET", 5)) == 5
        hosted.execute("CONFIG", "SET", "slowlog-max-len", 2)
        assert hosted.execute("SLOWLOG", "LEN") == 2


def test_what_waits_is_noted_when_it_is_done() -> None:
    with Hosted() as hosted:
        hosted.execute("CONFIG", "SET", "slowlog-log-slower-than", 0)
        other = hosted.another()
        other.execute("BLPOP", "k", 0)
        entries = hosted.server.slow_log.entries
        assert not [entry for entry in entries if entry.argv[0] == b"BLPOP"]
        hosted.execute("RPUSH", "k", "v")
        assert len([entry for entry in entries if entry.argv[0] == b"BLPOP"]) == 1


def test_who_waited_behind_is_known() -> None:
    with Hosted() as hosted:
        others = [hosted.another() for _ in range(3)]
        hosted.execute("CONFIG", "SET", "slowlog-log-slower-than", 0)
        told: list[SlowEntry] = []
        hosted.server.slow_log.listeners.append(told.append)
        for user in others:
            user.send("PING")
        hosted.go_round()
        numbers = [entry.client for entry in told]
        assert sorted(numbers) == [user.client.id for user in others]
        assert {entry.around.iteration for entry in told} == {told[0].around.iteration}
        assert told[0].around.phase == "file events"
        assert [[one.id for one in entry.around.before] for entry in told] == [[], numbers[:1], numbers[:2]]
        assert [[one.id for one in entry.around.behind] for entry in told] == [numbers[1:], numbers[2:], []]
        assert [entry.around.waiting for entry in told] == [2, 1, 0]


def test_of_many_behind_only_some_are_named() -> None:
    with Hosted() as hosted:
        others = [hosted.another() for _ in range(MAX_NEIGHBOURS + 10)]
        hosted.execute("CONFIG", "SET", "slowlog-log-slower-than", 0)
        told: list[SlowEntry] = []
        hosted.server.slow_log.listeners.append(told.append)
        for user in others:
            user.send("PING")
        hosted.go_round()
        assert (len(told[0].around.behind), told[0].around.waiting) == (MAX_NEIGHBOURS, len(others) - 1)
        assert (len(told[-1].around.before), told[-1].around.waiting) == (MAX_NEIGHBOURS, 0)


def test_only_clients_wait_behind() -> None:
    """Another thread that wakes the loop does not, nor does who asks to be let in."""
    with Hosted() as hosted:
        hosted.execute("CONFIG", "SET", "slowlog-log-slower-than", 0)
        told: list[SlowEntry] = []
        hosted.server.slow_log.listeners.append(told.append)
        hosted.user.send("PING")
        hosted.server.loop.submit(lambda: None)
        hosted.go_round()
        (entry,) = told
        assert (entry.around.behind, entry.around.waiting) == ((), 0)


def test_names_stay_when_their_clients_go() -> None:
    with Hosted() as hosted:
        others = [hosted.another() for _ in range(2)]
        for number, user in enumerate(others):
            user.execute("CLIENT", "SETNAME", f"worker-{number}")
        hosted.execute("CONFIG", "SET", "slowlog-log-slower-than", 0)
        told: list[SlowEntry] = []
        hosted.server.slow_log.listeners.append(told.append)
        for user in others:
            user.send("PING")
        hosted.go_round()
        first = told[0]
        for user in others:
            user.socket.close()
        hosted.go_round()
        assert not any(user.connected for user in others)
        assert [one.name for one in first.around.behind] == [b"worker-1" if first.name == b"worker-0" else b"worker-0"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("KEYS x*", Extent(5, "keys", 0, None, True)),
        ("RPOP l", Extent(9, "elements", 0, b"l")),
        ("LRANGE l 2 4", Extent(3, "elements", 0, b"l", True)),
        ("LRANGE l -3 100", Extent(3, "elements", 0, b"l", True)),
        ("LRANGE l 100 200", Extent(0, "elements", 0, b"l", True)),
        ("LRANGE l x 2", Extent(10, "elements", 0, b"l")),
        ("SMEMBERS s", Extent(3, "members", 0, b"s", True)),
        ("HGETALL h", Extent(2, "fields", 0, b"h", True)),
        ("HGET h a", Extent(2, "fields", 0, b"h")),
        ("ZRANGE z 0 -1 WITHSCORES", Extent(2, "members", 0, b"z", True)),
        ("ZRANGE z 1 1 BYSCORE", Extent(2, "members", 0, b"z")),
        ("GET t", None),
        ("DEL l", None),
        ("PING", None),
    ],
)
def test_what_a_command_went_through(line: str, expected: Extent | None) -> None:
    with Hosted() as hosted:
        for words in ("RPUSH l 0 1 2 3 4 5 6 7 8 9", "SADD s a b c", "HSET h a 1 b 2", "ZADD z 1 a 2 b", "SET t x"):
            hosted.execute(*words.split())
        hosted.execute("CONFIG", "SET", "slowlog-log-slower-than", 0)
        hosted.execute(*line.split())
        assert hosted.server.slow_log.entries[0].extent == expected


@pytest.mark.parametrize("slower", [0, 100, 255, 256, 5000])
def test_the_limit_is_exact(slower: int) -> None:
    with Hosted() as hosted:
        hosted.execute("CONFIG", "SET", "slowlog-log-slower-than", -1)
        hosted.engine.runtime.config.set([("slowlog-log-slower-than", str(slower))])
        hosted.server.slow_log.clear()
        session = hosted.engine.session()
        for took in (slower - 1, slower, slower + 1):
            clock = iter([0, max(0, took)])
            hosted.engine.runtime.ticks = lambda clock=clock: next(clock) * 1000  # type: ignore[misc]
            session.execute([b"PING"])
        assert sorted(entry.took for entry in hosted.server.slow_log.entries) == [
            *([0] * (not slower)),
            slower,
            slower + 1,
        ]
