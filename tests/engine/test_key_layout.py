"""Keys with their values as layouts: what they sum up to, and that they hold together."""

import pytest

from rinspect.engine import Session
from rinspect.engine.allocator import ALLOCATORS
from rinspect.engine.key_layout import KeyLayout, key_charge, key_layout
from rinspect.engine.layout import WHOLE, Kind, Layout, Serial, Shape, Window
from rinspect.engine.profile import PROFILES
from tests.engine.checks import check_layout
from tests.engine.samples import SAMPLES, ask, built, cases

every_case = pytest.mark.parametrize(("profile", "sample"), cases())


def laid(session: Session, window: Window = WHOLE) -> KeyLayout:
    found = key_layout(session.call.db, b"k", window)
    assert found is not None
    return found


@pytest.mark.parametrize("allocator", ALLOCATORS)
@every_case
def test_it_sums_up_to_memory_usage(profile: str, sample: str, allocator: str) -> None:
    session = built(profile, sample, allocator=allocator)
    layout = laid(session).layout
    assert layout.charged == ask(session, "MEMORY USAGE k SAMPLES 0")
    assert layout.encoding.encode() == ask(session, "OBJECT ENCODING k")
    value = session.call.db.peek(b"k")
    assert value is not None
    assert layout.charged == key_charge(session.engine.runtime, b"k") + check_layout(value).charged
    for what in ("asked", "size_class", "charged"):
        assert sum(getattr(a, what) for a in layout.allocations) == sum(getattr(run, what) for run in layout.runs), what
    assert layout.asked <= layout.size_class


def test_all_encodings_are_there() -> None:
    found = {(profile, laid(built(profile, sample)).layout.encoding) for profile, sample in cases()}
    old, new = (
        {"int", "embstr", "raw", "quicklist", "intset", "hashtable", "skiplist", "stream"},
        {"listpack", "listpackex"},
    )
    assert {encoding for profile, encoding in found if profile == "6.2"} == old | {"ziplist"}
    assert {encoding for profile, encoding in found if profile == "8.0"} == old | new


@every_case
def test_fields_are_gapless_and_pointers_lead_somewhere(profile: str, sample: str) -> None:
    layout = laid(built(profile, sample)).layout
    serials = {allocation.serial for allocation in layout.allocations}
    assert len(serials) == len(layout.allocations)
    pointed: set[Serial] = set()
    for allocation in layout.allocations:
        # Tables are drawn from their entries and have no bytes here; a text's slack may be seen.
        assert len(allocation.data) <= allocation.size_class, allocation.role
        assert allocation.data or allocation.shape is Shape.TABLE, allocation.role
        at = 0
        for field in allocation.fields:
            assert (field.offset, bool(field.note)) == (at, True), (allocation.role, field)
            at = field.end
            if field.kind is Kind.POINTER and field.target is not None:
                pointed.add(field.target)
        assert at == len(allocation.data), allocation.role
    assert pointed <= serials
    # All hangs on something, but for the key's entry, to which the main table points, and what tables without bytes hold.
    bare = any(allocation.shape is Shape.TABLE and not allocation.data for allocation in layout.allocations)
    held = {allocation.serial for allocation in layout.allocations if bare and allocation.name == "dictEntry"}
    assert serials - pointed - held == {layout.allocations[0].serial} - held


READING = (
    "TYPE k|OBJECT ENCODING k|DUMP k|MEMORY USAGE k|EXPIRE k 100|PERSIST k|TTL k|SET other x|DEL other|STRLEN k|LLEN k"
    "|SCARD k|HLEN k|ZCARD k|LRANGE k 0 -1|SMEMBERS k|HGETALL k|ZRANGE k 0 -1|DEBUG OBJECT k|RENAME k l|RENAME l k"
)
"""Commands that leave the value where it is."""


@every_case
def test_serials_stay(profile: str, sample: str) -> None:
    """The value's allocations keep their numbers, whatever else is done. A renamed key has another entry and name."""
    session = built(profile, sample)
    before = [allocation.serial for allocation in laid(session).layout.allocations]
    for line in READING.split("|"):
        ask(session, line)
    after = [allocation.serial for allocation in laid(session).layout.allocations]
    if sample == "a compressed list":
        # A node that was read is unpacked, and packed again into another blob; the nodes stay.
        assert len(set(before[2:]) & set(after[2:])) > len(before) // 2
    else:
        assert after[2:] == before[2:]
    assert set(after[:2]).isdisjoint(before)


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(
    ("sample", "change"),
    [
        ("a raw string with room", f"APPEND k {'more' * 20}"),
        ("a short list", "RPUSH k more"),
        ("a short hash", "HSET k more 1"),
        ("a short sorted set", "ZADD k 7 more"),
        ("an intset", "SADD k 5000000000"),
    ],
)
def test_a_blob_that_grows_is_the_same(profile: str, sample: str, change: str) -> None:
    session = built(profile, sample)
    before = laid(session).layout
    ask(session, change)
    after = laid(session).layout
    assert [allocation.serial for allocation in before.allocations] == [a.serial for a in after.allocations]
    assert sum(a.asked for a in after.allocations) > sum(a.asked for a in before.allocations)


def parts(layout: Layout, count: int, size: int) -> list[Window]:
    return [Window(first, count, 0, size) for first in range(0, layout.elements, count)]


@every_case
def test_windows_are_parts_of_the_whole(profile: str, sample: str) -> None:
    """Elements come a window at a time; totals are always those of all, and a field is the same in each window."""
    session = built(profile, sample)
    whole = laid(session).layout
    seen = {allocation.serial for allocation in whole.allocations if allocation.element is None}
    for window in parts(whole, max(7, whole.elements // 5), 1 << 20):
        layout = laid(session, window).layout
        assert (layout.runs, layout.charged, layout.elements) == (whole.runs, whole.charged, whole.elements)
        for allocation in layout.allocations:
            complete = whole.find(allocation.serial)
            assert complete is not None
            assert set(allocation.fields) <= set(complete.fields) or allocation.element is None
            seen.add(allocation.serial)
    assert seen == {allocation.serial for allocation in whole.allocations}


def test_what_memory_usage_leaves_out() -> None:
    session = built("8.0", "an embstr")
    assert [(beside.name, beside.size) for beside in laid(session).uncounted] == [("bucket of the main table", 8)]
    ask(session, "EXPIRE k 100")
    names = [beside.name for beside in laid(session).uncounted]
    assert names == ["bucket of the main table", "dictEntry in expires", "bucket of expires"]
    rounded = laid(built("8.0", "an embstr", allocator="system-jemalloc")).uncounted
    assert (rounded[-1].name, rounded[-1].size) == ("rounding of the dictEntry", 8)


def test_looking_touches_nothing() -> None:
    session = built("8.0", "a set that moves")
    value = session.call.db.peek(b"k")
    assert value is not None
    assert value.hashtable is not None
    assert value.hashtable.rehashing
    value.used = 5
    before = value.hashtable.rehashidx
    laid(session)
    assert (value.used, value.hashtable.rehashidx) == (5, before)
    assert key_layout(session.call.db, b"nobody", WHOLE) is None


def test_samples_have_many_cases() -> None:
    assert len(cases()) >= len(PROFILES) * (len(SAMPLES) - 2)
