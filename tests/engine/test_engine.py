"""The engine as a whole: the same every time, sessions beside each other, what observers hear."""

from random import Random

import pytest

from rinspect.engine import Engine, Session
from rinspect.engine.events import (
    CommandEnded,
    CommandStarted,
    EncodingChanged,
    Event,
    Flushed,
    KeyChanged,
    KeyCreated,
)
from rinspect.engine.key_layout import key_layout
from rinspect.engine.layout import WHOLE
from rinspect.engine.profile import PROFILES
from rinspect.engine.replies import OK, CommandError, Reply, Status

every_profile = pytest.mark.parametrize("profile", PROFILES)

NAMES = [b"a", b"b", b"c", b"d"]


def commands(seed: int) -> list[list[bytes]]:
    """A few hundred commands by chance, whose answers depend on the engine's own chance, too."""
    chance = Random(seed)

    def word() -> bytes:
        return chance.choice(
            [b"%d" % chance.randrange(300), b"w%d" % chance.randrange(300), b"x" * chance.randrange(90)]
        )

    def words(count: int) -> list[bytes]:
        return [word() for _ in range(chance.randrange(1, count))]

    made: list[list[bytes]] = []
    for _ in range(400):
        name = chance.choice(NAMES)
        made.append(
            chance.choice(
                [
                    [b"SADD", b"s" + name, *words(80)],
                    [b"SPOP", b"s" + name],
                    [b"SPOP", b"s" + name, b"5"],
                    [b"SRANDMEMBER", b"s" + name, b"-3"],
                    [b"HSET", b"h" + name, *(w for text in words(80) for w in (text, word()))],
                    [b"HRANDFIELD", b"h" + name, b"2"],
                    [b"ZADD", b"z" + name, *(w for text in words(80) for w in (b"%d" % chance.randrange(50), text))],
                    [b"ZRANDMEMBER", b"z" + name, b"2"],
                    [b"RPUSH", b"l" + name, *words(200)],
                    [b"LREM", b"l" + name, b"2", word()],
                    [b"APPEND", b"t" + name, word()],
                    [b"EXPIRE", b"t" + name, b"100"],
                    [b"RANDOMKEY"],
                    [b"SCAN", b"0"],
                    [b"DEL", b"%c" % chance.choice(b"shzlt") + name],
                ]
            )
        )
    return made


class Ticking:
    """A millisecond passes whenever it is asked."""

    def __init__(self) -> None:
        self.now = 1_700_000_000_000_000

    def __call__(self) -> int:
        self.now += 1000
        return self.now


def lived(profile: str, seed: int, chance: int) -> tuple[list[Reply], list[object]]:
    """All answers, and what is there in the end: payloads and whole layouts."""
    engine = Engine(profile, clock=Ticking(), rng=Random(chance))
    session = engine.session()
    replies: list[Reply] = []
    for at, command in enumerate(commands(seed)):
        replies.append(session.execute(command))
        if not at % 50:
            engine.cron()
    ends: list[object] = []
    for kind in "shzlt":
        for name in NAMES:
            key = kind.encode() + name
            ends += [session.execute([b"DUMP", key]), key_layout(session.call.db, key, WHOLE)]
    return replies, ends


@every_profile
def test_the_same_again(profile: str) -> None:
    """Same version, clock, seed and commands: the same answers and the same memory, byte for byte and serial for serial."""
    assert lived(profile, 1, 7) == lived(profile, 1, 7)


def test_chance_is_the_seeds() -> None:
    one, other = lived("8.0", 1, 7), lived("8.0", 1, 8)
    assert one != other


def run(session: Session, line: str) -> Reply:
    return session.execute(line.encode().split())


def test_sessions_have_their_own_database_and_protocol() -> None:
    engine = Engine("8.0")
    one, other = engine.session(), engine.session()
    assert one.id != other.id
    run(one, "SELECT 3")
    other.call.resp = 3
    run(one, "SET k three")
    run(other, "SET k zero")
    assert (run(one, "GET k"), run(other, "GET k")) == (b"three", b"zero")
    run(one, "SADD s a")
    run(other, "SADD s a")
    assert run(one, "SMEMBERS s") == [b"a"]
    assert run(other, "SMEMBERS s") != [b"a"]
    run(other, "SWAPDB 0 3")
    assert (run(one, "GET k"), run(other, "GET k")) == (b"zero", b"three")
    run(one, "FLUSHDB")
    assert (run(one, "DBSIZE"), run(other, "DBSIZE")) == (0, 2)


def test_engines_share_nothing() -> None:
    one, other = Engine("8.0").session(), Engine("8.0").session()
    run(one, "SET k v")
    run(one, "CONFIG SET hash-max-listpack-entries 3")
    assert run(other, "EXISTS k") == 0
    assert run(other, "CONFIG GET hash-max-listpack-entries") == [b"hash-max-listpack-entries", b"512"]


def test_one_command_sees_one_moment() -> None:
    clock = Ticking()
    session = Engine("8.0", clock=clock).session()
    run(session, "SET k v PX 1")
    # Two looks at the key, and at most one millisecond gone between begin and end of the command before.
    assert session.execute([b"MGET", b"k", b"k"]) in ([b"v", b"v"], [None, None])
    assert run(session, "EXISTS k k k") in (0, 3)


def test_errors_are_answers() -> None:
    session = Engine("8.0").session()
    for line in ("NOTHING", "GET", "GET a b", "SET k v EX x", "CONFIG NOTHING", "LPUSH"):
        assert isinstance(run(session, line), CommandError), line
    run(session, "SET k v")
    answer = run(session, "LPUSH k x")
    assert answer == CommandError("WRONGTYPE Operation against a key holding the wrong kind of value")
    assert run(session, "get K") is None
    assert run(session, "gEt k") == b"v"


def test_words_of_clients_in_errors() -> None:
    for profile, quote in (("6.2", "`{}`"), ("8.0", "'{}'")):
        session = Engine(profile).session()
        answer = session.execute([b"x" * 200, b"a\r\nb", b"c\0d", b"y" * 300, b"z"])
        assert isinstance(answer, CommandError)
        assert quote.format("x" * 128) in answer.message
        assert quote.format("a  b") in answer.message
        assert quote.format("c") in answer.message
        assert "z" not in answer.message
        assert "\n" not in answer.message


def test_what_observers_hear() -> None:
    engine = Engine("8.0", clock=lambda: 5_000_000)
    session = engine.session()
    events: list[Event] = []
    observer = events.append
    engine.observe(observer)
    run(session, "SADD s 1")
    assert events == [
        CommandStarted(session.id, (b"SADD", b"s", b"1"), 5_000_000),
        KeyCreated(0, b"s"),
        KeyChanged(0, b"s"),
        CommandEnded(session.id, (b"SADD", b"s", b"1"), 5_000_000, False),
    ]
    events.clear()
    run(session, "SADD s word")
    (changed,) = [event for event in events if isinstance(event, EncodingChanged)]
    assert (changed.before, changed.after) == ("intset", "listpack")
    value = session.call.db.peek(b"s")
    assert value is not None
    assert changed.serial == value.own_serial()
    events.clear()
    run(session, "GET s")
    assert [type(event) for event in events] == [CommandStarted, CommandEnded]
    assert isinstance(events[-1], CommandEnded)
    assert events[-1].failed
    events.clear()
    run(session, "FLUSHALL")
    assert Flushed(0) in events
    engine.unobserve(observer)
    events.clear()
    assert run(session, "SET k v") == OK
    assert events == []


@every_profile
def test_every_command_is_compiled(profile: str) -> None:
    """With one word too few every command says so; without any it is still known."""
    session = Engine(profile).session()
    checked = 0
    for name, command in session.engine.commands.items():
        for sub in command.subcommands.values():
            assert sub.grammar.usage() is not None
        if not command.is_container and command.required > 1:
            checked += 1
            answer = session.execute([name, *[b"1"] * (command.required - 2)])
            assert answer == CommandError(f"ERR wrong number of arguments for '{name.decode().lower()}' command"), name
    assert checked > 90


def test_a_status_is_not_a_string() -> None:
    session = Engine("8.0").session()
    assert run(session, "SET k OK") == Status(b"OK")
    assert run(session, "GET k") == b"OK"
    assert run(session, "GET k") != OK


def test_a_command_that_is_missing_here_is_told_from_one_that_is_none() -> None:
    session = Engine().session()
    for words, why in (
        (
            [b"EVALSHA", b"c3f8", b"0"],
            "ERR unknown command 'EVALSHA', with args beginning with: 'c3f8' '0' (there are no scripts",
        ),
        (
            [b"psync", b"?", b"-1"],
            "ERR unknown command 'psync', with args beginning with: '?' '-1' (there is no replication",
        ),
    ):
        reply = session.execute(words)
        assert isinstance(reply, CommandError)
        assert reply.message.startswith(why)
    for profile, words in (("8.0", [b"EVALS"]), ("6.2", [b"FCALL", b"f", b"0"])):
        reply = Engine(profile).session().execute(words)
        assert isinstance(reply, CommandError)
        assert "here" not in reply.message
