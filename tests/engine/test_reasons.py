"""Why a value has its encoding: the thresholds are the server's, and what is said to flip it does."""

import re

import pytest

from rinspect.engine import Engine, Session
from rinspect.engine.profile import PROFILES
from rinspect.engine.reasons import Flip, Why, rebuilt, why
from rinspect.engine.replies import CommandError, Status
from tests.engine.samples import SAMPLES, Command, ask, built, cases

every_case = pytest.mark.parametrize(("profile", "sample"), cases())


def reasons(session: Session) -> Why:
    found = why(session.call.db, b"k")
    assert found is not None
    return found


def encoding(session: Session) -> str:
    reply = ask(session, "OBJECT ENCODING k")
    assert isinstance(reply, bytes)
    return reply.decode()


def form(session: Session) -> str:
    """The encoding; a HyperLogLog's own, where it is one."""
    reply = ask(session, "PFDEBUG ENCODING k")
    return reply.text.decode() if isinstance(reply, Status) else encoding(session)


def typed(flip: Flip, less: int = 0) -> Command:
    """The command that a flip shows, as someone would type it who reads its figures; or with figures `less` by one."""
    words: Command = []
    for word in re.findall(r"<[^>]*>|\S+", flip.command):
        found = re.fullmatch(r"<(?:the same )?([\d,]+)(?: more)? (\w+)>", word)
        if found is None:
            words.append(word.encode())
            continue
        count = int(found[1].replace(",", "")) - less
        if found[2] == "bytes":
            words.append(b"x" * count)
        else:
            texts = [b"e%d" % n for n in range(count)]
            several = {
                "integers": [b"%d" % (9_000_000 + n) for n in range(count)],
                "fields": [word for text in texts for word in (text, b"1")],
                "members": [word for text in texts for word in (b"1", text)] if words[0] == b"ZADD" else texts,
                "elements": [b"x"] * count,
            }
            words += several[found[2]]
    return words


@every_case
def test_every_flip_flips(profile: str, sample: str) -> None:
    for flip in reasons(built(profile, sample)).flips:
        session = built(profile, sample)
        before = ask(session, "MEMORY USAGE k SAMPLES 0")
        assert flip.before == before
        reply = session.execute(typed(flip))
        assert not isinstance(reply, CommandError), flip
        assert form(session) == flip.becomes != form(built(profile, sample)), flip


@every_case
def test_one_less_does_not_flip(profile: str, sample: str) -> None:
    """A figure in the command is the smallest that will do."""
    for flip in reasons(built(profile, sample)).flips:
        if re.search(r"<[\d,]+ ", flip.command) and typed(flip, 1) != typed(flip):
            session = built(profile, sample)
            before = encoding(session)
            session.execute(typed(flip, 1))
            assert encoding(session) == before, flip


FLIPPED = {
    "a shared int": {"embstr", "raw"},
    "an embstr": {"raw"},
    "an empty embstr": {"raw"},
    "a raw string with room": {"embstr"},
    "a sparse HyperLogLog": {"dense"},
    "an intset": {"hashtable"},
    "a short hash": {"hashtable"},
    "a short sorted set": {"skiplist"},
}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("sample", FLIPPED)
def test_there_is_something_to_try(profile: str, sample: str) -> None:
    found = {flip.becomes for flip in reasons(built(profile, sample)).flips}
    assert found >= FLIPPED[sample] or (sample == "an intset" and found == {"hashtable", "listpack"})
    assert found - FLIPPED[sample] <= {"listpack", "listpackex"}


@every_case
def test_thresholds_are_settings_and_say_the_truth(profile: str, sample: str) -> None:
    session = built(profile, sample)
    found = reasons(session)
    assert found.sentence.endswith((".", ":"))
    assert encoding(session) in found.sentence
    for threshold in found.thresholds:
        if threshold.setting:
            name, value = session.execute([b"CONFIG", b"GET", threshold.setting.encode()])  # type: ignore[misc]
            assert name == threshold.setting.encode()
            # A list's setting below 0 stands for a size.
            assert value in (b"%d" % threshold.limit, b"-2")
    small = encoding(session) in ("listpack", "ziplist", "listpackex", "intset", "embstr")
    if small:
        assert found.thresholds
        assert all(threshold.now <= threshold.limit for threshold in found.thresholds)


@pytest.mark.parametrize("profile", PROFILES)
def test_thresholds_follow_the_settings(profile: str) -> None:
    session = built(profile, "a short hash")
    kind = "listpack" if PROFILES[profile].listpack else "ziplist"
    entries, longest = reasons(session).thresholds
    assert (entries.now, entries.limit, entries.setting) == (2, 512, f"hash-max-{kind}-entries")
    assert (longest.now, longest.limit, longest.setting) == (60, 64, f"hash-max-{kind}-value")
    ask(session, f"CONFIG SET hash-max-{kind}-entries 3")
    assert "HSET k <2 more fields>" in [flip.command for flip in reasons(session).flips]
    ask(session, "HSET k c 3 d 4")
    assert f"fields 4 > hash-max-{kind}-entries 3" in reasons(session).sentence
    ask(session, "HDEL k c d")
    assert "never turns back" in reasons(session).sentence


@pytest.mark.parametrize(
    ("command", "setting"),
    [("SADD k 1 2 3", "set-max-intset-entries"), ("ZADD k 1 a 2 b 3 c", "zset-max-listpack-entries")],
)
def test_a_limit_that_was_higher_when_it_was_written(command: str, setting: str) -> None:
    session = Engine("8.0").session()
    ask(session, command)
    ask(session, f"CONFIG SET {setting} 3")
    assert "although" not in reasons(session).sentence
    ask(session, f"CONFIG SET {setting} 2")
    assert f"{encoding(session)}, although it is over a limit now" in reasons(session).sentence


def test_a_sorted_sorted_set() -> None:
    session = built("8.0", "a short sorted set")
    ask(session, "SORT k ALPHA")
    assert encoding(session) == "skiplist"
    assert "SORT was used on it" in reasons(session).sentence


def test_lists_by_count() -> None:
    session = built("8.0", "a short list")
    ask(session, "CONFIG SET list-max-listpack-size 6")
    thresholds = {threshold.what: (threshold.now, threshold.limit) for threshold in reasons(session).thresholds}
    assert thresholds["elements"] == (4, 6)
    assert "RPUSH k <3 elements>" in [flip.command for flip in reasons(session).flips]


def test_trying_changes_nothing() -> None:
    for sample in SAMPLES:
        session = built("8.0", sample)
        before = (ask(session, "DEBUG DIGEST"), ask(session, "MEMORY USAGE k SAMPLES 0"), session.call.db.dirty)
        reasons(session)
        rebuilt(session.call.db, b"k")
        assert (ask(session, "DEBUG DIGEST"), ask(session, "MEMORY USAGE k SAMPLES 0"), session.call.db.dirty) == before


def test_a_key_that_is_not_there() -> None:
    session = built("8.0", "an embstr")
    assert why(session.call.db, b"nobody") is None
    assert rebuilt(session.call.db, b"nobody") == ()


def test_large_values_are_not_tried() -> None:
    session = built("8.0", "an embstr")
    session.execute([b"SET", b"k", b"x" * 2_000_000])
    assert reasons(session).flips == ()
    assert rebuilt(session.call.db, b"k") == ()
    session.execute([b"DEL", b"k"])
    session.execute([b"SADD", b"k", *(b"%d" % n for n in range(512))])
    ask(session, "CONFIG SET set-max-intset-entries 100000")
    session.execute([b"SADD", b"k", *(b"%d" % n for n in range(6000))])
    assert "too large" in reasons(session).notes[-1]


@every_case
def test_rebuilt_under_every_profile(profile: str, sample: str) -> None:
    """What would come of the value elsewhere is what comes of the same commands there."""
    copies = {copy.profile: copy for copy in rebuilt(built(profile, sample).call.db, b"k")}
    able = [name for name, other in cases() if other == sample]
    assert list(copies) == able
    direct = (
        "a shared int",
        "an int",
        "an embstr",
        "a raw string",
        "a short list",
        "a short set",
        "a short sorted set",
    )
    if sample in direct:
        for name, copy in copies.items():
            session = built(name, sample)
            assert (copy.encoding, copy.charged) == (encoding(session), ask(session, "MEMORY USAGE k SAMPLES 0"))
