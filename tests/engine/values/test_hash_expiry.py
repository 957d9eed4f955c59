"""Hashes whose fields expire: what that makes of their structures, and when."""

import pytest

from rinspect.engine.values.hash import CONDITION_NOT_MET, DELETED, EXPIRY_SET, NO_SUCH_FIELD, HashValue
from rinspect.engine.values.hash_fields import TableFields, TimedFields
from tests.engine.checks import runtime_of
from tests.engine.values.parts import check_parts
from tests.engine.values.test_hash import LATER, WITH_TTL, as_table, made, numbered

timed_profile = pytest.mark.parametrize("profile", WITH_TTL)


def timed_hash(profile: str, encoding: str, *pairs: tuple[bytes, bytes]) -> HashValue:
    value = (as_table if encoding == "hashtable" else made)(runtime_of(profile), *pairs)
    value.make_timed()
    assert value.encoding == encoding
    return value


every_timed = pytest.mark.parametrize(
    ("profile", "encoding"), [(p, e) for p in WITH_TTL for e in ("listpackex", "hashtable")]
)


@timed_profile
def test_asking_for_expiry_turns_a_listpack_into_a_listpackex_even_in_vain(profile: str) -> None:
    value = made(runtime_of(profile), (b"a", b"1"), (b"b", b"2"))
    assert value.expire([b"nobody"], LATER) == [NO_SUCH_FIELD]
    assert value.encoding == "listpackex"
    assert isinstance(value.fields, TimedFields)
    assert value.fields.pack.texts == [b"a", b"1", b"0", b"b", b"2", b"0"]
    layout = check_parts(value)
    assert [a.name for a in layout.allocations] == ["robj", "listpackEx", "listpack"]
    assert value.charged() == 16 + 32 + 24


@every_timed
def test_conditions(profile: str, encoding: str) -> None:
    value = timed_hash(profile, encoding, (b"a", b"1"), (b"b", b"2"))

    def attempt(when: int, condition: str | None) -> list[int]:
        return value.expire([b"a", b"nobody"], when, condition)

    no = [CONDITION_NOT_MET, NO_SUCH_FIELD]
    yes = [EXPIRY_SET, NO_SUCH_FIELD]
    assert [attempt(LATER, condition) for condition in ("XX", "GT", "LT")] == [no, no, yes]
    assert [attempt(LATER, condition) for condition in ("NX", "GT", "LT", "XX", None)] == [no, no, no, yes, yes]
    assert [attempt(LATER + 1, "LT"), attempt(LATER + 1, "GT"), attempt(LATER, "LT")] == [no, yes, yes]
    assert value.fields.expiry(b"a") == LATER
    assert value.expire([b"a", b"a"], 1) == [DELETED, NO_SUCH_FIELD]
    assert list(value.items()) == [(b"b", b"2", 0)]


@every_timed
def test_what_has_expired_is_not_seen_but_still_there(profile: str, encoding: str) -> None:
    value = timed_hash(profile, encoding, *numbered(4))
    now = value.runtime.now
    value.expire([b"f1", b"f2"], now + 10)
    value.expire([b"f3"], now + 20)
    value.runtime.now = now + 10
    assert value.get(b"f1") == b"1"
    value.runtime.now = now + 11
    assert [value.get(field) for field in (b"f0", b"f1", b"f2", b"f3")] == [b"0", None, None, b"3"]
    assert sorted(field for field, _, _ in value.items()) == [b"f0", b"f3"]
    assert len(value) == 4
    assert len(value.expire_fields(value.runtime.now, 1)) == 1
    assert len(value.expire_fields(value.runtime.now, 100)) == 1
    assert (len(value), value.registered) == (2, now + 20)
    check_parts(value)


@every_timed
def test_what_is_registered_is_corrected_only_when_it_is_far_off(profile: str, encoding: str) -> None:
    value = timed_hash(profile, encoding, *numbered(3))
    value.expire([b"f0"], LATER)
    assert value.registered == LATER
    value.expire([b"f0"], LATER + 3999)
    assert value.registered == LATER
    value.expire([b"f0"], LATER + 99_000)
    assert value.registered == LATER, "it is before all that went or came"
    value.expire([b"f0"], LATER)
    value.expire([b"f0"], LATER + 4000)
    assert value.registered == LATER + 4000
    value.expire([b"f1"], LATER + 100_000)
    assert value.registered == LATER + 4000
    value.expire([b"f2"], LATER)
    assert value.registered == LATER
    assert value.persist(b"f2")
    assert (value.registered, value.fields.minimum()) == (LATER, LATER + 4000)


@every_timed
def test_from_80_on_the_last_deleted_field_with_an_expiry_takes_the_registration_along(
    profile: str, encoding: str
) -> None:
    value = timed_hash(profile, encoding, *numbered(3))
    value.expire([b"f0", b"f1"], LATER)
    assert value.delete(b"f0") == 1
    assert value.registered == LATER
    assert value.delete(b"f1", b"nobody") == 1
    assert value.registered == (0 if profile == "8.0" else LATER)


@every_timed
def test_a_field_set_anew_loses_its_expiry_one_that_is_counted_up_keeps_it(profile: str, encoding: str) -> None:
    value = timed_hash(profile, encoding, *numbered(2))
    value.expire([b"f0", b"f1"], LATER)
    assert not value.set(b"f0", b"x")
    assert not value.set(b"f1", b"y", keep_expiry=True)
    assert sorted(value.items()) == [(b"f0", b"x", 0), (b"f1", b"y", LATER)]


@timed_profile
def test_the_18_bytes_of_an_expiry_stay_when_it_goes(profile: str) -> None:
    value = timed_hash(profile, "hashtable", *numbered(2))
    assert isinstance(value.fields, TableFields)
    without = value.fields.names[0]
    value.expire([b"f0"], LATER)
    assert value.fields.names[0] == without + 18
    assert value.persist(b"f0")
    assert value.fields.names[0] == without + 18
    value.set(b"f0", b"new")
    assert value.fields.names[0] == without + (18 if profile == "8.0" else 0)
    layout = check_parts(value)
    struct = next(a for a in layout.allocations if a.name == "dict")
    assert (struct.asked, struct.charged) == (56 + 32, 56)
    assert struct.rule == "the 32 bytes for field expiry are not counted"


@timed_profile
def test_a_listpackex_that_becomes_a_table_keeps_the_expiries(profile: str) -> None:
    value = timed_hash(profile, "listpackex", *numbered(3))
    value.expire([b"f1"], LATER)
    value.set(b"f2", b"x" * 65)
    assert value.encoding == "hashtable"
    assert sorted(value.items())[1:] == [(b"f1", b"1", LATER), (b"f2", b"x" * 65, 0)]
    assert value.registered == LATER
    assert isinstance(value.fields, TableFields)
    assert value.fields.records == {b"f1": LATER}
    check_parts(value)


def test_what_expires_settles_without_expiry_in_a_version_that_knows_none() -> None:
    value = timed_hash("8.0", "listpackex", *numbered(3))
    value.expire([b"f1"], LATER)
    assert isinstance(value.fields, TimedFields)
    older = HashValue(runtime_of("6.2"), TimedFields(value.fields.triples.copy())).settle()
    assert (older.encoding, sorted(older.items())) == ("ziplist", [(f, v, 0) for f, v in numbered(3)])
