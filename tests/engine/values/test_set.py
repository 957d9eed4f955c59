"""Sets: which encoding they take when, in each version, and what they cost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rinspect.engine.encodings.membertable import MemberTable
from rinspect.engine.events import EncodingChanged, Event
from rinspect.engine.layout import WHOLE
from rinspect.engine.profile import PROFILES
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.set import SetValue
from tests.engine.checks import runtime_of
from tests.engine.values.parts import check_parts

every_profile = pytest.mark.parametrize("profile", PROFILES)
HAS_LISTPACK = ("7.2", "7.4", "8.0")


def made(runtime: Runtime, *members: bytes) -> SetValue:
    """As SADD of all of them makes it."""
    value = SetValue.starting_with(runtime, members[0], len(members))
    for member in members:
        value.add(member)
    return value


def words(count: int) -> list[bytes]:
    return [b"word%d" % number for number in range(count)]


def integers(count: int) -> list[bytes]:
    return [b"%d" % number for number in range(count)]


# -- which encoding ---------------------------------------------------------------------------------------------------


@every_profile
@pytest.mark.parametrize("one_by_one", [True, False])
def test_integers_are_an_intset_up_to_the_limit(profile: str, one_by_one: bool) -> None:
    for count, encoding in ((512, "intset"), (513, "hashtable")):
        value = SetValue.starting_with(runtime_of(profile), b"0", 1 if one_by_one else count)
        for member in integers(count):
            value.add(member)
        assert value.encoding == encoding
        assert len(value) == count


@every_profile
def test_a_few_words_are_a_listpack_from_72_on(profile: str) -> None:
    small = "listpack" if profile in HAS_LISTPACK else "hashtable"
    runtime = runtime_of(profile)
    assert made(runtime, *words(128)).encoding == small
    assert made(runtime, *words(129)).encoding == "hashtable"
    assert made(runtime, b"x" * 64).encoding == small
    assert made(runtime, b"a", b"x" * 65).encoding == "hashtable"


@every_profile
@pytest.mark.parametrize("text", [b"01", b"+1", b"-0", b"", b" 1", b"1.0", b"9223372036854775808"])
def test_what_is_no_canonical_integer_leaves_the_intset(profile: str, text: bytes) -> None:
    value = made(runtime_of(profile), b"3", b"1", text, b"2")
    if profile in HAS_LISTPACK:
        assert list(value) == [b"1", b"3", text, b"2"]
        assert value.encoding == "listpack"
    else:
        assert set(value) == {b"1", b"2", b"3", text}
        assert value.encoding == "hashtable"


@pytest.mark.parametrize("profile", HAS_LISTPACK)
@pytest.mark.parametrize(
    ("integer", "count", "word", "encoding"),
    [
        (1, 127, b"w", "listpack"),
        (1, 128, b"w", "hashtable"),
        (1, 5, b"w" * 65, "hashtable"),
        (10**12, 5, b"w", "hashtable"),
        (-(10**11), 5, b"w", "hashtable"),
    ],
)
def test_a_word_among_integers(profile: str, integer: int, count: int, word: bytes, encoding: str) -> None:
    runtime = runtime_of(profile, set_max_listpack_value=64 if abs(integer) == 1 else 11)
    value = made(runtime, *(b"%d" % (integer + number) for number in range(count)))
    assert value.encoding == "intset"
    assert value.add(word)
    assert value.encoding == encoding
    assert len(value) == count + 1


@every_profile
@pytest.mark.parametrize("first", [b"1", b"w"])
def test_many_arguments_make_a_table_for_all_of_them_at_once_from_72_on(profile: str, first: bytes) -> None:
    runtime = runtime_of(profile)
    value = made(runtime, first)
    value.expect(600)
    buckets = value.body.buckets if isinstance(value.body, MemberTable) else 0
    if profile in HAS_LISTPACK:
        assert (value.encoding, buckets) == ("hashtable", 1024)
    else:
        assert (value.encoding, buckets) == (("intset", 0) if first == b"1" else ("hashtable", 4))


@every_profile
def test_how_much_room_a_conversion_makes(profile: str) -> None:
    value = made(runtime_of(profile), *integers(128))
    value.add(b"word")
    assert isinstance(value.body, MemberTable)
    sizes = [len(buckets) for buckets in value.body.tables]
    # Before 7.2 for the members that were there, so that the new one makes the full table grow.
    assert sizes == ([256, 0] if profile in HAS_LISTPACK else [128, 256])


@every_profile
def test_nothing_leads_back(profile: str) -> None:
    value = made(runtime_of(profile), *words(200))
    for member in words(200)[1:]:
        value.remove(member)
    assert (value.encoding, list(value)) == ("hashtable", [b"word0"])


@pytest.mark.parametrize(
    ("profile", "members", "change", "reason"),
    [
        ("8.0", integers(512), b"512", "513 integers > set-max-intset-entries 512"),
        ("7.0", integers(3), b"x", "'x' is no 64-bit integer"),
        ("8.0", integers(3), b"x", "'x' is no 64-bit integer"),
        ("8.0", integers(128), b"x", "'x' is no 64-bit integer, and 129 members > set-max-listpack-entries 128"),
        ("8.0", words(128), b"x", "129 members > set-max-listpack-entries 128"),
        ("8.0", words(3), b"x" * 65, "member of 65 bytes > set-max-listpack-value 64"),
    ],
)
def test_observers_are_told_why(profile: str, members: list[bytes], change: bytes, reason: str) -> None:
    runtime = runtime_of(profile)
    value = made(runtime, *members)
    before, seen = value.encoding, list[Event]()
    runtime.observers.append(seen.append)
    value.add(change)
    assert seen == [EncodingChanged(value.serial, before, value.encoding, reason)]


# -- what they cost and how they look ---------------------------------------------------------------------------------

MEMBERS = st.one_of(
    st.integers(-5, 30).map(lambda number: b"%d" % number),
    st.integers(0, 30).map(lambda number: b"w%d" % number),
    st.sampled_from([b"", b"70000", b"9" * 18, b"x" * 31, b"x" * 32, b"x" * 64, b"x" * 65, b"y" * 300]),
)
CHANGES = st.lists(st.tuples(st.sampled_from(["add", "add", "add", "remove", "has", "random"]), MEMBERS), max_size=60)


@every_profile
@pytest.mark.parametrize("limits", [(512, 128), (4, 6), (0, 0)])
@settings(max_examples=15)
@given(first=MEMBERS, changes=CHANGES)
def test_running_totals_are_the_sums_of_the_layout(
    profile: str, limits: tuple[int, int], first: bytes, changes: list[tuple[str, bytes]]
) -> None:
    runtime = runtime_of(profile, set_max_intset_entries=limits[0], set_max_listpack_entries=limits[1])
    value, model = made(runtime, first), {first}
    for change, member in changes:
        if change == "add":
            assert value.add(member) == (member not in model)
            model.add(member)
        elif change == "remove":
            assert value.remove(member) == (member in model)
            model.discard(member)
        elif change == "has":
            assert value.has(member) == (member in model)
        elif model:
            assert value.random_member() in model
    assert sorted(value) == sorted(model)
    check_parts(value)
    copied = value.copy()
    assert (sorted(copied), copied.encoding) == (sorted(model), value.encoding)
    check_parts(copied)
    for member in (b"w1", b"3", *model):
        assert value.trace_find(member).result.endswith("found" if member in model else "not there")


@every_profile
def test_a_member_is_charged_24_whatever_its_entry_takes(profile: str) -> None:
    value = made(runtime_of(profile, set_max_listpack_entries=0), b"a", b"b", b"c")
    layout = check_parts(value)
    entries = next(run for run in layout.runs if run.name == "dictEntry")
    if profile in HAS_LISTPACK:
        assert entries.asked == 16 * entries.count
        assert entries.count < 3
        assert any("does not have" in allocation.rule for allocation in layout.allocations)
    else:
        assert (entries.count, entries.asked, entries.rule) == (3, 72, "")
    assert value.charged() == 16 + (96 if profile == "6.2" else 56) + 8 * 4 + 3 * (24 + 8)


def test_samples_are_averaged() -> None:
    runtime = runtime_of("8.0")
    value = made(runtime, b"x" * 100, *words(200))
    exact = value.charged()
    assert value.charged(1000) == value.charged(201) == exact
    assert value.charged(1) != exact
    one = next(iter(value))
    text = runtime.usable(103 + 1) if len(one) == 100 else runtime.usable(len(one) + 2)
    assert value.charged(1) == 16 + 56 + 8 * 256 + 201 * (24 + text)


def test_serials_stay_with_the_structures() -> None:
    value = made(runtime_of("8.0"), *words(200))
    before = {a.role: a.serial for a in value.layout(WHOLE).allocations if a.element is None}
    members = {a.data[1:-1]: a.serial for a in value.layout(WHOLE).allocations if a.role.endswith("/member")}
    for member in words(400):
        value.add(member)
    after = {a.role: a.serial for a in value.layout(WHOLE).allocations if a.element is None}
    assert after["value"] == before["value"]
    assert after["value/dict"] == before["value/dict"]
    now = {a.data[1:-1]: a.serial for a in value.layout(WHOLE).allocations if a.role.endswith("/member")}
    assert {member: now[member] for member in members} == members


# -- read from payloads -----------------------------------------------------------------------------------------------


@every_profile
@pytest.mark.parametrize(
    ("members", "old", "new"),
    [
        (integers(512), "intset", "intset"),
        (integers(513), "hashtable", "hashtable"),
        (words(5), "hashtable", "listpack"),
        (words(129), "hashtable", "hashtable"),
        ([*integers(5), *words(5)], "hashtable", "listpack"),
        ([*integers(3), b"x" * 65], "hashtable", "hashtable"),
        ([b"x" * 65, *integers(3)], "hashtable", "hashtable"),
        ([*words(3), b"x" * 65, *integers(3)], "hashtable", "hashtable"),
    ],
)
def test_a_table_that_was_read_settles_where_its_members_fit(
    profile: str, members: list[bytes], old: str, new: str
) -> None:
    runtime = runtime_of(profile)
    table = SetValue.empty_table(runtime, len(members))
    for member in members:
        table.add(member)
    value = table.settle()
    assert value.encoding == (new if profile in HAS_LISTPACK else old)
    assert sorted(value) == sorted(members)
    if value.encoding == "listpack":
        assert list(value) == members
    check_parts(value)


@pytest.mark.parametrize("members", [integers(6), words(6)])
def test_a_blob_that_was_read_settles_by_the_limits_of_today(members: list[bytes]) -> None:
    runtime = runtime_of("8.0")
    value = made(runtime, *members)
    assert value.settle() is value
    runtime.config.set_max_intset_entries = runtime.config.set_max_listpack_entries = 5
    assert value.settle().encoding == "hashtable"
    check_parts(value)
