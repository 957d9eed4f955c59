"""What is said to have changed between two layouts of a key."""

import pytest

from rinspect.engine import Session
from rinspect.engine.key_layout import key_layout
from rinspect.engine.layout import WHOLE, Layout
from rinspect.engine.layout_diff import LayoutDiff, changed_stretches, diff
from rinspect.engine.profile import PROFILES
from tests.engine.samples import ask, built, cases


def laid(session: Session) -> Layout | None:
    found = key_layout(session.call.db, b"k", WHOLE)
    return None if found is None else found.layout


def changed(session: Session, *lines: str) -> LayoutDiff:
    before = laid(session)
    for line in lines:
        ask(session, line)
    return diff(before, laid(session))


def lit(found: LayoutDiff, name: str) -> list[bytes]:
    """The changed bytes of the one allocation with that name."""
    (grown,) = [grown for grown in found.grown if grown.after.name == name]
    return [
        grown.after.data[start - grown.after.data_offset : end - grown.after.data_offset]
        for start, end in grown.changed
    ]


@pytest.mark.parametrize(("profile", "sample"), cases())
def test_nothing_comes_of_nothing(profile: str, sample: str) -> None:
    """Looking twice is no change; nor is what a command that only asks leaves behind."""
    session = built(profile, sample)
    assert not diff(laid(session), laid(session))
    assert not changed(session, "TYPE k", "OBJECT ENCODING k")
    assert not diff(None, None)


@pytest.mark.parametrize(("profile", "sample"), cases())
def test_what_comes_and_goes(profile: str, sample: str) -> None:
    session = built(profile, sample)
    whole = laid(session)
    assert whole is not None
    made = diff(None, whole)
    assert (made.made, made.freed, made.charged) == (whole.allocations, (), whole.charged)
    assert sum(run.count for run in made.runs) == len(whole.allocations)
    gone = changed(session, "DEL k")
    assert (gone.made, gone.freed, gone.charged) == ((), whole.allocations, -whole.charged)
    assert all(made.changed_bytes(a.serial) == ((0, len(a.data)),) for a in whole.allocations)


@pytest.mark.parametrize("profile", PROFILES)
def test_an_entry_more(profile: str) -> None:
    """The blob is the same, the header tells of the new length, and just the new entry's bytes are new."""
    session = built(profile, "a short hash")
    found = changed(session, "HSET k new 1234567")
    assert (found.made, found.freed) == ((), ())
    name = "listpack" if PROFILES[profile].listpack else "ziplist"
    header, entries = lit(found, name)[0], b"".join(lit(found, name)[1:])
    assert len(header) <= 2
    assert b"new" in entries
    assert b"xxx" not in entries
    assert found.runs == () or found.runs[0].count == 0
    assert found.charged >= 0


@pytest.mark.parametrize("profile", PROFILES)
def test_an_element_in_the_middle_moves_what_is_behind_it(profile: str) -> None:
    """What only moved is not lit."""
    session = built(profile, "a short list")
    found = changed(session, "LINSERT k BEFORE 1 inserted")
    name = "listpack" if PROFILES[profile].listpack else "ziplist"
    bytes_lit = b"".join(lit(found, name))
    assert b"inserted" in bytes_lit
    assert b"xxx" not in bytes_lit
    assert len(bytes_lit) <= len("inserted") + 2 + 6


def test_one_byte() -> None:
    session = built("8.0", "an embstr")
    before = laid(session)
    ask(session, "SETRANGE k 1 a")
    ask(session, "SETRANGE k 1 e")
    found = changed(session, "SETRANGE k 0 J")
    assert [lit(found, grown.after.name) for grown in found.grown] == [[b"J"]]
    assert before is not None


@pytest.mark.parametrize("profile", PROFILES)
def test_a_conversion(profile: str) -> None:
    """The blob goes, a dict with its table and entries comes; the robj stays and points elsewhere."""
    session = built(profile, "a short hash")
    found = changed(session, "HSET k c " + "x" * 65)
    assert [allocation.name for allocation in found.freed] == ["listpack" if PROFILES[profile].listpack else "ziplist"]
    assert "dict" in {allocation.name for allocation in found.made}
    assert [grown.after.name for grown in found.grown] == ["robj"]
    assert found.charged > 0
    assert sum(run.charged for run in found.runs) == found.charged


@pytest.mark.parametrize(("profile", "sample"), cases())
def test_sums_agree(profile: str, sample: str) -> None:
    """The runs' differences sum up to the whole's, whatever was done."""
    session = built(profile, sample)
    for line in ("RPUSH k more", "SADD k more", "HSET k more 1", "ZADD k 1 more", "APPEND k more", "LPOP k", "SPOP k"):
        before, found = laid(session), changed(session, line)
        after = laid(session)
        roundings = (0 if after is None else after.rounding) - (0 if before is None else before.rounding)
        assert sum(run.charged for run in found.runs) + roundings == found.charged
        made, freed = ({allocation.serial for allocation in side} for side in (found.made, found.freed))
        assert made.isdisjoint(freed)


def test_stretches_of_equal_length_are_the_bytes_that_differ() -> None:
    session = built("8.0", "a raw string")
    before = laid(session)
    ask(session, "SETRANGE k 10 ab")
    ask(session, "SETRANGE k 50 c")
    after = laid(session)
    assert before is not None
    assert after is not None
    (one,), (other,) = ([a for a in layout.allocations if a.role == "value/sds"] for layout in (before, after))
    stretches = changed_stretches(one, other)
    content = [other.data[start:end] for start, end in stretches]
    assert b"ab" in content
    assert b"c" in content
