"""Keys and fields that expire: when they are come across, and by the cron, under a clock that the test moves."""

from random import Random

import pytest

from rinspect.engine import Engine, Session
from rinspect.engine.events import Event, ExpireCycleEnded, KeyChanged, KeyExpired
from rinspect.engine.profile import PROFILES
from rinspect.engine.replies import OK

every_profile = pytest.mark.parametrize("profile", PROFILES)
with_fields = pytest.mark.parametrize("profile", ["7.4", "8.0"])


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1_700_000_000_000_000

    def __call__(self) -> int:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += round(seconds * 1_000_000)


def opened(profile: str) -> tuple[Session, Clock]:
    clock = Clock()
    return Engine(profile, clock=clock, rng=Random(1)).session(), clock


def run(session: Session, line: str) -> object:
    return session.execute(line.encode().split())


# -- lazily ---------------------------------------------------------------------------------------------------------------


@every_profile
@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        ("SET k v EX 10", 10),
        ("SET k v PX 1500", 1.5),
        ("SET k v EXAT 1700000010", 10),
        ("SET k v PXAT 1700000000500", 0.5),
        ("SETEX k 3 v", 3),
        ("PSETEX k 20 v", 0.02),
    ],
)
def test_a_key_lives_through_its_last_millisecond(profile: str, line: str, seconds: float) -> None:
    session, clock = opened(profile)
    assert run(session, line) == OK
    assert run(session, "PTTL k") == round(seconds * 1000)
    clock.move(seconds)
    assert (run(session, "GET k"), run(session, "PTTL k")) == (b"v", 0)
    clock.move(0.001)
    assert (run(session, "GET k"), run(session, "PTTL k")) == (None, -2)


@every_profile
def test_whoever_comes_across_it_removes_it(profile: str) -> None:
    for line in (
        "GET k",
        "TYPE k",
        "TTL k",
        "EXISTS k",
        "OBJECT ENCODING k",
        "DUMP k",
        "APPEND k x",
        "RANDOMKEY",
    ):
        session, clock = opened(profile)
        run(session, "SET k v EX 1")
        clock.move(1.001)
        assert run(session, "DBSIZE") == 1
        run(session, line)
        assert run(session, "DBSIZE") == int(line == "APPEND k x"), line
        assert run(session, "TTL k") == (-1 if line == "APPEND k x" else -2)


@every_profile
def test_keys_passes_it_over_and_leaves_it(profile: str) -> None:
    session, clock = opened(profile)
    run(session, "SET k v EX 1")
    clock.move(1.001)
    assert run(session, "KEYS *") == []
    assert run(session, "DBSIZE") == 1


@every_profile
def test_writing_to_an_expired_key_begins_anew(profile: str) -> None:
    for line in ("RPUSH k a", "SADD k a", "HSET k a 1", "ZADD k 1 a", "SETRANGE k 0 a", "INCR k", "SETBIT k 1 1"):
        session, clock = opened(profile)
        run(session, "SET k something-else EX 1")
        clock.move(2)
        run(session, line)
        assert run(session, "TTL k") == -1, line
        assert run(session, "EXISTS k") == 1


@every_profile
def test_a_moment_that_has_passed_deletes_at_once(profile: str) -> None:
    for line in ("EXPIRE k 0", "EXPIRE k -5", "PEXPIRE k -1", "EXPIREAT k 1", "PEXPIREAT k 1699999999999"):
        session, _ = opened(profile)
        run(session, "SET k v")
        assert run(session, line) == 1
        assert run(session, "DBSIZE") == 0, line


@every_profile
def test_what_takes_the_expiry_away_and_what_keeps_it(profile: str) -> None:
    for line, kept in (
        ("SET k w", False), ("GETSET k w", False), ("PERSIST k", False), ("SET k w KEEPTTL", True), ("APPEND k w", True),
        ("INCRBYFLOAT k 1", True), ("SETRANGE k 0 w", True), ("COPY k k2", True), ("RENAME k k2", True),
    ):  # fmt: skip
        session, clock = opened(profile)
        run(session, "SET k 1 EX 100")
        run(session, line)
        clock.move(0.001)
        left = run(session, "PTTL k2" if "k2" in line else "PTTL k")
        assert left == (99_999 if kept else -1), line


def heard(session: Session) -> list[Event]:
    events: list[Event] = []
    session.engine.observe(events.append)
    return events


def test_it_is_told() -> None:
    session, clock = opened("8.0")
    run(session, "SET k v EX 1")
    run(session, "SET l v EX 1")
    events = heard(session)
    clock.move(2)
    run(session, "GET k")
    session.engine.cron()
    expired = [event for event in events if isinstance(event, KeyExpired)]
    assert expired == [KeyExpired(0, b"k", True), KeyExpired(0, b"l", False)]


# -- by the cron ----------------------------------------------------------------------------------------------------------


@every_profile
def test_the_cron_removes_what_is_due_in_all_databases(profile: str) -> None:
    session, clock = opened(profile)
    for number in range(3):
        run(session, f"SELECT {number}")
        for n in range(50):
            run(session, f"SET due:{n} v EX {1 + n % 5}")
            run(session, f"SET later:{n} v EX 1000")
            run(session, f"SET never:{n} v")
    assert session.engine.cron() == 0
    clock.move(6)
    gone = 0
    for _ in range(40):
        gone += session.engine.cron()
    for number in range(3):
        run(session, f"SELECT {number}")
        left = run(session, "DBSIZE")
        assert isinstance(left, int)
        gone += left
        # It stops while a few of what is due are left: a round ends where a sample has hardly any.
        assert 100 <= left <= 115
    assert gone == 450


@every_profile
def test_a_round_without_anything_due_touches_nothing(profile: str) -> None:
    session, clock = opened(profile)
    for n in range(100):
        run(session, f"SET k:{n} v EX 100")
    before = run(session, "DEBUG DIGEST")
    events = heard(session)
    clock.move(50)
    assert session.engine.cron() == 0
    assert [type(event) for event in events] == [ExpireCycleEnded]
    assert run(session, "DEBUG DIGEST") == before


# -- fields ---------------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["listpackex", "hashtable"])
def hash_line(request: pytest.FixtureRequest) -> str:
    """The command that makes the hash: small, or with a value that is too long for a listpack."""
    return "HSET h a 1 b 2 c " + ("3" if request.param == "listpackex" else "x" * 65)


@with_fields
def test_fields_expire_one_by_one(profile: str, hash_line: str) -> None:
    session, clock = opened(profile)
    run(session, hash_line)
    assert run(session, "HEXPIRE h 10 FIELDS 1 a") == [1]
    assert run(session, "HPEXPIRE h 20000 FIELDS 1 b") == [1]
    assert run(session, "HTTL h FIELDS 4 a b c d") == [10, 20, -1, -2]
    clock.move(10.001)
    assert run(session, "HMGET h a b") == [None, b"2"]
    assert run(session, "HTTL h FIELDS 3 a b c") == [-2, 10, -1]
    clock.move(10)
    assert run(session, "HEXISTS h b") == 0
    assert run(session, "HKEYS h") == [b"c"]


@with_fields
def test_the_cron_removes_fields_and_then_the_hash(profile: str, hash_line: str) -> None:
    session, clock = opened(profile)
    run(session, hash_line)
    run(session, "HEXPIRE h 10 FIELDS 2 a b")
    run(session, "HEXPIRE h 30 FIELDS 1 c")
    events = heard(session)
    clock.move(9)
    session.engine.cron()
    assert run(session, "HLEN h") == 3
    # What is registered may be off by a few seconds.
    clock.move(6)
    session.engine.cron()
    assert run(session, "HLEN h") == 1
    assert KeyChanged(0, b"h") in events
    clock.move(30)
    session.engine.cron()
    assert run(session, "EXISTS h") == 0
    assert run(session, "DBSIZE") == 0


@with_fields
def test_a_field_that_is_set_again_has_no_expiry(profile: str, hash_line: str) -> None:
    session, clock = opened(profile)
    run(session, hash_line)
    run(session, "HEXPIRE h 10 FIELDS 3 a b c")
    run(session, "HSET h a again")
    assert run(session, "HPERSIST h FIELDS 1 b") == [1]
    run(session, "HINCRBYFLOAT h d 1")
    clock.move(60)
    session.engine.cron()
    assert run(session, "HMGET h a b c d") == [b"again", b"2", None, b"1"]


@with_fields
def test_a_renamed_hash_goes_on_expiring(profile: str, hash_line: str) -> None:
    session, clock = opened(profile)
    run(session, hash_line)
    run(session, "HEXPIRE h 10 FIELDS 2 a b")
    run(session, "RENAME h g")
    run(session, "COPY g f")
    run(session, "MOVE g 1")
    clock.move(60)
    session.engine.cron()
    assert run(session, "HLEN f") == 1
    run(session, "SELECT 1")
    assert run(session, "HLEN g") == 1
