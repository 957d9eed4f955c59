"""Hashes: which encoding they take when, in each version, what they cost, and when their fields expire."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rinspect.engine.encodings.compact import Listpack, Ziplist
from rinspect.engine.events import EncodingChanged, Event
from rinspect.engine.layout import WHOLE, Kind
from rinspect.engine.profile import PROFILES
from rinspect.engine.runtime import Runtime
from rinspect.engine.values.hash import EXPIRY_SET, NO_SUCH_FIELD, HashValue
from rinspect.engine.values.hash_fields import PackedFields, TableFields
from tests.engine.checks import runtime_of
from tests.engine.values.parts import check_parts

every_profile = pytest.mark.parametrize("profile", PROFILES)
WITH_TTL = ("7.4", "8.0")
timed_profile = pytest.mark.parametrize("profile", WITH_TTL)
LATER = 4_000_000_000_000
"""A moment that the tests' clock is far from."""


def small(profile: str) -> str:
    return "ziplist" if profile == "6.2" else "listpack"


def made(runtime: Runtime, *pairs: tuple[bytes, bytes]) -> HashValue:
    """As HSET of all of them makes it."""
    value = HashValue(runtime)
    value.prepare([word for pair in pairs for word in pair])
    for pair in pairs:
        value.set(*pair)
    return value


def numbered(count: int) -> list[tuple[bytes, bytes]]:
    return [(b"f%d" % number, b"%d" % number) for number in range(count)]


def as_table(runtime: Runtime, *pairs: tuple[bytes, bytes]) -> HashValue:
    """A hash that is a table whatever the limits."""
    value = HashValue(runtime, TableFields(runtime))
    for pair in pairs:
        value.set(*pair)
    return value


# -- which encoding ---------------------------------------------------------------------------------------------------


@every_profile
def test_it_stays_packed_up_to_the_limits(profile: str) -> None:
    runtime = runtime_of(profile)
    assert made(runtime, *numbered(512)).encoding == small(profile)
    assert made(runtime, *numbered(513)).encoding == "hashtable"
    assert made(runtime, (b"f" * 64, b"v" * 64)).encoding == small(profile)
    assert made(runtime, (b"f" * 65, b"v")).encoding == "hashtable"
    assert made(runtime, (b"f", b"v" * 65)).encoding == "hashtable"


@every_profile
def test_duplicates_count_as_arguments_from_72_on(profile: str) -> None:
    value = made(runtime_of(profile, hash_max_listpack_entries=1), (b"f", b"1"), (b"f", b"2"))
    assert value.encoding == (small(profile) if profile in ("6.2", "7.0") else "hashtable")
    assert list(value.items()) == [(b"f", b"2", 0)]


@every_profile
def test_an_incremented_value_is_held_against_the_limit_from_70_on(profile: str) -> None:
    value = made(runtime_of(profile, hash_max_listpack_value=3), (b"f", b"1"))
    value.set(b"f", b"1000", keep_expiry=True)
    assert value.encoding == ("ziplist" if profile == "6.2" else "hashtable")


def sizes(value: HashValue) -> list[int]:
    """Buckets of the two tables; nothing for a hash that is packed."""
    return [len(buckets) for buckets in value.fields.table.tables] if isinstance(value.fields, TableFields) else []


@every_profile
def test_how_much_room_a_conversion_makes(profile: str) -> None:
    value = made(runtime_of(profile), *numbered(100))
    value.prepare([b"f0", b"x" * 65])
    # 6.2 makes none: the table has grown to 64, and still moves to 128.
    assert sizes(value) == ([64, 128] if profile == "6.2" else [128, 0])
    assert sizes(made(runtime_of(profile), *numbered(514))) == ([512, 1024] if profile == "6.2" else [1024, 0])
    value = made(runtime_of(profile), *numbered(4))
    value.prepare([word for pair in numbered(600) for word in pair])
    assert sizes(value) == ([4, 1024] if profile in ("7.2", "7.4", "8.0") else [])


@every_profile
def test_setting_what_is_there_grows_a_full_table_only_in_72_and_74(profile: str) -> None:
    value = as_table(runtime_of(profile), *numbered(4))
    value.set(b"f0", b"new")
    assert isinstance(value.fields, TableFields)
    assert value.fields.table.rehashing == (profile in ("7.2", "7.4"))


@every_profile
def test_nothing_leads_back(profile: str) -> None:
    value = made(runtime_of(profile), (b"f", b"v" * 65), (b"g", b"v"))
    value.delete(b"f")
    value.set(b"g", b"x")
    assert (value.encoding, list(value.items())) == ("hashtable", [(b"g", b"x", 0)])


@pytest.mark.parametrize(
    ("profile", "word", "reason"),
    [
        ("8.0", b"v" * 65, "field or value of 65 bytes > hash-max-listpack-value 64"),
        ("6.2", b"v" * 65, "field or value of 65 bytes > hash-max-ziplist-value 64"),
        ("8.0", b"v", "5 fields > hash-max-listpack-entries 4"),
        ("6.2", b"v", "5 fields > hash-max-ziplist-entries 4"),
    ],
)
def test_observers_are_told_why(profile: str, word: bytes, reason: str) -> None:
    runtime = runtime_of(profile, hash_max_listpack_entries=4)
    value = made(runtime, *numbered(4))
    seen: list[Event] = []
    runtime.observers.append(seen.append)
    value.prepare((b"new", word))
    value.set(b"new", word)
    assert seen == [EncodingChanged(value.serial, small(profile), "hashtable", reason)]


# -- what they cost and how they look ---------------------------------------------------------------------------------

FIELDS = st.one_of(
    st.integers(0, 9).map(lambda number: b"f%d" % number),
    st.sampled_from([b"", b"12", b"x" * 31, b"x" * 32, b"x" * 65, b"y" * 300]),
)
VALUES = st.sampled_from([b"", b"v", b"f1", b"12", b"-70000", b"9" * 18, b"x" * 31, b"x" * 64, b"x" * 65, b"y" * 300])
CHANGES = st.lists(
    st.tuples(st.sampled_from(["set", "set", "keep", "delete", "expire", "persist", "find"]), FIELDS, VALUES),
    max_size=50,
)


@every_profile
@pytest.mark.parametrize("limit", [512, 4, 0])
@settings(max_examples=12)
@given(changes=CHANGES)
def test_running_totals_are_the_sums_of_the_layout(
    profile: str, limit: int, changes: list[tuple[str, bytes, bytes]]
) -> None:
    value = HashValue(runtime_of(profile, hash_max_listpack_entries=limit))
    model: dict[bytes, tuple[bytes, int]] = {}
    for number, (change, field, text) in enumerate(changes):
        if change in ("set", "keep"):
            keep = change == "keep"
            value.prepare((field, text))
            assert value.set(field, text, keep_expiry=keep) == (field not in model)
            model[field] = (text, model[field][1] if keep and field in model else 0)
        elif change == "delete":
            assert value.delete(field) == (field in model)
            model.pop(field, None)
        elif change == "find":
            assert value.get(field) == (model[field][0] if field in model else None)
        elif profile not in WITH_TTL:
            continue
        elif change == "expire":
            assert value.expire([field], LATER + number) == [EXPIRY_SET if field in model else NO_SUCH_FIELD]
            if field in model:
                model[field] = (model[field][0], LATER + number)
        elif field in model:
            assert value.persist(field) == (model[field][1] > 0)
            model[field] = (model[field][0], 0)
    expected = sorted((field, text, expiry) for field, (text, expiry) in model.items())
    assert sorted(value.items()) == expected
    assert value.fields.minimum() == min((expiry for _, _, expiry in expected if expiry), default=0)
    check_parts(value)
    copied = value.copy()
    assert (sorted(copied.items()), copied.encoding) == (expected, value.encoding)
    assert copied.registered == value.registered
    check_parts(copied)
    for field in (b"f1", b"nobody", *model):
        assert (value.trace_find(field).result == "found") == (field in model)


@every_profile
def test_a_value_that_reads_like_a_field_is_none(profile: str) -> None:
    value = made(runtime_of(profile), (b"a", b"b"), (b"c", b"a"), (b"b", b"c"))
    assert [value.get(field) for field in (b"a", b"b", b"c")] == [b"b", b"c", b"a"]
    assert value.delete(b"b")
    assert [field for field, _, _ in value.items()] == [b"a", b"c"]


@every_profile
def test_a_packed_hash_is_charged_its_blob(profile: str) -> None:
    value = made(runtime_of(profile), (b"name", b"Ada"), (b"born", b"1815"))
    layout = check_parts(value)
    assert [a.name for a in layout.allocations] == ["robj", small(profile)]
    assert {f.name for f in layout.allocations[1].fields if f.kind is Kind.PAYLOAD} == {"field", "value"}
    assert value.charged() == 16 + (layout.allocations[1].asked if profile == "6.2" else 32)


@every_profile
def test_the_texts_of_a_table(profile: str) -> None:
    value = as_table(runtime_of(profile), (b"f" * 32, b"v"), (b"f" * 300, b""))
    layout = check_parts(value)
    names = {a.role.rsplit("/", 1)[1]: a.name for a in layout.allocations if a.element is not None}
    fields = "mstr" if profile in WITH_TTL else "sds"
    assert (names["field"], names["value"]) == (fields, "sds")
    # 300 bytes: sdshdr16 takes 5 bytes, mstrhdr16 only 3.
    assert {a.asked for a in layout.allocations if len(a.data) > 300} == {304 if profile in WITH_TTL else 306}
    assert value.charged() == 16 + (96 if profile == "6.2" else 56) + 8 * 4 + 2 * 24 + 40 + 8 + 320 + 8


def test_serials_stay_until_a_text_is_made_anew() -> None:
    value = as_table(runtime_of("8.0"), *numbered(3))
    before = {a.role: a.serial for a in value.layout(WHOLE).allocations}
    value.set(b"f1", b"other")
    after = {a.role: a.serial for a in value.layout(WHOLE).allocations}
    changed = {role for role in before if before[role] != after[role]}
    assert len(changed) == 1
    assert changed.pop().endswith("/value")


def test_samples_are_averaged() -> None:
    runtime = runtime_of("8.0")
    value = as_table(runtime, (b"long", b"v" * 1000), *numbered(9))
    exact = value.charged()
    assert value.charged(10) == value.charged(100) == exact
    _, text, _ = next(iter(value.fields))
    one = 24 + 8 + runtime.usable(1006 if len(text) == 1000 else 3)
    assert value.charged(1) == 16 + 56 + 8 * 24 + 10 * one


# -- read from payloads -----------------------------------------------------------------------------------------------


@every_profile
@pytest.mark.parametrize("kind", [Listpack, Ziplist])
@pytest.mark.parametrize("count", [4, 5])
def test_a_blob_that_was_read_settles_in_the_form_and_limits_of_the_version(
    profile: str, kind: type[Listpack] | type[Ziplist], count: int
) -> None:
    runtime = runtime_of(profile, hash_max_listpack_entries=4)
    pairs = numbered(count)
    value = HashValue(runtime, PackedFields(kind(word for pair in pairs for word in pair))).settle()
    assert value.encoding == (small(profile) if count == 4 else "hashtable")
    assert sorted((field, text) for field, text, _ in value.items()) == pairs
    check_parts(value)


@every_profile
@pytest.mark.parametrize("timed", [False, True])
@pytest.mark.parametrize(
    ("pairs", "packed"),
    [
        (numbered(5), True),
        (numbered(4), True),
        (numbered(513), False),
        ([*numbered(5), (b"long", b"x" * 65), (b"last", b"")], False),
        ([(b"long" * 20, b""), *numbered(7)], False),
    ],
)
def test_a_table_that_was_read_is_packed_while_its_fields_fit(
    profile: str, timed: bool, pairs: list[tuple[bytes, bytes]], packed: bool
) -> None:
    runtime = runtime_of(profile)
    fields = TableFields(runtime)
    for number, (field, text) in enumerate(pairs):
        fields.insert(field, text, LATER + number if timed and number % 2 else 0)
    fields.timed = timed
    value = HashValue(runtime, fields).settle()
    kept = timed and profile in WITH_TTL
    assert value.encoding == ("hashtable" if not packed else "listpackex" if kept else small(profile))
    assert sorted((field, text) for field, text, _ in value.items()) == sorted(pairs)
    assert value.registered == value.fields.minimum() == (LATER + 1 if kept else 0)
    if packed and not kept:
        assert [(field, text) for field, text, _ in value.items()] == pairs
    check_parts(value)
